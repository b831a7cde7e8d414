//! A person who signs in.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

use crate::{EmailAddress, Timestamp, UserId};

/// A person. Has a password, a Google account, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub email: EmailAddress,
    pub name: Name,
    /// In PHC form: algorithm, cost and salt stand in it.
    pub password_hash: Option<String>,
    /// Google's permanent name for the person.
    pub google_subject: Option<String>,
    /// When it was first shown that the mail address is theirs: by a mailed link, or by Google. Until then whoever
    /// set the password may be somebody else.
    pub email_proven_at: Option<Timestamp>,
    /// Sessions of an earlier epoch are over. A new password starts a new epoch.
    pub epoch: u32,
    /// Whose hands the account is in: the next, when it goes from who signed up with the address to whom the address
    /// belongs. Keys and invitations of earlier hands are over; a new password is no change of hands.
    pub hand: u32,
    pub created_at: Timestamp,
}

/// In whose name something was made, and in whose hands their account was then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maker {
    pub user: UserId,
    pub hand: u32,
}

/// What speaks for somebody who comes with Google being the one who signed up with the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// They are signed in to this very account.
    Signed,
    Nothing,
}

impl User {
    /// Somebody has shown that they read the address's mail.
    #[must_use]
    pub fn proven(self, now: Timestamp) -> Self {
        Self { email_proven_at: self.email_proven_at.or(Some(now)), ..self }
    }

    /// Their first Google account, whose address Google has verified.
    #[must_use]
    pub fn linked(self, google_subject: String, shown: Shown, now: Timestamp) -> Self {
        Self { google_subject: Some(google_subject), ..self.vouched_for(shown, now) }
    }

    /// Somebody else has verified that the address is theirs who come. What was made before anybody had shown that may be
    /// a stranger's who came first: unless the one who comes is signed in as this user, the account goes into other
    /// hands. The password goes, and with it every session, key and invitation.
    #[must_use]
    pub fn vouched_for(self, shown: Shown, now: Timestamp) -> Self {
        let is_theirs = self.email_proven_at.is_some() || shown == Shown::Signed;
        let proven = self.proven(now);
        if is_theirs {
            return proven;
        }
        Self { password_hash: None, epoch: proven.epoch + 1, hand: proven.hand + 1, ..proven }
    }

    /// As whoever holds the account now makes things.
    pub fn maker(&self) -> Maker {
        Maker { user: self.id, hand: self.hand }
    }
}

/// What a person or a tenant is called: 1 to 100 characters in one line.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("needs 1 to 100 characters in one line")]
pub struct BadName;

impl Name {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let text = text.trim();
        let fits = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if fits { Ok(Self(text.to_owned())) } else { Err(BadName) }
    }
}

impl TryFrom<String> for Name {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

/// Personal data: kept out of debug output, and so out of logs.
impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Name(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_outlives_a_link_to_google_only_if_it_is_its_owners() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = |email_proven_at: Option<Timestamp>, shown, expected: (Option<&str>, u32, u32, i64)| {
            let user = User {
                id: UserId::new(at(0), [0; 10]),
                email: "ada@example.com".parse().unwrap(),
                name: "Ada".parse().unwrap(),
                password_hash: Some("hash".to_owned()),
                google_subject: None,
                email_proven_at,
                epoch: 3,
                hand: 1,
                created_at: at(0),
            };
            let before = user.maker();
            let linked = user.linked("1234".to_owned(), shown, at(9));
            let proven_at = linked.email_proven_at.unwrap().as_second();
            assert_eq!((linked.password_hash.as_deref(), linked.epoch, linked.hand, proven_at), expected);
            assert_eq!(linked.google_subject.as_deref(), Some("1234"));
            assert_eq!(linked.maker() == before, linked.password_hash.is_some(), "keys go with the password");
        };
        check(None, Shown::Nothing, (None, 4, 2, 9));
        check(None, Shown::Signed, (Some("hash"), 3, 1, 9));
        check(Some(at(5)), Shown::Nothing, (Some("hash"), 3, 1, 5));
        check(Some(at(5)), Shown::Signed, (Some("hash"), 3, 1, 5));
    }

    #[test]
    fn a_name_is_one_line_of_bounded_length() {
        assert_eq!(" José ".parse::<Name>().unwrap().as_str(), "José");
        for wrong in ["", "   ", "a\nb", &"x".repeat(101)] {
            assert_eq!(wrong.parse::<Name>(), Err(BadName), "{wrong:?}");
        }
    }
}
