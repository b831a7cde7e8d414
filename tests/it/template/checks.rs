//! The checks: each answers what it complains of.

use std::collections::BTreeSet;

use domain::Queue;
use local::queues;
use serde_yaml_ng::Value;

use super::Facts;

type Check = fn(&Facts) -> Vec<String>;

pub(super) const ALL: [(&str, Check); 11] = [
    ("functions", functions),
    ("actions", actions),
    ("permissions", permissions),
    ("resources", resources),
    ("retained", retained),
    ("queues", queues),
    ("alarms", alarms),
    ("logs", logs),
    ("settings", settings),
    ("parameters", parameters),
    ("table", table),
];

/// What each port needs, and nothing more. The name is that of the statement, too.
const NEEDS: [(&str, &[&str]); 5] = [
    (
        "Store",
        &[
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
    ),
    ("Tasks", &["sqs:SendMessage"]),
    ("Mailer", &["ses:SendEmail"]),
    ("SecretBox", &["secretsmanager:GetSecretValue"]),
    ("KeyWrap", &["kms:Decrypt", "kms:GenerateDataKey"]),
];
/// What needs no permission of its own: Google is reached over the internet, with the client from the secrets.
const FREE: [&str; 5] = ["SignInProvider", "Clock", "Dice", "Settings", "String"];

fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('/').fold(value, |value, part| match untagged(value) {
        Value::Mapping(map) => map.get(part).unwrap_or(&Value::Null),
        Value::Sequence(list) => {
            part.parse().ok().and_then(|place: usize| list.get(place)).unwrap_or(&Value::Null)
        }
        _ => &Value::Null,
    })
}

fn untagged(value: &Value) -> &Value {
    if let Value::Tagged(tagged) = value { untagged(&tagged.value) } else { value }
}

fn text(value: &Value) -> String {
    match untagged(value) {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Sequence(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
        _ => String::new(),
    }
}

fn list(value: &Value) -> Vec<&Value> {
    match untagged(value) {
        Value::Sequence(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

fn resources_of<'a>(facts: &'a Facts, kind: &str) -> Vec<(String, &'a Value)> {
    let Value::Mapping(resources) = at(&facts.template, "Resources") else { return Vec::new() };
    let of_kind = resources.iter().filter(|(_, resource)| text(at(resource, "Type")) == kind);
    of_kind.map(|(name, resource)| (text(name), resource)).collect()
}

fn function<'a>(facts: &'a Facts, name: &str) -> &'a Value {
    at(at(&facts.template, "Resources"), &resource_name(name))
}

/// `api` is `Api`.
fn resource_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

fn statements<'a>(facts: &'a Facts, name: &str) -> Vec<&'a Value> {
    let policies = list(at(function(facts, name), "Properties/Policies"));
    policies.into_iter().flat_map(|policy| list(at(policy, "Statement"))).collect()
}

pub(super) fn functions(facts: &Facts) -> Vec<String> {
    let folders: BTreeSet<_> = facts.functions.iter().map(|function| resource_name(&function.name)).collect();
    let found = resources_of(facts, "AWS::Serverless::Function");
    let resources: BTreeSet<_> = found.iter().map(|(name, _)| name.clone()).collect();
    let mut wrong: Vec<_> =
        folders.symmetric_difference(&resources).map(|name| format!("{name} is on one side only")).collect();
    for function_ in &facts.functions {
        let name = &function_.name;
        if text(at(function(facts, name), "Metadata/BuildProperties/Binary")) != *name {
            wrong.push(format!("{name} is not built from its own binary"));
        }
        if !function_.has_event {
            wrong.push(format!("events/{name}.json is not there"));
        }
    }
    wrong
}

fn actions(facts: &Facts) -> Vec<String> {
    let known: BTreeSet<_> = NEEDS.iter().flat_map(|(_, actions)| actions.iter().copied()).collect();
    let all = facts.functions.iter().flat_map(|function| statements(facts, &function.name));
    let told = all.flat_map(|statement| list(at(statement, "Action"))).map(text);
    told.filter(|action| !known.contains(action.as_str()))
        .map(|action| format!("{action} is no action that we use"))
        .collect()
}

pub(super) fn permissions(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in &facts.functions {
        let granted: BTreeSet<_> = statements(facts, &function.name)
            .into_iter()
            .map(|statement| {
                (text(at(statement, "Sid")), list(at(statement, "Action")).into_iter().map(text).collect())
            })
            .collect();
        let needed: BTreeSet<(String, Vec<String>)> = NEEDS
            .iter()
            .filter(|(port, _)| function.deps.iter().any(|dep| dep == port))
            .map(|(port, actions)| {
                ((*port).to_owned(), actions.iter().map(|&action| action.to_owned()).collect())
            })
            .collect();
        for (port, _) in granted.symmetric_difference(&needed) {
            wrong.push(format!("{}: what is granted and what Deps name differ in {port}", function.name));
        }
        let known = |dep: &str| FREE.contains(&dep) || NEEDS.iter().any(|(port, _)| *port == dep);
        let unknown = function.deps.iter().filter(|dep| !known(dep));
        wrong.extend(unknown.map(|dep| format!("{}: nobody says what {dep} needs", function.name)));
    }
    wrong
}

fn resources(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in &facts.functions {
        for statement in statements(facts, &function.name) {
            let told = list(at(statement, "Resource"));
            if told.is_empty() || told.into_iter().any(|resource| text(resource).starts_with('*')) {
                wrong.push(format!(
                    "{}: {} is granted on anything",
                    function.name,
                    text(at(statement, "Sid"))
                ));
            }
        }
    }
    let index = "Table.Arn}/index/gsi1";
    for function in &facts.functions {
        let asks = super::read(&format!("functions/{}/src/lib.rs", function.name)).contains(".due_before(");
        let mut told =
            statements(facts, &function.name).into_iter().flat_map(|told| list(at(told, "Resource")));
        if told.any(|resource| text(resource).ends_with(index)) != asks {
            wrong.push(format!("{}: the index is granted or asked, but not both", function.name));
        }
    }
    wrong
}

/// What outlives its stack has no name of ours: a stack that is made again would find the name taken.
fn retained(facts: &Facts) -> Vec<String> {
    let Value::Mapping(resources) = at(&facts.template, "Resources") else { return Vec::new() };
    let retained = resources.iter().filter(|(_, told)| text(at(told, "DeletionPolicy")) == "Retain");
    let names = ["Name", "QueueName", "TableName"];
    let fixed = retained
        .filter(|(_, told)| names.iter().any(|name| *at(told, &format!("Properties/{name}")) != Value::Null));
    fixed.map(|(name, _)| format!("{} is retained and has a fixed name", text(name))).collect()
}

fn queues(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for queue in Queue::ALL {
        let name = resource_name(queue.name());
        let told = at(at(&facts.template, "Resources"), &format!("{name}Queue"));
        let number = |path: &str| text(at(told, path)).parse::<u32>().unwrap_or(0);
        let timeout: u32 = text(at(function(facts, queue.name()), "Properties/Timeout")).parse().unwrap_or(0);
        let setting = queues::setting(queue);
        let mut expect = |what: &str, holds: bool| {
            if !holds {
                wrong.push(format!("{queue}: {what}"));
            }
        };
        expect(
            "its visibility is six times its function's timeout",
            number("Properties/VisibilityTimeout") >= 6 * timeout && timeout > 0,
        );
        expect(
            "its visibility is the same at home",
            number("Properties/VisibilityTimeout") == setting.visibility_seconds,
        );
        expect(
            "its tries are the same at home",
            number("Properties/RedrivePolicy/maxReceiveCount") == setting.tries,
        );
        expect(
            "it is FIFO here and at home, or in neither",
            (text(at(told, "Properties/FifoQueue")) == "true") == setting.is_fifo,
        );
        let dead = text(at(told, "Properties/RedrivePolicy/deadLetterTargetArn"));
        expect("it has a dead-letter queue", dead == format!("{name}Dead.Arn"));
        let events = at(function(facts, queue.name()), "Properties/Events/Queue/Properties");
        expect("its function is called by it", text(at(events, "Queue")) == format!("{name}Queue.Arn"));
        let reports = list(at(events, "FunctionResponseTypes")).into_iter().map(text).collect::<Vec<_>>();
        expect("its function reports partial failures", reports == ["ReportBatchItemFailures"]);
    }
    let known: BTreeSet<_> = Queue::ALL
        .iter()
        .flat_map(|queue| ["Queue", "Dead"].map(|end| resource_name(queue.name()) + end))
        .collect();
    let told = resources_of(facts, "AWS::SQS::Queue").into_iter().map(|(name, _)| name);
    wrong.extend(told.filter(|name| !known.contains(name)).map(|name| format!("{name} is nobody's queue")));
    wrong
}

fn alarms(facts: &Facts) -> Vec<String> {
    let alarms = resources_of(facts, "AWS::CloudWatch::Alarm");
    let watched = |metric: &str, value: &str| {
        alarms.iter().any(|(_, alarm)| {
            let dimensions = list(at(alarm, "Properties/Dimensions"));
            text(at(alarm, "Properties/MetricName")) == metric
                && dimensions.into_iter().any(|dimension| text(at(dimension, "Value")) == value)
        })
    };
    let mut wrong = Vec::new();
    for function in &facts.functions {
        if !watched("Errors", &resource_name(&function.name)) {
            wrong.push(format!("nobody hears of errors of {}", function.name));
        }
    }
    for function_ in facts.functions.iter().filter(|told| is_timer(facts, &told.name)) {
        let name = resource_name(&function_.name);
        let silence =
            alarms.iter().find(|(alarm, _)| *alarm == format!("{name}Silence")).map(|(_, told)| *told);
        let is = |path: &str, value: &str| silence.is_some_and(|alarm| text(at(alarm, path)) == value);
        let is_heard = watched("Invocations", &name)
            && is("Properties/ComparisonOperator", "LessThanThreshold")
            && is("Properties/Threshold", "1")
            && is("Properties/TreatMissingData", "breaching");
        if !is_heard {
            wrong.push(format!("nobody hears that {} does not run", function_.name));
        }
    }
    for queue in Queue::ALL {
        let dead = format!("{}Dead.QueueName", resource_name(queue.name()));
        if !watched("ApproximateNumberOfMessagesVisible", &dead) {
            wrong.push(format!("nobody hears of dead letters of {queue}"));
        }
    }
    for (name, alarm) in &alarms {
        if list(at(alarm, "Properties/AlarmActions")).is_empty() {
            wrong.push(format!("{name} tells nobody"));
        }
    }
    wrong
}

fn is_timer(facts: &Facts, name: &str) -> bool {
    let Value::Mapping(events) = at(function(facts, name), "Properties/Events") else { return false };
    events.values().any(|event| text(at(event, "Type")) == "Schedule")
}

fn logs(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function_ in &facts.functions {
        let group = text(at(function(facts, &function_.name), "Properties/LoggingConfig/LogGroup"));
        if group != format!("{}Logs", resource_name(&function_.name)) {
            wrong.push(format!("{} has no log group of its own", function_.name));
        }
    }
    for (name, group) in resources_of(facts, "AWS::Logs::LogGroup") {
        if text(at(group, "Properties/RetentionInDays")).is_empty() {
            wrong.push(format!("{name} keeps its lines for ever"));
        }
    }
    wrong
}

/// Each function is told what its `main.rs` asks for, and nothing else; together they are what `Env` reads.
fn settings(facts: &Facts) -> Vec<String> {
    let asks = |main: &str, ask: &str| main.contains(&format!("env.{ask}("));
    let needs: [(&str, &str); 12] = [
        ("store", "TABLE_NAME"),
        ("tasks", "QUEUE_NOTIFY_URL"),
        ("mailer", "MAIL_FROM"),
        ("secrets", "SECRET_ID"),
        ("keys", "KEY_ID"),
        ("origin", "ORIGIN"),
        ("allowed_origins", "ALLOWED_ORIGINS"),
        ("access_seconds", "ACCESS_SECONDS"),
        ("google", "GOOGLE_AUTHORIZE_URL"),
        ("google", "GOOGLE_ISSUER"),
        ("google", "GOOGLE_KEYS_URL"),
        ("google", "GOOGLE_TOKEN_URL"),
    ];
    let mut wrong = Vec::new();
    let mut all = BTreeSet::new();
    for function_ in &facts.functions {
        let main = super::read(&format!("functions/{}/src/main.rs", function_.name));
        let needed: BTreeSet<_> =
            needs.iter().filter(|(ask, _)| asks(&main, ask)).map(|(_, name)| (*name).to_owned()).collect();
        let told = match at(function(facts, &function_.name), "Properties/Environment/Variables") {
            Value::Mapping(told) => told.keys().map(text).collect(),
            _ => BTreeSet::new(),
        };
        let differ = needed.symmetric_difference(&told);
        wrong.extend(differ.map(|name| format!("{}: {name} is told or read, but not both", function_.name)));
        all.extend(told);
    }
    let read: BTreeSet<_> = facts.settings.iter().cloned().collect();
    wrong
        .extend(all.symmetric_difference(&read).map(|name| format!("{name} is told or known, but not both")));
    wrong
}

fn parameters(facts: &Facts) -> Vec<String> {
    let Value::Mapping(parameters) = at(&facts.template, "Parameters") else {
        return vec!["none".to_owned()];
    };
    let mut used = BTreeSet::new();
    for part in ["Globals", "Resources", "Outputs"] {
        references(at(&facts.template, part), &mut used);
    }
    let unused = parameters.keys().map(text).filter(|name| !used.contains(name));
    unused.map(|name| format!("the parameter {name} has no use")).collect()
}

fn references(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Tagged(tagged) => {
            if tagged.tag == "!Ref" {
                used.insert(text(&tagged.value));
            }
            references(&tagged.value, used);
        }
        Value::Mapping(map) => map.values().for_each(|value| references(value, used)),
        Value::Sequence(list) => list.iter().for_each(|value| references(value, used)),
        _ => {}
    }
}

fn table(facts: &Facts) -> Vec<String> {
    let table = at(&facts.template, "Resources/Table");
    let expected = [
        ("Properties/BillingMode", "PAY_PER_REQUEST"),
        ("Properties/KeySchema/0/AttributeName", "pk"),
        ("Properties/KeySchema/1/AttributeName", "sk"),
        ("Properties/GlobalSecondaryIndexes/0/IndexName", "gsi1"),
        ("Properties/GlobalSecondaryIndexes/0/KeySchema/0/AttributeName", "gsi1pk"),
        ("Properties/GlobalSecondaryIndexes/0/KeySchema/1/AttributeName", "gsi1sk"),
        ("Properties/GlobalSecondaryIndexes/0/Projection/ProjectionType", "ALL"),
        ("Properties/TimeToLiveSpecification/AttributeName", "expires_at"),
        ("Properties/TimeToLiveSpecification/Enabled", "true"),
        ("Properties/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled", "true"),
        ("DeletionPolicy", "Retain"),
    ];
    let wrong = expected.iter().filter(|(path, value)| text(at(table, path)) != *value);
    wrong.map(|(path, value)| format!("{path} is not {value}")).collect()
}
