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
    web::{ANSWER_BYTES_MAX, Ask, Told},
};
use http::{Request, header};
use http_body_util::{BodyExt, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect},
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
        let request = match ask.form {
            Some(form) => Request::post(ask.url)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(SdkBody::from(form)),
            None => Request::get(ask.url).body(SdkBody::empty()),
        };
        let request = request.map_err(FlowError::broken)?;
        let client = self.client().await.map_err(FlowError::unavailable)?;
        let (head, body) = client.request(request).await.map_err(FlowError::unavailable)?.into_parts();
        let cache_control = head.headers.get(header::CACHE_CONTROL).and_then(|told| told.to_str().ok());
        let cache_control = cache_control.map(str::to_owned);
        let body = Limited::new(body, ANSWER_BYTES_MAX).collect().await.map_err(FlowError::unavailable)?;
        Ok(Told { status: head.status.as_u16(), cache_control, body: body.to_bytes().into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_keeps_the_contract() {
        flows::web::contract::check(&Https::default()).await;
    }
}
