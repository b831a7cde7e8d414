//! What the browser keeps while the merchant is at Shopify's: which question was asked, and in whose name.
//!
//! Signed, hidden from scripts, ten minutes old at most. Whoever comes back must be signed in as whoever left: a shop is
//! never tied to the tenant of somebody who only sent the link.

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{ShopDomain, TenantId, UserId};
use flows::sign::Purpose;
use serde::{Deserialize, Serialize};

use crate::{
    App, Deps,
    auth::cookies,
    away::{signed, unsigned},
    error::Problem,
};

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
            Some(cookie) => unsigned(deps, Purpose::ConnectState, cookie).await?,
            None => None,
        }))
    }
}

impl Waiting {
    pub(super) async fn to_cookie(&self, deps: &Deps) -> Result<String, Problem> {
        Ok(cookies::hidden(COOKIE, &signed(deps, Purpose::ConnectState, self).await?, SECONDS))
    }
}
