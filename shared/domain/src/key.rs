//! A key that a program holds in a tenant's name.

use crate::{ApiKeyId, Maker, Name, Permissions, TenantId, Timestamp};

/// A tenant has at most this many keys: lists of them are read whole.
pub const KEYS_MAX: usize = 100;

/// Everything about a key but the key: that is shown once, when it is made, and kept only as a hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub tenant: TenantId,
    pub name: Name,
    /// SHA-256 of the key, in hex. The key has 256 random bits, so it needs no slow hash.
    pub hash: String,
    /// What the key may do. Never more than whoever made it could at that time.
    pub scopes: Permissions,
    /// It works as long as their account is in the same hands.
    pub created_by: Maker,
    pub created_at: Timestamp,
}
