//! Segments as they are stored, and that whoever changes one has read all. A changed snapshot is a migration.

use domain::{
    Segment, SegmentId, TenantId, UserId,
    segment::{RuleText, SegmentState, Turns},
};
use std::sync::Arc;
use store::{Store, StoreError, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

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
        asks_beside: false,
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
