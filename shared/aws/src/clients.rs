//! The SDK's clients, each built on first use: a start pays only for what its first request needs.
//!
//! Region, credentials and endpoints come from the environment by the SDK's own rules
//! (`AWS_ENDPOINT_URL_DYNAMODB` and its like point it elsewhere).

use aws_config::{
    BehaviorVersion, SdkConfig,
    retry::RetryConfig,
    timeout::{TimeoutConfig, TimeoutConfigBuilder},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::OnceCell;

/// Cheap to clone; all clones share their clients.
#[derive(Clone, Default)]
pub struct Clients(Arc<Built>);

#[derive(Default)]
struct Built {
    config: OnceCell<SdkConfig>,
    dynamo: OnceCell<aws_sdk_dynamodb::Client>,
    sqs: OnceCell<aws_sdk_sqs::Client>,
    ses: OnceCell<aws_sdk_sesv2::Client>,
    secrets: OnceCell<aws_sdk_secretsmanager::Client>,
    kms: OnceCell<aws_sdk_kms::Client>,
}

impl Clients {
    /// Nothing is read before the first use.
    pub fn from_environment() -> Self {
        Self::default()
    }

    /// With a configuration that is already there.
    pub fn with(config: SdkConfig) -> Self {
        Self(Arc::new(Built { config: OnceCell::new_with(Some(config)), ..Built::default() }))
    }

    pub(crate) async fn dynamo(&self) -> &aws_sdk_dynamodb::Client {
        self.0.dynamo.get_or_init(|| async { aws_sdk_dynamodb::Client::new(self.config().await) }).await
    }

    pub(crate) async fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.0.sqs.get_or_init(|| async { aws_sdk_sqs::Client::new(self.config().await) }).await
    }

    pub(crate) async fn ses(&self) -> &aws_sdk_sesv2::Client {
        self.0.ses.get_or_init(|| async { aws_sdk_sesv2::Client::new(self.config().await) }).await
    }

    pub(crate) async fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.0
            .secrets
            .get_or_init(|| async { aws_sdk_secretsmanager::Client::new(self.config().await) })
            .await
    }

    pub(crate) async fn kms(&self) -> &aws_sdk_kms::Client {
        self.0.kms.get_or_init(|| async { aws_sdk_kms::Client::new(self.config().await) }).await
    }

    async fn config(&self) -> &SdkConfig {
        let load = || {
            aws_config::defaults(BehaviorVersion::latest())
                .retry_config(RetryConfig::standard())
                .timeout_config(patience().build())
                .load()
        };
        self.0.config.get_or_init(load).await
    }
}

/// Three tries of 4 s with their pauses end before an API's caller has gone away (29 s), with room for one more
/// call. `SQS`'s longest poll of ours takes 1 s of it.
fn patience() -> TimeoutConfigBuilder {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(13))
}
