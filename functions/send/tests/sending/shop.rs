//! A shop with a campaign that is being sent, a clock that is set by hand, a queue, and the simulated vendor, whose book is the
//! witness.

use async_trait::async_trait;
use columns::{Members, ShardNumber, Slot};
use domain::sending::{MailProvider, TextProvider};
use domain::{
    Campaign, CampaignId, Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, CustomerId,
    Member, MessageTag, Plan as Paid, Role, Task, Tenant, TenantId, TenantStatus, TextFrom, Timestamp,
    UserId, Zone,
    campaign::{Care, Counts, Fate, Kind, LANES, MessageId, Plan, Rules, State, Who, plan::Part},
    customer::CustomerKind,
    template::{Body, Words},
};
use flows::{
    Carrier, Carriers, Clock, DataKey, FlowError, Installed, KeyWrap, Left, SecretBox, Secrets, Tasks,
    Texter, Texters,
    carrying::Senders,
    clock::SystemDice,
    sending::{MailWay, TextWay},
};
use send::{Deps, Memory, Pace};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use store::{Chosen, Store, TenantStore, local::LocalTable};
use vendors::simulated::{Habits, Simulated};

use crate::faults::{Faults, Faulty};

pub(crate) const START: i64 = 1_790_000_000_000;

pub(crate) struct HandClock(pub(crate) AtomicI64);

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

/// Tasks with the instants from which on they are to be done.
#[derive(Default)]
pub(crate) struct Queue(pub(crate) Mutex<Vec<(i64, Task)>>, pub(crate) Option<Arc<HandClock>>);

#[async_trait]
impl Tasks for Queue {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let now = self.1.as_ref().unwrap().0.load(Ordering::SeqCst);
        let due = tasks.into_iter().map(|left| (now + i64::from(left.delay_seconds) * 1_000, left.task));
        self.0.lock().unwrap().extend(due);
        Ok(())
    }
}

struct OneDocument(Arc<Secrets>);

#[async_trait]
impl SecretBox for OneDocument {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

/// The installation's one account, whatever a shop would choose.
pub(crate) struct OneAccount(pub(crate) Arc<dyn Carrier>, pub(crate) Arc<dyn Texter>);

impl Carriers for OneAccount {
    fn carrier(&self, _: &MailWay) -> Option<Arc<dyn Carrier>> {
        Some(self.0.clone())
    }
}

impl Texters for OneAccount {
    fn texter(&self, _: &TextWay) -> Option<Arc<dyn Texter>> {
        Some(self.1.clone())
    }
}

/// Nothing is sealed here.
struct NoKeys;

#[async_trait]
impl KeyWrap for NoKeys {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Err(FlowError::broken("there is nothing to seal"))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Err(FlowError::broken("there is nothing to open"))
    }
}

pub(crate) struct Shop {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) table: Arc<LocalTable>,
    pub(crate) queue: Arc<Queue>,
    pub(crate) vendor: Arc<Simulated>,
    pub(crate) faults: Arc<Faults>,
    /// As the functions see it.
    pub(crate) outside: Arc<Faulty>,
    pub(crate) deps: Deps,
    pub(crate) tenant: TenantId,
    pub(crate) campaign: CampaignId,
    pub(crate) people: u32,
}

/// What is particular about it.
#[derive(Clone)]
pub(crate) struct Told {
    pub(crate) people: u32,
    pub(crate) care: Care,
    pub(crate) kind: Kind,
    pub(crate) habits: Habits,
    pub(crate) pace: Pace,
    pub(crate) words: Words,
    pub(crate) not_before: Option<Timestamp>,
}

/// A vendor that takes all.
pub(crate) fn willing() -> Habits {
    Habits { success_per_mille: 1_000, ..Habits::default() }
}

impl Default for Told {
    fn default() -> Self {
        Self {
            people: 23,
            care: Care::NeverTwice,
            kind: Kind::Newsletter,
            habits: willing(),
            pace: Pace { account: 1_000, tenant: 1_000 },
            words: Words::Email {
                subject: "Hi {{ customer.first_name }}".to_owned(),
                preheader: String::new(),
                body: Body::Html("<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>".to_owned()),
                text: None,
            },
            not_before: None,
        }
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap()
}

pub(crate) fn consent(state: ConsentState) -> Consent {
    let (level, source) = (ConsentLevel::SingleOptIn, ConsentSource::Person);
    Consent { state, level, source, method: None, at: at(START) }
}

pub(crate) fn customer(number: u32) -> Customer {
    let id = CustomerId::Shopify(u64::from(number) + 1);
    let mut customer = Customer::new(id, number, CustomerKind::Person, at(START));
    customer.first_name = Some(format!("Ada{number}"));
    customer.email = Some(format!("ada{number}@example.com").parse().unwrap());
    customer.email_consent = Some(consent(ConsentState::Subscribed));
    customer
}

impl Shop {
    pub(crate) async fn new(told: &Told) -> Self {
        let (tenant, campaign) = (TenantId::new(at(START), [1; 10]), CampaignId::new(at(START), [2; 10]));
        Self::of(tenant, campaign, told).await
    }

    pub(crate) async fn of(tenant: TenantId, campaign: CampaignId, told: &Told) -> Self {
        let clock = Arc::new(HandClock(AtomicI64::new(START)));
        let table = Arc::new(LocalTable::in_memory());
        let queue = Arc::new(Queue(Mutex::default(), Some(clock.clone())));
        let vendor = Arc::new(Simulated::in_memory(told.habits.clone(), clock.clone()));
        let faults = Arc::new(Faults::default());
        let outside = Faulty {
            faults: faults.clone(),
            table: table.clone(),
            queue: queue.clone(),
            vendor: vendor.clone(),
        };
        let outside = Arc::new(outside);
        let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap();
        let deps = Deps {
            store: Store::new(outside.clone()),
            tasks: outside.clone(),
            carriers: Arc::new(OneAccount(outside.clone(), vendor.clone())),
            keys: Arc::new(NoKeys),
            secrets: Arc::new(OneDocument(Arc::new(secrets))),
            clock: clock.clone(),
            dice: Arc::new(SystemDice),
            origin: "https://crm.example.com".to_owned(),
            installed: Installed {
                mail: vec![MailProvider::Simulated],
                text: vec![TextProvider::Simulated],
                lent: Some(Senders {
                    letters: "shop@example.com".parse().unwrap(),
                    texts: TextFrom::Name("Shop".parse().unwrap()),
                }),
            },
            pace: told.pace,
            memory: Memory::default(),
        };
        let shop = Self {
            clock,
            table,
            queue,
            vendor,
            faults,
            outside,
            deps,
            tenant,
            campaign,
            people: told.people,
        };
        shop.founded(told).await;
        shop
    }

    /// Without faults.
    pub(crate) fn store(&self) -> TenantStore {
        Store::new(self.table.clone()).for_task(self.tenant)
    }

    async fn founded(&self, told: &Told) {
        let (now, user) = (at(START), UserId::new(at(START), [3; 10]));
        let owner = Member {
            tenant: self.tenant,
            user,
            email: "owner@example.com".parse().unwrap(),
            name: "Ada".parse().unwrap(),
            role: Role::Owner,
            since: now,
        };
        let tenant = Tenant {
            id: self.tenant,
            name: "Kaffeehaus".parse().unwrap(),
            shop: None,
            status: TenantStatus::Active,
            plan: Paid::Free,
            owners: 1,
            members: 1,
            currency: Currency::USD,
            currency_changes: 0,
            zone: Zone::UTC,
            created_at: now,
        };
        let store = self.store();
        Store::new(self.table.clone()).commit(vec![Store::tenant_made(&tenant, &owner)]).await.unwrap();
        store.slots_taken(told.people, 0).await.unwrap();
        for number in 0..told.people {
            let made = store.customer_made(&customer(number), BTreeMap::new());
            store.commit(vec![made]).await.unwrap();
        }
        let (id, channel) = (self.campaign, told.words.channel());
        let (name, audience) =
            ("Spring".parse().unwrap(), Who::Segment(domain::SegmentId::new(now, [4; 10])));
        let draft = Campaign::draft(id, name, told.kind, channel, audience, user, now);
        let rules = Rules { care: told.care, ..Rules::default() };
        let campaign = Campaign { rules, state: State::Sending, launched_at: Some(now), turn: 1, ..draft };
        store.commit(vec![store.campaign_made(&campaign, std::slice::from_ref(&told.words))]).await.unwrap();
        let (not_before, chosen) = (told.not_before, told.people);
        let part = Part { wave: 0, not_before, shard: ShardNumber(0).0, chosen, micros: None, arm: 0 };
        let plan = Plan { audience: told.people.into(), parts: vec![part], ..Plan::default() };
        let members: Members = (0..told.people).map(Slot).collect();
        let chosen = Chosen { waves: [(0, members)].into(), ..Chosen::default() };
        let laid = store.plans_laid().await.unwrap();
        store.lay_plan(self.campaign, 7, (&plan, &chosen), &laid).await.unwrap();
    }

    pub(crate) fn lanes(&self) {
        let (tenant, campaign) = (self.tenant, self.campaign);
        let now = self.clock.0.load(Ordering::SeqCst);
        let lanes = (0..LANES).map(|from| (now, Task::SendLane { tenant, campaign, from }));
        self.queue.0.lock().unwrap().extend(lanes);
    }

    /// Does the next task of those that send, as soon as it is due. What dies or fails comes again. `false`: there is none.
    pub(crate) async fn step(&self) -> bool {
        let next = {
            let mut queue = self.queue.0.lock().unwrap();
            queue.sort_by_key(|(due, _)| *due);
            let ours = queue.iter().position(|(_, task)| task.queue() == domain::task::Queue::Send);
            ours.map(|place| queue.remove(place))
        };
        let Some((due, task)) = next else { return false };
        self.clock.0.fetch_max(due, Ordering::SeqCst);
        let ended = self.faults.watched(send::handle(&self.deps, task.clone())).await;
        if !matches!(ended, Some(Ok(()))) {
            let again = self.clock.0.load(Ordering::SeqCst) + 30_000;
            self.queue.0.lock().unwrap().push((again, task));
        }
        true
    }

    /// Until nothing is left to do.
    pub(crate) async fn run(&self) {
        for _ in 0..20_000 {
            if !self.step().await {
                return;
            }
        }
        panic!("it does not end: {:?}", self.queue.0.lock().unwrap());
    }

    pub(crate) async fn moved_to(&self, state: State) {
        self.changed_itself(|campaign| campaign.state = state).await;
    }

    pub(crate) async fn ruled(&self, change: impl FnOnce(&mut Rules)) {
        self.changed_itself(|campaign| change(&mut campaign.rules)).await;
    }

    pub(crate) async fn changed_itself(&self, change: impl FnOnce(&mut Campaign)) {
        let store = self.store();
        let held = store.campaign(self.campaign).await.unwrap().unwrap();
        let mut after = Campaign::clone(&held);
        change(&mut after);
        store.commit(vec![store.campaign_kept(&held, &after)]).await.unwrap();
    }

    pub(crate) async fn changed(&self, number: u32, change: impl FnOnce(&mut Customer)) {
        let store = self.store();
        let held = store.customer_held(customer(number).id).await.unwrap().unwrap();
        let mut after = Customer::clone(&held);
        change(&mut after);
        store.commit(vec![store.customer_changed(&held, &after, BTreeMap::new())]).await.unwrap();
    }

    pub(crate) fn message(&self, number: u32) -> MessageId {
        let (chunk, place) = (number / 50, u8::try_from(number % 50).unwrap());
        MessageId { tenant: self.tenant, campaign: self.campaign, chunk, place }
    }

    pub(crate) fn acceptances(&self, number: u32) -> usize {
        let tag: MessageTag = self.message(number).to_string().parse().unwrap();
        self.vendor.acceptances(&tag)
    }

    /// Of everybody, in the order of their slots; who was not begun with is planned.
    pub(crate) async fn fates(&self) -> Vec<(Fate, Option<domain::campaign::Why>)> {
        let ids: Vec<_> = (0..self.people).map(|number| self.message(number)).collect();
        let messages = self.store().messages(&ids).await.unwrap();
        let fate = |id| messages.get(id).map_or((Fate::Planned, None), |message| (message.fate, message.why));
        ids.iter().map(fate).collect()
    }

    pub(crate) async fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for chunk in self.store().all_campaign_chunks(self.campaign).await.unwrap().values() {
            counts += &Counts::of(chunk);
        }
        counts
    }
}
