//! The names of things: one type each, so that a user's id cannot be handed over as a tenant's.
//!
//! What is ours has a ULID in its one canonical form (26 capital letters and digits); what comes from Shopify has
//! Shopify's number behind an "s". Neither holds a `#`, so that a key that ends an id with one cannot be the prefix of
//! a neighbour's.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use ulid::Ulid;

use crate::Timestamp;

/// A text that is not an id in canonical form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id: 26 capital letters and digits are expected")]
pub struct BadId;

/// The canonical form only: a lower-case spelling would be a second name for the same thing.
fn parse(text: &str) -> Result<Ulid, BadId> {
    let ulid = Ulid::from_string(text).map_err(|_| BadId)?;
    if ulid.to_string() == text { Ok(ulid) } else { Err(BadId) }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl $name {
            /// A new id. `dice` are 10 random bytes; the same instant and dice make the same id.
            pub fn new(now: Timestamp, dice: [u8; 10]) -> Self {
                Self(ulid(now, dice))
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                parse(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    )*};
}

ids! {
    /// A merchant's account: the boundary that no read and no write crosses.
    TenantId;
    /// A person who signs in. One person may belong to several tenants.
    UserId;
    /// A sign-in on one device, and all the refresh tokens that descend from it.
    SessionId;
    /// A key that a program holds.
    ApiKeyId;
    /// An invitation into a tenant.
    InvitationId;
    /// A request to set a new password.
    ResetId;
    /// Work that outlasts the request that asked for it.
    JobId;
    /// Bringing here what a shop has.
    RunId;
    /// What opens one socket, once.
    TicketId;
    /// What somebody asks of a shop by law: their data, or to be forgotten.
    RequestId;
    /// Customers whom a merchant has given a name.
    SegmentId;
    /// Words for many.
    TemplateId;
    /// Words for many, once.
    CampaignId;
    /// A question that a merchant has given a name.
    ReportId;
    /// Somebody in whose name a shop writes.
    SenderId;
}

macro_rules! ids_of_shops {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name {
            Ours(Ulid),
            /// Shopify's number, so that a repeated event needs no look-up: "s7001".
            Shopify(u64),
        }

        impl $name {
            /// A new id. The same instant and dice make the same id.
            pub fn new(now: Timestamp, dice: [u8; 10]) -> Self {
                Self::Ours(ulid(now, dice))
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let Some(digits) = text.strip_prefix('s') else { return parse(text).map(Self::Ours) };
                let number: u64 = digits.parse().map_err(|_| BadId)?;
                if number > 0 && number.to_string() == digits { Ok(Self::Shopify(number)) } else { Err(BadId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    Self::Ours(ulid) => ulid.fmt(f),
                    Self::Shopify(number) => write!(f, "s{number}"),
                }
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )*};
}

ids_of_shops! {
    /// A merchant's customer.
    CustomerId;
    OrderId;
    ProductId;
    VariantId;
}

/// How many customers of a shop stand for whoever left no address. Several, so that a busy till does not wait in line.
pub const WALK_INS: u8 = 16;

impl RunId {
    /// Of the run that the clock begins then: of two who begin it at once, one finds the other's.
    pub fn of_clock(tenant: TenantId, now: Timestamp) -> Self {
        Self(Ulid::from_parts(u64::try_from(now.as_millisecond()).unwrap_or(0), !tenant.0.random()))
    }
}

impl CustomerId {
    /// One of those who left no address; the same for every order that is asked for twice.
    pub fn walk_in(of: OrderId) -> Self {
        let sum = of.to_string().bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte));
        Self::Ours(Ulid(u128::from(sum % WALK_INS)))
    }

    /// Whoever a row of a job's file is about, unless they are known: the same each time the row is read.
    pub fn of_row(job: JobId, row: u64) -> Self {
        Self::Ours(Ulid(job.0.0.wrapping_add(u128::from(row))))
    }

    pub fn is_walk_in(self) -> bool {
        matches!(self, Self::Ours(Ulid(number)) if number < u128::from(WALK_INS))
    }
}

fn ulid(now: Timestamp, dice: [u8; 10]) -> Ulid {
    let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
    let mut random = [0; 16];
    random[6..].copy_from_slice(&dice);
    Ulid::from_parts(millis, u128::from_be_bytes(random))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = TenantId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "01", "0000000000000000000000000#", &id.to_string().to_lowercase()] {
            assert_eq!(wrong.parse::<TenantId>(), Err(BadId), "{wrong:?}");
        }
    }

    #[test]
    fn what_comes_from_shopify_keeps_its_number() {
        assert_eq!("s7001".parse(), Ok(CustomerId::Shopify(7001)));
        assert_eq!(CustomerId::Shopify(7001).to_string(), "s7001");
        for wrong in ["s", "s0", "s07", "S7", "7", "s-7", "s+7", "s7#", "s99999999999999999999"] {
            assert_eq!(wrong.parse::<CustomerId>(), Err(BadId), "{wrong:?}");
        }
    }

    #[test]
    fn who_leaves_no_address_is_one_of_a_few() {
        let all: std::collections::BTreeSet<_> =
            (1..500).map(|n| CustomerId::walk_in(OrderId::Shopify(n))).collect();
        assert_eq!(all.len(), usize::from(WALK_INS));
        assert!(all.iter().all(|id| id.is_walk_in() && id.to_string().parse() == Ok(*id)));
        assert!(!CustomerId::Shopify(3).is_walk_in());
        assert!(!CustomerId::new(Timestamp::UNIX_EPOCH, [1; 10]).is_walk_in());
    }

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let earlier = UserId::new(Timestamp::from_second(1).unwrap(), [255; 10]);
        let later = UserId::new(Timestamp::from_second(2).unwrap(), [0; 10]);
        assert!(earlier.to_string() < later.to_string());
    }
}
