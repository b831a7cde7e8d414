//! Groups by recency, frequency and money: counted by hand, listed, and kept from one night to the next (ANA-01 to 03, CUS-11).

use super::scored::{items, recalculated, shop_of, shop_of_regulars, shown};
use crate::customers::{made, told};
use local::World;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/analytics/rfm";

/// Of the four who have bought: R by 40, 90 and 180 days; F of 3, 1, 1, 1; M of 300, 20, 10, 30.
///
/// | | R | F | M | F and M | |
/// |---|---|---|---|---|---|
/// | Ada | 5 | 4 | 4 | 4 | CHAMPIONS |
/// | Bob | 4 | 1 | 2 | 2 | ACTIVE |
/// | Cid | 3 | 1 | 1 | 1 | ALMOST_LOST |
/// | Dan | 1 | 1 | 3 | 2 | DORMANT |
const FIVE: [(&str, &[(i64, i64)]); 5] = [
    ("Ada", &[(90, 100), (30, 100), (10, 100)]),
    ("Bob", &[(50, 20)]),
    ("Cid", &[(100, 10)]),
    ("Dan", &[(200, 30)]),
    ("Eve", &[]),
];

fn counts(groups: &Value) -> Vec<(String, u64)> {
    let groups = groups.as_array().cloned().unwrap_or_default();
    let of = |group: &Value| {
        (group["group"].as_str().unwrap_or_default().to_owned(), group["customers"].as_u64().unwrap_or(99))
    };
    groups.iter().map(of).filter(|(_, customers)| *customers > 0).collect()
}

async fn names(world: &World, owner: &crate::cast::Person, group: &str) -> Vec<Value> {
    let list = shown(world, owner, &format!("{PATH}/segments/{group}")).await;
    items(&list).iter().map(|item| item["first_name"].clone()).collect()
}

#[tokio::test]
async fn five_customers_are_in_the_groups_that_a_hand_counts() {
    let world = World::new(1).await;
    let owner = shop_of(&world, "owner", &FIVE).await;
    // As of this moment, and then as it is kept.
    for is_kept in [false, true] {
        if is_kept {
            recalculated(&world, &owner).await;
        }
        let all = shown(&world, &owner, PATH).await;
        assert_eq!(all, shown(&world, &owner, &format!("{PATH}/distribution")).await);
        let groups = [("CHAMPIONS", 1), ("ACTIVE", 1), ("ALMOST_LOST", 1), ("DORMANT", 1), ("PROSPECTS", 1)];
        let groups = groups.map(|(name, customers)| (name.to_owned(), customers));
        assert_eq!(counts(&all["groups"]), groups, "{all}");
        assert_eq!((all["groups"].as_array().map(Vec::len), &all["buyers"]), (Some(11), &json!(4)));
        assert_eq!(all["scored_customers"], json!(5));
        let shares = all["groups"].as_array().into_iter().flatten();
        let shares: f64 = shares.filter_map(|group| group["percentage"].as_f64()).sum();
        assert!((shares - 100.0).abs() < 1e-9, "{shares}");
        let champions = &all["groups"][0];
        let told =
            ["total_spent", "average_spent", "average_order_value"].map(|name| champions[name].clone());
        assert_eq!(told, [json!("300.00"), json!("300.00"), json!("100.00")]);
        let cuts = &all["cuts"];
        assert_eq!((&cuts["basis"], cuts["made_at"].is_string()), (&json!("fixed"), is_kept), "{cuts}");
        assert_eq!(cuts["frequency"], json!([3, 3, 3, null]));
        assert_eq!(cuts["monetary"], json!(["20.00", "30.00", "300.00", null]));
        assert_eq!(cuts["recency"], json!(["2026-03-25", "2026-03-25", "2026-06-23", "2026-08-12"]));
        assert_eq!(cuts["customers"], json!(4));
        let overview = shown(&world, &owner, "/api/v1/customers/stats/overview").await;
        assert_eq!(overview["rfm_distribution"], all["groups"]);
        for (group, name) in
            [("champions", "Ada"), ("ALMOST-LOST", "Cid"), ("prospects", "Eve"), ("DORMANT", "Dan")]
        {
            assert_eq!(names(&world, &owner, group).await, [json!(name)], "{group}");
        }
        assert_eq!(names(&world, &owner, "LOYAL").await, [] as [Value; 0]);
    }
    let matrix = shown(&world, &owner, &format!("{PATH}/matrix")).await;
    let cells = matrix["cells"].as_array().cloned().unwrap_or_default();
    let seen: Vec<_> = cells.iter().filter(|cell| cell["customers"] != 0).collect();
    let of = |cell: &&Value| [&cell["recency"], &cell["frequency"], &cell["monetary"]].map(Value::clone);
    let scores = [[5, 4, 4], [4, 1, 2], [3, 1, 1], [1, 1, 3]].map(|scores| scores.map(Value::from));
    assert_eq!((cells.len(), seen.iter().map(of).collect::<Vec<_>>()), (125, scores.to_vec()));
    let average = json!({"recency": 3.25, "frequency": 1.75, "monetary": 2.5});
    assert_eq!(matrix["average_scores"], average, "of customers, not of cells");
    let summary = shown(&world, &owner, &format!("{PATH}/summary")).await;
    for (name, expected) in [
        ("customers", json!(5)),
        ("buyers", json!(4)),
        ("coverage_percentage", json!(80.0)),
        ("champions", json!(1)),
        ("at_risk", json!(0)),
        ("lost", json!(2)),
        ("high_value", json!(0)),
        ("average_scores", average),
    ] {
        assert_eq!(summary[name], expected, "{name}");
    }
}

#[tokio::test]
async fn a_shop_of_nobody_has_all_groups_and_nobody_in_them() {
    let world = World::new(2).await;
    let owner = crate::membership::house(&world, "owner").await;
    for is_kept in [false, true] {
        if is_kept {
            recalculated(&world, &owner).await;
        }
        let all = shown(&world, &owner, PATH).await;
        assert_eq!((counts(&all["groups"]), &all["scored_customers"]), (vec![], &json!(0)), "{all}");
        assert_eq!(all["groups"].as_array().map(Vec::len), Some(11));
        let summary = shown(&world, &owner, &format!("{PATH}/summary")).await;
        assert_eq!(
            (&summary["average_scores"], &summary["coverage_percentage"]),
            (&json!(null), &json!(0.0))
        );
        assert_eq!(names(&world, &owner, "NEW").await, [] as [Value; 0]);
        for path in ["/api/v1/analytics/churn", "/api/v1/analytics/value", "/api/v1/analytics/value/cohorts"]
        {
            shown(&world, &owner, path).await;
        }
    }
}

#[tokio::test]
async fn cut_points_stay_until_they_are_worked_out_again() {
    let world = World::new(3).await;
    let owner = shop_of(&world, "owner", &FIVE).await;
    recalculated(&world, &owner).await;
    let kept = shown(&world, &owner, PATH).await;
    for number in 0..5 {
        let body = json!({"customer_id": made(&world, &owner, &json!({"name": format!("Fay{number}")})).await,
            "total": 1_000, "status": "paid"});
        crate::orders::ordered(&world, &owner, &body).await;
    }
    let then = shown(&world, &owner, PATH).await;
    assert_eq!(then["cuts"], kept["cuts"], "those who came since then are measured by them");
    assert_eq!((&then["buyers"], &then["groups"][0]["customers"]), (&json!(9), &json!(1)));
    recalculated(&world, &owner).await;
    let after = shown(&world, &owner, PATH).await;
    assert_ne!(after["cuts"]["monetary"], kept["cuts"]["monetary"]);
    assert_eq!(after["cuts"]["customers"], json!(9));
}

#[tokio::test]
async fn by_fifths_lists_are_what_is_counted() {
    let world = World::new(5).await;
    let owner = shop_of_regulars(&world, "owner").await;
    recalculated(&world, &owner).await;
    let all = shown(&world, &owner, PATH).await;
    assert_eq!((&all["cuts"]["basis"], &all["scored_customers"]), (&json!("fifths"), &json!(170)));
    let groups = all["groups"].as_array().cloned().unwrap_or_default();
    assert!(counts(&all["groups"]).len() > 6, "there is something to tell apart: {all}");
    for group in groups {
        let name = group["group"].as_str().unwrap_or_default();
        let list = shown(&world, &owner, &format!("{PATH}/segments/{name}?limit=1")).await;
        assert_eq!(list["total"], group["customers"], "{name}");
    }
}

#[tokio::test]
async fn a_group_is_listed_page_by_page_to_nobody_but_its_shop() {
    let world = World::new(4).await;
    let names: Vec<String> = (0..7).map(|number| format!("Jo{number}")).collect();
    let customers: Vec<(&str, &[(i64, i64)])> = names.iter().map(|name| (name.as_str(), &[][..])).collect();
    let owner = shop_of(&world, "owner", &customers).await;
    let path = format!("{PATH}/segments/PROSPECTS?limit=3");
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = shown(&world, &owner, &format!("{path}{next}")).await;
        assert_eq!(page["total"], json!(7));
        seen.extend(
            items(&page).iter().map(|item| item["first_name"].as_str().unwrap_or_default().to_owned()),
        );
        let Some(cursor) = page["next"].as_str() else { break };
        next = format!("&cursor={cursor}");
    }
    seen.sort_unstable();
    assert_eq!(seen, names);
    let stranger = shop_of(&world, "stranger", &[("Kim", &[])]).await;
    let foreign = stranger.get(&world, &format!("{path}{next}")).await;
    assert_eq!(told(&foreign), (400, "not_a_cursor".to_owned(), "?cursor".to_owned()), "{}", foreign.text);
    let other = owner.get(&world, &format!("{PATH}/segments/NEW?limit=3{next}")).await;
    assert_eq!(told(&other).1, "not_a_cursor", "nor is it one of another group");
    let theirs = shown(&world, &stranger, &format!("{PATH}/segments/PROSPECTS")).await;
    assert_eq!(theirs["total"], json!(1));
    for group in ["WHALES", "everybody", "%00"] {
        assert_eq!(owner.get(&world, &format!("{PATH}/segments/{group}")).await.status, 404, "{group}");
    }
    for limit in ["0", "101"] {
        let wrong = owner.get(&world, &format!("{PATH}/segments/NEW?limit={limit}")).await;
        assert_eq!(told(&wrong).2, "?limit");
    }
}
