//! What the audience costs, in DynamoDB's units, asserted.

use columns::{Family, Members, ShardNumber, Slot};
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, Minor, OrderId, SegmentId,
    Timestamp,
    customer::{Address, CustomerKind, Totals},
    settlement::Settlement,
};
use flows::{joining::Shelf, record::Laid};
use std::sync::Arc;
use store::{Orders, Step, TenantStore, local::item_bytes, order_row};

use crate::{
    Keeping,
    shop::{Shop, bought},
};

/// Two blocks: 128 times that many are a million.
const PEOPLE: u32 = 8_192;
const SHARE: f64 = 1_000_000.0 / PEOPLE as f64;
/// How many shards a million customers are.
const SHARDS: f64 = 15.3;

fn person(number: u32, shop: &Shop) -> Customer {
    let dice = |sides: u64| i64::try_from(shop.dice(sides)).unwrap();
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    let made_at = 1_700_000_000 + dice(90_000_000);
    let id = CustomerId::Shopify(7_000_000_000 + u64::from(number) * 37);
    let mut person = Customer::new(id, number, CustomerKind::Person, at(made_at));
    let names = ["Ada", "Grace", "Linus", "Barbara", "Edsger", "Margaret", "Donald", "Frances"];
    let first = names[usize::try_from(shop.dice(8)).unwrap()];
    person.first_name = Some(first.to_owned());
    person.last_name = Some(format!("Lovelace{}", dice(5_000)));
    person.email = format!("{first}.{number}@example.com").to_lowercase().parse().ok();
    person.language = Some(["en", "de", "fr", "pt-BR"][usize::try_from(shop.dice(4)).unwrap()].to_owned());
    person.tags = (0..dice(3)).map(|tag| format!("tag{}", tag * 7)).collect();
    person.addresses.push(Address {
        country: Some(["US", "DE", "FR", "BR"][usize::try_from(shop.dice(4)).unwrap()].to_owned()),
        city: Some(format!("City {}", dice(300))),
        ..Address::default()
    });
    let state = ConsentState::ALL[usize::try_from(shop.dice(4)).unwrap()];
    let (level, source) = (ConsentLevel::SingleOptIn, ConsentSource::Shopify);
    person.email_consent = Some(Consent { state, level, source, method: None, at: at(made_at) });
    person
}

/// Three orders each, laid down as an import does.
async fn peopled(shop: &Arc<Shop>) -> TenantStore {
    let store = shop.store();
    assert_eq!(store.slots_taken(PEOPLE, 0).await.unwrap(), Slot(0));
    let mut steps: Vec<Step> = Vec::new();
    for number in 0..PEOPLE {
        let mut person = person(number, shop);
        let mut parts = Vec::new();
        for order in 1..=u32::try_from(shop.dice(7)).unwrap() {
            let id = OrderId::Shopify(u64::from(number) * 8 + u64::from(order));
            let second = 1_700_000_000 + i64::try_from(shop.dice(90_000_000)).unwrap();
            let mut order_made = bought(id, shop.dice(100_000), Timestamp::from_second(second).unwrap());
            (order_made.customer, order_made.number) = (person.id, order);
            parts.push(order_made.part());
            steps.push(store.order_made(&order_made));
        }
        person.next_order = u32::try_from(parts.len()).unwrap() + 1;
        person.totals = Totals::of(person.opening, parts).unwrap();
        steps.push(store.customer_laid_down(&person));
        if steps.len() > 40 || number + 1 == PEOPLE {
            store.commit(std::mem::take(&mut steps)).await.unwrap();
        }
        if number % 1_000 == 999 || number + 1 == PEOPLE {
            let first = number / 1_000 * 1_000;
            let ids: Vec<_> = (first..=number)
                .map(|number| Some(CustomerId::Shopify(7_000_000_000 + u64::from(number) * 37)))
                .collect();
            store.commit(vec![store.slots_named_step(Slot(first), &ids)]).await.unwrap();
        }
    }
    store.shard_rebuilt(ShardNumber(0)).await.unwrap();
    store
}

/// So many of them buy something.
async fn buying(store: &TenantStore, shop: &Shop, buyers: std::ops::Range<u32>) {
    for number in buyers {
        let number = number * 37 % PEOPLE;
        let id = CustomerId::Shopify(7_000_000_000 + u64::from(number) * 37);
        let held = store.customer_held(id).await.unwrap().unwrap();
        let order = OrderId::Shopify(1_000_000_000 + u64::from(number));
        let mut order = bought(order, shop.dice(100_000), Timestamp::from_second(1_790_000_000).unwrap());
        (order.customer, order.number) = (id, held.next_order);
        let totals = Totals { orders: held.totals.orders + 1, ..held.totals };
        let told = Customer { next_order: held.next_order + 1, totals, ..(*held).clone() };
        let rows = Orders::from([(order.number, Some(order_row(&order)))]);
        store.commit(vec![store.customer_changed(&held, &told, rows)]).await.unwrap();
    }
}

#[tokio::test]
async fn the_ledger_of_a_million_customers() {
    let shop = Shop::new(9);
    let keeper = peopled(&shop).await;
    let spent = |earlier: &store::local::Ledger| {
        let since = shop.table.ledger().since(earlier);
        let number = |units: store::local::Units| units.to_string().parse::<f64>().unwrap();
        (number(since.reads), number(since.writes))
    };

    // A cold scan of what most questions ask, and a warm one.
    let reader = shop.store();
    let before = shop.table.ledger();
    let audience = reader.audience(&[Family::Core]).await.unwrap();
    let (cold, _) = spent(&before);
    assert_eq!(audience.view.rows().count(), PEOPLE as usize);
    // The slots' count and the head are read once a shop and once a shard.
    let cold = (cold - 2.0) * SHARE + SHARDS + 1.0;
    assert!(cold <= 2_700.0, "a cold scan of a million costs {cold} read units");
    let before = shop.table.ledger();
    reader.audience(&[Family::Core]).await.unwrap();
    let (warm, _) = spent(&before);
    assert!(warm <= 3.0, "a warm list costs {warm} read units, two a shard and the slots' count");

    // Rows that changed are gathered.
    buying(&keeper, &shop, 0..64).await;
    let before = shop.table.ledger();
    Keeping::Gather.done(&keeper).await.unwrap();
    let (read, written) = spent(&before);
    let (gather_read, gather) = (read / 64.0, written / 64.0);
    assert!(gather <= 1.6 && gather_read <= 0.5, "a gathered row: {gather_read} read, {gather} written");

    // And folded: these rows lie all over their blocks, and every block of the shard is written.
    keeper.audience(&Family::ALL).await.unwrap();
    buying(&keeper, &shop, 64..2_048).await;
    let before = shop.table.ledger();
    Keeping::Fold.done(&keeper).await.unwrap();
    let (_, written) = spent(&before);
    // Beside the deletes of 1,984 changed rows, the blocks: of a whole shard it would be eight times those.
    let blocks = (written - 1_984.0) * 8.0 / 2_048.0;
    println!("cold {cold:.0}, gather {gather:.2} written {gather_read:.2} read, fold {blocks:.2} + 1");
    assert!(blocks <= 6.0, "a folded row costs {blocks} write units");
}

/// Laid down by the thousand, with their consents, their addresses and the audience that is made of them.
#[tokio::test]
async fn many_at_once_cost_little_more_than_what_is_stored() {
    let shop = Shop::new(6);
    let store = shop.store();
    let record = shop.record(&store);
    let before = shop.table.ledger();
    let ids: Vec<_> =
        (0..PEOPLE).map(|number| CustomerId::Shopify(7_000_000_000 + u64::from(number) * 37)).collect();
    for (slot, number) in store.slots_taken_for(&ids, 0).await.unwrap().into_iter().zip(0..) {
        let person = Customer { slot: slot.0, ..person(number, &shop) };
        assert_eq!(record.laid_down(&person, &[]).await.unwrap(), Laid::Down);
    }
    store.shard_rebuilt(ShardNumber(0)).await.unwrap();
    let written: f64 = shop.table.ledger().since(&before).writes.to_string().parse().unwrap();
    let kilobytes: usize =
        shop.table.dump().unwrap().iter().map(|item| item_bytes(item).div_ceil(1_024)).sum();
    let each = written / f64::from(u32::try_from(kilobytes).unwrap());
    assert!((1.0..=1.1).contains(&each), "{each} write units a kilobyte");
}

/// Of one customer.
const ORDERS: u32 = 60_000;

/// More orders than a family's chunk holds, of one customer.
#[tokio::test]
async fn who_bought_a_thousand_times_is_read_as_anybody() {
    let shop = Shop::new(2);
    let store = shop.store();
    let (id, slot) = (CustomerId::Shopify(1), store.slots_taken(1, 0).await.unwrap());
    let mut person = Customer::new(id, slot.0, CustomerKind::Person, Timestamp::UNIX_EPOCH);
    let (mut steps, mut spent) = (Vec::new(), 0);
    for number in 1..=ORDERS {
        let second = 1_700_000_000 + i64::try_from(shop.dice(90_000_000)).unwrap();
        let at = Timestamp::from_second(second).unwrap();
        let mut order = bought(OrderId::Shopify(number.into()), shop.dice(1 << 40), at);
        (order.customer, order.number) = (id, number);
        order.total = Minor::new(i64::try_from(shop.dice(1 << 40)).unwrap()).unwrap();
        spent += order.contribution().spent;
        steps.push(store.order_made(&order));
        if steps.len() == 50 || number == ORDERS {
            store.commit(std::mem::take(&mut steps)).await.unwrap();
        }
    }
    person.next_order = ORDERS + 1;
    person.totals = Totals { orders: i64::from(ORDERS), spent, ..Totals::default() };
    store
        .commit(vec![store.customer_laid_down(&person), store.slots_named_step(slot, &[Some(id)])])
        .await
        .unwrap();
    store.shard_rebuilt(ShardNumber(0)).await.unwrap();
    let chunks = shop.table.dump().unwrap();
    let chunks = chunks.iter().filter(|item| item.key.sk.contains("#o#")).count();
    assert!(chunks > 1, "its orders stand in several chunks");
    for store in [shop.store(), shop.forgetful()] {
        let audience = store.audience(&[Family::Orders]).await.unwrap();
        let sales = audience.view.sales(None, &[]).unwrap();
        assert_eq!(sales.fold((0, 0), |(count, sum), sale| (count + 1, sum + sale.net)), (ORDERS, spent));
    }
}

/// Whoever is found for the first time: a bitmap and what is settled, a shard. At random is the worst that can be.
#[tokio::test]
async fn the_first_membership_of_a_segment_of_a_million() {
    let id = SegmentId::new(Timestamp::UNIX_EPOCH, [3; 10]);
    for (of_thousand, most) in [
        (0, 32.0),
        (1, 32.0),
        (60, 64.0),
        (200, 130.0),
        (270, 130.0),
        (500, 155.0),
        (800, 130.0),
        (1_000, 32.0),
    ] {
        let shop = Shop::new(10 + of_thousand);
        let (store, before) = (shop.store(), shop.table.ledger());
        for shard in ShardNumber::of_first(1_000_000) {
            let slots = (shard.first().0..(shard.first().0 + 65_536).min(1_000_000)).map(Slot);
            let members: Members = slots.filter(|_| shop.dice(1_000) < of_thousand).collect();
            let mut shelf = Shelf::read(&store, shard, Timestamp::UNIX_EPOCH).await.unwrap();
            shelf.found(id, members.clone()).await.unwrap();
            shelf.closed([(id, 1)].into_iter(), Settlement::none()).await.unwrap();
            let kept = store.membership(shard).await.unwrap();
            let kept = kept.members.get(&id).map(|held| (**held).clone());
            assert_eq!(kept.unwrap_or_default(), members);
        }
        let written = shop.table.ledger().since(&before).writes.to_string().parse::<f64>().unwrap();
        assert!(written <= most, "of a thousand {of_thousand}: {written} write units");
    }
}
