//! A template as callers see it.

use domain::{
    Template, TemplateId, Timestamp, UserId,
    template::{Body, Words},
};
use flows::{FlowError, wording::Wording};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// As a list shows it.
#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateHead {
    #[schema(value_type = String)]
    id: TemplateId,
    name: String,
    /// `email` or `sms`.
    channel: &'static str,
    /// 1 as it is made, and one more with each change.
    version: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(value_type = String)]
    updated_by: UserId,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateView {
    #[serde(flatten)]
    head: TemplateHead,
    #[serde(flatten)]
    words: WordsView,
}

/// As they were told.
#[derive(Clone, Default, Serialize, ToSchema)]
pub(crate) struct WordsView {
    subject: Option<String>,
    preheader: Option<String>,
    html: Option<String>,
    mjml: Option<String>,
    #[schema(value_type = Option<Object>)]
    blocks: Option<Value>,
    /// Of a mail `null`, unless it has its own.
    text: Option<String>,
    /// What it says of whoever gets it: `customer.first_name`.
    names: Vec<&'static str>,
}

impl TemplateHead {
    pub(super) fn of(template: &Template) -> Self {
        Self {
            id: template.id,
            name: template.name.as_str().to_owned(),
            channel: template.channel.name(),
            version: template.edition,
            created_at: template.created_at,
            created_by: template.created_by,
            updated_at: template.updated_at,
            updated_by: template.updated_by,
        }
    }
}

impl TemplateView {
    pub(super) fn of(template: &Template, words: Words, ready: &Wording) -> Result<Self, FlowError> {
        Ok(Self { head: TemplateHead::of(template), words: WordsView::of(words, ready)? })
    }
}

impl WordsView {
    /// Of each.
    pub(crate) fn all(words: Vec<Words>, ready: &[Wording]) -> Result<Vec<Self>, FlowError> {
        words.into_iter().zip(ready).map(|(words, ready)| Self::of(words, ready)).collect()
    }

    pub(crate) fn of(words: Words, ready: &Wording) -> Result<Self, FlowError> {
        let names = ready.names().into_iter().map(content::Name::written).collect();
        let (mut html, mut mjml, mut blocks) = (None, None, None);
        let (subject, preheader, text) = match words {
            Words::Sms { text } => (None, None, Some(text)),
            Words::Email { subject, preheader, body, text } => {
                match body {
                    Body::Html(told) => html = Some(told),
                    Body::Mjml(told) => mjml = Some(told),
                    Body::Blocks(json) => {
                        blocks = Some(serde_json::from_str(&json).map_err(FlowError::broken)?);
                    }
                }
                (Some(subject), Some(preheader), text)
            }
        };
        Ok(Self { subject, preheader, html, mjml, blocks, text, names })
    }
}
