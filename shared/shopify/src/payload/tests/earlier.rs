//! The same topics as earlier versions tell them: a shop may be told of by any version that is served, and by an older one where an
//! event was kept. What is understood is the same, but for what Shopify tells otherwise there.

use super::*;

/// The newest first. Of each stands what differs from the next newer one in more than instants.
const VERSIONS: [&str; 5] = ["2026-04", "2026-01", "2025-10", "2025-01", "2024-10"];

/// Of several topics that are told alike there is one sample.
fn told_as(topic: &Topic) -> &str {
    match topic.name() {
        "customers/update" | "customers/enable" | "customers/disable" => "customers/create",
        "products/update" => "products/create",
        "checkouts/update" => "checkouts/create",
        "orders/updated"
        | "orders/paid"
        | "orders/fulfilled"
        | "orders/partially_fulfilled"
        | "orders/cancelled" => "orders/create",
        _ => topic.name(),
    }
}

/// As the version tells it, which may be as the next newer one does.
fn earlier(version: &str, topic: &Topic) -> Vec<u8> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/shopify-earlier");
    let newer = VERSIONS.iter().rev().skip_while(|other| **other != version);
    let found = newer
        .filter_map(|version| fs::read(samples.join(version).join(format!("{}.json", told_as(topic)))).ok());
    found.into_iter().next().unwrap_or_else(|| sample(topic))
}

/// The lines that only one of the two has.
fn differences(newest: &str, earlier: &str) -> Vec<String> {
    let mut added: Vec<&str> = earlier.lines().collect();
    let mut gone = Vec::new();
    for line in newest.lines() {
        match added.iter().position(|other| *other == line) {
            Some(place) => drop(added.remove(place)),
            None => gone.push(format!("- {}", line.trim())),
        }
    }
    gone.into_iter().chain(added.into_iter().map(|line| format!("+ {}", line.trim()))).collect()
}

#[test]
fn each_topic_of_each_version_is_understood_the_same_where_it_tells_the_same() {
    let mut all = String::new();
    for version in VERSIONS {
        for topic in Topic::ALL {
            let told = |body: &[u8]| {
                shown(read(topic, body).unwrap_or_else(|bad| panic!("{version} {topic}: {bad}")))
            };
            let differing = differences(&told(&sample(topic)), &told(&earlier(version, topic)));
            if !differing.is_empty() {
                let _ = write!(all, "{version} {topic}\n  {}\n", differing.join("\n  "));
            }
        }
    }
    insta::assert_snapshot!("earlier", all);
}

#[test]
fn no_sample_of_an_earlier_version_is_read_by_nobody() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/shopify-earlier");
    let read = Topic::ALL
        .iter()
        .flat_map(|topic| VERSIONS.map(|version| format!("{version}/{}.json", told_as(topic))));
    let read: std::collections::BTreeSet<_> = read.collect();
    let mut folders = vec![samples.clone()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir(&folder).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "json") {
                let name = path.strip_prefix(&samples).unwrap().display().to_string();
                assert!(read.contains(&name), "{name}");
            }
        }
    }
}
