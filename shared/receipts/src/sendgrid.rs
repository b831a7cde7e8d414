//! `SendGrid`'s Event Webhook: signed with ECDSA over P-256, many events at a time.
//!
//! Our tags come back as members of the event itself: they were given as custom arguments.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Reason, Receipt, Timestamp,
    receipt::{Bounce, Happened, Reader},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    BadSignature, Told, Unreadable,
    read::{MISSING, STRANGE, json, second, tag, tenant, typed},
    signature::fresh,
};

pub const SIGNATURE_HEADER: &str = "x-twilio-email-event-webhook-signature";
pub const TIMESTAMP_HEADER: &str = "x-twilio-email-event-webhook-timestamp";

/// Whether `SendGrid` signed that body, lately. `key` is what its settings show: base64 of a public key.
pub fn verify(
    key: &str,
    signature: Option<&str>,
    timestamp: Option<&str>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), BadSignature> {
    let (Some(signature), Some(timestamp)) = (signature, timestamp) else {
        return Err(BadSignature::Missing);
    };
    let key = STANDARD.decode(key).map_err(|_| BadSignature::Form)?;
    let signature = STANDARD.decode(signature).map_err(|_| BadSignature::Form)?;
    let signed = [timestamp.as_bytes(), body].concat();
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key);
    key.verify(&signed, &signature).map_err(|_| BadSignature::Wrong)?;
    fresh(timestamp, now)
}

#[derive(Deserialize)]
struct Line {
    event: String,
    timestamp: i64,
    sg_message_id: Option<String>,
    message: Option<String>,
    tenant: Option<String>,
    reason: Option<String>,
    response: Option<String>,
    status: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    url: Option<String>,
    #[serde(default)]
    sg_machine_open: bool,
}

/// What a batch says. `Err`: it is no batch.
pub fn read(body: &[u8]) -> Result<Told, Unreadable> {
    let Value::Array(events) = json(body)? else { return Err(Unreadable::new("/", STRANGE)) };
    Ok(Told::of(events.into_iter().enumerate().map(|(place, event)| {
        let told = typed(event).and_then(receipt);
        told.map_err(|unread| unread.within(&format!("/{place}")))
    })))
}

fn receipt(event: Line) -> Result<Option<Receipt>, Unreadable> {
    let at = second(event.timestamp, "/timestamp")?;
    let words = [&event.status, &event.reason, &event.response];
    let reason = Reason::of(&words.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "));
    let what = match event.event.as_str() {
        "processed" => Happened::Accepted,
        "deferred" => Happened::Delayed { reason },
        "delivered" => Happened::Delivered,
        "bounce" if event.kind.as_deref() == Some("blocked") => {
            Happened::Bounced { bounce: Bounce::Soft, reason }
        }
        "bounce" => Happened::Bounced { bounce: Bounce::Hard, reason },
        "dropped" => dropped(event.reason.as_deref().unwrap_or_default(), reason),
        "spamreport" => Happened::Complained { reason },
        "unsubscribe" | "group_unsubscribe" => Happened::Unsubscribed,
        "open" => {
            Happened::Opened { by: if event.sg_machine_open { Reader::Machine } else { Reader::Unknown } }
        }
        "click" => {
            let url = event.url.ok_or_else(|| Unreadable::new("/url", MISSING))?;
            Happened::Clicked { url, by: Reader::Unknown }
        }
        // Says nothing of a message.
        "group_resubscribe" | "account_status_change" => return Ok(None),
        _ => return Err(Unreadable::new("/event", STRANGE)),
    };
    Ok(Some(Receipt {
        tenant: tenant(event.tenant.as_deref()),
        message: tag(event.message.as_deref()),
        vendor_id: event.sg_message_id.as_deref().map(|id| answered(id).to_owned()),
        what,
        at,
    }))
}

/// What `SendGrid` did not even try, by what it knows of the address.
fn dropped(told: &str, reason: Reason) -> Happened {
    match told {
        "Bounced Address" | "Invalid" => Happened::Bounced { bounce: Bounce::Hard, reason },
        "Unsubscribed Address" => Happened::Unsubscribed,
        "Spam Reporting Address" => Happened::Complained { reason },
        _ => Happened::Failed { reason, may_try_again: false },
    }
}

/// The part of an event's id that stood in the answer to the send, in `X-Message-Id`.
fn answered(id: &str) -> &str {
    let end = [".filter", ".recvd"].iter().find_map(|mark| id.find(mark)).or_else(|| id.find('.'));
    &id[..end.unwrap_or(id.len())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::MessageTag;

    // The vector of SendGrid's own libraries.
    const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g==";
    const OTHER: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8REntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA==";
    const SIGNATURE: &str =
        "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=";
    const TIMESTAMP: &str = "1600112502";
    const BODY: &str = concat!(
        r#"[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","#,
        r#""sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","#,
        r#""sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","#,
        r#""smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]"#,
        "\r\n"
    );

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_signature_is_sendgrids() {
        let check = |key, signature, timestamp, body: &str, now, expected| {
            assert_eq!(verify(key, signature, timestamp, body.as_bytes(), at(now)), expected);
        };
        let (signature, timestamp, now) = (Some(SIGNATURE), Some(TIMESTAMP), 1_600_112_502);
        check(KEY, signature, timestamp, BODY, now, Ok(()));
        check(KEY, signature, timestamp, BODY, now + 301, Err(BadSignature::Time));
        check(OTHER, signature, timestamp, BODY, now, Err(BadSignature::Wrong));
        check(KEY, signature, Some("1600112503"), BODY, now, Err(BadSignature::Wrong));
        check(KEY, signature, timestamp, BODY.trim_end(), now, Err(BadSignature::Wrong));
        check(KEY, None, timestamp, BODY, now, Err(BadSignature::Missing));
        check(KEY, signature, None, BODY, now, Err(BadSignature::Missing));
        check(KEY, Some("?"), timestamp, BODY, now, Err(BadSignature::Form));
        check("AAAA", signature, timestamp, BODY, now, Err(BadSignature::Wrong));
    }

    #[test]
    fn a_real_event_is_read() {
        let told = read(BODY.as_bytes()).unwrap();
        let receipt = Receipt {
            tenant: None,
            message: None,
            vendor_id: Some("LRzXl_NHStOGhQ4kofSm_A".to_owned()),
            what: Happened::Bounced { bounce: Bounce::Hard, reason: Reason::of("Bounced Address") },
            at: at(1_600_112_492),
        };
        assert_eq!(told, Told { receipts: vec![receipt], unread: Vec::new() });
    }

    #[test]
    fn each_event_is_what_it_means_to_us() {
        let check = |event: &str, expected: Happened| {
            let body = format!(
                r#"[{{"timestamp":1,"message":"m-1","tenant":"00000000000000000000000001",
                "sg_message_id":"14c5d75ce93.dfd.64b469.filter0001.16648.5515E0B88.0",{event}}}]"#
            );
            let told = read(body.as_bytes()).unwrap();
            assert_eq!(told.unread, [], "{event}");
            let receipt = &told.receipts[0];
            assert_eq!(receipt.what, expected, "{event}");
            assert_eq!(receipt.message.as_ref().map(MessageTag::as_str), Some("m-1"));
            assert!(receipt.tenant.is_some());
            assert_eq!(receipt.vendor_id.as_deref(), Some("14c5d75ce93.dfd.64b469"));
        };
        let reason = Reason::of;
        check(r#""event":"processed""#, Happened::Accepted);
        check(r#""event":"delivered","response":"250 OK""#, Happened::Delivered);
        let late = Happened::Delayed { reason: reason("400 try again later") };
        check(r#""event":"deferred","response":"400 try again later","attempt":"5""#, late);
        let gone = Happened::Bounced { bounce: Bounce::Hard, reason: reason("5.0.0 500 unknown recipient") };
        check(r#""event":"bounce","status":"5.0.0","reason":"500 unknown recipient","type":"bounce""#, gone);
        let blocked = Happened::Bounced { bounce: Bounce::Soft, reason: reason("4.7.1") };
        check(r#""event":"bounce","status":"4.7.1","type":"blocked""#, blocked);
        check(r#""event":"dropped","reason":"Unsubscribed Address""#, Happened::Unsubscribed);
        let spam = Happened::Complained { reason: reason("Spam Reporting Address") };
        check(r#""event":"dropped","reason":"Spam Reporting Address""#, spam);
        let content = Happened::Failed { reason: reason("Spam Content"), may_try_again: false };
        check(r#""event":"dropped","reason":"Spam Content""#, content);
        check(r#""event":"spamreport""#, Happened::Complained { reason: reason("") });
        check(r#""event":"unsubscribe""#, Happened::Unsubscribed);
        check(r#""event":"group_unsubscribe","asm_group_id":10"#, Happened::Unsubscribed);
        check(r#""event":"open","sg_machine_open":true"#, Happened::Opened { by: Reader::Machine });
        check(r#""event":"open","sg_machine_open":false"#, Happened::Opened { by: Reader::Unknown });
        let click = Happened::Clicked { url: "https://x.test/".to_owned(), by: Reader::Unknown };
        check(r#""event":"click","url":"https://x.test/""#, click);
    }

    #[test]
    fn what_cannot_be_read_says_where_and_takes_nothing_from_the_rest() {
        let body = r#"[{"event":"delivered","timestamp":1},{"event":"delivered"},{"event":"vanished","timestamp":1},
            {"event":"delivered","timestamp":"ada@example.com"},{"event":"click","timestamp":1},7,
            {"event":"group_resubscribe","timestamp":1},{"event":"open","timestamp":2}]"#;
        let told = read(body.as_bytes()).unwrap();
        assert_eq!(told.receipts.len(), 2);
        let unread: Vec<_> = told.unread.iter().map(ToString::to_string).collect();
        assert_eq!(
            unread,
            [
                "/1/timestamp: is missing",
                "/2/event: is not of the kind that is expected",
                "/3/timestamp: is not of the kind that is expected",
                "/4/url: is missing",
                "/5/: is not of the kind that is expected",
            ]
        );
        assert_eq!(read(b"{}").unwrap_err().to_string(), "/: is not of the kind that is expected");
        assert_eq!(read(b"<html>").unwrap_err().to_string(), "/: is not JSON");
    }
}
