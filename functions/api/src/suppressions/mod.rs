//! The list of addresses that are not written to, whatever anybody agreed to.

pub(crate) mod many;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{
    ApiKeyId, CampaignId, CustomerId, EmailAddress, Permission, Phone, Timestamp, UserId,
    campaign::{Actor, MessageId},
    suppression::{Cause, Lifted, Standing, Suppressed},
};
use flows::{
    FlowError,
    identify::{self, Caller},
};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use store::{AddressDigest, Listed, TenantStore, Way};
use utoipa::{IntoParams, ToSchema};

use crate::{
    App,
    cursor::{Within, limited},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input, Named},
    once::{Answer, Once},
    record::Desk,
    who::Acting,
};

const PATH: &str = "/api/v1/suppressions";
const WHY_CHARS_MAX: usize = 500;

/// An address that is not written to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suppression {
    /// What stands for the address: nobody reads the address from it.
    id: String,
    /// `email` or `sms`.
    channel: &'static str,
    /// `hard_bounce`, `soft_bounce` (several in a row), `complaint`, `unsubscribe`, `manual` or `import`.
    reason: &'static str,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// The message that it followed from.
    #[schema(value_type = Option<String>)]
    message_id: Option<MessageId>,
    #[schema(value_type = Option<String>)]
    campaign_id: Option<CampaignId>,
    /// Whose address it is by now; `null`: nobody's here.
    #[schema(value_type = Option<String>)]
    customer_id: Option<CustomerId>,
    /// As that customer has it.
    address: Option<String>,
    /// Who put it there; `null`, as `key`: a provider's word.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    #[schema(value_type = Option<String>)]
    key: Option<ApiKeyId>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Suppressions {
    items: Vec<Suppression>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SuppressionsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Those alone: `complaint`, for example.
    reason: Option<String>,
}

/// One of `email` and `phone`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SuppressionTold {
    email: Option<String>,
    phone: Option<String>,
    /// `manual`, `import` or `unsubscribe`; `manual` unless told.
    reason: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct LiftAsked {
    /// Why it may be written to again, in your own words: needed where somebody has complained.
    why: Option<String>,
}

/// Addresses that are not written to
///
/// In no order that means anything; nothing is in two pages.
#[utoipa::path(get, operation_id = "list_suppressions", path = "/api/v1/suppressions", tag = "Suppressions",
    params(SuppressionsAsked), responses((status = 200, body = Suppressions)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<SuppressionsAsked>,
) -> Result<Json<Suppressions>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let mut faults = Faults::default();
    let cause = faults.maybe("?reason", asked.reason.as_deref(), str::parse::<Cause>);
    faults.none(Some(()))?;
    let secrets = deps.open_secrets().await?;
    let reason = cause.map_or("", Cause::name);
    let within = Within { secrets: &secrets, list: format!("{}/suppressions/{reason}", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;
    let page = caller.store.suppressions_listed(limit, cause, after.as_deref()).await?;
    let next = page.next.map(|next| within.sealed(&next, &*deps.dice)).transpose()?;
    Ok(Json(Suppressions { items: shown(&caller.store, &page.listed).await?, next }))
}

/// Write to an address no more
///
/// From now on nothing goes there, whoever has it, and whoever comes with it. What stands there with a graver reason stays.
#[utoipa::path(post, operation_id = "suppress", path = "/api/v1/suppressions", tag = "Suppressions",
    request_body = SuppressionTold, responses((status = 201, body = Suppression), (status = 400, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn add(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<SuppressionTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (way, address, cause) = told.understood(Cause::Manual)?;
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let digest = record.known_by(way, &address).await?;
    let told = Suppressed { cause, since: deps.now(), message: None, by: by(&caller) };
    let holder = caller.store.customers_with(std::slice::from_ref(&digest)).await?.pop().flatten();
    let answer = |standing: &Standing| {
        let suppressed = standing.held.unwrap_or(told);
        let view = Suppression::of(&digest, &suppressed, holder, holder.map(|_| address.clone()));
        Answer::new(StatusCode::CREATED, &view).at(format!("{PATH}/{}", view.id))
    };
    desk.done(&once, || record.suppressed(&digest, told), answer).await
}

/// Write to an address again
///
/// What happened before puts it on the list no more. Where somebody has complained, it takes an owner or an admin, and a reason.
#[utoipa::path(delete, operation_id = "lift_suppression", path = "/api/v1/suppressions/{suppression}",
    tag = "Suppressions", params(("suppression" = String, Path, description = "its id"), LiftAsked),
    responses((status = 204), (status = 403, description = "somebody has complained", body = ProblemDocument),
    (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn lift(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Asked(asked): Asked<LiftAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let digest = digest_of(&id)?;
    let why = asked.why.as_deref().map(str::trim).filter(|why| !why.is_empty());
    if why.is_some_and(|why| why.chars().count() > WHY_CHARS_MAX) {
        let sentence = format!("has more than {WHY_CHARS_MAX} characters");
        return Err(FlowError::invalid("?why", "too_long", sentence).into());
    }
    let lifted = Lifted { at: deps.now(), by: by(&caller), why: why.map(str::to_owned) };
    let may = |on: &Suppressed| match on.cause {
        Cause::Complaint => {
            caller.must(Permission::ManageAccount)?;
            let needed = || FlowError::invalid("?why", "missing_member", "somebody has complained: say why");
            why.map(drop).ok_or_else(needed)
        }
        _ => Ok(()),
    };
    let desk = Desk::of(&deps, &caller);
    let record = desk.record();
    let plan = || record.unsuppressed(&digest, &lifted, may);
    desk.done(&once, plan, |_: &Standing| Answer::empty(StatusCode::NO_CONTENT)).await
}

impl SuppressionTold {
    /// `cause`: unless it is told.
    fn understood(self, cause: Cause) -> Result<(Way, String, Cause), Problem> {
        let mut faults = Faults::default();
        let email = faults.maybe("/email", self.email.as_deref(), str::parse::<EmailAddress>);
        let phone = faults.maybe("/phone", self.phone.as_deref(), str::parse::<Phone>);
        let told = faults.maybe("/reason", self.reason.as_deref(), str::parse::<Cause>);
        if self.email.is_some() == self.phone.is_some() {
            faults.add("", "one_address", "tell one of `email` and `phone`");
        }
        theirs(&mut faults, "/reason", told);
        faults.none(Some(()))?;
        let cause = told.unwrap_or(cause);
        let address = email.map(|it| (Way::Email, it.as_str().to_owned()));
        let address = address.or_else(|| phone.map(|it| (Way::Phone, it.as_str().to_owned())));
        let (way, address) = address.ok_or_else(|| FlowError::broken("one of the two was told"))?;
        Ok((way, address, cause))
    }
}

/// What a merchant may say.
fn theirs(faults: &mut Faults, at: &str, cause: Option<Cause>) {
    let is_theirs = |cause| matches!(cause, Cause::Manual | Cause::Import | Cause::Unsubscribe);
    if !cause.is_none_or(is_theirs) {
        faults.add(at, "not_yours", "only providers tell of bounces and complaints");
    }
}

impl Suppression {
    fn of(
        address: &AddressDigest,
        suppressed: &Suppressed,
        customer_id: Option<CustomerId>,
        told: Option<String>,
    ) -> Self {
        let (user, key) = match suppressed.by {
            Actor::User(id) => (Some(id), None),
            Actor::Key(id) => (None, Some(id)),
            Actor::Us => (None, None),
        };
        Self {
            id: format!("{}.{}", channel(address.way), address.digest),
            channel: channel(address.way),
            reason: suppressed.cause.name(),
            since: suppressed.since,
            message_id: suppressed.message,
            campaign_id: suppressed.message.map(|message| message.campaign),
            customer_id,
            address: told,
            user,
            key,
        }
    }
}

/// With whose each is by now.
async fn shown(store: &TenantStore, listed: &[Listed]) -> Result<Vec<Suppression>, FlowError> {
    let addresses: Vec<_> = listed.iter().map(|listed| listed.address.clone()).collect();
    let holders = store.customers_with(&addresses).await?;
    let ids: Vec<_> = holders.iter().flatten().copied().collect();
    let people = store.customers(&ids).await?;
    let people: HashMap<CustomerId, _> = people
        .iter()
        .filter(|customer| !customer.is_gone())
        .map(|customer| (customer.id, customer))
        .collect();
    let view = |(listed, holder): (&Listed, Option<CustomerId>)| {
        let customer = holder.and_then(|id| people.get(&id));
        let told = customer.and_then(|customer| match listed.address.way {
            Way::Phone => customer.phone.as_ref().map(ToString::to_string),
            _ => customer.email.as_ref().map(ToString::to_string),
        });
        Suppression::of(&listed.address, &listed.suppressed, customer.map(|it| it.id), told)
    };
    Ok(listed.iter().zip(holders).map(view).collect())
}

fn channel(way: Way) -> &'static str {
    if way == Way::Phone { "sms" } else { "email" }
}

fn digest_of(id: &str) -> Result<AddressDigest, FlowError> {
    let missing = || FlowError::NotFound("suppression");
    let (channel, digest) = id.split_once('.').ok_or_else(missing)?;
    let way = match channel {
        "email" => Way::Email,
        "sms" => Way::Phone,
        _ => return Err(missing()),
    };
    let is_digest = !digest.is_empty()
        && digest.len() <= 64
        && digest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_digest { Ok(AddressDigest { way, digest: digest.to_owned() }) } else { Err(missing()) }
}

fn by(caller: &Caller) -> Actor {
    match &caller.actor {
        identify::Actor::Person { user, .. } => Actor::User(user.id),
        identify::Actor::Program { key, .. } => Actor::Key(key.id),
    }
}
