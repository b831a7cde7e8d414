//! JSON to what was told. A member that is not known is refused: it could have been the one that matters.

use serde_json::{Map, Value as Json};

use crate::{
    event::Param,
    limits::{BRACKETS_MAX, JSON_BYTES_MAX},
    nearest::nearest,
    problem::{Place, Problem, Wrong},
    told::{Argument, Asks, Clause, Leaf, Literal, Node, Told},
};

pub(super) type Object = Map<String, Json>;

/// What was told, as far as it can be read, and all that is wrong with its form.
pub(crate) fn read(json: &Json) -> (Told<Node>, Vec<Problem>) {
    if let Some(problem) = too_heavy(json) {
        return (told("", Node::Unread), vec![problem]);
    }
    let mut reader = Reader { problems: Vec::new() };
    let node = reader.node("", json, 0);
    (node, reader.problems)
}

/// More than a rule can have: whoever looks for what is meant by each name takes their time.
pub(crate) fn too_heavy(json: &Json) -> Option<Problem> {
    let mut bytes = 0;
    let mut left = vec![json];
    while let Some(json) = left.pop() {
        bytes += 1;
        match json {
            Json::String(text) => bytes += text.len(),
            Json::Array(parts) => left.extend(parts),
            Json::Object(members) => {
                bytes += members.keys().map(String::len).sum::<usize>();
                left.extend(members.values());
            }
            _ => {}
        }
    }
    let wrong = Wrong::TooLong(bytes, JSON_BYTES_MAX);
    (bytes > JSON_BYTES_MAX).then(|| Problem::new(&Place::Pointer(String::new()), wrong))
}

/// The pointer to a member or an element.
pub(crate) fn join(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

pub(super) fn told<T>(at: &str, is: T) -> Told<T> {
    Told { place: Place::Pointer(at.to_owned()), is }
}

pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
}

/// Each form of a node: the member by which it is known, and all that it may have.
const FORMS: [(&str, &[&str]); 8] = [
    ("all", &["all"]),
    ("any", &["any"]),
    ("not", &["not"]),
    ("everyone", &["everyone"]),
    ("field", &["field", "op", "value", "length"]),
    ("anniversary", &["anniversary", "op", "value"]),
    ("bucket", &["bucket", "op", "value"]),
    ("event", &["event", "where", "count", "sum_amount", "sum_quantity"]),
];

impl Reader {
    pub(super) fn wrong(&mut self, at: &str, wrong: Wrong, expected: &[&str]) {
        let problem = Problem::new(&Place::Pointer(at.to_owned()), wrong);
        self.problems.push(problem.expecting(expected.iter().copied()));
    }

    pub(super) fn unexpected(&mut self, at: &str, found: &Json, expected: &[&str]) {
        let found = match found {
            Json::Null => "null",
            Json::Bool(_) => "true or false",
            Json::Number(_) => "a number",
            Json::String(_) => "a text",
            Json::Array(_) => "a list",
            Json::Object(_) => "an object",
        };
        self.wrong(at, Wrong::Unexpected(found.to_owned()), expected);
    }

    /// Of members that are not known. Those known are told at the object.
    pub(super) fn only(&mut self, at: &str, object: &Object, known: &[&str]) {
        for name in object.keys().filter(|name| !known.contains(&name.as_str())) {
            let place = Place::Pointer(join(at, name));
            let problem = Problem::new(&place, Wrong::Unknown(name.clone(), "member"));
            let meant = nearest(name, known.iter().copied());
            self.problems.push(problem.meaning(meant).expecting(known.iter().copied()));
        }
    }

    fn node(&mut self, at: &str, json: &Json, depth: usize) -> Told<Node> {
        if depth > BRACKETS_MAX {
            self.wrong(at, Wrong::TooDeep(BRACKETS_MAX), &[]);
            return told(at, Node::Unread);
        }
        let names = FORMS.map(|(name, _)| name);
        let Some(object) = json.as_object() else {
            self.unexpected(at, json, &["an object with one of: all, any, not, everyone, field, event"]);
            return told(at, Node::Unread);
        };
        let Some((name, known)) = FORMS.iter().find(|(name, _)| object.contains_key(*name)) else {
            if object.is_empty() {
                self.wrong(at, Wrong::Empty("rule"), &names);
            } else {
                self.only(at, object, &names);
            }
            return told(at, Node::Unread);
        };
        self.only(at, object, known);
        let (inner, value) = (join(at, name), &object[*name]);
        let node = match *name {
            "all" => self.parts(&inner, value, depth).map(Node::All),
            "any" => self.parts(&inner, value, depth).map(Node::Any),
            "not" => Some(Node::Not(Box::new(self.node(&inner, value, depth + 1)))),
            "everyone" if *value == Json::Bool(true) => Some(Node::Everyone),
            "everyone" => {
                self.unexpected(&inner, value, &["true"]);
                None
            }
            "event" => self.event(at, object).map(|leaf| Node::Leaf(Box::new(leaf))),
            _ => self.compared(at, name, object).map(|leaf| Node::Leaf(Box::new(leaf))),
        };
        told(at, node.unwrap_or(Node::Unread))
    }

    fn parts(&mut self, at: &str, json: &Json, depth: usize) -> Option<Vec<Told<Node>>> {
        let Some(parts) = json.as_array() else {
            self.unexpected(at, json, &["a list of rules"]);
            return None;
        };
        let parts = parts.iter().enumerate();
        Some(parts.map(|(place, part)| self.node(&join(at, &place.to_string()), part, depth + 1)).collect())
    }

    pub(super) fn text(&mut self, at: &str, json: &Json) -> Option<Told<String>> {
        if let Json::String(text) = json {
            return Some(told(at, text.clone()));
        }
        self.unexpected(at, json, &["a text"]);
        None
    }

    fn compared(&mut self, at: &str, by: &str, object: &Object) -> Option<Leaf> {
        let name = self.text(&join(at, by), &object[by]);
        let asks = Asks::Compares(self.condition(at, object));
        let name = name?;
        if by == "field" {
            return Some(Leaf { name, of: None, asks });
        }
        let of = Told { place: name.place, is: Literal::Text(name.is) };
        Some(Leaf { name: told(at, by.to_owned()), of: Some(vec![Argument::Bare(of)]), asks })
    }

    fn event(&mut self, at: &str, object: &Object) -> Option<Leaf> {
        let name = self.text(&join(at, "event"), &object["event"]);
        let mut clauses = Vec::new();
        let inner = join(at, "where");
        match object.get("where") {
            None => {}
            Some(Json::Array(each)) => {
                for (place, clause) in each.iter().enumerate() {
                    clauses.extend(self.clause(&join(&inner, &place.to_string()), clause));
                }
            }
            Some(other) => self.unexpected(&inner, other, &["a list of conditions"]),
        }
        for param in Param::ALL.iter().filter(|param| param.is_of_all()) {
            let Some(json) = object.get(param.name()) else { continue };
            let at = join(at, param.name());
            if let Some((is_not, place, inner)) = self.negatable(&at, json) {
                self.only(&place, inner, &["op", "value"]);
                let mut condition = self.condition(&place, inner);
                condition.is.is_not ^= is_not;
                clauses.push(Clause { param: told(&at, param.name().to_owned()), condition });
            }
        }
        Some(Leaf { name: name?, of: None, asks: Asks::Matches { is_not: false, clauses } })
    }

    /// `{"not": {…}}` or what would stand in it.
    fn negatable<'j>(&mut self, at: &str, json: &'j Json) -> Option<(bool, String, &'j Object)> {
        let Some(object) = json.as_object() else {
            self.unexpected(at, json, &["an object"]);
            return None;
        };
        let Some(negated) = object.get("not") else { return Some((false, at.to_owned(), object)) };
        self.only(at, object, &["not"]);
        let inner = join(at, "not");
        let Some(object) = negated.as_object() else {
            self.unexpected(&inner, negated, &["an object"]);
            return None;
        };
        Some((true, inner, object))
    }

    fn clause(&mut self, at: &str, json: &Json) -> Option<Clause> {
        let (is_not, at, object) = self.negatable(at, json)?;
        self.only(&at, object, &["param", "op", "value"]);
        let Some(param) = object.get("param") else {
            self.wrong(&at, Wrong::Missing("`param`".to_owned()), &[]);
            return None;
        };
        let param = self.text(&join(&at, "param"), param);
        let mut condition = self.condition(&at, object);
        condition.is.is_not ^= is_not;
        Some(Clause { param: param?, condition })
    }
}
