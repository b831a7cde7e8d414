//! What callers of other systems say and expect to hear, on the paths that they know: their bodies are put into our words before
//! anybody reads them, and their members stand beside ours in the answer.
//!
//! Nothing here decides anything. What they say and nobody can do is refused, with what to do instead; what they expect to hear and
//! nobody knows is `null`. Paths of ours are never touched, so nobody else meets these words.

mod answers;
mod bodies;
mod refused;

use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::{Map, Value};

use crate::{
    edge::{Context, RawBody},
    error::Problem,
};

pub(crate) use refused::not_offered;

/// An answer of ours is no longer than that.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A call by a name of another system's.
#[derive(Clone)]
pub(crate) struct Call {
    method: Method,
    alias: &'static str,
    /// Ours.
    uri: Uri,
    headers: HeaderMap,
}

impl Call {
    /// `None`: that path's words are ours.
    pub(crate) fn of(request: &Request, alias: Option<&'static str>) -> Option<Self> {
        alias.filter(|alias| answers::knows(alias)).map(|alias| Self {
            method: request.method().clone(),
            alias,
            uri: request.uri().clone(),
            headers: request.headers().clone(),
        })
    }

    /// The body in our words. What is no object is left to whoever reads it.
    pub(crate) fn body(&self, body: Bytes) -> Result<Bytes, Problem> {
        bodies::ours(&self.method, self.alias, body)
    }

    /// The answer with their members, which may take asking us more on the same caller's behalf.
    pub(crate) async fn answered(&self, response: Response, next: &Next, context: &Context) -> Response {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("application/") && kind.contains("json")) {
            return response;
        }
        let (mut parts, body) = response.into_parts();
        let Ok(body) = axum::body::to_bytes(body, ANSWER_BYTES_MAX).await else {
            return Response::from_parts(parts, Body::empty());
        };
        let Ok(Value::Object(mut ours)) = serde_json::from_slice(&body) else {
            return Response::from_parts(parts, Body::from(body));
        };
        if parts.status.is_success() {
            let more = self.more(&ours, next, context).await;
            let theirs = answers::theirs(&self.method, self.alias, &ours, &more, self.uri.query());
            with(&mut ours, theirs);
        } else {
            let detail = ours.get("detail").cloned().unwrap_or_default();
            with(
                &mut ours,
                Map::from_iter([("success".to_owned(), false.into()), ("error".to_owned(), detail)]),
            );
        }
        parts.headers.remove(header::CONTENT_LENGTH);
        let body = serde_json::to_vec(&ours).unwrap_or_else(|_| body.to_vec());
        Response::from_parts(parts, Body::from(body))
    }

    /// What their answer tells and ours does not: asked of ourselves, as the same caller. Who may not know it is not told.
    async fn more(&self, ours: &Map<String, Value>, next: &Next, context: &Context) -> Map<String, Value> {
        let mut more = Map::new();
        for (name, method, path) in answers::asks(&self.method, self.alias, ours) {
            if let Some(told) = self.asked(method, &path, next, context).await {
                more.insert(name.to_owned(), told);
            }
        }
        more
    }

    async fn asked(&self, method: Method, path: &str, next: &Next, context: &Context) -> Option<Value> {
        let mut request = Request::builder().method(method).uri(path).body(Body::from("{}")).ok()?;
        *request.headers_mut() = self.headers.clone();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        for other in ["idempotency-key", "prefer", "content-length"] {
            request.headers_mut().remove(other);
        }
        request.extensions_mut().insert(context.clone());
        request.extensions_mut().insert(RawBody(Bytes::from_static(b"{}")));
        let answer = next.clone().run(request).await;
        let is_done = answer.status().is_success();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        is_done.then(|| serde_json::from_slice(&body).ok())?
    }
}

/// Ours stay as they are.
fn with(ours: &mut Map<String, Value>, theirs: Map<String, Value>) {
    for (name, value) in theirs {
        ours.entry(name).or_insert(value);
    }
}
