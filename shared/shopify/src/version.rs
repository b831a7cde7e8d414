//! Versions of Shopify's Admin API: one a quarter, each served for a year at least.
//!
//! Who asks for one that is no longer served is answered by the oldest that is, without a word but a header's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// "2026-10".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ApiVersion {
    Of {
        year: u16,
        month: u8,
    },
    /// Changes at any time.
    Unstable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a version of the Admin API: one like 2026-10 is expected")]
pub struct BadVersion;

impl ApiVersion {
    /// What we ask for: our documents are validated against its schema. Served until 16 October 2027.
    pub const PINNED: Self = Self::Of { year: 2026, month: 10 };
}

impl FromStr for ApiVersion {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        if text == "unstable" {
            return Ok(Self::Unstable);
        }
        let (year, month) = text.split_once('-').ok_or(BadVersion)?;
        let is_plain = |part: &str, digits: usize| {
            part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_plain(year, 4) || !is_plain(month, 2) {
            return Err(BadVersion);
        }
        let (year, month) = (year.parse().map_err(|_| BadVersion)?, month.parse().map_err(|_| BadVersion)?);
        if matches!(month, 1 | 4 | 7 | 10) { Ok(Self::Of { year, month }) } else { Err(BadVersion) }
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Of { year, month } => write!(f, "{year:04}-{month:02}"),
            Self::Unstable => f.write_str("unstable"),
        }
    }
}

impl TryFrom<String> for ApiVersion {
    type Error = BadVersion;

    fn try_from(text: String) -> Result<Self, BadVersion> {
        text.parse()
    }
}

impl From<ApiVersion> for String {
    fn from(version: ApiVersion) -> Self {
        version.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_quarter() {
        for right in ["2026-10", "2025-01", "unstable"] {
            assert_eq!(right.parse::<ApiVersion>().map(|version| version.to_string()), Ok(right.to_owned()));
        }
        for wrong in ["", "2026", "2026-11", "2026-1", "26-10", "2026-10 ", "+026-10", "v1", "Unstable"] {
            assert_eq!(wrong.parse::<ApiVersion>(), Err(BadVersion), "{wrong:?}");
        }
        assert_eq!(ApiVersion::PINNED.to_string(), "2026-10");
        assert!("2027-01".parse::<ApiVersion>().unwrap() > ApiVersion::PINNED);
    }
}
