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
        expires_at: session::expiry(now, now),
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

/// What a refresh token gets.
pub enum Refreshed {
    /// The session as it will be, and the step that makes it so (none if it was made so a moment ago, for another
    /// tab).
    Good { session: Session, step: Option<Step> },
    /// It was used before. `revoked` ends its family, unless whoever comes can show that they are a twin of the
    /// one who used it.
    Reused(Reused),
}

/// A family one of whose tokens came back.
pub struct Reused {
    held: Held<Session>,
    revoked: Session,
}

/// Looks at a refresh token; changes nothing.
pub async fn refresh(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    holder: Holder,
    now: Timestamp,
) -> Result<Refreshed, FlowError> {
    let denied = || FlowError::Denied(Denial::Unauthenticated);
    let (id, generation) = secrets.refresh(token).ok_or_else(denied)?;
    let held = store.session(id).await?.ok_or_else(denied)?;
    let user = store.user(held.user).await?.ok_or_else(denied)?;
    match held.refresh(generation, holder, user.epoch, now) {
        Refresh::Rotate(session) => {
            let step = Store::session_changed(&held, &session);
            Ok(Refreshed::Good { session, step: Some(step) })
        }
        Refresh::Again => Ok(Refreshed::Good { session: held.into_inner(), step: None }),
        Refresh::Refuse => Err(denied()),
        Refresh::Revoke(revoked) => Ok(Refreshed::Reused(Reused { held, revoked })),
    }
}

impl Reused {
    /// Ends the family. `false` if it has just moved on: look again. Each round sees a later generation, or the end.
    pub async fn revoked(&self, store: &Store) -> Result<bool, FlowError> {
        match store.commit(vec![Store::session_changed(&self.held, &self.revoked)]).await {
            Ok(()) => Ok(true),
            Err(StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// The session that goes on behind a refresh token, whichever of the family's it is: enough to end it.
pub async fn behind(
    store: &Store,
    secrets: &Secrets,
    token: &str,
    now: Timestamp,
) -> Result<Held<Session>, FlowError> {
    let denied = || FlowError::Denied(Denial::Unauthenticated);
    let (id, _) = secrets.refresh(token).ok_or_else(denied)?;
    let held = store.session(id).await?.ok_or_else(denied)?;
    let user = store.user(held.user).await?.ok_or_else(denied)?;
    if held.is_live(user.epoch, now) { Ok(held) } else { Err(denied()) }
}

/// The step that ends a session, with its access token and all its refresh tokens.
pub fn ended(held: &Held<Session>) -> Step {
    Store::session_changed(held, &Session { revoked: true, ..(**held).clone() })
}
