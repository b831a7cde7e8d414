//! What whoever got a message may do with it, without signing in: be seen to open it, follow its links, get no more of them,
//! look at it in a browser.
//!
//! A link is all that is needed, so each is for one message and one thing, under our signature; what it says is believed and
//! nothing else is. Looking never changes what somebody wants: guards follow every link before its reader does, and only
//! `POST` acts. A picture and a redirect read nothing of the table and never wait for it.

mod addressee;
mod memory;
mod page;
mod preferences;
mod seen;
mod unsubscribe;
mod view;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    response::Response,
};
use flows::{
    Clock, FlowError, SecretBox, Secrets, Tasks,
    error::chain,
    links::{self, Door, PICTURE},
};
use store::Store;

pub use memory::Memory;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    /// Where its links lead, without a slash at the end.
    pub origin: String,
    pub memory: Memory,
}

/// Every address is below this. The gateway sends each of them here.
pub const BEGINNING: &str = "/t";
/// More than any form of ours is.
const FORM_BYTES_MAX: usize = 8 * 1024;

/// Whether the gateway sends here what comes to that path.
pub fn leads_here(path: &str) -> bool {
    below(path).is_some()
}

pub fn router(deps: Deps) -> Router {
    Router::new().fallback(answered).with_state(deps)
}

fn below(path: &str) -> Option<&str> {
    path.strip_prefix(BEGINNING)?.strip_prefix('/').filter(|rest| !rest.is_empty())
}

/// How somebody comes.
struct Visit<'a> {
    deps: &'a Deps,
    secrets: &'a Secrets,
    method: &'a Method,
    headers: &'a HeaderMap,
}

impl Visit<'_> {
    /// Asked about, by a program, and shown to nobody.
    fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }

    fn is_post(&self) -> bool {
        self.method == Method::POST
    }
}

async fn answered(State(deps): State<Deps>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let answer = match deps.secrets.open().await {
        Ok(secrets) => {
            let visit =
                Visit { deps: &deps, secrets: &secrets, method: &head.method, headers: &head.headers };
            Box::pin(led(&visit, head.uri.path(), body)).await
        }
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(|error| {
        tracing::error!(cause = chain(&error), "a link could not be followed");
        page::trouble()
    });
    if head.method == Method::HEAD { answer.map(|_| Body::empty()) } else { answer }
}

async fn led(visit: &Visit<'_>, path: &str, body: Body) -> Result<Response, FlowError> {
    let Some((door, token)) = below(path).and_then(|rest| rest.split_once('/')) else {
        return Ok(page::no_such_link());
    };
    let is_look = matches!(*visit.method, Method::GET | Method::HEAD);
    let acts = [Door::Unsubscribe, Door::Preferences].map(Door::name).contains(&door);
    if !(is_look || visit.is_post() && acts) {
        return Ok(page::not_so(if acts { "GET, HEAD, POST" } else { "GET, HEAD" }));
    }
    if door == "click" {
        let Some((message, target)) = links::read_click(visit.secrets, token) else {
            return Ok(page::no_such_link());
        };
        return Ok(seen::followed(visit, message, &target).await);
    }
    let Some(door) = Door::ALL.into_iter().find(|known| known.name() == door) else {
        return Ok(page::no_such_link());
    };
    let token = if door == Door::Open { token.strip_suffix(PICTURE) } else { Some(token) };
    let Some(message) = token.and_then(|token| links::read(visit.secrets, door, token)) else {
        return Ok(page::no_such_link());
    };
    if door == Door::Open {
        return Ok(seen::opened(visit, message).await);
    }
    // RFC 8058 says what stands in the body. It is the link that says what is wanted, however the rest is written.
    let Ok(form) = to_bytes(body, FORM_BYTES_MAX).await else {
        return Ok(page::page(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too much",
            "<p>No form of ours is that long.</p>",
        ));
    };
    if visit.is_post() && !visit.deps.memory.may_act(message, visit.deps.clock.now()) {
        return Ok(page::too_often());
    }
    let Some(addressee) = addressee::find(visit.deps, &message).await? else {
        return Ok(page::nothing_left());
    };
    match door {
        Door::Unsubscribe => unsubscribe::answered(visit, &addressee).await,
        Door::Preferences => preferences::answered(visit, &addressee, &form).await,
        Door::View | Door::Open => view::answered(visit, &addressee).await,
    }
}
