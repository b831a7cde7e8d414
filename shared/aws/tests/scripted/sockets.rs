//! Calls about sockets, as they go out: where to, signed how, and what is made of the answers.

use aws::GatewaySockets;
use domain::{SocketId, Timestamp};
use flows::{Clock, FlowError, Sending, Sockets};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::server::Server;

struct Noon;

#[async_trait::async_trait]
impl Clock for Noon {
    fn now(&self) -> Timestamp {
        "2026-11-21T12:00:00Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

/// A gateway that answers everything so, and what it was asked.
async fn gateway(answer: &'static str) -> (GatewaySockets, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/live", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut bytes = vec![0; 4_096];
            let mut length = 0;
            // Head and body come in one piece or in two: the body is known by its last letter.
            loop {
                length += socket.read(&mut bytes[length..]).await.unwrap();
                let told = String::from_utf8_lossy(&bytes[..length]);
                if told.ends_with('}') || (told.starts_with("DELETE") && told.ends_with("\r\n\r\n")) {
                    break;
                }
            }
            noted.lock().unwrap().push(String::from_utf8_lossy(&bytes[..length]).into_owned());
            let head = format!("HTTP/1.1 {answer} \r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(head.as_bytes()).await.unwrap();
        }
    });
    let clients = Server::with([]).await.clients();
    (GatewaySockets::new(clients, &url, Arc::new(Noon)), asked)
}

fn socket() -> SocketId {
    "L0SM9cOFvHcCIhw=".parse().unwrap()
}

/// The value of a header.
fn header<'a>(asked: &'a str, name: &str) -> &'a str {
    let mut lines = asked.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(told, _)| told.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
}

#[tokio::test]
async fn a_message_goes_to_its_connection_and_is_signed() {
    let (sockets, asked) = gateway("200").await;
    assert_eq!(sockets.send(&socket(), r#"{"event":"pong"}"#).await.unwrap(), Sending::Sent);
    sockets.close(&socket()).await.unwrap();
    let asked = asked.lock().unwrap().clone();
    assert!(asked[0].starts_with("POST /live/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].ends_with("\r\n\r\n{\"event\":\"pong\"}"), "{}", asked[0]);
    assert!(
        asked[1].starts_with("DELETE /live/@connections/L0SM9cOFvHcCIhw%3D HTTP/1.1\r\n"),
        "{}",
        asked[1]
    );
    for asked in asked {
        assert_eq!(header(&asked, "x-amz-date"), "20261121T120000Z");
        let scope = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/execute-api/aws4_request, \
                     SignedHeaders=host;x-amz-date, Signature=";
        assert!(header(&asked, "authorization").starts_with(scope), "{asked}");
    }
}

#[tokio::test]
async fn what_the_gateway_says_is_told_apart() {
    let (sockets, _) = gateway("410").await;
    assert_eq!(sockets.send(&socket(), "{}").await.unwrap(), Sending::Gone);
    sockets.close(&socket()).await.unwrap();
    let (sockets, _) = gateway("429").await;
    assert!(matches!(sockets.send(&socket(), "{}").await, Err(FlowError::TooMany { .. })));
    let (sockets, _) = gateway("503").await;
    assert!(matches!(sockets.send(&socket(), "{}").await, Err(FlowError::Unavailable(_))));
    let (sockets, _) = gateway("403").await;
    assert!(matches!(sockets.send(&socket(), "{}").await, Err(FlowError::Broken(_))));
    assert!(matches!(sockets.close(&socket()).await, Err(FlowError::Broken(_))));
}
