//! Kinds of messages that somebody does not want, though they agreed to be written to.

use crate::campaign::Kind;

/// What can be declined alone. A message about something that they did themselves cannot.
pub const TOPICS: [Kind; 3] = [Kind::Promotional, Kind::Newsletter, Kind::Reminder];

/// Any of them, as bits, which are stored and stand in the audience's columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Declined(u8);

impl Declined {
    pub fn has(self, kind: Kind) -> bool {
        self.0 & Self::bit(kind) != 0
    }

    #[must_use]
    pub fn with(self, kind: Kind, is_declined: bool) -> Self {
        if is_declined { Self(self.0 | Self::bit(kind)) } else { Self(self.0 & !Self::bit(kind)) }
    }

    /// What either has.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn kinds(self) -> impl Iterator<Item = Kind> {
        TOPICS.into_iter().filter(move |kind| self.has(*kind))
    }

    /// Of one kind; of what cannot be declined, nothing.
    pub fn bit(kind: Kind) -> u8 {
        TOPICS.iter().position(|topic| *topic == kind).map_or(0, |place| 1 << place)
    }

    pub fn code(self) -> u8 {
        self.0
    }

    /// Bits that mean nothing are none.
    pub fn of_code(code: u8) -> Self {
        Self(code & ((1 << TOPICS.len()) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_topic_is_declined_by_itself_and_what_they_did_never() {
        let mut declined = Declined::default();
        for kind in TOPICS {
            declined = declined.with(kind, true);
            assert!(declined.has(kind));
        }
        assert_eq!(declined.kinds().collect::<Vec<_>>(), TOPICS);
        let rest = declined.with(Kind::Newsletter, false);
        assert_eq!(rest.kinds().collect::<Vec<_>>(), [Kind::Promotional, Kind::Reminder]);
        assert_eq!(Declined::default().with(Kind::Transactional, true), Declined::default());
        assert_eq!(Declined::of_code(0xff), declined);
        assert_eq!(Declined::of_code(rest.code()).or(Declined::default()), rest);
    }
}
