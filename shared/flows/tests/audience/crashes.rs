//! A keeper who dies at any of its writes leaves an audience that is right, and nothing that lies about for ever.

use columns::ShardNumber;
use std::{collections::BTreeSet, sync::Arc};

use crate::{
    Keeping,
    shop::Shop,
    tables::{Event, Once},
};

const SHARD: ShardNumber = ShardNumber(0);

/// A shop with blocks, recent rows and changed rows.
async fn shop() -> Arc<Shop> {
    let shop = Shop::new(11);
    for keeping in [Keeping::Gather, Keeping::Fold, Keeping::Gather] {
        shop.lives(14).await;
        keeping.done(&shop.store()).await.unwrap();
    }
    shop.lives(10).await;
    shop
}

async fn garbage(shop: &Shop) -> BTreeSet<String> {
    shop.store().shard_garbage(SHARD).await.unwrap().into_iter().collect()
}

/// After the second keeping nothing is left of what nobody named before.
async fn is_clean_after_two_more(shop: &Shop, when: &str) {
    let mut garbage_before = garbage(shop).await;
    Keeping::Fold.done(&shop.store()).await.unwrap();
    shop.is_right(when).await;
    garbage_before.extend(garbage(shop).await);
    Keeping::Fold.done(&shop.store()).await.unwrap();
    shop.is_right(when).await;
    let left: Vec<_> = garbage_before.intersection(&garbage(shop).await).cloned().collect();
    assert_eq!(left, Vec::<String>::new(), "{when}: lies there for ever");
}

#[tokio::test]
async fn a_keeper_may_die_at_any_write() {
    for keeping in Keeping::ALL {
        for after in [false, true] {
            for at in 0.. {
                let shop = shop().await;
                let table = Once::at(&shop.table, at, Event::Death { after });
                let done = keeping.done(&shop.through(table.clone())).await;
                if !table.has_happened() {
                    assert!(done.is_ok() && at > 4, "{keeping:?} has {at} writes");
                    break;
                }
                assert!(done.is_err(), "{keeping:?}: who is dead has done nothing");
                let when = format!("{keeping:?} died at write {at}, after it: {after}");
                shop.is_right(&when).await;
                shop.lives(2).await;
                shop.is_right(&when).await;
                is_clean_after_two_more(&shop, &when).await;
            }
        }
    }
}

#[tokio::test]
async fn of_two_keepers_at_once_one_wins_and_nothing_is_lost() {
    for slow in Keeping::ALL {
        for quick in Keeping::ALL {
            for at in 0.. {
                let shop = shop().await;
                let other = shop.clone();
                let others = Box::pin(async move {
                    quick.done(&other.store()).await.unwrap();
                    other.lives(3).await;
                });
                let table = Once::at(&shop.table, at, Event::Others(others));
                let done = slow.done(&shop.through(table.clone())).await;
                if !table.has_happened() {
                    assert!(at > 5, "{slow:?} comes to the table {at} times");
                    break;
                }
                let when = format!("{quick:?} while {slow:?} was at access {at}: {done:?}");
                assert!(matches!(done, Ok(()) | Err(store::StoreError::Conflict(_))), "{when}");
                shop.is_right(&when).await;
                is_clean_after_two_more(&shop, &when).await;
            }
        }
    }
}
