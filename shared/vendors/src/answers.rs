//! What an answer over HTTP proves, whoever gave it.

use flows::{
    Answer, FlowError, Refusal,
    web::{Told, is_unreached},
};
use std::time::Duration;

const REQUEST_TIMEOUT: u16 = 408;
const TOO_MANY_REQUESTS: u16 = 429;

/// An answer that was heard, or what not hearing one proves.
pub(crate) fn heard(told: Result<Told, FlowError>) -> Result<Told, Answer> {
    told.map_err(|error| {
        if is_unreached(&error) {
            Answer::refused("could not be reached", Refusal::Temporary)
        } else {
            Answer::unknown("no answer that could be heard")
        }
    })
}

/// What a status other than of success proves. `fault`: whose fault a refusal is, and what it is called. `after`: when
/// whoever was too fast may go on.
pub(crate) fn of_status(
    status: u16,
    after: Option<Duration>,
    fault: impl FnOnce() -> (String, Refusal),
) -> Answer {
    match status {
        TOO_MANY_REQUESTS => Answer::refused("too many requests", Refusal::Throttled { after }),
        // Somebody on the way may have given up, not the provider.
        REQUEST_TIMEOUT | 500.. => Answer::unknown(&format!("answered {status}")),
        400..500 => {
            let (reason, kind) = fault();
            Answer::refused(&reason, kind)
        }
        // Sent elsewhere, where nobody follows.
        _ => Answer::refused(&format!("answered {status}"), Refusal::OurFault),
    }
}

/// Of a `Retry-After` in seconds.
pub(crate) fn retry_after(told: &Told) -> Option<Duration> {
    told.header("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_proves_what_it_proves() {
        let of = |status| of_status(status, None, || ("why".to_owned(), Refusal::Permanent));
        for status in [400, 404, 413, 422] {
            assert_eq!(of(status), Answer::refused("why", Refusal::Permanent), "{status}");
        }
        assert_eq!(of(429), Answer::refused("too many requests", Refusal::Throttled { after: None }));
        for status in [408, 500, 502, 503, 504, 599] {
            assert!(matches!(of(status), Answer::Unknown { .. }), "{status}");
        }
        for status in [301, 307] {
            assert!(matches!(of(status), Answer::Refused { kind: Refusal::OurFault, .. }), "{status}");
        }
    }
}
