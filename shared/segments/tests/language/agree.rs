//! The columns, one row and the language page agree; and an answer changes by time when it is said to, not before.

use columns::{Batch, Program, View};
use domain::{Timestamp, Zone, segment::Turns};
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*, sample::select};
use rules::Rule;
use segments::{changes_at, compile, turns};

use crate::{
    people::{Person, block, people, person},
    rules_any::{given, rule},
    scene,
    slow::Here,
};

/// Instants around which clocks do what they do.
const WHERE: [(&str, &str); 9] = [
    ("UTC", "2026-03-09T12:00:00Z"),
    ("America/New_York", "2026-03-09T16:00:00Z"),
    ("America/New_York", "2025-11-02T05:30:00Z"),
    ("America/St_Johns", "2010-11-07T02:45:00Z"),
    ("America/Havana", "2025-11-02T04:30:00Z"),
    ("Pacific/Apia", "2011-12-30T22:00:00Z"),
    ("Africa/Cairo", "2024-04-25T22:10:00Z"),
    ("Asia/Kolkata", "2024-02-28T20:00:00Z"),
    ("Europe/Berlin", "2024-12-31T23:30:00Z"),
];

pub(crate) fn here() -> impl Strategy<Value = (Zone, Timestamp)> {
    let millis = prop_oneof![Just(0), -400_000_000..400_000_000_i64];
    (select(&WHERE[..]), millis).prop_map(|((zone, at), millis)| {
        let at: Timestamp = at.parse().expect("it is one");
        (zone.parse().expect("it is one"), at + SignedDuration::from_millis(millis))
    })
}

/// Whether it passes, for which one row and the page agree.
#[track_caller]
pub(crate) fn holds(program: &Program, rule: &Rule, person: &Person, here: &Here<'_>) -> bool {
    let one = Batch::of(&[(person.slot(), person.row())]).expect("a row has a form");
    let holds = program.select(&one).expect("all is read") == [1];
    assert_eq!(holds, here.passes(rule, person), "{rule} of {}", person.slot().0);
    holds
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn columns_rows_and_the_page_agree(
        ((zone, now), people, rules, given) in here().prop_flat_map(|(zone, now)| {
            (Just((zone.clone(), now)), people(now, &zone, 30), vec(rule(now), 12), given(now))
        })
    ) {
        let scene = scene(&zone, now, &given);
        let here = Here { zone: &zone, now, given: &given };
        let block = block(&people);
        let ones: Vec<_> =
            people.iter().map(|person| Batch::of(&[(person.slot(), person.row())]).expect("a row has a form")).collect();
        for rule in rules {
            let test = compile(&rule, &scene).expect("all of it can be asked");
            let program = Program::new(test);
            let members = View::of([block.clone()]).select(&program).expect("all is read").members();
            for (person, one) in people.iter().zip(&ones) {
                let slowly = here.passes(&rule, person);
                prop_assert_eq!(members.has(person.slot()), slowly, "the columns: {} of {:#?}", rule, person);
                let alone = program.select(one).expect("all is read") == [1];
                prop_assert_eq!(alone, slowly, "one row: {} of {:#?}", rule, person);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_changes_when_it_is_said_to_and_not_before(
        ((zone, now), person, rules, given, shares) in here().prop_flat_map(|(zone, now)| {
            (Just((zone.clone(), now)), person(now, zone), vec(rule(now), 8), given(now), vec(0..1_000_i64, 6))
        })
    ) {
        let scene = scene(&zone, now, &given);
        for rule in rules {
            let changes = changes_at(&rule, &scene, person.slot(), &person.row()).expect("all of it can be asked");
            let passes = |now: Timestamp| Here { zone: &zone, now, given: &given }.passes(&rule, &person);
            let is_now = passes(now);
            let until = changes.unwrap_or(now + SignedDuration::from_hours(24 * 900));
            prop_assert!(until > now);
            let seconds = until.duration_since(now).as_secs();
            let within = shares.iter().map(|share| now + SignedDuration::from_secs(seconds * share / 1_000));
            let close = [1, 2, 60, 3_600].map(|second| until - SignedDuration::from_secs(second));
            for at in within.chain(close).filter(|at| *at >= now && *at < until) {
                prop_assert_eq!(passes(at), is_now, "{} at {} of {:#?}", rule, at, person);
            }
            match (turns(&rule), changes) {
                (Turns::Never, _) => prop_assert_eq!(changes, None, "{} never turns", rule),
                (Turns::Daily, Some(at)) => {
                    let before = at - SignedDuration::from_secs(1);
                    prop_assert_eq!(zone.next_day(before), at, "{} turns when a day begins", rule);
                }
                _ => {}
            }
            if let Some(at) = changes {
                prop_assert_eq!(passes(at), !is_now, "{} at {} of {:#?}", rule, at, person);
            }
        }
    }
}
