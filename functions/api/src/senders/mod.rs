//! In whose name a shop writes: made known to the provider, proven, and ended.

pub(crate) mod byline;
pub(crate) mod kept;
mod told;
mod view;

use std::sync::Arc;

use domain::{Campaign, Sender, SenderId};
use flows::{FlowError, Identities, identify::Caller, sending};
use store::{Held, StoreError};

use crate::{Deps, error::Problem};

fn path_of(id: SenderId) -> String {
    format!("/api/v1/senders/{id}")
}

async fn held(caller: &Caller, named: &str) -> Result<Held<Sender>, FlowError> {
    let missing = || FlowError::NotFound("sender");
    let id: SenderId = named.parse().map_err(|_| missing())?;
    let found: Result<_, StoreError> = caller.store.sender(id).await;
    found?.ok_or_else(missing)
}

/// Who knows whether the shop may write in that name.
async fn registrar(
    deps: &Deps,
    caller: &Caller,
    identity: &domain::sender::Identity,
) -> Result<Arc<dyn Identities>, FlowError> {
    let ways = sending::ways(&caller.store, &deps.seals()).await?;
    Ok(deps.proofs.registrars.registrar(identity, &ways))
}

/// Nobody ends what a campaign is written in the name of.
async fn must_be_free(caller: &Caller, sender: &Sender) -> Result<(), Problem> {
    let is_by = |campaign: &Campaign| campaign.byline.as_ref().is_some_and(|it| it.sender == sender.id);
    let all = caller.store.campaigns().await?;
    let open = all.iter().filter(|campaign| !campaign.state.is_over() && is_by(campaign));
    let names: Vec<_> = open.map(|campaign| campaign.name.as_str()).take(NAMES_TOLD).collect();
    if names.is_empty() {
        return Ok(());
    }
    let detail = format!(
        "campaigns that are not over are in its name: {}; end them, or tell them another sender, first",
        names.join(", ")
    );
    Err(Problem::conflict("sender_in_use", detail))
}

/// A refusal names at most so many campaigns.
const NAMES_TOLD: usize = 5;
