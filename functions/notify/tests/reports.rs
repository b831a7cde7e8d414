//! A provider that does not take every mail: whoever got a report's is not mailed again because of the others.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod people;
mod quiet;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Report, ReportId, Task, TenantId, Timestamp, UserId, Zone,
    campaign::{Schedule, schedule::Each},
    invitation::CLAIM_SECONDS,
    report::{Chart, Days, Format, Mailing, Measure, Question, Trouble},
};
use flows::{Clock, FlowError, Installed, Mail, Mailer, SecretBox, Secrets, Verdict, clock::SystemDice};
use notify::Deps;
use people::{person, team};
use quiet::Nobody;
use store::{Store, TenantStore, local::LocalTable};

const NAMES: [&str; 3] = ["ada", "bob", "eve"];

/// A clock that is set, one document of secrets, and a provider that answers each address as it was told to.
struct World {
    now: Mutex<Timestamp>,
    secrets: Arc<Secrets>,
    sent: Mutex<Vec<String>>,
    refuses: Mutex<Vec<(&'static str, FlowError)>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl SecretBox for World {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.secrets.clone())
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, mail: Mail) -> Result<(), FlowError> {
        let refused = self.refuses.lock().unwrap().iter().find(|(to, _)| mail.to.starts_with(to)).cloned();
        if let Some((_, error)) = refused {
            return Err(error);
        }
        self.sent.lock().unwrap().push(mail.to);
        Ok(())
    }
}

struct House {
    world: Arc<World>,
    store: TenantStore,
    deps: Deps,
    report: ReportId,
}

impl House {
    /// A team of three, each of whom gets the report at eight.
    async fn new() -> Self {
        let now: Timestamp = "2026-11-21T06:00:00Z".parse().unwrap();
        let (tenant, report) = (TenantId::new(now, [9; 10]), ReportId::new(now, [8; 10]));
        let store = Store::new(Arc::new(LocalTable::in_memory()));
        let its = store.for_task(tenant);
        let users = [1, 2, 3].map(|dice| UserId::new(now, [dice; 10]));
        for (user, name) in users.into_iter().zip(NAMES) {
            let (user, member) = person(tenant, user, name, now);
            let joined = match name {
                "ada" => Store::tenant_made(&team(tenant, 3, now), &member),
                _ => its.member_joined(&member),
            };
            store.commit(vec![Store::user_made(&user), joined]).await.unwrap();
        }
        let schedule = Schedule {
            each: Each::Day,
            time: "08:00".parse().unwrap(),
            from: "2026-11-21".parse().unwrap(),
            until: None,
            zone: Zone::UTC,
            is_recipients_time: false,
        };
        let mailing = Mailing::begun(report, schedule, users.into(), Format::Pdf, (users[0], now));
        let steps = vec![its.report_made(&sales(report, users[0], now)), its.mailing_set(None, &mailing)];
        its.commit(steps).await.unwrap();
        let secrets = Arc::new(Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap());
        let world = Arc::new(World {
            now: Mutex::new(mailing.next_at),
            secrets,
            sent: Mutex::default(),
            refuses: Mutex::default(),
        });
        let deps = Deps {
            store,
            mailer: world.clone(),
            texters: Arc::new(Nobody),
            keys: Arc::new(Nobody),
            secrets: world.clone(),
            clock: world.clone(),
            dice: Arc::new(SystemDice),
            installed: Installed { mail: Vec::new(), text: Vec::new(), lent: None },
            origin: "https://crm.example.com".to_owned(),
        };
        Self { world, store: its, deps, report }
    }

    /// What the queue hears, and to whom mails went out.
    async fn mail(&self, refuses: Vec<(&'static str, FlowError)>) -> (Option<Verdict>, Vec<String>) {
        *self.world.refuses.lock().unwrap() = refuses;
        let task = Task::MailReport { tenant: self.store.id(), report: self.report };
        let heard = notify::handle(&self.deps, task).await;
        let sent = std::mem::take(&mut *self.world.sent.lock().unwrap());
        let names = sent.iter().map(|to| to.split('@').next().unwrap_or_default().to_owned());
        (heard.err().map(|error| error.verdict()), names.collect())
    }

    /// What is wrong, and when it is mailed next.
    async fn seen(&self) -> (Option<Trouble>, String) {
        let held = self.store.mailing(self.report).await.unwrap().unwrap();
        (held.trouble, held.next_at.to_string())
    }
}

fn sales(id: ReportId, by: UserId, now: Timestamp) -> Report {
    let question = Question {
        measures: vec![Measure::Orders],
        dimensions: Vec::new(),
        filter: None,
        days: Days::Last(30),
        chart: Chart::None,
    };
    Report {
        id,
        name: "Sales".parse().unwrap(),
        description: None,
        question,
        edition: 1,
        links: 0,
        created_at: now,
        created_by: by,
        updated_at: now,
        updated_by: by,
    }
}

fn down() -> FlowError {
    FlowError::unavailable("the provider is down")
}

fn refused() -> FlowError {
    FlowError::invalid("/to", "mail_refused", "the provider takes no mail for them")
}

const TODAY: &str = "2026-11-21T08:00:00Z";
const TOMORROW: &str = "2026-11-22T08:00:00Z";

#[tokio::test]
async fn who_was_told_is_not_told_again_because_somebody_else_was_not() {
    let house = House::new().await;
    assert_eq!(
        house.mail(vec![("bob", down())]).await,
        (Some(Verdict::Again), vec!["ada".into(), "eve".into()])
    );
    assert_eq!(house.seen().await, (Some(Trouble::NotSent), TODAY.to_owned()));
    assert_eq!(
        house.mail(vec![("bob", down())]).await,
        (Some(Verdict::Again), vec![]),
        "at once, and to nobody else"
    );
    assert_eq!(house.mail(vec![]).await, (None, vec!["bob".into()]));
    assert_eq!(house.seen().await, (None, TOMORROW.to_owned()));
    assert_eq!(house.mail(vec![]).await, (None, vec![]), "that was all of this time");
}

#[tokio::test]
async fn who_cannot_be_mailed_keeps_nobody_waiting() {
    let house = House::new().await;
    let both = vec![("ada", refused()), ("bob", down())];
    assert_eq!(
        house.mail(both).await,
        (Some(Verdict::Again), vec!["eve".into()]),
        "the queue has to try again"
    );
    let (dead, sent) = house.mail(vec![("ada", refused())]).await;
    assert_eq!(
        (dead, sent),
        (Some(Verdict::Dead), vec!["bob".into()]),
        "and whoever minds it hears of the refusal"
    );
    assert_eq!(house.seen().await, (Some(Trouble::NotSent), TOMORROW.to_owned()));
}

#[tokio::test]
async fn a_delivery_leaves_to_another_what_that_has_in_hand() {
    let house = House::new().await;
    let held = house.store.mailing(house.report).await.unwrap().unwrap();
    let claimed = held.claimed(&Zone::UTC, house.world.now()).unwrap();
    house.store.commit(vec![house.store.mailing_set(Some(&held), &claimed)]).await.unwrap();
    assert_eq!(house.mail(vec![]).await, (Some(Verdict::Again), vec![]));
    let later = house.world.now() + Duration::from_secs(CLAIM_SECONDS.unsigned_abs());
    *house.world.now.lock().unwrap() = later;
    assert_eq!(house.mail(vec![]).await.1.len(), 3, "who had it has died");
}
