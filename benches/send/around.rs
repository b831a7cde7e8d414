//! What stands around the functions: a clock that runs faster, a queue in memory, and a provider that takes everything at once.

use async_trait::async_trait;
use domain::{Task, TenantId, Timestamp};
use flows::{
    Answer, Carrier, Carriers, Clock, DataKey, FlowError, KeyWrap, Left, Letter, SecretBox, Secrets, Tasks,
    Texter, Texters,
    sending::{MailWay, TextWay},
};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

pub(crate) const START: i64 = 1_795_269_600_000;
/// No shop sends more than a thousand a second by the clock: by this one, ten thousand by ours.
const FASTER: i64 = 10;

pub(crate) struct Around {
    began: Instant,
    moved: AtomicI64,
    queue: Mutex<Vec<(i64, Task)>>,
    pub(crate) taken: AtomicU64,
    pub(crate) bytes: AtomicU64,
    secrets: Arc<Secrets>,
}

impl Around {
    pub(crate) fn new() -> Self {
        let secrets = Secrets::generate(&flows::clock::SystemDice, "first");
        Self {
            began: Instant::now(),
            moved: AtomicI64::new(0),
            queue: Mutex::default(),
            taken: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            secrets: Arc::new(Secrets::parse(&secrets).expect("new secrets are sound")),
        }
    }

    fn millis(&self) -> i64 {
        let passed = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(0);
        START + passed * FASTER + self.moved.load(Ordering::Relaxed)
    }

    /// The next one that is due.
    pub(crate) fn next(&self) -> Option<Task> {
        let now = self.millis();
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let place = queue.iter().position(|(due, _)| *due <= now)?;
        Some(queue.remove(place).1)
    }

    /// It is as late as the next task wants, if there is one.
    pub(crate) fn waited(&self) -> bool {
        let due = {
            let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
            queue.iter().map(|(due, _)| *due).min()
        };
        due.inspect(|due| self.pass(due - self.millis())).is_some()
    }

    pub(crate) fn pass(&self, millis: i64) {
        self.moved.fetch_add(millis.max(0), Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for Around {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.millis()).expect("the present is a time")
    }

    async fn pause(&self, _: Duration) {
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl Tasks for Around {
    async fn leave(&self, tasks: Vec<Left>) -> Result<(), FlowError> {
        let now = self.millis();
        let due = tasks.into_iter().map(|left| (now + i64::from(left.delay_seconds) * 1_000, left.task));
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).extend(due);
        Ok(())
    }
}

#[async_trait]
impl Carrier for Around {
    async fn carry(&self, letter: &Letter) -> Answer {
        let html = letter.html.as_ref().map_or(0, String::len);
        let bytes = letter.subject.len() + html + letter.text.len();
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        Answer::Accepted { vendor_id: format!("null-{number}") }
    }
}

/// The installation's one account.
pub(crate) struct OneAccount(pub(crate) Arc<dyn Carrier>);

impl Carriers for OneAccount {
    fn carrier(&self, _: &MailWay) -> Option<Arc<dyn Carrier>> {
        Some(self.0.clone())
    }
}

impl Texters for OneAccount {
    fn texter(&self, _: &TextWay) -> Option<Arc<dyn Texter>> {
        None
    }
}

#[async_trait]
impl SecretBox for Around {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.secrets.clone())
    }
}

/// Nothing is sealed here.
#[async_trait]
impl KeyWrap for Around {
    async fn generate(&self, _: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Err(FlowError::broken("there is nothing to seal"))
    }

    async fn unwrap(&self, _: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        Err(FlowError::broken("there is nothing to open"))
    }
}
