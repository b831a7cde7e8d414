//! Where somebody is beside the record: bodies of events, messages that nobody could deal with, answers, files.
//!
//! Each is read, and goes whole if it speaks of them: nothing of it is the only one of its kind, and all of it would go by
//! itself within days.

use async_trait::async_trait;
use domain::{
    Job, JobState, Queue, Task,
    event::{EventBody, Noted},
    job::Work,
    privacy::{Asks, Request, Sifting},
};
use flows::{
    DeadLetter, FlowError, Sieve,
    files::{FileName, FilePart},
};
use store::{Held, StoreError};

use super::{
    Desk,
    erasing::is_under_way,
    marks::{self, Marks},
};
use crate::STRETCH;

const AT_ONCE: u32 = 100;
const PIECE_BYTES: usize = 4 * 1024 * 1024;

/// Bodies of events that were refused or have failed.
pub(super) async fn events_gone(desk: &Desk<'_>, marks: &Marks) -> Result<u64, FlowError> {
    let (mut gone, mut after) = (0, None);
    loop {
        let after_this = after.as_ref().map(|(at, id): &(_, String)| (*at, id.as_str()));
        let (noted, next) = desk.store.events_noted(AT_ONCE, after_this).await?;
        for event in noted {
            let Some(body) = event.body else { continue };
            if file_gone(desk, FileName::Event(body), marks).await? {
                bodiless(desk, &event).await?;
                gone += 1;
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

async fn bodiless(desk: &Desk<'_>, event: &Noted) -> Result<(), FlowError> {
    let Some(held) = desk.store.event_noted(event.at, &event.id).await? else { return Ok(()) };
    let bodiless = Noted { body: None, ..Noted::clone(&held) };
    match desk.store.commit(vec![desk.store.event_note(Some(&held), &bodiless)]).await {
        // It is taken up again just now: what became of it speaks of nobody any more.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What came of searching dead letters.
pub(super) struct Letters {
    pub(super) gone: u64,
    pub(super) rest: Rest,
}

/// What of them has not been seen.
pub(super) enum Rest {
    /// Those that were shown before the end are hidden still.
    Nothing(Sifting),
    /// The next message goes on, at once.
    More(Sifting),
    /// They are hidden by others, or what was seen is to be seen again by now: all of it has to be begun anew, later.
    Hidden,
}

/// Events of this shop that nobody could deal with. Other queues carry no words of anybody's.
/// `marks`: those that speak of somebody; without, all of them.
pub(super) async fn letters_gone(
    desk: &Desk<'_>,
    request: &Request,
    marks: Option<&Marks>,
) -> Result<Letters, FlowError> {
    let began_at = desk.deps.clock.now();
    let Some(connection) = desk.store.connection().await? else {
        return Ok(Letters { gone: 0, rest: Rest::Nothing(Sifting { began_at, stayed: 0 }) });
    };
    let shop = format!("\"{}\"", connection.shop);
    let sieve = OfShop { desk, shop, marks };
    let held = request.sifting.filter(|sifting| sifting.holds(began_at));
    let mut sifting = held.unwrap_or(Sifting { began_at, stayed: 0 });
    let mut gone = 0;
    loop {
        let sifted = desk.deps.dead.sift(Queue::Ingest, &sieve).await?;
        let before = sifting;
        gone += sifted.gone;
        sifting.stayed += sifted.stayed;
        let now = desk.deps.clock.now();
        let rest = match sifted.hidden {
            _ if !sifting.holds(now) => Rest::Hidden,
            // Whoever else looks at some just now has taken them out of sight.
            Some(hidden) if hidden > sifting.stayed => Rest::Hidden,
            Some(_) => Rest::Nothing(before),
            None if now.duration_since(began_at) >= STRETCH => Rest::More(sifting),
            None => continue,
        };
        return Ok(Letters { gone, rest });
    }
}

struct OfShop<'a> {
    desk: &'a Desk<'a>,
    /// As it stands in a message.
    shop: String,
    marks: Option<&'a Marks>,
}

#[async_trait]
impl Sieve for OfShop<'_> {
    async fn is_to_go(&self, letter: &DeadLetter) -> Result<bool, FlowError> {
        // Within a text that is within another, quotes have a stroke before them.
        if !letter.body.replace('\\', "").contains(&self.shop) {
            return Ok(false);
        }
        match self.marks {
            Some(marks) => speaks(self.desk, letter, marks).await,
            None => bodiless_letter(self.desk, letter).await.map(|()| true),
        }
    }
}

/// The file that it leads to goes with it.
async fn bodiless_letter(desk: &Desk<'_>, letter: &DeadLetter) -> Result<(), FlowError> {
    let Ok(Task::ApplyEvent { event }) = serde_json::from_str(&letter.body) else { return Ok(()) };
    match event.body {
        EventBody::File(body) => desk.deps.files.remove(FileName::Event(body)).await,
        EventBody::Text(_) => Ok(()),
    }
}

/// The message, or the file that it leads to: that goes at once.
async fn speaks(desk: &Desk<'_>, letter: &DeadLetter, marks: &Marks) -> Result<bool, FlowError> {
    if marks.are_in(letter.body.as_bytes()) {
        return Ok(true);
    }
    let Ok(Task::ApplyEvent { event }) = serde_json::from_str(&letter.body) else { return Ok(false) };
    match event.body {
        EventBody::File(body) => file_gone(desk, FileName::Event(body), marks).await,
        EventBody::Text(_) => Ok(false),
    }
}

/// Answers that are kept for requests that come again: that they are done is known still, and not what was answered.
pub(super) async fn answers_gone(desk: &Desk<'_>, marks: &Marks) -> Result<u64, FlowError> {
    let (mut gone, mut after) = (0, None);
    loop {
        let (answers, next) = desk.store.answers_kept(AT_ONCE, after.as_deref()).await?;
        for (digest, held) in answers {
            let Some(sealed) = &held.sealed else { continue };
            let answer = desk.seals.open(desk.store, &digest, sealed).await?;
            if marks.are_in_words(&String::from_utf8_lossy(&answer)) {
                match desk.store.commit(vec![desk.store.answer_forgotten(&digest, &held)]).await {
                    // It had expired, and another took its place just now.
                    Ok(()) | Err(StoreError::Conflict(_)) => gone += 1,
                    Err(error) => return Err(error.into()),
                }
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok(gone),
        }
    }
}

/// What merchants brought and took, and what was gathered of somebody. Whether somebody is at a file that was asked for before
/// the request came: until that has ended, it may hold anybody.
pub(super) async fn files_gone(
    desk: &Desk<'_>,
    request: &Request,
    marks: &Marks,
) -> Result<(u64, bool), FlowError> {
    let (mut gone, mut is_waiting, mut after) = (0, false, None);
    loop {
        let (jobs, next) = desk.store.jobs(AT_ONCE, after).await?;
        for job in jobs {
            if is_under_way(&job.state) {
                is_waiting |= job.created_at <= request.received_at;
                continue;
            }
            for part in parts(&job) {
                let name = FileName::Job { tenant: desk.store.id(), job: job.id, part };
                gone += u64::from(file_gone(desk, name, marks).await?);
            }
            wordless(desk, &job, marks).await?;
        }
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let mut after = None;
    loop {
        let (requests, next) = desk.store.requests(AT_ONCE, after).await?;
        for told in requests.iter().filter(|told| told.asks == Asks::Data) {
            let name = FileName::Person { tenant: desk.store.id(), request: told.id };
            gone += u64::from(file_gone(desk, name, marks).await?);
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok((gone, is_waiting)),
        }
    }
}

pub(super) fn parts(job: &Job) -> Vec<FilePart> {
    let whole = [FilePart::Brought, FilePart::Failed, FilePart::Chosen, FilePart::Taken];
    whole.into_iter().chain((0..job.progress.failed_pieces).map(FilePart::FailedPiece)).collect()
}

/// What was asked for, what the file was called and what was wrong with it may be somebody's words: of a job that has ended,
/// nobody needs them.
async fn wordless(desk: &Desk<'_>, held: &Held<Job>, marks: &Marks) -> Result<(), FlowError> {
    let mut job = Job::clone(held);
    job.progress.faults.retain(|fault| !marks.are_in_words(&fault.message));
    match &mut job.work {
        Work::Import(import) => import.file = import.file.take().filter(|file| !marks.are_in_words(file)),
        Work::Export(export) if marks.are_in_words(&export.asked) => "{}".clone_into(&mut export.asked),
        Work::Export(_) => {}
    }
    if let JobState::Failed { why } = &mut job.state
        && marks.are_in_words(why)
    {
        "something was wrong with it".clone_into(why);
    }
    if job == **held {
        return Ok(());
    }
    Ok(desk.store.commit(vec![desk.store.job_changed(held, &job)]).await?)
}

/// Whether it was there and spoke of them.
async fn file_gone(desk: &Desk<'_>, name: FileName, marks: &Marks) -> Result<bool, FlowError> {
    let files = &*desk.deps.files;
    let (mut from, mut end) = (0, Vec::new());
    loop {
        let more = match files.read(name, from, PIECE_BYTES).await {
            Ok(more) => more,
            Err(FlowError::NotFound(_)) => return Ok(false),
            Err(error) => return Err(error),
        };
        if more.is_empty() {
            return Ok(false);
        }
        from += more.len() as u64;
        // A mark may lie across two pieces.
        let mut bytes = std::mem::take(&mut end);
        bytes.extend(more);
        if marks.are_in(&bytes) {
            files.remove(name).await?;
            return Ok(true);
        }
        end = bytes.split_off(bytes.len().saturating_sub(marks::BYTES_MAX));
    }
}
