//! Letters to shops' customers through SES. Sent once: whoever sends decides what an answer means.
//!
//! Each shop is a tenant of SES's own, if the account has them: what one shop's customers complain of stops that shop's
//! mail and nobody else's.

use async_trait::async_trait;
use aws_sdk_sesv2::{
    config::{Config, retry::RetryConfig},
    error::BuildError,
    types::{Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag},
};
use flows::{Answer, Carrier, Letter, Refusal, carrying::shown};

use crate::{Clients, proof};

pub struct SesCarrier {
    pub clients: Clients,
    /// Whose events become receipts.
    pub configuration_set: Option<String>,
    /// Whether each shop is a tenant of SES's, by the shop's id.
    pub has_tenants: bool,
}

#[async_trait]
impl Carrier for SesCarrier {
    async fn carry(&self, letter: &Letter) -> Answer {
        let Ok((content, tags)) = parts(letter) else {
            return Answer::refused("the letter lacks a part", Refusal::OurFault);
        };
        let asked = (self.clients.ses().send_email())
            .from_email_address(shown(&letter.from))
            .destination(Destination::builder().to_addresses(letter.to.as_str()).build())
            .set_reply_to_addresses(letter.reply_to.as_ref().map(|address| vec![address.to_string()]))
            .content(content)
            .set_email_tags(Some(tags))
            .set_configuration_set_name(self.configuration_set.clone())
            .set_tenant_name(self.has_tenants.then(|| letter.tenant.to_string()));
        let once = Config::builder().retry_config(RetryConfig::disabled());
        match asked.customize().config_override(once).send().await {
            Ok(sent) => match sent.message_id.filter(|id| !id.is_empty()) {
                Some(vendor_id) => Answer::Accepted { vendor_id },
                None => Answer::unknown("taken without an id"),
            },
            Err(error) => proof::answer(&error, kind),
        }
    }
}

fn parts(letter: &Letter) -> Result<(EmailContent, Vec<MessageTag>), BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let html = letter.html.as_deref().map(text).transpose()?;
    let body = Body::builder().text(text(&letter.text)?).set_html(html).build();
    let mut message = Message::builder().subject(text(&letter.subject)?).body(body);
    for (name, value) in letter.list_headers() {
        message = message.headers(MessageHeader::builder().name(name).value(value).build()?);
    }
    let tag = |name: &str, value: String| MessageTag::builder().name(name).value(value).build();
    let tags = vec![tag("message", letter.message.to_string())?, tag("tenant", letter.tenant.to_string())?];
    Ok((EmailContent::builder().simple(message.build()).build(), tags))
}

/// What SES says of the letter itself is for good. An unverified sender is told in the same code, in other words.
fn kind(code: &str, words: &str) -> Refusal {
    match code {
        "MessageRejected" if words.starts_with("Email address is not verified") => Refusal::OurFault,
        "MessageRejected" | "BadRequestException" => Refusal::Permanent,
        _ => Refusal::OurFault,
    }
}
