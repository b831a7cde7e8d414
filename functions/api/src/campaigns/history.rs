//! Who did what with a campaign, and when.

use axum::{Json, extract::State};
use domain::Permission;

use super::{held, id_of, kept::moves, view::MoveView};
use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

/// A campaign's history
///
/// Who did what, the first first; what was done by the clock, or by whoever keeps campaigns, names nobody.
#[utoipa::path(get, operation_id = "list_campaign_moves", path = "/api/v1/campaigns/{campaign}/history", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id"), PageOf),
    responses((status = 200, body = List<MoveView>), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<MoveView>>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let campaign = held(&caller, id_of(&id)?).await?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/campaigns/{}/history", caller.store.id(), campaign.id);
    let numbered: Vec<_> = moves(&caller, &campaign).await?.into_iter().enumerate().collect();
    let within = Within { secrets: &secrets, list };
    let page = page.of(numbered, |(number, _)| format!("{number:010}"), &within)?;
    Ok(Json(page.map(|(_, moved)| Ok::<_, Problem>(moved))?))
}
