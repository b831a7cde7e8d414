//! A sender as callers see it.

use domain::{
    Sender, SenderId, Standing, Timestamp, UserId,
    sender::{DnsRecord, Identity, RecordKind},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct SenderView {
    #[schema(value_type = String)]
    pub(super) id: SenderId,
    /// `address`, `domain`, `number` or `name`.
    kind: &'static str,
    identity: String,
    /// `email` or `sms`.
    channel: &'static str,
    /// Shown beside an address; `null`: the shop's.
    name: Option<String>,
    /// `unverified`: the provider has not been told of it yet; `pending`: its proof is awaited; `verified`; `failed`: there was none
    /// in time. Campaigns go out in the name of those that are verified.
    status: &'static str,
    /// What is to be done for its proof; `null` where nothing is.
    to_do: Option<&'static str>,
    /// What is to stand in the domain's DNS.
    records: Vec<RecordView>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    created_by: UserId,
    /// When the provider was asked last.
    #[schema(value_type = Option<String>, format = DateTime)]
    checked_at: Option<Timestamp>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct RecordView {
    /// `CNAME`, `MX` or `TXT`.
    #[serde(rename = "type")]
    kind: &'static str,
    name: String,
    value: String,
}

impl SenderView {
    pub(super) fn of(sender: &Sender) -> Self {
        Self {
            id: sender.id,
            kind: sender.identity.kind(),
            identity: sender.identity.as_str().to_owned(),
            channel: sender.identity.channel().name(),
            name: sender.name.as_ref().map(|name| name.as_str().to_owned()),
            status: sender.standing.name(),
            to_do: to_do(sender),
            records: sender.records.iter().map(RecordView::of).collect(),
            created_at: sender.created_at,
            created_by: sender.created_by,
            checked_at: sender.checked_at,
        }
    }
}

impl RecordView {
    fn of(record: &DnsRecord) -> Self {
        let kind = match record.kind {
            RecordKind::Cname => "CNAME",
            RecordKind::Mx => "MX",
            RecordKind::Txt => "TXT",
        };
        Self { kind, name: record.name.clone(), value: record.value.clone() }
    }
}

fn to_do(sender: &Sender) -> Option<&'static str> {
    match (sender.standing, &sender.identity) {
        (Standing::Verified, _) => None,
        (Standing::Unverified, _) => Some("ask at …/check: the provider has not been told of it yet"),
        (Standing::Failed, _) => Some("there was no proof in time: end it, and add it anew"),
        (Standing::Pending, Identity::Domain(_)) => {
            Some("let the records stand in the domain's DNS, and ask at …/check within three days")
        }
        (Standing::Pending, Identity::Address(_)) => Some(
            "open the link in the mail that the provider has sent there, and ask at …/check within three days",
        ),
        (Standing::Pending, Identity::Number(_)) => Some(
            "it is no number of the account that texts go by: get it there, and ask at …/check within three days",
        ),
        (Standing::Pending, Identity::Name(_)) => Some("ask at …/check"),
    }
}
