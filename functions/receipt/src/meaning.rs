//! What a receipt says of a message's state.

use domain::{
    campaign::{Heard, Why, follows::place_of},
    receipt::{Bounce, Happened, Reader},
};

/// A provider that gave up, whatever it says of another try, has had the message: it is not sent again by itself, because
/// whether it arrived after all nobody knows.
pub(crate) fn heard(what: &Happened) -> Heard {
    match what {
        // Who goes on trying has it.
        Happened::Accepted | Happened::Delayed { .. } => Heard::Taken,
        Happened::Delivered => Heard::Delivered,
        Happened::Bounced { bounce: Bounce::Hard, .. } => Heard::Bounced(Why::HardBounce),
        Happened::Bounced { bounce: Bounce::Soft, .. } => Heard::Bounced(Why::SoftBounce),
        Happened::Failed { reason, .. } => Heard::Bounced(why(&reason.as_str().to_uppercase())),
        Happened::Complained { .. } => Heard::Complained,
        Happened::Opened { by } => Heard::Opened { by_machine: *by == Reader::Machine },
        Happened::Clicked { by: Reader::Machine, .. } => Heard::Clicked { by_machine: true },
        Happened::Clicked { url, by: Reader::Person | Reader::Unknown } => {
            Heard::Followed { place: place_of(url) }
        }
        Happened::Unsubscribed => Heard::Unsubscribed,
    }
}

/// By a provider's code or words, in capitals.
fn why(reason: &str) -> Why {
    if reason.contains("SPAM") {
        Why::Spam
    } else if reason.contains("SUPPRESS") || reason.contains("UNSUBSCRIBED ADDRESS") {
        Why::BlockedByProvider
    } else if reason.contains("CONTENT") || reason.contains("RENDERING") {
        Why::BadContent
    } else {
        Why::Undelivered
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Reason;

    #[test]
    fn what_is_told_is_one_thing_that_a_message_hears() {
        let check = |what: Happened, expected: Heard| assert_eq!(heard(&what), expected, "{what:?}");
        let reason = || Reason::of("5.1.1");
        check(Happened::Accepted, Heard::Taken);
        check(Happened::Delayed { reason: reason() }, Heard::Taken);
        check(Happened::Delivered, Heard::Delivered);
        let bounced = |bounce| Happened::Bounced { bounce, reason: reason() };
        check(bounced(Bounce::Hard), Heard::Bounced(Why::HardBounce));
        check(bounced(Bounce::Soft), Heard::Bounced(Why::SoftBounce));
        for (reason, why) in [
            ("SPAM_DETECTED", Why::Spam),
            ("Bad content", Why::BadContent),
            ("rendering failure", Why::BadContent),
            ("Bounced Address: suppressed", Why::BlockedByProvider),
            ("unknown", Why::Undelivered),
        ] {
            for may_try_again in [false, true] {
                let what = Happened::Failed { reason: Reason::of(reason), may_try_again };
                check(what, Heard::Bounced(why));
            }
        }
        check(Happened::Complained { reason: reason() }, Heard::Complained);
        for (by, by_machine) in [(Reader::Person, false), (Reader::Machine, true), (Reader::Unknown, false)] {
            check(Happened::Opened { by }, Heard::Opened { by_machine });
            let url = "https://x.test/tea".to_owned();
            let expected = if by_machine {
                Heard::Clicked { by_machine }
            } else {
                Heard::Followed { place: place_of(&url) }
            };
            check(Happened::Clicked { url, by }, expected);
        }
        check(Happened::Unsubscribed, Heard::Unsubscribed);
    }
}
