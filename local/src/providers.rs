//! Who takes messages to customers at home: the simulated vendor, and what stands for `SendGrid` and Twilio, if anything does.
//!
//! Nothing of it reaches anybody. What a merchant tries on themselves, and what we text to them, they want to read all the same: it is
//! put into the outbox, too, whatever the vendor's dice make of it.

use async_trait::async_trait;
use flows::{
    Answer, Carrier, Carriers, Clock, Letter, Mail, Mailer, Registrars, Short, Texter, Texters, Web,
    carrying::TWILIO_RECEIPTS,
    error::chain,
    sending::{MailWay, TextWay},
    texting,
};
use std::sync::Arc;
use vendors::{
    Chosen, Registered,
    simulated::{Simulated, SimulatedIdentities},
};

use crate::{outbox::Outbox, product::installed};

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
    pub outbox: Arc<Outbox>,
    pub vendor: Arc<Simulated>,
    pub identities: Arc<SimulatedIdentities>,
}

impl Providers {
    pub fn ports(&self, around: Around) -> (Arc<dyn Carriers>, Arc<dyn Registrars>) {
        let url = |told: &Option<String>| Some(told.clone().unwrap_or_else(|| NOBODY.to_owned()));
        let Around { web, clock, origin, outbox, vendor, identities } = around;
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
        let port: Arc<dyn Carriers> = Arc::new(carriers);
        (Arc::new(Shown { port, outbox }), Arc::new(registrars))
    }
}

/// What is in front of those who carry: trials, and our own texts, are put into the outbox.
struct Shown<P: ?Sized> {
    port: Arc<P>,
    outbox: Arc<Outbox>,
}

impl Carriers for Shown<dyn Carriers> {
    fn carrier(&self, way: &MailWay) -> Option<Arc<dyn Carrier>> {
        let outbox = self.outbox.clone();
        self.port.carrier(way).map(|port| Arc::new(Shown { port, outbox }) as Arc<dyn Carrier>)
    }
}

impl Texters for Shown<dyn Carriers> {
    fn texter(&self, way: &TextWay) -> Option<Arc<dyn Texter>> {
        let outbox = self.outbox.clone();
        self.port.texter(way).map(|port| Arc::new(Shown { port, outbox }) as Arc<dyn Texter>)
    }
}

#[async_trait]
impl Carrier for Shown<dyn Carrier> {
    async fn carry(&self, letter: &Letter) -> Answer {
        if letter.subject.starts_with(send::TRIAL_MARK) {
            let (to, about) = (letter.to.as_str(), letter.message.as_str());
            self.show(to, &letter.subject, &letter.text, about).await;
        }
        self.port.carry(letter).await
    }
}

#[async_trait]
impl Texter for Shown<dyn Texter> {
    async fn text(&self, short: &Short) -> Answer {
        // Our own to members are read by whoever tries the product, too.
        let is_ours = short.message.as_str().starts_with(texting::TAG);
        if is_ours || short.text.starts_with(send::TRIAL_MARK) {
            self.show(short.to.as_str(), "A text", &short.text, short.message.as_str()).await;
        }
        self.port.text(short).await
    }

    fn keeps_tags(&self) -> bool {
        self.port.keeps_tags()
    }
}

impl<P: ?Sized> Shown<P> {
    async fn show(&self, to: &str, subject: &str, text: &str, message: &str) {
        let (to, subject, text) = (to.to_owned(), subject.to_owned(), text.to_owned());
        let mail = Mail {
            to,
            subject,
            text,
            about: format!("{}:{message}", if message.starts_with(texting::TAG) { "text" } else { "trial" }),
        };
        if let Err(error) = self.outbox.send(mail).await {
            tracing::warn!(cause = chain(&error), "a trial, or a text of ours, is not in the outbox");
        }
    }
}
