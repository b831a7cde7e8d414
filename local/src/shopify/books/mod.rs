//! The shop's own books: who its customers are, what they ordered, and all that changed since it was thought up.
//!
//! Of a shop as it was thought up only instants are held; whoever is asked for is made. What was changed is held whole.

mod acts;
pub(crate) mod checkouts;
mod entry;
mod figures;
mod kept;
pub mod metafields;
mod model;
mod orders;
mod people;
mod products;
pub mod records;

use jiff::Timestamp;
use std::collections::BTreeMap;

pub use acts::{Back, Basket, Channel, Did, Newcomer, Refused, Telling};
pub(crate) use entry::Entry;
pub(crate) use kept::Row;
use kept::{Found, Kept, Record};
use metafields::Definition;
use model::Model;
use records::{Checkout, Customer, Event, Order, Product, Subject, Variant};

use super::ids::{Kind, id, number};

pub struct Books {
    model: Model,
    customers: Kept<Customer>,
    orders: Kept<Order>,
    products: BTreeMap<u64, Product>,
    checkouts: BTreeMap<u64, Checkout>,
    events: BTreeMap<u64, Event>,
    definitions: BTreeMap<String, Definition>,
    /// How many of each there ever were: the next one's number.
    customers_ever: u64,
    orders_ever: u64,
    products_ever: u64,
    checkouts_ever: u64,
    /// What was written and is not in the journal yet.
    written: Vec<Entry>,
}

impl Books {
    /// The same seed, number of customers and instant make the same books.
    pub fn new(seed: u64, customers: u32, at: Timestamp) -> Self {
        let model = Model::new(seed, customers, at);
        let of_customers = (0..).zip(model.customers());
        let of_customers = of_customers.map(|(place, (_, updated))| (*updated, id(Kind::Customer, place)));
        let of_orders = (0..).zip(model.orders()).map(|(place, updated)| (*updated, id(Kind::Order, place)));
        let (customers_kept, orders_kept) = (Kept::new(of_customers), Kept::new(of_orders));
        let products = model.products().iter().map(|product| (product.id, product.clone())).collect();
        let (orders_ever, products_ever) = (model.orders().len() as u64, model.products().len() as u64);
        let mut books = Self {
            model,
            customers: customers_kept,
            orders: orders_kept,
            products,
            checkouts: BTreeMap::new(),
            events: BTreeMap::new(),
            definitions: BTreeMap::new(),
            customers_ever: u64::from(customers),
            orders_ever,
            products_ever,
            checkouts_ever: 0,
            written: Vec::new(),
        };
        books.leave_baskets(customers, at);
        books
    }

    pub fn customer(&self, id: u64) -> Option<Customer> {
        match self.customers.find(id) {
            Found::Changed(customer) => Some(customer.clone()),
            Found::Gone => None,
            Found::AsThoughtUp => Some(self.model.customer(self.thought_up(id)?).0),
        }
    }

    pub fn order(&self, id: u64) -> Option<Order> {
        match self.orders.find(id) {
            Found::Changed(order) => Some(order.clone()),
            Found::Gone => None,
            Found::AsThoughtUp => self.model.order(number(Kind::Order, id)?),
        }
    }

    pub fn product(&self, id: u64) -> Option<&Product> {
        self.products.get(&id)
    }

    pub fn variant(&self, id: u64) -> Option<&Variant> {
        let product = model::product_of(id)?;
        self.products.get(&product)?.variants.iter().find(|variant| variant.id == id)
    }

    pub fn products(&self) -> impl Iterator<Item = &Product> {
        self.products.values()
    }

    pub fn checkouts(&self) -> impl Iterator<Item = &Checkout> {
        self.checkouts.values()
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = &Event> {
        self.events.values()
    }

    /// Everybody who is there.
    pub fn customers(&self) -> impl Iterator<Item = Customer> {
        let numbers = 0..u32::try_from(self.model.customers().len()).unwrap_or(u32::MAX);
        let as_thought_up = numbers.filter_map(|number| {
            let is = matches!(self.customers.find(id(Kind::Customer, number.into())), Found::AsThoughtUp);
            is.then(|| self.model.customer(number).0)
        });
        as_thought_up.chain(self.customers.changed().cloned())
    }

    /// Every order that is there.
    pub fn orders(&self) -> impl Iterator<Item = Order> {
        let numbers = 0..u32::try_from(self.model.customers().len()).unwrap_or(u32::MAX);
        let as_thought_up = numbers.flat_map(|number| {
            let mut orders = self.model.customer(number).1;
            orders.retain(|order| matches!(self.orders.find(order.id), Found::AsThoughtUp));
            orders
        });
        as_thought_up.chain(self.orders.changed().cloned())
    }

    /// Somebody, as the dice fall.
    pub(crate) fn anybody(&self, throw: u64) -> Option<u64> {
        let first = throw % self.customers_ever.max(1);
        let all = (first..self.customers_ever).chain(0..first).map(|number| id(Kind::Customer, number));
        let mut there = all.filter(|id| self.times(Subject::Customer, *id).is_some());
        there.next()
    }

    /// The orders that came or changed last since the shop was thought up, newest first.
    pub(crate) fn latest(&self, most: usize) -> Vec<&Order> {
        let mut orders: Vec<_> = self.orders.changed().collect();
        orders.sort_unstable_by_key(|order| std::cmp::Reverse((order.updated_at, order.order_number)));
        orders.truncate(most);
        orders
    }

    /// How many customers and orders there are.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.customers.after(None).count(), self.orders.after(None).count())
    }

    /// What they ordered and still have, in no order.
    pub fn orders_of(&self, customer: u64) -> Vec<Order> {
        let before =
            self.thought_up(customer).map(|number| self.model.customer(number).1).unwrap_or_default();
        let mut orders = before;
        orders.retain(|order| matches!(self.orders.find(order.id), Found::AsThoughtUp));
        orders.extend(self.orders.changed().filter(|order| order.customer == Some(customer)).cloned());
        orders
    }

    /// Those that come after a row, in the order of `UPDATED_AT`.
    pub(crate) fn after(&self, subject: Subject, row: Option<Row>) -> Box<dyn Iterator<Item = Row> + '_> {
        match subject {
            Subject::Customer => Box::new(self.customers.after(row)),
            Subject::Order => Box::new(self.orders.after(row)),
            Subject::Product => {
                let mut rows: Vec<_> = self.products().map(|it| (it.updated_at.as_second(), it.id)).collect();
                rows.sort_unstable();
                Box::new(rows.into_iter().filter(move |other| row.is_none_or(|row| *other > row)))
            }
        }
    }

    /// When it was made and when it last changed, in seconds, without making it.
    pub(crate) fn times(&self, subject: Subject, id: u64) -> Option<(i64, i64)> {
        let of_model = |kind| usize::try_from(number(kind, id)?).ok();
        match subject {
            Subject::Customer => match self.customers.find(id) {
                Found::Changed(customer) => Some((customer.created(), customer.row().0)),
                Found::Gone => None,
                Found::AsThoughtUp => self.model.customers().get(of_model(Kind::Customer)?).copied(),
            },
            Subject::Order => match self.orders.find(id) {
                Found::Changed(order) => Some((order.created(), order.row().0)),
                Found::Gone => None,
                Found::AsThoughtUp => {
                    let place = of_model(Kind::Order)?;
                    Some((self.model.placed(place as u64)?.0, *self.model.orders().get(place)?))
                }
            },
            Subject::Product => {
                let product = self.product(id)?;
                Some((product.created_at.as_second(), product.updated_at.as_second()))
            }
        }
    }

    /// Their number in the model, if they are of it.
    fn thought_up(&self, customer: u64) -> Option<u32> {
        let number = u32::try_from(number(Kind::Customer, customer)?).ok()?;
        ((number as usize) < self.model.customers().len()).then_some(number)
    }
}
