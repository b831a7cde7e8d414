//! The simulated vendor's receipts: one, or a batch, signed as `signature` has it.
//!
//! `{"messageId", "vendorId", "tenant", "status", "errorCode", "retryable", "timestamp"}`, or `{"receipts": […]}`. Words
//! of other systems' vendors are understood, too: `errorMessage`, `deliveredAt`, `failed_at`, any case of a status.

use domain::{
    MessageTag, Reason, Receipt, Timestamp,
    receipt::{Bounce, Happened, Reader},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Told, Unreadable,
    read::{MISSING, STRANGE, instant, json, tenant, typed},
};

pub const SIGNATURE_HEADER: &str = "x-vendor-signature";

/// More in one batch is refused as a whole.
pub const BATCH_MAX: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct One {
    #[serde(alias = "message_id", alias = "communication_id")]
    message_id: String,
    #[serde(alias = "vendor_ref")]
    vendor_id: Option<String>,
    tenant: Option<String>,
    status: String,
    #[serde(alias = "error_code")]
    error_code: Option<String>,
    #[serde(alias = "error_message")]
    error_message: Option<String>,
    #[serde(default)]
    retryable: bool,
    url: Option<String>,
    timestamp: Option<String>,
    #[serde(alias = "delivered_at")]
    delivered_at: Option<String>,
    #[serde(alias = "failed_at")]
    failed_at: Option<String>,
}

/// What it says, in the order in which it says it. What has no time happened now.
pub fn read(body: &[u8], now: Timestamp) -> Result<Told, Unreadable> {
    let value = json(body)?;
    let batch = match value {
        Value::Object(mut all) if all.contains_key("receipts") => all.remove("receipts"),
        one @ Value::Object(_) => {
            let receipt = receipt(one, now)?;
            return Ok(Told { receipts: receipt.into_iter().collect(), unread: Vec::new() });
        }
        other => Some(other),
    };
    let Some(Value::Array(batch)) = batch else { return Err(Unreadable::new("/receipts", STRANGE)) };
    if batch.len() > BATCH_MAX {
        return Err(Unreadable::new("/receipts", "has more than 1000"));
    }
    Ok(Told::of(batch.into_iter().enumerate().map(|(place, one)| {
        receipt(one, now).map_err(|unread| unread.within(&format!("/receipts/{place}")))
    })))
}

/// One system tells what became of a message within an object of its own.
fn unwrapped(mut value: Value) -> Value {
    if let Some(Value::Object(inner)) = value.as_object_mut().and_then(|all| all.remove("delivery_response"))
        && let Some(all) = value.as_object_mut()
    {
        all.extend(inner);
    }
    value
}

fn receipt(value: Value, now: Timestamp) -> Result<Option<Receipt>, Unreadable> {
    let one: One = typed(unwrapped(value))?;
    let message: MessageTag = one.message_id.parse().map_err(|_| Unreadable::new("/messageId", STRANGE))?;
    let at = one.timestamp.or(one.delivered_at).or(one.failed_at);
    let at = at.as_deref().map_or(Ok(now), |text| instant(text, "/timestamp"))?;
    let code = one.error_code.as_deref().or(one.error_message.as_deref());
    let reason = Reason::of(code.unwrap_or_default());
    let what = match one.status.to_ascii_uppercase().as_str() {
        "PENDING" | "PROCESSING" | "QUEUED" => return Ok(None),
        "SENT" | "ACCEPTED" => Happened::Accepted,
        "DELIVERED" | "SUCCESS" => Happened::Delivered,
        "BOUNCED" => {
            let bounce = if one.retryable { Bounce::Soft } else { Bounce::Hard };
            Happened::Bounced { bounce, reason }
        }
        "FAILED" | "ERROR" => Happened::Failed { reason, may_try_again: one.retryable },
        "COMPLAINED" => Happened::Complained { reason },
        "OPENED" => Happened::Opened { by: Reader::Unknown },
        "CLICKED" => {
            let url = one.url.ok_or_else(|| Unreadable::new("/url", MISSING))?;
            Happened::Clicked { url, by: Reader::Unknown }
        }
        "UNSUBSCRIBED" => Happened::Unsubscribed,
        _ => return Err(Unreadable::new("/status", STRANGE)),
    };
    let tenant = tenant(one.tenant.as_deref());
    Ok(Some(Receipt { tenant, message: Some(message), vendor_id: one.vendor_id, what, at }))
}

/// One receipt as the vendor writes it; `read` reads it back.
pub fn written(receipt: &Receipt) -> Value {
    let (status, reason, retryable, url) = match &receipt.what {
        Happened::Accepted | Happened::Delayed { .. } => ("SENT", None, false, None),
        Happened::Delivered => ("DELIVERED", None, false, None),
        Happened::Bounced { bounce, reason } => ("BOUNCED", Some(reason), *bounce == Bounce::Soft, None),
        Happened::Failed { reason, may_try_again } => ("FAILED", Some(reason), *may_try_again, None),
        Happened::Complained { reason } => ("COMPLAINED", Some(reason), false, None),
        Happened::Opened { .. } => ("OPENED", None, false, None),
        Happened::Clicked { url, .. } => ("CLICKED", None, false, Some(url)),
        Happened::Unsubscribed => ("UNSUBSCRIBED", None, false, None),
    };
    json!({
        "messageId": receipt.message,
        "vendorId": receipt.vendor_id,
        "tenant": receipt.tenant,
        "status": status,
        "errorCode": reason,
        "retryable": retryable,
        "url": url,
        "timestamp": receipt.at.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000).unwrap()
    }

    #[test]
    fn what_it_writes_is_read_back_alone_and_in_a_batch() {
        let reason = || Reason::of("EMAIL_BOUNCED");
        let all = [
            Happened::Accepted,
            Happened::Delivered,
            Happened::Bounced { bounce: Bounce::Hard, reason: reason() },
            Happened::Bounced { bounce: Bounce::Soft, reason: reason() },
            Happened::Failed { reason: reason(), may_try_again: true },
            Happened::Failed { reason: reason(), may_try_again: false },
            Happened::Complained { reason: reason() },
            Happened::Opened { by: Reader::Unknown },
            Happened::Clicked { url: "https://x.test/".to_owned(), by: Reader::Unknown },
            Happened::Unsubscribed,
        ];
        let receipts: Vec<_> = all
            .into_iter()
            .map(|what| Receipt {
                tenant: "00000000000000000000000001".parse().ok(),
                message: "m-1".parse().ok(),
                vendor_id: Some("vendor_1_00000000".to_owned()),
                what,
                at: Timestamp::from_millisecond(1_234).unwrap(),
            })
            .collect();
        for receipt in &receipts {
            let told = read(written(receipt).to_string().as_bytes(), now()).unwrap();
            assert_eq!(told, Told { receipts: vec![receipt.clone()], unread: Vec::new() });
        }
        let batch = json!({ "receipts": receipts.iter().map(written).collect::<Vec<_>>() });
        let told = read(batch.to_string().as_bytes(), now()).unwrap();
        assert_eq!(told, Told { receipts, unread: Vec::new() });
    }

    #[test]
    fn words_of_other_vendors_are_understood() {
        let check = |body: &str, expected: Option<Happened>, second: i64| {
            let told = read(body.as_bytes(), now()).unwrap();
            assert_eq!(told.receipts.first().map(|told| told.what.clone()), expected, "{body}");
            let at = told.receipts.first().map_or(second, |told| told.at.as_second());
            assert_eq!(at, second, "{body}");
        };
        let failed = |reason: &str| Happened::Failed { reason: Reason::of(reason), may_try_again: false };
        let text = r#"{"messageId":"m","status":"FAILED","errorMessage":"SPAM_DETECTED"}"#;
        check(text, Some(failed("SPAM_DETECTED")), 1_000);
        let at =
            r#"{"messageId":"m","status":"delivered","deliveredAt":"1970-01-01T00:00:07Z","metadata":{}}"#;
        check(at, Some(Happened::Delivered), 7);
        check(r#"{"messageId":"m","status":"pending"}"#, None, 1_000);
        let older = r#"{"communication_id":"m","vendor_ref":"v","status":"SUCCESS","delivered_at":"1970-01-01T00:00:08Z"}"#;
        check(older, Some(Happened::Delivered), 8);
        let within = r#"{"communication_id":"m","campaign_id":"c","delivery_response":{"status":"FAILED","vendor_ref":"v","error_code":"INVALID_EMAIL",
            "error_message":"no","retryable":false,"failed_at":"1970-01-01T00:00:09Z","cost":1}}"#;
        check(within, Some(failed("INVALID_EMAIL")), 9);
        let twice = r#"{"messageId":"m","status":"delivered","timestamp":"1970-01-01T00:00:07Z","deliveredAt":"1970-01-01T00:00:08Z"}"#;
        check(twice, Some(Happened::Delivered), 7);
    }

    #[test]
    fn what_cannot_be_read_says_where_and_takes_nothing_from_the_rest() {
        let check = |body: &str, expected: &str| {
            assert_eq!(read(body.as_bytes(), now()).unwrap_err().to_string(), expected, "{body}");
        };
        check("no", "/: is not JSON");
        check("7", "/receipts: is not of the kind that is expected");
        check(r#"{"status":"SENT"}"#, "/messageId: is missing");
        check(r#"{"messageId":"a b","status":"SENT"}"#, "/messageId: is not of the kind that is expected");
        check(r#"{"messageId":"m","status":"GONE"}"#, "/status: is not of the kind that is expected");
        check(
            r#"{"messageId":"m","status":"SENT","timestamp":"soon"}"#,
            "/timestamp: is not of the kind that is expected",
        );
        check(r#"{"receipts":7}"#, "/receipts: is not of the kind that is expected");
        let many = vec![json!({}); BATCH_MAX + 1];
        check(&json!({ "receipts": many }).to_string(), "/receipts: has more than 1000");
        let batch =
            r#"[{"messageId":"m","status":"SENT"},{"messageId":"m"},{"messageId":"m","status":"DELIVERED"}]"#;
        let told = read(batch.as_bytes(), now()).unwrap();
        assert_eq!(
            (told.receipts.len(), told.unread[0].to_string().as_str()),
            (2, "/receipts/1/status: is missing")
        );
    }
}
