//! Segments as they are stored, and that whoever changes one has read all. A changed snapshot is a migration.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    Segment, SegmentId, TenantId, Timestamp, UserId,
    segment::{RuleText, SegmentState, Turns},
};
use serde_dynamo::AttributeValue as Value;
use std::sync::Arc;
use store::{Item, Store, StoreError, local::LocalTable};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// Attributes in the order of their names.
fn shown(item: &Item) -> String {
    let mut body: Vec<_> =
        item.body.iter().map(|(name, value)| format!("    {name}: {}", written(value))).collect();
    body.sort();
    let index = item.index.as_ref().map_or_else(String::new, |index| format!(" @ {index:?}"));
    let expiry = item.expires_at.map_or_else(String::new, |at| format!(" until {at}"));
    format!("{:?} v{}{expiry}{index}\n{}", item.key, item.version, body.join("\n"))
}

/// Members of members in the order of their names, too.
fn written(value: &Value) -> String {
    match value {
        Value::M(members) => {
            let mut all: Vec<_> =
                members.iter().map(|(name, value)| format!("{name}: {}", written(value))).collect();
            all.sort();
            format!("M({{{}}})", all.join(", "))
        }
        Value::L(values) => format!("L([{}])", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        plain => format!("{plain:?}"),
    }
}

#[tokio::test]
async fn segments_are_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let team = Store::new(table.clone()).for_task(TenantId::new(at(0), [1; 10]));
    let (by, id) = (UserId::new(at(0), [2; 10]), SegmentId::new(at(0), [3; 10]));
    let segment = Segment {
        id,
        name: "Regulars".parse().unwrap(),
        description: Some("Who come again".to_owned()),
        rule: Some(RuleText { text: "number_of_orders > 3".to_owned(), hash: "5e88".to_owned() }),
        turns: Turns::Never,
        state: SegmentState::Paused,
        edition: 2,
        era: 3,
        created_at: at(0),
        created_by: by,
        updated_at: at(1),
        updated_by: by,
    };
    let before = team.segments().await.unwrap();
    team.commit(vec![team.segment_made(&before, &segment)]).await.unwrap();
    let other = Segment { id: SegmentId::new(at(0), [4; 10]), ..segment.clone() };
    let late = team.commit(vec![team.segment_made(&before, &other)]).await;
    assert!(matches!(late, Err(StoreError::Conflict(0))), "the list has changed: {late:?}");
    let after = team.segments().await.unwrap();
    assert_eq!(after.iter().map(|held| (**held).clone()).collect::<Vec<_>>(), [segment]);
    let listed: Vec<_> = table.dump().unwrap().iter().map(shown).collect();
    insta::assert_snapshot!(listed.join("\n"));
}
