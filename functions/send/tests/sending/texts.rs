//! Texts by a provider whose receipts name them by its own ids alone: what it calls each is kept as it is taken.

use async_trait::async_trait;
use domain::{
    MessageTag,
    campaign::{Fate, Kind},
    template::Words,
};
use flows::{Answer, Short, Texter};
use std::sync::{Arc, Mutex};
use vendors::Simulated;

use crate::shop::{OneAccount, Shop, Told};

/// Takes what the simulated vendor takes, and remembers what it called it.
struct Calling {
    vendor: Arc<Simulated>,
    called: Mutex<Vec<(String, MessageTag)>>,
    keeps_tags: bool,
}

#[async_trait]
impl Texter for Calling {
    async fn text(&self, short: &Short) -> Answer {
        let answer = self.vendor.text(short).await;
        if let Answer::Accepted { vendor_id } = &answer {
            self.called.lock().unwrap().push((vendor_id.clone(), short.message.clone()));
        }
        answer
    }

    fn keeps_tags(&self) -> bool {
        self.keeps_tags
    }
}

async fn sent_by(keeps_tags: bool) -> (Shop, Vec<(String, MessageTag)>) {
    let words = Words::Sms { text: "Hi {{ customer.first_name }}".to_owned() };
    let mut shop = Shop::new(&Told { people: 12, kind: Kind::Transactional, words, ..Told::default() }).await;
    for number in 0..12 {
        shop.changed(number, |it| it.phone = format!("+141555501{number:02}").parse().ok()).await;
    }
    let (vendor, called) = (shop.vendor.clone(), Mutex::default());
    let calling = Arc::new(Calling { vendor, called, keeps_tags });
    shop.deps.carriers = Arc::new(OneAccount(shop.vendor.clone(), calling.clone()));
    shop.lanes();
    shop.run().await;
    assert!(shop.fates().await.iter().all(|(fate, _)| *fate == Fate::Sent), "{:?}", shop.fates().await);
    let called = calling.called.lock().unwrap().clone();
    (shop, called)
}

#[tokio::test]
async fn what_a_provider_calls_a_text_leads_to_its_message() {
    let (shop, called) = sent_by(false).await;
    assert_eq!(called.len(), 12);
    let ids: Vec<_> = called.iter().map(|(id, _)| id.as_str()).collect();
    let found = shop.deps.store.texts_called(&ids).await.unwrap();
    let tags = called.iter().map(|(_, tag)| tag.as_str().parse().ok());
    assert_eq!(found, tags.collect::<Vec<_>>());
}

#[tokio::test]
async fn where_receipts_name_our_tag_nothing_is_written_for_it() {
    let (shop, called) = sent_by(true).await;
    let ids: Vec<_> = called.iter().map(|(id, _)| id.as_str()).collect();
    let found = shop.deps.store.texts_called(&ids).await.unwrap();
    assert!(found.len() == 12 && found.iter().all(Option::is_none), "{found:?}");
}
