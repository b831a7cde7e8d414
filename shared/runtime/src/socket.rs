//! Socket functions: API Gateway's WebSocket events, in our own words.

use std::{process::ExitCode, sync::Arc};

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
    query_string_parameters: Option<Query>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Context {
    event_type: String,
    connection_id: String,
}

#[derive(Deserialize)]
struct Query {
    token: Option<String>,
}

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
                async move {
                    let status = match understood(event.payload) {
                        Some(event) => status(&on(deps, event).await),
                        None => 400,
                    };
                    Ok::<_, lambda_runtime::Error>(json!({"statusCode": status}))
                }
            }))
        }
    })
}

fn status(done: &Result<(), FlowError>) -> u16 {
    match done {
        Ok(()) => 200,
        Err(FlowError::Denied(_)) => 403,
        Err(FlowError::Invalid(_)) => 400,
        Err(_) => 500,
    }
}

/// The event in our words; `None` if it is none that we know.
pub fn understood(event: Value) -> Option<SocketEvent> {
    let Event { request_context, body, query_string_parameters } = serde_json::from_value(event).ok()?;
    let connection = request_context.connection_id;
    match request_context.event_type.as_str() {
        "CONNECT" => {
            let token = query_string_parameters.and_then(|query| query.token);
            Some(SocketEvent::Connected { connection, token })
        }
        "MESSAGE" => Some(SocketEvent::Said { connection, text: body.unwrap_or_default() }),
        "DISCONNECT" => Some(SocketEvent::Gone { connection }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(kind: &str, body: Option<&str>, query: &Value) -> Value {
        json!({
            "requestContext": {"routeKey": "$default", "eventType": kind, "connectionId": "L0SM9cOFvHcCIhw=",
                "stage": "live", "apiId": "abc", "connectedAt": 1_790_000_000_000_i64,
                "identity": {"sourceIp": "203.0.113.7"}},
            "queryStringParameters": query, "body": body, "isBase64Encoded": false,
        })
    }

    #[test]
    fn what_the_gateway_says_is_said_in_our_words() {
        let connection = || "L0SM9cOFvHcCIhw=".to_owned();
        let connected = understood(event("CONNECT", None, &json!({"token": "abc"})));
        assert_eq!(
            connected,
            Some(SocketEvent::Connected { connection: connection(), token: Some("abc".into()) })
        );
        let said = understood(event("MESSAGE", Some("{}"), &Value::Null));
        assert_eq!(said, Some(SocketEvent::Said { connection: connection(), text: "{}".into() }));
        assert_eq!(
            understood(event("DISCONNECT", None, &Value::Null)),
            Some(SocketEvent::Gone { connection: connection() })
        );
        assert_eq!(understood(event("DANCE", None, &Value::Null)), None);
        assert_eq!(understood(json!({})), None);
    }

    #[test]
    fn a_stranger_is_refused() {
        assert_eq!(status(&Err(FlowError::Denied(flows::Denial::Unauthenticated))), 403);
        assert_eq!(status(&Ok(())), 200);
    }
}
