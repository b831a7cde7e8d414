//! Shopify, asked on behalf of a tenant: with its token, which is renewed before it ends.
//!
//! An answer is whole or a refusal. A refusal that the merchant alone can help closes the connection until they let us in
//! again: whoever works for the shop finds it closed, and the merchant is told.

mod subscriptions;
mod tokens;
mod whole;

use std::{sync::Arc, time::Duration};

use domain::{Connection, ConnectionState, ShopDomain, connection::ALL_ORDERS, upkeep::Notice};
use shopify::{
    ApiVersion, App, Secret,
    graph::{self, Answered, Ask, Refusal, Refused, Response, TOKEN_HEADER, VERSION_HEADER},
    oauth::{Associate, Scopes, TokenAsk, TokenRefusal, Tokens},
};
use store::{Held, TenantStore};

pub use shopify::Origin;
pub use tokens::sealed;

use crate::{
    Clock, Dice, FlowError, SecretBox, Web,
    error::chain,
    seal::Seals,
    secrets::ShopifyApp,
    web::{self, Content, Told},
};

/// A page of 250 orders with their lines is a few megabytes.
const ANSWER_BYTES_MAX: usize = 16 << 20;
/// Shopify gives up on a question after about half a minute.
const PATIENCE: Duration = Duration::from_secs(40);
const TOKEN_PATIENCE: Duration = Duration::from_secs(10);

/// What we need to be allowed. `shopify.app.toml` says the same, and that a merchant may allow `ALL_ORDERS` as well.
const SCOPES: &str = "read_customers,write_customers,read_orders,read_products,read_locations";

/// What a merchant has to allow.
///
/// # Panics
/// If our own list is none, which a test would have found.
pub fn scopes() -> Scopes {
    SCOPES.parse().expect("it is a list of scopes")
}

/// The way to Shopify.
#[derive(Clone)]
pub struct Shops {
    pub web: Arc<dyn Web>,
    pub secrets: Arc<dyn SecretBox>,
    pub clock: Arc<dyn Clock>,
    pub dice: Arc<dyn Dice>,
    /// Where shops are: at Shopify's, or beneath the demo shop's address.
    pub origin: Origin,
    /// Where each shop is asked to tell us, without a slash at the end. `None`: the app's configuration tells Shopify where.
    pub told_at: Option<String>,
}

/// Why a question has no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unanswered {
    /// Nobody may ask: never connected, or not any more.
    #[error("the shop is not connected")]
    Closed(Option<ConnectionState>),
    #[error(transparent)]
    Refused(Refused),
    #[error(transparent)]
    Failed(#[from] FlowError),
}

impl Shops {
    /// Our app as Shopify knows it. `None`: this installation has none.
    pub async fn app(&self) -> Result<Option<App>, FlowError> {
        let secrets = self.secrets.open().await?;
        Ok(secrets.shopify.as_ref().map(ShopifyApp::known))
    }

    /// Where the merchant may allow us to see all orders. `None`: this installation has no app.
    pub async fn all_orders_at(&self, shop: &ShopDomain) -> Result<Option<String>, FlowError> {
        let more: Scopes = std::iter::once(ALL_ORDERS.to_owned()).collect();
        let app = self.app().await?;
        Ok(app.map(|app| shopify::oauth::more_url(&app, &self.origin, shop, &more)))
    }

    /// Tokens for what a merchant, or a token before them, gave us.
    pub async fn grant(
        &self,
        shop: &ShopDomain,
        ask: &TokenAsk<'_>,
    ) -> Result<Result<Tokens, TokenRefusal>, FlowError> {
        let told = self.exchanged(shop, ask).await?;
        Ok(shopify::oauth::tokens(told.status, told.header("retry-after"), &told.body, self.clock.now()))
    }

    /// Who it is that a session token speaks of.
    pub async fn associate(
        &self,
        shop: &ShopDomain,
        ask: &TokenAsk<'_>,
    ) -> Result<Result<Associate, TokenRefusal>, FlowError> {
        let told = self.exchanged(shop, ask).await?;
        Ok(shopify::oauth::associate(told.status, told.header("retry-after"), &told.body))
    }

    async fn exchanged(&self, shop: &ShopDomain, ask: &TokenAsk<'_>) -> Result<Told, FlowError> {
        let content = Some(Content::Json(ask.json()));
        let url = self.origin.url(shop, shopify::oauth::TOKEN_PATH);
        let headers = vec![("accept", "application/json".to_owned())];
        self.web.ask(web::Ask { headers, content, ..web::Ask::new(url, TOKEN_PATIENCE) }).await
    }

    /// Asks with a token that was just given, before anything is kept.
    pub async fn ask_with<A: Ask>(
        &self,
        shop: &ShopDomain,
        token: &Secret,
        ask: &A,
    ) -> Result<Answered<A::Answer>, Unanswered> {
        let told = self.posted(shop, token, graph::request(ask)).await?;
        read::<A>(&told).map_err(Unanswered::Refused)
    }

    /// Asks the tenant's shop. A token that Shopify does not take is renewed once.
    pub async fn ask<A: Ask>(
        &self,
        (store, seals): (&TenantStore, &Seals),
        ask: &A,
    ) -> Result<Answered<A::Answer>, Unanswered> {
        let body = graph::request(ask);
        let mut refused_token = None;
        loop {
            let (held, token) = self.token((store, seals), refused_token.as_ref()).await?;
            let told = self.posted(&held.shop, &token, body.clone()).await?;
            match read::<A>(&told) {
                Err(Refused { why: Refusal::Unauthorized, .. }) if refused_token.is_none() => {
                    refused_token = Some(token);
                }
                Err(refused) if refused.why == Refusal::Unauthorized => {
                    if self.closed(store, &held).await? {
                        return Err(Unanswered::Refused(refused));
                    }
                    let sentence = "the shop was connected again, or let go, at the same moment";
                    return Err(FlowError::unavailable(sentence).into());
                }
                answered => {
                    self.noted(store, &held, answered.as_ref()).await;
                    return answered.map_err(Unanswered::Refused);
                }
            }
        }
    }

    async fn posted(&self, shop: &ShopDomain, token: &Secret, body: Vec<u8>) -> Result<Told, FlowError> {
        let ask = web::Ask {
            headers: vec![(TOKEN_HEADER, token.expose().to_owned())],
            content: Some(Content::Json(body)),
            answer_bytes_max: ANSWER_BYTES_MAX,
            ..web::Ask::new(self.origin.url(shop, &graph::path()), PATIENCE)
        };
        self.web.ask(ask).await
    }

    /// By which version Shopify answers, and whether the shop can be reached, where that is otherwise than before. Who is
    /// faster, or about to change the connection, knows better, and no answer is lost over it: the next one says the same.
    async fn noted<T>(
        &self,
        store: &TenantStore,
        held: &Held<Connection>,
        answered: Result<&Answered<T>, &Refused>,
    ) {
        let now = self.clock.now();
        let mut noted = Connection::clone(held);
        if let Some(by) = answered.map_or_else(|refused| refused.version, |it| it.version) {
            noted.answered_by = (by != ApiVersion::PINNED).then(|| by.to_string());
        }
        noted = match answered {
            // That it has no answer now says nothing about the shop.
            Err(refused) if refused.why.passes() => noted,
            Err(refused) => noted.reached_unless(tokens::unreached_by(&refused.why), now),
            Ok(_) => noted.reached_unless(None, now),
        };
        if noted == **held || held.is_claimed(now) {
            return;
        }
        if noted.answered_by != held.answered_by {
            let version = noted.answered_by.as_deref().unwrap_or("ours");
            tracing::warn!(tenant = %store.id(), version, "Shopify answers by another version than before");
        }
        if let Err(error) = store.commit(vec![store.connection_changed(held, &noted)]).await {
            tracing::warn!(tenant = %store.id(), cause = chain(&error), "how the shop answers was not noted");
        }
    }

    /// Neither token is taken any more: nobody asks until the merchant lets us in again, and they are told. `false`: somebody
    /// has changed the connection meanwhile, and knows better.
    async fn closed(&self, store: &TenantStore, held: &Held<Connection>) -> Result<bool, FlowError> {
        let now = self.clock.now();
        let ended = Connection::clone(held).ended(ConnectionState::NeedsReauth, now);
        let steps = vec![store.connection_changed(held, &ended), store.notice_made(&Notice::of(now))];
        match store.commit(steps).await {
            Ok(()) => Ok(true),
            Err(store::StoreError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn read<A: Ask>(told: &Told) -> Result<Answered<A::Answer>, Refused> {
    graph::answer::<A>(&Response {
        status: told.status,
        version: told.header(&VERSION_HEADER.to_ascii_lowercase()),
        retry_after: told.header("retry-after"),
        body: &told.body,
    })
}
