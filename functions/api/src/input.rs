//! What came in, taken apart strictly: unknown members are refused, and everything wrong is told at once, each
//! with its place.

use std::fmt::Display;

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{StatusCode, header, request::Parts},
};
use flows::{Fault, FlowError};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error},
};
use serde_json::value::RawValue;
use serde_path_to_error::Segment;

use crate::{edge::RawBody, error::Problem};

/// A JSON body of a known shape.
pub(crate) struct Input<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let told = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = told.and_then(|told| told.split(';').next()).unwrap_or_default().trim();
        let RawBody(body) = request.extensions().get().cloned().unwrap_or_else(|| RawBody(Vec::new().into()));
        if !body.is_empty() && !kind.eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_json",
                "send the body as JSON, with `Content-Type: application/json`",
            ));
        }
        // A request without a body says as much as one with an empty object.
        let body = if body.is_empty() { "{}".into() } else { body };
        read(&body).map(Self)
    }
}

/// What only we say of a thing.
const PROTECTED: [&str; 9] =
    ["id", "tenant_id", "tenantId", "slot", "kind", "created_at", "createdAt", "updated_at", "updatedAt"];

/// A number as it was written, as a JSON number or as a text: `12.30`, not what a float makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written(pub(crate) String);

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(json)?;
        match raw.get().as_bytes() {
            [b'"', ..] => serde_json::from_str(raw.get()).map(Self).map_err(D::Error::custom),
            [b'-' | b'0'..=b'9', ..] => Ok(Self(raw.get().to_owned())),
            _ => Err(D::Error::custom("a number, or a text that holds one, is expected")),
        }
    }
}

/// What a change says of one member: `#[serde(default)]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Part<T> {
    /// Nothing: it stays.
    #[default]
    Left,
    /// `null`: it goes.
    Cleared,
    Told(T),
}

impl<T> Part<T> {
    pub(crate) fn told(&self) -> Option<&T> {
        match self {
            Self::Told(told) => Some(told),
            Self::Left | Self::Cleared => None,
        }
    }

    pub(crate) fn map<U>(self, other: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Left => Part::Left,
            Self::Cleared => Part::Cleared,
            Self::Told(told) => Part::Told(other(told)),
        }
    }

    /// What is said by leaving it out of a whole.
    pub(crate) fn or_cleared(self) -> Self {
        match self {
            Self::Left => Self::Cleared,
            said => said,
        }
    }
}

impl<T: Clone> Part<T> {
    /// What becomes of what was there.
    pub(crate) fn apply(&self, held: &mut Option<T>) {
        match self {
            Self::Left => {}
            Self::Cleared => *held = None,
            Self::Told(told) => *held = Some(told.clone()),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(json)?.map_or(Self::Cleared, Self::Told))
    }
}

/// A query of a known shape.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Query(asked) = Query::try_from_uri(&parts.uri)
            .map_err(|wrong| FlowError::invalid("?", "not_a_query", wrong.body_text()))?;
        Ok(Self(asked))
    }
}

/// A part of the path that names something.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(named) = Path::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::bad("not_a_path", "a part of the path is not written in UTF-8"))?;
        Ok(Self(named))
    }
}

/// What the caller prefers, if it can be had (RFC 7240): `respond-async`, to be answered before it is done.
pub(crate) struct Prefers {
    pub(crate) is_async: bool,
}

impl<S: Send + Sync> FromRequestParts<S> for Prefers {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let told = parts.headers.get_all("prefer").iter().filter_map(|told| told.to_str().ok());
        let is_async = |word: &str| word.trim().eq_ignore_ascii_case("respond-async");
        Ok(Self { is_async: told.flat_map(|told| told.split([',', ';'])).any(is_async) })
    }
}

/// One JSON value of a known shape.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|wrong| refused(&wrong))?;
    json.end()
        .map_err(|wrong| Problem::bad("not_json", format!("the body is not one JSON value: {wrong}")))?;
    Ok(value)
}

fn refused(wrong: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let sentence = wrong.inner().to_string();
    if !wrong.inner().is_data() {
        return Problem::bad("not_json", format!("the body is not JSON: {sentence}"));
    }
    let place = wrong.path().iter().fold(String::new(), |place, part| match part {
        Segment::Seq { index } => format!("{place}/{index}"),
        part => format!("{place}/{}", escaped(&part.to_string())),
    });
    // serde names the member in backticks, and points at the object around a member that is unknown or missing.
    let member = escaped(sentence.split('`').nth(1).unwrap_or_default());
    let (at, code) = if sentence.starts_with("unknown field") {
        let at = if place.ends_with(&format!("/{member}")) { place } else { format!("{place}/{member}") };
        (at, "unknown_member")
    } else if sentence.starts_with("missing field") {
        (format!("{place}/{member}"), "missing_member")
    } else {
        (place, "wrong_type")
    };
    let sentence = if code == "unknown_member" && PROTECTED.contains(&member.as_str()) {
        format!("`{member}` is said by us alone, and cannot be told")
    } else {
        sentence.split(" at line ").next().unwrap_or_default().to_owned()
    };
    FlowError::invalid(at, code, sentence).into()
}

/// A member's name as a JSON pointer has it (RFC 6901).
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Collects what is wrong, so that the caller hears all of it at once.
#[derive(Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// The parsed value, or a fault at that place.
    pub(crate) fn take<T, E: Display>(&mut self, at: &str, parsed: Result<T, E>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.add(at, "invalid", wrong.to_string());
                None
            }
        }
    }

    pub(crate) fn add(&mut self, at: &str, code: &'static str, sentence: impl Into<String>) {
        self.0.push(Fault { at: at.to_owned(), code, sentence: sentence.into() });
    }

    pub(crate) fn extend(&mut self, more: Vec<Fault>) {
        self.0.extend(more);
    }

    /// What is wrong with a part, by its place in the whole.
    pub(crate) fn within(&mut self, at: &str, part: Self) {
        let placed = part.0.into_iter().map(|fault| Fault { at: format!("{at}{}", fault.at), ..fault });
        self.0.extend(placed);
    }

    /// What is wrong with what was made of one member: all of it stands there.
    pub(crate) fn told_at(&mut self, at: &str, made: Self) {
        self.0.extend(made.0.into_iter().map(|fault| Fault { at: at.to_owned(), ..fault }));
    }

    /// Every rule that a new password breaks.
    pub(crate) fn password(&mut self, at: &str, password: &str) {
        for rule in domain::password::broken_rules(password) {
            self.add(at, rule.code(), rule.sentence());
        }
    }

    /// As `take`, of what may be left out.
    pub(crate) fn maybe<T, U, E: Display>(
        &mut self,
        at: &str,
        told: Option<T>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Option<U> {
        told.and_then(|told| self.take(at, parse(told)))
    }

    /// A whole number, if it is told and from the one to the other.
    pub(crate) fn whole<T: TryFrom<i64>>(
        &mut self,
        at: &str,
        told: Option<i64>,
        least: i64,
        most: i64,
    ) -> Option<T> {
        let told = told?;
        let number = T::try_from(told).ok().filter(|_| (least..=most).contains(&told));
        if number.is_none() {
            self.add(at, "out_of_range", format!("must be from {least} to {most}"));
        }
        number
    }

    /// As `take`, of what a change says.
    pub(crate) fn part<T, U, E: Display>(
        &mut self,
        at: &str,
        told: Part<T>,
        parse: impl FnOnce(T) -> Result<U, E>,
    ) -> Part<U> {
        match told {
            Part::Left => Part::Left,
            Part::Cleared => Part::Cleared,
            Part::Told(told) => self.take(at, parse(told)).map_or(Part::Left, Part::Told),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `Some` only if nothing was wrong: then every `take` gave its value.
    pub(crate) fn none<T>(self, values: Option<T>) -> Result<T, Problem> {
        match values {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(FlowError::Invalid(self.0).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        #[expect(dead_code, reason = "only its shape matters here")]
        inner: Vec<Inner>,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only its shape matters here")]
        count: u8,
    }

    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Amounts {
        amounts: Vec<Written>,
        #[serde(default)]
        gone: Part<Written>,
    }

    #[test]
    fn numbers_are_read_as_they_were_written() {
        let amounts: Amounts =
            read(br#"{"amounts": [12.30, "12.30", -1e3, "\u0031"], "gone": null}"#).unwrap();
        assert_eq!(amounts.amounts, ["12.30", "12.30", "-1e3", "1"].map(|text| Written(text.to_owned())));
        assert_eq!(amounts.gone, Part::Cleared);
        assert_eq!(read::<Amounts>(br#"{"amounts": []}"#).unwrap().gone, Part::Left);
        for wrong in ["null", "true", "[1]", "{}"] {
            let body = format!(r#"{{"amounts": [1, {wrong}]}}"#);
            let Err(problem) = read::<Amounts>(body.as_bytes()) else { panic!("{body} was taken") };
            assert_eq!((problem.faults[0].code, problem.faults[0].at.as_str()), ("wrong_type", "/amounts/1"));
        }
    }

    #[test]
    fn a_refusal_points_at_its_place() {
        let check = |body: &str, code: &str, at: &str| {
            let Err(problem) = read::<Outer>(body.as_bytes()) else { panic!("{body} was taken") };
            let told =
                problem.faults.first().map_or((problem.code, ""), |fault| (fault.code, fault.at.as_str()));
            assert_eq!(told, (code, at), "{body}: {problem:?}");
        };
        check("{", "not_json", "");
        check("", "not_json", "");
        check("{\"inner\": []} x", "not_json", "");
        check("[]", "wrong_type", "");
        check("{}", "missing_member", "/inner");
        check("{\"inner\": [], \"tenant_id\": 1}", "unknown_member", "/tenant_id");
        check("{\"inner\": [], \"a/b~c\": 1}", "unknown_member", "/a~1b~0c");
        check("{\"inner\": [{\"count\": 1, \"~1/\": 2}]}", "unknown_member", "/inner/0/~01~1");
        check("{\"inner\": [{\"count\": 1, \"extra\": 2}]}", "unknown_member", "/inner/0/extra");
        check("{\"inner\": [{\"count\": 1}, {\"count\": \"a\"}]}", "wrong_type", "/inner/1/count");
        check("{\"inner\": [{\"count\": 256}]}", "wrong_type", "/inner/0/count");
    }
}
