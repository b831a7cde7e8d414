//! What became of messages: each type of event once of each message, by people and by machines, when it is known.

use columns::{Dated, Program, Slot};
use domain::{
    CampaignId, Timestamp, Zone,
    campaign::{Upshot, Why, Written},
    template::Channel,
};
use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*, sample::select};
use rules::{Clause, Condition, Leaf, Param, Value};
use segments::{
    Given, OUTCOMES_MAX, Outcomes, ReasonOf, Told, asks_too_many_outcomes, compile, explain, names_outcomes,
    outcomes_asked, print_beside,
};
use std::{collections::BTreeSet, sync::Arc};

use crate::{
    agree::holds,
    parse,
    people::Person,
    scene,
    slow::{Here, Is},
};

/// The last is nobody's.
pub(crate) fn campaign(number: u8) -> CampaignId {
    CampaignId::new(Timestamp::UNIX_EPOCH, [number; 10])
}

const WHYS: [Why; 3] = [Why::HardBounce, Why::NoConsent, Why::Gone];

fn channel(number: u8) -> Channel {
    if number == 2 { Channel::Sms } else { Channel::Email }
}

/// To some, of three campaigns, around now.
pub(crate) fn outcomes(now: Timestamp) -> impl Strategy<Value = Outcomes> {
    let seconds = -60 * 86_400..2 * 86_400_i64;
    let kinds: Vec<_> =
        Upshot::ALL.into_iter().flat_map(|it| it.by().iter().map(move |by| (it, *by))).collect();
    let one = (0..3_u8, select(kinds), select(&WHYS[..]), vec((0..40_u32, seconds), 1..15));
    vec(one, 0..25).prop_map(move |all| {
        let mut outcomes = Outcomes::default();
        for (number, (outcome, by_person), why, whom) in all {
            let is_dated = outcome.is_dated(by_person);
            let second = |second: i64| u32::try_from(now.as_second() + second).expect("after 1970");
            let whom = whom.into_iter().map(|(slot, at)| (Slot(slot), is_dated.then(|| second(at))));
            let has_why = matches!(outcome, Upshot::Bounced | Upshot::Failed | Upshot::Skipped);
            let told = Told {
                campaign: campaign(number),
                channel: channel(number),
                outcome,
                by_person,
                why: has_why.then_some(why),
                whom: Arc::new(Dated::of(whom.collect())),
            };
            let key = |it: &Told| (it.campaign, it.outcome, it.by_person, it.why);
            // Of a message each type of event is told once.
            if !outcomes.told.iter().any(|it| key(it) == key(&told)) {
                outcomes.told.push(told);
            }
        }
        outcomes.written = (0..3).filter_map(|number| written(&outcomes.told, number)).collect();
        outcomes
    })
}

/// No longer than anything became of its messages.
fn written(told: &[Told], number: u8) -> Option<Written> {
    let own = || told.iter().filter(|it| it.campaign == campaign(number));
    own().next()?;
    let seconds = || own().flat_map(|it| it.whom.iter()).filter_map(|(_, second)| second);
    let at = |second: u32| Timestamp::from_second(second.into()).expect("an instant");
    Some(Written {
        campaign: campaign(number),
        channel: channel(number),
        launched_at: seconds().min().map_or(Timestamp::UNIX_EPOCH, at),
        last_at: seconds().max().map_or(Timestamp::UNIX_EPOCH, at),
        messages: 40,
        edition: 1,
        print: 0,
    })
}

/// As anybody may ask of these campaigns; nothing that is refused.
pub(crate) fn asked(leaf: Leaf, zone: &Zone, now: Timestamp) -> Option<Leaf> {
    let Leaf::Event { event, mut each, all } = leaf else { return None };
    for clause in each.iter_mut().filter(|clause| clause.param == Param::CampaignId) {
        let ours = |value: &mut Value| {
            if let Value::Id(id) = value {
                *id = campaign(id.len().to_le_bytes()[0] % 4).to_string().into();
            }
        };
        match &mut clause.condition {
            Condition::Is(_, value) => ours(value),
            Condition::In(values) => values.iter_mut().for_each(ours),
            _ => {}
        }
    }
    let leaf = Leaf::Event { event, each, all };
    let given = Given { outcomes: Some(Arc::default()), ..Given::default() };
    compile(&rules::Rule::Leaf(leaf.clone()), &scene(zone, now, &given)).is_ok().then_some(leaf)
}

/// As the page has it: how many events fit, all conditions of the same.
pub(crate) fn fitting(here: &Here<'_>, each: &[Clause], who: &Person) -> usize {
    let outcomes = here.given.outcomes.as_ref().expect("it is given");
    let events = outcomes.told.iter().filter_map(|told| Some((told, told.whom.get(who.slot())?)));
    let fits = |(told, second): &(&Told, Option<u32>)| {
        each.iter().all(|clause| {
            let is = match clause.param {
                Param::Type => Is::Text(told.outcome.name().to_owned()),
                Param::Channel => {
                    Is::Text(if told.channel == Channel::Sms { "SMS" } else { "EMAIL" }.to_owned())
                }
                Param::CampaignId => Is::Exact(vec![told.campaign.to_string()]),
                Param::Human => told.by_person.map_or(Is::Null, Is::Yes),
                Param::Reason => told.why.map_or(Is::Null, |why| Is::Text(why.name().to_owned())),
                Param::Date => {
                    let at = second.and_then(|second| Timestamp::from_second(second.into()).ok());
                    at.map_or(Is::Null, Is::At)
                }
                other => unreachable!("{other:?} is not asked here"),
            };
            here.holds(&clause.condition, &is) != clause.is_not
        })
    };
    events.filter(fits).count()
}

fn now() -> Timestamp {
    "2026-03-09T16:00:00Z".parse().expect("an instant")
}

/// Of four people the first opened and clicked in the first campaign, of the second a machine opened; the third complained of a text
/// and got none of the letters, and of the fourth nothing is told.
fn given() -> Given {
    let second = |days: i64| u32::try_from(now().as_second() - days * 86_400).expect("after 1970");
    let told = |number, outcome, by_person, why, whom: &[(u32, Option<i64>)]| Told {
        campaign: campaign(number),
        channel: channel(number),
        outcome,
        by_person,
        why,
        whom: Arc::new(Dated::of(whom.iter().map(|(slot, days)| (Slot(*slot), days.map(second))).collect())),
    };
    let told = vec![
        told(0, Upshot::Sent, None, None, &[(0, Some(40)), (1, Some(40))]),
        told(0, Upshot::Opened, Some(true), None, &[(0, Some(30))]),
        told(0, Upshot::Opened, Some(false), None, &[(1, None)]),
        told(0, Upshot::Clicked, Some(true), None, &[(0, Some(29))]),
        told(0, Upshot::Skipped, None, Some(Why::NoConsent), &[(2, Some(40))]),
        told(1, Upshot::Sent, None, None, &[(0, Some(2)), (1, Some(2))]),
        told(1, Upshot::Bounced, None, Some(Why::HardBounce), &[(1, Some(2))]),
        told(2, Upshot::Sent, None, None, &[(2, Some(1))]),
        told(2, Upshot::Complained, None, None, &[(2, None)]),
    ];
    let written = (0..3).filter_map(|number| written(&told, number)).collect();
    Given { outcomes: Some(Arc::new(Outcomes { written, told })), ..Given::default() }
}

#[test]
fn whoever_was_written_to_is_found_by_what_became_of_it() {
    let (zone, given) = (Zone::UTC, given());
    let here = Here { zone: &zone, now: now(), given: &given };
    let people: Vec<_> = (0..4).map(|slot| Person::new(slot, now())).collect();
    let first = campaign(0);
    for (asked, expected) in [
        ("type = 'OPENED'".to_owned(), vec![0, 1]),
        ("type = 'OPENED', human = TRUE".to_owned(), vec![0]),
        ("type = 'OPENED', human = FALSE".to_owned(), vec![1]),
        // The day itself is in, and what has no day is in none.
        ("type = 'OPENED', date >= -30d".to_owned(), vec![0]),
        ("type = 'OPENED', date >= -29d".to_owned(), vec![]),
        ("type = 'OPENED', date >= -721h".to_owned(), vec![0]),
        ("type = 'OPENED', date > 2026-02-07T16:00".to_owned(), vec![]),
        ("type = 'OPENED', date IS NULL".to_owned(), vec![1]),
        (format!("type = 'SENT', campaign_id = '{first}'"), vec![0, 1]),
        (format!("type = 'SENT', campaign_id != '{first}'"), vec![0, 1, 2]),
        (format!("type = 'OPENED', campaign_id = '{}'", campaign(1)), vec![]),
        ("type = 'SENT', count >= 2".to_owned(), vec![0, 1]),
        ("type = 'SENT', count = 0".to_owned(), vec![3]),
        ("type = 'SENT', count < 2".to_owned(), vec![2, 3]),
        ("type = 'SENT', channel = 'SMS'".to_owned(), vec![2]),
        ("type = 'BOUNCED', reason = 'HARD_bounce'".to_owned(), vec![1]),
        ("reason CONTAINS 'consent'".to_owned(), vec![2]),
        ("reason = 'gone'".to_owned(), vec![]),
        ("type = 'MARKED_AS_SPAM'".to_owned(), vec![2]),
        ("type = 'SENT', human = TRUE".to_owned(), vec![]),
        ("type IN ('OPENED', 'CLICKED'), count > 1".to_owned(), vec![0]),
        (String::new(), vec![0, 1, 2]),
    ] {
        let rule = parse(&format!("campaign_events MATCHES ({asked})"));
        let program = Program::new(compile(&rule, &here.scene()).expect("it can be asked"));
        let passes = |person: &&Person| holds(&program, &rule, person, &here);
        let found: Vec<u32> = people.iter().filter(passes).map(|person| person.slot().0).collect();
        assert_eq!(found, expected, "{asked}");
    }
}

#[test]
fn what_is_not_kept_and_what_is_too_much_is_told() {
    let (zone, given) = (Zone::UTC, given());
    let refused = |text: &str, given: &Given| {
        compile(&parse(text), &scene(&zone, now(), given)).map_err(|wrong| wrong[0].what.clone()).err()
    };
    for undated in ["type = 'UNSUBSCRIBED'", "type IN ('MARKED_AS_SPAM', 'UNSUBSCRIBED')", "human = FALSE"] {
        let text = format!("campaign_events MATCHES ({undated}, date >= -30d)");
        assert_eq!(refused(&text, &given).as_deref(), Some("campaign_events.date"), "{undated}");
        assert_eq!(refused(&format!("campaign_events MATCHES ({undated})"), &given), None, "{undated}");
    }
    let mut many = (**given.outcomes.as_ref().expect("it is given")).clone();
    many.written[0].messages = OUTCOMES_MAX;
    let many = Given { outcomes: Some(Arc::new(many)), ..Given::default() };
    for (asked, is_too_much) in [
        ("type = 'OPENED'", true),
        ("type IN ('OPENED', 'CLICKED'), date >= -3d", false),
        ("type = 'OPENED', date < 2025-01-01", false),
        ("type = 'OPENED', channel = 'SMS'", false),
        ("", true),
    ] {
        let rule = parse(&format!("number_of_orders > 1 OR campaign_events MATCHES ({asked})"));
        let scene = scene(&zone, now(), &many);
        let written = &many.outcomes.as_ref().expect("it is given").written;
        assert_eq!(asks_too_many_outcomes(&rule, &scene, written), is_too_much, "{asked}");
        assert_eq!(compile(&rule, &scene).is_err(), is_too_much, "{asked}");
    }
    // Each type is looked through.
    let two = "campaign_events MATCHES (type IN ('OPENED', 'CLICKED'), campaign_id = 'none')";
    assert_eq!(refused(two, &many), None);
}

#[test]
fn of_the_campaigns_that_a_rule_leaves_what_it_asks_is_read_and_its_print_is_theirs() {
    let (zone, given) = (Zone::UTC, given());
    let outcomes = given.outcomes.as_ref().expect("it is given");
    let check = |asked: &str, expected: &[(u8, Upshot)]| {
        let rule = parse(&format!("campaign_events NOT MATCHES ({asked})"));
        assert!(names_outcomes(&rule));
        let found = outcomes_asked(&rule, &scene(&zone, now(), &given), &outcomes.written);
        let expected: BTreeSet<_> =
            expected.iter().map(|(number, outcome)| (campaign(*number), *outcome)).collect();
        assert_eq!(found, expected, "{asked}");
        let print = |changed: usize| {
            let mut other = Outcomes::clone(outcomes);
            other.written[changed].edition += 1;
            let other = Given { outcomes: Some(Arc::new(other)), ..Given::default() };
            print_beside(&rule, &scene(&zone, now(), &other))
        };
        let before = print_beside(&rule, &scene(&zone, now(), &given));
        for number in 0..3 {
            let is_asked = expected.iter().any(|(id, _)| *id == campaign(number));
            assert_eq!(print(number.into()) != before, is_asked, "{asked} of {number}");
        }
    };
    check("type = 'OPENED', date >= -5d", &[(1, Upshot::Opened), (2, Upshot::Opened)]);
    check("type = 'CLICKED', date < -3d", &[(0, Upshot::Clicked)]);
    check("type IN ('SENT', 'OPENED'), channel = 'SMS'", &[(2, Upshot::Sent), (2, Upshot::Opened)]);
    check(&format!("type = 'SENT', campaign_id = '{}'", campaign(1)), &[(1, Upshot::Sent)]);
    check("human = FALSE, channel != 'EMAIL'", &[(2, Upshot::Opened), (2, Upshot::Clicked)]);
    assert!(!names_outcomes(&parse("products_purchased MATCHES (id = 's1')")));
}

#[test]
fn an_explanation_counts_events_and_knows_when_they_leave_the_window() {
    let (zone, given) = (Zone::UTC, given());
    let rule = parse("campaign_events MATCHES (type IN ('OPENED', 'CLICKED'), date >= -30d)");
    let person = Person::new(0, now());
    let told = explain(&rule, &scene(&zone, now(), &given), person.slot(), &person.row()).expect("it can be");
    let midnight: Timestamp = "2026-03-09T00:00:00Z".parse().expect("an instant");
    let gone = midnight + SignedDuration::from_hours(2 * 24);
    assert_eq!(told.changes_at, Some(gone), "the click of 29 days ago leaves with the second midnight");
    let ReasonOf::Leaf(leaf) = told.tree.part else { panic!("it is one leaf") };
    assert!(leaf.why.starts_with("2 events of messages fit, which fits “who "), "{}", leaf.why);
}
