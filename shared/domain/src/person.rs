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
    /// Sessions of an earlier epoch are over. A new password starts a new epoch.
    pub epoch: u32,
    pub created_at: Timestamp,
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
    fn a_name_is_one_line_of_bounded_length() {
        assert_eq!(" José ".parse::<Name>().unwrap().as_str(), "José");
        for wrong in ["", "   ", "a\nb", &"x".repeat(101)] {
            assert_eq!(wrong.parse::<Name>(), Err(BadName), "{wrong:?}");
        }
    }
}
