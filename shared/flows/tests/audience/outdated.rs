//! What another program wrote, or what was damaged, is told as such and made anew: never guessed at, and never taken for
//! an audience of nobody.

use columns::{Family, ShardNumber};
use serde_dynamo::AttributeValue as Value;
use store::{Item, StoreError, Table, When, Write};

use crate::{Keeping, shop::Shop};

const SHARD: ShardNumber = ShardNumber(0);

/// Changes the first item of the shard whose key begins so.
async fn damage(shop: &Shop, prefix: &str, how: impl Fn(&mut Item) -> bool) {
    let all = shop.table.dump().unwrap();
    let found = all.into_iter().find(|item| item.key.pk.contains("#A#") && item.key.sk.starts_with(prefix));
    let mut item = found.unwrap_or_else(|| panic!("there is a {prefix}"));
    let write =
        if how(&mut item) { Write::Put(item, When::Always) } else { Write::Delete(item.key, When::Always) };
    shop.table.write(vec![write]).await.unwrap();
}

fn set(item: &mut Item, name: &str, value: Option<Value>) -> bool {
    let mut body: std::collections::HashMap<_, _> = item.body.clone().into_inner();
    match value {
        Some(value) => body.insert(name.to_owned(), value),
        None => body.remove(name),
    };
    item.body = body.into();
    true
}

/// Another byte at that place.
fn bend(item: &mut Item, place: usize) -> bool {
    let Some(Value::B(mut bytes)) = item.body.clone().into_inner().remove("bytes") else {
        panic!("no bytes")
    };
    let place = place.min(bytes.len() - 1);
    bytes[place] ^= 0x55;
    set(item, "bytes", Some(Value::B(bytes)))
}

type Damage = (&'static str, &'static str, fn(&mut Item) -> bool);

const ALL: [Damage; 11] = [
    ("a head of another schema", "H", |item| set(item, "schema", Some(Value::N("99".into())))),
    ("a head of another form", "H", |item| set(item, "blocks", Some(Value::S("all".into())))),
    ("a head without its count", "H", |item| set(item, "next", None)),
    ("a changed row of another schema", "D#", |item| bend(item, 0)),
    ("a changed row without bytes", "D#", |item| set(item, "bytes", None)),
    ("a block with a changed byte", "B#", |item| bend(item, 300)),
    ("a block with a changed last byte", "B#", |item| bend(item, usize::MAX)),
    ("a block without bytes", "B#", |item| set(item, "bytes", None)),
    ("a block that is gone", "B#", |_| false),
    ("recent rows with a changed byte", "R#", |item| bend(item, 8)),
    ("recent rows that are gone", "R#", |_| false),
];

#[tokio::test]
async fn what_cannot_be_read_is_told_and_made_anew() {
    for (what, prefix, how) in ALL {
        let shop = Shop::new(3);
        for keeping in [Keeping::Fold, Keeping::Gather] {
            shop.lives(25).await;
            keeping.done(&shop.store()).await.unwrap();
        }
        shop.lives(10).await;
        let reader = shop.store();
        damage(&shop, prefix, how).await;

        for store in [&reader, &shop.forgetful()] {
            let told = store.audience(&Family::ALL).await.map(drop);
            let Err(StoreError::Outdated(told)) = told else { panic!("{what}: {told:?}") };
            assert_eq!(told.shards, [SHARD], "{what}");
            assert!(matches!(store.shard_checked(SHARD).await, Err(StoreError::Outdated(_))), "{what}");
        }
        // What does not need to be read is kept as ever, and the rest tells what is wrong.
        for keeping in [Keeping::Gather, Keeping::Fold] {
            match keeping.done(&shop.store()).await {
                Ok(()) | Err(StoreError::Outdated(_)) => {}
                Err(error) => panic!("{what}: {keeping:?}: {error}"),
            }
        }
        Keeping::Rebuild.done(&shop.store()).await.unwrap();
        shop.is_right(what).await;
        let glance = shop.glance(&reader).await.unwrap();
        shop.check(&glance, "who held something in memory takes the new for it");
        for _ in 0..2 {
            shop.lives(10).await;
            Keeping::Fold.done(&reader).await.unwrap();
            shop.is_right(what).await;
        }
        assert_eq!(schemas_written_under(&shop), 1, "{what}: nothing is left of it");
    }
}

/// How many versions anything that lies there has, apart from what the last keeper retired.
fn schemas_written_under(shop: &Shop) -> usize {
    let all = shop.table.dump().unwrap();
    let keys = all.iter().filter(|item| item.key.pk.contains("#A#"));
    let versions = keys.filter_map(|item| item.key.sk.strip_prefix("B#")?.split('#').next());
    let versions: std::collections::BTreeSet<_> = versions.collect();
    versions.len() - 1
}

/// A shop is being made anew by a program of another schema and dies over it: nobody takes what is half there for whole.
#[tokio::test]
async fn what_is_not_understood_stays_so_until_it_is_made_anew() {
    use crate::tables::{Event, Once};
    for (what, how) in ALL[..3].iter().map(|(what, _, how)| (what, how)) {
        for at in 0.. {
            let shop = Shop::new(4);
            shop.lives(25).await;
            Keeping::Fold.done(&shop.store()).await.unwrap();
            shop.lives(5).await;
            damage(&shop, "H", how).await;
            let table = Once::at(&shop.table, at, Event::Death { after: true });
            let _ = Keeping::Rebuild.done(&shop.through(table.clone())).await;
            if !table.has_happened() {
                break;
            }
            match shop.glance(&shop.store()).await {
                Ok(glance) => shop.check(&glance, what),
                Err(error) => assert!(matches!(error, StoreError::Outdated(_)), "{what}, {at}: {error}"),
            }
            Keeping::Rebuild.done(&shop.store()).await.unwrap();
            shop.is_right(what).await;
        }
    }
}
