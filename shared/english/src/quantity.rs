//! Numbers as people write them, with what is asked of them: "at least two", "between ₹1,000 and 5k", "a dozen or more".

use domain::Currency;

use crate::{
    number::{Ask, Number, Of, Quantity},
    reader::Reader,
    token::Kind,
};

const COMPARISONS: [(&str, &str); 54] = [
    ("no more than", "<="),
    ("not more than", "<="),
    ("no greater than", "<="),
    ("not over", "<="),
    ("not above", "<="),
    ("no less than", ">="),
    ("not less than", ">="),
    ("no fewer than", ">="),
    ("not fewer than", ">="),
    ("not under", ">="),
    ("not below", ">="),
    ("more than or equal to", ">="),
    ("greater than or equal to", ">="),
    ("less than or equal to", "<="),
    ("more than", ">"),
    ("greater than", ">"),
    ("larger than", ">"),
    ("higher than", ">"),
    ("bigger than", ">"),
    ("longer than", ">"),
    ("less than", "<"),
    ("fewer than", "<"),
    ("lower than", "<"),
    ("smaller than", "<"),
    ("at least", ">="),
    ("a minimum of", ">="),
    ("minimum of", ">="),
    ("minimum", ">="),
    ("min", ">="),
    ("upwards of", ">="),
    ("at most", "<="),
    ("a maximum of", "<="),
    ("maximum of", "<="),
    ("maximum", "<="),
    ("max", "<="),
    ("up to", "<="),
    ("over", ">"),
    ("above", ">"),
    ("exceeding", ">"),
    ("exceeds", ">"),
    ("exceeded", ">"),
    ("exceed", ">"),
    ("under", "<"),
    ("below", "<"),
    ("exactly", "="),
    ("precisely", "="),
    ("equal to", "="),
    ("equals", "="),
    ("just", "="),
    ("only", "="),
    (">", ">"),
    ("<", "<"),
    ("=", "="),
    ("==", "="),
];
const COMPARISON_SIGNS: [(&str, &str); 6] =
    [(">=", ">="), ("=>", ">="), ("≥", ">="), ("<=", "<="), ("=<", "<="), ("≤", "<=")];

/// What may stand behind a number instead.
const AFTER: [(&str, &str); 15] = [
    ("+", ">="),
    ("or more", ">="),
    ("or above", ">="),
    ("or over", ">="),
    ("or higher", ">="),
    ("or greater", ">="),
    ("and above", ">="),
    ("and over", ">="),
    ("and more", ">="),
    ("and up", ">="),
    ("or less", "<="),
    ("or fewer", "<="),
    ("or below", "<="),
    ("or under", "<="),
    ("and below", "<="),
];

const WORDS: [(&str, u128); 29] = [
    ("zero", 0),
    ("one", 1),
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("thirteen", 13),
    ("fourteen", 14),
    ("fifteen", 15),
    ("sixteen", 16),
    ("seventeen", 17),
    ("eighteen", 18),
    ("nineteen", 19),
    ("twenty", 20),
    ("thirty", 30),
    ("forty", 40),
    ("fifty", 50),
    ("sixty", 60),
    ("seventy", 70),
    ("eighty", 80),
    ("ninety", 90),
    ("dozen", 12),
];

const TIMES: [(&str, u128); 12] = [
    ("k", 1_000),
    ("thousand", 1_000),
    ("lakh", 100_000),
    ("lakhs", 100_000),
    ("lac", 100_000),
    ("m", 1_000_000),
    ("mn", 1_000_000),
    ("million", 1_000_000),
    ("crore", 10_000_000),
    ("crores", 10_000_000),
    ("cr", 10_000_000),
    ("bn", 1_000_000_000),
];

/// Signs and words of currencies, and which of them each is.
const CURRENCIES: [(&str, &[&str]); 24] = [
    ("₹", &["INR"]),
    ("rs", &["INR", "PKR", "LKR", "NPR", "MUR"]),
    ("inr", &["INR"]),
    ("rupees", &["INR", "PKR", "LKR", "NPR", "MUR"]),
    ("rupee", &["INR", "PKR", "LKR", "NPR", "MUR"]),
    ("$", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN", "ARS", "CLP", "COP", "TWD", "BBD", "JMD"]),
    ("usd", &["USD"]),
    ("dollars", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "BBD", "JMD"]),
    ("dollar", &["USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "BBD", "JMD"]),
    ("bucks", &["USD", "CAD", "AUD"]),
    ("cad", &["CAD"]),
    ("aud", &["AUD"]),
    ("€", &["EUR"]),
    ("eur", &["EUR"]),
    ("euro", &["EUR"]),
    ("euros", &["EUR"]),
    ("£", &["GBP", "EGP", "LBP"]),
    ("gbp", &["GBP"]),
    ("pounds", &["GBP", "EGP", "LBP"]),
    ("quid", &["GBP"]),
    ("¥", &["JPY", "CNY"]),
    ("yen", &["JPY"]),
    ("jpy", &["JPY"]),
    ("yuan", &["CNY"]),
];

impl Reader<'_> {
    pub(crate) fn quantity(&mut self) -> Option<Quantity> {
        self.attempt(Self::quantity_here)
    }

    fn quantity_here(&mut self) -> Option<Quantity> {
        self.take(&["total"]).then(|| self.take(&["of"]));
        let sign = self.comparison();
        self.phrase("a total of");
        let from = self.at();
        if sign.is_none() && (self.phrase("between") || self.take(&["from"])) {
            let (one, two) = (self.number()?, {
                if !(self.take(&["and", "to", "-", "–", "—"])) {
                    return None;
                }
                self.number()?
            });
            return Some(self.between(&one, &two, from));
        }
        if let Some(times) = self.first(&[("once", 1), ("twice", 2), ("thrice", 3)]) {
            let ask = Ask::Is(sign.unwrap_or("="), Number::whole(times));
            let mut found = Quantity { of: Of::Times, ..Quantity::new(ask, sign.is_none()) };
            self.after(&mut found);
            return Some(found);
        }
        if sign.is_none() && (self.phrase("a single") || self.take(&["single"])) {
            return Some(Quantity::new(Ask::Is("=", Number::whole(1)), false));
        }
        let one = self.number()?;
        if sign.is_none() {
            let is_range = self.attempt(|it| {
                it.take(&["to", "-", "–", "—", "through"]).then_some(())?;
                it.number()
            });
            if let Some(two) = is_range {
                return Some(self.between(&one, &two, from));
            }
            // "two or three"
            let next = self.attempt(|it| {
                it.take(&["or"]).then_some(())?;
                it.number().filter(|two| two.number.is_next_of(one.number))
            });
            if let Some(two) = next {
                return Some(self.between(&one, &two, from));
            }
        }
        let ask = Ask::Is(sign.unwrap_or("="), one.number);
        self.told_money(&one, from);
        let of = self.counted_of(one.currency.is_some());
        let mut found = Quantity { of, ..Quantity::new(ask, sign.is_none()) };
        self.after(&mut found);
        Some(found)
    }

    /// "more than", "at least", ">=".
    pub(crate) fn comparison(&mut self) -> Option<&'static str> {
        self.first(&COMPARISON_SIGNS).or_else(|| self.first(&COMPARISONS))
    }

    /// "or more", wherever it stands behind what it belongs to.
    pub(crate) fn after(&mut self, found: &mut Quantity) {
        let Ask::Is(_, number) = found.ask else { return };
        if !found.is_plain {
            return;
        }
        if let Some(sign) = self.first(&AFTER) {
            found.ask = Ask::Is(sign, number);
            found.is_plain = false;
        }
    }

    fn between(&mut self, one: &Written, two: &Written, from: usize) -> Quantity {
        let (least, most) = (one.number.min(two.number), one.number.max(two.number));
        let money = if one.currency.is_some() { one } else { two };
        self.told_money(money, from);
        let of = self.counted_of(money.currency.is_some());
        Quantity { of, ..Quantity::new(Ask::Between(least, most), false) }
    }

    fn counted_of(&mut self, is_money: bool) -> Of {
        let is_percent = self.take(&["%", "percent"]);
        match (is_money, is_percent) {
            (true, _) => Of::Money,
            (_, true) => Of::Percent,
            _ => Of::Nothing,
        }
    }

    fn told_money(&mut self, written: &Written, from: usize) {
        let own = self.setting.shop.currency;
        if let Some((sign, codes)) = written.currency
            && !codes.iter().any(|code| code.parse() == Ok::<Currency, _>(own))
        {
            let (from, to) = (from, self.at());
            let told = self.slice(from, to).to_owned();
            self.warn(format!(
                "“{sign}” in “{told}” is not the shop's currency: the number is taken as {own}, and nothing is converted"
            ));
        }
    }

    /// A number with what belongs to it: its currency, and thousands.
    fn number(&mut self) -> Option<Written> {
        self.attempt(|it| {
            let mut currency = it.currency();
            it.take(&["."]);
            let number = it.bare()?;
            let number = it.multiplied(number)?;
            let mark = it.at();
            it.take(&["."]);
            let behind = it.currency();
            if behind.is_none() {
                it.go(mark);
            }
            currency = currency.or(behind);
            Some(Written { number, currency })
        })
    }

    fn currency(&mut self) -> Option<(&'static str, &'static [&'static str])> {
        let found = CURRENCIES.iter().find(|(sign, _)| self.word(0) == *sign)?;
        self.skip();
        Some(*found)
    }

    fn bare(&mut self) -> Option<Number> {
        if self.kind(0) == Some(Kind::Number) {
            return self.digits();
        }
        if self.phrase("half a dozen") {
            return Some(Number::whole(6));
        }
        if self.phrase("a couple of") || self.phrase("a couple") || self.phrase("couple of") {
            return Some(Number::whole(2));
        }
        let is_one = self.take(&["a"])
            && matches!(self.word(0), "hundred" | "thousand" | "dozen" | "million" | "lakh");
        if is_one && self.take(&["dozen"]) {
            self.take(&["of"]);
            return Some(Number::whole(12));
        }
        let mut number = if is_one { 1 } else { self.small()? };
        if self.take(&["hundred"]) {
            number *= 100;
            let mark = self.at();
            self.take(&["and"]);
            match self.small() {
                Some(rest) => number += rest,
                None => self.go(mark),
            }
        } else if number < 100 && self.take(&["dozen"]) {
            number *= 12;
        }
        Some(Number::whole(number))
    }

    /// Written as in most of Europe, "10.000" and "10,50" could be something else where others write: it is told how they are taken.
    fn digits(&mut self) -> Option<Number> {
        let (number, raw) = (Number::parse(self.word(0))?, self.raw(0));
        let is_english = raw.replace(',', "") == self.word(0);
        // Two thousands' marks, or one and a comma behind it, leave no doubt.
        let is_sure =
            raw.matches(|letter: char| !letter.is_ascii_digit()).count() > 1 || raw.contains(['\'', '’']);
        if !is_english && !is_sure {
            if raw.contains('.') && self.setting.shop.currency.digits() == 3 {
                let other = raw.trim_end_matches('0').trim_end_matches('.');
                self.refusal =
                    Some(format!("“{raw}” may be {number} or {other}: write the one that is meant so"));
                return None;
            }
            self.assume(format!("“{raw}” is taken for {number}"));
        }
        self.skip();
        Some(number)
    }

    /// "seven", "twenty five".
    fn small(&mut self) -> Option<u128> {
        let of = |word: &str| WORDS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
        let number = of(self.word(0))?;
        self.skip();
        if (20..100).contains(&number) {
            let mark = self.at();
            self.take(&["-"]);
            if let Some(one) = of(self.word(0)).filter(|one| (1..10).contains(one)) {
                self.skip();
                return Some(number + one);
            }
            self.go(mark);
        }
        Some(number)
    }

    fn multiplied(&mut self, number: Number) -> Option<Number> {
        let found = TIMES.iter().find(|(word, _)| self.word(0) == *word);
        // A letter alone stands right behind its number.
        let found = found.filter(|(word, _)| word.len() > 1 || self.is_glued(0));
        let Some((_, times)) = found else { return Some(number) };
        self.skip();
        number.times(*times)
    }
}

struct Written {
    number: Number,
    currency: Option<(&'static str, &'static [&'static str])>,
}
