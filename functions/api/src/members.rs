//! The team: who is in it, and in which role. Only an owner changes that.

use axum::{Json, extract::State, http::StatusCode};
use domain::{Member, Permission, Role, Tenant, Timestamp, UserId, tenant::TeamRefusal};
use flows::{FlowError, identify::Caller};
use serde::{Deserialize, Serialize};
use store::Held;
use utoipa::ToSchema;

use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input, Named},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct MemberView {
    #[schema(value_type = String)]
    id: UserId,
    email: String,
    name: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

impl MemberView {
    pub(crate) fn of(member: &Member) -> Self {
        let Member { user, email, name, role, since, .. } = member;
        Self {
            id: *user,
            email: email.to_string(),
            name: name.as_str().to_owned(),
            role: role.name(),
            since: *since,
        }
    }
}

/// The team
#[utoipa::path(get, operation_id = "list_members", path = "/api/v1/members", tag = "Team", params(PageOf),
    responses((status = 200, body = List<MemberView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<MemberView>>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let secrets = deps.open_secrets().await?;
    let members = caller.store.members().await?;
    let views = members.iter().map(|member| MemberView::of(member)).collect();
    let within = Within { secrets: &secrets, list: format!("{}/members", caller.store.id()) };
    Ok(Json(page.of(views, |view: &MemberView| view.id.to_string(), &within)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleChange {
    /// `owner`, `admin`, `marketer` or `viewer`.
    role: String,
}

/// Change a member's role
///
/// Takes effect with their next call. A program makes nobody an owner, and changes none.
#[utoipa::path(patch, operation_id = "change_member", path = "/api/v1/members/{user}", tag = "Team", request_body = RoleChange,
    params(("user" = String, Path, description = "the member's id")), responses(
    (status = 200, body = MemberView), (status = 404, body = ProblemDocument),
    (status = 409, description = "the team would be without an owner", body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    Acting(caller): Acting,
    Named(user): Named<String>,
    Input(asked): Input<RoleChange>,
) -> Result<Json<MemberView>, Problem> {
    caller.must(Permission::ManageTeam)?;
    let mut faults = Faults::default();
    let role = faults.take("/role", asked.role.parse::<Role>());
    let role = faults.none(role)?;
    let held = member(&caller, &user).await?;
    caller.must_have_a_say_about(held.role.max(role))?;
    let tenant = (*caller.tenant).clone().changed(held.role, role).map_err(refused)?;
    let member = Member { role, ..(*held).clone() };
    commit(&caller, &tenant, caller.store.member_changed(&held, &member)).await?;
    Ok(Json(MemberView::of(&member)))
}

/// Remove a member
///
/// Their tokens are worth nothing here from their next call on.
#[utoipa::path(delete, operation_id = "remove_member", path = "/api/v1/members/{user}", tag = "Team",
    params(("user" = String, Path, description = "the member's id")), responses(
    (status = 204), (status = 404, body = ProblemDocument),
    (status = 409, description = "the team would be without an owner", body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn remove(
    Acting(caller): Acting,
    Named(user): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.must(Permission::ManageTeam)?;
    let held = member(&caller, &user).await?;
    caller.must_have_a_say_about(held.role)?;
    let tenant = (*caller.tenant).clone().left(held.role).map_err(refused)?;
    commit(&caller, &tenant, caller.store.member_left(&held)).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn member(caller: &Caller, user: &str) -> Result<Held<Member>, Problem> {
    let missing = || FlowError::NotFound("member");
    let user = user.parse().map_err(|_| missing())?;
    Ok(caller.store.member(user).await?.ok_or_else(missing)?)
}

/// The member and the counts of the team, both as they were read or not at all.
async fn commit(caller: &Caller, tenant: &Tenant, step: store::Step) -> Result<(), Problem> {
    let counts = caller.store.tenant_changed(&caller.tenant, tenant);
    Ok(caller.store.commit(vec![counts, step]).await?)
}

pub(crate) fn refused(refusal: TeamRefusal) -> Problem {
    let code = match refusal {
        TeamRefusal::LastOwner => "last_owner",
        TeamRefusal::Full => "team_full",
    };
    Problem::conflict(code, refusal.to_string())
}
