//! Requests and answers, as programs and browsers send and see them.

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::Value;
use std::{collections::BTreeMap, net::SocketAddr, sync::Mutex};

use super::{ORIGIN, World};

/// A request that is being put together. Send it once or, borrowed, as often as you like.
#[derive(Clone)]
pub struct Call<'a> {
    world: &'a World,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<String>,
    from: SocketAddr,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The same as it came: a file is no text.
    pub bytes: Vec<u8>,
}

impl<'a> Call<'a> {
    pub(super) fn new(world: &'a World, method: &str, path: &str) -> Self {
        let from = SocketAddr::from(([192, 0, 2, 1], 4_000));
        Self {
            world,
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: None,
            from,
        }
    }

    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        Self { body: Some(body.to_string()), ..self }.header("content-type", "application/json")
    }

    /// A body as it is, well-formed or not.
    #[must_use]
    pub fn raw(self, body: &str) -> Self {
        Self { body: Some(body.to_owned()), ..self }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// From another network address.
    #[must_use]
    pub fn from(self, address: [u8; 4]) -> Self {
        Self { from: SocketAddr::from((address, 4_000)), ..self }
    }

    /// # Panics
    /// If the process died under it; see `try_send`.
    pub async fn send(&self) -> Answer {
        self.try_send().await.expect("the product answers")
    }

    /// `None`: the process died and the connection with it.
    pub async fn try_send(&self) -> Option<Answer> {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let body = self.body.clone().map_or_else(Body::empty, Body::from);
        let request = request.body(body).expect("a test writes a request that can be sent");
        self.world.send(request, self.from).await
    }
}

impl Answer {
    pub(super) async fn read<E>(answered: Result<Response, E>) -> Self {
        let Ok(response) = answered else { unreachable!("a router answers everything") };
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status, headers: parts.headers, text, bytes: bytes.into() }
    }

    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// A member of the body, by JSON pointer.
    pub fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or_default()
    }

    /// A text in the body; empty if there is none.
    pub fn text_at(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The cookies that it sets: name and all that follows.
    pub fn cookies(&self) -> BTreeMap<String, String> {
        let lines = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
        lines
            .filter_map(|line| line.split_once('='))
            .map(|(name, rest)| (name.to_owned(), rest.to_owned()))
            .collect()
    }
}

/// Keeps cookies, says where its page is from, and sends the CSRF token that its page can read.
pub struct Browser<'a> {
    world: &'a World,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(world: &'a World) -> Self {
        Self { world, cookies: Mutex::default() }
    }

    /// As a page of ours would.
    ///
    /// # Panics
    /// If the process died under it.
    pub async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let mut call = self.world.call(method, path).header("sec-fetch-site", "same-origin");
        if method != "GET" {
            call = call.header("origin", ORIGIN);
        }
        if let Some(token) = self.cookie("__Host-csrf") {
            call = call.header("x-csrf-token", &token);
        }
        if let Some(body) = body {
            call = call.json(body);
        }
        self.send_as_is(call).await
    }

    /// With the cookies, and nothing else that the call does not say itself.
    ///
    /// # Panics
    /// If the process died under it.
    pub async fn send_as_is(&self, call: Call<'_>) -> Answer {
        let line = self.with(|cookies| {
            let pairs = cookies.iter().map(|(name, value)| format!("{name}={value}"));
            pairs.collect::<Vec<_>>().join("; ")
        });
        let answer = call.header("cookie", &line).send().await;
        for (name, rest) in answer.cookies() {
            let value = rest.split(';').next().unwrap_or_default().to_owned();
            let is_gone = rest.contains("Max-Age=0");
            self.with(|cookies| if is_gone { cookies.remove(&name) } else { cookies.insert(name, value) });
        }
        answer
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.with(|cookies| cookies.get(name).cloned())
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.with(|cookies| cookies.insert(name.to_owned(), value.to_owned()));
    }

    fn with<T>(&self, look: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        look(&mut self.cookies.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}
