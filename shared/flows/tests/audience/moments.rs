//! Readers see one state, whatever happens while they read.

use futures::future::join_all;
use store::StoreError;

use crate::{
    Keeping,
    shop::Shop,
    tables::{Event, Once, Turns},
};

/// A reader is held up at each access; meanwhile others write and keep.
#[tokio::test]
async fn a_reader_may_be_overtaken_at_any_moment() {
    for keepings in [
        &[Keeping::Gather][..],
        &[Keeping::Fold],
        &[Keeping::Rebuild],
        &[Keeping::Fold, Keeping::Gather],
        &[Keeping::Gather, Keeping::Fold, Keeping::Rebuild, Keeping::Fold],
    ] {
        for at in 0.. {
            let shop = Shop::new(5);
            shop.lives(20).await;
            Keeping::Fold.done(&shop.store()).await.unwrap();
            shop.lives(10).await;
            Keeping::Gather.done(&shop.store()).await.unwrap();
            shop.lives(6).await;
            let other = shop.clone();
            let others = Box::pin(async move {
                for keeping in keepings {
                    other.lives(3).await;
                    keeping.done(&other.store()).await.unwrap();
                }
                other.lives(3).await;
            });
            let table = Once::at(&shop.table, at, Event::Others(others));
            let glance = shop.glance(&shop.through(table.clone())).await.unwrap();
            if !table.has_happened() {
                assert!(at > 6, "a reader comes to the table {at} times");
                break;
            }
            shop.check(&glance, &format!("{keepings:?} at access {at}"));
        }
    }
}

/// A keeper is held up at each access; meanwhile somebody reads, writes, and reads again.
#[tokio::test]
async fn a_keeper_may_be_watched_at_any_moment() {
    for keeping in Keeping::ALL {
        for at in 0.. {
            let shop = Shop::new(6);
            shop.lives(20).await;
            Keeping::Fold.done(&shop.store()).await.unwrap();
            shop.lives(10).await;
            let other = shop.clone();
            let others = Box::pin(async move {
                let when = format!("{keeping:?} at access {at}");
                other.is_right(&when).await;
                other.lives(4).await;
                other.is_right(&when).await;
            });
            let table = Once::at(&shop.table, at, Event::Others(others));
            keeping.done(&shop.through(table.clone())).await.unwrap();
            shop.is_right(&format!("{keeping:?}, watched at access {at}")).await;
            if !table.has_happened() {
                break;
            }
        }
    }
}

/// A reader has some of the changed rows when their shard is made anew, which is held up at each access while customers
/// change: the reader will not see their changed rows, and gets what was made of them.
#[tokio::test]
async fn a_row_that_is_made_anew_is_of_one_moment() {
    for page in 1..4 {
        for at in 0.. {
            let shop = Shop::new(7);
            shop.lives(25).await;
            let (keeper, writer) = (shop.clone(), shop.clone());
            let others = Box::pin(async move { writer.lives(10).await });
            let keeping = Once::at(&shop.table, at, Event::Others(others));
            let kept = keeping.clone();
            let rebuilt =
                Box::pin(async move { Keeping::Rebuild.done(&keeper.through(kept)).await.unwrap() });
            let table = Once::at(&shop.table, page, Event::Others(rebuilt));
            let glance = shop.glance(&shop.through(table.clone())).await.unwrap();
            if !keeping.has_happened() {
                assert!(at > 20, "making it anew comes to the table {at} times");
                break;
            }
            shop.check(&glance, &format!("made anew at page {page}, changed at access {at}"));
        }
    }
}

/// Writers, keepers and readers, side by side, in random turns.
#[tokio::test]
async fn all_at_once_everybody_sees_one_state() {
    let mut glances_taken = 0;
    for seed in 0..60 {
        let shop = Shop::new(seed);
        shop.lives(25).await;
        let turns = |salt: u64| Turns::of(shop.table.clone(), seed * 31 + salt);
        let writing = join_all((0..2).map(async |salt| {
            let store = shop.through(Turns::of(shop.watched(), seed * 31 + salt));
            for _ in 0..25 {
                shop.change(&store).await;
            }
        }));
        let keeping = join_all((2..4).map(async |salt| {
            let store = shop.through(turns(salt));
            for _ in 0..6 {
                let keeping = Keeping::ALL[usize::try_from(shop.dice(3)).unwrap()];
                match keeping.done(&store).await {
                    Ok(()) | Err(StoreError::Conflict(_)) => {}
                    Err(error) => panic!("seed {seed}: {error}"),
                }
            }
        }));
        let reading = join_all((4..8).map(async |salt| {
            let store = shop.through(turns(salt));
            let mut glances = Vec::new();
            for _ in 0..8 {
                match shop.glance(&store).await {
                    Ok(glance) => glances.push(glance),
                    Err(StoreError::Unavailable(_)) => {}
                    Err(error) => panic!("seed {seed}: {error}"),
                }
            }
            glances
        }));
        let (_, _, glances) = futures::join!(writing, keeping, reading);
        for glance in glances.iter().flatten() {
            shop.check(glance, &format!("seed {seed}"));
            glances_taken += 1;
        }
        shop.is_right(&format!("seed {seed}, in the end")).await;
    }
    assert!(glances_taken > 1_800, "few readers were told to come back: {glances_taken}");
}
