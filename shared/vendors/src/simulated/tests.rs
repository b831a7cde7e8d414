//! The simulated vendor on the bench, and what only it promises.

use domain::receipt::Happened;
use flows::{
    FlowError, Web,
    carrying::contract::{self, Bench, Does, Seen},
    web::{Ask, Content, Told},
};
use receipts::{signature, simulated};
use std::time::Duration;

use super::*;

const KEY: &[u8] = b"shared with whoever listens";

/// Stands still until it is moved.
struct HandClock(Mutex<Timestamp>);

impl HandClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Timestamp::from_second(1_000).unwrap())))
    }

    fn pass(&self, length: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = now.saturating_add(length).unwrap();
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn pause(&self, length: Duration) {
        self.pass(length);
    }
}

fn trouble(does: Does) -> Option<Trouble> {
    match does {
        Does::Accepts => None,
        Does::Throttles => Some(Trouble::Throttles),
        Does::RefusesTheAddress => Some(Trouble::RefusesEveryAddress),
        Does::RefusesUs => Some(Trouble::RefusesUs),
        Does::Fails | Does::KeepsSilent | Does::HangsUp => Some(Trouble::FailsBefore),
        Does::Mumbles | Does::AcceptsAndKeepsSilent | Does::AcceptsAndHangsUp => Some(Trouble::FailsAfter),
        Does::IsAway => Some(Trouble::IsAway),
    }
}

struct OnBench;

fn reliable(does: Does) -> Simulated {
    let habits = Habits { success_per_mille: 1_000, ..Habits::default() };
    let vendor = Simulated::in_memory(habits, HandClock::new());
    vendor.set_trouble(trouble(does));
    vendor
}

#[async_trait]
impl Bench<Letter> for OnBench {
    async fn send(&self, letter: &Letter, does: Does) -> Seen {
        let vendor = reliable(does);
        let answer = vendor.carry(letter).await;
        let taken = vendor.letters().iter().map(contract::of_letter).collect();
        Seen { answer, asked: vendor.asked(), taken }
    }
}

#[async_trait]
impl Bench<Short> for OnBench {
    async fn send(&self, short: &Short, does: Does) -> Seen {
        let vendor = reliable(does);
        let answer = vendor.text(short).await;
        let taken = vendor.texts().iter().map(contract::of_short).collect();
        Seen { answer, asked: vendor.asked(), taken }
    }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    contract::check_carrier(&OnBench).await;
    contract::check_texter(&OnBench).await;
}

/// Whoever listens, as the merchant's installation does; or does not.
struct Listener {
    status: Mutex<Option<u16>>,
    clock: Arc<HandClock>,
    heard: Mutex<Vec<Vec<domain::Receipt>>>,
}

#[async_trait]
impl Web for Listener {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        let Some(Content::Json(body)) = ask.content else { panic!("receipts are JSON") };
        let header = ask.headers.iter().find(|(name, _)| *name == simulated::SIGNATURE_HEADER);
        let header = header.map(|(_, value)| value.as_str());
        signature::verify([KEY], header, &body, self.clock.now()).expect("it is signed");
        let told = simulated::read(&body, self.clock.now()).expect("it can be read");
        assert_eq!(told.unread, []);
        let status = *self.status.lock().unwrap();
        if status == Some(200) {
            self.heard.lock().unwrap().push(told.receipts);
        }
        let status = status.ok_or_else(|| FlowError::unavailable("nobody"))?;
        Ok(Told { status, headers: Vec::new(), body: Vec::new() })
    }
}

fn listener(clock: &Arc<HandClock>, status: Option<u16>) -> Listener {
    Listener { status: Mutex::new(status), clock: clock.clone(), heard: Mutex::default() }
}

fn telling(web: &Listener) -> Telling<'_> {
    Telling { web, url: "https://crm.test/receipts".to_owned(), key: KEY.to_vec() }
}

fn numbered(number: u32) -> Letter {
    Letter { message: format!("m-{number}").parse().unwrap(), ..contract::letter() }
}

#[tokio::test]
async fn what_became_of_each_message_is_told_once_it_is_known() {
    let clock = HandClock::new();
    for batch in [1, 50] {
        let vendor = Simulated::in_memory(Habits { batch, ..Habits::default() }, clock.clone());
        let mut accepted = Vec::new();
        for number in 0..200 {
            if let Answer::Accepted { vendor_id } = vendor.carry(&numbered(number)).await {
                accepted.push((numbered(number).message, vendor_id));
            }
        }
        assert!(accepted.len() < 200, "some are refused");
        let web = listener(&clock, Some(200));
        assert_eq!(vendor.tell(&telling(&web)).await, 0, "nothing is known yet");
        clock.pass(Duration::from_millis(1_500));
        let half = vendor.tell(&telling(&web)).await;
        assert!(half > 0 && half < accepted.len(), "{half}");
        clock.pass(Duration::from_secs(1));
        assert_eq!(half + vendor.tell(&telling(&web)).await, accepted.len());
        assert_eq!((vendor.next_at(), vendor.tell(&telling(&web)).await), (None, 0));
        let heard = web.heard.lock().unwrap();
        assert!(heard.iter().all(|told| told.len() <= batch) && heard.iter().any(|told| told.len() == batch));
        let mut told: Vec<_> = heard.iter().flatten().collect();
        told.sort_by_key(|receipt| {
            accepted.iter().position(|(tag, _)| Some(tag) == receipt.message.as_ref())
        });
        for (receipt, (tag, vendor_id)) in told.iter().zip(&accepted) {
            assert_eq!((receipt.message.as_ref(), receipt.vendor_id.as_ref()), (Some(tag), Some(vendor_id)));
            assert_eq!(receipt.tenant, Some(contract::letter().tenant));
        }
        assert!(told.iter().any(|receipt| matches!(receipt.what, Happened::Bounced { .. })));
        let figures = vendor.figures(contract::letter().tenant, Timestamp::MIN, Timestamp::MAX);
        let delivered = told.iter().filter(|receipt| receipt.what == Happened::Delivered).count() as u64;
        assert_eq!((figures.total, figures.distribution["DELIVERED"]), (200, delivered));
        assert_eq!(figures.distribution.values().sum::<u64>(), 200);
        assert!(figures.success_rate.is_some_and(|rate| (0.85..0.95).contains(&rate)));
        assert!(figures.average_delivery_millis.is_some_and(|millis| (1_300.0..1_700.0).contains(&millis)));
        let other = domain::TenantId::new(Timestamp::UNIX_EPOCH, [9; 10]);
        assert_eq!(vendor.figures(other, Timestamp::MIN, Timestamp::MAX), Figures::default());
    }
}

#[tokio::test]
async fn who_does_not_listen_is_told_again_and_who_knows_nothing_of_it_is_not() {
    let clock = HandClock::new();
    for (first, heard) in [(None, 1), (Some(503), 1), (Some(401), 1), (Some(404), 0)] {
        let vendor = reliable_with(&clock);
        vendor.carry(&numbered(1)).await;
        clock.pass(Duration::from_secs(3));
        let web = listener(&clock, first);
        assert_eq!(vendor.tell(&telling(&web)).await, 0, "{first:?}");
        *web.status.lock().unwrap() = Some(200);
        assert_eq!(vendor.tell(&telling(&web)).await, 0, "not at once");
        clock.pass(Duration::from_secs(5));
        assert_eq!(vendor.tell(&telling(&web)).await, heard, "{first:?}");
        assert_eq!(vendor.next_at(), None);
    }
    let vendor = reliable_with(&clock);
    vendor.carry(&numbered(1)).await;
    let web = listener(&clock, None);
    let mut days = 0;
    while vendor.next_at().is_some() {
        clock.pass(Duration::from_hours(24));
        vendor.tell(&telling(&web)).await;
        days += 1;
    }
    assert_eq!(days, 12, "it gives up");
}

fn reliable_with(clock: &Arc<HandClock>) -> Simulated {
    Simulated::in_memory(Habits { success_per_mille: 1_000, ..Habits::default() }, clock.clone())
}

#[tokio::test]
async fn asked_twice_it_takes_it_twice_unless_it_knows_messages_again() {
    let clock = HandClock::new();
    for (is_idempotent, acceptances) in [(false, 2), (true, 1)] {
        let habits = Habits { success_per_mille: 1_000, is_idempotent, ..Habits::default() };
        let vendor = Simulated::in_memory(habits, clock.clone());
        let (one, two) = (vendor.carry(&numbered(1)).await, vendor.carry(&numbered(1)).await);
        assert_eq!(vendor.acceptances(&numbered(1).message), acceptances);
        assert_eq!(one == two, is_idempotent, "{one:?} {two:?}");
    }
}

#[tokio::test]
async fn what_was_taken_before_a_kill_is_known_and_told_after_it() {
    let path = std::env::temp_dir().join(format!("regulars-vendor-{}", std::process::id()));
    let clock = HandClock::new();
    let habits = Habits { success_per_mille: 1_000, is_idempotent: true, ..Habits::default() };
    let open = || Simulated::open(&path, habits.clone(), clock.clone()).unwrap();
    let vendor = open();
    let first = vendor.carry(&numbered(1)).await;
    vendor.carry(&numbered(2)).await;
    clock.pass(Duration::from_secs(3));
    let web = listener(&clock, Some(200));
    assert_eq!(vendor.tell(&telling(&web)).await, 2);
    vendor.set_trouble(Some(Trouble::FailsAfter));
    assert!(matches!(vendor.carry(&numbered(3)).await, Answer::Unknown { .. }));
    let before = vendor.entries();
    drop(vendor);
    // Killed in the middle of a line.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend_from_slice(b"{\"asked\":{\"at\":\"19");
    std::fs::write(&path, bytes).unwrap();

    let vendor = open();
    assert_eq!(vendor.entries(), before);
    assert_eq!(vendor.carry(&numbered(1)).await, first, "known again");
    assert_eq!(
        vendor.acceptances(&numbered(3).message),
        1,
        "whoever asked was told nothing, but it was taken"
    );
    clock.pass(Duration::from_secs(3));
    assert_eq!(vendor.tell(&telling(&web)).await, 1, "what was told is not told again");
    vendor.carry(&numbered(4)).await;
    drop(vendor);
    assert_eq!(open().entries().len(), 4, "what comes after a line that was cut off is kept");
    std::fs::remove_file(path).unwrap();
}

#[tokio::test]
async fn whoever_is_too_fast_is_asked_to_wait() {
    let clock = HandClock::new();
    let habits = Habits { success_per_mille: 1_000, messages_per_second_max: Some(3), ..Habits::default() };
    let vendor = Simulated::in_memory(habits, clock.clone());
    for _ in 0..2 {
        let mut answers = Vec::new();
        for number in 0..5 {
            answers.push(vendor.carry(&numbered(number)).await);
        }
        let throttled =
            Answer::refused("RATE_LIMITED", Refusal::Throttled { after: Some(Duration::from_secs(1)) });
        assert_eq!(answers.iter().filter(|answer| **answer == throttled).count(), 2);
        clock.pass(Duration::from_secs(1));
    }
    assert_eq!(vendor.entries().len(), 6, "what was throttled was not taken");
}
