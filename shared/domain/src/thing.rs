//! A thing of a shop's, named so that it can be asked for.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{BadId, CustomerId, OrderId, ProductId};

/// What can be read of a shop by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Thing {
    Customer(CustomerId),
    Order(OrderId),
    Product(ProductId),
    /// The shop itself: its name, its zone, what we may do there.
    Shop,
}

/// As the merchant reads it: "customer s7001".
impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer {id}"),
            Self::Order(id) => write!(f, "order {id}"),
            Self::Product(id) => write!(f, "product {id}"),
            Self::Shop => f.write_str("shop"),
        }
    }
}

impl FromStr for Thing {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once(' ') {
            Some(("customer", id)) => id.parse().map(Self::Customer),
            Some(("order", id)) => id.parse().map(Self::Order),
            Some(("product", id)) => id.parse().map(Self::Product),
            None if text == "shop" => Ok(Self::Shop),
            _ => Err(BadId),
        }
    }
}

impl TryFrom<String> for Thing {
    type Error = BadId;

    fn try_from(text: String) -> Result<Self, BadId> {
        text.parse()
    }
}

impl From<Thing> for String {
    fn from(thing: Thing) -> Self {
        thing.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_one_name() {
        let things = [
            Thing::Customer(CustomerId::Shopify(7)),
            Thing::Order(OrderId::Shopify(8)),
            Thing::Product(ProductId::Shopify(9)),
            Thing::Shop,
        ];
        for thing in things {
            assert_eq!(thing.to_string().parse(), Ok(thing));
        }
        for wrong in ["", "customer", "customer 7", "shop s7", "refund s7", "order s8 "] {
            assert_eq!(wrong.parse::<Thing>(), Err(BadId), "{wrong:?}");
        }
    }
}
