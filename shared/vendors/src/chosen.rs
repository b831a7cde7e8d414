//! The adapters of an installation, by what a shop has chosen.

use flows::{
    Carrier, Carriers, Clock, Texter, Texters, Web,
    sending::{MailWay, SendGridKeys, TextWay, TwilioKeys},
};
use std::{sync::Arc, time::Duration};

use crate::{SENDGRID_URL, SendGrid, Simulated, TWILIO_URL, Twilio, TwilioAccount};

const SENDGRID_EU_URL: &str = "https://api.eu.sendgrid.com";
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// What there is to choose from.
pub struct Chosen {
    pub web: Arc<dyn Web>,
    pub clock: Arc<dyn Clock>,
    /// Where providers are that are asked over HTTP, if not where they say.
    pub sendgrid_url: Option<String>,
    pub twilio_url: Option<String>,
    /// Where Twilio tells what became of texts.
    pub twilio_receipts_url: String,
    pub simulated: Option<Arc<Simulated>>,
    /// SES and SNS.
    pub cloud: Option<(Arc<dyn Carrier>, Arc<dyn Texter>)>,
}

impl Carriers for Chosen {
    fn carrier(&self, way: &MailWay) -> Option<Arc<dyn Carrier>> {
        let cloud = || self.cloud.as_ref().map(|(carrier, _)| carrier.clone());
        let simulated = || self.simulated.clone().map(|vendor| vendor as Arc<dyn Carrier>);
        match way {
            MailWay::Usual => cloud().or_else(simulated),
            MailWay::Simulated => simulated(),
            MailWay::Ses => cloud(),
            MailWay::SendGrid(keys) => Some(Arc::new(self.sendgrid(keys))),
        }
    }
}

impl Texters for Chosen {
    fn texter(&self, way: &TextWay) -> Option<Arc<dyn Texter>> {
        let cloud = || self.cloud.as_ref().map(|(_, texter)| texter.clone());
        let simulated = || self.simulated.clone().map(|vendor| vendor as Arc<dyn Texter>);
        match way {
            TextWay::Usual => cloud().or_else(simulated),
            TextWay::Simulated => simulated(),
            TextWay::Sns => cloud(),
            TextWay::Twilio(keys) => Some(Arc::new(self.twilio(keys))),
        }
    }
}

impl Chosen {
    fn sendgrid(&self, keys: &SendGridKeys) -> SendGrid {
        let usual = if keys.is_in_eu { SENDGRID_EU_URL } else { SENDGRID_URL };
        SendGrid {
            web: self.web.clone(),
            clock: self.clock.clone(),
            url: self.sendgrid_url.clone().unwrap_or_else(|| usual.to_owned()),
            key: keys.api_key.clone(),
            patience: PATIENCE,
        }
    }

    fn twilio(&self, keys: &TwilioKeys) -> Twilio {
        Twilio {
            web: self.web.clone(),
            url: self.twilio_url.clone().unwrap_or_else(|| TWILIO_URL.to_owned()),
            account: account_of(keys),
            receipts_url: self.twilio_receipts_url.clone(),
            patience: PATIENCE,
        }
    }
}

pub(crate) fn account_of(keys: &TwilioKeys) -> TwilioAccount {
    let (user, secret) = match (&keys.api_key_sid, &keys.api_key_secret) {
        (Some(sid), Some(secret)) => (sid, secret),
        _ => (&keys.account_sid, &keys.auth_token),
    };
    TwilioAccount {
        sid: keys.account_sid.clone(),
        user: user.clone(),
        secret: secret.clone(),
        messaging_service: keys.messaging_service_sid.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{simulated::Habits, testing::Loopback};
    use flows::{
        Answer, Refusal,
        carrying::contract::{letter, short},
        clock::SystemClock,
    };

    fn chosen(simulated: bool) -> Chosen {
        let habits = Habits { success_per_mille: 1_000, ..Habits::default() };
        let vendor = || Arc::new(Simulated::in_memory(habits, Arc::new(SystemClock)));
        // Where nobody is.
        let nowhere = Some("http://127.0.0.1:9".to_owned());
        Chosen {
            web: Arc::new(Loopback::new()),
            clock: Arc::new(SystemClock),
            sendgrid_url: nowhere.clone(),
            twilio_url: nowhere,
            twilio_receipts_url: "https://crm.test/receipts/twilio".to_owned(),
            simulated: simulated.then(vendor),
            cloud: None,
        }
    }

    #[tokio::test]
    async fn a_shops_messages_go_by_whom_it_has_chosen() {
        let sendgrid = SendGridKeys { api_key: "k".to_owned(), verification_key: None, is_in_eu: true };
        let twilio = TwilioKeys {
            account_sid: "AC1".to_owned(),
            auth_token: "t".to_owned(),
            api_key_sid: None,
            api_key_secret: None,
            messaging_service_sid: None,
        };
        let home = chosen(true);
        for way in [MailWay::Usual, MailWay::Simulated] {
            let answer = home.carrier(&way).expect("there is one").carry(&letter()).await;
            assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
        }
        for way in [TextWay::Usual, TextWay::Simulated] {
            let answer = home.texter(&way).expect("there is one").text(&short()).await;
            assert!(matches!(answer, Answer::Accepted { .. }), "{answer:?}");
        }
        let nobody = Answer::refused("could not be reached", Refusal::Temporary);
        let by_sendgrid = home.carrier(&MailWay::SendGrid(sendgrid.clone())).expect("anybody may");
        assert_eq!(by_sendgrid.carry(&letter()).await, nobody);
        let by_twilio = home.texter(&TextWay::Twilio(twilio.clone())).expect("anybody may");
        assert_eq!(by_twilio.text(&short()).await, nobody);
        assert!(home.carrier(&MailWay::Ses).is_none() && home.texter(&TextWay::Sns).is_none());
        let bare = chosen(false);
        assert!(bare.carrier(&MailWay::Usual).is_none() && bare.texter(&TextWay::Simulated).is_none());
        assert_eq!(home.sendgrid(&sendgrid).url, "http://127.0.0.1:9");
        let world = Chosen { sendgrid_url: None, ..chosen(false) };
        assert_eq!(world.sendgrid(&sendgrid).url, "https://api.eu.sendgrid.com");
        assert_eq!(world.twilio(&twilio).account.user, "AC1");
        let by_key =
            TwilioKeys { api_key_sid: Some("SK".into()), api_key_secret: Some("s".into()), ..twilio };
        assert_eq!(world.twilio(&by_key).account.user, "SK");
    }
}
