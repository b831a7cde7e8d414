//! Where somebody is beside the record: bodies of events, messages that nobody could deal with, answers.
//!
//! Each is read, and goes whole if it speaks of them: nothing of it is the only one of its kind, and all of it would go by
//! itself within days.

use async_trait::async_trait;
use domain::{
    Queue, Task, Timestamp,
    event::{EventBody, Noted},
    marks::Marks,
    privacy::{Request, SIFTED_SECONDS, Sifting},
};
use flows::{DeadLetter, FlowError, Sieve, files::FileName, sign::sha256_hex};
use jiff::SignedDuration;
use store::StoreError;

use super::{Desk, files::file_gone};
use crate::STRETCH;

const AT_ONCE: u32 = 100;

/// Bodies of events that were refused or have failed, behind that one. How many have gone; and where the next message goes on, if
/// the time is up.
pub(super) async fn events_gone(
    desk: &Desk<'_>,
    mut after: Option<(Timestamp, String)>,
    marks: &Marks,
    until: Timestamp,
) -> Result<(u64, Option<(Timestamp, String)>), FlowError> {
    let mut gone = 0;
    loop {
        let after_this = after.as_ref().map(|(at, id)| (*at, id.as_str()));
        let (noted, next) = desk.store.events_noted(AT_ONCE, after_this).await?;
        for event in noted {
            let Some(body) = event.body else { continue };
            if file_gone(desk, FileName::Event(body), marks).await? {
                bodiless(desk, &event).await?;
                gone += 1;
            }
            if desk.deps.clock.now() >= until {
                return Ok((gone, Some((event.at, event.id))));
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok((gone, None)),
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
    /// Another request's search is under way: it would hide them from this one.
    Taken,
}

/// Events of this shop that nobody could deal with. Other queues carry no words of anybody's.
/// `marks`: those that speak of somebody; without, all of them that came before the shop's data had ended.
pub(super) async fn letters_gone(
    desk: &Desk<'_>,
    request: &Request,
    marks: Option<&Marks>,
) -> Result<Letters, FlowError> {
    let began_at = desk.deps.clock.now();
    let nothing = Letters { gone: 0, rest: Rest::Nothing(Sifting { began_at, stayed: 0 }) };
    let shop = match marks {
        Some(_) => desk.store.connection().await?.map(|connection| shop_digest(connection.shop.as_str())),
        None => request.about.clone().and_then(|about| String::from_utf8(about).ok()),
    };
    let Some(shop) = shop else { return Ok(nothing) };
    let held = request.sifting.filter(|sifting| sifting.holds(began_at));
    let mut sifting = held.unwrap_or(Sifting { began_at, stayed: 0 });
    // What it has hidden is to be seen again by then, whatever becomes of it.
    let until = sifting.began_at + SignedDuration::from_secs(SIFTED_SECONDS);
    if !desk.store.sift_taken(Queue::Ingest, request.id, (began_at, until)).await? {
        return Ok(Letters { gone: 0, rest: Rest::Taken });
    }
    let sieve = OfShop { desk, shop, before: request.forgotten_at.or(request.erased_at), marks };
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
        if !matches!(rest, Rest::More(_)) {
            desk.store.sift_left(Queue::Ingest, request.id).await?;
        }
        return Ok(Letters { gone, rest });
    }
}

/// By which a shop is known when nothing of it is kept any more.
pub(crate) fn shop_digest(shop: &str) -> String {
    sha256_hex(shop.as_bytes())
}

struct OfShop<'a> {
    desk: &'a Desk<'a>,
    /// Its digest.
    shop: String,
    /// The shop may be another's since.
    before: Option<Timestamp>,
    marks: Option<&'a Marks>,
}

/// How a shop's address ends.
const SHOPS: &str = ".myshopify.com\"";

impl OfShop<'_> {
    fn is_its(&self, body: &str) -> bool {
        // Within a text that is within another, quotes have a stroke before them.
        let plain = body.replace('\\', "");
        plain.match_indices(SHOPS).any(|(at, _)| {
            let from = plain[..at].rfind('"').map_or(0, |quote| quote + 1);
            shop_digest(&plain[from..at + SHOPS.len() - 1]) == self.shop
        })
    }
}

#[async_trait]
impl Sieve for OfShop<'_> {
    async fn is_to_go(&self, letter: &DeadLetter) -> Result<bool, FlowError> {
        if !self.is_its(&letter.body) {
            return Ok(false);
        }
        match self.marks {
            Some(marks) => speaks(self.desk, letter, marks).await,
            None if letter.left_at > self.before && self.before.is_some() => Ok(false),
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

/// Answers that are kept for requests that come again: that they are done is known still, and not what was answered. As above.
pub(super) async fn answers_gone(
    desk: &Desk<'_>,
    mut after: Option<String>,
    marks: &Marks,
    until: Timestamp,
) -> Result<(u64, Option<String>), FlowError> {
    let mut gone = 0;
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
            if desk.deps.clock.now() >= until {
                return Ok((gone, Some(digest)));
            }
        }
        match next {
            Some(next) => after = Some(next),
            None => return Ok((gone, None)),
        }
    }
}
