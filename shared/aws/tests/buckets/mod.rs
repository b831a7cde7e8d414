//! Files in a bucket, on the bench of their contract. Links are gone as any program goes them: plain HTTP, no SDK.

use async_trait::async_trait;
use aws::{Clients, S3Files};
use aws_types::SdkConfig;
use flows::{
    Files,
    files::contract::{Answered, Bench, Sent},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

pub(crate) struct OnS3(Arc<S3Files>);

impl OnS3 {
    /// In a bucket of its own.
    pub(crate) async fn new(config: &SdkConfig, bucket: &str) -> Self {
        aws_sdk_s3::Client::new(config).create_bucket().bucket(bucket).send().await.unwrap();
        Self(Arc::new(S3Files::new(Clients::with(config.clone()), bucket)))
    }
}

#[async_trait]
impl Bench for OnS3 {
    fn files(&self) -> Arc<dyn Files> {
        self.0.clone()
    }

    async fn send(&self, sent: Sent<'_>) -> Answered {
        let (host, path) = sent.link.strip_prefix("http://").unwrap().split_once('/').unwrap();
        let mut head = format!("{} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n", sent.method);
        if let Some(range) = sent.range {
            head += &format!("range: {range}\r\n");
        }
        if sent.method == "PUT" {
            head += &format!("content-length: {}\r\n", sent.body.len());
        }
        let mut socket = TcpStream::connect(host).await.unwrap();
        socket.write_all(format!("{head}\r\n").as_bytes()).await.unwrap();
        socket.write_all(sent.body).await.unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await.unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let (status, headers) = head.split_once("\r\n").unwrap();
        let pair = |line: &str| {
            let (name, value) = line.split_once(':').unwrap();
            (name.to_lowercase(), value.trim().to_owned())
        };
        Answered {
            status: status.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: headers.split("\r\n").map(pair).collect(),
            body: answer[end + 4..].to_vec(),
        }
    }

    async fn pass(&self, seconds: u32) {
        tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    }

    fn measures_parts(&self) -> bool {
        false
    }
}
