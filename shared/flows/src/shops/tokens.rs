//! The tenant's tokens: sealed as they are kept, opened for a question, renewed by one at a time.
//!
//! Whoever renews claims the connection first, so that two never spend the same token. One who dies over it is followed
//! after half a minute; the token that they spent is good until the pair that it gave is used, so nothing is lost. One who
//! was held up until others may follow spends nothing: of two who spend the same token at once the one that Shopify
//! hears last has the only good pair, and the other one may be whom we believe.
//!
//! A pair that is used up closes the connection. That Shopify does not know us by our secret does not: one wrong word in
//! the secrets would let go of every shop. Then the pair stays and is tried again, unless the shop has refused a token that
//! lives, too, which no secret of ours has to do with: the app was removed.

use std::time::Duration;

use domain::{Connection, ConnectionState, SealedTokens, connection::UnreachedReason};
use serde::{Deserialize, Serialize};
use shopify::{
    App, Secret,
    graph::{Refusal, Refused},
    oauth::{TokenAsk, TokenRefusal, Tokens},
};
use store::{Held, StoreError, TenantStore};

use super::{Shops, TOKEN_PATIENCE, Unanswered};
use crate::{FlowError, seal::Seals};

/// What tokens are sealed for.
const USE: &str = "shop tokens";
const LOOK_EACH: Duration = Duration::from_millis(250);
/// Longer than a claim holds.
const LOOKS: usize = 160;

#[derive(Serialize, Deserialize)]
struct Pair {
    access: String,
    refresh: String,
}

/// A pair as it is kept.
pub async fn sealed(store: &TenantStore, seals: &Seals, tokens: &Tokens) -> Result<SealedTokens, FlowError> {
    let pair =
        Pair { access: tokens.access.expose().to_owned(), refresh: tokens.refresh.expose().to_owned() };
    let plain = serde_json::to_vec(&pair).map_err(FlowError::broken)?;
    Ok(SealedTokens {
        sealed: seals.seal(store, USE, &plain).await?,
        access_ends_at: tokens.access_ends_at,
        refresh_ends_at: tokens.refresh_ends_at,
    })
}

async fn opened(store: &TenantStore, seals: &Seals, tokens: &SealedTokens) -> Result<Pair, FlowError> {
    let plain = seals.open(store, USE, &tokens.sealed).await?;
    // serde repeats what it cannot read.
    serde_json::from_slice(&plain).map_err(|_| FlowError::broken("sealed tokens are no pair"))
}

impl Shops {
    /// A token that lives for a while, and the connection that it is of. `refused`: one that Shopify did not take.
    pub(super) async fn token(
        &self,
        (store, seals): (&TenantStore, &Seals),
        refused: Option<&Secret>,
    ) -> Result<(Held<Connection>, Secret), Unanswered> {
        for _ in 0..LOOKS {
            let Some(held) = store.connection().await? else { return Err(Unanswered::Closed(None)) };
            let tokens = held.tokens.clone().filter(|_| held.is_open());
            let tokens = tokens.ok_or(Unanswered::Closed(Some(held.state)))?;
            let now = self.clock.now();
            let pair = opened(store, seals, &tokens).await?;
            let access = Secret::new(&pair.access);
            if tokens.is_fresh(now) && refused != Some(&access) {
                return Ok((held, access));
            }
            if held.is_claimed(now) {
                self.clock.pause(LOOK_EACH).await;
                continue;
            }
            let claimed = Connection::clone(&held).claimed(now);
            match store.commit(vec![store.connection_changed(&held, &claimed)]).await {
                Ok(()) => {
                    let held = held.followed_by(claimed);
                    let is_refused = refused == Some(&access);
                    if let Some(renewed) = self.renewed((store, seals), held, (&pair, is_refused)).await? {
                        return Ok(renewed);
                    }
                }
                // Somebody else renews, or it has ended.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(FlowError::from(error).into()),
            }
        }
        Err(FlowError::unavailable("the shop's tokens are being renewed and renewed").into())
    }

    /// `None`: others may follow by now, or have; how things stand is to be looked at again.
    async fn renewed(
        &self,
        (store, seals): (&TenantStore, &Seals),
        held: Held<Connection>,
        (pair, is_refused): (&Pair, bool),
    ) -> Result<Option<(Held<Connection>, Secret)>, Unanswered> {
        let app =
            self.app().await?.ok_or_else(|| FlowError::broken("the app of a connected shop is gone"))?;
        let refresh = Secret::new(&pair.refresh);
        let former = app.old_secret.clone().map(|secret| App { secret, old_secret: None, ..app.clone() });
        let mut granted = Ok(Err(TokenRefusal::Client));
        // Here a secret may be changed sooner than at Shopify.
        for app in std::iter::once(app).chain(former) {
            if !held.is_claimed(self.clock.now() + TOKEN_PATIENCE) {
                return Ok(None);
            }
            granted = self.grant(&held.shop, &TokenAsk::refresh(&app, &refresh)).await;
            if !matches!(granted, Ok(Err(TokenRefusal::Client))) {
                break;
            }
        }
        let (why, unreached) = match granted {
            Ok(Ok(tokens)) => {
                let kept = sealed(store, seals, &tokens).await?;
                let renewed = Connection::clone(&held).renewed(tokens.scopes.to_string(), kept);
                return match store.commit(vec![store.connection_changed(&held, &renewed)]).await {
                    Ok(()) => Ok(Some((held.followed_by(renewed), tokens.access))),
                    Err(StoreError::Conflict(_)) => Ok(None),
                    Err(error) => Err(error.into()),
                };
            }
            Ok(Err(refusal))
                if refusal == TokenRefusal::Grant || (refusal == TokenRefusal::Client && is_refused) =>
            {
                let is_closed = self.closed(store, &held).await?;
                return if is_closed {
                    Err(Unanswered::Closed(Some(ConnectionState::NeedsReauth)))
                } else {
                    Ok(None)
                };
            }
            Ok(Err(refusal)) => not_granted(refusal),
            Err(error) => (error.into(), None),
        };
        // The next one need not wait until the claim has ended.
        let freed = Connection::clone(&held).not_renewed();
        let freed = match unreached {
            Some(_) => freed.reached_unless(unreached, self.clock.now()),
            None => freed,
        };
        match store.commit(vec![store.connection_changed(&held, &freed)]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Err(why),
            Err(error) => Err(FlowError::from(error).into()),
        }
    }
}

/// What is told whoever wanted to ask, and what the merchant sees of it.
fn not_granted(refusal: TokenRefusal) -> (Unanswered, Option<UnreachedReason>) {
    let why = match refusal {
        TokenRefusal::Other { status: 402, .. } => Refusal::Frozen,
        TokenRefusal::Other { status: 403 | 404, .. } => Refusal::NotFound,
        TokenRefusal::Other { status: 423, .. } => Refusal::Locked,
        TokenRefusal::Client => {
            return (FlowError::unavailable(refusal).into(), Some(UnreachedReason::AppUnknown));
        }
        TokenRefusal::Later { .. } => return (FlowError::unavailable(refusal).into(), None),
        other => return (FlowError::broken(other).into(), None),
    };
    let unreached = unreached_by(&why);
    (Unanswered::Refused(Refused { why, cost: None, version: None }), unreached)
}

/// Whether nobody is answered by the shop.
pub(super) fn unreached_by(why: &Refusal) -> Option<UnreachedReason> {
    match why {
        Refusal::Frozen => Some(UnreachedReason::Frozen),
        Refusal::Locked => Some(UnreachedReason::Locked),
        Refusal::NotFound => Some(UnreachedReason::NotThere),
        _ => None,
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
