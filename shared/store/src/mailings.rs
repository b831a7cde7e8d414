//! To whom reports are mailed, and when: an item beside each such report, due when it is to be mailed next.

use domain::{
    ReportId, Timestamp, UserId,
    campaign::Schedule,
    report::{Format, Mailing, Trouble},
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

pub(crate) const DUE_MAILING: &str = "mailing";

impl TenantStore {
    /// One for each report that is mailed.
    pub async fn mailings(&self) -> Result<Vec<Held<Mailing>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::MAILINGS).await?;
        items.into_iter().map(read_as::<MailingRecord, _>).collect()
    }

    pub async fn mailing(&self, report: ReportId) -> Result<Option<Held<Mailing>>, StoreError> {
        self.get(keys::mailing(self.id(), report)).await?.map(read_as::<MailingRecord, _>).transpose()
    }

    /// In the place of what was held. `Conflict` if somebody else has changed it since it was read.
    pub fn mailing_set(&self, held: Option<&Held<Mailing>>, mailing: &Mailing) -> Step {
        let record = MailingRecord::from(mailing);
        let due = keys::due(mailing.due_at, DUE_MAILING, format_args!("{}.{}", self.id(), mailing.report));
        let entry = Entry::new(keys::mailing(self.id(), mailing.report), &record).due(Some(due));
        Step(vec![entry.in_place_of(held)])
    }

    /// `Conflict` as above.
    pub fn mailing_ended(&self, held: &Held<Mailing>) -> Step {
        Step(vec![Write::Delete(keys::mailing(self.id(), held.report), When::Version(held.version))])
    }
}

#[derive(Serialize, Deserialize)]
struct MailingRecord {
    report: ReportId,
    schedule: Schedule,
    to: Vec<UserId>,
    format: Format,
    #[serde(with = "millisecond::required")]
    set_at: Timestamp,
    set_by: UserId,
    #[serde(with = "millisecond::required")]
    next_at: Timestamp,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    done: Vec<UserId>,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    told_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
}

impl From<&Mailing> for MailingRecord {
    fn from(mailing: &Mailing) -> Self {
        let Mailing { report, schedule, to, format, set_at, set_by, next_at, done, due_at, .. } =
            mailing.clone();
        let Mailing { claimed_until, told_at, trouble, .. } = *mailing;
        Self {
            report,
            schedule,
            to,
            format,
            set_at,
            set_by,
            next_at,
            done,
            due_at,
            claimed_until,
            told_at,
            trouble,
        }
    }
}

impl From<MailingRecord> for Mailing {
    fn from(record: MailingRecord) -> Self {
        let MailingRecord { report, schedule, to, format, set_at, set_by, next_at, done, due_at, .. } =
            record;
        let (claimed_until, told_at, trouble) = (record.claimed_until, record.told_at, record.trouble);
        Self {
            report,
            schedule,
            to,
            format,
            set_at,
            set_by,
            next_at,
            done,
            due_at,
            claimed_until,
            told_at,
            trouble,
        }
    }
}
