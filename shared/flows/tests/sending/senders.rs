//! Whose an identity is, whatever the provider says and whoever comes late.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use domain::{Sender, SenderId, Standing, TenantId, Timestamp, UserId, sender::Identity};
use flows::{
    FlowError, Identities,
    senders::{Checked, add, check, remove},
};
use store::{Store, TenantStore, local::LocalTable};

const HOUR: i64 = 3_600;

/// One account for all shops, as it is: what is proven is proven whoever asks.
#[derive(Default)]
struct Provider {
    known: Mutex<BTreeMap<String, Standing>>,
    is_away: Mutex<bool>,
}

impl Provider {
    fn proves(&self, identity: &Identity) {
        self.known.lock().unwrap().insert(identity.as_str().to_owned(), Standing::Verified);
    }

    fn knows(&self, identity: &Identity) -> Option<Standing> {
        self.known.lock().unwrap().get(identity.as_str()).copied()
    }

    fn asked(&self) -> Result<(), FlowError> {
        if *self.is_away.lock().unwrap() { Err(FlowError::unavailable("away")) } else { Ok(()) }
    }
}

fn checked(standing: Standing) -> Checked {
    Checked { standing, records: Vec::new() }
}

#[async_trait]
impl Identities for Provider {
    async fn register(&self, _: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        self.asked()?;
        let mut known = self.known.lock().unwrap();
        Ok(checked(*known.entry(identity.as_str().to_owned()).or_insert(Standing::Pending)))
    }

    async fn check(&self, _: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        self.asked()?;
        Ok(self.knows(identity).map(checked))
    }

    async fn forget(&self, _: TenantId, identity: &Identity) -> Result<(), FlowError> {
        self.asked()?;
        self.known.lock().unwrap().remove(identity.as_str());
        Ok(())
    }
}

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(hours * HOUR).unwrap()
}

struct Bench {
    store: Store,
    provider: Provider,
    one: TenantStore,
    other: TenantStore,
}

fn bench() -> Bench {
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let [one, other] = [1, 2].map(|dice| store.for_task(TenantId::new(at(0), [dice; 10])));
    Bench { store, provider: Provider::default(), one, other }
}

fn sender(dice: u8, identity: &Identity) -> Sender {
    Sender {
        id: SenderId::new(at(0), [dice; 10]),
        identity: identity.clone(),
        name: None,
        standing: Standing::Unverified,
        records: Vec::new(),
        created_at: at(0),
        created_by: UserId::new(at(0), [9; 10]),
        checked_at: None,
    }
}

fn domain() -> Identity {
    Identity::Domain("shop.test".parse().unwrap())
}

impl Bench {
    async fn add(
        &self,
        team: &TenantStore,
        dice: u8,
        identity: &Identity,
        hours: i64,
    ) -> Result<Sender, FlowError> {
        add((&self.store, team), &self.provider, sender(dice, identity), at(hours)).await
    }

    async fn check(&self, team: &TenantStore, dice: u8, hours: i64) -> Sender {
        let held = team.sender(SenderId::new(at(0), [dice; 10])).await.unwrap().unwrap();
        check((&self.store, team), &self.provider, held, at(hours)).await.unwrap()
    }
}

fn is_conflict(told: &Result<Sender, FlowError>, expected: &str) {
    assert!(matches!(told, Err(FlowError::Conflict { code, .. }) if *code == expected), "{told:?}");
}

#[tokio::test]
async fn what_one_shop_has_named_no_other_shop_can_be() {
    let bench = bench();
    assert_eq!(bench.add(&bench.one, 1, &domain(), 0).await.unwrap().standing, Standing::Pending);
    is_conflict(&bench.add(&bench.other, 2, &domain(), 1).await, "sender_taken");
    is_conflict(&bench.add(&bench.one, 3, &domain(), 1).await, "sender_exists");
    bench.provider.proves(&domain());
    assert_eq!(bench.check(&bench.one, 1, 2).await.standing, Standing::Verified);
    // For good.
    is_conflict(&bench.add(&bench.other, 2, &domain(), 1_000).await, "sender_taken");
    assert!(bench.other.senders().await.unwrap().is_empty());
}

#[tokio::test]
async fn who_cannot_prove_it_loses_it_and_the_next_has_to_prove_it_anew() {
    let bench = bench();
    bench.add(&bench.one, 1, &domain(), 0).await.unwrap();
    assert_eq!(bench.check(&bench.one, 1, 73).await.standing, Standing::Failed, "its time is up");
    // The proof comes through after all, as the other shop takes the name.
    bench.provider.proves(&domain());
    assert_eq!(bench.add(&bench.other, 2, &domain(), 74).await.unwrap().standing, Standing::Pending);
    bench.provider.proves(&domain());
    assert_eq!(bench.check(&bench.one, 1, 75).await.standing, Standing::Failed, "what the other has proven");
    assert_eq!(bench.check(&bench.other, 2, 75).await.standing, Standing::Verified);
}

#[tokio::test]
async fn a_provider_that_is_away_is_told_later() {
    let bench = bench();
    *bench.provider.is_away.lock().unwrap() = true;
    assert_eq!(bench.add(&bench.one, 1, &domain(), 0).await.unwrap().standing, Standing::Unverified);
    is_conflict(&bench.add(&bench.other, 2, &domain(), 0).await, "sender_taken");
    *bench.provider.is_away.lock().unwrap() = false;
    // Who adds it once more goes on with it, and makes no second one.
    let again = bench.add(&bench.one, 3, &domain(), 1).await.unwrap();
    assert_eq!((again.id, again.standing), (SenderId::new(at(0), [1; 10]), Standing::Pending));
    assert_eq!(bench.one.senders().await.unwrap().len(), 1);
    is_conflict(&bench.add(&bench.one, 3, &domain(), 1).await, "sender_exists");
    assert_eq!(bench.check(&bench.one, 1, 1).await.standing, Standing::Pending);
}

#[tokio::test]
async fn who_ends_a_sender_leaves_nothing_that_another_would_find_proven() {
    let bench = bench();
    bench.add(&bench.one, 1, &domain(), 0).await.unwrap();
    bench.provider.proves(&domain());
    bench.check(&bench.one, 1, 1).await;
    let held = bench.one.sender(SenderId::new(at(0), [1; 10])).await.unwrap().unwrap();
    *bench.provider.is_away.lock().unwrap() = true;
    assert!(remove((&bench.store, &bench.one), &bench.provider, &held).await.is_err());
    is_conflict(&bench.add(&bench.other, 2, &domain(), 2).await, "sender_taken");
    *bench.provider.is_away.lock().unwrap() = false;
    remove((&bench.store, &bench.one), &bench.provider, &held).await.unwrap();
    assert_eq!(bench.provider.knows(&domain()), None);
    assert_eq!(bench.add(&bench.other, 2, &domain(), 2).await.unwrap().standing, Standing::Pending);
}

#[tokio::test]
async fn many_may_call_themselves_alike_where_a_name_is_nobodys() {
    let bench = bench();
    let name = Identity::Name("Shop".parse().unwrap());
    for (team, dice) in [(&bench.one, 1), (&bench.other, 2)] {
        assert_eq!(bench.add(team, dice, &name, 0).await.unwrap().standing, Standing::Pending);
    }
}
