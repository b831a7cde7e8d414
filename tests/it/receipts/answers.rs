//! Who writes STOP to a shop's number gets no more texts, whoever they are; START undoes it (Twilio's texts that come in).

use super::providers::{TOKEN, by_twilio_form, has_accounts, signing_key};
use crate::{
    cast::{PASSWORD, Person, login},
    customers::shop,
    texted::{TELEPHONE, texted, texts},
};
use local::World;
use serde_json::{Value, json};

const ADA: &str = "+14155552671";
const NOBODY_YET: &str = "+14155552672";

async fn writes(world: &World, tenant: &str, from: &str, text: &str) -> u16 {
    let path = format!("/api/v1/receipts/twilio/{tenant}/answers");
    let form = [("Body", text), ("From", from), ("MessageSid", "SM1")];
    let answer = by_twilio_form(world, TOKEN, &path, &form).await;
    if answer.status == 200 {
        assert!(answer.text.ends_with("<Response/>"), "Twilio is asked to say nothing: {}", answer.text);
    }
    world.run_without_vendor().await;
    answer.status.as_u16()
}

/// Somebody who agreed to texts; by their id.
async fn agreed(world: &World, owner: &Person, phone: &str) -> String {
    let owner = &signed(world, owner).await;
    let one = json!({"first_name": "Ada", "phone": phone, "sms_consent": {"state": "subscribed"}});
    let made = owner.post(world, "/api/v1/customers", &one).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.text_at("/id")
}

async fn signed(world: &World, owner: &Person) -> Person {
    Person::of(&login(world, &owner.email, PASSWORD).await)
}

/// Their consent to texts, and whether a text would go out.
async fn stands(world: &World, owner: &Person, id: &str) -> (Value, u64) {
    let owner = &signed(world, owner).await;
    let customer = owner.get(world, &format!("/api/v1/customers/{id}")).await;
    let text = json!({"name": "Sale", "kind": "promotional", "channel": "sms", "rule": "EVERYONE", "text": "Sale. Reply STOP to end"});
    let campaign = owner.post(world, "/api/v1/campaigns", &text).await.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{campaign}/launch"), &json!({})).await;
    assert_eq!(launched.status, 200, "{}", launched.text);
    world.run_without_vendor().await;
    // Texts wait for the hours that the law leaves, and nobody is signed in for so long.
    let planned = signed(world, owner).await.get(world, &format!("/api/v1/campaigns/{campaign}")).await;
    (
        customer.at("/sms_consent/state"),
        planned.at("/plan/chosen").as_u64().unwrap_or_else(|| panic!("it is planned: {}", planned.text)),
    )
}

#[tokio::test]
async fn stop_ends_texts_and_start_brings_them_back() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    has_accounts(&world, &owner, &signing_key()).await;
    let ada = agreed(&world, &owner, ADA).await;
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1));
    assert_eq!(writes(&world, &owner.tenant, ADA, "When do you open?").await, 200);
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1), "a letter to the shop");
    for _ in 0..2 {
        assert_eq!(writes(&world, &owner.tenant, ADA, "Stop!").await, 200);
        assert_eq!(stands(&world, &owner, &ada).await, (json!("unsubscribed"), 0));
    }
    let customer = signed(&world, &owner).await.get(&world, &format!("/api/v1/customers/{ada}")).await;
    assert_eq!(customer.text_at("/sms_consent/method"), "by the answer STOP to a text");
    assert_eq!(writes(&world, &owner.tenant, ADA, "HELP").await, 200);
    assert_eq!(
        stands(&world, &owner, &ada).await,
        (json!("unsubscribed"), 0),
        "who asks for help asks for nothing else"
    );
    assert_eq!(writes(&world, &owner.tenant, ADA, "START").await, 200);
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1));
}

#[tokio::test]
async fn a_member_who_writes_stop_gets_no_more_notices_until_they_write_start() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    has_accounts(&world, &owner, &signing_key()).await;
    texted(&world, &owner, ADA).await;
    let notices = async || {
        let owner = signed(&world, &owner).await;
        let nobodys =
            json!({"name": "Sale", "channel": "sms", "text": "Hi", "rule": "customer_tags CONTAINS 'none'"});
        let id = owner.post(&world, "/api/v1/campaigns", &nobodys).await.text_at("/id");
        let launched = owner.post(&world, &format!("/api/v1/campaigns/{id}/launch"), &json!({})).await;
        assert_eq!(launched.status, 200, "{}", launched.text);
        world.settle().await;
        texts(&world, ADA).iter().filter(|text| text.contains(&id)).count()
    };
    let status = async || {
        let owner = signed(&world, &owner).await;
        owner.get(&world, "/api/v1/members/me/notifications").await.text_at("/telephone/status")
    };
    assert_eq!((notices().await, status().await.as_str()), (1, "proven"));
    assert_eq!(writes(&world, &owner.tenant, ADA, "STOP").await, 200);
    assert_eq!((notices().await, status().await.as_str()), (0, "stopped"));
    let again = signed(&world, &owner).await;
    for forgotten in [false, true] {
        if forgotten {
            assert_eq!(again.call(&world, "DELETE", TELEPHONE, &json!({})).await.status, 204);
        }
        let told = again.call(&world, "PUT", TELEPHONE, &json!({"number": ADA})).await;
        assert_eq!((told.status.as_u16(), told.text_at("/code").as_str()), (409, "telephone_stopped"));
    }
    assert_eq!(writes(&world, &owner.tenant, ADA, "START").await, 200);
    texted(&world, &signed(&world, &owner).await, ADA).await;
    assert_eq!((notices().await, status().await.as_str()), (1, "proven"));
}

#[tokio::test]
async fn a_number_that_nobody_has_yet_has_left_too() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    has_accounts(&world, &owner, &signing_key()).await;
    assert_eq!(writes(&world, &owner.tenant, NOBODY_YET, "STOP").await, 200);
    let ada = agreed(&world, &owner, NOBODY_YET).await;
    assert_eq!(
        stands(&world, &owner, &ada).await,
        (json!("subscribed"), 0),
        "a file may say so, they said otherwise"
    );
    assert_eq!(writes(&world, &owner.tenant, NOBODY_YET, "Start").await, 200);
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1));
}

#[tokio::test]
async fn start_takes_nothing_off_that_they_did_not_say() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    has_accounts(&world, &owner, &signing_key()).await;
    let ada = agreed(&world, &owner, ADA).await;
    let by_hand = owner.post(&world, "/api/v1/suppressions", &json!({"phone": ADA})).await;
    assert_eq!(by_hand.status, 201, "{}", by_hand.text);
    assert_eq!(writes(&world, &owner.tenant, ADA, "START").await, 200);
    assert_eq!(
        stands(&world, &owner, &ada).await,
        (json!("subscribed"), 0),
        "the shop wants no texts sent there"
    );
}

#[tokio::test]
async fn it_is_believed_by_the_shops_token_and_said_to_that_shop() {
    let world = World::new(4).await;
    let (owner, other, third) =
        (shop(&world, "owner").await, shop(&world, "other").await, shop(&world, "third").await);
    has_accounts(&world, &owner, &signing_key()).await;
    has_accounts(&world, &other, &signing_key()).await;
    let ada = agreed(&world, &owner, ADA).await;
    let door = |tenant: &str| format!("/api/v1/receipts/twilio/{tenant}/answers");
    let stop = [("Body", "STOP"), ("From", ADA)];
    let guessed = by_twilio_form(&world, "guessed", &door(&owner.tenant), &stop).await;
    assert_eq!((guessed.status.as_u16(), guessed.text_at("/code")), (401, "bad_signature".to_owned()));
    assert_eq!(
        by_twilio_form(&world, TOKEN, &door(&third.tenant), &stop).await.status,
        401,
        "no token is known"
    );
    assert_eq!(by_twilio_form(&world, TOKEN, &door("nobody"), &stop).await.status, 404);
    assert_eq!(
        by_twilio_form(&world, TOKEN, &door(&owner.tenant), &stop[..1]).await.status,
        400,
        "from nobody"
    );
    assert_eq!(writes(&world, &other.tenant, ADA, "STOP").await, 200);
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1), "they said it to another shop");
    assert_eq!(writes(&world, &owner.tenant, "whatsapp:+14155552671", "STOP").await, 200);
    assert_eq!(stands(&world, &owner, &ada).await, (json!("subscribed"), 1), "of another app's messages");
    let shown = signed(&world, &owner).await.get(&world, "/api/v1/sending").await;
    assert!(shown.text_at("/twilio/answers_url").ends_with(&door(&owner.tenant)), "{}", shown.text);
}
