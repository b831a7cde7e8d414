//! What is asked about runs: answered with what the API would say of them.

use domain::{RunId, Socket};
use flows::{FlowError, progress::SyncProgress};
use serde_json::{Value, json};
use store::StoreError;

use crate::hearing::Watcher;

/// How often a socket is read again when it changes at the same moment.
const READS_MAX: usize = 5;

/// Those that are under way.
pub(crate) async fn active(watcher: &Watcher<'_>) -> Result<(), FlowError> {
    let open = watcher.caller.store.open_run().await?;
    let told: Vec<_> = open.iter().map(|run| SyncProgress::of(run)).collect();
    watcher.say("sync:active", &json!(told)).await
}

/// First the wish, then how it stands: so nothing that happens between is missed.
pub(crate) async fn subscribed(watcher: &Watcher<'_>, name: &str) -> Result<(), FlowError> {
    let Some((run, _)) = known(watcher, name).await? else { return unknown(watcher, name).await };
    changed(watcher, |socket| socket.hearing_of(run).map_err(|full| full.to_string())).await?;
    status(watcher, name).await
}

pub(crate) async fn unsubscribed(watcher: &Watcher<'_>, name: &str) -> Result<(), FlowError> {
    let Ok(run) = name.parse::<RunId>() else { return unknown(watcher, name).await };
    changed(watcher, |socket| Ok(socket.deaf_to(run))).await?;
    watcher.say("sync:unsubscribed", &json!({"sync_run_id": run})).await
}

pub(crate) async fn status(watcher: &Watcher<'_>, name: &str) -> Result<(), FlowError> {
    match known(watcher, name).await? {
        Some((_, told)) => watcher.say("sync:progress", &told).await,
        None => unknown(watcher, name).await,
    }
}

/// Another tenant's is not there, either.
async fn known(watcher: &Watcher<'_>, name: &str) -> Result<Option<(RunId, Value)>, FlowError> {
    let Ok(id) = name.parse::<RunId>() else { return Ok(None) };
    let (run, now) = (watcher.caller.store.run(id).await?, watcher.deps.clock.now());
    let run = run.filter(|run| run.forgotten_at().is_none_or(|at| now < at));
    Ok(run.map(|run| (id, json!(SyncProgress::of(&run)))))
}

/// What was said to be its name comes back in its own words.
async fn unknown(watcher: &Watcher<'_>, name: &str) -> Result<(), FlowError> {
    let name: String = name.chars().take(64).collect();
    watcher.say("sync:error", &json!({"sync_run_id": name, "error": "no such sync run"})).await
}

/// `None`: there is nothing to change.
async fn changed(
    watcher: &Watcher<'_>,
    change: impl Fn(&Socket) -> Result<Option<Socket>, String>,
) -> Result<(), FlowError> {
    let store = &watcher.caller.store;
    let mut held = Some(watcher.socket.clone());
    for _ in 0..READS_MAX {
        let Some(socket) = &held else { return Ok(()) };
        let full = |sentence| FlowError::Conflict { code: "too_many_runs", sentence };
        let Some(next) = change(socket).map_err(full)? else { return Ok(()) };
        match store.commit(vec![store.socket_changed(socket, &next)]).await {
            Err(StoreError::Conflict(_)) => held = store.socket(&socket.id).await?,
            done => return Ok(done?),
        }
    }
    Err(FlowError::from(StoreError::Conflict(0)))
}
