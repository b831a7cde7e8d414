//! Where somebody gets texts of ours in a team: a telephone that they tell for themselves, and prove by a code that is texted to it.
//!
//! Each code is for one telephone, good once, for ten minutes and five tries. A try is kept before it is answered, over the telephone
//! that was read: so of any number at once no more count than are allowed.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{Maker, Permission, Phone, Task, Telephone, Timestamp, telephone::Tried};
use flows::{
    FlowError,
    identify::Caller,
    rates::{self, MAILS},
    sign::Purpose,
    texting,
};
use serde::{Deserialize, Serialize};
use store::{Held, StoreError, TextsWanted};
use utoipa::ToSchema;

use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input},
    notifications::person,
    who::Acting,
};

/// As many others may change it at the same moment.
const TRIES: usize = 8;

#[derive(Serialize, ToSchema)]
pub(crate) struct TelephoneView {
    number: String,
    /// `unproven`; `proven`; `stopped`, after somebody answered STOP from it, until they answer START.
    status: &'static str,
    /// Until when the code works that was texted to it.
    #[schema(value_type = Option<String>, format = DateTime)]
    code_expires_at: Option<Timestamp>,
    /// How often a code may be tried yet.
    tries_left: Option<u8>,
    /// Why the last code was not texted.
    trouble: Option<String>,
}

impl TelephoneView {
    pub(crate) fn of(telephone: &Telephone, now: Timestamp) -> Self {
        let code = telephone.open_code(now);
        let status = match (telephone.stopped_at, telephone.proven_at) {
            (Some(_), _) => "stopped",
            (None, Some(_)) => "proven",
            (None, None) => "unproven",
        };
        Self {
            number: telephone.number.to_string(),
            status,
            code_expires_at: code.map(|code| code.expires_at),
            tries_left: code.map(|code| code.tries_left),
            trouble: telephone.trouble.as_ref().map(ToString::to_string),
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TelephoneTold {
    /// With its country: +1 415 555 2671.
    number: String,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeTold {
    /// The six digits that were texted to it.
    code: String,
}

/// Tell where you get texts
///
/// In place of the telephone that you told before. A code is texted to it, and nothing else until you have proven it with that: three
/// codes at once and then one in twenty minutes, to you and to the number. One that is proven already stays so; one that is not within
/// a day is forgotten.
#[utoipa::path(put, operation_id = "tell_telephone", path = "/api/v1/members/me/telephone", tag = "Team", request_body = TelephoneTold,
    responses((status = 200, description = "it is proven already", body = TelephoneView),
    (status = 202, description = "a code is on its way", body = TelephoneView),
    (status = 409, description = "`texts_unavailable`: nobody sends the shop's texts; `telephone_stopped`", body = ProblemDocument),
    (status = 429, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn tell(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<TelephoneTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadTeam)?;
    let (by, now) = (person(&caller)?, deps.now());
    let mut faults = Faults::default();
    let number = faults.take("/number", told.number.parse::<Phone>());
    let number = faults.none(number)?;
    let held = caller.store.telephone(by.user).await?;
    if let Some(same) = held.as_ref().filter(|held| held.number == number && held.by == by) {
        if same.stopped_at.is_some() {
            return Err(stopped());
        }
        if same.proven_at.is_some() {
            return Ok(Json(TelephoneView::of(same, now)).into_response());
        }
    }
    must_be_heard(&deps, &caller, &number).await?;
    let secrets = deps.open_secrets().await?;
    for named in [format!("telephone of {}", by.user), format!("telephone {number}")] {
        let digest = secrets.tag(Purpose::Digest, named.as_bytes());
        rates::take_try(&deps.store, &digest, MAILS, now).await?;
    }
    let mut nonce = [0; 8];
    deps.dice.fill(&mut nonce);
    let asked = Telephone::asked(held.as_deref(), by, number, u64::from_be_bytes(nonce), now);
    caller.store.commit(vec![caller.store.telephone_put(held.as_ref(), &asked)]).await?;
    // Nobody else asks for it: whoever waits for it in vain asks again.
    let task = Task::TextCode { tenant: caller.store.id(), user: by.user };
    deps.tasks.leave(vec![task.into()]).await?;
    Ok((StatusCode::ACCEPTED, Json(TelephoneView::of(&asked, now))).into_response())
}

/// Prove a telephone
///
/// With the code that was texted to it. Asked once more, it answers the same.
#[utoipa::path(post, operation_id = "prove_telephone", path = "/api/v1/members/me/telephone/prove", tag = "Team", request_body = CodeTold,
    responses((status = 200, body = TelephoneView),
    (status = 400, description = "`wrong_code`; `code_spent`: it is too old, or was tried too often, or none was asked for", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn prove(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<CodeTold>,
) -> Result<Json<TelephoneView>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let (by, now) = (person(&caller)?, deps.now());
    let secrets = deps.open_secrets().await?;
    for _ in 0..TRIES {
        let held = own(&caller, by, now).await?.ok_or_else(spent)?;
        let is_right = held.open_code(now).is_some_and(|code| {
            let code = secrets.telephone_code(caller.store.id(), by, held.number.as_str(), code.nonce);
            texting::is_code(&told.code, &code)
        });
        match held.tried(is_right, now) {
            Tried::NoCode if held.proven_at.is_some() => {
                return Ok(Json(TelephoneView::of(&held, now)));
            }
            Tried::NoCode => return Err(spent()),
            Tried::Proven(proven) => {
                match caller.store.commit(vec![caller.store.telephone_put(Some(&held), &proven)]).await {
                    Ok(()) => return Ok(Json(TelephoneView::of(&proven, now))),
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Tried::Wrong(after) => {
                match caller.store.commit(vec![caller.store.telephone_put(Some(&held), &after)]).await {
                    Ok(()) => return Err(wrong(&after, now)),
                    Err(StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
    }
    Err(FlowError::from(StoreError::Conflict(0)).into())
}

/// End getting texts
///
/// The number is forgotten, and with it what you wanted to be texted.
#[utoipa::path(delete, operation_id = "end_telephone", path = "/api/v1/members/me/telephone", tag = "Team",
    responses((status = 204)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn end(Acting(caller): Acting) -> Result<StatusCode, Problem> {
    caller.must(Permission::ReadTeam)?;
    let user = person(&caller)?.user;
    let wanted = caller.store.mails_wanted(user).await?;
    let wanted = store::MailsWanted { texts: TextsWanted::default(), ..wanted };
    let steps = vec![caller.store.telephone_ended(user), caller.store.mails_wanted_put(user, wanted)];
    caller.store.commit(steps).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Theirs, in whose hands the account is now.
pub(crate) async fn own(
    caller: &Caller,
    by: Maker,
    now: Timestamp,
) -> Result<Option<Held<Telephone>>, StoreError> {
    let held = caller.store.telephone(by.user).await?;
    Ok(held.filter(|held| held.by == by && !held.is_forgotten(now)))
}

/// What nobody would send is refused at once.
async fn must_be_heard(deps: &Deps, caller: &Caller, number: &Phone) -> Result<(), Problem> {
    let installed = deps.proofs.registrars.installed();
    if let Err(mute) = texting::voice(&caller.store, &caller.tenant.name, installed).await? {
        let detail = format!(
            "nobody can text you ({}): an admin chooses a provider at PATCH /api/v1/sending and adds a sender of texts at POST \
             /api/v1/senders",
            mute.code()
        );
        return Err(Problem::conflict("texts_unavailable", detail));
    }
    if texting::is_shunned(&caller.store, &deps.seals(), number).await? {
        return Err(stopped());
    }
    Ok(())
}

fn stopped() -> Problem {
    Problem::conflict(
        "telephone_stopped",
        "somebody has said from this number that it wants no texts, or it is on the shop's list of those that are not written to: \
         answer START to the shop's number, or take it off the list",
    )
}

fn wrong(telephone: &Telephone, now: Timestamp) -> Problem {
    match telephone.open_code(now) {
        Some(code) => {
            Problem::bad("wrong_code", format!("that is not the code; {} tries are left", code.tries_left))
        }
        None => spent(),
    }
}

fn spent() -> Problem {
    Problem::bad(
        "code_spent",
        "there is no code to be tried: it is used, too old, or was tried too often; tell the number again to get another",
    )
}
