//! The way out at home: only to what stands for a provider, on loopback, so without TLS.

use async_trait::async_trait;
use flows::{
    FlowError, Web,
    web::{ANSWER_BYTES_MAX, Ask, Told},
};
use reqwest::{Client, Error, header, redirect::Policy};

pub struct Loopback(Client);

impl Loopback {
    /// # Panics
    /// If the machine's own settings for HTTP cannot be read.
    pub fn new() -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build();
        Self(client.expect("a client without TLS needs nothing of the machine"))
    }
}

impl Default for Loopback {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Web for Loopback {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        let request = match ask.form {
            Some(form) => {
                let kind = (header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                self.0.post(ask.url).header(kind.0, kind.1).body(form)
            }
            None => self.0.get(ask.url),
        };
        let mut answer = request.timeout(ask.patience).send().await.map_err(away)?;
        let status = answer.status().as_u16();
        let cache_control = answer.headers().get(header::CACHE_CONTROL).and_then(|told| told.to_str().ok());
        let cache_control = cache_control.map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            body.extend_from_slice(&chunk);
            if body.len() > ANSWER_BYTES_MAX {
                return Err(FlowError::unavailable("the answer is too long"));
            }
        }
        Ok(Told { status, cache_control, body })
    }
}

fn away(error: Error) -> FlowError {
    FlowError::unavailable(error.without_url())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        flows::web::contract::check(&Loopback::new()).await;
    }
}
