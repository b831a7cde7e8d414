//! A second is enough for much to happen to one thing: of several words of it the shop is asked what is so in the end, and
//! in whatever order they come, that is what is kept.

use domain::{ConsentState, CustomerId, Product, ProductId, Queue};
use flows::Clock;
use local::shopify::{
    DOMAIN,
    books::{Basket, Channel, records},
};
use serde_json::{Value, json};

use crate::{shop_events::with, shop_readings::Shop};

const ORDERINGS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// As the queue brings it; what it left open is not read yet.
async fn brought(shop: &Shop, topic: &str, body: &Value, id: &str) {
    let event = json!({"shop": DOMAIN, "topic": topic, "version": "2026-10", "id": id,
        "received_at": shop.world.clock.now(), "body": {"text": body.to_string()}});
    let task = json!({"task": "apply_event", "event": event}).to_string();
    shop.world.deliver(Queue::Ingest, &task).await.unwrap_or_else(|error| panic!("{topic}: {error:?}"));
}

/// Brings them in that order: all before the shop is asked, or each only when it was asked about the one before. Answers how
/// often it was asked.
async fn all_brought(shop: &Shop, topic: &str, bodies: [&Value; 3], is_slow: bool) -> u64 {
    let before = shop.theirs.asked();
    for (number, body) in bodies.into_iter().enumerate() {
        brought(shop, topic, body, &format!("{topic}-{before}-{number}")).await;
        if is_slow {
            shop.world.settle().await;
        }
    }
    shop.world.settle().await;
    shop.theirs.asked() - before
}

/// Nobody hears of it but by what the test brings.
fn unheard<T>(shop: &Shop, act: impl FnOnce() -> T) -> T {
    shop.theirs.switch(|switches| switches.lost_per_mille = 1_000);
    let done = act();
    shop.theirs.switch(|switches| switches.lost_per_mille = 0);
    done
}

#[tokio::test]
async fn an_order_is_as_the_shop_has_it_in_the_end() {
    let shop = Shop::connected(21).await;
    let (nora, olga) = (shop.join("nora"), shop.join("olga"));
    shop.heard().await;
    let lines = vec![(shop.variants(1)[0], 2)];
    for is_slow in [false, true] {
        for ordering in ORDERINGS {
            shop.world.clock.advance_seconds(60);
            let basket = Basket { customer: Some(nora), lines: lines.clone(), ..Basket::default() };
            let order = unheard(&shop, || shop.theirs.buy(&basket).expect("it is sold"));
            let theirs = shop.theirs.books(|books| books.order(order)).expect("it is in the books");
            let word = |note: &str, customer: u64, more: &Value| {
                let told = json!({"id": order, "name": theirs.name, "currency": "EUR", "financial_status": "paid",
                    "processed_at": theirs.created_at, "updated_at": theirs.updated_at, "customer": {"id": customer},
                    "total_price": "9.00", "current_total_price": "9.00", "line_items": [], "note": note});
                with(told, more)
            };
            let words =
                [word("a", nora, &json!({})), word("b", nora, &json!({})), word("a", olga, &json!({}))];
            let asked =
                all_brought(&shop, "orders/updated", ordering.map(|place| &words[place]), is_slow).await;
            let what = format!("{ordering:?}, slow: {is_slow}");
            assert!(is_slow || asked == 1, "{what}: it was asked {asked} times");
            // It comes once more, long after the shop was asked.
            shop.world.clock.advance_seconds(600);
            brought(&shop, "orders/updated", &words[ordering[0]], &format!("{order}-late")).await;
            shop.world.settle().await;
            let kept = shop.order(order).await;
            assert_eq!((&kept.note, kept.total.get()), (&None, theirs.total()), "{what}");
            assert_eq!(kept.customer, CustomerId::Shopify(nora), "{what}");
            shop.must_agree(nora).await;
            shop.must_agree(olga).await;
        }
    }
    let (noted, _) = shop.ours.events_noted(10, None).await.expect("memory holds");
    let open = noted.iter().filter(|event| format!("{:?}", event.outcome).contains("Undecided"));
    assert!(open.count() > 1, "the log says so: {noted:?}");
}

#[tokio::test]
async fn a_customer_is_as_the_shop_has_them_in_the_end() {
    let shop = Shop::connected(22).await;
    for is_slow in [false, true] {
        for (number, ordering) in ORDERINGS.into_iter().enumerate() {
            shop.world.clock.advance_seconds(60);
            let id = unheard(&shop, || shop.join(&format!("nora{number}{is_slow}")));
            let theirs = shop.theirs.books(|books| books.customer(id)).expect("they are in the books");
            let word = |note: &str| {
                json!({"id": id, "created_at": theirs.created_at, "updated_at": theirs.updated_at,
                    "first_name": theirs.first_name, "email": theirs.email, "note": note})
            };
            let words = ["tea", "coffee", "cocoa"].map(word);
            let asked =
                all_brought(&shop, "customers/update", ordering.map(|place| &words[place]), is_slow).await;
            let what = format!("{ordering:?}, slow: {is_slow}");
            assert!(is_slow || asked == 1, "{what}: it was asked {asked} times");
            shop.must_agree(id).await;
            brought(&shop, "customers/update", &words[ordering[1]], &format!("{id}-late")).await;
            let before = shop.customer(id).await;
            assert_eq!(before.note, theirs.note, "{what}: what was read stays");
            shop.world.settle().await;
            shop.must_agree(id).await;
        }
    }
}

#[tokio::test]
async fn a_product_is_as_the_shop_has_it_in_the_end() {
    let shop = Shop::connected(23).await;
    for ordering in ORDERINGS {
        shop.world.clock.advance_seconds(60);
        let id = unheard(&shop, || shop.theirs.add_product("Postcard", 150).expect("anything may be sold"));
        let theirs = shop.theirs.books(|books| books.product(id).cloned()).expect("it is in the books");
        let word = |title: &str| {
            json!({"id": id, "title": title, "status": "active", "updated_at": theirs.updated_at,
                "created_at": theirs.created_at, "variant_gids": [{"id": theirs.variants[0].id}],
                "variants": [{"id": theirs.variants[0].id, "title": "One", "price": "1.50"}]})
        };
        let words = ["Post", "Card", "Stamp"].map(word);
        let asked = all_brought(&shop, "products/update", ordering.map(|place| &words[place]), false).await;
        assert_eq!(asked, 1, "{ordering:?}");
        brought(&shop, "products/update", &words[ordering[2]], &format!("{id}-late")).await;
        shop.world.settle().await;
        let kept: Option<Product> = shop.ours.product(ProductId::Shopify(id)).await.expect("memory holds");
        assert_eq!(kept.expect("it is there").title, "Postcard", "{ordering:?}");
    }
}

#[tokio::test]
async fn of_two_consents_of_one_instant_the_more_careful_one_holds_whichever_comes_first() {
    use domain::ConsentState::{NotSubscribed, Pending, Subscribed, Unsubscribed};
    let shop = Shop::connected(24).await;
    let at = "2027-03-01T10:00:00Z";
    for (number, (words, expected)) in [
        ([("subscribed", "single_opt_in"), ("unsubscribed", "single_opt_in")], Unsubscribed),
        ([("subscribed", "confirmed_opt_in"), ("pending", "single_opt_in")], Pending),
        ([("not_subscribed", "unknown"), ("subscribed", "single_opt_in")], NotSubscribed),
        ([("subscribed", "confirmed_opt_in"), ("subscribed", "single_opt_in")], Subscribed),
        ([("unsubscribed", "unknown"), ("invalid", "unknown")], domain::ConsentState::Invalid),
    ]
    .into_iter()
    .enumerate()
    {
        let mut ends = Vec::new();
        for turn in [[0, 1], [1, 0]] {
            let nora = shop.join(&format!("nora{number}{}", turn[0]));
            shop.heard().await;
            for place in turn {
                let (state, level) = words[place];
                let topic = "customers_email_marketing_consent/update";
                let consent = json!({"state": state, "opt_in_level": level, "consent_updated_at": at});
                let body =
                    json!({"customer_id": nora, "email_address": null, "email_marketing_consent": consent});
                brought(&shop, topic, &body, &format!("{nora}-{place}")).await;
            }
            let consent = shop.customer(nora).await.email_consent.expect("they were asked");
            assert_eq!(consent.state, expected, "{words:?} {turn:?}");
            ends.push(consent);
        }
        assert_eq!(ends[0], ends[1], "{words:?}");
    }
}

#[tokio::test]
async fn of_two_consents_of_one_instant_the_one_holds_that_the_shop_has_in_the_end() {
    let shop = Shop::connected(27).await;
    let word = |nora: u64, at: jiff::Timestamp, state: &str| {
        let consent = json!({"state": state, "opt_in_level": "single_opt_in", "consent_updated_at": at});
        json!({"customer_id": nora, "email_address": null, "email_marketing_consent": consent})
    };
    let topic = "customers_email_marketing_consent/update";
    for (number, expected) in [ConsentState::Subscribed, ConsentState::Unsubscribed].into_iter().enumerate() {
        for (turn, is_slow) in [[0, 1], [1, 0]].into_iter().flat_map(|turn| [(turn, false), (turn, true)]) {
            // They are known whole, so that nothing else has the shop asked.
            let nora = shop.join(&format!("nora{number}{}{is_slow}", turn[0]));
            shop.heard().await;
            shop.world.clock.advance_seconds(60);
            let at = shop.world.clock.now();
            let theirs = shop.theirs.books(|books| books.customer(nora)).expect("they are in the books");
            let state = match expected {
                ConsentState::Subscribed => records::ConsentState::Subscribed,
                _ => records::ConsentState::Unsubscribed,
            };
            let consent = records::Consent { state, at: Some(at), ..theirs.email_consent };
            unheard(&shop, || shop.theirs.consent(nora, Channel::Email, consent)).expect("they are there");
            let words = ["subscribed", "unsubscribed"].map(|state| word(nora, at, state));
            let what = format!("{expected:?} {turn:?}, slow: {is_slow}");
            let state = async || shop.customer(nora).await.email_consent.expect("they were asked").state;
            for place in turn {
                brought(&shop, topic, &words[place], &format!("{nora}-{place}")).await;
                if is_slow {
                    shop.world.settle().await;
                }
            }
            if !is_slow {
                assert_eq!(state().await, ConsentState::Unsubscribed, "until the shop is asked: {what}");
            }
            shop.world.settle().await;
            assert_eq!(state().await, expected, "{what}");
            // They come once more, long after the shop was asked.
            shop.world.clock.advance_seconds(600);
            for place in turn {
                brought(&shop, topic, &words[place], &format!("{nora}-{place}-late")).await;
                assert_eq!(state().await, expected, "what was read stays: {what}");
            }
            shop.world.settle().await;
            assert_eq!(state().await, expected, "{what}");
        }
    }
}

#[tokio::test]
async fn of_two_who_are_told_to_have_bought_it_the_shop_says_whose_it_is() {
    let shop = Shop::connected(25).await;
    let (nora, olga) = (shop.join("nora"), shop.join("olga"));
    shop.heard().await;
    let lines = vec![(shop.variants(1)[0], 1)];
    for turn in [[0, 1], [1, 0]] {
        shop.world.clock.advance_seconds(60);
        let basket = Basket { customer: Some(nora), lines: lines.clone(), ..Basket::default() };
        let order = unheard(&shop, || shop.theirs.buy(&basket).expect("it is sold"));
        let theirs = shop.theirs.books(|books| books.order(order)).expect("it is in the books");
        // All else is alike.
        let words = [nora, olga].map(|customer| {
            json!({"id": order, "name": theirs.name, "currency": "EUR", "financial_status": "paid",
                "processed_at": theirs.created_at, "updated_at": theirs.updated_at, "customer": {"id": customer},
                "total_price": "9.00", "current_total_price": "9.00", "line_items": []})
        });
        for place in turn {
            brought(&shop, "orders/updated", &words[place], &format!("{order}-{place}")).await;
        }
        shop.world.settle().await;
        let kept = shop.order(order).await;
        assert_eq!(
            (kept.customer, kept.total.get()),
            (CustomerId::Shopify(nora), theirs.total()),
            "{turn:?}"
        );
        shop.must_agree(nora).await;
        shop.must_agree(olga).await;
    }
}

#[tokio::test]
async fn a_tag_that_came_and_went_within_one_second_is_as_the_shop_has_it() {
    let shop = Shop::connected(26).await;
    let nora = shop.join("nora");
    shop.heard().await;
    for (number, turn) in [[0, 1], [1, 0]].into_iter().enumerate() {
        for is_there in [true, false] {
            shop.world.clock.advance_seconds(60);
            let tag = format!("tag-{number}-{is_there}");
            if is_there {
                unheard(&shop, || shop.theirs.tag(nora, &[&tag]).expect("they are there"));
            }
            let id = format!("gid://shopify/Customer/{nora}");
            let body = json!({"customerId": id, "tags": [tag], "occurredAt": shop.world.clock.now()});
            for place in turn {
                let topic = ["customer.tags_added", "customer.tags_removed"][place];
                brought(&shop, topic, &body, &format!("{tag}-{place}")).await;
            }
            shop.world.settle().await;
            let has = shop.customer(nora).await.tags.contains(&tag);
            assert_eq!(has, is_there, "{turn:?}");
            shop.must_agree(nora).await;
        }
    }
}
