//! A provider on loopback, for adapters that speak HTTP: how it is reached and lost is here, what it says is told by
//! each adapter's test, from the provider's documentation.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use async_trait::async_trait;

use super::{Bench, Does, Seen, Told};
use crate::carrying::{Answer, Carrier, Letter, Short, Texter};

const PATIENT: Duration = Duration::from_mins(1);
/// With whoever keeps silent: as short as can be, so long as they have heard it.
const IMPATIENT: Duration = Duration::from_millis(200);

/// What a provider was asked.
#[derive(Debug, Clone)]
pub struct Asked {
    /// `POST /v3/mail/send`.
    pub what: String,
    /// By their names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What a provider answers.
#[derive(Debug, Clone, Default)]
pub struct Said {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

/// What it says when it `Accepts`, `Throttles`, `RefusesTheAddress`, `RefusesUs`, `Fails` and `Mumbles`.
type Says = Box<dyn Fn(Does) -> Said + Send + Sync>;
/// What of a request is the message, by the names of its fields. It panics of what its documentation does not allow.
type Understands = Box<dyn Fn(&Asked) -> Told + Send + Sync>;

/// An adapter, and how its provider speaks.
pub struct OverWire<A: ?Sized> {
    /// One that reaches its provider there, and waits for it so long.
    pub adapter: Box<dyn Fn(String, Duration) -> Arc<A> + Send + Sync>,
    pub says: Says,
    pub understands: Understands,
    pub untold: &'static [&'static str],
}

/// A provider, for as long as one message takes.
struct Provider {
    does: Does,
    heard: Arc<Mutex<Vec<Asked>>>,
    /// Dropped with it: whoever kept silent hangs up.
    _end: mpsc::Sender<()>,
}

impl<A: ?Sized> OverWire<A> {
    fn begin(&self, does: Does, patience: Duration) -> (Arc<A>, Provider) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
        let url = format!("http://{}", listener.local_addr().expect("it has an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (end, is_over) = mpsc::channel::<()>();
        let hangs_up = matches!(does, Does::HangsUp | Does::AcceptsAndHangsUp);
        if does != Does::IsAway {
            let said = (!is_silent(does) && !hangs_up).then(|| (self.says)(does));
            let noted = heard.clone();
            thread::spawn(move || {
                serve(&listener, said.as_ref(), is_silent(does).then_some(&is_over), &noted);
            });
        }
        ((self.adapter)(url, patience), Provider { does, heard, _end: end })
    }

    fn seen(&self, provider: &Provider, answer: Answer) -> Seen {
        let heard = provider.heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let understood: Vec<_> = heard.iter().map(|asked| (self.understands)(asked)).collect();
        let accepts = [Does::Accepts, Does::Mumbles, Does::AcceptsAndKeepsSilent, Does::AcceptsAndHangsUp];
        let taken = if accepts.contains(&provider.does) { understood } else { Vec::new() };
        Seen { answer, asked: heard.len(), taken }
    }

    async fn heard<F: Future<Output = Answer>>(&self, does: Does, send: impl Fn(Arc<A>) -> F) -> Seen {
        let mut patience = if is_silent(does) { IMPATIENT } else { PATIENT };
        loop {
            let (adapter, provider) = self.begin(does, patience);
            let answer = send(adapter).await;
            let seen = self.seen(&provider, answer);
            if seen.asked > 0 || !is_silent(does) {
                return seen;
            }
            // On a busy machine its time was up before anybody had heard it.
            patience *= 2;
        }
    }
}

#[async_trait]
impl Bench<Letter> for OverWire<dyn Carrier> {
    async fn send(&self, letter: &Letter, does: Does) -> Seen {
        self.heard(does, |adapter| async move { adapter.carry(letter).await }).await
    }

    fn untold(&self) -> &'static [&'static str] {
        self.untold
    }
}

#[async_trait]
impl Bench<Short> for OverWire<dyn Texter> {
    async fn send(&self, short: &Short, does: Does) -> Seen {
        self.heard(does, |adapter| async move { adapter.text(short).await }).await
    }

    fn untold(&self) -> &'static [&'static str] {
        self.untold
    }
}

fn is_silent(does: Does) -> bool {
    matches!(does, Does::KeepsSilent | Does::AcceptsAndKeepsSilent)
}

/// Whoever comes is heard out; as many as come, so that a second try is seen.
fn serve(
    listener: &TcpListener,
    said: Option<&Said>,
    is_over: Option<&mpsc::Receiver<()>>,
    heard: &Mutex<Vec<Asked>>,
) {
    for socket in listener.incoming() {
        let Ok(mut socket) = socket else { return };
        let Some(asked) = read(&mut socket) else { continue };
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(asked);
        if let Some(is_over) = is_over {
            let _ = is_over.recv();
            return;
        }
        if let Some(said) = said {
            let _ = socket.write_all(written(said).as_bytes());
        }
    }
}

fn read(socket: &mut TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(socket);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let what = line.rsplit_once(' ')?.0.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { what, headers, body })
}

fn written(said: &Said) -> String {
    let headers = said.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    format!(
        "HTTP/1.1 {} \r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{}",
        said.status,
        said.body.len(),
        said.body
    )
}
