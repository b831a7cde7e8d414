//! SES and SNS on the bench of messages: providers that speak as AWS's documentation has it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use aws::{Clients, Https, SesCarrier, SnsTexter};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use flows::{
    Answer, Carrier, Refusal, Texter,
    carrying::contract::{
        self, Bench, Does, Told,
        wire::{Asked, OverWire, Said},
    },
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// The SDK's retries are as they are in the product: on.
fn clients(url: &str, patience: Duration) -> Clients {
    let credentials = Credentials::new("test", "test", None, None, "bench");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Https::default())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .retry_config(aws_sdk_dynamodb::config::retry::RetryConfig::standard())
        .timeout_config(TimeoutConfig::builder().operation_attempt_timeout(patience).build());
    Clients::with(config.build())
}

fn ses(url: &str, patience: Duration) -> Arc<dyn Carrier> {
    let configuration_set = Some("regulars".to_owned());
    Arc::new(SesCarrier { clients: clients(url, patience), configuration_set, has_tenants: true })
}

fn ses_fails(status: u16, code: &str, words: &str) -> Said {
    let headers =
        vec![("x-amzn-ErrorType", code.to_owned()), ("content-type", "application/json".to_owned())];
    Said { status, headers, body: json!({ "message": words }).to_string() }
}

fn ses_says(does: Does) -> Said {
    let headers = vec![("content-type", "application/json".to_owned())];
    match does {
        Does::Accepts => {
            let body = json!({ "MessageId": "0100018c-example-000000" }).to_string();
            Said { status: 200, headers, body }
        }
        Does::Mumbles => Said { status: 200, headers, body: "<html>".to_owned() },
        Does::Throttles => ses_fails(429, "TooManyRequestsException", "Maximum sending rate exceeded."),
        Does::RefusesTheAddress => ses_fails(400, "BadRequestException", "Missing final '@domain'"),
        Does::RefusesUs => {
            let words = "Email address is not verified. The following identities failed the check: x@y.test";
            ses_fails(400, "MessageRejected", words)
        }
        _ => ses_fails(500, "InternalServiceErrorException", ""),
    }
}

fn ses_understands(asked: &Asked) -> Told {
    assert_eq!(asked.what, "POST /v2/email/outbound-emails");
    let mail: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(mail["ConfigurationSetName"], "regulars");
    let simple = &mail["Content"]["Simple"];
    let tags = mail["EmailTags"].as_array().unwrap();
    let tag = |name: &str| &tags.iter().find(|tag| tag["Name"] == name).unwrap()["Value"];
    assert_eq!(&mail["TenantName"], tag("tenant"));
    assert_eq!(simple["Subject"]["Charset"], "UTF-8");
    let none = Vec::new();
    let headers = simple["Headers"].as_array().unwrap_or(&none);
    let header = |name: &str| {
        headers.iter().find(|header| header["Name"] == name).map_or(&Value::Null, |it| &it["Value"])
    };
    let fields = [
        ("tenant", tag("tenant")),
        ("message", tag("message")),
        ("from", &mail["FromEmailAddress"]),
        ("to", &mail["Destination"]["ToAddresses"][0]),
        ("reply_to", &mail["ReplyToAddresses"][0]),
        ("subject", &simple["Subject"]["Data"]),
        ("html", &simple["Body"]["Html"]["Data"]),
        ("text", &simple["Body"]["Text"]["Data"]),
        ("List-Unsubscribe", header("List-Unsubscribe")),
        ("List-Unsubscribe-Post", header("List-Unsubscribe-Post")),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect()
}

fn ses_that(says: impl Fn(Does) -> Said + Send + Sync + 'static) -> OverWire<dyn Carrier> {
    OverWire {
        adapter: Box::new(|url, patience| ses(&url, patience)),
        says: Box::new(says),
        understands: Box::new(ses_understands),
        untold: &[],
    }
}

#[tokio::test]
async fn ses_keeps_the_contract() {
    contract::check_carrier(&ses_that(ses_says)).await;
}

fn sns_fails(status: u16, code: &str) -> Said {
    let body = format!(
        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>x</Message></Error><RequestId>1</RequestId></ErrorResponse>"
    );
    Said { status, headers: vec![("content-type", "text/xml".to_owned())], body }
}

fn sns_says(does: Does) -> Said {
    let headers = vec![("content-type", "text/xml".to_owned())];
    match does {
        Does::Accepts => {
            let body = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                <MessageId>567910cd-659e-55d4-8ccb-5aaf14679dc0</MessageId></PublishResult>\
                <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>";
            Said { status: 200, headers, body: body.to_owned() }
        }
        Does::Mumbles => Said { status: 200, headers, body: "{}".to_owned() },
        Does::Throttles => sns_fails(429, "Throttled"),
        Does::RefusesTheAddress => sns_fails(400, "InvalidParameter"),
        Does::RefusesUs => sns_fails(403, "AuthorizationError"),
        _ => sns_fails(500, "InternalError"),
    }
}

fn sns_understands(asked: &Asked) -> Told {
    assert_eq!(asked.what, "POST /");
    let body = String::from_utf8(asked.body.clone()).unwrap();
    let form: BTreeMap<_, _> = body.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let plain = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.as_bytes();
        while let Some((first, more)) = rest.split_first() {
            let coded = std::str::from_utf8(more.get(..2).unwrap_or_default()).unwrap_or_default();
            match (first, u8::from_str_radix(coded, 16)) {
                (b'%', Ok(byte)) => {
                    bytes.push(byte);
                    rest = &more[2..];
                }
                (byte, _) => {
                    bytes.push(*byte);
                    rest = more;
                }
            }
        }
        String::from_utf8(bytes).unwrap()
    };
    assert_eq!((form["Action"], form.get("TopicArn")), ("Publish", None));
    let attribute = |name: &str, kind: &str| {
        let place = (1..=4).find(|place| {
            let key = format!("MessageAttributes.entry.{place}.Name");
            form.get(key.as_str()).is_some_and(|told| *told == name)
        })?;
        let value = |part: &str| form[format!("MessageAttributes.entry.{place}.Value.{part}").as_str()];
        assert_eq!(value("DataType"), kind);
        Some(plain(value("StringValue")))
    };
    let fields = [
        ("from", attribute("AWS.SNS.SMS.SenderID", "String")),
        ("urgency", attribute("AWS.SNS.SMS.SMSType", "String")),
        ("price_max", attribute("AWS.SNS.SMS.MaxPrice", "Number")),
        ("to", form.get("PhoneNumber").map(|to| plain(to))),
        ("text", form.get("Message").map(|text| plain(text))),
    ];
    fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

fn sns_that(says: impl Fn(Does) -> Said + Send + Sync + 'static) -> OverWire<dyn Texter> {
    OverWire {
        adapter: Box::new(|url, patience| Arc::new(SnsTexter::new(clients(&url, patience)))),
        says: Box::new(says),
        understands: Box::new(sns_understands),
        // It keeps no tags.
        untold: &["tenant", "message"],
    }
}

#[tokio::test]
async fn sns_keeps_the_contract() {
    contract::check_texter(&sns_that(sns_says)).await;
}

#[tokio::test]
async fn each_refusal_is_somebodys() {
    for (status, code, words, kind) in [
        (400, "MessageRejected", "The message contains a virus.", Refusal::Permanent),
        (400, "AccountSuspendedException", "", Refusal::OurFault),
        (400, "SendingPausedException", "", Refusal::OurFault),
        (400, "MailFromDomainNotVerifiedException", "", Refusal::OurFault),
        (404, "NotFoundException", "", Refusal::OurFault),
        (403, "AccessDeniedException", "", Refusal::OurFault),
        (400, "LimitExceededException", "", Refusal::Throttled { after: None }),
        (400, "ThrottlingException", "", Refusal::Throttled { after: None }),
    ] {
        let bench = ses_that(move |_| ses_fails(status, code, words));
        let seen = bench.send(&contract::letter(), Does::RefusesUs).await;
        assert_eq!((seen.answer, seen.asked), (Answer::refused(code, kind), 1));
    }
    for (status, code, kind) in [
        (400, "OptedOut", Refusal::Permanent),
        (400, "UserError", Refusal::OurFault),
        (403, "InvalidClientTokenId", Refusal::OurFault),
        (400, "Throttling", Refusal::Throttled { after: None }),
    ] {
        let bench = sns_that(move |_| sns_fails(status, code));
        let seen = bench.send(&contract::short(), Does::RefusesUs).await;
        assert_eq!((seen.answer, seen.asked), (Answer::refused(code, kind), 1));
    }
}
