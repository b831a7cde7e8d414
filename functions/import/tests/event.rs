//! The queue's event of `events/`, through Lambda's way in, to the whole function: a job whose file is gone says so.

use std::sync::Arc;

use domain::{
    Job, JobId, JobState, Queue, TenantId,
    job::{Import, Kind, Work},
    sender::Identity,
};
use flows::{
    DataKey, DeadLetter, DeadLetters, Farewells, FlowError, KeyWrap, Left, Sieve, Sifted, Tasks,
    clock::{SystemClock, SystemDice},
    files::Nowhere,
};
use import::Deps;
use serde_json::{Value, json};
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/import.json");

/// Nothing is left to do, and a key is a key.
struct Empty;

#[async_trait::async_trait]
impl Tasks for Empty {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        assert!(tasks.is_empty(), "nothing was stored, so nothing is left to do: {tasks:?}");
        Ok(())
    }
}

#[async_trait::async_trait]
impl KeyWrap for Empty {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((DataKey([7; 32]), vec![7; 32]))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Ok(DataKey([7; 32]))
    }
}

#[async_trait::async_trait]
impl Farewells for Empty {
    async fn farewell(&self, _: TenantId, _: &Identity) -> Result<(), FlowError> {
        Ok(())
    }
}

#[async_trait::async_trait]
impl DeadLetters for Empty {
    async fn list(&self, _: Queue, _: usize) -> Result<Vec<DeadLetter>, FlowError> {
        Ok(Vec::new())
    }

    async fn replay(&self, _: Queue, _: &str) -> Result<bool, FlowError> {
        Ok(false)
    }

    async fn discard(&self, _: Queue, _: &str) -> Result<bool, FlowError> {
        Ok(false)
    }

    async fn sift(&self, _: Queue, _: &dyn Sieve) -> Result<Sifted, FlowError> {
        Ok(Sifted { hidden: Some(0), ..Sifted::default() })
    }
}

#[tokio::test]
async fn the_queues_event_does_the_job_that_it_names() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let (tenant, job): (TenantId, JobId) =
        (task["tenant"].as_str().unwrap().parse().unwrap(), task["job"].as_str().unwrap().parse().unwrap());
    let deps = Deps {
        store: Store::new(Arc::new(LocalTable::in_memory())),
        tasks: Arc::new(Empty),
        files: Arc::new(Nowhere),
        keys: Arc::new(Empty),
        dead: Arc::new(Empty),
        farewells: Arc::new(Empty),
        clock: Arc::new(SystemClock),
        dice: Arc::new(SystemDice),
    };
    let store = deps.store.for_task(tenant);
    let import = Import {
        of: Kind::Customers,
        file: None,
        bytes: 10,
        is_dry: false,
        attested: None,
        country: None,
        keeps_unknown: false,
        makes_guests: false,
        mark: None,
    };
    let now = "2026-11-21T06:00:00Z".parse().unwrap();
    let asked = Job::new(job, Work::Import(import), now).moved(JobState::Queued, now);
    store.commit(vec![store.job_made(&asked)]).await.unwrap();

    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let handle = |task| import::handle(&deps, task);
        let answer = runtime::taken("import", delivery, &SystemClock, event, handle).await;
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": []}), "{delivery}");
        let held = store.job(job).await.unwrap().unwrap();
        let why = "the file is no longer there".to_owned();
        assert_eq!(held.state, JobState::Failed { why }, "{delivery}");
    }
}
