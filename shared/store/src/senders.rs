//! In whose name a shop writes, and by whom its messages go.
//!
//! Whose an identity is stands once for all tenants: it changes in one step with the sender that names it.

use domain::{
    Name, Prices, Sender, SenderId, Sending, Standing, TenantId, Timestamp, UserId,
    sender::{Claim, DnsRecord, Identity},
    sending::{MailProvider, TextProvider},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

impl Store {
    /// Whose an identity is, or was last.
    pub async fn claim(&self, identity: &Identity) -> Result<Option<Held<Claim>>, StoreError> {
        self.get(keys::claim(identity)).await?.map(read_as::<ClaimRecord, _>).transpose()
    }
}

impl TenantStore {
    /// All of them, the oldest first.
    pub async fn senders(&self) -> Result<Vec<Held<Sender>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::SENDERS).await?;
        items.into_iter().map(read_as::<SenderRecord, _>).collect()
    }

    pub async fn sender(&self, id: SenderId) -> Result<Option<Held<Sender>>, StoreError> {
        self.get(keys::sender(self.id(), id)).await?.map(read_as::<SenderRecord, _>).transpose()
    }

    pub fn sender_made(&self, sender: &Sender) -> Step {
        Step(vec![Entry::new(keys::sender(self.id(), sender.id), &SenderRecord::from(sender)).create()])
    }

    /// `Conflict` if somebody else has changed it since it was read.
    pub fn sender_changed(&self, held: &Held<Sender>, sender: &Sender) -> Step {
        let record = SenderRecord::from(sender);
        Step(vec![Entry::new(keys::sender(self.id(), held.id), &record).replace(held.version)])
    }

    /// `Conflict` as above.
    pub fn sender_ended(&self, held: &Held<Sender>) -> Step {
        Step(vec![Write::Delete(keys::sender(self.id(), held.id), When::Version(held.version))])
    }

    /// The identity is this tenant's from now on. `held`: whose it is so far; `Conflict` if that is not so any more.
    pub fn claimed(&self, identity: &Identity, held: Option<&Held<Claim>>, until: Option<Timestamp>) -> Step {
        let record = ClaimRecord { tenant: self.id(), until };
        let entry = Entry::new(keys::claim(identity), &record);
        Step(vec![entry.in_place_of(held)])
    }

    /// The identity is nobody's any more.
    pub fn claim_ended(identity: &Identity, held: &Held<Claim>) -> Step {
        Step(vec![Write::Delete(keys::claim(identity), When::Version(held.version))])
    }

    pub async fn sending(&self) -> Result<Option<Held<Sending>>, StoreError> {
        self.get(keys::sending(self.id())).await?.map(read_as::<SendingRecord, _>).transpose()
    }

    /// `Conflict` if somebody else has changed it since it was read.
    pub fn sending_put(&self, held: Option<&Held<Sending>>, sending: &Sending) -> Step {
        let record = SendingRecord::from(sending);
        let entry = Entry::new(keys::sending(self.id()), &record);
        Step(vec![entry.in_place_of(held)])
    }
}

#[derive(Serialize, Deserialize)]
struct ClaimRecord {
    tenant: TenantId,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    until: Option<Timestamp>,
}

impl From<ClaimRecord> for Claim {
    fn from(ClaimRecord { tenant, until }: ClaimRecord) -> Self {
        Self { tenant, until }
    }
}

#[derive(Serialize, Deserialize)]
struct SenderRecord {
    id: SenderId,
    identity: Identity,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Name>,
    standing: Standing,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    records: Vec<DnsRecord>,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    created_by: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    checked_at: Option<Timestamp>,
}

impl From<&Sender> for SenderRecord {
    fn from(sender: &Sender) -> Self {
        let Sender { id, identity, name, standing, records, created_at, created_by, checked_at } =
            sender.clone();
        Self { id, identity, name, standing, records, created_at, created_by, checked_at }
    }
}

impl From<SenderRecord> for Sender {
    fn from(record: SenderRecord) -> Self {
        let SenderRecord { id, identity, name, standing, records, created_at, created_by, checked_at } =
            record;
        Self { id, identity, name, standing, records, created_at, created_by, checked_at }
    }
}

#[derive(Serialize, Deserialize)]
struct SendingRecord {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mail: Option<MailProvider>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<TextProvider>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    sendgrid: Option<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "serde_bytes")]
    twilio: Option<Vec<u8>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prices: Option<Prices>,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    updated_by: UserId,
}

impl From<&Sending> for SendingRecord {
    fn from(sending: &Sending) -> Self {
        let Sending { mail, text, sendgrid, twilio, prices, updated_at, updated_by } = sending.clone();
        Self { mail, text, sendgrid, twilio, prices, updated_at, updated_by }
    }
}

impl From<SendingRecord> for Sending {
    fn from(record: SendingRecord) -> Self {
        let SendingRecord { mail, text, sendgrid, twilio, prices, updated_at, updated_by } = record;
        Self { mail, text, sendgrid, twilio, prices, updated_at, updated_by }
    }
}
