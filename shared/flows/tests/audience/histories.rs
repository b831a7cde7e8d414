//! Random histories, kept at random moments: what is kept is what is made anew.

use columns::{Family, ShardNumber};
use store::{GATHERED_FROM, local::item_bytes};

use crate::{Keeping, shop::Shop};

#[tokio::test]
async fn what_was_kept_all_along_is_what_is_made_anew() {
    for seed in 0..12 {
        let shop = Shop::new(seed);
        let keeper = shop.store();
        for step in 0..25 {
            shop.lives(usize::try_from(shop.dice(6)).unwrap()).await;
            let keeping = Keeping::ALL[usize::try_from(shop.dice(3)).unwrap()];
            keeping.done(&keeper).await.unwrap();
            shop.is_right(&format!("seed {seed}, step {step}, after {keeping:?}")).await;
        }
        shop.lives(5).await;
        let kept = shop.store().audience(&Family::ALL).await.unwrap();
        shop.store().shard_rebuilt(ShardNumber(0)).await.unwrap();
        let anew = shop.store().audience(&Family::ALL).await.unwrap();
        let rows = |view: &columns::View| view.rows().collect::<std::collections::BTreeMap<_, _>>();
        assert_eq!(rows(&kept.view), rows(&anew.view), "seed {seed}");
        assert!(anew.changed.is_empty(), "seed {seed}: all is in blocks");
    }
}

/// As few rows as walk-ins are, and each longer with every order.
#[tokio::test]
async fn who_buys_and_buys_is_gathered_before_their_row_is_too_long() {
    let shop = Shop::new(1);
    while shop.store().shard(ShardNumber(0)).await.unwrap().weight() < GATHERED_FROM {
        shop.buys(20).await;
    }
    let shard = shop.store().shard(ShardNumber(0)).await.unwrap();
    assert!(shard.changed() <= 16, "these are few: {}", shard.changed());
    let dump = shop.table.dump().unwrap();
    let longest = dump.iter().map(item_bytes).max().unwrap();
    assert!(longest < 64 * 1024, "and far from what an item holds: {longest}");
}
