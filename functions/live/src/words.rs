//! What is said on a socket, taken apart: `{"event": "sync:subscribe", "data": {"sync_run_id": "01…"}}`.

use flows::FlowError;
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Word {
    /// I am here: how do things stand?
    Hello,
    /// To keep the socket from being ended for its silence.
    Ping,
    /// About a run, by what is said to be its name.
    Subscribe(String),
    Unsubscribe(String),
    Status(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    event: String,
    #[serde(default)]
    data: Value,
}

impl Word {
    pub(crate) fn read(text: &str) -> Result<Self, FlowError> {
        let wrong = |code, sentence: String| FlowError::invalid("message", code, sentence);
        let Message { event, data } = serde_json::from_str(text).map_err(|wrong_at| {
            let column = wrong_at.column();
            let form = r#"a message is JSON: {"event": …, "data": …}"#;
            wrong("not_a_message", format!("{form}; what came is not, at column {column}"))
        })?;
        let of_run = |word: fn(String) -> Self| {
            let run = run_of(&data).map(word);
            run.ok_or_else(|| {
                wrong("missing_run", format!(r#"`{event}` needs "data": {{"sync_run_id": …}}"#))
            })
        };
        match event.as_str() {
            "hello" => Ok(Self::Hello),
            "ping" => Ok(Self::Ping),
            "sync:subscribe" => of_run(Self::Subscribe),
            "sync:unsubscribe" => of_run(Self::Unsubscribe),
            "sync:status" => of_run(Self::Status),
            _ => Err(wrong(
                "unknown_event",
                "the events that may be said are hello, ping, sync:subscribe, sync:unsubscribe and sync:status"
                    .to_owned(),
            )),
        }
    }
}

/// The run's name, by itself or as a member.
fn run_of(data: &Value) -> Option<String> {
    let name = match data {
        Value::Object(members) => members.get("sync_run_id").or_else(|| members.get("syncRunId"))?,
        name => name,
    };
    Some(name.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_said_is_understood() {
        let check = |text: &str, word: Word| assert_eq!(Word::read(text).unwrap(), word, "{text}");
        let run = || "01J".to_owned();
        check(r#"{"event": "hello"}"#, Word::Hello);
        check(r#"{"event": "ping", "data": {"at": 1}}"#, Word::Ping);
        check(r#"{"event": "sync:subscribe", "data": {"sync_run_id": "01J"}}"#, Word::Subscribe(run()));
        check(r#"{"event": "sync:unsubscribe", "data": {"syncRunId": "01J"}}"#, Word::Unsubscribe(run()));
        check(r#"{"event": "sync:status", "data": "01J"}"#, Word::Status(run()));
    }

    #[test]
    fn what_may_not_is_told_apart() {
        let check = |text: &str, expected: &str| {
            let Err(error) = Word::read(text) else { panic!("{text} was taken") };
            assert_eq!(flows::socket::told(&error).0, expected, "{text}");
        };
        check("", "not_a_message");
        check("hello", "not_a_message");
        check(r#"{"data": 1}"#, "not_a_message");
        check(r#"{"event": "hello", "token": "x"}"#, "not_a_message");
        check(r#"{"event": "sync:start"}"#, "unknown_event");
        check(r#"{"event": "sync:subscribe"}"#, "missing_run");
        check(r#"{"event": "sync:status", "data": {"sync_run_id": 7}}"#, "missing_run");
        check(r#"{"event": "sync:status", "data": {"id": "01J"}}"#, "missing_run");
    }
}
