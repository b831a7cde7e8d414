//! Products: kept by hand, found, paged, deleted (PRD-01).

use crate::{
    cast::Person,
    customers::{shop, told},
};
use domain::{Product, ProductId, Timestamp, customer::ChangedBy, product::ProductStatus};
use flows::{record::Record, seal::Seals};
use local::{
    World,
    world::{Answer, SeededDice},
};
use serde_json::{Value, json};
use std::sync::Arc;
use store::local::Units;

async fn made(world: &World, owner: &Person, body: &Value) -> Answer {
    let answer = owner.post(world, "/api/v1/products", body).await;
    assert_eq!(answer.status, 201, "{body}: {}", answer.text);
    answer
}

fn titles(list: &Answer) -> Vec<String> {
    assert_eq!(list.status, 200, "{}", list.text);
    let items = list.at("/items");
    let titles =
        items.as_array().into_iter().flatten().map(|item| item["title"].as_str().unwrap_or_default());
    titles.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_product_is_kept_by_hand_with_its_variants() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let body = json!({
        "title": " Earl Grey ", "handle": "earl-grey", "vendor": "Teahouse", "productType": "Tea", "tags": ["black", "Black", "classic"],
        "imageUrl": "https://cdn.example.com/eg.jpg",
        "variants": [{"title": "100 g", "sku": "EG-100", "price": 4.20, "inventoryQuantity": 7}, {"title": "1 kg", "price": "30"}],
    });
    let before = world.table.ledger();
    let tea = made(&world, &owner, &body).await;
    let cost = world.table.ledger().since(&before).writes;
    // In a shop without customers the price is counted with it; that its tags are others by now is counted, too.
    assert!(cost <= Units::whole(7), "a product costs {cost} to write, its call included");
    let (id, path) = (tea.text_at("/id"), format!("/api/v1/products/{}", tea.text_at("/id")));
    assert_eq!(tea.header("location"), path);
    for path in [&path, &format!("/api/products/{id}")] {
        assert_eq!(owner.get(&world, path).await.json(), tea.json(), "{path}");
    }
    assert_eq!(
        (tea.text_at("/title"), tea.at("/tags")),
        ("Earl Grey".to_owned(), json!(["black", "classic"]))
    );
    assert_eq!((tea.text_at("/status"), tea.at("/inventory")), ("active".to_owned(), json!(7)));
    assert_eq!(
        (tea.text_at("/min_price"), tea.text_at("/max_price")),
        ("4.20".to_owned(), "30.00".to_owned())
    );

    // As a whole: what is left out goes, the status stays, a variant keeps its id by its title.
    let draft = owner.call(&world, "PATCH", &path, &json!({"status": "DRAFT"})).await;
    assert_eq!(
        (draft.text_at("/status"), draft.text_at("/vendor")),
        ("draft".to_owned(), "Teahouse".to_owned())
    );
    world.clock.advance_seconds(5);
    let whole = json!({"title": "Lady Grey", "variants": [{"title": "1 KG", "price": 31}, {"title": "2 kg", "price": 60}]});
    let put = owner.call(&world, "PUT", &path, &whole).await;
    assert_eq!(
        (put.at("/vendor"), put.at("/tags"), put.at("/image_url")),
        (json!(null), json!([]), json!(null))
    );
    assert_eq!(
        (put.text_at("/status"), put.at("/variants/0/id")),
        ("draft".to_owned(), tea.at("/variants/1/id"))
    );
    assert_eq!(put.at("/created_at"), tea.at("/created_at"));
    assert!(put.text_at("/updated_at") > tea.text_at("/updated_at"));
    world.clock.advance_seconds(5);
    let again = owner.call(&world, "PUT", &path, &whole).await;
    assert_eq!(again.json(), put.json(), "told again it changes nothing");

    let before = owner.get(&world, "/api/v1/products").await;
    assert_eq!((before.at("/total"), titles(&before)), (json!(1), vec!["Lady Grey".to_owned()]));
    for expected in [204, 404] {
        assert_eq!(owner.call(&world, "DELETE", &path, &json!({})).await.status, expected);
    }
    for method in ["GET", "PUT", "PATCH"] {
        assert_eq!(
            owner.call(&world, method, &path, &json!({"title": "Back"})).await.status,
            404,
            "{method}"
        );
    }
    assert_eq!(owner.get(&world, "/api/v1/products").await.at("/total"), json!(0));
}

#[tokio::test]
async fn what_is_wrong_with_a_product_is_told_with_its_place() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let many = vec![json!({"price": 1}); 2_049];
    let heavy: Vec<_> =
        (0..900).map(|n| json!({"title": format!("{n} {}", "x".repeat(200)), "price": 1})).collect();
    let path =
        format!("/api/v1/products/{}", made(&world, &owner, &json!({"title": "Tea"})).await.text_at("/id"));
    for (body, at) in [
        (json!({"title": ""}), "/title"),
        (json!({"title": "a\nb"}), "/title"),
        (json!({"title": "a", "handle": "A b"}), "/handle"),
        (json!({"title": "a", "status": "sold"}), "/status"),
        (json!({"title": "a", "vendor": ""}), "/vendor"),
        (json!({"title": "a", "product_type": "x".repeat(256)}), "/product_type"),
        (json!({"title": "a", "tags": ["ok", ""]}), "/tags/1"),
        (json!({"title": "a", "image_url": "http://example.com/a.png"}), "/image_url"),
        (json!({"title": "a", "variants": [{"price": 1}, {"price": 2}]}), "/variants/1/title"),
        (
            json!({"title": "a", "variants": [{"title": "S", "price": 1, "id": "s1"}, {"price": 2, "id": "s1"}]}),
            "/variants/1/id",
        ),
        (json!({"title": "a", "variants": [{"price": -1}]}), "/variants/0/price"),
        (json!({"title": "a", "variants": [{"price": 1.234}]}), "/variants/0/price"),
        (json!({"title": "a", "variants": [{"title": "S"}]}), "/variants/0/price"),
        (json!({"title": "a", "variants": [{"price": 1, "id": "x"}]}), "/variants/0/id"),
        (json!({"title": "a", "variants": [{"price": 1, "sku": ""}]}), "/variants/0/sku"),
        (
            json!({"title": "a", "variants": [{"price": 1, "inventory": 1_000_000_001}]}),
            "/variants/0/inventory",
        ),
        (json!({"title": "a", "variants": many}), "/variants"),
        (json!({"title": "a", "variants": heavy}), ""),
        (json!({"title": "a", "id": "s1"}), "/id"),
        (json!({"title": "a", "vip": 1}), "/vip"),
    ] {
        for (method, path) in [("POST", "/api/v1/products"), ("PUT", &path), ("PATCH", &path)] {
            let (status, _, place) = told(&owner.call(&world, method, path, &body).await);
            assert_eq!((status, place.as_str()), (400, at), "{method} {body}");
        }
    }
    for (method, path) in [("POST", "/api/v1/products"), ("PUT", &path)] {
        assert_eq!(told(&owner.call(&world, method, path, &json!({})).await).2, "/title", "{method}");
    }
    assert_eq!(owner.get(&world, &path).await.text_at("/title"), "Tea", "nothing of it was stored");
    assert_eq!(owner.get(&world, "/api/v1/products/tea").await.status, 404);
}

#[tokio::test]
async fn lists_find_filter_sort_and_page() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    for (title, vendor, kind, tags, sku, price, stock, status) in [
        ("Crème brûlée tea", "Teahouse", "Tea", vec!["Süß"], "CB-1", 9, Some(3), "active"),
        ("Earl Grey", "Teahouse", "Tea", vec!["black"], "EG-1", 4, None, "active"),
        ("Kettle", "Smith & Söhne", "Ware", vec!["black"], "KT-9", 49, Some(0), "draft"),
        ("Old cup", "Smith & Söhne", "Ware", vec![], "CP-3", 12, Some(40), "archived"),
    ] {
        world.clock.advance_seconds(1);
        let variants = json!([{"price": price, "sku": sku, "inventory": stock}]);
        let body = json!({"title": title, "vendor": vendor, "type": kind, "tags": tags, "status": status, "variants": variants});
        made(&world, &owner, &body).await;
    }
    world.clock.advance_seconds(1);
    made(&world, &owner, &json!({"title": "air"})).await;
    let (tea, grey, kettle, cup, air) = ("Crème brûlée tea", "Earl Grey", "Kettle", "Old cup", "air");
    for (query, expected) in [
        ("", vec![air, cup, kettle, grey, tea]),
        ("?order=asc&limit=2", vec![tea, grey]),
        ("?sort=title&order=asc", vec![air, tea, grey, kettle, cup]),
        ("?sort=price&order=asc", vec![grey, tea, cup, kettle, air]),
        ("?sortBy=price&sortOrder=desc", vec![kettle, cup, tea, grey, air]),
        ("?sort=inventory", vec![cup, tea, kettle, air, grey]),
        ("?search=CREME%20brulee", vec![tea]),
        ("?q=suss", vec![tea]),
        ("?search=smith", vec![cup, kettle]),
        ("?search=ware%20sohne", vec![cup, kettle]),
        ("?search=eg-1", vec![grey]),
        ("?search=teahouse%20kettle", vec![]),
        ("?status=draft", vec![kettle]),
        ("?status=ARCHIVED", vec![cup]),
        ("?vendor=smith%20%26%20sohne", vec![cup, kettle]),
        ("?vendor=smith", vec![]),
        ("?type=tea&tag=BLACK", vec![grey]),
        ("?page=2&limit=3", vec![grey, tea]),
        ("?search=", vec![air, cup, kettle, grey, tea]),
    ] {
        for path in ["/api/v1/products", "/api/products"] {
            assert_eq!(titles(&owner.get(&world, &format!("{path}{query}")).await), expected, "{query}");
        }
    }
    for (sort, order) in
        [("title", "asc"), ("title", "desc"), ("price", "asc"), ("price", "desc"), ("inventory", "asc")]
    {
        let whole = titles(&owner.get(&world, &format!("/api/v1/products?sort={sort}&order={order}")).await);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = owner
                .get(&world, &format!("/api/v1/products?limit=2&sort={sort}&order={order}{cursor}"))
                .await;
            assert_eq!(page.at("/total"), json!(5));
            seen.extend(titles(&page));
            match page.at("/next").as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, whole, "{sort} {order}");
    }
    let cursor = owner.get(&world, "/api/v1/products?limit=1").await.text_at("/next");
    let foreign = format!("?sort=title&cursor={cursor}");
    let counted = format!("?page=2&cursor={cursor}");
    for bad in [
        "?limit=0",
        "?limit=101",
        "?sort=vip",
        "?order=up",
        "?status=x",
        "?cursor=x",
        "?y=1",
        &foreign,
        &counted,
    ] {
        assert_eq!(owner.get(&world, &format!("/api/v1/products{bad}")).await.status, 400, "{bad}");
    }
    let long = "x".repeat(201);
    for bad in ["a a a a a a a a a a a", &long] {
        let list = owner.get(&world, &format!("/api/v1/products?search={}", bad.replace(' ', "+"))).await;
        assert_eq!(list.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn an_older_word_changes_nothing_and_brings_nothing_back() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let store = world.store_of(owner.tenant.parse().expect("a tenant's id"));
    let (clock, dice) = (world.clock.clone(), Arc::new(SeededDice::new(4)));
    let seals = Seals::new(world.keys.wrap.clone(), dice.clone());
    let (by, currency_changes) = (ChangedBy::Shopify, 0);
    let record = Record { store: &store, seals: &seals, clock: &*clock, dice: &*dice, by, currency_changes };
    let spoken = |title: &str, second: i64| Product {
        id: ProductId::Shopify(8),
        title: title.to_owned(),
        handle: None,
        status: ProductStatus::Active,
        vendor: None,
        kind: None,
        tags: [].into(),
        image_url: None,
        variants: Vec::new(),
        created_at: Timestamp::UNIX_EPOCH,
        updated_at: Timestamp::from_second(second).expect("a time"),
    };
    let told = async |title: &str, second: i64, is_last: bool| {
        let told = spoken(title, second);
        let plan = record.done(|| record.product_told(&told, is_last)).await.expect("the table is there");
        (owner.get(&world, "/api/v1/products/s8").await, plan.undecided.len())
    };
    let heard = async |title: &str, second: i64| told(title, second, true).await.0;
    let begin = 1_790_000_000;
    for (title, second, expected) in [
        ("second", begin, "second"),
        ("first", begin - 1, "second"),
        ("twin", begin, "twin"),
        ("third", begin + 1, "third"),
    ] {
        assert_eq!(heard(title, second).await.text_at("/title"), expected, "{title}");
    }
    for (title, undecided) in [("twin of the third", 1), ("third", 0)] {
        let (shown, open) = told(title, begin + 1, false).await;
        assert_eq!((shown.text_at("/title"), open), ("third".to_owned(), undecided), "{title}");
    }
    world.clock.advance_seconds(10);
    assert_eq!(owner.call(&world, "DELETE", "/api/v1/products/s8", &json!({})).await.status, 204);
    assert_eq!(heard("late", begin + 10).await.status, 404);
    assert_eq!(owner.get(&world, "/api/v1/products").await.at("/total"), json!(0));
    assert_eq!(heard("again", begin + 11).await.text_at("/title"), "again");
}
