//! Who carries webhooks to the app: over HTTP, or within the process.

use async_trait::async_trait;
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, Request},
};
use reqwest::{Client, redirect::Policy};
use std::time::Duration;

/// How long the app has to be reached, and to answer.
const CONNECT: Duration = Duration::from_secs(1);
const ANSWER: Duration = Duration::from_secs(5);

/// A webhook as it is sent.
#[derive(Debug, Clone)]
pub struct Parcel {
    pub uri: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Bytes,
}

#[async_trait]
pub trait Courier: Send + Sync {
    /// The answer's status. `Err`: why there was none.
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String>;
}

impl Parcel {
    pub(super) fn header_map(&self) -> HeaderMap {
        let pairs = self.headers.iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::from_str(value).ok()?))
        });
        pairs.collect()
    }
}

/// Over HTTP, as patient as Shopify.
pub struct Web(Client);

impl Web {
    /// # Panics
    /// If the machine's own settings for HTTP cannot be read.
    pub fn new() -> Self {
        let client =
            Client::builder().redirect(Policy::none()).no_proxy().connect_timeout(CONNECT).timeout(ANSWER);
        Self(client.build().expect("a client without TLS needs nothing of the machine"))
    }
}

impl Default for Web {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Courier for Web {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        let request = self.0.post(&parcel.uri).headers(parcel.header_map()).body(parcel.body.clone());
        let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
        let status = answer.status().as_u16();
        // An answer that does not end in time was none.
        answer.bytes().await.map_err(|error| error.without_url().to_string())?;
        Ok(status)
    }
}

/// To a router of the same process.
pub struct Within(pub Router);

#[async_trait]
impl Courier for Within {
    async fn bring(&self, parcel: &Parcel) -> Result<u16, String> {
        let mut request = Request::post(&parcel.uri);
        if let Some(headers) = request.headers_mut() {
            headers.extend(parcel.header_map());
        }
        let request = request.body(Body::from(parcel.body.clone())).map_err(|error| error.to_string())?;
        let Ok(answer) = tower::ServiceExt::oneshot(self.0.clone(), request).await;
        Ok(answer.status().as_u16())
    }
}
