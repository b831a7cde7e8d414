//! Texts and lists of texts, compared without case; ids and codes of places to the letter.

use columns::{Among, Like, List, Of, Span, Test, uncased};
use rules::{Condition, Quantity, Value};
use std::collections::BTreeSet;

use crate::{
    compile::not,
    numbers::compared,
    refused::{Found, misfit},
};

/// How a text is compared. `None`: as no text is.
pub(crate) fn like(name: &str, condition: &Condition) -> Found<Option<Like>> {
    Ok(match condition {
        Condition::Like(like, text) => {
            let part = uncased(text);
            // Every text contains what is empty.
            (!part.is_empty()).then(|| match like {
                rules::Like::Contains => Like::Contains(part.into()),
                rules::Like::StartsWith => Like::StartsWith(part.into()),
                rules::Like::EndsWith => Like::EndsWith(part.into()),
            })
        }
        condition => {
            Some(Like::Is(values(name, condition)?.iter().map(|text| uncased(text).into()).collect()))
        }
    })
}

/// Those of which it is to be one.
pub(crate) fn values<'r>(name: &str, condition: &'r Condition) -> Found<Vec<&'r str>> {
    let text = |value: &'r Value| match value {
        Value::Text(text) | Value::Id(text) => Ok(&**text),
        Value::Word(word) => Ok(*word),
        _ => misfit(name),
    };
    match condition {
        Condition::Is(rules::Comparison::Equal, value) => Ok(vec![text(value)?]),
        Condition::In(values) => values.iter().map(text).collect(),
        _ => misfit(name),
    }
}

/// Ids as they are kept: Shopify's numbers stand behind an "s".
pub(crate) fn ids(name: &str, condition: &Condition) -> Found<BTreeSet<Box<str>>> {
    let told = values(name, condition)?;
    let is_number = |id: &&str| !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
    let shopifys = told.iter().copied().filter(is_number).map(|id| format!("s{id}").into());
    Ok(shopifys.chain(told.iter().map(|id| Box::from(*id))).collect())
}

/// Words of a fixed set, as bits by their places in it.
pub(crate) fn bits(name: &str, condition: &Condition, words: &[&str]) -> Found<u64> {
    if *condition == Condition::Null {
        return Ok(0);
    }
    let mut bits = 0;
    for word in values(name, condition)? {
        match words.iter().position(|known| *known == word) {
            Some(place) => bits |= 1 << place,
            None => return misfit(name),
        }
    }
    Ok(bits)
}

pub(crate) fn list(name: &str, column: Of<List>, is_exact: bool, condition: &Condition) -> Found<Test> {
    let among = |texts: &[Box<str>]| {
        if is_exact {
            Among::Exactly(texts.iter().cloned().collect())
        } else {
            Among::Uncased(texts.iter().map(|text| uncased(text).into()).collect())
        }
    };
    let holds = |texts: &[Box<str>]| Test::List(column.clone(), among(texts));
    Ok(match condition {
        Condition::Holds(_, texts) if texts.is_empty() => return misfit(name),
        Condition::Holds(Quantity::Any, texts) => holds(texts),
        Condition::Holds(Quantity::All, texts) => {
            Test::All(texts.iter().map(|text| holds(std::slice::from_ref(text))).collect())
        }
        Condition::Length(comparison, number) => Test::ListLength(column, compared(*comparison, *number)),
        Condition::Null => not(Test::ListLength(column, Span::AT_LEAST_ONE)),
        _ => return misfit(name),
    })
}
