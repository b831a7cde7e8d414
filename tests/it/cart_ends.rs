//! That a checkout is deleted is told by its cart and a number: of several of one cart the one that is meant ends, as far as
//! anybody can know which that is, in whatever order all of it is heard (EVT-01).

use domain::{Cart, CustomerId};
use local::{World, faults::halt};
use serde_json::{Value, json};

use crate::{
    shop_carts::checkout_body,
    shop_events::{Shop, with},
    shop_merges::deliver,
};

const GONE: &str = "checkouts/delete";
const BEGUN: &str = "checkouts/create";
const TOLD: &str = "checkouts/update";

/// All orders of so many things.
fn orderings(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let fewer = orderings(count - 1);
    let longer = |fewer: &Vec<usize>| {
        let fewer = fewer.clone();
        (0..count).map(move |place| {
            let mut all = fewer.clone();
            all.insert(place, count - 1);
            all
        })
    };
    fewer.iter().flat_map(longer).collect()
}

/// Two checkouts of one cart, of one customer.
struct Two {
    id: u64,
}

impl Two {
    fn token(&self, which: &str) -> String {
        format!("{which}-{}", self.id)
    }

    /// As webhooks have it: without a number.
    fn of_cart(&self, which: &str, at: &str, total: &str) -> Value {
        let more = json!({"created_at": "2026-09-01T09:00:00Z", "cart_token": format!("cart-{}", self.id)});
        with(checkout_body(&self.token(which), self.id, at, total), &more)
    }

    /// As whoever looks the shop through is told it: with its number, and without its cart.
    fn numbered(&self, which: &str, number: u64) -> Value {
        let more =
            json!({"id": self.number(number), "cart_token": null, "created_at": "2026-09-01T09:00:00Z"});
        with(checkout_body(&self.token(which), self.id, "2026-09-01T09:30:00Z", "6.00"), &more)
    }

    fn number(&self, number: u64) -> u64 {
        (1 << 60) + 10 * self.id + number
    }

    fn gone(&self, number: Option<u64>) -> Value {
        let number = number.map(|number| self.number(number));
        json!({"id": number, "cart_token": format!("cart-{}", self.id)})
    }
}

/// What must be the same in the end; and which have ended.
async fn state(world: &World, shop: &Shop, two: &Two) -> (Vec<Option<Cart>>, String) {
    let its = shop.store(world);
    let (mut all, mut ended) = (Vec::new(), String::new());
    for which in ["a", "b"] {
        let cart = its.cart(&two.token(which)).await.expect("memory holds").map(store::Held::into_inner);
        ended.push_str(if cart.as_ref().is_some_and(Cart::has_ended) { which } else { "" });
        // How they go on is sealed by chance, and that names were noted is nobody's word.
        all.push(cart.map(|cart| Cart { way_back: None, named_at: None, ..cart }));
    }
    let events = its.events(CustomerId::Shopify(two.id), 100, None).await.expect("memory holds");
    let left = events.keys.iter().filter(|key| key.contains("#B#")).count();
    assert_eq!(left + ended.len(), 2, "what has not ended is left behind, and nothing else");
    (all, ended)
}

type Tell = fn(&Two) -> Vec<(&'static str, Value)>;

fn begun(two: &Two) -> Vec<(&'static str, Value)> {
    ["a", "b"].map(|which| (BEGUN, two.of_cart(which, "2026-09-01T09:00:00Z", "5.00"))).into()
}

fn and(two: &Two, more: Vec<(&'static str, Value)>) -> Vec<(&'static str, Value)> {
    begun(two).into_iter().chain(more).collect()
}

const CASES: [(&str, &str, Tell); 10] = [
    ("nobody knows which", "ab", |two| and(two, vec![(GONE, two.gone(Some(7)))])),
    ("no number is told", "ab", |two| and(two, vec![(GONE, two.gone(None)), (TOLD, two.numbered("a", 7))])),
    ("its number is known", "a", |two| {
        and(two, vec![(TOLD, two.numbered("a", 7)), (GONE, two.gone(Some(7)))])
    }),
    ("the other's is known", "a", |two| {
        and(two, vec![(TOLD, two.numbered("b", 8)), (GONE, two.gone(Some(7)))])
    }),
    ("both are known", "a", |two| {
        let known = [("a", 7), ("b", 8)].map(|(which, number)| (TOLD, two.numbered(which, number)));
        and(two, known.into_iter().chain([(GONE, two.gone(Some(7)))]).collect())
    }),
    ("it goes on after its number was told", "a", |two| {
        let later = two.of_cart("a", "2026-09-01T09:40:00Z", "7.00");
        and(two, vec![(TOLD, two.numbered("a", 7)), (GONE, two.gone(Some(7))), (TOLD, later)])
    }),
    ("of which cart it was is told by its end", "a", |two| {
        let other = two.of_cart("b", "2026-09-01T09:00:00Z", "5.00");
        vec![(TOLD, two.numbered("a", 7)), (BEGUN, other), (GONE, two.gone(Some(7)))]
    }),
    ("two have ended, of which one is known", "ab", |two| {
        and(two, vec![(TOLD, two.numbered("a", 7)), (GONE, two.gone(Some(7))), (GONE, two.gone(Some(9)))])
    }),
    ("its own token is told", "b", |two| {
        and(two, vec![(GONE, with(two.gone(Some(7)), &json!({"token": two.token("b")})))])
    }),
    ("another cart's", "", |two| {
        let other = json!({"cart_token": format!("other-{}", two.id)});
        and(two, vec![(GONE, with(two.gone(Some(7)), &other)), (TOLD, two.numbered("b", 8))])
    }),
];

async fn ends_the_same(seed: u64, cases: &[(&str, &str, Tell)]) {
    let world = World::new(seed).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let mut id = 70_000;
    for (what, expected, tell) in cases {
        let turns = orderings(tell(&Two { id }).len());
        for is_twice in [false, true].into_iter().take(if turns.len() > 24 { 1 } else { 2 }) {
            let (mut ends, mut twos) = (Vec::new(), Vec::new());
            for turn in &turns {
                id += 1;
                let two = Two { id };
                let events = tell(&two);
                for &place in turn {
                    for _ in 0..=u8::from(is_twice) {
                        shop.bring(&world, events[place].0, &events[place].1).await;
                    }
                }
                twos.push(two);
            }
            world.settle().await;
            world.settle().await;
            for (turn, two) in turns.iter().zip(&twos) {
                let (carts, ended) = state(&world, &shop, two).await;
                assert_eq!(ended, *expected, "{what}: {turn:?} twice: {is_twice}");
                let told = format!("{carts:?}").replace(&two.id.to_string(), "id");
                ends.push((
                    told.replace(&two.number(7).to_string(), "7").replace(&two.number(8).to_string(), "8"),
                    turn,
                ));
            }
            for (end, turn) in &ends {
                assert_eq!(*end, ends[0].0, "{what}: {turn:?} twice: {is_twice}");
            }
        }
    }
}

#[tokio::test]
async fn of_two_checkouts_of_a_cart_the_one_that_is_meant_ends_in_any_order() {
    Box::pin(ends_the_same(31, &CASES[..4])).await;
}

/// The one comes to the table, then all of the other is done, then the rest of the one.
#[tokio::test]
async fn two_words_about_one_cart_come_to_the_same_wherever_they_meet() {
    let world = World::new(33).await;
    let shop = Shop::connected(&world, "nordlicht").await;
    let mut id = 80_000;
    for (what, expected, tell) in &CASES[2..4] {
        let places = (0..4).flat_map(|slow| (0..4).map(move |fast| (slow, fast)));
        for (slow, fast) in places.filter(|(slow, fast)| slow != fast) {
            let mut twos = Vec::new();
            for meetings in 0.. {
                id += 1;
                let two = Two { id };
                let events = tell(&two);
                for place in (0..4).filter(|place| ![slow, fast].contains(place)) {
                    shop.bring(&world, events[place].0, &events[place].1).await;
                }
                let (one, other) =
                    (deliver(&world, &shop, &events[slow]), deliver(&world, &shop, &events[fast]));
                let Some((one, other)) = halt::overtaken(one, meetings, other).await else { break };
                assert!(one.is_ok() && other.is_ok(), "{what}: {one:?}, {other:?}");
                twos.push(two);
            }
            assert!(twos.len() > 4, "{what}: they met at {} places", twos.len());
            world.settle().await;
            world.settle().await;
            for (meetings, two) in twos.iter().enumerate() {
                let (_, ended) = state(&world, &shop, two).await;
                assert_eq!(ended, *expected, "{what}: {slow} and {fast} met at {meetings}");
            }
        }
    }
}

#[tokio::test]
async fn so_it_is_with_more_words_about_them() {
    Box::pin(ends_the_same(32, &CASES[4..])).await;
}
