//! What SES tells of letters: events of a configuration set, through SNS or `EventBridge`, and the older notifications
//! of an identity.
//!
//! Our tags come back as lists under `mail.tags`.

use domain::{
    Reason, Receipt,
    receipt::{Bounce, Happened, Reader},
};
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::{
    Told, Unreadable,
    read::{MISSING, STRANGE, instant, tag, tenant, typed},
    sns,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    #[serde(alias = "notificationType")]
    event_type: String,
    mail: Mail,
    bounce: Option<Returned>,
    complaint: Option<Abuse>,
    delivery: Option<Moment>,
    delivery_delay: Option<Delay>,
    reject: Option<Reject>,
    open: Option<Seen>,
    click: Option<Seen>,
    subscription: Option<Subscription>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mail {
    timestamp: String,
    message_id: String,
    #[serde(default)]
    tags: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Moment {
    timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Returned {
    timestamp: String,
    bounce_type: String,
    #[serde(default)]
    bounce_sub_type: String,
    #[serde(default)]
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
struct Recipient {
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Abuse {
    timestamp: String,
    complaint_feedback_type: Option<String>,
    complaint_sub_type: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Delay {
    timestamp: String,
    delay_type: String,
}

#[derive(Deserialize)]
struct Reject {
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    timestamp: String,
    user_agent: Option<String>,
    link: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subscription {
    timestamp: String,
    new_topic_preferences: Option<Preferences>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Preferences {
    #[serde(default)]
    unsubscribe_all: bool,
}

/// One event, bare or in the envelope that it came in.
pub fn read(body: &[u8]) -> Result<Told, Unreadable> {
    let event: Notice = typed(sns::unwrapped(body)?)?;
    let (what, at, place) = happened(&event)?;
    let Some(what) = what else { return Ok(Told::default()) };
    let told = |name: &str| event.mail.tags.get(name).and_then(|values| values.first()).map(String::as_str);
    let receipt = Receipt {
        tenant: tenant(told("tenant")),
        message: tag(told("message")),
        what,
        at: instant(at, &format!("/{place}/timestamp"))?,
        vendor_id: Some(event.mail.message_id),
    };
    Ok(Told { receipts: vec![receipt], unread: Vec::new() })
}

type Happening<'a> = (Option<Happened>, &'a str, &'static str);

fn happened(event: &Notice) -> Result<Happening<'_>, Unreadable> {
    let sent = event.mail.timestamp.as_str();
    Ok(match event.event_type.as_str() {
        "Send" => (Some(Happened::Accepted), sent, "mail"),
        "Delivery" => {
            (Some(Happened::Delivered), &there(event.delivery.as_ref(), "delivery")?.timestamp, "delivery")
        }
        "Bounce" => {
            let told = there(event.bounce.as_ref(), "bounce")?;
            (Some(bounced(told)), &told.timestamp, "bounce")
        }
        "Complaint" => {
            let told = there(event.complaint.as_ref(), "complaint")?;
            let words = [&told.complaint_sub_type, &told.complaint_feedback_type];
            let words: Vec<_> = words.into_iter().flatten().map(String::as_str).collect();
            let what = Happened::Complained { reason: Reason::of(&words.join(" ")) };
            (Some(what), &told.timestamp, "complaint")
        }
        "DeliveryDelay" => {
            let told = there(event.delivery_delay.as_ref(), "deliveryDelay")?;
            let what = Happened::Delayed { reason: Reason::of(&told.delay_type) };
            (Some(what), &told.timestamp, "deliveryDelay")
        }
        "Reject" => {
            let reason = Reason::of(&there(event.reject.as_ref(), "reject")?.reason);
            (Some(Happened::Failed { reason, may_try_again: false }), sent, "mail")
        }
        "Rendering Failure" => {
            let reason = Reason::of("rendering failure");
            (Some(Happened::Failed { reason, may_try_again: false }), sent, "mail")
        }
        "Open" => {
            let told = there(event.open.as_ref(), "open")?;
            (Some(Happened::Opened { by: reader(told) }), &told.timestamp, "open")
        }
        "Click" => {
            let told = there(event.click.as_ref(), "click")?;
            let url = told.link.clone().ok_or_else(|| Unreadable::new("/click/link", MISSING))?;
            (Some(Happened::Clicked { url, by: reader(told) }), &told.timestamp, "click")
        }
        "Subscription" => {
            let told = there(event.subscription.as_ref(), "subscription")?;
            let is_all = told.new_topic_preferences.as_ref().is_some_and(|new| new.unsubscribe_all);
            (is_all.then_some(Happened::Unsubscribed), &told.timestamp, "subscription")
        }
        _ => return Err(Unreadable::new("/eventType", STRANGE)),
    })
}

fn there<'a, T>(part: Option<&'a T>, name: &str) -> Result<&'a T, Unreadable> {
    part.ok_or_else(|| Unreadable::new(format!("/{name}"), MISSING))
}

/// SES says `Undetermined` where it does not know: such an address may be good.
fn bounced(told: &Returned) -> Happened {
    let status = told.bounced_recipients.iter().find_map(|recipient| recipient.status.as_deref());
    let reason = Reason::of(&format!("{} {}", told.bounce_sub_type, status.unwrap_or_default()));
    let bounce = if told.bounce_type == "Permanent" { Bounce::Hard } else { Bounce::Soft };
    Happened::Bounced { bounce, reason }
}

/// Apple's privacy protection fetches every picture and calls itself no more than this; others say what they are.
/// Google's fetches when somebody looks.
fn reader(seen: &Seen) -> Reader {
    let agent = seen.user_agent.as_deref().unwrap_or_default().to_ascii_lowercase();
    let marks =
        ["bot", "crawler", "spider", "scanner", "preview", "curl/", "python-", "barracuda", "proofpoint"];
    if agent.is_empty() {
        Reader::Unknown
    } else if agent == "mozilla/5.0" || marks.iter().any(|mark| agent.contains(mark)) {
        Reader::Machine
    } else if agent.contains("googleimageproxy") {
        Reader::Unknown
    } else {
        Reader::Person
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::MessageTag;
    use serde_json::{Value, json};

    /// As the documentation has it, with what matters changed.
    fn event(kind: &str, part: &str, told: Value) -> Value {
        let mut event = json!({
            "eventType": kind,
            "mail": {
                "timestamp": "2026-11-22T10:00:00.000Z",
                "source": "Shop <news@shop.test>",
                "sendingAccountId": "123456789012",
                "messageId": "EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000",
                "destination": ["ada@example.com"],
                "tags": {
                    "ses:configuration-set": ["regulars"],
                    "message": ["m-1"],
                    "tenant": ["00000000000000000000000001"],
                },
            },
        });
        event[part] = told;
        event
    }

    fn bounce(kind: &str, sub_type: &str) -> Value {
        json!({
            "bounceType": kind,
            "bounceSubType": sub_type,
            "bouncedRecipients": [{
                "emailAddress": "ada@example.com", "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 user unknown",
            }],
            "timestamp": "2026-11-22T10:00:05.000Z",
            "feedbackId": "0100",
        })
    }

    #[test]
    fn each_event_is_what_it_means_to_us() {
        let check = |kind: &str, part: &str, told: Value, expected: Happened| {
            let told = read(event(kind, part, told).to_string().as_bytes()).unwrap();
            let receipt = &told.receipts[0];
            assert_eq!(receipt.what, expected, "{kind}");
            let second = if matches!(kind, "Send" | "Reject" | "Rendering Failure") { 0 } else { 5 };
            assert_eq!(receipt.at.to_string(), format!("2026-11-22T10:00:0{second}Z"));
            assert_eq!(receipt.message.as_ref().map(MessageTag::as_str), Some("m-1"));
            assert_eq!(receipt.tenant, "00000000000000000000000001".parse().ok());
            assert!(receipt.vendor_id.as_deref().is_some_and(|id| id.starts_with("EXAMPLE7")));
        };
        let at = "2026-11-22T10:00:05.000Z";
        let reason = Reason::of;
        check("Send", "send", json!({}), Happened::Accepted);
        check(
            "Delivery",
            "delivery",
            json!({ "timestamp": at, "smtpResponse": "250 ok" }),
            Happened::Delivered,
        );
        let hard = Happened::Bounced { bounce: Bounce::Hard, reason: reason("General 5.1.1") };
        check("Bounce", "bounce", bounce("Permanent", "General"), hard);
        for kind in ["Transient", "Undetermined"] {
            let soft = Happened::Bounced { bounce: Bounce::Soft, reason: reason("MailboxFull 5.1.1") };
            check("Bounce", "bounce", bounce(kind, "MailboxFull"), soft);
        }
        let abuse = json!({ "timestamp": at, "complaintFeedbackType": "abuse", "complaintSubType": null });
        check("Complaint", "complaint", abuse, Happened::Complained { reason: reason("abuse") });
        let delay = json!({ "timestamp": at, "delayType": "TransientCommunicationFailure" });
        let late = Happened::Delayed { reason: reason("TransientCommunicationFailure") };
        check("DeliveryDelay", "deliveryDelay", delay, late);
        let rejected = Happened::Failed { reason: reason("Bad content"), may_try_again: false };
        check("Reject", "reject", json!({ "reason": "Bad content" }), rejected);
        let failed = Happened::Failed { reason: reason("rendering failure"), may_try_again: false };
        check("Rendering Failure", "failure", json!({ "templateName": "x" }), failed);
        let person = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0";
        let google =
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
        for (agent, by) in [
            (json!(person), Reader::Person),
            (json!("Mozilla/5.0"), Reader::Machine),
            (json!("Barracuda Sentinel (EE)"), Reader::Machine),
            (json!(google), Reader::Unknown),
            (Value::Null, Reader::Unknown),
        ] {
            let seen = json!({ "timestamp": at, "userAgent": agent, "link": "https://x.test/" });
            check("Open", "open", seen.clone(), Happened::Opened { by });
            check("Click", "click", seen, Happened::Clicked { url: "https://x.test/".to_owned(), by });
        }
        let all = json!({ "timestamp": at, "newTopicPreferences": { "unsubscribeAll": true } });
        check("Subscription", "subscription", all, Happened::Unsubscribed);
    }

    #[test]
    fn it_is_read_from_each_envelope() {
        let bare = event("Bounce", "bounce", bounce("Permanent", "General"));
        let bridge =
            json!({ "version": "0", "detail-type": "Email Bounced", "source": "aws.ses", "detail": bare });
        let sns = json!({
            "Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:us-east-1:1:x",
            "Message": bare.to_string(), "Timestamp": "2026-11-22T10:00:06.000Z",
        });
        let mut older = bare.clone();
        older["notificationType"] = older.as_object_mut().unwrap().remove("eventType").unwrap();
        let expected = read(bare.to_string().as_bytes()).unwrap();
        assert_eq!(expected.receipts.len(), 1);
        for told in [bridge, sns, older] {
            assert_eq!(read(told.to_string().as_bytes()).unwrap(), expected);
        }
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let check = |told: Value, expected: &str| {
            assert_eq!(read(told.to_string().as_bytes()).unwrap_err().to_string(), expected);
        };
        check(json!({}), "/eventType: is missing");
        check(event("Vanished", "x", json!({})), "/eventType: is not of the kind that is expected");
        check(event("Bounce", "x", json!({})), "/bounce: is missing");
        check(event("Bounce", "bounce", json!({ "timestamp": "x" })), "/bounce/bounceType: is missing");
        check(
            event("Open", "open", json!({ "timestamp": 7 })),
            "/open/timestamp: is not of the kind that is expected",
        );
        let never = json!({ "timestamp": "ada@example.com" });
        check(
            event("Delivery", "delivery", never),
            "/delivery/timestamp: is not of the kind that is expected",
        );
        check(
            event("Click", "click", json!({ "timestamp": "2026-11-22T10:00:00Z" })),
            "/click/link: is missing",
        );
        let some = json!({ "timestamp": "2026-11-22T10:00:00Z", "newTopicPreferences": { "unsubscribeAll": false } });
        let told = read(event("Subscription", "subscription", some).to_string().as_bytes()).unwrap();
        assert_eq!(told, Told::default(), "one topic of several is not everything");
    }
}
