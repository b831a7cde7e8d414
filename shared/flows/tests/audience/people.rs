//! Who a new customer is: somebody new, or a guest who is known by an address already.

use columns::{Family, Number, Program, ShardNumber, Test};
use domain::{Customer, CustomerId, EmailAddress, OrderId, Timestamp, customer::CustomerKind};
use flows::{
    FlowError,
    record::{Held, Whose},
};
use store::Way;

use crate::shop::{Shop, bought};

fn email() -> Option<EmailAddress> {
    "jo@example.com".parse().ok()
}

#[expect(clippy::unnecessary_wraps, reason = "what is told may be refused")]
fn with_email(customer: &mut Customer) -> Result<(), FlowError> {
    customer.email = email();
    Ok(())
}

#[tokio::test]
async fn a_guest_becomes_the_customer_who_comes_with_their_address() {
    let shop = Shop::new(1);
    let store = shop.store();
    let record = shop.record(&store);
    let asked = [(email(), None)];
    assert_eq!(record.holders(&asked).await.expect("memory holds"), [Held::Free]);
    let whose = Whose::Address { email: email(), phone: None };
    let order = bought(OrderId::Shopify(1), 1, Timestamp::UNIX_EPOCH);
    let sold = record.done(|| record.order_made(order.clone(), &whose)).await.expect("it is sold").outcome;
    assert_eq!(sold.customer.kind, CustomerKind::Guest);
    assert_eq!(record.holders(&asked).await.expect("memory holds"), [Held::ByGuest]);

    let made = record.done(|| record.customer_made(None, with_email)).await.expect("they are made").outcome;
    assert_eq!((made.id, made.kind), (sold.customer.id, CustomerKind::Person));
    assert_eq!(made.totals, sold.customer.totals, "with what they bought");
    assert_eq!(record.holders(&asked).await.expect("memory holds"), [Held::By(Way::Email, made.id)]);
    let again = record.done(|| record.customer_made(None, with_email)).await;
    assert!(matches!(again, Err(FlowError::Conflict { code: "email_taken", .. })));

    // An order right after its customer finds them, by name and by address.
    for (number, whose) in [(2, Whose::Customer(made.id)), (3, whose)] {
        let order = bought(OrderId::Shopify(number), 1, Timestamp::UNIX_EPOCH);
        let sold =
            record.done(|| record.order_made(order.clone(), &whose)).await.expect("it is sold").outcome;
        assert_eq!((sold.customer.id, u64::from(sold.order.number)), (made.id, number));
    }
}

#[tokio::test]
async fn whoever_left_no_address_is_not_told_about() {
    let shop = Shop::new(2);
    let store = shop.store();
    let record = shop.record(&store);
    let order = bought(OrderId::Shopify(1), 1, Timestamp::UNIX_EPOCH);
    let sold = record.done(|| record.order_made(order.clone(), &Whose::Nobody)).await.expect("it is sold");
    let id = sold.outcome.customer.id;
    let changed = record.done(|| record.customer_changed(id, with_email)).await;
    assert!(matches!(changed, Err(FlowError::Conflict { code: "walk_in", .. })));
    let erased = record.done(|| record.customer_erased(id)).await;
    assert!(matches!(erased, Err(FlowError::Conflict { code: "walk_in", .. })));
    assert_eq!(record.holders(&[(email(), None)]).await.expect("memory holds"), [Held::Free]);
}

#[tokio::test]
async fn who_is_named_with_others_is_found_when_the_audience_is_made_anew() {
    let shop = Shop::new(3);
    let store = shop.store();
    let record = shop.record(&store);
    let ids: Vec<CustomerId> = (0..5).map(|_| record.new_customer()).collect();
    let slots = store.slots_taken_for(&ids, 0).await.expect("memory holds");
    assert_eq!(store.slots_taken_for(&[], 0).await.expect("memory holds"), []);
    // Of the five, three come.
    for (id, slot) in ids.iter().zip(&slots).skip(1).take(3) {
        let told = |customer: &mut Customer| {
            customer.first_name = Some("Jo".to_owned());
            Ok(())
        };
        let made =
            record.done(|| record.customer_made_in(Some(*slot), *id, told)).await.expect("they are made");
        assert_eq!((made.outcome.id, made.outcome.slot), (*id, slot.0));
    }
    for _ in 0..2 {
        let audience = shop.forgetful().audience(&[Family::Core]).await.expect("it can be read");
        let everyone = Program::new(Test::Everyone);
        assert_eq!(audience.view.select(&everyone).expect("it was read").total(), 3);
        assert!(
            slots[1..4]
                .iter()
                .all(|slot| { audience.view.row(*slot).is_some_and(|row| row[Number::Added].is_some()) })
        );
        store.shard_rebuilt(ShardNumber(0)).await.expect("memory holds");
    }
}
