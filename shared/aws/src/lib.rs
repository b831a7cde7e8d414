//! The ports on AWS: the only crate that names its SDK.
//!
//! Adapters translate and do not think. Each asks `Clients` for its client on first use, and turns the SDK's
//! errors into ours in the file that makes the call. What AWS says in words is never repeated: it may quote
//! an address or a key; its code is.

mod carrier;
mod clients;
mod dynamo;
mod failure;
mod files;
mod https;
mod identities;
mod keys;
mod mailer;
mod proof;
mod secrets;
mod ses_tenants;
mod sockets;
mod sqs;
mod texter;

pub use carrier::SesCarrier;
pub use clients::Clients;
pub use dynamo::DynamoTable;
pub use files::S3Files;
pub use https::Https;
pub use identities::AwsIdentities;
pub use keys::KmsKeys;
pub use mailer::SesMailer;
pub use secrets::SecretsManagerBox;
pub use ses_tenants::SesTenants;
pub use sockets::GatewaySockets;
pub use sqs::{DeadLetterUrls, SqsDeadLetters, SqsDepths, SqsTasks, SqsWaits};
pub use texter::SnsTexter;
