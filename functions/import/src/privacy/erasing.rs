//! Somebody is forgotten: in the record first, so that nothing makes them known again, then wherever they left a trace.

use domain::{
    JobState, Task,
    privacy::{Done, Request},
};
use flows::FlowError;
use store::Held;

use super::{
    Desk,
    marks::Marks,
    traces::{self, Rest},
};

pub(super) async fn erased(desk: &Desk<'_>, held: &Held<Request>) -> Result<(), FlowError> {
    let (held, person) = desk.person(held.clone()).await?;
    let record = desk.record().await?;
    let (shards, orders) = record.somebody_forgotten(&person, held.received_at).await?;
    for shard in shards {
        desk.store.shard_forgotten(shard).await?;
        let kept = Task::KeepShard { tenant: desk.store.id(), shard: shard.0 };
        desk.deps.tasks.leave(vec![kept.into()]).await?;
    }
    let marks = Marks::of(&person);
    let events = traces::events_gone(desk, &marks).await?;
    let letters = traces::letters_gone(desk, &held, Some(&marks)).await?;
    if !matches!(letters.rest, Rest::Nothing(_)) {
        return desk.gone_on_with(&held, letters).await;
    }
    let answers = traces::answers_gone(desk, &marks).await?;
    let (files, is_waiting) = traces::files_gone(desk, &held, &marks).await?;
    let (customers, letters) = (person.ids.len() as u64, letters.gone);
    let done = Done { customers, orders, events, letters, answers, files };
    let now = desk.deps.clock.now();
    let request = if is_waiting {
        // A file that is being read or written may bring them back, or hold them: it is looked at again.
        Request::clone(&held).waiting(now)
    } else {
        Request::clone(&held).erased(done, now)
    };
    desk.left(&held, request).await
}

/// Somebody is at the job's files.
pub(super) fn is_under_way(state: &JobState) -> bool {
    matches!(state, JobState::Queued | JobState::Running)
}
