//! The way out of tests: plain HTTP to what stands for a provider. The product's own are held to the contract of `Web`.

use async_trait::async_trait;
use flows::{
    FlowError, Web,
    web::{Ask, Told, Unreached},
};

pub(crate) struct Loopback(pub(crate) reqwest::Client);

impl Loopback {
    pub(crate) fn new() -> Self {
        Self(reqwest::Client::builder().no_proxy().build().unwrap())
    }
}

#[async_trait]
impl Web for Loopback {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        let away = |error: reqwest::Error| {
            if error.is_connect() { FlowError::unavailable(Unreached) } else { FlowError::unavailable(error) }
        };
        let content = ask.content.unwrap();
        let request = self.0.post(ask.url).header("content-type", content.kind()).body(content.into_bytes());
        let request =
            ask.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let answer = request.timeout(ask.patience).send().await.map_err(away)?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        Ok(Told { status, headers: headers.collect(), body: answer.bytes().await.map_err(away)?.to_vec() })
    }
}
