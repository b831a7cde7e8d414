//! Reads an answer: first whether there is one, then what it says.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::{Ask, Cost, Refusal, UserError};
use crate::{ApiVersion, http};

/// What came back over HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Response<'a> {
    pub status: u16,
    /// The header `VERSION_HEADER`.
    pub version: Option<&'a str>,
    /// The header `Retry-After`.
    pub retry_after: Option<&'a str>,
    pub body: &'a [u8],
}

/// What was answered, and what every answer says beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered<T> {
    pub it: T,
    pub cost: Option<Cost>,
    pub version: Option<ApiVersion>,
}

/// That nothing was answered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    pub why: Refusal,
    pub cost: Option<Cost>,
    pub version: Option<ApiVersion>,
}

impl<T> Answered<T> {
    /// The version that we ask for is no longer served, and another one answered: somebody should hear of it.
    pub fn fell_forward(&self) -> bool {
        self.version.is_some_and(|version| version != ApiVersion::PINNED)
    }
}

/// An answer's `data`.
pub struct Data<'a>(&'a RawValue);

impl Data<'_> {
    pub(super) fn of<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_str(self.0.get()).map_err(|_| {
            let mut json = serde_json::Deserializer::from_str(self.0.get());
            let place = serde_path_to_error::deserialize::<_, T>(&mut json).err();
            Refusal::Unreadable(place.map_or_else(|| ".".to_owned(), |error| error.path().to_string()))
        })
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    errors: Option<&'a RawValue>,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    cost: Option<Cost>,
}

#[derive(Deserialize)]
struct GraphError {
    #[serde(default)]
    message: String,
    #[serde(default)]
    path: Vec<serde_json::Value>,
    #[serde(default)]
    extensions: ErrorExtensions,
}

#[derive(Deserialize, Default)]
struct ErrorExtensions {
    code: Option<String>,
}

/// Reads what came back to a question.
pub fn answer<A: Ask>(response: &Response<'_>) -> Result<Answered<A::Answer>, Refused> {
    let version = response.version.and_then(|version| version.parse().ok());
    let refused = |why, cost| Refused { why, cost, version };
    if let Some(why) = by_status(response) {
        return Err(refused(why, None));
    }
    let unreadable = || Refusal::Unreadable(".".to_owned());
    let envelope: Envelope<'_> =
        serde_json::from_slice(response.body).map_err(|_| refused(unreadable(), None))?;
    let cost = envelope.extensions.and_then(|extensions| extensions.cost);
    if let Some(errors) = envelope.errors.filter(|errors| errors.get() != "[]") {
        return Err(refused(by_errors(errors, cost.as_ref()), cost));
    }
    let data = envelope.data.ok_or_else(|| refused(unreadable(), cost))?;
    let it = A::read(&Data(data)).map_err(|why| refused(why, cost))?;
    Ok(Answered { it, cost, version })
}

fn by_status(response: &Response<'_>) -> Option<Refusal> {
    let wait = http::retry_after(response.retry_after);
    Some(match response.status {
        200 => return None,
        401 => Refusal::Unauthorized,
        402 => Refusal::Frozen,
        403 => Refusal::Denied("403".to_owned()),
        404 => Refusal::NotFound,
        423 => Refusal::Locked,
        429 => Refusal::Throttled { wait: wait.unwrap_or(jiff::SignedDuration::from_secs(2)) },
        430 | 500..=599 => Refusal::Unavailable { wait },
        other => Refusal::Misunderstood(other.to_string()),
    })
}

/// The one that can be helped least counts: what is denied stays denied after a pause.
fn by_errors(errors: &RawValue, cost: Option<&Cost>) -> Refusal {
    let Ok(errors) = serde_json::from_str::<Vec<GraphError>>(errors.get()) else {
        return Refusal::Misunderstood("errors".to_owned());
    };
    let all = errors.iter().map(|error| by_error(error, cost));
    let rank = |why: &Refusal| match why {
        Refusal::Throttled { .. } => 0,
        Refusal::Unavailable { .. } => 1,
        _ => 2,
    };
    let worst = all.reduce(|one, other| if rank(&other) > rank(&one) { other } else { one });
    worst.unwrap_or_else(|| Refusal::Misunderstood("errors".to_owned()))
}

fn by_error(error: &GraphError, cost: Option<&Cost>) -> Refusal {
    let wait = || cost.map_or(jiff::SignedDuration::from_secs(2), Cost::wait);
    match error.extensions.code.as_deref() {
        Some("THROTTLED") => Refusal::Throttled { wait: wait() },
        Some("ACCESS_DENIED") => Refusal::Denied(place(error)),
        Some("MAX_COST_EXCEEDED") => Refusal::TooCostly,
        Some("SHOP_INACTIVE") => Refusal::Locked,
        Some("INTERNAL_SERVER_ERROR" | "SERVICE_UNAVAILABLE" | "TIMEOUT") => {
            Refusal::Unavailable { wait: None }
        }
        None if error.message == "Throttled" => Refusal::Throttled { wait: wait() },
        // Without a code: "Internal error. Looks like something went wrong on our end. Request ID: …"
        None if error.message.starts_with("Internal error") => Refusal::Unavailable { wait: None },
        code => Refusal::Misunderstood(http::code(&format!("{}-{}", code.unwrap_or("error"), place(error)))),
    }
}

/// Where in the question: names of fields, and places in lists.
fn place(error: &GraphError) -> String {
    let part = |part: &serde_json::Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
    http::code(&error.path.iter().map(part).collect::<Vec<_>>().join("."))
}

/// Nothing was done where there are any.
pub(super) fn done(errors: Vec<UserError>) -> Result<(), Refusal> {
    if errors.is_empty() { Ok(()) } else { Err(Refusal::NotDone(errors)) }
}

#[cfg(test)]
mod tests;
