//! Refusals: bad input is told what and where, and every answer is safe to show (OPS-03, 04, 07).

use crate::cast::sign_up;
use local::World;
use serde_json::json;

#[tokio::test]
async fn bad_input_is_told_what_and_where() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let invite = || world.post("/api/v1/invitations").bearer(&owner.access);
    let json_type = ("content-type", "application/json");
    let check = async |call: local::world::Call<'_>, status: u16, code: &str, at: &str| {
        let refused = call.send().await;
        let told = refused.json().pointer("/errors/0").map_or_else(
            || (refused.text_at("/code"), String::new()),
            |error| {
                (error["code"].as_str().unwrap().to_owned(), error["pointer"].as_str().unwrap().to_owned())
            },
        );
        assert_eq!(
            (refused.status.as_u16(), told),
            (status, (code.to_owned(), at.to_owned())),
            "{}",
            refused.text
        );
        assert_eq!(refused.text_at("/request_id"), refused.header("x-request-id"));
    };
    check(invite().raw("{").header(json_type.0, json_type.1), 400, "not_json", "").await;
    check(invite().raw("email=a"), 415, "not_json", "").await;
    check(invite(), 400, "missing_member", "/email").await;
    check(invite().json(&json!([])), 400, "wrong_type", "").await;
    check(invite().json(&json!({"email": 1, "role": "viewer"})), 400, "wrong_type", "/email").await;
    let protected = json!({"email": "a@example.com", "role": "viewer", "tenant_id": owner.tenant});
    check(invite().json(&protected), 400, "unknown_member", "/tenant_id").await;
    check(invite().json(&json!({"email": "a@b.com", "role": "king"})), 400, "invalid", "/role").await;
    check(invite().raw(&"x".repeat(300 * 1024)), 413, "body_too_large", "").await;
    check(world.get("/api/v1/members?limit=0").bearer(&owner.access), 400, "out_of_range", "?limit").await;
    check(world.get("/api/v1/members?limit=many").bearer(&owner.access), 400, "not_a_query", "?").await;
    check(world.get("/api/v1/members?page=2").bearer(&owner.access), 400, "not_a_query", "?").await;
    check(world.get("/api/v1/members?cursor=abc").bearer(&owner.access), 400, "not_a_cursor", "?cursor")
        .await;
    let cut = world.call("PATCH", "/api/v1/members/%FF").json(&json!({"role": "viewer"}));
    check(cut.bearer(&owner.access), 400, "not_a_path", "").await;
    check(world.get("/api/docs/%FF"), 400, "not_a_path", "").await;
    check(world.get("/nowhere"), 404, "not_found", "").await;
    check(world.call("DELETE", "/health"), 405, "method_not_allowed", "").await;
}

#[tokio::test]
async fn every_answer_is_safe_and_names_its_request() {
    let world = World::new(2).await;
    for path in ["/health", "/nowhere", "/api/auth/me"] {
        let answer = world.get(path).header("x-request-id", "abc-1").send().await;
        assert_eq!(answer.header("x-request-id"), "abc-1");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(answer.header("strict-transport-security").contains("max-age"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let strange = world.get("/health").header("x-request-id", "<script>").send().await;
    assert_eq!(strange.header("x-request-id").len(), 26, "one of our own instead");
}

#[tokio::test]
async fn only_listed_origins_may_call_from_a_page() {
    let world = World::new(3).await;
    let ask = |origin: &str| world.call("OPTIONS", "/api/v1/members").header("origin", origin);
    let ours = ask("https://crm.test").send().await;
    assert_eq!((ours.status.as_u16(), ours.header("access-control-allow-origin")), (204, "https://crm.test"));
    assert_eq!(ours.header("access-control-allow-credentials"), "true");
    for origin in ["https://evil.test", "null", "https://crm.test.evil.test", "http://crm.test"] {
        let foreign = ask(origin).send().await;
        assert_eq!(foreign.header("access-control-allow-origin"), "", "{origin}");
    }
}

#[tokio::test]
async fn the_documentation_works_without_a_network() {
    let world = World::new(4).await;
    for path in ["/api/docs", "/api-docs"] {
        assert_eq!(world.get(path).send().await.header("location"), "/api/docs/index.html");
    }
    for (file, zipped) in
        [("index.html", ""), ("docs.js", ""), ("swagger-ui-bundle.js", "gzip"), ("swagger-ui.css", "gzip")]
    {
        let found = world.get(&format!("/api/docs/{file}")).send().await;
        assert_eq!((found.status.as_u16(), found.header("content-encoding")), (200, zipped), "{file}");
        assert!(
            found.text.len() > 300 && !found.header("content-security-policy").contains("http"),
            "{file}"
        );
    }
    let page = world.get("/api/docs/index.html").send().await;
    assert!(!page.text.contains("//"), "nothing from elsewhere: {}", page.text);
    assert_eq!(world.get("/api/docs/nothing.js").send().await.status, 404);
    let document = world.get("/openapi.json").send().await;
    assert_eq!(document.text_at("/openapi"), "3.1.0");
    assert_eq!(world.get("/swagger.json").send().await.text, document.text);
}

#[tokio::test]
async fn there_is_no_way_in_for_developers() {
    let world = World::new(5).await;
    for path in ["/dev/login", "/dev/outbox", "/dev/queues", "/api/auth/dev-token"] {
        assert_eq!(world.get(path).send().await.status, 404, "{path}");
    }
    assert!(!api::openapi().paths.paths.keys().any(|path| path.starts_with("/dev")));
}

#[tokio::test]
async fn health_asks_nobody_and_ready_asks_the_table_and_the_secrets() {
    let world = World::new(6).await;
    let before = store_units(&world);
    assert_eq!(world.get("/health").send().await.text_at("/status"), "ok");
    assert_eq!(store_units(&world), before);
    let ready = world.get("/ready").send().await;
    assert_eq!((ready.text_at("/table").as_str(), ready.text_at("/secrets").as_str()), ("ok", "ok"));
    world.faults.storm(500);
    let mut seen = Vec::new();
    for _ in 0..100 {
        let Some(answer) = world.get("/ready").try_send().await else { continue };
        seen.push((answer.status.as_u16(), answer.text_at("/table"), answer.text_at("/secrets")));
    }
    let has = |status, table: &str, secrets: &str| seen.contains(&(status, table.into(), secrets.into()));
    assert!(has(503, "unavailable", "ok") && has(503, "ok", "unavailable"), "{seen:?}");
}

fn store_units(world: &World) -> String {
    world.table.ledger().reads.to_string()
}
