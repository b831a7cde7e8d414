//! When a shop last told of each kind of event, as it is stored. A changed snapshot is a migration.

use domain::TenantId;
use std::sync::Arc;
use store::{Store, TenantStore, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

fn tenant(store: &Store, number: u8) -> TenantStore {
    store.for_task(TenantId::new(at(0), [number; 10]))
}

#[tokio::test]
async fn when_a_shop_last_told_of_something_is_kept_to_ten_minutes_and_costs_nothing_between() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let (team, other) = (tenant(&store, 1), tenant(&store, 2));
    team.topic_heard("orders/create", at(0)).await.unwrap();
    team.topic_heard("products/update", at(30)).await.unwrap();
    let before = table.ledger();
    for second in [0, 1, 599, -7_200] {
        team.topic_heard("orders/create", at(second)).await.unwrap();
    }
    let spent = table.ledger().since(&before);
    assert_eq!((spent.reads, spent.writes), Default::default(), "it was written down lately");
    team.topic_heard("orders/create", at(600)).await.unwrap();
    let heard = [("orders/create".to_owned(), at(600)), ("products/update".to_owned(), at(30))];
    assert_eq!(team.topics_heard().await.unwrap(), heard.clone().into());
    assert_eq!(other.topics_heard().await.unwrap(), [].into(), "another's are another's");

    // Another process, which has seen nothing yet, and what comes late.
    let elsewhere = tenant(&Store::new(table.clone()), 1);
    for second in [-7_200, 700] {
        elsewhere.topic_heard("orders/create", at(second)).await.unwrap();
    }
    assert_eq!(team.topics_heard().await.unwrap(), heard.into(), "no older event takes it back");
    elsewhere.topic_heard("refunds/create", at(800)).await.unwrap();
    // Who has seen less than there is loses nothing of it.
    team.topic_heard("shop/update", at(900)).await.unwrap();
    assert_eq!(team.topics_heard().await.unwrap().len(), 4);
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}
