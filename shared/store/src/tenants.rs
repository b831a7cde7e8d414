//! Tenants and their members.
//!
//! A member is written twice, as the team sees it and as the user sees it, always in one step, and always with
//! the tenant, whose counts of members and owners move with it.

use domain::{
    Currency, EmailAddress, Member, Name, Plan, Role, ShopDomain, Tenant, TenantId, TenantStatus, Timestamp,
    UserId, Zone,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    slots::Counting,
    table::{When, Write},
    telephones::telephone_deleted,
};

impl Store {
    /// The tenants that a user belongs to, as their members.
    pub async fn memberships_of(&self, user: UserId) -> Result<Vec<Held<Member>>, StoreError> {
        let partition = keys::user(user).pk;
        let items = self.all(partition, keys::MEMBERSHIPS).await?;
        items.into_iter().map(read_as::<MemberRecord, _>).collect()
    }

    /// The names of tenants, by the same order; only of those that the members given belong to.
    pub async fn tenants_of(&self, memberships: &[Held<Member>]) -> Result<Vec<Tenant>, StoreError> {
        let keys: Vec<_> = memberships.iter().map(|member| keys::tenant(member.tenant)).collect();
        let items = self.table.get(&keys).await?.into_iter().flatten();
        items.map(|item| Ok(read_as::<TenantRecord, Tenant>(item)?.into_inner())).collect()
    }

    /// A new tenant with its first owner.
    pub fn tenant_made(tenant: &Tenant, owner: &Member) -> Step {
        let mut writes = vec![Entry::new(keys::tenant(tenant.id), &TenantRecord::from(tenant)).create()];
        let record = MemberRecord::of(tenant.id, owner);
        writes.extend(places(tenant.id, owner.user).map(|key| Entry::new(key, &record).create()));
        Step(writes)
    }
}

impl TenantStore {
    pub async fn tenant(&self) -> Result<Option<Held<Tenant>>, StoreError> {
        self.get(keys::tenant(self.id())).await?.map(read_as::<TenantRecord, _>).transpose()
    }

    /// All members; there are at most `MEMBERS_MAX`.
    pub async fn members(&self) -> Result<Vec<Held<Member>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::MEMBERS).await?;
        items.into_iter().map(read_as::<MemberRecord, _>).collect()
    }

    pub async fn member(&self, user: UserId) -> Result<Option<Held<Member>>, StoreError> {
        self.get(keys::member(self.id(), user)).await?.map(read_as::<MemberRecord, _>).transpose()
    }

    pub fn tenant_changed(&self, held: &Held<Tenant>, tenant: &Tenant) -> Step {
        let record = TenantRecord { id: self.id(), ..TenantRecord::from(tenant) };
        Step(vec![Entry::new(keys::tenant(self.id()), &record).replace(held.version)])
    }

    /// With another currency, by somebody who saw this much that counts in the old one. `Conflict` if there is more.
    pub fn currency_chosen(&self, held: &Held<Tenant>, tenant: &Tenant, counting: Counting) -> Step {
        let Step(mut writes) = self.tenant_changed(held, tenant);
        writes.push(self.currency_counted(counting));
        Step(writes)
    }

    pub fn member_joined(&self, member: &Member) -> Step {
        let record = MemberRecord::of(self.id(), member);
        Step(places(self.id(), member.user).map(|key| Entry::new(key, &record).create()).into())
    }

    pub fn member_changed(&self, held: &Held<Member>, member: &Member) -> Step {
        let record = MemberRecord::of(self.id(), member);
        let places = places(self.id(), member.user);
        Step(places.map(|key| Entry::new(key, &record).replace(held.version)).into())
    }

    /// With what they told of themselves for here.
    pub fn member_left(&self, held: &Held<Member>) -> Step {
        let places = places(self.id(), held.user).map(|key| Write::Delete(key, When::Version(held.version)));
        let wanted = Write::Delete(keys::mails_wanted(self.id(), held.user), When::Always);
        Step(places.into_iter().chain([wanted, telephone_deleted(self.id(), held.user)]).collect())
    }
}

/// Where a member of the tenant stands: in the team, and with the user.
fn places(tenant: TenantId, user: UserId) -> [crate::RawKey; 2] {
    [keys::member(tenant, user), keys::membership(user, tenant)]
}

#[derive(Serialize, Deserialize)]
pub(crate) struct TenantRecord {
    id: TenantId,
    name: Name,
    #[serde(rename = "shop_domain")]
    shop: Option<ShopDomain>,
    status: TenantStatus,
    plan: Plan,
    owners: u32,
    members: u32,
    /// Tenants of before they could choose.
    #[serde(default = "usd")]
    currency: Currency,
    #[serde(default, skip_serializing_if = "is_zero")]
    currency_changes: u32,
    #[serde(default = "utc")]
    zone: Zone,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn usd() -> Currency {
    Currency::USD
}

fn utc() -> Zone {
    Zone::UTC
}

impl From<&Tenant> for TenantRecord {
    fn from(tenant: &Tenant) -> Self {
        let Tenant { id, name, shop, status, plan, owners, members, currency, zone, .. } = tenant.clone();
        let Tenant { currency_changes, created_at, .. } = *tenant;
        Self { id, name, shop, status, plan, owners, members, currency, currency_changes, zone, created_at }
    }
}

impl From<TenantRecord> for Tenant {
    fn from(record: TenantRecord) -> Self {
        let TenantRecord { id, name, shop, status, plan, owners, members, currency, zone, .. } = record;
        let TenantRecord { currency_changes, created_at, .. } = record;
        Self { id, name, shop, status, plan, owners, members, currency, currency_changes, zone, created_at }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct MemberRecord {
    tenant: TenantId,
    user: UserId,
    email: EmailAddress,
    name: Name,
    role: Role,
    #[serde(with = "millisecond::required")]
    since: Timestamp,
}

impl MemberRecord {
    /// Of that tenant, whatever the member says.
    fn of(tenant: TenantId, member: &Member) -> Self {
        let Member { user, email, name, role, since, .. } = member.clone();
        Self { tenant, user, email, name, role, since }
    }
}

impl From<MemberRecord> for Member {
    fn from(record: MemberRecord) -> Self {
        let MemberRecord { tenant, user, email, name, role, since } = record;
        Self { tenant, user, email, name, role, since }
    }
}
