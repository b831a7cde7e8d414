//! The proof's table answers as the local table does, whatever is asked of it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use serde_dynamo::AttributeValue;
use sim::{Rolls, at_once, memory::Memory};
use store::{
    Item, Range, RawKey, StoreError, Table, When, Write,
    local::LocalTable,
    table::{Add, Body, Count, Position, Sort, Within},
};

const CALLS: u32 = 3_000;

fn key(rolls: &mut Rolls) -> RawKey {
    let pk = rolls.one_of(&["a", "ab", "b"]);
    RawKey::new(pk, rolls.one_of(&["P#1", "P#10", "P#2", "Q", "Q#1", "R"]))
}

fn when(rolls: &mut Rolls) -> When {
    let version = rolls.below(4);
    rolls.one_of(&[When::Always, When::Absent, When::Present, When::Version(version)])
}

fn add(rolls: &mut Rolls, key: RawKey) -> Add {
    let count = |counter: &str, rolls: &mut Rolls| Count {
        counter: counter.to_owned(),
        by: rolls.within(-3, 5),
        within: (rolls.below(2) == 0).then_some(-5..=5),
    };
    Add { key, counts: vec![count("one", rolls), count("other", rolls)], expires_at: None }
}

fn write(rolls: &mut Rolls, key: RawKey) -> Write {
    match rolls.below(5) {
        0 => Write::Delete(key, when(rolls)),
        1 => Write::Check(key, when(rolls)),
        2 => Write::Add(add(rolls, key)),
        _ => {
            let place = || format!("{:02}#{}", rolls.clone().below(30), key.sk);
            let index = (rolls.clone().below(3) > 0).then(|| RawKey::new("DUE#1", place()));
            let text = AttributeValue::S(rolls.below(1_000).to_string());
            let body = Body::from(std::collections::HashMap::from([("text".to_owned(), text)]));
            let item = Item { key, index, version: rolls.below(4), expires_at: None, body };
            Write::Put(item, when(rolls))
        }
    }
}

fn range(rolls: &mut Rolls) -> Range {
    let is_index = rolls.below(3) == 0;
    let sort = if is_index {
        let to = format!("{:02}", rolls.below(31));
        rolls.one_of(&[
            Sort::All,
            Sort::Prefix("1".to_owned()),
            Sort::Between("05".to_owned(), "05".max(&to).to_owned()),
        ])
    } else {
        let all = [Sort::All, Sort::Prefix("P#".to_owned()), Sort::Prefix("P#1".to_owned())];
        let between = Sort::Between("P#10".to_owned(), "Q".to_owned());
        if rolls.below(4) == 0 { between } else { rolls.one_of(&all) }
    };
    let pk = rolls.one_of(&["a", "ab", "b", "nobody"]).to_owned();
    let within = if is_index { Within::Index("DUE#1".to_owned()) } else { Within::Partition(pk) };
    let limit = u32::try_from(rolls.within(1, 7)).unwrap();
    Range { within, sort, backward: rolls.below(2) == 0, limit, after: None, consistent: true }
}

/// Whether it was done, and of a conflict where.
fn told<T>(done: Result<T, StoreError>) -> Result<T, String> {
    done.map_err(|error| match error {
        StoreError::Conflict(place) => format!("conflict at {place}"),
        StoreError::Refused(_) => "refused".to_owned(),
        other => other.to_string(),
    })
}

#[test]
fn whatever_is_asked_of_it_is_answered_as_the_local_table_answers() {
    for seed in 0..5 {
        let (mut rolls, memory, local) = (Rolls::new(seed, 9), Memory::default(), LocalTable::in_memory());
        let tables: [&dyn Table; 2] = [&memory, &local];
        for call in 0..CALLS {
            match rolls.below(10) {
                0 => {
                    let keys: Vec<_> = (0..rolls.below(5)).map(|_| key(&mut rolls)).collect();
                    let [one, other] = tables.map(|table| told(at_once(table.get(&keys))));
                    assert_eq!(one, other, "seed {seed}, call {call}: {keys:?}");
                }
                1..4 => {
                    let mut range = range(&mut rolls);
                    loop {
                        let [one, other] = tables.map(|table| told(at_once(table.query(&range))));
                        assert_eq!(one, other, "seed {seed}, call {call}: {range:?}");
                        let Some(next): Option<Position> = one.unwrap().next else { break };
                        range.after = Some(next);
                    }
                }
                4 => {
                    let key = key(&mut rolls);
                    let add = add(&mut rolls, key);
                    let [one, other] = tables.map(|table| told(at_once(table.add(add.clone()))));
                    assert_eq!(one, other, "seed {seed}, call {call}: {add:?}");
                }
                _ => {
                    let mut keys: Vec<_> = (0..=rolls.below(3)).map(|_| key(&mut rolls)).collect();
                    keys.sort();
                    keys.dedup();
                    let writes: Vec<_> = keys.into_iter().map(|key| write(&mut rolls, key)).collect();
                    let [one, other] = tables.map(|table| told(at_once(table.write(writes.clone()))));
                    assert_eq!(one, other, "seed {seed}, call {call}: {writes:?}");
                }
            }
        }
    }
}
