//! Values of each kind.

use super::Checker;
use crate::{
    Code, Decimal, Kind, Problem,
    moment::Moment,
    nearest::nearest,
    problem::{Place, Wrong},
    told::{Literal, Told},
    value::Value,
};

impl Checker<'_> {
    /// A value of the kind. Of a list: what it may hold.
    pub(super) fn value(&mut self, kind: Kind, name: &str, told: &Told<Literal>) -> Option<Value> {
        let place = &told.place;
        match (kind, &told.is) {
            (Kind::Text | Kind::Texts | Kind::Id, Literal::Text(text)) if text.trim().is_empty() => {
                self.wrong(place, Wrong::Empty("text"));
                None
            }
            (Kind::Text | Kind::Texts, Literal::Text(text)) => Some(Value::Text(text.as_str().into())),
            (Kind::Id, Literal::Text(id)) => Some(Value::Id(id.as_str().into())),
            (Kind::Id, Literal::Number(id)) if id.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(Value::Id(id.as_str().into()))
            }
            (Kind::Word(words), Literal::Text(word)) => self.word(words, name, place, word),
            (Kind::Whole(..), Literal::Number(number)) => self.whole(kind, name, place, number),
            (Kind::Number | Kind::Share, Literal::Number(number)) => self.number(kind, name, place, number),
            (Kind::Money, Literal::Number(amount) | Literal::Money(amount)) => {
                self.money(name, place, amount)
            }
            (Kind::Yes, Literal::Yes(yes)) => Some(Value::Yes(*yes)),
            (Kind::Date, Literal::Date(date) | Literal::Name(date) | Literal::Text(date)) => {
                self.date(place, date)
            }
            (Kind::Places(code), Literal::Text(text)) => self.code(code, place, text),
            (kind, literal) => {
                let wrong = Wrong::Kind(format!("`{name}`"), kind.told(), literal.told());
                let meant = match (kind, literal) {
                    // Quotes were forgotten.
                    (
                        Kind::Text | Kind::Texts | Kind::Id | Kind::Word(_) | Kind::Places(_),
                        Literal::Name(word),
                    ) => Some(format!("'{word}'")),
                    _ => None,
                };
                self.problems.push(Problem::new(place, wrong).meaning(meant));
                None
            }
        }
    }

    fn word(
        &mut self,
        words: &'static [&'static str],
        name: &str,
        place: &Place,
        told: &str,
    ) -> Option<Value> {
        let upper = told.trim().to_uppercase();
        let found = words.iter().copied().find(|word| *word == upper);
        if found.is_none() {
            let wrong = Wrong::Word(told.to_owned(), format!("`{name}`"));
            let problem = Problem::new(place, wrong).meaning(nearest(told, words.iter().copied()));
            self.problems.push(problem.expecting(words.iter().map(|word| format!("'{word}'"))));
        }
        found.map(Value::Word)
    }

    fn whole(&mut self, kind: Kind, name: &str, place: &Place, told: &str) -> Option<Value> {
        let Kind::Whole(least, most) = kind else { return None };
        // 500.0 is whole, as other programs write it.
        let text = told.split_once('.').filter(|(_, part)| part.bytes().all(|digit| digit == b'0'));
        let Ok(number) = text.map_or(told, |(whole, _)| whole).parse::<i64>() else {
            let wrong = match Decimal::parse(told) {
                Some(_) => Wrong::Kind(format!("`{name}`"), kind.told(), "a number with a fraction"),
                None => Wrong::Number(told.to_owned()),
            };
            self.wrong(place, wrong);
            return None;
        };
        if (least..=most).contains(&number) {
            return Some(Value::Whole(number));
        }
        let bounds = if most == i64::MAX { format!("{least} or more") } else { format!("{least} to {most}") };
        self.wrong(place, Wrong::Bounds(told.to_owned(), format!("`{name}`"), bounds));
        None
    }

    fn decimal(&mut self, place: &Place, told: &str) -> Option<Decimal> {
        let number = Decimal::parse(told.strip_prefix('+').unwrap_or(told));
        if number.is_none() {
            self.wrong(place, Wrong::Number(told.to_owned()));
        }
        number
    }

    fn number(&mut self, kind: Kind, name: &str, place: &Place, told: &str) -> Option<Value> {
        let number = self.decimal(place, told)?;
        match kind.bounds() {
            Some((least, most)) if number < least || most < number => {
                let bounds = format!("{least} to {most}");
                self.wrong(place, Wrong::Bounds(told.to_owned(), format!("`{name}`"), bounds));
                None
            }
            _ => Some(Value::Number(number)),
        }
    }

    fn money(&mut self, name: &str, place: &Place, told: &str) -> Option<Value> {
        let amount = self.decimal(place, told)?;
        let digits = self.shop.currency.digits();
        if amount.digits() > digits as usize {
            let name = format!("`{name}` in {}", self.shop.currency);
            self.wrong(place, Wrong::TooFine(told.to_owned(), name, digits));
            return None;
        }
        Some(Value::Money(amount))
    }

    fn date(&mut self, place: &Place, told: &str) -> Option<Value> {
        let found = Moment::parse(told);
        if found.is_none() {
            let before = format!("-{told}");
            let meant = if Moment::parse(&before).is_some() {
                Some(before)
            } else {
                nearest(told, ["today", "yesterday", "now"])
            };
            let problem = Problem::new(place, Wrong::Date(told.to_owned())).meaning(meant);
            self.problems.push(problem.expecting([
                "2026-01-31",
                "2026-01-31T16:00",
                "-30d",
                "today",
                "yesterday",
            ]));
        }
        found.map(Value::Date)
    }

    /// Codes are compared to the letter, so a wrong one would be nobody.
    fn code(&mut self, code: Code, place: &Place, told: &str) -> Option<Value> {
        let (country, rest) = told.split_once('-').unwrap_or((told, ""));
        let country = domain::fields::country(country).ok();
        let is_region = |part: &str| {
            (1..=3).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let (what, example, meant) = match code {
            Code::Country => ("country", "'US'", country.filter(|_| rest.is_empty())),
            Code::Region => {
                let rest = rest.to_uppercase();
                (
                    "region",
                    "'US-NY'",
                    country.filter(|_| is_region(&rest)).map(|country| format!("{country}-{rest}")),
                )
            }
            Code::City => {
                let whole = country.map(|country| format!("{country}-{rest}"));
                ("city", "'US-NY-NewYorkCity'", whole.filter(|_| !rest.trim_matches('-').is_empty()))
            }
        };
        if meant.as_deref() == Some(told) {
            return Some(Value::Text(told.into()));
        }
        let problem = Problem::new(place, Wrong::Code(told.to_owned(), what));
        self.problems.push(problem.meaning(meant).expecting([example]));
        None
    }
}
