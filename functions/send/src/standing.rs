//! Whether somebody may be written to at this moment, by the record as it stands.

use domain::{Campaign, ConsentState, Customer, EmailAddress, Phone, campaign::Why, template::Channel};

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Mail(EmailAddress),
    Phone(Phone),
}

/// In the order in which the plan asked: who was chosen and is not any more is left out for the same reason.
pub(crate) fn address_of(campaign: &Campaign, customer: Option<&Customer>) -> Result<Address, Why> {
    let customer = customer.filter(|customer| !customer.is_gone()).ok_or(Why::Gone)?;
    let (address, consent) = match campaign.channel {
        Channel::Email => (customer.email.clone().map(Address::Mail), &customer.email_consent),
        Channel::Sms => (customer.phone.clone().map(Address::Phone), &customer.sms_consent),
    };
    let address = address.ok_or(Why::NoAddress)?;
    let state = consent.as_ref().map_or(ConsentState::NotSubscribed, |consent| consent.state);
    match state {
        ConsentState::Invalid => Err(Why::InvalidAddress),
        _ if !campaign.kind.needs_consent() => Ok(address),
        ConsentState::Unsubscribed | ConsentState::Redacted => Err(Why::Unsubscribed),
        ConsentState::NotSubscribed | ConsentState::Pending => Err(Why::NoConsent),
        ConsentState::Subscribed => Ok(address),
    }
}
