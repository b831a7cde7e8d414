//! A segment as callers see it.

use domain::{Segment, SegmentId, Timestamp, UserId};
use flows::FlowError;
use rules::{Rule, Shop};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub(crate) struct SegmentView {
    #[schema(value_type = String)]
    pub(super) id: SegmentId,
    name: String,
    description: Option<String>,
    /// `active`, or `paused`: nobody joins and nobody leaves.
    state: &'static str,
    /// Who is meant.
    #[schema(value_type = Object)]
    rule: Value,
    /// The same as text.
    text: String,
    /// The same for people.
    in_words: String,
    /// Of the text: SHA-256 in hex. The same rule has the same, wherever it is.
    content_hash: String,
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

impl SegmentView {
    pub(super) fn of(segment: &Segment, shop: &Shop) -> Result<Self, FlowError> {
        let rule = Rule::parse(&segment.rule.text, shop)
            .map_err(|_| FlowError::broken(format!("the rule of {} is none", segment.id)))?;
        Ok(Self {
            id: segment.id,
            name: segment.name.as_str().to_owned(),
            description: segment.description.clone(),
            state: segment.state.name(),
            rule: rule.to_json(),
            text: segment.rule.text.clone(),
            in_words: rule.in_words(shop),
            content_hash: segment.rule.hash.clone(),
            version: segment.edition,
            created_at: segment.created_at,
            created_by: segment.created_by,
            updated_at: segment.updated_at,
            updated_by: segment.updated_by,
        })
    }
}
