//! Acts on customers.

use jiff::Timestamp;
use std::collections::BTreeMap;

use super::{
    Books,
    acts::{Channel, Did, Done, Newcomer, Telling},
    records::{Consent, ConsentState, Customer, Subject},
};
use crate::shopify::{
    books::acts::Refused,
    ids::{Kind, id},
};

impl Books {
    pub(crate) fn join(&mut self, told: Newcomer, now: Timestamp) -> (u64, Vec<Did>) {
        let number = self.customers_ever;
        let id = id(Kind::Customer, number);
        let Newcomer { first_name, last_name, email, phone, tags, email_consent, sms_consent } = told;
        self.put_customer(Customer {
            id,
            first_name,
            last_name,
            email,
            phone,
            is_enabled: false,
            locale: "de".to_owned(),
            note: None,
            tags,
            address: None,
            metafields: BTreeMap::new(),
            email_consent: email_consent.unwrap_or(Consent::NEVER),
            sms_consent: sms_consent.unwrap_or(Consent::NEVER),
            orders: 0,
            spent: 0,
            last_order: None,
            created_at: now,
            updated_at: now,
        });
        (id, vec![Did::CustomerMade(id)])
    }

    /// What somebody agreed to was for the address that they had: of another they have said nothing yet.
    pub(crate) fn change(&mut self, customer: u64, told: Telling, now: Timestamp) -> Done<()> {
        self.changed(customer, now, |customer| {
            if told.email.is_some() && told.email != customer.email {
                customer.email_consent = Consent::NEVER;
            }
            if told.phone.is_some() && told.phone != customer.phone {
                customer.sms_consent = Consent::NEVER;
            }
            let Telling { first_name, last_name, email, phone, note } = told;
            let told = [first_name, last_name, email, phone, note];
            let held = [
                &mut customer.first_name,
                &mut customer.last_name,
                &mut customer.email,
                &mut customer.phone,
                &mut customer.note,
            ];
            for (held, told) in held.into_iter().zip(told) {
                if told.is_some() {
                    *held = told;
                }
            }
            Vec::new()
        })
    }

    /// A tag that is there already, in whatever case, is not added.
    pub(crate) fn tag(&mut self, customer: u64, tags: &[String], now: Timestamp) -> Done<()> {
        self.changed(customer, now, |customer| {
            let mut added = Vec::new();
            for tag in tags.iter().map(|tag| tag.trim()) {
                let is_there = customer.tags.iter().any(|held| held.to_lowercase() == tag.to_lowercase());
                if !tag.is_empty() && !is_there {
                    customer.tags.push(tag.to_owned());
                    added.push(tag.to_owned());
                }
            }
            if added.is_empty() { Vec::new() } else { vec![Did::TagsAdded(customer.id, added)] }
        })
    }

    pub(crate) fn untag(&mut self, customer: u64, tags: &[String], now: Timestamp) -> Done<()> {
        self.changed(customer, now, |customer| {
            let is_meant = |held: &String| tags.iter().any(|tag| tag.to_lowercase() == held.to_lowercase());
            let (removed, left) = std::mem::take(&mut customer.tags).into_iter().partition(is_meant);
            customer.tags = left;
            let removed: Vec<String> = removed;
            if removed.is_empty() { Vec::new() } else { vec![Did::TagsRemoved(customer.id, removed)] }
        })
    }

    pub(crate) fn consent(
        &mut self,
        customer: u64,
        channel: Channel,
        consent: Consent,
        now: Timestamp,
    ) -> Done<()> {
        let held = self.known_customer(customer)?;
        match channel {
            Channel::Email if held.email.is_none() => {
                return Err(Refused("the customer has no email address"));
            }
            Channel::Sms if held.phone.is_none() => return Err(Refused("the customer has no phone number")),
            Channel::Email | Channel::Sms => {}
        }
        self.changed(customer, now, |customer| {
            match channel {
                Channel::Email => customer.email_consent = consent,
                Channel::Sms => customer.sms_consent = consent,
            }
            vec![Did::Consented(customer.id, channel)]
        })
    }

    /// Who has ordered stays: Shopify deletes only customers without orders.
    pub(crate) fn leave(&mut self, customer: u64, now: Timestamp) -> Done<()> {
        self.known_customer(customer)?;
        if !self.orders_of(customer).is_empty() {
            return Err(Refused("a customer with orders cannot be deleted"));
        }
        self.destroy(Subject::Customer, customer, now);
        Ok(((), vec![Did::CustomerDeleted(customer)]))
    }

    /// The orders, tags and missing words of the one that goes become those of the one that is kept.
    pub(crate) fn merge(&mut self, kept: u64, gone: u64, now: Timestamp) -> Done<()> {
        if kept == gone {
            return Err(Refused("a customer cannot be merged with themselves"));
        }
        let (mut customer, other) = (self.known_customer(kept)?, self.known_customer(gone)?);
        for mut order in self.orders_of(gone) {
            order.customer = Some(kept);
            order.updated_at = now;
            self.put_order(order);
        }
        for tag in other.tags {
            if !customer.tags.contains(&tag) {
                customer.tags.push(tag);
            }
        }
        customer.first_name = customer.first_name.or(other.first_name);
        customer.last_name = customer.last_name.or(other.last_name);
        if customer.email.is_none() {
            (customer.email, customer.email_consent) = (other.email, other.email_consent);
        }
        if customer.phone.is_none() {
            (customer.phone, customer.sms_consent) = (other.phone, other.sms_consent);
        }
        customer.orders += other.orders;
        customer.spent += other.spent;
        customer.last_order = self.last_order(kept);
        customer.updated_at = now;
        self.put_customer(customer);
        self.destroy(Subject::Customer, gone, now);
        let did = [
            Did::CustomersMerged { kept, gone },
            Did::CustomerChanged(kept),
            Did::Bought(kept),
            Did::CustomerDeleted(gone),
        ];
        Ok(((), did.into()))
    }

    /// Every word about them goes; what they bought stays as figures.
    pub(crate) fn redact(&mut self, customer: u64, now: Timestamp) -> Done<()> {
        let held = self.known_customer(customer)?;
        let mut numbers = Vec::new();
        for mut order in self.orders_of(customer) {
            numbers.push(order.id);
            (order.email, order.phone, order.note) = (None, None, None);
            order.updated_at = now;
            self.put_order(order);
        }
        numbers.sort_unstable();
        let redacted = Consent { state: ConsentState::Redacted, level: None, at: Some(now) };
        self.put_customer(Customer {
            first_name: None,
            last_name: None,
            email: None,
            phone: None,
            note: None,
            tags: Vec::new(),
            address: None,
            metafields: BTreeMap::new(),
            email_consent: redacted,
            sms_consent: redacted,
            updated_at: now,
            ..held.clone()
        });
        Ok(((), vec![Did::CustomerRedacted { customer: Box::new(held), orders: numbers }]))
    }

    pub(super) fn last_order(&self, customer: u64) -> Option<u64> {
        let orders = self.orders_of(customer).into_iter().filter(|order| !order.test);
        orders.max_by_key(|order| (order.created_at, order.order_number)).map(|order| order.id)
    }

    fn changed(
        &mut self,
        customer: u64,
        now: Timestamp,
        change: impl FnOnce(&mut Customer) -> Vec<Did>,
    ) -> Done<()> {
        let mut customer = self.known_customer(customer)?;
        let id = customer.id;
        let mut did = change(&mut customer);
        customer.updated_at = now;
        self.put_customer(customer);
        did.push(Did::CustomerChanged(id));
        Ok(((), did))
    }
}
