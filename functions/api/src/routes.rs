//! All routes, on one page. A route that is not here does not exist; each is in the OpenAPI document.

use axum::{Router, http::StatusCode};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        Content, OpenApi as Document, Ref, RefOr, Response,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    App, aliases::ALIASES, analytics, api_keys, auth, auth::cookies, campaigns, customers, docs,
    error::Problem, files, health, invitations, jobs, live, members, notifications, orders, pages, privacy,
    products, queues, receipts, reports, segments, senders, sending, shop, suppressions, syncs, telephone,
    templates, tenants, webhooks,
};

#[derive(OpenApi)]
#[openapi(
    components(schemas(
        customers::told::CustomerTold,
        orders::told::OrderTold,
        products::told::ProductTold
    )),
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

/// Each route once: served as it stands here, documented by what its handler says of itself. The document is made
/// when somebody asks for it, because it takes longer than a start may.
macro_rules! routes_are {
    ($($method:ident $path:literal => $($handler:ident)::+;)*) => {
        #[cfg(test)]
        const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn served() -> Router<App> {
            Router::new()$(.route($path, axum::routing::$method($($handler)::+)))*
        }

        fn documented() -> OpenApiRouter<App> {
            OpenApiRouter::with_openapi(Shape::openapi())$(.routes(routes!($($handler)::+)))*
        }
    };
}

routes_are! {
    post "/api/auth/signup" => auth::signup::signup;
    post "/api/auth/login" => auth::login::login;
    post "/api/auth/logout" => auth::login::logout;
    post "/api/auth/switch" => auth::login::switch;
    post "/api/auth/refresh" => auth::refresh::refresh;
    get "/api/auth/me" => auth::me::me;
    post "/api/auth/change-password" => auth::password::change_password;
    post "/api/auth/forgot-password" => auth::reset::forgot_password;
    post "/api/auth/reset-password" => auth::reset::reset_password;
    get "/api/auth/google" => auth::google::start;
    post "/api/auth/google" => auth::google::by_token;
    get "/api/auth/google/callback" => auth::google::callback;
    get "/auth" => shop::start::start;
    post "/api/auth/oauth-token" => shop::promise::ask;
    post "/api/auth/shopify" => shop::embedded::sign_in::sign_in;
    get "/app" => shop::embedded::pages::show;
    get "/app/bounce" => shop::embedded::pages::bounce;
    get "/auth/callback" => shop::callback::callback;
    get "/api/v1/tenants/me/shop" => shop::connection::show;
    get "/api/v1/tenants/me/shop/health" => shop::health::show;
    post "/api/v1/tenants/me/shop/disconnect" => shop::connection::disconnect;
    post "/api/v1/tenants/me/sync" => syncs::begin::begin;
    post "/api/v1/tenants/me/sync/{resource}" => syncs::begin::begin_of;
    get "/api/v1/tenants/me/sync-status" => syncs::shown::list;
    get "/api/v1/tenants/me/sync/active" => syncs::shown::active;
    get "/api/v1/tenants/me/sync/{sync}/status" => syncs::shown::show;
    post "/api/v1/tenants/me/sync/{sync}/retry" => syncs::begin::retry;
    get "/api/v1/tenants/me" => tenants::mine;
    patch "/api/v1/tenants/me" => tenants::change;
    get "/api/v1/tenants/me/webhooks" => webhooks::list::list;
    post "/api/v1/tenants/me/webhooks/{webhook}/replay" => webhooks::replay::replay;
    get "/api/v1/tenants/me/privacy" => privacy::list;
    post "/api/v1/tenants/me/privacy/{request}/prepare" => privacy::prepare;
    get "/api/v1/tenants" => tenants::list;
    post "/api/v1/tenants" => tenants::create;
    get "/api/v1/members" => members::list;
    get "/api/v1/members/me/notifications" => notifications::show;
    patch "/api/v1/members/me/notifications" => notifications::change;
    put "/api/v1/members/me/telephone" => telephone::tell;
    delete "/api/v1/members/me/telephone" => telephone::end;
    post "/api/v1/members/me/telephone/prove" => telephone::prove;
    patch "/api/v1/members/{user}" => members::change;
    delete "/api/v1/members/{user}" => members::remove;
    get "/api/v1/invitations" => invitations::list;
    post "/api/v1/invitations" => invitations::create;
    delete "/api/v1/invitations/{invitation}" => invitations::withdraw;
    post "/api/v1/invitations/accept" => invitations::accept;
    get "/api/v1/api-keys" => api_keys::list;
    post "/api/v1/api-keys" => api_keys::create;
    delete "/api/v1/api-keys/{key}" => api_keys::revoke;
    get "/api/v1/customers" => customers::list::list;
    post "/api/v1/customers" => customers::one::create;
    post "/api/v1/customers/bulk" => customers::bulk::create;
    get "/api/v1/customers/stats/overview" => customers::stats::overview;
    get "/api/v1/customers/{customer}" => customers::one::show;
    put "/api/v1/customers/{customer}" => customers::one::replace;
    patch "/api/v1/customers/{customer}" => customers::one::change;
    delete "/api/v1/customers/{customer}" => customers::one::erase;
    post "/api/v1/customers/{customer}/merge" => customers::one::merge;
    get "/api/v1/customers/{customer}/timeline" => customers::timeline::list;
    get "/api/v1/customers/{customer}/orders" => orders::of_customer::list;
    get "/api/v1/customers/{customer}/segments" => segments::of_customer::list;
    get "/api/v1/segments" => segments::list::list;
    post "/api/v1/segments" => segments::one::create;
    get "/api/v1/segments/{segment}" => segments::one::show;
    put "/api/v1/segments/{segment}" => segments::one::replace;
    patch "/api/v1/segments/{segment}" => segments::one::change;
    delete "/api/v1/segments/{segment}" => segments::one::delete;
    get "/api/v1/segments/{segment}/members" => segments::listed::members;
    post "/api/v1/segments/{segment}/members" => segments::members::add;
    post "/api/v1/segments/{segment}/members/remove" => segments::members::remove;
    post "/api/v1/segments/{segment}/preview" => segments::joining::preview;
    post "/api/v1/segments/validate" => segments::validate::validate;
    get "/api/v1/segments/{segment}/explain/{customer}" => segments::explain::of_segment;
    post "/api/v1/segments/explain/{customer}" => segments::explain::of_rule;
    post "/api/v1/segments/{segment}/refresh" => segments::refresh::refresh;
    get "/api/v1/segments/{segment}/shopify" => segments::shopify::show;
    post "/api/v1/segments/overlap" => segments::overlap::overlap;
    get "/api/v1/segments/fields" => segments::fields::list;
    get "/api/v1/segments/templates" => segments::templates::list;
    post "/api/v1/segments/from-words" => segments::from_words::from_words;
    post "/api/v1/segments/preview" => segments::preview::preview;
    get "/api/v1/segments/preview" => segments::preview::asked;
    get "/api/v1/analytics/rfm" => analytics::rfm::distribution;
    get "/api/v1/analytics/rfm/matrix" => analytics::rfm::matrix;
    get "/api/v1/analytics/rfm/summary" => analytics::rfm::summary;
    get "/api/v1/analytics/rfm/segments/{group}" => analytics::rfm::customers;
    post "/api/v1/analytics/rfm/recalculate" => analytics::scoring::recalculate;
    get "/api/v1/analytics/runs" => analytics::runs::list;
    get "/api/v1/analytics/churn" => analytics::churn::distribution;
    get "/api/v1/analytics/churn/high-risk" => analytics::churn::high_risk;
    get "/api/v1/analytics/churn/customers/{customer}" => analytics::churn::of_customer;
    get "/api/v1/analytics/value" => analytics::value::of_all;
    get "/api/v1/analytics/value/cohorts" => analytics::value::by_cohort;
    get "/api/v1/analytics/value/customers/{customer}" => analytics::value::of_customer;
    get "/api/v1/analytics/value/segments/{segment}" => analytics::value::of_segment;
    get "/api/v1/templates" => templates::one::list;
    post "/api/v1/templates" => templates::one::create;
    get "/api/v1/templates/{template}" => templates::one::show;
    put "/api/v1/templates/{template}" => templates::one::replace;
    delete "/api/v1/templates/{template}" => templates::one::delete;
    post "/api/v1/templates/preview" => templates::preview::preview;
    post "/api/v1/templates/{template}/preview" => templates::preview::preview_kept;
    get "/api/v1/senders" => senders::kept::list;
    post "/api/v1/senders" => senders::kept::add;
    get "/api/v1/senders/{sender}" => senders::kept::show;
    post "/api/v1/senders/{sender}/check" => senders::kept::check;
    delete "/api/v1/senders/{sender}" => senders::kept::end;
    get "/api/v1/sending" => sending::shown::show;
    patch "/api/v1/sending" => sending::change::change;
    get "/api/v1/campaigns" => campaigns::list::list;
    post "/api/v1/campaigns" => campaigns::one::create;
    get "/api/v1/campaigns/stats" => campaigns::stats::show;
    get "/api/v1/campaigns/deliveries" => campaigns::stats::deliveries;
    post "/api/v1/campaigns/preview-audience" => campaigns::simulate::untold;
    get "/api/v1/campaigns/{campaign}" => campaigns::one::show;
    post "/api/v1/campaigns/{campaign}/preview" => campaigns::simulate::of_kept;
    post "/api/v1/campaigns/{campaign}/test" => campaigns::trial::of_campaign;
    post "/api/v1/templates/{template}/test" => campaigns::trial::of_template;
    post "/api/v1/campaigns/{campaign}/trial/decide" => campaigns::results::decide;
    get "/api/v1/campaigns/{campaign}/delivery" => campaigns::delivery::show;
    get "/api/v1/campaigns/{campaign}/analytics" => campaigns::figures::show;
    get "/api/v1/campaigns/{campaign}/messages" => campaigns::messages::list;
    get "/api/v1/campaigns/{campaign}/exclusions" => campaigns::exclusions::list;
    put "/api/v1/campaigns/{campaign}" => campaigns::one::replace;
    delete "/api/v1/campaigns/{campaign}" => campaigns::one::delete;
    get "/api/v1/campaigns/{campaign}/history" => campaigns::history::list;
    post "/api/v1/campaigns/{campaign}/launch" => campaigns::launch::launch;
    post "/api/v1/campaigns/{campaign}/schedule" => campaigns::schedule::schedule;
    post "/api/v1/campaigns/{campaign}/unschedule" => campaigns::moves::unschedule;
    post "/api/v1/campaigns/{campaign}/pause" => campaigns::moves::pause;
    post "/api/v1/campaigns/{campaign}/resume" => campaigns::moves::resume;
    post "/api/v1/campaigns/{campaign}/cancel" => campaigns::moves::cancel;
    post "/api/v1/campaigns/{campaign}/duplicate" => campaigns::one::duplicate;
    post "/api/v1/campaigns/{campaign}/archive" => campaigns::moves::archive;
    post "/api/v1/campaigns/{campaign}/unarchive" => campaigns::moves::unarchive;
    post "/api/v1/ai/smart-scheduling" => campaigns::best_time::suggest;
    get "/api/v1/suppressions" => suppressions::list;
    post "/api/v1/suppressions" => suppressions::add;
    post "/api/v1/suppressions/bulk" => suppressions::many::add;
    delete "/api/v1/suppressions/{suppression}" => suppressions::lift;
    post "/api/v1/receipts/simulated" => receipts::simulated::tell;
    post "/api/v1/receipts/sendgrid/{tenant}" => receipts::sendgrid::tell;
    post "/api/v1/receipts/twilio" => receipts::twilio::tell;
    post "/api/v1/receipts/twilio/{tenant}/answers" => receipts::answers::tell;
    post "/api/v1/receipts/ses" => receipts::ses::tell;
    get "/api/v1/orders" => orders::list::list;
    post "/api/v1/orders" => orders::one::create;
    get "/api/v1/orders/stats/summary" => orders::figures::summary;
    get "/api/v1/orders/stats/daily" => orders::figures::daily;
    get "/api/v1/orders/{order}" => orders::one::show;
    put "/api/v1/orders/{order}" => orders::one::replace;
    patch "/api/v1/orders/{order}" => orders::one::change;
    delete "/api/v1/orders/{order}" => orders::one::delete;
    post "/api/v1/orders/{order}/move" => orders::one::give;
    get "/api/v1/tenants/me/stats" => analytics::shop::stats;
    get "/api/v1/customers/{customer}/analytics" => analytics::one::show;
    get "/api/v1/analytics/dashboard" => analytics::dashboard::show;
    get "/api/v1/analytics/revenue" => analytics::revenue::show;
    get "/api/v1/analytics/revenue/trend" => analytics::revenue::trend;
    get "/api/v1/analytics/revenue/summary" => analytics::revenue::summary;
    get "/api/v1/analytics/campaigns" => campaigns::performance::list;
    get "/api/v1/analytics/customers" => analytics::customers::show;
    get "/api/v1/analytics/customers/top" => analytics::top::customers;
    get "/api/v1/analytics/products/top" => analytics::products::products;
    get "/api/v1/analytics/geography" => analytics::places::show;
    get "/api/v1/analytics/cohorts" => analytics::cohorts::show;
    get "/api/v1/reports" => reports::kept::list;
    post "/api/v1/reports" => reports::kept::create;
    post "/api/v1/reports/preview" => reports::run::preview;
    get "/api/v1/reports/{report}" => reports::kept::show;
    put "/api/v1/reports/{report}" => reports::kept::replace;
    delete "/api/v1/reports/{report}" => reports::kept::delete;
    get "/api/v1/reports/{report}/run" => reports::run::run;
    post "/api/v1/reports/{report}/links" => reports::links::create;
    delete "/api/v1/reports/{report}/links" => reports::links::end;
    put "/api/v1/reports/{report}/schedule" => reports::schedule::set;
    delete "/api/v1/reports/{report}/schedule" => reports::schedule::end;
    get "/api/v1/shared/reports" => reports::by_link::open;
    get "/api/v1/products" => products::list::list;
    post "/api/v1/products" => products::one::create;
    get "/api/v1/products/{product}" => products::one::show;
    put "/api/v1/products/{product}" => products::one::replace;
    patch "/api/v1/products/{product}" => products::one::change;
    delete "/api/v1/products/{product}" => products::one::delete;
    post "/api/v1/data/import/customers" => files::import::customers;
    post "/api/v1/data/import/suppressions" => suppressions::many::import;
    post "/api/data/import/customers" => files::import::customers_as_before;
    post "/api/v1/data/import/orders" => files::import::orders;
    post "/api/data/import/orders" => files::import::orders_as_before;
    get "/api/v1/data/export/customers" => files::export::of_customers;
    get "/api/v1/data/export/orders" => files::export::of_orders;
    get "/api/v1/data/samples/customers" => files::samples::of_customers;
    get "/api/v1/data/samples/orders" => files::samples::of_orders;
    post "/api/v1/imports" => jobs::import::begin;
    post "/api/v1/imports/{job}/start" => jobs::import::start;
    post "/api/v1/exports/customers" => jobs::export::of_customers;
    post "/api/v1/exports/orders" => jobs::export::of_orders;
    get "/api/v1/jobs" => jobs::one::list;
    get "/api/v1/jobs/{job}" => jobs::one::show;
    post "/api/v1/jobs/{job}/cancel" => jobs::one::cancel;
    post "/api/v1/live/tickets" => live::ticket;
    get "/admin" => pages::admin;
    get "/admin/queues" => queues::list::list;
    get "/admin/queues/{queue}/failed" => queues::failed::list;
    post "/admin/queues/{queue}/failed/{id}/retry" => queues::failed::retry;
    post "/admin/queues/{queue}/failed/{id}/discard" => queues::failed::discard;
    get "/reset-password" => pages::reset_password;
    get "/accept-invitation" => pages::accept_invitation;
    get "/connect" => pages::connect;
    get "/campaigns/new" => pages::compose;
    get "/campaigns/{campaign}" => pages::campaign;
    get "/pages/page.js" => pages::page_script;
    get "/pages/app.js" => pages::app_script;
    get "/pages/connect.js" => pages::connect_script;
    get "/pages/campaign.js" => pages::campaign_script;
    get "/pages/compose.js" => pages::compose_script;
    get "/pages/shop.js" => pages::shop_script;
    get "/pages/live.js" => pages::live_script;
    get "/pages/health.js" => pages::health_script;
    get "/pages/told.js" => pages::told_script;
    get "/pages/privacy.js" => pages::privacy_script;
    get "/pages/admin.js" => pages::admin_script;
    get "/pages/form.js" => pages::form_script;
    get "/pages/form.css" => pages::form_style;
    get "/openapi.json" => docs::document;
    get "/api/docs" => docs::page;
    get "/api/docs/{file}" => docs::file;
    get "/health" => health::health;
    get "/ready" => health::ready;
}

pub(crate) fn all(deps: &App) -> Router {
    served()
        .fallback(async || Problem::new(StatusCode::NOT_FOUND, "not_found", "no such path"))
        .method_not_allowed_fallback(async || {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this path does not take that method",
            )
        })
        .with_state(deps.clone())
}

/// The API as a document, aliases included.
pub fn openapi() -> Document {
    let mut document = documented().into_openapi();
    for item in document.paths.paths.values_mut() {
        let all = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        all.into_iter().flatten().for_each(add_refusal);
    }
    add_aliases(&mut document);
    document
}

/// Whatever else happens is told in one form.
fn add_refusal(operation: &mut Operation) {
    let problem = Content::new(Some(Ref::from_schema_name("Problem")));
    let refusal =
        Response::builder().description("a problem document").content("application/problem+json", problem);
    operation.responses.responses.insert("default".to_owned(), RefOr::T(refusal.build()));
}

/// An alias is documented as a deprecated twin.
fn add_aliases(document: &mut Document) {
    for (method, from, to) in ALIASES {
        let Some(real) = document.paths.paths.get(*to) else { continue };
        let twin = |operation: &Option<Operation>| {
            operation.clone().map(|mut operation| {
                operation.deprecated = Some(utoipa::openapi::Deprecated::True);
                operation.summary = Some(format!("Another name of {method} {to}"));
                operation.operation_id = operation
                    .operation_id
                    .map(|id| format!("{id}_as_{}", from.replace(['/', '{', '}'], "_")));
                operation
            })
        };
        let of = |method: &str, item: &PathItem| match method {
            "GET" => item.get.clone(),
            "POST" => item.post.clone(),
            "PUT" => item.put.clone(),
            "PATCH" => item.patch.clone(),
            _ => item.delete.clone(),
        };
        let told = twin(&of(method, real));
        let item = document.paths.paths.entry((*from).to_owned()).or_default();
        match *method {
            "GET" => item.get = told,
            "POST" => item.post = told,
            "PUT" => item.put = told,
            "PATCH" => item.patch = told,
            _ => item.delete = told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_is_served_is_documented_and_nothing_else() {
        let document = serde_json::to_value(documented().into_openapi()).unwrap();
        let told = document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
            item.as_object().unwrap().keys().map(move |method| (method.clone(), path.clone()))
        });
        let told: BTreeSet<_> = told.collect();
        let served: BTreeSet<_> =
            ROUTES.iter().map(|(method, path)| ((*method).to_owned(), (*path).to_owned())).collect();
        assert_eq!(served, told);
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let document = serde_json::to_value(openapi()).unwrap();
        let items = document["paths"].as_object().unwrap().values();
        let names: Vec<_> = items.flat_map(|item| item.as_object().unwrap().values()).collect();
        let names: Vec<_> =
            names.iter().map(|operation| operation["operationId"].as_str().unwrap()).collect();
        let distinct: BTreeSet<_> = names.iter().collect();
        assert_eq!(names.len(), distinct.len(), "{names:?}");
        assert!(document["components"]["schemas"]["Problem"].is_object());
    }
}
