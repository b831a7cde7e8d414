//! What our app may do in a shop.

use std::{collections::BTreeSet, fmt, str::FromStr};

/// Handles of permissions: `read_orders`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(BTreeSet<String>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a list of scopes: one like read_orders,write_customers is expected")]
pub struct BadScopes;

impl Scopes {
    /// Whether these are enough for what is needed. Who may write may read, and Shopify then tells only the first.
    pub fn cover(&self, needed: &Self) -> bool {
        self.lacking(needed).0.is_empty()
    }

    /// What is needed and is not among these.
    #[must_use]
    pub fn lacking(&self, needed: &Self) -> Self {
        let has = |scope: &String| {
            let stronger = |read: &str| self.0.contains(&format!("write_{read}"));
            self.0.contains(scope) || scope.strip_prefix("read_").is_some_and(stronger)
        };
        Self(needed.0.iter().filter(|scope| !has(scope)).cloned().collect())
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl FromIterator<String> for Scopes {
    fn from_iter<I: IntoIterator<Item = String>>(all: I) -> Self {
        Self(all.into_iter().collect())
    }
}

impl FromStr for Scopes {
    type Err = BadScopes;

    fn from_str(text: &str) -> Result<Self, BadScopes> {
        let handles = text.split(',').map(str::trim).filter(|handle| !handle.is_empty());
        let is_plain = |handle: &str| {
            handle.len() <= 100 && handle.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        handles.map(|handle| if is_plain(handle) { Ok(handle.to_owned()) } else { Err(BadScopes) }).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(String::as_str).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_write_may_read() {
        let scopes = |text: &str| text.parse::<Scopes>().unwrap();
        let granted = scopes("write_customers, read_orders");
        assert!(granted.cover(&scopes("read_customers,write_customers,read_orders")));
        assert_eq!(
            granted.lacking(&scopes("write_orders,read_all_orders")).to_string(),
            "read_all_orders,write_orders"
        );
        assert_eq!(scopes(" read_orders,,write_customers").to_string(), "read_orders,write_customers");
        assert_eq!(scopes(""), Scopes::default());
        assert_eq!("read orders".parse::<Scopes>(), Err(BadScopes));
    }
}
