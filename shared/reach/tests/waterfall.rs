//! Everybody who is meant is chosen, or left out for one reason: the first that holds.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use columns::{Batch, Code, List, Members, Number, Row, ShardNumber, Slot, Text, View};
use domain::{
    CampaignId, ConsentState, Timestamp, Zone,
    campaign::{Cap, Kind, Quiet, Rules, Why},
    customer::Reach,
    template::Channel,
};
use proptest::prelude::*;
use reach::{Asked, STAGES, Waterfall, found};

static UTC: Zone = Zone::UTC;
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
        message_micros: 100,
    }
}

/// Who was left out why, and who was chosen, by their slots.
fn shown(fall: &Waterfall) -> String {
    let slots =
        |members: &Members| members.iter().map(|slot| slot.0.to_string()).collect::<Vec<_>>().join(" ");
    let left = fall.left_out.iter().filter(|(_, members)| !members.is_empty());
    let left = left.map(|(why, members)| format!("{}: {}", why.name(), slots(members)));
    let waves = fall.waves.iter().map(|(when, members)| match when {
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
    assert_eq!(fall.plan(&[ShardNumber(0)], 0).parts.len(), 3);
}

#[test]
fn what_it_costs_at_most_is_never_more_than_the_budget() {
    let rows: Vec<_> = (0..5).map(|one| somebody(&format!("{one}@x.x"))).collect();
    let rules = Rules { budget_micros: Some(399), ..Rules::default() };
    let fall = found(&view(&rows), &everybody(&rows), &asked(&rules, &[], Kind::Promotional)).unwrap();
    assert_eq!(shown(&fall), "over_budget: 3 4; now: 0 1 2");
}

fn any_row() -> impl Strategy<Value = Row> {
    let states = prop::sample::select(&ConsentState::ALL[..]);
    let countries = prop::collection::vec(prop::sample::select(&["DE", "US", "NZ", "??"][..]), 0..3);
    (states, 0..16_u8, 0..30_u8, countries).prop_map(|(state, reach, email, countries)| {
        with(
            |row| {
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
        meant in prop::collection::btree_set(0..60_u32, 0..60),
        earlier in prop::collection::btree_set(0..60_u32, 0..20),
    ) {
        let rules = Rules {
            held_out_percent,
            budget_micros: budget,
            quiet: quiet.map(|(from, to)| Quiet { from, to }),
            cap: Some(Cap { messages: 1, days: 1 }),
            ..Rules::default()
        };
        let meant = meant.into_iter().map(Slot).collect::<Members>().and(&everybody(&rows));
        let earlier = [earlier.into_iter().map(Slot).collect::<Members>()];
        let fall = found(&view(&rows), &meant, &asked(&rules, &earlier, Kind::Reminder)).unwrap();
        let mut all = Members::default();
        let parts = fall.left_out.iter().map(|(_, members)| members).chain(fall.waves.iter().map(|(_, it)| it));
        for part in parts {
            prop_assert!(all.and(part).is_empty(), "each is in one of them");
            all = all.or(part);
        }
        prop_assert_eq!(&all, &meant);
        prop_assert_eq!(fall.audience, meant.len());
        let whys: Vec<_> = fall.left_out.iter().map(|(why, _)| *why).collect();
        let known: Vec<Why> = STAGES.into_iter().filter(|why| whys.contains(why)).collect();
        prop_assert_eq!(whys, known, "in the order of the stages");
        let plan = fall.plan(&[ShardNumber(0)], 100);
        prop_assert_eq!(plan.chosen(), fall.chosen());
        prop_assert!(budget.is_none_or(|budget| plan.chosen() * 100 <= budget));
    }
}
