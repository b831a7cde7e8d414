//! What a shop tells is applied once, whatever comes twice, late or in another order.

use domain::{
    Connection, ConnectionState, Customer, CustomerId, Order, OrderId, Queue, SealedTokens, TenantStatus,
};
use futures::future::join_all;
use local::World;
use serde_json::{Value, json};
use store::{Store, TenantStore};

use crate::cast::{Person, sign_up};

/// A tenant whose shop is connected.
pub(crate) struct Shop {
    pub(crate) owner: Person,
    pub(crate) domain: String,
}

impl Shop {
    pub(crate) async fn connected(world: &World, name: &str) -> Self {
        let shop = Self { owner: sign_up(world, name).await, domain: format!("{name}.myshopify.com") };
        shop.connect(world).await;
        shop
    }

    /// As it is after the merchant has let us in.
    pub(crate) async fn connect(&self, world: &World) {
        let (its, now) = (self.store(world), flows::Clock::now(&*world.clock));
        let domain: domain::ShopDomain = self.domain.parse().expect("a shop");
        let tokens = self.tokens(world).await;
        let by = self.owner.user.parse().expect("a user");
        // Nobody stands behind it who could be asked.
        let begun = Connection::begun(domain.clone(), "read_orders".to_owned(), tokens, by, now);
        let connection = Connection { tokens: None, ..begun };
        let held = its.connection().await.expect("memory holds");
        let owner = Store::new(world.table.clone()).shop_owner(&domain).await.expect("memory holds");
        let tenant = its.tenant().await.expect("memory holds").expect("it is there");
        let open =
            domain::Tenant { shop: Some(domain.clone()), status: TenantStatus::Active, ..(*tenant).clone() };
        let made = match &held {
            Some(held) => its.connection_changed(held, &connection),
            None => its.connection_made(&connection),
        };
        let steps = vec![made, its.shop_taken(&domain, owner.as_ref()), its.tenant_changed(&tenant, &open)];
        its.commit(steps).await.expect("nobody else connects it");
    }

    /// By the shop's own word.
    async fn counts_in(&self, world: &World, currency: &str) {
        let its = self.store(world);
        let held = its.tenant().await.expect("memory holds").expect("it is there");
        let counting = flows::choosing(&its).await.expect("memory holds").expect("nothing counts yet");
        let currency_changes = held.currency_changes + 1;
        let currency = currency.parse().expect("a currency");
        let other = domain::Tenant { currency, currency_changes, ..(*held).clone() };
        its.commit(vec![its.currency_chosen(&held, &other, counting)]).await.expect("nobody else chooses");
    }

    /// Such as were once given, and are worth nothing: there may be no such shop.
    async fn tokens(&self, world: &World) -> SealedTokens {
        let later = flows::Clock::now(&*world.clock) + jiff::SignedDuration::from_hours(24);
        let tokens = shopify::oauth::Tokens {
            access: shopify::Secret::new("shpat_once"),
            refresh: shopify::Secret::new("shprt_once"),
            access_ends_at: later,
            refresh_ends_at: later,
            scopes: flows::shops::scopes(),
        };
        let seals = flows::seal::Seals::new(world.ports.keys.clone(), world.ports.dice.clone());
        flows::shops::sealed(&self.store(world), &seals, &tokens).await.expect("there is a key")
    }

    pub(crate) fn store(&self, world: &World) -> TenantStore {
        world.store_of(self.owner.tenant.parse().expect("a tenant"))
    }

    pub(crate) async fn customer(&self, world: &World, id: u64) -> Customer {
        let held = self.store(world).customer(CustomerId::Shopify(id)).await.expect("memory holds");
        held.expect("the customer is there").into_inner()
    }

    pub(crate) async fn order(&self, world: &World, id: u64) -> Option<Order> {
        let held = self.store(world).order(OrderId::Shopify(id)).await.expect("memory holds");
        held.map(|held| (*held).clone())
    }

    /// The shop tells it, and it is applied.
    pub(crate) async fn tell(&self, world: &World, topic: &str, body: &Value) {
        let answer = world.hook(&self.domain, topic, body).await.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        world.clock.advance_seconds(1);
        world.settle().await;
    }

    /// As the queue brings it, whenever it does.
    pub(crate) async fn bring(&self, world: &World, topic: &str, body: &Value) {
        let told = body.to_string();
        let id = format!("{topic}-{}", told.len() * 31 + told.bytes().map(usize::from).sum::<usize>());
        let event = json!({
            "shop": self.domain, "topic": topic, "version": "2026-10", "id": id,
            "received_at": "2026-09-22T00:00:00Z", "body": {"text": told},
        });
        let task = json!({"task": "apply_event", "event": event}).to_string();
        world.deliver(Queue::Ingest, &task).await.unwrap_or_else(|error| panic!("{topic}: {error:?}"));
    }
}

/// The id of something that this person's shop told and that could not be kept.
pub(crate) async fn refused_event(world: &World, owner: &Person, name: &str) -> String {
    let shop = Shop { owner: owner.clone(), domain: format!("{name}.myshopify.com") };
    shop.connect(world).await;
    shop.tell(world, "orders/create", &json!({"id": "none"})).await;
    owner.get(world, "/api/v1/tenants/me/webhooks").await.text_at("/items/0/id")
}

/// A body with what is said beside the usual.
pub(crate) fn with(mut body: Value, more: &Value) -> Value {
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

pub(crate) fn customer_body(id: u64, updated_at: &str, more: &Value) -> Value {
    let body = json!({
        "id": id, "created_at": "2026-09-01T09:00:00Z", "updated_at": updated_at, "first_name": "Ada",
        "last_name": "Lovelace", "email": format!("ada{id}@example.com"), "phone": null, "note": null,
    });
    with(body, more)
}

pub(crate) fn order_body(id: u64, customer: u64, updated_at: &str, more: &Value) -> Value {
    let body = json!({
        "id": id, "name": format!("#{id}"), "currency": "USD", "financial_status": "paid",
        "processed_at": "2026-09-01T10:00:00Z", "updated_at": updated_at, "total_price": "25.00",
        "current_total_price": "25.00", "customer": {"id": customer},
        "line_items": [{"id": 1, "title": "Earl Grey", "quantity": 2, "price": "12.50"}], "refunds": [],
    });
    with(body, more)
}

#[tokio::test]
async fn an_order_makes_its_customer_and_moves_their_totals() {
    let world = World::new(1).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let customer = json!({"customer": customer_body(7, "2026-09-01T10:00:00Z", &json!({}))});
    shop.tell(&world, "orders/create", &order_body(1, 7, "2026-09-01T10:00:00Z", &customer)).await;
    let ada = shop.customer(&world, 7).await;
    assert_eq!((ada.totals.orders, ada.totals.spent), (1, 2_500));
    assert_eq!(ada.email.as_ref().map(ToString::to_string).as_deref(), Some("ada7@example.com"));
    let list = shop.owner.get(&world, "/api/v1/customers").await;
    assert_eq!(list.at("/items/0/id"), json!("s7"), "{}", list.text);
    assert_eq!(list.at("/total"), json!(1));

    let refund = json!({"refunds": [{"id": 1, "transactions": [
        {"kind": "refund", "status": "success", "amount": "10.00", "currency": "USD"}]}],
        "current_total_price": "15.00", "financial_status": "partially_refunded"});
    shop.tell(&world, "orders/updated", &order_body(1, 7, "2026-09-02T10:00:00Z", &refund)).await;
    assert_eq!(shop.customer(&world, 7).await.totals.spent, 1_500);
    let late = order_body(1, 7, "2026-09-01T12:00:00Z", &json!({}));
    shop.tell(&world, "orders/paid", &late).await;
    assert_eq!(shop.customer(&world, 7).await.totals.spent, 1_500, "older words come too late");
    shop.tell(&world, "orders/delete", &json!({"id": 1})).await;
    shop.tell(&world, "orders/updated", &order_body(1, 7, "2026-09-03T10:00:00Z", &json!({}))).await;
    assert_eq!(shop.customer(&world, 7).await.totals.orders, 0, "it stays deleted");
}

#[tokio::test]
async fn a_delivery_that_comes_five_times_at_once_counts_once() {
    let world = World::new(2).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let told = world
        .hook(&shop.domain, "orders/create", &order_body(1, 7, "2026-09-01T10:00:00Z", &json!({})))
        .await;
    let answers = join_all((0..5).map(|_| told.send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let messages = world.tasks.take(Queue::Ingest).expect("memory holds");
    assert_eq!(messages.len(), 5);
    let applied = join_all(messages.iter().map(|taken| world.deliver(Queue::Ingest, &taken.body))).await;
    assert!(applied.iter().all(Result::is_ok), "{applied:?}");
    assert_eq!(shop.customer(&world, 7).await.totals.orders, 1);
    let (noted, _) = shop.store(&world).events_noted(10, None).await.expect("memory holds");
    assert_eq!(noted.len(), 1, "one event is noted once: {noted:?}");
    assert_eq!(noted[0].outcome.name(), "applied");
}

#[tokio::test]
async fn a_shop_that_is_nobodys_is_heard_and_forgotten() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let order = order_body(1, 7, "2026-09-01T10:00:00Z", &json!({}));
    let answer = world.hook("suedlicht.myshopify.com", "orders/create", &order).await.send().await;
    assert_eq!(answer.status, 200);
    world.settle().await;
    assert!(shop.order(&world, 1).await.is_none());
}

#[tokio::test]
async fn who_removes_the_app_is_let_go_and_may_come_back() {
    let world = World::new(4).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let gone = json!({"id": 1, "name": "Nordlicht", "myshopify_domain": shop.domain});
    let others = json!({"id": 2, "name": "Suedlicht", "myshopify_domain": "suedlicht.myshopify.com"});
    shop.tell(&world, "app/uninstalled", &others).await;
    assert!(shop.store(&world).connection().await.expect("memory holds").expect("it is kept").is_open());
    let early = world.hook(&shop.domain, "app/uninstalled", &gone).await;
    shop.tell(&world, "app/uninstalled", &gone).await;
    let its = shop.store(&world);
    let state = async || its.connection().await.expect("memory holds").expect("it is kept").into_inner();
    let status = async || its.tenant().await.expect("memory holds").expect("it is kept").status;
    assert_eq!((state().await.state, state().await.tokens), (ConnectionState::Uninstalled, None));
    assert_eq!(status().await, TenantStatus::Churned);
    shop.tell(&world, "orders/create", &order_body(1, 7, "2026-09-01T10:00:00Z", &json!({}))).await;
    assert!(shop.order(&world, 1).await.is_none(), "nothing is told of a shop that has left");

    world.clock.advance_seconds(60);
    shop.connect(&world).await;
    assert_eq!(early.send().await.status, 200, "the event of before comes once more");
    world.settle().await;
    assert_eq!((state().await.state, status().await), (ConnectionState::Connected, TenantStatus::Active));
    shop.tell(&world, "orders/create", &order_body(2, 7, "2026-09-01T10:00:00Z", &json!({}))).await;
    assert!(shop.order(&world, 2).await.is_some());
}

#[tokio::test]
async fn an_address_is_whose_the_shop_says_it_is() {
    let world = World::new(5).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    // Somebody bought as a guest, somebody was made here: both turn out to be the shop's customers.
    let guest = json!({"customer": null, "email": "ada1@example.com"});
    shop.tell(&world, "orders/create", &order_body(1, 0, "2026-09-01T10:00:00Z", &guest)).await;
    let made = json!({"email": "ada2@example.com", "first_name": "Grace", "note": "calls on Mondays"});
    assert_eq!(shop.owner.post(&world, "/api/v1/customers", &made).await.status, 201);
    for id in [1, 2] {
        shop.tell(&world, "customers/create", &customer_body(id, "2026-09-02T10:00:00Z", &json!({}))).await;
    }
    assert_eq!(shop.customer(&world, 1).await.totals.orders, 1, "the guest's order is theirs");
    let second = shop.customer(&world, 2).await;
    assert_eq!(
        (second.first_name.as_deref(), second.note),
        (Some("Ada"), None),
        "the shop's word is the newer one"
    );
    let list = shop.owner.get(&world, "/api/v1/customers").await;
    assert_eq!(list.at("/total"), json!(2), "{}", list.text);

    // The first gives the address up and the second takes it; told in either order, it is the second's.
    let moved = |id: u64, at: &str, email: &str| customer_body(id, at, &json!({"email": email}));
    let up = |a: u64| moved(a, "2026-09-03T10:00:00Z", &format!("other{a}@example.com"));
    let taken = |a: u64, b: u64| moved(b, "2026-09-03T10:00:05Z", &format!("ada{a}@example.com"));
    shop.tell(&world, "customers/update", &taken(1, 2)).await;
    shop.tell(&world, "customers/update", &up(1)).await;
    let email = async |id| shop.customer(&world, id).await.email.map(|email| email.to_string());
    assert_eq!(email(1).await.as_deref(), Some("other1@example.com"));
    assert_eq!(email(2).await.as_deref(), Some("ada1@example.com"));
}

#[tokio::test]
async fn what_cannot_be_kept_says_why_and_is_no_dead_letter() {
    let world = World::new(6).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    shop.tell(
        &world,
        "orders/create",
        &order_body(1, 7, "2026-09-01T10:00:00Z", &json!({"currency": "EUR"})),
    )
    .await;
    shop.tell(&world, "orders/create", &json!({"id": "x"})).await;
    shop.tell(&world, "themes/publish", &json!({"id": 1})).await;
    let (noted, _) = shop.store(&world).events_noted(10, None).await.expect("memory holds");
    let outcomes: Vec<_> = noted.iter().map(|noted| noted.outcome.name()).collect();
    assert_eq!(outcomes, ["unchanged", "refused", "refused"]);
    assert!(noted.iter().filter(|noted| noted.outcome.name() == "refused").all(|noted| noted.body.is_some()));
}

#[tokio::test]
async fn what_was_refused_is_found_and_taken_up_again() {
    let world = World::new(8).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let owner = &shop.owner;
    let path = "/api/v1/tenants/me/webhooks";
    shop.tell(&world, "themes/publish", &json!({"id": 1})).await;
    let order = order_body(1, 7, "2026-09-01T10:00:00Z", &json!({"currency": "EUR"}));
    shop.tell(&world, "orders/create", &order).await;
    let newest = async || owner.get(&world, &format!("{path}?limit=1")).await;
    let told = newest().await;
    let event = told.at("/items/0");
    assert_eq!((&event["topic"], &event["status"]), (&json!("orders/create"), &json!("refused")), "{event}");
    assert_eq!((&event["attempts"], &event["can_be_replayed"]), (&json!(1), &json!(true)), "{event}");
    assert!(event["error"].as_str().is_some_and(|why| why.contains("currency")), "{event}");
    let rest = owner.get(&world, &format!("{path}?limit=5&cursor={}", told.text_at("/next"))).await;
    assert_eq!(rest.at("/items/0/topic"), json!("themes/publish"), "{}", rest.text);
    assert_eq!(rest.at("/items/1"), Value::Null);

    shop.counts_in(&world, "EUR").await;
    let replay = format!("{path}/{}/replay", event["id"].as_str().expect("an id"));
    assert_eq!(owner.post(&world, &replay, &json!({})).await.status, 202);
    world.settle().await;
    assert_eq!(shop.customer(&world, 7).await.totals.spent, 2_500);
    let event = newest().await.at("/items/0");
    assert_eq!((&event["status"], &event["attempts"]), (&json!("applied"), &json!(2)), "{event}");
    let again = owner.post(&world, &replay, &json!({})).await;
    assert_eq!((again.status.as_u16(), again.text_at("/code").as_str()), (409, "nothing_to_replay"));
}

#[tokio::test]
async fn the_same_comes_by_the_bus() {
    let world = World::new(9).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let bridged = |topic: &str, source: &str, payload: &Value| {
        let metadata = json!({"X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": shop.domain, "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": format!("w-{}", topic.len())});
        let detail = json!({"metadata": metadata, "payload": payload});
        json!({"task": "apply_bridged", "event": {"version": "0", "detail-type": "shopifyWebhook", "source": source, "detail": detail}})
            .to_string()
    };
    let (ours, order) = (
        "aws.partner/shopify.com/1/regulars",
        order_body(820_982_911_946_154_508, 7, "2026-09-01T10:00:00Z", &json!({})),
    );
    world.deliver(Queue::Ingest, &bridged("orders/create", ours, &order)).await.expect("it is applied");
    assert!(shop.order(&world, 820_982_911_946_154_508).await.is_some());
    let gone = json!({"id": 820_982_911_946_154_508_u64});
    assert!(world.deliver(Queue::Ingest, &bridged("orders/delete", "my.own.bus", &gone)).await.is_err());
    assert!(shop.order(&world, 820_982_911_946_154_508).await.is_some(), "only Shopify's bus is believed");
    world.deliver(Queue::Ingest, &bridged("orders/delete", ours, &gone)).await.expect("it is applied");
    assert!(shop.order(&world, 820_982_911_946_154_508).await.is_none());
}
