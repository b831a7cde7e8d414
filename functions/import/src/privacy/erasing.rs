//! Somebody is forgotten: in the record first, so that nothing makes them known again, then wherever they left a trace.

use domain::{
    Task,
    marks::Marks,
    privacy::{Done, Request},
};
use flows::{FlowError, privacy::Person};
use store::Held;

use super::{
    Desk, files,
    traces::{self, Rest},
    words,
};

pub(super) async fn erased(desk: &Desk<'_>, held: &Held<Request>) -> Result<(), FlowError> {
    let (held, person) = desk.person(held.clone()).await?;
    let marks = person.marks();
    // Whoever searches files goes on with them: all that comes before is done.
    let held = match held.searching {
        Some(_) => held,
        None => match Box::pin(before_files(desk, held, &person, &marks)).await? {
            Some(held) => held,
            None => return Ok(()),
        },
    };
    let (gone, rest) = files::files_gone(desk, &held, &marks).await?;
    let (now, done) = (desk.deps.clock.now(), Done { files: gone, ..Done::default() });
    if rest.is_none() {
        return desk.left(&held, Request::clone(&held).erased(done, now)).await;
    }
    let further = Request { searching: rest, done: held.done.and(done), ..Request::clone(&held) };
    desk.moved_on(&held, further.asked_again(now)).await?;
    let task = Task::AnswerRequest { tenant: desk.store.id(), request: held.id };
    desk.deps.tasks.leave(vec![task.into()]).await
}

/// `None`: it goes on later.
async fn before_files(
    desk: &Desk<'_>,
    held: Held<Request>,
    person: &Person,
    marks: &Marks,
) -> Result<Option<Held<Request>>, FlowError> {
    let record = desk.record().await?;
    let (shards, orders) = record.somebody_forgotten(person, held.received_at).await?;
    for shard in shards {
        desk.store.shard_forgotten(shard).await?;
        let kept = Task::KeepShard { tenant: desk.store.id(), shard: shard.0 };
        desk.deps.tasks.leave(vec![kept.into()]).await?;
    }
    let now = desk.deps.clock.now();
    let held = if held.forgotten_at.is_some() {
        held
    } else {
        let forgotten = Request { forgotten_at: Some(now), ..Request::clone(&held) };
        desk.moved_on(&held, forgotten).await?
    };
    // Before all that takes long: another may have to be waited for, or several messages are needed.
    let letters = traces::letters_gone(desk, &held, Some(marks)).await?;
    let Rest::Nothing(sifting) = letters.rest else {
        desk.gone_on_with(&held, letters).await?;
        return Ok(None);
    };
    let held = words::blotted(desk, held, marks).await?;
    let events = traces::events_gone(desk, marks).await?;
    let answers = traces::answers_gone(desk, marks).await?;
    let (customers, letters) = (person.ids.len() as u64, letters.gone);
    let done = Done { customers, orders, events, letters, answers, files: 0 };
    let counted = Request { done: held.done.and(done), sifting: Some(sifting), ..Request::clone(&held) };
    if files::are_under_way(desk, &held).await? {
        // A file that is being read or written may bring them back, or hold them: it is looked at again.
        desk.left(&held, counted.waiting(desk.deps.clock.now())).await?;
        return Ok(None);
    }
    desk.moved_on(&held, counted).await.map(Some)
}
