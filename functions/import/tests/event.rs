//! The queue's event of `events/`, through Lambda's way in, to the whole function: a job whose file is gone says so.

use std::{sync::Arc, time::Duration};

use domain::{
    Job, JobId, JobState, TenantId,
    job::{Import, Kind, Work},
};
use flows::{
    DataKey, Files, FlowError, KeyWrap, Left, Tasks,
    clock::{SystemClock, SystemDice},
    files::{FileName, Writing},
};
use import::Deps;
use serde_json::{Value, json};
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/import.json");

/// Where nothing was ever brought.
struct Empty;

#[async_trait::async_trait]
impl Files for Empty {
    async fn link_to_bring(&self, _: FileName, _: u64, _: Duration) -> Result<String, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn link_to_take(&self, _: FileName, _: &str, _: Duration) -> Result<String, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn bytes(&self, _: FileName) -> Result<Option<u64>, FlowError> {
        Ok(None)
    }

    async fn mark(&self, _: FileName) -> Result<Option<String>, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn read(&self, _: FileName, _: u64, _: usize) -> Result<Vec<u8>, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn read_marked(
        &self,
        _: FileName,
        _: &str,
        _: u64,
        _: usize,
    ) -> Result<Option<Vec<u8>>, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn write(&self, _: FileName, _: Vec<u8>) -> Result<(), FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn begin(&self, _: FileName) -> Result<Writing, FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn add(&self, _: &mut Writing, _: Vec<u8>) -> Result<(), FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn finish(&self, _: Writing) -> Result<(), FlowError> {
        Err(FlowError::NotFound("file"))
    }

    async fn remove(&self, _: FileName) -> Result<(), FlowError> {
        Ok(())
    }
}

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

#[tokio::test]
async fn the_queues_event_does_the_job_that_it_names() {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let (tenant, job): (TenantId, JobId) =
        (task["tenant"].as_str().unwrap().parse().unwrap(), task["job"].as_str().unwrap().parse().unwrap());
    let deps = Deps {
        store: Store::new(Arc::new(LocalTable::in_memory())),
        tasks: Arc::new(Empty),
        files: Arc::new(Empty),
        keys: Arc::new(Empty),
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
