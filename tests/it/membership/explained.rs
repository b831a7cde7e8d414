//! Why somebody is in a segment, or is not.

use super::{PATH, house, list, segment};
use crate::{
    customers::{made, shop, told},
    orders::ordered,
};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn each_part_of_a_rule_says_what_it_sees_and_when_that_changes() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "tags": ["VIP"]})).await;
    for (total, placed_at) in [("60", "2026-09-20T23:30:00-04:00"), ("40.50", "2026-08-01T12:00:00-04:00")] {
        let body = json!({"customer_id": ada, "total": total, "placed_at": placed_at, "status": "paid"});
        ordered(&world, &owner, &body).await;
    }
    let rule = "last_order_date >= -30d AND (birthday != today OR customer_tags CONTAINS 'x') \
                AND orders_placed MATCHES (amount > 50, count >= 1)";
    let id = segment(&world, &owner, "Lately", rule).await;
    world.settle().await;
    let path = format!("{PATH}/{id}/explain/{ada}");
    let told = owner.get(&world, &path).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let shown = |at: &str| told.at(at);
    assert_eq!(
        (shown("/holds"), shown("/is_member"), shown("/text")),
        (json!(true), json!(true), json!(rule))
    );
    assert!(shown("/settled_at").is_string());
    // The last order is of 20 September: the 31st day after begins on 21 October, in New York.
    let ends = json!("2026-10-21T04:00:00Z");
    assert_eq!((shown("/changes_at"), shown("/tree/parts/0/changes_at")), (ends.clone(), ends));
    assert_eq!((shown("/tree/kind"), shown("/tree/pointer")), (json!("all"), json!("")));
    assert_eq!(shown("/tree/parts/0/value"), json!("2026-09-21T03:30:00Z"));
    assert_eq!(
        shown("/tree/parts/0/why"),
        "their last order is 2026-09-20 23:30:00, which fits “whose last order was in the last 30 days”"
    );
    let unknown = "/tree/parts/1/parts/0";
    assert_eq!(shown(&format!("{unknown}/pointer")), "/all/1/any/0");
    assert_eq!(
        (shown(&format!("{unknown}/value")), shown(&format!("{unknown}/holds_because_empty"))),
        (json!(null), json!(true))
    );
    assert_eq!(
        (shown("/tree/parts/1/kind"), shown("/tree/parts/1/parts/1/holds")),
        (json!("any"), json!(false))
    );
    assert_eq!(shown("/tree/parts/1/parts/1/value"), json!(["VIP"]));
    assert_eq!(shown("/tree/parts/2/value"), json!({"count": 1, "sum_amount": "60.00"}));
    assert_eq!(shown("/timezone"), "America/New_York");

    // What is kept is as it says.
    world.clock.advance_to(
        "2026-10-21T04:01:00Z".parse::<domain::Timestamp>().expect("an instant").as_millisecond(),
    );
    world.settle().await;
    let told = owner.get(&world, &path).await;
    assert_eq!((told.at("/holds"), told.at("/is_member")), (json!(false), json!(false)), "{}", told.text);
    assert_eq!((told.at("/tree/parts/0/holds"), told.at("/changes_at")), (json!(false), json!(null)));
}

#[tokio::test]
async fn a_rule_that_is_not_saved_is_explained_as_well() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "tags": ["x"]})).await;
    let named = segment(&world, &owner, "Tagged", "customer_tags CONTAINS 'x'").await;
    let friends = list(&world, &owner, "Friends").await;
    let path = format!("{PATH}/explain/{ada}");
    for (rule, holds, value) in [
        (format!("segment MATCHES (id = '{named}')"), true, json!(true)),
        (format!("list NOT MATCHES (id = '{friends}')"), true, json!(false)),
        ("number_of_orders > 0".to_owned(), false, json!(0)),
        ("amount_spent = 0".to_owned(), true, json!("0.00")),
        ("average_order_value > 5".to_owned(), false, json!(null)),
        ("can_receive_email = FALSE".to_owned(), true, json!(false)),
        ("email_subscription_status = 'NOT_SUBSCRIBED'".to_owned(), true, json!("NOT_SUBSCRIBED")),
        ("NOT EVERYONE".to_owned(), false, json!(null)),
    ] {
        let told = owner.post(&world, &path, &json!({"rule": rule})).await;
        assert_eq!((told.status.as_u16(), told.at("/holds")), (200, json!(holds)), "{rule}: {}", told.text);
        assert_eq!(told.at("/tree/value"), value, "{rule}: {}", told.text);
        assert_eq!(told.at("/is_member"), Value::Null, "nothing is kept of it");
    }
    let preview = owner.post(&world, "/api/v1/segments/preview", &json!({"rule": "EVERYONE"})).await;
    let told = owner.post(&world, &path, &json!({"rule": "EVERYONE"})).await;
    assert_eq!((told.text_at("/tree/kind").as_str(), told.at("/as_of")), ("everyone", preview.at("/as_of")));
}

#[tokio::test]
async fn what_cannot_be_explained_is_told() {
    let world = World::new(3).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada"})).await;
    let id = segment(&world, &owner, "All", "EVERYONE").await;
    let friends = list(&world, &owner, "Friends").await;
    let check = async |method: &str, path: String, body: Value, expected: (u16, &str)| {
        let answer = owner.call(&world, method, &path, &body).await;
        let (status, code, _) = told(&answer);
        assert_eq!((status, code.as_str()), expected, "{path}: {}", answer.text);
    };
    check("GET", format!("{PATH}/{friends}/explain/{ada}"), json!({}), (409, "is_a_list")).await;
    check("GET", format!("{PATH}/{id}/explain/s404"), json!({}), (404, "not_found")).await;
    check("GET", format!("{PATH}/none/explain/{ada}"), json!({}), (404, "not_found")).await;
    let wrong = json!({"rule": "number_of_ordrs > 1"});
    check("POST", format!("{PATH}/explain/{ada}"), wrong, (400, "unknown_name")).await;
    let not_kept = json!({"rule": "companies = 7"});
    check("POST", format!("{PATH}/explain/{ada}"), not_kept, (400, "unsupported")).await;
    let other = shop(&world, "other").await;
    let theirs = made(&world, &other, &json!({"name": "Eve"})).await;
    check("GET", format!("{PATH}/{id}/explain/{theirs}"), json!({}), (404, "not_found")).await;
    assert_eq!(other.get(&world, &format!("{PATH}/{id}/explain/{theirs}")).await.status, 404);
}
