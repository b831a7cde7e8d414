//! Every key, in one place. What follows the tenant's `#` can never belong to a neighbour: ids have one fixed
//! form without `#`.
//!
//! | item | pk | sk | gsi1 |
//! |---|---|---|---|
//! | login by mail address, by Google account | `LOGIN#<email>` · `LOGIN#google:<subject>` | `LOGIN` | |
//! | who a person of a shop's staff is here | `LOGIN#shopify:<shop>:<number>` | `LOGIN` | |
//! | user | `USER#<id>` | `USER` | |
//! | membership, as the user sees it | `USER#<id>` | `IN#<tenant>` | |
//! | session family | `SESSION#<id>` | `SESSION` | |
//! | API key, by its hash | `KEY#<hash>` | `KEY` | |
//! | request for a new password | `RESET#<id>` | `RESET` | due |
//! | whose a shop is | `SHOP#<domain>` | `SHOP` | |
//! | whose an address, a domain or a number is | `SENDER#<it>` | `SENDER` | |
//! | tenant | `T#<t>#` | `TENANT` | |
//! | connection to its shop | `T#<t>#` | `SHOP` | |
//! | when it is looked after next | `T#<t>#` | `UPKEEP` | while open: due |
//! | that it is over, for the owners | `T#<t>#` | `NOTICE` | until told: due |
//! | member, as the team sees it | `T#<t>#` | `USER#<user>` | |
//! | invitation | `T#<t>#` | `INV#<id>` | due |
//! | API key, as the team sees it | `T#<t>#` | `KEY#<id>` | |
//! | job | `T#<t>#` | `JOB#<id>` | while open: due |
//! | run of a sync | `T#<t>#` | `RUN#<id>` | while open: due |
//! | what its runs have to do with each other | `T#<t>#` | `SYNC` | while connected: due |
//! | segment | `T#<t>#` | `SEG#<id>` | |
//! | report | `T#<t>#` | `REP#<id>` | |
//! | to whom a report is mailed, and when | `T#<t>#` | `MAIL#<report>` | due |
//! | the columns of its own | `T#<t>#` | `OWN` | |
//! | when segments are looked at next | `T#<t>#` | `SEG` | while there are any: due |
//! | what was worked out of customers; when it is next | `T#<t>#` | `SCORES` | due |
//! | that it was worked out | `T#<t>#` | `FIT#<milliseconds>` | |
//! | that a day was settled in all segments | `T#<t>#` | `SWEEP#<milliseconds>` | |
//! | template | `T#<t>#` | `TPL#<id>` | |
//! | words of an edition of it | `T#<t>#` | `WORDS#<id>#<edition>` | |
//! | campaign | `T#<t>#` | `CMP#<id>` | while it waits, or is under way: due |
//! | words of an edition of it, and others that it tries; a move of it | `T#<t>#` | `SAYS#<id>#<edition>` · `SAYS#<id>#<edition>#<arm>` · `MOVE#<id>#<turn>` | |
//! | its plan; who is in a part of it, in a shard | `T#<t>#K#<id>` | `PLAN` · `W#<plan>#<part>#<shard>` | |
//! | that it has written, and how often anything else became of that; of one type of event, to whom in a shard | `T#<t>#` · `T#<t>#K#<id>` | `WRITTEN#<id>` · `V#<type>#<shard>` | |
//! | what became of messages that are sent together | `T#<t>#K#<id>#<0..15>` | `P#<number>` | |
//! | that a campaign has written | `T#<t>#C#<customer>` | `E#<milliseconds>#K#<campaign>` | |
//! | that plans were laid, whichever campaigns' | `T#<t>#` | `LAID` | |
//! | that its end was told; which mails and texts a member wants | `T#<t>#` | `TOLD#<campaign>` · `WANTS#<user>` | |
//! | a member's telephone; which ways a notice went to them | `T#<t>#` | `TEL#<user>` · `SENT#<notice>#<user>` | |
//! | in whose name it writes | `T#<t>#` | `SND#<id>` | |
//! | by whom its messages go | `T#<t>#` | `SENDING` | |
//! | what watchers were told of counts; of a campaign | `T#<t>#` | `COUNTED` · `HEARD#<campaign>` | |
//! | what somebody asks by law | `T#<t>#` | `PRV#<id>` | until done: due |
//! | what became of an event | `T#<t>#` | `EVT#<milliseconds>#<event>` | |
//! | when its shop last told of each kind of event | `T#<t>#` | `TOPICS` | |
//! | who searches a queue's dead letters just now | `SIFT#<queue>` | `SIFT` | |
//! | data key, wrapped | `T#<t>#` | `DATAKEY` | |
//! | answer kept for an idempotency key | `T#<t>#I` | `<digest>` | |
//! | the same of whoever is in no tenant | `ONCE#<digest>` | `ANSWER` | |
//! | something used once | `ONCE#<digest>` | `USED` | |
//! | which text a provider calls so | `TEXT#<its id>` | `TEXT` | |
//! | slots given out | `T#<t>#` | `SLOTS` | |
//! | customer | `T#<t>#C#<customer>` | `PROFILE` | |
//! | what they told us and their shop does not know yet | `T#<t>#C#<customer>` | `UNTOLD#<channel>` | due |
//! | order, with its customer | `T#<t>#C#<customer>` | `E#<milliseconds>#O#<number>` | |
//! | consent, as it was told | `T#<t>#C#<customer>` | `E#<milliseconds>#C#<channel>` | |
//! | merge, as it happened | `T#<t>#C#<customer>` | `E#<milliseconds>#M#<customer>` | |
//! | when a thing was last read of the shop | `T#<t>#X` | `<kind> <id>` | |
//! | basket of a checkout | `T#<t>#B` | `<token>` | to be looked at: due |
//! | which checkouts bear another name than their token | `T#<t>#N` | `cart.<token>` · `id.<number>` | |
//! | that somebody joined a segment, or left it | `T#<t>#C#<customer>` | `E#<milliseconds>#S#<segment>#<turn>` | |
//! | basket that was left behind | `T#<t>#C#<customer>` | `E#<milliseconds>#B#<token>` | |
//! | where an order is | `T#<t>#O#<order>` | `AT` | |
//! | that an order was deleted | `T#<t>#G` | `<order>` | |
//! | how often tags of products have changed, of those of one partition | `T#<t>#` | `TAGS#<0..15>` | |
//! | product, or that it is gone | `T#<t>#P#<0..15>` | `<product>` | |
//! | who has an address, or a name in another system | `T#<t>#E#<digest>` | `EMAIL` · `PHONE` · `CALLED` | |
//! | since when an address is nobody's; which addresses are | `T#<t>#E#<digest>` · `T#<t>#F` | `GONE` · `<digest>` | |
//! | what a customer is called in another system | `T#<t>#C#<customer>` | `CALLED#<digest>` | |
//! | that an address is not written to | `T#<t>#U#<0..15>` | `<digest>` | |
//! | whose slots these are | `T#<t>#A#<shard>` | `C#<slot>` | |
//! | changed row of the audience | `T#<t>#A#<shard>` | `D#<slot>` | |
//! | who is in a segment, in a shard; as of when | `T#<t>#A#<shard>` | `S#<segment>` · `S` | |
//! | head of a shard | `T#<t>#A#<shard>` | `H` | |
//! | block of a shard, recent rows of a shard | `T#<t>#A#<shard>` | `B#<version>#<family>#<block>#<chunk>` · `R#<version>#<chunk>` | |
//! | socket, as the gateway names it; as its tenant's | `SOCKET#<id>` · `T#<t>#SOCKETS` | `SOCKET` · `<id>` | |
//! | rate bucket | `T#<t>#R#api` · `RATE#<digest>` | `RATE` | |
//!
//! Due work stands in the index under `DUE#<0..15>` / `<milliseconds>#<what>#<id>`.

use domain::{
    ApiKeyId, EmailAddress, InvitationId, JobId, Queue, ReportId, RequestId, ResetId, RunId, SegmentId,
    SessionId, ShopDomain, SocketId, TemplateId, TenantId, Timestamp, UserId,
};
use std::fmt::Display;

use crate::table::RawKey;

mod audience;
mod campaigns;
mod record;
mod senders;

pub(crate) use audience::*;
pub(crate) use campaigns::*;
pub(crate) use record::*;
pub(crate) use senders::*;

/// How many partitions of the index the due work is spread over.
pub(crate) const DUE_PARTITIONS: u8 = 16;

pub(crate) fn login(email: &EmailAddress) -> RawKey {
    RawKey::new(format!("LOGIN#{email}"), "LOGIN")
}

/// `subject` is checked by whoever verifies the provider's token: up to 255 bytes.
pub(crate) fn google_login(subject: &str) -> RawKey {
    RawKey::new(format!("LOGIN#google:{subject}"), "LOGIN")
}

/// `number` is checked by whoever verifies the session token: letters, digits and `-`.
pub(crate) fn staff_login(shop: &ShopDomain, number: &str) -> RawKey {
    RawKey::new(format!("LOGIN#shopify:{shop}:{number}"), "LOGIN")
}

pub(crate) fn user(id: UserId) -> RawKey {
    RawKey::new(format!("USER#{id}"), "USER")
}

pub(crate) const MEMBERSHIPS: &str = "IN#";

pub(crate) fn membership(user: UserId, tenant: TenantId) -> RawKey {
    RawKey::new(format!("USER#{user}"), format!("{MEMBERSHIPS}{tenant}"))
}

pub(crate) fn session(id: SessionId) -> RawKey {
    RawKey::new(format!("SESSION#{id}"), "SESSION")
}

pub(crate) fn api_key_by_hash(hash: &str) -> RawKey {
    RawKey::new(format!("KEY#{hash}"), "KEY")
}

pub(crate) fn reset(id: ResetId) -> RawKey {
    RawKey::new(format!("RESET#{id}"), "RESET")
}

pub(crate) fn shop(domain: &ShopDomain) -> RawKey {
    RawKey::new(format!("SHOP#{domain}"), "SHOP")
}

/// The partition of a tenant's own items.
pub(crate) fn tenant_partition(tenant: TenantId) -> String {
    format!("T#{tenant}#")
}

pub(crate) fn tenant(id: TenantId) -> RawKey {
    RawKey::new(tenant_partition(id), "TENANT")
}

pub(crate) fn connection(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "SHOP")
}

pub(crate) fn upkeep(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "UPKEEP")
}

pub(crate) fn notice(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "NOTICE")
}

pub(crate) const MEMBERS: &str = "USER#";

pub(crate) fn member(tenant: TenantId, user: UserId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{MEMBERS}{user}"))
}

pub(crate) const INVITATIONS: &str = "INV#";

pub(crate) fn invitation(tenant: TenantId, id: InvitationId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{INVITATIONS}{id}"))
}

pub(crate) const API_KEYS: &str = "KEY#";

pub(crate) fn api_key(tenant: TenantId, id: ApiKeyId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{API_KEYS}{id}"))
}

pub(crate) const JOBS: &str = "JOB#";

pub(crate) fn job(tenant: TenantId, id: JobId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{JOBS}{id}"))
}

pub(crate) const RUNS: &str = "RUN#";

pub(crate) fn run(tenant: TenantId, id: RunId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{RUNS}{id}"))
}

pub(crate) fn syncing(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "SYNC")
}

pub(crate) const REQUESTS: &str = "PRV#";

pub(crate) fn request(tenant: TenantId, id: RequestId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{REQUESTS}{id}"))
}

/// What all of a tenant's segments have to do with each other. It sorts before them.
pub(crate) const SEGMENTS: &str = "SEG";

pub(crate) fn segments(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), SEGMENTS)
}

pub(crate) fn counted(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "COUNTED")
}

pub(crate) const SEGMENT: &str = "SEG#";

pub(crate) fn segment(tenant: TenantId, id: SegmentId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{SEGMENT}{id}"))
}

pub(crate) fn scores(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "SCORES")
}

pub(crate) const SCORING_RUNS: &str = "FIT#";

pub(crate) fn scoring_run(tenant: TenantId, wanted_at: Timestamp) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{SCORING_RUNS}{}", millis(wanted_at)))
}

pub(crate) const TEMPLATE: &str = "TPL#";

pub(crate) fn template(tenant: TenantId, id: TemplateId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{TEMPLATE}{id}"))
}

pub(crate) fn template_words(tenant: TenantId, id: TemplateId, edition: u32) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("WORDS#{id}#{edition}"))
}

pub(crate) const REPORTS: &str = "REP#";

pub(crate) fn report(tenant: TenantId, id: ReportId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{REPORTS}{id}"))
}

pub(crate) const MAILINGS: &str = "MAIL#";

pub(crate) fn mailing(tenant: TenantId, report: ReportId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{MAILINGS}{report}"))
}

pub(crate) const NOTED: &str = "EVT#";

/// The event's id is letters and signs without `#`.
pub(crate) fn noted(tenant: TenantId, at: Timestamp, id: &str) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{NOTED}{:015}#{id}", at.as_millisecond()))
}

pub(crate) fn topics(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "TOPICS")
}

/// All tenants' are in one queue.
pub(crate) fn sift(queue: Queue) -> RawKey {
    RawKey::new(format!("SIFT#{queue}"), "SIFT")
}

pub(crate) fn data_key(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "DATAKEY")
}

pub(crate) fn answers(tenant: TenantId) -> String {
    format!("T#{tenant}#I")
}

pub(crate) fn answer(tenant: Option<TenantId>, digest: &str) -> RawKey {
    match tenant {
        Some(tenant) => RawKey::new(answers(tenant), digest),
        None => RawKey::new(format!("ONCE#{digest}"), "ANSWER"),
    }
}

pub(crate) fn used(digest: &str) -> RawKey {
    RawKey::new(format!("ONCE#{digest}"), "USED")
}

/// What a provider calls a text: letters, digits, `-` and `_`, as `texts` sees to.
pub(crate) fn text(vendor_id: &str) -> RawKey {
    RawKey::new(format!("TEXT#{vendor_id}"), "TEXT")
}

pub(crate) fn rate_of_tenant(tenant: TenantId) -> RawKey {
    RawKey::new(format!("T#{tenant}#R#api"), "RATE")
}

pub(crate) fn rate_of_digest(digest: &str) -> RawKey {
    RawKey::new(format!("RATE#{digest}"), "RATE")
}

pub(crate) fn socket(id: &SocketId) -> RawKey {
    RawKey::new(format!("SOCKET#{id}"), "SOCKET")
}

/// The partition of all who watch a tenant.
pub(crate) fn sockets(tenant: TenantId) -> String {
    format!("T#{tenant}#SOCKETS")
}

pub(crate) fn socket_of(tenant: TenantId, id: &SocketId) -> RawKey {
    RawKey::new(sockets(tenant), id.as_str())
}

pub(crate) fn slots(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "SLOTS")
}

pub(crate) fn due_partition(partition: u8) -> String {
    format!("DUE#{partition}")
}

/// `id` decides the partition, so that one item stands in one place whenever it is due.
pub(crate) fn due(at: Timestamp, what: &str, id: impl Display) -> RawKey {
    let id = id.to_string();
    let partition = spread(&id) % DUE_PARTITIONS;
    RawKey::new(due_partition(partition), format!("{}#{what}#{id}", millis(at)))
}

fn spread(id: &str) -> u8 {
    id.bytes().fold(0, u8::wrapping_add)
}

/// Everything due before `at` sorts below this.
pub(crate) fn due_before(at: Timestamp) -> String {
    millis(at)
}

/// Padded, so that the order of the texts is the order of the instants.
fn millis(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

#[cfg(test)]
mod tests;
