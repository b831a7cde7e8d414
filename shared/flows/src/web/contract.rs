//! The contract of `Web`: what the way out does, whoever goes it. A provider on loopback answers one request.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use tokio::sync::oneshot;

use super::{ANSWER_BYTES_MAX, Ask, Content, Told, Web, is_unreached};
use crate::FlowError;

const FORM: &str = "code=a%20b&secret=hunter2";
const JSON: &str = "{\"secret\": \"hunter2\"}";
const PATIENT: Duration = Duration::from_mins(1);

/// What the provider does with the one request that it gets.
enum Does {
    Answer(String),
    /// Says this much, and no more as long as anybody listens.
    KeepSilent(&'static str),
}

/// Every sentence of the contract.
///
/// # Panics
/// If one of them does not hold.
pub async fn check(web: &dyn Web) {
    a_document_is_read(web).await;
    what_is_sent_is_taken_in(web).await;
    every_status_is_an_answer_and_nobody_follows_it(web).await;
    an_answer_has_its_bounds(web).await;
    who_does_not_answer_is_unavailable(web).await;
    who_is_not_there_has_heard_nothing(web).await;
}

async fn a_document_is_read(web: &dyn Web) {
    let (told, asked) = tell(web, None, answer("200 OK", "Cache-Control: max-age=60\r\n", "{}")).await;
    let told = told.expect("an answer");
    assert_eq!((told.status, told.body.as_slice()), (200, b"{}".as_slice()));
    assert_eq!((told.header("cache-control"), told.header("retry-after")), (Some("max-age=60"), None));
    assert!(asked.starts_with("GET /keys?v=3 HTTP/1.1\r\n"), "{asked}");
    assert!(asked.to_lowercase().contains("\r\nx-token: hunter2\r\n"), "{asked}");
}

async fn what_is_sent_is_taken_in(web: &dyn Web) {
    let form = ("application/x-www-form-urlencoded", FORM, Content::Form(FORM.to_owned()));
    let json = ("application/json", JSON, Content::Json(JSON.into()));
    for (kind, text, content) in [form, json] {
        let (told, asked) = tell(web, Some(content), answer("200 OK", "", "{}")).await;
        assert_eq!(told.expect("an answer").body, b"{}");
        assert!(asked.starts_with("POST /keys?v=3 HTTP/1.1\r\n"), "{asked}");
        assert!(asked.to_lowercase().contains(&format!("\r\ncontent-type: {kind}\r\n")), "{asked}");
        assert!(asked.ends_with(&format!("\r\n\r\n{text}")), "{asked}");
    }
}

async fn every_status_is_an_answer_and_nobody_follows_it(web: &dyn Web) {
    for status in ["302 Found", "400 Bad Request", "404 Not Found", "500 Internal Server Error"] {
        let (told, _) = tell(web, None, answer(status, "location: /elsewhere\r\n", "why")).await;
        let told = told.expect("an answer");
        assert_eq!(
            (format!("{status:.3}"), told.body.as_slice()),
            (told.status.to_string(), b"why".as_slice())
        );
    }
}

async fn an_answer_has_its_bounds(web: &dyn Web) {
    let (told, _) = tell(web, None, answer("200 OK", "", &" ".repeat(ANSWER_BYTES_MAX))).await;
    assert_eq!(told.expect("an answer").body.len(), ANSWER_BYTES_MAX);
    for status in ["200 OK", "400 Bad Request"] {
        must_be_away(&tell(web, None, answer(status, "", &" ".repeat(ANSWER_BYTES_MAX + 1))).await.0);
    }
    for (bytes_max, fits) in [(2 * ANSWER_BYTES_MAX, true), (2 * ANSWER_BYTES_MAX - 1, false)] {
        let (url, provider) = provider("\r\n\r\n", answer("200 OK", "", &" ".repeat(2 * ANSWER_BYTES_MAX)));
        let told = web.ask(Ask { answer_bytes_max: bytes_max, ..Ask::new(url, PATIENT) }).await;
        assert_eq!(told.is_ok(), fits, "who expects more is told more");
        provider.await.expect("the provider ends");
    }
}

async fn who_does_not_answer_is_unavailable(web: &dyn Web) {
    let form = || Some(Content::Form(FORM.to_owned()));
    must_be_away(&tell(web, form(), Does::Answer(String::new())).await.0);
    for heard in ["", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"] {
        must_be_away(&tell(web, form(), Does::KeepSilent(heard)).await.0);
    }
}

async fn who_is_not_there_has_heard_nothing(web: &dyn Web) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it has an address"));
    drop(listener);
    let content = Some(Content::Form(FORM.to_owned()));
    let told = web.ask(Ask { content, ..Ask::new(url, PATIENT) }).await;
    must_be_away(&told);
    assert!(told.is_err_and(|error| is_unreached(&error)));
    for does in [Does::Answer(String::new()), Does::KeepSilent("")] {
        let (told, _) = tell(web, Some(Content::Form(FORM.to_owned())), does).await;
        assert!(told.is_err_and(|error| !is_unreached(&error)), "it was heard");
    }
}

fn must_be_away(told: &Result<Told, FlowError>) {
    let Err(FlowError::Unavailable(cause)) = told else { panic!("{told:?}") };
    assert!(!format!("{cause:?}").contains("hunter2"), "{cause:?}");
}

fn answer(status: &str, headers: &str, body: &str) -> Does {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}");
    Does::Answer(format!("{head}\r\n{body}"))
}

/// What comes back, and what the provider was asked.
async fn tell(web: &dyn Web, content: Option<Content>, does: Does) -> (Result<Told, FlowError>, String) {
    // The silent one is waited for as short a time as can be, the others as long as they take on a busy machine.
    let patience = if matches!(does, Does::KeepSilent(_)) { Duration::from_millis(20) } else { PATIENT };
    let end = match &content {
        None => "\r\n\r\n",
        Some(Content::Form(_)) => FORM,
        Some(Content::Json(_)) => JSON,
    };
    let (url, provider) = provider(end, does);
    let headers = vec![("x-token", "hunter2".to_owned())];
    let told = web.ask(Ask { headers, content, ..Ask::new(url, patience) }).await;
    (told, provider.await.expect("the provider ends"))
}

/// One that has heard all when the request ends so.
fn provider(end: &'static str, does: Does) -> (String, oneshot::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port is free");
    let url = format!("http://{}/keys?v=3", listener.local_addr().expect("it has an address"));
    let (heard, asked_of) = oneshot::channel();
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().expect("somebody comes");
        let (mut asked, mut buffer) = (Vec::new(), [0; 1_024]);
        while !asked.ends_with(end.as_bytes()) {
            match socket.read(&mut buffer) {
                Ok(read) if read > 0 => asked.extend_from_slice(&buffer[..read]),
                _ => break,
            }
        }
        // Who has heard too much, or waited too long, hangs up.
        match does {
            Does::Answer(text) => drop(socket.write_all(text.as_bytes())),
            Does::KeepSilent(text) => {
                let _ = socket.write_all(text.as_bytes());
                let _ = socket.read(&mut buffer);
            }
        }
        let _ = heard.send(String::from_utf8_lossy(&asked).into_owned());
    });
    (url, asked_of)
}
