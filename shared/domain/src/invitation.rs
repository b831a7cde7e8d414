//! An invitation into a team, and a request to set a new password: two promises kept by mail.

use crate::{EmailAddress, InvitationId, ResetId, Role, TenantId, Timestamp, UserId};

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
    pub invited_by: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// When the mail was handed to the provider. Until then it is due.
    pub told_at: Option<Timestamp>,
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
}

/// Somebody asked for a new password for this address, which may or may not be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    pub id: ResetId,
    pub email: EmailAddress,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub told_at: Option<Timestamp>,
}

impl Reset {
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}
