//! How long it takes from telling until a list shows it.

use std::{
    cell::Cell,
    io,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    task::LocalSet,
    time::{Interval, interval_at},
};

use crate::{
    told::{Shop, Topic},
    wire::Wire,
};

/// Connections of the others' events.
const OTHERS: u32 = 8;
/// Where others' numbers begin, beyond the first that is looked for.
const BEYOND: u64 = 1_000_000;
/// Between two events passes anything from nothing to this, evenly, so that they do not fall into step with a queue that
/// looks again after half of it.
const PAUSE_MILLIS_MAX: f64 = 200.0;
const GOLDEN: f64 = 0.618_033_988_749_895;
const PATIENCE: Duration = Duration::from_mins(1);

/// What is looked for.
pub(crate) struct Wanted {
    pub(crate) topic: Topic,
    pub(crate) first: u64,
    pub(crate) count: u64,
    pub(crate) token: String,
    /// Orders of others that come meanwhile; none if zero.
    pub(crate) others_per_second: u32,
}

/// Prints a line for each: microseconds to the answer, to the list that shows it, and how many lists were asked, one right
/// after the other. The last line is the number of others and the seconds that all took.
pub(crate) fn seen(shop: Shop, wanted: &Wanted) -> io::Result<()> {
    let shop = Rc::new(shop);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, async {
        let is_over = Rc::new(Cell::new(false));
        let sending: Vec<_> = (0..OTHERS)
            .filter(|_| wanted.others_per_second > 0)
            .map(|lane| {
                let first = wanted.first + BEYOND + u64::from(lane);
                let pause = Duration::from_secs(1) * OTHERS / wanted.others_per_second;
                let due = interval_at(tokio::time::Instant::now() + pause * lane / OTHERS, pause);
                tokio::task::spawn_local(others(shop.clone(), first, due, is_over.clone()))
            })
            .collect();
        let began = Instant::now();
        let looked = looked(&shop, wanted).await;
        let seconds = began.elapsed().as_secs_f64();
        is_over.set(true);
        let mut count = 0;
        for one in sending {
            count += one.await.map_err(io::Error::other)??;
        }
        looked?;
        println!("{count} {seconds}");
        Ok(())
    })
}

async fn looked(shop: &Shop, wanted: &Wanted) -> io::Result<()> {
    let (mut door, mut list) = (Wire::open(shop.port).await?, Wire::open(shop.port).await?);
    let mut part = 0.0;
    for number in wanted.first..wanted.first + wanted.count {
        let request = shop.request(wanted.topic, number);
        let question = shop.question(wanted.topic, number, &wanted.token);
        if is_there(&mut list, &question).await? {
            return Err(io::Error::other(format!("event {number} is there before it is told")));
        }
        part = (part + GOLDEN) % 1.0;
        tokio::time::sleep(Duration::from_secs_f64(part * PAUSE_MILLIS_MAX / 1_000.0)).await;
        let began = Instant::now();
        taken(&mut door, &request).await?;
        let answered = began.elapsed();
        let mut asked = 1;
        while !is_there(&mut list, &question).await? {
            asked += 1;
            if began.elapsed() > PATIENCE {
                return Err(io::Error::other(format!("event {number} is in no list after {PATIENCE:?}")));
            }
        }
        println!("{} {} {asked}", answered.as_micros(), began.elapsed().as_micros());
    }
    Ok(())
}

async fn taken(door: &mut Wire, request: &[u8]) -> io::Result<()> {
    match door.ask(request).await? {
        (200, _) => Ok(()),
        (status, body) => Err(answered(status, body)),
    }
}

async fn is_there(list: &mut Wire, question: &[u8]) -> io::Result<bool> {
    let (status, body) = list.ask(question).await?;
    let told = serde_json::from_slice::<serde_json::Value>(body).ok();
    match told.and_then(|told| told["total"].as_u64()) {
        Some(total) if status == 200 => Ok(total > 0),
        _ => Err(answered(status, body)),
    }
}

fn answered(status: u16, body: &[u8]) -> io::Error {
    io::Error::other(format!("answered {status}: {}", String::from_utf8_lossy(body)))
}

/// One of the lanes, until all is over.
async fn others(shop: Rc<Shop>, first: u64, mut due: Interval, is_over: Rc<Cell<bool>>) -> io::Result<u64> {
    let mut wire = Wire::open(shop.port).await?;
    let mut sent = 0;
    while !is_over.get() {
        due.tick().await;
        taken(&mut wire, &shop.request(Topic::Order, first + sent * u64::from(OTHERS))).await?;
        sent += 1;
    }
    Ok(sent)
}
