//! Who calls: a person with an access token, or a program with an API key.
//!
//! Everything that could have ended since the token was made is read anew with every call: the session, the
//! user's epoch, the membership, the key. So a logout, a new password or a removal takes effect at once.

use domain::{ApiKey, Maker, Member, Permission, Role, Session, Tenant, TenantStatus, Timestamp, User};
use store::{Held, Rate, Store, TenantStore};

use crate::{
    Denial, FlowError, Secrets,
    sign::sha256_hex,
    tokens::{API_KEY_PREFIX, Access},
};

/// A person who has signed in, wherever they belong.
pub struct Signed {
    pub access: Access,
    pub session: Held<Session>,
    pub user: Held<User>,
    pub place: Option<store::Place>,
}

/// Somebody who acts in a tenant.
pub struct Caller {
    pub actor: Actor,
    pub tenant: Held<Tenant>,
    pub rate: Rate,
    pub store: TenantStore,
}

pub enum Actor {
    Person {
        user: Held<User>,
        member: Held<Member>,
    },
    /// With the role that the key's maker has now.
    Program {
        key: ApiKey,
        role: Role,
    },
}

pub const FORBIDDEN: Denial =
    Denial::Forbidden { code: "forbidden", sentence: "your role, or this key's scopes, do not allow that" };

const DISCONNECTED: Denial = Denial::Forbidden {
    code: "store_disconnected",
    sentence: "the shop is disconnected; what is kept of it stays, and is here again once it is connected",
};

const NOT_FOR_PROGRAMS: Denial = Denial::Forbidden {
    code: "not_for_programs",
    sentence: "only a person may make somebody an owner, or change or remove one",
};

/// The person behind an access token.
pub async fn person(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    now: Timestamp,
) -> Result<Signed, FlowError> {
    let denied = || FlowError::Denied(Denial::Unauthenticated);
    let access = secrets.access(token, now).ok_or_else(denied)?;
    let standing = store.standing(access.session, access.user, access.tenant).await?.ok_or_else(denied)?;
    if !standing.session.is_live(standing.user.epoch, now) {
        return Err(denied());
    }
    Ok(Signed { access, session: standing.session, user: standing.user, place: standing.place })
}

/// Whoever acts in a tenant with this token or key. A person who has been removed from it is nobody there.
pub async fn caller(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    now: Timestamp,
) -> Result<Caller, FlowError> {
    let denied = || FlowError::Denied(Denial::Unauthenticated);
    let caller = if token.starts_with(API_KEY_PREFIX) {
        let hash = sha256_hex(token.as_bytes());
        let standing = store.standing_of_key(&hash).await?.ok_or_else(denied)?;
        if standing.key.created_by != standing.user.maker() {
            return Err(denied());
        }
        let actor = Actor::Program { key: standing.key, role: standing.maker.role };
        Caller { actor, tenant: standing.tenant, rate: standing.rate, store: standing.store }
    } else {
        let signed = person(store, secrets, token, now).await?;
        let place = signed.place.ok_or_else(denied)?;
        let actor = Actor::Person { user: signed.user, member: place.member };
        Caller { actor, tenant: place.tenant, rate: place.rate, store: place.store }
    };
    match caller.tenant.status {
        // Of what a closed tenant keeps only the account is shown: `must` sees to it.
        TenantStatus::Active | TenantStatus::Disconnected | TenantStatus::Churned => Ok(caller),
        TenantStatus::Suspended => Err(FlowError::Denied(Denial::Forbidden {
            code: "tenant_suspended",
            sentence: "this account is suspended",
        })),
    }
}

impl Caller {
    /// In whose name things are made: what a program makes is its maker's.
    pub fn maker(&self) -> Maker {
        match &self.actor {
            Actor::Person { user, .. } => user.maker(),
            Actor::Program { key, .. } => key.created_by,
        }
    }

    /// To be asked first by every handler.
    pub fn must(&self, permission: Permission) -> Result<(), FlowError> {
        let may = match &self.actor {
            Actor::Person { member, .. } => member.role.may(permission),
            Actor::Program { key, role } => key.scopes.contains(&permission) && role.may(permission),
        };
        if !may {
            return Err(FlowError::Denied(FORBIDDEN));
        }
        let is_shown = permission.is_of_account() || self.tenant.status.is_open();
        if is_shown { Ok(()) } else { Err(FlowError::Denied(DISCONNECTED)) }
    }

    /// Programs have none about owners: who finds a key could make themselves one, and would be one still when the
    /// key is revoked.
    pub fn must_have_a_say_about(&self, role: Role) -> Result<(), FlowError> {
        match self.actor {
            Actor::Program { .. } if role == Role::Owner => Err(FlowError::Denied(NOT_FOR_PROGRAMS)),
            _ => Ok(()),
        }
    }
}
