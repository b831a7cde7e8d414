//! Who is asked whether a shop may write in a name: the account that its messages go by.
//!
//! A number of the shop's own account at Twilio is Twilio's to know. Whatever else there is is proven where the installation
//! proves it, a `SendGrid` shop's domain included: `SendGrid` asks for a proof of its own, and refuses letters without it.

use domain::sender::Identity;
use flows::{
    Identities, Installed, Registrars, Web,
    sending::{TextWay, Ways},
};
use std::sync::Arc;

use crate::{
    chosen::{PATIENCE, account_of},
    twilio::{TWILIO_URL, TwilioNumbers},
};

pub struct Registered {
    pub web: Arc<dyn Web>,
    pub twilio_url: Option<String>,
    /// The installation's own.
    pub usual: Arc<dyn Identities>,
    pub installed: Installed,
}

impl Registrars for Registered {
    fn registrar(&self, identity: &Identity, ways: &Ways) -> Arc<dyn Identities> {
        match (identity, &ways.text) {
            (Identity::Number(_), TextWay::Twilio(keys)) => Arc::new(TwilioNumbers {
                web: self.web.clone(),
                url: self.twilio_url.clone().unwrap_or_else(|| TWILIO_URL.to_owned()),
                account: account_of(keys),
                patience: PATIENCE,
            }),
            _ => self.usual.clone(),
        }
    }

    fn installed(&self) -> &Installed {
        &self.installed
    }
}
