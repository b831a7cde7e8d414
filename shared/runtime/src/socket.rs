//! Socket functions: API Gateway's WebSocket events, in our own words.
//!
//! A browser's page can set no header of a socket, and a token in the URL would stand in logs. So a page offers two
//! subprotocols, `regulars` and `bearer.<access token>`; the first is accepted, the second is never repeated. One of
//! four places that match over errors.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use flows::{FlowError, SocketEvent};
use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{env::Env, serve::serve};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    request_context: Context,
    body: Option<String>,
    /// Only of those who connect; named as the caller wrote them.
    headers: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    event_type: String,
    connection_id: String,
}

const SUBPROTOCOLS: &str = "Sec-WebSocket-Protocol";
/// What we speak. A browser ends a socket whose answer accepts none of what its page offered.
const SPOKEN: &str = "regulars";
const BEARER: &str = "bearer.";

/// Serves a socket until the end. A connection that is denied is refused with 403.
pub fn serve_socket<D, F>(
    function: &'static str,
    make: impl FnOnce(&Env) -> D,
    on: impl Fn(Arc<D>, SocketEvent) -> F + Clone + Send + 'static,
) -> ExitCode
where
    D: Send + Sync + 'static,
    F: Future<Output = Result<(), FlowError>> + Send + 'static,
{
    serve(function, move |env| {
        let deps = Arc::new(make(env));
        move || {
            Runtime::new(service_fn(move |event: LambdaEvent<Value>| {
                let (deps, on) = (deps.clone(), on.clone());
                async move { Ok::<_, lambda_runtime::Error>(told(event.payload, |event| on(deps, event)).await) }
            }))
        }
    })
}

/// What the gateway is answered.
async fn told<F>(event: Value, on: impl FnOnce(SocketEvent) -> F) -> Value
where
    F: Future<Output = Result<(), FlowError>>,
{
    let Ok(event) = serde_json::from_value::<Event>(event) else { return json!({"statusCode": 400}) };
    let is_spoken = event.offered().contains(&SPOKEN);
    let status = match event.understood() {
        Some(event) => status(&on(event).await),
        None => 400,
    };
    if is_spoken && status == 200 {
        return json!({"statusCode": status, "headers": {SUBPROTOCOLS: SPOKEN}});
    }
    json!({"statusCode": status})
}

fn status(done: &Result<(), FlowError>) -> u16 {
    match done {
        Ok(()) => 200,
        Err(FlowError::Denied(_)) => 403,
        Err(FlowError::Invalid(_)) => 400,
        Err(_) => 500,
    }
}

impl Event {
    /// The subprotocols that somebody who connects offers.
    fn offered(&self) -> Vec<&str> {
        let headers = self.headers.iter().flatten();
        let offers = headers.filter(|(name, _)| name.eq_ignore_ascii_case(SUBPROTOCOLS));
        offers.flat_map(|(_, offered)| offered.split(',')).map(str::trim).collect()
    }

    /// In our words; `None` if it is none that we know.
    fn understood(self) -> Option<SocketEvent> {
        let mut tokens = self.offered().into_iter().filter_map(|offered| offered.strip_prefix(BEARER));
        let token = tokens.next().filter(|token| !token.is_empty()).map(str::to_owned);
        let connection = self.request_context.connection_id;
        match self.request_context.event_type.as_str() {
            "CONNECT" => Some(SocketEvent::Connected { connection, token }),
            "MESSAGE" => Some(SocketEvent::Said { connection, text: self.body.unwrap_or_default() }),
            "DISCONNECT" => Some(SocketEvent::Gone { connection }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

    fn event(kind: &str, body: Option<&str>, headers: &Value) -> Value {
        json!({
            "requestContext": {"routeKey": "$default", "eventType": kind, "connectionId": CONNECTION,
                "stage": "live", "apiId": "abc", "connectedAt": 1_790_000_000_000_i64,
                "identity": {"sourceIp": "203.0.113.7"}},
            "headers": headers, "queryStringParameters": {"token": "from.the.url"},
            "body": body, "isBase64Encoded": false,
        })
    }

    /// What the function was told, and what the gateway was answered.
    async fn asked(event: Value, done: Result<(), FlowError>) -> (Option<SocketEvent>, Value) {
        let heard = Mutex::new(None);
        let answer = told(event, async |event| {
            *heard.lock().unwrap() = Some(event);
            done
        });
        let answer = answer.await;
        (heard.into_inner().unwrap(), answer)
    }

    fn connected(token: Option<&str>) -> SocketEvent {
        SocketEvent::Connected { connection: CONNECTION.into(), token: token.map(str::to_owned) }
    }

    #[tokio::test]
    async fn a_page_offers_its_token_as_a_subprotocol_and_never_sees_it_again() {
        for name in ["Sec-WebSocket-Protocol", "sec-websocket-protocol"] {
            let (heard, answer) =
                asked(event("CONNECT", None, &json!({name: "regulars, bearer.a.b-c_d"})), Ok(())).await;
            assert_eq!(heard, Some(connected(Some("a.b-c_d"))));
            assert_eq!(answer, json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "regulars"}}));
        }
    }

    #[tokio::test]
    async fn a_token_in_the_url_or_in_a_cookie_is_none() {
        let headers = json!({"Cookie": "__Host-access=a.b.c", "Sec-WebSocket-Protocol": "bearer."});
        for headers in [Value::Null, json!({}), headers] {
            let (heard, answer) = asked(event("CONNECT", None, &headers), Ok(())).await;
            assert_eq!(heard, Some(connected(None)), "{headers}");
            assert_eq!(answer, json!({"statusCode": 200}), "what was not offered is not accepted");
        }
    }

    #[tokio::test]
    async fn what_the_gateway_says_is_said_in_our_words() {
        let (heard, answer) = asked(event("MESSAGE", Some("{}"), &Value::Null), Ok(())).await;
        assert_eq!(heard, Some(SocketEvent::Said { connection: CONNECTION.into(), text: "{}".into() }));
        assert_eq!(answer, json!({"statusCode": 200}));
        let (heard, _) = asked(event("DISCONNECT", None, &Value::Null), Ok(())).await;
        assert_eq!(heard, Some(SocketEvent::Gone { connection: CONNECTION.into() }));
        for unknown in [event("DANCE", None, &Value::Null), json!({})] {
            assert_eq!(asked(unknown, Ok(())).await, (None, json!({"statusCode": 400})));
        }
    }

    #[tokio::test]
    async fn a_stranger_is_refused() {
        let denied = FlowError::Denied(flows::Denial::Unauthenticated);
        let (_, answer) =
            asked(event("CONNECT", None, &json!({SUBPROTOCOLS: "regulars"})), Err(denied)).await;
        assert_eq!(answer, json!({"statusCode": 403}));
    }
}
