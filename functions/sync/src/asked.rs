//! Asks the shop. What stands in the way is told by whom it stops: the step for a while, the part, or the run.

use domain::{Connection, ConnectionState};
use flows::{FlowError, Unanswered};
use jiff::SignedDuration;
use shopify::graph::{Ask, InParts, Refusal};
use store::{Held, StoreError};

use crate::{Hands, waiting::by_chance};

/// Why a step does not come to its end.
pub(crate) enum Halt {
    /// Shopify asks us to wait: nothing has failed.
    Wait(SignedDuration),
    /// So many rows are never answered at once; fewer may be.
    TooCostly,
    /// This is never answered; other parts may be.
    Part(String),
    /// Nothing is answered any more.
    Run(String),
    Failed(FlowError),
}

impl From<FlowError> for Halt {
    fn from(error: FlowError) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

impl Hands<'_> {
    pub(crate) async fn connection(&self) -> Result<Held<Connection>, Halt> {
        self.store.connection().await?.ok_or_else(|| FlowError::NotFound("shop").into())
    }

    /// What was answered, and how long until the same may be asked again.
    pub(crate) async fn ask<A: Ask>(&self, ask: &A) -> Result<(A::Answer, SignedDuration), Halt> {
        let answered = self.deps.shops.ask((self.store, self.seals), ask).await;
        let answered = answered.map_err(|why| self.unanswered(why))?;
        let wait = answered.cost.map_or(SignedDuration::ZERO, |cost| cost.wait());
        Ok((answered.it, wait))
    }

    /// What came in part, with all that it has. `None`: it is there no more.
    pub(crate) async fn whole<T: InParts>(&self, thing: T) -> Result<Option<T>, Halt> {
        let whole = self.deps.shops.whole((self.store, self.seals), thing).await;
        whole.map_err(|why| self.unanswered(why))
    }

    fn unanswered(&self, why: Unanswered) -> Halt {
        match why {
            Unanswered::Failed(error) => Halt::Failed(error),
            Unanswered::Closed(state) => Halt::Run(closed(state)),
            Unanswered::Refused(refused) => self.refused(&refused.why),
        }
    }

    fn refused(&self, why: &Refusal) -> Halt {
        match why {
            Refusal::Throttled { wait } => {
                Halt::Wait(*wait + by_chance(&*self.deps.dice, SignedDuration::from_secs(1)))
            }
            Refusal::Unavailable { wait } => {
                let seconds = wait.map_or(0, |wait| u64::try_from(wait.as_secs()).unwrap_or_default());
                let later =
                    FlowError::TooMany { code: "shopify", retry_after_seconds: seconds, limits: None };
                Halt::Failed(later)
            }
            Refusal::Unauthorized => Halt::Run(closed(Some(ConnectionState::NeedsReauth))),
            Refusal::Frozen | Refusal::Locked | Refusal::NotFound => Halt::Run(why.to_string()),
            Refusal::Denied(_) => Halt::Part(why.to_string()),
            Refusal::TooCostly => Halt::TooCostly,
            Refusal::NotDone(_) | Refusal::Misunderstood(_) | Refusal::Unreadable(_) => {
                tracing::error!("Shopify did not answer a question of ours: {why}");
                Halt::Part(why.to_string())
            }
        }
    }
}

fn closed(state: Option<ConnectionState>) -> String {
    match state {
        None => "no shop is connected".to_owned(),
        Some(ConnectionState::NeedsReauth) => {
            "Shopify does not let us in any more (needs_reauth): connect the shop again".to_owned()
        }
        Some(state) => format!("the shop is {}", state.name()),
    }
}
