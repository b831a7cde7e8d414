//! Sign-up and sign-in (AUTH-01 to 03, 09, 18).

use crate::cast::{PASSWORD, login, sign_up};
use local::World;
use serde_json::json;
use store::{RawKey, Table};

#[tokio::test]
async fn who_has_signed_up_can_sign_in_and_see_who_they_are() {
    let world = World::new(1).await;
    let body =
        json!({"email": "Ada@Example.com", "password": PASSWORD, "name": "Ada", "shop_name": "Engines"});
    let signed_up = world.post("/api/auth/signup").json(&body).send().await;
    assert_eq!(signed_up.status, 201);
    assert_eq!(signed_up.text_at("/user/email"), "ada@example.com");
    assert!(!signed_up.text.contains("argon2") && !signed_up.text.contains("hash"), "{}", signed_up.text);

    let signed_in = login(&world, "ADA@example.com", PASSWORD).await;
    assert_eq!(signed_in.status, 200);
    let token = signed_in.text_at("/tokens/access_token");
    let me = world.get("/api/auth/me").bearer(&token).send().await;
    assert_eq!(me.status, 200);
    assert_eq!(me.text_at("/user/name"), "Ada");
    assert_eq!(me.text_at("/tenant/name"), "Engines");
    assert_eq!(me.text_at("/role"), "owner");
}

#[tokio::test]
async fn an_address_signs_up_once_in_whatever_case() {
    let world = World::new(2).await;
    sign_up(&world, "ada").await;
    for path in ["/api/auth/signup", "/api/auth/register"] {
        let body = json!({"email": "ADA@EXAMPLE.COM", "password": PASSWORD, "name": "Ada"});
        let again = world.post(path).json(&body).send().await;
        assert_eq!((again.status.as_u16(), again.text_at("/code").as_str()), (409, "email_taken"));
    }
}

#[tokio::test]
async fn two_who_sign_up_with_one_address_at_once_are_one() {
    let world = World::new(3).await;
    let body = json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada"});
    let call = world.post("/api/auth/signup").json(&body);
    let (one, other) = tokio::join!(call.send(), call.send());
    let mut statuses = [one.status.as_u16(), other.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}

#[tokio::test]
async fn a_weak_password_or_a_bad_address_is_refused_with_everything_that_is_wrong() {
    let world = World::new(4).await;
    let body = json!({"email": "notanemail", "password": "weakpass", "name": " "});
    let refused = world.post("/api/auth/signup").json(&body).send().await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let told: Vec<_> =
        refused.at("/errors").as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
    assert!(
        told.contains(&json!("password_needs_upper_case")) && told.contains(&json!("password_needs_digit"))
    );
    assert!(told.contains(&json!("password_needs_symbol")));
    let pointers = refused.at("/errors").to_string();
    assert!(pointers.contains("/email") && pointers.contains("/name"), "{pointers}");
    assert!(!refused.text.contains("weakpass"), "the password is not repeated");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_answered_alike() {
    let world = World::new(5).await;
    sign_up(&world, "ada").await;
    let wrong = login(&world, "ada@example.com", "Wr0ng!pass").await;
    let unknown = login(&world, "nobody@example.com", PASSWORD).await;
    let no_address = login(&world, "nobody", PASSWORD).await;
    assert_eq!(wrong.status, 401);
    let without_id = |text: &str, id: &str| text.replace(id, "");
    let told = without_id(&wrong.text, wrong.header("x-request-id"));
    assert_eq!(without_id(&unknown.text, unknown.header("x-request-id")), told);
    assert_eq!(without_id(&no_address.text, no_address.header("x-request-id")), told);
}

#[tokio::test]
async fn passwords_are_kept_as_argon2id_and_never_twice_alike() {
    let world = World::new(6).await;
    let hashes = [sign_up(&world, "ada").await.user, sign_up(&world, "bob").await.user].map(|user| {
        let key = RawKey::new(format!("USER#{user}"), "USER");
        let table = world.table.clone();
        async move {
            let item = table.get(&[key]).await.unwrap().remove(0).unwrap();
            format!("{:?}", item.body.get("password_hash").unwrap())
        }
    });
    let [one, other] = hashes;
    let (one, other) = (one.await, other.await);
    assert!(one.contains("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert_ne!(one, other);
}

#[tokio::test]
async fn a_stranger_is_nobody_and_a_bad_token_is_no_error_of_ours() {
    let world = World::new(7).await;
    for call in [
        world.get("/api/auth/me"),
        world.get("/api/auth/me").bearer("nonsense"),
        world.get("/api/auth/me").bearer("reg_nonsense"),
        world.get("/api/auth/me").bearer("eyJhbGciOiJub25lIn0.e30."),
        world.get("/api/auth/me").header("authorization", "Basic YTpi"),
        world.get("/api/auth/me").header("cookie", "__Host-access=nonsense"),
    ] {
        let refused = call.send().await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (401, "unauthenticated"));
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
}
