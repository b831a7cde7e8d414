//! Sends requests over several connections, as fast as they are answered or so many a second, and tells how each was.

use std::{
    cell::{Cell, RefCell},
    io::{self, Write},
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::task::LocalSet;

use crate::wire::Wire;

/// How it is sent.
pub(crate) struct Way {
    pub(crate) port: u16,
    pub(crate) connections: usize,
    /// Between two that are due.
    pub(crate) pause: Duration,
}

/// All that is to be sent, and what became of it.
struct Load {
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
    pause: Duration,
    answers: RefCell<Vec<(u16, u128)>>,
}

impl Way {
    /// From words: a port, a number of connections, and how many a second, if not as fast as can be.
    pub(crate) fn read(port: &str, connections: &str, per_second: Option<&str>) -> Option<Self> {
        let pause = match per_second {
            Some(rate) => Duration::from_secs(1) / rate.parse::<u32>().ok().filter(|rate| *rate > 0)?,
            None => Duration::ZERO,
        };
        Some(Self { port: port.parse().ok()?, connections: connections.parse().ok()?, pause })
    }

    /// Prints the seconds that all took, and a line for each request in its order: the status, and the microseconds to the
    /// end of the answer, from when it was due.
    pub(crate) fn send(&self, requests: Vec<Vec<u8>>) -> io::Result<()> {
        let answers = RefCell::new(vec![(0, 0); requests.len()]);
        let load = Rc::new(Load { requests, next: Cell::new(0), pause: self.pause, answers });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let seconds = LocalSet::new().block_on(&runtime, async {
            let mut open = Vec::new();
            for _ in 0..self.connections {
                open.push(Wire::open(self.port).await?);
            }
            let began = Instant::now();
            let sending: Vec<_> = open
                .into_iter()
                .map(|wire| tokio::task::spawn_local(each(wire, began, load.clone())))
                .collect();
            for one in sending {
                one.await.map_err(io::Error::other)??;
            }
            io::Result::Ok(began.elapsed().as_secs_f64())
        })?;
        let mut out = io::BufWriter::new(io::stdout().lock());
        writeln!(out, "{seconds}")?;
        // Whoever waits for the end knows it at once.
        out.flush()?;
        for (status, micros) in load.answers.borrow().iter() {
            writeln!(out, "{status} {micros}")?;
        }
        out.flush()
    }
}

/// One connection: a request after the other, as long as there are any.
async fn each(mut wire: Wire, began: Instant, load: Rc<Load>) -> io::Result<()> {
    loop {
        let place = load.next.replace(load.next.get() + 1);
        let Some(request) = load.requests.get(place) else { return Ok(()) };
        let due = match u32::try_from(place) {
            Ok(place) if load.pause > Duration::ZERO => began + load.pause * place,
            _ => Instant::now(),
        };
        tokio::time::sleep_until(due.into()).await;
        let (status, _) = wire.ask(request).await?;
        load.answers.borrow_mut()[place] = (status, due.elapsed().as_micros());
    }
}
