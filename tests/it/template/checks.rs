//! The checks: each answers what it complains of.

use std::collections::BTreeSet;

use domain::{Queue, invitation::CLAIM_SECONDS};
use local::queues;
use serde_yaml_ng::Value;

use super::{Facts, alarms::alarms, bucket::bucket, doors, gateway, grants};

/// What API Gateway waits for a function behind an HTTP API, with a second to spare.
const GATEWAY_SECONDS_MAX: i64 = 29;

type Check = fn(&Facts) -> Vec<String>;

pub(super) const ALL: [(&str, Check); 17] = [
    ("functions", functions),
    ("ids", ids),
    ("policies", grants::policies),
    ("actions", grants::actions),
    ("permissions", grants::permissions),
    ("resources", grants::resources),
    ("doors", doors::doors),
    ("gateway", gateway::gateway),
    ("timeouts", timeouts),
    ("retained", retained),
    ("queues", queues),
    ("alarms", alarms),
    ("logs", logs),
    ("settings", settings),
    ("parameters", parameters),
    ("table", table),
    ("bucket", bucket),
];

pub(super) fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
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

pub(super) fn text(value: &Value) -> String {
    match untagged(value) {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Sequence(parts) => parts.iter().map(text).collect::<Vec<_>>().join("."),
        _ => String::new(),
    }
}

pub(super) fn list(value: &Value) -> Vec<&Value> {
    match untagged(value) {
        Value::Sequence(list) => list.iter().collect(),
        Value::Null => Vec::new(),
        other => vec![other],
    }
}

pub(super) fn resources_of<'a>(facts: &'a Facts, kind: &str) -> Vec<(String, &'a Value)> {
    let Value::Mapping(resources) = at(&facts.template, "Resources") else { return Vec::new() };
    let of_kind = resources.iter().filter(|(_, resource)| text(at(resource, "Type")) == kind);
    of_kind.map(|(name, resource)| (text(name), resource)).collect()
}

pub(super) fn function<'a>(facts: &'a Facts, name: &str) -> &'a Value {
    at(at(&facts.template, "Resources"), &resource_name(name))
}

/// `api` is `Api`.
pub(super) fn resource_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
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
            wrong.push(format!("events/{name}.json is not there, or no test feeds it to {name}"));
        }
    }
    wrong
}

/// What outlives its stack has no name of ours: a stack that is made again would find the name taken.
fn retained(facts: &Facts) -> Vec<String> {
    let Value::Mapping(resources) = at(&facts.template, "Resources") else { return Vec::new() };
    let retained = resources.iter().filter(|(_, told)| text(at(told, "DeletionPolicy")) == "Retain");
    let names = ["Name", "QueueName", "TableName", "BucketName"];
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
        let events = at(function(facts, queue.name()), "Properties/Events/Messages/Properties");
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

/// A call of AWS that was tried to its end leaves room for one more. A gateway waits no longer than 29 s for its
/// function, and a mail is claimed for twice as long as its function may take.
fn timeouts(facts: &Facts) -> Vec<String> {
    let clients = super::read("shared/aws/src/clients.rs");
    let told = clients.split_once("OPERATION_SECONDS_MAX: u64 = ").and_then(|(_, rest)| rest.split_once(';'));
    let call: i64 = told.and_then(|(seconds, _)| seconds.parse().ok()).expect("calls of AWS end");
    let mut wrong = Vec::new();
    for function_ in &facts.functions {
        let name = &function_.name;
        let timeout: i64 = text(at(function(facts, name), "Properties/Timeout")).parse().unwrap_or(0);
        if timeout < 2 * call {
            wrong.push(format!("{name} ends before two calls of {call} s have"));
        }
        let waits = has_event(facts, name, "HttpApi") || name == "live";
        if waits && timeout != GATEWAY_SECONDS_MAX {
            wrong.push(format!("{name} has not the {GATEWAY_SECONDS_MAX} s that its gateway waits"));
        }
        if name == Queue::Notify.name() && CLAIM_SECONDS != 2 * timeout {
            wrong.push(format!("{name}: a mail is claimed for {CLAIM_SECONDS} s, not for twice its timeout"));
        }
    }
    wrong
}

/// SAM makes a resource of each event, by the function's name and its own: none of ours may be called so.
fn ids(facts: &Facts) -> Vec<String> {
    let names = facts.functions.iter().map(|function| &function.name);
    let made = names.flat_map(|name| {
        let Value::Mapping(events) = at(function(facts, name), "Properties/Events") else {
            return Vec::new();
        };
        events.keys().map(|event| resource_name(name) + &text(event)).collect()
    });
    let ours = |id: &String| *at(&facts.template, &format!("Resources/{id}")) != Value::Null;
    made.filter(ours).map(|id| format!("{id} is a resource of ours and one that SAM makes")).collect()
}

/// Whether something of this kind calls the function.
pub(super) fn has_event(facts: &Facts, name: &str, kind: &str) -> bool {
    let Value::Mapping(events) = at(function(facts, name), "Properties/Events") else { return false };
    events.values().any(|event| text(at(event, "Type")) == kind)
}

/// What is asked of `Env`, and the setting that it reads; those of the queues aside.
const NEEDS: [(&str, &str); 26] = [
    ("store", "TABLE_NAME"),
    ("files", "BUCKET"),
    ("mailer", "MAIL_FROM"),
    ("secrets", "SECRET_ID"),
    ("keys", "KEY_ID"),
    ("live_url", "LIVE_URL"),
    ("sockets", "LIVE_URL"),
    ("events_topic", "EVENTS_TOPIC"),
    ("origin", "ORIGIN"),
    ("allowed_origins", "ALLOWED_ORIGINS"),
    ("access_seconds", "ACCESS_SECONDS"),
    ("messages_per_second", "MESSAGES_PER_SECOND"),
    ("desk", "OPERATORS"),
    ("dead_letters", "DEAD_INGEST_URL"),
    ("proofs", "GOOGLE_AUTHORIZE_URL"),
    ("proofs", "GOOGLE_ISSUER"),
    ("proofs", "GOOGLE_KEYS_URL"),
    ("proofs", "GOOGLE_TOKEN_URL"),
    ("proofs", "SENDING_CONFIGURATION"),
    ("proofs", "SES_TENANTS"),
    ("carriers", "ORIGIN"),
    ("carriers", "SENDING_CONFIGURATION"),
    ("carriers", "SES_TENANTS"),
    ("texters", "ORIGIN"),
    ("farewells", "SES_TENANTS"),
    ("shops", "SHOP_WEBHOOKS"),
];

/// Each function is told what its `main.rs` asks for, and nothing else; together they are what `Env` reads.
fn settings(facts: &Facts) -> Vec<String> {
    let asks = |main: &str, ask: &str| main.contains(&format!("env.{ask}("));
    let queues = |of: &str| Queue::ALL.map(|queue| format!("{of}_{}_URL", queue.name().to_uppercase()));
    let (queues, dead) = (queues("QUEUE"), queues("DEAD"));
    let needed_for = |main: &str| {
        let told = NEEDS.iter().filter(|(ask, _)| asks(main, ask)).map(|(_, name)| (*name).to_owned());
        let minds = asks(main, "desk");
        let is_own = |name: &str| {
            main.split_once("serve_queue(\"").is_some_and(|(_, rest)| {
                let function = rest.split('"').next().unwrap_or_default();
                name == format!("QUEUE_{}_URL", function.to_uppercase())
            })
        };
        let queues = queues.iter().filter(|name| minds || asks(main, "tasks") || is_own(name));
        told.chain(queues.chain(dead.iter().filter(|_| minds)).cloned()).collect::<BTreeSet<_>>()
    };
    let mut wrong = Vec::new();
    let mut all = BTreeSet::new();
    for function_ in &facts.functions {
        let main = super::read(&format!("functions/{}/src/main.rs", function_.name));
        let needed = needed_for(&main);
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
    for part in ["Conditions", "Globals", "Resources", "Outputs"] {
        references(at(&facts.template, part), &mut used);
    }
    let unused = parameters.keys().map(text).filter(|name| !used.contains(name));
    let mut wrong: Vec<_> = unused.map(|name| format!("the parameter {name} has no use")).collect();
    // SES compares `ses:FromAddress` with the address alone: `Name <address>` would be denied.
    if text(at(&facts.template, "Parameters/MailFrom/AllowedPattern")) != "[^<> ]+@[^<> ]+" {
        wrong.push("MailFrom may be more than an address".to_owned());
    }
    wrong
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
