//! What events are about, by Shopify's names.

use std::{fmt, str::FromStr};

use crate::oauth::Scopes;

macro_rules! topics {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A topic of webhooks.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Topic {
            $($(#[$doc])* $name,)*
            /// One that means nothing to us: a plain name.
            Other(String),
        }

        impl Topic {
            /// All that mean something to us.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As headers and `shopify.app.toml` have it: "orders/create".
            pub fn name(&self) -> &str {
                match self {
                    $(Self::$name => $text,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl FromStr for Topic {
            type Err = BadTopic;

            fn from_str(text: &str) -> Result<Self, BadTopic> {
                match text {
                    $($text => Ok(Self::$name),)*
                    other if is_plain(other) => Ok(Self::Other(other.to_owned())),
                    _ => Err(BadTopic),
                }
            }
        }
    };
}

topics! {
    AppUninstalled = "app/uninstalled",
    AppScopesUpdate = "app/scopes_update",
    BulkOperationsFinish = "bulk_operations/finish",
    CheckoutsCreate = "checkouts/create",
    CheckoutsUpdate = "checkouts/update",
    CheckoutsDelete = "checkouts/delete",
    CustomerTagsAdded = "customer.tags_added",
    CustomerTagsRemoved = "customer.tags_removed",
    CustomersCreate = "customers/create",
    CustomersUpdate = "customers/update",
    CustomersEnable = "customers/enable",
    CustomersDisable = "customers/disable",
    CustomersDelete = "customers/delete",
    CustomersMerge = "customers/merge",
    CustomersPurchasingSummary = "customers/purchasing_summary",
    CustomersEmailConsent = "customers_email_marketing_consent/update",
    /// Of text messages, whatever its name says.
    CustomersSmsConsent = "customers_marketing_consent/update",
    CustomersDataRequest = "customers/data_request",
    CustomersRedact = "customers/redact",
    OrdersCreate = "orders/create",
    OrdersUpdated = "orders/updated",
    OrdersPaid = "orders/paid",
    OrdersFulfilled = "orders/fulfilled",
    OrdersPartiallyFulfilled = "orders/partially_fulfilled",
    OrdersCancelled = "orders/cancelled",
    OrdersEdited = "orders/edited",
    OrdersDelete = "orders/delete",
    ProductsCreate = "products/create",
    ProductsUpdate = "products/update",
    ProductsDelete = "products/delete",
    RefundsCreate = "refunds/create",
    ShopUpdate = "shop/update",
    ShopRedact = "shop/redact",
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a topic: one like orders/create is expected")]
pub struct BadTopic;

const NAME_BYTES_MAX: usize = 100;

fn is_plain(name: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
    (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(letters)
}

impl Topic {
    /// What we ask every shop for. Others say the same again (`orders/paid` is an `orders/updated`), and are understood where
    /// a shop sends them.
    pub const ASKED_FOR: &[Self] = &[
        Self::AppUninstalled,
        Self::AppScopesUpdate,
        Self::BulkOperationsFinish,
        Self::CheckoutsCreate,
        Self::CheckoutsUpdate,
        Self::CheckoutsDelete,
        Self::CustomerTagsAdded,
        Self::CustomerTagsRemoved,
        Self::CustomersCreate,
        Self::CustomersUpdate,
        Self::CustomersDelete,
        Self::CustomersMerge,
        Self::CustomersPurchasingSummary,
        Self::CustomersEmailConsent,
        Self::CustomersSmsConsent,
        Self::OrdersCreate,
        Self::OrdersUpdated,
        Self::OrdersCancelled,
        Self::OrdersDelete,
        Self::ProductsCreate,
        Self::ProductsUpdate,
        Self::ProductsDelete,
        Self::RefundsCreate,
        Self::ShopUpdate,
    ];

    /// Those that the law asks for. They are told in `shopify.app.toml` alone: no shop can be asked for them.
    pub fn is_compliance(&self) -> bool {
        matches!(self, Self::CustomersDataRequest | Self::CustomersRedact | Self::ShopRedact)
    }

    /// What the merchant must have allowed for it. `None`: nothing.
    pub fn scope(&self) -> Option<Scopes> {
        let scope = match self.name().split(['/', '.', '_']).next()? {
            "customer" | "customers" => "read_customers",
            "orders" | "refunds" | "checkouts" => "read_orders",
            "products" => "read_products",
            _ => return None,
        };
        (!self.is_compliance()).then(|| std::iter::once(scope.to_owned()).collect())
    }

    /// As GraphQL has it: `ORDERS_CREATE`.
    pub fn in_graphql(&self) -> String {
        self.name().replace(['/', '.'], "_").to_ascii_uppercase()
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_has_one_name() {
        for topic in Topic::ALL {
            assert_eq!(topic.name().parse().as_ref(), Ok(topic));
        }
        assert_eq!("themes/publish".parse(), Ok(Topic::Other("themes/publish".to_owned())));
        for wrong in ["", "orders create", "orders\n", "#", &"a".repeat(101)] {
            assert_eq!(wrong.parse::<Topic>(), Err(BadTopic), "{wrong:?}");
        }
        assert_eq!(Topic::CustomerTagsAdded.in_graphql(), "CUSTOMER_TAGS_ADDED");
    }

    #[test]
    fn each_topic_needs_what_it_tells() {
        let check = |topic: Topic, expected: Option<&str>| {
            assert_eq!(topic.scope().map(|scope| scope.to_string()).as_deref(), expected, "{topic}");
        };
        check(Topic::CustomerTagsAdded, Some("read_customers"));
        check(Topic::CustomersSmsConsent, Some("read_customers"));
        check(Topic::RefundsCreate, Some("read_orders"));
        check(Topic::CheckoutsUpdate, Some("read_orders"));
        check(Topic::ProductsDelete, Some("read_products"));
        for free in
            [Topic::AppUninstalled, Topic::BulkOperationsFinish, Topic::ShopUpdate, Topic::CustomersRedact]
        {
            check(free, None);
        }
    }
}
