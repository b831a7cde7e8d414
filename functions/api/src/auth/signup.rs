//! Sign-up: a person, their first tenant and a session, in one commit.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{EmailAddress, Member, Name, Plan, Role, Tenant, TenantId, TenantStatus, User, UserId};
use flows::passwords;
use serde::Deserialize;
use store::{Step, Store};
use utoipa::ToSchema;

use super::sign_in::{At, Attempt, Entry, SignedInView};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    once::{Done, Once},
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    email: String,
    password: String,
    /// What you are called.
    name: String,
    /// What your shop is called; made from your name unless told.
    shop_name: Option<String>,
}

/// Sign up
///
/// Makes a person, a tenant that they own, and a session. An address can sign up once, in whatever case.
#[utoipa::path(post, path = "/api/auth/signup", tag = "Sign-in", request_body = SignUp, responses(
    (status = 201, body = SignedInView), (status = 409, description = "the address is known", body = ProblemDocument),
))]
pub(crate) async fn signup(
    State(deps): State<App>,
    once: Once,
    _attempt: Attempt,
    At(at): At,
    Input(asked): Input<SignUp>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let email = faults.take("/email", asked.email.parse::<EmailAddress>());
    let name = faults.take("/name", asked.name.parse::<Name>());
    let shop_name = shop_name(asked.shop_name.as_deref(), &asked.name);
    let shop_name = faults.take("/shop_name", shop_name.parse::<Name>());
    faults.password("/password", &asked.password);
    let values = email.zip(name).zip(shop_name);
    let ((email, name), shop_name) = faults.none(values)?;

    if deps.store.user_with_email(&email).await?.is_some() {
        return Err(taken());
    }
    let hash = passwords::hash(&asked.password, &*deps.dice).await?;
    let user = new_user(&deps, email, name, Some(hash), None);
    let (tenant, owner, step) = new_tenant(&deps, &user, shop_name);
    let place = Some((owner, tenant.name.as_str().to_owned()));
    let steps = vec![Store::user_made(&user), step];
    match (Entry { user, place, status: StatusCode::CREATED, at }).open(&deps, once, steps).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(_) => Err(taken()),
    }
}

fn taken() -> Problem {
    Problem::conflict(
        "email_taken",
        "somebody has signed up with this address; sign in, or reset the password",
    )
}

/// What the shop is called if nobody said.
pub(super) fn shop_name(told: Option<&str>, person: &str) -> String {
    told.map_or_else(
        || format!("{}'s shop", person.trim().chars().take(90).collect::<String>()),
        str::to_owned,
    )
}

pub(crate) fn new_user(
    deps: &Deps,
    email: EmailAddress,
    name: Name,
    password_hash: Option<String>,
    google_subject: Option<String>,
) -> User {
    let now = deps.now();
    User {
        id: UserId::new(now, deps.roll()),
        email,
        name,
        password_hash,
        google_subject,
        email_proven_at: None,
        epoch: 0,
        hand: 0,
        created_at: now,
    }
}

/// A tenant with its first owner, and the step that makes them.
pub(crate) fn new_tenant(deps: &Deps, owner: &User, name: Name) -> (Tenant, Member, Step) {
    let now = deps.now();
    let id = TenantId::new(now, deps.roll());
    let tenant = Tenant {
        id,
        name,
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: domain::Currency::USD,
        currency_changes: 0,
        zone: domain::Zone::UTC,
        created_at: now,
    };
    let member = Member {
        tenant: id,
        user: owner.id,
        email: owner.email.clone(),
        name: owner.name.clone(),
        role: Role::Owner,
        since: now,
    };
    let step = Store::tenant_made(&tenant, &member);
    (tenant, member, step)
}
