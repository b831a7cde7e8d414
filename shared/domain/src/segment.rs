//! A segment: customers whom a merchant has given a name.
//!
//! A rule is kept as its one text, which whoever asks it reads again.

use serde::{Deserialize, Serialize};

use crate::{Name, SegmentId, Timestamp, UserId, words::words};

/// A tenant has at most this many: lists of them are read whole, and each change of a customer is asked of all.
pub const SEGMENTS_MAX: usize = 500;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub id: SegmentId,
    /// No two of a tenant's are the same but for case and accents.
    pub name: Name,
    pub description: Option<String>,
    /// Whom it means; `None`: whoever is put on it by hand.
    pub rule: Option<RuleText>,
    /// How often time alone may change who is in it.
    pub turns: Turns,
    /// Who is in it changes with what is no customer's: what products are tagged with, or what became of messages.
    pub asks_beside: bool,
    pub state: SegmentState,
    /// 1 as it is made, and one more with each change.
    pub edition: u32,
    /// One more whenever others may be meant: by another rule, or because it goes on after a pause.
    pub era: u32,
    pub created_at: Timestamp,
    pub created_by: UserId,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
}

/// A rule in its one form, and the SHA-256 of that, in hex: by which it is told from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleText {
    pub text: String,
    pub hash: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Turns {
    Never,
    /// When a day of the shop's begins.
    Daily,
    /// At any second: it is looked at each hour.
    Hourly,
}

words! {
    SegmentState {
        /// Whoever is meant is in it.
        Active: "active",
        /// Nobody joins and nobody leaves.
        Paused: "paused",
    }
}

impl Segment {
    /// Whether a rule decides at every moment who is in it.
    pub fn is_kept(&self) -> bool {
        self.rule.is_some() && self.state == SegmentState::Active
    }

    /// As callers are told it.
    pub fn kind(&self) -> &'static str {
        if self.rule.is_some() { "dynamic" } else { "static" }
    }

    /// As somebody has changed it from what was held. Told the same again, it stays as it was.
    #[must_use]
    pub fn changed_from(self, held: &Self, by: UserId, now: Timestamp) -> Self {
        let means_others = self.rule != held.rule;
        let goes_on = self.state == SegmentState::Active && held.state == SegmentState::Paused;
        let era = held.era + u32::from(means_others || goes_on);
        let changed = Self { era, edition: held.edition + 1, updated_at: now, updated_by: by, ..self };
        if changed.says_the_same_as(held) { held.clone() } else { changed }
    }

    fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |it: &Self| (it.name.clone(), it.description.clone(), it.rule.clone(), it.state);
        said(self) == said(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn segment() -> Segment {
        let (id, by) = (SegmentId::new(at(0), [1; 10]), UserId::new(at(0), [2; 10]));
        Segment {
            id,
            name: "Regulars".parse().unwrap(),
            description: None,
            rule: Some(RuleText { text: "number_of_orders > 3".to_owned(), hash: "5e88".to_owned() }),
            turns: Turns::Never,
            asks_beside: false,
            state: SegmentState::Active,
            edition: 1,
            era: 1,
            created_at: at(0),
            created_by: by,
            updated_at: at(0),
            updated_by: by,
        }
    }

    #[test]
    fn a_change_counts_and_another_rule_means_others() {
        let (held, by) = (segment(), UserId::new(at(0), [3; 10]));
        let told = |change: &dyn Fn(&mut Segment)| {
            let mut told = held.clone();
            change(&mut told);
            told.changed_from(&held, by, at(5))
        };
        assert_eq!(told(&|_| {}), held);
        let named = told(&|it| it.name = "Friends".parse().unwrap());
        assert_eq!((named.edition, named.era, named.updated_at, named.updated_by), (2, 1, at(5), by));
        let everyone = RuleText { text: "EVERYONE".to_owned(), hash: "5e89".to_owned() };
        let ruled = told(&|it| it.rule = Some(everyone.clone()));
        assert_eq!((ruled.edition, ruled.era), (2, 2));
        let paused = told(&|it| it.state = SegmentState::Paused);
        assert_eq!((paused.edition, paused.era), (2, 1));
        let on = Segment { state: SegmentState::Active, ..paused.clone() }.changed_from(&paused, by, at(6));
        assert_eq!((on.edition, on.era), (3, 2), "what happened meanwhile is found");
    }

    #[test]
    fn a_state_is_one_of_two_words() {
        assert_eq!("paused".parse(), Ok(SegmentState::Paused));
        let wrong = "off".parse::<SegmentState>().unwrap_err();
        assert_eq!(wrong.to_string(), "is not one of active, paused");
    }
}
