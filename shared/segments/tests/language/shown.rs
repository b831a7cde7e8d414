//! What is shown of each leaf, and shares of all customers.

use columns::{Batch, Program, Slot, View};
use domain::{TenantId, Timestamp, Zone, customer::AttributeValue};
use segments::{Given, Part, Scene, compile, looks_before, parts};

use crate::{parse, people::Person, scene};

fn count(batch: &Batch, test: columns::Test) -> u64 {
    View::of([batch.clone()]).select(&Program::new(test)).expect("all is read").total()
}

#[test]
fn each_leaf_says_whom_it_keeps_and_whom_only_because_nothing_is_known() {
    let given = Given::default();
    let zone = Zone::UTC;
    let scene = scene(&zone, Timestamp::UNIX_EPOCH, &given);
    let tagged = |slot, tags: &[&str], language: Option<&str>| {
        let mut person = Person::new(slot, Timestamp::UNIX_EPOCH);
        person.customer.tags = tags.iter().map(|tag| (*tag).into()).collect();
        person.customer.language = language.map(Into::into);
        (Slot(slot), person.row())
    };
    let rows = [
        tagged(0, &["vip"], Some("en")),
        tagged(1, &["x"], None),
        tagged(2, &[], Some("de")),
        tagged(3, &[], None),
    ];
    let batch = Batch::of(&rows).expect("rows have a form");
    let text = "customer_tags NOT CONTAINS 'vip' AND (customer_language != 'en' OR customer_tags LENGTH != 0) \
                AND orders_placed NOT MATCHES (amount > 5) AND customer_language IS NOT NULL AND number_of_orders = 0";
    let shown = parts(&parse(text), &scene).expect("all of it can be asked");
    let shown: Vec<_> = shown
        .into_iter()
        .map(|part| {
            (part.at, part.text, count(&batch, part.test), part.empty.map(|empty| count(&batch, empty)))
        })
        .collect();
    let expected = [
        ("/all/0", "customer_tags NOT CONTAINS 'vip'", 3, Some(2)),
        ("/all/1/any/0", "customer_language != 'en'", 3, Some(2)),
        // Who has no tags has none of them by their number, not because nothing is known.
        ("/all/1/any/1", "customer_tags LENGTH != 0", 2, Some(0)),
        ("/all/2", "orders_placed NOT MATCHES (amount > 5)", 4, Some(4)),
        ("/all/3", "customer_language IS NOT NULL", 2, None),
        ("/all/4", "number_of_orders = 0", 4, None),
    ];
    let expected = expected.map(|(at, text, kept, empty)| (at.to_owned(), text.to_owned(), kept, empty));
    assert_eq!(shown, expected);
}

#[test]
fn what_stands_in_an_opposite_is_shown_as_its_own_opposite() {
    let given = Given::default();
    let zone = Zone::UTC;
    let scene = scene(&zone, Timestamp::UNIX_EPOCH, &given);
    let person = |slot, tags: &[&str], is_member: Option<bool>| {
        let mut person = Person::new(slot, Timestamp::UNIX_EPOCH);
        person.customer.tags = tags.iter().map(|tag| (*tag).into()).collect();
        let yes = is_member.map(|yes| ("is_member".to_owned(), AttributeValue::Yes(yes)));
        person.customer.attributes = yes.into_iter().collect();
        (Slot(slot), person.row())
    };
    let rows = [person(0, &["vip"], Some(true)), person(1, &["x"], Some(false)), person(2, &[], None)];
    let batch = Batch::of(&rows).expect("rows have a form");
    for (text, expected) in [
        ("attributes.is_member != TRUE", vec![("", "attributes.is_member != TRUE", 2, Some(1))]),
        (
            "NOT (customer_tags CONTAINS 'vip' OR attributes.is_member = FALSE)",
            vec![
                ("/not/any/0", "customer_tags NOT CONTAINS 'vip'", 2, Some(1)),
                ("/not/any/1", "attributes.is_member != FALSE", 2, Some(1)),
            ],
        ),
        (
            "NOT (customer_tags CONTAINS 'vip' AND NOT (email CONTAINS 'a' OR attributes.is_member != TRUE))",
            vec![
                ("/not/all/0", "customer_tags NOT CONTAINS 'vip'", 2, Some(1)),
                ("/not/all/1/not/any/0", "email CONTAINS 'a'", 0, None),
                ("/not/all/1/not/any/1", "attributes.is_member != TRUE", 2, Some(1)),
            ],
        ),
        // Whether somebody can be reached is known of everybody.
        ("can_receive_email != TRUE", vec![("", "can_receive_email != TRUE", 3, None)]),
    ] {
        let shown = parts(&parse(text), &scene).expect("all of it can be asked");
        let count = |part: Part| {
            let empty = part.empty.map(|empty| count(&batch, empty));
            (part.at, part.text, count(&batch, part.test), empty)
        };
        let shown: Vec<_> = shown.into_iter().map(count).collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(at, text, kept, empty)| (at.to_owned(), text.to_owned(), kept, empty))
            .collect();
        assert_eq!(shown, expected, "{text}");
    }
}

#[test]
fn a_rule_looks_back_as_far_as_its_dates_allow() {
    let given = Given::default();
    let zone = Zone::UTC;
    let now = "2026-09-21T12:00:00Z".parse().expect("an instant");
    let scene = scene(&zone, now, &given);
    // Sixty days ago.
    let since = "2026-07-23T12:00:00Z".parse().expect("an instant");
    for (text, expected) in [
        ("last_order_date >= -30d", None),
        ("NOT last_order_date >= -59d", None),
        ("last_order_date >= -60d", Some("last_order_date >= -60d")),
        ("last_order_date < -30d", Some("last_order_date < -30d")),
        ("last_order_date IS NULL", Some("last_order_date IS NULL")),
        ("first_order_date BETWEEN -40d AND -30d", Some("first_order_date BETWEEN -40d AND -30d")),
        ("orders_placed MATCHES (date >= -30d, count >= 2)", None),
        ("orders_placed MATCHES (count >= 2)", Some("orders_placed MATCHES (count >= 2)")),
        ("number_of_orders >= 2 AND amount_spent > 5", None),
        ("average_days_between_orders < 9", Some("average_days_between_orders < 9")),
        ("customer_added_date < -1y", None),
    ] {
        let found = looks_before(&parse(text), &scene, since).expect("all of it can be asked");
        assert_eq!(found, expected.into_iter().map(str::to_owned).collect::<Vec<_>>(), "{text}");
    }
}

#[test]
fn a_bucket_is_a_share_that_stays() {
    let given = Given::default();
    let zone = Zone::UTC;
    let base = scene(&zone, Timestamp::UNIX_EPOCH, &given);
    let rows: Vec<_> =
        (0..4_000).map(|slot| (Slot(slot), Person::new(slot, Timestamp::UNIX_EPOCH).row())).collect();
    let batch = Batch::of(&rows).expect("rows have a form");
    let members = |text: &str, scene: &Scene<'_>| {
        let program = Program::new(compile(&parse(text), scene).expect("it can be asked"));
        View::of([batch.clone()]).select(&program).expect("all is read").members()
    };
    let half = members("bucket('spring') BETWEEN 0 AND 49", &base);
    assert!((1_850..2_150).contains(&half.len()), "{}", half.len());
    let rest = members("bucket('spring') > 49", &base);
    assert_eq!((half.and(&rest).len(), half.or(&rest).len()), (0, 4_000));
    // Another seed and another shop draw anew; another day does not.
    let quarter = 850..1_150;
    assert!(quarter.contains(&half.and(&members("bucket('autumn') <= 49", &base)).len()));
    let other = Scene { tenant: TenantId::new(Timestamp::UNIX_EPOCH, [8; 10]), ..base };
    assert!(quarter.contains(&half.and(&members("bucket('spring') <= 49", &other)).len()));
    let later = Scene { now: "2030-01-01T00:00:00Z".parse().expect("an instant"), ..base };
    assert_eq!(members("bucket('spring') <= 49", &later), half);
    // Once given out, a share is kept for good: these are other people only if the hash is.
    let first: Vec<_> = half.iter().take(5).collect();
    assert_eq!(first, [0, 4, 5, 8, 9].map(Slot));
}
