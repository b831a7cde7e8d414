//! Days and spans of them as people say them: "in the last 90 days", "since March", "between 5 March and 2 April 2026".
//!
//! What is counted from today stays counted from today. A month or a week by name is the one that lies before today, told
//! in days, and it stays those days whenever the rule is asked; that is noted.

use jiff::civil::Date;

use crate::{
    number::{Ask, Number, Quantity},
    period::Period,
    reader::Reader,
    token::Kind,
};

/// What is asked of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum When {
    Is(&'static str, String),
    Between(String, String),
    /// These days, both included.
    Days(Date, Date),
}

const UNITS: [(&str, (u128, char)); 25] = [
    ("hour", (1, 'h')),
    ("hours", (1, 'h')),
    ("hrs", (1, 'h')),
    ("h", (1, 'h')),
    ("day", (1, 'd')),
    ("days", (1, 'd')),
    ("d", (1, 'd')),
    ("week", (1, 'w')),
    ("weeks", (1, 'w')),
    ("wk", (1, 'w')),
    ("wks", (1, 'w')),
    ("w", (1, 'w')),
    ("fortnight", (2, 'w')),
    ("fortnights", (2, 'w')),
    ("month", (1, 'm')),
    ("months", (1, 'm')),
    ("mo", (1, 'm')),
    ("m", (1, 'm')),
    ("quarter", (3, 'm')),
    ("quarters", (3, 'm')),
    ("year", (1, 'y')),
    ("years", (1, 'y')),
    ("yr", (1, 'y')),
    ("yrs", (1, 'y')),
    ("y", (1, 'y')),
];

impl When {
    /// Of what lies in the past, as the language asks it.
    pub(crate) fn of(&self, name: &str, today: Date) -> String {
        match self {
            Self::Days(from, to) if *to >= today && from != to => format!("{name} >= {from}"),
            when => when.exactly_of(name),
        }
    }

    pub(crate) fn exactly_of(&self, name: &str) -> String {
        match self {
            Self::Is(sign, moment) => format!("{name} {sign} {moment}"),
            Self::Between(from, to) => format!("{name} BETWEEN {from} AND {to}"),
            Self::Days(from, to) if from == to => format!("{name} = {from}"),
            Self::Days(from, to) => format!("{name} BETWEEN {from} AND {to}"),
        }
    }

    /// Goes up to today: then the last of many says as much as all of them.
    pub(crate) fn reaches_today(&self, today: Date) -> bool {
        match self {
            Self::Is(sign, moment) => sign.starts_with('>') || moment == "today",
            Self::Between(..) => false,
            Self::Days(_, to) => *to >= today,
        }
    }
}

impl Reader<'_> {
    pub(crate) fn when(&mut self) -> Option<When> {
        self.attempt(Self::ago)
            .or_else(|| self.attempt(Self::rolling))
            .or_else(|| self.attempt(Self::coming))
            .or_else(|| self.attempt(Self::span_of_days))
            .or_else(|| self.attempt(Self::since))
            .or_else(|| self.attempt(Self::named_day))
            .or_else(|| self.attempt(Self::within))
    }

    /// "more than 90 days ago", "30 to 60 days ago", "a year ago".
    fn ago(&mut self) -> Option<When> {
        let mut told = self.spans()?;
        self.after(&mut told.0);
        self.any(&["ago", "back", "earlier", "before today"]).then_some(())?;
        that_long_ago(&told)
    }

    /// So many days, months, years, with what is asked of their number.
    pub(crate) fn spans(&mut self) -> Option<(Quantity, (u128, char))> {
        self.attempt(|it| {
            let bare = it.attempt(|it| {
                let sign = it.comparison();
                it.take(&["a", "an", "one"]).then_some(())?;
                let is_half = it.take(&["half"]);
                let unit = it.first(&UNITS).filter(|_| !is_half)?;
                Some((Quantity::new(Ask::Is(sign.unwrap_or("="), Number::whole(1)), sign.is_none()), unit))
            });
            if bare.is_some() {
                return bare;
            }
            let mut quantity =
                it.quantity().filter(|quantity| !quantity.is_money() && !quantity.is_percent())?;
            it.take(&["-"]);
            let is_glued = it.is_glued(0);
            let is_letter = it.word(0).len() == 1;
            let unit = it.first(&UNITS).filter(|_| is_glued || !is_letter)?;
            it.after(&mut quantity);
            Some((quantity, unit))
        })
    }

    /// A plain number of days: "90 days", "a year".
    pub(crate) fn span(&mut self) -> Option<(Number, (u128, char))> {
        self.attempt(|it| {
            let (quantity, unit) = it.spans()?;
            match quantity.ask {
                Ask::Is("=", number) if quantity.is_plain => Some((number, unit)),
                _ => None,
            }
        })
    }

    /// "in the last 90 days", "over the past month".
    fn rolling(&mut self) -> Option<When> {
        self.any(&["at any time", "any time", "anytime", "at any point"]);
        self.take(&["in", "within", "during", "over", "for", "since", "of", "from", "on"]);
        let has_the = self.take(&["the", "these"]);
        let is_past = self.take(&["past", "trailing"]);
        (is_past || self.take(&["last", "previous", "prior", "recent", "preceding", "latest"]))
            .then_some(())?;
        if let Some((number, unit)) = self.span() {
            return Some(When::Is(">=", offset(number, unit, '-')?));
        }
        // "last month" is a month by name, "the last month" is counted from today.
        let unit = self.first(&UNITS).filter(|_| has_the || is_past)?;
        Some(When::Is(">=", offset(Number::whole(1), unit, '-')?))
    }

    /// "in the next 14 days"
    fn coming(&mut self) -> Option<When> {
        self.take(&["in", "within", "during", "over", "for"]);
        let has_the = self.take(&["the"]);
        self.take(&["next", "coming", "following", "upcoming"]).then_some(())?;
        let (number, unit) = match self.span() {
            Some(span) => span,
            None => (Number::whole(1), self.first(&UNITS).filter(|_| has_the)?),
        };
        Some(When::Between("today".to_owned(), offset(number, unit, '+')?))
    }

    /// "since March", "before 2026-03-05", "until yesterday".
    fn since(&mut self) -> Option<When> {
        let sign = self.first(&[
            ("since", ">="),
            ("from", ">="),
            ("starting", ">="),
            ("after", ">"),
            ("later than", ">"),
            ("before", "<"),
            ("prior to", "<"),
            ("earlier than", "<"),
            ("until", "<="),
            ("till", "<="),
            ("up to", "<="),
            ("by", "<="),
            ("on or after", ">="),
            ("on or before", "<="),
            ("up until", "<="),
        ])?;
        if sign == ">=" && self.word(0) != "last" {
            let ago = self.attempt(|it| {
                let (number, unit) = it.span()?;
                it.take(&["ago"]).then(|| offset(number, unit, '-'))?
            });
            if let Some(moment) = ago {
                return Some(When::Is(">=", moment));
            }
        }
        let day = self.first(&[("today", "today"), ("yesterday", "yesterday"), ("now", "today")]);
        if let Some(day) = day {
            return Some(When::Is(sign, day.to_owned()));
        }
        let period = self.period()?;
        self.take(&["onwards", "onward"]);
        let day = if matches!(sign, ">=" | "<") { period.from } else { period.to };
        Some(When::Is(sign, day.to_string()))
    }

    /// "between 5 March and 2 April", "from January to March 2026".
    fn span_of_days(&mut self) -> Option<When> {
        self.take(&["between", "from"]).then_some(())?;
        let one = self.period()?;
        self.take(&["and", "to", "until", "till", "through", "-", "–"]).then_some(())?;
        let two = self.period_after(&one)?;
        (one.from <= two.to).then_some(When::Days(one.from, two.to))
    }

    /// "today", "in March", "on Monday", "this month", "last week".
    fn named_day(&mut self) -> Option<When> {
        let day = [("today", "today"), ("yesterday", "yesterday"), ("tomorrow", "+1d")];
        let has_preposition = self.take(&["in", "on", "during", "within", "at", "for", "as", "of"]);
        self.take(&["of"]);
        if let Some(day) = self.first(&day) {
            return Some(When::Is("=", day.to_owned()));
        }
        let from = self.at();
        let period = self.period()?;
        // A year or a month could be anything where nothing says so.
        let is_bare =
            self.at() - from == 1 && self.words(from, self.at()).all(|token| token.kind != Kind::Day);
        (has_preposition || !is_bare).then_some(When::Days(period.from, period.to))
    }

    /// "in 90 days", "for 90 days", of what has happened or has not.
    fn within(&mut self) -> Option<When> {
        let from = self.at();
        self.take(&["in", "within", "for", "during"]).then_some(())?;
        self.any(&["at least", "over", "more than"]);
        let (number, unit) = self.span()?;
        // "within 7 days of signing up"
        if matches!(self.word(0), "of" | "after" | "before") {
            return None;
        }
        let told = self.slice(from, self.at()).to_owned();
        let moment = offset(number, unit, '-')?;
        self.assume(format!("“{told}” is taken for the days up to today"));
        Some(When::Is(">=", moment))
    }

    /// Says in which days a period lies that was told by today.
    pub(crate) fn told_period(&mut self, from: usize, period: &Period) {
        let told = self.slice(from, self.at()).to_owned();
        let days = if period.from == period.to {
            period.from.to_string()
        } else {
            format!("{} to {}", period.from, period.to)
        };
        self.assume(format!("“{told}” is taken for {days}, whenever the rule is asked"));
    }

    pub(crate) fn today(&self) -> Date {
        self.setting.today
    }
}

fn that_long_ago((quantity, unit): &(Quantity, (u128, char))) -> Option<When> {
    let offset = |number: &Number| offset(*number, *unit, '-');
    Some(match &quantity.ask {
        Ask::Is(sign, number) => When::Is(reversed(sign), offset(number)?),
        Ask::Between(from, to) => When::Between(offset(to)?, offset(from)?),
    })
}

/// What is longer ago is the lesser day.
pub(crate) fn reversed(sign: &'static str) -> &'static str {
    match sign {
        ">" => "<",
        ">=" => "<=",
        "<" => ">",
        "<=" => ">=",
        other => other,
    }
}

/// "-90d"
pub(crate) fn offset(number: Number, (times, unit): (u128, char), sign: char) -> Option<String> {
    let number = number.as_whole()?.checked_mul(times)?;
    Some(match (number, unit) {
        (0, 'h') => "now".to_owned(),
        (0, _) => "today".to_owned(),
        (1..1_000_000, unit) => format!("{sign}{number}{unit}"),
        _ => return None,
    })
}
