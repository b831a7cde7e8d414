//! A new password for somebody who knows the old one. Every other session of theirs ends.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Session, User};
use flows::passwords;
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use super::sign_in::Attempt;
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    once::{Answer, Once},
    who::SignedIn,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangePassword {
    #[serde(alias = "currentPassword")]
    current_password: String,
    #[serde(alias = "newPassword")]
    new_password: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PasswordChanged {
    /// Always true.
    password_changed: bool,
}

impl PasswordChanged {
    pub(crate) fn answer() -> Answer {
        Answer::new(StatusCode::OK, &Self { password_changed: true })
    }
}

/// Change my password
///
/// This session goes on; all others of yours end, and so do mailed links for a new password.
#[utoipa::path(post, path = "/api/auth/change-password", tag = "Sign-in", request_body = ChangePassword, responses(
    (status = 200, body = PasswordChanged),
    (status = 403, description = "the current password is wrong, or there is none", body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change_password(
    State(deps): State<App>,
    SignedIn(signed): SignedIn,
    once: Once,
    _attempt: Attempt,
    Input(asked): Input<ChangePassword>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    faults.password("/new_password", &asked.new_password);
    faults.none(Some(()))?;
    let Some(hash) = signed.user.password_hash.as_deref() else {
        return Err(Problem::forbidden(
            "no_password",
            "this account signs in with Google and has no password; set one by resetting it",
        ));
    };
    if !passwords::is_right(&asked.current_password, Some(hash)).await? {
        return Err(Problem::forbidden("wrong_password", "the current password is wrong"));
    }
    let password_hash = Some(passwords::hash(&asked.new_password, &*deps.dice).await?);
    let epoch = signed.user.epoch + 1;
    let user = User { password_hash, epoch, ..(*signed.user).clone() };
    let session = Session { epoch, ..(*signed.session).clone() };
    let steps =
        vec![Store::user_changed(&signed.user, &user), Store::session_changed(&signed.session, &session)];
    once.commit_or_changed(steps, PasswordChanged::answer()).await
}
