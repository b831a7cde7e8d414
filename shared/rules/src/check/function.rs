//! Functions and what they are given.

use super::Checker;
use crate::{
    Coordinates, Function, Problem,
    event::{Event, Param},
    leaf::{Clause, Comparison, Leaf},
    moment::Moment,
    nearest::nearest,
    offset::Offset,
    problem::Wrong,
    told::{self, Argument, Literal, Test, Told},
};

/// What a function was given, as far as it was right.
#[derive(Default)]
pub(super) struct Given {
    pub(super) seen: Vec<Param>,
    pub(super) each: Vec<Clause>,
    pub(super) all: Vec<Clause>,
    pub(super) coordinates: Option<Coordinates>,
    pub(super) steps: Option<Vec<Event>>,
    pub(super) within: Option<Offset>,
}

impl Checker<'_> {
    /// Of what was called `… = true` before 2026-10.
    pub(super) fn is_false(&mut self, told: &Told<told::Condition>) -> Option<bool> {
        if let Test::Is(Comparison::Equal, Told { is: Literal::Yes(yes), .. }) = told.is.test {
            return Some(yes == told.is.is_not);
        }
        let wrong = Wrong::Unexpected(told.is.test.sign(told.is.is_not));
        self.problems.push(Problem::new(&told.place, wrong).expecting(["= true", "= false"]));
        None
    }

    /// What a function was given before 2026-10: `name: value`, mostly without an operator.
    pub(super) fn arguments(&mut self, of: &[Argument]) -> Vec<told::Clause> {
        let mut clauses = Vec::new();
        for argument in of {
            match argument {
                Argument::Named(clause) => clauses.push(clause.clone()),
                Argument::Plain(param, value) => clauses.extend(self.plain(param, value)),
                Argument::Bare(value) => {
                    let wrong = Wrong::Unexpected("a value without a name".to_owned());
                    self.problems.push(Problem::new(&value.place, wrong).expecting(["name: value"]));
                }
            }
        }
        clauses
    }

    fn plain(&mut self, param: &Told<String>, value: &Told<Literal>) -> Option<told::Clause> {
        // Whether it was meant as that day or as all days since was never published.
        if let Literal::Date(date) = &value.is
            && matches!(Moment::parse(date), Some(Moment::Offset(_)))
        {
            let wrong = Wrong::Unexpected(format!("`{date}` without an operator"));
            let name = &param.is;
            let either = [format!("`{name}: >= {date}`"), format!("`{name}: = {date}`")];
            self.problems.push(Problem::new(&value.place, wrong).expecting(either));
            return None;
        }
        let (name, comparison) = match param.is.as_str() {
            "count_at_least" => (Param::Count.name(), Comparison::AtLeast),
            name => (name, Comparison::Equal),
        };
        let condition = told::Condition { is_not: false, test: Test::Is(comparison, value.clone()) };
        let param = Told { place: param.place.clone(), is: name.to_owned() };
        Some(told::Clause { param, condition: Told { place: value.place.clone(), is: condition } })
    }

    /// Shopify's own mails: what became of a message, by email.
    pub(super) fn mail(
        &mut self,
        name: &Told<String>,
        became: &'static str,
        told: &[told::Clause],
    ) -> Option<Leaf> {
        let mut told = told.to_vec();
        for clause in &mut told {
            if clause.param.is == "activity_id" {
                Param::CampaignId.name().clone_into(&mut clause.param.is);
            }
        }
        let word = |param: Param, word: &str| {
            let value = Told { place: name.place.clone(), is: Literal::Text(word.to_owned()) };
            let condition = told::Condition { is_not: false, test: Test::Is(Comparison::Equal, value) };
            let param = Told { place: name.place.clone(), is: param.name().to_owned() };
            told::Clause { param, condition: Told { place: name.place.clone(), is: condition } }
        };
        told.extend([word(Param::Type, became), word(Param::Channel, "EMAIL")]);
        self.function(name, Function::Campaign, &told)
    }

    pub(super) fn function(
        &mut self,
        name: &Told<String>,
        function: Function,
        told: &[told::Clause],
    ) -> Option<Leaf> {
        let before = self.problems.len();
        let mut given = Given::default();
        for clause in told {
            let Some(param) = self.param(function, &clause.param) else { continue };
            if given.seen.contains(&param) {
                self.wrong(&clause.param.place, Wrong::Twice(format!("`{}`", param.name())));
                continue;
            }
            given.seen.push(param);
            self.clause(param, clause, &mut given);
        }
        let leaf = self.leaf_of(&name.place, function, given);
        leaf.filter(|_| self.problems.len() == before)
    }

    fn param(&mut self, function: Function, told: &Told<String>) -> Option<Param> {
        let known = function.params();
        let found = Param::named(&told.is).filter(|param| known.contains(param));
        if found.is_none() {
            let names = known.iter().map(|param| param.name());
            let wrong = Wrong::Unknown(told.is.clone(), "parameter");
            let problem = Problem::new(&told.place, wrong).meaning(nearest(&told.is, names.clone()));
            self.problems.push(problem.expecting(names));
        }
        found
    }

    fn clause(&mut self, param: Param, told: &told::Clause, given: &mut Given) {
        let Some(kind) = param.kind() else {
            match param {
                Param::Coordinates => given.coordinates = self.coordinates(&told.condition),
                Param::Steps => given.steps = self.steps(&told.condition),
                _ => given.within = self.within(&told.condition),
            }
            return;
        };
        let Some((is_not, condition)) = self.condition(kind, param.name(), &told.condition) else { return };
        let clause = Clause { param, is_not, condition };
        if param.is_of_all() { given.all.push(clause) } else { given.each.push(clause) }
    }
}
