//! A shop's own domain: a name of letters, digits and hyphens before `.myshopify.com`, and nothing else.
//!
//! Whatever leaves for a shop goes to a host that is made of this, so that no stranger's word chooses whom we speak to.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

const SUFFIX: &str = ".myshopify.com";
const ADMIN: &str = "admin.shopify.com/store/";
/// Of one part of a host's name (RFC 1035).
const NAME_BYTES_MAX: usize = 63;
/// Of an address that somebody copied from their browser.
const TYPED_BYTES_MAX: usize = 2_048;

/// "nordlicht.myshopify.com", in small letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ShopDomain(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a shop's domain: one like your-shop.myshopify.com is expected")]
pub struct BadShopDomain;

impl ShopDomain {
    /// As a person types or pastes it: the name alone, the domain, or an address of the shop's admin.
    pub fn typed(text: &str) -> Result<Self, BadShopDomain> {
        if text.len() > TYPED_BYTES_MAX {
            return Err(BadShopDomain);
        }
        let text = text.trim().to_ascii_lowercase();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
        let first = |rest: &str| rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned();
        if let Some(behind) = rest.strip_prefix(ADMIN) {
            return Self::named(&first(behind));
        }
        let host = first(rest);
        if host.contains('.') { host.parse() } else { Self::named(&host) }
    }

    /// Of the shop with this name.
    fn named(name: &str) -> Result<Self, BadShopDomain> {
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins = name.bytes().next().is_some_and(is_plain);
        let fits = name.len() <= NAME_BYTES_MAX && name.bytes().all(|byte| is_plain(byte) || byte == b'-');
        if begins && fits { Ok(Self(format!("{name}{SUFFIX}"))) } else { Err(BadShopDomain) }
    }

    /// What stands before `.myshopify.com`.
    pub fn name(&self) -> &str {
        self.0.strip_suffix(SUFFIX).unwrap_or(&self.0)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ShopDomain {
    type Err = BadShopDomain;

    /// As machines tell it: nothing around it, capitals allowed.
    fn from_str(text: &str) -> Result<Self, BadShopDomain> {
        if text.len() > NAME_BYTES_MAX + SUFFIX.len() {
            return Err(BadShopDomain);
        }
        let text = text.to_ascii_lowercase();
        Self::named(text.strip_suffix(SUFFIX).ok_or(BadShopDomain)?)
    }
}

impl TryFrom<String> for ShopDomain {
    type Error = BadShopDomain;

    fn try_from(text: String) -> Result<Self, BadShopDomain> {
        text.parse()
    }
}

impl From<ShopDomain> for String {
    fn from(domain: ShopDomain) -> Self {
        domain.0
    }
}

impl fmt::Display for ShopDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_shops_domain_has_one_form() {
        let check = |text: &str, expected: Option<&str>| {
            let read = text.parse::<ShopDomain>();
            assert_eq!(read.as_ref().ok().map(ShopDomain::as_str), expected, "{text:?}");
        };
        check("nordlicht.myshopify.com", Some("nordlicht.myshopify.com"));
        check("Nord-Licht2.MyShopify.com", Some("nord-licht2.myshopify.com"));
        check("7.myshopify.com", Some("7.myshopify.com"));
        check(
            &format!("{}.myshopify.com", "a".repeat(63)),
            Some(&format!("{}.myshopify.com", "a".repeat(63))),
        );
        for wrong in [
            "",
            ".myshopify.com",
            "-a.myshopify.com",
            "a_b.myshopify.com",
            "a.b.myshopify.com",
            "a.myshopify.com.evil.com",
            "a.myshopify.com/",
            "a.myshopify.com\n",
            " a.myshopify.com",
            "https://a.myshopify.com",
            "evil.com/a.myshopify.com",
            "evil.com#.myshopify.com",
            "evil.com@a.myshopify.com",
            "a.myshopify.com:8080",
            "a.shopify.com",
            "a.myshopify.io",
            "amyshopify.com",
            "\u{e4}.myshopify.com",
            &format!("{}.myshopify.com", "a".repeat(64)),
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn people_tell_their_shop_as_they_see_it() {
        let check = |text: &str, expected: Option<&str>| {
            let read = ShopDomain::typed(text);
            assert_eq!(read.as_ref().ok().map(ShopDomain::name), expected, "{text:?}");
        };
        for right in [
            "nordlicht",
            " Nordlicht ",
            "nordlicht.myshopify.com",
            "https://nordlicht.myshopify.com/admin/products?x=1",
            "http://nordlicht.myshopify.com",
            "admin.shopify.com/store/nordlicht",
            "https://admin.shopify.com/store/nordlicht/orders?status=open",
        ] {
            check(right, Some("nordlicht"));
        }
        for wrong in [
            "",
            "nordlicht.com",
            "https://evil.com/nordlicht.myshopify.com",
            "https://evil.com/admin.shopify.com/store/nordlicht",
            "https://evil.com@nordlicht.myshopify.com",
            "https://nordlicht.myshopify.com@evil.com",
            "https://nordlicht.myshopify.com:8080/",
            "admin.shopify.com/store/",
            "admin.shopify.com/store/a.b",
            "file:///etc/passwd",
            "my shop",
            &"a".repeat(3_000),
        ] {
            check(wrong, None);
        }
    }

    proptest! {
        #[test]
        fn whatever_is_told_the_host_is_a_shops(text in ".{0,40}|[a-z@:/.#?-]{0,20}(\\.myshopify\\.com)?[a-z@:/.#?-]{0,10}") {
            for domain in [text.parse::<ShopDomain>(), ShopDomain::typed(&text)].into_iter().flatten() {
                let name = domain.name();
                prop_assert_eq!(domain.as_str(), format!("{name}.myshopify.com"));
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'));
                prop_assert_eq!(domain.as_str().parse(), Ok(domain.clone()));
            }
        }
    }
}
