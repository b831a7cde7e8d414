//! What functions ask of each other, as one tagged enum that travels through the queues as JSON.
//!
//! A task may come twice, late and out of order: it names what to do by id, and never carries a secret.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;

use crate::{
    CampaignId, CustomerId, InvitationId, JobId, Receipt, ReportId, RequestId, ResetId, RunId, SegmentId,
    TenantId, Thing, Timestamp, Tried, UserId,
    event::{Bridged, Received},
    timeline::Channel,
};

/// So much JSON is a task at most: `SQS` takes no longer message.
pub const TASK_BYTES_MAX: usize = 1024 * 1024;

/// So many receipts are in one task at most: done long before the function that hears them must end.
pub const RECEIPTS_MAX: usize = 200;

/// One piece of work for one queue function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "task", rename_all = "snake_case", deny_unknown_fields)]
pub enum Task {
    /// Mail an invitation to the address it is for.
    MailInvitation { tenant: TenantId, invitation: InvitationId },
    /// Mail the one-time link of a password reset.
    MailReset { reset: ResetId },
    /// Mail the owners that Shopify does not let us into their shop any more.
    MailNotice { tenant: TenantId },
    /// Mail whoever launched a campaign that it is over, or has failed.
    MailCampaign { tenant: TenantId, campaign: CampaignId },
    /// Mail the owners that a sync of their shop has failed.
    MailSync { tenant: TenantId, run: RunId },
    /// Text a member the code that proves a telephone to be theirs.
    TextCode { tenant: TenantId, user: UserId },
    /// Look at a shard of the audience, and fold what has changed in it.
    KeepShard { tenant: TenantId, shard: u32 },
    /// Ask all of a shard of the audience once more who is in a segment.
    RefreshSegment { tenant: TenantId, shard: u32, segment: SegmentId },
    /// Read a shard of the audience whole, and make it anew if that cannot be done.
    CheckShard { tenant: TenantId, shard: u32 },
    /// Make a shard of the audience anew from the record.
    RebuildShard { tenant: TenantId, shard: u32 },
    /// Work out where a shop's fifths end and what its customers will do, if that is wanted by now.
    ScoreShop { tenant: TenantId },
    /// Go on with an import or export where it stands.
    DoJob { tenant: TenantId, job: JobId },
    /// Bring here what a shop has: the run's step of that number, and no earlier one's again.
    DoRun { tenant: TenantId, run: RunId, step: u32 },
    /// Tell who watches how many are in segments by now.
    TellCounts { tenant: TenantId },
    /// Tell who watches how a campaign's messages fare by now.
    TellCampaign { tenant: TenantId, campaign: CampaignId },
    /// Do what somebody asks by law: gather all that is known of them, or forget them.
    AnswerRequest { tenant: TenantId, request: RequestId },
    /// Mail the owners that what somebody asked for is there.
    MailRequest { tenant: TenantId, request: RequestId },
    /// Mail a report's link to those who get it, if its time has come.
    MailReport { tenant: TenantId, report: ReportId },
    /// Understand what a shop has told, and do it. Whose the shop is is found then.
    ApplyEvent { event: Box<Received> },
    /// The same of an event that came by the shops' event bus. `template.yaml` writes these: nobody else leaves one.
    ApplyBridged { event: Bridged },
    /// Ask the shop for a thing of which an event did not tell all. The event happened then, and has that id.
    ReadAgain { tenant: TenantId, thing: Thing, at: Timestamp, event: String },
    /// See whether the basket of that checkout was left behind.
    SettleCart { tenant: TenantId, token: String },
    /// Tell the shop what its customer has told us: whether they want to be written to.
    TellConsent { tenant: TenantId, customer: CustomerId, channel: Channel },
    /// Look after a shop's connection: its tokens, and what it tells us.
    TendShop { tenant: TenantId },
    /// Look at a campaign that is under way, and do what is next: choose who gets it, send, count, end it.
    KeepCampaign { tenant: TenantId, campaign: CampaignId },
    /// Send a campaign's chunks from that one on, each time the next but `campaign::LANES`.
    SendLane { tenant: TenantId, campaign: CampaignId, from: u32 },
    /// Send what is left of one chunk: its lane could not wait for it.
    SendChunk { tenant: TenantId, campaign: CampaignId, number: u32 },
    /// Send words to a few who try them: to nobody whom a campaign is for.
    SendTrial { tenant: TenantId, trial: Box<Tried> },
    /// Keep what became of messages of theirs: at most `RECEIPTS_MAX` of it.
    HearReceipts { tenant: TenantId, receipts: Vec<Receipt> },
    /// The same of what AWS has told, as it came: see `read`.
    HearEvent { event: Bridged },
    /// The same of texts that their provider knows by its own ids alone: whose they are is found then. Once more, where one is
    /// not known: who sent it may be about to say so.
    HearTexts { receipts: Vec<Receipt>, is_again: bool },
}

impl Task {
    /// As it stands in a queue. SES's events, which SNS brings as they are, and pieces of SNS's log are tasks, too.
    pub fn read(body: &str) -> serde_json::Result<Self> {
        let read = serde_json::from_str(body);
        if read.is_ok() {
            return read;
        }
        match serde_json::from_str(body) {
            Ok(Value::Object(event)) if is_by_aws(&event) => {
                Ok(Self::HearEvent { event: Bridged(Value::Object(event)) })
            }
            _ => read,
        }
    }

    /// The queue that carries it.
    pub fn queue(&self) -> Queue {
        match self {
            Self::MailInvitation { .. }
            | Self::MailReset { .. }
            | Self::MailNotice { .. }
            | Self::MailRequest { .. }
            | Self::MailReport { .. }
            | Self::MailCampaign { .. }
            | Self::MailSync { .. }
            | Self::TextCode { .. } => Queue::Notify,
            Self::KeepShard { .. }
            | Self::RefreshSegment { .. }
            | Self::CheckShard { .. }
            | Self::RebuildShard { .. }
            | Self::ScoreShop { .. } => Queue::Audience,
            // It has the files, and the processor that a shard of the audience takes.
            Self::DoJob { .. } | Self::AnswerRequest { .. } => Queue::Import,
            // It waits for a moment, and has the sockets.
            Self::DoRun { .. } | Self::TellCounts { .. } | Self::TellCampaign { .. } => Queue::Sync,
            Self::ApplyEvent { .. }
            | Self::ApplyBridged { .. }
            | Self::ReadAgain { .. }
            | Self::SettleCart { .. }
            | Self::TellConsent { .. }
            | Self::TendShop { .. } => Queue::Ingest,
            Self::KeepCampaign { .. } => Queue::Campaign,
            Self::SendLane { .. } | Self::SendChunk { .. } | Self::SendTrial { .. } => Queue::Send,
            Self::HearReceipts { .. } | Self::HearEvent { .. } | Self::HearTexts { .. } => Queue::Receipt,
        }
    }

    /// Whose it is, if it is a tenant's.
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::MailInvitation { tenant, .. }
            | Self::KeepShard { tenant, .. }
            | Self::RefreshSegment { tenant, .. }
            | Self::CheckShard { tenant, .. }
            | Self::RebuildShard { tenant, .. }
            | Self::DoJob { tenant, .. }
            | Self::DoRun { tenant, .. }
            | Self::AnswerRequest { tenant, .. }
            | Self::MailRequest { tenant, .. }
            | Self::MailReport { tenant, .. }
            | Self::MailCampaign { tenant, .. }
            | Self::MailSync { tenant, .. }
            | Self::TextCode { tenant, .. }
            | Self::KeepCampaign { tenant, .. }
            | Self::TellCampaign { tenant, .. }
            | Self::SendLane { tenant, .. }
            | Self::SendChunk { tenant, .. }
            | Self::SendTrial { tenant, .. }
            | Self::HearReceipts { tenant, .. }
            | Self::ReadAgain { tenant, .. }
            | Self::SettleCart { tenant, .. }
            | Self::TellConsent { tenant, .. }
            | Self::MailNotice { tenant }
            | Self::ScoreShop { tenant }
            | Self::TellCounts { tenant }
            | Self::TendShop { tenant } => Some(*tenant),
            Self::MailReset { .. }
            | Self::ApplyEvent { .. }
            | Self::ApplyBridged { .. }
            | Self::HearEvent { .. }
            | Self::HearTexts { .. } => None,
        }
    }

    /// What it must be fair to, or, on a FIFO queue, in order with: the message group.
    /// What belongs to nobody shares one group.
    pub fn group(&self) -> String {
        match self {
            Self::KeepShard { tenant, shard }
            | Self::RefreshSegment { tenant, shard, .. }
            | Self::CheckShard { tenant, shard }
            | Self::RebuildShard { tenant, shard } => format!("{tenant}.{shard}"),
            Self::DoJob { tenant, job } => format!("{tenant}.{job}"),
            // One that takes long keeps no other of the same shop waiting.
            Self::KeepCampaign { tenant, campaign } => format!("{tenant}.{campaign}"),
            // It has nothing to do with how a shard is kept.
            Self::ScoreShop { tenant } => format!("{tenant}.scores"),
            // One shop's sale does not delay another's.
            Self::ApplyEvent { event } => event.shop.to_string(),
            other => other.tenant().map_or_else(|| "people".to_owned(), |tenant| tenant.to_string()),
        }
    }
}

/// By what it says of itself: SES's, bare or in an envelope of SNS's or of an event bus; or a piece of a log.
fn is_by_aws(event: &Map<String, Value>) -> bool {
    let has = |name: &str| event.contains_key(name);
    let names = ["eventType", "notificationType", "TopicArn", "detail-type", "logEvents"];
    !has("task") && names.into_iter().any(has)
}

/// The queues, named as the functions that they call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    Audience,
    Campaign,
    Import,
    Ingest,
    Notify,
    Receipt,
    Send,
    Sync,
}

impl Queue {
    pub const ALL: [Self; 8] = [
        Self::Audience,
        Self::Campaign,
        Self::Import,
        Self::Ingest,
        Self::Notify,
        Self::Receipt,
        Self::Send,
        Self::Sync,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Audience => "audience",
            Self::Campaign => "campaign",
            Self::Import => "import",
            Self::Ingest => "ingest",
            Self::Notify => "notify",
            Self::Receipt => "receipt",
            Self::Send => "send",
            Self::Sync => "sync",
        }
    }

    /// Whether the queue keeps the order within a group, one message of it at a time.
    pub fn is_fifo(self) -> bool {
        match self {
            // Of two who keep one shard or one campaign, or do one job, at once, one would work in vain.
            Self::Audience | Self::Campaign | Self::Import => true,
            // A FIFO queue delays as a whole, and each page waits for its own time.
            Self::Ingest | Self::Notify | Self::Receipt | Self::Send | Self::Sync => false,
        }
    }
}

impl fmt::Display for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
