//! Envelopes that `openssl dgst -sha256 -sign` signed, over the text that AWS's documentation says is signed.

use serde_json::{Value, json};

use super::*;

const CERTIFICATE: &[u8] = include_bytes!("certificate.pem");
const OF_NOTIFICATION: &str = "TVq3qFQwHH+gVbOCEMrLQYA8t0RIvr2zeeK0ajxqUe01l2oaXPmpyuWBtnmRqhiYsUadyy4+gvzboOgpf8MCQYsDEq6vphyHmcMNhn7QEZXeYeI89g7/LhLciCkiRYJsU7eIkYpWrcPZe1gKATbhBIMoR5ZRJP4l9G8LeeEmjlkJsJevxJgjgJOwdsCJdrArFS1gVsMkHgnIIz9PGP8qQXzKcR6yS8tr0e6CJdJeBbQ9oxc8AT1aSIKAtioAj9zBpfCyoufebhPUMRteZoFi7n6axLcqZ/9vlQXuL+QncUj6V3YRRKIKtyAJx5VqQzIiq3dpB9Fo80wo9Xz/TreSoA==";
const OF_CONFIRMATION: &str = "0cdmohE/FXvnoWTt6lv18TbxKFxEASr+pkfOHwxK+/e4sp7ZvQxty3x4n4OctFu1HrIrxXtg6CUaF792j/g0g0X0zV22ANDWkpPI75rWgMHJfrcoEhFbmuCvVj9zhA9v6S3Xgl8VrjY73415PQHZHhNJ929M09ojETPiULxRTlJyo6zqryEPXQ3gQhx4XD3LkUWP5ND7uMIrkFnQAYWHXb4OhZI0WPz/pfiyGvSnOwXcnV4F6N0+WNa4w/gKwDHSAO7RQrj2AZvM1iD+vPRDiDqpJQYMidSHobhzVUqSqvqJBku7PSFWtiuiAZQosK1H9jyu5fz15S1DlytFrGKMoA==";
const CERTIFICATE_URL: &str =
    "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem";

fn notification() -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:receipts",
        "Subject": "Amazon SES",
        "Message": "{\"eventType\":\"Send\"}",
        "Timestamp": "2026-11-22T10:00:00.000Z",
        "SignatureVersion": "2",
        "Signature": OF_NOTIFICATION,
        "SigningCertURL": CERTIFICATE_URL,
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
    })
}

fn verdict(value: Value) -> Result<(), BadSignature> {
    Envelope::of(value).unwrap().verify(CERTIFICATE)
}

#[test]
fn what_amazon_signed_is_believed() {
    assert_eq!(verdict(notification()), Ok(()));
    let confirmation = json!({
        "Type": "SubscriptionConfirmation",
        "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
        "Token": "abc",
        "TopicArn": "arn:aws:sns:us-east-1:123456789012:receipts",
        "Message": "You have chosen to subscribe",
        "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc",
        "Timestamp": "2026-11-22T10:00:00.000Z",
        "SignatureVersion": "2",
        "Signature": OF_CONFIRMATION,
        "SigningCertURL": CERTIFICATE_URL,
    });
    assert_eq!(verdict(confirmation), Ok(()));
}

#[test]
fn what_was_changed_is_not() {
    let check = |member: &str, value: Value, expected| {
        let mut told = notification();
        told[member] = value.clone();
        assert_eq!(verdict(told), Err(expected), "{member}: {value}");
    };
    for member in ["Message", "MessageId", "Subject", "Timestamp", "TopicArn"] {
        check(member, json!("another"), BadSignature::Wrong);
    }
    check("Subject", Value::Null, BadSignature::Wrong);
    check("Signature", json!(OF_CONFIRMATION), BadSignature::Wrong);
    check("Signature", json!(""), BadSignature::Missing);
    check("Signature", json!("?"), BadSignature::Form);
    // SHA-1.
    check("SignatureVersion", json!("1"), BadSignature::Form);
    let envelope = Envelope::of(notification()).unwrap();
    assert_eq!(envelope.verify(b"-----BEGIN CERTIFICATE-----\n"), Err(BadSignature::Form));
}

#[test]
fn a_certificate_is_fetched_from_amazon_alone() {
    let check = |url: &str, is_good: bool| {
        let mut told = notification();
        told["SigningCertURL"] = json!(url);
        let envelope = Envelope::of(told).unwrap();
        assert_eq!(envelope.certificate_url().is_ok(), is_good, "{url}");
        assert_eq!(envelope.verify(CERTIFICATE).is_ok(), is_good, "{url}");
    };
    check("https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0a.pem", true);
    check("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem", true);
    for url in [
        "",
        "http://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.us-east-1.amazonaws.com.evil.test/SimpleNotificationService-0a.pem",
        "https://sns.us-east-1.amazonaws.com@evil.test/SimpleNotificationService-0a.pem",
        "https://evil.test/sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.evil.test/x.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.bucket.s3.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://bucket.amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns..amazonaws.com/SimpleNotificationService-0a.pem",
        "https://sns.us-east-1.amazonaws.com:8443/SimpleNotificationService-0a.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-../x.pem",
        "https://sns.us-east-1.amazonaws.com/other.pem",
        "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem?x",
    ] {
        check(url, false);
    }
    assert!(is_amazons("https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"));
    assert!(!is_amazons("https://sns.us-east-1.amazonaws.com"));
    assert!(!is_amazons("https://169.254.169.254/"));
}

#[test]
fn what_is_told_is_found_in_its_envelope() {
    let inner = json!({ "eventType": "Send" });
    let by_bridge = json!({ "detail-type": "Email Sent", "source": "aws.ses", "detail": inner });
    for told in [inner.clone(), notification(), by_bridge] {
        assert_eq!(unwrapped(told.to_string().as_bytes()).unwrap(), inner);
    }
    let mut broken = notification();
    broken["Message"] = json!("Ada");
    let error = unwrapped(broken.to_string().as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "/Message/: is not JSON");
    broken["Type"] = json!("UnsubscribeConfirmation");
    assert!(unwrapped(broken.to_string().as_bytes()).is_err());
}
