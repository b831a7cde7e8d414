//! Who calls, as extractors: a route that takes one cannot be reached without it.
//!
//! Programs come with `Authorization: Bearer`; browsers with cookies, and then, to change anything, from an
//! origin that we trust and with the CSRF token of their session.

use std::{
    convert::Infallible,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{Method, StatusCode, header, request::Parts},
};
use domain::{SessionId, TenantId};
use flows::{
    Denial, FlowError, Secrets,
    identify::{self, Actor, Caller, Signed},
    rates::{self, PEOPLE},
    sign::{Purpose, same},
};

use crate::{App, Settings, auth::cookies, edge::Context, error::Problem};

/// A person who has signed in, whether or not they belong to a tenant; their call counts towards their own limit.
pub(crate) struct SignedIn(pub(crate) Signed);

/// One of those who run the installation: a person who has signed in, and whose address, which the settings name, was
/// shown to be theirs. Else whoever signs up with an operator's address first would be one.
pub(crate) struct Operating(pub(crate) Signed);

/// Somebody who acts in a tenant; their call counts towards its limits.
pub(crate) struct Acting(pub(crate) Caller);

/// Whose idempotency keys are meant: what one caller's key says is nothing to another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(crate) tenant: Option<TenantId>,
    pub(crate) actor: String,
}

/// Where the call comes from, as far as the network tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address(String);

/// How a caller proves who they are.
pub(crate) enum Credential {
    Bearer(String),
    Cookie(String),
}

impl FromRequestParts<App> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let signed = person(parts, deps).await?;
        let who = format!("user {}", signed.user.id);
        let digest = deps.open_secrets().await?.tag(Purpose::Digest, who.as_bytes());
        let limits = rates::take_try(&deps.store, &digest, PEOPLE, deps.now()).await?;
        if let Some(context) = parts.extensions.get::<Context>() {
            context.is_within(limits);
        }
        Ok(Self(signed))
    }
}

impl FromRequestParts<App> for Operating {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let SignedIn(signed) = SignedIn::from_request_parts(parts, deps).await?;
        let user = &signed.user;
        let is_operator = user.email_proven_at.is_some() && deps.desk.operators.contains(&user.email);
        if !is_operator {
            return Err(Problem::forbidden(
                "not_an_operator",
                "this is for those who run the installation, signed in with an address that is shown to be theirs",
            ));
        }
        Ok(Self(signed))
    }
}

async fn person(parts: &mut Parts, deps: &App) -> Result<Signed, Problem> {
    let (secrets, now) = (deps.open_secrets().await?, deps.now());
    let credential = Credential::of(parts)?;
    let signed = identify::person(&deps.store, &secrets, credential.token(), now).await?;
    credential.must_be_meant(parts, &deps.settings, &secrets, Some(signed.session.id))?;
    let tenant = signed.place.as_ref().map(|place| place.store.id());
    if let (Some(context), Some(tenant)) = (parts.extensions.get::<Context>(), tenant) {
        context.is_of(tenant);
    }
    parts.extensions.insert(Scope { tenant, actor: signed.user.id.to_string() });
    Ok(signed)
}

impl FromRequestParts<App> for Acting {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let (secrets, now) = (deps.open_secrets().await?, deps.now());
        let credential = Credential::of(parts)?;
        let caller = identify::caller(&deps.store, &secrets, credential.token(), now).await?;
        let session = secrets.access(credential.token(), now).map(|access| access.session);
        credential.must_be_meant(parts, &deps.settings, &secrets, session)?;
        let context = parts.extensions.get::<Context>().cloned();
        if let Some(context) = &context {
            context.is_of(caller.store.id());
        }
        let limits = rates::take_call(&caller.store, caller.tenant.plan, caller.rate.clone(), now).await?;
        if let Some(context) = &context {
            context.is_within(limits);
        }
        let actor = match &caller.actor {
            Actor::Person { user, .. } => user.id.to_string(),
            Actor::Program { key, .. } => key.id.to_string(),
        };
        parts.extensions.insert(Scope { tenant: Some(caller.store.id()), actor });
        Ok(Self(caller))
    }
}

/// A call that shows something which its caller was given, a refresh token or a code: its address may be many
/// people's, so it is bounded, but not as a stranger's tries are.
pub(crate) struct Paced;

impl FromRequestParts<App> for Paced {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let Ok(address) = Address::from_request_parts(parts, deps).await;
        let digest = address.digest(&*deps.open_secrets().await?, "visits from");
        let limits = rates::take_try(&deps.store, &digest, PEOPLE, deps.now()).await?;
        if let Some(context) = parts.extensions.get::<Context>() {
            context.is_within(limits);
        }
        Ok(Self)
    }
}

/// A person, if one has signed in and means it; else anybody. Who takes it bounds the call by other means.
pub(crate) struct MaybeSignedIn(pub(crate) Option<Signed>);

impl FromRequestParts<App> for MaybeSignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        match person(parts, deps).await {
            Ok(signed) => Ok(Self(Some(signed))),
            Err(problem) if matches!(problem.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                Ok(Self(None))
            }
            // Who they are is not known: taking them for nobody could refuse them for good.
            Err(problem) => Err(problem),
        }
    }
}

impl Credential {
    pub(crate) fn of(parts: &Parts) -> Result<Self, FlowError> {
        let told = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some(told) = told {
            let (scheme, token) = told.split_once(' ').unwrap_or((told, ""));
            let is_bearer = scheme.eq_ignore_ascii_case("bearer");
            return if is_bearer {
                Ok(Self::Bearer(token.trim().to_owned()))
            } else {
                Err(FlowError::Denied(Denial::Unauthenticated))
            };
        }
        let cookie = cookies::read(&parts.headers, cookies::ACCESS);
        cookie.map(|token| Self::Cookie(token.to_owned())).ok_or(FlowError::Denied(Denial::Unauthenticated))
    }

    pub(crate) fn token(&self) -> &str {
        match self {
            Self::Bearer(token) | Self::Cookie(token) => token,
        }
    }

    /// Browsers send cookies whoever asks them to: who wants to change something must show that they are ours.
    fn must_be_meant(
        &self,
        parts: &Parts,
        settings: &Settings,
        secrets: &Secrets,
        session: Option<SessionId>,
    ) -> Result<(), Problem> {
        match self {
            Self::Bearer(_) => Ok(()),
            Self::Cookie(_) if matches!(parts.method, Method::GET | Method::HEAD) => Ok(()),
            Self::Cookie(_) => must_be_ours(parts, settings, secrets, session),
        }
    }
}

/// A browser's request that changes something: from a trusted origin, with the session's CSRF token.
pub(crate) fn must_be_ours(
    parts: &Parts,
    settings: &Settings,
    secrets: &Secrets,
    session: Option<SessionId>,
) -> Result<(), Problem> {
    let header = |name| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let origin = header(header::ORIGIN);
    if !origin.is_some_and(|origin| settings.trusts(origin)) {
        return Err(Problem::forbidden(
            "foreign_origin",
            "a page of another site may not do this with your cookies",
        ));
    }
    let told = header(header::HeaderName::from_static("x-csrf-token")).unwrap_or_default();
    let expected = session.map(|session| secrets.csrf_token(session)).unwrap_or_default();
    if expected.is_empty() || !same(told.as_bytes(), expected.as_bytes()) {
        return Err(Problem::forbidden(
            "csrf_token",
            "send the session's CSRF token in `X-CSRF-Token`; sign-in and refresh hand it out",
        ));
    }
    Ok(())
}

/// Another site's page must not sign its visitor in as somebody.
pub(crate) fn must_not_be_foreign(parts: &Parts, settings: &Settings) -> Result<(), Problem> {
    match parts.headers.get(header::ORIGIN) {
        Some(origin) if !origin.to_str().is_ok_and(|origin| settings.trusts(origin)) => {
            Err(Problem::forbidden("foreign_origin", "a page of another site may not sign people in here"))
        }
        _ => Ok(()),
    }
}

impl Address {
    /// What stands for the address in the table, in that use: it says nothing to who reads it there.
    pub(crate) fn digest(&self, secrets: &Secrets, of: &str) -> String {
        secrets.tag(Purpose::Digest, format!("{of} {}", self.0).as_bytes())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Address {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let told = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        Ok(Self(told.map_or_else(|| "unknown".to_owned(), |address| network_of(address).to_string())))
    }
}

/// One household has a /64 of addresses: they count as one.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_household_is_one_address() {
        let check = |address: &str, network: &str| {
            assert_eq!(network_of(address.parse().unwrap()), network.parse::<IpAddr>().unwrap(), "{address}");
        };
        check("203.0.113.7", "203.0.113.7");
        check("::ffff:203.0.113.7", "203.0.113.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
    }
}
