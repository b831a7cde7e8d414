//! Whom a campaign has written to, and what became of each message.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    Campaign, Permission, Timestamp,
    campaign::{Fate, Mark, Message, Why, trial::letter},
};
use flows::FlowError;
use serde::{Deserialize, Serialize};
use store::Planned;
use tables::write_line;
use utoipa::{IntoParams, ToSchema};

use super::{
    held, id_of, path_of,
    people::{Form, Names, file, rest_of},
    walk::{Found, Sought, Spot, Walk},
};
use crate::{
    App,
    cursor::Within,
    customers::filter::told,
    error::{Problem, ProblemDocument},
    input::{Asked, Faults, Named},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesAsked {
    /// How many at most: 1 to 100, 20 unless told. Where only some are asked for, a page may have fewer and not be the last.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// `pending`, `sending`, `skipped`, `unknown`, `failed`, `sent`, `bounced` or `delivered`.
    #[serde(alias = "status")]
    state: Option<String>,
    /// Why it was skipped, failed, bounced or is unknown.
    reason: Option<String>,
    /// `json` unless told, or `csv`: 10,000 rows from the cursor on; where the rest is stands in `Link`.
    format: Option<String>,
}

/// A page of a campaign's messages.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessagesPage {
    /// In the order in which they are sent.
    items: Vec<MessageView>,
    /// Of the whole list, as it was counted last. `null`: of one state for one reason nobody counts them, and before the first
    /// count nobody knows how many are in a state, or are it for a reason.
    total: Option<u64>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
    /// As of when `total` is; `null`: who was chosen is known, and nothing has been counted yet.
    #[schema(value_type = Option<String>, format = DateTime)]
    counted_at: Option<Timestamp>,
}

/// A message, and whom it is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct MessageView {
    customer_id: Option<String>,
    /// As they are called now; `null`: they have no name, or are nobody any more.
    name: Option<String>,
    /// `pending`, `sending`, `skipped`, `unknown`, `failed`, `sent`, `bounced` or `delivered`.
    state: &'static str,
    /// Why it was skipped, failed, bounced or is unknown; of one that waits, why it was refused for now.
    reason: Option<&'static str>,
    /// Of a campaign that tries several words: in which of them, `A` to `D`; `null` of whoever waits until that is decided.
    variant: Option<String>,
    /// How often it was refused for now, or nobody knows whether it was taken, and it was tried again.
    refusals: u8,
    /// It is not sent before: quiet hours, or a time of theirs.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    sent_at: Option<Timestamp>,
    /// When it was delivered, came back, failed or was skipped.
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// By a person, first.
    #[schema(value_type = Option<String>, format = DateTime)]
    opened_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    clicked_at: Option<Timestamp>,
    complained: bool,
    unsubscribed: bool,
}

/// A campaign's messages
///
/// One for each who was chosen; those who were left out before are in `…/exclusions`. Everybody whom the campaign meant is in one
/// of the two lists.
#[utoipa::path(get, operation_id = "list_campaign_messages", path = "/api/v1/campaigns/{campaign}/messages", tag = "Campaigns",
    params(("campaign" = String, Path, description = "the campaign's id"), MessagesAsked),
    responses((status = 200, body = MessagesPage), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<MessagesAsked>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCampaigns)?;
    caller.must(Permission::ReadCustomers)?;
    let form = Form::told(asked.format.as_ref(), asked.limit)?;
    let sought = asked.sought()?;
    let campaign = held(&caller, id_of(&id)?).await?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/messages of {} {sought:?}", caller.store.id(), campaign.id);
    let within = Within { secrets: &secrets, list };
    let from = match &asked.cursor {
        Some(cursor) => Spot::read(&within.unsealed(cursor)?).ok_or_else(not_a_spot)?,
        None => Spot::FIRST,
    };
    let planned = caller.store.plan(campaign.id).await?;
    let (found, next) = match &planned {
        Some(planned) => {
            Walk::along(&caller.store, &campaign, planned).from(from, sought, form.rows()).await?
        }
        None => (Vec::new(), None),
    };
    let next = next.map(|spot| within.sealed(&spot.text(), &*deps.dice)).transpose()?;
    let names = Names::read(&deps, &caller).await?;
    let items = found.into_iter().map(|found| MessageView::of(&campaign, &names, found));
    if form == Form::File {
        let asked = [("state", sought.fate.map(Fate::name)), ("reason", sought.why.map(Why::name))];
        let rest = next.map(|next| rest_of(&format!("{}/messages", path_of(campaign.id)), &asked, &next));
        return file(&format!("{}-messages.csv", campaign.id), written(items), rest);
    }
    let (counted_at, total) = total(&campaign, planned.as_ref(), sought);
    Ok(Json(MessagesPage { items: items.collect(), total, next, counted_at }).into_response())
}

fn not_a_spot() -> FlowError {
    FlowError::invalid("?cursor", "not_a_cursor", "is not a cursor of this list")
}

fn total(campaign: &Campaign, planned: Option<&Planned>, sought: Sought) -> (Option<Timestamp>, Option<u64>) {
    let chosen = planned.map_or(0, |planned| planned.plan.chosen());
    let Some((at, counts)) = &campaign.counted else {
        // Who was chosen is known; where their messages are is not. Where nobody was chosen there is nothing of any kind.
        let is_known = chosen == 0 || sought == Sought::default();
        return (None, is_known.then_some(chosen));
    };
    let total = match (sought.fate, sought.why) {
        (None, None) => Some(counts.chosen),
        (Some(fate), None) => Some(counts.at(fate)),
        (None, Some(why)) => Some(counts.whys.get(&why).copied().unwrap_or(0)),
        (Some(_), Some(_)) => None,
    };
    (Some(*at), total)
}

const COLUMNS: [&str; 13] = [
    "customer_id",
    "name",
    "state",
    "reason",
    "not_before",
    "sent_at",
    "settled_at",
    "opened_at",
    "clicked_at",
    "complained",
    "unsubscribed",
    "refusals",
    "variant",
];

fn written(items: impl Iterator<Item = MessageView>) -> String {
    let mut text = String::new();
    write_line(COLUMNS, &mut text);
    let at = |at: Option<Timestamp>| at.map_or_else(String::new, |at| at.to_string());
    let yes = |is: bool| if is { "yes" } else { "" };
    for item in items {
        let instants =
            [item.not_before, item.sent_at, item.settled_at, item.opened_at, item.clicked_at].map(at);
        let first = [
            item.customer_id.as_deref().unwrap_or_default(),
            item.name.as_deref().unwrap_or_default(),
            item.state,
            item.reason.unwrap_or_default(),
        ];
        let refusals = item.refusals.to_string();
        let variant = item.variant.as_deref().unwrap_or_default();
        let last = [yes(item.complained), yes(item.unsubscribed), &refusals, variant];
        write_line(first.into_iter().chain(instants.iter().map(String::as_str)).chain(last), &mut text);
    }
    text
}

impl MessagesAsked {
    fn sought(&self) -> Result<Sought, Problem> {
        let mut faults = Faults::default();
        let fate = faults.maybe("?state", told(self.state.as_ref()), |told| told.to_lowercase().parse());
        let why = faults.maybe("?reason", told(self.reason.as_ref()), str::parse);
        faults.none(Some(Sought { fate, why }))
    }
}

impl MessageView {
    fn of(campaign: &Campaign, names: &Names, found: Found) -> Self {
        let Found { slot, message, not_before, arm } = found;
        let words = campaign.rules.trial.as_ref().and_then(|_| campaign.says_to(arm));
        let who = names.of(slot);
        let Message { fate, why, refusals, sent_at, settled_at, opened_at, clicked_at, marks, .. } = message;
        Self {
            customer_id: who.id,
            name: who.name,
            state: fate.name(),
            reason: why.map(Why::name),
            variant: words.map(|arm| letter(arm).to_string()),
            not_before,
            sent_at,
            settled_at,
            refusals,
            opened_at,
            clicked_at,
            complained: marks.has(Mark::Complained),
            unsubscribed: marks.has(Mark::Unsubscribed),
        }
    }
}
