//! In whose name messages go out, and that nobody is asked where that is nobody's.

use domain::{
    Mailbox, Sender, SenderId, Sending, Standing, Timestamp, UserId,
    campaign::{Byline, Campaign, Fate},
    sender::Identity,
    sending::MailProvider,
};

use crate::shop::{Shop, Told};

fn sender(standing: Standing) -> Sender {
    let at = Timestamp::UNIX_EPOCH;
    Sender {
        id: SenderId::new(at, [8; 10]),
        identity: Identity::Domain("shop.test".parse().unwrap()),
        name: Some("Ada's shop".parse().unwrap()),
        standing,
        records: Vec::new(),
        created_at: at,
        created_by: UserId::new(at, [3; 10]),
        checked_at: None,
    }
}

/// All is sent whose campaign is by that sender.
async fn sent_by(sender: Option<&Sender>) -> Shop {
    let shop = Shop::new(&Told::default()).await;
    let store = shop.store();
    if let Some(sender) = sender {
        store.commit(vec![store.sender_made(sender)]).await.unwrap();
    }
    let byline =
        Byline { sender: self::sender(Standing::Pending).id, address: "news@shop.test".parse().ok() };
    let held = store.campaign(shop.campaign).await.unwrap().unwrap();
    let after = Campaign { byline: Some(byline), ..Campaign::clone(&held) };
    store.commit(vec![store.campaign_kept(&held, &after)]).await.unwrap();
    shop.lanes();
    shop.run().await;
    shop
}

#[tokio::test]
async fn a_campaign_goes_out_in_the_name_of_its_sender() {
    let shop = sent_by(Some(&sender(Standing::Verified))).await;
    let from =
        Mailbox { name: "Ada's shop".parse().ok(), address: "news@shop.test".parse().expect("an address") };
    assert_eq!(shop.vendor.letters().len(), 23);
    assert!(shop.vendor.letters().iter().all(|letter| letter.from == from));
    let lent = Shop::new(&Told::default()).await;
    lent.lanes();
    lent.run().await;
    let letters = lent.vendor.letters();
    assert!(letters.iter().all(|letter| letter.from.address.as_str() == "shop@example.com"));
}

#[tokio::test]
async fn nothing_goes_out_in_a_name_that_is_not_proven_any_more() {
    for held in [None, Some(sender(Standing::Failed)), Some(sender(Standing::Pending))] {
        let shop = sent_by(held.as_ref()).await;
        assert_eq!(shop.vendor.asked(), 0, "{held:?}");
        shop.is_stopped_for(if held.is_some() {
            "its sender, shop.test, is"
        } else {
            "is not there any more"
        })
        .await;
        assert!(shop.fates().await.iter().all(|fate| *fate == (Fate::Planned, None)), "nobody is lost");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_is_not_asked() {
    let shop = Shop::new(&Told::default()).await;
    let store = shop.store();
    let sending = Sending {
        mail: Some(MailProvider::Ses),
        text: None,
        sendgrid: None,
        twilio: None,
        prices: None,
        updated_at: Timestamp::UNIX_EPOCH,
        updated_by: UserId::new(Timestamp::UNIX_EPOCH, [3; 10]),
    };
    store.commit(vec![store.sending_put(None, &sending)]).await.unwrap();
    shop.lanes();
    shop.run().await;
    assert_eq!(shop.vendor.asked(), 0);
    shop.is_stopped_for("choose another at PATCH /api/v1/sending").await;
    assert!(shop.fates().await.iter().all(|fate| *fate == (Fate::Planned, None)), "nobody is lost");
}
