//! Lists of a campaign's people: what they may be asked, who somebody is now, and pages of them as a file.

use axum::{
    http::{HeaderValue, header},
    response::Response,
};
use columns::{Family, Slot, Text, View};
use flows::{FlowError, identify::Caller};

use crate::{
    Deps,
    cursor::limited,
    customers::{
        filter::{one_of, told},
        view::whole_name,
    },
    error::Problem,
    files::samples::csv,
    input::Faults,
};

/// Rows of one file: what is left is where its `Link` leads.
const FILE_ROWS: usize = 10_000;

/// Who stands in a slot, as the columns know them now.
pub(super) struct Names(View);

#[derive(Default)]
pub(super) struct Somebody {
    /// `None`: whose slot it is nobody knows any more.
    pub(super) id: Option<String>,
    /// Nothing of whoever is nobody any more.
    pub(super) name: Option<String>,
}

impl Names {
    pub(super) async fn read(deps: &Deps, caller: &Caller) -> Result<Self, FlowError> {
        deps.audience(&caller.store, &[Family::Name]).await.map(Self)
    }

    pub(super) fn of(&self, slot: Slot) -> Somebody {
        let Some(row) = self.0.row(slot) else { return Somebody::default() };
        let name = whole_name(row[Text::FirstName].as_deref(), row[Text::LastName].as_deref());
        Somebody { id: row[Text::Id].as_deref().map(str::to_owned), name }
    }
}

/// A page of a list, or a part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Page(usize),
    File,
}

impl Form {
    pub(super) fn told(format: Option<&String>, limit: Option<usize>) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let format = faults.take("?format", one_of(told(format).unwrap_or("json"), &["json", "csv"]));
        if limit.is_some() && format == Some("csv") {
            faults.add(
                "?limit",
                "invalid",
                format!("goes not together with a file, which has {FILE_ROWS} rows"),
            );
        }
        let is_file = faults.none(format)? == "csv";
        Ok(if is_file { Self::File } else { Self::Page(limited(limit)?) })
    }

    pub(super) fn rows(self) -> usize {
        match self {
            Self::Page(limit) => limit,
            Self::File => FILE_ROWS,
        }
    }
}

/// Where the rest is stands in `Link` (RFC 8288).
pub(super) fn file(name: &str, text: String, rest: Option<String>) -> Result<Response, Problem> {
    let mut answer = csv(name, text);
    if let Some(rest) = rest {
        let link = HeaderValue::try_from(format!("<{rest}>; rel=\"next\"")).map_err(FlowError::broken)?;
        answer.headers_mut().insert(header::LINK, link);
    }
    Ok(answer)
}

/// The same question, from a cursor on.
pub(super) fn rest_of(path: &str, asked: &[(&str, Option<&str>)], cursor: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in asked {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    format!("{path}?{}", query.append_pair("format", "csv").append_pair("cursor", cursor).finish())
}
