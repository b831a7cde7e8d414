//! What Shopify knows our app by, and what only the two of us know.

use std::fmt;

/// A secret or a token: never printed by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// As the developer's dashboard shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    pub client_id: String,
    pub secret: Secret,
    /// The one before: for an hour after a rotation Shopify may still sign with it.
    pub old_secret: Option<Secret>,
}

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// To be sealed or sent.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl App {
    /// Those that something may be signed with.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        // An empty key signs for everybody.
        [Some(&self.secret), self.old_secret.as_ref()]
            .into_iter()
            .flatten()
            .filter(|secret| !secret.0.is_empty())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn app() -> App {
        App {
            client_id: "client".to_owned(),
            secret: Secret::new("hush"),
            old_secret: Some(Secret::new("hushed before")),
        }
    }

    #[test]
    fn a_secret_is_not_printed() {
        let printed = format!("{:?}", app());
        assert!(printed.contains("client") && !printed.contains("hush"), "{printed}");
    }

    #[test]
    fn an_empty_secret_is_none() {
        let app = App { secret: Secret::new(""), old_secret: Some(Secret::new("")), ..app() };
        assert_eq!(app.secrets().count(), 0);
    }
}
