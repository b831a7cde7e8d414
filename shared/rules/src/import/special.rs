//! Fields of other systems that are no field of ours: days since, groups of another table, flags, names in one.

use serde_json::Value as Json;

use super::{
    Importer,
    condition::{Asked, leaf, midnight, negated},
    told,
    words::{self, Flag, Operator},
};
use crate::{
    Decimal, Kind,
    json::join,
    leaf::{Comparison, Like},
    problem::{Place, Problem, Wrong},
    told::{Literal, Node, Test, Told},
};

const DAYS: &str =
    "A day is the shop's own, from its midnight on; there it was counted from the very minute.";

impl Importer<'_> {
    /// `N` days since: the more days, the earlier.
    pub(super) fn days_since(&mut self, name: &str, asked: &Asked<'_>) -> Told<Node> {
        let is_told_in_days = |literal: &Literal| match literal {
            Literal::Number(number) => number.bytes().all(|byte| byte.is_ascii_digit()),
            _ => false,
        };
        let Some(values) = self.literals(Kind::COUNT, asked) else { return told(asked.at, Node::Unread) };
        let mut dates = Vec::new();
        for value in values {
            let date = match &value.is {
                literal if is_told_in_days(literal) => match literal {
                    Literal::Number(days) => format!("-{days}{}", asked.unit),
                    _ => String::new(),
                },
                Literal::Text(text) => midnight(text).to_owned(),
                _ => {
                    let wrong = Wrong::Unexpected("what is told".to_owned());
                    let Place::Pointer(at) = &value.place else { continue };
                    return self.unread(at, wrong, &["a whole number of days"]);
                }
            };
            dates.push(Told { place: value.place, is: Literal::Date(date) });
        }
        self.note(asked.at, DAYS);
        let is_of_dates = asked.value.as_str().is_some_and(|text| Decimal::parse(text).is_none());
        let operator = match asked.operator {
            Operator::Is(comparison) if !is_of_dates => Operator::Is(match comparison {
                Comparison::Equal => Comparison::Equal,
                Comparison::More => Comparison::Less,
                Comparison::AtLeast => Comparison::AtMost,
                Comparison::Less => Comparison::More,
                Comparison::AtMost => Comparison::AtLeast,
            }),
            operator => operator,
        };
        if operator == Operator::Between && !is_of_dates {
            dates.reverse();
        }
        self.test(name, Kind::Date, &Asked { operator, ..*asked }, dates)
    }

    pub(super) fn rfm_group(&mut self, asked: &Asked<'_>) -> Told<Node> {
        self.note(asked.at, "The groups are cut by another table here: see how many are in each.");
        let Some(values) = self.literals(Kind::Text, asked) else { return told(asked.at, Node::Unread) };
        let mut ours = Vec::new();
        for value in values {
            let theirs = if let Literal::Text(text) = &value.is { text.as_str() } else { "" };
            let Some(group) = words::rfm_group(theirs) else {
                let wrong = Wrong::Word(theirs.to_owned(), "`rfmSegment`".to_owned());
                self.problems.push(Problem::new(&value.place, wrong).expecting(words::rfm_groups()));
                return told(asked.at, Node::Unread);
            };
            ours.push(Told { place: value.place, is: Literal::Text(group.to_owned()) });
        }
        self.test("rfm_group", Kind::Word(&[]), asked, ours)
    }

    pub(super) fn flag(&mut self, flag: Flag, says: &'static str, asked: &Asked<'_>) -> Told<Node> {
        let yes = match asked.value {
            Json::Bool(yes) => Some(*yes),
            Json::String(text) => text.parse().ok(),
            _ => None,
        };
        let (Some(yes), Operator::Is(Comparison::Equal)) = (yes, asked.operator) else {
            let wrong = Wrong::Unexpected("what is told".to_owned());
            return self.unread(&join(asked.at, "value"), wrong, &["eq true", "eq false"]);
        };
        self.note(asked.at, says);
        let literal = |literal| told(asked.at, literal);
        let (name, is_not, test) = match flag {
            Flag::HighValue => {
                ("rfm_m", false, Test::Is(Comparison::Equal, literal(Literal::Number("5".to_owned()))))
            }
            Flag::ChurnRisk => (
                "last_order_date",
                false,
                Test::Is(Comparison::AtMost, literal(Literal::Date("-90d".to_owned()))),
            ),
            Flag::AbandonedCart => ("abandoned_checkout_date", true, Test::Null),
        };
        leaf(asked.at, name, is_not ^ !yes ^ asked.is_not, test)
    }

    /// Of a name in one: what is asked of it is asked of the first and the last name.
    pub(super) fn name(&mut self, asked: &Asked<'_>) -> Told<Node> {
        let at = asked.at;
        let text = asked.value.as_str().map_or("", str::trim);
        let literal = |text: &str| told(&join(at, "value"), Literal::Text(text.to_owned()));
        let parted = text.rsplit_once(char::is_whitespace).map(|(first, last)| (first.trim(), last));
        let node = match (asked.operator, parted) {
            (Operator::Null, _) => Node::All(vec![
                leaf(at, "first_name", false, Test::Null),
                leaf(at, "last_name", false, Test::Null),
            ]),
            (Operator::Is(Comparison::Equal), Some((first, last))) => Node::All(vec![
                leaf(at, "first_name", false, Test::Is(Comparison::Equal, literal(first))),
                leaf(at, "last_name", false, Test::Is(Comparison::Equal, literal(last))),
            ]),
            (Operator::Is(Comparison::Equal), None) => Node::All(vec![
                leaf(at, "first_name", false, Test::Is(Comparison::Equal, literal(text))),
                leaf(at, "last_name", false, Test::Null),
            ]),
            (Operator::Contains, None) => Node::Any(vec![
                leaf(at, "first_name", false, Test::Like(Like::Contains, literal(text))),
                leaf(at, "last_name", false, Test::Like(Like::Contains, literal(text))),
            ]),
            (Operator::StartsWith, None) => {
                leaf(at, "first_name", false, Test::Like(Like::StartsWith, literal(text))).is
            }
            (Operator::EndsWith, None) => {
                let only_first = vec![
                    leaf(at, "last_name", false, Test::Null),
                    leaf(at, "first_name", false, Test::Like(Like::EndsWith, literal(text))),
                ];
                let last = leaf(at, "last_name", false, Test::Like(Like::EndsWith, literal(text)));
                Node::Any(vec![last, told(at, Node::All(only_first))])
            }
            _ => {
                let why = "the name is a first and a last name here";
                return self.unread(at, Wrong::NotBrought("`name`".to_owned(), why), &[]);
            }
        };
        self.note(at, "The name is a first and a last name here.");
        negated(at, asked.is_not, node)
    }
}
