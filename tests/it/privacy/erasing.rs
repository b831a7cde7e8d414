//! Whoever asks to be forgotten is: no byte of what was known of them is left anywhere.

use std::collections::BTreeSet;

use columns::ShardNumber;
use domain::{CartName, CustomerId, Queue, customer::CustomerKind, privacy::State};
use flows::sign::sha256_hex;
use local::{World, tasks::Raw, world::Log};
use serde_json::{Value, json};

use super::{
    EMAIL, PHONE, QUIRINIA, asked, basket_names, baskets, checkout, listed, requests, scan::found, signed,
    told, words::named,
};
use crate::{
    cast::Person,
    imports::started,
    shop_events::{Shop, customer_body, order_body, with},
};

/// All that is hers alone.
const WORDS: [&str; 12] = [
    EMAIL,
    "4155550142",
    "555-0142",
    "Quirinia",
    "Zaphodsdottir",
    "77 Elm Alley",
    "Ostrava",
    "saffron",
    "the red door",
    "vip-of-the-year",
    "1977-07-17",
    "a box of bulbs",
];

fn quirinia(updated_at: &str) -> Value {
    customer_body(
        QUIRINIA,
        updated_at,
        &json!({"email": EMAIL, "first_name": "Quirinia", "last_name": "Zaphodsdottir", "phone": PHONE}),
    )
}

fn order(id: u64, more: &Value) -> Value {
    let told = json!({"note": "leave it at the red door", "email": EMAIL, "customer": quirinia("2026-09-02T10:00:00Z"),
        "phone": PHONE});
    order_body(id, QUIRINIA, "2026-09-02T10:00:00Z", &with(told, more))
}

async fn gathered(world: &World, shop: &Shop) {
    let its = shop.store(world);
    let shard = its.shard(ShardNumber(0)).await.expect("memory holds");
    its.shard_gathered(&shard).await.expect("nobody else keeps it");
}

/// Somebody of whom there is something everywhere.
async fn known(world: &World, shop: &Shop) {
    told(world, shop, "customers/create", &quirinia("2026-09-01T10:00:00Z")).await;
    told(world, shop, "orders/create", &order(9_001_001, &json!({}))).await;
    let path = format!("/api/v1/customers/s{QUIRINIA}");
    let owner = signed(world, shop).await;
    let change = async |body: Value| {
        let answer = owner.call(world, "PATCH", &path, &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    };
    change(json!({"note": "asks for saffron", "birthday": "1977-07-17", "tags": ["vip-of-the-year"],
        "addresses": [{"line1": "77 Elm Alley", "city": "Ostrava", "country": "CZ"}],
        "email_consent": {"state": "subscribed", "level": "single_opt_in", "method": "a box of bulbs, ticked"}}))
    .await;
    // Somebody who was made here becomes part of her.
    let twin =
        json!({"first_name": "Quirinia", "last_name": "Zaphodsdottir", "attributes": {"likes": "saffron"}});
    let twin = owner.post(world, "/api/v1/customers", &twin).await.text_at("/id");
    gathered(world, shop).await;
    let into = json!({"into": format!("s{QUIRINIA}")});
    let merged = owner.post(world, &format!("/api/v1/customers/{twin}/merge"), &into).await;
    assert_eq!(merged.status, 200, "{}", merged.text);
    // Blocks, recent rows and a changed row, each of which has her.
    let its = shop.store(world);
    let shard = its.shard(ShardNumber(0)).await.expect("memory holds");
    its.shard_folded(&shard).await.expect("nobody else keeps it");
    change(json!({"note": "asks for saffron, again"})).await;
    gathered(world, shop).await;
    change(json!({"note": "asks for saffron, once more"})).await;
}

/// And beside the record.
async fn kept(world: &World, shop: &Shop) {
    let owner = &signed(world, shop).await;
    let file = format!(
        "email,name,phone\n{EMAIL},Quirinia Zaphodsdottir,\nbob@example.com,Bob,\n,Quirinia,(415) 555-0142 x\n"
    );
    started(world, owner, json!({"of": "customers", "file": "zaphodsdottir.csv"}), &file).await;
    let asked_for = owner.post(world, "/api/v1/exports/customers?search=zaphodsdottir", &json!({})).await;
    assert_eq!(asked_for.status, 202, "{}", asked_for.text);
    told(world, shop, "customers/data_request", &asked(shop, QUIRINIA, EMAIL, Some(PHONE))).await;
    let path = format!("/api/v1/customers/s{QUIRINIA}");
    assert_eq!(repeated(world, owner, &path, &json!({"language": "cs"})).await.0, 200);
    // In another currency it is refused, and its body kept; one of a megabyte is a file from the first.
    told(world, shop, "orders/create", &order(9_001_002, &json!({"currency": "EUR"}))).await;
    let mut large = quirinia("2026-09-03T10:00:00Z");
    large["filler"] = json!("x".repeat(1_100_000));
    told(world, shop, "customers/update", &large).await;
    // What no program understands.
    let task = json!({"task": "apply_event", "event": {"shop": shop.domain, "body": {"text": order(9_001_003, &json!({})).to_string()}}});
    let raw = Raw { group: shop.domain.clone(), body: task.to_string(), delay_seconds: 0 };
    world.tasks.leave_raw(Queue::Ingest, vec![raw]).expect("memory holds");
    super::ended(world).await;
}

/// A change that says by its key which it is: what is answered, and by which code where it is refused.
async fn repeated(world: &World, owner: &Person, path: &str, body: &Value) -> (u16, String) {
    let call = world.call("PATCH", path).bearer(&owner.access).header("idempotency-key", path);
    let answer = call.json(body).send().await;
    (answer.status.as_u16(), answer.text_at("/code"))
}

/// An order of hers on the way, which cannot be kept when it comes.
fn on_the_way(world: &World, shop: &Shop) {
    let event = json!({"shop": shop.domain, "topic": "orders/create", "version": "2026-10", "id": "late-1",
        "received_at": "2026-09-22T00:00:00Z", "body": {"text": order(9_001_004, &json!({"currency": "EUR"})).to_string()}});
    let body = json!({"task": "apply_event", "event": event}).to_string();
    let raw = Raw { group: shop.domain.clone(), body, delay_seconds: 600 };
    world.tasks.leave_raw(Queue::Ingest, vec![raw]).expect("memory holds");
}

/// Where somebody is who is known in every way.
const EVERYWHERE: [&str; 22] = [
    "table A B",
    "table A D",
    "table A R",
    "table C E C",
    "table C E O",
    "table I",
    "table C PROFILE",
    "table JOB",
    "table SEG",
    "table REP",
    "table TPL",
    "table WORDS",
    "table CMP",
    "table SAYS",
    "file event",
    "file brought.csv",
    "file failed.csv",
    "file failed-000000.csv",
    "file taken.csv",
    "file person.json",
    "queue ingest",
    "dead letters of ingest",
];

#[tokio::test]
async fn no_byte_of_whoever_is_forgotten_is_left() {
    let (world, log) = (World::new(1).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    shop.tell(&world, "orders/create", &order_body(8_000, 8, "2026-09-01T10:00:00Z", &json!({}))).await;
    known(&world, &shop).await;
    kept(&world, &shop).await;
    named(&world, &shop).await;
    let paid = json!({"completed_at": "2026-09-01T09:55:00Z"});
    // Of one cart with theirs.
    let others = json!({"cart_token": "c-left"});
    for (token, id, more) in
        [("left", QUIRINIA, &json!({})), ("paid", QUIRINIA, &paid), ("others", 8, &others)]
    {
        told(&world, &shop, "checkouts/create", &checkout(token, id, more)).await;
    }
    assert_eq!(baskets(&world), ["left", "others", "paid"]);
    assert_eq!(basket_names(&world), ["cart.c-left", "cart.c-paid"]);
    let (hers, others) = (format!("/api/v1/customers/s{QUIRINIA}"), "/api/v1/customers/s8");
    let tea = json!({"note": "tea"});
    assert_eq!(repeated(&world, &signed(&world, &shop).await, others, &tea).await.0, 200);
    on_the_way(&world, &shop);

    let everywhere = BTreeSet::from(EVERYWHERE.map(str::to_owned));
    assert_eq!(found(&world, &log, &WORDS).await, everywhere, "so that the scan can fail");
    for word in WORDS {
        assert!(!found(&world, &log, &[word]).await.is_empty(), "{word} is somewhere");
    }

    let mut body = asked(&shop, QUIRINIA, EMAIL, Some(PHONE));
    body["orders_to_redact"] = json!([9_001_001]);
    told(&world, &shop, "customers/redact", &body).await;
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
    assert_eq!(baskets(&world), ["others"], "what they were about to buy is forgotten, too");
    assert_eq!(basket_names(&world), ["cart.c-left"], "and what led to it alone");
    let named = shop.store(&world).namesakes(&CartName::Cart("c-left".to_owned())).await;
    let named = named.expect("memory holds").expect("it leads to another's");
    assert_eq!(named.tokens(), ["others".to_owned()].into());

    let (owner, cs) = (signed(&world, &shop).await, json!({"language": "cs"}));
    let forgotten = repeated(&world, &owner, &hers, &cs).await;
    assert_eq!(
        (forgotten.0, forgotten.1.as_str()),
        (410, "answer_forgotten"),
        "it is done, and not done again"
    );
    assert_eq!(
        repeated(&world, &owner, others, &tea).await.0,
        200,
        "what was answered of others is known still"
    );

    let gone = shop.customer(&world, QUIRINIA).await;
    assert_eq!(
        (gone.kind, gone.totals.orders, gone.totals.spent),
        (CustomerKind::Erased, 1, 2_500),
        "figures stay"
    );
    let [request, _] = &*requests(&world, &shop).await else { panic!("two were asked") };
    assert_eq!((&request.state, request.customer), (&State::Erased, Some(CustomerId::Shopify(QUIRINIA))));
    assert!(
        request.done.customers >= 2
            && request.done.files >= 4
            && request.done.letters == 1
            && request.done.answers >= 1,
        "{request:?}"
    );
    let shown = listed(&world, &signed(&world, &shop).await).await;
    assert_eq!((&shown[0]["asks"], &shown[0]["state"]), (&json!("erasure"), &json!("erased")), "{shown}");
    let days = |name: &str| shown[0][name].as_str().and_then(|at| at.parse::<domain::Timestamp>().ok());
    let left = days("deadline").zip(days("received_at")).map(|(to, from)| to.duration_since(from).as_hours());
    assert_eq!(left, Some(30 * 24));

    let rewordings = shown[0]["reworded"].as_array().expect("a list");
    let reworded: BTreeSet<_> =
        rewordings.iter().map(|it| (it["kind"].as_str(), it["fields"].to_string())).collect();
    let fields = |of: &[&str]| serde_json::to_string(of).expect("texts");
    assert_eq!(
        reworded,
        [
            (Some("campaign"), fields(&["name", "rule", "reason", "text"])),
            (Some("report"), fields(&["name", "description", "filter"])),
            (Some("segment"), fields(&["description"])),
            (Some("segment"), fields(&["name", "rule"])),
            (Some("template"), fields(&["name", "subject", "preheader", "html", "text"])),
            (Some("template"), fields(&["mjml"])),
            (Some("template"), fields(&["blocks"])),
        ]
        .into(),
        "the owner sees what of theirs has changed"
    );
    let segments = signed(&world, &shop).await.get(&world, "/api/v1/segments").await;
    let rules: Vec<_> = segments
        .at("/items")
        .as_array()
        .into_iter()
        .flatten()
        .map(|segment| segment["text"].clone())
        .collect();
    assert!(rules.contains(&json!("email = '…' OR number_of_orders > 3")), "{}", segments.text);
    for segment in shop.store(&world).segments().await.expect("memory holds").iter() {
        let hashed = segment.rule.as_ref().map(|rule| (rule.hash.clone(), sha256_hex(rule.text.as_bytes())));
        assert!(
            hashed.is_none_or(|(told, its)| told == its),
            "a rule that is another is found anew: {}",
            segment.name.as_str()
        );
    }

    // When all that was on the way has ended it is looked once more, and then by what they were found is gone, too.
    world.clock.advance_seconds(15 * 24 * 3_600);
    world.settle().await;
    world.settle().await;
    let [request, _] = &*requests(&world, &shop).await else { panic!("two were asked") };
    assert_eq!((&request.state, &request.about), (&State::Done, &None));
    assert!(request.ended_at.is_some_and(|at| at < request.deadline()));
    assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new());
    let other = shop.customer(&world, 8).await;
    assert_eq!((other.kind, other.totals.orders), (CustomerKind::Person, 1), "others are as they were");
}

#[tokio::test]
async fn she_is_found_behind_any_number_of_dead_letters() {
    let (world, log) = (World::new(4).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let letter = |shop: &str, words: &str| {
        let task = json!({"task": "apply_event", "event": {"shop": shop, "body": {"text": words}}});
        Raw { group: shop.to_owned(), body: task.to_string(), delay_seconds: 0 }
    };
    let mut letters: Vec<_> =
        (0..1_200).map(|at| letter("others.myshopify.com", &format!("tea {at}"))).collect();
    letters.extend([
        letter(&shop.domain, "tea"),
        letter(&shop.domain, EMAIL),
        letter("others.myshopify.com", EMAIL),
    ]);
    world.tasks.leave_raw(Queue::Ingest, letters).expect("memory holds");
    super::ended(&world).await;
    let dead = || world.tasks.dead(Queue::Ingest).expect("memory holds");
    assert_eq!(dead().len(), 1_203, "nobody understands them");
    told(&world, &shop, "customers/redact", &asked(&shop, QUIRINIA, EMAIL, None)).await;
    let [request] = &*requests(&world, &shop).await else { panic!("one was asked") };
    assert_eq!((&request.state, request.done.letters), (&State::Erased, 1));
    assert_eq!(dead().len(), 1_202, "another shop's customer is somebody else");
    assert_eq!(found(&world, &log, &[EMAIL]).await, ["dead letters of ingest".to_owned()].into());
}

#[tokio::test]
async fn somebody_known_by_an_address_alone_is_forgotten_too_and_whoever_asks_twice() {
    let (world, log) = (World::new(2).await, Log::listen());
    let shop = Shop::connected(&world, "nordlicht").await;
    let guest = json!({"customer": null, "email": EMAIL, "note": "leave it at the red door"});
    shop.tell(&world, "orders/create", &order_body(1, 0, "2026-09-01T10:00:00Z", &guest)).await;
    assert!(!found(&world, &log, &[EMAIL]).await.is_empty());
    let body = json!({"shop_domain": shop.domain, "customer": {"email": EMAIL}, "orders_to_redact": [1]});
    for time in 1..3 {
        told(&world, &shop, "customers/redact", &body).await;
        assert_eq!(found(&world, &log, &WORDS).await, BTreeSet::new(), "{time}");
        let requests = requests(&world, &shop).await;
        assert_eq!(requests.len(), time, "each delivery is a request");
        assert!(requests.iter().all(|request| request.state == State::Erased), "{requests:?}");
        world.clock.advance_seconds(60);
    }
    let order = shop.order(&world, 1).await.expect("the figure stays");
    assert_eq!((order.total.get(), order.note), (2_500, None));
    // The same delivery, tried again, is the same request.
    let again = world.hook(&shop.domain, "customers/redact", &body).await;
    for _ in 0..2 {
        assert_eq!(again.send().await.status, 200);
        super::ended(&world).await;
    }
    assert_eq!(requests(&world, &shop).await.len(), 3);
}

#[tokio::test]
async fn another_who_has_the_address_by_now_stays() {
    let world = World::new(3).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    shop.tell(
        &world,
        "customers/create",
        &customer_body(71_000, "2026-09-01T10:00:00Z", &json!({"email": EMAIL})),
    )
    .await;
    let given_up = json!({"email": "other@example.com"});
    shop.tell(&world, "customers/update", &customer_body(71_000, "2026-09-02T10:00:00Z", &given_up)).await;
    shop.tell(
        &world,
        "customers/create",
        &customer_body(72_000, "2026-09-03T10:00:00Z", &json!({"email": EMAIL})),
    )
    .await;
    told(&world, &shop, "customers/redact", &asked(&shop, 71_000, EMAIL, None)).await;
    assert_eq!(shop.customer(&world, 71_000).await.kind, CustomerKind::Erased);
    let other = shop.customer(&world, 72_000).await;
    assert_eq!(
        other.email.map(|email| email.to_string()).as_deref(),
        Some(EMAIL),
        "the shop tells them apart"
    );
}
