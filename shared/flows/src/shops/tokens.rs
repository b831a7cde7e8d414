//! The tenant's tokens: sealed as they are kept, opened for a question, renewed by one at a time.
//!
//! Whoever renews claims the connection first, so that two never spend the same token. One who dies over it is followed
//! after half a minute; the token that they spent is good until the pair that it gave is used, so nothing is lost. One who
//! was held up until others may follow spends nothing: of two who spend the same token at once the one that Shopify
//! hears last has the only good pair, and the other one may be whom we believe.

use std::time::Duration;

use domain::{Connection, ConnectionState, SealedTokens};
use serde::{Deserialize, Serialize};
use shopify::{
    Secret,
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
                    if let Some(renewed) = self.renewed((store, seals), held, &pair).await? {
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
        pair: &Pair,
    ) -> Result<Option<(Held<Connection>, Secret)>, Unanswered> {
        let app =
            self.app().await?.ok_or_else(|| FlowError::broken("the app of a connected shop is gone"))?;
        if !held.is_claimed(self.clock.now() + TOKEN_PATIENCE) {
            return Ok(None);
        }
        let granted = self.grant(&held.shop, &TokenAsk::refresh(&app, &Secret::new(&pair.refresh))).await;
        let why = match granted {
            Ok(Ok(tokens)) => {
                let kept = sealed(store, seals, &tokens).await?;
                let renewed = Connection::clone(&held).renewed(tokens.scopes.to_string(), kept);
                return match store.commit(vec![store.connection_changed(&held, &renewed)]).await {
                    Ok(()) => Ok(Some((held.followed_by(renewed), tokens.access))),
                    Err(StoreError::Conflict(_)) => Ok(None),
                    Err(error) => Err(error.into()),
                };
            }
            Ok(Err(TokenRefusal::Grant | TokenRefusal::Client)) => {
                let is_closed = self.closed(store, &held).await?;
                return if is_closed {
                    Err(Unanswered::Closed(Some(ConnectionState::NeedsReauth)))
                } else {
                    Ok(None)
                };
            }
            Ok(Err(later @ TokenRefusal::Later { .. })) => FlowError::unavailable(later),
            Ok(Err(other)) => FlowError::broken(other),
            Err(error) => error,
        };
        // The next one need not wait until the claim has ended.
        let freed = Connection::clone(&held).not_renewed();
        match store.commit(vec![store.connection_changed(&held, &freed)]).await {
            Ok(()) | Err(StoreError::Conflict(_)) => Err(why.into()),
            Err(error) => Err(FlowError::from(error).into()),
        }
    }
}

impl From<StoreError> for Unanswered {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}
