//! Reports as they are stored, and to whom they are mailed. A changed snapshot is a migration.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{
    Report, ReportId, TenantId, UserId, Zone,
    campaign::{Schedule, schedule::Each},
    report::{Chart, Days, Dimension, Format, Mailing, Measure, Question, Trouble},
    segment::RuleText,
};
use std::sync::Arc;
use store::{Due, Store, StoreError, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

fn report() -> Report {
    let by = UserId::new(at(0), [2; 10]);
    Report {
        id: ReportId::new(at(0), [3; 10]),
        name: "Sales".parse().unwrap(),
        description: None,
        question: Question {
            measures: vec![Measure::Revenue],
            dimensions: vec![Dimension::Month],
            filter: Some(RuleText { text: "number_of_orders > 3".to_owned(), hash: "5e88".to_owned() }),
            days: Days::Last(30),
            chart: Chart::Bar,
        },
        edition: 2,
        links: 0,
        created_at: at(0),
        created_by: by,
        updated_at: at(1),
        updated_by: by,
    }
}

fn schedule() -> Schedule {
    Schedule {
        each: Each::Week(vec![1]),
        time: "08:00".parse().unwrap(),
        from: "2026-09-21".parse().unwrap(),
        until: None,
        zone: Zone::UTC,
        is_recipients_time: false,
    }
}

#[tokio::test]
async fn reports_and_to_whom_they_are_mailed_are_kept_so() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let team = store.for_task(TenantId::new(at(0), [1; 10]));
    let first = report();
    team.commit(vec![team.report_made(&first)]).await.unwrap();
    let held = team.report(first.id).await.unwrap().unwrap();
    assert_eq!(*held, first);
    let ended = Report { links: 1, ..first.clone() };
    team.commit(vec![team.report_changed(&held, &ended)]).await.unwrap();
    assert_eq!(*team.report(first.id).await.unwrap().unwrap(), ended, "how often links were ended");

    let by = first.created_by;
    let begun = Mailing::begun(first.id, schedule(), vec![by], Format::Pdf, (by, at(0)));
    team.commit(vec![team.mailing_set(None, &begun)]).await.unwrap();
    let held = team.mailing(first.id).await.unwrap().unwrap();
    assert_eq!(*held, begun);
    let due = Due::Mailing { tenant: team.id(), report: first.id };
    let just_after = begun.next_at + std::time::Duration::from_millis(1);
    let told = store.due_before(just_after, 10, None).await.unwrap();
    assert_eq!(told, (vec![(begun.next_at, due)], None));
    let seen = Mailing {
        done: vec![by],
        claimed_until: Some(at(60)),
        told_at: Some(at(1)),
        trouble: Some(Trouble::NotSent),
        ..begun.clone()
    };
    team.commit(vec![team.mailing_set(Some(&held), &seen)]).await.unwrap();
    for late in
        [team.mailing_set(Some(&held), &begun), team.mailing_set(None, &begun), team.mailing_ended(&held)]
    {
        assert!(matches!(team.commit(vec![late]).await, Err(StoreError::Conflict(0))));
    }
    let all = team.mailings().await.unwrap();
    assert_eq!(all.iter().map(|held| (**held).clone()).collect::<Vec<_>>(), [seen]);

    insta::assert_snapshot!(table.dump().unwrap().iter().map(shown).collect::<Vec<_>>().join("\n"));

    team.commit(vec![team.mailing_ended(&all[0])]).await.unwrap();
    assert!(team.mailing(first.id).await.unwrap().is_none());
}
