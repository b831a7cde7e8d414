//! Who somebody is and where they stand: all that a request needs before it may touch anything, in one read.
//!
//! A `TenantStore` comes only from here: from a membership or a key that was read from the table, or from a
//! task, which only our own functions can leave.

use domain::{ApiKey, Member, Session, SessionId, Tenant, TenantId, User, UserId};

use crate::{
    Held, Store, StoreError, TenantStore,
    api_keys::ApiKeyRecord,
    keys,
    people::UserRecord,
    rates::{Rate, rate_from},
    record::{read, read_as},
    sessions::SessionRecord,
    tenants::{MemberRecord, TenantRecord},
};

/// A person with a session.
pub struct Standing {
    pub session: Held<Session>,
    pub user: Held<User>,
    /// `None` if they are no member of the tenant any more, or of none.
    pub place: Option<Place>,
}

/// A member's place in a tenant.
pub struct Place {
    pub member: Held<Member>,
    pub tenant: Held<Tenant>,
    /// How much of the tenant's pace and month is used.
    pub rate: Rate,
    pub store: TenantStore,
}

/// A program with a key.
pub struct KeyStanding {
    pub key: ApiKey,
    /// Who made it: a key can do no more than its maker can now.
    pub maker: Held<Member>,
    /// The same, as they sign in: a key ends when their account goes into other hands.
    pub user: Held<User>,
    pub tenant: Held<Tenant>,
    pub rate: Rate,
    pub store: TenantStore,
}

impl Store {
    /// `None` if there is no such session or user, or if the session is another user's.
    pub async fn standing(
        &self,
        session: SessionId,
        user: UserId,
        tenant: Option<TenantId>,
    ) -> Result<Option<Standing>, StoreError> {
        let mut wanted = vec![keys::session(session), keys::user(user)];
        if let Some(tenant) = tenant {
            wanted.extend([
                keys::membership(user, tenant),
                keys::tenant(tenant),
                keys::rate_of_tenant(tenant),
            ]);
        }
        let mut found = self.table.get(&wanted).await?.into_iter();
        let mut next = || found.next().flatten();
        let (Some(session), Some(person)) = (next(), next()) else { return Ok(None) };
        let session: Held<Session> = read_as::<SessionRecord, _>(session)?;
        if session.user != user {
            return Ok(None);
        }
        let place = match (next(), next(), next()) {
            (Some(member), Some(tenant), rate) => {
                let member: Held<Member> = read_as::<MemberRecord, _>(member)?;
                let store = self.of(member.tenant);
                let tenant = read_as::<TenantRecord, _>(tenant)?;
                Some(Place { member, tenant, rate: rate_from(rate), store })
            }
            _ => None,
        };
        Ok(Some(Standing { session, user: read_as::<UserRecord, _>(person)?, place }))
    }

    /// `None` if there is no such key, if it has been revoked, or if its maker has left the team.
    pub async fn standing_of_key(&self, hash: &str) -> Result<Option<KeyStanding>, StoreError> {
        let Some(item) = self.get(keys::api_key_by_hash(hash)).await? else { return Ok(None) };
        let key: ApiKey = read::<ApiKeyRecord>(item)?.into_inner().into();
        let by = key.created_by.user;
        let wanted = [
            keys::membership(by, key.tenant),
            keys::user(by),
            keys::tenant(key.tenant),
            keys::rate_of_tenant(key.tenant),
        ];
        let mut found = self.table.get(&wanted).await?.into_iter();
        let mut next = || found.next().flatten();
        let (Some(maker), Some(user), Some(tenant), rate) = (next(), next(), next(), next()) else {
            return Ok(None);
        };
        let store = self.of(key.tenant);
        let (maker, user) = (read_as::<MemberRecord, _>(maker)?, read_as::<UserRecord, _>(user)?);
        let tenant = read_as::<TenantRecord, _>(tenant)?;
        Ok(Some(KeyStanding { key, maker, user, tenant, rate: rate_from(rate), store }))
    }

    /// For queue functions and timers: the task that names the tenant is the proof.
    pub fn for_task(&self, tenant: TenantId) -> TenantStore {
        self.of(tenant)
    }

    /// For the tenant of a caller who has been identified: their scope names it.
    pub fn for_scope(&self, tenant: TenantId) -> TenantStore {
        self.of(tenant)
    }

    /// For somebody who holds an invitation: the token that names the tenant is signed by us.
    pub fn for_invited(&self, tenant: TenantId) -> TenantStore {
        self.of(tenant)
    }
}
