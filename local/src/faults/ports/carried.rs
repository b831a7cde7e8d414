//! Who takes messages to customers, and knows in whose name a shop may write, with faults in front of them.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{TenantId, sender::Identity};
use flows::{
    Answer, Carrier, Carriers, Farewells, FlowError, Identities, Installed, Letter, Registrars, Short,
    Texter, Texters,
    senders::Checked,
    sending::{MailWay, TextWay, Ways},
};

use super::{Before, CALL, TWICE};
use crate::faults::{Fault, halt, through};

/// An answer that did not come says nothing of what the vendor did.
fn answered(answer: Result<Answer, FlowError>) -> Answer {
    answer.unwrap_or_else(|_| Answer::unknown("a simulated fault"))
}

#[async_trait]
impl Carrier for Before<dyn Carrier> {
    async fn carry(&self, letter: &Letter) -> Answer {
        answered(calling!(self.faults, &CALL, async { Ok::<_, FlowError>(self.port.carry(letter).await) }))
    }
}

#[async_trait]
impl Texter for Before<dyn Texter> {
    async fn text(&self, short: &Short) -> Answer {
        answered(calling!(self.faults, &CALL, async { Ok::<_, FlowError>(self.port.text(short).await) }))
    }

    fn keeps_tags(&self) -> bool {
        self.port.keeps_tags()
    }
}

/// To choose is no call: what was chosen is called.
impl Carriers for Before<dyn Carriers> {
    fn carrier(&self, way: &MailWay) -> Option<Arc<dyn Carrier>> {
        let faults = self.faults.clone();
        self.port.carrier(way).map(|port| Arc::new(Before { port, faults }) as Arc<dyn Carrier>)
    }
}

impl Texters for Before<dyn Carriers> {
    fn texter(&self, way: &TextWay) -> Option<Arc<dyn Texter>> {
        let faults = self.faults.clone();
        self.port.texter(way).map(|port| Arc::new(Before { port, faults }) as Arc<dyn Texter>)
    }
}

/// As above.
impl Registrars for Before<dyn Registrars> {
    fn registrar(&self, identity: &Identity, ways: &Ways) -> Arc<dyn Identities> {
        Arc::new(Before { port: self.port.registrar(identity, ways), faults: self.faults.clone() })
    }

    fn installed(&self) -> &Installed {
        self.port.installed()
    }
}

#[async_trait]
impl Identities for Before<dyn Identities> {
    async fn register(&self, tenant: TenantId, identity: &Identity) -> Result<Checked, FlowError> {
        calling!(self.faults, &TWICE, self.port.register(tenant, identity))
    }

    async fn check(&self, tenant: TenantId, identity: &Identity) -> Result<Option<Checked>, FlowError> {
        calling!(self.faults, &TWICE, self.port.check(tenant, identity))
    }

    async fn forget(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.forget(tenant, identity))
    }
}

#[async_trait]
impl Farewells for Before<dyn Farewells> {
    async fn farewell(&self, tenant: TenantId, identity: &Identity) -> Result<(), FlowError> {
        calling!(self.faults, &TWICE, self.port.farewell(tenant, identity))
    }
}
