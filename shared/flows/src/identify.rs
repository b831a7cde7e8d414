//! Who calls: a person with an access token, or a program with an API key.
//!
//! Everything that could have ended since the token was made is read anew with every call: the session, the
//! user's epoch, the membership, the key. So a logout, a new password or a removal takes effect at once. A socket is
//! opened by a ticket or by what opens the API, and is somebody's session; programs poll.

use domain::{ApiKey, Maker, Member, Permission, Role, Session, Tenant, TenantStatus, Timestamp, User};
use store::{Held, Rate, Standing, Store, TenantStore};

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
        session: Box<Held<Session>>,
    },
    /// With the role that the key's maker has now.
    Program {
        key: ApiKey,
        role: Role,
    },
}

pub const FORBIDDEN: Denial =
    Denial::Forbidden { code: "forbidden", sentence: "your role, or this key's scopes, do not allow that" };

const NOBODY: FlowError = FlowError::Denied(Denial::Unauthenticated);

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
    let access = secrets.access(token, now).ok_or(NOBODY)?;
    let standing = store.standing(access.session, access.user, access.tenant).await?;
    let Standing { session, user, place } = live(standing, now)?;
    Ok(Signed { access, session, user, place })
}

/// Whoever has a session of which no more than that is known: the bearer of a ticket, or of a socket.
pub fn standing(standing: Option<Standing>, now: Timestamp) -> Result<Caller, FlowError> {
    acting(live(standing, now)?)
}

fn live(standing: Option<Standing>, now: Timestamp) -> Result<Standing, FlowError> {
    standing.filter(|standing| standing.session.is_live(standing.user.epoch, now)).ok_or(NOBODY)
}

/// A person who has been removed from the tenant is nobody there.
fn acting(Standing { session, user, place }: Standing) -> Result<Caller, FlowError> {
    let store::Place { member, tenant, rate, store } = place.ok_or(NOBODY)?;
    served(Caller { actor: Actor::Person { user, member, session: Box::new(session) }, tenant, rate, store })
}

/// Whoever acts in a tenant with this token or key. A person who has been removed from it is nobody there.
pub async fn caller(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    now: Timestamp,
) -> Result<Caller, FlowError> {
    if !token.starts_with(API_KEY_PREFIX) {
        let Signed { session, user, place, .. } = person(store, secrets, token, now).await?;
        return acting(Standing { session, user, place });
    }
    let hash = sha256_hex(token.as_bytes());
    let standing = store.standing_of_key(&hash).await?.ok_or(NOBODY)?;
    if standing.key.created_by != standing.user.maker() {
        return Err(NOBODY);
    }
    let actor = Actor::Program { key: standing.key, role: standing.maker.role };
    served(Caller { actor, tenant: standing.tenant, rate: standing.rate, store: standing.store })
}

fn served(caller: Caller) -> Result<Caller, FlowError> {
    must_be_served(caller.tenant.status)?;
    Ok(caller)
}

/// To be asked by whoever acts in a tenant for somebody who is no `Caller`.
pub fn must_be_served(status: TenantStatus) -> Result<(), FlowError> {
    match status {
        // Of what a closed tenant keeps only the account is shown: `must` sees to it.
        TenantStatus::Active | TenantStatus::Disconnected | TenantStatus::Churned => Ok(()),
        TenantStatus::Suspended => Err(FlowError::Denied(Denial::Forbidden {
            code: "tenant_suspended",
            sentence: "this account is suspended",
        })),
        TenantStatus::Erased => Err(FlowError::Denied(Denial::Forbidden {
            code: "tenant_erased",
            sentence: "this account was erased, because the shop has removed the app",
        })),
    }
}

/// Whether pages from `origin` may come with our cookies.
pub fn trusts(ours: &str, allowed: &[String], origin: &str) -> bool {
    origin == ours || allowed.iter().any(|allowed| allowed == origin)
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

    /// The session of a person. Sockets and their tickets are people's: a program polls.
    pub fn must_be_a_person(&self) -> Result<&Held<Session>, FlowError> {
        match &self.actor {
            Actor::Person { session, .. } => Ok(session),
            Actor::Program { .. } => Err(FlowError::Denied(Denial::Forbidden {
                code: "not_for_programs",
                sentence: "only a person may watch; a program asks how things stand",
            })),
        }
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
