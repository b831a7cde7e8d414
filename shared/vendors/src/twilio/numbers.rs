//! Which numbers are an account's at Twilio.

use async_trait::async_trait;
use domain::{Standing, TenantId, sender::Identity};
use flows::{FlowError, Identities, Web, senders::Checked, web::Ask};
use form_urlencoded::Serializer;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

use super::TwilioAccount;

pub struct TwilioNumbers {
    pub web: Arc<dyn Web>,
    pub url: String,
    pub account: TwilioAccount,
    pub patience: Duration,
}

#[derive(Deserialize)]
struct Page {
    incoming_phone_numbers: Vec<Number>,
}

#[derive(Deserialize)]
struct Number {
    phone_number: String,
    capabilities: Capabilities,
}

#[derive(Deserialize)]
struct Capabilities {
    #[serde(alias = "SMS")]
    sms: bool,
}

#[async_trait]
impl Identities for TwilioNumbers {
    /// A number is bought there, and not by us.
    async fn register(&self, tenant: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        let checked = self.check(tenant, identity).await?;
        Ok(checked.unwrap_or(Checked { standing: Standing::Pending, records: Vec::new() }))
    }

    async fn check(&self, _: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        let sid = &self.account.sid;
        // The filter takes parts of numbers, too.
        let query = Serializer::new(String::new()).append_pair("PhoneNumber", identity.as_str()).finish();
        let url = format!("{}/2010-04-01/Accounts/{sid}/IncomingPhoneNumbers.json?{query}", self.url);
        let headers = vec![("authorization", self.account.login())];
        let told = self.web.ask(Ask { headers, ..Ask::new(url, self.patience) }).await?;
        if matches!(told.status, 401 | 403 | 404) {
            let sentence = "Twilio does not let us in with the keys that the shop has told";
            return Err(FlowError::Conflict { code: "twilio_refused", sentence: sentence.to_owned() });
        }
        let page = serde_json::from_slice::<Page>(&told.body).ok().filter(|_| told.status == 200);
        let page =
            page.ok_or_else(|| FlowError::unavailable("Twilio did not say which numbers there are"))?;
        let is_it = |number: &Number| number.phone_number == identity.as_str() && number.capabilities.sms;
        let is_theirs = page.incoming_phone_numbers.iter().any(is_it);
        Ok(is_theirs.then_some(Checked { standing: Standing::Verified, records: Vec::new() }))
    }

    /// It stays the shop's.
    async fn forget(&self, _: TenantId, _: &Identity) -> Result<(), FlowError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flows::web::Told;
    use serde_json::{Value, json};
    use std::sync::Mutex;

    /// Says one thing, and remembers what it was asked.
    struct Says(u16, Value, Mutex<Vec<String>>);

    #[async_trait]
    impl Web for Says {
        async fn ask(&self, ask: Ask) -> Result<Told, FlowError> {
            let login = ask.headers.iter().find(|(name, _)| *name == "authorization").unwrap().1.clone();
            assert!(ask.content.is_none() && login == "Basic U0sxOmh1bnRlcjI=", "{login}");
            self.2.lock().unwrap().push(ask.url);
            Ok(Told { status: self.0, headers: Vec::new(), body: self.1.to_string().into_bytes() })
        }
    }

    fn asking(status: u16, body: Value) -> (Arc<Says>, TwilioNumbers) {
        let says = Arc::new(Says(status, body, Mutex::default()));
        let word = |word: &str| word.to_owned();
        let (sid, user, secret) = (word("AC1"), word("SK1"), word("hunter2"));
        let account = TwilioAccount { sid, user, secret, messaging_service: None };
        let (web, url) = (says.clone(), "https://twilio.test".to_owned());
        (says, TwilioNumbers { web, url, account, patience: Duration::from_secs(1) })
    }

    fn own(number: &str, sms: bool) -> Value {
        let capabilities = json!({"sms": sms, "mms": true, "voice": true, "fax": false});
        json!({"incoming_phone_numbers": [{"phone_number": number, "capabilities": capabilities}]})
    }

    #[tokio::test]
    async fn a_number_is_the_accounts_if_it_is_that_very_number_and_can_text() {
        let tenant = TenantId::new(domain::Timestamp::UNIX_EPOCH, [1; 10]);
        let number = Identity::Number("+14155552671".parse().unwrap());
        for (body, expected) in [
            (own("+14155552671", true), Some(Standing::Verified)),
            (own("+14155552671", false), None),
            (own("+141555526711", true), None),
            (json!({"incoming_phone_numbers": []}), None),
        ] {
            let (says, numbers) = asking(200, body);
            let checked = numbers.check(tenant, &number).await.unwrap();
            assert_eq!(checked.map(|checked| checked.standing), expected);
            let url = "https://twilio.test/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PhoneNumber=%2B14155552671";
            assert_eq!(*says.2.lock().unwrap(), [url]);
            let registered = numbers.register(tenant, &number).await.unwrap();
            assert_eq!(registered.standing, expected.unwrap_or(Standing::Pending));
        }
    }

    #[tokio::test]
    async fn an_account_that_does_not_open_is_told_and_any_other_silence_is_not_a_no() {
        let tenant = TenantId::new(domain::Timestamp::UNIX_EPOCH, [1; 10]);
        let number = Identity::Number("+14155552671".parse().unwrap());
        for (status, is_refused) in
            [(401, true), (403, true), (404, true), (429, false), (500, false), (200, false)]
        {
            let (_, numbers) = asking(status, json!({"code": 20_003}));
            let told = numbers.check(tenant, &number).await;
            let is_conflict = matches!(told, Err(FlowError::Conflict { code: "twilio_refused", .. }));
            assert_eq!(is_conflict, is_refused, "{status}: {told:?}");
            assert!(is_refused || matches!(told, Err(FlowError::Unavailable(_))), "{status}: {told:?}");
        }
    }
}
