//! Who is forgotten while a campaign writes to them: nothing says of them that it did.

use std::time::Duration;

use domain::{
    Customer, CustomerId,
    campaign::{Act, Care, Chunk, Fate, MessageId, State, Why},
    customer::CustomerKind,
    template::Channel,
    timeline::Written,
};

use crate::{
    course::{id, launched, look, pass, tenant},
    made::Shop,
};

const IN_DOUBT: (Fate, Option<Why>) = (Fate::Unknown, Some(Why::Interrupted));
const NOBODYS: (Fate, Option<Why>) = (Fate::Skipped, Some(Why::Gone));

/// Three messages, all of them claimed.
async fn claimed(shop: &Shop) -> Chunk {
    let mut chunk = Chunk::new(3);
    chunk.claim(3, *shop.world.now.lock().unwrap());
    let (step, _) = shop.store.chunk_put(id(), 0, None, chunk.clone());
    shop.store.commit(vec![step]).await.unwrap();
    chunk
}

/// One stays, one is forgotten, one becomes part of the first.
async fn two_go(shop: &Shop) {
    for (number, kind) in [(2, CustomerKind::Erased), (3, CustomerKind::Merged(CustomerId::Shopify(1)))] {
        let held = shop.store.customer_held(CustomerId::Shopify(number)).await.unwrap().unwrap();
        let gone = Customer::clone(&held).gone(kind, held.created_at);
        let step = shop.store.customer_changed(&held, &gone, store::Orders::new());
        shop.store.commit(vec![step]).await.unwrap();
    }
}

/// As whoever has looked at them before does it.
async fn all_are_noted(shop: &Shop) {
    let launched_at = shop.campaign(id()).await.launched_at.unwrap();
    for place in 0..3 {
        let message = MessageId { tenant: tenant(), campaign: id(), chunk: 0, place };
        let written = Written { message, name: "Spring".to_owned(), channel: Channel::Email };
        let customer = CustomerId::Shopify(u64::from(place) + 1);
        shop.store.commit(vec![shop.store.message_noted(customer, launched_at, &written)]).await.unwrap();
    }
}

/// How often it stands in whose timeline, and what became of each.
async fn said(shop: &Shop) -> (Vec<usize>, Vec<(Fate, Option<Why>)>) {
    let mut noted = Vec::new();
    for number in 1..=3 {
        noted.push(shop.store.events(CustomerId::Shopify(number), 9, None).await.unwrap().events.len());
    }
    let chunk = shop.store.campaign_chunk(id(), 0).await.unwrap().unwrap();
    (noted, chunk.messages.iter().map(|message| (message.fate, message.why)).collect())
}

#[tokio::test]
async fn where_a_sender_has_died_over_them_a_cancelled_campaign_says_nothing_of_them() {
    let shop = launched(3).await;
    look(&shop).await;
    claimed(&shop).await;
    two_go(&shop).await;
    all_are_noted(&shop).await;
    shop.moves(id(), Act::Cancel).await;
    pass(&shop, Duration::from_mins(2));
    look(&shop).await;
    assert_eq!(said(&shop).await, (vec![1, 0, 1], vec![IN_DOUBT, NOBODYS, IN_DOUBT]));
}

#[tokio::test]
async fn what_a_sender_who_stood_still_has_noted_of_them_is_gone_with_the_next_count() {
    for is_cancelled in [false, true] {
        let shop = launched(3).await;
        look(&shop).await;
        let mut chunk = claimed(&shop).await;
        pass(&shop, Duration::from_mins(2));
        if is_cancelled {
            shop.moves(id(), Act::Cancel).await;
        } else {
            // Somebody else who sends gives it up.
            let held = shop.store.campaign_chunk(id(), 0).await.unwrap();
            chunk.give_up(Care::NeverTwice, *shop.world.now.lock().unwrap());
            let (step, _) = shop.store.chunk_put(id(), 0, held.as_ref(), chunk);
            shop.store.commit(vec![step]).await.unwrap();
        }
        look(&shop).await;
        let ended = if is_cancelled { State::Cancelled } else { State::Sent };
        assert_eq!(shop.campaign(id()).await.state, ended);
        two_go(&shop).await;
        all_are_noted(&shop).await;
        pass(&shop, Duration::from_mins(5));
        look(&shop).await;
        assert_eq!(said(&shop).await, (vec![1, 0, 1], vec![IN_DOUBT, NOBODYS, IN_DOUBT]), "{ended:?}");
        // And once more, when nobody says anything new.
        all_are_noted(&shop).await;
        pass(&shop, Duration::from_mins(40));
        look(&shop).await;
        assert_eq!(said(&shop).await.0, [1, 0, 1], "{ended:?}");
        // By now nobody goes on who had begun then, and nobody is looked for.
        let chunk = shop.store.campaign_chunk(id(), 0).await.unwrap().unwrap();
        assert!(chunk.given_up().is_empty(), "{ended:?}");
    }
}

#[tokio::test]
async fn so_it_is_with_the_next_count_of_one_that_is_still_sent() {
    let shop = launched(3).await;
    look(&shop).await;
    let mut chunk = Chunk::new(3);
    chunk.claim(2, *shop.world.now.lock().unwrap());
    pass(&shop, Duration::from_mins(2));
    chunk.give_up(Care::NeverTwice, *shop.world.now.lock().unwrap());
    let (step, _) = shop.store.chunk_put(id(), 0, None, chunk);
    shop.store.commit(vec![step]).await.unwrap();
    two_go(&shop).await;
    all_are_noted(&shop).await;
    look(&shop).await;
    assert_eq!(shop.campaign(id()).await.state, State::Sending);
    assert_eq!(said(&shop).await, (vec![1, 0, 1], vec![IN_DOUBT, NOBODYS, (Fate::Planned, None)]));
}
