//! Somebody is sent to another's site and comes back: the way there, and what their browser keeps meanwhile.
//!
//! What is kept is signed and not sealed: who has it may read it, and nobody else can have written it.

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use flows::{FlowError, sign::Purpose};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Deps, error::Problem};

pub(crate) fn redirect(to: &str) -> Result<Response, Problem> {
    let to = HeaderValue::from_str(to).map_err(FlowError::broken)?;
    let mut response = StatusCode::FOUND.into_response();
    response.headers_mut().insert(header::LOCATION, to);
    Ok(response)
}

/// What nobody can guess.
pub(crate) fn random(deps: &Deps) -> String {
    let mut bytes = [0; 32];
    deps.dice.fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A cookie's value.
pub(crate) async fn signed(deps: &Deps, purpose: Purpose, kept: &impl Serialize) -> Result<String, Problem> {
    let json = serde_json::to_vec(kept).map_err(FlowError::broken)?;
    let tag = deps.open_secrets().await?.tag(purpose, &json);
    Ok(format!("{}.{tag}", URL_SAFE_NO_PAD.encode(json)))
}

/// `None`: we did not sign it for this.
pub(crate) async fn unsigned<T: DeserializeOwned>(
    deps: &Deps,
    purpose: Purpose,
    cookie: &str,
) -> Result<Option<T>, FlowError> {
    let secrets = deps.open_secrets().await?;
    let Some((json, tag)) = cookie.split_once('.') else { return Ok(None) };
    let Ok(json) = URL_SAFE_NO_PAD.decode(json) else { return Ok(None) };
    Ok(if secrets.made(purpose, &json, tag) { serde_json::from_slice(&json).ok() } else { None })
}
