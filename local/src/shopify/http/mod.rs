//! The doors of all shops: the Admin API, the way in for apps, files of bulk operations, and a page to press buttons on.

mod admin;
mod books;
mod faults;
mod files;
mod framed;
mod grant;
mod install;
mod page;
mod press;

use axum::{
    Router,
    extract::{FromRequestParts, Path, RawPathParams},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::sync::Arc;

use super::{Shopify, shop::Shop};

/// The latest stable version, in which webhooks are written as well.
pub(crate) const NEWEST: &str = "2026-10";
/// Versions that can be asked for, oldest first.
const VERSIONS: [&str; 6] = ["2026-01", "2026-04", "2026-07", NEWEST, "2027-01", "unstable"];

pub(super) fn router(shopify: Shopify) -> Router {
    Router::new()
        .route("/{shop}/admin/api/{version}/graphql.json", post(admin::graphql))
        .route("/{shop}/admin/oauth/authorize", get(install::screen))
        .route("/{shop}/admin/oauth/install", get(install::install))
        .route("/{shop}/admin/oauth/access_token", post(grant::token))
        .route("/{shop}/store/oauth/install", get(install::more_screen))
        .route("/{shop}/store/oauth/allow", get(install::more))
        .route("/{shop}/bulk/{file}", get(files::file))
        .route("/app-bridge.js", get(framed::app_bridge))
        .route("/{shop}/admin/apps/{app}", get(framed::admin))
        .route("/{shop}/admin/apps/admin.js", get(framed::admin_script))
        .route("/{shop}/admin/apps/admin.css", get(framed::admin_style))
        .route("/{shop}/admin/apps/session-token", post(framed::session_token))
        .route("/{shop}/shop", get(page::shown))
        .route("/{shop}/shop/standing", get(books::standing))
        .route("/{shop}/shop/customers.jsonl", get(books::customers))
        .route("/{shop}/shop/orders.jsonl", get(books::orders))
        .route("/{shop}/shop/{act}", post(press::act))
        .with_state(shopify)
}

/// The shop that the address names.
struct Here(Arc<Shop>);

impl FromRequestParts<Shopify> for Here {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shopify: &Shopify) -> Result<Self, Response> {
        let named = RawPathParams::from_request_parts(parts, shopify).await;
        let named = named.map_err(IntoResponse::into_response)?;
        let domain = named.iter().find(|(name, _)| *name == "shop").map_or("", |(_, domain)| domain);
        let shop = shopify.shop(domain).map(Here);
        shop.ok_or_else(|| (StatusCode::NOT_FOUND, "there is no such shop").into_response())
    }
}

/// The version that answers, if that one is asked for: an expired one is answered by the oldest there is.
fn version(asked: &str) -> Option<&'static str> {
    if let Some(known) = VERSIONS.into_iter().find(|known| *known == asked) {
        return Some(known);
    }
    let (year, month) = asked.split_once('-')?;
    let is_quarter = ["01", "04", "07", "10"].contains(&month);
    let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    (is_quarter && is_year && asked < VERSIONS[0]).then_some(VERSIONS[0])
}

/// One part of the path.
async fn part(parts: &mut Parts, name: &str) -> String {
    let named = Path::<Vec<(String, String)>>::from_request_parts(parts, &()).await;
    let named = named.map(|Path(named)| named).unwrap_or_default();
    named.into_iter().find(|(known, _)| known == name).map(|(_, value)| value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn an_expired_version_is_answered_by_the_oldest_one() {
        for (asked, answers) in [
            ("2026-10", Some("2026-10")),
            ("2026-01", Some("2026-01")),
            ("unstable", Some("unstable")),
            ("2025-10", Some("2026-01")),
            ("2019-04", Some("2026-01")),
            ("2027-04", None),
            ("2025-11", None),
            ("latest", None),
        ] {
            assert_eq!(version(asked), answers, "{asked}");
        }
    }
}
