//! Every key, in one place. What follows the tenant's `#` can never belong to a neighbour: ids have one fixed
//! form without `#`.
//!
//! | item | pk | sk | gsi1 |
//! |---|---|---|---|
//! | login by mail address, by Google account | `LOGIN#<email>` · `LOGIN#google:<subject>` | `LOGIN` | |
//! | user | `USER#<id>` | `USER` | |
//! | membership, as the user sees it | `USER#<id>` | `IN#<tenant>` | |
//! | session family | `SESSION#<id>` | `SESSION` | |
//! | API key, by its hash | `KEY#<hash>` | `KEY` | |
//! | request for a new password | `RESET#<id>` | `RESET` | due |
//! | tenant | `T#<t>#` | `TENANT` | |
//! | member, as the team sees it | `T#<t>#` | `USER#<user>` | |
//! | invitation | `T#<t>#` | `INV#<id>` | due |
//! | API key, as the team sees it | `T#<t>#` | `KEY#<id>` | |
//! | data key, wrapped | `T#<t>#` | `DATAKEY` | |
//! | answer kept for an idempotency key | `T#<t>#I#<digest>` · `ONCE#<digest>` | `ANSWER` | |
//! | something used once | `ONCE#<digest>` | `USED` | |
//! | rate bucket | `T#<t>#R#api` · `RATE#<digest>` | `RATE` | |
//!
//! Due work stands in the index under `DUE#<0..15>` / `<milliseconds>#<what>#<id>`.

use domain::{ApiKeyId, EmailAddress, InvitationId, ResetId, SessionId, TenantId, Timestamp, UserId};
use std::fmt::Display;

use crate::table::RawKey;

/// How many partitions of the index the due work is spread over.
pub(crate) const DUE_PARTITIONS: u8 = 16;

pub(crate) fn login(email: &EmailAddress) -> RawKey {
    RawKey::new(format!("LOGIN#{email}"), "LOGIN")
}

/// `subject` is checked by whoever verifies the provider's token: up to 255 bytes.
pub(crate) fn google_login(subject: &str) -> RawKey {
    RawKey::new(format!("LOGIN#google:{subject}"), "LOGIN")
}

pub(crate) fn user(id: UserId) -> RawKey {
    RawKey::new(format!("USER#{id}"), "USER")
}

pub(crate) const MEMBERSHIPS: &str = "IN#";

pub(crate) fn membership(user: UserId, tenant: TenantId) -> RawKey {
    RawKey::new(format!("USER#{user}"), format!("{MEMBERSHIPS}{tenant}"))
}

pub(crate) fn session(id: SessionId) -> RawKey {
    RawKey::new(format!("SESSION#{id}"), "SESSION")
}

pub(crate) fn api_key_by_hash(hash: &str) -> RawKey {
    RawKey::new(format!("KEY#{hash}"), "KEY")
}

pub(crate) fn reset(id: ResetId) -> RawKey {
    RawKey::new(format!("RESET#{id}"), "RESET")
}

/// The partition of a tenant's own items.
pub(crate) fn tenant_partition(tenant: TenantId) -> String {
    format!("T#{tenant}#")
}

pub(crate) fn tenant(id: TenantId) -> RawKey {
    RawKey::new(tenant_partition(id), "TENANT")
}

pub(crate) const MEMBERS: &str = "USER#";

pub(crate) fn member(tenant: TenantId, user: UserId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{MEMBERS}{user}"))
}

pub(crate) const INVITATIONS: &str = "INV#";

pub(crate) fn invitation(tenant: TenantId, id: InvitationId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{INVITATIONS}{id}"))
}

pub(crate) const API_KEYS: &str = "KEY#";

pub(crate) fn api_key(tenant: TenantId, id: ApiKeyId) -> RawKey {
    RawKey::new(tenant_partition(tenant), format!("{API_KEYS}{id}"))
}

pub(crate) fn data_key(tenant: TenantId) -> RawKey {
    RawKey::new(tenant_partition(tenant), "DATAKEY")
}

pub(crate) fn answer(tenant: Option<TenantId>, digest: &str) -> RawKey {
    match tenant {
        Some(tenant) => RawKey::new(format!("T#{tenant}#I#{digest}"), "ANSWER"),
        None => RawKey::new(format!("ONCE#{digest}"), "ANSWER"),
    }
}

pub(crate) fn used(digest: &str) -> RawKey {
    RawKey::new(format!("ONCE#{digest}"), "USED")
}

pub(crate) fn rate_of_tenant(tenant: TenantId) -> RawKey {
    RawKey::new(format!("T#{tenant}#R#api"), "RATE")
}

pub(crate) fn rate_of_digest(digest: &str) -> RawKey {
    RawKey::new(format!("RATE#{digest}"), "RATE")
}

pub(crate) fn due_partition(partition: u8) -> String {
    format!("DUE#{partition}")
}

/// `id` decides the partition, so that one item stands in one place whenever it is due.
pub(crate) fn due(at: Timestamp, what: &str, id: impl Display) -> RawKey {
    let id = id.to_string();
    let partition = id.bytes().fold(0, u8::wrapping_add) % DUE_PARTITIONS;
    RawKey::new(due_partition(partition), format!("{}#{what}#{id}", millis(at)))
}

/// Everything due before `at` sorts below this.
pub(crate) fn due_before(at: Timestamp) -> String {
    millis(at)
}

/// Padded, so that the order of the texts is the order of the instants.
fn millis(at: Timestamp) -> String {
    format!("{:015}", at.as_millisecond().max(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A changed snapshot is a migration of everything that is stored.
    #[test]
    fn the_keys_are_these() {
        let at = Timestamp::from_second(1_790_000_000).unwrap();
        let dice = [0; 10];
        let (t, user_id) = (TenantId::new(at, dice), UserId::new(at, [1; 10]));
        let email = "ada@example.com".parse().unwrap();
        let (invitation_id, reset_id) = (InvitationId::new(at, dice), ResetId::new(at, dice));
        let keys = [
            login(&email),
            google_login("1234"),
            user(user_id),
            membership(user_id, t),
            session(SessionId::new(at, dice)),
            api_key_by_hash("5e88"),
            reset(reset_id),
            tenant(t),
            member(t, user_id),
            invitation(t, invitation_id),
            api_key(t, ApiKeyId::new(at, dice)),
            data_key(t),
            answer(Some(t), "d16e57"),
            answer(None, "d16e57"),
            used("d16e57"),
            rate_of_tenant(t),
            rate_of_digest("d16e57"),
            due(at, "invitation", invitation_id),
        ];
        let listed = keys.iter().map(|key| format!("{key:?}")).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!(listed);
    }

    #[test]
    fn a_tenant_is_never_the_prefix_of_a_neighbour() {
        // The ids differ in their last letters only, as …12 and …123 would if ids had no fixed form.
        let at = Timestamp::UNIX_EPOCH;
        let (one, other) = (TenantId::new(at, [0; 10]), TenantId::new(at, [0, 0, 0, 0, 0, 0, 0, 0, 0, 1]));
        assert!(!tenant_partition(other).starts_with(&tenant_partition(one)));
        assert!(tenant_partition(one).ends_with('#'));
        assert!(!answer(Some(other), "a").pk.starts_with(&tenant_partition(one)));
        assert!("1".parse::<TenantId>().is_err() && format!("{one}#").parse::<TenantId>().is_err());
    }
}
