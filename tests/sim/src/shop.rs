//! A shop with a campaign that nobody has launched yet, and the functions around it.

use async_trait::async_trait;
use domain::{
    Campaign, CampaignId, Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, CustomerId,
    Member, Plan, Role, Tenant, TenantId, TenantStatus, TextFrom, Timestamp, UserId, Zone,
    campaign::Who,
    customer::{ChangedBy, CustomerKind},
    segment::RuleText,
    sending::{MailProvider, TextProvider},
    template::{Body, Channel, Words},
};
use flows::{
    Carrier, Carriers, DataKey, Dice, FlowError, Installed, KeyWrap, SecretBox, Secrets, Texter, Texters,
    carrying::Senders,
    record::Record,
    seal::Seals,
    sending::{MailWay, TextWay},
};
use send::Memory as Remembered;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};
use store::{Orders, Store, Table, TenantStore, Way};

use crate::{
    memory::Memory,
    outside::{Outside, START},
    provider::Provider,
    rolls::{Rolls, Their},
    run::at_once,
    scene::{Scene, Somebody},
};

/// What functions are given: faults and all.
#[derive(Clone)]
pub(crate) struct Functions {
    pub campaign: campaign::Deps,
    pub send: send::Deps,
    pub receipt: receipt::Deps,
    pub tick: tick::Deps,
    pub dice: Arc<dyn Dice>,
    pub keys: Arc<dyn KeyWrap>,
    pub provider: Arc<Provider>,
}

pub(crate) fn start() -> Timestamp {
    Timestamp::from_millisecond(START).unwrap_or_default()
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(start(), [1; 10])
}

pub(crate) fn campaign() -> CampaignId {
    CampaignId::new(start(), [2; 10])
}

pub(crate) fn user() -> UserId {
    UserId::new(start(), [3; 10])
}

pub(crate) fn person(number: u32) -> CustomerId {
    CustomerId::Shopify(u64::from(number) + 1)
}

/// Without faults.
pub(crate) fn store_of(table: Arc<dyn Table>) -> TenantStore {
    Store::new(table).for_task(tenant())
}

impl Functions {
    pub(crate) fn around(scene: &Scene, outside: &Arc<Outside>) -> Self {
        let dice: Arc<dyn Dice> = Arc::new(Their(Mutex::new(Rolls::new(scene.seed, 3))));
        let people = (0..).zip(&scene.people);
        let refused: BTreeSet<u32> =
            people.filter(|(_, who)| who.is_refused).map(|(number, _)| number).collect();
        let provider = Arc::new(Provider::new(outside.clone(), refused));
        let secrets = Secrets::parse(&Secrets::generate(&*dice, "first")).expect("new secrets are sound");
        let keys: Arc<dyn KeyWrap> = Arc::new(Unwrapped(dice.clone()));
        let store = Store::new(outside.clone());
        let installed = Installed {
            mail: vec![MailProvider::Simulated],
            text: vec![TextProvider::Simulated],
            lent: Some(Senders {
                letters: "shop@example.com".parse().expect("a mail address"),
                texts: TextFrom::Name("Shop".parse().expect("a name that networks take")),
            }),
        };
        let send = send::Deps {
            store: store.clone(),
            tasks: outside.clone(),
            carriers: Arc::new(OneAccount(provider.clone())),
            keys: keys.clone(),
            secrets: Arc::new(OneDocument(Arc::new(secrets))),
            clock: outside.clone(),
            dice: dice.clone(),
            origin: "https://crm.example.com".to_owned(),
            installed: installed.clone(),
            pace: scene.pace,
            memory: Remembered::default(),
        };
        Self {
            campaign: campaign::Deps {
                store: store.clone(),
                tasks: outside.clone(),
                clock: outside.clone(),
                dice: dice.clone(),
                installed,
            },
            receipt: receipt::Deps {
                store: store.clone(),
                tasks: outside.clone(),
                keys: keys.clone(),
                clock: outside.clone(),
                dice: dice.clone(),
            },
            tick: tick::Deps { store, tasks: outside.clone(), clock: outside.clone() },
            send,
            dice,
            keys,
            provider,
        }
    }
}

/// The shop as it is before anything happens.
pub(crate) fn founded(scene: &Scene) -> Arc<Memory> {
    let memory = Arc::new(Memory::default());
    at_once(async {
        let (table, now): (Arc<dyn Table>, _) = (memory.clone(), start());
        let owner = Member {
            tenant: tenant(),
            user: user(),
            email: "owner@example.com".parse().expect("a mail address"),
            name: "Ada".parse().expect("a name"),
            role: Role::Owner,
            since: now,
        };
        let team = Tenant {
            id: tenant(),
            name: "Kaffeehaus".parse().expect("a name"),
            shop: None,
            status: TenantStatus::Active,
            plan: Plan::Free,
            owners: 1,
            members: 1,
            currency: Currency::USD,
            currency_changes: 0,
            zone: Zone::UTC,
            created_at: now,
        };
        let store = store_of(table.clone());
        let made = Store::new(table).commit(vec![Store::tenant_made(&team, &owner)]).await;
        made.expect("memory holds a team");
        let count = u32::try_from(scene.people.len()).unwrap_or(0);
        store.slots_taken(count, 0).await.expect("memory holds slots");
        let dice: Arc<dyn Dice> = Arc::new(Their(Mutex::new(Rolls::new(scene.seed, 4))));
        let seals = Seals::new(Arc::new(Unwrapped(dice.clone())), dice.clone());
        let (clock, by) = (&flows::clock::SystemClock, ChangedBy::Program);
        let record = Record { store: &store, seals: &seals, clock, dice: &*dice, by, currency_changes: 0 };
        for (number, who) in (0..).zip(&scene.people) {
            let customer = customer(number, *who);
            let mut steps = vec![store.customer_made(&customer, Orders::new())];
            let mail = customer.email.as_ref().map(|mail| (Way::Email, mail.as_str()));
            let phone = customer.phone.as_ref().map(|phone| (Way::Phone, phone.as_str()));
            for (way, address) in mail.into_iter().chain(phone) {
                let address = record.known_by(way, address).await.expect("memory holds a key");
                steps.push(store.address_claimed(&address, customer.id));
            }
            store.commit(steps).await.expect("memory holds a customer");
        }
        let words: Vec<_> = GREETINGS.iter().map(|greeting| words(scene.channel, greeting)).collect();
        let audience = Who::Rule(RuleText { text: "EVERYONE".to_owned(), hash: String::new() });
        let name = "Spring".parse().expect("a name");
        let draft = Campaign::draft(campaign(), name, scene.kind, scene.channel, audience, user(), now);
        let draft = Campaign { rules: scene.rules.clone(), ..draft };
        let words = &words[..usize::from(draft.arms())];
        store.commit(vec![store.campaign_made(&draft, words)]).await.expect("memory holds a campaign");
    });
    memory
}

fn customer(number: u32, who: Somebody) -> Customer {
    let mut customer = Customer::new(person(number), number, CustomerKind::Person, start());
    customer.first_name = Some(format!("Ada{number}"));
    if who.has_address {
        customer.email = format!("p{number}@example.com").parse().ok();
        customer.phone = format!("+49151{number:08}").parse().ok();
        assert!(
            customer.email.is_some() && customer.phone.is_some(),
            "people have addresses that can be read"
        );
    }
    let consent = who.consent.map(|state| consent(state, ConsentSource::Shopify, start()));
    (customer.email_consent, customer.sms_consent) = (consent.clone(), consent);
    customer
}

pub(crate) fn consent(state: ConsentState, source: ConsentSource, at: Timestamp) -> Consent {
    Consent { state, level: ConsentLevel::SingleOptIn, source, method: None, at }
}

/// By which a campaign's words, and those that it tries beside them, are told from each other.
pub(crate) const GREETINGS: [&str; 2] = ["Hi", "Ho"];

fn words(channel: Channel, greeting: &str) -> Words {
    let greeted = format!("{greeting} {{{{ customer.first_name }}}}");
    match channel {
        Channel::Sms => Words::Sms { text: greeted },
        Channel::Email => Words::Email {
            subject: greeted,
            preheader: String::new(),
            body: Body::Html("<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>".to_owned()),
            text: Some("Hi. No more: {{ unsubscribe_url }}".to_owned()),
        },
    }
}

/// The installation's one account.
struct OneAccount(Arc<Provider>);

impl Carriers for OneAccount {
    fn carrier(&self, _: &MailWay) -> Option<Arc<dyn Carrier>> {
        Some(self.0.clone())
    }
}

impl Texters for OneAccount {
    fn texter(&self, _: &TextWay) -> Option<Arc<dyn Texter>> {
        Some(self.0.clone())
    }
}

struct OneDocument(Arc<Secrets>);

#[async_trait]
impl SecretBox for OneDocument {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

/// Keys as they are: nobody looks into this table.
struct Unwrapped(Arc<dyn Dice>);

#[async_trait]
impl KeyWrap for Unwrapped {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        let mut key = [0; 32];
        self.0.fill(&mut key);
        Ok((DataKey(key), key.to_vec()))
    }

    async fn unwrap(&self, _: TenantId, wrapped: &[u8]) -> Result<DataKey, FlowError> {
        let key = wrapped.try_into().map_err(|_| FlowError::broken("a data key has 32 bytes"))?;
        Ok(DataKey(key))
    }
}
