//! Places by name: "from Mumbai or Delhi", "outside the US"; which code each has is in `places.txt`.

use std::{collections::BTreeMap, sync::LazyLock};

use crate::{
    reader::{Reader, quoted},
    tree::Node,
};

const FILE: &str = include_str!("places.txt");
/// The words of a name.
const WORDS_MAX: usize = 4;
const FROM: [&str; 21] = [
    "from",
    "in",
    "living in",
    "live in",
    "lives in",
    "based in",
    "located in",
    "residing in",
    "reside in",
    "who live in",
    "address in",
    "addresses in",
    "an address in",
    "based out of",
    "country is",
    "country =",
    "city is",
    "state is",
    "ship to",
    "shipping to",
    "region is",
];
/// Words in capitals that are no countries.
const NO_CODES: [&str; 14] =
    ["IN", "IS", "IT", "AT", "AS", "BE", "BY", "DO", "ME", "MY", "NO", "SO", "TO", "AM"];

/// A code, and whether the name is that of more than one place.
type Named = (&'static str, bool);

/// Each line: a code, a colon, names; a name with `~` could mean another place, too.
static PLACES: LazyLock<BTreeMap<&'static str, Vec<Named>>> = LazyLock::new(|| {
    let mut places: BTreeMap<_, Vec<Named>> = BTreeMap::new();
    for (code, names) in FILE.lines().filter_map(|line| line.split_once(": ")) {
        for name in names.split(", ") {
            let plain = name.trim_end_matches('~');
            places.entry(plain).or_default().push((code, plain != name));
        }
    }
    places
});

impl Reader<'_> {
    pub(crate) fn places_from(&mut self) -> Option<Node> {
        let is_outside = self.any(&["outside", "outside of"]);
        let is_said = self.any(&FROM);
        (is_outside || is_said).then_some(())?;
        let Some(node) = self.places() else {
            let is_of_places = is_outside || self.word_before() == "from";
            if self.refusal.is_none() && is_of_places && !self.word(0).is_empty() {
                let name = self.raw(0);
                self.refusal =
                    Some(format!("no place is known by the name of “{name}”: its country will do"));
            }
            return None;
        };
        Some(if is_outside { node.not() } else { node })
    }

    /// "Mumbai customers"
    pub(crate) fn places_before(&mut self) -> Option<Node> {
        let (code, name) = self.place()?;
        self.any(&["based", "- based"]);
        (self.is_noun() || self.word(0) == "shoppers").then_some(())?;
        self.told_place(code, &name);
        self.last = crate::last::Last::Places;
        self.lies_in(&[code])
    }

    /// Places that stand here, joined by "or" and by "and", which is the same: in one of them.
    pub(crate) fn places(&mut self) -> Option<Node> {
        let mut codes: Vec<&'static str> = Vec::new();
        let (first, name) = self.place()?;
        self.told_place(first, &name);
        codes.push(first);
        let mut has_and = false;
        loop {
            let more = self.attempt(|it| {
                let has_comma = it.take(&[","]);
                let is_and = it.take(&["and", "&"]);
                let is_joined = is_and || it.take(&["or", "/"]);
                (has_comma || is_joined).then_some(())?;
                it.any(&FROM);
                it.take(&["the"]);
                let (code, name) = it.place()?;
                // What begins something else belongs to that: "and US customers".
                (!it.is_noun()).then_some((code, name, is_and, is_joined))
            });
            let Some((code, name, is_and, is_joined)) = more else { break };
            // "Mumbai, India"
            let within = codes.last().is_some_and(|last| last.starts_with(code) && !is_joined);
            if !within {
                self.told_place(code, &name);
                codes.push(code);
                has_and |= is_and;
            }
        }
        if has_and {
            self.assume("“and” between places is taken for any of them".to_owned());
        }
        self.last = crate::last::Last::Places;
        self.lies_in(&codes)
    }

    fn lies_in(&mut self, codes: &[&'static str]) -> Option<Node> {
        let mut nodes = Vec::new();
        for (field, hyphens) in [("customer_countries", 0), ("customer_regions", 1), ("customer_cities", 2)] {
            let mut of: Vec<_> = codes.iter().filter(|code| code.matches('-').count() == hyphens).collect();
            of.dedup();
            let of: Vec<_> = of.into_iter().map(|code| quoted(code)).collect();
            match &of[..] {
                [] => {}
                [one] => nodes.push(self.says(&format!("{field} CONTAINS {one}"))?),
                several => nodes.push(self.says(&format!("{field} CONTAINS ANY ({})", several.join(", ")))?),
            }
        }
        if nodes.len() > 1 { Some(Node::Any(nodes)) } else { nodes.pop() }
    }

    /// The longest name that stands here.
    fn place(&mut self) -> Option<(&'static str, String)> {
        self.take(&["the"]);
        for length in (1..=WORDS_MAX).rev() {
            let words: Vec<_> =
                (0..length).map(|ahead| self.word(ahead)).filter(|word| !word.is_empty()).collect();
            if words.len() < length {
                continue;
            }
            let name = words.join(" ");
            if let Some(codes) = PLACES.get(name.as_str()) {
                let [(code, _)] = codes[..] else {
                    let codes: Vec<_> = codes.iter().map(|(code, _)| *code).collect();
                    self.refusal = Some(format!(
                        "“{name}” is more than one place: say which, as in {}",
                        codes.join(" or ")
                    ));
                    return None;
                };
                self.go(self.at() + length);
                return Some((code, name));
            }
        }
        self.place_by_code()
    }

    /// "US", but not "bought from us".
    fn place_by_code(&mut self) -> Option<(&'static str, String)> {
        let raw = self.raw(0);
        let is_code = raw.len() == 2 && raw.bytes().all(|byte| byte.is_ascii_uppercase());
        if !is_code || NO_CODES.contains(&raw) || !self.has_small_letters() {
            return None;
        }
        let code = if raw == "UK" { "GB" } else { raw };
        let known = PLACES.values().flatten().map(|(code, _)| *code).find(|known| *known == code)?;
        self.skip();
        Some((known, raw.to_owned()))
    }

    fn told_place(&mut self, code: &'static str, name: &str) {
        if PLACES.get(name).is_some_and(|codes| codes.iter().any(|(_, is_unsure)| *is_unsure)) {
            self.assume(format!("“{name}” is taken for {code}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Currency;
    use rules::{Rule, Shop};

    #[test]
    fn every_code_is_one_and_no_name_is_there_by_mistake() {
        let shop = Shop::new(Currency::USD);
        for (name, codes) in PLACES.iter() {
            assert!(
                !name.is_empty() && *name == name.to_lowercase() && name.split(' ').count() <= WORDS_MAX,
                "{name}"
            );
            for (code, _) in codes {
                let field =
                    ["customer_countries", "customer_regions", "customer_cities"][code.matches('-').count()];
                assert!(Rule::parse(&format!("{field} CONTAINS '{code}'"), &shop).is_ok(), "{code}");
            }
        }
        assert!(PLACES.len() > 350);
        assert_eq!(
            FILE.lines().count(),
            PLACES.values().flatten().map(|(code, _)| *code).collect::<std::collections::BTreeSet<_>>().len()
        );
    }
}
