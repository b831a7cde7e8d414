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
    pub created_at: Timestamp,
}

impl User {
    /// Somebody has shown that they read the address's mail.
    #[must_use]
    pub fn proven(self, now: Timestamp) -> Self {
        Self { email_proven_at: self.email_proven_at.or(Some(now)), ..self }
    }

    /// Their first Google account, whose address Google has verified. A password that was set before anybody had
    /// shown that the address is theirs may be a stranger's who came first: it goes, and every session with it.
    #[must_use]
    pub fn linked(self, google_subject: String, now: Timestamp) -> Self {
        let was_proven = self.email_proven_at.is_some();
        Self {
            google_subject: Some(google_subject),
            password_hash: self.password_hash.filter(|_| was_proven),
            epoch: if was_proven { self.epoch } else { self.epoch + 1 },
            email_proven_at: self.email_proven_at.or(Some(now)),
            ..self
        }
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
    fn a_password_outlives_a_link_to_google_only_if_the_address_was_proven() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = |email_proven_at: Option<Timestamp>, expected: (Option<&str>, u32, i64)| {
            let user = User {
                id: UserId::new(at(0), [0; 10]),
                email: "ada@example.com".parse().unwrap(),
                name: "Ada".parse().unwrap(),
                password_hash: Some("hash".to_owned()),
                google_subject: None,
                email_proven_at,
                epoch: 3,
                created_at: at(0),
            };
            let linked = user.linked("1234".to_owned(), at(9));
            let proven_at = linked.email_proven_at.unwrap().as_second();
            assert_eq!((linked.password_hash.as_deref(), linked.epoch, proven_at), expected);
            assert_eq!(linked.google_subject.as_deref(), Some("1234"));
        };
        check(None, (None, 4, 9));
        check(Some(at(5)), (Some("hash"), 3, 5));
    }

    #[test]
    fn a_name_is_one_line_of_bounded_length() {
        assert_eq!(" José ".parse::<Name>().unwrap().as_str(), "José");
        for wrong in ["", "   ", "a\nb", &"x".repeat(101)] {
            assert_eq!(wrong.parse::<Name>(), Err(BadName), "{wrong:?}");
        }
    }
}
