//! Columns of a shop's own: rules name what its customers' attributes are called, typed by what they hold (SEG-02, SEG-04).

use super::{PATH, house, members, must_be_as_from_nothing, segment, store_of};
use crate::{cast::Person, customers::made, files::brought};
use flows::Clock;
use local::{World, world::Answer};
use serde_json::{Value, json};

async fn preview(world: &World, owner: &Person, rule: &str) -> Answer {
    owner.post(world, &format!("{PATH}/preview"), &json!({"rule": rule})).await
}

/// Everything that is wrong with a rule.
async fn errors(world: &World, owner: &Person, rule: &str) -> Vec<Value> {
    let told = owner.post(world, &format!("{PATH}/validate"), &json!({"rule": rule})).await;
    assert_eq!(told.status, 200, "{}", told.text);
    told.at("/errors").as_array().cloned().unwrap_or_default()
}

async fn fields(world: &World, owner: &Person) -> Vec<(String, String)> {
    let told = owner.get(world, &format!("{PATH}/fields")).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let text = |field: &Value, name: &str| field[name].as_str().unwrap_or_default().to_owned();
    let all = told.at("/items").as_array().cloned().unwrap_or_default();
    let own = all.iter().map(|field| (text(field, "name"), text(field, "kind")));
    own.filter(|(name, _)| name.starts_with("attributes.")).collect()
}

#[tokio::test]
async fn rules_name_the_columns_that_a_shop_brought() {
    let world = World::new(1).await;
    let owner = house(&world, "owner").await;
    let stranger = house(&world, "stranger").await;
    assert_eq!(fields(&world, &owner).await, []);
    assert_eq!(errors(&world, &owner, "attributes.shoe_size > 40").await.len(), 1, "nobody has told it yet");
    let ada = json!({"shoe_size": 42.5, "club": "Gold", "is_member": true, "joined": {"day": "2020-09-21"}, "likes": ["tea", "rum"]});
    made(&world, &owner, &json!({"name": "Ada", "attributes": ada})).await;
    made(&world, &owner, &json!({"name": "Bob", "attributes": {"shoe_size": 39, "is_member": false}})).await;
    made(&world, &owner, &json!({"name": "Cid"})).await;
    let file = "email,Shop nearby,Shoe size\ndan@example.com,Berlin,44\neve@example.com,Bonn,\n";
    let told = brought(&world, &owner, "/api/v1/data/import/customers?attributes=true", file).await;
    assert_eq!(told.at("/created"), json!(2), "{}", told.text);
    world.settle().await;

    let known = [
        ("club", "a text"),
        ("is_member", "TRUE or FALSE"),
        ("joined", "a date"),
        ("likes", "a list of texts"),
        ("shoe_size", "a number"),
        ("shop_nearby", "a text"),
    ];
    let known = known.map(|(name, kind)| (format!("attributes.{name}"), kind.to_owned()));
    assert_eq!(fields(&world, &owner).await, known);
    assert_eq!(fields(&world, &stranger).await, [], "another shop's columns are its own");
    for (rule, expected) in [
        ("attributes.shoe_size > 40", 2),
        ("attributes.shoe_size BETWEEN 39 AND 42.5", 2),
        ("attributes.shoe_size IS NULL", 2),
        ("attributes.club = 'gold'", 1),
        ("attributes.club != 'gold'", 4),
        ("attributes.shop_nearby STARTS WITH 'b'", 2),
        ("attributes.is_member = TRUE", 1),
        ("attributes.joined < -1y", 1),
        ("anniversary(attributes.joined) = today", 1),
        ("attributes.likes CONTAINS 'RUM'", 1),
        ("attributes.likes LENGTH >= 2 AND attributes.is_member != FALSE", 1),
    ] {
        let told = preview(&world, &owner, rule).await;
        assert_eq!(told.at("/total"), json!(expected), "{rule}: {}", told.text);
        assert_eq!(told.at("/text"), json!(rule));
        assert_eq!(preview(&world, &stranger, rule).await.status, 400, "{rule}");
    }
    let wrong = errors(&world, &owner, "attributes.shoe_siz > 40").await;
    assert_eq!(wrong[0]["did_you_mean"], "attributes.shoe_size", "{wrong:?}");
    let wrong = errors(&world, &owner, "attributes.shoe_size = 'big'").await;
    assert!(wrong[0]["detail"].as_str().unwrap_or_default().contains("a number"), "{wrong:?}");
    let refused = owner.post(&world, PATH, &json!({"name": "x", "rule": "attributes.nobody = 1"})).await;
    assert_eq!(
        (refused.status.as_u16(), refused.text_at("/errors/0/pointer").as_str()),
        (400, "/rule"),
        "{}",
        refused.text
    );
}

#[tokio::test]
async fn who_is_in_a_segment_follows_their_attributes() {
    let world = World::new(2).await;
    let owner = house(&world, "owner").await;
    let ada = made(&world, &owner, &json!({"name": "Ada", "attributes": {"shoe_size": 42}})).await;
    let bob = made(&world, &owner, &json!({"name": "Bob"})).await;
    let big = segment(&world, &owner, "Big", "attributes.shoe_size >= 42").await;
    let long = segment(
        &world,
        &owner,
        "Long",
        &format!("attributes.shoe_size IS NULL OR segment MATCHES (id = '{big}')"),
    )
    .await;
    world.settle().await;
    let store = store_of(&world, &owner);
    let within = async |id: &str| members(&store, id).await.into_iter().collect::<Vec<_>>();
    assert_eq!(within(&big).await, std::slice::from_ref(&ada));
    for (who, told, in_big) in [
        (&bob, json!({"shoe_size": 45}), vec![&ada, &bob]),
        (&ada, json!({"shoe_size": 41.999_999}), vec![&bob]),
        (&ada, json!({"shoe_size": null}), vec![&bob]),
        // Of another kind than the column is: nothing, and no rule falls over it.
        (&bob, json!({"shoe_size": "huge"}), vec![]),
        (&bob, json!({"shoe_size": 42, "hat": true}), vec![&bob]),
    ] {
        let path = format!("/api/v1/customers/{who}");
        let changed = owner.call(&world, "PATCH", &path, &json!({"attributes": told})).await;
        assert_eq!(changed.status, 200, "{}", changed.text);
        world.settle().await;
        let mut expected: Vec<String> = in_big.into_iter().cloned().collect();
        expected.sort_unstable();
        assert_eq!(within(&big).await, expected, "{told}");
        must_be_as_from_nothing(&world, &store, world.clock.now(), &told.to_string()).await;
    }
    assert_eq!(within(&long).await.len(), 2);
    let why = owner.get(&world, &format!("{PATH}/{big}/explain/{bob}")).await;
    assert_eq!((why.at("/holds"), why.at("/tree/value")), (json!(true), json!("42")), "{}", why.text);
    let shown = owner.get(&world, &format!("{PATH}/{big}")).await;
    assert_eq!(
        (shown.text_at("/state").as_str(), shown.at("/count")),
        ("active", json!(1)),
        "{}",
        shown.text
    );
    // An edit may name what was told since, and a report may, too.
    let edited = owner
        .call(&world, "PATCH", &format!("{PATH}/{big}"), &json!({"rule": "attributes.hat = TRUE"}))
        .await;
    assert_eq!(edited.status, 200, "{}", edited.text);
    world.settle().await;
    assert_eq!(within(&big).await, std::slice::from_ref(&bob));
    let report = json!({"name": "Hats", "measures": ["customers"], "filter": "attributes.hat = TRUE"});
    let kept = owner.post(&world, "/api/v1/reports", &report).await;
    assert_eq!(kept.status, 201, "{}", kept.text);
}
