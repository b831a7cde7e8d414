//! Whether somebody may be written to at this moment, by the record as it stands.

use domain::{
    Campaign, ConsentState, Customer, EmailAddress, Phone, Tenant, Timestamp,
    campaign::{Outcome, Why},
    template::Channel,
};
use reach::Bounds;

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Mail(EmailAddress),
    Phone(Phone),
}

/// In the order in which the plan asked: who was chosen and is not any more is left out for the same reason.
pub(crate) fn address_of(campaign: &Campaign, customer: Option<&Customer>) -> Result<Address, Why> {
    let customer = customer.filter(|customer| !customer.is_gone()).ok_or(Why::Gone)?;
    let (address, consent, is_suppressed) = match campaign.channel {
        Channel::Email => {
            (customer.email.clone().map(Address::Mail), &customer.email_consent, customer.suppressed.email)
        }
        Channel::Sms => {
            (customer.phone.clone().map(Address::Phone), &customer.sms_consent, customer.suppressed.sms)
        }
    };
    let address = address.ok_or(Why::NoAddress)?;
    let needs_consent = campaign.kind.needs_consent();
    let state = consent.as_ref().map_or(ConsentState::NotSubscribed, |consent| consent.state);
    match state {
        ConsentState::Invalid => Err(Why::InvalidAddress),
        ConsentState::Unsubscribed | ConsentState::Redacted if needs_consent => Err(Why::Unsubscribed),
        ConsentState::NotSubscribed | ConsentState::Pending if needs_consent => Err(Why::NoConsent),
        _ if customer.declined.has(campaign.kind) => Err(Why::Declined),
        // Above every consent, and where none is needed.
        _ if is_suppressed => Err(Why::Suppressed),
        _ => Ok(address),
    }
}

/// By the hours where they are: those in which the plan began may have ended since.
pub(crate) fn may_be_written_to(
    campaign: &Campaign,
    tenant: &Tenant,
    customer: &Customer,
    now: Timestamp,
) -> Result<(), Outcome> {
    let Campaign { channel, kind, .. } = *campaign;
    let bounds = Bounds { channel, kind, quiet: campaign.rules.quiet, zone: &tenant.zone };
    if !bounds.are_any() {
        return Ok(());
    }
    let countries: Vec<&str> =
        customer.addresses.iter().filter_map(|address| address.country.as_deref()).collect();
    let countries = bounds.countries(&countries, customer.phone.as_ref().map(Phone::as_str));
    match bounds.next(countries.into_iter(), None, now) {
        Some(at) if at <= now => Ok(()),
        Some(at) => Err(Outcome::Wait(Why::QuietHours, at)),
        None => Err(Outcome::Skipped(Why::QuietHours)),
    }
}
