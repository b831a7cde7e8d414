//! What became of a message, as rules ask for it: each kind of event at most once of each message.
//!
//! Of some kinds it is not kept when: a mark says that it was so. Machines are told of where no person was.

use super::message::{Fate, Mark, Message, Why};
use crate::{
    CampaignId, Timestamp,
    template::Channel,
    words::{numbered, words},
};

words! {
    /// By their names in rules; the numbers are stored.
    Upshot {
        /// A provider has taken it, or may have.
        Sent = 0: "SENT",
        Delivered = 1: "DELIVERED",
        Opened = 2: "OPENED",
        Clicked = 3: "CLICKED",
        Bounced = 4: "BOUNCED",
        Complained = 5: "MARKED_AS_SPAM",
        Unsubscribed = 6: "UNSUBSCRIBED",
        Failed = 7: "FAILED",
        /// They were left out, as it was planned or at the last moment.
        Skipped = 8: "SKIPPED",
    }
}

numbered!(Upshot);

/// One event of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Became {
    pub outcome: Upshot,
    /// Of what is opened and clicked.
    pub by_person: Option<bool>,
    /// Of what is skipped, failed and bounced.
    pub why: Option<Why>,
    /// `None`: it is not kept when.
    pub at: Option<Timestamp>,
}

/// That a campaign has written, and what may be asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    pub campaign: CampaignId,
    pub channel: Channel,
    /// Nothing became of any message before.
    pub launched_at: Timestamp,
    /// Nor after.
    pub last_at: Timestamp,
    /// To how many something has happened.
    pub messages: u64,
    /// One more whenever something else has become of any.
    pub edition: u64,
    /// Of all that has: the same for the same.
    pub print: u64,
}

impl Message {
    pub fn became(&self) -> Vec<Became> {
        let mut all = Vec::new();
        let mut add = |outcome, by_person, why, at| all.push(Became { outcome, by_person, why, at });
        if self.fate.is_out() {
            add(Upshot::Sent, None, None, self.sent_at);
        }
        match self.fate {
            Fate::Delivered => add(Upshot::Delivered, None, None, self.settled_at),
            Fate::Bounced => add(Upshot::Bounced, None, self.why, self.settled_at),
            Fate::Failed => add(Upshot::Failed, None, self.why, self.settled_at),
            Fate::Skipped => add(Upshot::Skipped, None, self.why, self.settled_at),
            Fate::Planned | Fate::Claimed | Fate::Unknown | Fate::Sent => {}
        }
        // Whoever follows a link has opened it.
        let opened_at = self.opened_at.into_iter().chain(self.clicked_at).min();
        for (outcome, at, mark) in [
            (Upshot::Opened, opened_at, Mark::OpenedByMachine),
            (Upshot::Clicked, self.clicked_at, Mark::ClickedByMachine),
        ] {
            if at.is_some() {
                add(outcome, Some(true), None, at);
            } else if self.marks.has(mark) {
                add(outcome, Some(false), None, None);
            }
        }
        for (outcome, mark) in
            [(Upshot::Complained, Mark::Complained), (Upshot::Unsubscribed, Mark::Unsubscribed)]
        {
            if self.marks.has(mark) {
                add(outcome, None, None, None);
            }
        }
        all
    }
}

impl Upshot {
    /// Whether it is kept when it was. Of machines it never is.
    pub fn is_dated(self, by_person: Option<bool>) -> bool {
        !matches!(self, Self::Complained | Self::Unsubscribed) && by_person != Some(false)
    }

    /// Told of people and of machines apart.
    pub fn by(self) -> &'static [Option<bool>] {
        if matches!(self, Self::Opened | Self::Clicked) { &[Some(true), Some(false)] } else { &[None] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campaign::{Heard, message::Marks};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn of_a_message_it_is_told_what_became_of_it_each_once() {
        let sent = Message { fate: Fate::Sent, sent_at: Some(at(1)), ..Message::default() };
        let check = |message: &Message, expected: &[(&str, Option<bool>, Option<i64>)]| {
            let told = message.became().into_iter();
            let told: Vec<_> =
                told.map(|it| (it.outcome.name(), it.by_person, it.at.map(Timestamp::as_second))).collect();
            assert_eq!(told, expected, "{message:?}");
            for became in message.became() {
                assert_eq!(became.at.is_some(), became.outcome.is_dated(became.by_person), "{became:?}");
                assert!(became.outcome.by().contains(&became.by_person), "{became:?}");
            }
        };
        check(&Message::default(), &[]);
        check(&sent, &[("SENT", None, Some(1))]);
        let heard = |heard: &[(Heard, i64)]| {
            heard.iter().fold(sent.clone(), |message, (heard, second)| message.hearing(*heard, at(*second)))
        };
        let (person, machine) = (Some(true), Some(false));
        let clicked = Heard::Clicked { by_machine: false };
        check(
            &heard(&[(clicked, 9), (Heard::Delivered, 5), (Heard::Opened { by_machine: true }, 6)]),
            &[
                ("SENT", None, Some(1)),
                ("DELIVERED", None, Some(5)),
                ("OPENED", person, Some(9)),
                ("CLICKED", person, Some(9)),
            ],
        );
        check(
            &heard(&[(Heard::Opened { by_machine: true }, 6), (Heard::Complained, 7)]),
            &[
                ("SENT", None, Some(1)),
                ("DELIVERED", None, Some(6)),
                ("OPENED", machine, None),
                ("MARKED_AS_SPAM", None, None),
            ],
        );
        check(
            &heard(&[
                (Heard::Opened { by_machine: false }, 8),
                (Heard::Clicked { by_machine: true }, 6),
                (Heard::Unsubscribed, 9),
            ]),
            &[
                ("SENT", None, Some(1)),
                ("DELIVERED", None, Some(6)),
                ("OPENED", person, Some(8)),
                ("CLICKED", machine, None),
                ("UNSUBSCRIBED", None, None),
            ],
        );
        check(
            &heard(&[(Heard::Bounced(Why::HardBounce), 4)]),
            &[("SENT", None, Some(1)), ("BOUNCED", None, Some(4))],
        );
        let skipped = Message {
            fate: Fate::Skipped,
            why: Some(Why::NoConsent),
            settled_at: Some(at(2)),
            marks: Marks::default(),
            ..Message::default()
        };
        check(&skipped, &[("SKIPPED", None, Some(2))]);
        assert_eq!(skipped.became()[0].why, Some(Why::NoConsent));
    }
}
