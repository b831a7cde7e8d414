//! The bucket is ours alone, and nothing stays in it.

use local::files::{KEPT_DAYS, UNFINISHED_KEPT_DAYS};
use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, resources_of, text},
};

/// Pages of these may follow links: the origins that may call the API.
const ORIGINS: &str =
    "!If [HasAllowedOrigins, !Split [',', !Sub '${Origin},${AllowedOrigins}'], [!Ref Origin]]";
const OVER_TLS_ONLY: &str = "[{ Sid: OverTlsOnly, Effect: Deny, Principal: '*', Action: 's3:*', \
     Resource: [!GetAtt Files.Arn, !Sub '${Files.Arn}/*'], Condition: { Bool: { 'aws:SecureTransport': 'false' } } }]";

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).expect("it is YAML")
}

pub(super) fn bucket(facts: &Facts) -> Vec<String> {
    let lifecycle = format!(
        "[{{ Id: Files, Status: Enabled, ExpirationInDays: {KEPT_DAYS} }}, \
         {{ Id: Unfinished, Status: Enabled, \
         AbortIncompleteMultipartUpload: {{ DaysAfterInitiation: {UNFINISHED_KEPT_DAYS} }} }}]"
    );
    let expected = [
        ("Files/Properties/PublicAccessBlockConfiguration/BlockPublicAcls", "true"),
        ("Files/Properties/PublicAccessBlockConfiguration/BlockPublicPolicy", "true"),
        ("Files/Properties/PublicAccessBlockConfiguration/IgnorePublicAcls", "true"),
        ("Files/Properties/PublicAccessBlockConfiguration/RestrictPublicBuckets", "true"),
        ("Files/Properties/OwnershipControls/Rules", "[{ ObjectOwnership: BucketOwnerEnforced }]"),
        (
            "Files/Properties/BucketEncryption/ServerSideEncryptionConfiguration",
            "[{ ServerSideEncryptionByDefault: { SSEAlgorithm: AES256 } }]",
        ),
        ("Files/Properties/LifecycleConfiguration/Rules", &lifecycle),
        // A version that is kept is a file that is not gone.
        ("Files/Properties/VersioningConfiguration", "null"),
        ("Files/Properties/CorsConfiguration/CorsRules/0/AllowedMethods", "[GET, PUT]"),
        ("Files/Properties/CorsConfiguration/CorsRules/0/AllowedOrigins", ORIGINS),
        ("Files/Properties/CorsConfiguration/CorsRules/1", "null"),
        ("Files/DeletionPolicy", "Retain"),
        ("FilesPolicy/Properties/Bucket", "!Ref Files"),
        ("FilesPolicy/Properties/PolicyDocument/Statement", OVER_TLS_ONLY),
    ];
    let resources = at(&facts.template, "Resources");
    let differ = expected.iter().filter(|(path, value)| *at(resources, path) != yaml(value));
    let mut wrong: Vec<_> = differ.map(|(path, value)| format!("{path} is not {value}")).collect();
    for kind in ["AWS::S3::Bucket", "AWS::S3::BucketPolicy"] {
        let all = resources_of(facts, kind);
        if all.len() != 1 {
            wrong.push(format!("there are {} resources of {kind}, and one is looked at", all.len()));
        }
    }
    // S3 does not trim what stands between two commas.
    let pattern = text(at(&facts.template, "Parameters/AllowedOrigins/AllowedPattern"));
    if pattern != "(https?://[^/, ]+(,https?://[^/, ]+)*)?" {
        wrong.push("AllowedOrigins may hold what is no list of origins".to_owned());
    }
    wrong
}
