//! A sign-in on one device, and what a refresh token that comes back is worth.
//!
//! Only the newest refresh token of a session counts. An older one that comes back means that two parties
//! hold the family: the whole session is over.

use jiff::SignedDuration;

use crate::{SessionId, TenantId, Timestamp, UserId};

/// How long a sign-in lasts if it is used.
pub const LIFETIME_SECONDS: i64 = 30 * 24 * 3_600;
/// How long a sign-in lasts however much it is used: then its holder has to show again who they are.
pub const LIFETIME_SECONDS_MAX: i64 = 90 * 24 * 3_600;
/// How long two tabs of one browser may come with the same refresh token.
pub const GRACE_SECONDS: i64 = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user: UserId,
    /// The tenant that it acts in; `None` for a person who belongs to none any more.
    pub tenant: Option<TenantId>,
    /// Which of the family's refresh tokens is the newest.
    pub generation: u32,
    pub rotated_at: Timestamp,
    /// The user's epoch at the time of the sign-in.
    pub epoch: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub revoked: bool,
}

/// Who holds the refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A program, which can repeat a lost request with the same `Idempotency-Key`.
    Program,
    /// A browser, whose tabs share one cookie and may race.
    Browser,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// Hand out the next generation.
    Rotate(Session),
    /// Hand out the newest generation once more: it was just made for another tab.
    Again,
    /// The family is compromised: save this, and refuse.
    Revoke(Session),
    /// It is over already.
    Refuse,
}

impl Session {
    /// Whether it may still be used by somebody of that epoch.
    pub fn is_live(&self, epoch: u32, now: Timestamp) -> bool {
        !self.revoked && self.epoch == epoch && now < self.expires_at
    }

    /// What to do with a refresh token of `generation`.
    pub fn refresh(&self, generation: u32, holder: Holder, epoch: u32, now: Timestamp) -> Refresh {
        if !self.is_live(epoch, now) {
            return Refresh::Refuse;
        }
        if generation == self.generation {
            let generation = self.generation + 1;
            return Refresh::Rotate(Self {
                generation,
                rotated_at: now,
                expires_at: expiry(self.created_at, now),
                ..self.clone()
            });
        }
        let age_seconds = now.as_second() - self.rotated_at.as_second();
        if holder == Holder::Browser && generation + 1 == self.generation && age_seconds <= GRACE_SECONDS {
            return Refresh::Again;
        }
        Refresh::Revoke(Self { revoked: true, ..self.clone() })
    }
}

/// When a session that began at `created_at` and is used at `now` ends.
pub fn expiry(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let after = |start: Timestamp, seconds| {
        start.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
    };
    after(now, LIFETIME_SECONDS).min(after(created_at, LIFETIME_SECONDS_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn session() -> Session {
        Session {
            id: SessionId::new(at(0), [0; 10]),
            user: UserId::new(at(0), [0; 10]),
            tenant: None,
            generation: 5,
            rotated_at: at(100),
            epoch: 1,
            created_at: at(0),
            expires_at: at(1_000),
            revoked: false,
        }
    }

    #[test]
    fn what_a_refresh_token_is_worth() {
        let check = |generation, holder, epoch, now, expected: &str| {
            let said = match session().refresh(generation, holder, epoch, at(now)) {
                Refresh::Rotate(next) => format!("rotate to {}", next.generation),
                Refresh::Again => "again".to_owned(),
                Refresh::Revoke(next) => format!("revoke {}", next.revoked),
                Refresh::Refuse => "refuse".to_owned(),
            };
            assert_eq!(said, expected, "generation {generation} by a {holder:?} at {now}");
        };
        check(5, Holder::Program, 1, 101, "rotate to 6");
        check(4, Holder::Program, 1, 101, "revoke true");
        check(4, Holder::Browser, 1, 110, "again");
        check(4, Holder::Browser, 1, 111, "revoke true");
        check(3, Holder::Browser, 1, 101, "revoke true");
        check(6, Holder::Program, 1, 101, "revoke true");
        check(5, Holder::Program, 2, 101, "refuse");
        check(5, Holder::Program, 1, 1_000, "refuse");
        check(4, Holder::Program, 1, 1_000, "refuse");
    }

    #[test]
    fn a_revoked_session_stays_so() {
        let revoked = Session { revoked: true, ..session() };
        assert_eq!(revoked.refresh(5, Holder::Browser, 1, at(101)), Refresh::Refuse);
    }

    #[test]
    fn use_prolongs_a_session() {
        let Refresh::Rotate(next) = session().refresh(5, Holder::Program, 1, at(500)) else { panic!() };
        assert_eq!(next.expires_at, at(500 + LIFETIME_SECONDS));
        assert_eq!(expiry(at(0), at(LIFETIME_SECONDS_MAX - 1)), at(LIFETIME_SECONDS_MAX), "but not for ever");
    }
}
