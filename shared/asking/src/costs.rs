//! What a campaign's messages cost, known before any of them is sent.
//!
//! A letter costs what letters cost. A text is filled for each who gets it, of what the audience knows of them, by the code that
//! fills it when it is sent: so its parts are counted and not guessed.

use columns::{Family, List, Members, NotRead, Number, Program, Row, Slot, Test, Text, View, Word};
use content::{Name, sms::Parts};
use domain::{
    Currency, Customer, CustomerId, Prices, Tenant, Timestamp,
    customer::{Address, CustomerKind},
    template::Channel,
};
use flows::{
    filling::{Links, Recipient},
    wording::Wording,
};
use reach::Costs;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// A link that leads over us is no longer: `https://` and a host, what it is for, the message's name, and our signature.
const LINK_CHARS: usize = 190;
/// What the audience does not know of somebody, or not before there is a message.
const GUESSED: [Name; 5] =
    [Name::City, Name::Country, Name::UnsubscribeUrl, Name::PreferencesUrl, Name::ViewUrl];

/// What the messages of one campaign say, and what the shop pays for them.
pub struct Costing<'a> {
    pub tenant: &'a Tenant,
    pub prices: &'a Prices,
    pub channel: Channel,
    /// Of each arm. None: nothing is written yet.
    pub wordings: &'a [Arc<Wording>],
}

impl Costing<'_> {
    /// Prices in another currency than the shop's say nothing: nobody here knows what one is in the other.
    pub fn are_known(prices: &Prices, currency: Currency) -> bool {
        prices.currency == currency
    }

    /// Whether it costs what is told, to the last part: otherwise it is no more.
    pub fn is_exact(&self) -> bool {
        self.channel == Channel::Email
            || self.wordings.len() < 2 && !self.names().iter().any(|name| GUESSED.contains(name))
    }

    /// What must have been read of the audience.
    pub(crate) fn families(&self) -> BTreeSet<Family> {
        let names = self.names();
        let asks_lists = names.iter().any(|name| matches!(name, Name::Tags | Name::City | Name::Country));
        let is_told = self.channel == Channel::Sms && asks_lists;
        is_told.then_some(Family::Tags).into_iter().collect()
    }

    fn names(&self) -> BTreeSet<Name> {
        self.wordings.iter().flat_map(|wording| wording.names()).collect()
    }

    /// The most that any arm's text comes to. Whoever is left out by the template costs nothing.
    fn parts(&self, customer: &Customer) -> usize {
        let link = || "x".repeat(LINK_CHARS);
        let links = || Links { unsubscribe: link(), preferences: link(), view: link() };
        let filled = self
            .wordings
            .iter()
            .filter_map(|wording| wording.filled(&Recipient::new(customer, self.tenant, links())).ok());
        filled.map(|filled| Parts::of(&filled.text).parts).max().unwrap_or(0)
    }
}

impl Costs for Costing<'_> {
    fn of(&self, view: &View, members: &Members) -> Result<Vec<(Option<u64>, Members)>, NotRead> {
        if !Self::are_known(self.prices, self.tenant.currency) {
            return Ok(vec![(None, members.clone())]);
        }
        if self.channel == Channel::Email {
            return Ok(vec![(self.prices.mail_micros, members.clone())]);
        }
        if self.wordings.is_empty() {
            return Ok(vec![(None, members.clone())]);
        }
        let names = self.names();
        let same =
            names.iter().all(|name| is_the_shops(*name)).then(|| self.parts(&somebody(&Row::default())));
        let selected = view.select(&Program::new(Test::Members(Arc::new(members.clone()))))?;
        let (mut priced, mut rest) = (BTreeMap::<Option<u64>, Vec<Slot>>::new(), members.clone());
        for (slot, phone) in selected.texts(Text::Phone)? {
            let parts = same.or_else(|| Some(self.parts(&somebody(&view.row(slot)?))));
            priced.entry(parts.and_then(|parts| self.prices.of_text(phone, parts))).or_default().push(slot);
            rest.remove(slot);
        }
        let priced = priced.into_iter().map(|(micros, slots)| (micros, slots.into_iter().collect()));
        let nowhere = (!rest.is_empty()).then_some((None, rest));
        Ok(reach::fewer(priced.chain(nowhere).collect()))
    }
}

fn is_the_shops(name: Name) -> bool {
    use Name::{CampaignName, PreferencesUrl, ShopEmail, ShopName, ShopUrl, UnsubscribeUrl, ViewUrl};
    matches!(name, ShopName | ShopUrl | ShopEmail | CampaignName | UnsubscribeUrl | PreferencesUrl | ViewUrl)
}

/// As much of a customer as the audience knows and a message may say.
fn somebody(row: &Row) -> Customer {
    let text = |text: Text| row[text].as_deref().map(str::to_owned);
    let at = |number: Number| row[number].and_then(|second| Timestamp::from_second(second).ok());
    let longest = |list: List| {
        let longest = row.list(list).iter().max_by_key(|word| word.encode_utf16().count());
        longest.map(|word| word.as_ref().to_owned())
    };
    let nobody = CustomerId::new(Timestamp::UNIX_EPOCH, [0; 10]);
    let mut customer = Customer::new(nobody, 0, CustomerKind::Person, Timestamp::UNIX_EPOCH);
    customer.first_name = text(Text::FirstName);
    customer.last_name = text(Text::LastName);
    customer.email = row[Text::Email].as_deref().and_then(|email| email.parse().ok());
    customer.phone = text(Text::Phone).and_then(|phone| phone.try_into().ok());
    customer.language = row[Word::Language].as_deref().map(str::to_owned);
    customer.tags = row.list(List::Tags).iter().map(ToString::to_string).collect();
    customer.totals.orders = row[Number::Orders].unwrap_or_default();
    customer.totals.spent = row[Number::Spent].unwrap_or_default();
    customer.totals.first_order_at = at(Number::FirstOrder);
    customer.totals.last_order_at = at(Number::LastOrder);
    let (city, country) = (longest(List::Cities), longest(List::Countries));
    customer.addresses = vec![Address { city, country, ..Address::default() }];
    customer
}
