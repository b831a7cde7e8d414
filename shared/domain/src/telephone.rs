//! The telephone at which a member gets texts of ours: proven to be theirs by a code that was texted to it.
//!
//! A code is good once, for ten minutes, and for five tries: each try is counted before anybody hears whether it was right.
//! Whoever answers STOP is texted no more until they answer START.

use jiff::SignedDuration;

use crate::{Answered, Maker, Phone, Reason, Timestamp, UserId};

/// How long a code works.
pub const CODE_SECONDS: i64 = 600;
/// Of a million codes, so many may be tried.
pub const CODE_TRIES: u8 = 5;
/// How long a number is kept that was told, and not proven.
pub const UNPROVEN_KEPT: SignedDuration = SignedDuration::from_hours(24);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Telephone {
    pub user: UserId,
    /// In whose hands the account was when they told it: in others' it is nobody's.
    pub by: Maker,
    pub number: Phone,
    pub proven_at: Option<Timestamp>,
    /// They answered STOP to a text.
    pub stopped_at: Option<Timestamp>,
    pub code: Option<Code>,
    /// Why the last code was not sent.
    pub trouble: Option<Reason>,
    /// Until then it may be proven. `None`: it was, or a STOP stays with it.
    pub forgotten_at: Option<Timestamp>,
}

/// A code that was asked for. It is made from this, and kept nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Of this one alone.
    pub nonce: u64,
    pub expires_at: Timestamp,
    pub tries_left: u8,
    /// Somebody has been asked to text it, or is about to be: it is not texted again.
    pub is_texted: bool,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    Proven(Telephone),
    /// As it is then.
    Wrong(Telephone),
    /// No code is open: none was asked for, or it is too old, or was tried too often.
    NoCode,
}

impl Telephone {
    /// Not proven yet: with a code on its way. STOP is said for a number, and stays with it.
    #[must_use]
    pub fn asked(before: Option<&Self>, by: Maker, number: Phone, nonce: u64, now: Timestamp) -> Self {
        let expires_at = now + SignedDuration::from_secs(CODE_SECONDS);
        let code = Code { nonce, expires_at, tries_left: CODE_TRIES, is_texted: false };
        let stopped_at = before.filter(|before| before.number == number).and_then(|it| it.stopped_at);
        let forgotten_at = stopped_at.is_none().then(|| now + UNPROVEN_KEPT);
        let (user, code) = (by.user, Some(code));
        Self { user, by, number, proven_at: None, stopped_at, code, trouble: None, forgotten_at }
    }

    /// Its time is over, whether or not the table has taken it away by now.
    pub fn is_forgotten(&self, now: Timestamp) -> bool {
        self.forgotten_at.is_some_and(|forgotten_at| forgotten_at <= now)
    }

    /// The code that may be tried now.
    pub fn open_code(&self, now: Timestamp) -> Option<&Code> {
        self.code.as_ref().filter(|code| now < code.expires_at && code.tries_left > 0)
    }

    /// Whoever tries commits what comes of it over the telephone that was read, before they say it.
    #[must_use]
    pub fn tried(&self, is_right: bool, now: Timestamp) -> Tried {
        let Some(code) = self.open_code(now) else { return Tried::NoCode };
        if is_right {
            let (proven_at, forgotten_at) = (Some(now), None);
            return Tried::Proven(Self {
                proven_at,
                code: None,
                trouble: None,
                forgotten_at,
                ..self.clone()
            });
        }
        let code = Code { tries_left: code.tries_left - 1, ..code.clone() };
        Tried::Wrong(Self { code: Some(code), ..self.clone() })
    }

    /// The code was not taken, and will not be.
    #[must_use]
    pub fn not_texted(&self, why: Reason) -> Self {
        Self { code: None, trouble: Some(why), ..self.clone() }
    }

    /// Whether notices may go there.
    pub fn is_open(&self, by: Maker) -> bool {
        self.by == by && self.proven_at.is_some() && self.stopped_at.is_none()
    }

    /// `None`: nothing changes.
    pub fn answered(&self, said: Answered, now: Timestamp) -> Option<Self> {
        let stopped_at = match said {
            Answered::Stop => self.stopped_at.or(Some(now)),
            Answered::Start => None,
            Answered::Help => self.stopped_at,
        };
        let is_kept = stopped_at.is_some() || self.proven_at.is_some();
        let forgotten_at = (!is_kept).then(|| now + UNPROVEN_KEPT);
        (stopped_at != self.stopped_at).then(|| Self { stopped_at, forgotten_at, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("an instant")
    }

    fn asked() -> Telephone {
        let by = Maker { user: UserId::new(at(0), [1; 10]), hand: 0 };
        let number = "+14155552671".parse().expect("a number");
        Telephone::asked(None, by, number, 7, at(0))
    }

    #[test]
    fn a_right_code_proves_a_telephone_once_and_in_time() {
        let asked = asked();
        let Tried::Proven(proven) = asked.tried(true, at(CODE_SECONDS - 1)) else { panic!("in time") };
        assert!(proven.is_open(asked.by) && !asked.is_open(asked.by));
        assert_eq!(proven.tried(true, at(1)), Tried::NoCode, "it is good once");
        assert_eq!(asked.tried(true, at(CODE_SECONDS)), Tried::NoCode, "and for ten minutes");
        assert!(!proven.is_open(Maker { hand: 1, ..asked.by }), "in other hands it is nobody's");
    }

    #[test]
    fn after_five_wrong_tries_the_right_one_comes_too_late() {
        let mut telephone = asked();
        for _ in 0..CODE_TRIES {
            let Tried::Wrong(after) = telephone.tried(false, at(1)) else { panic!("wrong") };
            telephone = after;
        }
        assert_eq!(telephone.tried(true, at(1)), Tried::NoCode);
    }

    #[test]
    fn stop_holds_for_the_number_until_start() {
        let Tried::Proven(proven) = asked().tried(true, at(1)) else { panic!("in time") };
        let stopped = proven.answered(Answered::Stop, at(2)).expect("another");
        assert!(!stopped.is_open(proven.by));
        let unproven = asked().answered(Answered::Stop, at(2)).expect("another");
        assert_eq!(
            (asked().forgotten_at, unproven.forgotten_at),
            (Some(at(0) + UNPROVEN_KEPT), None),
            "a STOP is not forgotten"
        );
        assert_eq!(
            unproven.answered(Answered::Start, at(3)).expect("another").forgotten_at,
            Some(at(3) + UNPROVEN_KEPT)
        );
        assert_eq!(stopped.answered(Answered::Stop, at(3)), None);
        assert_eq!(stopped.answered(Answered::Help, at(3)), None);
        let again = Telephone::asked(Some(&stopped), proven.by, proven.number.clone(), 8, at(4));
        assert_eq!(again.stopped_at, Some(at(2)), "a new code is no START");
        assert_eq!(stopped.answered(Answered::Start, at(3)), Some(proven));
    }
}
