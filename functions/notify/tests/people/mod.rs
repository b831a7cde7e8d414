//! A team and who is in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    Currency, EmailAddress, Member, Name, Plan, Role, Tenant, TenantId, TenantStatus, Timestamp, User,
    UserId, Zone,
};

pub(crate) fn team(id: TenantId, members: u32, now: Timestamp) -> Tenant {
    Tenant {
        id,
        name: "Kaffeehaus".parse().unwrap(),
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members,
        currency: Currency::USD,
        currency_changes: 0,
        zone: Zone::UTC,
        created_at: now,
    }
}

/// An owner: the account, and what they are in the team.
pub(crate) fn person(tenant: TenantId, id: UserId, name: &str, now: Timestamp) -> (User, Member) {
    let email: EmailAddress = format!("{name}@example.com").parse().unwrap();
    let name: Name = name.parse().unwrap();
    let user = User {
        id,
        email: email.clone(),
        name: name.clone(),
        password_hash: None,
        google_subject: None,
        email_proven_at: None,
        epoch: 0,
        hand: 0,
        created_at: now,
    };
    (user, Member { tenant, user: id, email, name, role: Role::Owner, since: now })
}
