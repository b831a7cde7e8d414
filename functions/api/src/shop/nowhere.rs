//! Somebody who has signed in and belongs to no tenant any more: removed from a team, or after all was erased.
//!
//! Who wants to connect a shop goes on in another tenant of theirs, or in a new one of their own: their session moves there.
//! To be asked to sign in again would lead them round in a circle.

use axum::http::HeaderValue;
use domain::{ShopDomain, TenantId, User};
use flows::{FlowError, identify::Signed, sessions};
use store::{Held, Place, Step, Store};

use super::name_of;
use crate::{
    App,
    auth::{cookies, sign_in::place_of, signup::new_tenant},
    error::Problem,
};

/// Where they are from now on, and the cookies that say so.
pub(super) async fn placed(
    deps: &App,
    signed: &Signed,
    shop: &ShopDomain,
) -> Result<(Place, Vec<HeaderValue>), Problem> {
    let mut steps = vec![Store::user_unchanged(&signed.user)];
    let tenant = tenant_of(deps, &signed.user, shop, &mut steps).await?;
    let mut session = (*signed.session).clone();
    session.tenant = Some(tenant);
    steps.push(Store::session_changed(&signed.session, &session));
    deps.store.commit(steps).await?;
    let place = deps.store.place(signed.user.id, tenant).await?.ok_or(FlowError::NotFound("tenant"))?;
    let secrets = deps.open_secrets().await?;
    let tokens = sessions::tokens(&secrets, &session, deps.settings.access_seconds, deps.now())?;
    let cookies = cookies::of(&tokens).into_iter().map(HeaderValue::try_from);
    Ok((place, cookies.collect::<Result<_, _>>().map_err(FlowError::broken)?))
}

/// The oldest that is theirs still; else one of their own, called as the shop is.
async fn tenant_of(
    deps: &App,
    user: &Held<User>,
    shop: &ShopDomain,
    steps: &mut Vec<Step>,
) -> Result<TenantId, Problem> {
    if let Some((member, _)) = place_of(deps, user.id, None).await? {
        return Ok(member.tenant);
    }
    let (tenant, _, step) = new_tenant(deps, user, name_of(shop));
    steps.push(step);
    Ok(tenant.id)
}
