//! Claims, answers and receipts of one chunk.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn fates(chunk: &Chunk) -> Vec<Fate> {
    chunk.messages.iter().map(|message| message.fate).collect()
}

#[test]
fn each_is_claimed_once_and_a_claim_is_known_again_as_it_is_stored() {
    let mut chunk = Chunk::new(3);
    let now = Timestamp::from_nanosecond(1_790_000_000_123_456_789).unwrap();
    let claim = chunk.claim(2, now);
    assert_eq!((claim.places.clone(), claim.at.subsec_nanosecond()), (vec![0, 1], 123_000_000));
    assert_eq!(chunk.claim(9, now).places, [2]);
    assert_eq!(chunk.claim(9, now).places, Vec::<usize>::new());
    chunk.answered(0, claim.at, Outcome::Sent, Care::NeverTwice, now);
    chunk.answered(1, at(99), Outcome::Sent, Care::NeverTwice, now);
    assert_eq!(
        fates(&chunk),
        [Fate::Sent, Fate::Claimed, Fate::Claimed],
        "another claim's answer is nobody's"
    );
}

#[test]
fn nobody_knows_what_became_of_a_message_whose_sender_died() {
    for (care, expected) in [(Care::NeverTwice, Fate::Unknown), (Care::NeverZero, Fate::Planned)] {
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        assert!(!chunk.give_up(care, at(119)));
        assert!(chunk.give_up(care, at(120)));
        assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![expected], Some(Why::Interrupted)));
        chunk.answered(0, claim.at, Outcome::Sent, care, at(121));
        let sure = if care == Care::NeverTwice { Fate::Sent } else { Fate::Planned };
        assert_eq!(fates(&chunk), [sure], "a sure word is more than a doubt");
    }
}

#[test]
fn what_is_refused_for_now_is_tried_three_times_each_time_later_and_throttling_is_no_failure() {
    let mut chunk = Chunk::new(1);
    let mut now = at(0);
    for (refusals, pause) in [(1, 30), (2, 60)] {
        let claim = chunk.claim(1, now);
        chunk.answered(0, claim.at, Outcome::Again(Why::Temporary), Care::NeverTwice, now);
        assert_eq!(
            (chunk.messages[0].refusals, chunk.again_at),
            (refusals, Some(now + Duration::from_secs(pause)))
        );
        assert!(chunk.claim(1, now + Duration::from_secs(pause - 1)).places.is_empty());
        now += Duration::from_secs(pause);
    }
    let claim = chunk.claim(1, now);
    chunk.answered(0, claim.at, Outcome::Later(Why::Throttled), Care::NeverTwice, now);
    assert_eq!((fates(&chunk), chunk.messages[0].refusals), (vec![Fate::Planned], 2));
    let claim = chunk.claim(1, now);
    chunk.answered(0, claim.at, Outcome::Again(Why::Temporary), Care::NeverTwice, now);
    assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Failed], Some(Why::Temporary)));
    assert!(chunk.is_over());
}

#[test]
fn whoever_may_not_be_written_to_for_now_waits_and_that_is_no_failure() {
    let mut chunk = Chunk::new(2);
    let claim = chunk.claim(2, at(0));
    chunk.answered(0, claim.at, Outcome::Wait(Why::QuietHours, at(900)), Care::NeverTwice, at(1));
    chunk.answered(1, claim.at, Outcome::Sent, Care::NeverTwice, at(1));
    assert_eq!((fates(&chunk), chunk.messages[0].refusals), (vec![Fate::Planned, Fate::Sent], 0));
    assert!(chunk.claim(2, at(899)).places.is_empty());
    assert_eq!(chunk.claim(2, at(900)).places, [0]);
}

#[test]
fn whoever_is_put_off_keeps_nobody_else_waiting() {
    for outcome in [Outcome::Again(Why::Temporary), Outcome::Wait(Why::QuietHours, at(30))] {
        let mut chunk = Chunk::new(3);
        let claim = chunk.claim(1, at(0));
        chunk.answered(0, claim.at, outcome, Care::NeverTwice, at(0));
        assert_eq!(chunk.free(at(1)).collect::<Vec<_>>(), [1, 2]);
        let claim = chunk.claim(2, at(1));
        assert_eq!(claim.places, [1, 2]);
        for place in claim.places {
            chunk.answered(place, claim.at, Outcome::Sent, Care::NeverTwice, at(1));
        }
        assert_eq!(chunk.free(at(29)).next(), None);
        assert_eq!(chunk.claim(3, at(30)).places, [0]);
    }
}

#[test]
fn one_who_waits_for_monday_keeps_nobody_waiting_who_was_refused_for_half_a_minute() {
    let mut chunk = Chunk::new(3);
    let claim = chunk.claim(3, at(0));
    let outcomes = [
        Outcome::Again(Why::Temporary),
        Outcome::Wait(Why::QuietHours, at(9_000)),
        Outcome::Wait(Why::QuietHours, at(900)),
    ];
    for (place, outcome) in outcomes.into_iter().enumerate() {
        chunk.answered(place, claim.at, outcome, Care::NeverTwice, at(0));
    }
    assert_eq!(chunk.free_at(), Some(at(30)));
    assert_eq!(chunk.claim(3, at(30)).places, [0]);
    assert_eq!(chunk.free_at(), Some(at(900)));
    let claim = chunk.claim(3, at(900));
    assert_eq!(claim.places, [1, 2], "the first of their hours");
    chunk.answered(1, claim.at, outcomes[1], Care::NeverTwice, at(900));
    assert_eq!(chunk.free_at(), Some(at(9_000)));
}

#[test]
fn a_doubt_is_sent_again_only_where_the_merchant_would_rather_have_two() {
    for (care, expected) in [(Care::NeverTwice, Fate::Unknown), (Care::NeverZero, Fate::Planned)] {
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), care, at(1));
        assert_eq!(fates(&chunk), [expected]);
    }
}

#[test]
fn what_was_given_up_is_not_in_line_again_when_its_refusal_comes_at_last() {
    for outcome in [Outcome::Later(Why::Throttled), Outcome::Again(Why::Throttled)] {
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        assert!(chunk.give_up(Care::NeverTwice, at(120)));
        chunk.answered(0, claim.at, outcome, Care::NeverTwice, at(121));
        assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Failed], Some(Why::Throttled)));
    }
    let mut chunk = Chunk::new(1);
    let claim = chunk.claim(1, at(0));
    assert!(chunk.give_up(Care::NeverTwice, at(120)));
    chunk.answered(0, claim.at, Outcome::Wait(Why::QuietHours, at(900)), Care::NeverTwice, at(121));
    assert_eq!((fates(&chunk), chunk.messages[0].why), (vec![Fate::Skipped], Some(Why::QuietHours)));
}

#[test]
fn of_whom_an_earlier_try_is_in_doubt_nobody_says_that_nothing_was_sent() {
    let ends = |end: &dyn Fn(&mut Chunk)| {
        let mut chunk = Chunk::new(1);
        let claim = chunk.claim(1, at(0));
        chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverZero, at(1));
        end(&mut chunk);
        (chunk.messages[0].fate, chunk.messages[0].why)
    };
    let answered = |chunk: &mut Chunk, outcome: Outcome| {
        let claim = chunk.claim(1, at(600));
        chunk.answered(0, claim.at, outcome, Care::NeverZero, at(601));
    };
    let unknown = (Fate::Unknown, Some(Why::NoAnswer));
    assert_eq!(ends(&|chunk| assert!(chunk.cancel(at(2)))), unknown);
    assert_eq!(ends(&|chunk| answered(chunk, Outcome::Skipped(Why::Unsubscribed))), unknown);
    assert_eq!(ends(&|chunk| answered(chunk, Outcome::Failed(Why::Refused))), unknown);
    assert_eq!(ends(&|chunk| answered(chunk, Outcome::Sent)), (Fate::Sent, None));
    let given_up = |chunk: &mut Chunk| {
        chunk.claim(1, at(600));
        chunk.give_up(Care::NeverZero, at(900));
        chunk.cancel(at(901));
    };
    assert_eq!(ends(&given_up), unknown);
}

#[test]
fn a_receipt_that_was_faster_than_the_answer_stays() {
    let mut chunk = Chunk::new(1);
    let claim = chunk.claim(1, at(0));
    assert!(chunk.hear(0, Heard::Delivered, at(1)));
    assert!(!chunk.hear(0, Heard::Delivered, at(1)) && !chunk.hear(9, Heard::Delivered, at(1)));
    chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverTwice, at(2));
    assert_eq!(fates(&chunk), [Fate::Delivered]);
}

#[test]
fn of_a_message_to_whoever_is_forgotten_nothing_is_told_any_more() {
    let mut chunk = Chunk::new(2);
    let claim = chunk.claim(2, at(0));
    chunk.hear(0, Heard::Clicked { by_machine: false }, at(1));
    assert!(chunk.forget(0, at(2)) && !chunk.forget(0, at(3)) && !chunk.forget(9, at(3)));
    let nobodys = Message { fate: Fate::Skipped, why: Some(Why::Gone), ..Message::default() };
    assert_eq!(chunk.messages[0], nobodys);
    chunk.answered(0, claim.at, Outcome::Sent, Care::NeverTwice, at(2));
    for heard in [Heard::Delivered, Heard::Opened { by_machine: false }, Heard::Complained] {
        assert!(!chunk.hear(0, heard, at(3)), "{heard:?}");
    }
    assert_eq!(chunk.messages, [nobodys, chunk.messages[1].clone()]);
}

#[test]
fn whoever_was_given_up_is_looked_for_until_they_are_surely_gone() {
    for care in [Care::NeverTwice, Care::NeverZero] {
        let mut chunk = Chunk::new(3);
        chunk.claim(2, at(0));
        // Forgotten while it is claimed: it is nobody's claim any more, which could be found to be old.
        assert!(chunk.forget(0, at(60)) && chunk.given_up() == [0]);
        assert!(chunk.give_up(care, at(120)) && chunk.given_up() == [0, 1]);
        assert!(chunk.forget(1, at(120)) && chunk.given_up() == [0, 1]);
        assert!(!chunk.outlived(at(60 + 1_799)) && chunk.given_up() == [0, 1]);
        assert!(chunk.outlived(at(60 + 1_800)) && chunk.given_up() == [1]);
        assert!(chunk.outlived(at(120 + 1_800)) && !chunk.outlived(at(9_999)));
        assert!(chunk.given_up().is_empty());
    }
}

#[test]
fn of_what_a_provider_has_not_answered_for_nobody_was_given_up() {
    let mut chunk = Chunk::new(2);
    let claim = chunk.claim(2, at(0));
    chunk.answered(0, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverTwice, at(1));
    chunk.answered(1, claim.at, Outcome::Unknown(Why::NoAnswer), Care::NeverZero, at(1));
    chunk.forget(1, at(2));
    assert!(chunk.given_up().is_empty());
}

#[test]
fn who_waits_is_left_out_when_it_is_cancelled_and_who_is_being_sent_to_is_not() {
    let mut chunk = Chunk::new(3);
    chunk.claim(1, at(0));
    assert!(chunk.cancel(at(1)));
    assert_eq!(fates(&chunk), [Fate::Claimed, Fate::Skipped, Fate::Skipped]);
    assert!(!chunk.cancel(at(2)) && chunk.is_claimed() && !chunk.is_over());
}
