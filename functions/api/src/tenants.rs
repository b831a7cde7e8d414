//! The tenant that a caller acts in, and the further ones of a person.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use columns::ShardNumber;
use domain::{Currency, Name, Permission, Tenant, TenantId, TenantStatus, Timestamp, Zone};
use flows::{FlowError, choosing, identify::Caller, rates, rezoned};
use serde::{Deserialize, Serialize};
use store::StoreError;
use utoipa::ToSchema;

use crate::{
    App,
    auth::{
        sign_in::{PlaceView, places_of},
        signup::new_tenant,
    },
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Input},
    once::{Answer, Once},
    who::{Acting, SignedIn},
};

/// A person may belong to at most this many tenants: the list is read whole.
const TENANTS_MAX: usize = 50;
/// As often as the clock looks at the moment of a change.
const TRIES: usize = 8;

#[derive(Serialize, ToSchema)]
pub(crate) struct TenantView {
    #[schema(value_type = String)]
    id: TenantId,
    name: String,
    /// The connected shop's domain; `null` until one is connected.
    domain: Option<String>,
    /// `active`, `suspended`, `disconnected`, `churned` or `erased`.
    status: &'static str,
    /// `free`, `starter`, `growth` or `enterprise`.
    plan: &'static str,
    /// What amounts are in: a currency of ISO 4217.
    #[schema(value_type = String)]
    currency: Currency,
    /// Where days begin and end: a time zone of the IANA database.
    #[schema(value_type = String)]
    timezone: Zone,
    limits: LimitsView,
    /// When the shop was last synced; `null` if never.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_sync_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// What the plan allows and how much of it is used.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitsView {
    /// Calls that may come at once.
    burst: u32,
    /// Calls a minute in the long run.
    per_minute: u32,
    /// Calls that may come right now.
    remaining: u32,
    monthly_limit: u32,
    monthly_used: i64,
}

impl TenantView {
    fn of(tenant: &Tenant, limits: &rates::Limits, last_sync_at: Option<Timestamp>) -> Self {
        Self {
            id: tenant.id,
            name: tenant.name.as_str().to_owned(),
            domain: tenant.shop.as_ref().map(ToString::to_string),
            status: tenant.status.name(),
            plan: tenant.plan.name(),
            currency: tenant.currency,
            timezone: tenant.zone.clone(),
            limits: LimitsView {
                burst: limits.bucket.capacity,
                per_minute: 60_000 / limits.bucket.refill_millis,
                remaining: limits.remaining,
                monthly_limit: limits.month.map_or(0, |month| month.max),
                monthly_used: limits.month.map_or(0, |month| month.used),
            },
            last_sync_at,
            created_at: tenant.created_at,
        }
    }
}

/// My tenant
#[utoipa::path(get, operation_id = "show_tenant", path = "/api/v1/tenants/me", tag = "Tenants", responses((status = 200, body = TenantView)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn mine(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<TenantView>, Problem> {
    caller.must(Permission::ReadAccount)?;
    let rate = caller.store.rate().await?;
    let limits = rates::look(caller.tenant.plan, &rate, deps.now());
    Ok(Json(TenantView::of(&caller.tenant, &limits, last_sync_at(&caller).await?)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TenantChange {
    name: Option<String>,
    /// A currency of ISO 4217. Only before there is anything that counts in the old one.
    currency: Option<String>,
    /// A time zone of the IANA database.
    timezone: Option<String>,
}

/// Change my tenant
///
/// While a shop is connected its own settings decide, and what changes there changes here: another name, currency or time
/// zone than the shop has is refused.
#[utoipa::path(patch, operation_id = "change_tenant", path = "/api/v1/tenants/me", tag = "Tenants", request_body = TenantChange, responses(
    (status = 200, body = TenantView),
    (status = 409, description = "`currency_in_use`: amounts are kept in the old currency; `shop_decides`: the connected shop's settings do",
     body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(asked): Input<TenantChange>,
) -> Result<Json<TenantView>, Problem> {
    caller.must(Permission::ManageAccount)?;
    let mut faults = Faults::default();
    let name = asked.name.as_deref().map_or(Ok(caller.tenant.name.clone()), str::parse::<Name>);
    let name = faults.take("/name", name);
    let held = (*caller.tenant).clone();
    let currency = faults.maybe("/currency", asked.currency, |told| told.parse::<Currency>());
    let zone = faults.maybe("/timezone", asked.timezone, |told| told.parse::<Zone>());
    let (currency, zone) = (currency.unwrap_or(held.currency), zone.unwrap_or(held.zone.clone()));
    let tenant = Tenant { name: faults.none(name)?, currency, zone, ..held };
    must_be_ours_to_say(&caller, &tenant).await?;
    let step = if tenant.currency == caller.tenant.currency {
        caller.store.tenant_changed(&caller.tenant, &tenant)
    } else {
        let counting = choosing(&caller.store).await?.ok_or_else(|| {
            Problem::conflict(
                "currency_in_use",
                "the currency can be chosen until there is a first customer or order, and while there is no product: what is kept \
                 counts in it",
            )
        })?;
        let tenant = Tenant { currency_changes: tenant.currency_changes + 1, ..tenant.clone() };
        caller.store.currency_chosen(&caller.tenant, &tenant, counting)
    };
    let is_other_zone = tenant.zone != caller.tenant.zone;
    let mut tried = 0;
    loop {
        tried += 1;
        let mut steps = vec![step.clone()];
        if is_other_zone {
            steps.extend(rezoned(&caller.store, &tenant.zone, deps.now()).await?);
        }
        match caller.store.commit(steps).await {
            // The clock has looked meanwhile; or somebody has changed the tenant, which stays so.
            Err(StoreError::Conflict(_)) if is_other_zone && tried < TRIES => {}
            done => break done?,
        }
    }
    if is_other_zone {
        // Days begin at other moments. Where nobody hears of it, whoever settles a shard next finds it.
        let shards: Vec<_> = ShardNumber::of_first(caller.store.slots().await?).collect();
        deps.keep(&caller.store, &shards).await;
    }
    let limits = rates::look(tenant.plan, &caller.store.rate().await?, deps.now());
    Ok(Json(TenantView::of(&tenant, &limits, last_sync_at(&caller).await?)))
}

/// What is told by the shop would only last until it tells the next time. Whoever connects one at this moment changes the
/// tenant, so that the commit finds it changed. A shop that lets us in no more tells nothing.
async fn must_be_ours_to_say(caller: &Caller, asked: &Tenant) -> Result<(), Problem> {
    let held = &caller.tenant;
    let said = |tenant: &Tenant| (tenant.name.clone(), tenant.currency, tenant.zone.clone());
    let Some(shop) = held.shop.as_ref().filter(|_| held.status == TenantStatus::Active) else {
        return Ok(());
    };
    if said(held) == said(asked) || !caller.store.connection().await?.is_some_and(|it| it.is_open()) {
        return Ok(());
    }
    let detail = format!(
        "name, currency and time zone are those of the connected shop: change them in the settings of {shop} at Shopify, and they \
         change here within a minute"
    );
    Err(Problem::conflict("shop_decides", detail))
}

async fn last_sync_at(caller: &Caller) -> Result<Option<Timestamp>, FlowError> {
    Ok(caller.store.syncing().await?.and_then(|syncing| syncing.synced_at))
}

/// All my tenants
#[utoipa::path(get, operation_id = "list_tenants", path = "/api/v1/tenants", tag = "Tenants", params(PageOf),
    responses((status = 200, body = List<PlaceView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    SignedIn(signed): SignedIn,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<PlaceView>>, Problem> {
    let secrets = deps.open_secrets().await?;
    let places = places_of(&deps, signed.user.id).await?;
    let views = places.iter().map(|(member, name)| PlaceView::of(member, name)).collect();
    let within = Within { secrets: &secrets, list: format!("{}/tenants", signed.user.id) };
    Ok(Json(page.of(views, |view: &PlaceView| view.id.to_string(), &within)?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewTenant {
    name: String,
}

/// Open another tenant
///
/// You own it. The session stays where it is: `POST /api/auth/switch` moves it.
#[utoipa::path(post, operation_id = "open_tenant", path = "/api/v1/tenants", tag = "Tenants", request_body = NewTenant,
    responses((status = 201, body = PlaceView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    SignedIn(signed): SignedIn,
    once: Once,
    Input(asked): Input<NewTenant>,
) -> Result<Response, Problem> {
    let mut faults = Faults::default();
    let name = faults.take("/name", asked.name.parse::<Name>());
    let name = faults.none(name)?;
    if deps.store.memberships_of(signed.user.id).await?.len() >= TENANTS_MAX {
        let detail = format!("a person may belong to at most {TENANTS_MAX} tenants");
        return Err(Problem::conflict("too_many_tenants", detail));
    }
    let (tenant, owner, step) = new_tenant(&deps, &signed.user, name);
    let answer = Answer::new(StatusCode::CREATED, &PlaceView::of(&owner, tenant.name.as_str()));
    once.commit_or_changed(vec![step], answer).await
}
