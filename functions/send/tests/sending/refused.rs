//! Nobody takes the shop's messages until somebody puts that right: the campaign is paused, and nobody is lost by it.

use domain::{
    Timestamp,
    campaign::{Actor, Fate, State, Why},
};
use std::sync::atomic::Ordering;
use vendors::simulated::Trouble;

use crate::shop::{START, Shop, Told};

const SAID: &str = "its provider takes nothing of the shop's: INVALID_CREDENTIALS";

impl Shop {
    pub(crate) async fn is_stopped_for(&self, words: &str) {
        let campaign = self.store().campaign(self.campaign).await.unwrap().unwrap();
        let State::Paused { is_planned: true, tripped: None, refused: Some(reason) } = &campaign.state else {
            panic!("{:?}", campaign.state);
        };
        assert!(reason.contains(words), "{reason}");
        assert!(campaign.due_at.is_some(), "whoever keeps it tells whoever launched it");
        let moves = self.store().campaign_moves(self.campaign).await.unwrap();
        let last = moves.last().map(|moved| (moved.act.as_str(), moved.by));
        assert_eq!(last, Some(("stopped", Actor::Us)));
    }
}

async fn refused(people: u32) -> Shop {
    let shop = Shop::new(&Told { people, ..Told::default() }).await;
    shop.vendor.set_trouble(Some(Trouble::RefusesUs));
    shop.lanes();
    shop.run().await;
    shop
}

#[tokio::test]
async fn it_is_stopped_by_the_first_who_are_refused_and_goes_on_with_them() {
    let shop = refused(230).await;
    shop.is_stopped_for(SAID).await;
    assert_eq!(shop.vendor.asked(), 10, "and nobody else is asked for");
    shop.vendor.set_trouble(None);
    shop.moved_to(State::Sending).await;
    shop.lanes();
    shop.run().await;
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent));
    assert!((0..230).all(|number| shop.acceptances(number) == 1));
}

#[tokio::test]
async fn however_often_somebody_goes_on_who_has_put_nothing_right_nobody_fails() {
    let shop = refused(7).await;
    for asked in [7, 14, 21, 28, 35] {
        shop.is_stopped_for(SAID).await;
        assert_eq!(shop.vendor.asked(), asked);
        assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Planned));
        shop.moved_to(State::Sending).await;
        shop.lanes();
        shop.run().await;
    }
}

#[tokio::test]
async fn what_is_refused_alone_may_have_a_fault_of_its_own_and_fails_in_the_end() {
    let shop = refused(1).await;
    for tried in 1..=3 {
        shop.is_stopped_for(SAID).await;
        assert_eq!(shop.vendor.asked(), tried);
        let expected = if tried < 3 { Fate::Planned } else { Fate::Failed };
        assert_eq!(shop.fates().await, [(expected, Some(Why::Setup))]);
        shop.moved_to(State::Sending).await;
        shop.lanes();
        shop.run().await;
    }
    assert_eq!(shop.vendor.asked(), 3, "and is not tried any more");
}

#[tokio::test]
async fn whoever_has_gone_on_since_is_not_stopped_for_what_was_before() {
    let shop = Shop::new(&Told::default()).await;
    shop.vendor.set_trouble(Some(Trouble::RefusesUs));
    let later = Timestamp::from_millisecond(START + 1).unwrap();
    shop.changed_itself(|campaign| campaign.resumed_at = Some(later)).await;
    shop.lanes();
    shop.step().await;
    assert_eq!(shop.clock.0.load(Ordering::SeqCst), START);
    let campaign = shop.store().campaign(shop.campaign).await.unwrap().unwrap();
    assert_eq!((&campaign.state, shop.vendor.asked()), (&State::Sending, 10));
}
