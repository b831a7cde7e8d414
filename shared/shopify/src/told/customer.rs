//! A customer as Shopify has them.

use std::collections::BTreeMap;

use domain::{
    AccountState, Beside, Consent, Customer, CustomerId, EmailAddress, Minor, Phone, RfmGroup, SpendTier,
    Timestamp,
    customer::{Address, AttributeValue},
    fields::{self, BadField},
    own::is_metafield,
    timeline::Channel,
};

use super::{
    AddressSaid, Amount, ConsentSaid, Id, MetafieldSaid, PassedOver, Reader, Reading, Tags, Told, has_a_day,
    metafield,
};

/// What is told of a customer. `tell` makes a customer of ours what was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerTold {
    pub id: CustomerId,
    pub created_at: Option<Timestamp>,
    /// When it became so in the shop, by Shopify's clock. Of two words the newer counts, whichever comes first.
    pub updated_at: Option<Timestamp>,
    pub first_name: Told<String>,
    pub last_name: Told<String>,
    pub email: Told<EmailAddress>,
    pub phone: Told<Phone>,
    /// The one that the shop uses unless told otherwise.
    pub address: Told<Address>,
    pub tags: Told<Vec<String>>,
    pub language: Told<String>,
    pub note: Told<String>,
    pub email_consent: Told<Consent>,
    pub sms_consent: Told<Consent>,
    /// By Shopify's own reckoning, which webhooks do not tell.
    pub rfm_group: Told<RfmGroup>,
    pub spend_tier: Told<SpendTier>,
    pub account: Told<AccountState>,
    /// All of those that the shop has defined, by the names of attributes.
    pub metafields: Told<BTreeMap<String, AttributeValue>>,
    /// How many orders they have, and what they spent, as the shop counts: also what we may not see.
    pub orders: Option<i64>,
    pub spent: Option<Minor>,
    pub passed_over: Vec<PassedOver>,
}

impl CustomerTold {
    /// Webhooks leave out tags, totals and consents: who was told by one must be read again
    /// (`crate::graph::CustomerById`).
    pub fn must_be_read_again(&self) -> bool {
        !self.tags.is_told() || !self.email_consent.is_told() || self.orders.is_none()
    }

    /// Everything but the totals: `Customer::with_totals` takes those. Of a consent the newer word counts, whoever gave it, and
    /// for an address that is another none was given; telling again changes nothing.
    /// `asked_at`: the shop was asked for it then, so that it is told what it has. Whether only the shop can say what
    /// somebody agreed to.
    pub fn tell(&self, customer: &mut Customer, asked_at: Option<Timestamp>) -> Result<bool, BadField> {
        let had = (customer.email.clone(), customer.phone.clone());
        self.first_name.tell(&mut customer.first_name);
        self.last_name.tell(&mut customer.last_name);
        self.email.tell(&mut customer.email);
        self.phone.tell(&mut customer.phone);
        self.language.tell(&mut customer.language);
        self.note.tell(&mut customer.note);
        self.rfm_group.tell(&mut customer.shop_scores.rfm_group);
        self.spend_tier.tell(&mut customer.shop_scores.spend_tier);
        self.account.tell(&mut customer.account);
        match &self.address {
            Told::Not => {}
            Told::Nothing => customer.addresses.clear(),
            Told::Is(address) => customer.addresses = vec![address.clone().located_as(&customer.addresses)],
        }
        match &self.tags {
            Told::Not => {}
            Told::Nothing => customer.tags.clear(),
            Told::Is(tags) => customer.tags = fields::tags(&customer.tags, tags.iter().cloned())?,
        }
        if self.metafields.is_told() {
            customer.attributes.retain(|name, _| !is_metafield(name));
            customer.attributes.extend(self.metafields.clone().value().unwrap_or_default());
        }
        let is_mail_moved = had.0.is_some() && had.0 != customer.email;
        let is_phone_moved = had.1.is_some() && had.1 != customer.phone;
        let mut is_open = false;
        for (channel, told, is_moved, is_known) in [
            (Channel::Email, &self.email_consent, is_mail_moved, customer.email_consent.is_some()),
            (Channel::Sms, &self.sms_consent, is_phone_moved, customer.sms_consent.is_some()),
        ] {
            let word = match told {
                Told::Is(consent) if asked_at.is_some() || has_a_day(consent) => Some(consent),
                _ => None,
            };
            if is_moved {
                // What comes with another address is for that one, whenever it was said.
                customer.consent_dropped(channel, self.updated_at.filter(|_| word.is_none()));
            }
            is_open |= match (asked_at, word) {
                (Some(asked_at), _) if told.is_told() => {
                    customer.consent_answered(channel, word, (self.updated_at, asked_at));
                    false
                }
                (None, Some(consent)) => customer.consent_told(channel, consent) == Beside::Undecided(()),
                (None, None) => is_moved || matches!(told, Told::Is(_)) || (told.is_told() && is_known),
                (Some(_), _) => false,
            };
        }
        Ok(is_open)
    }
}

/// As it stands in JSON, whichever form that has.
#[derive(Debug, Clone)]
pub(crate) struct CustomerSaid {
    pub(crate) id: Id,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) first_name: Told<String>,
    pub(crate) last_name: Told<String>,
    pub(crate) email: Told<String>,
    pub(crate) phone: Told<String>,
    pub(crate) address: Told<AddressSaid>,
    pub(crate) tags: Told<Tags>,
    pub(crate) language: Told<String>,
    pub(crate) note: Told<String>,
    pub(crate) email_consent: Told<ConsentSaid>,
    pub(crate) sms_consent: Told<ConsentSaid>,
    pub(crate) rfm_group: Told<String>,
    pub(crate) spend_tier: Told<String>,
    pub(crate) account: Told<String>,
    pub(crate) metafields: Told<Vec<MetafieldSaid>>,
    pub(crate) orders: Option<i64>,
    pub(crate) spent: Option<Amount>,
    /// Of what was spent.
    pub(crate) currency: Option<String>,
}

impl CustomerSaid {
    pub(crate) fn told(self, reading: &Reading<'_>) -> CustomerTold {
        let mut reader = Reader::new(reading);
        let it = &mut reader;
        let first_name = self.first_name.kept(|name| it.line("first_name", &name, fields::NAME_CHARS_MAX));
        let last_name = self.last_name.kept(|name| it.line("last_name", &name, fields::NAME_CHARS_MAX));
        let email = self.email.kept(|email| it.email("email", &email));
        let phone = self.phone.kept(|phone| it.phone("phone", &phone));
        let address = self.address.kept(|address| address.told(it));
        let tags = self.tags.kept(|tags| Some(it.tags(tags.0)));
        let language = self.language.kept(|tag| {
            let tag = Some(tag).filter(|tag| !tag.trim().is_empty())?;
            it.take("language", fields::language(&tag))
        });
        let note = self.note.kept(|note| it.text("note", &note, fields::NOTE_CHARS_MAX));
        let email_consent = self.email_consent.kept(|said| said.told("email_consent", it));
        let sms_consent = self.sms_consent.kept(|said| said.told("sms_consent", it));
        let rfm_group = self.rfm_group.kept(|name| it.word("rfm_group", name.parse::<RfmGroup>().ok()));
        let spend_tier = self.spend_tier.kept(|name| it.word("spend_tier", name.parse::<SpendTier>().ok()));
        let account = self
            .account
            .kept(|state| it.word("account_status", state.to_ascii_uppercase().parse::<AccountState>().ok()));
        let metafields = self.metafields.kept(|said| Some(metafield::told(said, it)));
        let spent = self.spent.and_then(|spent| {
            let ours = it.is_ours("spent", self.currency.as_deref());
            let read = ours.and_then(|()| it.money("spent", &spent));
            it.take("spent", read)
        });
        CustomerTold {
            id: CustomerId::Shopify(self.id.0),
            created_at: self.created_at,
            updated_at: self.updated_at,
            first_name,
            last_name,
            email,
            phone,
            address,
            tags,
            language,
            note,
            email_consent,
            sms_consent,
            rfm_group,
            spend_tier,
            account,
            metafields,
            orders: self.orders.filter(|orders| *orders >= 0),
            spent,
            passed_over: reader.passed_over(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::reader::tests::{EUROS, reading};
    use domain::{ConsentState, customer::CustomerKind};

    fn said() -> CustomerSaid {
        CustomerSaid {
            id: Id(7),
            created_at: None,
            updated_at: None,
            first_name: Told::Not,
            last_name: Told::Not,
            email: Told::Not,
            phone: Told::Not,
            address: Told::Not,
            tags: Told::Not,
            language: Told::Not,
            note: Told::Not,
            email_consent: Told::Not,
            sms_consent: Told::Not,
            rfm_group: Told::Not,
            spend_tier: Told::Not,
            account: Told::Not,
            metafields: Told::Not,
            orders: None,
            spent: None,
            currency: None,
        }
    }

    fn tell(said: CustomerSaid, customer: &mut Customer) {
        said.told(&reading(EUROS)).tell(customer, None).unwrap();
    }

    fn consent(state: &str, at: &str) -> Told<ConsentSaid> {
        Told::Is(ConsentSaid { state: Some(state.into()), level: None, at: at.parse().ok() })
    }

    fn ada() -> Customer {
        let id = CustomerId::Shopify(7);
        let mut customer = Customer::new(id, 0, CustomerKind::Person, Timestamp::UNIX_EPOCH);
        let address = AddressSaid {
            city: Some("Hamburg".into()),
            country: Some("de".into()),
            ..AddressSaid::default()
        };
        let all = CustomerSaid {
            first_name: Told::Is("Ada".into()),
            email: Told::Is("ada@example.com".into()),
            phone: Told::Is("415 555 2671".into()),
            address: Told::Is(address),
            tags: Told::Is(Tags(vec!["VIP".into()])),
            language: Told::Is("DE".into()),
            note: Told::Is("tea".into()),
            account: Told::Is("disabled".into()),
            email_consent: consent("subscribed", "2026-02-01T00:00:00Z"),
            ..said()
        };
        tell(all, &mut customer);
        customer
    }

    #[test]
    fn what_is_not_told_stays_and_what_is_told_to_be_nothing_goes() {
        let mut customer = ada();
        assert_eq!(customer.phone.as_ref().map(Phone::as_str), Some("+14155552671"));
        assert_eq!(customer.addresses[0].country.as_deref(), Some("DE"));
        assert_eq!(customer.language.as_deref(), Some("de"));
        assert_eq!(customer.account, Some(AccountState::Disabled));
        let before = customer.clone();
        tell(said(), &mut customer);
        assert_eq!(customer, before);
        let nothing = CustomerSaid {
            first_name: Told::Nothing,
            email: Told::Nothing,
            address: Told::Nothing,
            tags: Told::Nothing,
            note: Told::Nothing,
            email_consent: Told::Nothing,
            ..said()
        };
        tell(nothing, &mut customer);
        let left = (customer.first_name, customer.email, customer.addresses, customer.tags, customer.note);
        assert_eq!(left, (None, None, Vec::new(), [].into(), None));
        assert!(customer.phone.is_some());
        // What was agreed to was for the address that is not theirs any more.
        assert_eq!(customer.email_consent, None);
    }

    #[test]
    fn where_an_address_lies_is_known_until_it_is_another() {
        let told = |city: &str, point: Option<(f64, f64)>| {
            let (latitude, longitude) = point.unzip();
            let city = Some(city.to_owned());
            let address = Told::Is(AddressSaid { city, latitude, longitude, ..AddressSaid::default() });
            CustomerSaid { address, ..said() }
        };
        let mut customer = ada();
        let mut check = |said: CustomerSaid, expected: Option<(i32, i32)>| {
            tell(said, &mut customer);
            let point = customer.addresses[0].point.map(|at| (at.latitude, at.longitude));
            assert_eq!(point, expected);
        };
        check(told("Hamburg", Some((53.55, 9.99))), Some((53_550_000, 9_990_000)));
        // As webhooks tell it.
        check(told("Hamburg", None), Some((53_550_000, 9_990_000)));
        check(told("Hamburg", Some((53.6, 10.0))), Some((53_600_000, 10_000_000)));
        check(told("Kiel", None), None);
        check(told("Kiel", Some((91.0, 9.99))), None);
    }

    #[test]
    fn telling_again_changes_nothing_and_the_newer_consent_counts() {
        let mut customer = ada();
        let state = |customer: &Customer| customer.email_consent.as_ref().unwrap().state;
        let older = CustomerSaid { email_consent: consent("unsubscribed", "2026-01-01T00:00:00Z"), ..said() };
        tell(older, &mut customer);
        assert_eq!(state(&customer), ConsentState::Subscribed);
        let newer = CustomerSaid { email_consent: consent("unsubscribed", "2026-03-01T00:00:00Z"), ..said() };
        tell(newer.clone(), &mut customer);
        assert_eq!(state(&customer), ConsentState::Unsubscribed);
        let before = customer.clone();
        tell(CustomerSaid { tags: Told::Is(Tags(vec!["vip".into()])), ..newer }, &mut customer);
        assert_eq!(customer, before);
    }

    #[test]
    fn who_has_another_address_agreed_to_nothing_unless_that_comes_with_it() {
        let moved = || CustomerSaid { email: Told::Is("ada@example.org".into()), ..said() };
        let never = Told::Is(ConsentSaid { state: Some("NOT_SUBSCRIBED".into()), level: None, at: None });
        let asked = Some("2026-03-01T00:00:00Z".parse().unwrap());
        let check = |said: CustomerSaid, asked_at, expected: (Option<ConsentState>, bool)| {
            let mut customer = ada();
            let is_open = said.told(&reading(EUROS)).tell(&mut customer, asked_at).unwrap();
            let state = customer.email_consent.as_ref().map(|consent| consent.state);
            assert_eq!((state, is_open), expected);
        };
        let subscribed = Some(ConsentState::Subscribed);
        check(moved(), None, (None, true));
        check(moved(), asked, (None, false));
        let brought = || consent("subscribed", "2026-01-01T00:00:00Z");
        check(CustomerSaid { email_consent: brought(), ..moved() }, None, (subscribed, false));
        check(CustomerSaid { email_consent: brought(), ..moved() }, asked, (subscribed, false));
        check(CustomerSaid { email_consent: never.clone(), ..moved() }, asked, (None, false));
        // The address is the same.
        check(CustomerSaid { email_consent: never.clone(), ..said() }, asked, (None, false));
        check(CustomerSaid { email_consent: never, ..said() }, None, (subscribed, true));
        check(
            CustomerSaid { email_consent: consent("unsubscribed", ""), ..said() },
            None,
            (subscribed, true),
        );
        let without_a_day = CustomerSaid { email_consent: consent("unsubscribed", ""), ..said() };
        check(without_a_day, asked, (Some(ConsentState::Unsubscribed), false));
        check(CustomerSaid { sms_consent: Told::Nothing, ..said() }, None, (subscribed, false));
        let dateless = consent("subscribed", "");
        check(CustomerSaid { sms_consent: dateless, ..said() }, None, (subscribed, true));
        // It was said before they had the address that it is for.
        let later = Some("2026-02-01T00:00:00Z".parse().unwrap());
        let with_it = CustomerSaid { email_consent: brought(), updated_at: later, ..moved() };
        check(with_it, None, (subscribed, false));
        // Whoever had none has not moved.
        let mut customer = Customer { email: None, ..ada() };
        moved().told(&reading(EUROS)).tell(&mut customer, None).unwrap();
        assert_eq!(customer.email_consent.map(|consent| consent.state), subscribed);
        let mut customer = Customer { phone: None, sms_consent: ada().email_consent, ..ada() };
        tell(CustomerSaid { phone: Told::Is("415 555 2671".into()), ..said() }, &mut customer);
        assert_eq!(customer.sms_consent.map(|consent| consent.state), subscribed);
        // Nor does who was asked about and not told of lose what they have.
        check(said(), asked, (subscribed, false));
    }

    #[test]
    fn one_bad_field_does_not_cost_a_customer() {
        let wrong = CustomerSaid {
            email: Told::Is("nobody".into()),
            phone: Told::Is("555-5555".into()),
            language: Told::Is("english".into()),
            address: Told::Is(AddressSaid { country: Some("Germany".into()), ..AddressSaid::default() }),
            orders: Some(-1),
            spent: Some(Amount("lots".into())),
            ..said()
        };
        let told = wrong.told(&reading(EUROS));
        let noted: Vec<_> = told.passed_over.iter().map(|it| it.what).collect();
        assert_eq!(noted, ["email", "phone", "address.country", "language", "spent"]);
        assert_eq!((told.email, told.address, told.orders), (Told::Nothing, Told::Nothing, None));
    }
}
