//! The one HTTPS client of a function: for the SDK, and for the providers that are reached over the internet.
//!
//! The SDK's own speaks HTTP/2 and knows proxies, which no call of ours needs, and would stand in the package beside
//! a second client for the providers. Certificates are read with the first call.

use async_trait::async_trait;
use aws_sdk_dynamodb::{
    config::{
        RuntimeComponents,
        http::{HttpRequest, HttpResponse},
    },
    error::ConnectorError,
};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_types::body::SdkBody;
use flows::{
    FlowError, Web,
    web::{Ask, Told, Unreached},
};
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{self, Client, connect},
    rt::{TokioExecutor, TokioTimer},
};
use std::{io, sync::Arc, time::Duration};
use tokio::{sync::OnceCell, time::timeout};

const CONNECT_SECONDS_MAX: u64 = 1;

/// Cheap to clone; all clones share their connections.
#[derive(Debug, Clone, Default)]
pub struct Https(Arc<OnceCell<Client<HttpsConnector<connect::HttpConnector>, SdkBody>>>);

impl Https {
    async fn client(&self) -> io::Result<&Client<HttpsConnector<connect::HttpConnector>, SdkBody>> {
        let made = async || {
            let mut sockets = connect::HttpConnector::new();
            sockets.enforce_http(false);
            sockets.set_nodelay(true);
            sockets.set_connect_timeout(Some(Duration::from_secs(CONNECT_SECONDS_MAX)));
            let connector = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
            let mut builder = Client::builder(TokioExecutor::new());
            builder.pool_timer(TokioTimer::new());
            Ok(builder.build(connector.wrap_connector(sockets)))
        };
        self.0.get_or_try_init(made).await
    }
}

impl HttpClient for Https {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Https {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let https = self.clone();
        HttpConnectorFuture::new(async move {
            let client = https.client().await.map_err(|error| ConnectorError::io(error.into()))?;
            let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
            let answer = client.request(request).await.map_err(|error| ConnectorError::io(error.into()))?;
            HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

#[async_trait]
impl Web for Https {
    async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
        timeout(ask.patience, self.told(ask)).await.map_err(FlowError::unavailable)?
    }
}

impl Https {
    async fn told(&self, ask: Ask) -> Result<Told, FlowError> {
        let request = match &ask.content {
            Some(content) => Request::post(ask.url).header(header::CONTENT_TYPE, content.kind()),
            None => Request::get(ask.url),
        };
        let request =
            ask.headers.into_iter().fold(request, |request, (name, value)| request.header(name, value));
        let body = ask.content.map_or_else(SdkBody::empty, |content| SdkBody::from(content.into_bytes()));
        let request = request.body(body).map_err(FlowError::broken)?;
        let client = self.client().await.map_err(FlowError::unavailable)?;
        let (head, body) = client.request(request).await.map_err(away)?.into_parts();
        let plain = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            Some((name.to_string(), value.to_str().ok()?.to_owned()))
        };
        let headers = head.headers.iter().filter_map(plain).collect();
        let body =
            Limited::new(body, ask.answer_bytes_max).collect().await.map_err(FlowError::unavailable)?;
        Ok(Told { status: head.status.as_u16(), headers, body: body.to_bytes().into() })
    }
}

impl Https {
    /// What it is answered, whatever else is said.
    pub(crate) async fn status_of(&self, request: Request<SdkBody>) -> Result<StatusCode, FlowError> {
        let client = self.client().await.map_err(FlowError::unavailable)?;
        Ok(client.request(request).await.map_err(FlowError::unavailable)?.status())
    }
}

fn away(error: legacy::Error) -> FlowError {
    if error.is_connect() { FlowError::unavailable(Unreached) } else { FlowError::unavailable(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        flows::web::contract::check(&Https::default()).await;
    }
}
