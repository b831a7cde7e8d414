//! A step's outcome is saved, in one commit; then whoever watches is told, and the next message is left.
//!
//! Of the last word nobody sends another: if somebody who is there may not have heard it, the message of the last step is left
//! again, for whom it comes to tells it again.

use domain::{Run, RunState, Syncing, Task};
use flows::{
    FlowError, Left,
    error::{OURS, chain},
    progress::SyncProgress,
    watching::{self, Happening},
};
use jiff::SignedDuration;
use store::{Held, StoreError, TenantStore};

use crate::{Deps, Hands, steps::Next, waiting};

/// For so long the end is told again: after two seconds, and then each time when twice as much has gone by: ten times in all.
const TOLD_FOR: SignedDuration = SignedDuration::from_mins(10);
const TOLD_AGAIN: SignedDuration = SignedDuration::from_secs(2);

/// As often as somebody else changes what the tenant's runs have to do with each other.
const TRIES: usize = 8;

impl Hands<'_> {
    /// Somebody else who had the same step may have saved it: then this one was in vain, and changed nothing.
    pub(crate) async fn save(&self, held: &Held<Run>, next: Next) -> Result<(), FlowError> {
        let now = self.deps.clock.now();
        let (mut run, delay) = match next {
            Next::On(run, delay) => (run.moved(now, delay), delay),
            Next::Wait(run, delay) => (run.put_off(now, delay), delay),
            Next::Again(run, delay) => (run.failed_once(now, delay), delay),
            Next::Over(run, state) => return self.end(held, run, state).await,
        };
        let is_to_tell = run.is_to_tell(now);
        if is_to_tell {
            run.told_at = Some(now);
        }
        match self.store.commit(vec![self.store.run_changed(held, &run)]).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if is_to_tell {
            tell(self.deps, self.store, &run).await;
        }
        if let Err(error) = waiting::left(self.deps, &run, delay).await {
            // This message would find a later step: the clock finds that nobody is at it.
            tracing::warn!(
                cause = chain(&error),
                "the next step of a sync was not left, the clock will leave it"
            );
        }
        Ok(())
    }

    /// Where the next run begins moves in the same commit.
    async fn end(&self, held: &Held<Run>, run: Run, state: RunState) -> Result<(), FlowError> {
        let now = self.deps.clock.now();
        self.show_later(&run).await?;
        let run = Run { told_at: Some(now), ..run.ended(state, now) };
        for _ in 0..TRIES {
            let (mut steps, mut is_untold) = (vec![self.store.run_changed(held, &run)], false);
            if let Some(syncing) = self.store.syncing().await? {
                let ended = Syncing::clone(&syncing).ended(&run, now);
                is_untold = ended.untold.is_some_and(|untold| untold.run == run.id);
                steps.push(self.store.syncing_changed(Some(&syncing), &ended));
            }
            match self.store.commit(steps).await {
                Ok(()) => {
                    if is_untold {
                        self.mail_later(&run).await;
                    }
                    return tell_end(self.deps, self.store, &run).await;
                }
                Err(StoreError::Conflict(0)) => return Ok(()),
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Conflict(1).into())
    }

    /// The owners hear of it. If nobody hears of that here, the clock asks again with the next run.
    async fn mail_later(&self, run: &Run) {
        let task = Task::MailSync { tenant: run.tenant, run: run.id };
        if let Err(error) = self.deps.tasks.leave(vec![task.into()]).await {
            tracing::warn!(cause = chain(&error), "nobody was asked to mail that a sync has failed");
        }
    }

    /// Who was laid down by a run that ends too early is shown by whoever keeps the audience.
    async fn show_later(&self, run: &Run) -> Result<(), FlowError> {
        let tenant = self.store.id();
        let rebuilt = run.shards.iter().map(|shard| Task::RebuildShard { tenant, shard: *shard }.into());
        self.deps.tasks.leave(rebuilt.collect()).await
    }
}

/// Whoever watches hears how it ended, and hears it again if they may not have.
pub(crate) async fn tell_end(deps: &Deps, store: &TenantStore, run: &Run) -> Result<(), FlowError> {
    let is_told = tell(deps, store, run).await || is_ours(run);
    let gone_by = deps.clock.now().duration_since(run.ended_at.unwrap_or(run.updated_at));
    if is_told || gone_by >= TOLD_FOR {
        return Ok(());
    }
    // Of the step that ended it: see `handle`.
    let task = Task::DoRun { tenant: run.tenant, run: run.id, step: run.step.saturating_sub(1) };
    let delay_seconds = waiting::seconds(gone_by.max(TOLD_AGAIN));
    deps.tasks.leave(vec![Left { task, delay_seconds }]).await
}

/// Its message comes again by itself, until it is a dead letter.
pub(crate) fn is_ours(run: &Run) -> bool {
    matches!(&run.state, RunState::Failed { why } if why == OURS)
}

/// Whoever watches hears how far it is; nothing fails if they do not. `false`: somebody may not have.
async fn tell(deps: &Deps, store: &TenantStore, run: &Run) -> bool {
    let progress = SyncProgress::of(run);
    let news = match run.state {
        RunState::Queued | RunState::Running => "sync:update",
        RunState::Completed => "sync:completed",
        RunState::Failed { .. } => "sync:failed",
    };
    let happenings =
        [Happening::of_run("sync:progress", run.id, &progress), Happening::of_tenant(news, &progress)];
    watching::told(store, &*deps.sockets, deps.clock.now(), &happenings).await
}
