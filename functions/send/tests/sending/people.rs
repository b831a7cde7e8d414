//! Who is not written to any more, because something has happened since the plan.

use domain::{
    ConsentState, Customer,
    campaign::{Fate, Kind, Why},
    customer::CustomerKind,
    template::{Body, Words},
};

use crate::shop::{Shop, Told, consent, customer};

async fn after_changes(told: &Told) -> Shop {
    let shop = Shop::new(told).await;
    shop.changed(0, |it| it.email_consent = Some(consent(ConsentState::Unsubscribed))).await;
    shop.changed(1, |it| it.email_consent = None).await;
    shop.changed(2, |it| it.email = None).await;
    shop.changed(3, |it| it.email_consent = Some(consent(ConsentState::Invalid))).await;
    shop.changed(4, |it| *it = Customer::clone(it).gone(CustomerKind::Erased, it.created_at)).await;
    let other = CustomerKind::Merged(customer(6).id);
    shop.changed(5, |it| *it = Customer::clone(it).gone(other, it.created_at)).await;
    shop.changed(6, |it| it.suppressed.email = true).await;
    // It is no letter.
    shop.changed(7, |it| it.suppressed.sms = true).await;
    shop.changed(8, |it| it.declined = it.declined.with(Kind::Newsletter, true)).await;
    // It is of another kind.
    shop.changed(9, |it| it.declined = it.declined.with(Kind::Promotional, true)).await;
    shop.lanes();
    shop.run().await;
    shop
}

#[tokio::test]
async fn whoever_has_withdrawn_or_gone_since_the_plan_gets_nothing() {
    let shop = after_changes(&Told::default()).await;
    let fates = shop.fates().await;
    let gone = [Why::Unsubscribed, Why::NoConsent, Why::NoAddress, Why::InvalidAddress, Why::Gone, Why::Gone];
    let whys = gone.into_iter().chain([Why::Suppressed]).collect::<Vec<_>>();
    for (number, why) in whys.iter().copied().enumerate() {
        assert_eq!(fates[number], (Fate::Skipped, Some(why)), "{number}");
        assert_eq!(shop.acceptances(u32::try_from(number).unwrap()), 0, "{number}");
    }
    assert_eq!(fates[7], (Fate::Sent, None));
    assert_eq!(fates[8], (Fate::Skipped, Some(Why::Declined)), "who wants nothing of this kind");
    assert_eq!(shop.acceptances(8), 0);
    assert!(fates[9..].iter().all(|(fate, _)| *fate == Fate::Sent));
    assert_eq!(shop.vendor.asked(), 23 - whys.len() - 1);
    let nothing = shop.store().events(customer(4).id, 10, None).await.unwrap().events;
    assert!(nothing.is_empty(), "who is forgotten was not written to: {nothing:?}");
}

#[tokio::test]
async fn what_they_have_done_themselves_is_told_without_their_consent() {
    let shop = after_changes(&Told { kind: Kind::Transactional, ..Told::default() }).await;
    let fates = shop.fates().await;
    assert_eq!(fates[..2], [(Fate::Sent, None), (Fate::Sent, None)]);
    assert!(fates[2..7].iter().all(|(fate, _)| *fate == Fate::Skipped));
    assert_eq!(fates[8], (Fate::Sent, None), "what they did is no topic");
    assert!(shop.vendor.letters().iter().all(|letter| letter.unsubscribe.is_none()));
}

#[tokio::test]
async fn a_template_leaves_out_whom_it_says() {
    let says = |html: &str| Told {
        words: Words::Email {
            subject: "Hi".to_owned(),
            preheader: String::new(),
            body: Body::Html(html.to_owned()),
            text: Some("Hi".to_owned()),
        },
        ..Told::default()
    };
    let skips = "{% if customer.first_name == \"Ada3\" %}{% skip \"not them\" %}{% endif %}Hi";
    let shop = Shop::new(&says(skips)).await;
    shop.lanes();
    shop.run().await;
    let fates = shop.fates().await;
    assert_eq!(fates[3], (Fate::Skipped, Some(Why::LeftOut)));
    assert_eq!(fates.iter().filter(|(fate, _)| *fate == Fate::Sent).count(), 22);
}
