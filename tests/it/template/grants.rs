//! What functions may do: nothing but what their `Deps` name, on nothing but what is theirs.

use std::collections::BTreeSet;

use domain::Queue;
use serde_yaml_ng::Value;

use super::{
    Facts,
    checks::{at, function, list, resource_name, text},
};

/// What a port needs, and nothing more, as the template writes it. The port's name is that of the statement, too.
struct Need {
    port: &'static str,
    actions: &'static [&'static str],
    resource: &'static str,
    condition: &'static str,
}

const NEEDS: [Need; 14] = [
    Need {
        port: "Store",
        actions: &[
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:UpdateItem",
        ],
        resource: "[!GetAtt Table.Arn]",
        condition: "null",
    },
    Need {
        port: "Tasks",
        actions: &["sqs:SendMessage"],
        resource: "[!GetAtt AudienceQueue.Arn, !GetAtt CampaignQueue.Arn, !GetAtt ImportQueue.Arn, !GetAtt IngestQueue.Arn, !GetAtt NotifyQueue.Arn, !GetAtt ReceiptQueue.Arn, !GetAtt SendQueue.Arn, !GetAtt SyncQueue.Arn]",
        condition: "null",
    },
    // To send one back is `Tasks`' affair.
    Need {
        port: "DeadLetters",
        actions: &[
            "sqs:ChangeMessageVisibility",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        resource: "[!GetAtt AudienceDead.Arn, !GetAtt CampaignDead.Arn, !GetAtt ImportDead.Arn, !GetAtt IngestDead.Arn, !GetAtt NotifyDead.Arn, !GetAtt ReceiptDead.Arn, !GetAtt SendDead.Arn, !GetAtt SyncDead.Arn]",
        condition: "null",
    },
    Need {
        port: "Depths",
        actions: &["sqs:GetQueueAttributes"],
        resource: "[!GetAtt AudienceQueue.Arn, !GetAtt AudienceDead.Arn, !GetAtt CampaignQueue.Arn, !GetAtt CampaignDead.Arn, \
                   !GetAtt ImportQueue.Arn, !GetAtt ImportDead.Arn, \
                   !GetAtt IngestQueue.Arn, !GetAtt IngestDead.Arn, !GetAtt NotifyQueue.Arn, !GetAtt NotifyDead.Arn, \
                   !GetAtt ReceiptQueue.Arn, !GetAtt ReceiptDead.Arn, !GetAtt SendQueue.Arn, !GetAtt SendDead.Arn, !GetAtt SyncQueue.Arn, !GetAtt SyncDead.Arn]",
        condition: "null",
    },
    // Parts are put, too, and the bucket itself lets go what is old.
    Need {
        port: "Files",
        actions: &["s3:GetObject", "s3:ListBucket", "s3:PutObject"],
        resource: "[!GetAtt Files.Arn, !Sub '${Files.Arn}/*']",
        condition: "null",
    },
    Need {
        port: "Mailer",
        actions: &["ses:SendEmail"],
        resource: "[!Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*']",
        condition: "{ StringEquals: { 'ses:FromAddress': !Ref MailFrom } }",
    },
    // SES knows a shop's tenant by its name and an id of SES's own.
    Need {
        port: "Carrier",
        actions: &["ses:SendEmail"],
        resource: "[!Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*', \
                   !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:tenant/*', \
                   !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${SendingConfiguration}']",
        condition: "{ StringNotEquals: { 'ses:FromAddress': !Ref MailFrom } }",
    },
    // A telephone has no ARN: everything that has one is left out.
    Need {
        port: "Texter",
        actions: &["sns:Publish"],
        resource: "[!Sub 'arn:${AWS::Partition}:sns:*:*:*']",
        condition: "null",
    },
    Need {
        port: "Identities",
        actions: &[
            "ses:CreateEmailIdentity",
            "ses:CreateTenant",
            "ses:CreateTenantResourceAssociation",
            "ses:DeleteEmailIdentity",
            "ses:DeleteTenantResourceAssociation",
            "ses:GetEmailIdentity",
        ],
        resource: "[!Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*', \
                   !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:tenant/*', \
                   !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${SendingConfiguration}']",
        condition: "null",
    },
    Need {
        port: "Farewells",
        actions: &["ses:DeleteEmailIdentity", "ses:DeleteTenantResourceAssociation"],
        resource: "[!Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*', \
                   !Sub 'arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:tenant/*']",
        condition: "null",
    },
    // Whose numbers they are is asked of the account as a whole.
    Need { port: "Numbers", actions: &["sns:ListOriginationNumbers"], resource: "['*']", condition: "null" },
    Need {
        port: "SecretBox",
        actions: &["secretsmanager:GetSecretValue"],
        resource: "[!Ref Secret]",
        condition: "null",
    },
    Need {
        port: "KeyWrap",
        actions: &["kms:Decrypt", "kms:GenerateDataKey"],
        resource: "[!GetAtt Key.Arn]",
        condition: "null",
    },
    Need {
        port: "Sockets",
        actions: &["execute-api:ManageConnections"],
        resource: "[!Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${LiveApi}/live/*/@connections/*']",
        condition: "null",
    },
];
/// For whoever looks for somebody's traces: messages of the one queue that carries words of people's.
const LETTERS_OF_PEOPLE: &str = "[!GetAtt IngestDead.Arn]";
/// For those who remove files.
const REMOVAL: &str = "s3:DeleteObject";
/// The table for those who ask what is due.
const WITH_INDEX: &str = "[!GetAtt Table.Arn, !Sub '${Table.Arn}/index/gsi1']";
/// Whoever is called by a queue tells it how long what failed waits.
const WAITS: (&str, &str) = ("Waits", "sqs:ChangeMessageVisibility");
/// What needs no permission of its own: Google is reached over the internet, with the client from the secrets, as shops are.
const FREE: [&str; 14] = [
    "Carriers",
    "Texters",
    "Registrars",
    "Installed",
    "Pace",
    "Memory",
    "SignInProvider",
    "Shops",
    "Clock",
    "Dice",
    "JustAsked",
    "Settings",
    "String",
    "Lists",
];

/// Whoever asks shops opens the app's secret; whoever sends, or asks in whose name, does so by each of the installation's providers.
fn needs(dep: &str) -> &'static [&'static str] {
    match dep {
        "Shops" => &["SecretBox"],
        "Carriers" => &["Carrier", "Texter"],
        "Texters" => &["Texter"],
        "Registrars" => &["Identities", "Numbers"],
        _ => &[],
    }
}

/// What a statement says that it is about; of telephones, what it is not about.
fn about(port: &str) -> (&'static str, &'static str) {
    if port == "Texter" { ("NotResource", "Resource") } else { ("Resource", "NotResource") }
}

/// What gives permissions in ways that the other checks do not read.
const ELSEWHERE: [&str; 4] =
    ["Properties/Role", "Properties/AssumeRolePolicyDocument", "Connectors", "Properties/ManagedPolicyArns"];

fn is_called_by_queue(function: &str) -> bool {
    Queue::ALL.iter().any(|queue| queue.name() == function)
}

fn yaml(text: &str) -> Value {
    serde_yaml_ng::from_str(text).expect("it is YAML")
}

fn statements<'a>(facts: &'a Facts, name: &str) -> Vec<&'a Value> {
    let policies = list(at(function(facts, name), "Properties/Policies"));
    policies.into_iter().flat_map(|policy| list(at(policy, "Statement"))).collect()
}

fn keys(value: &Value) -> BTreeSet<String> {
    if let Value::Mapping(map) = value { map.keys().map(text).collect() } else { BTreeSet::new() }
}

/// Permissions stand in statements, and in no managed policy, no template of SAM's, no role, no connector.
pub(super) fn policies(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function_ in &facts.functions {
        let name = &function_.name;
        for policy in list(at(function(facts, name), "Properties/Policies")) {
            if keys(policy) != BTreeSet::from(["Statement".to_owned(), "Version".to_owned()]) {
                wrong.push(format!("{name}: {policy:?} is not made of statements"));
            }
        }
        for statement in statements(facts, name) {
            let known = ["Action", "Condition", "Effect", "NotResource", "Resource", "Sid"];
            let unknown = keys(statement).into_iter().filter(|key| !known.contains(&key.as_str()));
            wrong.extend(unknown.map(|key| format!("{name}: a statement says {key}")));
            if text(at(statement, "Effect")) != "Allow" {
                wrong.push(format!("{name}: a statement allows nothing"));
            }
        }
    }
    let resources = at(&facts.template, "Resources");
    for name in keys(resources) {
        let told = at(resources, &name);
        let kind = text(at(told, "Type"));
        if kind.starts_with("AWS::IAM::") || kind == "AWS::Serverless::Connector" {
            wrong.push(format!("{name} grants what no function's statements tell"));
        }
        let found = ELSEWHERE.into_iter().filter(|path| *at(told, path) != Value::Null);
        wrong.extend(found.map(|path| format!("{name}: {path} grants what no statement tells")));
    }
    for part in ["Role", "Policies"] {
        if *at(&facts.template, &format!("Globals/Function/{part}")) != Value::Null {
            wrong.push(format!("Globals: {part} is granted to every function"));
        }
    }
    wrong
}

pub(super) fn actions(facts: &Facts) -> Vec<String> {
    let used = NEEDS.iter().flat_map(|need| need.actions.iter().copied());
    let known: BTreeSet<_> = used.chain([REMOVAL]).collect();
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
        let waits =
            is_called_by_queue(&function.name).then(|| (WAITS.0.to_owned(), vec![WAITS.1.to_owned()]));
        let needed: BTreeSet<(String, Vec<String>)> = NEEDS
            .iter()
            .filter(|need| {
                function.deps.iter().any(|dep| dep == need.port || needs(dep).contains(&need.port))
            })
            .map(|need| {
                let removes = need.port == "Files" && removes_files(&function.name);
                let actions = removes.then_some(REMOVAL).into_iter().chain(need.actions.iter().copied());
                (need.port.to_owned(), actions.map(str::to_owned).collect())
            })
            .chain(waits)
            .collect();
        if needed.iter().any(|(port, _)| port == "DeadLetters")
            && !needed.iter().any(|(port, _)| port == "Tasks")
        {
            wrong.push(format!("{}: who minds dead letters sends them back as Tasks may", function.name));
        }
        for (port, _) in granted.symmetric_difference(&needed) {
            wrong.push(format!("{}: what is granted and what Deps name differ in {port}", function.name));
        }
        let known = |dep: &str| FREE.contains(&dep) || NEEDS.iter().any(|need| need.port == dep);
        let unknown = function.deps.iter().filter(|dep| !known(dep));
        wrong.extend(unknown.map(|dep| format!("{}: nobody says what {dep} needs", function.name)));
    }
    wrong
}

fn removes_files(function: &str) -> bool {
    fn any(folder: &std::path::Path) -> bool {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).any(|path| {
            let removes = |text: String| text.contains("files.remove(");
            any(&path) || std::fs::read_to_string(&path).is_ok_and(removes)
        })
    }
    any(&super::root().join(format!("functions/{function}/src")))
}

/// Each statement is about exactly what its port uses, under exactly its condition. The index is for who asks it.
pub(super) fn resources(facts: &Facts) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in &facts.functions {
        let asks_index =
            super::read(&format!("functions/{}/src/lib.rs", function.name)).contains(".due_before(");
        for statement in statements(facts, &function.name) {
            let sid = text(at(statement, "Sid"));
            if sid == WAITS.0 {
                let own = format!("[!GetAtt {}Queue.Arn]", resource_name(&function.name));
                if *at(statement, "Resource") != yaml(&own) {
                    wrong.push(format!("{}: {sid} is not granted on {own}", function.name));
                }
                continue;
            }
            let Some(need) = NEEDS.iter().find(|need| need.port == sid) else {
                wrong.push(format!("{}: nobody says what {sid} is about", function.name));
                continue;
            };
            let main = super::read(&format!("functions/{}/src/main.rs", function.name));
            let resource = match need.port {
                "Store" if asks_index => WITH_INDEX,
                "DeadLetters" if main.contains(".dead_letters()") => LETTERS_OF_PEOPLE,
                _ => need.resource,
            };
            let (says, not) = about(need.port);
            if *at(statement, says) != yaml(resource) || *at(statement, not) != Value::Null {
                wrong.push(format!("{}: {sid} is not granted on {resource}", function.name));
            }
            if *at(statement, "Condition") != yaml(need.condition) {
                wrong.push(format!("{}: {sid} has not the condition {}", function.name, need.condition));
            }
        }
    }
    wrong
}
