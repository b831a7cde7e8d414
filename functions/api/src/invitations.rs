//! Invitations: an owner invites an address, a mail brings the link, whoever holds the link joins.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    EmailAddress, Invitation, InvitationId, InvitationState, Member, Name, Permission, Role, Task, Timestamp,
    User,
    invitation::{INVITATION_SECONDS, INVITATIONS_MAX, first_due},
};
use flows::{
    FlowError,
    identify::Signed,
    passwords,
    rates::{self, INVITATIONS, MAILS},
    sign::Purpose,
};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::{Held, Step, Store, TenantStore};
use utoipa::ToSchema;

use crate::{
    App, Deps,
    auth::{
        sign_in::{At, Attempt, Entry, SignedInView},
        signup::new_user,
    },
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input, Named},
    members::refused,
    once::{Answer, Done, Once},
    who::{Acting, MaybeSignedIn},
};

#[derive(Serialize, ToSchema)]
pub(crate) struct InvitationView {
    #[schema(value_type = String)]
    id: InvitationId,
    email: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When the mail was handed over; `null` while it is on its way.
    #[schema(value_type = Option<String>, format = DateTime)]
    mailed_at: Option<Timestamp>,
}

impl InvitationView {
    fn of(invitation: &Invitation) -> Self {
        let Invitation { id, email, role, created_at, expires_at, told_at, .. } = invitation;
        Self {
            id: *id,
            email: email.to_string(),
            role: role.name(),
            created_at: *created_at,
            expires_at: *expires_at,
            mailed_at: *told_at,
        }
    }
}

/// Open invitations
#[utoipa::path(get, operation_id = "list_invitations", path = "/api/v1/invitations", tag = "Team", params(PageOf),
    responses((status = 200, body = List<InvitationView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<InvitationView>>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let secrets = deps.open_secrets().await?;
    let open = open_invitations(&caller.store, deps.now()).await?;
    let views = open.iter().map(|invitation| InvitationView::of(invitation)).collect();
    let within = Within { secrets: &secrets, list: format!("{}/invitations", caller.store.id()) };
    Ok(Json(page.of(views, |view: &InvitationView| view.id.to_string(), &within)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Invite {
    email: String,
    /// `owner`, `admin`, `marketer` or `viewer`.
    role: String,
}

/// Invite somebody
///
/// Mails a link that works for seven days. At most three such mails an hour to one address, whoever invites, and a
/// hundred a day from one tenant. A program cannot invite owners.
#[utoipa::path(post, operation_id = "invite", path = "/api/v1/invitations", tag = "Team", request_body = Invite, responses(
    (status = 201, body = InvitationView),
    (status = 409, description = "a member or invited already", body = ProblemDocument),
    (status = 429, description = "too many invitations to this address or from this tenant", body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(asked): Input<Invite>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageTeam)?;
    let mut faults = Faults::default();
    let email = faults.take("/email", asked.email.parse::<EmailAddress>());
    let role = faults.take("/role", asked.role.parse::<Role>());
    let (email, role) = faults.none(email.zip(role))?;
    caller.must_have_a_say_about(role)?;
    may_be_invited(&caller.store, &email, deps.now()).await?;
    let mailed = may_be_mailed(&deps, &caller.store, &email).await?;

    let now = deps.now();
    let invitation = Invitation {
        id: InvitationId::new(now, deps.roll()),
        tenant: caller.store.id(),
        email,
        role,
        invited_by: caller.maker(),
        created_at: now,
        expires_at: now + SignedDuration::from_secs(INVITATION_SECONDS),
        told_at: None,
        claimed_until: None,
        due_at: first_due(now),
    };
    let answer = Answer::new(StatusCode::CREATED, &InvitationView::of(&invitation));
    let steps = vec![caller.store.invitation_made(&invitation), mailed];
    let response = once.commit_or_changed(steps, answer).await?;
    deps.nudge(Task::MailInvitation { tenant: invitation.tenant, invitation: invitation.id }).await;
    Ok(response)
}

/// Two that invite the same address at the same moment both may: whichever link is used first counts.
async fn may_be_invited(store: &TenantStore, email: &EmailAddress, now: Timestamp) -> Result<(), Problem> {
    if store.members().await?.iter().any(|member| member.email == *email) {
        return Err(Problem::conflict("already_member", "this address belongs to a member of the team"));
    }
    let open = open_invitations(store, now).await?;
    if open.iter().any(|invitation| invitation.email == *email) {
        return Err(Problem::conflict(
            "already_invited",
            "this address is invited; withdraw that invitation first",
        ));
    }
    if open.len() >= INVITATIONS_MAX {
        let detail = format!("at most {INVITATIONS_MAX} invitations may be open; withdraw some");
        return Err(Problem::conflict("too_many_invitations", detail));
    }
    Ok(())
}

/// Takes from what the tenant may invite in a day. The step takes from what the address may be sent: it is taken with
/// the invitation or not at all, for there are only a few.
async fn may_be_mailed(deps: &Deps, store: &TenantStore, email: &EmailAddress) -> Result<Step, Problem> {
    let secrets = deps.open_secrets().await?;
    let digest = |of: String| secrets.tag(Purpose::Digest, of.as_bytes());
    let (day, address) = (digest(format!("invitations {}", store.id())), digest(format!("invited {email}")));
    let step = rates::try_step(&deps.store, &address, MAILS, deps.now()).await?;
    rates::take_try(&deps.store, &day, INVITATIONS, deps.now()).await?;
    Ok(step)
}

/// Withdraw an invitation
#[utoipa::path(delete, operation_id = "withdraw_invitation", path = "/api/v1/invitations/{invitation}", tag = "Team",
    params(("invitation" = String, Path, description = "the invitation's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn withdraw(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<StatusCode, Problem> {
    caller.must(Permission::ManageTeam)?;
    let missing = || FlowError::NotFound("invitation");
    let id = id.parse().map_err(|_| missing())?;
    let held = caller.store.invitation(id).await?.ok_or_else(missing)?;
    caller.store.commit(vec![caller.store.invitation_ended(&held)]).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accept {
    /// From the link in the mail.
    token: String,
    /// For somebody new here.
    name: Option<String>,
    /// For somebody new here: the password they will have. For somebody known: their own, unless they are signed in.
    #[serde(default)]
    password: String,
}

/// Accept an invitation
///
/// With the link's token and a password: a new one for somebody new, their own for somebody who has signed up
/// already. Somebody who is signed in with the invited address needs none. Signs in to the team that was joined.
#[utoipa::path(post, operation_id = "accept_invitation", path = "/api/v1/invitations/accept", tag = "Team", request_body = Accept, responses(
    (status = 201, body = SignedInView),
    (status = 400, description = "the link is used, withdrawn, old or not ours", body = ProblemDocument),
    (status = 401, description = "the address is known, and the password is not its own", body = ProblemDocument),
))]
pub(crate) async fn accept(
    State(deps): State<App>,
    once: Once,
    _attempt: Attempt,
    At(at): At,
    MaybeSignedIn(signed): MaybeSignedIn,
    Input(asked): Input<Accept>,
) -> Result<Response, Problem> {
    let secrets = deps.open_secrets().await?;
    let (tenant, id) = secrets.invitation(&asked.token).ok_or_else(spent)?;
    let store = deps.store.for_invited(tenant);
    let held = store.invitation(id).await?.ok_or_else(spent)?;
    let inviter = deps.store.user(held.invited_by.user).await?;
    let is_meant = inviter.is_some_and(|inviter| inviter.maker() == held.invited_by);
    if held.state(deps.now()) == InvitationState::Expired || !is_meant {
        return Err(spent());
    }
    let (user, mut steps) = guest(&deps, &asked, &held, signed).await?;
    let member = Member {
        tenant,
        user: user.id,
        email: user.email.clone(),
        name: user.name.clone(),
        role: held.role,
        since: deps.now(),
    };
    let team = store.tenant().await?.ok_or_else(spent)?;
    let grown = (*team).clone().joined(held.role).map_err(refused)?;
    steps.extend([
        store.invitation_ended(&held),
        store.member_joined(&member),
        store.tenant_changed(&team, &grown),
    ]);
    let place = Some((member, team.name.as_str().to_owned()));
    match (Entry { user, place, status: StatusCode::CREATED, at }).open(&deps, once, steps).await? {
        Done::Answered(response) => Ok(response),
        Done::Against(1) => Err(spent()),
        Done::Against(2) => Err(Problem::conflict("already_member", "you belong to this team already")),
        Done::Against(step) => Err(store::StoreError::Conflict(step).into()),
    }
}

/// Who accepts: somebody who is signed in with that address, somebody known who shows their password, or somebody
/// new. One step comes with them.
async fn guest(
    deps: &Deps,
    asked: &Accept,
    invitation: &Invitation,
    signed: Option<Signed>,
) -> Result<(User, Vec<Step>), Problem> {
    if let Some(signed) = signed.filter(|signed| signed.user.email == invitation.email) {
        return Ok(known(&signed.user, deps.now()));
    }
    if let Some(user) = deps.store.user_with_email(&invitation.email).await? {
        if !passwords::is_right(&asked.password, user.password_hash.as_deref()).await? {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "wrong_credentials",
                "you have signed up with this address: the password must be your own",
            ));
        }
        return Ok(known(&user, deps.now()));
    }
    let mut faults = Faults::default();
    let name = faults.take("/name", asked.name.as_deref().unwrap_or_default().parse::<Name>());
    faults.password("/password", &asked.password);
    let name = faults.none(name)?;
    let hash = passwords::hash(&asked.password, &*deps.dice).await?;
    let user = new_user(deps, invitation.email.clone(), name, Some(hash), None).proven(deps.now());
    let step = Store::user_made(&user);
    Ok((user, vec![step]))
}

/// Whoever has the link reads the mail of its address.
fn known(held: &Held<User>, now: Timestamp) -> (User, Vec<Step>) {
    let user = (**held).clone().proven(now);
    let is_same = user == **held;
    let step = if is_same { Store::user_unchanged(held) } else { Store::user_changed(held, &user) };
    (user, vec![step])
}

async fn open_invitations(store: &TenantStore, now: Timestamp) -> Result<Vec<Held<Invitation>>, Problem> {
    let all = store.invitations().await?;
    Ok(all.into_iter().filter(|invitation| invitation.state(now) == InvitationState::Open).collect())
}

fn spent() -> Problem {
    Problem::bad(
        "link_spent",
        "this invitation has been used or withdrawn, is too old, or is not one of ours",
    )
}
