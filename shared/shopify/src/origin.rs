//! Where shops are spoken to.

use crate::ShopDomain;

/// The one place where an address of a shop's is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Each at its own domain.
    Shopify,
    /// All beneath one address, as a demo shop is: `http://127.0.0.1:8787/shopify`.
    Beneath(String),
}

impl Origin {
    /// `path` begins with a slash.
    pub fn url(&self, shop: &ShopDomain, path: &str) -> String {
        match self {
            Self::Shopify => format!("https://{shop}{path}"),
            Self::Beneath(base) => format!("{}/{shop}{path}", base.trim_end_matches('/')),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shop_has_an_address_of_its_own() {
        let shop: ShopDomain = "nordlicht.myshopify.com".parse().unwrap();
        assert_eq!(Origin::Shopify.url(&shop, "/admin"), "https://nordlicht.myshopify.com/admin");
        for base in ["http://127.0.0.1:8787/shopify", "http://127.0.0.1:8787/shopify/"] {
            let url = Origin::Beneath(base.to_owned()).url(&shop, "/admin");
            assert_eq!(url, "http://127.0.0.1:8787/shopify/nordlicht.myshopify.com/admin");
        }
    }
}
