//! What a caller tells of a template, and what is wrong with it.

use domain::{
    Name,
    template::{Body, Channel, Words},
};
use flows::wording::Wording;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{error::Problem, input::Faults};

/// Of a mail: `subject` and one of `html`, `mjml` and `blocks`. Of an SMS: `text`. `{{ customer.first_name | default: "there" }}` is
/// filled in for each; `{% if … %}`, `{% for … %}` and `{% skip "why" %}` decide.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TemplateTold {
    /// Of a template that is kept it must be told.
    name: Option<String>,
    /// `email` unless told, or `sms`.
    channel: Option<String>,
    subject: Option<String>,
    /// What a mailbox shows beside the subject.
    preheader: Option<String>,
    html: Option<String>,
    /// What becomes HTML that every mail program understands.
    mjml: Option<String>,
    /// `{"blocks": [{"type": "heading", "text": "Hello"}, …]}`: heading, text, image, button, columns, product, divider, footer.
    #[schema(value_type = Option<Object>)]
    blocks: Option<Value>,
    /// Of a mail: its plain text, made of the rest unless told.
    text: Option<String>,
    /// In a `PUT`: the `version` that you have seen. If it is another by now, nothing changes.
    pub(super) version: Option<u32>,
    /// In a preview: whom it is filled for, a customer's id. Somebody made up, unless told.
    customer: Option<String>,
}

/// The words alone, as they are told of a template and of a campaign.
#[derive(Debug, Clone, Default)]
pub(crate) struct WordsTold {
    pub(crate) channel: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) preheader: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) mjml: Option<String>,
    pub(crate) blocks: Option<Value>,
    pub(crate) text: Option<String>,
}

impl TemplateTold {
    /// To be kept.
    pub(super) fn understood(mut self) -> Result<(Name, Words, Wording), Problem> {
        let mut it = Faults::default();
        let name = self.name.take().unwrap_or_default();
        let name = it.take("/name", name.parse::<Name>());
        if self.customer.is_some() {
            it.add("/customer", "not_here", "a template is for many: a customer is told in a preview");
        }
        let words = self.words(&mut it);
        it.none(name.zip(words)).map(|(name, (words, ready))| (name, words, ready))
    }

    /// To be tried, and on whom.
    pub(super) fn tried(mut self) -> Result<(Wording, Option<String>), Problem> {
        let (mut it, customer) = (Faults::default(), self.customer.take());
        let words = self.words(&mut it);
        it.none(words).map(|(_, ready)| (ready, customer))
    }

    fn words(self, it: &mut Faults) -> Option<(Words, Wording)> {
        let Self { channel, subject, preheader, html, mjml, blocks, text, .. } = self;
        WordsTold { channel, subject, preheader, html, mjml, blocks, text }.understood(it)
    }
}

impl WordsTold {
    /// As somebody would tell words that are kept.
    pub(crate) fn of(words: Words) -> Self {
        let told = Self { channel: Some(words.channel().name().to_owned()), ..Self::default() };
        match words {
            Words::Sms { text } => Self { text: Some(text), ..told },
            Words::Email { subject, preheader, body, text } => {
                let told = Self { subject: Some(subject), preheader: Some(preheader), text, ..told };
                match body {
                    Body::Html(html) => Self { html: Some(html), ..told },
                    Body::Mjml(mjml) => Self { mjml: Some(mjml), ..told },
                    Body::Blocks(json) => Self { blocks: serde_json::from_str(&json).ok(), ..told },
                }
            }
        }
    }

    /// A message alone, as a letter: with a way out below it.
    pub(crate) fn letter(subject: &str, message: &str) -> Self {
        let footer = json!({"type": "footer", "text": ""});
        let blocks = json!({"blocks": [{"type": "text", "text": message}, footer]});
        Self { subject: Some(subject.to_owned()), blocks: Some(blocks), ..Self::default() }
    }

    /// `None`: it is no channel.
    pub(crate) fn channel(&self) -> Option<Channel> {
        self.channel.as_deref().map_or(Some(Channel::Email), |told| told.parse().ok())
    }

    /// With some of it told otherwise: another body takes the place of the body, and of the plain text that was told with it.
    pub(crate) fn but(&self, other: Self) -> Self {
        let has_body = other.html.is_some() || other.mjml.is_some() || other.blocks.is_some();
        let base = if has_body {
            Self { html: None, mjml: None, blocks: None, text: None, ..self.clone() }
        } else {
            self.clone()
        };
        Self {
            channel: base.channel,
            subject: other.subject.or(base.subject),
            preheader: other.preheader.or(base.preheader),
            html: other.html.or(base.html),
            mjml: other.mjml.or(base.mjml),
            blocks: other.blocks.or(base.blocks),
            text: other.text.or(base.text),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        let Self { channel, subject, preheader, html, mjml, blocks, text } = self;
        let told = [channel, subject, preheader, html, mjml, text];
        told.into_iter().all(Option::is_none) && blocks.is_none()
    }

    /// `None`: what is wrong with them is among the faults.
    pub(crate) fn understood(self, it: &mut Faults) -> Option<(Words, Wording)> {
        let channel = it.maybe("/channel", self.channel.as_deref(), str::parse);
        let words = match channel.unwrap_or(Channel::Email) {
            Channel::Email => self.email(it)?,
            Channel::Sms => self.sms(it)?,
        };
        match Wording::read(&words) {
            Ok(ready) => Some((words, ready)),
            Err(faults) => {
                it.extend(faults);
                None
            }
        }
    }

    fn email(self, it: &mut Faults) -> Option<Words> {
        let bodies = [
            self.html.map(Body::Html),
            self.mjml.map(Body::Mjml),
            self.blocks.map(|blocks| Body::Blocks(blocks.to_string())),
        ];
        let mut bodies = bodies.into_iter().flatten();
        let (body, more) = (bodies.next(), bodies.next());
        if body.is_none() || more.is_some() {
            it.add("/html", "one_body", "tell one of `html`, `mjml` and `blocks`");
        }
        if self.subject.is_none() {
            it.add("/subject", "required", "a mail has a subject");
        }
        Some(Words::Email {
            subject: self.subject?,
            preheader: self.preheader.unwrap_or_default(),
            body: body.filter(|_| more.is_none())?,
            text: self.text,
        })
    }

    fn sms(self, it: &mut Faults) -> Option<Words> {
        let others = [
            ("/subject", self.subject.is_some()),
            ("/preheader", self.preheader.is_some()),
            ("/html", self.html.is_some()),
            ("/mjml", self.mjml.is_some()),
            ("/blocks", self.blocks.is_some()),
        ];
        for (at, _) in others.iter().filter(|(_, is_told)| *is_told) {
            it.add(at, "not_of_sms", "an SMS has a `text` and nothing else");
        }
        if self.text.as_ref().is_none_or(|text| text.trim().is_empty()) {
            it.add("/text", "required", "an SMS has a text");
        }
        if others.iter().any(|(_, is_told)| *is_told) {
            return None;
        }
        self.text.filter(|text| !text.trim().is_empty()).map(|text| Words::Sms { text })
    }
}
