//! What the books write down as it changes: whole records, so that reading them again in order gives the same books.

use serde::{Deserialize, Serialize};

use super::{
    Books,
    metafields::Definition,
    records::{Checkout, Customer, Event, Order, Product, Subject},
};
use crate::shopify::ids::{Kind, number};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Entry {
    Customer(Box<Customer>),
    Order(Box<Order>),
    Product(Box<Product>),
    Checkout(Box<Checkout>),
    Event(Event),
    Gone(Subject, u64),
    CheckoutGone(u64),
    Defined(String, Definition),
}

impl Books {
    /// Writes it down, to be kept in the journal as well.
    pub(super) fn write(&mut self, entry: Entry) {
        self.written.push(entry.clone());
        self.apply(entry);
    }

    /// As it was written once.
    pub(crate) fn apply(&mut self, entry: Entry) {
        let next = |ever: u64, kind, id| number(kind, id).map_or(ever, |number| ever.max(number + 1));
        match entry {
            Entry::Customer(customer) => {
                self.customers_ever = next(self.customers_ever, Kind::Customer, customer.id);
                self.customers.put(*customer);
            }
            Entry::Order(order) => {
                self.orders_ever = next(self.orders_ever, Kind::Order, order.id);
                self.orders.put(*order);
            }
            Entry::Product(product) => {
                self.products_ever = next(self.products_ever, Kind::Product, product.id);
                self.products.insert(product.id, *product);
            }
            Entry::Checkout(checkout) => {
                self.checkouts_ever = next(self.checkouts_ever, Kind::AbandonedCheckout, checkout.id);
                self.checkouts.insert(checkout.id, *checkout);
            }
            Entry::CheckoutGone(id) => {
                self.checkouts.remove(&id);
            }
            Entry::Event(event) => {
                self.events.insert(event.id, event);
            }
            Entry::Defined(name, definition) => {
                self.definitions.insert(name, definition);
            }
            Entry::Gone(Subject::Customer, id) => self.customers.remove(id),
            Entry::Gone(Subject::Order, id) => self.orders.remove(id),
            Entry::Gone(Subject::Product, id) => {
                self.products.remove(&id);
            }
        }
    }

    /// What is to be kept, once.
    pub(crate) fn written(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.written)
    }
}
