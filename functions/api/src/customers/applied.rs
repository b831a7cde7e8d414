//! What becomes of a customer by what was told.

use domain::{
    CUSTOMER_BYTES_MAX, Consent, Customer, fields,
    own::{self, is_metafield},
};
use flows::FlowError;

use super::told::Told;
use crate::input::Part;

impl Told {
    /// With nothing left out: what was not told is told to be nothing. Consents and totals are no words about somebody
    /// that could be taken back by silence: they stay.
    #[must_use]
    pub(crate) fn whole(self) -> Self {
        Self {
            first_name: self.first_name.or_cleared(),
            last_name: self.last_name.or_cleared(),
            email: self.email.or_cleared(),
            phone: self.phone.or_cleared(),
            addresses: self.addresses.or_cleared(),
            tags: self.tags.or_cleared(),
            language: self.language.or_cleared(),
            birthday: self.birthday.or_cleared(),
            note: self.note.or_cleared(),
            attributes: self.attributes.or_cleared(),
            ..self
        }
    }

    /// By these somebody can be told from another.
    pub(crate) fn must_name_somebody(&self) -> Result<(), FlowError> {
        let is_told = |name: &Part<String>| name.told().is_some();
        let named = is_told(&self.first_name) || is_told(&self.last_name) || self.has_address();
        let sentence = "tell a name, a mail address or a telephone number";
        if named { Ok(()) } else { Err(FlowError::invalid("", "nobody", sentence)) }
    }

    pub(crate) fn has_address(&self) -> bool {
        self.email.told().is_some() || self.phone.told().is_some()
    }

    /// The customer as told.
    pub(crate) fn apply(&self, customer: &mut Customer, attributes: Attributes) -> Result<(), FlowError> {
        self.first_name.apply(&mut customer.first_name);
        self.last_name.apply(&mut customer.last_name);
        let had = (customer.email.clone(), customer.phone.clone());
        self.email.apply(&mut customer.email);
        self.phone.apply(&mut customer.phone);
        customer.readdressed(&had, self.at);
        self.language.apply(&mut customer.language);
        self.birthday.apply(&mut customer.birthday);
        self.note.apply(&mut customer.note);
        if self.addresses != Part::Left {
            let told = self.addresses.told().cloned().unwrap_or_default();
            let told = told.into_iter().map(|address| address.located_as(&customer.addresses));
            customer.addresses = told.collect();
        }
        if self.tags != Part::Left {
            let told = self.tags.told().cloned().unwrap_or_default();
            customer.tags = fields::tags(&customer.tags, told).map_err(|wrong| at("/tags", &wrong))?;
        }
        if self.attributes != Part::Left {
            if self.attributes == Part::Cleared || attributes == Attributes::Replaced {
                customer.attributes.retain(|name, _| is_metafield(name));
            }
            for (name, value) in self.attributes.told().into_iter().flatten() {
                match value {
                    Some(value) => customer.attributes.insert(name.clone(), value.clone()),
                    None => customer.attributes.remove(name),
                };
            }
            if own::brought(&customer.attributes).count() > fields::ATTRIBUTES_MAX {
                return Err(at("/attributes", &fields::BadField::TooMany(fields::ATTRIBUTES_MAX)));
            }
        }
        for (held, told) in [
            (&mut customer.email_consent, &self.email_consent),
            (&mut customer.sms_consent, &self.sms_consent),
        ] {
            if let Some(told) = told {
                *held = Some(Consent::told(held.as_ref(), told.clone()));
            }
        }
        *customer = customer
            .clone()
            .with_totals(self.orders, self.spent)
            .map_err(|wrong| FlowError::invalid("/total_spent", "invalid", wrong.to_string()))?;
        if customer.bytes() > CUSTOMER_BYTES_MAX {
            let most = CUSTOMER_BYTES_MAX / 1024;
            let sentence =
                format!("is too much for one customer: all that is told may be {most} KB together");
            return Err(FlowError::invalid("", "too_large", sentence));
        }
        Ok(())
    }
}

/// What becomes of attributes that are not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attributes {
    Kept,
    Replaced,
}

fn at(place: &str, wrong: &fields::BadField) -> FlowError {
    FlowError::invalid(place, "invalid", wrong.to_string())
}
