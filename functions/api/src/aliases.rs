//! Paths that answer under a second name, because a system that merchants come from knows them by it.
//!
//! Resolved before routing; documented as deprecated twins of the real operation.

use axum::{
    extract::Request,
    http::{Method, Uri},
};

/// The method, the other name, the real path. `{…}` stands for one part of a path, and is the same in both. What is
/// written out stands before what is not.
pub(crate) const ALIASES: &[(&str, &str, &str)] = &[
    ("POST", "/api/auth/register", "/api/auth/signup"),
    ("POST", "/auth/login", "/api/auth/login"),
    ("GET", "/auth/install", "/auth"),
    ("POST", "/auth/disconnect", "/api/v1/tenants/me/shop/disconnect"),
    ("GET", "/sync/status", "/api/v1/tenants/me/sync-status"),
    ("POST", "/sync/start", "/api/v1/tenants/me/sync"),
    ("POST", "/sync/{resource}", "/api/v1/tenants/me/sync/{resource}"),
    ("POST", "/api/auth/forgot", "/api/auth/forgot-password"),
    ("GET", "/api/v1/me", "/api/auth/me"),
    ("GET", "/api-docs", "/api/docs"),
    ("GET", "/api/docs/spec", "/openapi.json"),
    ("GET", "/swagger.json", "/openapi.json"),
    ("POST", "/customers", "/api/v1/customers"),
    ("GET", "/api/customers", "/api/v1/customers"),
    ("POST", "/api/customers", "/api/v1/customers"),
    ("POST", "/api/customers/bulk", "/api/v1/customers/bulk"),
    ("GET", "/api/customers/{customer}", "/api/v1/customers/{customer}"),
    ("PUT", "/api/customers/{customer}", "/api/v1/customers/{customer}"),
    ("PATCH", "/api/customers/{customer}", "/api/v1/customers/{customer}"),
    ("DELETE", "/api/customers/{customer}", "/api/v1/customers/{customer}"),
    ("GET", "/api/data/customers/search", "/api/v1/customers"),
    ("GET", "/api/data/customers", "/api/v1/customers"),
    ("POST", "/api/data/customers", "/api/v1/customers"),
    ("GET", "/api/data/customers/{customer}", "/api/v1/customers/{customer}"),
    ("PUT", "/api/data/customers/{customer}", "/api/v1/customers/{customer}"),
    ("DELETE", "/api/data/customers/{customer}", "/api/v1/customers/{customer}"),
    ("GET", "/api/dashapi", "/api/v1/customers"),
    ("POST", "/orders", "/api/v1/orders"),
    ("GET", "/api/v1/orders/analytics/stats", "/api/v1/orders/stats/summary"),
    ("GET", "/api/v1/orders/by-customer/{customer}", "/api/v1/customers/{customer}/orders"),
    ("GET", "/api/orders", "/api/v1/orders"),
    ("POST", "/api/orders", "/api/v1/orders"),
    ("GET", "/api/orders/analytics/stats", "/api/v1/orders/stats/summary"),
    ("GET", "/api/orders/{order}", "/api/v1/orders/{order}"),
    ("PUT", "/api/orders/{order}", "/api/v1/orders/{order}"),
    ("PATCH", "/api/orders/{order}", "/api/v1/orders/{order}"),
    ("DELETE", "/api/orders/{order}", "/api/v1/orders/{order}"),
    ("GET", "/api/data/orders", "/api/v1/orders"),
    ("POST", "/api/data/orders", "/api/v1/orders"),
    ("GET", "/api/data/orders/{order}", "/api/v1/orders/{order}"),
    ("PUT", "/api/data/orders/{order}", "/api/v1/orders/{order}"),
    ("PATCH", "/api/data/orders/{order}", "/api/v1/orders/{order}"),
    ("DELETE", "/api/data/orders/{order}", "/api/v1/orders/{order}"),
    ("GET", "/api/products", "/api/v1/products"),
    ("GET", "/api/products/{product}", "/api/v1/products/{product}"),
    ("GET", "/api/data/export/customers", "/api/v1/data/export/customers"),
    ("GET", "/api/data/export/orders", "/api/v1/data/export/orders"),
    ("GET", "/api/v1/data/samples/customer", "/api/v1/data/samples/customers"),
    ("GET", "/api/data/samples/customer", "/api/v1/data/samples/customers"),
    ("GET", "/api/data/samples/customers", "/api/v1/data/samples/customers"),
    ("GET", "/api/data/sample/customer", "/api/v1/data/samples/customers"),
    ("GET", "/api/v1/data/samples/order", "/api/v1/data/samples/orders"),
    ("GET", "/api/data/samples/order", "/api/v1/data/samples/orders"),
    ("GET", "/api/data/samples/orders", "/api/v1/data/samples/orders"),
    ("GET", "/api/data/sample/order", "/api/v1/data/samples/orders"),
    ("POST", "/api/v1/tenants/me/segments/validate", "/api/v1/segments/validate"),
    ("POST", "/api/v1/tenants/me/segments/preview", "/api/v1/segments/preview"),
    ("POST", "/api/segments/preview", "/api/v1/segments/preview"),
    ("GET", "/api/segments/preview", "/api/v1/segments/preview"),
    ("GET", "/segments", "/api/v1/segments"),
    ("POST", "/segments", "/api/v1/segments"),
    ("GET", "/api/segments", "/api/v1/segments"),
    ("POST", "/api/segments", "/api/v1/segments"),
    ("GET", "/api/segments/{segment}", "/api/v1/segments/{segment}"),
    ("PUT", "/api/segments/{segment}", "/api/v1/segments/{segment}"),
    ("DELETE", "/api/segments/{segment}", "/api/v1/segments/{segment}"),
    ("POST", "/api/v1/segments/{segment}/recompute", "/api/v1/segments/{segment}/refresh"),
    ("POST", "/api/segments/{segment}/recompute", "/api/v1/segments/{segment}/refresh"),
    ("POST", "/api/segments/{segment}/refresh", "/api/v1/segments/{segment}/refresh"),
    ("POST", "/api/segments/overlap", "/api/v1/segments/overlap"),
    ("POST", "/api/segments/validate", "/api/v1/segments/validate"),
    ("GET", "/api/segments/{segment}/members", "/api/v1/segments/{segment}/members"),
    ("GET", "/api/v1/segments/customer/{customer}", "/api/v1/customers/{customer}/segments"),
    ("GET", "/api/segments/customer/{customer}", "/api/v1/customers/{customer}/segments"),
    ("GET", "/api/customers/{customer}/segments", "/api/v1/customers/{customer}/segments"),
    ("POST", "/api/ai/nl-to-rules", "/api/v1/segments/from-words"),
    ("GET", "/api/v1/analytics/rfm/distribution", "/api/v1/analytics/rfm"),
    ("POST", "/api/v1/analytics/churn/calculate", "/api/v1/analytics/rfm/recalculate"),
    ("GET", "/api/v1/analytics/churn/distribution", "/api/v1/analytics/churn"),
    ("GET", "/api/v1/analytics/churn/predict/{customer}", "/api/v1/analytics/churn/customers/{customer}"),
    ("GET", "/api/v1/analytics/customers/churn-risk", "/api/v1/analytics/churn/high-risk"),
    ("GET", "/api/customers/{customer}/orders", "/api/v1/customers/{customer}/orders"),
    ("GET", "/api/customers/{customer}/analytics", "/api/v1/customers/{customer}/analytics"),
    ("GET", "/api/v1/analytics/cohorts/monthly", "/api/v1/analytics/cohorts"),
    ("GET", "/api/v1/analytics/cohorts/retention", "/api/v1/analytics/cohorts"),
    ("GET", "/api/analytics/dashboard", "/api/v1/analytics/dashboard"),
    ("GET", "/api/analytics/customers", "/api/v1/analytics/customers"),
    ("GET", "/api/analytics/revenue", "/api/v1/analytics/revenue"),
    ("GET", "/metrics/overview", "/api/v1/analytics/dashboard"),
    ("GET", "/metrics/orders-by-date", "/api/v1/analytics/revenue/trend"),
    ("GET", "/metrics/revenue-by-date", "/api/v1/analytics/revenue/trend"),
    ("GET", "/metrics/top-customers", "/api/v1/analytics/customers/top"),
    ("GET", "/metrics/top-products", "/api/v1/analytics/products/top"),
    ("GET", "/metrics/customer-growth", "/api/v1/analytics/customers"),
    ("GET", "/api/metrics/overview", "/api/v1/analytics/dashboard"),
    ("GET", "/api/metrics/orders-by-date", "/api/v1/analytics/revenue/trend"),
    ("GET", "/api/metrics/revenue-by-date", "/api/v1/analytics/revenue/trend"),
    ("GET", "/api/metrics/top-customers", "/api/v1/analytics/customers/top"),
    ("GET", "/api/metrics/top-products", "/api/v1/analytics/products/top"),
    ("GET", "/api/metrics/customer-growth", "/api/v1/analytics/customers"),
    ("GET", "/campaigns", "/api/v1/campaigns"),
    ("POST", "/campaigns", "/api/v1/campaigns"),
    ("GET", "/api/campaigns", "/api/v1/campaigns"),
    ("POST", "/api/campaigns", "/api/v1/campaigns"),
    ("GET", "/campaignStats", "/api/v1/campaigns/stats"),
    ("GET", "/api/campaignstats", "/api/v1/campaigns/stats"),
    ("GET", "/api/campaigns/stats", "/api/v1/campaigns/stats"),
    ("POST", "/api/campaigns/preview-audience", "/api/v1/campaigns/preview-audience"),
    ("POST", "/api/v1/campaigns/{campaign}/simulate", "/api/v1/campaigns/{campaign}/preview"),
    ("POST", "/api/campaigns/{campaign}/preview", "/api/v1/campaigns/{campaign}/preview"),
    ("POST", "/api/campaigns/{campaign}/simulate", "/api/v1/campaigns/{campaign}/preview"),
    ("POST", "/api/campaigns/{campaign}/test", "/api/v1/campaigns/{campaign}/test"),
    ("POST", "/api/campaigns/{campaign}/trial/decide", "/api/v1/campaigns/{campaign}/trial/decide"),
    ("GET", "/api/campaigns/{campaign}", "/api/v1/campaigns/{campaign}"),
    ("PUT", "/api/campaigns/{campaign}", "/api/v1/campaigns/{campaign}"),
    ("DELETE", "/api/campaigns/{campaign}", "/api/v1/campaigns/{campaign}"),
    ("GET", "/api/campaigns/{campaign}/history", "/api/v1/campaigns/{campaign}/history"),
    ("POST", "/api/campaigns/{campaign}/launch", "/api/v1/campaigns/{campaign}/launch"),
    ("POST", "/api/campaigns/{campaign}/schedule", "/api/v1/campaigns/{campaign}/schedule"),
    ("POST", "/api/campaigns/{campaign}/unschedule", "/api/v1/campaigns/{campaign}/unschedule"),
    ("POST", "/api/campaigns/{campaign}/pause", "/api/v1/campaigns/{campaign}/pause"),
    ("POST", "/api/campaigns/{campaign}/resume", "/api/v1/campaigns/{campaign}/resume"),
    ("POST", "/api/campaigns/{campaign}/cancel", "/api/v1/campaigns/{campaign}/cancel"),
    ("POST", "/api/campaigns/{campaign}/duplicate", "/api/v1/campaigns/{campaign}/duplicate"),
    ("POST", "/api/campaigns/{campaign}/archive", "/api/v1/campaigns/{campaign}/archive"),
    ("POST", "/api/campaigns/{campaign}/unarchive", "/api/v1/campaigns/{campaign}/unarchive"),
    ("GET", "/api/campaigns/{campaign}/analytics", "/api/v1/campaigns/{campaign}/analytics"),
    ("GET", "/api/campaigns/{campaign}/stats", "/api/v1/campaigns/{campaign}/delivery"),
    ("GET", "/api/analytics/campaigns", "/api/v1/analytics/campaigns"),
    ("POST", "/api/ai/smart-scheduling", "/api/v1/ai/smart-scheduling"),
    ("POST", "/api/ai/scheduling-suggestions", "/api/v1/ai/smart-scheduling"),
    ("POST", "/scheduling-suggestions", "/api/v1/ai/smart-scheduling"),
    ("GET", "/api/campaigns/{campaign}/messages", "/api/v1/campaigns/{campaign}/messages"),
    ("GET", "/api/campaigns/{campaign}/exclusions", "/api/v1/campaigns/{campaign}/exclusions"),
    ("GET", "/api/vendor/stats", "/api/v1/campaigns/deliveries"),
    ("GET", "/api/delivery/stats/{campaign}", "/api/v1/campaigns/{campaign}/delivery"),
    ("POST", "/api/vendor/delivery-receipt", "/api/v1/receipts/simulated"),
    ("POST", "/api/delivery/receipt", "/api/v1/receipts/simulated"),
    ("GET", "/api/stats", "/api/v1/tenants/me/stats"),
];

/// The other name by which it was asked for, if it was.
pub(crate) fn resolve(request: &mut Request) -> Option<&'static str> {
    let path = request.uri().path();
    let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
    // A HEAD request is a GET without the body.
    let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
    let known = ALIASES.iter().filter(|(known, ..)| *known == method);
    let (alias, to) = known.into_iter().find_map(|(_, from, to)| Some((*from, led(path, from, to)?)))?;
    let target = match request.uri().query() {
        Some(query) => format!("{to}?{query}"),
        None => to,
    };
    *request.uri_mut() = target.parse::<Uri>().ok()?;
    Some(alias)
}

/// Whether a path has that form.
pub(crate) fn is_of(path: &str, form: &str) -> bool {
    led(path, form, "").is_some()
}

/// Where the path leads, if it has the form of `from`.
fn led(path: &str, from: &str, to: &str) -> Option<String> {
    let (mut parts, mut target) = (path.split('/'), to.to_owned());
    for expected in from.split('/') {
        let part = parts.next()?;
        if expected.starts_with('{') && !part.is_empty() {
            target = target.replace(expected, part);
        } else if expected != part {
            return None;
        }
    }
    parts.next().is_none().then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    #[test]
    fn an_alias_leads_to_the_real_path_and_keeps_the_query() {
        let check = |method: &str, from: &str, to: &str| {
            let mut request = Request::builder().method(method).uri(from).body(Body::empty()).unwrap();
            resolve(&mut request);
            assert_eq!(request.uri().to_string(), to, "{method} {from}");
        };
        check("POST", "/api/auth/register", "/api/auth/signup");
        check("GET", "/api/auth/register", "/api/auth/register");
        check("GET", "/swagger.json?x=1", "/openapi.json?x=1");
        check("HEAD", "/api-docs/", "/api/docs");
        check("GET", "/", "/");
        check("PUT", "/api/customers/s1?x=1", "/api/v1/customers/s1?x=1");
        check("GET", "/api/data/customers/search?q=a", "/api/v1/customers?q=a");
        check("GET", "/api/data/customers/%7Bx%7D/", "/api/v1/customers/%7Bx%7D");
        check("GET", "/api/customers/s1/orders", "/api/v1/customers/s1/orders");
        check("POST", "/api/customers/bulk", "/api/v1/customers/bulk");
        check("POST", "/api/customers/s1", "/api/customers/s1");
        check("GET", "/customers", "/customers");
    }
}
