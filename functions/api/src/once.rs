//! `Idempotency-Key`: the same request twice is done once, and answered the same both times.
//!
//! The answer is kept in the very commit that does the work (`store::Store::answer_kept`). So two at once, or one
//! after a crash at any moment, end with one effect and one answer; nothing is locked, nothing is left to clear.
//! Answers are sealed: some hold a key or tokens that are shown once.
//!
//! A twin may commit between this request's first look and its refusal (an address that has just been taken, a link
//! that has just been used): so the edge looks once more before it refuses (`or_kept`).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{TenantId, Timestamp};
use flows::{DataKey, FlowError, Secrets, seal, sign::Purpose};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Held, KeptAnswer, Step, Store, StoreError};

use crate::{
    App,
    auth::cookies,
    edge::{Context, RawBody},
    error::Problem,
    who::{Address, Scope},
};

const HEADER: &str = "idempotency-key";
const KEY_BYTES_MAX: usize = 255;
/// An answer of more bytes is not kept: an item holds 400 KB.
const KEPT_BYTES_MAX: usize = 350_000;
/// So often something is found anew before whoever asks hears that it changes too fast.
const TRIES: usize = 16;
/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// Members of a body by which one stranger is told from another: what they show, or the address that they name.
const TELLING: [&str; 5] = ["refresh_token", "token", "credential", "id_token", "email"];

/// An answer before it is sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answer {
    status: u16,
    cookies: Vec<String>,
    body: Value,
    /// For the log: where somebody who has just signed in acts.
    #[serde(default)]
    tenant: Option<TenantId>,
    /// Where what was made can be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    location: Option<String>,
}

/// A request that is to be done once. Take it after the extractor that says who calls: a key means something
/// only together with its caller.
#[derive(Clone)]
pub(crate) struct Once {
    deps: App,
    keyed: Option<Arc<Keyed>>,
}

struct Keyed {
    tenant: Option<TenantId>,
    /// Who, what and their key.
    digest: String,
    /// The request's content.
    request: String,
    /// An answer that has expired stands there still.
    stale: Option<Held<KeptAnswer>>,
}

/// How a commit ended.
pub(crate) enum Done {
    Answered(Response),
    /// The condition of this step did not hold.
    Against(usize),
}

impl Answer {
    pub(crate) fn new(status: StatusCode, body: &impl Serialize) -> Self {
        let body = serde_json::to_value(body).expect("views have names and plain values");
        Self { status: status.as_u16(), cookies: Vec::new(), body, tenant: None, location: None }
    }

    /// Without a body.
    pub(crate) fn empty(status: StatusCode) -> Self {
        Self::new(status, &Value::Null)
    }

    /// `path`: of plain letters only.
    pub(crate) fn at(self, path: String) -> Self {
        Self { location: Some(path), ..self }
    }

    /// About what it takes to keep it.
    fn bytes(&self) -> usize {
        self.body.to_string().len()
    }

    pub(crate) fn with_cookies(self, cookies: Vec<String>) -> Self {
        Self { cookies, ..self }
    }

    pub(crate) fn in_tenant(self, tenant: Option<TenantId>) -> Self {
        Self { tenant, ..self }
    }

    /// The edge finds the tenant in the response's extensions.
    pub(crate) fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let body = match self.body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(tenant) = self.tenant {
            response.extensions_mut().insert(tenant);
        }
        if let Some(path) = self.location.and_then(|path| HeaderValue::from_str(&path).ok()) {
            response.headers_mut().insert(header::LOCATION, path);
        }
        for cookie in self.cookies {
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }
}

impl FromRequestParts<App> for Once {
    /// A refusal, or the answer that was given before.
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Response> {
        if !parts.headers.contains_key(HEADER) {
            return Ok(Self { deps: deps.clone(), keyed: None });
        }
        if key_of(parts).is_none() {
            let sentence = format!("needs 1 to {KEY_BYTES_MAX} visible ASCII characters");
            return Err(refused(FlowError::invalid("Idempotency-Key", "invalid", sentence)));
        }
        let secrets = deps.open_secrets().await.map_err(refused)?;
        let scope = parts.extensions.get::<Scope>().cloned();
        let tenant = scope.as_ref().and_then(|scope| scope.tenant);
        let body = parts.extensions.get::<RawBody>().map(|body| body.0.clone()).unwrap_or_default();
        let Ok(address) = Address::from_request_parts(parts, deps).await;
        let actor = scope.map_or_else(|| stranger(parts, &body, &address, &secrets), |scope| scope.actor);
        let key = key_of(parts).unwrap_or_default();
        let asked = format!("{actor}\n{} {}\n{key}", parts.method, parts.uri.path());
        let query = parts.uri.query().unwrap_or_default();
        let mut keyed = Keyed {
            tenant,
            digest: secrets.tag(Purpose::Request, asked.as_bytes()),
            request: secrets.tag(Purpose::Digest, &[query.as_bytes(), b"\n", &body].concat()),
            stale: None,
        };
        if let Some(kept) = deps.store.kept_answer(tenant, &keyed.digest).await.map_err(refused)? {
            if deps.now() < kept.expires_at {
                return Err(keyed
                    .given(&kept, deps, &secrets)
                    .await
                    .unwrap_or_else(IntoResponse::into_response));
            }
            keyed.stale = Some(kept);
        }
        let once = Self { deps: deps.clone(), keyed: Some(Arc::new(keyed)) };
        if let Some(context) = parts.extensions.get::<Context>() {
            context.is_done_by(once.clone());
        }
        Ok(once)
    }
}

/// A refusal stands unless a twin has done meanwhile what this request asks for: then its answer is for both.
pub(crate) async fn or_kept(response: Response, once: Option<Once>) -> Response {
    let is_refused =
        response.extensions().get::<Problem>().is_some_and(|problem| problem.status.is_client_error());
    let Some(once) = once.filter(|_| is_refused) else { return response };
    match once.kept_meanwhile().await {
        Ok(Some(kept)) => kept,
        Ok(None) => response,
        // Nobody knows whether the refusal is true: it can be asked again.
        Err(problem) => problem.into_response(),
    }
}

impl Once {
    /// For a step of a browser's journey: what it answers is no JSON that could be kept, and it is bounded to once by
    /// other means. A key that comes with it means nothing.
    pub(crate) fn without_key(deps: &App) -> Self {
        Self { deps: deps.clone(), keyed: None }
    }

    /// Does all the steps, or none, and answers.
    pub(crate) async fn commit(self, steps: Vec<Step>, answer: Answer) -> Result<Done, Problem> {
        let Some(keyed) = self.keyed else {
            return match self.deps.store.commit(steps).await {
                Ok(()) => Ok(Done::Answered(answer.into_response())),
                Err(StoreError::Conflict(step)) => Ok(Done::Against(step)),
                Err(error) => Err(error.into()),
            };
        };
        let secrets = self.deps.open_secrets().await?;
        let kept = keyed.kept(&answer, &self.deps, &secrets).await?;
        let mut all = vec![Store::answer_kept(keyed.tenant, &keyed.digest, &kept, keyed.stale.as_ref())];
        all.extend(steps);
        match self.deps.store.commit(all).await {
            Ok(()) => Ok(Done::Answered(answer.into_response())),
            Err(StoreError::Conflict(0)) => {
                // Its twin was faster.
                let kept = self.deps.store.kept_answer(keyed.tenant, &keyed.digest).await?;
                let kept =
                    kept.ok_or_else(|| FlowError::unavailable("an answer that was kept is not there"))?;
                keyed.given(&kept, &self.deps, &secrets).await.map(Done::Answered)
            }
            Err(StoreError::Conflict(step)) => Ok(Done::Against(step - 1)),
            Err(error) => Err(error.into()),
        }
    }

    /// The answer that a twin of this very request was given since this one came in.
    pub(crate) async fn kept_meanwhile(&self) -> Result<Option<Response>, Problem> {
        let Some(keyed) = &self.keyed else { return Ok(None) };
        let kept = self.deps.store.kept_answer(keyed.tenant, &keyed.digest).await?;
        let is_ours =
            |kept: &Held<KeptAnswer>| kept.request == keyed.request && self.deps.now() < kept.expires_at;
        let Some(kept) = kept.filter(is_ours) else { return Ok(None) };
        let secrets = self.deps.open_secrets().await?;
        keyed.given(&kept, &self.deps, &secrets).await.map(Some)
    }

    /// Answers a request that has had its effect, or needs none. If that is too long to be kept, the request comes again,
    /// and is for whoever answers to find done.
    pub(crate) async fn answer(self, answer: Answer) -> Result<Response, Problem> {
        if answer.bytes() > KEPT_BYTES_MAX {
            return Ok(answer.into_response());
        }
        match self.commit(Vec::new(), answer).await? {
            Done::Answered(response) => Ok(response),
            Done::Against(_) => Err(FlowError::broken("nothing was refused").into()),
        }
    }

    /// Where another change may come in between: then what is to be done, and whether it still may be, is found anew.
    pub(crate) async fn commit_anew<F: Future<Output = Result<(Vec<Step>, Answer), Problem>>>(
        self,
        found: impl Fn() -> F,
    ) -> Result<Response, Problem> {
        for _ in 0..TRIES {
            let (steps, answer) = found().await?;
            if let Done::Answered(response) = self.clone().commit(steps, answer).await? {
                return Ok(response);
            }
        }
        Err(FlowError::from(StoreError::Conflict(0)).into())
    }

    /// As `commit`, where no step can stand against anything but a change at the same moment.
    pub(crate) async fn commit_or_changed(
        self,
        steps: Vec<Step>,
        answer: Answer,
    ) -> Result<Response, Problem> {
        match self.commit(steps, answer).await? {
            Done::Answered(response) => Ok(response),
            Done::Against(step) => Err(StoreError::Conflict(step).into()),
        }
    }
}

impl Keyed {
    async fn kept(&self, answer: &Answer, deps: &App, secrets: &Secrets) -> Result<KeptAnswer, FlowError> {
        let plain = serde_json::to_vec(answer).map_err(FlowError::broken)?;
        let sealed = match self.tenant {
            Some(tenant) => deps.seals().seal(&deps.store.for_scope(tenant), &self.digest, &plain).await?,
            None => seal::seal(&installation_key(secrets), &self.digest, &plain, &*deps.dice)?,
        };
        let (request, expires_at) = (self.request.clone(), later(deps.now()));
        Ok(KeptAnswer { request, sealed: Some(sealed), expires_at })
    }

    /// The kept answer, if it is to this request.
    async fn given(&self, kept: &KeptAnswer, deps: &App, secrets: &Secrets) -> Result<Response, Problem> {
        if kept.request != self.request {
            return Err(Problem::conflict(
                "idempotency_key_reused",
                "this Idempotency-Key was used with another request; take a new key for a new request",
            ));
        }
        let Some(sealed) = &kept.sealed else {
            let sentence = "this request was done; its answer spoke of somebody who has been forgotten since";
            return Err(Problem::new(StatusCode::GONE, "answer_forgotten", sentence));
        };
        let plain = match self.tenant {
            Some(tenant) => deps.seals().open(&deps.store.for_scope(tenant), &self.digest, sealed).await?,
            None => seal::open(&installation_key(secrets), &self.digest, sealed)?,
        };
        let answer: Answer = serde_json::from_slice(&plain).map_err(FlowError::broken)?;
        let mut response = answer.into_response();
        let replayed = HeaderName::from_static("idempotent-replayed");
        response.headers_mut().insert(replayed, HeaderValue::from_static("true"));
        Ok(response)
    }
}

fn key_of(parts: &Parts) -> Option<&str> {
    let key = parts.headers.get(HEADER)?.to_str().ok()?;
    (1..=KEY_BYTES_MAX).contains(&key.len()).then_some(key)
}

/// Who asks, if nobody has signed in: two strangers who happen to choose the same key have nothing to do with each
/// other. A browser's refresh says who it is by its cookie alone: without it a key must not open what is kept.
fn stranger(parts: &Parts, body: &[u8], address: &Address, secrets: &Secrets) -> String {
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let shown = TELLING.iter().find_map(|name| Some(format!("{name} {}", told.get(name)?.as_str()?)));
    let cookie = cookies::read(&parts.headers, cookies::REFRESH).map(|cookie| format!("cookie {cookie}"));
    let who = match (shown, cookie) {
        (None, None) => address.digest(secrets, "address"),
        (shown, cookie) => {
            let shown = [cookie.unwrap_or_default(), shown.unwrap_or_default()].join("\n");
            secrets.tag(Purpose::Digest, shown.as_bytes())
        }
    };
    format!("anyone {who}")
}

fn installation_key(secrets: &Secrets) -> DataKey {
    DataKey(secrets.mac(Purpose::AnswerKey, b""))
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(KEPT).unwrap_or(Timestamp::MAX)
}

fn refused(error: impl Into<Problem>) -> Response {
    error.into().into_response()
}
