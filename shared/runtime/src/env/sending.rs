//! Who takes messages to customers: SES and SNS, and the accounts that shops have at `SendGrid` and Twilio.

use std::sync::Arc;

use aws::{AwsIdentities, SesCarrier, SesTenants, SnsTexter};
use domain::sending::{MailProvider, TextProvider};
use flows::{
    Carrier, Carriers, Farewells, Installed, Proofs, Registrars, SecretBox, Texter, Texters,
    carrying::{Nobody, TWILIO_RECEIPTS},
};
use vendors::{Chosen, Registered};

use super::Env;

impl Env {
    pub fn carriers(&self) -> Arc<dyn Carriers> {
        let carrier = SesCarrier {
            clients: self.clients.clone(),
            configuration_set: Some(self.sending_configuration()),
            has_tenants: self.ses_tenants().is_some(),
        };
        let texter = SnsTexter::new(self.clients.clone());
        Arc::new(Chosen {
            web: Arc::new(self.clients.https()),
            clock: self.clock(),
            sendgrid_url: None,
            twilio_url: None,
            twilio_receipts_url: format!("{}{TWILIO_RECEIPTS}", self.origin()),
            simulated: None,
            cloud: Some((Arc::new(carrier), Arc::new(texter))),
        })
    }

    /// Those alone who take texts.
    pub fn texters(&self) -> Arc<dyn Texters> {
        let web = Arc::new(self.clients.https());
        let carrier: Arc<dyn Carrier> = Arc::new(Nobody);
        let texter: Arc<dyn Texter> = Arc::new(SnsTexter::new(self.clients.clone()));
        Arc::new(Chosen {
            web,
            clock: self.clock(),
            sendgrid_url: None,
            twilio_url: None,
            twilio_receipts_url: format!("{}{TWILIO_RECEIPTS}", self.origin()),
            simulated: None,
            cloud: Some((carrier, texter)),
        })
    }

    pub fn proofs(&self, secrets: &Arc<dyn SecretBox>) -> Proofs {
        Proofs { google: self.google(secrets), registrars: self.registrars() }
    }

    fn registrars(&self) -> Arc<dyn Registrars> {
        let usual = AwsIdentities {
            clients: self.clients.clone(),
            configuration_set: Some(self.sending_configuration()),
            tenants: self.ses_tenants(),
        };
        let web = Arc::new(self.clients.https());
        let installed = self.installed();
        Arc::new(Registered { web, twilio_url: None, usual: Arc::new(usual), installed })
    }

    /// Whom a shop has at other providers stays the shop's.
    pub fn farewells(&self) -> Arc<dyn Farewells> {
        let (clients, tenants) = (self.clients.clone(), self.ses_tenants());
        Arc::new(AwsIdentities { clients, configuration_set: None, tenants })
    }

    /// No sender is lent: complaints about one shop would fall on our own mail.
    pub fn installed(&self) -> Installed {
        Installed {
            mail: vec![MailProvider::Ses, MailProvider::Sendgrid],
            text: vec![TextProvider::Sns, TextProvider::Twilio],
            lent: None,
        }
    }

    fn sending_configuration(&self) -> String {
        self.needed("SENDING_CONFIGURATION", "is the name of the configuration set that letters go by")
    }

    /// None unless told.
    fn ses_tenants(&self) -> Option<SesTenants> {
        let arn = self.told("SES_TENANTS")?;
        let is_good = arn.starts_with("arn:") && arn.split(':').count() == 5;
        self.expect(
            "SES_TENANTS",
            is_good,
            "must be what ARNs of SES begin with: arn:aws:ses:REGION:ACCOUNT",
        );
        Some(SesTenants { clients: self.clients.clone(), arn: arn.to_owned() })
    }
}
