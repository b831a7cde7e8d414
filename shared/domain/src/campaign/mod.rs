//! A campaign: words for many, once. What it is, and how it moves from one state to the next.

pub mod breaker;
pub mod chance;
pub mod chunk;
mod count;
pub mod finding;
pub mod follows;
pub mod message;
mod moves;
pub mod outcome;
pub mod plan;
pub mod schedule;
pub mod trial;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::time::Duration;

use crate::{
    CampaignId, EmailAddress, Name, SegmentId, SenderId, TemplateId, Timestamp, UserId, segment::RuleText,
    template::Channel, words::words,
};

pub use breaker::{Harm, Tally, Tripped};
pub use chunk::{Care, Chunk, Claim, Outcome};
pub use count::{ArmCounts, Counts};
pub use finding::Finding;
pub use follows::Follows;
pub use message::{Fate, Heard, Mark, Marks, Message, MessageId, Why};
pub use moves::{Act, Actor, Moved, NotNow};
pub use outcome::{Became, Upshot, Written};
pub use plan::Plan;
pub use schedule::Schedule;
pub use trial::{Decision, Start, Trial};

/// A tenant has at most this many that are not archived: lists of them are read whole.
pub const CAMPAIGNS_MAX: usize = 1_000;
/// So many chunks of a campaign are sent side by side: a large one takes no more of what all share than a small one.
pub const LANES: u32 = 4;
/// Whoever keeps an open campaign looks at it so often.
pub const KEPT_EACH: Duration = Duration::from_mins(1);
/// The clock comes once a minute: what it begins may be so early, and is as late at most.
pub const EARLY: Duration = Duration::from_secs(30);
/// For so long after its end what providers still tell of its messages is counted.
pub const COUNTED_FOR: Duration = Duration::from_hours(14 * 24);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Campaign {
    pub id: CampaignId,
    pub name: Name,
    /// What a merchant notes of it; nobody who gets it sees that.
    pub description: Option<String>,
    pub kind: Kind,
    pub channel: Channel,
    pub audience: Who,
    /// In whose name it is written; the installation's, if it lends one.
    pub byline: Option<Byline>,
    /// Whose words it took over, if any's.
    pub template: Option<TemplateId>,
    /// 1 as it is made, and one more with each change of what it is.
    pub edition: u32,
    /// A draft whose words are told later: it cannot go out before.
    pub is_wordless: bool,
    /// How often somebody was blotted out of its words, which is no change of its own: by both its words are known.
    pub rewordings: u32,
    pub rules: Rules,
    pub schedule: Option<Schedule>,
    pub state: State,
    /// The one that repeats, and made this one.
    pub of: Option<CampaignId>,
    pub is_archived: bool,
    /// When it was launched: its messages stand there in timelines.
    pub launched_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    /// Its time came and it could not begin: since then it is a draft that asks. Until somebody moves it.
    pub missed_at: Option<Timestamp>,
    /// What was counted last, and when.
    pub counted: Option<(Timestamp, Counts)>,
    /// The local time at which each is due where they are. `None`: all at once.
    pub local_at: Option<DateTime>,
    /// When somebody went on with it: its lanes have ended by then.
    pub resumed_at: Option<Timestamp>,
    /// Somebody went on with it although it had been stopped for its harm: what was sent since then is judged alone.
    pub judged_from: Option<Timestamp>,
    /// Which of its words did best, if it tries several.
    pub decided: Option<Decision>,
    pub created_at: Timestamp,
    pub created_by: UserId,
    pub updated_at: Timestamp,
    pub updated_by: UserId,
    /// How often it has moved.
    pub turn: u32,
}

words! {
    /// What it is for.
    Kind {
        Promotional: "promotional",
        /// To customers of whom no consent is needed: about something that they did.
        Transactional: "transactional",
        Reminder: "reminder",
        Newsletter: "newsletter",
    }
}

impl Kind {
    /// Whether only those may be written to who agreed.
    pub fn needs_consent(self) -> bool {
        self != Self::Transactional
    }
}

/// Whom it is for. Who that is is found as it is planned, and stays so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Segment(SegmentId),
    Rule(RuleText),
}

/// One of the shop's senders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Byline {
    pub sender: SenderId,
    /// Which address, of a sender that is a domain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<EmailAddress>,
}

/// What keeps somebody from getting it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rules {
    pub care: Care,
    /// So many of a hundred get nothing, to compare with.
    pub held_out_percent: u8,
    /// Nobody gets more than so many campaigns in so many days, this one included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<Cap>,
    /// Nobody is written to between these hours of the place where they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    /// In millionths of the shop's currency: nobody is chosen beyond it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_micros: Option<u64>,
    /// Nobody looks who opens it and which of its links are followed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_untracked: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<Trial>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cap {
    pub messages: u8,
    pub days: u16,
}

/// Hours of a day, 0 to 23; from 21 to 8 goes over midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    pub from: u8,
    pub to: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    Draft,
    Scheduled,
    Planning,
    Sending,
    Paused {
        /// Everybody was chosen by then.
        is_planned: bool,
        /// Its messages did harm.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tripped: Option<Tripped>,
        /// Nobody takes its messages: why, in words. Neither: somebody paused it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        refused: Option<String>,
    },
    Sent,
    Cancelled,
    Failed {
        reason: String,
    },
}

impl Campaign {
    /// A draft whose time passed, until somebody moves it.
    pub fn asks(&self) -> bool {
        self.state == State::Draft && self.missed_at.is_some()
    }

    /// Of nobody's words, with no rules of its own.
    pub fn draft(
        id: CampaignId,
        name: Name,
        kind: Kind,
        channel: Channel,
        audience: Who,
        by: UserId,
        now: Timestamp,
    ) -> Self {
        Self {
            id,
            name,
            description: None,
            kind,
            channel,
            audience,
            byline: None,
            template: None,
            edition: 1,
            is_wordless: false,
            rules: Rules::default(),
            schedule: None,
            state: State::Draft,
            of: None,
            is_archived: false,
            launched_at: None,
            ended_at: None,
            due_at: None,
            missed_at: None,
            counted: None,
            local_at: None,
            resumed_at: None,
            judged_from: None,
            decided: None,
            created_at: now,
            created_by: by,
            updated_at: now,
            updated_by: by,
            turn: 0,
            rewordings: 0,
        }
    }

    /// When one that has ended, or is paused, is counted next: each time half as late again as it has been so for. `None`: not
    /// any more.
    pub fn counted_next(&self, now: Timestamp) -> Option<Timestamp> {
        let paused_at = matches!(self.state, State::Paused { .. }).then_some(self.updated_at);
        let since = self.ended_at.or(paused_at)?;
        let over: Duration = now.duration_since(since).try_into().unwrap_or_default();
        (over < COUNTED_FOR).then(|| now + KEPT_EACH.max(over / 2))
    }

    /// A draft that says the same to the same.
    #[must_use]
    pub fn copied(&self, id: CampaignId, name: Name, by: UserId, now: Timestamp) -> Self {
        let Self { description, kind, channel, audience, byline, template, rules, is_wordless, .. } =
            self.clone();
        let draft = Self::draft(id, name, kind, channel, audience, by, now);
        Self { description, byline, template, is_wordless, rules, ..draft }
    }

    /// Its words aside.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        let said = |it: &Self| {
            let who = (it.audience.clone(), it.byline.clone());
            let words = (it.channel, it.template, it.is_wordless);
            (it.name.clone(), it.description.clone(), it.kind, words, who, it.rules.clone())
        };
        said(self) == said(other)
    }
}

impl State {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Planning => "planning",
            Self::Sending => "sending",
            Self::Paused { .. } => "paused",
            Self::Sent => "sent",
            Self::Cancelled => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }

    /// Paused, and by nobody's hand: for its harm, or since nobody takes its messages.
    pub fn is_stopped(&self) -> bool {
        matches!(self, Self::Paused { tripped: Some(_), .. } | Self::Paused { refused: Some(_), .. })
    }

    /// People are chosen or written to.
    pub fn is_under_way(&self) -> bool {
        matches!(self, Self::Planning | Self::Sending)
    }

    pub fn is_over(&self) -> bool {
        matches!(self, Self::Sent | Self::Cancelled | Self::Failed { .. })
    }
}
