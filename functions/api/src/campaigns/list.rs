//! Campaigns, the newest first, with what became of their messages.

use axum::{Json, extract::State};
use columns::fold;
use domain::{Campaign, CampaignId, Permission, campaign::State as Stage, template::Channel};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{told::kind, view::CampaignHead};
use crate::{
    App,
    cursor::{List, Within, limited},
    customers::{filter::told, list::counted},
    error::Problem,
    input::{Asked, Faults},
    who::Acting,
};

const SEARCH_CHARS_MAX: usize = 200;

/// What a list may be asked. What is told empty is not told.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignsAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// Instead of a cursor: which page, from 1.
    page: Option<usize>,
    /// `draft`, `scheduled`, `planning`, `sending`, `paused`, `sent`, `cancelled` or `failed`; `active`: planning or sending.
    status: Option<String>,
    /// `promotional`, `transactional`, `reminder` or `newsletter`.
    #[serde(alias = "type", alias = "campaign_type")]
    kind: Option<String>,
    /// `email` or `sms`.
    channel: Option<String>,
    /// Parts of the name; case and accents do not matter.
    #[serde(alias = "q")]
    search: Option<String>,
    /// `true`: those that are archived, instead of the others.
    archived: Option<bool>,
    /// `created_at`: they are listed by nothing else.
    #[serde(alias = "sortBy")]
    sort: Option<String>,
    /// `desc`, the newest first: they are listed in no other order.
    order: Option<String>,
}

/// Campaigns
///
/// The newest first, each with its messages as they were counted last; without its words.
#[utoipa::path(get, operation_id = "list_campaigns", path = "/api/v1/campaigns", tag = "Campaigns", params(CampaignsAsked),
    responses((status = 200, body = List<CampaignHead>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<CampaignsAsked>,
) -> Result<Json<List<CampaignHead>>, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    let limit = limited(asked.limit)?;
    let skipped = counted(asked.page, asked.cursor.is_some(), limit)?;
    let is_asked = asked.understood()?;
    let secrets = deps.open_secrets().await?;
    let within = Within { secrets: &secrets, list: format!("{}/campaigns", caller.store.id()) };
    let after = asked.cursor.as_deref().map(|cursor| after(&within, cursor)).transpose()?;
    let mut all = caller.store.campaigns().await?;
    all.retain(|campaign| is_asked(campaign));
    let total = all.len();
    // Ids are in the order in which they were made.
    let older = all.iter().rev().filter(|campaign| after.is_none_or(|after| campaign.id < after));
    let shown: Vec<_> = older.skip(skipped).take(limit + 1).collect();
    let next = match shown.get(limit - 1).filter(|_| shown.len() > limit) {
        Some(last) => Some(within.sealed(&last.id.to_string(), &*deps.dice)?),
        None => None,
    };
    let items = shown.into_iter().take(limit).map(|campaign| CampaignHead::of(campaign)).collect();
    Ok(Json(List::new(items, total as u64, next)))
}

fn after(within: &Within<'_>, cursor: &str) -> Result<CampaignId, Problem> {
    let id = within.unsealed(cursor)?;
    id.parse().map_err(|_| flows::FlowError::broken("a cursor of campaigns names none").into())
}

impl CampaignsAsked {
    fn understood(&self) -> Result<impl Fn(&Campaign) -> bool + use<>, Problem> {
        let mut it = Faults::default();
        let states = it.maybe("?status", told(self.status.as_ref()), states);
        let kind = it.maybe("?kind", told(self.kind.as_ref()), kind);
        let channel =
            it.maybe("?channel", told(self.channel.as_ref()), |it| it.to_lowercase().parse::<Channel>());
        let words = it.maybe("?search", told(self.search.as_ref()), |search| {
            let fits = search.chars().count() <= SEARCH_CHARS_MAX;
            let words = || search.split_whitespace().map(fold).collect::<Vec<_>>();
            fits.then(words).ok_or_else(|| format!("may have at most {SEARCH_CHARS_MAX} letters"))
        });
        it.maybe("?sort", told(self.sort.as_ref()), |sort| {
            let is_known = ["created_at", "createdAt"].contains(&sort);
            is_known.then_some(()).ok_or("campaigns are listed by created_at alone")
        });
        it.maybe("?order", told(self.order.as_ref()), |order| {
            order
                .eq_ignore_ascii_case("desc")
                .then_some(())
                .ok_or("campaigns are listed the newest first: desc")
        });
        it.none(Some(()))?;
        let archived = self.archived.unwrap_or(false);
        Ok(move |campaign: &Campaign| {
            let name = fold(campaign.name.as_str());
            campaign.is_archived == archived
                && states.as_ref().is_none_or(|states| states.contains(&campaign.state.name()))
                && kind.is_none_or(|kind| kind == campaign.kind)
                && channel.is_none_or(|channel| channel == campaign.channel)
                && words.iter().flatten().all(|word| name.contains(word.as_str()))
        })
    }
}

/// Other systems write them in capitals, and have words of their own.
fn states(told: &str) -> Result<Vec<&'static str>, String> {
    let all = [
        Stage::Draft,
        Stage::Scheduled,
        Stage::Planning,
        Stage::Sending,
        Stage::Paused { is_planned: true, tripped: None, refused: None },
        Stage::Sent,
        Stage::Cancelled,
        Stage::Failed { reason: String::new() },
    ];
    let all = all.map(|state| state.name());
    match told.to_lowercase().as_str() {
        "active" => Ok(vec!["planning", "sending"]),
        "completed" => Ok(vec!["sent"]),
        told => all
            .into_iter()
            .find(|name| *name == told)
            .map(|name| vec![name])
            .ok_or_else(|| format!("is not one of {}, active", all.join(", "))),
    }
}
