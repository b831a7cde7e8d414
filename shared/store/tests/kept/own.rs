//! The columns of a shop's own, and that its days were settled, as they are stored. A changed snapshot is a migration.

use domain::{
    TenantId,
    customer::AttributeValue,
    own::{AttributeKind, OwnColumns},
    settlement::Sweep,
};
use std::{collections::BTreeMap, sync::Arc};
use store::{Store, StoreError, TenantStore, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

fn tenant(store: &Store, number: u8) -> TenantStore {
    store.for_task(TenantId::new(at(0), [number; 10]))
}

fn told<const N: usize>(values: [(&str, AttributeValue); N]) -> BTreeMap<String, AttributeValue> {
    values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test]
async fn columns_of_a_shops_own_are_kept_so_and_cost_nothing_once_they_are_known() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let (team, other) = (tenant(&store, 1), tenant(&store, 2));
    let first =
        told([("size", AttributeValue::Number(42_000_000)), ("club", AttributeValue::Text("a".into()))]);
    team.attributes_known(&first).await.unwrap();
    team.attributes_known(&told([("size", AttributeValue::Text("XL".into()))])).await.unwrap();
    // Once more, to see that all is known, and then from memory.
    team.attributes_known(&first).await.unwrap();
    let before = table.ledger();
    for _ in 0..9 {
        team.attributes_known(&first).await.unwrap();
        team.attributes_known(&BTreeMap::new()).await.unwrap();
    }
    let spent = table.ledger().since(&before);
    assert_eq!((spent.reads, spent.writes), Default::default());
    let kinds = vec![AttributeKind::Number, AttributeKind::Text];
    let known = [("club".to_owned(), vec![AttributeKind::Text]), ("size".to_owned(), kinds)];
    assert_eq!(team.own_columns().await.unwrap(), OwnColumns(known.into()));
    assert_eq!(other.own_columns().await.unwrap(), OwnColumns::default(), "another's are another's");
    // Another process, which has seen nothing yet.
    let elsewhere = tenant(&Store::new(table.clone()), 1);
    elsewhere.attributes_known(&told([("hat", AttributeValue::Yes(true))])).await.unwrap();
    team.attributes_known(&told([("hat", AttributeValue::Yes(false)), ("cap", AttributeValue::Yes(false))]))
        .await
        .unwrap();
    assert_eq!(team.own_columns().await.unwrap().kinds().count(), 4);
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}

#[tokio::test]
async fn that_a_day_was_settled_is_kept_so_and_once() {
    let table = Arc::new(LocalTable::in_memory());
    let team = tenant(&Store::new(table.clone()), 1);
    let sweep = |second| Sweep {
        wanted_at: at(second),
        ended_at: at(second + 3),
        segments: 2,
        shards: 1,
        before: 5,
        after: 7,
    };
    let (first, second) = (sweep(0), sweep(86_400));
    team.commit(vec![team.segments_swept(&first)]).await.unwrap();
    team.commit(vec![team.segments_swept(&second)]).await.unwrap();
    let again = team.commit(vec![team.segments_swept(&first)]).await;
    assert!(matches!(again, Err(StoreError::Conflict(0))), "{again:?}");
    assert_eq!(team.sweeps(9, None).await.unwrap(), (vec![second.clone(), first.clone()], None));
    let (page, next) = team.sweeps(1, None).await.unwrap();
    assert_eq!((page, next), (vec![second], Some(at(86_400))));
    assert_eq!(team.sweeps(1, next).await.unwrap().0, [first]);
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}
