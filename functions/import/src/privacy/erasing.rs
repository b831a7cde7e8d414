//! Somebody is forgotten: in the record first, so that nothing makes them known again, then wherever they left a trace.

use domain::{
    Task,
    marks::Marks,
    privacy::{Done, Request, Searching},
};
use flows::{FlowError, privacy::Person};
use store::Held;

use super::{
    Desk, files,
    traces::{self, Rest},
    words,
};
use crate::STRETCH;

pub(super) async fn erased(desk: &Desk<'_>, held: &Held<Request>) -> Result<(), FlowError> {
    let (held, person) = desk.person(held.clone()).await?;
    let marks = person.marks();
    // Whoever searches goes on with that: all that comes before is done.
    let held = match held.searching {
        Some(_) => held,
        None => match Box::pin(before_search(desk, held, &person, &marks)).await? {
            Some(held) => held,
            None => return Ok(()),
        },
    };
    let (held, done, came) = Box::pin(searched(desk, held, &marks)).await?;
    let now = desk.deps.clock.now();
    let counted = Request { done: held.done.and(done), ..Request::clone(&held) };
    match came {
        Came::ToItsEnd => desk.left(&held, counted.erased(Done::default(), now)).await,
        Came::UpTo(place) => {
            let further = Request { searching: Some(place), ..counted };
            desk.moved_on(&held, further.asked_again(now)).await?;
            let task = Task::AnswerRequest { tenant: desk.store.id(), request: held.id };
            desk.deps.tasks.leave(vec![task.into()]).await
        }
        // It may bring them back, or hold them: all of it is done again.
        Came::ToWhatIsUnderWay => desk.left(&held, Request { searching: None, ..counted }.waiting(now)).await,
    }
}

/// How far one message has searched.
enum Came {
    ToItsEnd,
    /// The next message goes on.
    UpTo(Searching),
    /// A file is being read or written.
    ToWhatIsUnderWay,
}

/// What was kept that speaks of them, as much as there is time for.
async fn searched(
    desk: &Desk<'_>,
    held: Held<Request>,
    marks: &Marks,
) -> Result<(Held<Request>, Done, Came), FlowError> {
    let until = desk.deps.clock.now() + STRETCH;
    let mut done = Done::default();
    let (words, events, answers, files) = match held.searching.clone() {
        None => (Some(None), Some(None), Some(None), None),
        Some(Searching::Words(place)) => (Some(Some(place)), Some(None), Some(None), None),
        Some(Searching::Events { at, id }) => (None, Some(Some((at, id))), Some(None), None),
        Some(Searching::Answers { digest }) => (None, None, Some(Some(digest)), None),
        Some(Searching::Files(place)) => (None, None, None, Some(place)),
    };
    let mut held = held;
    if let Some(from) = words {
        let (reworded, rest) = words::blotted(desk, held, from, marks, until).await?;
        held = reworded;
        if let Some(place) = rest {
            return Ok((held, done, Came::UpTo(Searching::Words(place))));
        }
    }
    if let Some(after) = events {
        let (gone, rest) = traces::events_gone(desk, after, marks, until).await?;
        done.events = gone;
        if let Some((at, id)) = rest {
            return Ok((held, done, Came::UpTo(Searching::Events { at, id })));
        }
    }
    if let Some(after) = answers {
        let (gone, rest) = traces::answers_gone(desk, after, marks, until).await?;
        done.answers = gone;
        if let Some(digest) = rest {
            return Ok((held, done, Came::UpTo(Searching::Answers { digest })));
        }
    }
    if files.is_none() && files::are_under_way(desk, &held).await? {
        return Ok((held, done, Came::ToWhatIsUnderWay));
    }
    let (gone, rest) = files::files_gone(desk, files, marks, until).await?;
    done.files = gone;
    Ok((held, done, rest.map_or(Came::ToItsEnd, |place| Came::UpTo(Searching::Files(place)))))
}

/// `None`: it goes on later.
async fn before_search(
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
    let done = Done { customers: person.ids.len() as u64, orders, letters: letters.gone, ..Done::default() };
    let counted = Request { done: held.done.and(done), sifting: Some(sifting), ..Request::clone(&held) };
    desk.moved_on(&held, counted).await.map(Some)
}
