//! Customers: who they are, and who has which address.
//!
//! A customer is never written without their row of the audience: one step holds both. An address has at most one
//! customer, whoever else asks for it at the same moment.

use columns::Slot;
use domain::{
    AccountState, Consent, Customer, CustomerId, Declined, EmailAddress, LeftCart, Minor, Phone, ShopScores,
    ShopWords, Timestamp,
    customer::{Address, AttributeValue, Change, ChangedBy, CustomerKind, Facts, Opening, Totals, Ways},
    template::Channel,
};
use jiff::{civil::Date, fmt::serde::timestamp::millisecond};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Deref,
};

use crate::{
    Held, Step, StoreError, TenantStore,
    audience::{Orders, delta_of},
    consents::ConsentRecord,
    keys,
    record::{Entry, read, read_as},
    shop_words::{
        AskedMillis, asked_instants, asked_millis, contribution, instants_of, is_nothing, is_unasked,
        millis_of, pair,
    },
    slots::SlotsRecord,
    table::{Item, When, Write},
};

/// A customer as they were read, with what changed in their row since it was last folded into a block.
#[derive(Debug)]
pub struct HeldCustomer {
    pub(crate) customer: Held<Customer>,
    pub(crate) delta: Option<Held<columns::Delta>>,
    /// How often the shop has chosen another currency: as there is a customer, for good.
    pub currency_changes: u32,
}

impl Deref for HeldCustomer {
    type Target = Customer;

    fn deref(&self) -> &Customer {
        &self.customer
    }
}

/// What stands in the table for an address, so that who reads the table does not read the address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressDigest {
    pub way: Way,
    pub digest: String,
}

/// What somebody is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Email,
    Phone,
    /// What another system calls them. Holds as long as nobody else is called so: whoever is gone keeps it.
    Called,
}

impl Way {
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Email => "EMAIL",
            Self::Phone => "PHONE",
            Self::Called => "CALLED",
        }
    }
}

/// By what they are written to.
impl From<Channel> for Way {
    fn from(by: Channel) -> Self {
        match by {
            Channel::Email => Self::Email,
            Channel::Sms => Self::Phone,
        }
    }
}

impl TenantStore {
    /// To look at. Also somebody who is gone.
    pub async fn customer(&self, id: CustomerId) -> Result<Option<Held<Customer>>, StoreError> {
        self.get(keys::customer(self.id(), id)).await?.map(customer_from).transpose()
    }

    /// To change. Also somebody who is gone.
    pub async fn customer_held(&self, id: CustomerId) -> Result<Option<HeldCustomer>, StoreError> {
        let Some(customer) = self.customer(id).await? else { return Ok(None) };
        let slot = Slot(customer.slot);
        let known = self.finally_counts_in().map(|it| it.currency_changes);
        let mut keys = vec![keys::delta(self.id(), slot)];
        keys.extend(known.is_none().then(|| keys::slots(self.id())));
        let mut found = self.table().get(&keys).await?.into_iter();
        let delta = self.delta_in(slot, found.next().flatten())?;
        let currency_changes = match known {
            Some(known) => known,
            None => SlotsRecord::of(found.next().flatten())?.currency_changes,
        };
        Ok(Some(HeldCustomer { customer, delta, currency_changes }))
    }

    /// Those that there are, in no order.
    pub async fn customers(&self, ids: &[CustomerId]) -> Result<Vec<Held<Customer>>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::customer(self.id(), *id)).collect();
        self.table().get(&keys).await?.into_iter().flatten().map(customer_from).collect()
    }

    /// Whose these addresses are, in their order.
    pub async fn customers_with(
        &self,
        addresses: &[AddressDigest],
    ) -> Result<Vec<Option<CustomerId>>, StoreError> {
        let keys: Vec<_> = addresses.iter().map(|address| self.address_key(address)).collect();
        let items = self.table().get(&keys).await?.into_iter();
        items.map(|item| Ok(item.map(read::<ClaimRecord>).transpose()?.map(|claim| claim.customer))).collect()
    }

    /// A new customer, their row, and that the slot is theirs.
    pub fn customer_made(&self, customer: &Customer, orders: Orders) -> Step {
        let Step(mut writes) = self.customer_made_named(customer, orders);
        writes.push(self.slots_named(Slot(customer.slot), &[Some(customer.id)]));
        Step(writes)
    }

    /// As `customer_made`, where the slot was named as theirs before, with others.
    pub fn customer_made_named(&self, customer: &Customer, orders: Orders) -> Step {
        let record = CustomerRecord::from(customer);
        Step(vec![
            Entry::new(keys::customer(self.id(), customer.id), &record).create(),
            self.delta_put(Slot(customer.slot), &delta_of(customer, 1, orders), 1, None),
        ])
    }

    /// The customer and their row, with the orders of theirs that changed. `Conflict` if either did.
    pub fn customer_changed(&self, held: &HeldCustomer, customer: &Customer, orders: Orders) -> Step {
        let record = CustomerRecord::from(customer);
        let version = held.customer.version;
        let delta = delta_of(customer, version + 1, orders);
        let before = held.delta.as_ref();
        let delta = before.map_or_else(|| delta.clone(), |before| delta.clone().with((**before).clone()));
        Step(vec![
            Entry::new(keys::customer(self.id(), held.id), &record).replace(version),
            self.delta_put(Slot(customer.slot), &delta, version + 1, before.map(|before| before.version)),
        ])
    }

    /// One of many that come at once: alone, without the cost of a transaction. The audience does not see them until
    /// their shard is made anew.
    pub fn customer_laid_down(&self, customer: &Customer) -> Step {
        let record = CustomerRecord::from(customer);
        Step(vec![Entry::new(keys::customer(self.id(), customer.id), &record).create()])
    }

    /// Holds as long as nobody of that id was ever stored.
    pub fn customer_is_nobody(&self, id: CustomerId) -> Step {
        Step(vec![Write::Check(keys::customer(self.id(), id), When::Absent)])
    }

    /// `Conflict` if somebody has it.
    pub fn address_claimed(&self, address: &AddressDigest, customer: CustomerId) -> Step {
        Step(vec![Entry::new(self.address_key(address), &ClaimRecord { customer }).create()])
    }

    /// Of whoever had it, if anybody, now of this customer.
    pub fn address_passed_on(&self, address: &AddressDigest, to: CustomerId) -> Step {
        Step(vec![Entry::new(self.address_key(address), &ClaimRecord { customer: to }).overwrite()])
    }

    /// A name in another system stands with whom it names, so that it is found when the shop's data end.
    pub fn name_noted(&self, name: &AddressDigest, customer: CustomerId) -> Step {
        Step(vec![Entry::new(keys::name(self.id(), customer, &name.digest), &NameRecord {}).overwrite()])
    }

    pub fn address_left(&self, address: &AddressDigest) -> Step {
        Step(vec![Write::Delete(self.address_key(address), When::Present)])
    }

    fn address_key(&self, address: &AddressDigest) -> crate::RawKey {
        keys::address(self.id(), &address.digest, address.way.key())
    }
}

pub(crate) fn customer_from(item: Item) -> Result<Held<Customer>, StoreError> {
    read_as::<CustomerRecord, _>(item)
}

#[derive(Serialize, Deserialize)]
struct ClaimRecord {
    customer: CustomerId,
}

#[derive(Serialize, Deserialize)]
struct NameRecord {}

#[derive(Serialize, Deserialize)]
struct CustomerRecord {
    id: CustomerId,
    slot: u32,
    kind: CustomerKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    first_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email: Option<EmailAddress>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    phone: Option<Phone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    addresses: Vec<Address>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    birthday: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    attributes: BTreeMap<String, AttributeValue>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    email_consent: Option<ConsentRecord>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sms_consent: Option<ConsentRecord>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    opening_orders: i64,
    #[serde(default, skip_serializing_if = "is_nothing")]
    opening_spent: i64,
    orders: i64,
    spent: i64,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    first_order_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    last_order_at: Option<Timestamp>,
    next_order: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    /// Few bytes for each change: see `ChangeRecord`.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Vec::is_empty")]
    changes: Vec<u8>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    shop_at: Option<Timestamp>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    shop_totals_at: Option<Timestamp>,
    /// Orders and minor units.
    #[serde(default, skip_serializing_if = "is_nothing")]
    shop_beyond: (i64, i64),
    #[serde(default, skip_serializing_if = "is_nothing")]
    shop_shown: (i64, i64),
    /// In milliseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    shop_tags: BTreeMap<String, i64>,
    /// Of what instant the shop's own answer was, by mail and by phone, in milliseconds.
    #[serde(default, skip_serializing_if = "is_unasked")]
    shop_consents: AskedMillis,
    /// Since when the shop's word about them is known: an older one tells nothing.
    #[serde(default, skip_serializing_if = "is_unasked")]
    shop_consents_since: AskedMillis,
    /// As the columns have them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shop_scores: Option<(u8, u8)>,
    /// As the columns have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<u8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left_cart: Option<String>,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    left_cart_at: Option<Timestamp>,
    /// Letters and texts.
    #[serde(default, skip_serializing_if = "is_nothing")]
    suppressed: (bool, bool),
    /// Bits: `domain::Declined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    declined: Option<u8>,
}

/// Seconds, who, and what.
type ChangeRecord = (i64, ChangedBy, u16);

impl From<&Customer> for CustomerRecord {
    fn from(customer: &Customer) -> Self {
        let changes = customer.changes.iter();
        let changes: Vec<ChangeRecord> =
            changes.map(|change| (change.at.as_second(), change.by, change.what.0)).collect();
        // Writing a list of known length to memory cannot fail.
        let changes =
            if changes.is_empty() { Vec::new() } else { postcard::to_stdvec(&changes).unwrap_or_default() };
        let customer = customer.clone();
        let [shop_consents, shop_consents_since] = asked_millis(customer.shop_words.asked_consents);
        Self {
            id: customer.id,
            slot: customer.slot,
            kind: customer.kind,
            first_name: customer.first_name,
            last_name: customer.last_name,
            email: customer.email,
            phone: customer.phone,
            addresses: customer.addresses,
            tags: customer.tags,
            language: customer.language,
            birthday: customer.birthday,
            note: customer.note,
            attributes: customer.attributes,
            email_consent: customer.email_consent.map(ConsentRecord::from),
            sms_consent: customer.sms_consent.map(ConsentRecord::from),
            opening_orders: customer.opening.orders,
            opening_spent: customer.opening.spent.get(),
            orders: customer.totals.orders,
            spent: customer.totals.spent,
            first_order_at: customer.totals.first_order_at,
            last_order_at: customer.totals.last_order_at,
            next_order: customer.next_order,
            created_at: customer.created_at,
            updated_at: customer.updated_at,
            changes,
            shop_at: customer.shop_words.at,
            shop_totals_at: customer.shop_words.totals_at,
            shop_beyond: pair(customer.shop_words.beyond),
            shop_shown: pair(customer.shop_words.shown),
            shop_tags: millis_of(customer.shop_words.tags),
            shop_consents,
            shop_consents_since,
            shop_scores: customer.shop_scores.codes(),
            account: customer.account.map(AccountState::code),
            left_cart_at: customer.left_cart.as_ref().map(|cart| cart.at),
            left_cart: customer.left_cart.map(|cart| cart.token),
            suppressed: (customer.suppressed.email, customer.suppressed.sms),
            declined: Some(customer.declined.code()).filter(|bits| *bits != 0),
        }
    }
}

impl From<CustomerRecord> for Customer {
    fn from(record: CustomerRecord) -> Self {
        // What is said of old changes is told for information: bytes of another form say nothing.
        let changes: Vec<ChangeRecord> = postcard::from_bytes(&record.changes).unwrap_or_default();
        let changes = changes.into_iter().filter_map(|(second, by, what)| {
            Some(Change { at: Timestamp::from_second(second).ok()?, by, what: Facts(what) })
        });
        Self {
            id: record.id,
            slot: record.slot,
            kind: record.kind,
            first_name: record.first_name,
            last_name: record.last_name,
            email: record.email,
            phone: record.phone,
            addresses: record.addresses,
            tags: record.tags,
            language: record.language,
            birthday: record.birthday,
            note: record.note,
            attributes: record.attributes,
            email_consent: record.email_consent.map(Consent::from),
            sms_consent: record.sms_consent.map(Consent::from),
            opening: Opening {
                orders: record.opening_orders,
                spent: Minor::new(record.opening_spent).unwrap_or_default(),
            },
            totals: Totals {
                orders: record.orders,
                spent: record.spent,
                first_order_at: record.first_order_at,
                last_order_at: record.last_order_at,
            },
            next_order: record.next_order,
            created_at: record.created_at,
            updated_at: record.updated_at,
            changes: changes.collect(),
            shop_words: ShopWords {
                at: record.shop_at,
                tags: instants_of(record.shop_tags),
                asked_consents: asked_instants([record.shop_consents, record.shop_consents_since]),
                totals_at: record.shop_totals_at,
                beyond: contribution(record.shop_beyond),
                shown: contribution(record.shop_shown),
            },
            shop_scores: record.shop_scores.map(ShopScores::of_codes).unwrap_or_default(),
            account: record.account.and_then(AccountState::of_code),
            left_cart: record.left_cart.zip(record.left_cart_at).map(|(token, at)| LeftCart { token, at }),
            suppressed: Ways { email: record.suppressed.0, sms: record.suppressed.1 },
            declined: Declined::of_code(record.declined.unwrap_or_default()),
        }
    }
}
