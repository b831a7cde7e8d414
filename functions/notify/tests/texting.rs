//! A provider that does not take every text: none goes out twice, and what was certainly not taken is asked for again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod people;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Maker, Task, Telephone, TenantId, TextFrom, Timestamp, UserId, telephone};
use flows::{
    Answer, Clock, DataKey, FlowError, Installed, KeyWrap, Mail, Mailer, Refusal, SecretBox, Secrets, Short,
    Texter, Texters, Verdict, carrying::Senders, clock::SystemDice, sending::TextWay,
};
use notify::Deps;
use people::{person, team};
use store::{Store, TenantStore, local::LocalTable};

const NUMBER: &str = "+14155552671";

/// One instant, one document of secrets, and a provider that answers as it was told to, the last first.
struct World {
    secrets: Arc<Secrets>,
    answers: Mutex<Vec<Answer>>,
    texts: Mutex<Vec<String>>,
    /// Where somebody tries a code once it is read, and where they do while it is texted.
    trying_early: Mutex<Option<(TenantStore, UserId)>>,
    trying: Mutex<Option<(TenantStore, UserId)>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl SecretBox for World {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        let trying = self.trying_early.lock().unwrap().take();
        if let Some((store, user)) = trying {
            tried_wrongly(&store, user, self.now()).await;
        }
        Ok(self.secrets.clone())
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, _: Mail) -> Result<(), FlowError> {
        Ok(())
    }
}

#[async_trait]
impl KeyWrap for World {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((DataKey([7; 32]), vec![7]))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Ok(DataKey([7; 32]))
    }
}

struct Line(Arc<World>);

impl Texters for Line {
    fn texter(&self, _: &TextWay) -> Option<Arc<dyn Texter>> {
        Some(self.0.clone())
    }
}

#[async_trait]
impl Texter for World {
    async fn text(&self, short: &Short) -> Answer {
        assert_eq!(short.to.as_str(), NUMBER);
        let trying = self.trying.lock().unwrap().take();
        if let Some((store, user)) = trying {
            tried_wrongly(&store, user, self.now()).await;
        }
        self.texts.lock().unwrap().push(short.text.clone());
        self.answers.lock().unwrap().pop().unwrap()
    }
}

struct House {
    world: Arc<World>,
    store: TenantStore,
    deps: Deps,
    user: UserId,
}

impl House {
    /// Somebody who has just told their telephone.
    async fn new(answers: Vec<Answer>) -> Self {
        let secrets = Arc::new(Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap());
        let (answers, texts) = (Mutex::new(answers.into_iter().rev().collect()), Mutex::default());
        let (trying_early, trying) = <(Mutex<_>, Mutex<_>)>::default();
        let world = Arc::new(World { secrets, answers, texts, trying_early, trying });
        let now = world.now();
        let (tenant, user) = (TenantId::new(now, [9; 10]), UserId::new(now, [1; 10]));
        let store = Store::new(Arc::new(LocalTable::in_memory()));
        let its = store.for_task(tenant);
        let (account, member) = person(tenant, user, "ada", now);
        let steps = vec![Store::user_made(&account), Store::tenant_made(&team(tenant, 1, now), &member)];
        store.commit(steps).await.unwrap();
        let by = Maker { user, hand: 0 };
        let asked = Telephone::asked(None, by, NUMBER.parse().unwrap(), 7, now);
        its.commit(vec![its.telephone_put(None, &asked)]).await.unwrap();
        let texts = TextFrom::Name("Regulars".parse().unwrap());
        let lent = Some(Senders { letters: "shop@regulars.test".parse().unwrap(), texts });
        let installed = Installed { mail: Vec::new(), text: vec![domain::sending::TextProvider::Sns], lent };
        let deps = Deps {
            store,
            mailer: world.clone(),
            texters: Arc::new(Line(world.clone())),
            keys: world.clone(),
            secrets: world.clone(),
            clock: world.clone(),
            dice: Arc::new(SystemDice),
            installed,
            origin: "https://crm.example.com".to_owned(),
        };
        Self { world, store: its, deps, user }
    }

    /// What the queue hears, and how often the provider has been asked by then.
    async fn delivered(&self) -> (Option<Verdict>, usize) {
        let task = Task::TextCode { tenant: self.store.id(), user: self.user };
        let heard = notify::handle(&self.deps, task).await;
        (heard.err().map(|error| error.verdict()), self.world.texts.lock().unwrap().len())
    }

    async fn telephone(&self) -> Telephone {
        self.store.telephone(self.user).await.unwrap().unwrap().into_inner()
    }
}

async fn tried_wrongly(store: &TenantStore, user: UserId, now: Timestamp) {
    let held = store.telephone(user).await.unwrap().unwrap();
    let telephone::Tried::Wrong(after) = held.tried(false, now) else { panic!("a code is open") };
    store.commit(vec![store.telephone_put(Some(&held), &after)]).await.unwrap();
}

fn taken() -> Answer {
    Answer::Accepted { vendor_id: "SM1".to_owned() }
}

#[tokio::test]
async fn what_was_certainly_not_taken_is_asked_for_again_and_what_was_is_not() {
    let house = House::new(vec![Answer::refused("20429", Refusal::Temporary), taken()]).await;
    assert_eq!(house.delivered().await, (Some(Verdict::Again), 1));
    assert_eq!(house.delivered().await, (None, 2));
    assert_eq!(house.delivered().await, (None, 2), "once");
    let texts = house.world.texts.lock().unwrap().clone();
    assert_eq!(texts[0], texts[1], "the same code");
    let code =
        house.world.secrets.telephone_code(house.store.id(), Maker { user: house.user, hand: 0 }, NUMBER, 7);
    assert!(texts[0].contains(&code), "{}", texts[0]);
}

#[tokio::test]
async fn a_code_is_not_lost_if_its_telephone_is_touched_while_it_is_texted() {
    let house = House::new(vec![Answer::refused("20429", Refusal::Temporary), taken()]).await;
    *house.world.trying.lock().unwrap() = Some((house.store.clone(), house.user));
    assert_eq!(house.delivered().await, (Some(Verdict::Again), 1));
    assert_eq!(house.delivered().await, (None, 2));
    let code = house.telephone().await.code.unwrap();
    assert_eq!((code.is_texted, code.tries_left), (true, telephone::CODE_TRIES - 1), "the try counts");
}

#[tokio::test]
async fn a_code_whose_telephone_is_touched_before_it_is_texted_is_texted_the_next_time() {
    let house = House::new(vec![taken()]).await;
    *house.world.trying_early.lock().unwrap() = Some((house.store.clone(), house.user));
    assert_eq!(house.delivered().await, (Some(Verdict::Again), 0));
    assert_eq!(house.delivered().await, (None, 1));
    assert_eq!(house.telephone().await.code.unwrap().tries_left, telephone::CODE_TRIES - 1, "the try counts");
}

#[tokio::test]
async fn what_may_have_been_taken_is_never_asked_for_again() {
    let house = House::new(vec![Answer::unknown("no answer")]).await;
    assert_eq!(house.delivered().await, (None, 1));
    assert_eq!(house.delivered().await, (None, 1));
    assert!(house.telephone().await.open_code(house.world.now()).is_some(), "it may have come");
}

#[tokio::test]
async fn what_nobody_takes_is_told_and_the_code_is_none() {
    let house = House::new(vec![Answer::refused("21610", Refusal::Permanent)]).await;
    assert_eq!(house.delivered().await, (None, 1));
    let telephone = house.telephone().await;
    assert_eq!(
        (telephone.code, telephone.trouble.map(|why| why.to_string())),
        (None, Some("21610".to_owned()))
    );
    assert_eq!(house.delivered().await, (None, 1));
}

#[tokio::test]
async fn an_old_code_is_texted_to_nobody() {
    let house = House::new(Vec::new()).await;
    let held = house.store.telephone(house.user).await.unwrap().unwrap();
    let code = held.code.clone().map(|code| telephone::Code { expires_at: house.world.now(), ..code });
    let old = Telephone { code, ..Telephone::clone(&held) };
    house.store.commit(vec![house.store.telephone_put(Some(&held), &old)]).await.unwrap();
    assert_eq!(house.delivered().await, (None, 0));
}
