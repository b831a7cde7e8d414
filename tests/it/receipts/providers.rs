//! The doors of providers that shops have accounts with: each by the shop's own keys, and of its own messages alone.

use super::{message, sent};
use crate::{cast::Person, customers::shop};
use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Sending, campaign::Fate};
use flows::{
    Clock,
    seal::Seals,
    sending::{SendGridKeys, TwilioKeys, sealed_sendgrid, sealed_twilio},
};
use local::{
    World,
    world::{Answer, ORIGIN},
};
use serde_json::{Value, json};

pub(super) const TOKEN: &str = "a token of Twilio's";

pub(super) fn signing_key() -> EcdsaKeyPair {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new());
    let made = made.expect("the machine has dice");
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, made.as_ref()).expect("a key")
}

/// The shop has told us of its accounts.
pub(super) async fn has_accounts(world: &World, owner: &Person, key: &EcdsaKeyPair) {
    let store = world.store_of(owner.tenant.parse().expect("an id"));
    let seals = Seals::new(world.keys.wrap.clone(), world.ports.dice.clone());
    let sendgrid = SendGridKeys {
        api_key: "SG.1".to_owned(),
        verification_key: Some(STANDARD.encode(key.public_key().as_ref())),
        is_in_eu: false,
    };
    let twilio = TwilioKeys {
        account_sid: "AC1".to_owned(),
        auth_token: TOKEN.to_owned(),
        api_key_sid: None,
        api_key_secret: None,
        messaging_service_sid: None,
    };
    let sending = Sending {
        mail: None,
        text: None,
        sendgrid: Some(sealed_sendgrid(&store, &seals, &sendgrid).await.expect("it is sealed")),
        twilio: Some(sealed_twilio(&store, &seals, &twilio).await.expect("it is sealed")),
        prices: None,
        updated_at: world.clock.now(),
        updated_by: owner.user.parse().expect("an id"),
    };
    store.commit(vec![store.sending_put(None, &sending)]).await.expect("nobody else does");
}

async fn by_sendgrid(world: &World, tenant: &str, key: &EcdsaKeyPair, events: &Value) -> u16 {
    let (now, body) = (world.clock.now().as_second().to_string(), events.to_string());
    let signed = key.sign(&SystemRandom::new(), format!("{now}{body}").as_bytes()).expect("it is signed");
    let call = world.post(&format!("/api/v1/receipts/sendgrid/{tenant}")).raw(&body);
    let call = call.header("x-twilio-email-event-webhook-signature", &STANDARD.encode(signed.as_ref()));
    call.header("x-twilio-email-event-webhook-timestamp", &now).send().await.status.as_u16()
}

/// A form that Twilio signs, sorted by name as it must be.
pub(super) async fn by_twilio_form(world: &World, token: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    let values: String = form.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let tag = hmac::sign(&key, format!("{ORIGIN}{path}{values}").as_bytes());
    let body: Vec<_> =
        form.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();
    let call =
        world.post(path).raw(&body.join("&")).header("content-type", "application/x-www-form-urlencoded");
    call.header("x-twilio-signature", &STANDARD.encode(tag.as_ref())).send().await
}

async fn by_twilio(world: &World, token: &str, query: &str, status: &str) -> u16 {
    let path = format!("/api/v1/receipts/twilio?{query}");
    by_twilio_form(world, token, &path, &[("MessageSid", "SM1"), ("MessageStatus", status)])
        .await
        .status
        .as_u16()
}

#[tokio::test]
async fn sendgrid_is_believed_by_the_key_that_the_shop_has_told_and_of_its_own_letters() {
    let world = World::new(1).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    let (key, theirs) = (signing_key(), signing_key());
    has_accounts(&world, &owner, &key).await;
    has_accounts(&world, &other, &theirs).await;
    let (_, messages) = sent(&world, &owner, 2).await;
    let event = |place: usize| {
        let at = world.clock.now().as_second();
        json!({"event": "delivered", "timestamp": at, "sg_message_id": "x", "message": messages[place].to_string(), "tenant": owner.tenant})
    };
    let mut bare = event(0);
    bare.as_object_mut().expect("it is one").remove("tenant");
    assert_eq!(by_sendgrid(&world, &owner.tenant, &theirs, &json!([event(0)])).await, 401, "another's key");
    assert_eq!(
        by_sendgrid(&world, &other.tenant, &theirs, &json!([event(0), bare])).await,
        204,
        "said of others"
    );
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Sent, "and not believed");
    assert_eq!(
        by_sendgrid(&world, &owner.tenant, &key, &json!([event(0), event(1), {"event": 7}])).await,
        204
    );
    assert_eq!(by_sendgrid(&world, &owner.tenant, &key, &json!({})).await, 400);
    world.run_without_vendor().await;
    for id in messages {
        assert_eq!(message(&world, id).await.fate, Fate::Delivered);
    }
}

#[tokio::test]
async fn twilio_is_believed_by_the_shops_token_over_the_address_that_names_the_message() {
    let world = World::new(2).await;
    let (owner, other) = (shop(&world, "owner").await, shop(&world, "other").await);
    has_accounts(&world, &owner, &signing_key()).await;
    has_accounts(&world, &other, &signing_key()).await;
    let (_, messages) = sent(&world, &owner, 1).await;
    let named = |tenant: &str| format!("tenant={tenant}&message={}", messages[0]);
    assert_eq!(by_twilio(&world, "guessed", &named(&owner.tenant), "delivered").await, 401);
    assert_eq!(by_twilio(&world, TOKEN, &named(&other.tenant), "delivered").await, 204, "said of others");
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Sent, "and not believed");
    assert_eq!(by_twilio(&world, TOKEN, &named(&owner.tenant), "vanished").await, 400);
    assert_eq!(by_twilio(&world, TOKEN, &named(&owner.tenant), "queued").await, 204);
    assert_eq!(by_twilio(&world, TOKEN, &named(&owner.tenant), "delivered").await, 204);
    world.run_without_vendor().await;
    assert_eq!(message(&world, messages[0]).await.fate, Fate::Delivered);
}

#[tokio::test]
async fn a_topic_that_this_installation_has_not_named_is_not_listened_to_whoever_signed() {
    let world = World::new(3).await;
    let envelope = json!({"Type": "Notification", "MessageId": "1", "TopicArn": "arn:aws:sns:us-east-1:123456789012:theirs",
        "Message": "{}", "Timestamp": "2026-11-22T10:00:00.000Z", "SignatureVersion": "2", "Signature": "AA==",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0a.pem"});
    let refused = world.post("/api/v1/receipts/ses").raw(&envelope.to_string()).send().await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (401, "other_topic"));
    assert_eq!(world.post("/api/v1/receipts/ses").raw("no").send().await.status, 400);
}
