//! What every way out does: told what was answered, and never kept waiting or flooded.

use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::{
    FlowError, Web,
    web::{ANSWER_BYTES_MAX, Ask, Told},
};

/// What a provider does with the one request that it gets.
enum Does {
    Answer(&'static str, usize),
    HangUp,
    KeepSilent,
}

/// `within` makes a way out that waits so long.
///
/// # Panics
/// If it does anything else.
pub async fn check<W: Web>(within: impl Fn(Duration) -> W) {
    let patient = Duration::from_mins(1);
    let form = || Some("code=a%20b".to_owned());
    for ask in [form(), None] {
        let told = asked(&within(patient), ask, Does::Answer("200 OK", 3)).await.expect("it is answered");
        assert_eq!(
            told,
            Told { status: 200, cache_control: Some("max-age=60".to_owned()), body: b"aaa".to_vec() }
        );
    }
    // Whatever the status; a redirect leads nowhere.
    for (line, status) in [("302 Found", 302), ("400 Bad Request", 400), ("503 Service Unavailable", 503)] {
        let told = asked(&within(patient), form(), Does::Answer(line, 0)).await.expect("it is answered");
        assert_eq!(told.status, status);
    }
    let most = asked(&within(patient), None, Does::Answer("200 OK", ANSWER_BYTES_MAX)).await;
    assert_eq!(most.expect("it is not too long").body.len(), ANSWER_BYTES_MAX);
    let cases = [
        (patient, Does::Answer("200 OK", ANSWER_BYTES_MAX + 1)),
        (patient, Does::Answer("400 Bad Request", ANSWER_BYTES_MAX + 1)),
        (patient, Does::HangUp),
        (Duration::from_millis(20), Does::KeepSilent),
    ];
    for (patience, does) in cases {
        let refused = asked(&within(patience), form(), does).await;
        let Err(FlowError::Unavailable(cause)) = refused else { panic!("{refused:?}") };
        assert!(!format!("{cause:?}").contains("code="), "{cause:?}");
    }
}

async fn asked(web: &impl Web, form: Option<String>, does: Does) -> Result<Told, FlowError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let base = format!("http://{}", listener.local_addr().expect("it has an address"));
    let last = if form.is_some() { "code=a%20b" } else { "\r\n\r\n" };
    let serving = async {
        let (mut socket, _) = listener.accept().await.expect("somebody comes");
        let (mut asked_for, mut buffer) = (Vec::new(), [0; 1_024]);
        while !String::from_utf8_lossy(&asked_for).contains(last) {
            let read = socket.read(&mut buffer).await.expect("they say something");
            asked_for.extend_from_slice(&buffer[..read]);
        }
        match does {
            Does::Answer(status, bytes) => {
                let head = format!("HTTP/1.1 {status}\r\nlocation: {base}/elsewhere\r\nconnection: close");
                let head = format!("{head}\r\ncache-control: max-age=60\r\ncontent-length: {bytes}\r\n\r\n");
                // Who has asked_for too much hangs up.
                let _ = socket.write_all(&[head.as_bytes(), &b"a".repeat(bytes)].concat()).await;
            }
            Does::HangUp => {}
            Does::KeepSilent => std::future::pending().await,
        }
        drop(socket);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        told = web.ask(Ask { url: format!("{base}/token"), form }) => told,
        () = serving => unreachable!("it serves for ever"),
    }
}
