//! Limits: the tenant's pace and month, the stranger's attempts (AUTH-16, TEN-04, 11, 12).

use crate::cast::{PASSWORD, Person, login, sign_up};
use domain::Plan;
use futures::future::join_all;
use local::World;
use serde_json::json;

#[tokio::test]
async fn a_normal_pace_is_fine_and_a_burst_is_not() {
    let world = World::new(1).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    for _ in 0..60 {
        assert_eq!(ada.get(&world, "/api/v1/tenants/me").await.status, 200);
        world.clock.advance_seconds(1);
    }
    let burst = join_all((0..100).map(|_| ada.get(&world, "/api/v1/tenants/me"))).await;
    let refused: Vec<_> = burst.iter().filter(|answer| answer.status == 429).collect();
    assert_eq!(refused.len(), 40, "60 at once and no more");
    assert_eq!(refused[0].text_at("/code"), "RATE_LIMIT_EXCEEDED");
    assert_eq!(refused[0].header("retry-after"), "1");
    assert_eq!((refused[0].header("ratelimit-limit"), refused[0].header("ratelimit-remaining")), ("60", "0"));
    assert!(!refused[0].header("x-ratelimit-monthly-limit").is_empty());
    assert_eq!(bob.get(&world, "/api/v1/tenants/me").await.status, 200, "others are not concerned");
    world.clock.advance_seconds(61);
    let later = ada.get(&world, "/api/v1/tenants/me").await;
    assert_eq!((later.status.as_u16(), later.header("ratelimit-limit")), (200, "60"));
    assert_eq!(later.header("x-ratelimit-remaining"), "59");
}

#[tokio::test]
async fn a_thousand_calls_at_once_are_counted_exactly() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    for plan in Plan::ALL {
        world.set_plan(&ada.tenant, plan).await;
        let ada = Person::of(&login(&world, &ada.email, PASSWORD).await);
        world.clock.advance_seconds(120);
        let before = used(&world, &ada).await;
        world.clock.advance_seconds(120);
        let answers = join_all((0..1_000).map(|_| ada.get(&world, "/api/v1/members"))).await;
        let taken = i64::try_from(answers.iter().filter(|answer| answer.status == 200).count()).unwrap_or(0);
        assert_eq!(taken, i64::from(plan.pace().capacity), "{plan:?}");
        world.clock.advance_seconds(120);
        assert_eq!(used(&world, &ada).await - before, taken + 1, "each call that was let in counts once");
    }
}

async fn used(world: &World, person: &Person) -> i64 {
    person.get(world, "/api/v1/tenants/me").await.at("/limits/monthly_used").as_i64().unwrap_or(-1)
}

#[tokio::test]
async fn a_month_has_an_end_and_the_next_a_beginning() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    world.set_calls(&ada.tenant, 9_999).await;
    assert_eq!(ada.get(&world, "/api/v1/tenants/me").await.header("x-ratelimit-monthly-used"), "10000");
    let refused = ada.get(&world, "/api/v1/tenants/me").await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (429, "MONTHLY_LIMIT_EXCEEDED"));
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    world.clock.advance_seconds(wait);
    let ada = Person::of(&login(&world, &ada.email, PASSWORD).await);
    assert_eq!(ada.get(&world, "/api/v1/tenants/me").await.header("x-ratelimit-monthly-used"), "1");
}

#[tokio::test]
async fn passwords_cannot_be_guessed_in_a_hurry() {
    let world = World::new(4).await;
    sign_up(&world, "ada").await;
    let body = json!({"email": "ada@example.com", "password": "Wr0ng!pass"});
    let guess = world.post("/api/auth/login").from([203, 0, 113, 7]).json(&body);
    let mut statuses = Vec::new();
    for _ in 0..20 {
        statuses.push(guess.send().await.status.as_u16());
    }
    assert_eq!(statuses, [[401; 10], [429; 10]].concat());
    let other = world.post("/api/auth/login").from([203, 0, 113, 9]).json(&body).send().await;
    assert_eq!((other.header("ratelimit-limit"), other.header("ratelimit-remaining")), ("10", "9"));
    let refused = guess.send().await;
    let wait: i64 = refused.header("retry-after").parse().unwrap();
    let right = json!({"email": "ada@example.com", "password": PASSWORD});
    let elsewhere = world.post("/api/auth/login").from([203, 0, 113, 8]).json(&right).send().await;
    assert_eq!(elsewhere.status, 200, "another address is not concerned");
    world.clock.advance_seconds(wait);
    assert_eq!(guess.send().await.status, 401, "who waits as told is heard again");
}

#[tokio::test]
async fn an_address_cannot_sign_up_without_end() {
    let world = World::new(6).await;
    let sign_up = async |number: u32| {
        let body = json!({"email": format!("p{number}@example.com"), "password": PASSWORD, "name": "P"});
        world.post("/api/auth/signup").from([203, 0, 113, 7]).json(&body).send().await
    };
    for number in 0..10 {
        assert_eq!(sign_up(number).await.status, 201);
    }
    let refused = sign_up(10).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "6"));
    assert_eq!((refused.header("ratelimit-limit"), refused.header("ratelimit-remaining")), ("10", "0"));
    assert_eq!(refused.header("ratelimit-reset"), "60");
}

#[tokio::test]
async fn calls_that_belong_to_no_tenant_have_a_pace_too() {
    let world = World::new(9).await;
    let (ada, bob) = (sign_up(&world, "ada").await, sign_up(&world, "bob").await);
    for path in ["/api/auth/me", "/api/v1/tenants"] {
        let answers = join_all((0..70).map(|_| ada.get(&world, path))).await;
        let refused: Vec<_> = answers.iter().filter(|answer| answer.status == 429).collect();
        assert_eq!(refused.len(), 10, "{path}");
        let told = (refused[0].header("ratelimit-limit"), refused[0].header("retry-after"));
        assert_eq!(told, ("60", "1"), "{path}");
        assert_eq!(bob.get(&world, path).await.status, 200, "others are not concerned");
        world.clock.advance_seconds(60);
    }
    let refresh = json!({"refresh_token": "rt.forged"});
    let refresh = world.post("/api/auth/refresh").json(&refresh);
    let callback = world.get("/api/auth/google/callback?code=a&state=b");
    for (call, status) in [(refresh, 401), (callback, 400)] {
        for number in 0..61 {
            let expected = if number < 60 { status } else { 429 };
            assert_eq!(call.send().await.status, expected, "{number}");
        }
        assert_eq!(call.clone().from([203, 0, 113, 7]).send().await.status, status, "another address");
        world.clock.advance_seconds(60);
    }
}

#[tokio::test]
async fn nobody_is_flooded_with_invitations() {
    let world = World::new(7).await;
    let mut statuses = Vec::new();
    for name in ["one", "two", "three", "four"] {
        let owner = sign_up(&world, name).await;
        let invite = json!({"email": "vera@example.com", "role": "viewer"});
        statuses.push(owner.post(&world, "/api/v1/invitations", &invite).await);
    }
    let refused = statuses.pop().unwrap();
    assert!(statuses.iter().all(|answer| answer.status == 201), "{statuses:?}");
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "1200"));
    assert_eq!((refused.header("ratelimit-limit"), refused.header("ratelimit-remaining")), ("3", "0"));
}

#[tokio::test]
async fn a_tenant_invites_a_hundred_a_day() {
    let world = World::new(8).await;
    let mut owner = sign_up(&world, "owner").await;
    world.set_plan(&owner.tenant, Plan::Enterprise).await;
    let invite = async |owner: &Person, number: u32| {
        let body = json!({"email": format!("p{number}@example.com"), "role": "viewer"});
        owner.post(&world, "/api/v1/invitations", &body).await
    };
    for number in 0..100 {
        let invited = invite(&owner, number).await;
        assert_eq!(invited.status, 201, "{number}: {}", invited.text);
    }
    let refused = invite(&owner, 100).await;
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "864"));
    world.clock.advance_seconds(864);
    owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    assert_eq!(invite(&owner, 100).await.status, 201, "who waits as told is heard again");
}

#[tokio::test]
async fn who_knows_their_password_may_sign_in_as_often_as_they_like() {
    let world = World::new(5).await;
    sign_up(&world, "ada").await;
    for _ in 0..30 {
        assert_eq!(login(&world, "ada@example.com", PASSWORD).await.status, 200);
    }
}
