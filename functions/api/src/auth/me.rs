//! Who I am: the person, where they act, and where else they may.

use axum::{
    Json,
    extract::{FromRequestParts, Request, State},
};
use flows::{Denial, FlowError, identify::Actor, tokens::API_KEY_PREFIX};
use serde::Serialize;
use utoipa::ToSchema;

use super::sign_in::{PlaceView, UserView, places_of};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    who::{Acting, Credential, SignedIn},
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    /// Always true: who is not signed in gets 401.
    authenticated: bool,
    /// `null` for an API key.
    user: Option<UserView>,
    /// Where the caller acts; `null` if they belong to no tenant (any more).
    tenant: Option<PlaceView>,
    /// The role there, or `api_key`.
    role: Option<&'static str>,
    /// What an API key may do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scopes: Vec<&'static str>,
    /// All the tenants that the person belongs to.
    tenants: Vec<PlaceView>,
}

/// Who am I?
#[utoipa::path(get, path = "/api/auth/me", tag = "Sign-in", responses(
    (status = 200, body = Me), (status = 401, description = "not signed in", body = ProblemDocument),
), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn me(State(deps): State<App>, request: Request) -> Result<Json<Me>, Problem> {
    let (mut parts, _) = request.into_parts();
    if Credential::of(&parts)?.token().starts_with(API_KEY_PREFIX) {
        let Acting(caller) = Acting::from_request_parts(&mut parts, &deps).await?;
        let Actor::Program { key, .. } = caller.actor else {
            return Err(FlowError::Denied(Denial::Unauthenticated).into());
        };
        let name = caller.tenant.name.as_str().to_owned();
        let tenant = Some(PlaceView { id: caller.store.id(), name, role: "api_key" });
        let scopes = key.scopes.iter().map(|scope| scope.name()).collect();
        return Ok(Json(Me {
            authenticated: true,
            user: None,
            tenant,
            role: Some("api_key"),
            scopes,
            tenants: vec![],
        }));
    }
    let SignedIn(signed) = SignedIn::from_request_parts(&mut parts, &deps).await?;
    let places = places_of(&deps, signed.user.id).await?;
    let here = signed.place.as_ref().map(|place| PlaceView::of(&place.member, place.tenant.name.as_str()));
    Ok(Json(Me {
        authenticated: true,
        user: Some(UserView::of(&signed.user)),
        role: here.as_ref().map(|place| place.role),
        tenant: here,
        scopes: vec![],
        tenants: places.iter().map(|(member, name)| PlaceView::of(member, name)).collect(),
    }))
}
