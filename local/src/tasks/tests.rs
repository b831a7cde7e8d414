//! The contract of `Tasks` on the local queues, and what only they promise.

use super::*;
use crate::world::{HandClock, SeededDice};
use flows::{
    DeadLetters, Depth, Depths,
    contract::{self, Bench},
};
use jiff::Timestamp;

struct OnBench {
    tasks: Arc<LocalTasks>,
    clock: Arc<HandClock>,
}

fn bench(setting: fn(Queue) -> Setting) -> OnBench {
    let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
    let mut tasks = LocalTasks::in_memory(clock.clone(), Arc::new(SeededDice::new(1)));
    tasks.setting = setting;
    OnBench { tasks: Arc::new(tasks), clock }
}

fn fifo(queue: Queue) -> Setting {
    Setting { is_fifo: true, ..queues::setting(queue) }
}

#[async_trait]
impl Bench for OnBench {
    fn tasks(&self) -> Arc<dyn Tasks> {
        self.tasks.clone()
    }

    fn dead_letters(&self) -> Arc<dyn DeadLetters> {
        self.tasks.clone()
    }

    fn depths(&self) -> Arc<dyn Depths> {
        self.tasks.clone()
    }

    fn queue(&self) -> Queue {
        Queue::Notify
    }

    fn tries(&self) -> u32 {
        (self.tasks.setting)(self.queue()).tries
    }

    fn is_fifo(&self) -> bool {
        (self.tasks.setting)(self.queue()).is_fifo
    }

    async fn take(&self) -> Vec<contract::Taken> {
        let taken = self.tasks.take(self.queue()).unwrap();
        let of = |taken: Taken| contract::Taken {
            receipt: format!("{}/{}", taken.id, taken.receipt),
            body: taken.body,
            attempts: taken.attempts,
        };
        taken.into_iter().map(of).collect()
    }

    async fn done(&self, taken: contract::Taken) {
        self.tasks.done(self.queue(), &held(&taken)).unwrap();
    }

    async fn again_after(&self, taken: contract::Taken, seconds: u32) {
        self.tasks.again(self.queue(), &held(&taken), seconds, "again").unwrap();
    }

    async fn pass(&self, seconds: u32) {
        self.clock.advance_seconds(seconds.into());
    }
}

fn held(taken: &contract::Taken) -> Taken {
    let (id, receipt) = taken.receipt.split_once('/').unwrap();
    let (id, receipt) = (id.parse().unwrap(), receipt.parse().unwrap());
    Taken { body: taken.body.clone(), attempts: taken.attempts, id, receipt }
}

#[tokio::test]
async fn a_standard_queue_keeps_the_contract() {
    contract::check(async || bench(queues::setting)).await;
}

#[tokio::test]
async fn a_fifo_queue_keeps_the_contract() {
    contract::check(async || bench(fifo)).await;
}

#[test]
fn what_was_taken_by_a_process_that_died_comes_again() {
    let bench = bench(queues::setting);
    let raw = Raw { group: "group".to_owned(), body: "not even a task".to_owned(), delay_seconds: 0 };
    bench.tasks.leave_raw(Queue::Notify, vec![raw]).unwrap();
    let first = bench.tasks.take(Queue::Notify).unwrap().remove(0);
    bench.clock.advance_seconds(179);
    assert!(bench.tasks.take(Queue::Notify).unwrap().is_empty(), "still hidden");
    bench.clock.advance_seconds(1);
    let second = bench.tasks.take(Queue::Notify).unwrap().remove(0);
    assert_eq!(second.attempts, 2);
    bench.tasks.done(Queue::Notify, &first).unwrap();
    assert_eq!(
        bench.tasks.counted(Queue::Notify).unwrap().active,
        1,
        "the first receipt is worth nothing now"
    );
    bench.tasks.done(Queue::Notify, &second).unwrap();
    assert_eq!(bench.tasks.counted(Queue::Notify).unwrap(), Depth::default());
}

#[test]
fn what_waits_for_another_of_its_group_is_not_next() {
    let bench = bench(fifo);
    let raw = |body: &str| Raw { group: "group".to_owned(), body: body.to_owned(), delay_seconds: 0 };
    bench.tasks.leave_raw(Queue::Audience, vec![raw("first"), raw("second")]).unwrap();
    let now = Clock::now(&*bench.clock).as_millisecond();
    assert_eq!(bench.tasks.next_visible_at(Queue::Audience).unwrap(), Some(now));
    let first = bench.tasks.take(Queue::Audience).unwrap().remove(0);
    bench.tasks.again(Queue::Audience, &first, 60, "for now").unwrap();
    assert_eq!(bench.tasks.next_visible_at(Queue::Audience).unwrap(), Some(now + 60_000));
    bench.tasks.bury(Queue::Audience, &first, "for good").unwrap();
    assert_eq!(bench.tasks.next_visible_at(Queue::Audience).unwrap(), Some(now));
}

#[test]
fn the_oldest_is_the_one_that_was_left_first_and_no_dead_letter() {
    let bench = bench(queues::setting);
    let oldest_at = || bench.tasks.counted(Queue::Notify).unwrap().oldest_at;
    let left_at = |seconds: i64| Some(Timestamp::from_second(1_790_000_000 + seconds).unwrap());
    for (body, delay_seconds) in [("first", 0), ("second", 600)] {
        let raw = Raw { group: "group".to_owned(), body: body.to_owned(), delay_seconds };
        bench.tasks.leave_raw(Queue::Notify, vec![raw]).unwrap();
        bench.clock.advance_seconds(60);
    }
    assert_eq!(oldest_at(), left_at(0));
    let first = bench.tasks.take(Queue::Notify).unwrap().remove(0);
    assert_eq!(oldest_at(), left_at(0), "it is under way");
    bench.tasks.bury(Queue::Notify, &first, "for good").unwrap();
    assert_eq!(oldest_at(), left_at(60));
    assert_eq!(bench.tasks.dead(Queue::Notify).unwrap()[0].left_at, left_at(0));
}

#[test]
fn too_large_a_task_is_refused_with_a_sentence() {
    let check = |bytes, fits| assert_eq!(super::fits(&"x".repeat(bytes), 0, false).is_ok(), fits, "{bytes}");
    check(1024 * 1024, true);
    check(1024 * 1024 + 1, false);
}

#[test]
fn a_file_keeps_the_messages_and_one_process_holds_it() {
    let folder = std::env::temp_dir().join(format!("regulars-tasks-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("tasks.redb");
    let clock = Arc::new(HandClock::at(Timestamp::UNIX_EPOCH));
    let open = || LocalTasks::open(&path, clock.clone(), Arc::new(SeededDice::new(1)));
    let first = open().unwrap();
    let raw =
        |body: &str, delay_seconds| Raw { group: "group".to_owned(), body: body.to_owned(), delay_seconds };
    first.leave_raw(Queue::Notify, vec![raw("kept", 0), raw("delayed", 60)]).unwrap();
    assert_eq!(first.take(Queue::Notify).unwrap().len(), 1);
    assert!(matches!(open(), Err(FlowError::Unavailable(_))), "another holds it");
    drop(first);
    let second = open().unwrap();
    let again = second.take(Queue::Notify).unwrap();
    assert_eq!(again.len(), 1, "who had taken it is dead, and the other waits as it was told");
    assert_eq!((again[0].body.as_str(), again[0].attempts), ("kept", 2));
    assert_eq!(second.take(Queue::Notify).unwrap(), [], "hidden from everybody else");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn what_is_left_at_the_same_moment_is_all_there_and_who_waits_already_is_not_asked_twice() {
    let folder = std::env::temp_dir().join(format!("regulars-line-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let clock = Arc::new(HandClock::at(Timestamp::from_second(1_790_000_000).unwrap()));
    let tasks =
        LocalTasks::open(&folder.join("tasks.redb"), clock.clone(), Arc::new(SeededDice::new(1))).unwrap();
    let tenant = |number: u8| domain::TenantId::new(clock.now(), [number; 10]);
    let mail = |number: u8| {
        let run = domain::RunId::new(clock.now(), [number; 10]);
        tasks.leave(vec![domain::Task::MailSync { tenant: tenant(1), run }.into()])
    };
    for left in futures::future::join_all((0..50).map(mail)).await {
        left.unwrap();
    }
    let all = tasks.undone(Queue::Notify).unwrap();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), 50, "each once");

    let keep = |number: u8| domain::Task::KeepShard { tenant: tenant(number), shard: 0 };
    for number in [1, 1, 2, 1] {
        tasks.leave(vec![keep(number).into()]).await.unwrap();
    }
    assert_eq!(tasks.undone(Queue::Audience).unwrap().len(), 2, "one for each shop");
    let taken = tasks.take(Queue::Audience).unwrap();
    assert_eq!(taken.len(), 2);
    tasks.leave(vec![keep(1).into()]).await.unwrap();
    assert_eq!(tasks.undone(Queue::Audience).unwrap().len(), 3, "who has begun may have looked already");
    std::fs::remove_dir_all(&folder).unwrap();
}
