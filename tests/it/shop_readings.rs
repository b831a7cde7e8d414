//! What events leave out is read of the shop: once for many of them, later where the shop says so, and never guessed at.

use std::sync::Arc;

use domain::{
    ConnectionState, ConsentState, Customer, CustomerId, Order, OrderId, ProductId, Queue, event::Noted,
};
use flows::Clock;
use local::{
    World,
    demo::Wish,
    shopify::{
        self, DOMAIN, Denied, Door, Fault,
        books::{Back, Basket, Newcomer, Telling, records},
    },
};
use serde_json::{Value, json};
use store::TenantStore;

use crate::{
    cast::{Person, sign_up},
    connecting::{browser, connect},
};

/// A world with a tenant whose shop is the demo shop.
pub(crate) struct Shop {
    pub(crate) world: World,
    pub(crate) owner: Person,
    pub(crate) theirs: Arc<shopify::Shop>,
    pub(crate) ours: TenantStore,
}

impl Shop {
    pub(crate) async fn connected(seed: u64) -> Self {
        let world = World::new(seed).await;
        let owner = sign_up(&world, "ada").await;
        let theirs = world.shopify.open(DOMAIN, Wish { customers: 40, seed: 1 }).expect("memory holds");
        connect(&browser(&world, &owner).await, DOMAIN).await;
        // The first look at what it tells us is a question, too.
        world.settle().await;
        let ours = world.store_of(owner.tenant.parse().expect("a tenant's id"));
        Self { world, owner, theirs, ours }
    }

    /// What the shop has told is applied, and what it left out is read.
    pub(crate) async fn heard(&self) {
        while self.world.hear().await > 0 {}
        self.world.settle().await;
    }

    /// The same, and how many questions it took.
    pub(crate) async fn asked(&self) -> u64 {
        let before = self.theirs.asked();
        self.heard().await;
        self.theirs.asked() - before
    }

    /// A word that the shop tells by itself.
    pub(crate) async fn told(&self, topic: &str, body: &Value) {
        let answer = self.world.hook(DOMAIN, topic, body).await.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.world.settle().await;
    }

    pub(crate) fn join(&self, name: &str) -> u64 {
        let at = Some(self.world.clock.now());
        let level = Some(records::OptInLevel::SingleOptIn);
        let newcomer = Newcomer {
            first_name: Some(name.to_owned()),
            email: Some(format!("{name}@example.com")),
            tags: vec!["vip".to_owned()],
            email_consent: Some(records::Consent { state: records::ConsentState::Subscribed, level, at }),
            ..Newcomer::default()
        };
        self.theirs.join(newcomer).expect("everybody may join")
    }

    fn note(&self, customer: u64, note: &str) {
        let told = Telling { note: Some(note.to_owned()), ..Telling::default() };
        self.theirs.change(customer, told).expect("they are there");
    }

    pub(crate) async fn customer(&self, id: u64) -> Customer {
        let held = self.ours.customer(CustomerId::Shopify(id)).await.expect("memory holds");
        held.expect("the customer is there").into_inner()
    }

    pub(crate) async fn order(&self, id: u64) -> Order {
        let held = self.ours.order(OrderId::Shopify(id)).await.expect("memory holds");
        (*held.expect("the order is there")).clone()
    }

    pub(crate) async fn newest(&self) -> Noted {
        let (mut noted, _) = self.ours.events_noted(1, None).await.expect("memory holds");
        noted.pop().expect("an event was told")
    }

    pub(crate) fn variants(&self, count: usize) -> Vec<u64> {
        let all = self.theirs.books(|books| {
            let variants = books.products().flat_map(|product| &product.variants);
            variants.map(|variant| variant.id).take(count).collect::<Vec<_>>()
        });
        assert_eq!(all.len(), count);
        all
    }

    /// Whether what we know of somebody is what the shop's books say.
    pub(crate) async fn must_agree(&self, id: u64) {
        let (ours, theirs) = (self.customer(id).await, self.theirs.books(|books| books.customer(id)));
        let theirs = theirs.expect("they are in the books");
        let tags = theirs.tags.iter().cloned().collect();
        assert_eq!((&ours.first_name, &ours.note, &ours.tags), (&theirs.first_name, &theirs.note, &tags));
        let (orders, spent) = (ours.totals.orders, ours.totals.spent);
        assert_eq!((u64::try_from(orders), spent), (Ok(theirs.orders), theirs.spent), "{:?}", ours.opening);
        let parts = self.ours.orders_of(ours.id).await.expect("memory holds");
        let sum: i64 = parts.iter().map(|order| order.contribution().spent).sum();
        assert_eq!(ours.totals.spent, ours.opening.spent.get() + sum);
    }
}

#[tokio::test]
async fn what_customers_lack_is_read_and_many_events_are_one_question() {
    let shop = Shop::connected(1).await;
    let id = shop.join("nora");
    for note in ["tea", "more tea", "coffee"] {
        shop.note(id, note);
    }
    shop.theirs.switch(|switches| (switches.copies, switches.is_shuffled) = (2, true));
    assert_eq!(shop.asked().await, 1, "twelve deliveries are one question");
    shop.must_agree(id).await;
    let consent = shop.customer(id).await.email_consent.expect("it was read");
    assert_eq!(consent.state, ConsentState::Subscribed);
    let noted = shop.newest().await;
    // They happened at one instant: which of them is the newest is the dice's word.
    assert!(noted.topic.starts_with("customers/"), "{}", noted.topic);
    assert_eq!(noted.unread, None);
    assert_eq!(shop.asked().await, 0);
    shop.note(id, "tea again");
    assert_eq!(shop.asked().await, 1);
    shop.must_agree(id).await;
}

#[tokio::test]
async fn whatever_keeps_the_shop_from_answering_it_is_asked_again() {
    let shop = Shop::connected(2).await;
    let faults = [
        Fault::Status(503),
        Fault::TooMany { retry_after_seconds: 30 },
        Fault::Cut,
        Fault::Broken,
        Fault::Status(500),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        let id = shop.join(&format!("nora{number}"));
        shop.theirs.switch(|switches| switches.next.push_back((Door::Graphql, fault)));
        assert_eq!(shop.asked().await, 2, "{fault:?}");
        shop.must_agree(id).await;
    }
    let id = shop.join("olga");
    while shop.world.hear().await > 0 {}
    shop.theirs.drain();
    // It is asked when the shop said that it can answer.
    let task = json!({"task": "read_again", "tenant": shop.owner.tenant, "thing": format!("customer s{id}"),
        "at": shop.world.clock.now(), "event": "w"});
    shop.theirs.switch(|switches| {
        switches.next.push_back((Door::Graphql, Fault::TooMany { retry_after_seconds: 300 }));
    });
    let before = shop.world.tasks.counted(Queue::Ingest).expect("memory holds");
    shop.world.deliver(Queue::Ingest, &task.to_string()).await.expect("it will be asked again");
    let after = shop.world.tasks.counted(Queue::Ingest).expect("memory holds");
    assert_eq!((after.delayed, after.waiting), (before.delayed + 1, before.waiting), "in a while");
    shop.heard().await;
    shop.must_agree(id).await;
}

#[tokio::test]
async fn what_may_not_be_read_wipes_nothing_and_is_told() {
    let shop = Shop::connected(3).await;
    let id = shop.join("nora");
    shop.heard().await;
    let before = shop.customer(id).await;
    assert!(before.email.is_some() && before.first_name.is_some() && before.tags.contains("vip"));
    let listed = async || shop.owner.get(&shop.world, "/api/v1/tenants/me/webhooks?limit=1").await;

    shop.theirs.switch(|switches| switches.denied = Denied::Details);
    shop.world.clock.advance_seconds(60);
    let telling = Telling { last_name: Some("Nordlund".to_owned()), ..Telling::default() };
    shop.theirs.change(id, Telling { note: Some("tea".to_owned()), ..telling }).expect("they are there");
    assert_eq!(shop.asked().await, 1, "what is denied is not asked for again and again");
    let after = shop.customer(id).await;
    assert_eq!(
        (&after.email, &after.tags, &after.email_consent),
        (&before.email, &before.tags, &before.email_consent)
    );
    // Nor does a webhook tell it, which leaves out their names and tells the rest.
    assert_eq!((&after.first_name, &after.last_name), (&before.first_name, &None));
    assert_eq!(after.note.as_deref(), Some("tea"));
    let why = listed().await.text_at("/items/0/unread");
    assert!(why.starts_with("Shopify denies customer."), "{why}");

    // Nobody may ask until the merchant lets us in again.
    shop.theirs.switch(|switches| switches.denied = Denied::Nothing);
    let held = shop.ours.connection().await.expect("memory holds").expect("it is connected");
    let closed = (*held).clone().ended(ConnectionState::NeedsReauth, shop.world.clock.now());
    shop.ours.commit(vec![shop.ours.connection_changed(&held, &closed)]).await.expect("nobody else does");
    shop.world.clock.advance_seconds(60);
    shop.note(id, "coffee");
    assert_eq!(shop.asked().await, 0);
    assert_eq!(listed().await.text_at("/items/0/unread"), "the shop is not connected");
    assert_eq!(shop.customer(id).await.note.as_deref(), Some("coffee"), "what is told is kept");
}

#[tokio::test]
async fn an_order_that_is_only_named_is_read_with_all_of_its_lines() {
    let shop = Shop::connected(4).await;
    let id = shop.join("nora");
    shop.heard().await;
    let lines: Vec<_> = shop.variants(30).into_iter().map(|variant| (variant, 2)).collect();
    shop.theirs.switch(|switches| switches.lost_per_mille = 1_000);
    let basket = Basket { customer: Some(id), lines, ..Basket::default() };
    let order = shop.theirs.buy(&basket).expect("it is sold");
    shop.theirs.refund(order, &Back { lines: Vec::new(), amount: 250 }).expect("it goes back");
    shop.theirs.switch(|switches| switches.lost_per_mille = 0);
    shop.told("orders/edited", &json!({"order_edit": {"order_id": order}})).await;
    let (ours, theirs) = (shop.order(order).await, shop.theirs.books(|books| books.order(order)));
    let theirs = theirs.expect("it is in the books");
    assert_eq!((ours.lines.len(), ours.total.get()), (30, theirs.total()));
    assert_eq!((ours.refunded.get(), ours.customer), (250, CustomerId::Shopify(id)));

    // What was paid back is told in a currency that we do not count in: only the shop knows it.
    shop.world.clock.advance_seconds(60);
    let refund = json!({"id": order, "name": theirs.name, "currency": "EUR", "financial_status": "partially_refunded",
        "processed_at": theirs.created_at, "updated_at": theirs.updated_at, "customer": {"id": id},
        "total_price": "1.00", "current_total_price": "1.00", "line_items": [],
        "refunds": [{"id": 1, "transactions": [{"kind": "refund", "status": "success", "amount": "3.00", "currency": "USD"}]}]});
    shop.told("orders/updated", &refund).await;
    assert_eq!(shop.newest().await.outcome.name(), "unchanged", "the same instant was read whole");
    let read = shop.order(order).await;
    assert_eq!((read.refunded.get(), read.total.get()), (250, theirs.total()));
    for event in ["refunds/create", "orders/edited"] {
        shop.world.clock.advance_seconds(60);
        let body = json!({"order_id": order, "order_edit": {"order_id": order}, "transactions": []});
        let before = shop.theirs.asked();
        shop.told(event, &body).await;
        assert_eq!(shop.theirs.asked() - before, 2, "{event}: the order, and its lines behind the first");
    }
}

#[tokio::test]
async fn a_product_with_many_variants_is_whole_whatever_its_webhook_leaves_out() {
    let shop = Shop::connected(5).await;
    let product = shop.theirs.books(|books| {
        books.products().max_by_key(|product| product.variants.len()).cloned().expect("there are products")
    });
    assert!(product.variants.len() > 2);
    let one = |second: i64| {
        let at = product.updated_at + jiff::SignedDuration::from_secs(second);
        let gids: Vec<_> = product.variants.iter().map(|variant| json!({"id": variant.id})).collect();
        json!({"id": product.id, "title": product.title, "status": "active", "updated_at": at, "created_at": at,
            "variants": [{"id": product.variants[0].id, "title": "Cut", "price": "1.00"}], "variant_gids": gids})
    };
    let count = async || {
        let kept = shop.ours.product(ProductId::Shopify(product.id)).await.expect("memory holds");
        kept.expect("it is there").variants.len()
    };
    shop.told("products/update", &one(0)).await;
    assert_eq!(count().await, product.variants.len());
    shop.told("products/update", &one(0)).await;
    assert_eq!(count().await, product.variants.len(), "the same again");
    shop.theirs.switch(|switches| switches.denied = Denied::Nothing);
    let fault = (Door::Graphql, Fault::Status(402));
    shop.theirs.switch(|switches| switches.next.push_back(fault));
    shop.world.clock.advance_seconds(60);
    shop.told("products/update", &one(60)).await;
    assert_eq!(count().await, product.variants.len(), "what is left out stays, though it could not be read");
    assert_eq!(shop.newest().await.unread.as_deref(), Some("the shop is frozen"));
}

#[tokio::test]
async fn a_product_with_hundreds_of_variants_is_read_whole_when_its_webhook_comes() {
    let shop = Shop::connected(8).await;
    let product = shop.theirs.add_product("Postcard", 150).expect("anything may be sold");
    shop.heard().await;
    shop.world.clock.advance_seconds(60);
    shop.theirs.add_variants(product, 299, 150).expect("it is there");
    // A webhook tells a hundred; 250 come with the first question.
    assert_eq!(shop.asked().await, 2);
    let kept = shop.ours.product(ProductId::Shopify(product)).await.expect("memory holds");
    assert_eq!(kept.expect("it is there").variants.len(), 300);
    assert_eq!(shop.newest().await.unread, None);
}

#[tokio::test]
async fn the_shops_name_and_what_we_may_do_there_are_kept_in_step() {
    let shop = Shop::connected(6).await;
    shop.theirs.rename("Nordlicht & Söhne");
    shop.heard().await;
    let told = shop.owner.get(&shop.world, "/api/v1/tenants/me").await;
    assert_eq!(told.text_at("/name"), "Nordlicht & Söhne");
    assert_eq!(
        (told.text_at("/timezone"), told.text_at("/currency")),
        ("Europe/Berlin".into(), "EUR".into())
    );
    let scopes =
        async || shop.ours.connection().await.expect("memory holds").expect("it is there").scopes.clone();
    let before = scopes().await;
    shop.world.clock.advance_seconds(60);
    let regranted_at = shop.world.clock.now();
    shop.theirs.regrant(&[
        "read_customers",
        "read_orders",
        "read_all_orders",
        "read_products",
        "read_locations",
    ]);
    shop.heard().await;
    assert!(!before.contains("read_all_orders") && scopes().await.contains("read_all_orders"));
    // What the shop may tell us by itself depends on it.
    let looked_at = async || shop.ours.upkeep().await.expect("memory holds").expect("it is kept").looked_at;
    shop.world.settle().await;
    assert!(looked_at().await >= Some(regranted_at), "it is looked at anew: {:?}", looked_at().await);
    assert_eq!(shop.newest().await.unread, None);
}

#[tokio::test]
async fn what_was_bought_before_we_could_see_it_is_the_opening_balance() {
    let shop = Shop::connected(7).await;
    let now = shop.world.clock.now();
    let old = shop.theirs.books(|books| {
        let is_old = |customer: &records::Customer| {
            now.duration_since(customer.created_at).as_hours() > 61 * 24 && customer.orders > 1
        };
        books.customers().find(is_old).expect("somebody bought long ago")
    });
    shop.note(old.id, "an old friend");
    shop.heard().await;
    shop.must_agree(old.id).await;
    assert!(shop.customer(old.id).await.opening.orders > 0);
    let lines = vec![(shop.variants(1)[0], 2)];
    for is_shuffled in [false, true] {
        shop.theirs.switch(|switches| (switches.is_shuffled, switches.copies) = (is_shuffled, 1));
        shop.world.clock.advance_seconds(3_600);
        let basket = Basket { customer: Some(old.id), lines: lines.clone(), ..Basket::default() };
        let order = shop.theirs.buy(&basket).expect("it is sold");
        shop.heard().await;
        shop.must_agree(old.id).await;
        shop.world.clock.advance_seconds(3_600);
        shop.theirs.refund(order, &Back { lines: Vec::new(), amount: 100 }).expect("it goes back");
        shop.heard().await;
        shop.must_agree(old.id).await;
    }
    // Whoever is new has bought nothing that we are not shown.
    let new = shop.join("nora");
    shop.heard().await;
    assert_eq!(shop.customer(new).await.opening, domain::customer::Opening::default());
}

#[tokio::test]
async fn whoever_is_first_told_of_by_a_checkout_or_an_order_is_read() {
    let shop = Shop::connected(9).await;
    let lines = vec![(shop.variants(1)[0], 1)];
    for is_order in [false, true] {
        shop.world.clock.advance_seconds(60);
        // Nobody tells us that they have joined.
        shop.theirs.switch(|switches| switches.lost_per_mille = 1_000);
        let id = shop.join(&format!("nora{is_order}"));
        shop.theirs.switch(|switches| switches.lost_per_mille = 0);
        shop.world.clock.advance_seconds(60);
        let (before, at) = (shop.theirs.asked(), shop.world.clock.now());
        if is_order {
            let theirs = shop.theirs.books(|books| books.customer(id)).expect("they are in the books");
            let (id, since) = (theirs.id, theirs.updated_at);
            let customer = json!({"id": id, "first_name": "Nora", "created_at": since, "updated_at": since});
            let told = json!({"id": 1, "name": "#1", "currency": "EUR", "financial_status": "paid", "processed_at": at,
                "updated_at": at, "customer": customer, "total_price": "9.00", "current_total_price": "9.00", "line_items": []});
            shop.told("orders/create", &told).await;
        } else {
            shop.theirs.begin(Some(id), &lines).expect("anybody may");
            shop.heard().await;
        }
        assert_eq!(shop.theirs.asked(), before + 1, "an order: {is_order}");
        let held = shop.customer(id).await;
        assert!(held.tags.contains("vip") && held.email_consent.is_some(), "an order: {is_order}");
        shop.theirs.begin(Some(id), &lines).expect("anybody may");
        assert_eq!(shop.asked().await, 0, "who is known is not asked for");
    }
}
