//! Everybody who is meant is chosen, or left out for one reason: the first that holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use columns::{Batch, Code, List, Members, NotRead, Number, Row, ShardNumber, Slot, Text, View};
use domain::{
    CampaignId, ConsentState, Declined, Timestamp, Zone,
    campaign::{
        Cap, Care, Kind, Quiet, Rules, Trial, Why,
        trial::{Metric, REST},
    },
    customer::Reach,
    template::Channel,
};
use proptest::prelude::*;
use reach::{Asked, Costs, Each, Micros, STAGES, Waterfall, Wave, found};

static UTC: Zone = Zone::UTC;
static EACH: Each = Each(Some(100));
const NOW: i64 = 1_795_348_800;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOW + second).unwrap()
}

/// Somebody with a mail address who agreed to be written to.
fn somebody(email: &str) -> Row {
    let mut row = Row::default();
    row[Number::Added] = Some(1);
    row[Code::Reach] = Reach::HAS_EMAIL;
    row[Code::EmailState] = ConsentState::Subscribed as u8;
    row[Text::Email] = Some(email.into());
    row
}

fn with(change: impl FnOnce(&mut Row), email: &str) -> Row {
    let mut row = somebody(email);
    change(&mut row);
    row
}

fn view(rows: &[Row]) -> View {
    let rows: Vec<_> = rows.iter().cloned().zip(0..).map(|(row, slot)| (Slot(slot), row)).collect();
    View::of([Batch::of(&rows).unwrap()])
}

fn everybody(rows: &[Row]) -> Members {
    (0..u32::try_from(rows.len()).unwrap()).map(Slot).collect()
}

fn asked<'a>(rules: &'a Rules, earlier: &'a [Members], kind: Kind) -> Asked<'a> {
    Asked {
        campaign: CampaignId::new(at(0), [7; 10]),
        channel: Channel::Email,
        kind,
        rules,
        now: at(0),
        zone: &UTC,
        local: None,
        earlier,
        costs: &EACH,
    }
}

/// Who was left out why, and who was chosen, by their slots.
fn shown(fall: &Waterfall) -> String {
    let slots =
        |members: &Members| members.iter().map(|slot| slot.0.to_string()).collect::<Vec<_>>().join(" ");
    let left = fall.left_out.iter().filter(|(_, members)| !members.is_empty());
    let left = left.map(|(why, members)| format!("{}: {}", why.name(), slots(members)));
    let waves = fall.waves.iter().map(|Wave { not_before, members, .. }| match not_before {
        Some(when) => format!("at {when}: {}", slots(members)),
        None => format!("now: {}", slots(members)),
    });
    left.chain(waves).collect::<Vec<_>>().join("; ")
}

#[test]
fn each_is_left_out_for_the_first_reason_that_holds() {
    let state = |state: ConsentState| with(|row| row[Code::EmailState] = state as u8, "x@x.x");
    let rows = [
        somebody("a@x.x"),
        with(|row| row[Code::Reach] = Reach::HAS_PHONE, "b@x.x"),
        state(ConsentState::Invalid),
        state(ConsentState::Unsubscribed),
        state(ConsentState::NotSubscribed),
        state(ConsentState::Pending),
        with(|row| row[Code::Reach] |= Reach::EMAIL_SUPPRESSED, "c@x.x"),
        somebody("a@x.x"),
        state(ConsentState::Redacted),
    ];
    let fall =
        found(&view(&rows), &everybody(&rows), &asked(&Rules::default(), &[], Kind::Newsletter)).unwrap();
    assert_eq!(
        shown(&fall),
        "no_address: 1; invalid_address: 2; unsubscribed: 3 8; no_consent: 4 5; suppressed: 6; \
         duplicate_address: 7; now: 0"
    );
    let fall =
        found(&view(&rows), &everybody(&rows), &asked(&Rules::default(), &[], Kind::Transactional)).unwrap();
    assert_eq!(
        shown(&fall),
        "no_address: 1; invalid_address: 2; suppressed: 6; duplicate_address: 4 5 7 8; now: 0 3",
        "about what they bought people are told without their consent"
    );
}

#[test]
fn whoever_wants_nothing_of_a_kind_is_left_out_of_that_kind_and_of_no_other() {
    let wants_no = |kind: Kind, email: &str| with(|row| row[Code::Declined] = Declined::bit(kind), email);
    let rows = [
        somebody("a@x.x"),
        wants_no(Kind::Newsletter, "b@x.x"),
        wants_no(Kind::Promotional, "c@x.x"),
        wants_no(Kind::Reminder, "d@x.x"),
        with(
            |row| {
                row[Code::Declined] = u8::MAX;
                row[Code::Reach] |= Reach::EMAIL_SUPPRESSED;
            },
            "e@x.x",
        ),
        with(
            |row| {
                row[Code::Declined] = u8::MAX;
                row[Code::EmailState] = ConsentState::Unsubscribed as u8;
            },
            "f@x.x",
        ),
    ];
    let check = |kind: Kind, expected: &str| {
        let fall = found(&view(&rows), &everybody(&rows), &asked(&Rules::default(), &[], kind)).unwrap();
        assert_eq!(shown(&fall), expected, "{kind:?}");
    };
    check(Kind::Newsletter, "unsubscribed: 5; topic_declined: 1 4; now: 0 2 3");
    check(Kind::Promotional, "unsubscribed: 5; topic_declined: 2 4; now: 0 1 3");
    check(Kind::Reminder, "unsubscribed: 5; topic_declined: 3 4; now: 0 1 2");
    check(Kind::Transactional, "suppressed: 4; now: 0 1 2 3 5");
}

#[test]
fn nobody_gets_more_campaigns_than_the_cap_says() {
    let rows: Vec<_> = (0..4).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let slots = |slots: &[u32]| slots.iter().map(|slot| Slot(*slot)).collect::<Members>();
    let earlier = [slots(&[0, 1, 2]), slots(&[1, 2]), slots(&[2])];
    let check = |messages: u8, expected: &str| {
        let rules = Rules { cap: Some(Cap { messages, days: 7 }), ..Rules::default() };
        let fall =
            found(&view(&rows), &everybody(&rows), &asked(&rules, &earlier, Kind::Promotional)).unwrap();
        assert_eq!(shown(&fall), expected, "{messages}");
    };
    check(1, "frequency_cap: 0 1 2; now: 3");
    check(2, "frequency_cap: 1 2; now: 0 3");
    check(3, "frequency_cap: 2; now: 0 1 3");
    check(4, "now: 0 1 2 3");
}

#[test]
fn everybody_waits_until_it_is_loud_where_they_are() {
    let lives = |email: &str, countries: &[&str]| {
        with(|row| row.set_list(List::Countries, countries.iter().map(|it| (*it).into())), email)
    };
    // It is noon in London, and one in Berlin.
    let rows = [
        lives("a@x.x", &["DE"]),
        lives("b@x.x", &["US"]),
        lives("c@x.x", &["DE", "US"]),
        lives("d@x.x", &["NZ"]),
        lives("e@x.x", &[]),
        lives("f@x.x", &["CN", "GB", "US"]),
    ];
    let rules = Rules { quiet: Some(Quiet { from: 21, to: 8 }), ..Rules::default() };
    let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
    assert_eq!(
        shown(&fall),
        "quiet_hours: 5; now: 0 4; at 2026-11-22T18:00:00Z: 1 2; at 2026-11-22T19:00:00Z: 3"
    );
    assert_eq!(fall.plan(&[ShardNumber(0)]).parts.len(), 3);
}

#[test]
fn what_it_costs_at_most_is_never_more_than_the_budget() {
    let rows: Vec<_> = (0..5).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let rules = Rules { budget_micros: Some(399), ..Rules::default() };
    let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
    assert_eq!(shown(&fall), "over_budget: 3 4; now: 0 1 2");
}

#[test]
fn what_may_be_sent_three_times_has_a_third_of_the_budget() {
    let rows: Vec<_> = (0..5).map(|one| somebody(&format!("{one}@x.x"))).collect();
    for (budget, expected) in [(899, "over_budget: 2 3 4; now: 0 1"), (900, "over_budget: 3 4; now: 0 1 2")] {
        let rules = Rules { budget_micros: Some(budget), care: Care::NeverZero, ..Rules::default() };
        let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
        assert_eq!(shown(&fall), expected, "{budget}");
    }
}

/// A penny for each even slot, nobody knows what for the fifth, and ten for the others.
struct ByHand;

impl Costs for ByHand {
    fn of(&self, _view: &View, members: &Members) -> Result<Vec<(Micros, Members)>, NotRead> {
        let of = |passes: fn(u32) -> bool| members.iter().filter(|slot| passes(slot.0)).collect::<Members>();
        Ok(vec![
            (None, of(|slot| slot == 5)),
            (Some(10), of(|slot| slot % 2 == 1 && slot != 5)),
            (Some(1), of(|slot| slot % 2 == 0)),
        ])
    }
}

#[test]
fn of_those_who_get_it_at_once_the_dearest_are_left_out_first_and_who_has_no_price_before_all() {
    let rows: Vec<_> = (0..8).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let check = |budget: Option<u64>, expected: &str| {
        let rules = Rules { budget_micros: budget, ..Rules::default() };
        let asked = Asked { costs: &ByHand, ..asked(&rules, &[], Kind::Promotional) };
        let fall = found(&view(&rows), &everybody(&rows), &asked).unwrap();
        assert_eq!(shown(&fall), expected, "{budget:?}");
        let (micros, unpriced) = fall.plan(&[ShardNumber(0)]).cost();
        assert!(budget.is_none_or(|budget| micros <= budget && unpriced == 0), "{budget:?}: {micros}");
    };
    check(None, "now: 0 2 4 6; now: 1 3 7; now: 5");
    check(Some(1_000), "over_budget: 5; now: 0 2 4 6; now: 1 3 7");
    check(Some(24), "over_budget: 5 7; now: 0 2 4 6; now: 1 3");
    check(Some(3), "over_budget: 1 3 5 6 7; now: 0 2 4");
}

#[test]
fn a_text_waits_for_the_hours_of_the_law_and_one_about_an_order_does_not() {
    let lives = |phone: &str, country: Option<&str>| {
        with(
            |row| {
                row[Code::Reach] = Reach::HAS_PHONE;
                row[Code::SmsState] = ConsentState::Subscribed as u8;
                row[Text::Phone] = Some(phone.into());
                row.set_list(List::Countries, country.map(Into::into));
            },
            "a@x.x",
        )
    };
    // It is Sunday, noon in London.
    let rows = [
        lives("+4915112345671", None),
        lives("+14155552671", Some("US")),
        lives("+33612345678", Some("FR")),
        lives("+919812345678", Some("IN")),
        lives("+919812345679", Some("US")),
    ];
    let rules = Rules::default();
    let check = |kind: Kind, expected: &str| {
        let asked = Asked { channel: Channel::Sms, ..asked(&rules, &[], kind) };
        let fall = found(&view(&rows), &everybody(&rows), &asked).unwrap();
        assert_eq!(shown(&fall), expected, "{kind:?}");
    };
    check(
        Kind::Promotional,
        "quiet_hours: 4; now: 3; at 2026-11-22T22:00:00Z: 1; at 2026-11-23T07:00:00Z: 2; \
         at 2026-11-23T09:00:00Z: 0",
    );
    check(Kind::Transactional, "now: 0 1 2 3 4");
}

#[test]
fn nobody_is_in_two_arms_and_everybody_is_in_the_same_one_again() {
    let rows: Vec<_> = (0..2_000).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let trial = |shares: &[u8]| Trial { shares: shares.to_vec(), metric: Metric::Clicked, hours: 4 };
    let arms = |shares: &[u8]| {
        let rules = Rules { trial: Some(trial(shares)), held_out_percent: 10, ..Rules::default() };
        let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
        let all = fall.waves.iter().map(|wave| (wave.arm, wave.not_before, wave.members.clone()));
        (all.collect::<Vec<_>>(), fall.left_out)
    };
    let (halves, left_out) = arms(&[50, 50]);
    let held_out = &left_out.iter().find(|(why, _)| *why == Why::HeldOut).unwrap().1;
    let [(0, None, one), (1, None, two)] = &halves[..] else { panic!("{halves:?}") };
    assert!(one.and(two).is_empty() && one.or(two).and(held_out).is_empty());
    assert_eq!(one.len() + two.len() + held_out.len(), 2_000);
    assert!((780..1_020).contains(&one.len()), "half of those who are not held out: {}", one.len());
    assert_eq!(arms(&[50, 50]).0, halves);
    let (tenths, _) = arms(&[10, 10]);
    let [(0, None, _), (1, None, _), (REST, Some(decided_at), rest)] = &tenths[..] else {
        panic!("{tenths:?}")
    };
    assert_eq!(*decided_at, at(4 * 3_600));
    assert!((1_300..1_580).contains(&rest.len()), "{}", rest.len());
}

#[test]
fn whoever_waits_for_the_best_words_gets_them_in_hours_of_their_own() {
    let lives =
        |country: &str, email: &str| with(|row| row.set_list(List::Countries, [country.into()]), email);
    let rows: Vec<_> =
        (0..400).map(|one| lives(if one % 2 == 0 { "DE" } else { "NZ" }, &format!("{one}@x.x"))).collect();
    // 2026-11-22T12:00:00Z is noon in Germany, and the middle of the night in New Zealand; ten hours later it is the other way round.
    let rules = Rules {
        trial: Some(Trial { shares: vec![25, 25], metric: Metric::Clicked, hours: 10 }),
        quiet: Some(Quiet { from: 21, to: 8 }),
        ..Rules::default()
    };
    let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
    assert_eq!(fall.decided_at, Some(at(36_000)));
    let mut seen: Vec<_> =
        fall.waves.iter().map(|wave| (wave.arm, wave.not_before, wave.members.len() > 20)).collect();
    seen.sort();
    let (nz_morning, de_morning) = (at(7 * 3_600), at(19 * 3_600));
    assert_eq!(
        seen,
        [
            (0, None, true),
            (0, Some(nz_morning), true),
            (1, None, true),
            (1, Some(nz_morning), true),
            (REST, Some(at(36_000)), true),
            (REST, Some(de_morning), true),
        ]
    );
    assert_eq!(fall.chosen(), 400);
}

#[test]
fn a_budget_is_spent_on_the_trial_before_it_is_spent_on_those_who_wait() {
    let rows: Vec<_> = (0..200).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let trial = Trial { shares: vec![20, 20], metric: Metric::Clicked, hours: 4 };
    let chosen = |budget_micros: Option<u64>| {
        let rules = Rules { trial: Some(trial.clone()), budget_micros, ..Rules::default() };
        let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
        let mut of = std::collections::BTreeMap::new();
        for wave in &fall.waves {
            *of.entry(wave.arm).or_insert(0) += wave.members.len();
        }
        of
    };
    let (all, some) = (chosen(None), chosen(Some(100 * 100)));
    assert_eq!((some[&0], some[&1], some[&REST]), (all[&0], all[&1], 100 - all[&0] - all[&1]));
}

fn any_row() -> impl Strategy<Value = Row> {
    let states = prop::sample::select(&ConsentState::ALL[..]);
    let countries = prop::collection::vec(prop::sample::select(&["DE", "US", "NZ", "??"][..]), 0..3);
    (states, 0..16_u8, 0..30_u8, 0..8_u8, countries).prop_map(|(state, reach, email, declined, countries)| {
        with(
            |row| {
                row[Code::Declined] = declined;
                row[Code::EmailState] = state as u8;
                row[Code::Reach] = reach;
                row.set_list(List::Countries, countries.into_iter().map(Into::into));
            },
            &format!("{email}@x.x"),
        )
    })
}

proptest! {
    #[test]
    fn chosen_and_left_out_are_those_who_are_meant(
        rows in prop::collection::vec(any_row(), 1..60),
        held_out_percent in 0..50_u8,
        budget in prop::option::of(0..6_000_u64),
        quiet in prop::option::of((0..24_u8, 0..24_u8)),
        care in prop::sample::select(vec![Care::NeverTwice, Care::NeverZero]),
        trial in prop::option::of((prop::collection::vec(1..30_u8, 2..4), 1..48_u16)),
        meant in prop::collection::btree_set(0..60_u32, 0..60),
        earlier in prop::collection::btree_set(0..60_u32, 0..20),
    ) {
        let rules = Rules {
            held_out_percent,
            budget_micros: budget,
            care,
            quiet: quiet.map(|(from, to)| Quiet { from, to }),
            cap: Some(Cap { messages: 1, days: 1 }),
            trial: trial.map(|(shares, hours)| Trial { shares, metric: Metric::Clicked, hours }),
            ..Rules::default()
        };
        let meant = meant.into_iter().map(Slot).collect::<Members>().and(&everybody(&rows));
        let earlier = [earlier.into_iter().map(Slot).collect::<Members>()];
        let fall = found(&view(&rows), &meant, &asked(&rules, &earlier, Kind::Reminder)).unwrap();
        let mut all = Members::default();
        let parts = fall.left_out.iter().map(|(_, members)| members).chain(fall.waves.iter().map(|it| &it.members));
        for part in parts {
            prop_assert!(all.and(part).is_empty(), "each is in one of them");
            all = all.or(part);
        }
        prop_assert_eq!(&all, &meant);
        prop_assert_eq!(fall.audience, meant.len());
        let whys: Vec<_> = fall.left_out.iter().map(|(why, _)| *why).collect();
        let known: Vec<Why> = STAGES.into_iter().filter(|why| whys.contains(why)).collect();
        prop_assert_eq!(whys, known, "in the order of the stages");
        let plan = fall.plan(&[ShardNumber(0)]);
        prop_assert_eq!(plan.chosen(), fall.chosen());
        prop_assert!(budget.is_none_or(|budget| plan.chosen() * 100 * u64::from(care.takings()) <= budget));
    }
}
