//! Sends requests over connections that stay open, and tells how each was answered: what it costs itself is little.
//!
//! `load PORT TOKEN CONNECTIONS [PER_SECOND]`: requests on its input, one a line, as `METHOD PATH BODY`; as fast as they are
//! answered, or so many a second. On its output the seconds that all took, and a line for each request in its order: the
//! status, and the microseconds to the end of the answer, from when it was due.

#![expect(clippy::disallowed_methods, reason = "a measurement asks the machine for the time")]

use std::{
    cell::{Cell, RefCell},
    io::{self, Read, Write},
    process::ExitCode,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

/// All that is to be sent, and what became of it.
struct Load {
    requests: Vec<Vec<u8>>,
    next: Cell<usize>,
    /// Between two that are due.
    pause: Duration,
    answers: RefCell<Vec<(u16, u128)>>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let told = match &words[..] {
        [port, token, connections] => numbers(port, connections, None).map(|it| (it, token)),
        [port, token, connections, rate] => numbers(port, connections, Some(rate)).map(|it| (it, token)),
        _ => None,
    };
    let Some(((port, connections, pause), token)) = told else {
        eprintln!("usage: load PORT TOKEN CONNECTIONS [PER_SECOND] < REQUESTS");
        return ExitCode::from(2);
    };
    match run(port, token, connections, pause) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::FAILURE
        }
    }
}

fn numbers(port: &str, connections: &str, rate: Option<&String>) -> Option<(u16, usize, Duration)> {
    let rate = rate.map(|rate| rate.parse::<u32>().ok().filter(|rate| *rate > 0));
    let pause = match rate {
        Some(rate) => Duration::from_secs(1) / rate?,
        None => Duration::ZERO,
    };
    Some((port.parse().ok()?, connections.parse().ok()?, pause))
}

fn run(port: u16, token: &str, connections: usize, pause: Duration) -> io::Result<()> {
    let mut told = String::new();
    io::stdin().read_to_string(&mut told)?;
    let requests: Vec<Vec<u8>> = told.lines().map(|line| request(line, port, token)).collect();
    let answers = RefCell::new(vec![(0, 0); requests.len()]);
    let load = Rc::new(Load { requests, next: Cell::new(0), pause, answers });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let seconds = LocalSet::new().block_on(&runtime, async {
        let mut open = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(("127.0.0.1", port)).await?;
            stream.set_nodelay(true)?;
            open.push(stream);
        }
        let began = Instant::now();
        let sending: Vec<_> = open
            .into_iter()
            .map(|stream| tokio::task::spawn_local(send(stream, began, load.clone())))
            .collect();
        for one in sending {
            one.await.map_err(io::Error::other)??;
        }
        io::Result::Ok(began.elapsed().as_secs_f64())
    })?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{seconds}")?;
    for (status, micros) in load.answers.borrow().iter() {
        writeln!(out, "{status} {micros}")?;
    }
    out.flush()
}

/// `METHOD PATH BODY` as it goes over the wire.
fn request(line: &str, port: u16, token: &str) -> Vec<u8> {
    let mut words = line.splitn(3, ' ');
    let [method, path, body] = [(); 3].map(|()| words.next().unwrap_or_default());
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {token}\r\n");
    let of_body = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
    (head + &of_body).into_bytes()
}

/// One connection: a request after the other, as long as there are any.
async fn send(mut stream: TcpStream, began: Instant, load: Rc<Load>) -> io::Result<()> {
    let mut held = Vec::with_capacity(64 * 1024);
    loop {
        let place = load.next.replace(load.next.get() + 1);
        let Some(request) = load.requests.get(place) else { return Ok(()) };
        let due = match u32::try_from(place) {
            Ok(place) if load.pause > Duration::ZERO => began + load.pause * place,
            _ => Instant::now(),
        };
        tokio::time::sleep_until(due.into()).await;
        stream.write_all(request).await?;
        let status = answer(&mut stream, &mut held).await?;
        load.answers.borrow_mut()[place] = (status, due.elapsed().as_micros());
    }
}

/// An answer to its end, which `content-length` tells.
async fn answer(stream: &mut TcpStream, came: &mut Vec<u8>) -> io::Result<u16> {
    came.clear();
    let head = loop {
        if let Some(end) = came.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
        more(stream, came).await?;
    };
    let text = String::from_utf8_lossy(&came[..head]).to_ascii_lowercase();
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok());
    let length =
        text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let (Some(status), Some(length)) = (status, length) else {
        return Err(io::Error::other(format!("an answer without status or length: {text}")));
    };
    while came.len() < head + length {
        more(stream, came).await?;
    }
    Ok(status)
}

async fn more(stream: &mut TcpStream, came: &mut Vec<u8>) -> io::Result<()> {
    if stream.read_buf(came).await? == 0 {
        return Err(io::Error::other("the connection was closed before the answer's end"));
    }
    Ok(())
}
