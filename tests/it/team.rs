//! Invitations, roles, removal, API keys (TEN-06, 07).

use crate::cast::{PASSWORD, Person, join, login, mailed_token, sign_up};
use local::World;
use serde_json::{Value, json};

#[tokio::test]
async fn who_is_invited_joins_with_the_mailed_link_and_once() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let vera = join(&world, &owner, "vera", "viewer").await;
    assert_eq!(vera.tenant, owner.tenant);
    let members = owner.get(&world, "/api/v1/members").await;
    assert_eq!(members.at("/total"), 2);
    assert_eq!(owner.get(&world, "/api/v1/invitations").await.at("/total"), 0);
    let body = json!({"token": mailed_token(&world, &vera.email), "name": "V", "password": PASSWORD});
    let again = world.post("/api/v1/invitations/accept").json(&body).send().await;
    assert_eq!(again.text_at("/code"), "link_spent");
    assert_eq!(world.outbox.to(&vera.email).len(), 1);
}

#[tokio::test]
async fn somebody_known_joins_a_second_team_with_their_own_password() {
    let world = World::new(2).await;
    let owner = sign_up(&world, "owner").await;
    let bob = sign_up(&world, "bob").await;
    let invite = json!({"email": "BOB@example.com", "role": "marketer"});
    assert_eq!(owner.post(&world, "/api/v1/invitations", &invite).await.status, 201);
    assert_eq!(owner.post(&world, "/api/v1/invitations", &invite).await.text_at("/code"), "already_invited");
    world.settle().await;
    let accept = async |password: &str| {
        let body = json!({"token": mailed_token(&world, &bob.email), "password": password});
        world.post("/api/v1/invitations/accept").json(&body).send().await
    };
    assert_eq!(accept("N0t!his-own").await.status, 401);
    let joined = accept(PASSWORD).await;
    assert_eq!((joined.status.as_u16(), joined.text_at("/tenant/role").as_str()), (201, "marketer"));
    assert_eq!(Person::of(&joined).user, bob.user, "the same person");
    assert_eq!(owner.post(&world, "/api/v1/invitations", &invite).await.text_at("/code"), "already_member");
}

#[tokio::test]
async fn an_invitation_ends_when_it_is_withdrawn_or_after_seven_days() {
    let world = World::new(3).await;
    let owner = sign_up(&world, "owner").await;
    let invite = async |email: &str| {
        let body = json!({"email": email, "role": "viewer"});
        owner.post(&world, "/api/v1/invitations", &body).await.text_at("/id")
    };
    let withdrawn = invite("a@example.com").await;
    invite("b@example.com").await;
    world.settle().await;
    let gone = owner.call(&world, "DELETE", &format!("/api/v1/invitations/{withdrawn}"), &json!({})).await;
    assert_eq!(gone.status, 204);
    let accept = async |email: &str| {
        let body = json!({"token": mailed_token(&world, email), "name": "N", "password": PASSWORD});
        world.post("/api/v1/invitations/accept").json(&body).send().await.text_at("/code")
    };
    assert_eq!(accept("a@example.com").await, "link_spent");
    world.clock.advance_seconds(7 * 24 * 3_600);
    assert_eq!(accept("b@example.com").await, "link_spent");
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    assert_eq!(owner.get(&world, "/api/v1/invitations").await.at("/total"), 0, "and nobody sees it any more");
    world.settle().await;
    assert_eq!(world.outbox.all().len(), 2, "the sweep tells nobody anything");
}

#[tokio::test]
async fn a_role_and_a_removal_take_effect_at_once() {
    let world = World::new(4).await;
    let owner = sign_up(&world, "owner").await;
    let max = join(&world, &owner, "max", "admin").await;
    let new_key = json!({"name": "k", "scopes": ["account:read"]});
    assert_eq!(max.post(&world, "/api/v1/api-keys", &new_key).await.status, 201);
    let member = format!("/api/v1/members/{}", max.user);
    let changed = owner.call(&world, "PATCH", &member, &json!({"role": "viewer"})).await;
    assert_eq!(changed.text_at("/role"), "viewer");
    assert_eq!(max.post(&world, "/api/v1/api-keys", &new_key).await.text_at("/code"), "forbidden");
    assert_eq!(owner.call(&world, "DELETE", &member, &json!({})).await.status, 204);
    assert_eq!(max.get(&world, "/api/v1/tenants/me").await.status, 401, "the very next call");
    let me = max.get(&world, "/api/auth/me").await;
    assert!(me.status == 200 && me.at("/tenant").is_null(), "the person remains, the place is gone");
    let refreshed = world.post("/api/auth/refresh").json(&json!({"refresh_token": max.refresh})).send().await;
    assert_eq!(Person::of(&refreshed).get(&world, "/api/v1/members").await.status, 401);
}

#[tokio::test]
async fn a_team_keeps_an_owner_whoever_leaves_at_the_same_moment() {
    let world = World::new(5).await;
    let one = sign_up(&world, "one").await;
    let path = |person: &Person| format!("/api/v1/members/{}", person.user);
    let last = one.call(&world, "DELETE", &path(&one), &json!({})).await;
    assert_eq!(last.text_at("/code"), "last_owner");
    let two = join(&world, &one, "two", "owner").await;
    let (first, second) = tokio::join!(
        async { one.call(&world, "PATCH", &path(&two), &json!({"role": "viewer"})).await },
        async { two.call(&world, "PATCH", &path(&one), &json!({"role": "viewer"})).await },
    );
    let done = [&first, &second].into_iter().filter(|answer| answer.status == 200).count();
    assert_eq!(done, 1, "{} {}", first.text, second.text);
}

#[tokio::test]
async fn an_api_key_is_shown_once_does_what_its_scopes_say_and_dies_at_once() {
    let world = World::new(6).await;
    let owner = sign_up(&world, "owner").await;
    let made =
        owner.post(&world, "/api/v1/api-keys", &json!({"name": "sync", "scopes": ["team:read"]})).await;
    let key = made.text_at("/key");
    assert!(key.starts_with("reg_"), "{}", made.text);
    let listed = owner.get(&world, "/api/v1/api-keys").await;
    assert!(!listed.text.contains(&key) && listed.text_at("/items/0/name") == "sync");
    let with_key = async |path: &str| world.get(path).bearer(&key).send().await;
    assert_eq!(with_key("/api/v1/members").await.status, 200);
    assert_eq!(with_key("/api/v1/tenants/me").await.status, 403, "no scope for that");
    assert_eq!(with_key("/api/auth/me").await.text_at("/role"), "api_key");
    let path = format!("/api/v1/api-keys/{}", made.text_at("/id"));
    assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, 204);
    assert_eq!(with_key("/api/v1/members").await.status, 401);
}

#[tokio::test]
async fn a_key_can_do_no_more_than_its_maker() {
    let world = World::new(7).await;
    let owner = sign_up(&world, "owner").await;
    let admin = join(&world, &owner, "max", "admin").await;
    let asked = json!({"name": "k", "scopes": ["keys:read", "team:manage", "everything"]});
    let refused = admin.post(&world, "/api/v1/api-keys", &asked).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.text_at("/errors/0/pointer"), "/scopes/1");
    assert_eq!(refused.text_at("/errors/0/code"), "beyond_your_own");
    assert_eq!(refused.text_at("/errors/1/pointer"), "/scopes/2");
}

#[tokio::test]
async fn a_program_has_no_say_about_owners() {
    let world = World::new(9).await;
    let owner = sign_up(&world, "owner").await;
    let second = join(&world, &owner, "second", "owner").await;
    let max = join(&world, &owner, "max", "viewer").await;
    let asked = json!({"name": "k", "scopes": ["team:read", "team:manage"]});
    let key = owner.post(&world, "/api/v1/api-keys", &asked).await.text_at("/key");
    let call = async |method: &str, path: String, body: Value| {
        let answer = world.call(method, &path).bearer(&key).json(&body).send().await;
        (answer.status.as_u16(), answer.text_at("/code"))
    };
    let refused = (403, "not_for_programs".to_owned());
    let member = |person: &Person| format!("/api/v1/members/{}", person.user);
    let invitations = || "/api/v1/invitations".to_owned();
    assert_eq!(
        call("POST", invitations(), json!({"email": "a@example.com", "role": "owner"})).await,
        refused
    );
    assert_eq!(call("PATCH", member(&max), json!({"role": "owner"})).await, refused);
    assert_eq!(call("PATCH", member(&second), json!({"role": "viewer"})).await, refused);
    assert_eq!(call("DELETE", member(&second), json!({})).await, refused);
    assert_eq!(call("POST", invitations(), json!({"email": "a@example.com", "role": "admin"})).await.0, 201);
    assert_eq!(call("PATCH", member(&max), json!({"role": "admin"})).await.0, 200);
    assert_eq!(call("DELETE", member(&max), json!({})).await.0, 204);
}

#[tokio::test]
async fn a_key_ends_with_its_makers_place() {
    let world = World::new(8).await;
    let owner = sign_up(&world, "owner").await;
    let max = join(&world, &owner, "max", "admin").await;
    let asked = json!({"name": "k", "scopes": ["account:read", "keys:manage"]});
    let key = max.post(&world, "/api/v1/api-keys", &asked).await.text_at("/key");
    let another = json!({"name": "more", "scopes": ["account:read"]});
    let made = async || world.post("/api/v1/api-keys").bearer(&key).json(&another).send().await.status;
    assert_eq!(made().await, 201);
    let member = format!("/api/v1/members/{}", max.user);
    owner.call(&world, "PATCH", &member, &json!({"role": "viewer"})).await;
    assert_eq!(made().await, 403, "its maker may not do that any more");
    assert_eq!(world.get("/api/v1/tenants/me").bearer(&key).send().await.status, 200, "but may do this");
    owner.call(&world, "DELETE", &member, &json!({})).await;
    assert_eq!(world.get("/api/v1/tenants/me").bearer(&key).send().await.status, 401, "gone with its maker");
}
