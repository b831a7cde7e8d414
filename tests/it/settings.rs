//! A shop's currency and time zone.

use crate::{cast::sign_up, customers::shop, shop_readings::Shop};
use local::{World, faults::halt, shopify::DOMAIN};
use serde_json::{Value, json};

#[tokio::test]
async fn a_currency_is_chosen_before_there_is_anything_to_count() {
    let world = World::new(1).await;
    let owner = sign_up(&world, "owner").await;
    let change = async |body: Value| owner.call(&world, "PATCH", "/api/v1/tenants/me", &body).await;
    for (body, at) in [
        (json!({"currency": "usd"}), "/currency"),
        (json!({"currency": "XXX"}), "/currency"),
        (json!({"timezone": "Berlin"}), "/timezone"),
        (json!({"timezone": "+02:00"}), "/timezone"),
    ] {
        assert_eq!(change(body).await.text_at("/errors/0/pointer"), at);
    }
    let yen = change(json!({"currency": "JPY", "timezone": "Asia/Tokyo"})).await;
    assert_eq!((yen.text_at("/currency").as_str(), yen.text_at("/timezone").as_str()), ("JPY", "Asia/Tokyo"));
    let fine = json!({"name": "A", "total_spent": 100.5});
    assert_eq!(
        owner.post(&world, "/api/v1/customers", &fine).await.text_at("/errors/0/pointer"),
        "/total_spent"
    );
    let made = owner.post(&world, "/api/v1/customers", &json!({"name": "A", "total_spent": 100})).await;
    assert_eq!((made.text_at("/total_spent").as_str(), made.text_at("/currency").as_str()), ("100", "JPY"));

    let refused = change(json!({"currency": "USD"})).await;
    assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "currency_in_use"));
    assert_eq!(change(json!({"currency": "JPY"})).await.status, 200, "it stays what it is");
    let moved = change(json!({"timezone": "Europe/Berlin", "name": "Laden"})).await;
    assert_eq!((moved.status.as_u16(), moved.text_at("/timezone").as_str()), (200, "Europe/Berlin"));
    assert_eq!(owner.get(&world, "/api/v1/tenants/me").await.text_at("/currency"), "JPY");
}

#[tokio::test]
async fn a_price_counts_in_the_currency_too() {
    let world = World::new(2).await;
    let owner = sign_up(&world, "owner").await;
    let tea = owner
        .post(&world, "/api/v1/products", &json!({"title": "Tea", "variants": [{"price": "4.20"}]}))
        .await;
    let yen = async || owner.call(&world, "PATCH", "/api/v1/tenants/me", &json!({"currency": "JPY"})).await;
    assert_eq!(yen().await.text_at("/code"), "currency_in_use");
    owner.call(&world, "DELETE", &format!("/api/v1/products/{}", tea.text_at("/id")), &json!({})).await;
    assert_eq!(yen().await.text_at("/currency"), "JPY", "what is gone counts in nothing");
}

/// Whoever tells the first amounts is held up at each access; meanwhile the shop chooses another currency, and perhaps
/// somebody else was the first by then.
#[tokio::test]
async fn what_is_told_in_one_currency_is_never_kept_in_another() {
    let customers = "/api/v1/customers";
    let order = json!({"email": "ada@example.com", "total": 1234});
    let walk_in = json!({"walk_in": true, "total": 1234});
    let person = json!({"email": "ada@example.com", "total_spent": 1234, "orders_count": 1});
    let many = json!({"customers": [person]});
    let other = json!({"email": "ada@example.com", "total": 1});
    let asked = [("orders", &order), ("orders", &walk_in), ("customers", &person), ("customers/bulk", &many)];
    let mut changed = 0;
    for ((what, body), before) in asked.into_iter().flat_map(|asked| [(asked, None), (asked, Some(&other))]) {
        for at in 0.. {
            let world = World::new(3).await;
            let owner = shop(&world, "owner").await;
            let path = format!("/api/v1/{what}");
            let change = async {
                let yen = json!({"currency": "JPY"});
                let chosen = owner.call(&world, "PATCH", "/api/v1/tenants/me", &yen).await;
                assert!(chosen.status == 200 || chosen.status == 409, "{}", chosen.text);
                if let Some(before) = before {
                    let first = owner.post(&world, "/api/v1/orders", before).await;
                    assert_eq!(first.status, 201, "{}", first.text);
                }
            };
            let told = owner.post(&world, &path, body);
            let Some((told, ())) = halt::overtaken(told, at, change).await else { break };
            assert!([200, 201, 409].contains(&told.status.as_u16()), "{}", told.text);
            let is_kept = told.status != 409 && told.at("/failed") != json!(1);
            changed += u32::from(!is_kept && told.text.contains("currency has just been changed"));
            let shop = owner.get(&world, "/api/v1/tenants/me").await.text_at("/currency");
            let total = match shop.as_str() {
                "USD" => 123_400,
                _ => 1_234,
            };
            let first = before.map_or(0, |_| if shop == "USD" { 100 } else { 1 });
            let kept = owner.get(&world, &format!("{customers}?limit=100")).await;
            let spent: i64 = kept.at("/items").as_array().expect("a list").iter().map(minor).sum();
            let sales = owner.get(&world, "/api/v1/orders").await;
            let sold: i64 = sales.at("/items").as_array().expect("a list").iter().map(minor).sum();
            // Of a customer the sum is told, with what they bought before.
            let expected = match is_kept {
                false => [first, first],
                true if what == "orders" => [first + total, first + total],
                true => [first.max(total), first + total],
            };
            let all = format!("{what} at access {at}: {} {} {}", told.text, kept.text, sales.text);
            assert!(expected.contains(&spent.max(sold)), "{expected:?} {all}");
        }
    }
    assert!(changed > 10, "{changed}");
}

/// Whoever chooses a currency is held up at each access; meanwhile somebody tells the first amount.
#[tokio::test]
async fn no_currency_is_chosen_past_the_first_amount() {
    let mut refused = 0;
    for at in 0.. {
        let world = World::new(4).await;
        let owner = shop(&world, "owner").await;
        let yen = json!({"currency": "JPY"});
        let change = owner.call(&world, "PATCH", "/api/v1/tenants/me", &yen);
        let told = json!({"walk_in": true, "total": 1234});
        let first = owner.post(&world, "/api/v1/orders", &told);
        let Some((changed, first)) = halt::overtaken(change, at, first).await else { break };
        assert_eq!(first.status, 201, "{}", first.text);
        refused += u32::from(changed.status == 409);
        let order = owner.get(&world, first.header("location")).await;
        let shop = owner.get(&world, "/api/v1/tenants/me").await.text_at("/currency");
        let expected = if first.text_at("/currency") == "USD" { 123_400 } else { 1_234 };
        assert_eq!(minor(&order.json()), expected, "{at}: {} {}", changed.text, order.text);
        assert_eq!(first.text_at("/currency"), shop, "{at}: {}", changed.text);
    }
    assert!(refused > 2, "{refused}");
}

#[tokio::test]
async fn a_price_is_never_kept_in_another_currency_than_it_was_told_in() {
    let tea = json!({"title": "Tea", "variants": [{"price": "1234"}]});
    let yen = json!({"currency": "JPY"});
    let (mut kept, mut refused, mut chosen_first) = (0, 0, 0);
    for is_choice_slow in [false, true] {
        for at in 0.. {
            let world = World::new(4).await;
            let owner = shop(&world, "owner").await;
            let tell = owner.post(&world, "/api/v1/products", &tea);
            let choose = owner.call(&world, "PATCH", "/api/v1/tenants/me", &yen);
            let ended = if is_choice_slow {
                halt::overtaken(choose, at, tell).await.map(|(chosen, told)| (told, chosen))
            } else {
                halt::overtaken(tell, at, choose).await
            };
            let Some((told, chosen)) = ended else { break };
            for answer in [&told, &chosen] {
                assert!([200, 201, 409].contains(&answer.status.as_u16()), "{}", answer.text);
            }
            let currency = owner.get(&world, "/api/v1/tenants/me").await.text_at("/currency");
            let products = owner.get(&world, "/api/v1/products").await;
            if told.status == 201 {
                // In yen only if it was told after they were chosen.
                let tea = owner.get(&world, told.header("location")).await;
                let price = tea.text_at("/variants/0/price");
                assert_eq!(
                    price,
                    if currency == "JPY" { "1234" } else { "1234.00" },
                    "at {at}: {}",
                    chosen.text
                );
                assert_eq!(told.text_at("/variants/0/price"), price, "as it was answered");
                kept += 1;
            } else {
                assert_eq!(products.at("/total"), json!(0));
                refused += 1;
            }
            chosen_first += u32::from(currency == "JPY");
        }
    }
    assert!(kept > 2 && refused > 0 && chosen_first > 1, "{kept} {refused} {chosen_first}");
}

/// Its amount in the shop's own smallest unit.
fn minor(item: &Value) -> i64 {
    let told = item.get("total_spent").or(item.get("total")).and_then(Value::as_str).expect("an amount");
    told.replace('.', "").parse().expect("a number")
}

#[tokio::test]
async fn while_a_shop_is_connected_its_own_settings_decide() {
    let shop = Shop::connected(5).await;
    let mine = async || shop.owner.get(&shop.world, "/api/v1/tenants/me").await;
    let change = async |body: Value| shop.owner.call(&shop.world, "PATCH", "/api/v1/tenants/me", &body).await;
    let said = async || {
        let mine = mine().await;
        ["/name", "/currency", "/timezone"].map(|member| mine.text_at(member))
    };
    let theirs = ["Nordlicht Coffee & Tea", "EUR", "Europe/Berlin"];
    assert_eq!(said().await, theirs);
    for body in [json!({"name": "Mine"}), json!({"timezone": "Asia/Tokyo"}), json!({"currency": "JPY"})] {
        let refused = change(body).await;
        assert_eq!((refused.status.as_u16(), refused.text_at("/code").as_str()), (409, "shop_decides"));
        assert!(refused.text_at("/detail").contains(DOMAIN), "it says where: {}", refused.text);
    }
    let same = json!({"name": theirs[0], "currency": theirs[1], "timezone": theirs[2]});
    assert_eq!(change(same).await.status, 200, "it stays what it is");
    assert_eq!(change(json!({"name": ""})).await.text_at("/errors/0/pointer"), "/name", "that is told first");
    assert_eq!(said().await, theirs);
    shop.theirs.rename("Nordlicht & Söhne");
    shop.heard().await;
    assert_eq!(mine().await.text_at("/name"), "Nordlicht & Söhne");
}
