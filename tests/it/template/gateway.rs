//! The gateway of sockets: one, whose every event is told to `live`, and which nobody else may call it by.

use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, function, resources_of},
};

const URL: &str = "!Sub 'wss://${LiveApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live'";
const FUNCTION: &str = "!Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Live.Arn}/invocations'";
const CALLER: &str = "!Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${LiveApi}/*'";
const TARGET: &str = "!Sub 'integrations/${LiveIntegration}'";

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).expect("it is YAML")
}

pub(super) fn gateway(facts: &Facts) -> Vec<String> {
    let expected = [
        ("LiveApi/Properties/ProtocolType", "WEBSOCKET"),
        ("LiveApi/Properties/RouteSelectionExpression", "$request.body.event"),
        ("LiveIntegration/Properties/ApiId", "!Ref LiveApi"),
        ("LiveIntegration/Properties/IntegrationType", "AWS_PROXY"),
        ("LiveIntegration/Properties/IntegrationUri", FUNCTION),
        ("LiveConnect/Properties/RouteKey", "$connect"),
        ("LiveConnect/Properties/AuthorizationType", "NONE"),
        ("LiveDefault/Properties/RouteKey", "$default"),
        ("LiveDisconnect/Properties/RouteKey", "$disconnect"),
        ("LiveStage/Properties/ApiId", "!Ref LiveApi"),
        ("LiveStage/Properties/StageName", "live"),
        ("LiveStage/Properties/AutoDeploy", "true"),
        (
            "LiveStage/Properties/DefaultRouteSettings",
            "{ ThrottlingBurstLimit: 500, ThrottlingRateLimit: 500 }",
        ),
        ("LivePermission/Properties/FunctionName", "!Ref Live"),
        ("LivePermission/Properties/Action", "lambda:InvokeFunction"),
        ("LivePermission/Properties/Principal", "apigateway.amazonaws.com"),
        ("LivePermission/Properties/SourceArn", CALLER),
    ];
    let resources = at(&facts.template, "Resources");
    let differ = expected.iter().filter(|(path, value)| *at(resources, path) != yaml(value));
    let mut wrong: Vec<_> = differ.map(|(path, value)| format!("{path} is not {value}")).collect();
    for route in ["LiveConnect", "LiveDefault", "LiveDisconnect"] {
        let properties = at(resources, &format!("{route}/Properties"));
        if *at(properties, "ApiId") != yaml("!Ref LiveApi") || *at(properties, "Target") != yaml(TARGET) {
            wrong.push(format!("{route} does not lead to the function"));
        }
    }
    let counts = [
        ("AWS::ApiGatewayV2::Api", 1),
        ("AWS::ApiGatewayV2::Integration", 1),
        ("AWS::ApiGatewayV2::Route", 3),
        ("AWS::ApiGatewayV2::Stage", 1),
        // The other is the log's: see `doors`.
        ("AWS::Lambda::Permission", 2),
    ];
    for (kind, count) in counts {
        let found = resources_of(facts, kind).len();
        if found != count {
            wrong.push(format!("there are {found} resources of {kind}, and {count} are looked at"));
        }
    }
    // Who tells clients where sockets are, and who calls the gateway about them, mean the same one.
    for function_ in &facts.functions {
        let told = at(function(facts, &function_.name), "Properties/Environment/Variables/LIVE_URL");
        if *told != Value::Null && *told != yaml(URL) {
            wrong.push(format!("{}: LIVE_URL is not {URL}", function_.name));
        }
    }
    wrong
}
