//! What the tests of every emulator share: a way to reach it, and an empty table on it.

use aws::{Clients, DynamoTable, Https};
use aws_sdk_dynamodb::{
    config::{BehaviorVersion, Credentials, Region, SharedCredentialsProvider},
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
        ProjectionType, ScalarAttributeType,
    },
};
use aws_types::SdkConfig;

pub(crate) fn config(url: &str) -> SdkConfig {
    let credentials = Credentials::new("test", "test", None, None, "emulator");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(Https::default())
        .region(Region::new("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .build()
}

/// A table of its own, with the index, as the template makes it.
pub(crate) async fn empty_table(config: &SdkConfig, name: &str) -> DynamoTable {
    let text = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let keys = |pk: &str, sk: &str| {
        [(pk, KeyType::Hash), (sk, KeyType::Range)].map(|(name, kind)| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
        })
    };
    let index = GlobalSecondaryIndex::builder()
        .index_name("gsi1")
        .set_key_schema(Some(keys("gsi1pk", "gsi1sk").to_vec()))
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()
        .unwrap();
    aws_sdk_dynamodb::Client::new(config)
        .create_table()
        .table_name(name)
        .set_attribute_definitions(Some(["pk", "sk", "gsi1pk", "gsi1sk"].map(text).to_vec()))
        .set_key_schema(Some(keys("pk", "sk").to_vec()))
        .global_secondary_indexes(index)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
    DynamoTable::new(Clients::with(config.clone()), name)
}
