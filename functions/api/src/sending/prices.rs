//! What a shop pays for its messages, as it is told and shown.

use domain::{
    Currency, Prices,
    prices::{MICROS_MAX, PREFIX_DIGITS_MAX, PREFIXES_MAX, micros, prefix, show_micros},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

use crate::input::{Faults, Written, escaped};

/// In the shop's currency. What is not told is not known: a campaign with a budget leaves out whoever's message has no price.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PricesTold {
    /// Of a letter: `0.0001`.
    #[schema(value_type = Option<String>)]
    letter: Option<Written>,
    /// Of a part of a text, by what its number begins with: `{"+1": "0.0083", "+44": "0.04", "+": "0.2"}`. The longest that fits
    /// holds, and `+` fits every number; `null`: the price is not known there.
    #[serde(default)]
    #[schema(value_type = Option<BTreeMap<String, Option<String>>>)]
    text_part: BTreeMap<String, Option<Written>>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PricesView {
    /// The shop has told them; otherwise they are those of the public lists.
    are_told: bool,
    /// Prices that are not in the shop's currency say nothing: then none are known, until the shop tells its own.
    #[schema(value_type = String)]
    currency: Currency,
    letter: Option<String>,
    text_part: BTreeMap<String, Option<String>>,
}

impl PricesTold {
    /// `None`: what is wrong is among the faults.
    pub(super) fn understood(self, it: &mut Faults, currency: Currency) -> Option<Prices> {
        let mail_micros = it.maybe("/prices/letter", self.letter, |Written(told)| price(&told));
        if self.text_part.len() > PREFIXES_MAX {
            it.add("/prices/text_part", "too_many", format!("at most {PREFIXES_MAX} beginnings of numbers"));
            return None;
        }
        let mut text_micros = BTreeMap::new();
        for (number, told) in self.text_part {
            let at = format!("/prices/text_part/{}", escaped(&number));
            let Some(digits) = prefix(&number) else {
                let sentence =
                    format!("a `+` and at most {PREFIX_DIGITS_MAX} digits are expected, +44 for one");
                it.add(&at, "invalid", sentence);
                continue;
            };
            text_micros.insert(digits, it.maybe(&at, told, |Written(told)| price(&told)));
        }
        it.is_empty().then_some(Prices { currency, mail_micros, text_micros })
    }
}

impl PricesView {
    pub(super) fn of(told: Option<&Prices>) -> Self {
        let prices = told.unwrap_or_else(|| Prices::listed());
        let parts = prices.text_micros.iter();
        Self {
            are_told: told.is_some(),
            currency: prices.currency,
            letter: prices.mail_micros.map(show_micros),
            text_part: parts
                .map(|(digits, micros)| (format!("+{digits}"), micros.map(show_micros)))
                .collect(),
        }
    }
}

fn price(told: &str) -> Result<u64, String> {
    micros(told).ok_or_else(|| {
        format!(
            "is no price: an amount from 0 to {} with at most six digits after the point is expected",
            show_micros(MICROS_MAX)
        )
    })
}
