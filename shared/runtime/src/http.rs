//! HTTP functions: API Gateway's HTTP API and function URLs, which send the same event (payload format 2.0).
//!
//! The crate `lambda_http` knows five more kinds of events, and the letters of every language's old encodings: a
//! twentieth of a function's package.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    process::ExitCode,
};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderName, HeaderValue, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lambda_runtime::{Error, LambdaEvent, Runtime, service_fn};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;

use crate::{env::Env, serve::serve};

/// A request as the gateway tells it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpEvent {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    /// Several values of one name are joined by commas; cookies stand by themselves.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    cookies: Vec<String>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
    request_context: Context,
}

#[derive(Debug, Deserialize)]
struct Context {
    http: Http,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Http {
    method: String,
    source_ip: String,
}

/// An answer as the gateway wants it told.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HttpAnswer {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
    is_base64_encoded: bool,
}

/// Serves a router until the end. `make` names what the function may touch.
pub fn serve_http(function: &'static str, make: impl FnOnce(&Env) -> Router) -> ExitCode {
    serve(function, |env| {
        let router = make(env);
        move || {
            Runtime::new(service_fn(move |event: LambdaEvent<HttpEvent>| {
                answered(router.clone(), event.payload)
            }))
        }
    })
}

/// What the router answers to the event.
pub async fn answered(router: Router, event: HttpEvent) -> Result<HttpAnswer, Error> {
    let (head, body) = router.oneshot(request(event)?).await?.into_parts();
    let body = to_bytes(body, usize::MAX).await?;
    let (mut headers, mut cookies) = (BTreeMap::<String, String>::new(), Vec::new());
    for (name, value) in &head.headers {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        if name == header::SET_COOKIE {
            cookies.push(value);
        } else {
            let told = headers.entry(name.to_string());
            told.and_modify(|told| *told = format!("{told}, {value}")).or_insert(value);
        }
    }
    let (body, is_base64_encoded) = match String::from_utf8(body.into()) {
        Ok(text) => (text, false),
        Err(bytes) => (STANDARD.encode(bytes.as_bytes()), true),
    };
    Ok(HttpAnswer { status_code: head.status.as_u16(), headers, cookies, body, is_base64_encoded })
}

/// The caller's address is the one that the gateway saw: no header that a caller sends counts.
fn request(event: HttpEvent) -> Result<Request<Body>, Error> {
    let HttpEvent { raw_path, raw_query_string, headers, cookies, body, is_base64_encoded, request_context } =
        event;
    let Http { method, source_ip } = request_context.http;
    let query = if raw_query_string.is_empty() { String::new() } else { format!("?{raw_query_string}") };
    let body = body.unwrap_or_default();
    let body = if is_base64_encoded { STANDARD.decode(body)? } else { body.into_bytes() };
    let mut request = Request::builder()
        .method(method.as_str())
        .uri(plain(&raw_path, b"?#") + &plain(&query, b"#"))
        .body(Body::from(body))?;
    for (name, value) in headers {
        let value = HeaderValue::from_bytes(value.as_bytes())?;
        request.headers_mut().append(HeaderName::from_bytes(name.as_bytes())?, value);
    }
    if !cookies.is_empty() {
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(&cookies.join("; "))?);
    }
    if let Ok(address) = source_ip.parse::<IpAddr>() {
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, 0)));
    }
    Ok(request)
}

/// The gateway decodes some of what was encoded: what may not stand in a URL is encoded again, and `also`.
fn plain(text: &str, also: &[u8]) -> String {
    let may_stand =
        |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) && !also.contains(&byte);
    let letters = text.bytes();
    letters
        .map(|byte| if may_stand(byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{
        http::{HeaderMap, Method, StatusCode, Uri},
        response::{AppendHeaders, IntoResponse, Response},
        routing::any,
    };
    use serde_json::{Value, json};

    /// Says what it was asked.
    async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: String) -> String {
        let header = |name| headers.get(name).map_or("-", |value: &HeaderValue| value.to_str().unwrap());
        format!("{method} {uri} {} {} {body}", header("x-two"), header("cookie"))
    }

    async fn told(router: Router, event: &Value) -> Value {
        let event = serde_json::from_value(event.clone()).unwrap();
        serde_json::to_value(answered(router, event).await.unwrap()).unwrap()
    }

    fn event(path: &str) -> Value {
        let context = json!({"http": {"method": "POST", "sourceIp": "203.0.113.7"}});
        json!({"rawPath": path, "requestContext": context})
    }

    #[tokio::test]
    async fn what_the_gateway_tells_is_what_the_router_hears() {
        let router = || Router::new().fallback(any(echo));
        let mut full = event("/a%2Fb/ü c?");
        full["rawQueryString"] = json!("q=a%20b&r=ü");
        full["headers"] = json!({"x-two": "1,2"});
        full["cookies"] = json!(["a=1", "b=2"]);
        full["body"] = json!("hello");
        let expected = "POST /a%2Fb/%C3%BC%20c%3F?q=a%20b&r=%C3%BC 1,2 a=1; b=2 hello";
        assert_eq!(told(router(), &full).await["body"], expected);
        full["body"] = json!("aGVsbG8=");
        full["isBase64Encoded"] = json!(true);
        assert_eq!(told(router(), &full).await["body"], expected);
        assert_eq!(told(router(), &event("/")).await["body"], "POST / - - ");
    }

    async fn many() -> Response {
        let headers = [("set-cookie", "a=1"), ("set-cookie", "b=2"), ("vary", "a"), ("vary", "b")];
        (StatusCode::CREATED, AppendHeaders(headers), "yes").into_response()
    }

    #[tokio::test]
    async fn what_the_router_answers_is_what_the_gateway_hears() {
        let router = Router::new().route("/many", any(many)).route("/bytes", any(async || vec![0xff_u8, 0]));
        let answer = told(router.clone(), &event("/many")).await;
        assert_eq!((&answer["statusCode"], &answer["cookies"]), (&json!(201), &json!(["a=1", "b=2"])));
        assert_eq!(
            (&answer["headers"]["vary"], &answer["headers"]["set-cookie"]),
            (&json!("a, b"), &Value::Null)
        );
        assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!("yes"), &json!(false)));
        let answer = told(router, &event("/bytes")).await;
        assert_eq!((&answer["body"], &answer["isBase64Encoded"]), (&json!("/wA="), &json!(true)));
    }
}
