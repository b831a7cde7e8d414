//! The SDK's clients, each built on first use: a start pays only for what its first request needs.
//!
//! Region, credentials and endpoints are what Lambda tells a function in its environment, under the SDK's own names.
//! The SDK's way of finding them brings profiles, the metadata of machines and a client of STS, none of which a
//! function has.

use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::SdkConfig;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

use crate::Https;

/// Cheap to clone; all clones share their clients.
#[derive(Clone)]
pub struct Clients(Arc<Built>);

struct Built {
    config: SdkConfig,
    /// By the end of their variable's name.
    endpoints: BTreeMap<&'static str, String>,
    https: Https,
    dynamo: OnceLock<aws_sdk_dynamodb::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
    ses: OnceLock<aws_sdk_sesv2::Client>,
    sns: OnceLock<aws_sdk_sns::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
}

const SERVICES: [&str; 7] = ["DYNAMODB", "KMS", "S3", "SECRETS_MANAGER", "SESV2", "SNS", "SQS"];

impl Clients {
    /// `told` answers with the value of a variable: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, and, to point elsewhere, `AWS_ENDPOINT_URL` or `AWS_ENDPOINT_URL_DYNAMODB` and its like.
    pub fn from_variables(told: impl Fn(&str) -> Option<String>) -> Self {
        let told = |name: &str| told(name).filter(|value| !value.is_empty());
        let https = Https::default();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(https.clone())
            .retry_config(RetryConfig::standard())
            .timeout_config(patience());
        config.set_region(told("AWS_REGION").map(Region::new));
        config.set_endpoint_url(told("AWS_ENDPOINT_URL"));
        if let (Some(id), Some(key)) = (told("AWS_ACCESS_KEY_ID"), told("AWS_SECRET_ACCESS_KEY")) {
            let credentials = Credentials::new(id, key, told("AWS_SESSION_TOKEN"), None, "environment");
            config.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
        }
        let endpoints = SERVICES.iter().filter_map(|&service| {
            let url = told(&format!("AWS_ENDPOINT_URL_{service}"))?;
            Some((service, url))
        });
        Self::new(config.build(), endpoints.collect(), https)
    }

    /// With a configuration that is already there.
    pub fn with(config: SdkConfig) -> Self {
        Self::new(config, BTreeMap::new(), Https::default())
    }

    fn new(config: SdkConfig, endpoints: BTreeMap<&'static str, String>, https: Https) -> Self {
        Self(Arc::new(Built {
            config,
            endpoints,
            https,
            dynamo: OnceLock::new(),
            sqs: OnceLock::new(),
            ses: OnceLock::new(),
            sns: OnceLock::new(),
            s3: OnceLock::new(),
            secrets: OnceLock::new(),
            kms: OnceLock::new(),
        }))
    }

    /// The way to providers other than AWS.
    pub fn https(&self) -> Https {
        self.0.https.clone()
    }

    /// For calls that are signed without a client of the SDK's.
    pub(crate) fn shared(&self) -> &SdkConfig {
        &self.0.config
    }

    pub(crate) fn dynamo(&self) -> &aws_sdk_dynamodb::Client {
        self.0.dynamo.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.config("DYNAMODB")))
    }

    pub(crate) fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.0.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.config("SQS")))
    }

    pub(crate) fn ses(&self) -> &aws_sdk_sesv2::Client {
        self.0.ses.get_or_init(|| aws_sdk_sesv2::Client::new(&self.config("SESV2")))
    }

    pub(crate) fn sns(&self) -> &aws_sdk_sns::Client {
        self.0.sns.get_or_init(|| aws_sdk_sns::Client::new(&self.config("SNS")))
    }

    /// No checksum unless S3 asks for one: each part's would have to be told again when its file is finished.
    pub(crate) fn s3(&self) -> &aws_sdk_s3::Client {
        self.0.s3.get_or_init(|| {
            let config = aws_sdk_s3::config::Builder::from(&self.config("S3"))
                .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
                .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    pub(crate) fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.0.secrets.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config("SECRETS_MANAGER")))
    }

    pub(crate) fn kms(&self) -> &aws_sdk_kms::Client {
        self.0.kms.get_or_init(|| aws_sdk_kms::Client::new(&self.config("KMS")))
    }

    fn config(&self, service: &str) -> SdkConfig {
        match self.0.endpoints.get(service) {
            Some(url) => self.0.config.to_builder().endpoint_url(url).build(),
            None => self.0.config.clone(),
        }
    }
}

/// How long a call may take with all its tries: three of 4 s, and their pauses. Every function has time for two such
/// calls (`Timeout` in `template.yaml`; a test compares them), and an API's gateway waits for both.
pub(crate) const OPERATION_SECONDS_MAX: u64 = 13;

/// `SQS`'s longest poll of ours takes 1 s of a try.
fn patience() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(Duration::from_secs(4))
        .operation_timeout(Duration::from_secs(OPERATION_SECONDS_MAX))
        .build()
}
