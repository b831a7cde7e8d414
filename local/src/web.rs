//! The way out at home: only to what stands for a provider, on loopback, so without TLS.

use async_trait::async_trait;
use flows::{
    FlowError, Web,
    web::{Ask, Told, Unreached},
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
        let request = match ask.content {
            Some(content) => {
                let kind = content.kind();
                self.0.post(ask.url).header(header::CONTENT_TYPE, kind).body(content.into_bytes())
            }
            None => self.0.get(ask.url),
        };
        let request =
            ask.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let mut answer = request.timeout(ask.patience).send().await.map_err(away)?;
        let status = answer.status().as_u16();
        let plain = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        };
        let headers = answer.headers().iter().filter_map(plain).collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(away)? {
            body.extend_from_slice(&chunk);
            if body.len() > ask.answer_bytes_max {
                return Err(FlowError::unavailable("the answer is too long"));
            }
        }
        Ok(Told { status, headers, body })
    }
}

fn away(error: Error) -> FlowError {
    if error.is_connect() {
        FlowError::unavailable(Unreached)
    } else {
        FlowError::unavailable(error.without_url())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        flows::web::contract::check(&Loopback::new()).await;
    }
}
