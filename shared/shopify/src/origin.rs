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

    /// A page of Shopify's admin that is no page of the shop's. `path` begins with a slash.
    pub fn admin(&self, shop: &ShopDomain, path: &str) -> String {
        match self {
            Self::Shopify => format!("https://admin.shopify.com/store/{}{path}", shop.name()),
            Self::Beneath(_) => self.url(shop, &format!("/store{path}")),
        }
    }

    /// The script that is App Bridge, which nobody may serve but Shopify.
    pub fn app_bridge(&self) -> String {
        match self {
            Self::Shopify => "https://cdn.shopify.com/shopifycloud/app-bridge.js".to_owned(),
            Self::Beneath(base) => format!("{}/app-bridge.js", base.trim_end_matches('/')),
        }
    }

    /// Whose scripts a page within the admin runs beside its own, for its policy.
    pub fn scripts(&self) -> String {
        match self {
            Self::Shopify => "https://cdn.shopify.com".to_owned(),
            Self::Beneath(base) => host(base).to_owned(),
        }
    }

    /// For a page's policy: the shop's own admin may frame it, and nobody else.
    pub fn frame_ancestors(&self, shop: &ShopDomain) -> String {
        match self {
            Self::Shopify => format!("frame-ancestors https://{shop} https://admin.shopify.com;"),
            Self::Beneath(base) => format!("frame-ancestors {};", host(base)),
        }
    }
}

/// Scheme, host and port.
fn host(base: &str) -> &str {
    let begin = base.find("://").map_or(0, |at| at + 3);
    let end = base[begin..].find('/').map_or(base.len(), |at| begin + at);
    &base[..end]
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

    #[test]
    fn the_shops_own_admin_frames_us_and_nobody_else() {
        let shop: ShopDomain = "nordlicht.myshopify.com".parse().unwrap();
        let real = "frame-ancestors https://nordlicht.myshopify.com https://admin.shopify.com;";
        assert_eq!(Origin::Shopify.frame_ancestors(&shop), real);
        let home = Origin::Beneath("http://127.0.0.1:8787/shopify".to_owned());
        assert_eq!(home.frame_ancestors(&shop), "frame-ancestors http://127.0.0.1:8787;");
        assert_eq!(home.scripts(), "http://127.0.0.1:8787");
        assert_eq!(home.app_bridge(), "http://127.0.0.1:8787/shopify/app-bridge.js");
        assert_eq!(Origin::Beneath("http://a.test".to_owned()).scripts(), "http://a.test");
        assert!(Origin::Shopify.app_bridge().starts_with(&Origin::Shopify.scripts()));
    }
}
