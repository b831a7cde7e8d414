//! SES's events, where SNS brings them over HTTP: signed by Amazon, and of the one topic that this installation named.
//! Anybody may have a topic, and Amazon signs for all.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{Extension, extract::State, http::StatusCode};
use flows::{FlowError, web::Ask};
use receipts::{
    ses,
    sns::{Envelope, Kind, is_amazons},
};

use super::{left, named, noted, unproven, unreadable};
use crate::{
    App, Deps,
    edge::RawBody,
    error::{Problem, ProblemDocument},
};

const PATIENCE: Duration = Duration::from_secs(5);

/// The certificate that was fetched last, by its address: Amazon names another with each.
static FETCHED: Mutex<Option<(String, Vec<u8>)>> = Mutex::new(None);

/// What SES tells of letters, by SNS
///
/// A subscription of the installation's own topic: it confirms itself.
#[utoipa::path(post, operation_id = "tell_ses_events", path = "/api/v1/receipts/ses", tag = "Receipts",
    request_body(content = String, content_type = "text/plain"), responses((status = 204),
    (status = 400, description = "it is not what SNS or SES writes", body = ProblemDocument),
    (status = 401, description = "`bad_signature`, or of another topic", body = ProblemDocument)))]
pub(crate) async fn tell(
    State(deps): State<App>,
    Extension(RawBody(body)): Extension<RawBody>,
) -> Result<StatusCode, Problem> {
    let envelope = Envelope::read(&body).map_err(unreadable)?;
    if deps.settings.events_topic.as_deref() != Some(envelope.topic_arn.as_str()) {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "other_topic", "this topic is not listened to"));
    }
    let certificate = certificate(&deps, envelope.certificate_url().map_err(unproven)?).await?;
    envelope.verify(&certificate).map_err(unproven)?;
    match envelope.kind {
        Kind::Notification => {
            let told = ses::read(envelope.message.as_bytes()).map_err(unreadable)?;
            noted("ses", &told.unread);
            let (named, strange) = named(told.receipts);
            if strange > 0 {
                tracing::warn!(strange, "receipts of letters that are no campaign's");
            }
            left(&deps, named).await?;
        }
        Kind::SubscriptionConfirmation => {
            let url = envelope.subscribe_url.filter(|url| is_amazons(url));
            let url = url.ok_or_else(|| FlowError::invalid("/SubscribeURL", "unreadable", "is not SNS's"))?;
            asked(&deps, url).await?;
        }
        Kind::UnsubscribeConfirmation => {}
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn certificate(deps: &Deps, url: &str) -> Result<Vec<u8>, FlowError> {
    let held = FETCHED.lock().unwrap_or_else(PoisonError::into_inner).clone();
    if let Some((_, pem)) = held.filter(|(known, _)| known == url) {
        return Ok(pem);
    }
    let pem = asked(deps, url.to_owned()).await?;
    *FETCHED.lock().unwrap_or_else(PoisonError::into_inner) = Some((url.to_owned(), pem.clone()));
    Ok(pem)
}

/// Of Amazon's own host: whoever calls this has looked.
async fn asked(deps: &Deps, url: String) -> Result<Vec<u8>, FlowError> {
    let told = deps.shops.web.ask(Ask::new(url, PATIENCE)).await?;
    if told.status == 200 {
        Ok(told.body)
    } else {
        Err(FlowError::unavailable(format!("SNS answered {}", told.status)))
    }
}
