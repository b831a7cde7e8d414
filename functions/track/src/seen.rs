//! That a message was opened, and that one of its links was followed.
//!
//! Whoever comes gets what they came for at once, whatever becomes of the count: it is told to a queue, and if that takes
//! nothing the log says so. Whoever comes again and again is told once a minute.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use domain::{
    Receipt, Task,
    campaign::MessageId,
    receipt::{Happened, Reader},
};
use flows::error::chain;

use crate::{Visit, page};

/// One transparent point.
const POINT: &[u8; 43] =
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\
\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;";
const NOTHING_ELSE: &str = "default-src 'none'";
/// Where programs say that they ask before anybody does.
const PURPOSES: [&str; 4] = ["sec-purpose", "purpose", "x-purpose", "x-moz"];
const URL_CHARS_MAX: usize = 200;

pub(crate) async fn opened(visit: &Visit<'_>, message: MessageId) -> Response {
    told(visit, message, Happened::Opened { by: reader(visit) }).await;
    page::answer(StatusCode::OK, "image/gif", NOTHING_ELSE, &POINT[..])
}

/// The target is one that we have signed, so its letters are those of addresses.
pub(crate) async fn followed(visit: &Visit<'_>, message: MessageId, target: &str) -> Response {
    let Ok(location) = HeaderValue::from_str(target) else { return page::no_such_link() };
    told(visit, message, Happened::Clicked { url: named(target), by: reader(visit) }).await;
    let body = format!("<p><a href=\"{}\">Go on</a></p>", page::escaped(target));
    let mut answer = page::page(StatusCode::FOUND, "This page is elsewhere", &body);
    answer.headers_mut().insert(header::LOCATION, location);
    answer
}

/// Whoever only asks about it has seen nothing.
async fn told(visit: &Visit<'_>, message: MessageId, what: Happened) {
    if visit.is_head() {
        return;
    }
    let (tenant, at) = (message.tenant, visit.deps.clock.now());
    // Told again it would change nothing, and cost as much.
    if !visit.deps.memory.is_new((message, format!("{what:?}")), at) {
        return;
    }
    let tag = message.to_string().parse().ok();
    let receipt = Receipt { tenant: Some(tenant), message: tag, vendor_id: None, what, at };
    let task = Task::HearReceipts { tenant, receipts: vec![receipt] };
    if let Err(error) = visit.deps.tasks.leave(vec![task.into()]).await {
        tracing::error!(%tenant, cause = chain(&error), "somebody looked, and it is not counted");
    }
}

fn reader(visit: &Visit<'_>) -> Reader {
    let said = |name: &str| visit.headers.get(name).and_then(|value| value.to_str().ok());
    let purpose = PURPOSES.into_iter().find_map(said);
    Reader::of(said("user-agent"), purpose)
}

/// Which link it was, without what may be somebody's own in it.
fn named(target: &str) -> String {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    target[..end].chars().take(URL_CHARS_MAX).collect()
}
