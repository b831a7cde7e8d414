//! The screen on which a merchant installs an app, and where they are sent from there.

use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use super::Here;
use crate::{
    doors::html::{escaped, page},
    shopify::{Shop, Shopify},
};

/// What an app sends the merchant's browser with.
#[derive(Deserialize)]
pub(super) struct Asked {
    client_id: String,
    #[serde(default)]
    scope: String,
    redirect_uri: String,
    #[serde(default)]
    state: String,
}

impl Asked {
    /// Whoever is sent away with this would not know why: they are told here.
    fn wrong(&self, shop: &Shop) -> Option<&'static str> {
        let settings = &shop.front().app.settings;
        match () {
            () if self.client_id != settings.client_id => {
                Some("Oauth error invalid_request: The client_id is not known")
            }
            () if !settings.redirect_urls.contains(&self.redirect_uri) => {
                Some("Oauth error invalid_request: The redirect_uri is not whitelisted")
            }
            () if self.scopes().is_empty() => Some("Oauth error invalid_scope: no scope is asked for"),
            () => None,
        }
    }

    fn scopes(&self) -> Vec<String> {
        let scopes = self.scope.split(',').map(str::trim).filter(|scope| !scope.is_empty());
        scopes.map(str::to_owned).collect()
    }

    fn query(&self) -> String {
        let pairs = [
            ("client_id", &self.client_id),
            ("scope", &self.scope),
            ("redirect_uri", &self.redirect_uri),
            ("state", &self.state),
        ];
        Url::parse_with_params("x:/", pairs)
            .ok()
            .and_then(|url| url.query().map(str::to_owned))
            .unwrap_or_default()
    }
}

pub(super) async fn screen(
    Here(shop): Here,
    State(_): State<Shopify>,
    Query(asked): Query<Asked>,
) -> Response {
    if let Some(wrong) = asked.wrong(&shop) {
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    let scopes: String = asked.scopes().iter().map(|scope| format!("<li>{}", escaped(scope))).collect();
    let install = format!("{}/admin/oauth/install?{}", shop.front().base, asked.query());
    page(
        "Install app",
        &format!(
            "<h1>Install this app?</h1><p>You are in the demo shop <b>{}</b>: this page stands for Shopify's, on your \
             laptop only.</p><p>The app asks for:</p><ul>{scopes}</ul>\
             <p><a href=\"{}\">Install</a> · <a href=\"{}/shop\">Cancel</a></p>",
            escaped(shop.domain()),
            escaped(&install),
            escaped(&shop.front().base),
        ),
    )
}

/// What an app sends the browser of a merchant with who has installed it.
#[derive(Deserialize)]
pub(super) struct MoreAsked {
    client_id: String,
    optional_scopes: String,
}

impl MoreAsked {
    fn scopes(&self) -> impl Iterator<Item = &str> {
        self.optional_scopes.split(',').map(str::trim).filter(|scope| !scope.is_empty())
    }

    fn wrong(&self, shop: &Shop) -> Option<&'static str> {
        let settings = &shop.front().app.settings;
        let is_optional = |scope: &str| settings.optional_scopes.iter().any(|held| held == scope);
        match () {
            () if self.client_id != settings.client_id => {
                Some("Oauth error invalid_request: The client_id is not known")
            }
            () if shop.scopes().is_none() => Some("The app is not installed in this shop"),
            () if self.scopes().next().is_none() || !self.scopes().all(is_optional) => {
                Some("Oauth error invalid_scope: the app's configuration names no such optional scope")
            }
            () => None,
        }
    }
}

/// The screen on which a merchant allows more than they had to.
pub(super) async fn more_screen(Here(shop): Here, Query(asked): Query<MoreAsked>) -> Response {
    if let Some(wrong) = asked.wrong(&shop) {
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    let scopes: String = asked.scopes().map(|scope| format!("<li>{}", escaped(scope))).collect();
    let pairs = [("client_id", &asked.client_id), ("optional_scopes", &asked.optional_scopes)];
    let query: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let base = &shop.front().base;
    page(
        "Allow more",
        &format!(
            "<h1>Allow the app more?</h1><p>You are in the demo shop <b>{}</b>: this page stands for Shopify's, on your \
             laptop only.</p><p>The app asks for:</p><ul>{scopes}</ul>\
             <p><a href=\"{}\">Allow</a> · <a href=\"{}\">Not now</a></p>",
            escaped(shop.domain()),
            escaped(&format!("{base}/store/oauth/allow?{query}")),
            escaped(&shop.app_url()),
        ),
    )
}

/// They have pressed the button, and go back to the app.
pub(super) async fn more(Here(shop): Here, Query(asked): Query<MoreAsked>) -> Response {
    if let Some(wrong) = asked.wrong(&shop) {
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    let mut all = shop.scopes().unwrap_or_default();
    all.extend(asked.scopes().map(str::to_owned));
    all.sort_unstable();
    all.dedup();
    shop.regrant(&all.iter().map(String::as_str).collect::<Vec<_>>());
    Redirect::to(&shop.app_url()).into_response()
}

/// The merchant has pressed the button.
pub(super) async fn install(Here(shop): Here, Query(asked): Query<Asked>) -> Response {
    if let Some(wrong) = asked.wrong(&shop) {
        return (StatusCode::BAD_REQUEST, wrong).into_response();
    }
    let optional = &shop.front().app.settings.optional_scopes;
    let code = shop.with(|state, now, dice| {
        // What was allowed beyond what has to be stays allowed.
        let held = state.access.scopes.iter().flatten().filter(|scope| optional.contains(scope));
        let mut scopes: Vec<_> = asked.scopes().into_iter().chain(held.cloned()).collect();
        let mut seen = std::collections::BTreeSet::new();
        scopes.retain(|scope| seen.insert(scope.clone()));
        let code = state.access.code(scopes, dice, now);
        state.access_changed();
        code
    });
    let pairs = vec![
        ("code", code),
        ("host", shop.host()),
        ("shop", shop.domain().to_owned()),
        ("state", asked.state.clone()),
        ("timestamp", shop.now().as_second().to_string()),
    ];
    match Url::parse_with_params(&asked.redirect_uri, shop.front().app.signed_query(pairs)) {
        Ok(to) => Redirect::to(to.as_str()).into_response(),
        Err(_) => (StatusCode::BAD_REQUEST, "redirect_uri is no URL").into_response(),
    }
}
