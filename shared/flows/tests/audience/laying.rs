//! Many customers at once, each write alone: whoever dies, and whoever comes in between, an address has one customer, and
//! each customer is stored once.

use columns::{Family, ShardNumber, Slot};
use domain::{
    Customer, CustomerId, OrderId, Phone, Timestamp,
    customer::{AttributeValue, CustomerKind, Totals},
};
use flows::record::{Laid, Record, Whose};
use std::sync::Arc;
use store::TenantStore;

use crate::{
    shop::{Shop, bought},
    tables::{Event, Once},
};

const ID: CustomerId = CustomerId::Shopify(7);

/// With two addresses, a consent, and two orders.
fn somebody(slot: Slot) -> (Customer, Vec<domain::Order>) {
    let at = |second| Timestamp::from_second(second).unwrap();
    let orders = (1..=2_u32).map(|number| domain::Order {
        customer: ID,
        number,
        ..bought(OrderId::Shopify(number.into()), 7, at(1_700_000_000 + i64::from(number)))
    });
    let orders: Vec<_> = orders.collect();
    let person = Customer::new(ID, slot.0, CustomerKind::Person, at(1_690_000_000));
    let totals = Totals::of(person.opening, orders.iter().map(domain::Order::part)).unwrap();
    let consent = domain::Consent {
        state: domain::ConsentState::Subscribed,
        level: domain::ConsentLevel::SingleOptIn,
        source: domain::ConsentSource::Import,
        method: None,
        at: at(1_690_000_000),
    };
    let person = Customer {
        first_name: Some("Jo".to_owned()),
        email: "jo@example.com".parse().ok(),
        phone: phone(),
        email_consent: Some(consent),
        attributes: [("size".to_owned(), AttributeValue::Number(42_000_000))].into(),
        totals,
        next_order: 3,
        ..person
    };
    (person, orders)
}

fn phone() -> Option<Phone> {
    Phone::parse("+14155552671", None).ok()
}

async fn laid(record: &Record<'_>) -> Result<Laid, flows::FlowError> {
    let slot = record.store.slots_taken_for(&[ID], 0).await.unwrap()[0];
    let (person, orders) = somebody(slot);
    record.laid_down(&person, &orders).await
}

/// Everybody whom the shop's audience shows, made anew, is whom the record has; each address is somebody's who is there.
async fn people(shop: &Shop) -> Vec<Customer> {
    let store = shop.store();
    store.shard_rebuilt(ShardNumber(0)).await.unwrap();
    let audience = store.audience(&Family::ALL).await.unwrap();
    let mut people = Vec::new();
    for (_, row) in audience.view.rows() {
        let id: CustomerId = row[columns::Text::Id].as_deref().unwrap().parse().unwrap();
        let (customer, orders) = store.history_of(id).await.unwrap();
        let customer = customer.unwrap().into_inner();
        let totals = Totals::of(customer.opening, orders.iter().map(domain::Order::part)).unwrap();
        assert_eq!(customer.totals, totals);
        let own = store.own_columns().await.unwrap();
        for (name, value) in &customer.attributes {
            assert!(own.has(name, value.kind()), "rules know {name}");
        }
        assert_eq!(row.orders.len(), orders.len());
        people.push(customer);
    }
    let items = shop.table.dump().unwrap();
    for claim in items.iter().filter(|item| ["EMAIL", "PHONE"].contains(&item.key.sk.as_str())) {
        let whose = format!("{:?}", claim.body);
        assert!(people.iter().any(|person| whose.contains(&person.id.to_string())), "nobody's: {whose}");
    }
    people
}

#[tokio::test]
async fn whoever_dies_in_between_ends_it_with_the_next_try() {
    for after in [false, true] {
        for at in 0.. {
            let shop = Shop::new(3);
            let table = Once::at(&shop.table, at, Event::Death { after });
            let (dying, store) = (shop.through(table.clone()), shop.store());
            let first = laid_or_dead(&shop, &dying).await;
            if !table.has_happened() {
                assert!(at > 8, "it writes {at} times");
                assert_eq!(first, Some(Laid::Down));
                break;
            }
            let again = laid(&shop.record(&store)).await.unwrap();
            assert!(matches!(again, Laid::Down | Laid::Again), "{again:?}");
            let people = people(&shop).await;
            let mut expected = somebody(Slot(people[0].slot)).0;
            expected.slot = people[0].slot;
            assert_eq!(people, [expected], "after death at {at}");
            assert_eq!(store.orders_of(ID).await.unwrap().len(), 2);
        }
    }
}

async fn laid_or_dead(shop: &Arc<Shop>, store: &TenantStore) -> Option<Laid> {
    let slot = store.slots_taken_for(&[ID], 0).await.ok()?[0];
    let (person, orders) = somebody(slot);
    shop.record(store).laid_down(&person, &orders).await.ok()
}

#[tokio::test]
async fn an_order_that_comes_in_between_is_theirs() {
    for at in 0.. {
        let shop = Shop::new(4);
        let other = shop.clone();
        let others = Box::pin(async move {
            let store = other.store();
            let record = other.record(&store);
            let whose = Whose::Address { email: "jo@example.com".parse().ok(), phone: None };
            let order = bought(OrderId::Shopify(9), 5, Timestamp::from_second(1_750_000_000).unwrap());
            record.done(|| record.order_made(order.clone(), &whose)).await.unwrap();
        });
        let table = Once::at(&shop.table, at, Event::Others(others));
        let store = shop.through(table.clone());
        let laid = laid(&shop.record(&store)).await.unwrap();
        if !table.has_happened() {
            assert!(at > 8, "it comes to the table {at} times");
            break;
        }
        let people = people(&shop).await;
        let [one] = people.as_slice() else { panic!("at {at}: {people:#?}") };
        assert_eq!(shop.store().order(OrderId::Shopify(9)).await.unwrap().unwrap().customer, one.id);
        match laid {
            Laid::Down | Laid::Again => assert_eq!((one.id, one.kind), (ID, CustomerKind::Person)),
            Laid::Gone => panic!("nobody has erased them"),
            Laid::Known(known) => assert_eq!((one.id, one.kind), (known, CustomerKind::Guest)),
        }
    }
}

#[tokio::test]
async fn an_address_is_given_back_where_another_is_somebodys() {
    let shop = Shop::new(5);
    let store = shop.store();
    let record = shop.record(&store);
    let told = |customer: &mut Customer| {
        customer.phone = phone();
        Ok(())
    };
    let other = record.done(|| record.customer_made(None, told)).await.unwrap().outcome;
    assert_eq!(laid(&record).await.unwrap(), Laid::Known(other.id));
    let told = |customer: &mut Customer| {
        customer.email = "jo@example.com".parse().ok();
        Ok(())
    };
    record.done(|| record.customer_changed(other.id, told)).await.expect("the mail address is nobody's");
    assert_eq!(people(&shop).await.len(), 1);
}
