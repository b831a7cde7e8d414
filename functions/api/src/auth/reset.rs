//! A forgotten password: a link by mail, good for one new password within the hour.
//!
//! Whoever asks learns nothing about who is known here: the answer is the same and takes as long, for the
//! address is looked up later, by `notify`.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    EmailAddress, Reset, ResetCause, ResetId, Task, User,
    invitation::{RESET_SECONDS, first_due},
};
use flows::{
    FlowError, passwords,
    rates::{self, MAILS},
    sign::Purpose,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::Store;
use utoipa::ToSchema;

use super::{password::PasswordChanged, sign_in::Attempt};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    once::{Answer, Done, Once},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ForgotPassword {
    email: String,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Accepted {
    /// Always true, whether or not the address is known.
    accepted: bool,
}

/// Forgot my password
///
/// Mails a link to the address, if somebody has signed up with it. At most three mails an hour to one address.
#[utoipa::path(post, path = "/api/auth/forgot-password", tag = "Sign-in", request_body = ForgotPassword,
    responses((status = 202, body = Accepted)))]
pub(crate) async fn forgot_password(
    State(deps): State<App>,
    once: Once,
    _attempt: Attempt,
    Input(asked): Input<ForgotPassword>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let email = faults.take("/email", asked.email.parse::<EmailAddress>());
    let email = faults.none(email)?;
    let answer = Answer::new(StatusCode::ACCEPTED, &Accepted { accepted: true });
    let now = deps.now();
    let digest = deps.open_secrets().await?.tag(Purpose::Digest, format!("reset {email}").as_bytes());
    match rates::take_try(&deps.store, &digest, MAILS, now).await {
        Ok(_) => {}
        // Enough mails are on their way; saying so would say that the address matters.
        Err(FlowError::TooMany { .. }) => return once.commit_or_changed(vec![], answer).await,
        Err(error) => return Err(error.into()),
    }
    let reset = new_reset(&deps, email, ResetCause::Forgotten);
    let response = once.commit_or_changed(vec![Store::reset_asked(&reset)], answer).await?;
    deps.nudge(Task::MailReset { reset: reset.id }).await;
    Ok(response)
}

/// A link for a new password, to be mailed to that address.
pub(crate) fn new_reset(deps: &Deps, email: EmailAddress, cause: ResetCause) -> Reset {
    let now = deps.now();
    Reset {
        id: ResetId::new(now, deps.roll()),
        email,
        cause,
        created_at: now,
        expires_at: now + SignedDuration::from_secs(RESET_SECONDS),
        told_at: None,
        due_at: first_due(now),
        claimed_until: None,
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResetPassword {
    /// From the link in the mail.
    token: String,
    password: String,
}

/// Set a new password
///
/// With the token of the mailed link, once. All sessions of the account end, and all other links for a new password.
#[utoipa::path(post, path = "/api/auth/reset-password", tag = "Sign-in", request_body = ResetPassword, responses(
    (status = 200, body = PasswordChanged),
    (status = 400, description = "the link is used, old or not ours", body = ProblemDocument),
))]
pub(crate) async fn reset_password(
    State(deps): State<App>,
    once: Once,
    _attempt: Attempt,
    Input(asked): Input<ResetPassword>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    faults.password("/password", &asked.password);
    faults.none(Some(()))?;
    let secrets = deps.open_secrets().await?;
    let (id, epoch) = secrets.reset(&asked.token).ok_or_else(spent)?;
    let reset = deps.store.reset(id).await?.filter(|reset| reset.is_open(deps.now())).ok_or_else(spent)?;
    let held = deps.store.user_with_email(&reset.email).await?.ok_or_else(spent)?;
    // Every new password ends all links that were mailed before it.
    if held.epoch != epoch {
        return Err(spent());
    }
    let password_hash = Some(passwords::hash(&asked.password, &*deps.dice).await?);
    let user = User { password_hash, epoch: held.epoch + 1, ..(*held).clone() }.proven(deps.now());
    let steps = vec![Store::reset_ended(&reset), Store::user_changed(&held, &user)];
    match once.commit(steps, PasswordChanged::answer()).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(0) => Err(spent()),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

fn spent() -> Problem {
    Problem::bad(
        "link_spent",
        "this link has been used, is too old, or is not one of ours; ask for a new one",
    )
}
