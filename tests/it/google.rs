//! Sign-in with Google, against a stub issuer (AUTH-10 to 13). Which of its tokens are believed: `id_tokens`.

use crate::cast::{PASSWORD, Person, join, login, mailed_token, sign_up};
use local::{
    World,
    faults::halt::overtaken,
    world::{Answer, Browser},
};
use serde_json::json;
use store::Store;

const NEW: &str = "N3w!password";

/// Goes to Google as that person and comes back: the callback's path, with code and state.
async fn through_google(
    world: &World,
    browser: &Browser<'_>,
    start: &str,
    person: &str,
    verified: bool,
) -> String {
    let started = browser.send("GET", start, None).await;
    assert_eq!(started.status, 302, "{}", started.text);
    let to = format!("{}&as={person}&verified={verified}", started.header("location"));
    for part in ["state=", "code_challenge_method=S256", "nonce=", "scope=openid"] {
        assert!(to.contains(part), "{part} in {to}");
    }
    let back = world.google.visit(&to).await;
    back.strip_prefix(local::world::ORIGIN).expect("Google sends people back to us").to_owned()
}

pub(crate) async fn sign_in(world: &World, browser: &Browser<'_>, person: &str, verified: bool) -> Answer {
    let callback = through_google(world, browser, "/api/auth/google?next=/inbox", person, verified).await;
    browser.send("GET", &callback, None).await
}

#[tokio::test]
async fn somebody_new_comes_in_through_google() {
    let world = World::new(1).await;
    let browser = world.browser();
    let arrived = sign_in(&world, &browser, "greta@example.com", true).await;
    assert_eq!((arrived.status.as_u16(), arrived.header("location")), (302, "/inbox"));
    let me = browser.send("GET", "/api/auth/me", None).await;
    assert_eq!((me.text_at("/user/name").as_str(), me.text_at("/role").as_str()), ("Greta Google", "owner"));

    let user = me.text_at("/user/id").parse().unwrap();
    let user = Store::new(world.table.clone()).user(user).await.unwrap().unwrap();
    assert!(user.email_proven_at.is_some(), "Google vouches for the address");

    let again = world.browser();
    sign_in(&world, &again, "greta@example.com", true).await;
    let me_again = again.send("GET", "/api/auth/me", None).await;
    assert_eq!(me_again.text_at("/user/id"), me.text_at("/user/id"), "the same person");
    let change = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    let refused = again.send("POST", "/api/auth/change-password", Some(&change)).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (403, "no_password"));
}

#[tokio::test]
async fn a_popup_tells_its_opener_and_closes() {
    let world = World::new(2).await;
    let browser = world.browser();
    let start = browser.send("GET", "/api/auth/google?popup=1", None).await;
    let callback =
        through_google(&world, &browser, "/api/auth/google?popup=1", "greta@example.com", true).await;
    let page = browser.send("GET", &callback, None).await;
    assert_eq!(page.status, 200);
    for step in [&start, &page] {
        let policy = step.header("cross-origin-opener-policy");
        assert_eq!(policy, "unsafe-none", "a stricter one would part it from its opener at Google's page");
    }
    assert!(page.text.contains("oauth-popup") && page.text.contains("https://crm.test"), "{}", page.text);
    assert!(page.header("content-security-policy").contains("nonce-"));
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.status, 200);
}

#[tokio::test]
async fn a_callback_with_a_missing_wrong_or_used_state_opens_nothing() {
    let world = World::new(3).await;
    let refused = async |browser: &Browser<'_>, path: &str| {
        let refused = browser.send("GET", path, None).await;
        assert_eq!(
            (refused.status.as_u16(), refused.text_at("/code").as_str()),
            (400, "bad_state"),
            "{path}"
        );
        assert!(refused.cookies().is_empty());
    };
    let browser = world.browser();
    let callback = through_google(&world, &browser, "/api/auth/google", "greta@example.com", true).await;
    refused(&world.browser(), &callback).await;
    refused(&browser, &callback.replace("state=", "state=x")).await;
    refused(&browser, "/api/auth/google/callback?code=abc").await;

    let cookie = browser.cookie("__Host-sign-in").unwrap();
    assert_eq!(browser.send("GET", &callback, None).await.status, 302);
    let again = world.browser();
    again.set_cookie("__Host-sign-in", &cookie);
    refused(&again, &callback).await;

    let late = world.browser();
    let callback = through_google(&world, &late, "/api/auth/google", "greta@example.com", true).await;
    world.clock.advance_seconds(600);
    refused(&late, &callback).await;
}

/// Google gives a code each time it is asked; the state is good for one.
#[tokio::test]
async fn of_two_callbacks_with_one_state_and_two_codes_one_opens() {
    for place in 0.. {
        let world = World::new(13).await;
        let browser = world.browser();
        let started = browser.send("GET", "/api/auth/google", None).await;
        let to = format!("{}&as=greta@example.com&verified=true", started.header("location"));
        let cookie = browser.cookie("__Host-sign-in").unwrap();
        let come = async || {
            let back = world.google.visit(&to).await;
            let callback = back.strip_prefix(local::world::ORIGIN).expect("Google sends people back to us");
            let twin = world.browser();
            twin.set_cookie("__Host-sign-in", &cookie);
            twin.send("GET", callback, None).await.status.as_u16()
        };
        let Some((slow, fast)) = overtaken(come(), place, come()).await else {
            assert!(place > 3, "the use is looked up, and kept, but {place}");
            return;
        };
        let mut statuses = [slow, fast];
        statuses.sort_unstable();
        assert_eq!(statuses, [302, 400], "the other came at place {place}");
    }
}

#[tokio::test]
async fn a_key_that_comes_with_a_callback_means_nothing() {
    let world = World::new(12).await;
    for round in ["first", "second"] {
        let browser = world.browser();
        let callback =
            through_google(&world, &browser, "/api/auth/google?next=/inbox", "greta@example.com", true).await;
        let call = || world.get(&callback).header("idempotency-key", "k");
        let state = browser.cookie("__Host-sign-in").unwrap();
        let arrived = browser.send_as_is(call()).await;
        assert_eq!((arrived.status.as_u16(), arrived.header("location")), (302, "/inbox"), "{round}");
        browser.set_cookie("__Host-sign-in", &state);
        let again = browser.send_as_is(call()).await;
        assert_eq!((again.status.as_u16(), again.header("idempotent-replayed")), (400, ""), "{round}");
        assert!(again.cookies().is_empty(), "no session for who finds the address of a callback");
    }
}

#[tokio::test]
async fn a_code_that_was_asked_for_otherwise_opens_nothing() {
    let world = World::new(8).await;
    // Each change alone, on the way to Google: our callback gets a good state and a code, and must not believe it.
    for (what, from, to) in [
        ("another nonce", "nonce=", "nonce=x"),
        ("another verifier", "code_challenge=", "code_challenge=x"),
        ("another redirect", "redirect_uri=", "redirect_uri=https%3A%2F%2Fcrm.test%2Felsewhere%3F&was="),
    ] {
        let browser = world.browser();
        let started = browser.send("GET", "/api/auth/google", None).await;
        let there = started.header("location").replace(from, to);
        let back = world.google.visit(&format!("{there}&as=greta@example.com")).await;
        let (_, query) = back.rsplit_once('?').expect("it comes back with a query");
        let callback = format!("/api/auth/google/callback?{}", query.trim_start_matches('&'));
        let refused = browser.send("GET", &callback, None).await;
        assert_eq!(refused.status, 401, "{what}: {}", refused.text);
        assert_eq!(browser.send("GET", "/api/auth/me", None).await.status, 401, "{what}");
    }
}

#[tokio::test]
async fn while_google_is_away_a_sign_in_can_be_finished_later() {
    let world = World::new(9).await;
    let browser = world.browser();
    let callback = through_google(&world, &browser, "/api/auth/google", "greta@example.com", true).await;
    world.google.go_away(true);
    let refused = browser.send("GET", &callback, None).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (503, "unavailable"));
    assert_eq!(refused.header("retry-after"), "1");
    world.google.go_away(false);
    assert_eq!(browser.send("GET", &callback, None).await.status, 302, "the same code is good still");
}

#[tokio::test]
async fn a_password_user_is_linked_only_by_a_verified_address() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let browser = world.browser();
    let refused = sign_in(&world, &browser, &ada.email, false).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (403, "email_not_verified"));
    assert_eq!(browser.send("GET", "/api/auth/me", None).await.status, 401);

    reset(&world, &ada.email, NEW).await;
    let proven = Person::of(&login(&world, &ada.email, NEW).await);
    assert_eq!(sign_in(&world, &browser, &ada.email, true).await.status, 302);
    let me = browser.send("GET", "/api/auth/me", None).await;
    assert_eq!(me.text_at("/user/id"), ada.user, "linked to the same person");
    assert_eq!(proven.get(&world, "/api/auth/me").await.status, 200, "who goes on");
    assert_eq!(login(&world, &ada.email, NEW).await.status, 200, "and whose password still works");
}

async fn reset(world: &World, email: &str, password: &str) {
    world.post("/api/auth/forgot-password").json(&json!({"email": email})).send().await;
    world.settle().await;
    let body = json!({"token": mailed_token(world, email), "password": password});
    assert_eq!(world.post("/api/auth/reset-password").json(&body).send().await.status, 200);
}

#[tokio::test]
async fn an_invitations_link_proves_the_address_of_who_accepts() {
    let world = World::new(9).await;
    let owner = sign_up(&world, "owner").await;
    let new = join(&world, &owner, "greta", "viewer").await;
    let known = sign_up(&world, "known").await;
    let invite = json!({"email": known.email, "role": "viewer"});
    owner.post(&world, "/api/v1/invitations", &invite).await;
    world.settle().await;
    let accept = json!({"token": mailed_token(&world, &known.email), "password": PASSWORD});
    assert_eq!(world.post("/api/v1/invitations/accept").json(&accept).send().await.status, 201);
    for person in [new, known] {
        assert_eq!(sign_in(&world, &world.browser(), &person.email, true).await.status, 302);
        assert_eq!(login(&world, &person.email, PASSWORD).await.status, 200, "{}", person.email);
    }
}

#[tokio::test]
async fn an_id_token_signs_in_once() {
    let world = World::new(10).await;
    let body = json!({"token": world.google.sign(&world.google.claims("greta@example.com", true, ""))});
    let post = || world.post("/api/auth/google").json(&body);
    let first = post().header("idempotency-key", "g").send().await;
    assert_eq!(first.status, 200);
    let again = post().send().await;
    assert_eq!((again.status.as_u16(), again.text_at("/code").as_str()), (401, "token_used"));
    world.clock.advance_seconds(3_600 - 60 + 59);
    world.settle().await;
    assert_eq!(post().send().await.text_at("/code"), "token_used", "to its last second");
    let repeated = post().header("idempotency-key", "g").send().await;
    assert_eq!(repeated.text, first.text, "who lost the answer gets it again");
}

#[tokio::test]
async fn somebody_without_a_password_joins_a_team_by_being_signed_in() {
    let world = World::new(7).await;
    let owner = sign_up(&world, "owner").await;
    let browser = world.browser();
    sign_in(&world, &browser, "greta@example.com", true).await;
    let invite = json!({"email": "greta@example.com", "role": "viewer"});
    owner.post(&world, "/api/v1/invitations", &invite).await;
    world.settle().await;
    let accept = json!({"token": crate::cast::mailed_token(&world, "greta@example.com")});
    let stranger = world.post("/api/v1/invitations/accept").json(&accept).send().await;
    assert_eq!(stranger.status, 401, "the link alone does not open somebody's account");
    let other = world.post("/api/v1/invitations/accept").bearer(&owner.access).json(&accept).send().await;
    assert_eq!(other.status, 401, "nor does being signed in as somebody else");
    let joined = browser.send("POST", "/api/v1/invitations/accept", Some(&accept)).await;
    assert_eq!(
        (joined.status.as_u16(), joined.text_at("/tenant/id")),
        (201, owner.tenant),
        "{}",
        joined.text
    );
}
