//! A rule as a caller tells it, and what is wrong with it.

use asking::Unasked;
use flows::{Fault, FlowError};
use rules::{Imported, Note, Place, Rule, Shop};
use segments::Unsupported;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::error::Problem;

/// What a caller tells of a segment that is not saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RuleTold {
    /// Who is meant: as text (`amount_spent > 500 AND customer_tags CONTAINS 'vip'`), as JSON, or as the JSON of a system
    /// that merchants come from.
    #[serde(alias = "rules", alias = "filters", alias = "conditions")]
    #[schema(value_type = Object)]
    rule: Value,
}

/// What is wrong with a rule.
#[derive(Serialize, ToSchema)]
pub(crate) struct RuleFault {
    /// For programs. `unsupported`: the rule is one, and nothing is kept that answers it.
    code: &'static str,
    detail: String,
    /// Of JSON: where in the rule. Of what is `unsupported`: where in `rule`, as it is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pointer: Option<String>,
    /// Of a text: from which byte on.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<usize>,
    /// Of a text: the byte behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<usize>,
    /// What could stand there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    expected: Vec<String>,
    /// The nearest word that could.
    #[serde(skip_serializing_if = "Option::is_none")]
    did_you_mean: Option<String>,
}

/// Where a rule of another system means not quite what it meant there.
#[derive(Serialize, ToSchema)]
pub(crate) struct RuleNote {
    /// In what was told.
    pointer: String,
    detail: &'static str,
}

/// A rule in its one form.
#[derive(Serialize, ToSchema)]
pub(crate) struct RuleView {
    #[schema(value_type = Object)]
    rule: Value,
    /// The same as text.
    text: String,
    /// The same for people.
    in_words: String,
    notes: Vec<RuleNote>,
}

impl RuleTold {
    pub(crate) fn of(rule: Value) -> Self {
        Self { rule }
    }

    pub(crate) fn read(&self, shop: &Shop) -> Result<Imported, Vec<rules::Problem>> {
        match &self.rule {
            Value::String(text) => Rule::parse(text, shop).map(|rule| Imported { rule, notes: Vec::new() }),
            json => Rule::import(json, shop),
        }
    }
}

impl RuleNote {
    pub(super) fn all(read: &Imported) -> Vec<Self> {
        let note =
            |note: &Note| Self { pointer: place(&note.place).0.unwrap_or_default(), detail: note.says };
        read.notes.iter().map(note).collect()
    }
}

impl RuleView {
    pub(super) fn of(read: &Imported, shop: &Shop) -> Self {
        Self {
            rule: read.rule.to_json(),
            text: read.rule.to_string(),
            in_words: read.rule.in_words(shop),
            notes: RuleNote::all(read),
        }
    }
}

/// A pointer, or a stretch of bytes.
fn place(place: &Place) -> (Option<String>, Option<(usize, usize)>) {
    match place {
        Place::Pointer(pointer) => (Some(pointer.clone()), None),
        Place::Bytes(bytes) => (None, Some((bytes.start, bytes.end))),
    }
}

impl From<rules::Problem> for RuleFault {
    fn from(problem: rules::Problem) -> Self {
        let (pointer, bytes) = place(&problem.place);
        Self {
            code: problem.wrong.code(),
            detail: problem.to_string(),
            pointer,
            from: bytes.map(|(from, _)| from),
            to: bytes.map(|(_, to)| to),
            expected: problem.expected,
            did_you_mean: problem.meant,
        }
    }
}

impl From<Unsupported> for RuleFault {
    fn from(unsupported: Unsupported) -> Self {
        Self {
            code: UNSUPPORTED,
            detail: unsupported.to_string(),
            pointer: Some(unsupported.at),
            from: None,
            to: None,
            expected: Vec::new(),
            did_you_mean: None,
        }
    }
}

impl RuleFault {
    /// Of what the last night did not tell.
    pub(super) fn silent(why: &str) -> Self {
        Self {
            code: UNSUPPORTED,
            detail: why.to_owned(),
            pointer: None,
            from: None,
            to: None,
            expected: Vec::new(),
            did_you_mean: None,
        }
    }
}

const UNSUPPORTED: &str = "unsupported";

/// Every fault of a rule, in the body's member.
pub(crate) fn faults<T: Into<RuleFault>>(wrong: Vec<T>) -> Vec<Fault> {
    let fault = |wrong: T| {
        let fault: RuleFault = wrong.into();
        let at = match &fault.pointer {
            Some(pointer) if fault.code != UNSUPPORTED => format!("/rule{pointer}"),
            _ => "/rule".to_owned(),
        };
        let sentence = match (fault.from, fault.to) {
            (Some(from), Some(to)) => format!("{} (bytes {from} to {to})", fault.detail),
            _ => fault.detail,
        };
        Fault { at, code: fault.code, sentence }
    };
    wrong.into_iter().map(fault).collect()
}

/// A request whose rule cannot be asked.
pub(crate) fn refused<T: Into<RuleFault>>(wrong: Vec<T>) -> Problem {
    FlowError::Invalid(faults(wrong)).into()
}

impl From<Unasked> for Problem {
    fn from(Unasked(wrong): Unasked) -> Self {
        refused(wrong)
    }
}
