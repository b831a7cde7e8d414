//! The real binary, told to end in the middle of its work: it finishes, delivers its answer, and ends well.
//!
//! Lambda's Runtime API and DynamoDB are two sockets on loopback that answer as this test lets them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::mpsc::{self, Receiver, Sender},
    thread,
};

/// One HTTP request: its first line. The body is read and left.
fn request(reader: &mut BufReader<TcpStream>) -> Option<String> {
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|read| *read > 0)?;
    let mut is_chunked = false;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(told) = line.strip_prefix("content-length:") {
            length = told.trim().parse().ok()?;
        }
        is_chunked |= line == "transfer-encoding: chunked";
    }
    while is_chunked {
        let mut size = String::new();
        reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        reader.read_exact(&mut vec![0; size + 2]).ok()?;
        is_chunked = size > 0;
    }
    reader.read_exact(&mut vec![0; length]).ok()?;
    Some(first.trim().to_owned())
}

fn answer(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
    let _ = stream.write_all(text.as_bytes());
}

/// Serves each connection in a thread of its own, for as long as the process lives.
fn serve(on: impl Fn(&str, &mut TcpStream) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, on) = (stream.unwrap(), on.clone());
            thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                while let Some(first) = request(&mut reader) {
                    on(&first, &mut stream);
                }
            });
        }
    });
    port
}

/// Hands out one event, then nothing more; tells of the answer that comes back.
fn runtime_api(answered: Sender<String>) -> u16 {
    let handed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    serve(move |first, stream| {
        if first.starts_with("POST") {
            answer(stream, "202 Accepted", "", "");
            answered.send(first.to_owned()).unwrap();
        } else if !handed.swap(true, std::sync::atomic::Ordering::SeqCst) {
            let headers = "content-type: application/json\r\nlambda-runtime-aws-request-id: 1\r\n\
                 lambda-runtime-deadline-ms: 4102444800000\r\nlambda-runtime-invoked-function-arn: arn:aws:lambda:x\r\n";
            answer(stream, "200 OK", headers, include_str!("../../../events/tick.json"));
        }
    })
}

/// Tells of each read, and answers once it may.
fn table(read: Sender<()>, may: Receiver<()>) -> u16 {
    let may = std::sync::Arc::new(std::sync::Mutex::new(may));
    serve(move |_, stream| {
        read.send(()).unwrap();
        let _ = may.lock().unwrap().recv();
        let headers = "content-type: application/x-amz-json-1.0\r\n";
        answer(stream, "200 OK", headers, "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}");
    })
}

fn start(runtime_api: u16, table: u16) -> Child {
    Command::new(env!("CARGO_BIN_EXE_tick"))
        .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{runtime_api}"))
        .env("AWS_ENDPOINT_URL_DYNAMODB", format!("http://127.0.0.1:{table}"))
        .envs(
            ["NAME", "VERSION", "LOG_GROUP", "LOG_STREAM"]
                .map(|end| (format!("AWS_LAMBDA_FUNCTION_{end}"), "1")),
        )
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "x"), ("AWS_SECRET_ACCESS_KEY", "x")])
        .env("TABLE_NAME", "t")
        .envs(
            ["NOTIFY", "AUDIENCE", "CAMPAIGN", "IMPORT", "INGEST", "RECEIPT", "SEND", "SYNC"]
                .map(|queue| (format!("QUEUE_{queue}_URL"), "http://127.0.0.1:1/queue")),
        )
        .spawn()
        .unwrap()
}

#[test]
fn what_is_in_flight_is_finished_when_the_end_is_told() {
    let ((answered, answers), (read, reads), (let_go, may)) =
        (mpsc::channel(), mpsc::channel(), mpsc::channel());
    let mut process = start(runtime_api(answered), table(read, may));
    reads.recv().unwrap();
    let told = Command::new("kill").args(["-TERM", &process.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert!(answers.try_recv().is_err(), "it is in the middle of its work");
    drop(let_go);
    assert!(answers.recv().unwrap().contains("/invocation/1/response"), "the answer is delivered");
    assert!(process.wait().unwrap().success(), "and the end is a good one");
}

#[test]
fn settings_that_are_missing_stop_the_start_and_are_all_told() {
    let process = Command::new(env!("CARGO_BIN_EXE_tick")).env_clear().output().unwrap();
    assert!(!process.status.success());
    let told = String::from_utf8_lossy(&process.stdout).into_owned();
    for name in [
        "TABLE_NAME",
        "QUEUE_NOTIFY_URL",
        "QUEUE_AUDIENCE_URL",
        "QUEUE_CAMPAIGN_URL",
        "QUEUE_IMPORT_URL",
        "QUEUE_INGEST_URL",
        "QUEUE_RECEIPT_URL",
        "QUEUE_SEND_URL",
        "QUEUE_SYNC_URL",
    ] {
        assert!(told.contains(&format!("the setting {name} is missing")), "{told}");
    }
}
