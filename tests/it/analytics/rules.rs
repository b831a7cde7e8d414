//! Rules that ask for scores: who is in their segments is as if found from nothing, night after night and after each change, and a
//! preview says the same (SEG-10, and what is expected of customers as a field).

use super::scored::{items, next_night, recalculated, shop_of, shop_of_regulars, shown};
use crate::{
    cast::Person,
    customers::{made, told},
    membership::{members, moves, must_be_as_from_nothing, segment, store_of},
    orders::ordered,
};
use domain::{
    scoring::{Cause, ScoringRun},
    settlement::Settling,
};
use flows::Clock;
use insight::{Nightly, Outlook, Silence};
use local::World;
use serde_json::json;
use std::{collections::BTreeSet, sync::Arc};
use store::Scores;

const RULES: [&str; 10] = [
    "rfm_group IN ('CHAMPIONS', 'LOYAL')",
    "rfm_group != 'PROSPECTS' AND NOT rfm_r = 5",
    "rfm_m >= 4 OR rfm_f BETWEEN 2 AND 3",
    "rfm_r IS NULL",
    "churn_probability >= 0.6",
    "churn_probability < 0.6",
    "churn_probability IS NULL",
    "predicted_clv > 100 AND predicted_number_of_orders >= 1.5",
    "total_clv > 500",
    "expected_date_of_next_order BETWEEN today AND +21d",
];

async fn preview(world: &World, owner: &Person, rule: &str) -> local::world::Answer {
    owner.post(world, "/api/v1/segments/preview", &json!({"rule": rule})).await
}

async fn must_be_right(world: &World, owner: &Person, ids: &[String], what: &str) {
    let store = store_of(world, owner);
    must_be_as_from_nothing(world, &store, world.clock.now(), what).await;
    for (rule, id) in RULES.iter().zip(ids) {
        let previewed = preview(world, owner, rule).await;
        let kept = members(&store, id).await.len();
        assert_eq!(previewed.at("/total"), json!(kept), "{what}: {rule}: {}", previewed.text);
    }
}

#[tokio::test]
async fn segments_by_scores_are_as_if_found_from_nothing() {
    let world = World::new(1).await;
    let owner = shop_of_regulars(&world, "owner").await;
    next_night(&world).await;
    let mut ids = Vec::new();
    for (number, rule) in RULES.iter().enumerate() {
        ids.push(segment(&world, &owner, &format!("S{number}"), rule).await);
    }
    ids.push(segment(&world, &owner, "Not lost", &format!("segment NOT MATCHES (id = '{}')", ids[4])).await);
    world.settle().await;
    must_be_right(&world, &owner, &ids, "at first").await;
    let store = store_of(&world, &owner);
    for (id, rule) in ids.iter().zip(RULES) {
        let count = members(&store, id).await.len();
        // Only who has not ordered has no recency, and of all who have, all is told.
        let is_empty = rule.ends_with("IS NULL");
        assert_eq!(count == 0, is_empty, "{rule}: {count}");
    }
    // Somebody who was given up comes back, and somebody new is there.
    let lost = shown(&world, &owner, "/api/v1/analytics/churn/high-risk?limit=1").await;
    let lost = items(&lost)[0]["customer_id"].as_str().unwrap_or_default().to_owned();
    assert!(members(&store, &ids[4]).await.contains(&lost));
    for (id, rule) in ids.iter().zip(RULES) {
        // Why somebody is in it is told with the score itself, and nothing is left to refresh.
        let told = shown(&world, &owner, &format!("/api/v1/segments/{id}/explain/{lost}")).await;
        assert_eq!(told["holds"], told["is_member"], "{rule}: {told}");
        let leaf = if told["tree"]["kind"] == "leaf" { &told["tree"] } else { &told["tree"]["parts"][0] };
        // Of who is lost no next order is expected.
        assert_eq!(leaf["value"].is_null(), rule.starts_with("expected_date"), "{rule}: {told}");
        let again = owner.post(&world, &format!("/api/v1/segments/{id}/refresh"), &json!({})).await;
        let moved = (again.at("/added"), again.at("/removed"), again.at("/is_settled"));
        assert_eq!(moved, (json!(0), json!(0), json!(true)), "{rule}: {}", again.text);
    }
    ordered(&world, &owner, &json!({"customer_id": lost, "total": 40, "status": "paid"})).await;
    made(&world, &owner, &json!({"name": "New"})).await;
    world.settle().await;
    must_be_right(&world, &owner, &ids, "after a change").await;
    assert!(!members(&store, &ids[4]).await.contains(&lost), "who has just ordered is not lost");
    let left = moves(&world, &owner, &lost).await;
    assert!(left.contains(&("segment_left".to_owned(), "S4".to_owned())), "{left:?}");
    assert!(left.contains(&("segment_joined".to_owned(), "Not lost".to_owned())), "{left:?}");
    for night in 1..3 {
        next_night(&world).await;
        must_be_right(&world, &owner, &ids, &format!("after {night} nights more")).await;
    }
    let before: BTreeSet<String> = members(&store, &ids[4]).await;
    let other = before.iter().next().cloned().unwrap_or_default();
    for _ in 0..10 {
        let body = json!({"customer_id": other, "total": 900, "status": "paid"});
        ordered(&world, &owner, &body).await;
    }
    recalculated(&world, &owner).await;
    must_be_right(&world, &owner, &ids, "after it was asked for by hand").await;
}

#[tokio::test]
async fn another_fit_alone_moves_customers_and_says_so() {
    let world = World::new(2).await;
    let bought: [(&str, &[(i64, i64)]); 3] = [("Ada", &[(35, 100)]), ("Bob", &[(5, 20)]), ("Cid", &[])];
    let owner = shop_of(&world, "owner", &bought).await;
    recalculated(&world, &owner).await;
    let recent = segment(&world, &owner, "Recent", "rfm_r = 5").await;
    let quiet = segment(&world, &owner, "Quiet", "customer_tags CONTAINS 'x'").await;
    world.settle().await;
    let store = store_of(&world, &owner);
    let ada = items(&shown(&world, &owner, "/api/v1/customers?search=ada").await);
    let ada = ada[0]["id"].as_str().unwrap_or_default().to_owned();
    assert!(members(&store, &recent).await.contains(&ada), "within 40 days");
    for _ in 0..5 {
        next_night(&world).await;
        assert!(members(&store, &recent).await.contains(&ada), "40 days are not over");
    }
    next_night(&world).await;
    assert!(!members(&store, &recent).await.contains(&ada), "the cut points are of another day");
    assert_eq!(
        moves(&world, &owner, &ada).await,
        [("segment_joined", "Recent"), ("segment_left", "Recent")]
            .into_iter()
            .filter(|(kind, _)| *kind == "segment_left")
            .map(|(kind, name)| (kind.to_owned(), name.to_owned()))
            .collect::<Vec<_>>()
    );
    assert_eq!(members(&store, &quiet).await.len(), 0);
    must_be_as_from_nothing(&world, &store, world.clock.now(), "after six nights").await;
}

#[tokio::test]
async fn what_is_not_told_is_refused_with_the_reason_and_groups_can_be_asked() {
    let world = World::new(3).await;
    let owner = shop_of(&world, "owner", &[("Ada", &[(10, 100)]), ("Bob", &[])]).await;
    let detail = async |rule: &str| {
        let refused = preview(&world, &owner, rule).await;
        assert_eq!(told(&refused).0, 400, "{rule}: {}", refused.text);
        refused.text
    };
    assert!(detail("rfm_group = 'NEW'").await.contains("not been worked out yet"));
    recalculated(&world, &owner).await;
    assert!(detail("churn_probability > 0.5").await.contains("too few customers have ordered"));
    let made = json!({"name": "Lost", "rule": "churn_probability > 0.5"});
    assert_eq!(told(&owner.post(&world, "/api/v1/segments", &made).await).1, "unsupported");
    let templates = items(&shown(&world, &owner, "/api/v1/segments/templates").await);
    let groups: Vec<_> = templates
        .iter()
        .filter(|item| item["id"].as_str().is_some_and(|id| id.starts_with("rfm_")))
        .collect();
    assert_eq!(groups.len(), 11);
    let mut total = 0;
    for template in groups {
        assert_eq!(template["can_be_counted"], json!(true), "{template}");
        let counted = preview(&world, &owner, template["text"].as_str().unwrap_or_default()).await;
        total += counted.at("/total").as_u64().unwrap_or(99);
    }
    assert_eq!(total, 2, "everybody is in one of them");
    let stranger = shop_of(&world, "stranger", &[("Kim", &[])]).await;
    let theirs = preview(&world, &stranger, "rfm_group = 'NEW'").await;
    assert_eq!(theirs.status, 400, "another shop's night is no night of this one: {}", theirs.text);
}

/// A night's word, whatever it is: with what was found, or with too little to say anything.
async fn night_tells(world: &World, owner: &Person, outlook: &Result<Outlook, Silence>) {
    let (store, now) = (store_of(world, owner), world.clock.now());
    let held = store.scores().await.expect("memory holds").expect("there is a night");
    let nightly =
        Nightly { outlook: *outlook, ..Nightly::clone(held.nightly.as_ref().expect("it was told")) };
    let silence = nightly.outlook.as_ref().err().map(|why| (why.code().to_owned(), why.to_string()));
    let scoring = held.scoring.clone().made(&"America/New_York".parse().expect("a zone"), now);
    let (edition, customers) = (scoring.edition, nightly.cuts.customers);
    let run = ScoringRun { wanted_at: now, cause: Cause::Hand, ended_at: now, edition, customers, silence };
    let settling = store.settling().await.expect("memory holds").expect("there are segments");
    let asked = Settling::clone(&settling).rescored(now);
    let scores = Scores { scoring, nightly: Some(Arc::new(nightly)) };
    let steps = vec![
        store.scores_changed(Some(&held), &scores),
        store.scoring_ran(&run),
        store.settling_changed(&settling, &asked),
    ];
    store.commit(steps).await.expect("memory holds");
}

#[tokio::test]
async fn who_is_in_a_segment_stays_there_through_nights_that_tell_nothing() {
    let world = World::new(4).await;
    let owner = shop_of_regulars(&world, "owner").await;
    next_night(&world).await;
    let lost = segment(&world, &owner, "Lost", "churn_probability >= 0.6").await;
    let others = segment(&world, &owner, "Others", "NOT churn_probability >= 0.6").await;
    let named = format!("segment NOT MATCHES (id = '{lost}') AND number_of_orders >= 1");
    let around = segment(&world, &owner, "Around", &named).await;
    let both = "churn_probability >= 0.6 AND products_purchased NOT MATCHES (tag = 'sale')";
    let both = segment(&world, &owner, "Lost without a sale", both).await;
    world.settle().await;
    let store = store_of(&world, &owner);
    let all = async || {
        (members(&store, &lost).await, members(&store, &others).await, members(&store, &around).await)
    };
    let before = all().await;
    let told = store.nightly().await.expect("memory holds").expect("it was told").outlook;
    assert!(told.is_ok() && !before.0.is_empty() && !before.1.is_empty());
    let silent_at = world.clock.now();
    for _ in 0..2 {
        night_tells(&world, &owner, &Err(Silence::Undecided)).await;
        world.settle().await;
    }
    assert_eq!(all().await, before, "nobody has come or gone");
    let gone = before.0.first().cloned().unwrap_or_default();
    let moved = moves(&world, &owner, &gone).await;
    assert!(!moved.contains(&("segment_joined".to_owned(), "Others".to_owned())), "{moved:?}");
    // Every reader says it.
    for id in [&lost, &others, &both] {
        let shown = shown(&world, &owner, &format!("/api/v1/segments/{id}")).await;
        assert_eq!(shown["state"], "silent", "{shown}");
        assert_eq!(shown["silent_since"], json!(silent_at), "{shown}");
        assert_eq!(shown["errors"][0]["code"], "unsupported", "{shown}");
        let refused = preview(&world, &owner, shown["text"].as_str().unwrap_or_default()).await;
        assert_eq!(refused.status, 400, "{}", refused.text);
        let by_name = preview(&world, &owner, &format!("segment MATCHES (id = '{id}')")).await;
        assert_eq!(by_name.at("/total"), shown["count"], "{}", by_name.text);
    }
    let around_shown = shown(&world, &owner, &format!("/api/v1/segments/{around}")).await;
    assert_eq!(around_shown["state"], "active", "{around_shown}");
    must_be_as_from_nothing(&world, &store, world.clock.now(), "in silence").await;
    // Who comes meanwhile is in neither, and who has ordered stays until it is told again.
    ordered(&world, &owner, &json!({"customer_id": gone, "total": 40, "status": "paid"})).await;
    world.settle().await;
    assert_eq!(all().await, before);
    world.clock.advance_seconds(60);
    night_tells(&world, &owner, &told).await;
    let shown_early = shown(&world, &owner, &format!("/api/v1/segments/{both}")).await;
    assert_eq!(shown_early["state"], "active", "there were never too many tags: {shown_early}");
    world.settle().await;
    assert!(!members(&store, &lost).await.contains(&gone) && members(&store, &others).await.contains(&gone));
    let moved = moves(&world, &owner, &gone).await;
    assert!(moved.contains(&("segment_left".to_owned(), "Lost".to_owned())), "{moved:?}");
    must_be_as_from_nothing(&world, &store, world.clock.now(), "told again").await;
    let shown = shown(&world, &owner, &format!("/api/v1/segments/{lost}")).await;
    assert_eq!((&shown["state"], &shown["silent_since"]), (&json!("active"), &json!(null)));
}
