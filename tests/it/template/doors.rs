//! By what ways something comes in that is nobody's yet: the gateway's routes, the one URL that everybody may call, the one bus,
//! and the logs of texts.

use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, function, resources_of, text},
};

const PATTERN: &str = "{ source: [{ prefix: aws.partner/shopify.com/ }], detail-type: [shopifyWebhook] }";
const TASK: &str = r#"{ InputTemplate: '{"task":"apply_bridged","event":<aws.events.event.json>}' }"#;
const FROM_THE_RULE_ONLY: &str = "[{ Sid: FromTheRuleOnly, Effect: Allow, Principal: { Service: events.amazonaws.com }, \
     Action: 'sqs:SendMessage', Resource: [!GetAtt IngestQueue.Arn, !GetAtt IngestDead.Arn], \
     Condition: { ArnEquals: { 'aws:SourceArn': !GetAtt IngestBridge.Arn } } }]";
const FROM_THE_TOPIC_ONLY: &str = "[{ Sid: FromTheTopicOnly, Effect: Allow, Principal: { Service: sns.amazonaws.com }, \
     Action: 'sqs:SendMessage', Resource: [!GetAtt ReceiptQueue.Arn, !GetAtt ReceiptDead.Arn], \
     Condition: { ArnEquals: { 'aws:SourceArn': !Ref SendingEvents } } }]";
const FROM_SES_ONLY: &str = "[{ Sid: FromSesOnly, Effect: Allow, Principal: { Service: ses.amazonaws.com }, \
     Action: 'sns:Publish', Resource: !Ref SendingEvents, \
     Condition: { StringEquals: { 'aws:SourceAccount': !Ref AWS::AccountId } } }]";

const TEXTS: &str = "!Sub 'sns/${AWS::Region}/${AWS::AccountId}/DirectPublishToPhoneNumber'";
const TEXTS_FAILED: &str = "!Sub 'sns/${AWS::Region}/${AWS::AccountId}/DirectPublishToPhoneNumber/Failure'";
/// Of this account's two logs of texts, and of no other.
const FROM_THE_LOGS_ONLY: &str = "{ FunctionName: !Ref Receipt, Action: 'lambda:InvokeFunction', \
     Principal: logs.amazonaws.com, SourceAccount: !Ref AWS::AccountId, \
     SourceArn: !Sub 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:sns/${AWS::Region}/${AWS::AccountId}/DirectPublishToPhoneNumber*' }";

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).expect("it is YAML")
}

/// Everybody may call `webhook` and `track`, which believe signatures alone; no other function has a URL. To each of their
/// addresses, and below, the gateway leads there, and everything else to `api`. Into the queue of what shops tell comes, beside what functions
/// leave, what the one rule brings from Shopify's own bus.
pub(super) fn doors(facts: &Facts) -> Vec<String> {
    let mut wrong = routes_that_differ(facts);
    for function_ in &facts.functions {
        let url = at(function(facts, &function_.name), "Properties/FunctionUrlConfig");
        let is_open = ["track", "webhook"].contains(&function_.name.as_str());
        let expected = if is_open { "{ AuthType: NONE }" } else { "null" };
        if *url != yaml(expected) {
            wrong.push(format!("{}: its URL is not {expected}", function_.name));
        }
    }
    let expected = [
        ("IngestBridge/Condition", "HasShopifyBus"),
        ("IngestBridge/Properties/EventBusName", "!Ref ShopifyBus"),
        ("IngestBridge/Properties/EventPattern", PATTERN),
        ("IngestBridge/Properties/Targets/0/Arn", "!GetAtt IngestQueue.Arn"),
        ("IngestBridge/Properties/Targets/0/DeadLetterConfig/Arn", "!GetAtt IngestDead.Arn"),
        ("IngestBridge/Properties/Targets/0/InputTransformer", TASK),
        ("IngestBridge/Properties/Targets/1", "null"),
        ("IngestBridgePolicy/Condition", "HasShopifyBus"),
        ("IngestBridgePolicy/Properties/PolicyDocument/Statement", FROM_THE_RULE_ONLY),
        ("ReceiptQueuePolicy/Properties/PolicyDocument/Statement", FROM_THE_TOPIC_ONLY),
        ("SendingEventsPolicy/Properties/PolicyDocument/Statement", FROM_SES_ONLY),
        ("SendingEventsToReceipt/Properties/Endpoint", "!GetAtt ReceiptQueue.Arn"),
        (
            "SendingEventsToReceipt/Properties/RedrivePolicy",
            "{ deadLetterTargetArn: !GetAtt ReceiptDead.Arn }",
        ),
        ("TextsDelivered/Condition", "HasTextReceipts"),
        ("TextsDelivered/Properties/LogGroupName", TEXTS),
        ("TextsDelivered/Properties/DestinationArn", "!GetAtt Receipt.Arn"),
        ("TextsFailed/Condition", "HasTextReceipts"),
        ("TextsFailed/Properties/LogGroupName", TEXTS_FAILED),
        ("TextsFailed/Properties/DestinationArn", "!GetAtt Receipt.Arn"),
        ("TextsPermission/Condition", "HasTextReceipts"),
        ("TextsPermission/Properties", FROM_THE_LOGS_ONLY),
    ];
    let resources = at(&facts.template, "Resources");
    let differ = expected.iter().filter(|(path, value)| *at(resources, path) != yaml(value));
    wrong.extend(differ.map(|(path, value)| format!("{path} is not {value}")));
    let doors = [
        ("AWS::Events::Rule", 1),
        ("AWS::SQS::QueuePolicy", 2),
        ("AWS::SNS::TopicPolicy", 1),
        ("AWS::Logs::SubscriptionFilter", 2),
    ];
    for (kind, known) in doors {
        if resources_of(facts, kind).len() != known {
            wrong.push(format!("of {kind} there are more resources than {known}, or fewer"));
        }
    }
    wrong
}

/// A function, and the properties of an event that brings it what comes to the gateway.
type Route = (String, Value);

fn routes(facts: &Facts) -> Vec<Route> {
    let mut all = Vec::new();
    for function_ in &facts.functions {
        if let Value::Mapping(events) = at(function(facts, &function_.name), "Properties/Events") {
            let http = events.values().filter(|event| text(at(event, "Type")) == "HttpApi");
            all.extend(http.map(|event| (function_.name.clone(), at(event, "Properties").clone())));
        }
    }
    all
}

fn routes_that_differ(facts: &Facts) -> Vec<String> {
    let to =
        |function: &str, told: &str| (function.to_owned(), yaml(&format!("{{ ApiId: !Ref HttpApi{told} }}")));
    let linked = format!(", Method: ANY, Path: '{}/{{proxy+}}'", track::BEGINNING);
    let mut expected = vec![to("api", ""), to("track", &linked)];
    for beginning in webhook::BEGINNINGS {
        for path in [beginning.to_owned(), format!("{beginning}/{{proxy+}}")] {
            expected.push(to("webhook", &format!(", Method: ANY, Path: '{path}'")));
        }
    }
    let found = routes(facts);
    let missing = expected.iter().filter(|route| !found.contains(route));
    let further = found.iter().filter(|route| !expected.contains(route));
    let missing = missing.map(|(function, told)| format!("{function}: {told:?} does not lead there"));
    missing.chain(further.map(|(function, told)| format!("{function}: {told:?} leads there"))).collect()
}

/// Whether the gateway leads what comes there to `webhook`, however it comes: who does not post is told so by the function.
fn is_led(facts: &Facts, path: &str) -> bool {
    let is_covered = |route: &str| match route.strip_suffix("{proxy+}") {
        Some(above) => path.strip_prefix(above).is_some_and(|below| !below.is_empty()),
        None => path == route,
    };
    let mut routes = routes(facts).into_iter();
    let is_any = |told: &Value| text(at(told, "Method")) == "ANY";
    routes.any(|(function, told)| {
        function == "webhook" && is_any(&told) && is_covered(&text(at(&told, "Path")))
    })
}

/// A path alone is one at the host of `application_url`, where the gateway is.
#[test]
fn what_shopify_is_asked_to_tell_comes_to_the_function_that_takes_it() {
    let app: toml::Table = super::read("shopify.app.toml").parse().expect("it is TOML");
    let asked = app["webhooks"]["subscriptions"].as_array().expect("topics are asked for");
    let bent = Facts::bent("Path: \"/webhooks/{proxy+}\"", "Path: \"/elsewhere/{proxy+}\"");
    let only_post = Facts::bent(
        "Method: ANY, Path: \"/webhooks/{proxy+}\"",
        "Method: POST, Path: \"/webhooks/{proxy+}\"",
    );
    for uri in asked.iter().map(|asked| asked["uri"].as_str().expect("somewhere")) {
        assert!(is_led(&Facts::gather(), uri), "{uri}");
        assert!(!is_led(&bent, uri), "{uri}: it is seen that it is led nowhere");
        assert!(!is_led(&only_post, uri), "{uri}: it is seen that a look meets something else");
    }
}
