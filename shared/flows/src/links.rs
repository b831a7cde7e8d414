//! Links in messages to customers: what whoever got one may do with it, without signing in.
//!
//! A link names the message and what it is for, under our signature: nobody else can make one, and one for looking does
//! nothing else. It names nobody, and it does not end: an old mail's way out still leads out. What a link of the merchant's leads
//! to is part of what is signed, so that nobody is led anywhere by us but where a merchant wrote it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::campaign::MessageId;

use crate::{Secrets, filling::Links, sign::Purpose};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Unsubscribe,
    Preferences,
    /// The message itself, as a page.
    View,
    /// A picture without anything on it: whoever fetches it has opened the message.
    Open,
}

/// What a picture's name ends with: mail programs look at it.
pub const PICTURE: &str = ".gif";
/// A longer target is not led over us: with what is around it the link would be cut somewhere.
pub const TARGET_BYTES_MAX: usize = 2_000;

impl Door {
    pub const ALL: [Self; 4] = [Self::Unsubscribe, Self::Preferences, Self::View, Self::Open];

    /// As it stands in the link's path.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribe",
            Self::Preferences => "preferences",
            Self::View => "view",
            Self::Open => "open",
        }
    }
}

/// All of a message's links, under `origin`, which has no slash at the end.
pub fn links(secrets: &Secrets, origin: &str, message: &MessageId) -> Links {
    let link = |door| link(secrets, origin, door, message);
    Links {
        unsubscribe: link(Door::Unsubscribe),
        preferences: link(Door::Preferences),
        view: link(Door::View),
    }
}

pub fn link(secrets: &Secrets, origin: &str, door: Door, message: &MessageId) -> String {
    format!("{origin}/t/{}/{}", door.name(), token(secrets, door, message))
}

/// What stands behind the door's name in the link.
pub fn token(secrets: &Secrets, door: Door, message: &MessageId) -> String {
    format!("{message}.{}", secrets.tag(Purpose::MessageLink, &signed(door, message)))
}

/// Of which message a token is, if we made it for that door.
pub fn read(secrets: &Secrets, door: Door, token: &str) -> Option<MessageId> {
    let (message, tag) = token.split_once('.')?;
    let message = message.parse().ok()?;
    secrets.made(Purpose::MessageLink, &signed(door, &message), tag).then_some(message)
}

fn signed(door: Door, message: &MessageId) -> Vec<u8> {
    format!("{} {message}", door.name()).into_bytes()
}

/// Sees what becomes of one message: whether it is opened, and which of its links are followed.
#[derive(Clone, Copy)]
pub struct Tracks<'a> {
    pub secrets: &'a Secrets,
    /// Without a slash at the end.
    pub origin: &'a str,
    pub message: MessageId,
}

impl Tracks<'_> {
    /// Over us to that target. `None`: it leads there as it is, since it is no page of the web, or one of ours.
    pub fn over(&self, target: &str) -> Option<String> {
        let own = target.strip_prefix(self.origin).is_some_and(|rest| rest.starts_with("/t/"));
        if own || !may_lead(target) {
            return None;
        }
        let Self { secrets, origin, message } = self;
        let tag = secrets.tag(Purpose::MessageLink, &signed_click(message, target));
        Some(format!("{origin}/t/click/{message}.{}.{tag}", URL_SAFE_NO_PAD.encode(target)))
    }

    /// The HTML with a picture at its end that nobody sees.
    pub fn with_picture(&self, html: &mut String) {
        let link = link(self.secrets, self.origin, Door::Open, &self.message);
        let picture = format!(
            "<img src=\"{link}{PICTURE}\" width=\"1\" height=\"1\" alt=\"\" style=\"display:block;border:0\">"
        );
        let at = html.rfind("</body>").unwrap_or(html.len());
        html.insert_str(at, &picture);
    }
}

/// Of which message a link to a page is, and where it leads, if we made it.
pub fn read_click(secrets: &Secrets, token: &str) -> Option<(MessageId, String)> {
    let mut parts = token.splitn(3, '.');
    let (message, target, tag) = (parts.next()?, parts.next()?, parts.next()?);
    let message = message.parse().ok()?;
    let target = String::from_utf8(URL_SAFE_NO_PAD.decode(target).ok()?).ok()?;
    let is_ours = secrets.made(Purpose::MessageLink, &signed_click(&message, &target), tag);
    (is_ours && may_lead(&target)).then_some((message, target))
}

fn signed_click(message: &MessageId, target: &str) -> Vec<u8> {
    format!("click {message} {target}").into_bytes()
}

/// Whether somebody may be sent there: to a page of the web, by an address that is written as addresses are.
fn may_lead(target: &str) -> bool {
    let host = ["https://", "http://"].iter().find_map(|scheme| {
        let (begin, rest) = target.split_at_checked(scheme.len())?;
        begin.eq_ignore_ascii_case(scheme).then_some(rest)
    });
    let is_host = |rest: &str| rest.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '[');
    let is_written = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    host.is_some_and(is_host) && target.len() <= TARGET_BYTES_MAX && target.bytes().all(is_written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use domain::{CampaignId, TenantId, Timestamp};

    const ORIGIN: &str = "https://crm.example.com";

    fn message(place: u8) -> MessageId {
        let at = Timestamp::UNIX_EPOCH;
        MessageId {
            tenant: TenantId::new(at, [1; 10]),
            campaign: CampaignId::new(at, [2; 10]),
            chunk: 19_999,
            place,
        }
    }

    #[test]
    fn a_link_opens_its_own_door_for_its_own_message_and_no_other() {
        let secrets = secrets();
        let all = links(&secrets, ORIGIN, &message(7));
        let open = link(&secrets, ORIGIN, Door::Open, &message(7));
        for (door, link) in Door::ALL.into_iter().zip([&all.unsubscribe, &all.preferences, &all.view, &open])
        {
            let token = link.strip_prefix(&format!("{ORIGIN}/t/{}/", door.name())).unwrap();
            for other in Door::ALL {
                let expected = (other == door).then(|| message(7));
                assert_eq!(read(&secrets, other, token), expected, "{door:?} at {other:?}");
            }
            let foreign = token.replace("-7.", "-8.");
            assert_eq!(read(&secrets, door, &foreign), None, "somebody else's message");
            assert_eq!(read_click(&secrets, token), None, "it leads nowhere");
        }
    }

    #[test]
    fn what_is_no_token_of_ours_opens_nothing() {
        let (secrets, door) = (secrets(), Door::View);
        let good = token(&secrets, door, &message(0));
        for wrong in ["", ".", &message(0).to_string(), &good[..good.len() - 1], &format!("{good}x")] {
            assert_eq!(read(&secrets, door, wrong), None, "{wrong}");
        }
        assert!(
            good.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it)),
            "fits into a path"
        );
    }

    #[test]
    fn a_link_leads_where_the_merchant_wrote_and_nowhere_else() {
        let secrets = secrets();
        let tracks = Tracks { secrets: &secrets, origin: ORIGIN, message: message(7) };
        let target = "https://shop.example/tea?utm_source=mail&who=%40#top";
        let link = tracks.over(target).unwrap();
        let token = link.strip_prefix("https://crm.example.com/t/click/").unwrap();
        assert!(token.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it)), "{token}");
        assert_eq!(read_click(&secrets, token), Some((message(7), target.to_owned())));
        let (whose, tag) = (token.split('.').next().unwrap(), token.rsplit('.').next().unwrap());
        let elsewhere = URL_SAFE_NO_PAD.encode("https://evil.example");
        for wrong in [
            format!("{whose}.{elsewhere}.{tag}"),
            token.replace("-7.", "-8."),
            format!("{token}x"),
            format!("{whose}.{tag}"),
            String::new(),
        ] {
            assert_eq!(read_click(&secrets, &wrong), None, "{wrong}");
        }
    }

    #[test]
    fn nobody_is_led_to_what_is_no_page_of_the_web() {
        let secrets = secrets();
        let tracks = Tracks { secrets: &secrets, origin: ORIGIN, message: message(7) };
        let long = |bytes: usize| format!("https://a.test/{}", "x".repeat(bytes - 15));
        for target in ["http://a.test", "HTTPS://A.test/ä".trim_end_matches('ä'), &long(TARGET_BYTES_MAX)] {
            assert!(tracks.over(target).is_some(), "{target}");
        }
        for target in [
            "",
            "#top",
            "/tea",
            "//evil.example",
            "mailto:ada@example.com",
            "tel:+15550100",
            "javascript:alert(1)",
            "https:evil.example",
            "https://",
            "https:///evil.example",
            "https://a.test/a b",
            "https://a.test/\r\nset-cookie: a",
            "https://ä.test",
            &long(TARGET_BYTES_MAX + 1),
            &links(&secrets, ORIGIN, &message(7)).unsubscribe,
        ] {
            assert_eq!(tracks.over(target), None, "{target}");
        }
        let tag = secrets.tag(Purpose::MessageLink, &signed_click(&message(7), "javascript:alert(1)"));
        let signed = format!("{}.{}.{tag}", message(7), URL_SAFE_NO_PAD.encode("javascript:alert(1)"));
        assert_eq!(read_click(&secrets, &signed), None, "whatever was signed");
    }

    #[test]
    fn the_picture_stands_at_the_end_of_the_mail() {
        let secrets = secrets();
        let tracks = Tracks { secrets: &secrets, origin: ORIGIN, message: message(7) };
        let check = |html: &str, before: &str, after: &str| {
            let mut told = html.to_owned();
            tracks.with_picture(&mut told);
            let picture = told.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).unwrap();
            let token = picture.strip_prefix("<img src=\"https://crm.example.com/t/open/").unwrap();
            let token = token.split_once(".gif\"").unwrap().0;
            assert_eq!(read(&secrets, Door::Open, token), Some(message(7)));
        };
        check("<html><body><p>Hi</p></body></html>", "<html><body><p>Hi</p>", "</body></html>");
        check("<p>Hi</p>", "<p>Hi</p>", "");
    }
}
