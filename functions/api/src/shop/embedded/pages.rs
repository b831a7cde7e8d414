//! The documents that Shopify's admin shows in a frame, and the same page by itself.
//!
//! Within the admin a document bears a session token, and its policy lets that token's shop frame it. One that comes without
//! a good token goes to the bounce page, which holds App Bridge alone and comes back with one.

use axum::{
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Response},
};
use shopify::{App as ShopifyApp, SessionToken, embedded};

use crate::{
    App,
    away::redirect,
    error::{Problem, ProblemDocument},
    pages::{sockets, whole, with_policy},
    shop::app,
};

const HERE: &str = "/app";
const BOUNCE: &str = "/app/bounce";
/// Where App Bridge stands in the page, if it does.
const PLACE: &str = "<!-- App Bridge -->";

/// The app
///
/// How the shop is connected, how far its sync is, what it tells and how well it is followed. Within Shopify's admin (`id_token`, `host`, `embedded`) framed by that shop alone, and signed in
/// by App Bridge; without any of these a page like the others.
#[utoipa::path(get, operation_id = "app_page", path = "/app", tag = "Pages", responses(
    (status = 200, description = "a page"),
    (status = 302, description = "within the admin and without a session token that holds: to the page that gets one"),
))]
pub(crate) async fn show(State(deps): State<App>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let raw = raw.unwrap_or_default();
    let told = |name: &str| {
        form_urlencoded::parse(raw.as_bytes())
            .find(|(told, _)| told == name)
            .map(|(_, value)| value.into_owned())
    };
    let page = whole(include_str!("../../../pages/app.html"));
    if !["embedded", "host", "id_token"].into_iter().any(|name| told(name).is_some()) {
        let page = Html(page.replace(PLACE, "")).into_response();
        return Ok(with_policy(page, &policy(&deps, "", "frame-ancestors 'none'")));
    }
    let app = app(&deps).await?;
    let session = told("id_token").and_then(|token| SessionToken::read(&token, &app, deps.now()).ok());
    let Some(session) = session else { return redirect(&embedded::bounce(BOUNCE, HERE, &raw)) };
    let bridge = bridge(&deps, &app)?;
    Ok(framed(&deps, &session.shop, page.replace(PLACE, &bridge)))
}

/// For a session token
///
/// Holds App Bridge alone, which takes a new session token and goes back with it to where `shopify-reload` says.
#[utoipa::path(get, operation_id = "bounce_page", path = "/app/bounce", tag = "Pages", responses(
    (status = 200, description = "a page"),
    (status = 400, description = "no shop, or a way back that is not one of ours", body = ProblemDocument),
))]
pub(crate) async fn bounce(State(deps): State<App>, RawQuery(raw): RawQuery) -> Result<Response, Problem> {
    let app = app(&deps).await?;
    let shop = embedded::bounced(&raw.unwrap_or_default()).ok_or_else(|| {
        Problem::bad("bad_query", "`shop` and `shopify-reload`, a path of this site, are expected")
    })?;
    let bridge = bridge(&deps, &app)?;
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Regulars</title>{bridge}</html>"
    );
    Ok(framed(&deps, &shop, page))
}

fn bridge(deps: &App, app: &ShopifyApp) -> Result<String, Problem> {
    let bridge = embedded::bridge(app, &deps.shops.origin);
    bridge.ok_or_else(|| flows::FlowError::broken("the app's client id is none of Shopify's").into())
}

fn framed(deps: &App, shop: &shopify::ShopDomain, page: String) -> Response {
    let origin = &deps.shops.origin;
    let policy = policy(deps, &format!(" {}", origin.scripts()), &origin.frame_ancestors(shop));
    with_policy(Html(page).into_response(), &policy)
}

/// `bridge`: whose scripts run beside ours.
fn policy(deps: &App, bridge: &str, ancestors: &str) -> String {
    let sockets = sockets(deps);
    format!(
        "default-src 'none'; script-src 'self'{bridge}; style-src 'self'; connect-src 'self'{bridge} {sockets}; \
         form-action 'none'; base-uri 'none'; {ancestors}"
    )
}
