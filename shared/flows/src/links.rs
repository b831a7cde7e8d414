//! Links in messages to customers: what whoever got one may do with it, without signing in.
//!
//! A link names the message and what it is for, under our signature: nobody else can make one, and one for looking does
//! nothing else. It names nobody, and it does not end: an old mail's way out still leads out.

use domain::campaign::MessageId;

use crate::{Secrets, filling::Links, sign::Purpose};

/// What a link is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Unsubscribe,
    Preferences,
    /// The message itself, as a page.
    View,
}

impl Door {
    pub const ALL: [Self; 3] = [Self::Unsubscribe, Self::Preferences, Self::View];

    /// As it stands in the link's path.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unsubscribe => "unsubscribe",
            Self::Preferences => "preferences",
            Self::View => "view",
        }
    }
}

/// All of a message's links, under `origin`, which has no slash at the end.
pub fn links(secrets: &Secrets, origin: &str, message: &MessageId) -> Links {
    let link = |door: Door| format!("{origin}/t/{}/{}", door.name(), token(secrets, door, message));
    Links {
        unsubscribe: link(Door::Unsubscribe),
        preferences: link(Door::Preferences),
        view: link(Door::View),
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::tests::secrets;
    use domain::{CampaignId, TenantId, Timestamp};

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
        let all = links(&secrets, "https://crm.example.com", &message(7));
        for (door, link) in Door::ALL.into_iter().zip([&all.unsubscribe, &all.preferences, &all.view]) {
            let token = link.strip_prefix(&format!("https://crm.example.com/t/{}/", door.name())).unwrap();
            for other in Door::ALL {
                let expected = (other == door).then(|| message(7));
                assert_eq!(read(&secrets, other, token), expected, "{door:?} at {other:?}");
            }
            let foreign = token.replace("-7.", "-8.");
            assert_eq!(read(&secrets, door, &foreign), None, "somebody else's message");
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
}
