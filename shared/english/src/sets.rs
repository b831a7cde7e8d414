//! Segments and lists by the names that the shop gave them: "in the segment “Regulars”", "on the list Friends", "in Regulars".

use std::collections::BTreeMap;

use crate::{
    products::plain,
    reader::{Reader, quoted},
    token::Kind,
    tree::Node,
};

/// The words of a name that are looked at.
const WORDS_MAX: usize = 8;

const SAID: [&str; 14] = [
    "in the segment",
    "in segment",
    "in my segment",
    "in our segment",
    "of the segment",
    "members of the segment",
    "the segment",
    "segment",
    "on the list",
    "on list",
    "on my list",
    "on our list",
    "in the list",
    "members of the list",
];

/// What a shop has given a name.
#[derive(Debug, Clone, Default)]
pub struct Sets {
    /// As the language has it.
    by_name: BTreeMap<String, String>,
}

impl Sets {
    /// Each with its name, its id, and whether it is a list.
    pub fn new<'n>(sets: impl IntoIterator<Item = (&'n str, String, bool)>) -> Self {
        let rule = |id: &str, is_list| {
            let function = if is_list { "list" } else { "segment" };
            format!("{function} MATCHES (id = {})", quoted(id))
        };
        let named = sets.into_iter().map(|(name, id, is_list)| (plain(name), rule(&id, is_list)));
        Self { by_name: named.filter(|(name, _)| !name.is_empty()).collect() }
    }
}

impl Reader<'_> {
    /// One that is said to be one.
    pub(crate) fn set(&mut self) -> Option<Node> {
        self.any(&SAID).then_some(())?;
        self.take(&["called", "named", ":"]);
        self.set_name()
    }

    /// One whose name is known. Whoever comes from a place of that name was looked for before.
    pub(crate) fn set_by_name(&mut self) -> Option<Node> {
        self.any(&["in the", "in", "on the", "on", "members of"]).then_some(())?;
        let node = self.set_name()?;
        self.take(&["segment", "list"]);
        Some(node)
    }

    /// The longest that is known.
    fn set_name(&mut self) -> Option<Node> {
        let from = self.at();
        let most = if self.kind(0) == Some(Kind::Quoted) { 1 } else { WORDS_MAX };
        for length in (1..=most).rev() {
            let words: Vec<_> = self.words(from, from + length).map(|token| token.word.as_str()).collect();
            let rule = self.setting.sets.and_then(|sets| sets.by_name.get(&plain(&words.join(" "))));
            if let Some(rule) = rule.filter(|_| words.len() == length).cloned() {
                self.go(from + length);
                return self.says(&rule);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Setting, understand};
    use domain::Currency;
    use jiff::civil::date;
    use rules::Shop;

    #[test]
    fn segments_and_lists_are_known_by_their_names() {
        let shop = Shop::new(Currency::USD);
        let sets = [("Regulars", "1", false), ("Big Spenders, EU", "2", false), ("Friends", "3", true)];
        let sets = Sets::new(sets.map(|(name, id, is_list)| (name, id.to_owned(), is_list)));
        let check = |prompt: &str, expected: Option<&str>| {
            let setting =
                Setting { shop: &shop, today: date(2026, 9, 21), products: None, sets: Some(&sets) };
            let found = understand(prompt, setting).unwrap();
            let rule = found.rule.as_ref().ok().map(ToString::to_string);
            assert_eq!(rule.as_deref(), expected, "{prompt}: {found:?}");
        };
        check("people in Regulars", Some("segment MATCHES (id = 1)"));
        check("customers in the segment regulars", Some("segment MATCHES (id = 1)"));
        check("in the segment “Big Spenders, EU”", Some("segment MATCHES (id = 2)"));
        check("who are on the list Friends", Some("list MATCHES (id = 3)"));
        check("not in regulars", Some("segment NOT MATCHES (id = 1)"));
        check(
            "in the Regulars segment and spent more than 500",
            Some("segment MATCHES (id = 1) AND amount_spent > 500"),
        );
        check("in the segment Nobodies", None);
        check("in Nobodies", None);
    }
}
