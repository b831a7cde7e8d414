//! Those who run the installation see how full the queues are and what was given up, and decide on it; nobody else
//! does, whatever they own.

use crate::cast::{PASSWORD, Person, join, login, mailed_token, sign_up};
use async_trait::async_trait;
use domain::Queue;
use flows::{DeadLetter, DeadLetters, Desk, FlowError, Sieve, Sifted};
use futures::future::join_all;
use local::{
    World,
    product::{Ports, Product},
    tasks::Raw,
    world::{Answer, OPERATOR, ORIGIN},
};
use serde_json::{Value, json};
use std::sync::Arc;

const NAMES: [&str; 3] = ["ada", "grace", "operator"];

/// Signed up with the operator's address, and nothing shown yet.
async fn stranger(world: &World) -> Person {
    let person = sign_up(world, "operator").await;
    assert_eq!(person.email, OPERATOR);
    person
}

/// Shown to be theirs, by a mailed link.
async fn operator(world: &World) -> Person {
    stranger(world).await;
    let asked = world.post("/api/auth/forgot-password").json(&json!({"email": OPERATOR})).send().await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    world.settle().await;
    let new = json!({"token": mailed_token(world, OPERATOR), "password": PASSWORD});
    assert_eq!(world.post("/api/auth/reset-password").json(&new).send().await.status, 200);
    Person::of(&login(world, OPERATOR, PASSWORD).await)
}

fn leave(world: &World, queue: Queue, body: &str, delay_seconds: u32) {
    let raw = Raw { group: "g".to_owned(), body: body.to_owned(), delay_seconds };
    world.tasks.leave_raw(queue, vec![raw]).expect("memory holds");
}

/// Messages that nobody can do, given up at once.
async fn given_up(world: &World, bodies: &[&str]) {
    for body in bodies {
        leave(world, Queue::Notify, body, 0);
    }
    world.storm_through().await;
    assert_eq!(world.dead_letters().len(), bodies.len());
}

async fn depth(world: &World, who: &Person, queue: &str) -> Value {
    let listed = who.get(world, "/admin/queues").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    let items = listed.at("/items").as_array().expect("a list").clone();
    assert_eq!(items.len(), Queue::ALL.len());
    items.into_iter().find(|item| item["queue"] == queue).expect("the queue is listed")
}

async fn failed(world: &World, who: &Person) -> Vec<Value> {
    let listed = who.get(world, "/admin/queues/notify/failed").await;
    assert_eq!(listed.status, 200, "{}", listed.text);
    listed.at("/items").as_array().expect("a list").clone()
}

fn act(id: &Value, act: &str) -> String {
    format!("/admin/queues/notify/failed/{}/{act}", id.as_str().expect("an id"))
}

#[tokio::test]
async fn a_queue_says_how_much_waits_is_under_way_is_for_later_and_was_given_up() {
    let world = World::new(1).await;
    let who = operator(&world).await;
    given_up(&world, &["{}"]).await;
    let nothing = |queue: &str, failed: u32| json!({"queue": queue, "waiting": 0, "active": 0, "delayed": 0, "failed": failed, "oldest_seconds": null});
    assert_eq!(depth(&world, &who, "notify").await, nothing("notify", 1));
    for (body, delay_seconds) in [("{}", 0), ("{}", 0), ("{}", 0), ("{}", 600)] {
        leave(&world, Queue::Notify, body, delay_seconds);
    }
    let taken = world.tasks.take(Queue::Notify).expect("memory holds");
    world.tasks.done(Queue::Notify, &taken[0]).expect("memory holds");
    leave(&world, Queue::Notify, "{}", 0);
    leave(&world, Queue::Notify, "{}", 0);
    world.tasks.again(Queue::Notify, &taken[1], 60, "for now").expect("memory holds");
    world.clock.advance_seconds(42);
    let told = json!({"queue": "notify", "waiting": 2, "active": 2, "delayed": 1, "failed": 1, "oldest_seconds": 42});
    assert_eq!(depth(&world, &who, "notify").await, told);
    assert_eq!(depth(&world, &who, "ingest").await, nothing("ingest", 0), "each by itself");
}

#[tokio::test]
async fn what_was_given_up_is_told_without_what_stands_in_it() {
    let world = World::new(2).await;
    let (who, ada) = (operator(&world).await, sign_up(&world, "ada").await);
    let mail =
        json!({"task": "mail_invitation", "tenant": ada.tenant, "invitation": "01M3250V00040G2081040G2081"});
    let event = json!({"task": "apply_event", "event": {
        "shop": "nordlicht.myshopify.com", "topic": "customers/create", "version": "2026-10", "id": "1",
        "received_at": "2026-11-21T06:00:00Z", "body": {"text": "{\"email\": \"secret@example.com\"}"},
    }});
    given_up(&world, &[&event.to_string()]).await;
    world.clock.advance_seconds(1);
    for body in [mail.to_string().as_str(), "{\"task\": \"secret@example.com\"}"] {
        leave(&world, Queue::Notify, body, 0);
        let taken = world.tasks.take(Queue::Notify).expect("memory holds").remove(0);
        world.tasks.bury(Queue::Notify, &taken, "it was tried often enough").expect("memory holds");
        world.clock.advance_seconds(1);
    }
    let listed = who.get(&world, "/admin/queues/notify/failed").await;
    assert_eq!((listed.at("/total"), listed.at("/next")), (json!(3), Value::Null));
    let shown = |place: &str| listed.at(&format!("/items/{place}"));
    assert_eq!(
        [shown("0/task"), shown("0/shop"), shown("0/tenant")],
        [json!("apply_event"), json!("nordlicht.myshopify.com"), Value::Null]
    );
    assert_eq!(
        [shown("1/task"), shown("1/shop"), shown("1/tenant")],
        [json!("mail_invitation"), Value::Null, json!(ada.tenant)]
    );
    assert_eq!(
        [shown("2/task"), shown("2/shop"), shown("2/tenant")],
        [Value::Null, Value::Null, Value::Null]
    );
    assert_eq!([shown("1/why"), shown("1/attempts")], [json!("it was tried often enough"), json!(1)]);
    let instants = ["0", "1", "2"].map(|place| shown(&format!("{place}/left_at")).to_string());
    assert!(instants.is_sorted() && instants[0] < instants[2], "{instants:?}");
    assert!(!listed.text.contains("secret"), "{}", listed.text);
    let one = who.get(&world, "/admin/queues/notify/failed?limit=1").await;
    assert_eq!(
        (one.at("/items/0/id"), one.at("/items/1"), one.at("/total")),
        (shown("0/id"), Value::Null, json!(3))
    );
    for query in ["limit=0", "limit=101", "page=2"] {
        let refused = who.get(&world, &format!("/admin/queues/notify/failed?{query}")).await;
        assert_eq!(refused.status, 400, "{query}: {}", refused.text);
    }
}

#[tokio::test]
async fn what_is_retried_is_done_and_what_is_discarded_is_gone() {
    let world = World::new(3).await;
    let (who, ada) = (operator(&world).await, sign_up(&world, "ada").await);
    given_up(&world, &["no task"]).await;
    let invited = ada
        .post(&world, "/api/v1/invitations", &json!({"email": "vera@example.com", "role": "viewer"}))
        .await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    let taken = world.tasks.take(Queue::Notify).expect("memory holds").remove(0);
    world.tasks.bury(Queue::Notify, &taken, "the mail server was away").expect("memory holds");
    let [unknown, invitation] = &failed(&world, &who).await[..] else { panic!("two were given up") };

    let again = who.post(&world, &act(&invitation["id"], "retry"), &json!({})).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (204, ""));
    let waiting = depth(&world, &who, "notify").await;
    assert_eq!((&waiting["waiting"], &waiting["failed"]), (&json!(1), &json!(1)), "as if it were new");
    let gone = who.post(&world, &act(&unknown["id"], "discard"), &json!({})).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    world.settle().await;
    assert_eq!(world.outbox.to("vera@example.com").len(), 1, "the mail went out, once");
    assert_eq!(failed(&world, &who).await, [] as [Value; 0]);
}

#[tokio::test]
async fn what_is_gone_or_never_was_is_not_there() {
    let world = World::new(4).await;
    let who = operator(&world).await;
    given_up(&world, &["one", "two"]).await;
    let letters = failed(&world, &who).await;
    for (letter, what) in letters.iter().zip(["retry", "discard"]) {
        let path = act(&letter["id"], what);
        let keyed = async || who.post(&world, &path, &json!({})).await;
        let key = || world.post(&path).bearer(&who.access).header("idempotency-key", what).json(&json!({}));
        assert_eq!(key().send().await.status, 204);
        assert_eq!(key().send().await.status, 204, "the same request, answered the same");
        assert_eq!(keyed().await.status, 404, "another request finds nothing there");
        world.storm_through().await;
    }
    let again = failed(&world, &who).await;
    assert_eq!(again.len(), 1, "what was retried was given up once more");
    for path in [
        "/admin/queues/notify/failed/99/retry",
        "/admin/queues/notify/failed/99/discard",
        "/admin/queues/notify/failed/no-number/retry",
        "/admin/queues/nothing/failed/1/retry",
        "/admin/queues/nothing/failed/1/discard",
        &act(&again[0]["id"], "retry").replace("notify", "import"),
    ] {
        let answer = who.post(&world, path, &json!({})).await;
        assert_eq!(
            (answer.status.as_u16(), answer.at("/code")),
            (404, json!("not_found")),
            "{path}: {}",
            answer.text
        );
    }
    assert_eq!(who.get(&world, "/admin/queues/nothing/failed").await.status, 404);
    assert_eq!(failed(&world, &who).await, again);
}

#[tokio::test]
async fn two_operators_at_once_decide_once() {
    let world = World::new(5).await;
    let who = operator(&world).await;
    given_up(&world, &["one"]).await;
    let path = act(&failed(&world, &who).await[0]["id"], "retry");
    let answers = join_all((0..4).map(|_| async { who.post(&world, &path, &json!({})).await })).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 404, 404, 404]);
    assert_eq!(depth(&world, &who, "notify").await["waiting"], 1);
}

/// Every call about the queues, by that bearer.
async fn all(world: &World, bearer: &str) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in ["/admin/queues", "/admin/queues/notify/failed"] {
        answers.push(world.get(path).bearer(bearer).send().await);
    }
    for path in ["/admin/queues/notify/failed/1/retry", "/admin/queues/notify/failed/1/discard"] {
        answers.push(world.post(path).bearer(bearer).json(&json!({})).send().await);
    }
    answers
}

#[tokio::test]
async fn no_role_of_a_tenant_opens_the_queues_and_no_key_does() {
    let world = World::new(6).await;
    given_up(&world, &["one"]).await;
    let unshown = stranger(&world).await;
    let before = world.dead_letters();
    let mut forbidden = vec![("an address that nobody has shown to be theirs".to_owned(), unshown)];
    for name in NAMES.iter().filter(|name| **name != "operator") {
        forbidden.push(((*name).to_owned(), sign_up(&world, name).await));
    }
    // Nobody joins while dead letters stand about: they are let in by their own worlds' rules elsewhere.
    for (what, person) in &forbidden {
        for answer in all(&world, &person.access).await {
            assert_eq!(
                (answer.status.as_u16(), answer.at("/code")),
                (403, json!("not_an_operator")),
                "{what}"
            );
        }
    }
    let key = json!({"name": "k", "scopes": ["account:read", "team:read", "keys:read", "customers:read"]});
    let key = forbidden[0].1.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    for answer in all(&world, &key).await {
        assert_eq!(answer.status, 401, "{}", answer.text);
    }
    assert_eq!(world.dead_letters(), before, "and nothing has changed");
}

#[tokio::test]
async fn an_operator_needs_no_role_and_is_one_in_any_tenant() {
    let world = World::new(7).await;
    let (ada, who) = (sign_up(&world, "ada").await, operator(&world).await);
    let viewer = join(&world, &ada, "vera", "viewer").await;
    assert_eq!(
        viewer.get(&world, "/admin/queues").await.status,
        403,
        "their address was shown, and is no operator's"
    );
    assert_eq!(who.get(&world, "/admin/queues").await.status, 200);
}

#[tokio::test]
async fn a_page_shows_it_to_people_and_holds_nothing_itself() {
    let world = World::new(8).await;
    let page = world.get("/admin").send().await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    assert!(
        !page.text.contains("<script>") && page.text.contains("<script src=\"/pages/admin.js\">"),
        "{}",
        page.text
    );
    assert_eq!(world.get("/pages/admin.js").send().await.header("content-type"), "text/javascript");
}

/// A look that finds one of them, as one does while others look at the rest.
struct Short(Arc<dyn DeadLetters>);

#[async_trait]
impl DeadLetters for Short {
    async fn list(&self, queue: Queue, _: usize) -> Result<Vec<DeadLetter>, FlowError> {
        self.0.list(queue, 1).await
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.0.replay(queue, id).await
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.0.discard(queue, id).await
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        self.0.sift(queue, sieve).await
    }
}

#[tokio::test]
async fn how_many_were_given_up_is_what_the_queue_says_and_not_what_one_look_shows() {
    let mut world = World::new(9).await;
    let who = operator(&world).await;
    given_up(&world, &["not a task", "nor this", "nor that"]).await;
    let dead_letters = Arc::new(Short(world.ports.desk.dead_letters.clone()));
    let desk = Desk { dead_letters, ..world.ports.desk.clone() };
    let settings = api::Settings {
        origin: ORIGIN.to_owned(),
        allowed_origins: Vec::new(),
        access_seconds: 900,
        events_topic: None,
        live_url: "wss://live.crm.test".to_owned(),
    };
    world.product = Product::new(&Ports { desk, ..world.ports.clone() }, settings);
    let listed = who.get(&world, "/admin/queues/notify/failed").await;
    assert_eq!(listed.at("/items").as_array().map(Vec::len), Some(1), "{}", listed.text);
    assert_eq!(listed.at("/total"), json!(3), "{}", listed.text);
}
