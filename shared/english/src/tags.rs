//! Tags: "tagged vip or wholesale", "without the tag “summer sale”", "no tags", "more than 3 tags".

use crate::{
    last::Last,
    reader::{Reader, quoted},
    token::Kind,
    tree::Node,
};

/// Words of a tag that are not in quotes.
const WORDS_MAX: usize = 4;
const SAID: [&str; 20] = [
    "tagged with",
    "tagged as",
    "tagged",
    "tags include",
    "tags includes",
    "tags contain",
    "tag is",
    "tag equals",
    "tag =",
    "tag",
    "the tag",
    "the tags",
    "a tag",
    "tags",
    "#",
    "tag called",
    "labelled",
    "labeled",
    "tag :",
    "tags :",
];

impl Reader<'_> {
    pub(crate) fn tags(&mut self) -> Option<Node> {
        let counted = self.attempt(|it| {
            let quantity = it.quantity().filter(|quantity| !quantity.is_money())?;
            it.take(&["tags", "tag"]).then_some(quantity)
        });
        if let Some(quantity) = counted {
            self.told_plain(&quantity);
            let crate::number::Ask::Is(sign, number) = quantity.counted() else { return None };
            return self.says(&format!("customer_tags LENGTH {sign} {number}"));
        }
        if self.any(&["untagged"]) {
            return self.says("customer_tags IS NULL");
        }
        let bare = self.attempt(|it| {
            it.any(&["tags", "a tag", "any tag", "any tags"]).then_some(())?;
            it.is_boundary().then_some(())
        });
        if bare.is_some() {
            return self.says("customer_tags IS NOT NULL");
        }
        self.any(&SAID).then_some(())?;
        let is_either = self.take(&["either", "both"]) && self.word_before() == "either";
        let mut tags = vec![self.tag_name()?];
        let mut joint = if is_either { Some(true) } else { None };
        while !self.is_peeking {
            let more = self.attempt(|it| {
                let has_comma = it.take(&[","]);
                let is_or = it.take(&["or", "/"]);
                let is_and = !is_or && it.take(&["and", "&"]);
                (has_comma || is_or || is_and).then_some(())?;
                it.take(&["#"]);
                let is_quoted = it.kind(0) == Some(Kind::Quoted);
                if !is_quoted
                    && (it.is_boundary() || it.is_noun() || it.begins_part() || it.begins_condition())
                {
                    return None;
                }
                let from = it.at();
                let name = it.tag_name()?;
                it.ends_name(from).then_some(())?;
                Some((name, if is_or || is_and { Some(is_or) } else { None }))
            });
            let Some((tag, is_or)) = more else { break };
            // "a, b or c": the last word joins all of them; "a and b or c" is no list.
            if let (Some(before), Some(now)) = (joint, is_or)
                && before != now
            {
                return None;
            }
            joint = joint.or(is_or);
            tags.push(tag);
        }
        self.last = Last::Tags;
        let names: Vec<_> = tags.iter().map(|tag| quoted(tag)).collect();
        self.says(&match (&names[..], joint) {
            ([one], _) => format!("customer_tags CONTAINS {one}"),
            (_, Some(true)) => format!("customer_tags CONTAINS ANY ({})", names.join(", ")),
            _ => format!("customer_tags CONTAINS ALL ({})", names.join(", ")),
        })
    }

    /// A name that goes on with a list without quotes is one word.
    pub(crate) fn ends_name(&self, from: usize) -> bool {
        let is_quoted = self.words(from, self.at()).all(|token| token.kind == Kind::Quoted);
        is_quoted || (self.at() - from == 1 && (self.is_boundary() || self.is_noun()))
    }

    /// In quotes, or up to where something else begins.
    pub(crate) fn tag_name(&mut self) -> Option<String> {
        if self.kind(0) == Some(Kind::Quoted) {
            let tag = self.token(0)?.word.clone();
            self.skip();
            return Some(tag);
        }
        let is_name = |kind| matches!(kind, Some(Kind::Word | Kind::Number));
        if !is_name(self.kind(0)) || self.is_boundary() || self.is_noun() {
            return None;
        }
        let from = self.at();
        self.skip();
        while self.at() - from < WORDS_MAX && !self.is_peeking {
            let is_hyphen = self.word(0) == "-" && self.is_glued(0) && self.is_glued(1);
            if is_hyphen && is_name(self.kind(1)) {
                self.skip();
                self.skip();
                continue;
            }
            let ends = !is_name(self.kind(0)) || self.is_boundary() || self.is_noun() || self.begins_part();
            if ends || self.begins_count() || self.begins_day() || self.begins_condition() {
                break;
            }
            self.skip();
        }
        Some(self.slice(from, self.at()).to_owned())
    }

    /// "at least 3 times", "twice", "over $50". Fewer words of it may be a name's: "summer 2026", "air max 90".
    fn begins_count(&mut self) -> bool {
        let mut is_count = false;
        self.attempt(|it| {
            let from = it.at();
            let is_said = it.comparison().is_some() && it.at() - from > 1;
            it.go(from);
            let quantity = it.quantity()?;
            is_count = is_said
                || quantity.is_money()
                || quantity.is_of_times()
                || matches!(it.word(0), "times" | "time");
            None::<()>
        });
        is_count
    }

    /// "last month", "since March". A day or a month alone may be a name's: "black friday".
    fn begins_day(&mut self) -> bool {
        let mut is_day = false;
        self.attempt(|it| {
            is_day = it.when().is_some();
            None::<()>
        });
        is_day
    }
}
