//! A shop in a table, with the functions that a campaign goes through.

use crate::around::{Around, OneAccount};
use columns::{ShardNumber, Slot};
use domain::{
    Campaign, CampaignId, Currency, Customer, CustomerId, Member, Plan, Role, Task, Tenant, TenantId,
    TenantStatus, TextFrom, Timestamp, UserId, Zone,
    campaign::{Act, Kind, Rules, Who},
    sending::{MailProvider, TextProvider},
    template::{Channel, Words},
};
use flows::{Clock, FlowError, Installed, carrying::Senders, clock::SystemDice};
use std::sync::Arc;
use store::{Step, Store, Table, TenantStore};

/// Writes in one commit: as many as the table takes.
const AT_ONCE: usize = 100;
/// Ids in one item of a shard's directory.
const NAMED_AT_ONCE: usize = 4_096;

pub(crate) struct Shop {
    pub(crate) around: Arc<Around>,
    pub(crate) store: TenantStore,
    campaign: campaign::Deps,
    send: send::Deps,
    receipt: receipt::Deps,
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [1; 10])
}

fn user() -> UserId {
    UserId::new(Timestamp::UNIX_EPOCH, [3; 10])
}

pub(crate) fn campaign(number: u8) -> CampaignId {
    CampaignId::new(Timestamp::UNIX_EPOCH, [number; 10])
}

impl Shop {
    /// As a process has it that begins: nothing is remembered.
    pub(crate) fn of(table: Arc<dyn Table>) -> Self {
        let (around, store, dice) = (Arc::new(Around::new()), Store::new(table), Arc::new(SystemDice));
        let lent = Senders {
            letters: "shop@example.com".parse().expect("an address"),
            texts: TextFrom::Name("Shop".parse().expect("a name that networks take")),
        };
        let installed = Installed {
            mail: vec![MailProvider::Simulated],
            text: vec![TextProvider::Simulated],
            lent: Some(lent),
        };
        let campaign = campaign::Deps {
            store: store.clone(),
            tasks: around.clone(),
            clock: around.clone(),
            dice: dice.clone(),
            installed: installed.clone(),
        };
        let send = send::Deps {
            store: store.clone(),
            tasks: around.clone(),
            carriers: Arc::new(OneAccount(around.clone())),
            keys: around.clone(),
            secrets: around.clone(),
            clock: around.clone(),
            dice: dice.clone(),
            origin: "https://crm.example.com".to_owned(),
            installed,
            pace: send::Pace { account: 1_000, tenant: 1_000 },
            memory: send::Memory::default(),
        };
        let receipt = receipt::Deps {
            store: store.clone(),
            tasks: around.clone(),
            keys: around.clone(),
            clock: around.clone(),
            dice,
        };
        Self { store: store.for_task(tenant()), around, campaign, send, receipt }
    }

    /// So many customers, and their audience.
    pub(crate) async fn founded(&self, count: u32, customer: impl Fn(u32) -> Customer) {
        let at = self.around.now();
        let (email, name) =
            ("owner@example.com".parse().expect("an address"), "Ada".parse().expect("a name"));
        let owner = Member { tenant: tenant(), user: user(), email, name, role: Role::Owner, since: at };
        let team = Tenant {
            id: tenant(),
            name: "Kaffeehaus".parse().expect("a name"),
            shop: None,
            status: TenantStatus::Active,
            plan: Plan::Own,
            owners: 1,
            members: 1,
            currency: Currency::USD,
            currency_changes: 0,
            zone: Zone::UTC,
            created_at: at,
        };
        self.done(vec![Store::tenant_made(&team, &owner)]).await;
        self.store.slots_taken(count, 0).await.expect("there is room");
        let ids: Vec<_> = (0..count).map(|number| Some(CustomerId::Shopify(u64::from(number) + 1))).collect();
        for (first, ids) in (0..).step_by(NAMED_AT_ONCE).zip(ids.chunks(NAMED_AT_ONCE)) {
            self.done(vec![self.store.slots_named_step(Slot(first), ids)]).await;
        }
        let numbers: Vec<u32> = (0..count).collect();
        for some in numbers.chunks(AT_ONCE) {
            self.done(some.iter().map(|number| self.store.customer_laid_down(&customer(*number))).collect())
                .await;
        }
        for shard in ShardNumber::of_first(count) {
            self.store.shard_rebuilt(shard).await.expect("the record can be read");
        }
    }

    pub(crate) async fn done(&self, steps: Vec<Step>) {
        self.store.commit(steps).await.expect("the table takes it");
    }

    /// A campaign to everybody, launched just now.
    pub(crate) async fn launched(&self, id: CampaignId, rules: Rules, words: &Words) {
        let now = self.around.now();
        let audience =
            Who::Rule(domain::segment::RuleText { text: "EVERYONE".to_owned(), hash: String::new() });
        let name = "Spring".parse().expect("a name");
        let draft = Campaign::draft(id, name, Kind::Newsletter, Channel::Email, audience, user(), now);
        let launched = Campaign { rules, ..draft }.moved(Act::Launch, now).expect("a draft can be launched");
        self.done(vec![self.store.campaign_made(&launched, std::slice::from_ref(words))]).await;
    }

    pub(crate) async fn keep(&self, id: CampaignId) {
        self.task(Task::KeepCampaign { tenant: tenant(), campaign: id }).await.expect("it can be kept");
    }

    /// By whichever function it is for. Nobody watches, and nobody is mailed.
    pub(crate) async fn task(&self, task: Task) -> Result<(), FlowError> {
        match &task {
            Task::KeepCampaign { .. } => Box::pin(campaign::handle(&self.campaign, task)).await,
            Task::SendLane { .. } | Task::SendChunk { .. } => send::handle(&self.send, task).await,
            Task::HearReceipts { .. } => receipt::handle(&self.receipt, task).await,
            _ => Ok(()),
        }
    }
}
