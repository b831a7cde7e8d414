//! The doors at which providers tell what became of messages. None of them asks who is signed in: whoever tells must have
//! signed it.
//!
//! What came is proven, understood and left for `receipt`, and only then answered with 200. A queue that takes nothing is a
//! 503, and every provider tells again.

pub(crate) mod answers;
pub(crate) mod sendgrid;
pub(crate) mod ses;
pub(crate) mod simulated;
pub(crate) mod twilio;

use std::collections::BTreeMap;

use axum::http::{HeaderMap, StatusCode};
use domain::{Receipt, Task, TenantId, campaign::MessageId, task::RECEIPTS_MAX};
use flows::{FlowError, Left, sending::ways};
use receipts::{BadSignature, Unreadable};
use store::TenantStore;

use crate::{Deps, error::Problem};

/// What is told of one message that has a name of ours.
type Named = (MessageId, Receipt);

/// Those whose message has a name of ours, and how many have none.
fn named(receipts: Vec<Receipt>) -> (Vec<Named>, usize) {
    let all = receipts.len();
    let named: Vec<Named> = receipts.into_iter().filter_map(|it| Some((it.message_id()?, it))).collect();
    let strange = all - named.len();
    (named, strange)
}

/// Leaves them for `receipt`: those of one chunk beside each other, so that they are kept together.
async fn left(deps: &Deps, mut named: Vec<Named>) -> Result<(), FlowError> {
    named.sort_by_key(|(id, _)| (id.campaign, id.chunk));
    let mut by_tenant = BTreeMap::<TenantId, Vec<Receipt>>::new();
    for (id, receipt) in named {
        by_tenant.entry(id.tenant).or_default().push(receipt);
    }
    let mut tasks = Vec::new();
    for (tenant, receipts) in by_tenant {
        let some = receipts.chunks(RECEIPTS_MAX);
        tasks.extend(some.map(|some| Left::from(Task::HearReceipts { tenant, receipts: some.to_vec() })));
    }
    if tasks.is_empty() { Ok(()) } else { deps.tasks.leave(tasks).await }
}

/// As `left`, of what a shop's own account told: it says nothing of other shops' messages.
async fn left_of(deps: &Deps, tenant: TenantId, receipts: Vec<Receipt>) -> Result<(), FlowError> {
    let (mut named, strange) = named(receipts);
    let all = named.len();
    named.retain(|(id, _)| id.tenant == tenant);
    let strange = strange + all - named.len();
    if strange > 0 {
        tracing::warn!(%tenant, strange, "receipts of messages that are none of this shop's");
    }
    left(deps, named).await
}

/// A shop that is named in an address, with what it has told us of its providers.
async fn shop(deps: &Deps, named: &str) -> Result<(TenantStore, flows::sending::Ways), Problem> {
    let tenant = named.parse().map_err(|_| FlowError::NotFound("shop"))?;
    let store = deps.store.for_task(tenant);
    let ways = ways(&store, &deps.seals()).await?;
    Ok((store, ways))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn unproven(why: BadSignature) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "bad_signature", why.to_string())
}

fn unreadable(wrong: Unreadable) -> Problem {
    FlowError::invalid(wrong.at, "unreadable", wrong.what).into()
}

/// What of a batch could not be read: somebody must look at it, and the rest is heard.
fn noted(provider: &str, unread: &[Unreadable]) {
    if let Some(first) = unread.first() {
        tracing::warn!(
            provider,
            unread = unread.len(),
            at = first.at,
            what = first.what,
            "receipts that cannot be read"
        );
    }
}
