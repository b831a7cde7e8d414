//! What else stands with a shop that ends: requests of its customers, another merchant who has it by then, the merchant who comes back
//! at that moment, and files for which one message has no time.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    Connection, ConnectionState, Queue, RequestId, TenantId, TenantStatus,
    privacy::{Asks, Request, State},
};
use flows::{Clock, DeadLetter, DeadLetters, Desk, FlowError, Sieve, Sifted};
use local::{
    World,
    product::{Ports, Product},
    tasks::Raw,
};
use serde_json::{Value, json};
use store::{Store, TenantStore};

use super::{
    EMAIL, answering, asked, ended, requests,
    stretches::{hastened, settings},
    told,
};
use crate::{
    cast::sign_up,
    shop_events::{Shop, customer_body},
};

fn all_of(shop: &Shop) -> Value {
    json!({"shop_id": 1, "shop_domain": shop.domain})
}

async fn removed(world: &World, shop: &Shop, seconds: i64) {
    told(world, shop, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(seconds);
}

async fn status(world: &World, shop: &Shop) -> TenantStatus {
    shop.store(world).tenant().await.expect("memory holds").expect("it stays").status
}

fn keys(world: &World, shop: &Shop) -> usize {
    let all = world.table.dump().expect("memory holds").into_iter().map(|item| item.key);
    all.filter(|key| key.sk == "DATAKEY" && key.pk.contains(&shop.owner.tenant)).count()
}

/// Of the shop's end, until there is nothing to do for it.
async fn closed(world: &World, shop: &Shop) -> u32 {
    let request = requests(world, shop).await.into_iter().find(|request| request.asks == Asks::ShopErasure);
    let (queue, task) = answering(shop, request.expect("it was asked").id);
    for message in 1..200 {
        world.deliver(queue, &task).await.expect("it is done as far as it goes");
        let all = requests(world, shop).await;
        if all.iter().any(|request| request.asks == Asks::ShopErasure && request.state != State::Open) {
            return message;
        }
    }
    panic!("it does not end");
}

#[tokio::test]
async fn what_else_was_asked_of_a_shop_ends_with_it() {
    let world = World::new(41).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    told(&world, &shop, "customers/redact", &asked(&shop, 9, "ada9@example.com", None)).await;
    // Nobody has begun with these.
    shop.bring(&world, "customers/redact", &asked(&shop, 10, "ada10@example.com", None)).await;
    shop.bring(&world, "customers/data_request", &asked(&shop, 11, "ada11@example.com", None)).await;
    shop.bring(&world, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(48 * 3_600);
    shop.bring(&world, "shop/redact", &all_of(&shop)).await;
    closed(&world, &shop).await;
    let ended_so = async |when: &str| {
        for request in requests(&world, &shop).await {
            assert!(request.asks == Asks::ShopErasure || request.about.is_none(), "{when}: {request:?}");
            assert!(request.asks == Asks::ShopErasure || !request.is_due(), "{when}: {request:?}");
        }
        assert_eq!(keys(&world, &shop), 0, "{when}");
        assert_eq!(world.tasks.dead(Queue::Import).expect("memory holds").len(), 0, "{when}");
    };
    ended_so("at once").await;
    ended(&world).await;
    for day in 0..17 {
        world.clock.advance_seconds(24 * 3_600);
        ended(&world).await;
        ended_so(&format!("on day {day}")).await;
    }
    let all = requests(&world, &shop).await;
    assert_eq!(all.len(), 4);
    for request in all {
        let is_answered = match request.asks {
            Asks::Data => matches!(request.state, State::Refused { .. }),
            _ => request.state == State::Done,
        };
        assert!(is_answered, "{request:?}");
    }
}

#[tokio::test]
async fn of_a_shop_that_has_ended_nobody_makes_a_key_to_ask_whom_a_request_is_about() {
    let world = World::new(42).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    removed(&world, &shop, 48 * 3_600).await;
    told(&world, &shop, "shop/redact", &all_of(&shop)).await;
    // As it is while the shop's end is under way.
    let (its, now) = (shop.store(&world), world.clock.now());
    let late = Request::new(RequestId::new(now, [5; 10]), Asks::Erasure, None, vec![1; 40], now);
    its.commit(vec![its.request_made(&late)]).await.expect("memory holds");
    let (queue, task) = answering(&shop, late.id);
    world.deliver(queue, &task).await.expect("there is nobody to be found");
    let kept = its.request(late.id).await.expect("memory holds").expect("it stays");
    assert_eq!((&kept.state, &kept.about, keys(&world, &shop)), (&State::Done, &None, 0));
}

#[tokio::test]
async fn what_was_told_to_the_merchant_who_has_the_shop_now_stays() {
    let world = World::new(43).await;
    let former = Shop::connected(&world, "nordlicht").await;
    let letter = |words: &str| {
        let task = json!({"task": "apply_event", "event": {"shop": former.domain, "body": {"text": words}}});
        Raw { group: former.domain.clone(), body: task.to_string(), delay_seconds: 0 }
    };
    world.tasks.leave_raw(Queue::Ingest, vec![letter("the former's")]).expect("memory holds");
    ended(&world).await;
    removed(&world, &former, 3_600).await;
    let now = Shop { owner: sign_up(&world, "other").await, domain: former.domain.clone() };
    now.connect(&world).await;
    world.tasks.leave_raw(Queue::Ingest, vec![letter("the other's")]).expect("memory holds");
    ended(&world).await;
    world.clock.advance_seconds(47 * 3_600);
    told(&world, &now, "shop/redact", &all_of(&now)).await;
    assert_eq!(status(&world, &former).await, TenantStatus::Erased);
    let left = || {
        let all = world.tasks.dead(Queue::Ingest).expect("memory holds").into_iter();
        all.map(|letter| letter.body.contains("the other's")).collect::<Vec<_>>()
    };
    assert_eq!(left(), [true], "the former's has gone, and nothing else");
    // Nothing says any more when the former's connection ended.
    world.clock.advance_seconds(15 * 24 * 3_600);
    for _ in 0..2 {
        ended(&world).await;
    }
    assert_eq!(requests(&world, &former).await[0].state, State::Done);
    assert_eq!(left(), [true]);
}

/// While dead letters are searched the merchant comes back.
struct ComingBack {
    letters: Arc<dyn DeadLetters>,
    its: TenantStore,
}

#[async_trait]
impl DeadLetters for ComingBack {
    async fn list(&self, queue: Queue, limit: usize) -> Result<Vec<DeadLetter>, FlowError> {
        self.letters.list(queue, limit).await
    }

    async fn replay(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.letters.replay(queue, id).await
    }

    async fn discard(&self, queue: Queue, id: &str) -> Result<bool, FlowError> {
        self.letters.discard(queue, id).await
    }

    async fn sift(&self, queue: Queue, sieve: &dyn Sieve) -> Result<Sifted, FlowError> {
        let held = self.its.connection().await?.expect("it was connected");
        let back = Connection { state: ConnectionState::Connected, ..Connection::clone(&held) };
        self.its.commit(vec![self.its.connection_changed(&held, &back)]).await?;
        self.letters.sift(queue, sieve).await
    }
}

#[tokio::test]
async fn a_merchant_who_comes_back_while_dead_letters_are_searched_keeps_the_shop() {
    let mut world = World::new(44).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let customer = customer_body(7, "2026-09-01T10:00:00Z", &json!({}));
    told(&world, &shop, "customers/create", &customer).await;
    removed(&world, &shop, 48 * 3_600).await;
    let letters = world.ports.desk.dead_letters.clone();
    let desk = Desk {
        dead_letters: Arc::new(ComingBack { letters, its: shop.store(&world) }),
        ..world.ports.desk.clone()
    };
    world.product = Product::new(&Ports { desk, ..world.ports.clone() }, settings());
    told(&world, &shop, "shop/redact", &all_of(&shop)).await;
    let request = requests(&world, &shop).await.remove(0);
    assert!(matches!(&request.state, State::Refused { why } if why.contains("again")), "{request:?}");
    assert_ne!(status(&world, &shop).await, TenantStatus::Erased);
    let connection = shop.store(&world).connection().await.expect("memory holds").expect("it is there");
    assert_eq!(connection.state, ConnectionState::Connected);
    let domain: domain::ShopDomain = shop.domain.parse().expect("a shop");
    let owner = Store::new(world.table.clone()).shop_owner(&domain).await.expect("memory holds");
    let tenant: TenantId = shop.owner.tenant.parse().expect("a tenant");
    assert_eq!(owner.map(|owner| owner.tenant), Some(tenant));
    assert_eq!(shop.customer(&world, 7).await.kind, domain::customer::CustomerKind::Person);
}

#[tokio::test]
async fn a_shop_with_many_files_ends_by_several_messages_each_of_which_comes_further() {
    let mut world = World::new(45).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let (its, now) = (shop.store(&world), world.clock.now());
    for number in 0..30_u8 {
        let id = format!("event-{number}");
        let body = flows::files::event_kept(&*world.files, format!("{EMAIL} {number}").into_bytes()).await;
        let noted = domain::event::Noted {
            id,
            topic: "orders/create".to_owned(),
            version: "2026-10".to_owned(),
            at: now,
            tried_at: now,
            attempts: 1,
            ours: 0,
            outcome: domain::event::Outcome::Refused { why: "no".to_owned() },
            body: body.ok(),
            unread: None,
        };
        its.commit(vec![its.event_note(None, &noted)]).await.expect("memory holds");
    }
    shop.bring(&world, "app/uninstalled", &json!({"id": 1, "myshopify_domain": shop.domain})).await;
    world.clock.advance_seconds(48 * 3_600);
    shop.bring(&world, "shop/redact", &all_of(&shop)).await;
    hastened(&mut world);
    let messages = closed(&world, &shop).await;
    assert!((5..60).contains(&messages), "{messages}");
    assert_eq!(world.files.dump().expect("memory holds").len(), 0);
    let request = requests(&world, &shop).await.remove(0);
    assert_eq!(request.done.events, 30, "{request:?}");
}
