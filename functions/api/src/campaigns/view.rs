//! A campaign as callers see it.

use domain::{
    ApiKeyId, Campaign, CampaignId, SegmentId, SenderId, TemplateId, Timestamp, UserId,
    campaign::{Actor, Care, Fate, Moved, Plan, State, Tripped, Who, Why},
    prices::show_micros,
};
use flows::counts::CountsView;
use serde::Serialize;
use utoipa::ToSchema;

use super::{limits::LimitsView, results::SplitView, schedule::ScheduleView};
use crate::templates::view::WordsView;

/// As a list shows it.
#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct CampaignHead {
    #[schema(value_type = String)]
    id: CampaignId,
    name: String,
    /// A note of yours; `null`: none.
    description: Option<String>,
    /// `promotional`, `transactional`, `reminder` or `newsletter`.
    kind: &'static str,
    /// `email` or `sms`.
    channel: &'static str,
    /// `draft`, `scheduled`, `planning`, `sending`, `paused`, `sent`, `cancelled` or `failed`.
    status: &'static str,
    /// Why it has failed, or was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// It is paused because its messages, or those of another campaign, did harm; by hand it can be resumed all the same, and is
    /// judged by what is sent from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_for: Option<HarmView>,
    /// Whom it is for; or `rule` says it.
    #[schema(value_type = Option<String>)]
    segment_id: Option<SegmentId>,
    /// As text of the segment language.
    rule: Option<String>,
    /// Whose words it took over.
    #[schema(value_type = Option<String>)]
    template_id: Option<TemplateId>,
    /// In whose name it is written; `null`: in the installation's.
    #[schema(value_type = Option<String>)]
    sender_id: Option<SenderId>,
    /// Which of its addresses, if the sender is a domain.
    from_address: Option<String>,
    /// The one that repeats, and made this one.
    #[schema(value_type = Option<String>)]
    repeat_of: Option<CampaignId>,
    is_archived: bool,
    /// When it begins, if it is scheduled.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    launched_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// As they were counted last; `null` before anybody was chosen.
    counts: Option<CountsView>,
    /// What can be done with it now.
    can: Vec<&'static str>,
    /// 1 as it is made, and one more with each change of what it is.
    version: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(value_type = String)]
    updated_by: UserId,
}

#[derive(Clone, Serialize, ToSchema)]
pub(crate) struct HarmView {
    /// `hard_bounces` or `complaints`.
    what: &'static str,
    count: u64,
    /// Messages that a provider took.
    of: u64,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct CampaignView {
    #[serde(flatten)]
    head: CampaignHead,
    #[serde(flatten)]
    limits: LimitsView,
    /// All `null` where it tries several: each variant has its own.
    #[serde(flatten)]
    words: WordsView,
    /// Several words, to see which do better; `null`: all get the same.
    trial: Option<SplitView>,
    schedule: Option<ScheduleView>,
    /// Who was chosen, and who was left out and why; `null` until that is known.
    plan: Option<PlanView>,
    /// What went wrong, as it was counted last, and what can be done about it; `null`: nothing has.
    trouble: Option<TroubleView>,
    /// The last of its moves, the first of them first; `…/history` has all.
    moves: Vec<MoveView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TroubleView {
    /// Messages that were refused for good, or came back.
    failed: u64,
    /// Those of which nobody knows whether a provider took them.
    unknown: u64,
    /// Why the campaign itself has failed, or nobody takes its messages.
    reason: Option<String>,
    /// In words: how those who got nothing can be written to.
    retry: &'static str,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct PlanView {
    /// Who was meant: `chosen` and those who were left out.
    audience: u64,
    chosen: u64,
    left_out: Vec<LeftOutView>,
    /// What the dearest message costs, in the shop's currency.
    message_cost: String,
    /// All that have a price that is known, with `never_zero` three times each.
    cost_at_most: String,
    /// So many have none.
    unpriced: u64,
}

#[derive(Serialize, ToSchema)]
struct LeftOutView {
    reason: &'static str,
    count: u64,
}

/// Who did what, and when.
#[derive(Serialize, ToSchema)]
pub(crate) struct MoveView {
    /// `made`, `changed`, `scheduled`, `unscheduled`, `launched`, `repeated` (the next of one that repeats was made), `passed over` (it was far too late
    /// for that), `planned`, `paused`, `disconnected` (its shop is), `stopped`, `resumed`, `decided`, `cancelled`, `finished`, `failed`, `archived` or
    /// `unarchived`.
    act: String,
    /// The status since then.
    status: String,
    /// `null`, as `key`: the clock, or whoever keeps campaigns.
    #[schema(value_type = Option<String>)]
    user: Option<UserId>,
    /// The API key by which it was done.
    #[schema(value_type = Option<String>)]
    key: Option<ApiKeyId>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Of one that was scheduled.
const MISSED: &str = "its time passed before it could begin: schedule it anew, or launch it now";

impl CampaignHead {
    pub(super) fn of(campaign: &Campaign) -> Self {
        let (segment_id, rule) = match &campaign.audience {
            Who::Segment(id) => (Some(*id), None),
            Who::Rule(rule) => (None, Some(rule.text.clone())),
        };
        let reason = match &campaign.state {
            State::Failed { reason } | State::Paused { refused: Some(reason), .. } => Some(reason.clone()),
            State::Paused { tripped: Some(Tripped { harm, harmed, of }), .. } => Some(format!(
                "of {of} messages {harmed} were {}: more than is borne",
                harm.name().replace('_', " ")
            )),
            State::Draft => campaign.asks().then(|| MISSED.to_owned()),
            _ => None,
        };
        let stopped_for = match &campaign.state {
            State::Paused { tripped: Some(Tripped { harm, harmed, of }), .. } => {
                Some(HarmView { what: harm.name(), count: *harmed, of: *of })
            }
            _ => None,
        };
        let from = campaign.byline.as_ref().and_then(|byline| byline.address.as_ref());
        let from_address = from.map(ToString::to_string);
        Self {
            id: campaign.id,
            name: campaign.name.as_str().to_owned(),
            description: campaign.description.clone(),
            kind: campaign.kind.name(),
            channel: campaign.channel.name(),
            status: campaign.state.name(),
            reason,
            stopped_for,
            segment_id,
            rule,
            template_id: campaign.template,
            sender_id: campaign.byline.as_ref().map(|byline| byline.sender),
            from_address,
            repeat_of: campaign.of,
            is_archived: campaign.is_archived,
            next_at: campaign.due_at.filter(|_| campaign.state == State::Scheduled),
            launched_at: campaign.launched_at,
            ended_at: campaign.ended_at,
            counts: campaign.counted.as_ref().map(|(at, counts)| CountsView::of(counts, Some(*at))),
            can: super::moves::allowed(campaign),
            version: campaign.edition,
            created_at: campaign.created_at,
            created_by: campaign.created_by,
            updated_at: campaign.updated_at,
            updated_by: campaign.updated_by,
        }
    }
}

impl CampaignView {
    /// Nothing has been done with it.
    pub(super) fn fresh(campaign: &Campaign, words: &[WordsView]) -> Self {
        Self::of(campaign, words, None, vec![MoveView::made(campaign)])
    }

    pub(super) fn of(
        campaign: &Campaign,
        words: &[WordsView],
        plan: Option<&Plan>,
        moves: Vec<MoveView>,
    ) -> Self {
        Self {
            head: CampaignHead::of(campaign),
            limits: LimitsView::of(&campaign.rules),
            words: if words.len() == 1 { words[0].clone() } else { WordsView::default() },
            trial: SplitView::of(campaign, words, plan),
            schedule: campaign.schedule.as_ref().map(ScheduleView::of),
            plan: plan.map(|plan| PlanView::of(plan, campaign.rules.care)),
            trouble: TroubleView::of(campaign),
            moves,
        }
    }
}

impl TroubleView {
    fn of(campaign: &Campaign) -> Option<Self> {
        let counts = campaign.counted.as_ref().map(|(_, counts)| counts);
        let at = |fate| counts.map_or(0, |counts| counts.at(fate));
        let (failed, unknown) = (at(Fate::Failed) + at(Fate::Bounced), at(Fate::Unknown));
        let (reason, retry) = match &campaign.state {
            State::Failed { reason } => (
                Some(reason.clone()),
                "set right what `reason` says, make a copy (`POST …/duplicate`), and launch that",
            ),
            State::Paused { refused: Some(reason), .. } => (
                Some(reason.clone()),
                "set right what `reason` says, and go on with it (`POST …/resume`): whoever waits was not lost by it",
            ),
            _ => (
                None,
                "put those of `…/messages?state=failed` on a list (`POST /api/v1/segments/{segment}/members`), and launch a copy \
                 of the campaign for that list; who is `unknown` may have got it",
            ),
        };
        (reason.is_some() || failed + unknown > 0).then_some(Self { failed, unknown, reason, retry })
    }
}

impl PlanView {
    fn of(plan: &Plan, care: Care) -> Self {
        let left_out = |(why, count): &(Why, u64)| LeftOutView { reason: why.name(), count: *count };
        let (micros, unpriced) = plan.cost();
        Self {
            audience: plan.audience,
            chosen: plan.chosen(),
            left_out: plan.left_out.iter().map(left_out).collect(),
            message_cost: show_micros(plan.message_micros),
            cost_at_most: show_micros(micros.saturating_mul(care.takings().into())),
            unpriced,
        }
    }
}

impl MoveView {
    pub(super) fn of(moved: Moved) -> Self {
        let (user, key) = match moved.by {
            Actor::User(id) => (Some(id), None),
            Actor::Key(id) => (None, Some(id)),
            Actor::Us => (None, None),
        };
        Self { act: moved.act, status: moved.to, user, key, at: moved.at }
    }

    /// What every campaign began with.
    pub(super) fn made(campaign: &Campaign) -> Self {
        Self {
            act: "made".to_owned(),
            status: State::Draft.name().to_owned(),
            user: Some(campaign.created_by),
            key: None,
            at: campaign.created_at,
        }
    }
}
