//! The shop's admin with the app in a frame, and App Bridge, as far as the app needs it.

use axum::{
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
};

use super::Here;
use crate::{doors::html::escaped, shopify::Shop};

/// Where the admin shows the app.
pub(super) fn address(shop: &Shop) -> String {
    format!("{}/admin/apps/regulars", shop.front().base)
}

pub(super) async fn admin(Here(shop): Here) -> Response {
    let app = shop.app_url();
    let origin = app.split('/').take(3).collect::<Vec<_>>().join("/");
    let html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{domain} · Admin</title>\
         <link rel=\"stylesheet\" href=\"admin.css\"><header><b>{domain}</b> · this page stands for Shopify's admin, on your \
         laptop only · <a href=\"{base}/shop\">back to the shop</a></header>\
         <iframe title=\"Regulars\" src=\"{app}\"></iframe><script src=\"admin.js\"></script></html>",
        domain = escaped(shop.domain()),
        base = escaped(&shop.front().base),
        app = escaped(&app),
    );
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src {origin}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let mut response = Html(html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) async fn admin_script() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript")], include_str!("../../../pages/admin.js")).into_response()
}

pub(super) async fn admin_style() -> Response {
    ([(header::CONTENT_TYPE, "text/css")], include_str!("../../../pages/admin.css")).into_response()
}

pub(super) async fn app_bridge() -> Response {
    ([(header::CONTENT_TYPE, "text/javascript")], include_str!("../../../pages/app-bridge.js"))
        .into_response()
}

/// For the page around the frame. Another site's page may ask as well, and cannot read the answer.
pub(super) async fn session_token(Here(shop): Here) -> String {
    shop.session_token()
}
