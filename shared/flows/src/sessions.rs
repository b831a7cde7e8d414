//! Sign-ins: how one begins, what its holder is given, and what becomes of its refresh tokens.

use domain::{
    Session, SessionId, TenantId, Timestamp, User,
    session::{self, Holder, Refresh},
};
use store::{Held, Step, Store, StoreError};

use crate::{
    Denial, Dice, FlowError, Secrets,
    tokens::{ACCESS_SECONDS_MAX, Access},
};

/// What the holder of a session is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub access_seconds: u32,
    pub refresh: String,
    pub csrf: String,
}

/// A new session of the user, acting in that tenant.
pub fn opened(user: &User, tenant: Option<TenantId>, now: Timestamp, dice: &dyn Dice) -> Session {
    let mut random = [0; 10];
    dice.fill(&mut random);
    Session {
        id: SessionId::new(now, random),
        user: user.id,
        tenant,
        generation: 0,
        rotated_at: now,
        epoch: user.epoch,
        created_at: now,
        expires_at: session::expiry(now),
        revoked: false,
    }
}

/// The tokens of a session as it stands.
pub fn tokens(
    secrets: &Secrets,
    session: &Session,
    seconds: u32,
    now: Timestamp,
) -> Result<Tokens, FlowError> {
    let seconds = seconds.min(ACCESS_SECONDS_MAX);
    let issued_at = now.as_second();
    let access = Access {
        user: session.user,
        session: session.id,
        tenant: session.tenant,
        issued_at,
        expires_at: issued_at + i64::from(seconds),
    };
    Ok(Tokens {
        access: secrets.access_token(&access)?,
        access_seconds: seconds,
        refresh: secrets.refresh_token(session.id, session.generation),
        csrf: secrets.csrf_token(session.id),
    })
}

/// What a good refresh token gets: the session as it will be, and the step that makes it so (none if it was
/// made so a moment ago, for another tab).
pub struct Refreshed {
    pub session: Session,
    pub step: Option<Step>,
}

/// Looks at a refresh token. A token that comes back revokes its family before it is refused.
pub async fn refresh(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    holder: Holder,
    now: Timestamp,
) -> Result<Refreshed, FlowError> {
    let denied = || FlowError::Denied(Denial::Unauthenticated);
    let (id, generation) = secrets.refresh(token).ok_or_else(denied)?;
    loop {
        let held = store.session(id).await?.ok_or_else(denied)?;
        let user = store.user(held.user).await?.ok_or_else(denied)?;
        let revoked = match held.refresh(generation, holder, user.epoch, now) {
            Refresh::Rotate(session) => {
                let step = Store::session_changed(&held, &session);
                return Ok(Refreshed { session, step: Some(step) });
            }
            Refresh::Again => return Ok(Refreshed { session: held.into_inner(), step: None }),
            Refresh::Refuse => return Err(denied()),
            Refresh::Revoke(revoked) => revoked,
        };
        match store.commit(vec![Store::session_changed(&held, &revoked)]).await {
            Ok(()) => return Err(denied()),
            // The family has just moved on: look again. Each round sees a later generation, or the end.
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The step that ends a session, with its access token and all its refresh tokens.
pub fn ended(held: &Held<Session>) -> Step {
    Store::session_changed(held, &Session { revoked: true, ..(**held).clone() })
}
