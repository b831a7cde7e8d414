//! What is read of one campaign: its words, its plan and its moves, as they belong together.

use domain::{Campaign, template::Words};
use flows::{FlowError, identify::Caller, wording::Wording};
use store::{Held, StoreError};

use super::{
    held, id_of,
    view::{CampaignView, MoveView},
};
use crate::{error::Problem, templates::view::WordsView};

/// As often as somebody changes it between two reads.
const TRIES: usize = 8;
/// So many moves are shown with the campaign.
const MOVES_SHOWN: usize = 20;

/// The campaign and the words of its edition, its own first.
pub(super) async fn whole(caller: &Caller, named: &str) -> Result<(Held<Campaign>, Vec<Words>), FlowError> {
    let id = id_of(named)?;
    for _ in 0..TRIES {
        let campaign = held(caller, id).await?;
        if let Some(words) = caller.store.campaign_words(&campaign).await? {
            return Ok((campaign, words));
        }
    }
    Err(StoreError::Conflict(0).into())
}

pub(super) fn understood(words: &[Words]) -> Result<Vec<Wording>, FlowError> {
    words.iter().map(Wording::of).collect()
}

pub(super) async fn shown(
    caller: &Caller,
    campaign: &Campaign,
    words: Vec<Words>,
) -> Result<CampaignView, Problem> {
    let ready = understood(&words)?;
    let words = WordsView::all(words, &ready)?;
    let plan = match campaign.launched_at {
        Some(_) => caller.store.plan(campaign.id).await?,
        None => None,
    };
    let moves = moves(caller, campaign).await?;
    let moves = moves.into_iter().rev().take(MOVES_SHOWN).rev().collect();
    Ok(CampaignView::of(campaign, &words, plan.as_ref().map(|planned| &planned.plan), moves))
}

/// The first first.
pub(super) async fn moves(caller: &Caller, campaign: &Campaign) -> Result<Vec<MoveView>, StoreError> {
    let moves = caller.store.campaign_moves(campaign.id).await?;
    Ok([MoveView::made(campaign)].into_iter().chain(moves.into_iter().map(MoveView::of)).collect())
}
