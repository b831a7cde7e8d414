//! Takes what shops tell us: proven to be Shopify's, kept, answered; understood by somebody else.
//!
//! Nothing of a body is read before its signature is right, and nothing is answered with 200 that is not in the queue: a
//! 5xx makes Shopify try again, eight times in four hours. The table is not touched, so that no shop's rush and no
//! trouble of the table's loses an event.

mod address;
mod keep;
mod refusal;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flows::{Clock, Files, FlowError, SecretBox, Secrets, Tasks, secrets::ShopifyApp, sign::Purpose};
use shopify::webhook::{Delivery, verified};

pub use crate::address::{BEGINNINGS, leads_here};
use crate::{address::Address, refusal::Refusal};

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub tasks: Arc<dyn Tasks>,
    pub files: Arc<dyn Files>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
}

/// What Lambda hands to a function at most.
const BODY_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Every address that shops may be told to tell us at.
pub fn router(deps: Deps) -> Router {
    Router::new().fallback(answered).with_state(deps)
}

async fn answered(State(deps): State<Deps>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    match taken(&deps, &head, body).await {
        Ok(()) => (StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], "{}").into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn taken(deps: &Deps, head: &Parts, body: Body) -> Result<(), Refusal> {
    let address = Address::read(head.uri.path()).ok_or(Refusal::NoSuchPath)?;
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(|_| Refusal::TooLarge)?;
    let secrets = deps.secrets.open().await?;
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let delivery = verified(head.method.as_str(), header, &body, &app(&secrets)?)?;
    must_be_for(&address, &delivery, &secrets)?;
    Ok(keep::kept(deps, delivery, body.into()).await?)
}

/// Headers are not signed. What the address says of them holds.
fn must_be_for(address: &Address<'_>, delivery: &Delivery, secrets: &Secrets) -> Result<(), Refusal> {
    let shop = delivery.shop.as_str().as_bytes();
    match address {
        Address::OfTopic(name) if !address::is_named(&delivery.topic, name) => Err(Refusal::OtherTopic),
        Address::OfShop(tag) if !secrets.made(Purpose::ShopAddress, shop, tag) => Err(Refusal::OtherShop),
        _ => Ok(()),
    }
}

fn app(secrets: &Secrets) -> Result<shopify::App, FlowError> {
    let app = secrets.shopify.as_ref().map(ShopifyApp::known);
    app.ok_or_else(|| FlowError::unavailable("the secrets hold no app of Shopify's"))
}
