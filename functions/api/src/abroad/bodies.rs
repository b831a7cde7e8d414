//! What callers of other systems send, in our words. What is told otherwise here than there is refused, not guessed.

use std::collections::BTreeMap;

use axum::{body::Bytes, http::Method};
use flows::FlowError;
use serde_json::{Value, value::RawValue};

use crate::{error::Problem, input::Faults, templates::told::WordsTold};

/// Each member as it was written.
type Members = BTreeMap<String, Box<RawValue>>;

pub(super) fn ours(method: &Method, alias: &str, body: Bytes) -> Result<Bytes, Problem> {
    let is_campaign = matches!(
        (method.as_str(), alias),
        ("POST", "/campaigns" | "/api/campaigns" | "/api/campaigns/preview-audience")
            | ("PUT", "/api/campaigns/{campaign}")
    );
    if !is_campaign {
        return Ok(body);
    }
    let Ok(mut members) = serde_json::from_slice::<Members>(&body) else { return Ok(body) };
    let mut it = Faults::default();
    campaign(&mut it, &mut members, alias.ends_with("preview-audience"));
    it.none(Some(()))?;
    serde_json::to_vec(&members).map(Bytes::from).map_err(|wrong| FlowError::broken(wrong).into())
}

/// `{name, description, rules}` (003), `{name, segment_id, message_template, campaign_type, created_by}` (004), `{name, type: email,
/// segmentId, schedule, status}` (002), `{title, content, channel, status}` (000).
fn campaign(it: &mut Faults, members: &mut Members, is_untold: bool) {
    // Who makes it is known by how they come; the answer tells it.
    members.remove("created_by");
    members.remove("createdBy");
    type_told(it, members);
    informed(members);
    not_push(it, members);
    for name in ["schedule", "scheduledAt", "scheduled_at"] {
        if said(members, name) {
            let sentence = "is told to POST /api/v1/campaigns/{campaign}/schedule once the campaign is made: leave it out here";
            it.add(&format!("/{name}"), "not_here", sentence);
        }
        members.remove(name);
    }
    if let Some(status) = text(members, "status")
        && !["draft", "inactive"].contains(&status.to_lowercase().as_str())
    {
        let sentence = "it is a draft as it is made, and is launched, scheduled and paused by POST to …/launch, …/schedule and …/pause";
        it.add("/status", "not_here", sentence);
    }
    members.remove("status");
    words(members, is_untold);
}

/// The other systems' `type` is a channel in one and a kind in the others.
fn type_told(it: &mut Faults, members: &mut Members) {
    let Some(told) = text(members, "type") else { return };
    if !["email", "sms", "push"].contains(&told.to_lowercase().as_str()) {
        return;
    }
    if let Some(channel) = text(members, "channel")
        && !channel.eq_ignore_ascii_case(&told)
    {
        it.add("/type", "twice", format!("`channel` is {channel}: tell one of them"));
    }
    members.remove("type");
    put(members, "channel", &told.to_lowercase().into());
}

/// Other systems write channels in capitals, and send to telephones' screens.
fn not_push(it: &mut Faults, members: &mut Members) {
    let Some(channel) = text(members, "channel") else { return };
    if channel.eq_ignore_ascii_case("push") {
        it.add("/channel", "not_offered", "there are no push messages: tell email or sms");
        return;
    }
    put(members, "channel", &channel.to_lowercase().into());
}

/// What one system calls informational is a newsletter: to those alone who agreed.
fn informed(members: &mut Members) {
    for name in ["kind", "type", "campaign_type", "campaignType"] {
        if text(members, name).is_some_and(|told| told.eq_ignore_ascii_case("informational")) {
            put(members, name, &"newsletter".into());
        }
    }
}

/// A message alone is a letter under the campaign's name, or a text. None is told later: then nobody can launch it before.
fn words(members: &mut Members, is_untold: bool) {
    let message = ["message", "message_template", "messageTemplate", "content", "text"]
        .into_iter()
        .find_map(|name| Some((name, text(members, name)?)));
    let own = ["subject", "html", "mjml", "blocks", "template_id", "templateId", "trial"];
    let is_written = own.into_iter().any(|name| said(members, name));
    let Some((name, message)) = message else {
        if !is_written && !is_untold {
            put(members, "words_later", &true.into());
        }
        return;
    };
    let is_sms = text(members, "channel").as_deref() == Some("sms");
    if is_sms || is_written {
        if name == "messageTemplate" {
            members.remove(name);
            put(members, "text", &message.into());
        }
        return;
    }
    members.remove(name);
    let subject = ["name", "title"].into_iter().find_map(|name| text(members, name)).unwrap_or_default();
    let WordsTold { subject, blocks, .. } = WordsTold::letter(&subject, &message);
    put(members, "subject", &subject.into());
    put(members, "blocks", &blocks.unwrap_or_default());
}

fn said(members: &Members, name: &str) -> bool {
    members.get(name).is_some_and(|value| value.get() != "null")
}

fn text(members: &Members, name: &str) -> Option<String> {
    serde_json::from_str(members.get(name)?.get()).ok()
}

fn put(members: &mut Members, name: &str, value: &Value) {
    if let Ok(raw) = serde_json::value::to_raw_value(value) {
        members.insert(name.to_owned(), raw);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(alias: &str, body: &str) -> Result<Value, Vec<String>> {
        let read = ours(&Method::POST, alias, Bytes::copy_from_slice(body.as_bytes()));
        match read {
            Ok(body) => Ok(serde_json::from_slice(&body).unwrap()),
            Err(problem) => Err(problem.faults.into_iter().map(|fault| fault.at).collect()),
        }
    }

    #[test]
    fn what_other_systems_tell_of_a_campaign_is_ours_in_other_words() {
        let check = |body: &str, expected: Value| {
            assert_eq!(told("/api/campaigns", body), Ok(expected), "{body}");
        };
        check(
            r#"{"name": "A", "description": "d", "rules": {"conditions": [{"value": 12.30}]}}"#,
            json!({"name": "A", "description": "d", "rules": {"conditions": [{"value": 12.3}]}, "words_later": true}),
        );
        check(
            r#"{"name": "A", "segment_id": "1", "message_template": "Hi {name}", "campaign_type": "REMINDER", "created_by": "x"}"#,
            json!({"name": "A", "segment_id": "1", "campaign_type": "REMINDER", "subject": "A",
                "blocks": {"blocks": [{"type": "text", "text": "Hi {name}"}, {"type": "footer", "text": ""}]}}),
        );
        check(
            r#"{"name": "A", "type": "SMS", "segmentId": "1", "messageTemplate": "Hi", "status": "draft", "schedule": null}"#,
            json!({"name": "A", "channel": "sms", "segmentId": "1", "text": "Hi"}),
        );
        check(
            r#"{"title": "A", "content": "Hi", "channel": "SMS", "type": "informational"}"#,
            json!({"title": "A", "content": "Hi", "channel": "sms", "type": "newsletter"}),
        );
        check(
            r#"{"name": "A", "subject": "S", "html": "<p>", "text": "plain"}"#,
            json!({"name": "A", "subject": "S", "html": "<p>", "text": "plain"}),
        );
    }

    #[test]
    fn what_nobody_can_do_is_refused_with_its_place() {
        let check = |body: &str, expected: &[&str]| {
            let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
            assert_eq!(told("/campaigns", body), Err(expected), "{body}");
        };
        check(r#"{"type": "push"}"#, &["/channel"]);
        check(r#"{"channel": "sms", "type": "email"}"#, &["/type"]);
        check(r#"{"status": "active", "scheduledAt": "2026-11-27"}"#, &["/scheduledAt", "/status"]);
        check(r#"{"schedule": {"frequency": "daily"}}"#, &["/schedule"]);
    }

    #[test]
    fn what_is_asked_of_nobody_else_stays_to_the_byte() {
        for (alias, body) in [
            ("/api/campaigns", "[1]"),
            ("/api/campaigns", "{"),
            ("/api/campaigns/{campaign}/launch", r#"{ "message": "x" }"#),
            ("/api/delivery/receipt", r#"{ "status": "x" }"#),
        ] {
            let body = Bytes::from_static(body.as_bytes());
            assert_eq!(ours(&Method::POST, alias, body.clone()).unwrap(), body);
        }
        assert_eq!(told("/api/campaigns/preview-audience", r#"{"rules": {}}"#), Ok(json!({"rules": {}})));
    }
}
