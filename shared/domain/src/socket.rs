//! A watcher's socket: whose it is, what they have asked to hear of, and until when.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::{RunId, Session, SessionId, Timestamp, UserId};

/// The gateway ends a connection after two hours.
pub const LIFE: SignedDuration = SignedDuration::from_hours(2);
/// The gateway says of a connection that is being opened that it is gone: so long, that is no news.
pub const OPENING: SignedDuration = SignedDuration::from_secs(10);
/// How long a ticket opens a socket.
pub const TICKET: SignedDuration = SignedDuration::from_secs(60);
/// Watchers of one tenant: whoever tells them something reads of all.
pub const SOCKETS_MAX: usize = 200;
/// Of how many runs one socket hears.
pub const RUNS_MAX: usize = 32;

const NAME_BYTES_MAX: usize = 128;

/// A connection, as the gateway names it: letters, digits and the signs of base64.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SocketId(String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    pub id: SocketId,
    pub session: SessionId,
    pub user: UserId,
    /// The runs whose progress is told to it.
    pub runs: BTreeSet<RunId>,
    pub opened_at: Timestamp,
    /// From then on it is told nothing.
    pub ends_at: Timestamp,
}

/// A name that no gateway gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is no connection's name")]
pub struct BadSocketId;

/// It hears of as many runs as one may.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a socket hears of at most {RUNS_MAX} runs: let go of some first")]
pub struct TooManyRuns;

impl Socket {
    /// Of somebody with that session: it ends with the session at the latest.
    pub fn opened(id: SocketId, session: &Session, now: Timestamp) -> Self {
        let life = now.checked_add(LIFE).unwrap_or(Timestamp::MAX);
        Self {
            id,
            session: session.id,
            user: session.user,
            runs: BTreeSet::new(),
            opened_at: now,
            ends_at: life.min(session.expires_at),
        }
    }

    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.ends_at
    }

    /// Whether "gone" may mean "not there yet".
    pub fn is_being_opened(&self, now: Timestamp) -> bool {
        now.duration_since(self.opened_at) < OPENING
    }

    /// `None`: it hears of that run already.
    pub fn hearing_of(&self, run: RunId) -> Result<Option<Self>, TooManyRuns> {
        if self.runs.contains(&run) {
            return Ok(None);
        }
        if self.runs.len() >= RUNS_MAX {
            return Err(TooManyRuns);
        }
        let mut hearing = self.clone();
        hearing.runs.insert(run);
        Ok(Some(hearing))
    }

    /// `None`: it does not hear of that run anyway.
    pub fn deaf_to(&self, run: RunId) -> Option<Self> {
        let mut deaf = self.clone();
        deaf.runs.remove(&run).then_some(deaf)
    }
}

impl SocketId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SocketId {
    type Err = BadSocketId;

    fn from_str(text: &str) -> Result<Self, BadSocketId> {
        let is_known =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'=' | b'-' | b'_' | b'+' | b'/');
        let is_good = (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_known);
        if is_good { Ok(Self(text.to_owned())) } else { Err(BadSocketId) }
    }
}

impl TryFrom<String> for SocketId {
    type Error = BadSocketId;

    fn try_from(text: String) -> Result<Self, BadSocketId> {
        text.parse()
    }
}

impl From<SocketId> for String {
    fn from(id: SocketId) -> Self {
        id.0
    }
}

impl fmt::Display for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SocketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SocketId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn session(expires_at: Timestamp) -> Session {
        Session {
            id: SessionId::new(at(0), [1; 10]),
            user: UserId::new(at(0), [2; 10]),
            tenant: None,
            generation: 0,
            rotated_at: at(0),
            epoch: 0,
            created_at: at(0),
            expires_at,
            revoked: false,
        }
    }

    fn socket() -> Socket {
        Socket::opened("L0SM9cOFvHcCIhw=".parse().unwrap(), &session(at(1_000_000)), at(100))
    }

    #[test]
    fn a_socket_ends_with_its_session_and_after_two_hours_in_any_case() {
        assert_eq!(socket().ends_at, at(100 + 7_200));
        let short = Socket::opened(socket().id, &session(at(200)), at(100));
        assert_eq!(short.ends_at, at(200));
        assert!(short.is_live(at(199)) && !short.is_live(at(200)));
    }

    #[test]
    fn a_socket_is_being_opened_for_ten_seconds() {
        assert!(socket().is_being_opened(at(109)) && !socket().is_being_opened(at(110)));
    }

    #[test]
    fn a_socket_hears_of_each_run_once_and_of_so_many_at_most() {
        let run = |number| RunId::new(at(0), [number; 10]);
        let hearing = socket().hearing_of(run(1)).unwrap().unwrap();
        assert_eq!(hearing.hearing_of(run(1)), Ok(None));
        assert_eq!(hearing.deaf_to(run(2)), None);
        assert_eq!(hearing.deaf_to(run(1)), Some(socket()));
        let runs = (0..).take(RUNS_MAX).map(run).collect();
        let full = Socket { runs, ..socket() };
        assert_eq!(full.hearing_of(run(99)), Err(TooManyRuns));
        assert_eq!(full.hearing_of(run(3)), Ok(None));
    }

    #[test]
    fn a_name_is_what_a_gateway_gives() {
        for name in ["L0SM9cOFvHcCIhw=", "a-b_c+d/e", &"x".repeat(128)] {
            assert_eq!(name.parse::<SocketId>().unwrap().as_str(), name);
        }
        for name in ["", "a#b", "a b", "ä", "a.b", &"x".repeat(129)] {
            assert_eq!(name.parse::<SocketId>(), Err(BadSocketId), "{name}");
        }
    }
}
