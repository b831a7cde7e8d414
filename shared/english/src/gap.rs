//! What was not understood, and what could help.

use crate::{reader::Reader, token::Kind};

/// Words of a prompt that say nothing that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    pub text: String,
    /// From this byte of the prompt on.
    pub from: usize,
    /// The byte behind it.
    pub to: usize,
    /// What could be said instead.
    pub hint: String,
}

/// Words that are no measure, and what to say for them.
const VAGUE: [(&[&str], &str); 9] = [
    (
        &["recently", "recent", "lately", "soon", "nowadays", "ages", "while", "long"],
        "say how many days: “in the last 30 days”",
    ),
    (
        &[
            "few",
            "some",
            "several",
            "many",
            "lot",
            "lots",
            "loads",
            "often",
            "frequently",
            "frequent",
            "rarely",
            "much",
            "regularly",
        ],
        "say a number: “at least 3 orders”, “more than 500”",
    ),
    (
        &["about", "around", "roughly", "approximately", "nearly", "almost"],
        "say from how much to how much: “between 400 and 600”",
    ),
    (
        &[
            "men", "women", "male", "female", "gender", "age", "aged", "old", "young", "income", "married",
            "kids",
        ],
        "this is not known of customers; if it is a tag, say “tagged …”",
    ),
    (&["segment", "segments"], "say the segment's name as it is written: “in the segment Regulars”"),
    (&["list", "lists"], "say the list's name as it is written: “on the list Friends”"),
    (
        &["month", "monthly", "weekly", "daily", "yearly", "annually", "per", "every", "each"],
        "say how many in which days: “at least 3 orders in the last 90 days”",
    ),
    (&["spent", "spend", "spending"], "say how much: “spent more than 500”"),
    (
        &["signed", "joined", "registered", "added", "birthday", "birthdays"],
        "say when: “in the last 30 days”, “last month”, “since March”",
    ),
];

/// What words of conditions there are, for whoever wrote one of them wrongly.
const VOCABULARY: [&str; 84] = [
    "spent",
    "spending",
    "ordered",
    "orders",
    "order",
    "bought",
    "purchased",
    "purchases",
    "visited",
    "visits",
    "more",
    "less",
    "than",
    "least",
    "most",
    "between",
    "exactly",
    "under",
    "over",
    "above",
    "below",
    "last",
    "since",
    "before",
    "after",
    "days",
    "weeks",
    "months",
    "years",
    "today",
    "yesterday",
    "tagged",
    "subscribed",
    "unsubscribed",
    "email",
    "opened",
    "clicked",
    "champions",
    "loyal",
    "active",
    "promising",
    "dormant",
    "prospects",
    "lapsed",
    "inactive",
    "churned",
    "repeat",
    "abandoned",
    "checkout",
    "birthday",
    "signed",
    "joined",
    "registered",
    "customers",
    "never",
    "without",
    "except",
    "excluding",
    "either",
    "neither",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "times",
    "once",
    "twice",
    "average",
    "value",
    "lifetime",
    "country",
    "language",
    "newsletter",
    "subscribers",
    "spenders",
    "shopped",
    "purchase",
];

/// Words that mean nothing where they are left over.
const NOISE: [&str; 39] = [
    "please",
    "thanks",
    "thank",
    "you",
    "now",
    "me",
    "us",
    "so",
    "far",
    "overall",
    "total",
    "in",
    "at",
    "all",
    "the",
    "a",
    "an",
    "of",
    "our",
    "my",
    "and",
    "or",
    "but",
    "to",
    "for",
    "with",
    "time",
    "customers",
    "users",
    "people",
    "who",
    "that",
    "are",
    "is",
    "have",
    "has",
    "yet",
    "any",
    "ever",
];

/// Words that keep somebody out.
const NEGATIVE: [&str; 25] = [
    "not",
    "never",
    "no",
    "without",
    "except",
    "excluding",
    "rather",
    "instead",
    "unless",
    "neither",
    "nor",
    "minus",
    "none",
    "nothing",
    "nobody",
    "stopped",
    "failed",
    "refused",
    "forgot",
    "used",
    "almost",
    "hardly",
    "barely",
    "declined",
    "only",
];

impl Reader<'_> {
    /// Goes over what is not understood, up to where something is. `false`: it was nothing but noise.
    pub(crate) fn gap(&mut self) -> Option<bool> {
        let from = self.at();
        self.skip();
        while !self.is_end() && !self.is_joint() && self.word(0) != "(" && !self.begins_part() {
            if self.begins_condition() {
                break;
            }
            self.skip();
        }
        self.leave(from, self.at())
    }

    /// A condition stands here; nothing is noted of it.
    pub(crate) fn begins_condition(&mut self) -> bool {
        let (last, refusal, wants) = (self.last.clone(), self.refusal.clone(), self.wants_products);
        let before = std::mem::replace(&mut self.is_peeking, true);
        let mut is_known = false;
        self.attempt(|it| {
            is_known = it.leaf(false).is_some();
            None::<()>
        });
        (self.last, self.refusal, self.wants_products, self.is_peeking) = (last, refusal, wants, before);
        is_known
    }

    /// Notes the words between as not understood. `None`: there is nothing among them but noise; else whether they keep
    /// somebody out.
    pub(crate) fn leave(&mut self, from: usize, to: usize) -> Option<bool> {
        let behind = self.words(from, to).skip(1).map(|token| Some(token.word.as_str())).chain([None]);
        let is_noise: Vec<_> = self
            .words(from, to)
            .zip(behind)
            .map(|(token, behind)| match token.kind {
                Kind::Sign => {
                    token.word.is_ascii() && !matches!(token.word.as_str(), "<" | ">" | "=" | "%" | "#")
                }
                // "At least" stays what it is.
                Kind::Word if matches!(behind, Some("least" | "most")) => false,
                Kind::Word => NOISE.contains(&token.word.as_str()),
                Kind::Number | Kind::Day | Kind::Quoted => false,
            })
            .collect();
        let first = from + is_noise.iter().position(|noise| !noise)?;
        let last = from + is_noise.iter().rposition(|noise| !noise)?;
        let (start, end) = self.bytes(first, last + 1)?;
        let hint = self.hint(first, last + 1);
        let text = self.slice(first, last + 1).to_owned();
        let is_negative = self.words(from, to).any(|token| NEGATIVE.contains(&token.word.as_str()));
        // What follows right behind is the same gap.
        match self.gaps.last_mut() {
            Some(before) if before.to == start => {
                before.text.push_str(&text);
                before.to = end;
            }
            _ => self.gaps.push(Gap { text, from: start, to: end, hint }),
        }
        Some(is_negative)
    }

    fn hint(&mut self, from: usize, to: usize) -> String {
        if let Some(refusal) = self.refusal.take() {
            return refusal;
        }
        let words: Vec<_> = self.words(from, to).map(|token| (token.kind, token.word.clone())).collect();
        let misspelt = words.iter().filter(|(kind, _)| *kind == Kind::Word).find_map(|(_, word)| meant(word));
        if let Some((word, meant)) = misspelt {
            return format!("did you mean “{meant}” by “{word}”?");
        }
        if words.windows(3).any(|three| {
            matches!((three[0].0, three[1].1.as_str(), three[2].0), (Kind::Number, "/" | ".", Kind::Number))
        }) {
            return "write the day as 2026-03-05: what 03/05 means is not the same everywhere".to_owned();
        }
        let vague =
            VAGUE.iter().find(|(known, _)| words.iter().any(|(_, word)| known.contains(&word.as_str())));
        match vague {
            Some((_, hint)) => (*hint).to_owned(),
            None => "no condition is known by these words: conditions are about orders, spend, dates, places, tags, \
                     products, messages, consent and RFM groups"
                .to_owned(),
        }
    }
}

/// The nearest word that is known, of one that is not.
fn meant(word: &str) -> Option<(&str, &'static str)> {
    const LIKENESS_LEAST: f64 = 0.9;
    let is_known = VOCABULARY.contains(&word) || NOISE.contains(&word);
    if word.chars().count() < 4 || is_known {
        return None;
    }
    let rated = VOCABULARY.iter().map(|known| (strsim::jaro_winkler(word, known), *known));
    let (likeness, best) = rated.max_by(|one, two| one.0.total_cmp(&two.0))?;
    let is_form = best.starts_with(word) || word.starts_with(best);
    (likeness >= LIKENESS_LEAST && !is_form).then_some((word, best))
}
