//! From what was told to a rule: every name known, every value of its kind, all within the limits.
//!
//! Goes on after each problem, so that all are told at once.

mod condition;
mod function;
mod special;
mod value;

use crate::{
    Field, Function, Kind, Known, Problem, Shop,
    event::CAMPAIGN_TYPES,
    leaf::Leaf,
    limits::{DEPTH_MAX, LEAVES_MAX, TEXT_BYTES_MAX},
    nearest::nearest,
    problem::{Place, Wrong},
    rule::Rule,
    told::{self, Argument, Asks, Literal, Node, Told},
};

pub(crate) struct Checker<'a> {
    shop: &'a Shop,
    problems: Vec<Problem>,
}

/// What a name stands for.
enum Subject {
    Field(Field),
    Anniversary,
    Bucket,
    Function(Function),
    /// Shopify's own mails are events of campaigns here.
    Mail(&'static str),
}

/// Shopify's, and nothing that is kept here.
const NOT_KEPT: [&str; 2] = ["product_subscription_status", "store_credit_accounts"];

/// A rule, if nothing is wrong with it. `problems`: what is known to be wrong already.
pub(crate) fn check(told: &Told<Node>, problems: Vec<Problem>, shop: &Shop) -> Result<Rule, Vec<Problem>> {
    let mut checker = Checker { shop, problems };
    let rule = checker.node(told).map(Rule::canonical);
    if let Some(rule) = &rule {
        checker.size(&told.place, rule);
    }
    match rule {
        Some(rule) if checker.problems.is_empty() => Ok(rule),
        _ => Err(in_order(checker.problems)),
    }
}

/// As they stand in what was told.
pub(crate) fn in_order(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_cached_key(|problem| match &problem.place {
        Place::Bytes(bytes) => (bytes.start, bytes.end, vec![]),
        Place::Pointer(pointer) => {
            let parts = pointer.split('/').map(|part| (part.parse::<usize>().ok(), part.to_owned()));
            (0, 0, parts.collect())
        }
    });
    problems
}

/// The leaf, or its opposite.
fn negated(is_not: bool, leaf: Leaf) -> Rule {
    if is_not { Rule::Not(Box::new(Rule::Leaf(leaf))) } else { Rule::Leaf(leaf) }
}

impl Checker<'_> {
    fn wrong(&mut self, place: &Place, wrong: Wrong) {
        self.problems.push(Problem::new(place, wrong));
    }

    fn size(&mut self, place: &Place, rule: &Rule) {
        let leaves = rule.leaves().len();
        if leaves > LEAVES_MAX {
            self.wrong(place, Wrong::TooMany("conditions", leaves, LEAVES_MAX));
        }
        if rule.depth() > DEPTH_MAX {
            self.wrong(place, Wrong::TooDeep(DEPTH_MAX));
        }
        let bytes = rule.to_string().len();
        if bytes > TEXT_BYTES_MAX {
            self.wrong(place, Wrong::TooLong(bytes, TEXT_BYTES_MAX));
        }
    }

    fn node(&mut self, told: &Told<Node>) -> Option<Rule> {
        match &told.is {
            Node::Everyone => Some(Rule::Everyone),
            Node::All(parts) => self.group(told, parts).map(Rule::All),
            Node::Any(parts) => self.group(told, parts).map(Rule::Any),
            Node::Not(part) => Some(Rule::Not(Box::new(self.node(part)?))),
            Node::Leaf(leaf) => self.leaf(leaf),
            Node::Unread => None,
        }
    }

    fn group(&mut self, told: &Told<Node>, parts: &[Told<Node>]) -> Option<Vec<Rule>> {
        if parts.is_empty() {
            self.wrong(&told.place, Wrong::Empty("group"));
            return None;
        }
        let rules: Vec<_> = parts.iter().map(|part| self.node(part)).collect();
        rules.into_iter().collect()
    }

    fn leaf(&mut self, leaf: &told::Leaf) -> Option<Rule> {
        let name = leaf.name.is.as_str();
        match (self.subject(&leaf.name)?, &leaf.of, &leaf.asks) {
            (Subject::Field(field), None, Asks::Compares(condition)) => {
                let (is_not, condition) = self.condition(field.kind(), name, condition)?;
                Some(negated(is_not, Leaf::Field { field, condition }))
            }
            (Subject::Field(field), None, Asks::Matches { .. }) => {
                let wrong = Wrong::Operator("`MATCHES`".to_owned(), name.to_owned(), field.kind().told());
                let problem = Problem::new(&leaf.name.place, wrong);
                self.problems.push(problem.expecting(field.kind().operators().iter().copied()));
                None
            }
            (Subject::Field(_), Some(_), _) => {
                self.wrong(
                    &leaf.name.place,
                    Wrong::Unexpected(format!("a bracket behind the field `{name}`")),
                );
                None
            }
            (Subject::Anniversary, Some(of), Asks::Compares(condition)) => {
                let field = self.date_of(&leaf.name.place, of);
                let (is_not, condition) = self.anniversary(name, condition)?;
                Some(negated(is_not, Leaf::Anniversary { field: field?, condition }))
            }
            (Subject::Bucket, Some(of), Asks::Compares(condition)) => {
                let seed = self.seed(&leaf.name.place, of);
                let (is_not, condition) = self.condition(Kind::Whole(0, 99), name, condition)?;
                Some(negated(is_not, Leaf::Bucket { seed: seed?, condition }))
            }
            (Subject::Function(function), None, Asks::Matches { is_not, clauses }) => {
                let leaf = self.function(&leaf.name, function, clauses)?;
                Some(negated(*is_not, leaf))
            }
            (Subject::Mail(became), None, Asks::Matches { is_not, clauses }) => {
                Some(negated(*is_not, self.mail(&leaf.name, became, clauses)?))
            }
            (Subject::Function(function), Some(of), Asks::Compares(condition)) => {
                let is_not = self.is_false(condition);
                let clauses = self.arguments(of);
                let leaf = self.function(&leaf.name, function, &clauses)?;
                Some(negated(is_not?, leaf))
            }
            (Subject::Mail(became), Some(of), Asks::Compares(condition)) => {
                let is_not = self.is_false(condition);
                let clauses = self.arguments(of);
                Some(negated(is_not?, self.mail(&leaf.name, became, &clauses)?))
            }
            (subject, ..) => {
                let form = match subject {
                    Subject::Anniversary => "`anniversary(birthday) = today`",
                    Subject::Bucket => "`bucket('seed') BETWEEN 0 AND 99`",
                    _ => "`MATCHES (…)`",
                };
                let wrong = Wrong::Unexpected(format!("what stands behind `{name}`"));
                self.problems.push(Problem::new(&leaf.name.place, wrong).expecting([form]));
                None
            }
        }
    }

    fn subject(&mut self, name: &Told<String>) -> Option<Subject> {
        let found = match name.is.as_str() {
            "anniversary" => Some(Subject::Anniversary),
            "bucket" => Some(Subject::Bucket),
            told => {
                let known = Known::named(told).map(Field::Known).or_else(|| self.shop.field(told));
                let function = told.replacen("storefront_event.", "storefront.", 1);
                let mail = told.strip_prefix("shopify_email.").and_then(|became| {
                    CAMPAIGN_TYPES.iter().copied().find(|known| known.to_lowercase() == became)
                });
                known
                    .map(Subject::Field)
                    .or_else(|| Function::named(&function).map(Subject::Function))
                    .or_else(|| mail.map(Subject::Mail))
            }
        };
        if found.is_none() {
            let told = name.is.clone();
            let problem = if NOT_KEPT.contains(&told.as_str()) {
                Problem::new(&name.place, Wrong::NotKept(told))
            } else {
                let fields = Known::ALL.iter().map(|field| field.name());
                let functions = Function::ALL.iter().map(|function| function.name());
                let known = fields
                    .chain(functions)
                    .chain(["anniversary", "bucket"])
                    .chain(self.shop.own().map(|(name, _)| name));
                let meant = nearest(&told, known);
                Problem::new(&name.place, Wrong::Unknown(told, "field or function that this shop knows"))
                    .meaning(meant)
            };
            self.problems.push(problem);
        }
        found
    }

    /// Of `anniversary(birthday)`, and as Shopify has it: `anniversary(date: 'metafields.facts.birth_date')`.
    fn date_of(&mut self, place: &Place, of: &[Argument]) -> Option<Field> {
        let told = match of {
            [Argument::Bare(value)] => value,
            [Argument::Plain(name, value)] if name.is == "date" => value,
            _ => return self.malformed(place, "anniversary(birthday)"),
        };
        let (Literal::Text(name) | Literal::Name(name)) = &told.is else {
            return self.malformed(&told.place, "the name of a date");
        };
        let name = Told { place: told.place.clone(), is: name.clone() };
        match self.subject(&name)? {
            Subject::Field(field) if field.kind() == Kind::Date => Some(field),
            Subject::Field(field) => {
                let wrong = Wrong::Kind(format!("`{}`", name.is), field.kind().told(), Kind::Date.told());
                self.wrong(&name.place, wrong);
                None
            }
            _ => self.malformed(&name.place, "the name of a date"),
        }
    }

    fn seed(&mut self, place: &Place, of: &[Argument]) -> Option<Box<str>> {
        match of {
            [
                Argument::Bare(Told {
                    is: Literal::Text(seed) | Literal::Name(seed) | Literal::Number(seed),
                    ..
                }),
            ] if !seed.is_empty() => Some(seed.as_str().into()),
            _ => self.malformed(place, "bucket('seed')"),
        }
    }

    fn malformed<T>(&mut self, place: &Place, expected: &str) -> Option<T> {
        let wrong = Wrong::Unexpected("what stands in the brackets".to_owned());
        self.problems.push(Problem::new(place, wrong).expecting([expected]));
        None
    }
}
