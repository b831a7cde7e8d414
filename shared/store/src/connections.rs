//! Which shop is whose, and how a tenant is tied to its own.
//!
//! The directory and the connection change in one step: a shop that is found leads to a tenant that says the same.

use domain::{
    Connection, ConnectionState, SealedTokens, ShopDomain, TenantId, Timestamp, UserId,
    connection::{Metafields, Unreached, UnreachedReason},
    own::AttributeKind,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Held, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read_as},
};

/// Whose a shop is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShopOwner {
    pub tenant: TenantId,
    /// They have disconnected it, or removed the app from it: another may connect it.
    pub has_left: bool,
    /// Whose it was before, and who may keep what they had of it.
    pub former: BTreeSet<TenantId>,
}

impl ShopOwner {
    /// Whether somebody else has it now. What they have left is anybody's.
    pub fn is_another_than(&self, tenant: TenantId) -> bool {
        self.tenant != tenant && !self.has_left
    }
}

impl Store {
    /// Whose a shop is, or was last.
    pub async fn shop_owner(&self, shop: &ShopDomain) -> Result<Option<Held<ShopOwner>>, StoreError> {
        self.get(keys::shop(shop)).await?.map(read_as::<ShopRecord, _>).transpose()
    }
}

impl TenantStore {
    pub async fn connection(&self) -> Result<Option<Held<Connection>>, StoreError> {
        self.get(keys::connection(self.id())).await?.map(read_as::<ConnectionRecord, _>).transpose()
    }

    /// `Conflict` if there is one already.
    pub fn connection_made(&self, connection: &Connection) -> Step {
        let record = ConnectionRecord::from(connection);
        Step(vec![Entry::new(keys::connection(self.id()), &record).create()])
    }

    /// `Conflict` if somebody else changed it.
    pub fn connection_changed(&self, held: &Held<Connection>, connection: &Connection) -> Step {
        let record = ConnectionRecord::from(connection);
        Step(vec![Entry::new(keys::connection(self.id()), &record).replace(held.version)])
    }

    /// The shop is this tenant's from now on. `held`: whose it is so far; `Conflict` if that is not so any more.
    pub fn shop_taken(&self, shop: &ShopDomain, held: Option<&Held<ShopOwner>>) -> Step {
        self.shop_put(shop, held, false)
    }

    /// The tenant has lost the shop: another may take it, and until then it is known whose it was.
    pub fn shop_left(&self, shop: &ShopDomain, held: &Held<ShopOwner>) -> Step {
        self.shop_put(shop, Some(held), true)
    }

    fn shop_put(&self, shop: &ShopDomain, held: Option<&Held<ShopOwner>>, has_left: bool) -> Step {
        let mut former = held.map(|held| held.former.clone()).unwrap_or_default();
        former.extend(held.map(|held| held.tenant));
        former.remove(&self.id());
        let record = ShopRecord { tenant: self.id(), has_left, former };
        let entry = Entry::new(keys::shop(shop), &record);
        Step(vec![entry.in_place_of(held)])
    }
}

#[derive(Serialize, Deserialize)]
struct ShopRecord {
    tenant: TenantId,
    #[serde(default)]
    has_left: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    former: BTreeSet<TenantId>,
}

impl From<ShopRecord> for ShopOwner {
    fn from(ShopRecord { tenant, has_left, former }: ShopRecord) -> Self {
        Self { tenant, has_left, former }
    }
}

#[derive(Serialize, Deserialize)]
struct ConnectionRecord {
    shop: ShopDomain,
    state: ConnectionState,
    scopes: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tokens: Option<TokensRecord>,
    by: UserId,
    #[serde(with = "millisecond::required")]
    connected_at: Timestamp,
    #[serde(with = "millisecond::required")]
    changed_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    claimed_until: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answered_by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    unreached: Option<UnreachedRecord>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metafields: BTreeMap<String, AttributeKind>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millisecond::optional")]
    metafields_read_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
struct UnreachedRecord {
    why: UnreachedReason,
    #[serde(with = "millisecond::required")]
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct TokensRecord {
    #[serde(with = "serde_bytes")]
    sealed: Vec<u8>,
    #[serde(with = "millisecond::required")]
    access_ends_at: Timestamp,
    #[serde(with = "millisecond::required")]
    refresh_ends_at: Timestamp,
}

impl From<&Connection> for ConnectionRecord {
    fn from(connection: &Connection) -> Self {
        let Connection { shop, state, scopes, tokens, by, connected_at, changed_at, .. } = connection.clone();
        let Connection { claimed_until, answered_by, unreached, metafields, .. } = connection.clone();
        let unreached = unreached.map(|Unreached { why, since }| UnreachedRecord { why, since });
        let tokens = tokens.map(|SealedTokens { sealed, access_ends_at, refresh_ends_at }| TokensRecord {
            sealed,
            access_ends_at,
            refresh_ends_at,
        });
        Self {
            shop,
            state,
            scopes,
            tokens,
            by,
            connected_at,
            changed_at,
            claimed_until,
            answered_by,
            unreached,
            metafields: metafields.defined,
            metafields_read_at: metafields.read_at,
        }
    }
}

impl From<ConnectionRecord> for Connection {
    fn from(record: ConnectionRecord) -> Self {
        let ConnectionRecord { shop, state, scopes, tokens, by, connected_at, changed_at, .. } = record;
        let ConnectionRecord {
            claimed_until, answered_by, unreached, metafields, metafields_read_at, ..
        } = record;
        let unreached = unreached.map(|UnreachedRecord { why, since }| Unreached { why, since });
        let tokens = tokens.map(|TokensRecord { sealed, access_ends_at, refresh_ends_at }| SealedTokens {
            sealed,
            access_ends_at,
            refresh_ends_at,
        });
        Self {
            shop,
            state,
            scopes,
            tokens,
            by,
            connected_at,
            changed_at,
            claimed_until,
            answered_by,
            unreached,
            metafields: Metafields { defined: metafields, read_at: metafields_read_at },
        }
    }
}
