//! What people do in a shop. Each act is told to the app as Shopify would tell it.

use jiff::Timestamp;

use super::{
    books::{
        Back, Basket, Books, Channel, Did, Newcomer, Refused, Telling,
        records::{CancelReason, Consent},
    },
    graphql::Ask,
    shop::Shop,
};

impl Shop {
    fn act<T>(
        &self,
        act: impl FnOnce(&mut Books, Timestamp) -> Result<(T, Vec<Did>), Refused>,
    ) -> Result<T, Refused> {
        self.with(|state, now, dice| Ask::new(state, self.front(), dice, now, &[]).act(act))
    }

    pub fn join(&self, told: Newcomer) -> Result<u64, Refused> {
        self.act(|books, now| Ok(books.join(told, now)))
    }

    pub fn change(&self, customer: u64, told: Telling) -> Result<(), Refused> {
        self.act(|books, now| books.change(customer, told, now))
    }

    pub fn tag(&self, customer: u64, tags: &[&str]) -> Result<(), Refused> {
        self.act(|books, now| books.tag(customer, &owned(tags), now))
    }

    pub fn untag(&self, customer: u64, tags: &[&str]) -> Result<(), Refused> {
        self.act(|books, now| books.untag(customer, &owned(tags), now))
    }

    pub fn consent(&self, customer: u64, channel: Channel, consent: Consent) -> Result<(), Refused> {
        self.act(|books, now| books.consent(customer, channel, consent, now))
    }

    /// That every customer may have such a metafield: `facts.birth_date`, of Shopify's type.
    pub fn define(&self, name: &str, of: &str, is_pinned: bool) {
        self.with(|state, _, _| state.books.define(name, of, is_pinned));
    }

    /// Writes it down, as apps do. Shopify tells nobody.
    pub fn note(&self, customer: u64, name: &str, value: Option<&str>) -> Result<(), Refused> {
        self.with(|state, _, _| state.books.note(customer, name, value))
    }

    pub fn merge(&self, kept: u64, gone: u64) -> Result<(), Refused> {
        self.act(|books, now| books.merge(kept, gone, now))
    }

    pub fn delete_customer(&self, customer: u64) -> Result<(), Refused> {
        self.act(|books, now| books.leave(customer, now))
    }

    pub fn redact(&self, customer: u64) -> Result<(), Refused> {
        self.act(|books, now| books.redact(customer, now))
    }

    pub fn buy(&self, basket: &Basket) -> Result<u64, Refused> {
        self.act(|books, now| books.buy(basket, now))
    }

    pub fn refund(&self, order: u64, back: &Back) -> Result<u64, Refused> {
        self.act(|books, now| books.refund(order, back, now))
    }

    pub fn cancel(&self, order: u64) -> Result<(), Refused> {
        self.act(|books, now| books.cancel(order, CancelReason::Customer, now))
    }

    pub fn pay(&self, order: u64) -> Result<(), Refused> {
        self.act(|books, now| books.pay(order, now))
    }

    pub fn fulfil(&self, order: u64) -> Result<(), Refused> {
        self.act(|books, now| books.fulfil(order, now))
    }

    /// Variants that are added and lines that are taken off, and how many of each.
    pub fn edit(&self, order: u64, add: &[(u64, u32)], remove: &[(u64, u32)]) -> Result<(), Refused> {
        self.act(|books, now| books.edit(order, (add, remove), now))
    }

    pub fn delete_order(&self, order: u64) -> Result<(), Refused> {
        self.act(|books, now| books.delete_order(order, now))
    }

    /// A checkout's id.
    pub fn begin(&self, customer: Option<u64>, lines: &[(u64, u32)]) -> Result<u64, Refused> {
        self.act(|books, now| books.begin(customer, lines, now))
    }

    pub fn rethink(&self, checkout: u64, lines: &[(u64, u32)]) -> Result<(), Refused> {
        self.act(|books, now| books.rethink(checkout, lines, now))
    }

    pub fn forget(&self, checkout: u64) -> Result<(), Refused> {
        self.act(|books, _| books.forget(checkout))
    }

    /// The product's id.
    pub fn add_product(&self, title: &str, price: i64) -> Result<u64, Refused> {
        self.act(|books, now| Ok(books.add_product(title, price, now)))
    }

    /// So many more, at that price in cents.
    pub fn add_variants(&self, product: u64, count: u64, price: i64) -> Result<(), Refused> {
        self.act(|books, now| books.add_variants(product, (count, price), now))
    }

    pub fn rename_product(&self, product: u64, title: &str) -> Result<(), Refused> {
        self.act(|books, now| {
            books.change_product(product, now, |product| title.clone_into(&mut product.title))
        })
    }

    pub fn delete_product(&self, product: u64) -> Result<(), Refused> {
        self.act(|books, now| books.delete_product(product, now))
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
