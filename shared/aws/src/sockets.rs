//! The sockets of API Gateway's WebSocket API: told something, or ended, by their connection's name.
//!
//! Two calls, signed as the SDK signs its own. Its client for them would bring its rules for endpoints, its retries and its
//! list of AWS's partitions a seventh time, to say what is one line here: where the gateway is, `template.yaml` says.

use async_trait::async_trait;
use aws_credential_types::provider::ProvideCredentials;
use aws_sigv4::{
    http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::body::SdkBody;
use domain::SocketId;
use flows::{Clock, FlowError, Sending, Sockets};
use http::{Method, Request, StatusCode};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

use crate::Clients;

/// Whoever tells many is not held up by one.
const PATIENCE: Duration = Duration::from_secs(2);

pub struct GatewaySockets {
    clients: Clients,
    url: String,
    clock: Arc<dyn Clock>,
}

/// What the gateway answered, in a form that may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("API Gateway answered {0} to a call about a socket")]
struct Answered(StatusCode);

impl GatewaySockets {
    /// `url`: where its sockets are opened, `wss://<api>.execute-api.<region>.amazonaws.com/<stage>`; the calls about them go
    /// to the same place over HTTPS.
    pub fn new(clients: Clients, url: &str, clock: Arc<dyn Clock>) -> Self {
        Self { clients, url: url.replacen("ws", "http", 1), clock }
    }

    async fn asked(&self, method: Method, socket: &SocketId, text: &str) -> Result<StatusCode, FlowError> {
        let url = format!("{}/@connections/{}", self.url, encoded(socket));
        let mut request =
            Request::builder().method(method).uri(url).body(text.to_owned()).map_err(FlowError::broken)?;
        self.sign(&mut request).await?;
        let https = self.clients.https();
        timeout(PATIENCE, https.status_of(request.map(SdkBody::from)))
            .await
            .map_err(FlowError::unavailable)?
    }

    async fn sign(&self, request: &mut Request<String>) -> Result<(), FlowError> {
        let config = self.clients.shared();
        let (Some(region), Some(provider)) = (config.region(), config.credentials_provider()) else {
            return Err(FlowError::broken("there is no region, or there are no credentials"));
        };
        let credentials = provider.provide_credentials().await.map_err(FlowError::unavailable)?;
        let identity = Identity::from(credentials);
        let mut settings = SigningSettings::default();
        settings.payload_checksum_kind = PayloadChecksumKind::NoHeader;
        let second = u64::try_from(self.clock.now().as_second()).unwrap_or(0);
        let params = SigningParams::builder()
            .identity(&identity)
            .region(region.as_ref())
            .name("execute-api")
            .time(std::time::UNIX_EPOCH + Duration::from_secs(second))
            .settings(settings)
            .build()
            .map_err(FlowError::broken)?
            .into();
        let body = SignableBody::Bytes(request.body().as_bytes());
        let uri = request.uri().to_string();
        let signable = SignableRequest::new(request.method().as_str(), uri, std::iter::empty(), body)
            .map_err(FlowError::broken)?;
        let (instructions, _) = sign(signable, &params).map_err(FlowError::broken)?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

#[async_trait]
impl Sockets for GatewaySockets {
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError> {
        match self.asked(Method::POST, socket, text).await? {
            status if status.is_success() => Ok(Sending::Sent),
            StatusCode::GONE => Ok(Sending::Gone),
            status => Err(of(status)),
        }
    }

    async fn close(&self, socket: &SocketId) -> Result<(), FlowError> {
        match self.asked(Method::DELETE, socket, "").await? {
            status if status.is_success() || status == StatusCode::GONE => Ok(()),
            status => Err(of(status)),
        }
    }
}

fn of(status: StatusCode) -> FlowError {
    match status {
        StatusCode::TOO_MANY_REQUESTS => {
            FlowError::TooMany { code: "sockets_throttled", retry_after_seconds: 1, limits: None }
        }
        status if status.is_server_error() => FlowError::unavailable(Answered(status)),
        status => FlowError::broken(Answered(status)),
    }
}

/// What of a name means something in an address.
fn encoded(socket: &SocketId) -> String {
    socket.as_str().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
    use aws_types::SdkConfig;
    use domain::Timestamp;

    struct Noon;

    #[async_trait]
    impl Clock for Noon {
        fn now(&self) -> Timestamp {
            "2026-11-21T12:00:00Z".parse().unwrap()
        }

        async fn pause(&self, _: Duration) {}
    }

    /// The signatures are those that botocore 1.43 makes of the same calls.
    #[tokio::test]
    async fn calls_are_signed_as_others_sign_them() {
        let credentials = Credentials::new("test", "test", None, None, "test");
        let config = SdkConfig::builder()
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let url = "wss://abcdefghij.execute-api.us-east-1.amazonaws.com/live";
        let sockets = GatewaySockets::new(Clients::with(config), url, Arc::new(Noon));
        let of_post = "7c3ca0870cf59aa09088fe6cdb447e00a3b6470eaeefe0b226803e54b82099c3";
        let of_delete = "56b48210ee83f9546bd051ac0fc9762afdf8948413066b933f1bb6f641d12c3b";
        for (method, text, signature) in
            [(Method::POST, r#"{"event":"pong"}"#, of_post), (Method::DELETE, "", of_delete)]
        {
            let url =
                format!("{}/@connections/{}", sockets.url, encoded(&"L0SM9cOFvHcCIhw=".parse().unwrap()));
            let mut request = Request::builder().method(method).uri(url).body(text.to_owned()).unwrap();
            sockets.sign(&mut request).await.unwrap();
            let told = request.headers()["authorization"].to_str().unwrap();
            assert!(told.ends_with(&format!("Signature={signature}")), "{told}");
        }
    }
}
