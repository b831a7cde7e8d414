//! The addresses at which shops tell us: one for all, one for each topic, and one for each shop that nobody else knows.

use shopify::Topic;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address<'a> {
    /// Whatever it is about.
    Any,
    /// About this topic alone.
    OfTopic(&'a str),
    /// Of the shop whose tag this is alone: `Purpose::ShopAddress`.
    OfShop(&'a str),
}

/// Every address is one of these, or below it. The gateway sends each of them here.
pub const BEGINNINGS: [&str; 3] = ["/webhooks", "/webhook", "/api/webhooks"];

/// Whether the gateway sends here what comes to that path.
pub fn leads_here(path: &str) -> bool {
    behind(path).is_some()
}

fn behind(path: &str) -> Option<&str> {
    let rests = BEGINNINGS.iter().filter_map(|beginning| path.strip_prefix(beginning));
    rests.into_iter().find(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl<'a> Address<'a> {
    pub(crate) fn read(path: &'a str) -> Option<Self> {
        match behind(path)?.trim_matches('/') {
            "" | "shopify" => Some(Self::Any),
            rest => match rest.strip_prefix("s/") {
                Some(tag) if tag.is_empty() || tag.contains('/') => None,
                Some(tag) => Some(Self::OfShop(tag)),
                None => Some(Self::OfTopic(rest)),
            },
        }
    }
}

/// Whether a path names the topic: as Shopify writes it, or with whatever is no letter written in another way.
pub(crate) fn is_named(topic: &Topic, name: &str) -> bool {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter.to_ascii_lowercase() } else { '_' };
    topic.name().chars().map(plain).eq(name.chars().map(plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_may_come_to_it() {
        let check =
            |path: &str, expected: Option<Address<'_>>| assert_eq!(Address::read(path), expected, "{path}");
        for path in [
            "/webhooks",
            "/webhooks/",
            "/webhook",
            "/webhooks/shopify",
            "/api/webhooks",
            "/api/webhooks/shopify",
        ] {
            check(path, Some(Address::Any));
        }
        for path in ["/webhooks/orders/create", "/webhook/orders/create", "/api/webhooks/orders/create/"] {
            check(path, Some(Address::OfTopic("orders/create")));
        }
        check("/webhooks/s/abc-_1", Some(Address::OfShop("abc-_1")));
        for path in [
            "/",
            "/webhooksx",
            "/api",
            "/api/webhook",
            "/webhooks/s",
            "/hooks/orders/create",
            "/webhooks/s/a/b",
        ] {
            let expected = if path == "/webhooks/s" { Some(Address::OfTopic("s")) } else { None };
            check(path, expected);
        }
    }

    #[test]
    fn a_topic_is_named_in_more_than_one_way() {
        let check =
            |topic: Topic, name: &str, expected| assert_eq!(is_named(&topic, name), expected, "{name}");
        for name in ["orders/create", "orders-create", "ORDERS_CREATE"] {
            check(Topic::OrdersCreate, name, true);
        }
        check(Topic::CustomerTagsAdded, "customer/tags_added", true);
        for name in ["orders", "orders/created", "orders/updated", ""] {
            check(Topic::OrdersCreate, name, false);
        }
    }
}
