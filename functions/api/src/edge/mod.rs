//! What every request goes through: an id, a bounded body, one log line, safe headers, errors in one form.

mod context;
mod cors;
mod headers;

use std::panic::AssertUnwindSafe;

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use domain::TenantId;
use futures::FutureExt;
use http_body_util::{BodyExt, LengthLimitError, Limited};

pub(crate) use context::{Context, RawBody};

use crate::{
    App,
    abroad::{self, Call},
    aliases,
    error::Problem,
    once,
};

/// The most that a request may carry. Files come by other ways.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Where many things come at once: 5,000 rows of a thousand bytes. Lambda takes 6 MB.
const LARGE_BODY_BYTES_MAX: usize = 5 * 1024 * 1024;
const LARGE: [&str; 7] = [
    "/api/v1/customers/bulk",
    "/api/v1/data/import/customers",
    "/api/data/import/customers",
    "/api/v1/data/import/orders",
    "/api/data/import/orders",
    "/api/v1/data/import/suppressions",
    "/api/v1/suppressions/bulk",
];

/// Providers tell of many messages at once.
const RECEIPTS: &str = "/api/v1/receipts/";

/// Puts the edge around the routes. Aliases are resolved before the router sees the path.
pub(crate) fn around(routes: Router, deps: App) -> Router {
    Router::new().fallback_service(routes).layer(middleware::from_fn_with_state(deps, pass))
}

async fn pass(State(deps): State<App>, mut request: Request, next: Next) -> Response {
    let started = deps.now();
    let context = Context::of(&request, &deps);
    let method = request.method().clone();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let not_offered = abroad::not_offered(&method, request.uri().path());
    let alias = aliases::resolve(&mut request);
    let route = request.uri().path().to_owned();
    let call = Call::of(&request, alias);

    let mut response = if method == Method::OPTIONS && origin.is_some() {
        cors::preflight(origin.as_ref(), &deps.settings)
    } else if let Some(problem) = not_offered {
        problem.into_response()
    } else {
        answer(context.clone(), request, (&next, call.as_ref())).await
    };

    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if let Some(limits) = problem.limits.clone() {
            context.is_within(*limits);
        }
        for task in problem.cause.iter().flat_map(flows::checks) {
            deps.nudge(task).await;
        }
        response = written(&problem, &context, response);
    }
    if let Some(call) = &call {
        response = Box::pin(call.answered(response, &next, &context)).await;
    }
    if let Some(tenant) = response.extensions().get::<TenantId>() {
        context.is_of(*tenant);
    }
    cors::allow(response.headers_mut(), origin.as_ref(), &deps.settings);
    headers::add(response.headers_mut(), &context, &deps.settings);
    let millis = deps.now().as_millisecond() - started.as_millisecond();
    context.log(&method, &route, response.status(), millis);
    response
}

/// The handler's answer; a panic is one of ours to answer for, too.
async fn answer(context: Context, request: Request, (next, call): (&Next, Option<&Call>)) -> Response {
    let (mut parts, body) = request.into_parts();
    let is_large = LARGE.contains(&parts.uri.path()) || parts.uri.path().starts_with(RECEIPTS);
    let bytes_max = if is_large { LARGE_BODY_BYTES_MAX } else { BODY_BYTES_MAX };
    let body = match Limited::new(body, bytes_max).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) => return refused_body(&*error, bytes_max).into_response(),
    };
    let body = match call.map_or(Ok(body.clone()), |call| call.body(body)) {
        Ok(body) => body,
        Err(problem) => return problem.into_response(),
    };
    if call.is_some() && parts.headers.contains_key(header::CONTENT_LENGTH) {
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    parts.extensions.insert(context.clone());
    parts.extensions.insert(RawBody(body.clone()));
    let request = Request::from_parts(parts, Body::from(body));
    let handled = async {
        let response = next.clone().run(request).await;
        once::or_kept(response, context.once()).await
    };
    let Ok(response) = AssertUnwindSafe(handled).catch_unwind().await else {
        context.log_panic();
        return Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong on our side",
        )
        .into_response();
    };
    response
}

fn refused_body(error: &(dyn std::error::Error + 'static), bytes_max: usize) -> Problem {
    if error.is::<LengthLimitError>() {
        let kib = bytes_max / 1024;
        return Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body_too_large",
            format!("a request may carry at most {kib} KiB"),
        );
    }
    Problem::bad("body_cut_off", "the body ended before it was complete")
}

/// The problem document, in the place of the empty body that it came with.
fn written(problem: &Problem, context: &Context, response: Response) -> Response {
    if let Some(cause) = &problem.cause {
        context.log_cause(problem.code, &**cause);
    }
    let json = serde_json::to_vec(&problem.document(context.request_id())).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    let json_type = HeaderValue::from_static("application/problem+json");
    parts.headers.insert(header::CONTENT_TYPE, json_type);
    parts.headers.remove(header::CONTENT_LENGTH);
    if let Some(seconds) = problem.retry_after_seconds {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    Response::from_parts(parts, Body::from(Bytes::from(json)))
}
