//! All routes, on one page. A route that is not here does not exist; each is in the OpenAPI document.

use std::sync::Arc;

use axum::{Extension, Router, http::StatusCode};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        path::Operation,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, aliases::ALIASES, api_keys, auth, auth::cookies, docs, error::Problem, health, invitations, members,
    pages, tenants,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Regulars",
        description = "The CRM that turns buyers into regulars. Lists are `{items, total, next}`; errors are problem \
                       documents (RFC 9457) with `code`, `request_id` and, for invalid input, `errors[]`. Every POST \
                       takes an `Idempotency-Key`: repeated with the same key and body it is answered the same and \
                       done once.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    modifiers(&Securities),
)]
struct Shape;

struct Securities;

impl Modify for Securities {
    fn modify(&self, document: &mut Document) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token or an API key"));
        let cookie = ApiKeyValue::with_description(
            cookies::ACCESS,
            "A browser's session; changes need `X-CSRF-Token`",
        );
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    }
}

fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Shape::openapi())
        .routes(routes!(auth::signup::signup))
        .routes(routes!(auth::login::login))
        .routes(routes!(auth::login::logout))
        .routes(routes!(auth::login::switch))
        .routes(routes!(auth::refresh::refresh))
        .routes(routes!(auth::me::me))
        .routes(routes!(auth::password::change_password))
        .routes(routes!(auth::reset::forgot_password))
        .routes(routes!(auth::reset::reset_password))
        .routes(routes!(auth::google::start, auth::google::by_token))
        .routes(routes!(auth::google::callback))
        .routes(routes!(tenants::mine, tenants::change))
        .routes(routes!(tenants::list, tenants::create))
        .routes(routes!(members::list))
        .routes(routes!(members::change, members::remove))
        .routes(routes!(invitations::list, invitations::create))
        .routes(routes!(invitations::withdraw))
        .routes(routes!(invitations::accept))
        .routes(routes!(api_keys::list, api_keys::create))
        .routes(routes!(api_keys::revoke))
        .routes(routes!(pages::reset_password))
        .routes(routes!(pages::accept_invitation))
        .routes(routes!(pages::form_script))
        .routes(routes!(pages::form_style))
        .routes(routes!(docs::document))
        .routes(routes!(docs::page))
        .routes(routes!(docs::file))
        .routes(routes!(health::health))
        .routes(routes!(health::ready))
}

pub(crate) fn all(deps: &App) -> Router {
    let (router, mut document) = documented().split_for_parts();
    add_aliases(&mut document);
    router
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "not_found", "no such path"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path does not take that method",
            )
        })
        .layer(Extension(Arc::new(document)))
        .with_state(deps.clone())
}

/// The API as a document, aliases included.
pub fn openapi() -> Document {
    let mut document = documented().into_openapi();
    add_aliases(&mut document);
    document
}

/// An alias is documented as a deprecated twin.
fn add_aliases(document: &mut Document) {
    for (method, from, to) in ALIASES {
        let Some(real) = document.paths.paths.get(to) else { continue };
        let twin = |operation: &Option<Operation>| {
            operation.clone().map(|mut operation| {
                operation.deprecated = Some(utoipa::openapi::Deprecated::True);
                operation.summary = Some(format!("Another name of {method} {to}"));
                operation.operation_id =
                    operation.operation_id.map(|id| format!("{id}_as_{}", from.replace('/', "_")));
                operation
            })
        };
        let (get, post) = match method {
            "GET" => (twin(&real.get), None),
            _ => (None, twin(&real.post)),
        };
        let item = document.paths.paths.entry(from.to_owned()).or_default();
        item.get = item.get.take().or(get);
        item.post = item.post.take().or(post);
    }
}
