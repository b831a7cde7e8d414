//! The telephones at which members get texts of ours, and which notices of ours a member has got already.

use domain::{Maker, Phone, Reason, Telephone, TenantId, Timestamp, UserId, telephone::Code};
use jiff::{SignedDuration, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read, read_as},
    table::{When, Write},
};

/// What is told again and again until it was told comes to an end long before.
const NOTICES_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Which ways a notice has gone to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NoticeSent {
    /// The provider has taken the mail.
    #[serde(default)]
    pub mailed: bool,
    /// Somebody has been asked to text it, or is about to be: set first, so that no text goes out twice.
    #[serde(default)]
    pub texted: bool,
}

impl TenantStore {
    pub async fn telephone(&self, user: UserId) -> Result<Option<Held<Telephone>>, StoreError> {
        self.get(keys::telephone(self.id(), user)).await?.map(read_as::<TelephoneRecord, _>).transpose()
    }

    /// Of all members who have told one.
    pub async fn telephones(&self) -> Result<Vec<Held<Telephone>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::TELEPHONES).await?;
        items.into_iter().map(read_as::<TelephoneRecord, _>).collect()
    }

    /// Of somebody who is a member still. `Conflict` if it is another by now.
    pub fn telephone_put(&self, held: Option<&Held<Telephone>>, telephone: &Telephone) -> Step {
        let record = TelephoneRecord::from(telephone);
        let entry = Entry::new(keys::telephone(self.id(), telephone.user), &record);
        let entry = match telephone.forgotten_at {
            Some(at) => entry.expiring(at),
            None => entry,
        };
        let member = keys::member(self.id(), telephone.user);
        Step(vec![entry.in_place_of(held), Write::Check(member, When::Present)])
    }

    pub fn telephone_ended(&self, user: UserId) -> Step {
        Step(vec![telephone_deleted(self.id(), user)])
    }

    /// `what` names the notice: letters, digits and points.
    pub async fn notice_sent(
        &self,
        what: &str,
        user: UserId,
    ) -> Result<Option<Held<NoticeSent>>, StoreError> {
        self.get(keys::notice_sent(self.id(), what, user)).await?.map(read::<NoticeSent>).transpose()
    }

    /// `Conflict` if it is another by now. With what is held once it is committed.
    pub fn notice_sent_put(
        &self,
        (what, user): (&str, UserId),
        held: Option<&Held<NoticeSent>>,
        sent: NoticeSent,
        now: Timestamp,
    ) -> (Step, Held<NoticeSent>) {
        let entry = Entry::new(keys::notice_sent(self.id(), what, user), &sent).expiring(now + NOTICES_KEPT);
        (Step(vec![entry.in_place_of(held)]), Held::after(held, sent))
    }
}

/// It goes with the member.
pub(crate) fn telephone_deleted(tenant: TenantId, user: UserId) -> Write {
    Write::Delete(keys::telephone(tenant, user), When::Always)
}

#[derive(Serialize, Deserialize)]
struct TelephoneRecord {
    user: UserId,
    hand: u32,
    number: Phone,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    proven_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    stopped_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<CodeRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<Reason>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    forgotten_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct CodeRecord {
    nonce: u64,
    #[serde(with = "millisecond::required")]
    expires_at: Timestamp,
    tries_left: u8,
    is_texted: bool,
}

impl From<&Telephone> for TelephoneRecord {
    fn from(telephone: &Telephone) -> Self {
        let Telephone { user, by, number, proven_at, stopped_at, code, trouble, forgotten_at } =
            telephone.clone();
        let code = code.map(|Code { nonce, expires_at, tries_left, is_texted }| CodeRecord {
            nonce,
            expires_at,
            tries_left,
            is_texted,
        });
        Self { user, hand: by.hand, number, proven_at, stopped_at, code, trouble, forgotten_at }
    }
}

impl From<TelephoneRecord> for Telephone {
    fn from(record: TelephoneRecord) -> Self {
        let TelephoneRecord { user, hand, number, proven_at, stopped_at, code, trouble, forgotten_at } =
            record;
        let code = code.map(|CodeRecord { nonce, expires_at, tries_left, is_texted }| Code {
            nonce,
            expires_at,
            tries_left,
            is_texted,
        });
        let by = Maker { user, hand };
        Self { user, by, number, proven_at, stopped_at, code, trouble, forgotten_at }
    }
}
