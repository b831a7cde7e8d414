//! What a campaign's trial has shown: how each of its words fared, which are the best, and whether that could be chance.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Campaign, Permission, Task, Timestamp,
    campaign::{
        Act, Actor, ArmCounts, Counts, Decision, Finding, Moved, Plan, State as Stage, Trial,
        finding::CHANCE_MAX,
        trial::{Metric, REST, arm_of, letter},
    },
};
use flows::climbing::counted;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    held, id_of,
    moves::{actor, not_now},
};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    templates::view::WordsView,
    who::Acting,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DecisionTold {
    /// `A` to `D`: whoever waits gets these words.
    variant: Option<String>,
}

/// Several words, as they were told.
#[derive(Serialize, ToSchema)]
pub(crate) struct SplitView {
    variants: Vec<WordingView>,
    /// Of a hundred: who waits for the best of them.
    rest_percent: u8,
    /// `clicked`, `opened` or `delivered`.
    metric: &'static str,
    hours: u16,
    /// `null` before anybody was chosen.
    results: Option<ResultsView>,
}

#[derive(Serialize, ToSchema)]
struct WordingView {
    /// `A` to `D`.
    variant: String,
    share_percent: u8,
    #[serde(flatten)]
    words: WordsView,
}

/// How they fared.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResultsView {
    /// In words: which are the best, and whether that could be chance.
    verdict: String,
    /// Which do best: as it was decided, or as it stands now.
    leader: String,
    /// Whether that is hardly chance: `p_value` is below 0.05.
    is_significant: bool,
    /// How likely it is that nothing but chance parts the leader from the one that is hardest to tell from it: by Fisher's exact
    /// test of both sides, of each against each, corrected as Holm has it. `null`: nobody has got anything yet.
    p_value: Option<f64>,
    /// When the words are compared at the earliest: it is not before all who try them have had theirs for so long.
    #[schema(value_type = Option<String>, format = DateTime)]
    compared_at: Option<Timestamp>,
    /// Whose words go to whoever waited; `null`: that is not decided.
    winner: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    decided_at: Option<Timestamp>,
    /// Somebody decided it, and did not wait.
    decided_by_hand: bool,
    variants: Vec<ArmView>,
    /// Those who waited: they try nothing, and are counted apart. Those who are held out got nothing, and are in `plan.left_out`.
    rest: Option<ArmView>,
}

#[derive(Serialize, ToSchema)]
struct ArmView {
    /// `A` to `D`, or `rest`.
    variant: String,
    chosen: u64,
    /// A provider took it, or may have.
    sent: u64,
    delivered: u64,
    /// By people; of those that were delivered.
    opened: u64,
    clicked: u64,
    opened_by_machines: u64,
    clicked_by_machines: u64,
    unsubscribed: u64,
    /// What the words are compared by; `null`: of nobody.
    rate_percent: Option<f64>,
    /// Between what it lies, nineteen times of twenty (Wilson).
    rate_low_percent: Option<f64>,
    rate_high_percent: Option<f64>,
}

/// Decide which words are the best
///
/// Without waiting for the hours that they are tried for. Whoever waits gets these words at once, as far as it is an hour for them. It is
/// said once.
#[utoipa::path(post, operation_id = "decide_trial", path = "/api/v1/campaigns/{campaign}/trial/decide", tag = "Campaigns",
    request_body = DecisionTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = ResultsView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it tries nothing (`no_trial`), is decided (`already_decided`), or is not being sent", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn decide(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<DecisionTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let id = id_of(&id)?;
    let found = || async {
        let (held, now) = (held(&caller, id).await?, deps.now());
        let Some(trial) = &held.rules.trial else {
            return Err(Problem::conflict("no_trial", "it has one text for all: there is nothing to decide"));
        };
        if let Some(decided) = &held.decided {
            let detail = format!("it is decided: {} won", letter(decided.arm));
            return Err(Problem::conflict("already_decided", detail));
        }
        let mut it = Faults::default();
        let named = told.variant.as_deref().unwrap_or_default();
        let arm = arm_of(named).filter(|arm| *arm < held.arms());
        if arm.is_none() {
            let last = letter(held.arms().saturating_sub(1));
            it.add("/variant", "invalid", format!("is not one of A to {last}"));
        }
        let arm = it.none(arm)?;
        let (counts, _) = counted(&caller.store, &held).await?;
        let act = Act::Decide(Decision { arm, at: now, by: actor(&caller), counts: counts.arms.clone() });
        let after = held.moved(act.clone(), now).map_err(|wrong| not_now(&wrong, &held, &act))?;
        let moved = Moved::of(act.name(), &after, actor(&caller), now);
        let planned = caller.store.plan(id).await?;
        let view = ResultsView::of(&after, trial, &counts, planned.as_ref().map(|planned| &planned.plan));
        Ok((vec![caller.store.campaign_moved(&held, &after, &moved)], Answer::new(StatusCode::OK, &view)))
    };
    let response = once.commit_anew(found).await?;
    deps.nudge(Task::KeepCampaign { tenant: caller.store.id(), campaign: id }).await;
    Ok(response)
}

impl SplitView {
    /// Of a campaign that tries several words; in the order in which they are told.
    pub(super) fn of(campaign: &Campaign, words: &[WordsView], plan: Option<&Plan>) -> Option<Self> {
        let trial = campaign.rules.trial.as_ref()?;
        let variant = |((arm, share), words): ((u8, &u8), &WordsView)| WordingView {
            variant: letter(arm).to_string(),
            share_percent: *share,
            words: words.clone(),
        };
        let counts = campaign.counted.as_ref().map(|(_, counts)| counts);
        Some(Self {
            variants: (0..).zip(&trial.shares).zip(words).map(variant).collect(),
            rest_percent: trial.shares.iter().fold(100, |rest, share| rest.saturating_sub(*share)),
            metric: trial.metric.name(),
            hours: trial.hours,
            results: plan.map(|plan| {
                let none = Counts::default();
                ResultsView::of(campaign, trial, counts.unwrap_or(&none), Some(plan))
            }),
        })
    }
}

impl ResultsView {
    pub(super) fn of(campaign: &Campaign, trial: &Trial, counts: &Counts, plan: Option<&Plan>) -> Self {
        let decided = campaign.decided.as_ref();
        let finding = trial.finding(decided.map_or(&counts.arms, |decided| &decided.counts));
        let at = |arm: u8| counts.arms.get(&arm).copied().unwrap_or_default();
        let arm = |arm: u8| ArmView::of(letter(arm).to_string(), trial, &at(arm));
        let rest = counts.arms.get(&REST).map(|counts| ArmView::of("rest".to_owned(), trial, counts));
        let is_by_hand = decided.is_some_and(|decided| decided.by != Actor::Us);
        Self {
            verdict: verdict(campaign, trial, &finding, rest.is_some()),
            leader: letter(finding.leader).to_string(),
            is_significant: finding.is_sure(),
            p_value: finding.chance,
            compared_at: plan.and_then(|plan| plan.decided_at),
            winner: decided.map(|decided| letter(decided.arm).to_string()),
            decided_at: decided.map(|decided| decided.at),
            decided_by_hand: is_by_hand,
            variants: (0..campaign.arms()).map(arm).collect(),
            rest,
        }
    }
}

impl ArmView {
    fn of(variant: String, trial: &Trial, counts: &ArmCounts) -> Self {
        let share = trial.share(counts);
        let percent = |rate: f64| (rate * 10_000.0).round() / 100.0;
        let (low, high) = share.interval().unzip();
        Self {
            variant,
            chosen: counts.chosen,
            sent: counts.sent,
            delivered: counts.delivered,
            opened: counts.opened,
            clicked: counts.clicked,
            opened_by_machines: counts.opened_by_machines,
            clicked_by_machines: counts.clicked_by_machines,
            unsubscribed: counts.unsubscribed,
            rate_percent: share.rate().map(percent),
            rate_low_percent: low.map(percent),
            rate_high_percent: high.map(percent),
        }
    }
}

/// In words that claim no more than was seen.
fn verdict(campaign: &Campaign, trial: &Trial, finding: &Finding, waits: bool) -> String {
    let leader = letter(finding.leader);
    let done = match trial.metric {
        Metric::Opened => "opened",
        Metric::Clicked => "clicked",
        Metric::Delivered => "delivered",
    };
    let found = match finding.chance {
        None => "Nobody has got anything yet.".to_owned(),
        Some(chance) if finding.is_sure() => {
            let others = if campaign.arms() > 2 { "each of the others" } else { "the other" };
            format!(
                "{leader} is {done} more often than {others}, and that is hardly chance ({}).",
                told(chance)
            )
        }
        Some(chance) if finding.is_tied => {
            format!("There is no difference that could not be chance ({}): the best are equal.", told(chance))
        }
        Some(chance) => {
            format!("There is no difference that could not be chance ({}); {leader} leads.", told(chance))
        }
    };
    let Some(decided) = &campaign.decided else {
        let is_over = matches!(campaign.state, Stage::Cancelled | Stage::Failed { .. });
        let still = if is_over { " It ended before it was decided." } else { " It is not decided yet." };
        return found + still;
    };
    let winner = letter(decided.arm);
    let by = if decided.by == Actor::Us { String::new() } else { format!(" {winner} was chosen by hand.") };
    let whoever = if waits { format!(" Whoever waited gets {winner}.") } else { String::new() };
    format!("{found}{by}{whoever}")
}

fn told(chance: f64) -> String {
    if chance < 0.0001 {
        "p < 0.0001".to_owned()
    } else {
        format!("p = {chance:.4}, where below {CHANCE_MAX} counts")
    }
}
