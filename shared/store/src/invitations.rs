//! Invitations and requests for a new password: told by mail, due until told, swept when they expire.

use domain::{
    EmailAddress, Invitation, InvitationId, Maker, Reset, ResetCause, ResetId, Role, TenantId, Timestamp,
    UserId,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, RawKey, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

pub(crate) const DUE_INVITATION: &str = "invitation";
pub(crate) const DUE_RESET: &str = "reset";

impl TenantStore {
    /// All invitations, also those that have expired and are not swept yet.
    pub async fn invitations(&self) -> Result<Vec<Held<Invitation>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::INVITATIONS).await?;
        items.into_iter().map(read_as::<InvitationRecord, _>).collect()
    }

    pub async fn invitation(&self, id: InvitationId) -> Result<Option<Held<Invitation>>, StoreError> {
        self.get(keys::invitation(self.id(), id)).await?.map(read_as::<InvitationRecord, _>).transpose()
    }

    pub fn invitation_made(&self, invitation: &Invitation) -> Step {
        let record = InvitationRecord::of(self.id(), invitation);
        Step(vec![invitation_entry(invitation, &record).create()])
    }

    pub fn invitation_changed(&self, held: &Held<Invitation>, invitation: &Invitation) -> Step {
        let record = InvitationRecord::of(self.id(), invitation);
        Step(vec![invitation_entry(invitation, &record).replace(held.version)])
    }

    /// Accepted, withdrawn or expired: it is gone.
    pub fn invitation_ended(&self, held: &Held<Invitation>) -> Step {
        Step(vec![Write::Delete(keys::invitation(self.id(), held.id), When::Version(held.version))])
    }
}

impl Store {
    pub async fn reset(&self, id: ResetId) -> Result<Option<Held<Reset>>, StoreError> {
        self.get(keys::reset(id)).await?.map(read_as::<ResetRecord, _>).transpose()
    }

    pub fn reset_asked(reset: &Reset) -> Step {
        Step(vec![reset_entry(reset, &ResetRecord::from(reset)).create()])
    }

    pub fn reset_changed(held: &Held<Reset>, reset: &Reset) -> Step {
        Step(vec![reset_entry(reset, &ResetRecord::from(reset)).replace(held.version)])
    }

    /// Used or expired: it is gone, and cannot be used again.
    pub fn reset_ended(held: &Held<Reset>) -> Step {
        Step(vec![Write::Delete(keys::reset(held.id), When::Version(held.version))])
    }
}

/// Due when the clock asks for its mail, until it is told; then when it expires.
fn invitation_entry<'a>(
    invitation: &Invitation,
    record: &'a InvitationRecord,
) -> Entry<'a, InvitationRecord> {
    let Invitation { id, expires_at, told_at, due_at, .. } = invitation;
    let tenant = record.tenant;
    let at = if told_at.is_some() { *expires_at } else { *due_at.min(expires_at) };
    let due: RawKey = keys::due(at, DUE_INVITATION, format_args!("{tenant}.{id}"));
    Entry::new(keys::invitation(tenant, *id), record).due(Some(due))
}

fn reset_entry<'a>(reset: &Reset, record: &'a ResetRecord) -> Entry<'a, ResetRecord> {
    let at = if reset.told_at.is_some() { reset.expires_at } else { reset.due_at.min(reset.expires_at) };
    Entry::new(keys::reset(reset.id), record).due(Some(keys::due(at, DUE_RESET, reset.id)))
}

#[derive(Serialize, Deserialize)]
struct InvitationRecord {
    id: InvitationId,
    tenant: TenantId,
    email: EmailAddress,
    role: Role,
    invited_by: UserId,
    #[serde(default)]
    hand: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    ends_at: Timestamp,
    #[serde(with = "millisecond::optional")]
    told_at: Option<Timestamp>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
}

impl InvitationRecord {
    /// Of that tenant, whatever the invitation says.
    fn of(tenant: TenantId, invitation: &Invitation) -> Self {
        let Invitation {
            id,
            email,
            role,
            invited_by,
            created_at,
            expires_at,
            told_at,
            due_at,
            claimed_until,
            ..
        } = invitation.clone();
        let Maker { user: invited_by, hand } = invited_by;
        Self {
            id,
            tenant,
            email,
            role,
            invited_by,
            hand,
            created_at,
            ends_at: expires_at,
            told_at,
            due_at,
            claimed_until,
        }
    }
}

impl From<InvitationRecord> for Invitation {
    fn from(record: InvitationRecord) -> Self {
        let InvitationRecord {
            id,
            tenant,
            email,
            role,
            invited_by,
            hand,
            created_at,
            ends_at,
            told_at,
            due_at,
            claimed_until,
        } = record;
        let invited_by = Maker { user: invited_by, hand };
        Self {
            id,
            tenant,
            email,
            role,
            invited_by,
            created_at,
            expires_at: ends_at,
            told_at,
            due_at,
            claimed_until,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct ResetRecord {
    id: ResetId,
    email: EmailAddress,
    #[serde(default)]
    cause: ResetCause,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    ends_at: Timestamp,
    #[serde(with = "millisecond::optional")]
    told_at: Option<Timestamp>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
}

impl From<&Reset> for ResetRecord {
    fn from(reset: &Reset) -> Self {
        let Reset { id, email, cause, created_at, expires_at, told_at, due_at, claimed_until } =
            reset.clone();
        Self { id, email, cause, created_at, ends_at: expires_at, told_at, due_at, claimed_until }
    }
}

impl From<ResetRecord> for Reset {
    fn from(record: ResetRecord) -> Self {
        let ResetRecord { id, email, cause, created_at, ends_at, told_at, due_at, claimed_until } = record;
        Self { id, email, cause, created_at, expires_at: ends_at, told_at, due_at, claimed_until }
    }
}
