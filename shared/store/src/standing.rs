//! Who somebody is and where they stand: all that a request needs before it may touch anything, in one read.
//!
//! A `TenantStore` comes only from here: from a membership or a key that was read from the table, from a
//! task, which only our own functions can leave, or from a link that we have signed.

use domain::{ApiKey, Member, Session, SessionId, Socket, SocketId, Tenant, TenantId, User, UserId};
use std::collections::{BTreeMap, BTreeSet};

use crate::{
    Held, Store, StoreError, TenantStore,
    api_keys::ApiKeyRecord,
    keys,
    people::UserRecord,
    rates::{Rate, rate_from},
    record::{read, read_as},
    sessions::SessionRecord,
    sockets::SocketRecord,
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

/// Somebody who watches.
pub struct SocketStanding {
    /// `None` if it was closed, or its end was reached and swept.
    pub socket: Option<Held<Socket>>,
    /// `None` if there is no such session or user any more.
    pub standing: Option<Standing>,
}

/// Those of a tenant who watch and are members still, with their sessions and their epochs.
pub type Watching = BTreeMap<(SessionId, UserId), (Session, u32)>;

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

    /// `None` if no such socket is known.
    pub async fn standing_of_socket(&self, id: &SocketId) -> Result<Option<SocketStanding>, StoreError> {
        let Some(place) = self.socket_place(id).await? else { return Ok(None) };
        let tenant = place.tenant;
        let standing = self.standing(place.session, place.user, Some(tenant)).await?;
        let socket = self.get(keys::socket_of(tenant, id)).await?;
        let socket = socket.map(read_as::<SocketRecord, _>).transpose()?;
        Ok(Some(SocketStanding { socket, standing }))
    }

    /// A member's place in a tenant. `None`: they are not one of its members.
    pub async fn place(&self, user: UserId, tenant: TenantId) -> Result<Option<Place>, StoreError> {
        let wanted = [keys::membership(user, tenant), keys::tenant(tenant), keys::rate_of_tenant(tenant)];
        let mut found = self.table.get(&wanted).await?.into_iter();
        let mut next = || found.next().flatten();
        let (Some(member), Some(tenant), rate) = (next(), next(), next()) else { return Ok(None) };
        let member: Held<Member> = read_as::<MemberRecord, _>(member)?;
        let store = self.of(member.tenant);
        Ok(Some(Place { member, tenant: read_as::<TenantRecord, _>(tenant)?, rate: rate_from(rate), store }))
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

    /// For whoever got a message: the link in it that names the tenant is signed by us.
    pub fn for_written(&self, tenant: TenantId) -> TenantStore {
        self.of(tenant)
    }
}

impl TenantStore {
    /// Whoever is left out has no session any more, or is no member.
    pub async fn watching(&self, watchers: BTreeSet<(SessionId, UserId)>) -> Result<Watching, StoreError> {
        let keys_of = |&(session, user): &(SessionId, UserId)| {
            [keys::session(session), keys::user(user), keys::membership(user, self.id())]
        };
        let wanted: Vec<_> = watchers.iter().flat_map(keys_of).collect();
        let mut found = self.table().get(&wanted).await?.into_iter();
        let mut next = || found.next().flatten();
        let mut watching = Watching::new();
        for watcher in watchers {
            let (session, person, membership) = (next(), next(), next());
            let (Some(session), Some(person), Some(_)) = (session, person, membership) else { continue };
            let session: Held<Session> = read_as::<SessionRecord, _>(session)?;
            let person: Held<User> = read_as::<UserRecord, _>(person)?;
            if session.user == watcher.1 {
                watching.insert(watcher, (session.into_inner(), person.epoch));
            }
        }
        Ok(watching)
    }
}
