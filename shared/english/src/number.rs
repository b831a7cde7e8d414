//! Numbers, exactly, and what is asked of them.

/// What is asked of a number, in the language's signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    Is(&'static str, Number),
    /// The lesser first.
    Between(Number, Number),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quantity {
    pub(crate) ask: Ask,
    /// Neither "more than" nor "exactly" was said.
    pub(crate) is_plain: bool,
    pub(crate) of: Of,
}

/// What was said to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Nothing,
    /// A currency was named.
    Money,
    Percent,
    /// "twice"
    Times,
}

/// Never negative, in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(u128);

const MILLION: u128 = 1_000_000;
const NUMBER_MAX: u128 = 1_000_000_000_000 * MILLION;

impl Number {
    pub(crate) const fn whole(number: u128) -> Self {
        Self(number * MILLION)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let part = part.trim_end_matches('0');
        if whole.len() > 15 || part.len() > 6 {
            return None;
        }
        let whole: u128 = whole.parse().ok()?;
        let part: u128 = format!("{part:0<6}").parse().ok()?;
        Some(Self(whole * MILLION + part))
    }

    pub(crate) fn times(self, times: u128) -> Option<Self> {
        Some(Self(self.0 * times)).filter(|number| number.0 < NUMBER_MAX)
    }

    pub(crate) fn hundredth(self) -> Self {
        Self(self.0 / 100)
    }

    /// Follows right after the other in counting.
    pub(crate) fn is_next_of(self, other: Self) -> bool {
        self.0 == other.0 + MILLION
    }

    pub(crate) fn as_whole(self) -> Option<u128> {
        self.0.is_multiple_of(MILLION).then_some(self.0 / MILLION)
    }
}

/// As the language has it.
impl std::fmt::Display for Number {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (whole, part) = (self.0 / MILLION, format!("{:06}", self.0 % MILLION));
        match part.trim_end_matches('0') {
            "" => write!(f, "{whole}"),
            part => write!(f, "{whole}.{part}"),
        }
    }
}

impl Quantity {
    pub(crate) const fn new(ask: Ask, is_plain: bool) -> Self {
        Self { ask, is_plain, of: Of::Nothing }
    }

    pub(crate) fn is_money(&self) -> bool {
        self.of == Of::Money
    }

    pub(crate) fn is_percent(&self) -> bool {
        self.of == Of::Percent
    }

    pub(crate) fn is_of_times(&self) -> bool {
        self.of == Of::Times
    }

    /// "= 5" of a plain number is taken for "at least 5".
    pub(crate) fn counted(&self) -> Ask {
        match &self.ask {
            Ask::Is("=", number) if self.is_plain && *number != Number::whole(0) => Ask::Is(">=", *number),
            ask => ask.clone(),
        }
    }

    pub(crate) fn hundredth(mut self) -> Self {
        self.ask = match self.ask {
            Ask::Is(sign, number) => Ask::Is(sign, number.hundredth()),
            Ask::Between(from, to) => Ask::Between(from.hundredth(), to.hundredth()),
        };
        self
    }
}

impl Ask {
    /// As the language asks it of what has this name.
    pub(crate) fn of(&self, name: &str) -> String {
        match self {
            Self::Is(sign, number) => format!("{name} {sign} {number}"),
            Self::Between(from, to) => format!("{name} BETWEEN {from} AND {to}"),
        }
    }
}
