//! The few pages that a mail's link or a sign-in leads to. Plain files, no framework; each with the policy that
//! lets it do what it must and nothing else.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use crate::App;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// Where what is told of a shop stands in a page, if it does.
const SHOP: &str = "<!-- The shop -->";

/// Where the fields stand with which somebody signs in.
const SIGN_IN: &str = "<!-- Sign in -->";

/// A page, whole: with what it has in common with others.
pub(crate) fn whole(html: &str) -> String {
    let shop = include_str!("../pages/shop.html").trim_end();
    html.replace(SHOP, shop).replace(SIGN_IN, include_str!("../pages/sign-in.html").trim())
}

/// Where sockets are opened, for the policy of a page that opens one: that may be another host than ours.
pub(crate) fn sockets(deps: &App) -> String {
    let (scheme, rest) = deps.settings.live_url.split_once("://").unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    format!("{scheme}://{host}")
}

/// A form for a new password
#[utoipa::path(get, operation_id = "reset_password_page", path = "/reset-password", tag = "Pages", responses((status = 200, description = "a page")))]
pub(crate) async fn reset_password() -> Response {
    page(include_str!("../pages/reset-password.html"))
}

/// A form to accept an invitation
#[utoipa::path(get, operation_id = "accept_invitation_page", path = "/accept-invitation", tag = "Pages", responses((status = 200, description = "a page")))]
pub(crate) async fn accept_invitation() -> Response {
    page(include_str!("../pages/accept-invitation.html"))
}

/// A form to connect a shop
///
/// Says how the shop is connected, and what was in the way if something was (`error`).
#[utoipa::path(get, operation_id = "connect_page", path = "/connect", tag = "Pages", responses((status = 200, description = "a page")))]
pub(crate) async fn connect(State(deps): State<App>) -> Response {
    let page = Html(whole(include_str!("../pages/connect.html"))).into_response();
    // Its form leads to Shopify: a browser holds a form's redirects to the policy, too, and each shop has its own host.
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {}; frame-ancestors 'none'; \
         base-uri 'none'",
        sockets(&deps)
    );
    with_policy(page, &policy)
}

/// What pages have in common that tell of a shop
#[utoipa::path(get, path = "/pages/shop.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn shop_script() -> Response {
    script(include_str!("../pages/shop.js"))
}

/// What shows how well a shop is followed
#[utoipa::path(get, path = "/pages/health.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn health_script() -> Response {
    script(include_str!("../pages/health.js"))
}

/// What tells how far a shop's sync is
#[utoipa::path(get, path = "/pages/live.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn live_script() -> Response {
    script(include_str!("../pages/live.js"))
}

/// What shows what a shop told
#[utoipa::path(get, path = "/pages/told.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn told_script() -> Response {
    script(include_str!("../pages/told.js"))
}

/// What shows what customers have asked for by law
#[utoipa::path(get, path = "/pages/privacy.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn privacy_script() -> Response {
    script(include_str!("../pages/privacy.js"))
}

/// What the page for connecting does
#[utoipa::path(get, path = "/pages/connect.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn connect_script() -> Response {
    script(include_str!("../pages/connect.js"))
}

/// A campaign, watched while it goes out
///
/// What mails and texts about it lead to: how it stands, and what can be done with it.
#[utoipa::path(get, operation_id = "campaign_page", path = "/campaigns/{campaign}", tag = "Pages",
    params(("campaign" = String, Path, description = "the campaign's id")), responses((status = 200, description = "a page")))]
pub(crate) async fn campaign(State(deps): State<App>) -> Response {
    let page = Html(whole(include_str!("../pages/campaign.html"))).into_response();
    let sockets = format!("connect-src 'self' {}", sockets(&deps));
    with_policy(page, &POLICY.replace("connect-src 'self'", &sockets))
}

/// What a campaign's page does
#[utoipa::path(get, path = "/pages/campaign.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn campaign_script() -> Response {
    script(include_str!("../pages/campaign.js"))
}

/// A new campaign, in four steps
///
/// Whom it is for, what it says, what would happen, and when it goes out: then it is watched. `?draft=ID` goes on with one that is kept.
#[utoipa::path(get, operation_id = "compose_page", path = "/campaigns/new", tag = "Pages", responses((status = 200, description = "a page")))]
pub(crate) async fn compose() -> Response {
    page(include_str!("../pages/compose.html"))
}

/// What the page for a new campaign does
#[utoipa::path(get, path = "/pages/compose.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn compose_script() -> Response {
    script(include_str!("../pages/compose.js"))
}

/// The queues, for those who run the installation
#[utoipa::path(get, operation_id = "admin_page", path = "/admin", tag = "Pages", responses((status = 200, description = "a page")))]
pub(crate) async fn admin() -> Response {
    page(include_str!("../pages/admin.html"))
}

/// What the page of the queues does
#[utoipa::path(get, path = "/pages/admin.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn admin_script() -> Response {
    script(include_str!("../pages/admin.js"))
}

/// What the scripts of all pages have in common
#[utoipa::path(get, path = "/pages/page.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn page_script() -> Response {
    script(include_str!("../pages/page.js"))
}

/// What the app's page does
#[utoipa::path(get, path = "/pages/app.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn app_script() -> Response {
    script(include_str!("../pages/app.js"))
}

/// What the forms do
#[utoipa::path(get, path = "/pages/form.js", tag = "Pages", responses((status = 200, description = "a script")))]
pub(crate) async fn form_script() -> Response {
    script(include_str!("../pages/form.js"))
}

/// How the forms look
#[utoipa::path(get, path = "/pages/form.css", tag = "Pages", responses((status = 200, description = "a style sheet")))]
pub(crate) async fn form_style() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("../pages/form.css")).into_response()
}

/// The page of a sign-in in a popup: tells the page that opened it, and closes.
pub(crate) fn popup(origin: &str, nonce: &str) -> String {
    let origin = serde_json::Value::from(origin);
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>Signed in</title><p>You are signed in. You may close this \
         window.</p><script nonce=\"{nonce}\">if (window.opener) {{ window.opener.postMessage({{type: \
         'oauth-popup', success: true}}, {origin}); window.close(); }}</script>"
    )
}

pub(crate) fn with_policy(mut response: Response, policy: &str) -> Response {
    if let Ok(policy) = HeaderValue::from_str(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// On its way through a popup, where the page that opened it must stay within reach: the provider's pages have no
/// policy about their opener, and a browser parts a popup from its opener where two such policies meet.
pub(crate) fn in_popup(mut response: Response) -> Response {
    let policy = HeaderName::from_static("cross-origin-opener-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("unsafe-none"));
    response
}

fn page(html: &str) -> Response {
    with_policy(Html(whole(html)).into_response(), POLICY)
}

fn script(text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, "text/javascript")], text).into_response()
}
