//! The alarms: what must be heard, as the template has to say it.

use domain::Queue;
use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, has_event, resource_name, resources_of},
};

/// Above this many, in one period or in two.
fn above(threshold: u32, periods: u32) -> String {
    format!(
        "EvaluationPeriods: {periods}, Threshold: {threshold}, ComparisonOperator: GreaterThanThreshold, \
         TreatMissingData: notBreaching"
    )
}

/// What must be heard, in words and as properties.
fn expected(facts: &Facts) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for function in &facts.functions {
        let (name, is_timer) = (&function.name, has_event(facts, &function.name, "Schedule"));
        let resource = resource_name(name);
        let of = format!("Dimensions: [{{ Name: FunctionName, Value: !Ref {resource} }}], Statistic: Sum");
        // The next minute does what one minute left: a single failure of a timer is no news.
        let bound = if is_timer { above(2, 2) } else { above(0, 1) };
        let errors = format!("Namespace: AWS/Lambda, MetricName: Errors, {of}, Period: 300, {bound}");
        all.push((format!("errors of {name}"), errors));
        if is_timer {
            let silence = format!(
                "Namespace: AWS/Lambda, MetricName: Invocations, {of}, Period: 300, EvaluationPeriods: 1, \
                 Threshold: 1, ComparisonOperator: LessThanThreshold, TreatMissingData: breaching"
            );
            all.push((format!("the silence of {name}"), silence));
        }
    }
    for queue in Queue::ALL {
        let dead = format!("!GetAtt {}Dead.QueueName", resource_name(queue.name()));
        let letters = format!(
            "Namespace: AWS/SQS, MetricName: ApproximateNumberOfMessagesVisible, \
             Dimensions: [{{ Name: QueueName, Value: {dead} }}], Statistic: Maximum, Period: 60, {}",
            above(0, 1)
        );
        all.push((format!("dead letters of {queue}"), letters));
    }
    let answers = format!(
        "Namespace: AWS/ApiGateway, MetricName: 5xx, Dimensions: [{{ Name: ApiId, Value: !Ref HttpApi }}], \
         Statistic: Sum, Period: 300, {}",
        above(5, 1)
    );
    all.push(("answers that say it was our fault".to_owned(), answers));
    let throttles =
        format!("Namespace: AWS/Lambda, MetricName: Throttles, Statistic: Sum, Period: 300, {}", above(0, 1));
    all.push(("calls that Lambda turns away".to_owned(), throttles));
    all
}

pub(super) fn alarms(facts: &Facts) -> Vec<String> {
    let found: Vec<_> = resources_of(facts, "AWS::CloudWatch::Alarm")
        .into_iter()
        .map(|(name, alarm)| (name, at(alarm, "Properties").clone()))
        .collect();
    let mut wrong = Vec::new();
    let mut heard = Vec::new();
    for (what, properties) in expected(facts) {
        let properties = format!("{{ {properties}, AlarmActions: [!Ref Alarms] }}");
        let properties: Value = serde_yaml_ng::from_str(&properties).expect("it is YAML");
        match found.iter().find(|(_, told)| without_words(told) == properties) {
            Some((name, _)) => heard.push(name),
            None => wrong.push(format!("nobody hears of {what}")),
        }
    }
    let unknown = found.iter().map(|(name, _)| name).filter(|name| !heard.contains(name));
    wrong.extend(unknown.map(|name| format!("{name} is an alarm that nobody expects")));
    let topic = at(&facts.template, "Resources/Alarms/Properties/Subscription");
    let mail: Value =
        serde_yaml_ng::from_str("[{ Protocol: email, Endpoint: !Ref AlarmMail }]").expect("YAML");
    if *topic != mail {
        wrong.push("alarms are mailed to nobody".to_owned());
    }
    wrong
}

fn without_words(properties: &Value) -> Value {
    let mut properties = properties.clone();
    if let Value::Mapping(map) = &mut properties {
        map.remove("AlarmDescription");
    }
    properties
}
