//! Tells the owners that a sync of their shop has failed: of some in a row the first, and no other until one has ended well.
//!
//! Whoever mails it claims it first, where it stands: with what the tenant's runs have to do with each other. Whoever does not want
//! such mail, or such texts, gets none.

use domain::{
    ConnectionState, Role, Run, RunId, RunState, Syncing, TenantId, invitation::claim, run::FailureUntold,
};
use flows::FlowError;
use store::{StoreError, TenantStore};

use crate::{
    Deps, mails, must_be_free,
    reaching::{Notice, Wanted},
};

/// As often as runs of the tenant's begin and end meanwhile.
const TRIES: usize = 8;

/// Told already, or ended well since: there is nothing to say. Nor is there where the shop has to be connected again, which a mail
/// of its own says, or has been let go.
pub(crate) async fn mail(deps: &Deps, tenant: TenantId, id: RunId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let (Some(held), Some(team)) = (store.syncing().await?, store.tenant().await?) else { return Ok(()) };
    let Some(untold) = held.untold.filter(|untold| untold.run == id) else { return Ok(()) };
    let connection = store.connection().await?.filter(|it| it.state == ConnectionState::Connected);
    let why = store.run(id).await?.and_then(|run| why(&run));
    let (Some(connection), Some(why)) = (connection, why) else { return left(&store, id, None).await };
    must_be_free(untold.claimed_until, now)?;
    let claimed = Syncing {
        untold: Some(FailureUntold { run: id, claimed_until: Some(claim(now)) }),
        ..Syncing::clone(&held)
    };
    store.commit(vec![store.syncing_changed(Some(&held), &claimed)]).await?;
    let (what, page) = (format!("{id}.failed"), format!("{}/connect", deps.origin));
    let notice = Notice { deps, store: &store, shop: &team.name, what, page };
    let mut sent = Ok(());
    for owner in store.members().await?.iter().filter(|member| member.role == Role::Owner) {
        let wanted = store.mails_wanted(owner.user).await?;
        let wanted = Wanted { mail: wanted.syncs, text: wanted.texts.syncs };
        let letter = || mails::sync_failed((id, &why), &connection.shop, held.next_at, owner, &deps.origin);
        sent = sent.and(notice.told(owner.user, wanted, letter).await);
    }
    let untold = sent.is_err().then_some(FailureUntold { run: id, claimed_until: None });
    sent.and(left(&store, id, untold).await)
}

fn why(run: &Run) -> Option<String> {
    match &run.state {
        RunState::Failed { why } => Some(why.clone()),
        RunState::Queued | RunState::Running | RunState::Completed => None,
    }
}

/// What is still to be told of that run. Of another that has failed since it says nothing.
async fn left(store: &TenantStore, id: RunId, untold: Option<FailureUntold>) -> Result<(), FlowError> {
    for _ in 0..TRIES {
        let Some(held) = store.syncing().await? else { return Ok(()) };
        if held.untold.is_none_or(|untold| untold.run != id) {
            return Ok(());
        }
        let after = Syncing { untold, ..Syncing::clone(&held) };
        match store.commit(vec![store.syncing_changed(Some(&held), &after)]).await {
            Err(StoreError::Conflict(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(StoreError::Conflict(0).into())
}
