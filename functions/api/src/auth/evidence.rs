//! Whether a request that is about something else comes from somebody who is signed in.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use domain::{Session, Shown, User, session::Holder};
use flows::{
    FlowError, identify,
    sessions::{self, Refreshed},
};
use store::Held;

use super::cookies;
use crate::{App, who::Credential};

/// What the request shows of a session: an access token, and a browser's refresh token. Nobody has looked yet what
/// they are worth.
pub(crate) struct Evidence {
    access: Option<String>,
    refresh: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Evidence {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let access = Credential::of(parts).ok().map(|credential| credential.token().to_owned());
        let refresh = cookies::read(&parts.headers, cookies::REFRESH).map(str::to_owned);
        Ok(Self { access, refresh })
    }
}

impl Evidence {
    /// Whether a live session of this user is behind it. The user was read before: if their epoch has changed since, what
    /// is committed for them fails. No CSRF token is asked for: nothing opens by it, and who could send a stranger's
    /// browser here would only spare the stranger's own password.
    pub(super) async fn of(&self, user: &Held<User>, deps: &App) -> Result<Shown, FlowError> {
        let session = self.session(deps).await?;
        let is_theirs = session.is_some_and(|session| session.user == user.id);
        Ok(if is_theirs { Shown::Signed } else { Shown::Nothing })
    }

    /// The session of the access token or, when that is over, of the refresh token, which stays unused.
    async fn session(&self, deps: &App) -> Result<Option<Session>, FlowError> {
        let (secrets, now) = (deps.open_secrets().await?, deps.now());
        if let Some(token) = &self.access {
            let signed = unless_denied(identify::person(&deps.store, &secrets, token, now).await)?;
            if let Some(signed) = signed {
                return Ok(Some(signed.session.into_inner()));
            }
        }
        let Some(token) = &self.refresh else { return Ok(None) };
        let refreshed = sessions::refresh(&deps.store, &secrets, token, Holder::Browser, now).await;
        match unless_denied(refreshed)? {
            Some(Refreshed::Good { session, .. }) => Ok(Some(session)),
            Some(Refreshed::Reused(_)) | None => Ok(None),
        }
    }
}

/// A store that does not answer is no proof of anything: that error stays one.
fn unless_denied<T>(answer: Result<T, FlowError>) -> Result<Option<T>, FlowError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(FlowError::Denied(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows::Denial;

    #[test]
    fn only_a_denial_shows_that_nobody_is_signed_in() {
        assert_eq!(unless_denied(Ok(1)).unwrap(), Some(1));
        assert_eq!(unless_denied::<u8>(Err(FlowError::Denied(Denial::Unauthenticated))).unwrap(), None);
        assert!(unless_denied::<u8>(Err(FlowError::unavailable("the table does not answer"))).is_err());
    }
}
