//! A shop's choice of providers, and the keys that belong to it.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Sending, TenantId, Timestamp, UserId, sending::MailProvider};
use flows::{
    DataKey, FlowError, KeyWrap,
    clock::SystemDice,
    seal::Seals,
    sending::{MailWay, SendGridKeys, TextWay, sealed_sendgrid, ways},
};
use store::{Store, local::LocalTable};

/// Each tenant's key is made of its id.
struct Keys;

#[async_trait]
impl KeyWrap for Keys {
    async fn generate(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), FlowError> {
        Ok((self.unwrap(tenant, &[]).await?, vec![1]))
    }

    async fn unwrap(&self, tenant: TenantId, _: &[u8]) -> Result<DataKey, FlowError> {
        let mut key = [0; 32];
        key[..26].copy_from_slice(tenant.to_string().as_bytes());
        Ok(DataKey(key))
    }
}

#[tokio::test]
async fn a_shops_keys_open_for_that_shop_and_that_provider_alone() {
    let at = Timestamp::UNIX_EPOCH;
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let [one, other] = [1, 2].map(|dice| store.for_task(TenantId::new(at, [dice; 10])));
    let seals = Seals::new(Arc::new(Keys), Arc::new(SystemDice));
    let none = ways(&one, &seals).await.unwrap();
    assert!(none.mail == MailWay::Usual && none.text == TextWay::Usual && none.twilio.is_none());

    let keys = SendGridKeys { api_key: "SG.x".to_owned(), verification_key: None, is_in_eu: false };
    let sealed = sealed_sendgrid(&one, &seals, &keys).await.unwrap();
    assert!(!sealed.windows(4).any(|part| part == b"SG.x"));
    let by = UserId::new(at, [3; 10]);
    let sending = Sending {
        mail: Some(MailProvider::Sendgrid),
        text: None,
        sendgrid: Some(sealed.clone()),
        twilio: None,
        prices: None,
        updated_at: at,
        updated_by: by,
    };
    one.commit(vec![one.sending_put(None, &sending)]).await.unwrap();
    let told = ways(&one, &seals).await.unwrap();
    assert!(told.mail == MailWay::SendGrid(keys.clone()) && told.sendgrid == Some(keys));
    // Another shop's, and another provider's.
    other.commit(vec![other.sending_put(None, &sending)]).await.unwrap();
    assert!(matches!(ways(&other, &seals).await, Err(FlowError::Broken(_))));
    let moved = Sending { twilio: Some(sealed), ..sending.clone() };
    let held = one.sending().await.unwrap().unwrap();
    one.commit(vec![one.sending_put(Some(&held), &moved)]).await.unwrap();
    assert!(matches!(ways(&one, &seals).await, Err(FlowError::Broken(_))));
    let without = Sending { sendgrid: None, ..sending };
    let held = one.sending().await.unwrap().unwrap();
    one.commit(vec![one.sending_put(Some(&held), &without)]).await.unwrap();
    assert!(matches!(ways(&one, &seals).await, Err(FlowError::Broken(_))), "chosen without its keys");
}
