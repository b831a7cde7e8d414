//! By what ways something comes in that is nobody's yet: the one URL that everybody may call, and the one bus.

use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, function, resources_of},
};

const PATTERN: &str = "{ source: [{ prefix: aws.partner/shopify.com/ }], detail-type: [shopifyWebhook] }";
const TASK: &str = r#"{ InputTemplate: '{"task":"apply_bridged","event":<aws.events.event.json>}' }"#;
const FROM_THE_RULE_ONLY: &str = "[{ Sid: FromTheRuleOnly, Effect: Allow, Principal: { Service: events.amazonaws.com }, \
     Action: 'sqs:SendMessage', Resource: [!GetAtt IngestQueue.Arn, !GetAtt IngestDead.Arn], \
     Condition: { ArnEquals: { 'aws:SourceArn': !GetAtt IngestBridge.Arn } } }]";

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).expect("it is YAML")
}

/// Everybody may call `webhook`, which believes nobody; no other function has a URL. Into its queue comes, beside what
/// functions leave, what the one rule brings from Shopify's own bus.
pub(super) fn doors(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function_ in &facts.functions {
        let url = at(function(facts, &function_.name), "Properties/FunctionUrlConfig");
        let expected = if function_.name == "webhook" { "{ AuthType: NONE }" } else { "null" };
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
    ];
    let resources = at(&facts.template, "Resources");
    let differ = expected.iter().filter(|(path, value)| *at(resources, path) != yaml(value));
    wrong.extend(differ.map(|(path, value)| format!("{path} is not {value}")));
    for kind in ["AWS::Events::Rule", "AWS::SQS::QueuePolicy"] {
        if resources_of(facts, kind).len() != 1 {
            wrong.push(format!("there is more than one resource of {kind}, or none"));
        }
    }
    wrong
}
