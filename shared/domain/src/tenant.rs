//! A tenant, its plan, and who belongs to it.

use serde::{Deserialize, Serialize};

use crate::{
    Currency, EmailAddress, Name, Role, ShopDomain, TenantId, Timestamp, UserId, Zone, bucket::Bucket,
};

/// A merchant's account.
///
/// Invariant: `owners` ≥ 1. It changes only together with the members it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    pub id: TenantId,
    pub name: Name,
    /// The shop that is connected, or was: it stays the tenant's until another tenant connects it.
    pub shop: Option<ShopDomain>,
    pub status: TenantStatus,
    pub plan: Plan,
    pub owners: u32,
    pub members: u32,
    /// What amounts are in.
    pub currency: Currency,
    /// How often another was chosen: what was read under an earlier number counts in another currency.
    pub currency_changes: u32,
    /// Where its days begin and end.
    pub zone: Zone,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantStatus {
    Active,
    /// By whoever runs this installation: nothing is answered.
    Suspended,
    /// The merchant has disconnected the shop: what is kept stays, and is neither shown nor changed until they connect
    /// it again.
    Disconnected,
    /// The merchant has removed the app from the shop: as if disconnected.
    Churned,
    /// Everything was erased because the law asks for it: nobody is in it, and nothing.
    Erased,
}

/// A person in a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    pub tenant: TenantId,
    pub user: UserId,
    pub email: EmailAddress,
    pub name: Name,
    pub role: Role,
    pub since: Timestamp,
}

/// What a tenant pays for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    Free,
    Starter,
    Growth,
    Enterprise,
    /// Nothing: the shop of whoever runs this installation. Its calls are counted as everybody's are.
    Own,
}

/// A tenant has at most this many members: lists of them are read whole.
pub const MEMBERS_MAX: u32 = 200;

/// Why a change of the team cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TeamRefusal {
    #[error("a team needs an owner: make somebody else an owner first")]
    LastOwner,
    #[error("a team has at most {MEMBERS_MAX} members")]
    Full,
}

impl TenantStatus {
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Disconnected => "disconnected",
            Self::Churned => "churned",
            Self::Erased => "erased",
        }
    }

    /// Whether customers, orders and what is made of them are shown and changed.
    pub fn is_open(self) -> bool {
        self == Self::Active
    }
}

impl Tenant {
    /// After somebody has joined as `role`.
    pub fn joined(mut self, role: Role) -> Result<Self, TeamRefusal> {
        if self.members >= MEMBERS_MAX {
            return Err(TeamRefusal::Full);
        }
        self.members += 1;
        self.owners += u32::from(role == Role::Owner);
        Ok(self)
    }

    /// After a member has changed from one role to another.
    pub fn changed(mut self, from: Role, to: Role) -> Result<Self, TeamRefusal> {
        self.owners = self.owners + u32::from(to == Role::Owner) - u32::from(from == Role::Owner);
        if self.owners == 0 { Err(TeamRefusal::LastOwner) } else { Ok(self) }
    }

    /// After a member of that role has left.
    pub fn left(mut self, role: Role) -> Result<Self, TeamRefusal> {
        self.members = self.members.saturating_sub(1);
        self.owners -= u32::from(role == Role::Owner);
        if self.owners == 0 { Err(TeamRefusal::LastOwner) } else { Ok(self) }
    }
}

impl Plan {
    /// What is paid for.
    pub const ALL: [Self; 4] = [Self::Free, Self::Starter, Self::Growth, Self::Enterprise];

    pub fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Starter => "starter",
            Self::Growth => "growth",
            Self::Enterprise => "enterprise",
            Self::Own => "own",
        }
    }

    /// Calls of the API in a calendar month (UTC).
    pub fn calls_a_month(self) -> u32 {
        match self {
            Self::Free => 10_000,
            Self::Starter => 50_000,
            Self::Growth => 200_000,
            Self::Enterprise => 1_000_000,
            Self::Own => u32::MAX,
        }
    }

    /// How fast the calls may come: as many as the bucket holds at once, and its refill after that.
    pub fn pace(self) -> Bucket {
        match self {
            Self::Free => Bucket { capacity: 60, refill_millis: 1_000 },
            Self::Starter => Bucket { capacity: 150, refill_millis: 200 },
            Self::Growth => Bucket { capacity: 300, refill_millis: 50 },
            Self::Enterprise => Bucket { capacity: 600, refill_millis: 10 },
            Self::Own => Bucket { capacity: 1_000_000, refill_millis: 10 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tenant(owners: u32, members: u32) -> Tenant {
        Tenant {
            id: TenantId::new(Timestamp::UNIX_EPOCH, [0; 10]),
            name: "Shop".parse().unwrap(),
            shop: None,
            status: TenantStatus::Active,
            plan: Plan::Free,
            owners,
            members,
            currency: Currency::USD,
            currency_changes: 0,
            zone: Zone::UTC,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_team_always_has_an_owner() {
        assert_eq!(tenant(1, 2).left(Role::Owner), Err(TeamRefusal::LastOwner));
        assert_eq!(tenant(1, 2).changed(Role::Owner, Role::Admin), Err(TeamRefusal::LastOwner));
        assert_eq!(tenant(1, 2).changed(Role::Owner, Role::Owner), Ok(tenant(1, 2)));
        assert_eq!(tenant(1, 2).changed(Role::Viewer, Role::Owner), Ok(tenant(2, 2)));
        assert_eq!(tenant(2, 2).left(Role::Owner), Ok(tenant(1, 1)));
        assert_eq!(tenant(1, 2).left(Role::Viewer), Ok(tenant(1, 1)));
    }

    #[test]
    fn a_team_has_a_limit() {
        assert_eq!(tenant(1, MEMBERS_MAX).joined(Role::Viewer), Err(TeamRefusal::Full));
        assert_eq!(tenant(1, 1).joined(Role::Owner), Ok(tenant(2, 2)));
    }
}
