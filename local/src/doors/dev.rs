//! The pages: what is where, the outbox, the queues, the table, and the way in with one click.

use axum::{
    Form, Json, Router,
    extract::{Path, Query, State},
    http::{HeaderMap, Request, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::Queue;
use flows::{DeadLetters, FlowError};
use serde::Deserialize;
use serde_json::json;
use store::table::Body as Attributes;

use super::{
    Behind,
    accept::wants_json,
    html::{escaped, page},
};

/// A list shows at most so many.
const SHOWN_MAX: usize = 200;

pub(super) async fn front(State(behind): State<Behind>) -> Response {
    let origin = &behind.origin;
    let owner = behind.people.iter().find(|person| person.role == "owner");
    let (email, password) = owner.map_or(("", ""), |owner| (&owner.email, &owner.password));
    let button = |role: &str| format!("<button name=\"as\" value=\"{role}\">{role}</button>");
    let buttons: String = behind.people.iter().map(|person| button(&person.role)).collect();
    let curl = format!(
        "TOKEN=$(curl -s {origin}/api/auth/login -H 'content-type: application/json' \\\n  -d \
         '{{\"email\":\"{email}\",\"password\":\"{password}\"}}' | python3 -c \\\n  'import json,sys; \
         print(json.load(sys.stdin)[\"tokens\"][\"access_token\"])')\ncurl -s {origin}/api/auth/me -H \"authorization: \
         Bearer $TOKEN\""
    );
    page(
        "What is where",
        &format!(
            "<h1>Regulars</h1><p>The whole product, in one process on this machine. It sends nothing anywhere: mail \
             goes to the outbox, Google is a stub.</p>\
             <h2>Look</h2><ul>\
             <li><a href=\"/api/docs\">The API</a>, documented, and every call can be tried there\
             <li><a href=\"/dev/outbox\">The outbox</a>: the mail that would have gone out\
             <li><a href=\"/dev/queues\">The queues</a>: what waits, and the dead letters\
             <li><a href=\"/dev/table\">The table</a>: everything that is stored, to read\
             <li><a href=\"/health\">/health</a> and <a href=\"/ready\">/ready</a></ul>\
             <h2>Sign in</h2><form method=\"post\" action=\"/dev/login\">as {buttons}</form>\
             <p>or <a href=\"/api/auth/google\">with the stub of Google</a>; then \
             <a href=\"/api/auth/me\">see who you are</a>.</p>\
             <h2>As a program</h2><pre>{}</pre>",
            escaped(&curl)
        ),
    )
}

#[derive(Deserialize)]
pub(super) struct Filter {
    to: Option<String>,
    prefix: Option<String>,
}

/// Newest first; as JSON for who asks for it.
pub(super) async fn outbox(
    State(behind): State<Behind>,
    Query(filter): Query<Filter>,
    headers: HeaderMap,
) -> Response {
    let mut mails = match &filter.to {
        Some(address) => behind.outbox.to(address),
        None => behind.outbox.all(),
    };
    mails.truncate(SHOWN_MAX);
    if wants_json(&headers) {
        return Json(mails).into_response();
    }
    let shown: String = mails
        .iter()
        .map(|mail| {
            let link = mail.text.split_whitespace().find(|word| word.starts_with("http")).unwrap_or_default();
            let (to, subject, text, link) =
                (escaped(&mail.to), escaped(&mail.subject), escaped(&mail.text), escaped(link));
            format!(
                "<article><h2>{subject}</h2><p>to <a href=\"?to={to}\">{to}</a>, {}</p><pre>{text}</pre>\
                 <p><a href=\"{link}\">Open the link</a></p></article>",
                mail.at
            )
        })
        .collect();
    let empty = "<p>No mail has gone out yet. Invite somebody, or ask for a new password.</p>";
    let shown = if shown.is_empty() { empty.to_owned() } else { shown };
    page("Outbox", &format!("<p><a href=\"/\">Regulars</a></p><h1>Outbox</h1>{shown}"))
}

pub(super) async fn queues(State(behind): State<Behind>) -> Result<Response, Sorry> {
    let mut shown = String::new();
    for queue in Queue::ALL {
        let depth = behind.tasks.counted(queue)?;
        shown += &format!(
            "<h2>{queue}</h2><p>{} waiting, {} under way or waiting for their time, {} dead.</p>",
            depth.waiting,
            depth.active + depth.delayed,
            depth.failed
        );
        for letter in behind.tasks.list(queue, SHOWN_MAX).await? {
            let why = escaped(letter.why.as_deref().unwrap_or("nobody said why"));
            shown += &format!(
                "<article><pre>{}</pre><p>{} tries; {why}</p><form method=\"post\"><button \
                 formaction=\"/dev/queues/{queue}/{id}/replay\">Replay</button> <button \
                 formaction=\"/dev/queues/{queue}/{id}/discard\">Discard</button></form></article>",
                escaped(&letter.body),
                letter.attempts,
                id = letter.id,
            );
        }
    }
    Ok(page("Queues", &format!("<p><a href=\"/\">Regulars</a></p><h1>Queues</h1>{shown}")))
}

pub(super) async fn act(
    State(behind): State<Behind>,
    Path((queue, id, act)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Result<Response, Sorry> {
    if is_foreign(&headers, &behind) {
        return Ok(StatusCode::FORBIDDEN.into_response());
    }
    let queue = Queue::ALL.into_iter().find(|known| known.name() == queue);
    let done = match (queue, act.as_str()) {
        (Some(queue), "replay") => behind.tasks.replay(queue, &id).await?,
        (Some(queue), "discard") => behind.tasks.discard(queue, &id).await?,
        _ => false,
    };
    if !done {
        return Ok((StatusCode::NOT_FOUND, "no such dead letter").into_response());
    }
    Ok(Redirect::to("/dev/queues").into_response())
}

/// Secrets and sealed values are shown by their length only.
pub(super) async fn table(
    State(behind): State<Behind>,
    Query(filter): Query<Filter>,
) -> Result<Response, Sorry> {
    let prefix = filter.prefix.unwrap_or_default();
    let all = behind.table.dump().map_err(FlowError::from)?;
    let found: Vec<_> = all.iter().filter(|item| item.key.pk.starts_with(&prefix)).collect();
    let rows: String = found
        .iter()
        .take(SHOWN_MAX)
        .map(|item| {
            let key = escaped(&format!("{:?}", item.key));
            format!("<tr><td>{key}<td>{}<td>{}", item.version, escaped(&shown(&item.body)))
        })
        .collect();
    Ok(page(
        "Table",
        &format!(
            "<p><a href=\"/\">Regulars</a></p><h1>Table</h1><form><label>Partition begins with <input name=\"prefix\" \
             value=\"{}\"></label> <button>Show</button></form><p>{} items, at most {SHOWN_MAX} shown.</p><table>\
             <tr><th>Key<th>Version<th>Item{rows}</table>",
            escaped(&prefix),
            found.len()
        ),
    ))
}

fn shown(body: &Attributes) -> String {
    let mut attributes: Vec<_> = body.iter().collect();
    attributes.sort_by_key(|(name, _)| *name);
    let show = |(name, value): (&String, &serde_dynamo::AttributeValue)| match value {
        serde_dynamo::AttributeValue::B(bytes) => format!("{name}: {} bytes", bytes.len()),
        serde_dynamo::AttributeValue::S(text) if name.contains("hash") => {
            format!("{name}: {} letters", text.len())
        }
        serde_dynamo::AttributeValue::S(text) | serde_dynamo::AttributeValue::N(text) => {
            format!("{name}: {text}")
        }
        other => format!("{name}: {other:?}"),
    };
    attributes.into_iter().map(show).collect::<Vec<_>>().join("\n")
}

#[derive(Deserialize)]
pub(super) struct Login {
    r#as: String,
}

/// Signs in as one of the demo's people, through the API's own route.
pub(super) async fn login(
    api: Router,
    State(behind): State<Behind>,
    headers: HeaderMap,
    Form(asked): Form<Login>,
) -> Response {
    if is_foreign(&headers, &behind) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(person) = behind.people.iter().find(|person| person.role == asked.r#as) else {
        return (StatusCode::NOT_FOUND, "nobody of that role is in the demo shop").into_response();
    };
    let body = json!({"email": person.email, "password": person.password}).to_string();
    let request = Request::post("/api/auth/login").header(header::CONTENT_TYPE, "application/json");
    let Ok(request) = request.body(axum::body::Body::from(body)) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Ok(signed_in) = tower::ServiceExt::oneshot(api, request).await;
    if !signed_in.status().is_success() {
        return signed_in;
    }
    let mut response = Redirect::to("/api/auth/me").into_response();
    for cookie in signed_in.headers().get_all(header::SET_COOKIE) {
        response.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    response
}

/// Another site's page must not press the buttons.
fn is_foreign(headers: &HeaderMap, behind: &Behind) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let port = behind.origin.rsplit_once(':').map_or("", |(_, port)| port);
    origin.is_some_and(|origin| origin != behind.origin && origin != format!("http://localhost:{port}"))
}

/// Something that a developer has to know of.
pub(super) struct Sorry(FlowError);

impl From<FlowError> for Sorry {
    fn from(error: FlowError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Sorry {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}
