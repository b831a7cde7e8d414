//! Rules about crates: who may know whom, and what is asked of each manifest.

use std::collections::BTreeSet;
use toml::{Table, Value};

use super::File;

/// Which of our crates each may use. What is not here may not be.
const EDGES: [(&str, &[&str]); 34] = [
    ("shared/domain", &[]),
    (
        "shared/asking",
        &["columns", "content", "domain", "flows", "insight", "reach", "rules", "segments", "store"],
    ),
    ("shared/columns", &["domain"]),
    ("shared/content", &["domain"]),
    ("shared/english", &["domain", "rules"]),
    ("shared/insight", &["domain"]),
    ("shared/paper", &[]),
    ("shared/reach", &["columns", "domain"]),
    ("shared/receipts", &["domain"]),
    ("shared/rules", &["domain"]),
    ("shared/segments", &["columns", "domain", "insight", "rules"]),
    ("shared/store", &["columns", "domain", "insight"]),
    ("shared/tables", &["domain"]),
    ("shared/flows", &["columns", "content", "domain", "shopify", "store", "tables"]),
    ("shared/shopify", &["domain"]),
    ("shared/vendors", &["domain", "flows", "receipts"]),
    ("shared/aws", &["domain", "flows", "store"]),
    ("shared/runtime", &["aws", "domain", "flows", "store", "vendors"]),
    (
        "functions/api",
        &[
            "asking", "columns", "content", "domain", "english", "flows", "insight", "paper", "receipts",
            "rules", "segments", "shopify", "store", "tables",
        ],
    ),
    (
        "functions/audience",
        &["asking", "columns", "domain", "flows", "insight", "rules", "segments", "store"],
    ),
    ("functions/campaign", &["asking", "columns", "domain", "flows", "store"]),
    ("functions/import", &["columns", "domain", "flows", "insight", "store", "tables"]),
    ("functions/ingest", &["columns", "domain", "flows", "shopify", "store"]),
    ("functions/live", &["domain", "flows", "store"]),
    ("functions/notify", &["domain", "flows", "store"]),
    ("functions/receipt", &["domain", "flows", "receipts", "store"]),
    // Its tests ask the simulated vendor how often it took what.
    ("functions/send", &["columns", "content", "domain", "flows", "reach", "store", "vendors"]),
    ("functions/sync", &["columns", "domain", "flows", "shopify", "store"]),
    ("functions/tick", &["domain", "flows", "store"]),
    ("functions/track", &["domain", "flows", "store"]),
    ("functions/webhook", &["domain", "flows", "shopify"]),
    (
        "local",
        &[
            "api", "audience", "campaign", "columns", "domain", "flows", "import", "ingest", "live",
            "notify", "receipt", "send", "shopify", "store", "sync", "tick", "track", "vendors", "webhook",
        ],
    ),
    (
        "tests",
        &[
            "api", "audience", "columns", "domain", "flows", "insight", "local", "receipts", "rules",
            "segments", "shopify", "store", "sync", "tables", "tick", "track", "vendors", "webhook",
        ],
    ),
    ("tests/sim", &["campaign", "columns", "domain", "flows", "reach", "receipt", "send", "store", "tick"]),
];

/// Crates that wait for nothing, read no clock and speak to nobody.
const PURE: [&str; 12] = [
    "shared/columns",
    "shared/content",
    "shared/domain",
    "shared/english",
    "shared/insight",
    "shared/paper",
    "shared/reach",
    "shared/receipts",
    "shared/rules",
    "shared/segments",
    "shared/shopify",
    "shared/tables",
];
/// Signatures are computed: nobody is asked, and nothing is rolled.
const SIGNED: [(&str, &str); 2] = [("shared/receipts", "aws-lc-rs"), ("shared/shopify", "aws-lc-rs")];
const IMPURE: [&str; 7] = ["tokio", "reqwest", "axum", "async-trait", "redb", "aws-lc-rs", "rand"];

/// Where a manifest may name what it uses. Tests and builds know no more than the code does.
const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The other rules see nothing of a manifest that cannot be read.
pub(super) fn manifests_parse(files: &[File]) -> Vec<String> {
    let all = files.iter().filter(|file| file.path == "Cargo.toml" || file.path.ends_with("/Cargo.toml"));
    let wrong = all.filter_map(|file| Some((file, file.text.parse::<Table>().err()?)));
    wrong.map(|(file, why)| format!("{} cannot be read: {}", file.path, why.message())).collect()
}

/// The manifests of our crates, with their folders.
fn manifests(files: &[File]) -> Vec<(&str, Table)> {
    let of_crates = files.iter().filter_map(|file| Some((file.path.strip_suffix("/Cargo.toml")?, file)));
    let parsed = of_crates.filter_map(|(folder, file)| Some((folder, file.text.parse::<Table>().ok()?)));
    parsed.collect()
}

fn table<'a>(manifest: &'a Table, name: &str) -> Vec<(&'a String, &'a Value)> {
    manifest.get(name).and_then(Value::as_table).into_iter().flatten().collect()
}

pub(super) fn edges(files: &[File]) -> Vec<String> {
    let ours: BTreeSet<_> = EDGES.iter().filter_map(|(folder, _)| folder.rsplit('/').next()).collect();
    let mut wrong = Vec::new();
    for (folder, manifest) in manifests(files) {
        let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == folder) else {
            wrong.push(format!("{folder} is not in the list of allowed edges"));
            continue;
        };
        let itself = folder.rsplit('/').next();
        for (name, told) in KINDS.iter().flat_map(|kind| table(&manifest, kind)) {
            let is_for_lambda = folder.starts_with("functions/")
                && name == "runtime"
                && told.get("optional").and_then(Value::as_bool) == Some(true);
            let is_known = itself == Some(name) || allowed.contains(&name.as_str());
            if ours.contains(name.as_str()) && !is_known && !is_for_lambda {
                wrong.push(format!("{folder} may not use {name}"));
            }
        }
    }
    wrong
}

pub(super) fn sdk(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, manifest) in manifests(files) {
        let of = |kind| table(&manifest, kind).into_iter().map(move |(name, _)| (kind, name));
        for (kind, name) in KINDS.into_iter().flat_map(of) {
            let is_sdk = name.starts_with("aws-") && name != "aws-lc-rs";
            // Seeded dice are no more than a way to write down many cases.
            let is_for_cases = kind == "dev-dependencies" && name == "rand";
            if is_sdk && folder != "shared/aws" {
                wrong.push(format!("{folder} names {name}: only shared/aws may"));
            }
            let is_for_signatures = SIGNED.contains(&(folder, name.as_str()));
            let is_impure = IMPURE.contains(&name.as_str()) && !is_for_cases && !is_for_signatures;
            if PURE.contains(&folder) && is_impure {
                wrong.push(format!("{folder} is pure and may not use {name}"));
            }
        }
    }
    wrong
}

pub(super) fn versions(files: &[File]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (folder, manifest) in manifests(files) {
        for (name, told) in KINDS.iter().flat_map(|kind| table(&manifest, kind)) {
            let is_itself = told.get("path").and_then(Value::as_str) == Some(".");
            if told.get("workspace").and_then(Value::as_bool) != Some(true) && !is_itself {
                wrong.push(format!("{folder} gives {name} a version of its own"));
            }
        }
    }
    wrong
}

pub(super) fn lints(files: &[File]) -> Vec<String> {
    let follows = |manifest: &Table| {
        manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(Value::as_bool) == Some(true)
    };
    let loose = manifests(files).into_iter().filter(|(_, manifest)| !follows(manifest));
    loose.map(|(folder, _)| format!("{folder} does not follow the workspace's lints")).collect()
}

/// Every dependency is used, and ARCHITECTURE.md says why it is there.
pub(super) fn reasons(files: &[File]) -> Vec<String> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else { return Vec::new() };
    let architecture =
        files.iter().find(|file| file.path == "ARCHITECTURE.md").map_or("", |file| file.text.as_str());
    let manifest: Table = root.text.parse().unwrap_or_default();
    let told = manifest
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table);
    let mut wrong = Vec::new();
    for (name, value) in told.into_iter().flatten() {
        if value.get("path").is_some() {
            continue;
        }
        let is_used = manifests(files).iter().any(|(_, manifest)| {
            KINDS.iter().any(|kind| table(manifest, kind).iter().any(|(used, _)| *used == name))
        });
        if !is_used {
            wrong.push(format!("{name} is used by nobody"));
        }
        if !architecture.contains(&format!("`{name}`")) {
            wrong.push(format!("ARCHITECTURE.md does not say why {name} is there"));
        }
    }
    wrong
}

/// The deploy tools build every function, and nothing else.
pub(super) fn builds(files: &[File]) -> Vec<String> {
    let Some(root) = files.iter().find(|file| file.path == "Cargo.toml") else { return Vec::new() };
    let manifest: Table = root.text.parse().unwrap_or_default();
    let path = ["workspace", "metadata", "lambda", "build", "packages"];
    let mut told = Some(&Value::Table(manifest)).cloned();
    for part in path {
        told = told.and_then(|value| value.get(part).cloned());
    }
    let built: BTreeSet<_> =
        told.iter().filter_map(Value::as_array).flatten().filter_map(Value::as_str).collect();
    let manifests = manifests(files);
    let functions: BTreeSet<_> =
        manifests.iter().filter_map(|(folder, _)| folder.strip_prefix("functions/")).collect();
    let differ = built.symmetric_difference(&functions);
    differ.map(|name| format!("{name} is a function or built as one, but not both")).collect()
}

/// The whole product runs at home: no function is left out there.
pub(super) fn at_home(files: &[File]) -> Vec<String> {
    let manifests = manifests(files);
    let home = manifests.iter().find(|(folder, _)| *folder == "local");
    let known: BTreeSet<_> =
        home.iter().flat_map(|(_, manifest)| table(manifest, "dependencies")).map(|(name, _)| name).collect();
    let functions = manifests.iter().filter_map(|(folder, _)| folder.strip_prefix("functions/"));
    let missing = functions.filter(|name| !known.iter().any(|known| known == name));
    missing.map(|name| format!("{name} does not run in local")).collect()
}
