//! What SNS tells of texts: the delivery status that it writes into CloudWatch's logs, one document for each text.
//!
//! It knows a text by its own id alone: tags of ours go no further than the call.

use domain::{
    Reason, Receipt,
    receipt::{Bounce, Happened},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Told, Unreadable,
    read::{STRANGE, instant, json, typed},
};

#[derive(Deserialize)]
struct Document {
    notification: Notification,
    #[serde(default)]
    delivery: Delivery,
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    message_id: String,
    timestamp: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Delivery {
    #[serde(default)]
    provider_response: String,
}

/// A piece of a log, as a subscription to it delivers it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece {
    #[serde(default)]
    message_type: String,
    log_events: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    message: String,
}

/// One document, or a piece of a log with many, unpacked.
pub fn read(body: &[u8]) -> Result<Told, Unreadable> {
    let value = json(body)?;
    if value.get("logEvents").is_none() {
        return Ok(Told { receipts: vec![receipt(value)?], unread: Vec::new() });
    }
    let piece: Piece = typed(value)?;
    // CloudWatch asks now and then whether we are there.
    if piece.message_type == "CONTROL_MESSAGE" {
        return Ok(Told::default());
    }
    Ok(Told::of(piece.log_events.iter().enumerate().map(|(place, line)| {
        let told = json(line.message.as_bytes()).and_then(receipt).map(Some);
        told.map_err(|unread| unread.within(&format!("/logEvents/{place}/message")))
    })))
}

fn receipt(value: Value) -> Result<Receipt, Unreadable> {
    let told: Document = typed(value)?;
    let response = &told.delivery.provider_response;
    let what = match told.status.as_str() {
        "SUCCESS" => Happened::Delivered,
        "FAILURE" => failed(response),
        _ => return Err(Unreadable::new("/status", STRANGE)),
    };
    Ok(Receipt {
        tenant: None,
        message: None,
        vendor_id: Some(told.notification.message_id),
        what,
        at: instant(&told.notification.timestamp, "/notification/timestamp")?,
    })
}

/// By the words of the documentation's list.
fn failed(response: &str) -> Happened {
    let reason = Reason::of(response);
    match response {
        "Invalid phone number" => Happened::Bounced { bounce: Bounce::Hard, reason },
        "Phone number is opted out" => Happened::Unsubscribed,
        "Phone is currently unreachable/unavailable" => Happened::Bounced { bounce: Bounce::Soft, reason },
        "Phone carrier is currently unreachable/unavailable" | "Unknown error attempting to reach phone" => {
            Happened::Failed { reason, may_try_again: true }
        }
        _ => Happened::Failed { reason, may_try_again: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// As the documentation has it.
    fn status(status: &str, response: &str) -> Value {
        json!({
            "notification": {
                "messageId": "34d9b400-c6dd-5444-820d-fbeb0f1f54cf",
                "timestamp": "2016-06-28 00:40:34.558",
            },
            "delivery": {
                "phoneCarrier": "My Phone Carrier", "mnc": 270, "numberOfMessageParts": 1,
                "destination": "+1XXX5550100", "priceInUSD": 0.00645, "smsType": "Transactional", "mcc": 310,
                "providerResponse": response, "dwellTimeMs": 599, "dwellTimeMsUntilDeviceAck": 1344,
            },
            "status": status,
        })
    }

    #[test]
    fn a_status_is_read() {
        let check = |told: &str, response: &str, expected: Happened| {
            let told = read(status(told, response).to_string().as_bytes()).unwrap();
            let receipt = Receipt {
                tenant: None,
                message: None,
                vendor_id: Some("34d9b400-c6dd-5444-820d-fbeb0f1f54cf".to_owned()),
                what: expected,
                at: "2016-06-28T00:40:34.558Z".parse().unwrap(),
            };
            assert_eq!(told.receipts, [receipt], "{response}");
        };
        let reason = Reason::of;
        check("SUCCESS", "Message has been accepted by phone carrier", Happened::Delivered);
        let invalid = Happened::Bounced { bounce: Bounce::Hard, reason: reason("Invalid phone number") };
        check("FAILURE", "Invalid phone number", invalid);
        check("FAILURE", "Phone number is opted out", Happened::Unsubscribed);
        let unknown = "Unknown error attempting to reach phone";
        check("FAILURE", unknown, Happened::Failed { reason: reason(unknown), may_try_again: true });
        let spam = "Blocked as spam by phone carrier";
        check("FAILURE", spam, Happened::Failed { reason: reason(spam), may_try_again: false });
    }

    #[test]
    fn a_piece_of_a_log_is_read_line_by_line() {
        let lines = [status("SUCCESS", "").to_string(), "Ada".to_owned(), status("GONE", "").to_string()];
        let events: Vec<_> =
            lines.iter().map(|line| json!({ "id": "1", "timestamp": 1, "message": line })).collect();
        let piece = json!({ "messageType": "DATA_MESSAGE", "logGroup": "sns", "logEvents": events });
        let told = read(piece.to_string().as_bytes()).unwrap();
        assert_eq!(told.receipts.len(), 1);
        let unread: Vec<_> = told.unread.iter().map(ToString::to_string).collect();
        let strange = "/logEvents/2/message/status: is not of the kind that is expected";
        assert_eq!(unread, ["/logEvents/1/message/: is not JSON", strange]);
        let control = json!({ "messageType": "CONTROL_MESSAGE", "logEvents": events });
        assert_eq!(read(control.to_string().as_bytes()).unwrap(), Told::default());
        assert_eq!(read(b"{}").unwrap_err().to_string(), "/notification: is missing");
    }
}
