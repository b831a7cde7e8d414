//! Who may do what: four roles, a few permissions, and one table between them.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// What a person is in a tenant. Ordered from the least to the most trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Viewer,
    Marketer,
    Admin,
    Owner,
}

/// One thing that one may be allowed to do; also the scope of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Permission {
    /// See the account: name, plan, limits.
    ReadAccount,
    /// Change the account: its name.
    ManageAccount,
    /// See who is in the team and who is invited.
    ReadTeam,
    /// Invite, change roles, remove.
    ManageTeam,
    /// See which API keys there are; never the keys themselves.
    ReadKeys,
    /// Make and revoke API keys.
    ManageKeys,
    /// See customers, lists and figures of them.
    ReadCustomers,
    /// Make, change, merge and erase customers.
    ManageCustomers,
    /// See orders and products, lists and figures of them.
    ReadOrders,
    /// Make, change and delete orders and products.
    ManageOrders,
    /// See campaigns, and what became of them.
    ReadCampaigns,
    /// Make, change, launch and stop campaigns: write to customers.
    ManageCampaigns,
}

pub type Permissions = BTreeSet<Permission>;

/// A word that names no role or permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("is not one of {0}")]
pub struct UnknownWord(pub(crate) String);

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Marketer, Self::Admin, Self::Owner];

    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Marketer => "marketer",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The least role that has the permission decides; every stronger role has it too.
    pub fn may(self, permission: Permission) -> bool {
        self >= permission.least_role()
    }
}

impl Permission {
    pub const ALL: [Self; 12] = [
        Self::ReadAccount,
        Self::ManageAccount,
        Self::ReadTeam,
        Self::ManageTeam,
        Self::ReadKeys,
        Self::ManageKeys,
        Self::ReadCustomers,
        Self::ManageCustomers,
        Self::ReadOrders,
        Self::ManageOrders,
        Self::ReadCampaigns,
        Self::ManageCampaigns,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::ReadAccount => "account:read",
            Self::ManageAccount => "account:manage",
            Self::ReadTeam => "team:read",
            Self::ManageTeam => "team:manage",
            Self::ReadKeys => "keys:read",
            Self::ManageKeys => "keys:manage",
            Self::ReadCustomers => "customers:read",
            Self::ManageCustomers => "customers:manage",
            Self::ReadOrders => "orders:read",
            Self::ManageOrders => "orders:manage",
            Self::ReadCampaigns => "campaigns:read",
            Self::ManageCampaigns => "campaigns:manage",
        }
    }

    /// Whether it is about the account and its people, and not about the shop's customers.
    pub fn is_of_account(self) -> bool {
        match self {
            Self::ReadAccount
            | Self::ManageAccount
            | Self::ReadTeam
            | Self::ManageTeam
            | Self::ReadKeys
            | Self::ManageKeys => true,
            Self::ReadCustomers
            | Self::ManageCustomers
            | Self::ReadOrders
            | Self::ManageOrders
            | Self::ReadCampaigns
            | Self::ManageCampaigns => false,
        }
    }

    pub fn least_role(self) -> Role {
        match self {
            Self::ReadAccount
            | Self::ReadTeam
            | Self::ReadKeys
            | Self::ReadCustomers
            | Self::ReadOrders
            | Self::ReadCampaigns => Role::Viewer,
            Self::ManageCustomers | Self::ManageOrders | Self::ManageCampaigns => Role::Marketer,
            Self::ManageAccount | Self::ManageKeys => Role::Admin,
            Self::ManageTeam => Role::Owner,
        }
    }
}

impl FromStr for Role {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        // Words of the systems that merchants come from.
        let text = match text {
            "manager" => "marketer",
            "analyst" => "viewer",
            other => other,
        };
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownWord(names()))
    }
}

impl FromStr for Permission {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let names = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|known| known.name() == text).ok_or_else(|| UnknownWord(names()))
    }
}

impl TryFrom<String> for Permission {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, UnknownWord> {
        text.parse()
    }
}

impl From<Permission> for String {
    fn from(permission: Permission) -> Self {
        permission.name().to_owned()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_matrix_of_roles() {
        let row = |role: Role| {
            let may = Permission::ALL.into_iter().filter(|&permission| role.may(permission));
            may.map(Permission::name).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            row(Role::Viewer),
            "account:read team:read keys:read customers:read orders:read campaigns:read"
        );
        assert_eq!(
            row(Role::Marketer),
            "account:read team:read keys:read customers:read customers:manage orders:read orders:manage \
             campaigns:read campaigns:manage"
        );
        assert_eq!(
            row(Role::Admin),
            "account:read account:manage team:read keys:read keys:manage \
             customers:read customers:manage orders:read orders:manage campaigns:read campaigns:manage"
        );
        assert_eq!(Permission::ALL.map(|permission| Role::Owner.may(permission)), [true; 12]);
    }

    #[test]
    fn names_are_read_back() {
        for role in Role::ALL {
            assert_eq!(role.name().parse(), Ok(role));
        }
        for permission in Permission::ALL {
            assert_eq!(permission.name().parse(), Ok(permission));
        }
        assert_eq!("manager".parse(), Ok(Role::Marketer));
        assert_eq!(
            "root".parse::<Role>().unwrap_err().to_string(),
            "is not one of viewer, marketer, admin, owner"
        );
    }
}
