//! Where the next run begins, and which the clock asks for.

use super::*;
use crate::TenantId;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-21T12:00:00Z")
}

fn run(syncing: &Syncing, of: &[Resource], mode: Mode, begun: Timestamp) -> Run {
    let parts = syncing.parts(of, mode, begun);
    Run::new(RunId::new(begun, [1; 10]), TenantId::new(begun, [2; 10]), mode, parts, begun)
}

/// After a run that began then and took a minute.
fn after(syncing: Syncing, of: &[Resource], mode: Mode, begun: &str, is_good: bool) -> Syncing {
    let begun = at(begun);
    let mut run = run(&syncing, of, mode, begun);
    let done = if is_good { PartState::Done } else { PartState::Failed { why: String::new() } };
    run.parts.iter_mut().for_each(|part| part.state = done.clone());
    let (syncing, end) = (syncing.begun(&run, begun), begun + SignedDuration::from_mins(1));
    let state = if is_good { RunState::Completed } else { RunState::Failed { why: String::new() } };
    syncing.ended(&run.ended(state, end), end)
}

fn connected() -> Syncing {
    Syncing::default().connected(at("2026-11-20T12:00:00Z"))
}

fn full() -> Syncing {
    after(connected(), &Resource::ALL, Mode::Full, "2026-11-20T12:00:00Z", true)
}

#[test]
fn the_next_run_begins_where_the_last_one_began() {
    let syncing = full();
    assert_eq!(syncing.watermarks[&Resource::Orders], at("2026-11-20T12:00:00Z"), "and not where it ended");
    let parts = syncing.parts(&Resource::ALL, Mode::Incremental, now());
    assert!(parts.iter().all(|part| part.since == Some(at("2026-11-20T11:50:00Z"))) && parts.len() == 3);
    assert!(syncing.parts(&[Resource::Orders], Mode::Full, now())[0].since.is_none());
    let failed = after(syncing.clone(), &Resource::ALL, Mode::Incremental, "2026-11-20T12:10:00Z", false);
    assert_eq!(failed.watermarks, syncing.watermarks, "what failed moves nothing");
    assert_eq!((failed.open, failed.failures), (None, 1));
}

#[test]
fn a_run_of_one_thing_moves_the_watermark_of_that_alone() {
    let syncing = after(full(), &[Resource::Orders], Mode::Incremental, "2026-11-20T14:00:00Z", true);
    assert_eq!(syncing.watermarks[&Resource::Orders], at("2026-11-20T14:00:00Z"));
    assert_eq!(syncing.watermarks[&Resource::Customers], at("2026-11-20T12:00:00Z"));
    let first = after(connected(), &[Resource::Orders], Mode::Full, "2026-11-20T12:00:00Z", true);
    assert_eq!(first.mode_due(&Zone::UTC, at("2026-11-20T12:10:00Z")), Mode::Full, "the rest is to come");
    assert!(first.parts(&[Resource::Customers], Mode::Incremental, now())[0].since.is_none());
}

#[test]
fn what_is_owed_is_read_from_the_first_on_until_a_run_has_read_it_all() {
    let owing = full().owing(Resource::Customers);
    let since = |syncing: &Syncing, mode| {
        let parts = syncing.parts(&[Resource::Customers, Resource::Orders], mode, now());
        parts.iter().map(|part| part.since.is_some()).collect::<Vec<_>>()
    };
    for mode in [Mode::Incremental, Mode::Reconciliation] {
        assert_eq!(since(&owing, mode), [false, true], "{mode:?}");
    }
    let failed = after(owing.clone(), &Resource::ALL, Mode::Incremental, "2026-11-20T14:00:00Z", false);
    let other = after(failed, &[Resource::Orders], Mode::Incremental, "2026-11-20T14:10:00Z", true);
    assert_eq!(since(&other, Mode::Incremental), [false, true], "it is owed still");
    let done = after(other, &Resource::ALL, Mode::Incremental, "2026-11-20T14:20:00Z", true);
    assert_eq!(since(&done, Mode::Incremental), [true, true]);
    // A run that had begun where it was.
    let mut run = run(&full(), &Resource::ALL, Mode::Incremental, now());
    run.parts.iter_mut().for_each(|part| part.state = PartState::Done);
    let begun = owing.begun(&run, now());
    assert!(begun.ended(&run.ended(RunState::Completed, now()), now()).owed.contains(&Resource::Customers));
}

#[test]
fn the_clock_asks_for_everything_first_then_for_changes_and_at_night_for_what_was_missed() {
    let berlin: Zone = "Europe/Berlin".parse().unwrap();
    let check =
        |syncing: &Syncing, now: &str, mode| assert_eq!(syncing.mode_due(&berlin, at(now)), mode, "{now}");
    check(&connected(), "2026-11-20T12:00:00Z", Mode::Full);
    let syncing = full();
    check(&syncing, "2026-11-20T12:10:00Z", Mode::Incremental);
    // Midnight in Berlin is 23:00 here.
    check(&syncing, "2026-11-20T23:50:00Z", Mode::Incremental);
    check(&syncing, "2026-11-21T00:00:00Z", Mode::Reconciliation);
    check(&syncing, "2026-11-21T03:59:00Z", Mode::Reconciliation);
    check(&syncing, "2026-11-21T04:00:00Z", Mode::Incremental);
    check(&syncing, "2026-11-21T18:00:00Z", Mode::Reconciliation);
    let night = after(syncing, &Resource::ALL, Mode::Reconciliation, "2026-11-21T00:00:00Z", true);
    check(&night, "2026-11-21T00:10:00Z", Mode::Incremental);
    check(&night, "2026-11-22T00:10:00Z", Mode::Reconciliation);
}

#[test]
fn a_reconciliation_looks_back_behind_the_one_before_and_at_what_is_gone() {
    let mut syncing = full();
    syncing = after(syncing, &Resource::ALL, Mode::Incremental, "2026-11-20T20:00:00Z", true);
    let parts = syncing.parts(&Resource::ALL, Mode::Reconciliation, now());
    let of: Vec<_> = parts.iter().map(|part| part.of).collect();
    let (last, before) = parts.split_last().unwrap();
    assert_eq!(of[..3], Resource::ALL);
    assert_eq!(of[3..], [Resource::Deletions, Resource::Checkouts]);
    assert!(before.iter().all(|part| part.since == Some(at("2026-11-20T11:00:00Z"))), "{parts:?}");
    assert_eq!(last.since, Some(at("2026-11-19T12:00:00Z")), "begun a day before");
    let first: Vec<_> = connected().parts(&Resource::ALL, Mode::Full, now());
    assert!(first.iter().all(|part| part.of != Resource::Deletions), "who has nothing has lost nothing");
    let older = "one that was begun long ago may have changed since";
    assert_eq!((first[3].of, first[3].since), (Resource::Checkouts, None), "{older}");
    let late = syncing.parts(&Resource::ALL, Mode::Reconciliation, at("2027-01-21T12:00:00Z"));
    assert_eq!(late[4].since, Some(at("2026-12-21T12:00:00Z")), "after two months without a run");
    assert_eq!(syncing.parts(&Resource::ALL, Mode::Full, now())[3].of, Resource::Deletions);
    assert_eq!(syncing.parts(&[Resource::Orders], Mode::Full, now()).len(), 1);
}

#[test]
fn what_comes_besides_and_fails_holds_nothing_up_and_is_asked_for_from_where_it_was() {
    let begun = at("2026-11-20T12:00:00Z");
    let mut run = run(&connected(), &Resource::ALL, Mode::Full, begun);
    for part in &mut run.parts {
        let is_besides = part.of == Resource::Checkouts;
        part.state = if is_besides { PartState::Failed { why: String::new() } } else { PartState::Done };
    }
    let failed = RunState::Failed { why: "checkouts: denied".to_owned() };
    let syncing = connected().begun(&run, begun).ended(&run.clone().ended(failed.clone(), begun), begun);
    assert_eq!((syncing.failures, syncing.synced_at), (1, None), "it has failed");
    assert_eq!(syncing.mode_due(&Zone::UTC, at("2026-11-20T12:20:00Z")), Mode::Incremental);
    assert_eq!(syncing.watermarks.get(&Resource::Orders), Some(&begun));
    let parts = syncing.parts(&Resource::ALL, Mode::Reconciliation, now());
    assert_eq!((parts[4].of, parts[4].since), (Resource::Checkouts, None), "they were never here");
    let day = after(syncing, &Resource::ALL, Mode::Reconciliation, "2026-11-21T12:00:00Z", true);
    let parts = day.parts(&Resource::ALL, Mode::Reconciliation, now());
    assert_eq!(parts[4].since, Some(at("2026-11-20T12:00:00Z")));

    // Who was laid down does not show yet, or a part was not read: then nothing has moved.
    let (mut unshown, mut unread) = (run.clone(), run);
    unshown.shards.insert(0);
    unread.parts[2].state = PartState::Waiting;
    for run in [unshown, unread] {
        let ended = connected().begun(&run, begun).ended(&run.ended(failed.clone(), begun), begun);
        assert!(ended.watermarks.is_empty() && ended.reconciled_at.is_none());
    }
}

#[test]
fn where_runs_fail_the_clock_asks_less_and_less_often() {
    let mut syncing = connected();
    let mut waits = Vec::new();
    for _ in 0..7 {
        syncing = after(syncing, &Resource::ALL, Mode::Full, "2026-11-20T12:00:00Z", false);
        waits.push(syncing.next_at.unwrap().duration_since(at("2026-11-20T12:01:00Z")).as_mins());
    }
    assert_eq!(waits, [20, 40, 80, 160, 320, 320, 320]);
    let well = after(syncing, &Resource::ALL, Mode::Full, "2026-11-21T12:00:00Z", true);
    assert_eq!((well.failures, well.next_at), (0, Some(at("2026-11-21T12:10:00Z"))));
    let stopped = after(well.stopped(), &Resource::ALL, Mode::Full, "2026-11-21T12:00:00Z", false);
    assert_eq!(stopped.next_at, None, "whoever has no shop is not asked");
}

#[test]
fn another_run_than_the_open_one_ends_nothing() {
    let syncing = full();
    let other = run(&syncing, &Resource::ALL, Mode::Full, at("2026-11-20T13:00:00Z"));
    let open = syncing.begun(
        &run(&full(), &Resource::ALL, Mode::Full, at("2026-11-20T14:00:00Z")),
        at("2026-11-20T14:00:00Z"),
    );
    let ended = other.ended(RunState::Completed, at("2026-11-20T15:00:00Z"));
    assert_eq!(open.clone().ended(&ended, at("2026-11-20T15:00:00Z")), open);
}

#[test]
fn orders_that_are_shown_by_now_are_brought_next_by_themselves() {
    let (granted, berlin) = ("2026-11-20T15:03:00Z", "Europe/Berlin".parse::<Zone>().unwrap());
    let syncing = full().shown(false, at(granted)).shown(true, at(granted));
    assert_eq!((syncing.orders, syncing.next_at), (OrdersHere::Owed(at(granted)), Some(at(granted))));
    assert_eq!(syncing.clone().shown(true, at("2026-11-20T15:04:00Z")), syncing, "twice is once");
    assert_eq!(syncing.mode_due(&berlin, at(granted)), Mode::Full);
    assert_eq!(syncing.resources_due(), [Resource::Orders]);

    let orders = |syncing: &Syncing, mode, is_good| {
        after(syncing.clone(), &[Resource::Orders], mode, "2026-11-20T15:04:00Z", is_good)
    };
    assert_eq!(orders(&syncing, Mode::Full, false).orders, syncing.orders, "what failed brought nothing");
    let changed = orders(&syncing, Mode::Incremental, true);
    assert_eq!((changed.orders, changed.next_at), (syncing.orders, Some(at("2026-11-20T15:05:00Z"))));
    let whole = orders(&syncing, Mode::Full, true);
    assert_eq!((whole.orders, whole.resources_due()), (OrdersHere::All, &Resource::ALL[..]));
    assert_eq!(whole.mode_due(&berlin, at("2026-11-20T15:14:00Z")), Mode::Incremental);
    assert_eq!(whole.clone().shown(true, at(granted)), whole);
    assert_eq!(whole.shown(false, at(granted)).orders, OrdersHere::Lately, "it was taken back");

    // One that had begun before they could be seen brought those of the last days.
    let begun = full();
    let run = run(&begun, &Resource::ALL, Mode::Full, at("2026-11-20T15:00:00Z"));
    let end = at("2026-11-20T15:10:00Z");
    let early = begun.begun(&run, run.created_at).shown(true, at(granted));
    let ended = early.ended(&run.ended(RunState::Completed, end), end);
    assert_eq!((ended.orders, ended.next_at), (OrdersHere::Owed(at(granted)), Some(end)));
}

#[test]
fn orders_stay_here_when_a_shop_is_connected_again_unless_some_can_be_missing() {
    let from = |syncing: &Syncing| syncing.orders_from.map(|at| at.to_string());
    let first = Some("2026-09-21T12:00:00Z".to_owned());
    assert_eq!(from(&full()), first);
    let again = |syncing: Syncing, now: &str| from(&syncing.stopped().connected(at(now)));
    assert_eq!(again(full(), "2026-12-20T12:00:00Z"), first);
    assert_eq!(again(full(), "2027-01-19T12:00:00Z"), first, "sixty days later");
    let later = Some("2026-11-20T12:00:01Z".to_owned());
    assert_eq!(again(full(), "2027-01-19T12:00:01Z"), later, "what was placed in between is not shown");
    let unsynced = Some("2026-09-22T12:00:00Z".to_owned());
    assert_eq!(again(connected(), "2026-11-21T12:00:00Z"), unsynced, "nothing was brought before");
    let all = after(
        connected().shown(true, at("2026-11-20T12:00:00Z")),
        &Resource::ALL,
        Mode::Full,
        "2026-11-20T12:00:00Z",
        true,
    );
    assert_eq!((from(&all), again(all, "2026-12-20T12:00:00Z")), (None, None), "nothing is missing");
}

#[test]
fn a_shop_that_shows_all_orders_from_the_beginning_is_brought_once() {
    let connected = connected().shown(true, at("2026-11-20T12:00:00Z"));
    assert_eq!(connected.resources_due(), Resource::ALL);
    let first = after(connected, &Resource::ALL, Mode::Full, "2026-11-20T12:00:00Z", true);
    assert_eq!(first.orders, OrdersHere::All);
}

#[test]
fn of_failures_in_a_row_the_first_is_to_be_told_until_it_was_or_a_run_ends_well() {
    let ended = |syncing: Syncing, is_good| {
        after(syncing, &Resource::ALL, Mode::Incremental, "2026-11-20T15:04:00Z", is_good)
    };
    let first = ended(full(), false);
    let untold = first.untold.expect("it is the first");
    assert_eq!((first.failures, untold.claimed_until), (1, None));
    let second = ended(first.clone(), false);
    assert_eq!((second.failures, second.untold), (2, Some(untold)), "nobody was told in between");
    let told = Syncing { untold: None, ..first.clone() };
    assert_eq!(ended(told, false).untold, None, "once");
    assert_eq!(ended(second, true).untold, None, "there is nothing to tell any more");
}
