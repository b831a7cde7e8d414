//! What the browser keeps while the merchant is at Shopify's: which question was asked, and in whose name.
//!
//! Signed, hidden from scripts, ten minutes old at most. Whoever comes back must be signed in as whoever left: a shop is
//! never tied to the tenant of somebody who only sent the link.

use axum::{extract::FromRequestParts, http::request::Parts};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{ShopDomain, TenantId, UserId};
use flows::{FlowError, sign::Purpose};
use serde::{Deserialize, Serialize};

use crate::{App, Deps, auth::cookies, error::Problem};

pub(super) const COOKIE: &str = "__Host-connect";
pub(super) const SECONDS: i64 = 600;

#[derive(Serialize, Deserialize)]
pub(super) struct Waiting {
    pub(super) state: String,
    pub(super) shop: ShopDomain,
    pub(super) user: UserId,
    pub(super) tenant: TenantId,
    pub(super) expires_at: i64,
}

/// What the browser brings back.
pub(crate) struct Brought(pub(super) Option<Waiting>);

impl FromRequestParts<App> for Brought {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, deps: &App) -> Result<Self, Problem> {
        let cookie = cookies::read(&parts.headers, COOKIE);
        Ok(Self(match cookie {
            Some(cookie) => Waiting::from_cookie(cookie, deps).await?,
            None => None,
        }))
    }
}

impl Waiting {
    pub(super) async fn to_cookie(&self, deps: &Deps) -> Result<String, Problem> {
        let json = serde_json::to_vec(self).map_err(FlowError::broken)?;
        let tag = deps.open_secrets().await?.tag(Purpose::ConnectState, &json);
        Ok(cookies::hidden(COOKIE, &format!("{}.{tag}", URL_SAFE_NO_PAD.encode(json)), SECONDS))
    }

    async fn from_cookie(cookie: &str, deps: &Deps) -> Result<Option<Self>, FlowError> {
        let secrets = deps.open_secrets().await?;
        let Some((json, tag)) = cookie.split_once('.') else { return Ok(None) };
        let Ok(json) = URL_SAFE_NO_PAD.decode(json) else { return Ok(None) };
        let is_ours = secrets.made(Purpose::ConnectState, &json, tag);
        Ok(if is_ours { serde_json::from_slice(&json).ok() } else { None })
    }
}
