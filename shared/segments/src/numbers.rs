//! Comparisons of numbers and amounts, as spans of what a column counts.

use columns::Span;
use domain::Currency;
use rules::{Comparison, Condition, Decimal, Value};
use std::ops::Bound;

use crate::refused::{Found, misfit, refused};

/// No number lies in it.
const NOTHING: Span = Span::new(1, 0);

pub(crate) fn compared(comparison: Comparison, with: i64) -> Span {
    match comparison {
        Comparison::Equal => Span::only(with),
        Comparison::AtLeast => Span::from(with),
        Comparison::AtMost => Span::to(with),
        Comparison::More => with.checked_add(1).map_or(NOTHING, Span::from),
        Comparison::Less => with.checked_sub(1).map_or(NOTHING, Span::to),
    }
}

/// Between two, and never the lower of them.
pub(crate) fn upper_middle(least: i64, most: i64) -> i64 {
    let apart = most.abs_diff(least);
    least.saturating_add_unsigned(apart / 2 + apart % 2)
}

/// Of numbers that `of` counts as the column does.
pub(crate) fn span(name: &str, condition: &Condition, of: impl Fn(&Value) -> Found<i64>) -> Found<Span> {
    Ok(match condition {
        Condition::Is(comparison, value) => compared(*comparison, of(value)?),
        Condition::Between(least, most) => Span::new(of(least)?, of(most)?),
        _ => return misfit(name),
    })
}

/// The same for what is a fraction, compared exactly.
pub(crate) fn bounds(
    name: &str,
    condition: &Condition,
    of: impl Fn(&Value) -> Found<i64>,
) -> Found<(Bound<i64>, Bound<i64>)> {
    use Bound::{Excluded, Included, Unbounded};
    Ok(match condition {
        Condition::Is(comparison, value) => {
            let with = of(value)?;
            match comparison {
                Comparison::Equal => (Included(with), Included(with)),
                Comparison::AtLeast => (Included(with), Unbounded),
                Comparison::More => (Excluded(with), Unbounded),
                Comparison::AtMost => (Unbounded, Included(with)),
                Comparison::Less => (Unbounded, Excluded(with)),
            }
        }
        Condition::Between(least, most) => (Included(of(least)?), Included(of(most)?)),
        _ => return misfit(name),
    })
}

pub(crate) fn whole(name: &str, value: &Value) -> Found<i64> {
    match value {
        Value::Whole(number) => Ok(*number),
        _ => misfit(name),
    }
}

pub(crate) fn decimal(name: &str, value: &Value) -> Found<Decimal> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => misfit(name),
    }
}

/// Minor units. A rule is read for a currency; if the shop has another by now, an amount may be finer than it.
pub(crate) fn minor(name: &str, value: &Value, currency: Currency) -> Found<i64> {
    const MILLIONTHS: i128 = 1_000_000;
    let Value::Money(amount) = value else { return misfit(name) };
    let times = i128::from(amount.millionths()) * 10_i128.pow(currency.digits());
    if times % MILLIONTHS != 0 {
        return refused(format!("{name} with {amount}"), "the amount is finer than the shop's currency");
    }
    Ok(i64::try_from(times / MILLIONTHS).unwrap_or(if times < 0 { i64::MIN } else { i64::MAX }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_counted_in_the_shops_currency() {
        let check = |amount: &str, currency: &str, expected: Option<i64>| {
            let value = Value::Money(Decimal::parse(amount).unwrap());
            let found = minor("amount_spent", &value, currency.parse().unwrap());
            assert_eq!(found.as_ref().ok(), expected.as_ref(), "{amount} {currency}");
            if let Err(refused) = found {
                assert_eq!(refused.what, format!("amount_spent with {amount}"));
            }
        };
        check("500", "USD", Some(50_000));
        check("-0.01", "USD", Some(-1));
        check("50.5", "JPY", None);
        check("50", "JPY", Some(50));
        check("0.001", "KWD", Some(1));
        check("999999999999.99", "USD", Some(99_999_999_999_999));
    }

    #[test]
    fn a_middle_lies_above_the_lower_end() {
        for (least, most, middle) in [(0, 1, 1), (-1, 0, 0), (i64::MIN, i64::MAX, 0), (5, 9, 7), (-4, -1, -2)]
        {
            assert_eq!(upper_middle(least, most), middle, "{least} {most}");
        }
    }

    #[test]
    fn nothing_is_beyond_the_last_number() {
        assert_eq!(compared(Comparison::More, i64::MAX), NOTHING);
        assert_eq!(compared(Comparison::Less, i64::MIN), NOTHING);
        assert_eq!(compared(Comparison::More, 5), Span::from(6));
    }
}
