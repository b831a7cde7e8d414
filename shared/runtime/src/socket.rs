//! Socket functions: API Gateway's WebSocket events, in our own words.
//!
//! What is our own fault is an error of the function, so that its alarm hears of it; the gateway answers with a 5xx.

use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use flows::{
    FlowError, SocketEvent,
    error::chain,
    socket::{SUBPROTOCOLS, Visitor, is_ours, status},
};
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

/// Serves a socket until the end. A connection that is denied is refused with 401 or 403.
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
                async move { heard(event.payload, |event| on(deps, event)).await }
            }))
        }
    })
}

/// What the gateway is answered.
pub async fn heard<F>(event: Value, on: impl FnOnce(SocketEvent) -> F) -> Result<Value, lambda_runtime::Error>
where
    F: Future<Output = Result<(), FlowError>>,
{
    let understood = serde_json::from_value::<Event>(event).ok().and_then(Event::understood);
    let Some(event) = understood else { return Ok(json!({"statusCode": 400})) };
    let accepted = match &event {
        SocketEvent::Connected { visitor, .. } => visitor.accepted(),
        _ => None,
    };
    let done = on(event).await;
    let status = status(&done);
    match (done, accepted) {
        (Err(error), _) if is_ours(&error) => Err(chain(&error).into()),
        (Ok(()), Some(spoken)) => Ok(json!({"statusCode": status, "headers": {SUBPROTOCOLS: spoken}})),
        _ => Ok(json!({"statusCode": status})),
    }
}

impl Event {
    /// In our words; `None` if it is none that we know.
    fn understood(self) -> Option<SocketEvent> {
        let socket = self.request_context.connection_id.parse().ok()?;
        match self.request_context.event_type.as_str() {
            "CONNECT" => {
                let headers = self.headers.iter().flatten();
                let visitor = Visitor::of(headers.map(|(name, value)| (name.as_str(), value.as_str())));
                Some(SocketEvent::Connected { socket, visitor })
            }
            "MESSAGE" => Some(SocketEvent::Said { socket, text: self.body.unwrap_or_default() }),
            "DISCONNECT" => Some(SocketEvent::Gone { socket }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::SocketId;
    use flows::{Denial, socket::Shown};
    use std::sync::Mutex;

    const CONNECTION: &str = "L0SM9cOFvHcCIhw=";

    fn socket() -> SocketId {
        CONNECTION.parse().unwrap()
    }

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
    async fn asked(event: Value, done: Result<(), FlowError>) -> (Option<SocketEvent>, Option<Value>) {
        let told = Mutex::new(None);
        let answer = heard(event, async |event| {
            *told.lock().unwrap() = Some(event);
            done
        });
        let answer = answer.await.ok();
        (told.into_inner().unwrap(), answer)
    }

    #[tokio::test]
    async fn a_page_offers_its_ticket_as_a_subprotocol_and_never_sees_it_again() {
        let headers = json!({"Sec-WebSocket-Protocol": "regulars, ticket.a.b-c_d"});
        let (heard, answer) = asked(event("CONNECT", None, &headers), Ok(())).await;
        let visitor = Visitor { shown: Shown::Ticket("a.b-c_d".to_owned()), speaks: true };
        assert_eq!(heard, Some(SocketEvent::Connected { socket: socket(), visitor }));
        let accepted = json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "regulars"}});
        assert_eq!(answer, Some(accepted));
    }

    #[tokio::test]
    async fn a_token_in_the_url_is_none() {
        for headers in [Value::Null, json!({}), json!({"Sec-WebSocket-Protocol": "bearer."})] {
            let (heard, answer) = asked(event("CONNECT", None, &headers), Ok(())).await;
            let visitor = Visitor { shown: Shown::Nothing, speaks: false };
            assert_eq!(heard, Some(SocketEvent::Connected { socket: socket(), visitor }), "{headers}");
            assert_eq!(answer, Some(json!({"statusCode": 200})), "what was not offered is not accepted");
        }
    }

    #[tokio::test]
    async fn what_the_gateway_says_is_said_in_our_words() {
        let (heard, answer) = asked(event("MESSAGE", Some("{}"), &Value::Null), Ok(())).await;
        assert_eq!(heard, Some(SocketEvent::Said { socket: socket(), text: "{}".into() }));
        assert_eq!(answer, Some(json!({"statusCode": 200})));
        let (heard, _) = asked(event("DISCONNECT", None, &Value::Null), Ok(())).await;
        assert_eq!(heard, Some(SocketEvent::Gone { socket: socket() }));
        let mut named = event("MESSAGE", None, &Value::Null);
        named["requestContext"]["connectionId"] = json!("a#b");
        for unknown in [event("DANCE", None, &Value::Null), json!({}), named] {
            assert_eq!(asked(unknown, Ok(())).await, (None, Some(json!({"statusCode": 400}))));
        }
    }

    #[tokio::test]
    async fn a_stranger_is_refused_and_a_fault_of_ours_is_heard() {
        let headers = json!({"Sec-WebSocket-Protocol": "regulars"});
        let denied = FlowError::Denied(Denial::Unauthenticated);
        let (_, answer) = asked(event("CONNECT", None, &headers), Err(denied)).await;
        assert_eq!(answer, Some(json!({"statusCode": 401})));
        let (_, answer) = asked(event("CONNECT", None, &headers), Err(FlowError::broken("x"))).await;
        assert_eq!(answer, None);
    }
}
