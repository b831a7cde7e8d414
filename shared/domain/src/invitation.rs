//! An invitation into a team, and a request to set a new password: two promises kept by mail.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::{EmailAddress, InvitationId, Maker, ResetId, Role, TenantId, Timestamp};

/// How long an invitation may be accepted.
pub const INVITATION_SECONDS: i64 = 7 * 24 * 3_600;
/// How long a link for a new password works.
pub const RESET_SECONDS: i64 = 3_600;
/// A tenant has at most this many open invitations: lists of them are read whole.
pub const INVITATIONS_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: InvitationId,
    pub tenant: TenantId,
    pub email: EmailAddress,
    pub role: Role,
    /// It stands as long as their account is in the same hands.
    pub invited_by: Maker,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the mail was handed to the provider. Until then it is due.
    pub told_at: Option<Timestamp>,
    /// When the clock asks for the mail (again), in case the message that asked for it was lost.
    pub due_at: Timestamp,
    /// Until when the mail is in the hands of one delivery; another that overlaps it leaves it alone.
    pub claimed_until: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationState {
    Open,
    Expired,
}

impl Invitation {
    pub fn state(&self, now: Timestamp) -> InvitationState {
        if now < self.expires_at { InvitationState::Open } else { InvitationState::Expired }
    }

    pub fn is_claimed(&self, now: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| now < until)
    }
}

/// Why a link for a new password is mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetCause {
    /// Somebody said so.
    #[default]
    Forgotten,
    /// It went when the address's owner came with Google: they have to know.
    Dropped,
}

/// A link for a new password is to be mailed to this address, which may or may not be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    pub id: ResetId,
    pub email: EmailAddress,
    pub cause: ResetCause,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub told_at: Option<Timestamp>,
    /// As of an invitation.
    pub due_at: Timestamp,
    /// As of an invitation.
    pub claimed_until: Option<Timestamp>,
}

/// How long a mail may be in the hands of one delivery: twice what the function that sends it may take (30 s), and a
/// third of the time after which its message comes again (180 s).
pub const CLAIM_SECONDS: i64 = 60;

/// Until when a delivery that begins `now` has the mail for itself.
pub fn claim(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(CLAIM_SECONDS)).unwrap_or(Timestamp::MAX)
}

/// How long the first message has before the clock asks again.
const FIRST_ASK: SignedDuration = SignedDuration::from_mins(1);
/// And how long the second.
const SECOND_ASK: SignedDuration = SignedDuration::from_mins(10);

/// When a mail that was promised at `created_at` is asked for first.
pub fn first_due(created_at: Timestamp) -> Timestamp {
    created_at.saturating_add(FIRST_ASK).unwrap_or(Timestamp::MAX)
}

/// When it is asked for again after `now`: each time twice as late, so that a mail that can never be sent is not
/// tried for ever.
pub fn next_due(created_at: Timestamp, now: Timestamp) -> Timestamp {
    let age = now.duration_since(created_at);
    now.saturating_add(age.max(SECOND_ASK)).unwrap_or(Timestamp::MAX)
}

impl Reset {
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    pub fn is_claimed(&self, now: Timestamp) -> bool {
        self.claimed_until.is_some_and(|until| now < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_cannot_be_sent_is_asked_for_a_few_times_only() {
        let created = Timestamp::from_second(1_790_000_000).unwrap();
        let (mut asks, mut due) = (0, first_due(created));
        while due.as_second() < created.as_second() + INVITATION_SECONDS {
            (asks, due) = (asks + 1, next_due(created, due));
        }
        assert_eq!(asks, 11);
    }
}
