//! Products by name: what the shop calls them, and what a prompt does.

use std::collections::BTreeMap;

use rules::limits::VALUES_MAX;

use crate::{
    orders::Tail,
    reader::{Reader, quoted},
    token::{Kind, tokens},
    tree::Node,
};

/// The words of a name that are looked at.
const WORDS_MAX: usize = 8;

/// No name begins with these, though one may hold them.
const LEADS: [&str; 36] = [
    "recently",
    "lately",
    "often",
    "frequently",
    "many",
    "several",
    "few",
    "some",
    "regularly",
    "rarely",
    "much",
    "in",
    "from",
    "on",
    "for",
    "with",
    "by",
    "last",
    "first",
    "this",
    "of",
    "to",
    "worth",
    "over",
    "under",
    "above",
    "below",
    "again",
    "online",
    "today",
    "yesterday",
    "every",
    "between",
    "from",
    "is",
    "are",
];

/// What a shop sells, by title.
#[derive(Debug, Clone, Default)]
pub struct Products {
    by_title: BTreeMap<String, Vec<String>>,
}

impl Products {
    /// Each with its title, and its id as rules have it: `8154`, or any other text.
    pub fn new<'t>(products: impl IntoIterator<Item = (&'t str, String)>) -> Self {
        let mut by_title: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (title, id) in products {
            let is_number = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
            let id = if is_number { id } else { quoted(&id) };
            by_title.entry(plain(title)).or_default().push(id);
        }
        by_title.remove("");
        Self { by_title }
    }

    /// Ids of what is called so.
    fn named(&self, name: &str) -> Option<Vec<String>> {
        let single = name.strip_suffix('s').unwrap_or(name);
        self.by_title.get(name).or_else(|| self.by_title.get(single)).cloned()
    }

    /// Ids and titles of all whose titles hold these words, one behind the other.
    fn holding(&self, name: &str) -> Option<(Vec<String>, Vec<&str>)> {
        let single = name.strip_suffix('s').unwrap_or(name);
        let holds = |title: &str| {
            let inner = format!(" {title} ");
            !name.is_empty()
                && (inner.contains(&format!(" {name} ")) || inner.contains(&format!(" {single} ")))
        };
        let found: Vec<_> = self.by_title.iter().filter(|(title, _)| holds(title)).collect();
        let ids: Vec<_> = found.iter().flat_map(|(_, ids)| ids.iter().cloned()).collect();
        let titles = found.iter().map(|(title, _)| title.as_str()).collect();
        (!ids.is_empty() && ids.len() <= VALUES_MAX).then_some((ids, titles))
    }

    fn nearest(&self, name: &str) -> Option<&str> {
        const LIKENESS_LEAST: f64 = 0.85;
        let rated = self.by_title.keys().map(|title| (strsim::jaro_winkler(title, name), title));
        let (likeness, title) = rated.max_by(|one, two| one.0.total_cmp(&two.0))?;
        (likeness >= LIKENESS_LEAST).then_some(title)
    }
}

/// Its words and numbers, without capitals.
pub(crate) fn plain(text: &str) -> String {
    let words = tokens(text).into_iter().filter(|token| token.kind != Kind::Sign);
    let words: Vec<_> = words.map(|token| token.word.to_lowercase()).collect();
    words.join(" ")
}

impl Reader<'_> {
    /// Products that stand here by name or by id, joined by "or". Their ids.
    pub(crate) fn products(&mut self) -> Option<Vec<String>> {
        let mut ids = self.attempt(Self::product)?;
        // "a, b or c" is one list; "a, b and c" are as many purchases.
        let more = self.attempt(|it| {
            let mut more = Vec::new();
            let mut is_or = false;
            while let Some(ids) = it.attempt(|it| {
                let has_comma = it.take(&[","]);
                let is_last = it.take(&["or", "/"]);
                (has_comma || is_last).then_some(())?;
                let ids = it.product()?;
                is_or |= is_last;
                Some(ids)
            }) {
                more.extend(ids);
            }
            is_or.then_some(more)
        });
        ids.extend(more.unwrap_or_default());
        ids.sort();
        ids.dedup();
        (ids.len() <= VALUES_MAX).then_some(ids)
    }

    /// One that goes on with the verb of the part before.
    pub(crate) fn products_after(&mut self, tail: Tail) -> Option<Node> {
        let products = self.products()?;
        self.ordered(&Tail { products, tag: None, ..tail })
    }

    fn product(&mut self) -> Option<Vec<String>> {
        self.take(&["the", "a", "an", "our"]);
        if self.any(&["product id", "product", "id"]) && self.kind(0) == Some(Kind::Number) {
            let id = self.word(0).to_owned();
            self.skip();
            return id.bytes().all(|byte| byte.is_ascii_digit()).then(|| vec![id]);
        }
        let from = self.at();
        let is_quoted = self.kind(0) == Some(Kind::Quoted);
        let length = if is_quoted { 1 } else { self.name_length() };
        if length == 0 {
            return None;
        }
        let Some(catalogue) = self.setting.products else {
            self.wants_products = true;
            self.refusal =
                Some("products are not looked up here: name one by its id, “product 8154”".to_owned());
            return None;
        };
        let name_of = |it: &Self, length| {
            let words: Vec<_> = it.words(from, from + length).map(|token| token.word.as_str()).collect();
            if is_quoted { plain(&words.concat()) } else { plain(&words.join(" ")) }
        };
        // The longest that is known.
        for length in (1..=length).rev() {
            if let Some(ids) = catalogue.named(&name_of(self, length)) {
                self.go(from + length);
                return Some(ids);
            }
        }
        let is_lead = |ahead: &usize| LEADS.contains(&self.word(*ahead));
        let length = (1..length).find(is_lead).unwrap_or(length);
        let name = name_of(self, length);
        if let Some((ids, titles)) = catalogue.holding(&name) {
            self.go(from + length);
            let mut shown: Vec<_> = titles.iter().take(3).copied().collect();
            shown.extend((titles.len() > 3).then_some("…"));
            let shown = shown.join(", ");
            self.assume(format!("“{name}” is taken for {} products: {shown}", ids.len()));
            return Some(ids);
        }
        let name = self.slice(from, from + length).to_owned();
        let meant = catalogue.nearest(&plain(&name)).map(|title| format!("; did you mean “{title}”?"));
        self.refusal =
            Some(format!("no product of the shop is called “{name}”{}", meant.unwrap_or_default()));
        None
    }

    /// How many words could be a name here.
    fn name_length(&self) -> usize {
        const ENDS: [&str; 19] = [
            "and", "or", "but", "nor", "who", "that", "which", "whose", "since", "before", "after", "at",
            "more", "less", "never", "not", "during", "within", "until",
        ];
        let mut length = 0;
        while length < WORDS_MAX {
            let is_name = match self.kind(length) {
                Some(Kind::Word) => {
                    let word = self.word(length);
                    !(ENDS.contains(&word) || length == 0 && LEADS.contains(&word))
                }
                Some(Kind::Number) => length > 0,
                Some(Kind::Sign) => length > 0 && self.word(length) == "-" && self.is_glued(length),
                _ => false,
            };
            if !is_name {
                break;
            }
            length += 1;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_as_people_write_it() {
        let products =
            [("Green Tea", "1"), ("Green Tea, loose", "2"), ("Yoga-Mat", "3"), ("!", "4"), ("Mug", "a'b")];
        let products = Products::new(products.map(|(title, id)| (title, id.to_owned())));
        let check = |name: &str, expected: &[&str]| {
            let name = plain(name);
            let found = products.named(&name).or_else(|| products.holding(&name).map(|(ids, _)| ids));
            assert_eq!(found.unwrap_or_default(), expected, "{name}");
        };
        check("green tea", &["1"]);
        check("GREEN TEAS", &["1"]);
        check("tea", &["1", "2"]);
        check("loose", &["2"]);
        check("yoga mats", &["3"]);
        check("mug", &["'a\\'b'"]);
        check("ea", &[]);
        check("", &[]);
        assert_eq!(products.nearest("green tee"), Some("green tea"));
    }
}
