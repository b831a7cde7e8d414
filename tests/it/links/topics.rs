//! Who agreed to be written to may still want nothing of a kind: they say so where they choose, and campaigns of that kind
//! leave them out.

use super::{consents, is_a_page, letter_to, letters_to, open, path_in, post, reader, sent};
use crate::{
    campaigns,
    cast::{PASSWORD, Person, login},
    customers::shop,
};
use local::World;
use serde_json::{Value, json};

async fn declined(world: &World, owner: &Person, id: &str) -> Value {
    owner.get(world, &format!("/api/v1/customers/{id}")).await.at("/declined_topics")
}

/// How many are left out because they want nothing of this kind.
fn left_out(told: &Value) -> u64 {
    let all = told.as_array().cloned().unwrap_or_default();
    let found = all.iter().find(|it| it["reason"] == "topic_declined");
    found.and_then(|it| it["count"].as_u64()).unwrap_or(0)
}

fn letter(name: &str, kind: &str) -> Value {
    json!({"name": name, "kind": kind, "rule": "EVERYONE", "subject": "Hi",
        "html": "<a href=\"{{ unsubscribe_url }}\">No more</a>"})
}

#[tokio::test]
async fn somebody_says_by_topic_what_they_want_and_campaigns_keep_to_it() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let (ada, _) = (reader(&world, &owner, "Ada").await, reader(&world, &owner, "Bo").await);
    sent(&world, &owner, "Spring").await;
    let path = path_in(&letter_to(&world, "Ada"), "/t/preferences/");
    let page = open(&world, &path).await;
    is_a_page(&page, 200);
    for topic in ["promotional", "newsletter", "reminder"] {
        let part = format!("<input type=\"checkbox\" name=\"want\" value=\"{topic}\" checked>");
        assert!(page.text.contains(&part), "{part} in {}", page.text);
    }
    assert_eq!(declined(&world, &owner, &ada).await, json!([]), "whoever looks changes nothing");
    world.clock.advance_seconds(60);
    let form = "shown=email&want=email&shown=sms&want=sms&shown=promotional&want=promotional&shown=newsletter\
                &shown=reminder&want=reminder";
    for _ in 0..2 {
        let kept = post(&world, &path, form).await;
        is_a_page(&kept, 200);
        assert!(kept.text.contains("role=\"status\""), "{}", kept.text);
        assert!(kept.text.contains("name=\"want\" value=\"newsletter\">"), "{}", kept.text);
    }
    assert_eq!(declined(&world, &owner, &ada).await, json!(["newsletter"]));
    assert_eq!(consents(&world, &owner, &ada).await, ("subscribed".to_owned(), "subscribed".to_owned()));
    let timeline = owner.get(&world, &format!("/api/v1/customers/{ada}/timeline")).await;
    let told = timeline.at("/items").as_array().cloned().unwrap_or_default();
    let told = told.iter().filter(|it| it["fields"] == json!(["declined_topics"]));
    assert_eq!(told.map(|it| it["by"].clone()).collect::<Vec<_>>(), ["customer"], "once: {}", timeline.text);

    // Asked before it begins, planned and told of afterwards it is the same.
    let summer = campaigns::made(&world, &owner, &letter("Summer", "newsletter")).await;
    for act in ["preview", "simulate"] {
        let told = campaigns::act(&world, &owner, &summer, act).await;
        assert_eq!(
            (left_out(&told.at("/left_out")), told.at("/chosen")),
            (1, json!(1)),
            "{act}: {}",
            told.text
        );
    }
    campaigns::acted(&world, &owner, &summer, "launch").await;
    world.settle().await;
    assert_eq!((letters_to(&world, "Ada"), letters_to(&world, "Bo")), (1, 2));
    let path_of = format!("/api/v1/campaigns/{summer}/exclusions");
    let listed = owner.get(&world, &format!("{path_of}?reason=topic_declined")).await;
    assert_eq!(
        (listed.at("/total"), listed.at("/items/0/customer_id")),
        (json!(1), json!(ada)),
        "{}",
        listed.text
    );
    let offers = campaigns::made(&world, &owner, &letter("Offers", "promotional")).await;
    campaigns::acted(&world, &owner, &offers, "launch").await;
    world.settle().await;
    assert_eq!(letters_to(&world, "Ada"), 2, "of another kind they want everything");

    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    // What was not on the page is not spoken of; what is ticked is wanted again; and no other word is a topic.
    post(&world, &path, "shown=email&want=email&want=newsletter&shown=transactional&shown=x").await;
    assert_eq!(declined(&world, &owner, &ada).await, json!(["newsletter"]));
    post(&world, &path, "shown=newsletter&want=newsletter").await;
    assert_eq!(declined(&world, &owner, &ada).await, json!([]));
    let again = campaigns::made(&world, &owner, &letter("Autumn", "newsletter")).await;
    campaigns::acted(&world, &owner, &again, "launch").await;
    world.settle().await;
    assert_eq!(letters_to(&world, "Ada"), 3);
}

#[tokio::test]
async fn the_way_out_offers_less_of_this_kind_and_that_is_all_it_does() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let ada = reader(&world, &owner, "Ada").await;
    sent(&world, &owner, "Spring").await;
    let letter = letter_to(&world, "Ada");
    let (out, choice) = (path_in(&letter, "/t/unsubscribe/"), path_in(&letter, "/t/preferences/"));
    let asked = open(&world, &out).await;
    is_a_page(&asked, 200);
    let offer = format!("{choice}\"><input type=\"hidden\" name=\"shown\" value=\"newsletter\"><button");
    assert!(asked.text.contains(&offer), "{offer} in {}", asked.text);
    assert_eq!(declined(&world, &owner, &ada).await, json!([]), "whoever looks changes nothing");
    is_a_page(&post(&world, &choice, "shown=newsletter").await, 200);
    assert_eq!(declined(&world, &owner, &ada).await, json!(["newsletter"]));
    assert_eq!(consents(&world, &owner, &ada).await, ("subscribed".to_owned(), "subscribed".to_owned()));
    let asked = open(&world, &out).await;
    assert!(!asked.text.contains("value=\"newsletter\""), "it is so already: {}", asked.text);
    assert!(asked.text.contains("<form method=\"post\"><button type=\"submit\">"), "{}", asked.text);
}

#[tokio::test]
async fn whoever_becomes_part_of_another_keeps_what_either_declined_and_who_is_erased_keeps_nothing() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let (ada, bo) = (reader(&world, &owner, "Ada").await, reader(&world, &owner, "Bo").await);
    sent(&world, &owner, "Spring").await;
    for (name, topic) in [("Ada", "newsletter"), ("Bo", "reminder")] {
        let path = path_in(&letter_to(&world, name), "/t/preferences/");
        post(&world, &path, &format!("shown={topic}")).await;
    }
    let merged = owner.post(&world, &format!("/api/v1/customers/{ada}/merge"), &json!({"into": bo})).await;
    assert!(merged.status.is_success(), "{}", merged.text);
    assert_eq!(declined(&world, &owner, &bo).await, json!(["newsletter", "reminder"]));
    world.settle().await;
    let next = campaigns::made(&world, &owner, &letter("Next", "newsletter")).await;
    let told = campaigns::act(&world, &owner, &next, "preview").await;
    assert_eq!((left_out(&told.at("/left_out")), told.at("/chosen")), (1, json!(0)), "{}", told.text);
    let erased = owner.call(&world, "DELETE", &format!("/api/v1/customers/{bo}"), &json!({})).await;
    assert!(erased.status.is_success(), "{}", erased.text);
    let store = world.store_of(owner.tenant.parse().expect("a tenant's id"));
    let gone =
        store.customer(bo.parse().expect("a customer's id")).await.expect("memory holds").expect("stays");
    assert!(gone.is_gone() && gone.declined == domain::Declined::default());
}
