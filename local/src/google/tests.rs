//! What the stub refuses: it must be as strict as Google, or its tests prove nothing.

use super::*;
use crate::world::{HandClock, SeededDice};
use http_body_util::BodyExt;
use jiff::Timestamp;

const BACK: &str = "https://crm.test/back";

fn stub() -> Stub {
    let clock = Arc::new(HandClock::at(Timestamp::UNIX_EPOCH));
    Stub::at("http://stub.test", clock, Arc::new(SeededDice::new(1)))
}

async fn answer(stub: &Stub, request: Request<Body>) -> (u16, Option<String>, Value) {
    let Ok(response) = tower::ServiceExt::oneshot(stub.router(), request).await;
    let to = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok()).map(str::to_owned);
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.expect("the stub's answers end").to_bytes();
    (parts.status.as_u16(), to, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// An authorization request as we send it, but for one part.
async fn authorize(stub: &Stub, but: (&str, &str)) -> (u16, Option<String>) {
    let challenge = sha256_base64url(b"verifier");
    let mut asked = vec![
        ("response_type", "code"),
        ("client_id", CLIENT_ID),
        ("redirect_uri", BACK),
        ("scope", "openid email profile"),
        ("state", "s"),
        ("nonce", "n"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("as", "greta@example.com"),
    ];
    for part in &mut asked {
        if part.0 == but.0 {
            part.1 = but.1;
        }
    }
    let to = Url::parse_with_params("http://stub.test/authorize", asked).expect("a URL");
    let request = Request::get(to.as_str()).body(Body::empty()).expect("a request");
    let (status, to, _) = answer(stub, request).await;
    (status, to)
}

async fn code(stub: &Stub) -> String {
    let (_, to) = authorize(stub, ("", "")).await;
    let to = Url::parse(&to.expect("it sends people back")).expect("a URL");
    to.query_pairs().find(|(name, _)| name == "code").expect("with a code").1.into_owned()
}

/// A redemption as we send it, but for one part: its status, and the error or whether there is a token.
async fn redeem(stub: &Stub, code: &str, but: (&str, &str)) -> (u16, String) {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("code_verifier", "verifier"),
        ("redirect_uri", BACK),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    for part in &mut form {
        if part.0 == but.0 {
            part.1 = but.1;
        }
    }
    let form = Url::parse_with_params("x:/", form).expect("a form").query().unwrap_or_default().to_owned();
    let request = Request::post("http://stub.test/token");
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let (status, _, told) = answer(stub, request.body(Body::from(form)).expect("a request")).await;
    let error = told["error"].as_str().unwrap_or_default().to_owned();
    (status, if told["id_token"].is_string() { "token".to_owned() } else { error })
}

#[tokio::test]
async fn a_code_is_redeemed_by_whom_and_as_it_was_asked_for_and_once() {
    let stub = stub();
    for (part, wrong, status, error) in [
        ("client_id", "another", 401, "invalid_client"),
        ("client_secret", "guessed", 401, "invalid_client"),
        ("grant_type", "password", 400, "unsupported_grant_type"),
        ("redirect_uri", "https://crm.test/elsewhere", 400, "redirect_uri_mismatch"),
        ("code_verifier", "guessed", 400, "invalid_grant"),
        ("code", "guessed", 400, "invalid_grant"),
    ] {
        let refused = redeem(&stub, &code(&stub).await, (part, wrong)).await;
        assert_eq!(refused, (status, error.to_owned()), "{part}");
    }
    let code = code(&stub).await;
    assert_eq!(redeem(&stub, &code, ("", "")).await, (200, "token".to_owned()));
    assert_eq!(redeem(&stub, &code, ("", "")).await, (400, "invalid_grant".to_owned()));
}

#[tokio::test]
async fn nobody_is_sent_where_a_browser_should_not_go() {
    let stub = stub();
    for (part, wrong) in [
        ("redirect_uri", "javascript:alert(1)"),
        ("redirect_uri", "data:text/html,x"),
        ("redirect_uri", "file:///etc/passwd"),
        ("redirect_uri", "/elsewhere"),
        ("client_id", "another"),
        ("response_type", "token"),
        ("scope", "email"),
        ("code_challenge_method", "plain"),
    ] {
        assert_eq!(authorize(&stub, (part, wrong)).await, (400, None), "{part} {wrong}");
    }
    assert!(authorize(&stub, ("redirect_uri", "http://127.0.0.1:8787/back")).await.1.is_some());
}
