//! Numbers as DynamoDB takes, compares and gives them back: by their value, in plain decimal digits.

use serde_dynamo::AttributeValue as Value;

use crate::table::Item;

const DIGITS_MAX: usize = 38;

/// A number by its digits: `0.digits × 10^point`, or 0 without any.
struct Number<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Number<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let has_digits = !(whole.is_empty() && fraction.is_empty());
        let exponent = exponent.parse().ok()?;
        let is_number = has_digits && are_digits(whole) && are_digits(fraction);
        is_number.then_some(Self { is_negative: text.starts_with('-'), whole, fraction, exponent })
    }

    /// Without the zeros at both ends, and where the point stands before them.
    fn digits(&self) -> (String, i64) {
        let all = format!("{}{}", self.whole, self.fraction);
        let trimmed = all.trim_start_matches('0');
        let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let point = places(self.whole.len()) - places(all.len() - trimmed.len());
        (trimmed.trim_end_matches('0').to_owned(), point.saturating_add(self.exponent))
    }
}

/// Up to 38 significant digits, from 1E-130 to 9.9…E+125.
pub(super) fn is_number(text: &str) -> bool {
    let Some(number) = Number::parse(text) else { return false };
    let (digits, point) = number.digits();
    digits.is_empty() || (digits.len() <= DIGITS_MAX && (-129..=126).contains(&point))
}

/// `0.50` as `0.5`, `1E2` as `100`. What is no number stays as it is.
pub(super) fn plain(text: &str) -> String {
    let Some(number) = Number::parse(text).filter(|_| is_number(text)) else { return text.to_owned() };
    let (digits, point) = number.digits();
    if digits.is_empty() {
        return "0".to_owned();
    }
    let sign = if number.is_negative { "-" } else { "" };
    let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or(0));
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    match usize::try_from(point) {
        Ok(place) if 0 < place && place < digits.len() => {
            format!("{sign}{}.{}", &digits[..place], &digits[place..])
        }
        Ok(place) if place > 0 => format!("{sign}{digits}{}", zeros(point - length)),
        _ => format!("{sign}0.{}{digits}", zeros(-point)),
    }
}

/// The item with all its numbers plain, at whatever depth.
pub(super) fn with_plain(item: &Item) -> Item {
    let mut item = item.clone();
    for (_, value) in item.body.iter_mut() {
        make_plain(value);
    }
    item
}

fn make_plain(value: &mut Value) {
    match value {
        Value::N(number) => *number = plain(number),
        Value::Ns(numbers) => numbers.iter_mut().for_each(|number| *number = plain(number)),
        Value::L(list) => list.iter_mut().for_each(make_plain),
        Value::M(map) => map.values_mut().for_each(make_plain),
        Value::S(_) | Value::Ss(_) | Value::B(_) | Value::Bs(_) | Value::Bool(_) | Value::Null(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_given_back_in_plain_digits() {
        let check = |told: &str, given: &str| assert_eq!(plain(told), given, "{told}");
        for same in ["0", "7", "-7", "100", "0.5", "-0.001", "12.34"] {
            check(same, same);
        }
        check("0.50", "0.5");
        check("1E2", "100");
        check("-1.5e+3", "-1500");
        check("1234e-2", "12.34");
        check("1e-3", "0.001");
        check("007", "7");
        check("+5", "5");
        check(".5", "0.5");
        check("5.", "5");
        check("-0", "0");
        check("0e99", "0");
        check("1e125", &format!("1{}", "0".repeat(125)));
        check("1e-130", &format!("0.{}1", "0".repeat(129)));
        check("1e126", "1e126");
        check("twelve", "twelve");
    }

    proptest! {
        #[test]
        fn plain_digits_are_the_same_number_and_stay_as_they_are(whole in any::<i64>(), exponent in -100_i32..100) {
            let once = plain(&format!("{whole}e{exponent}"));
            prop_assert!(is_number(&once));
            prop_assert_eq!(plain(&once), once.clone());
            let back = plain(&format!("{once}e{}", -exponent));
            prop_assert_eq!(back, whole.to_string());
        }
    }
}
