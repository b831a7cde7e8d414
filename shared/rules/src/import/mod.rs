//! Rules of the systems that this one replaces, as rules of ours.
//!
//! A rule comes over whole or not at all: a part left out of a group would change who is meant, and perhaps mean
//! everybody. What comes over with another shade of meaning is noted.

mod condition;
mod klaviyo;
mod special;
mod words;

use serde_json::{Map, Value as Json};

pub use words::rfm_group;

use crate::{
    Rule, Shop, check,
    json::{self, join},
    problem::{Place, Problem, Wrong},
    told::{Node, Told},
};

pub(crate) type Object = Map<String, Json>;

/// A rule that came from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub rule: Rule,
    /// Where it means not quite what it meant there.
    pub notes: Vec<Note>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    pub place: Place,
    pub says: &'static str,
}

pub(crate) fn import(json: &Json, shop: &Shop) -> Result<Imported, Vec<Problem>> {
    if let Some(problem) = json::too_heavy(json) {
        return Err(vec![problem]);
    }
    let mut importer = Importer { shop, problems: Vec::new(), notes: Vec::new(), is_of_sql: false };
    let told = match json {
        Json::Object(object) if object.contains_key("condition_groups") => importer.klaviyo(object),
        Json::Object(object) if object.contains_key("groups") => importer.groups(object),
        Json::Object(object) if object.contains_key("conditions") => importer.flat("", object),
        Json::Array(parts) => importer.list(parts),
        Json::Object(object) if object.len() == 1 && object.get("all") == Some(&Json::Bool(true)) => {
            told("", Node::Everyone)
        }
        _ => {
            let (told, problems) = json::read(json);
            importer.problems = problems;
            told
        }
    };
    let there = |place: Place| match place {
        Place::Pointer(at) => Place::Pointer(there(json, &at).to_owned()),
        place @ Place::Bytes(_) => place,
    };
    match check::check(&told, importer.problems, shop) {
        Ok(rule) => {
            let notes = importer.notes.into_iter();
            Ok(Imported {
                rule,
                notes: notes.map(|note| Note { place: there(note.place), ..note }).collect(),
            })
        }
        Err(problems) => {
            let problems = problems.into_iter();
            Err(problems.map(|problem| Problem { place: there(problem.place), ..problem }).collect())
        }
    }
}

/// What is missing is told at what it is missing from.
fn there<'a>(json: &Json, mut at: &'a str) -> &'a str {
    while json.pointer(at).is_none() {
        at = at.rsplit_once('/').map_or("", |(parent, _)| parent);
    }
    at
}

struct Importer<'a> {
    shop: &'a Shop,
    problems: Vec<Problem>,
    notes: Vec<Note>,
    /// There the rule was SQL, whose negatives leave out who has nothing: so they come with `IS NOT NULL`.
    is_of_sql: bool,
}

fn told<T>(at: &str, is: T) -> Told<T> {
    Told { place: Place::Pointer(at.to_owned()), is }
}

#[derive(Clone, Copy, PartialEq)]
enum Logic {
    And,
    Or,
}

impl Importer<'_> {
    fn wrong(&mut self, at: &str, wrong: Wrong, expected: &[&str]) {
        let problem = Problem::new(&Place::Pointer(at.to_owned()), wrong);
        self.problems.push(problem.expecting(expected.iter().copied()));
    }

    fn note(&mut self, at: &str, says: &'static str) {
        self.notes.push(Note { place: Place::Pointer(at.to_owned()), says });
    }

    fn unread(&mut self, at: &str, wrong: Wrong, expected: &[&str]) -> Told<Node> {
        self.wrong(at, wrong, expected);
        told(at, Node::Unread)
    }

    /// What it does not know could be what matters.
    fn only(&mut self, at: &str, object: &Object, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            self.wrong(&join(at, name), Wrong::Unknown(name.clone(), "member"), known);
        }
    }

    fn array<'j>(&mut self, at: &str, object: &'j Object, name: &str) -> &'j [Json] {
        if let Some(Json::Array(parts)) = object.get(name) {
            return parts;
        }
        self.wrong(&join(at, name), Wrong::Unexpected("what is told".to_owned()), &["a list"]);
        &[]
    }

    /// `{groups: [{logic, conditions}]}`: all of the groups.
    fn groups(&mut self, object: &Object) -> Told<Node> {
        self.only("", object, &["groups", "logic"]);
        self.is_of_sql = true;
        let logic = self.logic("", object, "logic").unwrap_or(Logic::And);
        let parts = self.array("", object, "groups").iter().enumerate();
        let parts: Vec<_> =
            parts.map(|(place, group)| self.group(&format!("/groups/{place}"), group)).collect();
        joined("", logic, parts)
    }

    fn group(&mut self, at: &str, json: &Json) -> Told<Node> {
        match json {
            Json::Object(object) => self.flat(at, object),
            _ => self.unread(at, Wrong::Unexpected("this group".to_owned()), &["{logic, conditions}"]),
        }
    }

    /// `{logic, conditions, connectors}`: what stands between the conditions counts, if it is told.
    fn flat(&mut self, at: &str, object: &Object) -> Told<Node> {
        self.only(at, object, &["id", "logic", "conditions", "connectors", "provider"]);
        let logic = self.logic(at, object, "logic");
        let inner = join(at, "conditions");
        let parts = self.array(at, object, "conditions").iter().enumerate();
        let parts: Vec<_> =
            parts.map(|(place, part)| self.condition(&join(&inner, &place.to_string()), part)).collect();
        let between = self.connectors(at, object);
        let logic = logic.unwrap_or(Logic::And);
        if between.iter().all(|connector| *connector == logic) {
            return joined(at, logic, parts);
        }
        if between.len() + 1 != parts.len() {
            let wrong = Wrong::Unexpected("their number".to_owned());
            return self.unread(&join(at, "connectors"), wrong, &["one between every two conditions"]);
        }
        self.note(
            &join(at, "connectors"),
            "What stands between the conditions counts, AND before OR; the other system showed it and went by `logic`.",
        );
        let mut sums = vec![Vec::new()];
        for (place, part) in parts.into_iter().enumerate() {
            if place > 0 && between[place - 1] == Logic::Or {
                sums.push(Vec::new());
            }
            sums.last_mut().into_iter().for_each(|sum: &mut Vec<_>| sum.push(part.clone()));
        }
        let sums = sums.into_iter().map(|sum| joined(at, Logic::And, sum)).collect();
        joined(at, Logic::Or, sums)
    }

    /// `[{operator, rules}]`: one of the groups; or `[{field, operator, value}]`: all of the conditions.
    fn list(&mut self, parts: &[Json]) -> Told<Node> {
        let is_grouped = parts.iter().any(|part| part.get("rules").is_some());
        self.is_of_sql = is_grouped;
        let mut told = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let at = format!("/{place}");
            let part = match part {
                Json::Object(object) if is_grouped => {
                    self.only(&at, object, &["id", "operator", "rules"]);
                    let logic = self.logic(&at, object, "operator").unwrap_or(Logic::And);
                    let inner = join(&at, "rules");
                    let rules = self.array(&at, object, "rules").iter().enumerate();
                    let rules: Vec<_> = rules
                        .map(|(place, rule)| self.condition(&join(&inner, &place.to_string()), rule))
                        .collect();
                    joined(&at, logic, rules)
                }
                part => self.condition(&at, part),
            };
            told.push(part);
        }
        joined("", if is_grouped { Logic::Or } else { Logic::And }, told)
    }

    fn logic(&mut self, at: &str, object: &Object, name: &str) -> Option<Logic> {
        let json = object.get(name)?;
        let found = word_of(json);
        if found.is_none() {
            self.wrong(&join(at, name), Wrong::Unexpected(format!("{json}")), &["AND", "OR"]);
        }
        found
    }

    fn connectors(&mut self, at: &str, object: &Object) -> Vec<Logic> {
        if !object.contains_key("connectors") {
            return Vec::new();
        }
        let words = self.array(at, object, "connectors").iter().map(word_of);
        let words: Option<Vec<_>> = words.collect();
        if words.is_none() {
            let wrong = Wrong::Unexpected("what is told".to_owned());
            self.wrong(&join(at, "connectors"), wrong, &["AND", "OR"]);
        }
        words.unwrap_or_default()
    }
}

fn joined(at: &str, logic: Logic, parts: Vec<Told<Node>>) -> Told<Node> {
    told(at, if logic == Logic::And { Node::All(parts) } else { Node::Any(parts) })
}

fn word_of(json: &Json) -> Option<Logic> {
    match json.as_str()?.to_ascii_uppercase().as_str() {
        "AND" | "ALL" => Some(Logic::And),
        "OR" | "ANY" => Some(Logic::Or),
        _ => None,
    }
}
