//! What `./run` starts, as the process that it is: it starts, keeps what it was told whatever kills it, ends when it
//! is asked to, and refuses in a sentence what it cannot do.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};

/// The page of the shop that stands for one at Shopify.
const SHOP: &str = "/shopify/demo-shop.myshopify.com/shop";

/// A folder that is gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("regulars-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn command(port: u16, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.arg("--port").arg(port.to_string()).arg("--data").arg(data);
    command
}

/// Why it did not start: what it said, and how it ended.
fn refused(port: u16, data: &Path) -> String {
    let Output { status, stdout, stderr } = command(port, data).output().expect("the binary can be run");
    let said = String::from_utf8_lossy(&stderr).into_owned();
    assert_eq!((status.code(), stdout.len()), (Some(1), 0), "{said}");
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    said
}

/// The product, running. Gone with the test.
struct Running {
    child: Child,
    said: BufReader<ChildStdout>,
    port: u16,
    /// Role, address and password, as they were printed.
    people: Vec<[String; 3]>,
}

impl Running {
    /// Without a demo shop.
    fn start(data: &Path) -> Self {
        Self::start_with(data, &["--empty"])
    }

    /// On a free port; back when it says that it is there.
    fn start_with(data: &Path, options: &[&str]) -> Self {
        let mut running = Self::begin(data, options);
        while !running.hear().contains("Ctrl-C stops.") {}
        running
    }

    fn begin(data: &Path, options: &[&str]) -> Self {
        let mut command = command(0, data);
        let mut child =
            command.args(options).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let said = BufReader::new(child.stdout.take().expect("its output is piped"));
        Self { child, said, port: 0, people: Vec::new() }
    }

    /// The next line that it says.
    fn hear(&mut self) -> String {
        let mut line = String::new();
        let read = self.said.read_line(&mut line).expect("it writes text");
        assert!(read > 0, "it ended before it was there");
        if let Some(told) = line.strip_prefix("Regulars is at http://127.0.0.1:") {
            self.port = told.trim().parse().expect("it says at which port");
        }
        let words: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        if let Ok(person) = <[String; 3]>::try_from(words)
            && person[1].contains("@demo.test")
        {
            self.people.push(person);
        }
        line
    }

    /// How many there are, as the owner sees it.
    fn total(&self, path: &str) -> u64 {
        let bearer = format!("Bearer {}", self.sign_in()[0]);
        let (status, body) = self.send("GET", path, &[("authorization", &bearer)], &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        let answer: Value = serde_json::from_str(&body).expect("the API speaks JSON");
        answer["total"].as_u64().expect("a list has a total")
    }

    fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").arg("-c").arg(kill).status().expect("there is a shell").success());
    }

    /// How it ended, and the last that it said.
    fn ended(mut self) -> (ExitStatus, String) {
        let mut last = String::new();
        self.said.read_to_string(&mut last).expect("it writes text");
        (self.child.wait().expect("it can be waited for"), last)
    }

    /// Status and body.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> (u16, String) {
        let here = format!("127.0.0.1:{}", self.port);
        let mut socket = TcpStream::connect(&here).expect("it listens");
        let (body, is_empty) = (body.to_string(), body.is_null());
        let body = if is_empty { "" } else { &body };
        let host = headers.iter().find(|(name, _)| *name == "host").map_or(here.as_str(), |(_, host)| host);
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        for (name, value) in headers.iter().filter(|(name, _)| *name != "host") {
            request += &format!("{name}: {value}\r\n");
        }
        let length = body.len();
        request += &format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}");
        socket.write_all(request.as_bytes()).expect("it listens");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("it answers with text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("an answer has a status"), body.to_owned())
    }

    /// An access token of each of the demo's people.
    fn sign_in(&self) -> Vec<String> {
        assert_eq!(self.people.len(), 3, "{:?}", self.people);
        let sign_in = |[_, email, password]: &[String; 3]| {
            let body = json!({"email": email, "password": password});
            let (status, body) = self.send("POST", "/api/auth/login", &[], &body);
            assert_eq!(status, 200, "{email}: {body}");
            let answer: Value = serde_json::from_str(&body).expect("the API speaks JSON");
            answer["tokens"]["access_token"].as_str().expect("programs get tokens").to_owned()
        };
        self.people.iter().map(sign_in).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_it_was_told_is_kept_whatever_kills_it() {
    let folder = Folder::new("killed");
    let mut running = Running::start(&folder.0);
    let bearer = format!("Bearer {}", running.sign_in()[0]);
    let key = json!({"name": "kept", "scopes": ["team:read"]});
    let made = running.send("POST", "/api/v1/api-keys", &[("authorization", &bearer)], &key);
    assert_eq!(made.0, 201, "{}", made.1);
    let people = running.people.clone();
    running.child.kill().expect("it can be killed");
    running.child.wait().expect("it can be waited for");

    let again = Running::start(&folder.0);
    assert_eq!(again.people, people, "with the same passwords");
    let bearer = format!("Bearer {}", again.sign_in()[0]);
    let (status, keys) = again.send("GET", "/api/v1/api-keys", &[("authorization", &bearer)], &Value::Null);
    assert!(status == 200 && keys.contains("\"kept\""), "{keys}");
}

#[test]
fn whoever_tries_things_out_is_not_held_up() {
    let folder = Folder::new("own");
    let running = Running::start(&folder.0);
    let bearer = format!("Bearer {}", running.sign_in()[0]);
    for call in 0..70 {
        let (status, shop) =
            running.send("GET", "/api/v1/tenants/me", &[("authorization", &bearer)], &Value::Null);
        assert!(status == 200 && shop.contains("\"own\""), "call {call}: {shop}");
    }
}

#[test]
fn it_ends_without_loss_when_it_is_asked_to() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new(signal);
        let running = Running::start(&folder.0);
        running.signal(signal);
        let (status, last) = running.ended();
        assert_eq!(status.code(), Some(0), "{signal}: {last}");
        assert_eq!(last.trim(), format!("Stopped. Everything is kept in {}.", folder.0.display()));
    }
}

#[test]
fn whoever_watches_is_told_when_it_ends() {
    let folder = Folder::new("live");
    let running = Running::start(&folder.0);
    let bearer = format!("Bearer {}", running.sign_in()[0]);
    let made = running.send("POST", "/api/v1/live/tickets", &[("authorization", &bearer)], &json!({}));
    let ticket: Value = serde_json::from_str(&made.1).expect("the API speaks JSON");
    assert_eq!(ticket["url"], format!("ws://127.0.0.1:{}/live", running.port));
    let offer = format!("regulars, ticket.{}", ticket["ticket"].as_str().expect("there is a ticket"));
    let here = format!("127.0.0.1:{}", running.port);
    let mut socket = TcpStream::connect(&here).expect("it listens");
    // The key and its answer are those of RFC 6455.
    let request = format!(
        "GET /live HTTP/1.1\r\nhost: {here}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: \
         13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: {offer}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).expect("it listens");
    let mut socket = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(socket.read_line(&mut head).expect("it answers with text") > 0, "{head}");
    }
    assert!(head.starts_with("HTTP/1.1 101") && head.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{head}");
    assert!(head.contains("sec-websocket-protocol: regulars\r\n"), "{head}");
    running.signal("TERM");
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).expect("it ends");
    assert_eq!((rest[0], &rest[2..4]), (0x88, &1_001_u16.to_be_bytes()[..]), "a frame that closes: {rest:?}");
    assert_eq!(running.ended().0.code(), Some(0));
}

#[test]
fn a_port_or_a_folder_that_is_taken_is_refused_in_a_sentence() {
    let (folder, other) = (Folder::new("taken"), Folder::new("other"));
    let running = Running::start(&folder.0);
    let said = refused(running.port, &other.0);
    assert!(said.contains(&format!("port {} is taken; choose another with --port", running.port)), "{said}");
    let said = refused(0, &folder.0);
    assert!(said.contains(&format!("another process works on {}; stop it", folder.0.display())), "{said}");
    running.sign_in();
}

#[test]
fn what_is_for_developers_answers_to_this_machine_alone() {
    let folder = Folder::new("doors");
    let running = Running::start(&folder.0);
    for path in ["/", "/dev/outbox", "/dev/queues", "/dev/table", "/dev/google/keys", SHOP] {
        let asked = |host: &str| running.send("GET", path, &[("host", host)], &Value::Null).0;
        assert_eq!(asked(&format!("localhost:{}", running.port)), 200, "{path}");
        assert_eq!(asked(&format!("evil.test:{}", running.port)), 403, "{path}");
    }
    assert_eq!(
        running.send("GET", "/health", &[("host", "evil.test")], &Value::Null).0,
        200,
        "the API is for all"
    );
}

#[test]
fn what_happens_at_shopify_is_told_and_kept() {
    let folder = Folder::new("shopify");
    let options = ["--empty", "--shopify", "30"];
    let running = Running::start_with(&folder.0, &options);
    let page = |running: &Running| running.send("GET", SHOP, &[], &Value::Null).1;
    let count = |page: &str| {
        let before = page.split(" orders.").next().and_then(|text| text.split_whitespace().last());
        before.and_then(|count| count.parse::<u64>().ok()).expect("it says how many orders there are")
    };
    let before = page(&running);
    assert!(before.contains("30 customers"), "{before}");
    for act in ["install", "buy"] {
        let (status, _) = running.send("POST", &format!("{SHOP}/{act}"), &[], &json!({}));
        // A form without fields: whoever buys is anybody, and nothing is granted.
        assert_eq!(status, 303, "{act}");
    }
    let is_told = (0..5_000).any(|_| page(&running).contains("<td>orders/create<td>"));
    assert!(is_told, "the app hears of the order");
    running.signal("KILL");
    running.ended();
    let again = Running::start_with(&folder.0, &["--empty", "--shopify", "5"]);
    assert_eq!(count(&page(&again)), count(&before) + 1);
}

#[test]
fn a_first_start_makes_a_shop_and_no_other_start_makes_another() {
    let folder = Folder::new("shop");
    let mut running = Running::begin(&folder.0, &["--customers", "120"]);
    let made = loop {
        let line = running.hear();
        if line.starts_with("Making the demo shop: 120 customers,") {
            break line;
        }
    };
    // In the middle of it.
    running.child.kill().expect("it can be killed");
    running.child.wait().expect("it can be waited for");

    let mut again = Running::begin(&folder.0, &["--customers", "7"]);
    loop {
        let line = again.hear();
        assert!(!line.starts_with("Making") || line == made, "it goes on with what was begun: {line}");
        if line.contains("Ctrl-C stops.") {
            break;
        }
    }
    let orders: u64 =
        made.split_whitespace().rev().nth(1).and_then(|count| count.parse().ok()).expect("a count");
    assert!(orders >= 200, "{made}");
    let seen = |running: &Running| {
        ["/api/v1/customers", "/api/v1/orders", "/api/v1/products"].map(|path| running.total(path))
    };
    let [customers, of_these, products] = seen(&again);
    assert_eq!((customers, of_these), (120, orders));
    assert!(products >= 50, "{products}");
    again.signal("INT");
    again.ended();

    let mut third = Running::begin(&folder.0, &[]);
    loop {
        let line = third.hear();
        assert!(!line.starts_with("Making"), "once is enough");
        if line.contains("Ctrl-C stops.") {
            break;
        }
    }
    assert_eq!(seen(&third), [120, orders, products]);
    third.signal("INT");
    third.ended();
    let vendor = folder.0.join("vendor");
    std::fs::write(&vendor, "what it was asked before\n").expect("it can be written");
    let fresh = Running::start_with(&folder.0, &["--fresh", "--empty"]);
    assert_eq!(seen(&fresh), [0, 0, 0]);
    assert_eq!(
        std::fs::read_to_string(&vendor).ok().as_deref(),
        Some(""),
        "nor does the vendor know anything"
    );
}

#[test]
fn whoever_asks_for_what_is_not_there_is_told_how_to_ask() {
    for (words, expected) in [
        (vec!["--customers", "0"], "--customers needs a number from 1 to 1000000"),
        (vec!["--customers", "1000001"], "--customers needs a number from 1 to 1000000"),
        (vec!["--shopify", "150001"], "--shopify needs a number up to 150000"),
        (vec!["--seed"], "--seed needs a value"),
        (vec!["--seed", "x"], "--seed needs a whole number"),
    ] {
        let told = Command::new(env!("CARGO_BIN_EXE_local")).args(&words).output().expect("it can be run");
        let said = String::from_utf8_lossy(&told.stderr).into_owned();
        assert_eq!(told.status.code(), Some(2), "{words:?}: {said}");
        assert!(said.starts_with(expected) && said.contains("usage: ./run"), "{said}");
    }
    let help = Command::new(env!("CARGO_BIN_EXE_local")).arg("--help").output().expect("it can be run");
    let said = String::from_utf8_lossy(&help.stdout).into_owned();
    for option in ["--demo", "--customers N", "--empty", "--shopify N", "--seed N", "--fresh"] {
        assert!(said.contains(option), "{option}: {said}");
    }
}
