//! The scripted server: its answers in order, the last of them ever again.

use aws::{Clients, Https};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_types::SdkConfig;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Debug, Clone)]
pub(crate) enum Answer {
    Says(u16, Value),
    /// Takes the request, and is never heard of again.
    Hangs,
}

pub(crate) fn done(body: Value) -> Answer {
    Answer::Says(200, body)
}

pub(crate) fn refuses(code: &str) -> Answer {
    Answer::Says(400, json!({ "__type": code, "message": "hunter2" }))
}

pub(crate) fn fails() -> Answer {
    Answer::Says(500, json!({ "__type": "InternalServerError" }))
}

pub(crate) struct Server {
    url: String,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    pub(crate) async fn with(answers: impl Into<Vec<Answer>>) -> Self {
        let answers = answers.into();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self { url, asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, answers.clone(), asked.clone()));
            }
        });
        server
    }

    /// Clients that reach it, and nothing else: impatient ones.
    pub(crate) fn clients(&self) -> Clients {
        let patience = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(500));
        let credentials = Credentials::new("test", "test", None, None, "scripted");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(Https::default())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .endpoint_url(&self.url)
            .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .timeout_config(patience.build());
        Clients::with(config.build())
    }

    /// The bodies of all requests, in order.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }
}

/// One request on a connection: then it is closed.
async fn serve(socket: TcpStream, answers: Vec<Answer>, asked: Arc<Mutex<Vec<Value>>>) {
    let mut socket = BufReader::new(socket);
    let body = read(&mut socket).await;
    let place = {
        let mut asked = asked.lock().unwrap();
        // A GET has no body, and some services are asked by a form.
        asked.push(serde_json::from_slice(&body).unwrap_or(Value::Null));
        asked.len() - 1
    };
    match answers.get(place).or(answers.last()) {
        Some(Answer::Says(status, body)) => {
            // A text is said as it is.
            let body = body.as_str().map_or_else(|| body.to_string(), str::to_owned);
            let head = format!(
                "HTTP/1.1 {status} \r\ncontent-type: application/x-amz-json-1.0\r\n\
                 content-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            socket.write_all((head + &body).as_bytes()).await.unwrap();
            socket.flush().await.unwrap();
        }
        _ => std::future::pending().await,
    }
}

async fn read(socket: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        socket.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.split_once(':') else {
            if line.trim().is_empty() {
                break;
            }
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    socket.read_exact(&mut body).await.unwrap();
    body
}
