//! What is done to a value before it is written: `| default: "there"`, `| upcase`.

use std::borrow::Cow;

use domain::Currency;
use jiff::{civil::Date, fmt::strtime};

use crate::{
    literal::Literal,
    name::{Kind, nearest},
    value::Value,
};

#[derive(Debug, Clone)]
pub(crate) enum Filter {
    Default(Literal),
    Upcase,
    Downcase,
    Capitalize,
    Strip,
    /// Values are escaped where they are written: this word of Liquid asks for what is done anyway.
    Escape,
    /// Characters, with what stands for the rest.
    Truncate(usize, String),
    TruncateWords(usize, String),
    Append(String),
    Prepend(String),
    Replace(String, String),
    Date(String),
    Size,
    First,
    Last,
    Join(String),
    UrlEncode,
}

const NAMES: [&str; 17] = [
    "default",
    "upcase",
    "downcase",
    "capitalize",
    "strip",
    "escape",
    "truncate",
    "truncatewords",
    "append",
    "prepend",
    "replace",
    "date",
    "size",
    "first",
    "last",
    "join",
    "url_encode",
];
/// What takes the place of something else may stand there often.
const REPLACING_BYTES_MAX: usize = 256;
/// A date in words.
const DATE_BYTES_MAX: usize = 64;
const REST: &str = "...";

impl Filter {
    /// And what kind of thing it makes of one of that kind.
    pub(crate) fn read(name: &str, told: Vec<Literal>, of: Kind) -> Result<(Self, Kind), String> {
        let is_list = matches!(of, Kind::Texts | Kind::Lines);
        let mut told = Told { name, told: told.into_iter() };
        let read = match name {
            "default" => {
                let literal =
                    told.next().ok_or("`default` wants what to write instead: `default: \"there\"`")?;
                let is_alike = matches!((&literal, of), (Literal::Text(_), Kind::Text))
                    || matches!((&literal, of), (Literal::Number(number), Kind::Count) if number.digits == 0);
                (Self::Default(literal), if is_alike { of } else { Kind::Text })
            }
            "size" => (Self::Size, Kind::Count),
            "join" => (Self::Join(told.text_or(", ")?), Kind::Text),
            "first" if of == Kind::Texts => (Self::First, Kind::Text),
            "last" if of == Kind::Texts => (Self::Last, Kind::Text),
            "date" => (Self::Date(told.date()?), Kind::Text),
            "upcase" => (Self::Upcase, Kind::Text),
            "downcase" => (Self::Downcase, Kind::Text),
            "capitalize" => (Self::Capitalize, Kind::Text),
            "strip" => (Self::Strip, Kind::Text),
            "escape" => (Self::Escape, Kind::Text),
            "url_encode" => (Self::UrlEncode, Kind::Text),
            "truncate" => (Self::Truncate(told.count()?, told.text_or(REST)?), Kind::Text),
            "truncatewords" => (Self::TruncateWords(told.count()?, told.text_or(REST)?), Kind::Text),
            "append" => (Self::Append(told.text()?), Kind::Text),
            "prepend" => (Self::Prepend(told.text()?), Kind::Text),
            "replace" => {
                let (from, to) = (told.text()?, told.text()?);
                if from.is_empty() || to.len() > REPLACING_BYTES_MAX {
                    return Err(format!(
                        "`replace` wants what to look for, and up to {REPLACING_BYTES_MAX} bytes instead"
                    ));
                }
                (Self::Replace(from, to), Kind::Text)
            }
            "first" | "last" => return Err(format!("`{name}` wants a list of texts")),
            _ => {
                // Names of facts are no filters.
                let near = nearest(name, NAMES).filter(|near| NAMES.contains(&near.as_str()));
                let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
                return Err(format!("there is no filter `{name}`{near}"));
            }
        };
        let wants = match &read.0 {
            Self::Date(_) => (of == Kind::Day, "a date"),
            Self::Join(_) => (of == Kind::Texts, "a list of texts"),
            Self::Size => (is_list || of == Kind::Text, "a text or a list"),
            Self::First | Self::Last => (true, ""),
            _ => (!is_list && of != Kind::Line, "a text"),
        };
        told.ends()?;
        match wants {
            (true, _) => Ok(read),
            (false, wants) => Err(format!("`{name}` wants {wants}, and this is {}", of.described())),
        }
    }

    pub(crate) fn apply<'a>(&'a self, value: Value<'a>, currency: Currency) -> Value<'a> {
        match (self, value) {
            (Self::Default(literal), value) if value.is_nothing() => literal.value(),
            (Self::Default(Literal::Number(_)), Value::Count(count)) => Value::Count(count),
            (Self::Size, Value::Texts(texts)) => count(texts.len()),
            (Self::Size, Value::Lines(lines)) => count(lines.len()),
            (Self::Size, Value::Text(text)) => count(text.chars().count()),
            (Self::Size, _) => Value::Count(0),
            (Self::First, Value::Texts(texts)) => texts.first().map_or(Value::Nothing, Value::text),
            (Self::Last, Value::Texts(texts)) => texts.last().map_or(Value::Nothing, Value::text),
            (Self::Join(between), Value::Texts(texts)) => Value::text(texts.join(between)),
            (Self::Date(format), Value::Day(day)) => Value::text(shown(format, day).unwrap_or_default()),
            // Nothing is left as it is, so that a `default` after it is heard.
            (_, Value::Nothing) => Value::Nothing,
            (_, value) => Value::text(self.text(value.shown(currency))),
        }
    }

    fn text<'a>(&self, text: Cow<'a, str>) -> Cow<'a, str> {
        match self {
            Self::Upcase => text.to_uppercase().into(),
            Self::Downcase => text.to_lowercase().into(),
            Self::Capitalize => {
                let mut rest = text.chars();
                let first = rest.next().map(|first| first.to_uppercase().to_string());
                format!("{}{}", first.unwrap_or_default(), rest.as_str()).into()
            }
            Self::Strip => text.trim().to_owned().into(),
            Self::Truncate(most, rest) => cut(text, *most, rest),
            Self::TruncateWords(most, rest) => {
                let mut words = text.split_whitespace();
                let kept: Vec<_> = words.by_ref().take(*most).collect();
                if words.next().is_none() { text } else { format!("{}{rest}", kept.join(" ")).into() }
            }
            Self::Append(more) => format!("{text}{more}").into(),
            Self::Prepend(more) => format!("{more}{text}").into(),
            Self::Replace(from, to) => text.replace(from, to).into(),
            Self::UrlEncode => encoded(&text).into(),
            _ => text,
        }
    }
}

/// What a filter was told, one after the other.
struct Told<'a> {
    name: &'a str,
    told: std::vec::IntoIter<Literal>,
}

impl Told<'_> {
    fn next(&mut self) -> Option<Literal> {
        self.told.next()
    }

    fn text(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Literal::Text(text)) => Ok(text),
            _ => Err(format!("`{}` wants a text in quotes", self.name)),
        }
    }

    fn text_or(&mut self, usual: &str) -> Result<String, String> {
        if self.told.len() == 0 { Ok(usual.to_owned()) } else { self.text() }
    }

    fn count(&mut self) -> Result<usize, String> {
        let count = match self.next() {
            Some(Literal::Number(number)) => number.whole(),
            _ => None,
        };
        count.ok_or_else(|| format!("`{0}` wants a whole number: `{0}: 20`", self.name))
    }

    /// One that can be shown, tried with a day.
    fn date(&mut self) -> Result<String, String> {
        let format = self.text_or("%d %B %Y")?;
        match shown(&format, Date::constant(2026, 12, 31)) {
            Some(shown) if shown.len() <= DATE_BYTES_MAX => Ok(format),
            Some(_) => Err(format!("a date of more than {DATE_BYTES_MAX} bytes")),
            None => Err(format!("`{format}` is no way to write a date: `%d %B %Y` is one")),
        }
    }

    fn ends(&mut self) -> Result<(), String> {
        match self.next() {
            None => Ok(()),
            Some(_) => Err(format!("`{}` is told more than it wants", self.name)),
        }
    }
}

fn shown(format: &str, day: Date) -> Option<String> {
    strtime::format(format, day).ok()
}

fn count<'a>(count: usize) -> Value<'a> {
    Value::Count(i64::try_from(count).unwrap_or(i64::MAX))
}

/// As Liquid has it: what stands for the rest counts as well.
fn cut<'a>(text: Cow<'a, str>, most: usize, rest: &str) -> Cow<'a, str> {
    if text.chars().count() <= most {
        return text;
    }
    let kept = most.saturating_sub(rest.chars().count());
    let kept: String = text.chars().take(kept).collect();
    format!("{kept}{rest}").into()
}

fn encoded(text: &str) -> String {
    let mut told = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            told.push(char::from(byte));
        } else {
            told.push_str(&format!("%{byte:02X}"));
        }
    }
    told
}
