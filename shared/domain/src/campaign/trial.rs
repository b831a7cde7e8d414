//! Some of those whom a campaign is for get other words, to see which do better before the others get any.

use serde::{Deserialize, Serialize};

use crate::words::words;

/// The arm of those who wait: they get the words of the one that did best.
pub const REST: u8 = u8::MAX;
/// The campaign's own words, and so many others.
pub const ARMS_MAX: usize = 4;

/// Who is in which arm is found by a hash of the campaign and the person: nobody is in two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// How many of a hundred get each of the words, the campaign's own first: two at least. Whoever is left waits.
    pub shares: Vec<u8>,
    pub metric: Metric,
    /// Those who wait get theirs so many hours after everybody was chosen.
    pub hours: u16,
}

words! {
    /// What doing better is: of those to whom it was delivered, how many people did so.
    Metric {
        Opened: "opened",
        Clicked: "clicked",
    }
}
