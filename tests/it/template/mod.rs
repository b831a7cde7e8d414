//! The template says what the code says: functions, queues, settings, permissions.
//!
//! The linters of SAM and `CloudFormation` let all of this pass; each check here is shown to bite, on a template that
//! was bent for it.

mod alarms;
mod bucket;
mod checks;
mod doors;
mod gateway;
mod grants;

use serde_yaml_ng::Value;
use std::{fs, path::PathBuf};

/// The template and what it is compared with.
struct Facts {
    template: Value,
    /// Of each function: its name, what its `Deps` name, and whether a test of its own feeds it its event.
    functions: Vec<Function>,
    settings: Vec<String>,
}

struct Function {
    name: String,
    deps: Vec<String>,
    has_event: bool,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

impl Facts {
    fn gather() -> Self {
        let mut names: Vec<_> = fs::read_dir(root().join("functions"))
            .expect("there are functions")
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .collect();
        names.sort();
        let function = |name: String| Function {
            deps: deps_of(&read(&format!("functions/{name}/src/lib.rs"))),
            has_event: is_fed(&name),
            name,
        };
        let settings = read("shared/runtime/src/env.rs");
        let (_, list) = settings.split_once("pub const SETTINGS").expect("the settings are listed");
        let list = list.split_once("];").expect("the list ends").0;
        Self {
            template: serde_yaml_ng::from_str(&read("template.yaml")).expect("the template is YAML"),
            functions: names.into_iter().map(function).collect(),
            settings: list.split('"').skip(1).step_by(2).map(str::to_owned).collect(),
        }
    }

    /// With one thing bent.
    fn bent(from: &str, to: &str) -> Self {
        let text = read("template.yaml");
        assert!(text.contains(from), "the template has no {from:?} to bend");
        let template = serde_yaml_ng::from_str(&text.replacen(from, to, 1)).expect("it is YAML still");
        Self { template, ..Self::gather() }
    }
}

/// Whether there is an event, and a test of the function that takes it.
fn is_fed(name: &str) -> bool {
    let (event, tests) = (format!("events/{name}.json"), root().join(format!("functions/{name}/tests")));
    let files = fs::read_dir(tests).into_iter().flatten().flatten();
    let mut told = files.filter_map(|file| fs::read_to_string(file.path()).ok());
    root().join(&event).exists() && told.any(|text| text.contains(&event))
}

/// The types of the fields of `Deps`, without what is around them; of a desk, the ports on it.
fn deps_of(lib: &str) -> Vec<String> {
    let (_, fields) = lib.split_once("pub struct Deps {").expect("a function has Deps");
    let fields = fields.split_once('}').expect("the struct ends").0;
    let types = fields.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    let types = types.map(|(_, kind)| kind.trim_end_matches([',', '>']).replace("Arc<dyn ", ""));
    let ports = types.flat_map(|kind| match kind.as_str() {
        "Desk" => vec!["DeadLetters".to_owned(), "Depths".to_owned()],
        "Proofs" => vec!["SignInProvider".to_owned(), "Registrars".to_owned()],
        _ => vec![kind],
    });
    ports.collect()
}

#[test]
fn the_template_says_what_the_code_says() {
    let facts = Facts::gather();
    for (what, check) in checks::ALL {
        assert_eq!(check(&facts), Vec::<String>::new(), "{what}");
    }
}

/// Of the first function.
const POLICIES: &str = "      Policies:\n        - Version:";
const MAILER_CONDITION: &str =
    "              Condition:\n                StringEquals: { \"ses:FromAddress\": !Ref MailFrom }\n";
/// Of dead letters, whose alarm stands first.
const DEAD_BOUND: &str = "      Threshold: 0\n      ComparisonOperator: GreaterThanThreshold";

#[test]
fn every_check_bites() {
    let bends = [
        (
            "functions",
            "  Tick:\n    Type: AWS::Serverless::Function",
            "  Tock:\n    Type: AWS::Serverless::Function",
        ),
        ("functions", "Binary: tick", "Binary: tock"),
        ("ids", "        Messages:\n", "        Queue:\n"),
        ("actions", "sqs:SendMessage", "sqs:SendMessageBatch"),
        ("permissions", "Action: [ses:SendEmail]", "Action: [ses:SendEmail, ses:DeleteIdentity]"),
        ("permissions", "- Sid: KeyWrap", "- Sid: Mailer"),
        ("permissions", "Action: [s3:DeleteObject, s3:GetObject", "Action: [s3:GetObject"),
        ("resources", "Resource: [!Ref Secret]", "Resource: \"*\""),
        (
            "resources",
            "Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/gsi1\"]",
            "Resource: [!GetAtt Table.Arn]",
        ),
        (
            "resources",
            "Resource: [!GetAtt Table.Arn]",
            "Resource: [!GetAtt Table.Arn, !Sub \"${Table.Arn}/index/gsi1\"]",
        ),
        ("resources", "Resource: [!GetAtt Table.Arn]", "Resource: [\"arn:aws:dynamodb:*:*:table/*\"]"),
        ("resources", "Resource: [!GetAtt Table.Arn]", "Resource: []"),
        ("resources", "!GetAtt SyncQueue.Arn]", "!GetAtt SyncDead.Arn]"),
        ("resources", "Resource: [!GetAtt Key.Arn]", "Resource: [!GetAtt Key.Arn, !GetAtt Other.Arn]"),
        ("resources", "Resource: [!Ref Secret]", "Resource: [!GetAtt Secret]"),
        ("resources", ":identity/*\"]", ":*\"]"),
        ("resources", MAILER_CONDITION, ""),
        ("resources", "StringNotEquals: { \"ses:FromAddress\"", "StringEquals: { \"ses:FromAddress\""),
        ("resources", "NotResource: [!Sub", "Resource: [!Sub"),
        ("resources", "NotResource: [!Sub", "Resource: [\"*\"]\n              NotResource: [!Sub"),
        ("resources", "configuration-set/${SendingConfiguration}\"", "configuration-set/*\""),
        ("permissions", "Action: [sns:Publish]", "Action: [sns:Publish, sns:ListOriginationNumbers]"),
        ("settings", "          SENDING_CONFIGURATION: !Ref SendingConfiguration\n", ""),
        ("resources", "StringEquals: { \"ses:FromAddress\"", "StringLike: { \"ses:FromAddress\""),
        ("resources", "\"ses:FromAddress\": !Ref MailFrom", "\"ses:FromAddress\": \"*\""),
        (
            "resources",
            "[!GetAtt AudienceDead.Arn, !GetAtt CampaignDead",
            "[!GetAtt AudienceQueue.Arn, !GetAtt CampaignDead",
        ),
        ("resources", "                - !GetAtt NotifyDead.Arn\n", ""),
        ("permissions", "sqs:DeleteMessage, sqs:GetQueueAttributes,", "sqs:GetQueueAttributes,"),
        ("permissions", "Action: [sqs:GetQueueAttributes]", "Action: [sqs:ReceiveMessage]"),
        (
            "permissions",
            "            - Sid: Waits\n              Effect: Allow\n              Action: [sqs:ChangeMessageVisibility]\n              Resource: [!GetAtt NotifyQueue.Arn]\n",
            "",
        ),
        (
            "permissions",
            "- Sid: Waits\n              Effect: Allow\n              Action: [sqs:ChangeMessageVisibility]",
            "- Sid: Waits\n              Effect: Allow\n              Action: [sqs:ReceiveMessage]",
        ),
        (
            "resources",
            "Action: [sqs:ChangeMessageVisibility]\n              Resource: [!GetAtt AudienceQueue",
            "Action: [sqs:ChangeMessageVisibility]\n              Resource: [!GetAtt NotifyQueue",
        ),
        (
            "settings",
            "          QUEUE_NOTIFY_URL: !Ref NotifyQueue\n          SECRET_ID: !Ref Secret\n          MAIL_FROM",
            "          SECRET_ID: !Ref Secret\n          MAIL_FROM",
        ),
        ("settings", "          DEAD_IMPORT_URL: !Ref ImportDead\n", ""),
        ("settings", "          OPERATORS: !Ref Operators\n", ""),
        ("policies", POLICIES, "      Policies:\n        - AmazonDynamoDBFullAccess\n        - Version:"),
        (
            "policies",
            POLICIES,
            "      Policies:\n        - DynamoDBCrudPolicy: { TableName: !Ref Table }\n        - Version:",
        ),
        (
            "policies",
            POLICIES,
            "      Role: arn:aws:iam::123456789012:role/admin\n      Policies:\n        - Version:",
        ),
        ("policies", "          Statement:\n", "          Id: x\n          Statement:\n"),
        ("policies", "              Action: [sqs:SendMessage]", "              NotAction: [sqs:SendMessage]"),
        ("policies", "Effect: Allow\n              Action: [sqs", "Effect: Deny\n              Action: [sqs"),
        ("policies", "    Type: AWS::SNS::Topic", "    Type: AWS::IAM::Policy"),
        ("policies", "    Type: AWS::SNS::Topic", "    Type: AWS::Serverless::Connector"),
        (
            "policies",
            "    MemorySize: 256",
            "    MemorySize: 256\n    Role: arn:aws:iam::123456789012:role/admin",
        ),
        (
            "policies",
            "      BuildProperties: { Binary: tick }",
            "      BuildProperties: { Binary: tick }\n    Connectors: {}",
        ),
        ("doors", "AuthType: NONE", "AuthType: AWS_IAM"),
        ("doors", "      CodeUri: .\n", "      CodeUri: .\n      FunctionUrlConfig: { AuthType: NONE }\n"),
        ("doors", "prefix: aws.partner/shopify.com/", "prefix: aws"),
        ("doors", "EventBusName: !Ref ShopifyBus", "EventBusName: default"),
        ("doors", "\"task\":\"apply_bridged\"", "\"task\":\"apply_event\""),
        ("doors", "Service: events.amazonaws.com", "AWS: \"*\""),
        ("doors", "ArnEquals: { \"aws:SourceArn\"", "ArnLike: { \"aws:SourceArn\""),
        ("doors", "    Type: AWS::SNS::Topic", "    Type: AWS::SQS::QueuePolicy"),
        ("doors", "Principal: logs.amazonaws.com", "Principal: \"*\""),
        ("doors", "DirectPublishToPhoneNumber*\"", "*\""),
        ("doors", "    Condition: HasTextReceipts\n    DependsOn", "    DependsOn"),
        ("doors", "    Type: AWS::SNS::Topic", "    Type: AWS::Logs::SubscriptionFilter"),
        ("doors", "Path: \"/webhook/{proxy+}\"", "Path: \"/webhook/{topic}\""),
        ("doors", "Path: \"/webhooks/{proxy+}\"", "Path: \"/{proxy+}\""),
        ("doors", "Path: \"/t/{proxy+}\"", "Path: \"/t\""),
        ("doors", "Method: ANY, Path: /api/webhooks }", "Method: POST, Path: /api/webhooks }"),
        ("doors", "Path: /webhook }", "Path: /webhook, PayloadFormatVersion: \"1.0\" }"),
        ("doors", "{ ApiId: !Ref HttpApi }", "{ ApiId: !Ref HttpApi, Method: POST, Path: /webhooks }"),
        (
            "doors",
            "        Minute:\n",
            "        Told:\n          Type: HttpApi\n          Properties: { ApiId: !Ref HttpApi, Method: POST, Path: /webhooks/x }\n        Minute:\n",
        ),
        ("gateway", "RouteKey: $connect", "RouteKey: $join"),
        ("gateway", "ProtocolType: WEBSOCKET", "ProtocolType: HTTP"),
        ("gateway", "functions/${Live.Arn}/", "functions/${Api.Arn}/"),
        ("gateway", "StageName: live", "StageName: other"),
        ("gateway", "      AutoDeploy: true\n", ""),
        ("gateway", "ThrottlingRateLimit: 500", "ThrottlingRateLimit: 50000"),
        ("gateway", "${LiveApi}/*\"", "*\""),
        ("gateway", "FunctionName: !Ref Live", "FunctionName: !Ref Api"),
        ("gateway", "    Type: AWS::SNS::Topic", "    Type: AWS::Lambda::Permission"),
        ("gateway", "    Type: AWS::SNS::Topic", "    Type: AWS::ApiGatewayV2::Route"),
        ("gateway", "LIVE_URL: !Sub \"wss://${LiveApi}", "LIVE_URL: !Sub \"wss://${HttpApi}"),
        ("resources", "/live/*/@connections/*", "/*"),
        ("timeouts", "Timeout: 29", "Timeout: 15"),
        ("timeouts", "Timeout: 29", "Timeout: 30"),
        ("timeouts", "Timeout: 30", "Timeout: 31"),
        ("timeouts", "Timeout: 50", "Timeout: 25"),
        ("parameters", "AllowedPattern: \"[^<> ]+@[^<> ]+\"", "AllowedPattern: .+@.+"),
        ("retained", "Description: Signing keys", "Name: secrets\n      Description: Signing keys"),
        ("queues", "VisibilityTimeout: 180", "VisibilityTimeout: 179"),
        ("queues", "maxReceiveCount: 5", "maxReceiveCount: 4"),
        ("queues", "FunctionResponseTypes: [ReportBatchItemFailures]", "FunctionResponseTypes: []"),
        (
            "queues",
            "deadLetterTargetArn: !GetAtt NotifyDead.Arn",
            "deadLetterTargetArn: !GetAtt Elsewhere.Arn",
        ),
        ("alarms", "Value: !GetAtt NotifyDead.QueueName", "Value: !GetAtt NotifyQueue.QueueName"),
        ("alarms", "Dimensions: [{ Name: FunctionName, Value: !Ref Tick }]", "Dimensions: []"),
        ("alarms", "TreatMissingData: breaching", "TreatMissingData: notBreaching"),
        ("alarms", "ComparisonOperator: LessThanThreshold", "ComparisonOperator: GreaterThanThreshold"),
        ("alarms", "MetricName: Invocations", "MetricName: Errors"),
        ("alarms", "AlarmActions: [!Ref Alarms]", "AlarmActions: []"),
        ("alarms", "Endpoint: !Ref AlarmMail", "Endpoint: nobody@example.com"),
        ("alarms", "Namespace: AWS/SQS", "Namespace: AWS/SNS"),
        ("alarms", DEAD_BOUND, "      Threshold: 1000\n      ComparisonOperator: GreaterThanThreshold"),
        ("alarms", DEAD_BOUND, "      Threshold: 0\n      ComparisonOperator: LessThanThreshold"),
        ("alarms", "      Threshold: 5", "      Threshold: 500"),
        ("alarms", "      Threshold: 2", "      Threshold: 20"),
        ("alarms", "EvaluationPeriods: 2", "EvaluationPeriods: 20"),
        ("alarms", "      Statistic: Maximum", "      Statistic: Minimum"),
        ("alarms", "      Period: 60\n", "      Period: 86400\n"),
        ("alarms", "      MetricName: Throttles", "      ActionsEnabled: false\n      MetricName: Throttles"),
        ("logs", "LoggingConfig: { LogGroup: !Ref TickLogs }", "LoggingConfig: {}"),
        ("logs", "RetentionInDays: !Ref LogDays", "Tags: []"),
        ("settings", "SECRET_ID: !Ref Secret", "SECRETS: !Ref Secret"),
        ("settings", "          MAIL_FROM: !Ref MailFrom\n", ""),
        ("parameters", "  LogDays:\n    Type: Number", "  LogWeeks:\n    Type: Number"),
        (
            "retained",
            "    Properties:\n      PublicAccess",
            "    Properties:\n      BucketName: files\n      PublicAccess",
        ),
        (
            "resources",
            "${Files.Arn}/*\"]\n            - Sid: SecretBox",
            "${Files.Arn}*\"]\n            - Sid: SecretBox",
        ),
        ("permissions", "s3:ListBucket, ", ""),
        ("permissions", "s3:PutObject]", "s3:PutObject, s3:DeleteObject]"),
        ("bucket", "BlockPublicAcls: true", "BlockPublicAcls: false"),
        ("bucket", "        BlockPublicPolicy: true\n", ""),
        ("bucket", "IgnorePublicAcls: true", "IgnorePublicAcls: false"),
        ("bucket", "RestrictPublicBuckets: true", "RestrictPublicBuckets: false"),
        ("bucket", "BucketOwnerEnforced", "ObjectWriter"),
        ("bucket", "SSEAlgorithm: AES256", "SSEAlgorithm: none"),
        ("bucket", "ExpirationInDays: 7", "ExpirationInDays: 70"),
        ("bucket", "DaysAfterInitiation: 1", "DaysAfterInitiation: 10"),
        ("bucket", "Id: Files, Status: Enabled", "Id: Files, Status: Disabled"),
        ("bucket", "Id: Unfinished, Status: Enabled", "Id: Unfinished, Status: Disabled"),
        ("bucket", "Status: Enabled, ExpirationInDays", "Status: Enabled, Prefix: a, ExpirationInDays"),
        (
            "bucket",
            "      OwnershipControls",
            "      VersioningConfiguration: { Status: Enabled }\n      OwnershipControls",
        ),
        ("bucket", "AllowedMethods: [GET, PUT]", "AllowedMethods: [GET, PUT, DELETE]"),
        ("bucket", "[!Ref Origin]]", "[\"*\"]]"),
        ("bucket", "\"aws:SecureTransport\": \"false\"", "\"aws:SecureTransport\": \"true\""),
        ("bucket", "Action: \"s3:*\"", "Action: \"s3:PutObject\""),
        ("bucket", "Bucket: !Ref Files", "Bucket: elsewhere"),
        (
            "bucket",
            "          - Sid: OverTlsOnly",
            "          - { Effect: Allow, Principal: \"*\", Action: \"s3:GetObject\", Resource: \"*\" }\n          - Sid: OverTlsOnly",
        ),
        ("bucket", "    Type: AWS::SNS::Topic", "    Type: AWS::S3::Bucket"),
        ("bucket", "AllowedPattern: (https?://[^/, ]+(,https?://[^/, ]+)*)?", "AllowedPattern: .*"),
        ("table", "AttributeName: expires_at", "AttributeName: ttl"),
        ("table", "PointInTimeRecoveryEnabled: true", "PointInTimeRecoveryEnabled: false"),
    ];
    for (what, from, to) in bends {
        let (_, check) = checks::ALL.iter().find(|(known, _)| *known == what).expect("a check of that name");
        assert!(!check(&Facts::bent(from, to)).is_empty(), "{what} does not see {to:?}");
    }
    let mut facts = Facts::gather();
    facts.functions[0].has_event = false;
    assert!(!checks::functions(&facts).is_empty(), "a function that is not fed its event is seen");
    let mut facts = Facts::gather();
    facts.functions[0].deps.push("Mailer".to_owned());
    assert!(!grants::permissions(&facts).is_empty(), "a dependency without its permission is seen");
}
