//! What came in part is asked for to its end.

use shopify::graph::InParts;
use store::TenantStore;

use super::{Shops, Unanswered};
use crate::{FlowError, seal::Seals};

impl Shops {
    /// The thing with all that it has. `None`: it is there no more.
    pub async fn whole<T: InParts>(
        &self,
        hands: (&TenantStore, &Seals),
        mut thing: T,
    ) -> Result<Option<T>, Unanswered> {
        for _ in 0..T::QUESTIONS_MAX {
            let Some(more) = thing.more() else { return Ok(Some(thing)) };
            let Some(rest) = self.ask(hands, &more).await?.it else { return Ok(None) };
            thing.take(rest);
        }
        Err(FlowError::broken("what came in part has no end").into())
    }
}
