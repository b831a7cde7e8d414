//! The token endpoint, by what it answers: whose fault it is, and whether trying again helps.

use super::*;
use flows::{Secrets, clock::SystemDice, secrets::GoogleClient};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

struct Boxed(Arc<Secrets>);

#[async_trait]
impl SecretBox for Boxed {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

/// What the provider does with the one request that it gets.
#[derive(Debug, Clone)]
enum Does {
    Answer(&'static str, String),
    HangUp,
    KeepSilent,
}

/// What becomes of a code at a provider that does that.
async fn redeem(does: Does) -> Result<String, FlowError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let base = format!("http://{}", listener.local_addr().expect("it has an address"));
    // The silent one is waited for as short a time as can be, the others as long as they take on a busy machine.
    let millis = if matches!(does, Does::KeepSilent) { 20 } else { 60_000 };
    let endpoints = Endpoints {
        token_url: format!("{base}/token"),
        timeout: Duration::from_millis(millis),
        ..Endpoints::google()
    };
    let mut secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).expect("they are sound");
    let client = GoogleClient { client_id: "us".to_owned(), client_secret: "hunter2".to_owned() };
    secrets.google = Some(client);
    let google = Google::new(endpoints, Arc::new(Boxed(Arc::new(secrets))));
    let serving = async {
        let (mut socket, _) = listener.accept().await.expect("somebody comes");
        let (mut asked, mut buffer) = (Vec::new(), [0; 1_024]);
        while !String::from_utf8_lossy(&asked).contains("client_secret=hunter2") {
            let read = socket.read(&mut buffer).await.expect("they say something");
            asked.extend_from_slice(&buffer[..read]);
        }
        match does {
            Does::Answer(status, body) => {
                let head = format!("HTTP/1.1 {status}\r\nlocation: {base}/elsewhere\r\nconnection: close");
                let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                // Who has heard too much hangs up.
                let _ = socket.write_all(answer.as_bytes()).await;
            }
            Does::HangUp => {}
            Does::KeepSilent => std::future::pending().await,
        }
        drop(socket);
        std::future::pending::<()>().await;
    };
    tokio::select! {
        redeemed = google.redeem("code", "verifier", "https://crm.test/back") => redeemed,
        () = serving => unreachable!("it serves for ever"),
    }
}

#[tokio::test]
async fn only_what_is_wrong_with_the_code_is_the_persons_fault() {
    let check = async |does: Does, expected: &str| {
        let told = match redeem(does.clone()).await {
            Ok(token) => token,
            Err(FlowError::Denied(_)) => "denied".to_owned(),
            Err(FlowError::Unavailable(cause)) => {
                assert!(!format!("{cause:?}").contains("hunter2"), "{cause:?}");
                "unavailable".to_owned()
            }
            Err(FlowError::Broken(_)) => "broken".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(told, expected, "{does:?}");
    };
    let says = |status, error: &str| Does::Answer(status, format!("{{\"error\": \"{error}\"}}"));
    check(Does::Answer("200 OK", "{\"id_token\": \"a.b.c\"}".to_owned()), "a.b.c").await;
    for error in ["invalid_grant", "invalid_request", "redirect_uri_mismatch"] {
        check(says("400 Bad Request", error), "denied").await;
    }
    check(says("401 Unauthorized", "invalid_client"), "broken").await;
    for error in ["unauthorized_client", "unsupported_grant_type", "invalid_scope"] {
        check(says("400 Bad Request", error), "broken").await;
    }
    // Even if it says more than its status does.
    check(says("408 Request Timeout", "invalid_grant"), "unavailable").await;
    check(says("429 Too Many Requests", "invalid_grant"), "unavailable").await;
    check(says("400 Bad Request", "a word of next year"), "unavailable").await;
    check(Does::Answer("403 Forbidden", "<html>".to_owned()), "unavailable").await;
    for status in ["302 Found", "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"] {
        check(says(status, "invalid_grant"), "unavailable").await;
    }
    check(Does::Answer("200 OK", "not what was asked for".to_owned()), "unavailable").await;
    check(Does::Answer("200 OK", " ".repeat(ANSWER_BYTES_MAX + 1)), "unavailable").await;
    check(Does::Answer("400 Bad Request", " ".repeat(ANSWER_BYTES_MAX + 1)), "unavailable").await;
    check(Does::HangUp, "unavailable").await;
    check(Does::KeepSilent, "unavailable").await;
}
