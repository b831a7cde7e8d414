//! A segment for which a campaign is launched in the moment in which it is made: both are there, or neither (SEG-13).

use domain::SegmentId;
use flows::{FlowError, identify::Caller};

use super::editing::{SegmentTold, Told};
use crate::{
    Deps,
    campaigns::{
        moves::{Launched, launched},
        told::CampaignTold,
    },
    error::Problem,
    input::Faults,
};

/// What is to be launched, taken out of what was told. `None`: nothing is.
pub(super) fn taken(told: &mut SegmentTold) -> Result<Option<Box<CampaignTold>>, Problem> {
    let (wants, campaign) = (told.auto_launch == Some(true), told.campaign.take());
    let wrong = match (wants, &campaign) {
        (true, None) => {
            ("missing_member", "tell what is launched: at least what it says, as a campaign has it")
        }
        (false, Some(_)) => ("not_here", "is launched with `auto_launch` alone"),
        _ => return Ok(campaign),
    };
    Err(FlowError::invalid("/campaign", wrong.0, wrong.1).into())
}

/// A segment that is there has launched what it launches.
pub(super) fn must_be_none(told: &SegmentTold) -> Result<(), Problem> {
    if told.auto_launch != Some(true) && told.campaign.is_none() {
        return Ok(());
    }
    let sentence = "goes with a new segment alone: make a campaign for this one, and launch that";
    Err(FlowError::invalid("/auto_launch", "not_here", sentence).into())
}

/// All that is wrong with it, or how it is launched for the segment of that id, which is made with it.
pub(super) async fn ready(
    deps: &Deps,
    caller: &Caller,
    campaign: CampaignTold,
    (id, told): (SegmentId, &Told),
) -> Result<Launched, Problem> {
    let Some(name) = told.name() else {
        return Err(FlowError::broken("a segment that is not whole").into());
    };
    let (mut it, mut of_campaign) = (Faults::default(), Faults::default());
    if told.is_empty_at_first() {
        let sentence = "nobody is in it at first: on a list customers are put by hand, and one that is paused stays as it is";
        it.add("/auto_launch", "nobody_yet", sentence);
    }
    let understood = campaign.of_segment(&mut of_campaign, deps, caller, (id, name)).await?;
    it.within("/campaign", of_campaign);
    let understood = it.none(understood)?;
    launched(deps, caller, &understood).await
}
