//! Links to files at home, signed as S3 signs its own: each for one file, one method, until a second, and to bring, for
//! one length; to take, for one name to save under.

use flows::{
    FlowError,
    files::{FileName, LINK_SECONDS_MAX},
    sign::Purpose,
};
use serde::Deserialize;
use std::time::Duration;

use super::LocalFiles;

/// What stands in a link behind the `?`.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    /// How many bytes, or under which name.
    pub(super) of: String,
    pub(super) until: i64,
    pub(super) tag: String,
}

/// Why nobody may go it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadLink {
    Forged,
    Expired,
}

impl BadLink {
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Forged => "this link is not one of ours, or was made for another method",
            Self::Expired => "this link has expired; ask for a new one",
        }
    }
}

impl LocalFiles {
    pub(super) async fn link(
        &self,
        method: &str,
        name: FileName,
        of: &str,
        valid: Duration,
    ) -> Result<String, FlowError> {
        if valid > Duration::from_secs(LINK_SECONDS_MAX) {
            return Err(FlowError::broken("no link holds for longer than a week"));
        }
        let until = self.clock.now().as_second().saturating_add_unsigned(valid.as_secs());
        let name = name.to_string();
        let secrets = self.secrets.open().await?;
        let tag = secrets.tag(Purpose::FileLink, message(method, &name, until, of).as_bytes());
        let mut link = url::Url::parse(&format!("{}/{name}", self.url)).map_err(FlowError::broken)?;
        let (until, query) = (until.to_string(), ["of", "until", "tag"]);
        link.query_pairs_mut().extend_pairs(query.iter().zip([of, &until, &tag]));
        Ok(link.into())
    }

    /// Whether we made it, for that, and it holds still.
    pub(super) async fn check(
        &self,
        method: &str,
        name: &str,
        told: &Told,
    ) -> Result<Result<(), BadLink>, FlowError> {
        let secrets = self.secrets.open().await?;
        let message = message(method, name, told.until, &told.of);
        if !secrets.made(Purpose::FileLink, message.as_bytes(), &told.tag) {
            return Ok(Err(BadLink::Forged));
        }
        Ok(if self.clock.now().as_second() < told.until { Ok(()) } else { Err(BadLink::Expired) })
    }
}

/// Only the last of it may hold a line's end.
fn message(method: &str, name: &str, until: i64, of: &str) -> String {
    format!("{method}\n{name}\n{until}\n{of}")
}
