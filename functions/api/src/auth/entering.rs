//! Who comes in with Google: somebody known by that account, somebody known by the mail address, or somebody new.
//!
//! An address that Google has not verified never opens an account that is known by that address. Who only came first
//! with an address keeps nothing of it (`User::linked`), and a mail tells its owner.

use axum::http::StatusCode;
use domain::{EmailAddress, Member, Name, ResetCause, ResetId, Task, User, session::Holder};
use flows::Identity;
use store::{Held, Step, Store};

use super::{
    evidence::Evidence,
    reset::new_reset,
    sign_in::{Entry, place_of},
    signup::{new_tenant, new_user, shop_name},
};
use crate::{
    App, Deps,
    error::Problem,
    once::{Done, Once},
};

/// Somebody whom Google vouches for, and what makes them one of ours.
pub(super) struct Entering {
    user: User,
    place: Option<(Member, String)>,
    pub(super) steps: Vec<Step>,
    pub(super) is_new: bool,
    /// Their password went: a mail tells them.
    told: Option<ResetId>,
}

impl Entering {
    pub(super) async fn of(deps: &App, identity: &Identity, evidence: &Evidence) -> Result<Self, Problem> {
        if let Some(user) = deps.store.user_with_google(&identity.subject).await? {
            let steps = vec![Store::user_unchanged(&user)];
            return Self::known(deps, user.into_inner(), steps).await;
        }
        let unverified = || {
            let detail = "Google has not verified this mail address; sign in with your password";
            Problem::forbidden("email_not_verified", detail)
        };
        let email: EmailAddress = identity.email.parse().map_err(|_| unverified())?;
        if !identity.email_verified {
            return Err(unverified());
        }
        match deps.store.user_with_email(&email).await? {
            // A twin of this request has made or linked them since the first look.
            Some(user) if user.google_subject.as_deref() == Some(&identity.subject) => {
                let steps = vec![Store::user_unchanged(&user)];
                Self::known(deps, user.into_inner(), steps).await
            }
            Some(user) if user.google_subject.is_some() => Err(Problem::conflict(
                "linked_to_another",
                "this address is linked to another Google account; sign in with that one or with the password",
            )),
            Some(held) => Self::linked(deps, &held, identity, evidence).await,
            None => Ok(Self::unknown(deps, identity, email)),
        }
    }

    async fn linked(
        deps: &App,
        held: &Held<User>,
        identity: &Identity,
        evidence: &Evidence,
    ) -> Result<Self, Problem> {
        let shown = evidence.of(held, deps).await?;
        let user = (**held).clone().linked(identity.subject.clone(), shown, deps.now());
        let steps = vec![Store::google_linked(held, &user)];
        if user.password_hash == held.password_hash {
            return Self::known(deps, user, steps).await;
        }
        let reset = new_reset(deps, user.email.clone(), ResetCause::Dropped);
        let mut entering = Self::known(deps, user, steps).await?;
        entering.steps.push(Store::reset_asked(&reset));
        Ok(Self { told: Some(reset.id), ..entering })
    }

    async fn known(deps: &App, user: User, steps: Vec<Step>) -> Result<Self, Problem> {
        let place = place_of(deps, user.id, None).await?;
        Ok(Self { user, place, steps, is_new: false, told: None })
    }

    fn unknown(deps: &Deps, identity: &Identity, email: EmailAddress) -> Self {
        let fallback = || email.as_str().chars().take_while(|&letter| letter != '@').collect::<String>();
        let told = identity.name.clone().unwrap_or_else(fallback);
        let name: Name = told.parse().or_else(|_| fallback().parse()).unwrap_or_else(|_| plain_name());
        let shop = shop_name(None, name.as_str()).parse().unwrap_or_else(|_| plain_name());
        let user = new_user(deps, email, name, None, Some(identity.subject.clone())).proven(deps.now());
        let (tenant, owner, step) = new_tenant(deps, &user, shop);
        let steps = vec![Store::user_made(&user), step];
        let place = Some((owner, tenant.name.as_str().to_owned()));
        Self { user, place, steps, is_new: true, told: None }
    }

    /// A new session, committed together with `steps`; see `Entry::open`.
    pub(super) async fn open(
        self,
        deps: &App,
        at: Holder,
        once: Once,
        steps: Vec<Step>,
    ) -> Result<Done, Problem> {
        let entry = Entry { user: self.user, place: self.place, status: StatusCode::OK, at };
        let done = entry.open(deps, once, steps).await?;
        if let (Done::Answered(_), Some(reset)) = (&done, self.told) {
            deps.nudge(Task::MailReset { reset }).await;
        }
        Ok(done)
    }
}

fn plain_name() -> Name {
    "A merchant".parse().expect("the words are a name")
}
