//! What the shop has told lately, and what became of it.

pub(crate) mod list;
pub(crate) mod replay;

use domain::{
    Timestamp,
    event::{BodyDigest, Noted, Outcome},
};
use flows::{Files, FlowError, files::FileName};
use serde::Serialize;
use utoipa::ToSchema;

use crate::shop::versions;

/// An event that the shop told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    id: String,
    /// As Shopify has it: "orders/create".
    topic: String,
    /// `applied`, `unchanged` (it told nothing new), `refused` (it cannot be kept as it is) or `failed` (it is tried again).
    status: &'static str,
    /// Why, where it was refused or has failed.
    error: Option<String>,
    /// What the event leaves out, or open, and is asked of Shopify.
    left_out: Option<String>,
    /// Why that could not be read.
    unread: Option<String>,
    /// Of one that is `unchanged`: `known` (it came again, or told nothing new), `late` (something newer is known) or
    /// `undecided` (another of the same second is known: Shopify is asked).
    because: Option<&'static str>,
    /// The version of Shopify's API that it is written in: "2026-10".
    version: String,
    /// What is to be done about that, in a sentence. `null`: nothing, as it is the one that we read.
    advice: Option<String>,
    /// How often it was taken up.
    attempts: u32,
    /// It was refused or has failed, and what it said is kept still. It takes a connected shop.
    can_be_replayed: bool,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    tried_at: Timestamp,
}

impl WebhookView {
    fn of(noted: &Noted, is_kept: bool) -> Self {
        let (error, left_out) = match &noted.outcome {
            Outcome::Applied { left_out } | Outcome::Unchanged { left_out, .. } => (None, left_out.clone()),
            Outcome::Refused { why } | Outcome::Failed { why } => (Some(why.clone()), None),
        };
        let because = match noted.outcome {
            Outcome::Unchanged { because: Some(because), .. } => Some(because.name()),
            _ => None,
        };
        Self {
            id: name(noted.at, &noted.id),
            topic: noted.topic.clone(),
            status: noted.outcome.name(),
            error,
            left_out,
            unread: noted.unread.clone(),
            because,
            advice: versions::of_event(&noted.version),
            version: noted.version.clone(),
            attempts: noted.attempts,
            can_be_replayed: is_kept && body_to_replay(noted).is_some(),
            at: noted.at,
            tried_at: noted.tried_at,
        }
    }
}

/// Whether what it takes to take it up again is there: a body goes a week after it came, or with whom it speaks of.
async fn is_kept(files: &dyn Files, noted: &Noted) -> Result<bool, FlowError> {
    match body_to_replay(noted) {
        Some(body) => Ok(files.bytes(FileName::Event(body)).await?.is_some()),
        None => Ok(false),
    }
}

/// What was applied needs no other try.
fn body_to_replay(noted: &Noted) -> Option<BodyDigest> {
    let is_open = matches!(noted.outcome, Outcome::Refused { .. } | Outcome::Failed { .. });
    noted.body.filter(|_| is_open)
}

/// By when it happened, and Shopify's own id of the delivery.
fn name(at: Timestamp, id: &str) -> String {
    format!("{}.{id}", at.as_millisecond())
}

fn named(name: &str) -> Option<(Timestamp, &str)> {
    let (millis, id) = name.split_once('.')?;
    let is_plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    Some((Timestamp::from_millisecond(millis.parse().ok()?).ok()?, id)).filter(|_| is_plain)
}
