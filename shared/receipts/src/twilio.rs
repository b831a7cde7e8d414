//! Twilio: how it signs, and what a message's status callback says.
//!
//! Twilio keeps no tags of ours: the address that it calls names tenant and message (`?tenant=…&message=…`), and is part
//! of what is signed. Nor does it say when: what it tells happened when it came.

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    Answered, Phone, Reason, Receipt, Timestamp,
    receipt::{Bounce, Happened, Reader},
};
use std::collections::BTreeSet;

use crate::{
    BadSignature, Unreadable,
    read::{MISSING, STRANGE, tag, tenant},
    signature::same,
};

/// A form's fields, as they came.
pub type Form = Vec<(String, String)>;

pub fn form(body: &[u8]) -> Form {
    form_urlencoded::parse(body).into_owned().collect()
}

/// Whether Twilio signed it: `url` is the whole address as Twilio was told it, with its query.
pub fn verify(token: &str, url: &str, form: &Form, header: Option<&str>) -> Result<(), BadSignature> {
    let told = STANDARD.decode(header.ok_or(BadSignature::Missing)?).map_err(|_| BadSignature::Form)?;
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let mut context = hmac::Context::with_key(&key);
    context.update(url.as_bytes());
    // Sorted by name, then by value; what stands there twice counts once.
    for (name, value) in form.iter().collect::<BTreeSet<_>>() {
        context.update(name.as_bytes());
        context.update(value.as_bytes());
    }
    if same(context.sign().as_ref(), &told) { Ok(()) } else { Err(BadSignature::Wrong) }
}

/// What a status callback says; `query` is that of the address it came to. `None`: nothing that counts.
pub fn read(form: &Form, query: &str, now: Timestamp) -> Result<Option<Receipt>, Unreadable> {
    let field = |name: &str| form.iter().find(|(told, _)| told == name).map(|(_, value)| value.as_str());
    let vendor_id = field("MessageSid").ok_or_else(|| Unreadable::new("MessageSid", MISSING))?;
    let status = field("MessageStatus").ok_or_else(|| Unreadable::new("MessageStatus", MISSING))?;
    let code = field("ErrorCode").unwrap_or_default();
    let what = match status {
        "accepted" | "scheduled" | "queued" | "sending" => return Ok(None),
        "sent" => Happened::Accepted,
        "delivered" => Happened::Delivered,
        "read" => Happened::Opened { by: Reader::Person },
        "undelivered" | "failed" | "canceled" => failed(status, code),
        _ => return Err(Unreadable::new("MessageStatus", STRANGE)),
    };
    let query = self::form(query.as_bytes());
    let told = |name: &str| query.iter().find(|(told, _)| told == name).map(|(_, value)| value.as_str());
    Ok(Some(Receipt {
        tenant: tenant(told("tenant")),
        message: tag(told("message")),
        vendor_id: Some(vendor_id.to_owned()),
        what,
        at: now,
    }))
}

/// A text that somebody wrote to a number of the shop's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub from: Phone,
    /// `None`: words that ask for nothing that a shop is bound to.
    pub said: Option<Answered>,
}

/// What came in. `None`: from nothing that is a telephone number, as other apps have.
pub fn written(form: &Form) -> Result<Option<Written>, Unreadable> {
    let field = |name: &str| form.iter().find(|(told, _)| told == name).map(|(_, value)| value.as_str());
    let from = field("From").ok_or_else(|| Unreadable::new("From", MISSING))?;
    // Twilio knows other words where an account has chosen them.
    let said = match field("OptOutType") {
        Some("STOP") => Some(Answered::Stop),
        Some("START") => Some(Answered::Start),
        Some("HELP") => Some(Answered::Help),
        _ => Answered::of(field("Body").unwrap_or_default()),
    };
    let number = from.starts_with('+').then(|| from.parse().ok());
    Ok(number.flatten().map(|from| Written { from, said }))
}

/// By Twilio's error codes.
fn failed(status: &str, code: &str) -> Happened {
    let reason = Reason::of(if code.is_empty() { status } else { code });
    match code {
        // No such number, one that cannot receive texts, an unknown one, a landline.
        "21211" | "21614" | "30005" | "30006" => Happened::Bounced { bounce: Bounce::Hard, reason },
        // Switched off, or out of reach.
        "30003" => Happened::Bounced { bounce: Bounce::Soft, reason },
        // They answered STOP.
        "21610" => Happened::Unsubscribed,
        // The queue was full, the network unknown or down.
        "30001" | "30008" | "30009" | "30017" => Happened::Failed { reason, may_try_again: true },
        _ => Happened::Failed { reason, may_try_again: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    fn pairs(pairs: &[(&str, &str)]) -> Form {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The vectors of Twilio's documentation and of its own libraries.
    #[test]
    fn a_signature_is_twilios() {
        let call = [
            ("CallSid", "CA1234567890ABCDE"),
            ("From", "+14158675309"),
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("Caller", "+14158675309"),
        ];
        let twice = [
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ];
        let check = |token, url, form: &[_], header, expected| {
            assert_eq!(verify(token, url, &pairs(form), header), expected, "{header:?}");
        };
        let good = Some("RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        check("12345", URL, &call, good, Ok(()));
        check("12345", URL, &twice, Some("IK+Dwps556ElfBT0I3Rgjkr1wJU="), Ok(()));
        let with_port = "https://MyCompany.com:1234/myapp.php?foo=1&bar=2";
        check("12345", with_port, &call, Some("PCqOZm8cnu/L6+u5i5fuEd+Iac4="), Ok(()));
        check("12346", URL, &call, good, Err(BadSignature::Wrong));
        check("12345", "https://mycompany.com/myapp.php?foo=1&bar=3", &call, good, Err(BadSignature::Wrong));
        check("12345", URL, &call[1..], good, Err(BadSignature::Wrong));
        check("12345", URL, &call, None, Err(BadSignature::Missing));
        check("12345", URL, &call, Some("FAIL!"), Err(BadSignature::Form));
    }

    #[test]
    fn a_status_callback_is_read() {
        let now = Timestamp::from_second(1_000).unwrap();
        let reason = Reason::of;
        let check = |status: &str, code: Option<&str>, expected: Option<Happened>| {
            let mut told = vec![("MessageSid", "SM1"), ("MessageStatus", status), ("To", "+14155552671")];
            told.extend(code.map(|code| ("ErrorCode", code)));
            let receipt = read(&pairs(&told), "tenant=00000000000000000000000001&message=m-1", now).unwrap();
            let expected = expected.map(|what| Receipt {
                tenant: "00000000000000000000000001".parse().ok(),
                message: "m-1".parse().ok(),
                vendor_id: Some("SM1".to_owned()),
                what,
                at: now,
            });
            assert_eq!(receipt, expected, "{status} {code:?}");
        };
        check("queued", None, None);
        check("sent", None, Some(Happened::Accepted));
        check("delivered", None, Some(Happened::Delivered));
        let hard = Happened::Bounced { bounce: Bounce::Hard, reason: reason("30005") };
        check("undelivered", Some("30005"), Some(hard));
        let soft = Happened::Bounced { bounce: Bounce::Soft, reason: reason("30003") };
        check("undelivered", Some("30003"), Some(soft));
        check("failed", Some("21610"), Some(Happened::Unsubscribed));
        let filtered = Happened::Failed { reason: reason("30007"), may_try_again: false };
        check("undelivered", Some("30007"), Some(filtered));
        let full = Happened::Failed { reason: reason("30001"), may_try_again: true };
        check("failed", Some("30001"), Some(full));
        let canceled = Happened::Failed { reason: reason("canceled"), may_try_again: false };
        check("canceled", None, Some(canceled));
    }

    #[test]
    fn a_text_that_comes_in_says_what_somebody_wants() {
        let check = |told: &[_], expected: Option<Option<Answered>>| {
            let written = written(&pairs(told)).unwrap();
            assert_eq!(written.as_ref().map(|it| it.said), expected, "{told:?}");
            assert!(written.is_none_or(|it| it.from.as_str() == "+14155552671"));
        };
        let from = ("From", "+14155552671");
        check(&[from, ("Body", "Stop")], Some(Some(Answered::Stop)));
        check(&[from, ("Body", "When do you open?")], Some(None));
        check(&[from], Some(None));
        check(&[from, ("Body", "enough"), ("OptOutType", "STOP")], Some(Some(Answered::Stop)));
        check(&[from, ("Body", "more"), ("OptOutType", "START")], Some(Some(Answered::Start)));
        check(&[from, ("Body", "hm"), ("OptOutType", "HELP")], Some(Some(Answered::Help)));
        check(&[("From", "whatsapp:+14155552671"), ("Body", "Stop")], None);
        assert_eq!(written(&pairs(&[("Body", "Stop")])).unwrap_err().to_string(), "From: is missing");
    }

    #[test]
    fn what_cannot_be_read_says_where() {
        let check = |told: &[_], query: &str, expected: &str| {
            let error = read(&pairs(told), query, Timestamp::UNIX_EPOCH).unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(&[("MessageStatus", "sent")], "", "MessageSid: is missing");
        check(&[("MessageSid", "SM1")], "", "MessageStatus: is missing");
        let strange = [("MessageSid", "SM1"), ("MessageStatus", "vanished")];
        check(&strange, "", "MessageStatus: is not of the kind that is expected");
        let sent = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
        let receipt = read(&pairs(&sent), "tenant=x&message=a b", Timestamp::UNIX_EPOCH).unwrap().unwrap();
        assert_eq!((receipt.tenant, receipt.message), (None, None), "a tag of others is none of ours");
    }
}
