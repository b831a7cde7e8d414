//! Texts to shops' customers through SNS. Sent once: whoever sends decides what an answer means.
//!
//! SNS knows a text by its own id alone: what becomes of it is told by that.

use async_trait::async_trait;
use aws_sdk_sns::{
    config::{Config, retry::RetryConfig},
    error::BuildError,
    types::MessageAttributeValue,
};
use domain::TextFrom;
use flows::{Answer, Refusal, Short, Texter, carrying::Urgency};
use std::collections::HashMap;

use crate::{Clients, proof};

pub struct SnsTexter {
    clients: Clients,
}

impl SnsTexter {
    pub fn new(clients: Clients) -> Self {
        Self { clients }
    }
}

#[async_trait]
impl Texter for SnsTexter {
    async fn text(&self, short: &Short) -> Answer {
        let Ok(attributes) = attributes(short) else {
            return Answer::refused("the text lacks a part", Refusal::OurFault);
        };
        let asked = (self.clients.sns().publish())
            .phone_number(short.to.as_str())
            .message(&short.text)
            .set_message_attributes(Some(attributes));
        let once = Config::builder().retry_config(RetryConfig::disabled());
        match asked.customize().config_override(once).send().await {
            Ok(sent) => match sent.message_id.filter(|id| !id.is_empty()) {
                Some(vendor_id) => Answer::Accepted { vendor_id },
                None => Answer::unknown("taken without an id"),
            },
            Err(error) => proof::answer(&error, kind),
        }
    }

    fn keeps_tags(&self) -> bool {
        false
    }
}

fn attributes(short: &Short) -> Result<HashMap<String, MessageAttributeValue>, BuildError> {
    let mut attributes = HashMap::new();
    let mut tell = |name: &str, kind: &str, value: String| {
        let value = MessageAttributeValue::builder().data_type(kind).string_value(value).build()?;
        attributes.insert(name.to_owned(), value);
        Ok::<_, BuildError>(())
    };
    let urgency = match short.urgency {
        Urgency::Promotional => "Promotional",
        Urgency::Transactional => "Transactional",
    };
    tell("AWS.SNS.SMS.SMSType", "String", urgency.to_owned())?;
    match &short.from {
        TextFrom::Name(name) => tell("AWS.SNS.SMS.SenderID", "String", name.as_str().to_owned())?,
        TextFrom::Number(phone) => {
            tell("AWS.MM.SMS.OriginationNumber", "String", phone.as_str().to_owned())?;
        }
    }
    if let Some(mills) = short.price_max_usd_mills {
        tell("AWS.SNS.SMS.MaxPrice", "Number", format!("{}.{:03}", mills / 1_000, mills % 1_000))?;
    }
    Ok(attributes)
}

fn kind(code: &str, _: &str) -> Refusal {
    match code {
        "InvalidParameter" | "InvalidParameterValue" | "OptedOut" | "ValidationException" => {
            Refusal::Permanent
        }
        _ => Refusal::OurFault,
    }
}
