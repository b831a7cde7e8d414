//! One line is logged for each request; who reads it can find the tenant and the request.

use crate::cast::{PASSWORD, Person, login, sign_up};
use local::{World, faults::halt, world::Log};
use serde_json::{Value, json};

/// The line about the newest request.
fn newest(log: &Log) -> Value {
    let lines = log.lines();
    lines.into_iter().rfind(|line| line["target"] == "request").expect("a request was logged")
}

#[tokio::test]
async fn a_requests_line_names_its_tenant_wherever_it_is_known() {
    let (world, log) = (World::new(1).await, Log::listen());
    let ada = sign_up(&world, "ada").await;
    let told = |what: &str| {
        let line = newest(&log);
        assert_eq!(
            (line["path"].as_str(), line["tenant"].as_str()),
            (Some(what), Some(ada.tenant.as_str())),
            "{line}"
        );
        line
    };
    told("/api/auth/signup");
    login(&world, &ada.email, PASSWORD).await;
    told("/api/auth/login");
    let refresh = json!({"refresh_token": ada.refresh});
    let ada_now = Person::of(&world.post("/api/auth/refresh").json(&refresh).send().await);
    told("/api/auth/refresh");
    ada_now.get(&world, "/api/auth/me").await;
    told("/api/auth/me");
    ada_now.get(&world, "/api/v1/members").await;
    told("/api/v1/members");
    while ada_now.get(&world, "/api/v1/members").await.status == 200 {}
    assert_eq!(told("/api/v1/members")["status"], 429);
    login(&world, &ada.email, "Wr0ng!pass").await;
    assert!(newest(&log)["tenant"].is_null(), "nobody's: {}", newest(&log));
}

#[tokio::test]
async fn a_panic_is_answered_for_and_logged_with_its_request() {
    let (world, log) = (World::new(2).await, Log::listen());
    let ada = sign_up(&world, "ada").await;
    let call = world.get("/api/v1/members").bearer(&ada.access).header("x-request-id", "panic-1");
    let answer = halt::panicking(0, call.send()).await;
    assert_eq!((answer.status.as_u16(), answer.text_at("/code").as_str()), (500, "internal"));
    let is_told = |line: &Value| line["level"] == "ERROR" && line["request_id"] == "panic-1";
    assert_eq!(log.lines().iter().filter(|line| is_told(line)).count(), 1, "{:#?}", log.lines());
    assert_eq!(call.send().await.status, 200, "and the next call is fine");
}

#[tokio::test]
async fn a_path_cannot_end_its_line_or_colour_what_follows() {
    let (world, log) = (World::new(9).await, Log::listen());
    world.get("/caf\u{e9}/\u{202e}\u{85}x").send().await;
    assert_eq!(newest(&log)["path"], "/caf%C3%A9/%E2%80%AE%C2%85x");
}
