//! To whom a message went: by its place in what was planned, and whoever has become of them since.

use domain::{Campaign, Tenant, TenantStatus, campaign::MessageId, timeline::Channel};
use flows::{FlowError, wishes::whoever};
use store::{HeldCustomer, TenantStore};

use crate::Deps;

pub(crate) struct Addressee {
    pub(crate) store: TenantStore,
    pub(crate) message: MessageId,
    pub(crate) campaign: Campaign,
    /// In which of the campaign's words they were written to.
    pub(crate) arm: u8,
    pub(crate) tenant: Tenant,
    pub(crate) customer: HeldCustomer,
}

impl Addressee {
    /// By which they were written to: what a link in a message proves is that address, and no other.
    pub(crate) fn channel(&self) -> Channel {
        self.campaign.channel.into()
    }

    /// As its customers know it.
    pub(crate) fn shop(&self) -> &str {
        self.tenant.name.as_str()
    }

    /// By which message somebody says something.
    pub(crate) fn named(&self) -> String {
        format!("the campaign \u{201c}{}\u{201d} ({})", self.campaign.name.as_str(), self.campaign.id)
    }
}

/// `None`: there is no such message any more, or nobody to whom it went.
pub(crate) async fn find(deps: &Deps, message: &MessageId) -> Result<Option<Addressee>, FlowError> {
    let store = deps.store.for_written(message.tenant);
    let id = message.campaign;
    let (campaign, tenant, planned) = futures::try_join!(store.campaign(id), store.tenant(), store.plan(id))?;
    let (Some(campaign), Some(tenant), Some(planned)) = (campaign, tenant, planned) else { return Ok(None) };
    if tenant.status == TenantStatus::Erased {
        return Ok(None);
    }
    let Some(stretch) = planned.plan.stretch(message.chunk) else { return Ok(None) };
    let slots = store.people_of(id, &planned, &stretch).await?;
    let Some(slot) = slots.get(usize::from(message.place)) else { return Ok(None) };
    let Some(customer) = store.customer_at(*slot).await? else { return Ok(None) };
    let Some(customer) = whoever(&store, customer).await? else { return Ok(None) };
    let Some(arm) = campaign.says_to(stretch.part.arm) else { return Ok(None) };
    let (campaign, tenant) = (campaign.into_inner(), tenant.into_inner());
    Ok(Some(Addressee { store, message: *message, campaign, arm, tenant, customer }))
}
