//! The shop at Shopify that a tenant is tied to: connected, looked at, disconnected.

pub(crate) mod callback;
mod connecting;
pub(crate) mod connection;
pub(crate) mod embedded;
pub(crate) mod health;
mod nowhere;
pub(crate) mod promise;
pub(crate) mod start;
pub(crate) mod versions;
mod waiting;

use axum::{http::StatusCode, response::Response};
use domain::Name;
use shopify::{App as ShopifyApp, ShopDomain};

use crate::{App, away::redirect, error::Problem};

/// Where Shopify sends the merchant back to; `shopify.app.toml` names it, too.
pub(crate) const CALLBACK: &str = "/auth/callback";

/// What the page for connecting is told when something is in the way. The words are part of our interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InTheWay {
    /// Nobody has signed in here.
    SignIn,
    /// Who has signed in belongs to no tenant, since this was begun.
    Nowhere,
    /// The shop is another tenant's.
    StoreTaken,
    /// The tenant has another shop.
    AlreadyConnected,
    /// What is kept of the tenant counts in another currency than the shop.
    CurrencyDiffers,
    /// The merchant pressed Cancel, or Shopify does not take the code.
    OauthFailed,
    /// The merchant did not allow all that we need.
    ScopesMissing,
    /// Shopify did not answer, or not as it should.
    CallbackFailed,
}

impl InTheWay {
    fn name(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Nowhere => "nowhere",
            Self::StoreTaken => "store_taken",
            Self::AlreadyConnected => "already_connected",
            Self::CurrencyDiffers => "currency_differs",
            Self::OauthFailed => "oauth_failed",
            Self::ScopesMissing => "scopes_missing",
            Self::CallbackFailed => "callback_failed",
        }
    }

    /// The same to a program, or to a page within Shopify's admin.
    fn refused(self) -> Problem {
        let (status, detail) = match self {
            Self::StoreTaken => (
                StatusCode::FORBIDDEN,
                "this shop is connected to an account that you are no member of: ask whoever connected it to invite you",
            ),
            Self::AlreadyConnected => (StatusCode::CONFLICT, "your account here has another shop"),
            Self::CurrencyDiffers => (
                StatusCode::CONFLICT,
                "what is kept in your account counts in another currency than the shop",
            ),
            _ => (StatusCode::CONFLICT, "the shop was not connected"),
        };
        Problem::new(status, self.name(), detail)
    }

    /// To the page that says what is in the way, and lets them try again.
    fn told(self, shop: &ShopDomain) -> Result<Response, Problem> {
        redirect(&format!("/connect?error={}&shop={shop}", self.name()))
    }
}

async fn app(deps: &App) -> Result<ShopifyApp, Problem> {
    deps.shops.app().await?.ok_or_else(|| {
        Problem::new(
            StatusCode::NOT_FOUND,
            "shopify_not_set_up",
            "no shop can be connected here: no app is set up",
        )
    })
}

/// What a tenant is called that is made for a shop of which no more is known.
fn name_of(shop: &ShopDomain) -> Name {
    let name = shop.name().chars().take(100).collect::<String>();
    name.parse().expect("a shop's name is letters, digits and dashes")
}

fn callback_uri(deps: &App) -> String {
    format!("{}{CALLBACK}", deps.settings.origin)
}
