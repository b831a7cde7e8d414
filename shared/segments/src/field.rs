//! What every shop knows of its customers: each field as a test over its columns.

use columns::{Among, Clause, Code, Like, List, Number, Of, OrderCode, Span, Test, Text, Word};
use domain::{AccountState, ConsentState, RfmGroup, SpendTier, customer::Reach, order::Marks};
use rules::{Comparison, Condition, Known, Value};

use crate::{
    clock::Counts,
    compile::{Compiler, not},
    numbers::{bounds, decimal, minor, span, whole},
    refused::{Found, misfit, refused},
    scores, texts,
};

/// By the numbers of `ConsentState`.
pub(crate) const CONSENT_STATES: [&str; 6] =
    ["NOT_SUBSCRIBED", "SUBSCRIBED", "PENDING", "UNSUBSCRIBED", "INVALID", "REDACTED"];

pub(crate) fn known(it: &Compiler<'_>, field: Known, condition: &Condition) -> Found<Test> {
    let name = field.name();
    match field {
        Known::CustomerId if *condition != Condition::Null => {
            Ok(Test::Text(Text::Id.into(), Like::Exactly(texts::ids(name, condition)?)))
        }
        Known::CustomerId => text(Text::Id, None, name, condition),
        Known::Email => text(Text::Email, None, name, condition),
        Known::EmailDomain => text(Text::Email, Some("@"), name, condition),
        Known::Phone => text(Text::Phone, None, name, condition),
        Known::FirstName => text(Text::FirstName, None, name, condition),
        Known::LastName => text(Text::LastName, None, name, condition),
        Known::Language => language(name, condition),
        Known::Countries => texts::list(name, List::Countries.into(), true, condition),
        Known::Regions => texts::list(name, List::Regions.into(), true, condition),
        Known::Cities => texts::list(name, List::CityCodes.into(), true, condition),
        Known::Tags => texts::list(name, List::Tags.into(), false, condition),
        Known::Orders => {
            number(Number::Orders, condition, |condition| span(name, condition, |value| whole(name, value)))
        }
        Known::Spent | Known::HistoricValue => number(Number::Spent, condition, |condition| {
            span(name, condition, |value| minor(name, value, it.scene.currency))
        }),
        Known::AverageOrder => average(it, name, condition),
        Known::DaysBetween => days_between(name, condition),
        Known::ShopGroup => shop_word(Code::ShopGroup, name, condition, &RfmGroup::NAMES),
        Known::SpendTier => shop_word(Code::ShopTier, name, condition, &SpendTier::NAMES),
        Known::AccountStatus => shop_word(Code::AccountState, name, condition, &AccountState::NAMES),
        Known::EmailState => consent(Code::EmailState, name, condition),
        Known::SmsState => consent(Code::SmsState, name, condition),
        Known::CanEmail => {
            reach(Code::EmailState, (Reach::HAS_EMAIL, Reach::EMAIL_SUPPRESSED), name, condition)
        }
        Known::CanSms => reach(Code::SmsState, (Reach::HAS_PHONE, Reach::SMS_SUPPRESSED), name, condition),
        field => match (date(field), not_kept(field)) {
            (Some((column, counts)), _) => {
                number(column, condition, |condition| it.clock.span(name, condition, counts))
            }
            (None, Some(why)) => refused(name, why),
            (None, None) => scores::compared(it, field, condition),
        },
    }
}

/// The column of a date, and how it counts.
pub(crate) fn date(field: Known) -> Option<(Number, Counts)> {
    Some(match field {
        Known::Added => (Number::Added, Counts::Seconds),
        Known::FirstOrder => (Number::FirstOrder, Counts::Seconds),
        Known::LastOrder => (Number::LastOrder, Counts::Seconds),
        Known::AbandonedCheckout => (Number::AbandonedCheckout, Counts::Seconds),
        Known::Birthday => (Number::Birthday, Counts::Days),
        _ => return None,
    })
}

fn not_kept(field: Known) -> Option<&'static str> {
    Some(match field {
        Known::Companies => "companies that customers buy for are not mirrored yet",
        Known::CreatedByApp => "Shopify does not tell other apps which app brought a customer",
        _ => return None,
    })
}

/// A number that may be absent.
pub(crate) fn number(
    column: impl Into<Of<Number>>,
    condition: &Condition,
    span: impl FnOnce(&Condition) -> Found<Span>,
) -> Found<Test> {
    let column = column.into();
    Ok(match condition {
        Condition::Null => not(Test::HasNumber(column)),
        condition => Test::Number(column, span(condition)?),
    })
}

/// A text, or what stands behind a mark in it.
fn text(column: Text, behind: Option<&str>, name: &str, condition: &Condition) -> Found<Test> {
    if *condition == Condition::Null {
        return Ok(not(Test::HasText(column.into())));
    }
    Ok(match (texts::like(name, condition)?, behind) {
        (None, _) => Test::Nobody,
        (Some(like), None) => Test::Text(column.into(), like),
        (Some(like), Some(mark)) => Test::Text(column.into(), Like::Behind(mark.into(), Box::new(like))),
    })
}

fn language(name: &str, condition: &Condition) -> Found<Test> {
    if *condition == Condition::Null {
        return Ok(not(Test::HasWord(Word::Language)));
    }
    let like = texts::like(name, condition)?;
    Ok(like.map_or(Test::Nobody, |like| Test::Word(Word::Language, Among::Like(like))))
}

/// Who was never asked has not subscribed: nobody is without a state.
fn consent(column: Code, name: &str, condition: &Condition) -> Found<Test> {
    Ok(Test::Code(column, texts::bits(name, condition, &CONSENT_STATES)?))
}

/// Shopify's own word, which is one of these, from 1 up, or not told.
fn shop_word(column: Code, name: &str, condition: &Condition, words: &[&str]) -> Found<Test> {
    const NOT_TOLD: u64 = 1;
    let bits =
        if *condition == Condition::Null { NOT_TOLD } else { texts::bits(name, condition, words)? << 1 };
    Ok(Test::Code(column, bits))
}

/// Agreed, has an address, and is not suppressed.
fn reach(state: Code, (has, not_has): (u8, u8), name: &str, condition: &Condition) -> Found<Test> {
    let can = Test::All(vec![
        Test::Code(state, 1 << ConsentState::Subscribed as u8),
        Test::Bits(Code::Reach, has, not_has),
    ]);
    match condition {
        Condition::Is(Comparison::Equal, Value::Yes(true)) => Ok(can),
        Condition::Is(Comparison::Equal, Value::Yes(false)) => Ok(not(can)),
        _ => misfit(name),
    }
}

/// Exactly: what is shown to the cent lies between two cents. Nothing before the first order.
fn average(it: &Compiler<'_>, name: &str, condition: &Condition) -> Found<Test> {
    let between =
        |bounds| Test::Ratio { above: Number::Spent, minus: None, below: Number::Orders, less: 0, bounds };
    Ok(match condition {
        Condition::Null => not(between((std::ops::Bound::Unbounded, std::ops::Bound::Unbounded))),
        condition => between(bounds(name, condition, |value| minor(name, value, it.scene.currency))?),
    })
}

/// Of the orders that are counted and here: of those before them nobody knows when they were.
fn days_between(name: &str, condition: &Condition) -> Found<Test> {
    const MILLIONTHS: i64 = 1_000_000;
    const DAY_SECONDS: i64 = 86_400;
    let each = vec![Clause::Bits(OrderCode::Marks, Marks::COUNTS, 0)];
    Ok(match condition {
        Condition::Null => not(Test::Orders { each, count: Span::from(2), sum: None }),
        condition => {
            let seconds = |value: &Value| Ok(decimal(name, value)?.millionths().saturating_mul(DAY_SECONDS));
            Test::Spacing { each, times: MILLIONTHS, bounds: bounds(name, condition, seconds)? }
        }
    })
}
