//! What keeps somebody from getting a campaign, as a caller tells it and as it is shown.

use domain::{
    Currency, Minor,
    campaign::{Cap, Care, Quiet, Rules},
    prices::show_micros,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::input::{Faults, Written};

const HELD_OUT_PERCENT_MAX: i64 = 50;
const CAP_MESSAGES_MAX: i64 = 50;
const CAP_DAYS_MAX: i64 = 365;
const HOUR_MAX: i64 = 23;
/// A budget is kept in millionths.
const MICRO_DIGITS: u32 = 6;

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapTold {
    /// 1 to 50, this campaign's included.
    messages: i64,
    /// 1 to 365.
    days: i64,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuietTold {
    /// An hour of the day, 0 to 23.
    from: i64,
    /// The hour at which it ends: from 21 to 8 goes over midnight.
    to: i64,
}

pub(super) struct LimitsTold {
    pub(super) care: Option<String>,
    pub(super) held_out_percent: Option<i64>,
    pub(super) cap: Option<CapTold>,
    pub(super) quiet_hours: Option<QuietTold>,
    pub(super) budget: Option<Written>,
    pub(super) tracked: Option<bool>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct LimitsView {
    /// If nobody knows whether a message went out: `never_twice` leaves it at that, `never_zero` sends it again.
    care: &'static str,
    held_out_percent: u8,
    cap: Option<CapView>,
    quiet_hours: Option<QuietView>,
    /// In the shop's currency.
    budget: Option<String>,
    /// Whether it is seen who opens its mails and which of their links are followed.
    tracked: bool,
}

#[derive(Serialize, ToSchema)]
struct CapView {
    messages: u8,
    days: u16,
}

#[derive(Serialize, ToSchema)]
struct QuietView {
    from: u8,
    to: u8,
}

impl LimitsTold {
    /// What is wrong is among the faults.
    pub(super) fn understood(self, it: &mut Faults, currency: Currency) -> Rules {
        let care = it.maybe("/care", self.care, |told| match told.as_str() {
            "never_twice" => Ok(Care::NeverTwice),
            "never_zero" => Ok(Care::NeverZero),
            _ => Err("is not one of never_twice, never_zero"),
        });
        let held_out = it.whole("/held_out_percent", self.held_out_percent, 0, HELD_OUT_PERCENT_MAX);
        let cap = self.cap.and_then(|cap| {
            let messages = it.whole("/cap/messages", Some(cap.messages), 1, CAP_MESSAGES_MAX);
            let days = it.whole("/cap/days", Some(cap.days), 1, CAP_DAYS_MAX);
            Some(Cap { messages: messages?, days: days? })
        });
        let quiet = self.quiet_hours.and_then(|quiet| {
            let from = it.whole("/quiet_hours/from", Some(quiet.from), 0, HOUR_MAX);
            let to = it.whole("/quiet_hours/to", Some(quiet.to), 0, HOUR_MAX);
            if quiet.from == quiet.to {
                it.add(
                    "/quiet_hours/to",
                    "out_of_range",
                    "must be another hour than the one at which they begin",
                );
            }
            Some(Quiet { from: from?, to: to? })
        });
        let budget_micros = it.maybe("/budget", self.budget, |Written(told)| micros(&told, currency));
        Rules {
            care: care.unwrap_or_default(),
            held_out_percent: held_out.unwrap_or_default(),
            cap,
            quiet,
            budget_micros,
            is_untracked: self.tracked == Some(false),
            // What is tried is told with the words: `split`.
            trial: None,
        }
    }
}

impl LimitsView {
    pub(super) fn of(rules: &Rules) -> Self {
        Self {
            care: match rules.care {
                Care::NeverTwice => "never_twice",
                Care::NeverZero => "never_zero",
            },
            held_out_percent: rules.held_out_percent,
            cap: rules.cap.map(|Cap { messages, days }| CapView { messages, days }),
            quiet_hours: rules.quiet.map(|Quiet { from, to }| QuietView { from, to }),
            budget: rules.budget_micros.map(show_micros),
            tracked: !rules.is_untracked,
        }
    }
}

fn micros(told: &str, currency: Currency) -> Result<u64, String> {
    let minor = Minor::parse(told, currency).map_err(|wrong| wrong.to_string())?;
    let minor = u64::try_from(minor.get()).ok().filter(|minor| *minor > 0);
    let each = 10_u64.checked_pow(MICRO_DIGITS.saturating_sub(currency.digits()));
    let micros = minor.zip(each).and_then(|(minor, each)| minor.checked_mul(each));
    // As it is shown, it is a number of 63 bits.
    let micros = micros.filter(|micros| i64::try_from(*micros).is_ok());
    micros.ok_or_else(|| "must be more than nothing, and less than trillions".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_an_amount_of_the_shops_currency() {
        let check = |told: &str, code: &str, expected: Option<(u64, &str)>| {
            let found = micros(told, code.parse().unwrap()).ok();
            let shown = found.map(|micros| (micros, show_micros(micros)));
            assert_eq!(
                shown.as_ref().map(|(micros, text)| (*micros, text.as_str())),
                expected,
                "{told} {code}"
            );
        };
        check("12.50", "USD", Some((12_500_000, "12.5")));
        check("300", "JPY", Some((300_000_000, "300")));
        check("1.234", "KWD", Some((1_234_000, "1.234")));
        for (wrong, code) in
            [("0", "USD"), ("-1", "USD"), ("1.234", "USD"), ("1.5", "JPY"), ("99999999999999", "USD")]
        {
            check(wrong, code, None);
        }
    }
}
