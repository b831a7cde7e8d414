//! In whose name a shop writes, as it is stored, and that an identity is one shop's. A changed snapshot is a migration.

use domain::{
    Sender, SenderId, Sending, Standing, TenantId, UserId,
    sender::{Claim, DnsRecord, Identity, RecordKind},
    sending::{MailProvider, TextProvider},
};
use std::sync::Arc;
use store::{Store, StoreError, TenantStore, local::LocalTable};

use crate::instants::at;
use crate::shown::shown;

#[tokio::test]
async fn senders_are_kept_so_and_an_identity_is_one_shops() {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let [team, other] = [1, 3].map(|dice| store.for_task(TenantId::new(at(0), [dice; 10])));
    let by = UserId::new(at(0), [2; 10]);
    let identity = Identity::Domain("shop.test".parse().unwrap());
    let sender = Sender {
        id: SenderId::new(at(0), [4; 10]),
        identity: identity.clone(),
        name: "Shop".parse().ok(),
        standing: Standing::Unverified,
        records: Vec::new(),
        created_at: at(0),
        created_by: by,
        checked_at: None,
    };
    let claim = Claim::new(team.id(), at(0));
    team.commit(vec![team.claimed(&identity, None, claim.until), team.sender_made(&sender)]).await.unwrap();
    let held = store.claim(&identity).await.unwrap().unwrap();
    assert_eq!(*held, claim);
    let late = other.commit(vec![other.claimed(&identity, None, None), other.sender_made(&sender)]).await;
    assert!(matches!(late, Err(StoreError::Conflict(0))), "{late:?}");
    assert!(other.senders().await.unwrap().is_empty() && other.sender(sender.id).await.unwrap().is_none());

    let read = team.sender(sender.id).await.unwrap().unwrap();
    assert_eq!(*read, sender);
    let record = DnsRecord { kind: RecordKind::Txt, name: "_x.shop.test".to_owned(), value: "1".to_owned() };
    let verified =
        Sender { standing: Standing::Verified, records: vec![record], checked_at: Some(at(5)), ..sender };
    team.commit(vec![team.claimed(&identity, Some(&held), None), team.sender_changed(&read, &verified)])
        .await
        .unwrap();
    let late = team.commit(vec![team.sender_changed(&read, &verified)]).await;
    assert!(matches!(late, Err(StoreError::Conflict(0))), "{late:?}");

    let sending = Sending {
        mail: Some(MailProvider::Sendgrid),
        text: Some(TextProvider::Twilio),
        sendgrid: Some(vec![1, 2]),
        twilio: None,
        prices: None,
        updated_at: at(6),
        updated_by: by,
    };
    assert!(team.sending().await.unwrap().is_none());
    team.commit(vec![team.sending_put(None, &sending)]).await.unwrap();
    let chosen = team.sending().await.unwrap().unwrap();
    assert_eq!(*chosen, sending);
    assert!(other.sending().await.unwrap().is_none());
    insta::assert_snapshot!(table.dump().unwrap().iter().map(shown).collect::<Vec<_>>().join("\n"));

    let (held, read) = (store.claim(&identity).await.unwrap().unwrap(), team.senders().await.unwrap());
    assert_eq!((held.until, read.len()), (None, 1));
    let ends = vec![TenantStore::claim_ended(&identity, &held), team.sender_ended(&read[0])];
    team.commit(ends).await.unwrap();
    assert!(store.claim(&identity).await.unwrap().is_none() && team.senders().await.unwrap().is_empty());
}
