//! What is known of a request beside its content, and the one line that is logged about it.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{
    body::Bytes,
    extract::Request,
    http::{Method, StatusCode},
};
use domain::TenantId;
use flows::{error::chain, rates::Limits};

use crate::{Deps, once::Once};

pub(crate) const REQUEST_ID: &str = "x-request-id";
const REQUEST_ID_BYTES_MAX: usize = 128;

/// The body as it came: what an idempotency key is compared by.
#[derive(Clone)]
pub(crate) struct RawBody(pub(crate) Bytes);

/// Travels with the request; whoever learns something about it writes it here.
#[derive(Clone)]
pub(crate) struct Context(Arc<Inner>);

struct Inner {
    request_id: String,
    learned: Mutex<Learned>,
}

#[derive(Default)]
struct Learned {
    tenant: Option<TenantId>,
    limits: Option<Limits>,
    once: Option<Once>,
}

impl Context {
    /// Takes the caller's request id if it is a plain word, else makes one.
    pub(crate) fn of(request: &Request, deps: &Deps) -> Self {
        let told = request.headers().get(REQUEST_ID).and_then(|value| value.to_str().ok());
        let is_plain = |id: &&str| {
            let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
            letters && (1..=REQUEST_ID_BYTES_MAX).contains(&id.len())
        };
        let request_id = told.filter(is_plain).map_or_else(|| made(deps), str::to_owned);
        Self(Arc::new(Inner { request_id, learned: Mutex::default() }))
    }

    pub(crate) fn request_id(&self) -> &str {
        &self.0.request_id
    }

    pub(crate) fn is_of(&self, tenant: TenantId) {
        self.learned(|learned| learned.tenant = Some(tenant));
    }

    pub(crate) fn is_within(&self, limits: Limits) {
        self.learned(|learned| learned.limits = Some(limits));
    }

    /// It came with an idempotency key.
    pub(crate) fn is_done_by(&self, once: Once) {
        self.learned(|learned| learned.once = Some(once));
    }

    pub(crate) fn once(&self) -> Option<Once> {
        self.learned(|learned| learned.once.clone())
    }

    pub(crate) fn limits(&self) -> Option<Limits> {
        self.learned(|learned| learned.limits.clone())
    }

    /// Path and status, never a query, a body or a name.
    pub(crate) fn log(&self, method: &Method, path: &str, status: StatusCode, duration_ms: i64) {
        let tenant = self.learned(|learned| learned.tenant).map(|tenant| tenant.to_string());
        tracing::info!(
            target: "request",
            function = "api",
            request_id = self.request_id(),
            tenant,
            %method,
            path = logged(path),
            status = status.as_u16(),
            duration_ms,
        );
    }

    /// The whole chain, once.
    pub(crate) fn log_cause(&self, code: &str, cause: &dyn std::error::Error) {
        tracing::error!(function = "api", request_id = self.request_id(), code, cause = chain(cause));
    }

    /// The panic itself is told where it happened; this says whose request it was.
    pub(crate) fn log_panic(&self) {
        tracing::error!(function = "api", request_id = self.request_id(), "a request made its handler panic");
    }

    fn learned<T>(&self, look: impl FnOnce(&mut Learned) -> T) -> T {
        look(&mut self.0.learned.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A path as it may stand in a line: whatever could end the line, or colour or turn round what follows, is
/// percent-encoded.
fn logged(path: &str) -> String {
    let letter = |byte: u8| match byte {
        byte if byte.is_ascii_graphic() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.bytes().map(letter).collect()
}

fn made(deps: &Deps) -> String {
    domain::SessionId::new(deps.now(), deps.roll()).to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_path_in_the_log_is_one_line_of_plain_letters() {
        let check = |path: &str, logged: &str| assert_eq!(super::logged(path), logged);
        check("/api/v1/members/01M3250V00?", "/api/v1/members/01M3250V00?");
        check("/a%0Ab", "/a%0Ab");
        check("/a\nb\u{1b}[31m\u{7f}", "/a%0Ab%1B[31m%7F");
        check("/caf\u{e9}\u{202e}\u{85}", "/caf%C3%A9%E2%80%AE%C2%85");
    }
}
