//! Runs: what they say of themselves, and how they move on.

use super::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + seconds).unwrap()
}

const SOON: SignedDuration = SignedDuration::from_secs(2);

fn run(totals: &[(Resource, Option<u64>)]) -> Run {
    let part = |(of, total): &(Resource, Option<u64>)| Part { total: *total, ..Part::new(*of, None) };
    let parts = totals.iter().map(part).collect();
    Run::new(RunId::new(at(0), [1; 10]), TenantId::new(at(0), [2; 10]), Mode::Full, parts, at(0))
}

/// So many rows of the part are done.
fn read(run: &mut Run, part: usize, rows: u64) {
    run.parts[part].state = PartState::Reading(Place::Page(InList::default()));
    run.state = RunState::Running;
    run.parts[part].tally.created = rows;
}

#[test]
fn the_percentage_never_shrinks_and_a_hundred_is_completed() {
    let mut run = run(&[(Resource::Customers, Some(300)), (Resource::Orders, Some(700))]);
    assert_eq!((run.percent(), run.step_name()), (0, "Initializing…".to_owned()));
    let mut seen = Vec::new();
    for rows in [0, 150, 300, 310] {
        read(&mut run, 0, rows);
        run = run.moved(at(1), SOON);
        seen.push((run.percent(), run.step_name()));
    }
    let told = |percent, step: &str| (percent, step.to_owned());
    assert_eq!(
        seen,
        [
            told(0, "Fetching customers…"),
            told(14, "Syncing customers (150/300)…"),
            told(28, "Syncing customers (300/300)…"),
            told(28, "Syncing customers (310/310)…"),
        ]
    );
    run.parts[0].state = PartState::Done;
    read(&mut run, 1, 699);
    run = run.moved(at(2), SOON);
    assert_eq!(run.percent(), 94);
    // The shop was asked again, and there are more than it had said.
    run.parts[1].total = Some(7_000);
    run = run.moved(at(3), SOON);
    assert_eq!(run.percent(), 94);
    run.parts[1].state = PartState::Done;
    run = run.moved(at(4), SOON);
    assert_eq!((run.percent(), run.step_name()), (95, "Updating customer statistics…".to_owned()));
    let failed = run.clone().ended(RunState::Failed { why: "why".to_owned() }, at(5));
    assert_eq!((failed.percent(), failed.step_name()), (95, "Failed".to_owned()));
    let done = run.ended(RunState::Completed, at(5));
    assert_eq!((done.percent(), done.step_name()), (100, "Completed".to_owned()));
}

#[test]
fn what_nobody_counted_moves_the_percentage_with_its_end() {
    let mut run = run(&[(Resource::Products, None), (Resource::Deletions, None)]);
    read(&mut run, 0, 7);
    run = run.moved(at(1), SOON);
    assert_eq!((run.percent(), run.step_name()), (0, "Syncing products (7)…".to_owned()));
    assert_eq!(run.total(), None);
    run.parts[0].state = PartState::Failed { why: "denied".to_owned() };
    assert_eq!(run.moved(at(2), SOON).percent(), 47);
}

#[test]
fn each_step_is_a_new_one_and_what_was_lost_is_asked_for_again() {
    let new = run(&[(Resource::Orders, None)]);
    assert!(new.is_open() && new.due_at == at(60));
    let moved = new.clone().moved(at(10), SOON);
    assert_eq!((moved.step, moved.attempts), (1, 0));
    assert_eq!((moved.resumes_at(), new.resumes_at() < at(0)), (at(12), true));
    assert_eq!(moved.due_at, at(10 + 2 + 300));
    let failed = moved.clone().failed_once(at(20), SOON).failed_once(at(30), SOON);
    assert_eq!((failed.step, failed.attempts), (3, 2));
    assert_eq!(failed.clone().moved(at(40), SOON).attempts, 0, "in a row");
    let put_off = failed.put_off(at(40), SOON);
    assert_eq!((put_off.step, put_off.attempts), (4, 2), "who waits has come no further");
    assert_eq!(moved.clone().asked_again(at(500)).due_at, at(800));
    let ended = moved.ended(RunState::Completed, at(50));
    assert!(!ended.is_open());
    assert_eq!(
        (ended.step, ended.ended_at, ended.forgotten_at()),
        (2, Some(at(50)), Some(at(50 + 24 * 3_600)))
    );
    assert_eq!(new.forgotten_at(), None);
}

#[test]
fn a_run_that_comes_no_further_is_stuck_after_two_hours_however_it_is_kept_waiting() {
    let hours = |hours: i64| at(hours * 3_600);
    let run = run(&[(Resource::Orders, None)]).put_off(at(0), SOON).failed_once(hours(1), SOON);
    assert!(!run.is_stuck(at(2 * 3_600 - 1)) && run.is_stuck(hours(2)));
    assert!(!run.moved(hours(1), SOON).put_off(hours(2), SOON).is_stuck(hours(3)), "since it came further");
}

#[test]
fn watchers_are_told_at_the_beginning_at_the_end_and_not_too_often_between() {
    let mut run = run(&[(Resource::Orders, None)]);
    assert!(run.is_to_tell(at(0)));
    run.told_at = Some(at(0));
    let later = |millis| at(0) + SignedDuration::from_millis(millis);
    assert!(!run.is_to_tell(later(999)) && run.is_to_tell(later(1_000)));
    assert!(run.ended(RunState::Completed, later(1)).is_to_tell(later(1)));
}

#[test]
fn of_what_is_named_there_is_a_limit() {
    let mut run = run(&[(Resource::Orders, None)]);
    let refused = |number| RefusedRow { what: format!("order s{number}"), why: "currency".to_owned() };
    run.refuse((0..80).map(refused));
    run.refuse([refused(99)]);
    run.miss((0..80).chain(70..200).map(|number| format!("order s{number}")));
    assert_eq!((run.refused.len(), run.missed.len()), (REFUSED_TOLD, MISSED_TOLD));
    assert_eq!(run.missed.iter().collect::<BTreeSet<_>>().len(), MISSED_TOLD, "each once");
}

#[test]
fn a_long_list_is_begun_again_before_it_ends_and_one_that_may_be_cut_off_is_not_taken_for_whole() {
    let list = |after: Option<&str>, begun: Option<i64>, rows| InList {
        after: after.map(str::to_owned),
        begun_at: begun.map(at),
        rows,
    };
    let check = |held: InList, (rows, last, cursor): (u64, i64, Option<&str>), expected| {
        let page = PageEnd { rows, last_at: Some(at(last)), cursor: cursor.map(str::to_owned) };
        assert_eq!(held.behind(page.clone(), Some(at(5)), 100), expected, "{held:?} {page:?}");
    };
    let (first, begun) = (list(None, None, 0), list(Some("a"), Some(9), 70));
    check(first.clone(), (10, 5, None), Ok(None));
    check(first.clone(), (10, 9, Some("b")), Ok(Some(list(Some("b"), None, 10))));
    // A fifth of it is left.
    check(first.clone(), (80, 9, Some("b")), Ok(Some(list(None, Some(9), 0))));
    check(begun.clone(), (9, 10, Some("b")), Ok(Some(list(Some("b"), Some(9), 79))));
    check(begun.clone(), (10, 10, Some("b")), Ok(Some(list(None, Some(10), 0))));
    // What changed within one second cannot be begun again within it.
    check(first.clone(), (80, 5, Some("b")), Ok(Some(list(Some("b"), None, 80))));
    check(begun.clone(), (10, 9, Some("b")), Ok(Some(list(Some("b"), Some(9), 80))));
    check(begun.clone(), (29, 9, None), Ok(None));
    check(begun.clone(), (30, 9, None), Err(CutOff));
    check(begun, (30, 10, None), Ok(Some(list(None, Some(10), 0))));
    check(first, (100, 5, None), Err(CutOff));
}
