//! Every field with each of its operators: it can be asked, and says what the language page says, or is refused by its name.

use columns::Program;
use domain::{AccountState, Timestamp, Zone, customer::Address};
use rules::{Code, Kind, Known};
use segments::{Given, compile};
use std::collections::{BTreeMap, BTreeSet};

use crate::{agree::holds, parse, people::Person, slow::Here};

/// What nobody can tell.
const REFUSED: [&str; 2] = ["companies", "created_by_app_id"];

/// A value of the kind, and a later one.
fn values(kind: Kind) -> (String, String) {
    let quoted = |text: &str| format!("'{text}'");
    let (one, other) = match kind {
        Kind::Text => (quoted("ann@example.com"), quoted("en")),
        Kind::Word(words) => (quoted(words[0]), quoted(words[words.len() - 1])),
        Kind::Id => (quoted("s1"), quoted("7")),
        Kind::Texts => (quoted("vip"), quoted("x")),
        Kind::Places(Code::Country) => (quoted("US"), quoted("DE")),
        Kind::Places(Code::Region) => (quoted("US-NY"), quoted("DE-BE")),
        Kind::Places(Code::City) => (quoted("US-NY-NewYorkCity"), quoted("DE-Potsdam")),
        Kind::Whole(..) => ("1".to_owned(), "2".to_owned()),
        Kind::Number | Kind::Money => ("1.5".to_owned(), "20".to_owned()),
        Kind::Share => ("0.1".to_owned(), "0.9".to_owned()),
        Kind::Yes => ("TRUE".to_owned(), "FALSE".to_owned()),
        Kind::Date => ("-30d".to_owned(), "today".to_owned()),
    };
    (one, other)
}

fn asked(name: &str, kind: Kind, operator: &str) -> String {
    let (one, other) = values(kind);
    match operator {
        "IS NULL" | "IS NOT NULL" => format!("{name} {operator}"),
        "BETWEEN" => format!("{name} BETWEEN {one} AND {other}"),
        "LENGTH" => format!("{name} LENGTH >= 1"),
        "IN" | "NOT IN" | "CONTAINS ANY" | "NOT CONTAINS ANY" | "CONTAINS ALL" | "NOT CONTAINS ALL" => {
            format!("{name} {operator} ({one}, {other})")
        }
        _ => format!("{name} {operator} {one}"),
    }
}

fn people(now: Timestamp) -> [Person; 2] {
    let mut somebody = Person::new(1, now);
    let it = &mut somebody.customer;
    it.email = "ann@example.com".parse().ok();
    it.phone = "+14155552671".parse().ok();
    it.first_name = Some("Ann".into());
    it.language = Some("en".into());
    it.tags = ["VIP".into()].into();
    it.birthday = Some(jiff::civil::date(1988, 2, 29));
    it.account = Some(AccountState::Declined);
    let new_york = Address {
        country: Some("US".into()),
        region: Some("ny".into()),
        city: Some("new york city".into()),
        ..Address::default()
    };
    it.addresses = vec![new_york];
    it.totals.orders = 2;
    it.totals.spent = 400;
    it.totals.first_order_at = Some(now);
    it.totals.last_order_at = Some(now);
    [Person::new(0, now), somebody]
}

#[test]
fn every_field_is_asked_with_each_of_its_operators_or_refused_by_name() {
    let now: Timestamp = "2026-03-09T16:00:00Z".parse().expect("an instant");
    let zone: Zone = "America/New_York".parse().expect("a zone");
    let scores = Known::ALL.iter().map(|field| (*field, BTreeMap::from([(columns::Slot(1), 1)])));
    let given = Given { scores: scores.collect(), ..Given::default() };
    let here = Here { zone: &zone, now, given: &given };
    let mut refused = BTreeSet::new();
    let mut count = 0;
    for field in Known::ALL {
        for operator in field.kind().operators() {
            let text = asked(field.name(), field.kind(), operator);
            let rule = parse(&text);
            let found = match compile(&rule, &here.scene()) {
                Ok(found) => found,
                Err(wrong) => {
                    refused.extend(wrong.into_iter().map(|wrong| wrong.what));
                    continue;
                }
            };
            let program = Program::new(found);
            for person in people(now) {
                holds(&program, &rule, &person, &here);
            }
            count += 1;
        }
    }
    assert_eq!(refused, REFUSED.map(str::to_owned).into());
    assert!(count > 300, "{count}");
}
