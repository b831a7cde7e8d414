//! What is filled in and what is asked: `customer.first_name | default: "there"`, `customer.orders_count >= 3`.

use crate::{
    filter::Filter,
    limits::{FILTERS_MAX, VALUE_BYTES_MAX},
    literal::{Literal, Number},
    name::{self, Kind, Name},
    parse::Found,
};

#[derive(Debug, Clone)]
pub(crate) struct Expression {
    pub(crate) of: Operand,
    pub(crate) filters: Vec<Filter>,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Source(Source),
    Literal(Literal),
}

/// Where a value comes from. Loops are counted from the outermost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Fact(Name),
    /// What a loop is at.
    Item(usize),
    Of(usize, Field),
    /// The how many-th that is, from one.
    Turn(usize),
    IsFirst(usize),
    IsLast(usize),
}

/// Of what lies in a basket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Title,
    Quantity,
    Price,
    Url,
    ImageUrl,
}

const FIELDS: [(&str, Field, Kind); 5] = [
    ("title", Field::Title, Kind::Text),
    ("quantity", Field::Quantity, Kind::Count),
    ("price", Field::Price, Kind::Money),
    ("url", Field::Url, Kind::Text),
    ("image_url", Field::ImageUrl, Kind::Text),
];

#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) tests: Vec<Test>,
    /// Whether one is enough.
    pub(crate) is_any: bool,
    pub(crate) is_not: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) of: Expression,
    /// `None`: whether there is something.
    pub(crate) beside: Option<(Comparison, Expression)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Is,
    IsNot,
    Less,
    LessOrIs,
    More,
    MoreOrIs,
    Contains,
}

const COMPARISONS: [(&str, Comparison); 8] = [
    ("==", Comparison::Is),
    ("!=", Comparison::IsNot),
    ("<>", Comparison::IsNot),
    ("<=", Comparison::LessOrIs),
    (">=", Comparison::MoreOrIs),
    ("<", Comparison::Less),
    (">", Comparison::More),
    ("contains", Comparison::Contains),
];

/// A loop that is open where something stands.
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    pub(crate) variable: String,
    pub(crate) kind: Kind,
}

/// Reads what stands within a pair of braces.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Where the text begins in the template.
    base: usize,
    loops: &'a [Loop],
    found: &'a mut Found,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(text: &'a str, base: usize, loops: &'a [Loop], found: &'a mut Found) -> Self {
        Self { text, at: 0, base, loops, found }
    }

    /// To be written: not a list.
    pub(crate) fn value(mut self) -> Option<Expression> {
        let from = self.place();
        let expression = self.expression()?;
        if matches!(expression.kind, Kind::Texts | Kind::Lines | Kind::Line) {
            let described = expression.kind.described();
            self.found
                .faults
                .add(from, format!("this is {described}: go through it with `for`, or `join` it"));
            return None;
        }
        self.ends()?;
        Some(expression)
    }

    pub(crate) fn condition(mut self) -> Option<Condition> {
        let (mut tests, mut joined) = (vec![self.test()?], None);
        loop {
            let from = self.place();
            let is_any = match self.word() {
                Some("and") => false,
                Some("or") => true,
                Some(other) => return self.wrong(from, format!("`and` or `or` is expected, not `{other}`")),
                None => break,
            };
            if joined.is_some_and(|joined| joined != is_any) {
                let sentence =
                    "`and` and `or` in one condition may be read in two ways: put one `if` into another";
                return self.wrong(from, sentence);
            }
            joined = Some(is_any);
            tests.push(self.test()?);
        }
        self.ends()?;
        Some(Condition { tests, is_any: joined == Some(true), is_not: false })
    }

    /// `variable in list limit: 3`.
    pub(crate) fn turns(mut self) -> Option<(Loop, Source, Option<usize>)> {
        let from = self.place();
        let Some(variable) = self.word().filter(|word| !word.contains('.') && Name::of(word).is_none())
        else {
            return self.wrong(from, "a name of your own is expected: `for item in cart.items`");
        };
        let from = self.place();
        if self.word() != Some("in") {
            return self.wrong(from, "`in` is expected: `for item in cart.items`");
        }
        let from = self.place();
        let list = self.operand()?;
        let (Operand::Source(of), kind @ (Kind::Texts | Kind::Lines)) = list else {
            return self
                .wrong(from, format!("this is {}, and `for` goes through a list", list.1.described()));
        };
        let kind = if kind == Kind::Texts { Kind::Text } else { Kind::Line };
        let mut limit = None;
        let from = self.place();
        match self.word() {
            None => {}
            Some("limit") if self.takes(":") => {
                let from = self.place();
                limit = self.number().and_then(Number::whole);
                if limit.is_none() {
                    return self.wrong(from, "a whole number is expected: `limit: 3`");
                }
            }
            Some(other) => return self.wrong(from, format!("`limit: 3` may stand here, not `{other}`")),
        }
        self.ends()?;
        Some((Loop { variable: variable.to_owned(), kind }, of, limit))
    }

    /// A text alone.
    pub(crate) fn text_alone(mut self) -> Option<String> {
        let from = self.place();
        let Some(Literal::Text(text)) = self.literal() else {
            return self.wrong(from, "a text in quotes is expected");
        };
        self.ends()?;
        Some(text)
    }

    fn test(&mut self) -> Option<Test> {
        let from = self.place();
        let of = self.expression()?;
        self.space();
        let rest = &self.text[self.at..];
        let found = COMPARISONS.iter().find(|(written, _)| rest.starts_with(written));
        let Some((written, comparison)) = found else { return Some(Test { of, beside: None }) };
        self.at += written.len();
        let beside = self.expression()?;
        let is_sound = match comparison {
            Comparison::Contains => matches!(of.kind, Kind::Text | Kind::Texts) && beside.kind == Kind::Text,
            Comparison::Is | Comparison::IsNot => alike(&of, &beside) || is_nothing(&beside),
            _ => alike(&of, &beside) && !matches!(of.kind, Kind::Text | Kind::Truth),
        };
        if !is_sound {
            let (one, other) = (of.kind.described(), beside.kind.described());
            return self.wrong(from, format!("{one} `{written}` {other} means nothing"));
        }
        Some(Test { of, beside: Some((*comparison, beside)) })
    }

    fn expression(&mut self) -> Option<Expression> {
        let (of, mut kind) = self.operand()?;
        let mut filters = Vec::new();
        while self.takes("|") {
            let from = self.place();
            if filters.len() == FILTERS_MAX {
                return self.wrong(from, format!("more than {FILTERS_MAX} filters one after the other"));
            }
            let Some(name) = self.word() else {
                return self.wrong(from, "a filter is expected, as in `| default: \"there\"`");
            };
            let mut told = Vec::new();
            if self.takes(":") {
                loop {
                    let from = self.place();
                    let Some(literal) = self.literal() else {
                        return self.wrong(from, "a text in quotes or a number is expected");
                    };
                    told.push(literal);
                    if !self.takes(",") {
                        break;
                    }
                }
            }
            match Filter::read(name, told, kind) {
                Ok((filter, becomes)) => {
                    filters.push(filter);
                    kind = becomes;
                }
                Err(sentence) => return self.wrong(from, sentence),
            }
        }
        Some(Expression { of, filters, kind })
    }

    fn operand(&mut self) -> Option<(Operand, Kind)> {
        let from = self.place();
        if let Some(literal) = self.literal() {
            let kind = match literal {
                Literal::Text(_) | Literal::Nothing => Kind::Text,
                Literal::Number(_) => Kind::Count,
                Literal::Truth(_) => Kind::Truth,
            };
            return Some((Operand::Literal(literal), kind));
        }
        let Some(written) = self.word() else {
            return self.wrong(from, "a name is expected, as in `customer.first_name`");
        };
        if let Some((source, kind)) = self.source(written) {
            return Some((Operand::Source(source), kind));
        }
        let of_lines = self.loops.iter().filter(|open| open.kind == Kind::Line);
        let variables: Vec<_> = of_lines
            .flat_map(|open| FIELDS.iter().map(|(field, ..)| format!("{}.{field}", open.variable)))
            .collect();
        let near = name::nearest(written, variables.iter().map(String::as_str));
        let near = near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default();
        self.wrong(from, format!("`{written}` is not known{near}"))
    }

    /// The innermost loop that has a variable of that name, and else what is known of everybody.
    fn source(&mut self, written: &str) -> Option<(Source, Kind)> {
        let (first, field) = written.split_once('.').map_or((written, None), |(one, two)| (one, Some(two)));
        if let Some(place) = self.loops.iter().rposition(|open| open.variable == first) {
            let Some(field) = field else { return Some((Source::Item(place), self.loops[place].kind)) };
            let is_line = self.loops[place].kind == Kind::Line;
            let (_, field, kind) = FIELDS.iter().find(|(known, ..)| is_line && *known == field)?;
            return Some((Source::Of(place, *field), *kind));
        }
        if let ("forloop", Some(field), Some(place)) = (first, field, self.loops.len().checked_sub(1)) {
            return match field {
                "index" => Some((Source::Turn(place), Kind::Count)),
                "first" => Some((Source::IsFirst(place), Kind::Truth)),
                "last" => Some((Source::IsLast(place), Kind::Truth)),
                _ => None,
            };
        }
        let name = Name::of(written)?;
        self.found.names.insert(name);
        Some((Source::Fact(name), name.kind()))
    }

    fn literal(&mut self) -> Option<Literal> {
        self.space();
        let rest = &self.text[self.at..];
        if let Some(quote @ ('"' | '\'')) = rest.chars().next() {
            let end = rest[1..].find(quote)?;
            if end > VALUE_BYTES_MAX {
                return None;
            }
            self.at += end + 2;
            return Some(Literal::Text(rest[1..=end].to_owned()));
        }
        if let Some(number) = self.number() {
            return Some(Literal::Number(number));
        }
        let (word, literal) = [
            ("true", Literal::Truth(true)),
            ("false", Literal::Truth(false)),
            ("nil", Literal::Nothing),
            ("blank", Literal::Nothing),
            ("empty", Literal::Nothing),
        ]
        .into_iter()
        .find(|(word, _)| rest.strip_prefix(word).is_some_and(|after| !after.starts_with(is_of_word)))?;
        self.at += word.len();
        Some(literal)
    }

    fn number(&mut self) -> Option<Number> {
        self.space();
        let rest = &self.text[self.at..];
        let unsigned = rest.strip_prefix('-').unwrap_or(rest);
        if !unsigned.starts_with(|char: char| char.is_ascii_digit()) {
            return None;
        }
        let digits = unsigned.split(|char: char| !char.is_ascii_digit() && char != '.').next()?;
        let length = rest.len() - unsigned.len() + digits.len();
        let number = Number::read(&rest[..length])?;
        self.at += length;
        Some(number)
    }

    fn word(&mut self) -> Option<&'a str> {
        self.space();
        let rest = &self.text[self.at..];
        let word = rest.split(|char| !is_of_word(char)).next().filter(|word| !word.is_empty())?;
        self.at += word.len();
        Some(word)
    }

    fn takes(&mut self, sign: &str) -> bool {
        self.space();
        let is_there = self.text[self.at..].starts_with(sign);
        self.at += if is_there { sign.len() } else { 0 };
        is_there
    }

    fn space(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn place(&mut self) -> usize {
        self.space();
        self.base + self.at
    }

    fn ends(&mut self) -> Option<()> {
        let from = self.place();
        let rest = self.text[self.at..].trim_end();
        if rest.is_empty() {
            return Some(());
        }
        let shown: String = rest.chars().take(20).collect();
        self.wrong(from, format!("nothing more is expected here, but there is `{shown}`"))
    }

    fn wrong<T>(&mut self, from: usize, sentence: impl Into<String>) -> Option<T> {
        self.found.faults.add(from, sentence);
        None
    }
}

fn is_of_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || char == '.'
}

fn is_nothing(expression: &Expression) -> bool {
    matches!(expression.of, Operand::Literal(Literal::Nothing))
}

/// A number may stand beside an amount.
fn alike(one: &Expression, other: &Expression) -> bool {
    let is_number = |kind| matches!(kind, Kind::Count | Kind::Money);
    one.kind == other.kind && !matches!(one.kind, Kind::Texts | Kind::Lines | Kind::Line)
        || is_number(one.kind) && is_number(other.kind)
}
