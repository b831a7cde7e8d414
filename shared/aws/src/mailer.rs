//! Our own mail through SES. Sent once: the queue that the mail came from is what tries again.

use async_trait::async_trait;
use aws_sdk_sesv2::{
    config::{Config, retry::RetryConfig},
    error::BuildError,
    types::{Body, Content, Destination, EmailContent, Message, MessageTag},
};
use flows::{FlowError, Mail, Mailer};

use crate::{Clients, failure::Failure};

const TAG_BYTES_MAX: usize = 256;

pub struct SesMailer {
    clients: Clients,
    from: String,
}

impl SesMailer {
    /// `from`: a verified address and nothing else. A function may send only from `ses:FromAddress`, which SES compares
    /// with the address: what it would say to `Name <address>` is no.
    pub fn new(clients: Clients, from: impl Into<String>) -> Self {
        Self { clients, from: from.into() }
    }
}

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, mail: Mail) -> Result<(), FlowError> {
        let (content, tag) = parts(&mail).map_err(FlowError::broken)?;
        let asked = (self.clients.ses().send_email())
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(mail.to).build())
            .content(content)
            .email_tags(tag);
        let once = Config::builder().retry_config(RetryConfig::disabled());
        let sent = asked.customize().config_override(once).send().await;
        sent.map(drop).map_err(|error| of(Failure::of("SES", &error)))
    }
}

fn parts(mail: &Mail) -> Result<(EmailContent, MessageTag), BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let body = Body::builder().text(text(&mail.text)?).build();
    let message = Message::builder().subject(text(&mail.subject)?).body(body).build();
    let tag = MessageTag::builder().name("about").value(tag(&mail.about)).build()?;
    Ok((EmailContent::builder().simple(message).build(), tag))
}

/// SES takes letters, digits, `_` and `-`, and no empty value.
fn tag(about: &str) -> String {
    let allowed = |letter: char| {
        if letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-') { letter } else { '_' }
    };
    let tag: String = about.chars().map(allowed).take(TAG_BYTES_MAX).collect();
    if tag.is_empty() { "_".to_owned() } else { tag }
}

/// A paused account or an unverified sender is for people to put right, while the mail waits in its queue.
fn of(failure: Failure) -> FlowError {
    if failure.is(&["MessageRejected", "BadRequestException"]) || failure.is_refused() {
        return FlowError::invalid("/to", "mail_refused", "the mail provider does not take this mail");
    }
    if failure.is_throttled() {
        return FlowError::TooMany { code: "mail_throttled", retry_after_seconds: 1, limits: None };
    }
    failure.unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_holds_only_what_the_provider_takes() {
        assert_eq!(tag("invitation:01J9-a_b"), "invitation_01J9-a_b");
        assert_eq!(tag("über uns"), "_ber_uns");
        assert_eq!(tag(""), "_");
        assert_eq!(tag(&"x".repeat(300)).len(), 256);
    }
}
