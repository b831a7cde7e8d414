//! What products are tagged with, as rules ask of what was bought: by the products that bear it now.
//!
//! Of each product any of its tags may fit. One that is not known, or not any more, bears none.

use columns::{Among, Ids, LineClause, LineWord, Print};
use rules::{Clause, Condition, Event, Leaf, Param, Rule};

use crate::{
    outcomes::{names_outcomes, print_of_outcomes},
    refused::{Found, refused},
    scene::{Given, Scene},
    texts,
};

const NAME: &str = "products_purchased.tag";
/// `domain::product::{TAGGED_MAX, TAGS_MAX}`.
pub const TOO_MANY_TAGS: &str =
    "the shop has more than 20,000 products, or more than 500,000 tags on them: too many to look through";

/// Whether who is meant hangs on what is no customer's: what products are tagged with, or what became of messages.
pub fn asks_beside(rule: &Rule) -> bool {
    names_tags(rule) || names_outcomes(rule)
}

/// Whether who is meant hangs on what products are tagged with.
pub fn names_tags(rule: &Rule) -> bool {
    rule.leaves().into_iter().any(|leaf| tags_of(leaf).next().is_some())
}

/// Of the products that bear what the rule asks for, and of what became of the messages that it asks about: another number,
/// when they are others.
pub fn print_beside(rule: &Rule, scene: &Scene<'_>) -> u64 {
    let (mut print, given) = (Print::default(), scene.given);
    for clause in rule.leaves().into_iter().flat_map(tags_of) {
        let ids = borne_by(given, &clause.condition).unwrap_or_default();
        print.add(&ids.len().to_le_bytes());
        for id in ids.iter() {
            print.add(id.as_bytes());
            // In no id.
            print.add(&[0]);
        }
    }
    print_of_outcomes(rule, scene, &mut print);
    print.number()
}

fn tags_of(leaf: &Leaf) -> impl Iterator<Item = &Clause> {
    let each = match leaf {
        Leaf::Event { event: Event::ProductsPurchased, each, .. } => &each[..],
        _ => &[],
    };
    each.iter().filter(|clause| clause.param == Param::Tag)
}

/// A line of a product that bears it; with `NULL`, of one that bears nothing.
pub(crate) fn borne(given: &Given, condition: &Condition) -> Found<LineClause> {
    let among = LineClause::Word(LineWord::Product, Among::These(borne_by(given, condition)?));
    Ok(if *condition == Condition::Null { LineClause::Not(Box::new(among)) } else { among })
}

fn borne_by(given: &Given, condition: &Condition) -> Found<Ids> {
    let Some(tagged) = &given.tagged else { return refused(NAME, TOO_MANY_TAGS) };
    if *condition == Condition::Null {
        return Ok(tagged.any().clone());
    }
    Ok(texts::like(NAME, condition)?.map(|like| tagged.like(&like)).unwrap_or_default())
}
