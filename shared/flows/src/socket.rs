//! What happens on a watcher's socket, in our own words; whoever brings it, a gateway or the laptop.
//!
//! A page can set no header of a socket, and a token in the URL would stand in logs. So it offers two subprotocols,
//! `regulars` and `ticket.<ticket>`, or `bearer.<access token>`; the first is accepted, the second is never repeated. A
//! browser's cookies open a socket, too, for pages of an origin that we trust: browsers ask no permission before they
//! send them, but they say where the page is from. One of four places that match over errors.

use domain::SocketId;
use std::fmt;

use crate::{Denial, FlowError, cookies};

/// One event of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    Connected { socket: SocketId, visitor: Visitor },
    Said { socket: SocketId, text: String },
    Gone { socket: SocketId },
}

/// Somebody who connects, as their headers tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visitor {
    pub shown: Shown,
    /// Whether they offer what we speak.
    pub speaks: bool,
}

/// What they show of who they are. What is offered counts before what a browser sends by itself.
#[derive(Clone, PartialEq, Eq)]
pub enum Shown {
    Ticket(String),
    Bearer(String),
    Cookie {
        token: String,
        /// Where the page is from, if the browser says so.
        origin: Option<String>,
    },
    Nothing,
}

pub const SUBPROTOCOLS: &str = "Sec-WebSocket-Protocol";
/// What we speak. A browser ends a socket whose answer accepts none of what its page offered.
pub const SPOKEN: &str = "regulars";
pub const TICKET: &str = "ticket.";
const BEARER: &str = "bearer.";

impl Visitor {
    /// `headers`: names as the caller wrote them, in any case.
    pub fn of<'a>(headers: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut offered, mut cookie, mut origin) = (Vec::new(), None, None);
        for (name, value) in headers {
            if name.eq_ignore_ascii_case(SUBPROTOCOLS) {
                offered.extend(value.split(',').map(str::trim));
            } else if name.eq_ignore_ascii_case("cookie") {
                cookie = cookie.or_else(|| cookies::find(value, cookies::ACCESS));
            } else if name.eq_ignore_ascii_case("origin") {
                origin = Some(value.to_owned());
            }
        }
        let token = |kind: &str| {
            let mut tokens = offered.iter().filter_map(|offered| offered.strip_prefix(kind));
            tokens.find(|token| !token.is_empty()).map(str::to_owned)
        };
        let shown = match (token(TICKET), token(BEARER), cookie) {
            (Some(ticket), ..) => Shown::Ticket(ticket),
            (_, Some(token), _) => Shown::Bearer(token),
            (.., Some(token)) => Shown::Cookie { token: token.to_owned(), origin },
            _ => Shown::Nothing,
        };
        Self { shown, speaks: offered.contains(&SPOKEN) }
    }

    /// The subprotocol that the answer accepts.
    pub fn accepted(&self) -> Option<&'static str> {
        self.speaks.then_some(SPOKEN)
    }
}

/// Without what is shown: that opens a socket.
impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ticket(_) => "a ticket",
            Self::Bearer(_) => "a token",
            Self::Cookie { .. } => "a cookie",
            Self::Nothing => "nothing",
        })
    }
}

/// What the gateway is answered. A socket opens with 200 alone.
pub fn status(done: &Result<(), FlowError>) -> u16 {
    match done {
        Ok(()) => 200,
        Err(FlowError::Invalid(_)) => 400,
        Err(FlowError::Denied(Denial::Unauthenticated)) => 401,
        Err(FlowError::Denied(Denial::Forbidden { .. })) => 403,
        Err(FlowError::NotFound(_)) => 404,
        Err(FlowError::Conflict { .. }) => 409,
        Err(FlowError::TooMany { .. }) => 429,
        Err(FlowError::Broken(_)) => 500,
        Err(FlowError::Unavailable(_)) => 503,
    }
}

/// Whether somebody of ours must hear of it.
pub fn is_ours(error: &FlowError) -> bool {
    matches!(error, FlowError::Unavailable(_) | FlowError::Broken(_))
}

/// The same as somebody who watches is told it: in a word for programs and in a sentence.
pub fn told(error: &FlowError) -> (&'static str, String) {
    let code = match error {
        FlowError::Invalid(faults) => match faults.first() {
            Some(fault) => return (fault.code, fault.sentence.clone()),
            None => "invalid",
        },
        FlowError::Denied(Denial::Unauthenticated) => "unauthenticated",
        FlowError::Denied(Denial::Forbidden { code, .. })
        | FlowError::Conflict { code, .. }
        | FlowError::TooMany { code, .. } => code,
        FlowError::NotFound(_) => "not_found",
        FlowError::Unavailable(_) => "unavailable",
        FlowError::Broken(_) => "internal",
    };
    (code, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(headers: &[(&str, &str)], shown: &Shown, speaks: bool) {
        let visitor = Visitor::of(headers.iter().copied());
        assert!(visitor.shown == *shown && visitor.speaks == speaks, "{headers:?}: {visitor:?}");
        assert_eq!(visitor.accepted(), speaks.then_some("regulars"), "{headers:?}");
    }

    #[test]
    fn what_is_offered_counts_before_what_a_browser_sends_by_itself() {
        let ticket = || Shown::Ticket("tk.a-b_c.d".to_owned());
        let bearer = Shown::Bearer("a.b-c_d".to_owned());
        let cookie = |origin: Option<&str>| Shown::Cookie {
            token: "x.y".to_owned(),
            origin: origin.map(str::to_owned),
        };
        check(&[("Sec-WebSocket-Protocol", "regulars, ticket.tk.a-b_c.d")], &ticket(), true);
        check(&[("sec-websocket-protocol", "ticket.tk.a-b_c.d")], &ticket(), false);
        check(&[(SUBPROTOCOLS, "regulars"), (SUBPROTOCOLS, "bearer.a.b-c_d")], &bearer, true);
        check(&[(SUBPROTOCOLS, "bearer.a"), (SUBPROTOCOLS, "ticket.tk.a-b_c.d")], &ticket(), false);
        let line = "a=1; __Host-access=x.y";
        check(&[("Cookie", line), ("Origin", "https://a.test")], &cookie(Some("https://a.test")), false);
        check(&[("cookie", line), (SUBPROTOCOLS, "regulars, bearer.")], &cookie(None), true);
        check(&[("cookie", line), (SUBPROTOCOLS, "ticket.tk.a-b_c.d")], &ticket(), false);
        check(&[("cookie", "access=x.y"), ("origin", "https://a.test")], &Shown::Nothing, false);
        check(&[], &Shown::Nothing, false);
    }

    #[test]
    fn what_is_shown_is_in_no_log() {
        let line = [(SUBPROTOCOLS, "ticket.tk.secret"), ("cookie", "__Host-access=secret")];
        for headers in [&line[..1], &line[1..]] {
            let told = format!("{:?}", Visitor::of(headers.iter().copied()));
            assert!(!told.contains("secret"), "{told}");
        }
    }
}
