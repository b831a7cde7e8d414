//! Who takes messages to customers at home: the simulated vendor, and what stands for `SendGrid` and Twilio, if anything does.

use flows::{Carriers, Clock, Registrars, Web, carrying::TWILIO_RECEIPTS};
use std::sync::Arc;
use vendors::{
    Chosen, Registered,
    simulated::{Simulated, SimulatedIdentities},
};

use crate::product::installed;

/// Where nobody listens: there is no TLS at home, so the real ones are not to be reached.
const NOBODY: &str = "http://127.0.0.1:9";

/// Where providers are that are asked over HTTP.
#[derive(Debug, Clone, Default)]
pub struct Providers {
    pub sendgrid_url: Option<String>,
    pub twilio_url: Option<String>,
}

/// What is made of them.
pub struct Around {
    pub web: Arc<dyn Web>,
    pub clock: Arc<dyn Clock>,
    pub origin: String,
    pub vendor: Arc<Simulated>,
    pub identities: Arc<SimulatedIdentities>,
}

impl Providers {
    pub fn ports(&self, around: Around) -> (Arc<dyn Carriers>, Arc<dyn Registrars>) {
        let url = |told: &Option<String>| Some(told.clone().unwrap_or_else(|| NOBODY.to_owned()));
        let Around { web, clock, origin, vendor, identities } = around;
        let carriers = Chosen {
            web: web.clone(),
            clock,
            sendgrid_url: url(&self.sendgrid_url),
            twilio_url: url(&self.twilio_url),
            twilio_receipts_url: format!("{origin}{TWILIO_RECEIPTS}"),
            simulated: Some(vendor),
            cloud: None,
        };
        let twilio_url = url(&self.twilio_url);
        let registrars = Registered { web, twilio_url, usual: identities, installed: installed() };
        (Arc::new(carriers), Arc::new(registrars))
    }
}
