//! A lane: chunk after chunk for a while, and then the next task goes on.

use domain::{
    Campaign, CampaignId, Prices, Task, Tenant, TenantId, TenantStatus, Timestamp,
    campaign::{LANES, State},
    sender::Voice,
    template::Channel,
};
use flows::{
    Carrier, FlowError, Left, Secrets, Texter, bylines, carrying::Nobody, seal::Seals, sending,
    wording::Wording,
};
use std::{sync::Arc, time::Duration};
use store::{Planned, TenantStore};

use crate::{
    Deps,
    chunk::{self, Went},
    halting::halted,
};

/// How long one task sends: far less than it may take, and long enough that its beginning costs little.
const TURN: Duration = Duration::from_secs(20);
/// As long as a task can be left for later.
const DELAY_SECONDS_MAX: u32 = 900;

/// A campaign that is being sent, and all that each of its messages needs.
pub(crate) struct Job<'a> {
    pub deps: &'a Deps,
    pub store: TenantStore,
    pub campaign: Campaign,
    pub planned: Planned,
    /// Of each of its arms.
    pub wordings: Vec<Arc<Wording>>,
    pub tenant: Tenant,
    pub secrets: Arc<Secrets>,
    /// In whose name.
    pub voice: Voice,
    pub carrier: Arc<dyn Carrier>,
    pub texter: Arc<dyn Texter>,
    /// What texts cost, where the campaign has a budget.
    pub prices: Option<Prices>,
}

pub(crate) async fn send(
    deps: &Deps,
    tenant: TenantId,
    campaign: CampaignId,
    from: u32,
) -> Result<(), FlowError> {
    let Some(job) = Job::read(deps, tenant, campaign).await? else { return Ok(()) };
    let until = deps.clock.now() + TURN;
    let mut number = from;
    while let Some(stretch) = job.planned.plan.stretch(number) {
        let went = chunk::send(&job, number, &stretch, until).await?;
        let here = Task::SendLane { tenant, campaign, from: number };
        match went {
            Went::Through => {}
            // Whoever keeps campaigns sets lanes going again when it is decided.
            Went::Stopped | Went::Undecided => return Ok(()),
            Went::Slow(wait) => return leave(deps, here, wait).await,
            // Two go through one lane, or one has died: of two this one falls behind.
            Went::Taken(at) => return leave(deps, here, wait_until(deps, at)).await,
            // Nobody further on may be written to before, either: parts are in the order of time.
            Went::Later(at) if stretch.part.not_before.is_some_and(|not_before| at <= not_before) => {
                return leave(deps, here, wait_until(deps, at)).await;
            }
            Went::Later(at) => {
                let rest = Task::SendChunk { tenant, campaign, number };
                leave(deps, rest, wait_until(deps, at)).await?;
            }
        }
        number = number.saturating_add(LANES);
    }
    Ok(())
}

/// What a lane has left of a chunk.
pub(crate) async fn send_one(
    deps: &Deps,
    tenant: TenantId,
    campaign: CampaignId,
    number: u32,
) -> Result<(), FlowError> {
    let Some(job) = Job::read(deps, tenant, campaign).await? else { return Ok(()) };
    let Some(stretch) = job.planned.plan.stretch(number) else { return Ok(()) };
    let wait = match chunk::send(&job, number, &stretch, deps.clock.now() + TURN).await? {
        Went::Through | Went::Stopped | Went::Undecided => return Ok(()),
        Went::Slow(wait) => wait,
        Went::Taken(at) | Went::Later(at) => wait_until(deps, at),
    };
    leave(deps, Task::SendChunk { tenant, campaign, number }, wait).await
}

impl<'a> Job<'a> {
    /// `None`: there is nothing to do, since it is not being sent, or the shop stands still.
    async fn read(deps: &'a Deps, tenant: TenantId, campaign: CampaignId) -> Result<Option<Self>, FlowError> {
        let store = deps.store.for_task(tenant);
        let Some(campaign) = store.campaign(campaign).await? else { return Ok(None) };
        let Some(tenant) = store.tenant().await? else { return Ok(None) };
        if campaign.state != State::Sending || tenant.status != TenantStatus::Active {
            return Ok(None);
        }
        let missing = |what: &str| FlowError::broken(format!("a campaign that is being sent has no {what}"));
        let planned = store.plan(campaign.id).await?.ok_or_else(|| missing("plan"))?;
        let mut wordings = Vec::new();
        for arm in 0..campaign.arms() {
            let wording = deps.memory.wording(&store, &campaign, arm).await?;
            wordings.push(wording.ok_or_else(|| missing("words"))?);
        }
        let secrets = deps.secrets.open().await?;
        let (campaign, tenant) = (campaign.into_inner(), tenant.into_inner());
        let seen_at = deps.clock.now();
        let voice = match bylines::voice(&store, &campaign, &tenant.name, &deps.installed).await? {
            Ok(voice) => voice,
            Err(mute) => {
                tracing::warn!(code = mute.code(), "a campaign is sent that nobody may send");
                Box::pin(halted(deps, &store, campaign.id, (&mute.to_string(), seen_at))).await?;
                return Ok(None);
            }
        };
        let ways = sending::ways(&store, &Seals::new(deps.keys.clone(), deps.dice.clone())).await?;
        let carrier = deps.carriers.carrier(&ways.mail).unwrap_or_else(|| Arc::new(Nobody));
        let texter = deps.carriers.texter(&ways.text).unwrap_or_else(|| Arc::new(Nobody));
        let has_budget = campaign.rules.budget_micros.is_some() && campaign.channel == Channel::Sms;
        let prices = if has_budget { Some(sending::prices(&store).await?) } else { None };
        Ok(Some(Self {
            deps,
            store,
            campaign,
            planned,
            wordings,
            tenant,
            secrets,
            voice,
            carrier,
            texter,
            prices,
        }))
    }
}

impl Job<'_> {
    /// In which words a message is written. `None`: nobody has said yet which are the best.
    pub(crate) fn wording(&self, chunk: u32) -> Option<&Wording> {
        let arm = match self.wordings.len() {
            1 => Some(0),
            _ => self.campaign.says_to(self.planned.plan.stretch(chunk)?.part.arm),
        };
        self.wordings.get(usize::from(arm?)).map(|wording| &**wording)
    }
}

fn wait_until(deps: &Deps, at: Timestamp) -> Duration {
    at.duration_since(deps.clock.now()).try_into().unwrap_or(Duration::ZERO)
}

/// Rounded up: whoever comes too early comes twice.
async fn leave(deps: &Deps, task: Task, wait: Duration) -> Result<(), FlowError> {
    let seconds = wait.as_millis().div_ceil(1_000);
    let delay_seconds = u32::try_from(seconds).unwrap_or(u32::MAX).min(DELAY_SECONDS_MAX);
    deps.tasks.leave(vec![Left { task, delay_seconds }]).await
}
