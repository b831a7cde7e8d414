//! Where somebody is, by the bytes of everything that is kept: the table, the files, the queues, the mail, the log.

use std::collections::BTreeSet;

use domain::Queue;
use flows::{DeadLetters, seal::Seals};
use local::{World, world::Log};
use store::Store;

/// The kinds of places in which one of these words stands, in any case.
pub(super) async fn found(world: &World, log: &Log, words: &[&str]) -> BTreeSet<String> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let speaks = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    let mut places = BTreeSet::new();
    let seals = Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
    for (key, bytes) in world.table.bytes().expect("memory holds") {
        if speaks(&bytes) || speaks(format!("{key:?}").as_bytes()) {
            places.insert(format!("table {}", kind(&key.pk, &key.sk)));
        }
        // What is sealed with a key that is there is there, too.
        let tenant = key.pk.strip_prefix("T#").and_then(|pk| pk.strip_suffix("#I"));
        let Some(its) = tenant.map(|tenant| world.store_of(tenant.parse().expect("a tenant"))) else {
            continue;
        };
        let kept = Store::new(world.table.clone()).kept_answer(Some(its.id()), &key.sk).await;
        if let Some(sealed) = kept.expect("memory holds").and_then(|kept| kept.into_inner().sealed)
            && speaks(&seals.open(&its, &key.sk, &sealed).await.expect("it is its tenant's"))
        {
            places.insert("table I".to_owned());
        }
    }
    for (name, bytes) in world.files.dump().expect("memory holds") {
        if speaks(&bytes) {
            let part = name.rsplit('/').next().unwrap_or_default();
            let part = if name.starts_with("events/") { "event" } else { part };
            places.insert(format!("file {part}"));
        }
    }
    for queue in Queue::ALL {
        let waiting = world.tasks.undone(queue).expect("memory holds");
        if waiting.iter().any(|body| speaks(body.as_bytes())) {
            places.insert(format!("queue {queue}"));
        }
        let dead = world.tasks.list(queue, usize::MAX).await.expect("memory holds");
        if dead.iter().any(|letter| speaks(format!("{letter:?}").as_bytes())) {
            places.insert(format!("dead letters of {queue}"));
        }
    }
    if world.outbox.all().iter().any(|mail| speaks(format!("{mail:?}").as_bytes())) {
        places.insert("mail".to_owned());
    }
    if log.lines().iter().any(|line| speaks(line.to_string().as_bytes())) {
        places.insert("log".to_owned());
    }
    places
}

/// A key without ids and numbers: `C PROFILE`, `A B`, `C E O`.
fn kind(pk: &str, sk: &str) -> String {
    let is_word = |part: &&str| {
        !part.is_empty() && part.len() <= 9 && part.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let of = pk.split('#').skip(2).take(1).filter(is_word);
    of.chain(sk.split('#').filter(is_word)).collect::<Vec<_>>().join(" ")
}
