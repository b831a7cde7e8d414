//! Notes what became of an event, where the merchant finds it, and sees to the audience.
//!
//! A body is kept as long as taking the event up again may help: for those that were refused or failed, as a file. What
//! was applied needs none, because applying it again changes nothing; of one that came as a file it is noted which.

use domain::event::{BodyDigest, EventBody, Noted, Outcome, Received};
use flows::{
    FlowError,
    error::chain,
    files::{FileName, event_kept},
};
use shopify::Topic;
use store::{StoreError, TenantStore};

use crate::{BODY_BYTES_MAX, Deps, again::Again, forgotten, privacy};

/// An event that is taken up for the first time costs one write and no read.
pub(crate) async fn noted(
    deps: &Deps,
    store: &TenantStore,
    event: &Received,
    applied: &Result<Outcome, FlowError>,
) -> Result<(), FlowError> {
    let outcome = match applied {
        Ok(outcome) => outcome.clone(),
        // The chain may quote what is our own business.
        Err(error) => Outcome::Failed { why: error.to_string() },
    };
    let body = match (&outcome, &event.body) {
        // It is a file already, and must be found by whoever looks for somebody's traces.
        (_, EventBody::File(digest)) => Some(*digest),
        (Outcome::Applied { .. } | Outcome::Unchanged { .. }, _) => None,
        // The message comes again, or is a dead letter.
        (Outcome::Failed { .. }, _) if privacy::is_asked(&event.topic) => None,
        (Outcome::Refused { .. } | Outcome::Failed { .. }, EventBody::Text(text)) => {
            filed(deps, store, text).await?
        }
    };
    let (id, topic, version) = (event.id.clone(), event.topic.clone(), event.version.clone());
    let (at, tried_at, unread) = (event.at(), deps.clock.now(), None);
    let ours = u32::from(event.is_replayed || matches!(outcome, Outcome::Failed { .. }));
    let now = Noted { id, topic, at, tried_at, attempts: 1, ours, outcome, body, version, unread };
    match store.commit(vec![store.event_note(None, &now)]).await {
        Err(StoreError::Conflict(_)) => {
            let Some(held) = store.event_noted(now.at, &now.id).await? else { return Ok(()) };
            match store.commit(vec![store.event_note(Some(&held), &held.again(now.clone()))]).await {
                // Whoever took it up at the same moment has noted it.
                Ok(()) | Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        done => done?,
    }
    looked_again(deps, store, event, &now).await
}

/// The shop has told of that kind of event: how long it has been silent about it is known when the log has forgotten. No event
/// fails for it: the next one of its kind says the same.
pub(crate) async fn heard(deps: &Deps, store: &TenantStore, event: &Received) {
    let Some(topic) = Topic::ALL.iter().find(|topic| topic.name() == event.topic) else { return };
    // Of those there may be none for years, and a tenant may have ended by then.
    if topic.is_compliance() {
        return;
    }
    // No header is signed.
    let at = event.at().min(deps.clock.now());
    if let Err(error) = store.topic_heard(topic.name(), at).await {
        tracing::warn!(cause = chain(&error), "when a shop last told of something was not noted");
    }
}

/// Whoever was forgotten before the body was noted has not found it.
async fn looked_again(
    deps: &Deps,
    store: &TenantStore,
    event: &Received,
    noted: &Noted,
) -> Result<(), FlowError> {
    // What the law lets people ask names them, and is needed until it is kept.
    let Some(body) = noted.body.filter(|_| !privacy::is_asked(&event.topic)) else {
        return Ok(());
    };
    let comes_again = matches!((&event.body, &noted.outcome), (EventBody::File(_), Outcome::Failed { .. }));
    if comes_again {
        // With nothing but the file's name: what they bought would be lost, and figures stay.
        return Ok(());
    }
    let is_told_of = match &event.body {
        EventBody::Text(text) => forgotten::is_told_of(deps, store, text).await?,
        EventBody::File(_) => match deps.files.read(FileName::Event(body), 0, BODY_BYTES_MAX).await {
            Ok(bytes) => forgotten::is_told_of(deps, store, &String::from_utf8_lossy(&bytes)).await?,
            Err(FlowError::NotFound(_)) => true,
            Err(error) => return Err(error),
        },
    };
    if !is_told_of {
        return Ok(());
    }
    deps.files.remove(FileName::Event(body)).await?;
    let Some(held) = store.event_noted(noted.at, &noted.id).await? else { return Ok(()) };
    let bodiless = Noted { body: None, ..Noted::clone(&held) };
    match store.commit(vec![store.event_note(Some(&held), &bodiless)]).await {
        // Whoever takes it up again looks, too.
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What it left out could not be read. Whoever takes the event up at the same moment asks for it again.
pub(crate) async fn unread(store: &TenantStore, again: &Again, why: &str) -> Result<(), FlowError> {
    let Some(held) = store.event_noted(again.at, &again.event).await? else { return Ok(()) };
    let noted = Noted { unread: Some(why.to_owned()), ..(*held).clone() };
    match store.commit(vec![store.event_note(Some(&held), &noted)]).await {
        Ok(()) | Err(StoreError::Conflict(_)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What speaks of somebody who has been forgotten is not kept.
async fn filed(deps: &Deps, store: &TenantStore, text: &str) -> Result<Option<BodyDigest>, FlowError> {
    if forgotten::is_told_of(deps, store, text).await? {
        return Ok(None);
    }
    event_kept(&*deps.files, text.to_owned().into_bytes()).await.map(Some)
}
