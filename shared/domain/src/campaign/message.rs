//! What became of a message to one person. A state only moves up, whatever is told twice, late or in another order.
//!
//! `Claimed` is written before a provider is asked and is true until its answer is: whoever finds it old knows that somebody
//! died in between, and that nobody knows what the provider did.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use super::Follows;
use crate::{
    BadId, CampaignId, TenantId, Timestamp,
    words::{numbered, words},
};

/// The name of a message, by which providers tell what became of it: campaign, chunk, and the place in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MessageId {
    pub tenant: TenantId,
    pub campaign: CampaignId,
    pub chunk: u32,
    pub place: u8,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{}-{}", self.tenant, self.campaign, self.chunk, self.place)
    }
}

impl From<MessageId> for String {
    fn from(id: MessageId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for MessageId {
    type Error = BadId;

    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl FromStr for MessageId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        let mut parts = text.split('-');
        let mut next = || parts.next().ok_or(BadId);
        let (tenant, campaign) = (next()?.parse()?, next()?.parse()?);
        let number = |text: &str| -> Result<u32, BadId> {
            let is_plain =
                text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
            text.parse().ok().filter(|_| is_plain).ok_or(BadId)
        };
        let (chunk, place) = (number(next()?)?, u8::try_from(number(next()?)?).map_err(|_| BadId)?);
        if parts.next().is_some() {
            return Err(BadId);
        }
        Ok(Self { tenant, campaign, chunk, place })
    }
}

words! {
    /// Where a message is. Of two the later in this list holds; the numbers are stored.
    Fate {
        /// In the audience, and not looked at yet; or refused for now, to be tried again.
        Planned = 0: "pending",
        /// Whoever sends it has begun.
        Claimed = 1: "sending",
        /// Left out at the last moment: the provider was never asked.
        Skipped = 2: "skipped",
        /// The provider may have taken it. It is not sent again by itself.
        Unknown = 3: "unknown",
        /// The provider refused it for good.
        Failed = 4: "failed",
        /// The provider took it.
        Sent = 5: "sent",
        /// The provider took it, and tells that it did not arrive: `why` says whether it came back, or was given up.
        Bounced = 6: "bounced",
        Delivered = 7: "delivered",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro that makes it knows of no first word")]
impl Default for Fate {
    fn default() -> Self {
        Self::Planned
    }
}

impl Fate {
    /// Nobody will do anything about it any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Planned | Self::Claimed)
    }

    /// The provider has, or may have, taken it.
    pub fn is_out(self) -> bool {
        matches!(self, Self::Unknown | Self::Sent | Self::Bounced | Self::Delivered)
    }
}

words! {
    /// Why somebody gets no message, or why it did not arrive. The numbers are stored.
    Why {
        // Left out as the campaign was planned, or at the last moment.
        NoAddress = 1: "no_address",
        InvalidAddress = 2: "invalid_address",
        NoConsent = 3: "no_consent",
        Unsubscribed = 4: "unsubscribed",
        Suppressed = 5: "suppressed",
        DuplicateAddress = 6: "duplicate_address",
        FrequencyCap = 7: "frequency_cap",
        HeldOut = 8: "held_out",
        OverBudget = 9: "over_budget",
        /// It is never a time at which they may be written to.
        QuietHours = 10: "quiet_hours",
        /// The template said so of them.
        LeftOut = 11: "left_out_by_template",
        /// The template could not be filled for them.
        Unfillable = 12: "template_failed",
        /// Erased, deleted, or now part of another customer.
        Gone = 13: "gone",
        /// The campaign was cancelled first.
        Cancelled = 14: "cancelled",
        /// They agreed to be written to, and want nothing of this kind.
        Declined = 15: "topic_declined",
        // Told by providers.
        BadAddress = 32: "address_refused",
        BadContent = 33: "content_refused",
        Spam = 34: "spam_detected",
        Throttled = 35: "rate_limited",
        QuotaExceeded = 36: "quota_exceeded",
        Temporary = 37: "temporary_failure",
        /// What we, or the merchant, must set right: credentials, an identity that is not verified.
        Setup = 38: "provider_not_set_up",
        Refused = 39: "refused",
        HardBounce = 40: "hard_bounce",
        SoftBounce = 41: "soft_bounce",
        BlockedByProvider = 42: "suppressed_by_provider",
        Undelivered = 43: "undelivered",
        /// The answer was lost, or came too late.
        NoAnswer = 48: "no_answer",
        /// Whoever sent it died before the answer.
        Interrupted = 49: "interrupted",
    }
}

numbered!(Fate, Why);

/// All that is known of one message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    pub fate: Fate,
    pub why: Option<Why>,
    /// How often the provider was asked and refused.
    pub refusals: u8,
    /// When it was claimed last, or the provider took it.
    pub sent_at: Option<Timestamp>,
    /// When it was delivered, bounced or failed.
    pub settled_at: Option<Timestamp>,
    /// By a person; first. Of links it follows from `follows`.
    pub opened_at: Option<Timestamp>,
    pub clicked_at: Option<Timestamp>,
    pub marks: Marks,
    /// What says that it is a person's.
    pub follows: Follows,
}

/// What is so once it was told, whenever that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    OpenedByMachine,
    ClickedByMachine,
    Complained,
    Unsubscribed,
    /// An earlier try may have been taken: whatever becomes of the next, nobody can say that nothing was sent.
    InDoubt,
    /// Whoever had claimed it was given up, and may have stood still: they may note it yet.
    GivenUp,
}

/// Any of them, as bits, which are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks(pub u8);

impl Marks {
    pub fn has(self, mark: Mark) -> bool {
        self.0 >> mark as u8 & 1 == 1
    }

    #[must_use]
    pub fn with(self, mark: Mark) -> Self {
        Self(self.0 | 1 << mark as u8)
    }

    #[must_use]
    pub fn without(self, mark: Mark) -> Self {
        Self(self.0 & !(1 << mark as u8))
    }
}

/// Something that became of a message after it was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// The provider has it.
    Taken,
    Delivered,
    /// `Why` is one that providers tell.
    Bounced(Why),
    Opened {
        by_machine: bool,
    },
    Clicked {
        by_machine: bool,
    },
    /// A link of that place, by what says of itself that it is a person's: see `follows::place_of`.
    Followed {
        place: u8,
    },
    Complained,
    Unsubscribed,
}

impl Message {
    /// What a provider, or the person, has told. Told twice or in another order, it comes to the same.
    #[must_use]
    pub fn hearing(&self, heard: Heard, at: Timestamp) -> Self {
        let mut after = self.clone();
        if self.is_nobodys() {
            return after;
        }
        match heard {
            Heard::Taken => after.rise(Fate::Sent, None, None),
            Heard::Delivered => after.rise(Fate::Delivered, None, Some(at)),
            Heard::Bounced(why) => after.rise(Fate::Bounced, Some(why), Some(at)),
            Heard::Opened { by_machine: false } => after.opened_at = Some(earlier(after.opened_at, at)),
            Heard::Clicked { by_machine: false } => after.follow(0, at),
            Heard::Followed { place } => after.follow(place, at),
            Heard::Opened { by_machine: true } => after.marks = after.marks.with(Mark::OpenedByMachine),
            Heard::Clicked { by_machine: true } => after.marks = after.marks.with(Mark::ClickedByMachine),
            Heard::Complained => after.marks = after.marks.with(Mark::Complained),
            Heard::Unsubscribed => after.marks = after.marks.with(Mark::Unsubscribed),
        }
        // Whoever read it has it.
        let is_read = !matches!(heard, Heard::Taken | Heard::Delivered | Heard::Bounced(_));
        if is_read {
            after.rise(Fate::Delivered, None, Some(at));
        }
        after
    }

    fn follow(&mut self, place: u8, at: Timestamp) {
        let held =
            if self.follows.is_empty() { Follows::known(self.clicked_at) } else { self.follows.clone() };
        self.follows = held.with(place, at);
        self.clicked_at = self.follows.by_person();
    }

    /// Whom it was for has gone: whatever comes late is nobody's.
    pub(super) fn is_nobodys(&self) -> bool {
        self.fate == Fate::Skipped && self.why == Some(Why::Gone)
    }

    /// Of one fate the earliest word holds, and of one instant the lower reason, so that no order of arrival decides.
    fn rise(&mut self, fate: Fate, why: Option<Why>, settled_at: Option<Timestamp>) {
        if self.fate == Fate::Skipped || fate < self.fate {
            return;
        }
        let is_first = fate > self.fate
            || settled_at
                .is_some_and(|told| self.settled_at.is_none_or(|held| (told, why) < (held, self.why)));
        if is_first {
            (self.fate, self.why, self.settled_at) = (fate, why, settled_at);
        }
    }
}

fn earlier(held: Option<Timestamp>, told: Timestamp) -> Timestamp {
    held.map_or(told, |held| held.min(told))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).unwrap()
    }

    fn any_heard() -> impl Strategy<Value = Heard> {
        let whys = prop::sample::select(&[Why::HardBounce, Why::SoftBounce, Why::Undelivered][..]);
        prop_oneof![
            Just(Heard::Taken),
            Just(Heard::Delivered),
            whys.prop_map(Heard::Bounced),
            any::<bool>().prop_map(|by_machine| Heard::Opened { by_machine }),
            any::<bool>().prop_map(|by_machine| Heard::Clicked { by_machine }),
            (0..5_u8).prop_map(|place| Heard::Followed { place }),
            Just(Heard::Complained),
            Just(Heard::Unsubscribed),
        ]
    }

    proptest! {
        #[test]
        fn what_is_heard_comes_to_the_same_in_any_order_and_however_often(
            heard in prop::collection::vec((any_heard(), 0..9_i64), 1..7),
            order in any::<prop::sample::Index>(),
            fate in prop::sample::select(&[Fate::Claimed, Fate::Unknown, Fate::Sent, Fate::Skipped][..]),
        ) {
            let start = Message { fate, sent_at: Some(at(0)), ..Message::default() };
            let all = |words: &[(Heard, i64)]| {
                words.iter().fold(start.clone(), |message, (heard, second)| message.hearing(*heard, at(*second)))
            };
            let mut other = heard.clone();
            other.rotate_left(order.index(heard.len()));
            other.reverse();
            other.extend(heard.clone());
            prop_assert_eq!(all(&heard), all(&other));
            prop_assert!(all(&heard).fate >= fate);
        }
    }

    #[test]
    fn what_was_delivered_stays_so_and_who_reads_it_has_it() {
        let sent = Message { fate: Fate::Sent, sent_at: Some(at(0)), ..Message::default() };
        let late = sent.hearing(Heard::Delivered, at(2)).hearing(Heard::Bounced(Why::Undelivered), at(3));
        assert_eq!((late.fate, late.why, late.settled_at), (Fate::Delivered, None, Some(at(2))));
        let read = sent.hearing(Heard::Opened { by_machine: false }, at(5));
        assert_eq!((read.fate, read.opened_at), (Fate::Delivered, Some(at(5))));
        let skipped = Message { fate: Fate::Skipped, ..Message::default() };
        assert_eq!(
            skipped.hearing(Heard::Delivered, at(1)).fate,
            Fate::Skipped,
            "nobody was asked to send it"
        );
    }

    #[test]
    fn whoever_follows_everything_at_once_has_read_nothing_and_whoever_comes_later_has() {
        let sent = Message { fate: Fate::Sent, sent_at: Some(at(0)), ..Message::default() };
        let followed = |message: &Message, place: u8, second: i64| {
            message.hearing(Heard::Followed { place }, at(second))
        };
        let guarded = (0..5).fold(sent.clone(), |message, place| followed(&message, place, 2));
        assert_eq!((guarded.fate, guarded.clicked_at), (Fate::Delivered, None));
        assert_eq!(followed(&guarded, 3, 900).clicked_at, Some(at(900)));
        // Of one that was read before it was kept how, that stays.
        let old = Message { clicked_at: Some(at(1)), ..sent };
        assert_eq!(followed(&old, 3, 900).clicked_at, Some(at(1)));
    }

    #[test]
    fn a_message_has_one_name() {
        let tenant = TenantId::new(at(0), [1; 10]);
        let id = MessageId { tenant, campaign: CampaignId::new(at(0), [2; 10]), chunk: 19_999, place: 7 };
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(
            id.to_string().len() <= 128
                && id.to_string().bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
        );
        let name = id.to_string();
        for wrong in [
            String::new(),
            format!("{name}-1"),
            name.replace("-7", "-07"),
            name.replace("-7", "-256"),
            name.to_lowercase(),
        ] {
            assert!(wrong.parse::<MessageId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn words_and_numbers_are_one_for_each() {
        for why in Why::ALL {
            assert_eq!((Why::of_code(why.code()), why.name().parse()), (Some(why), Ok(why)));
        }
        for fate in Fate::ALL {
            assert_eq!((Fate::of_code(fate.code()), fate.name().parse()), (Some(fate), Ok(fate)));
        }
        assert_eq!(Why::of_code(0), None, "0 is stored for none");
    }
}
