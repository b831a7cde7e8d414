//! A busy day: many people do what people do, as the dice fall.

use super::{
    Shop,
    books::{
        Back, Basket, Channel, Newcomer, Refused, Telling,
        records::{Consent, ConsentState, OptInLevel},
    },
    switches::{below, hex},
};

/// So many people are looked at for one who has bought something.
const ASKED_MAX: u32 = 16;

impl Shop {
    /// Answers how many of the acts were done: some the shop refuses, as to refund what was refunded.
    pub fn rush(&self, acts: u32) -> u32 {
        (0..acts).map(|_| u32::from(self.one_act().is_ok())).sum()
    }

    /// In a hundred acts, so many of each: most people come to buy.
    fn one_act(&self) -> Result<(), Refused> {
        match self.throw(100) {
            0..42 => self.somebody().and_then(|customer| self.bought(customer, false)),
            42..52 => self.join(self.newcomer()).and_then(|customer| self.bought(customer, false)),
            52..54 => self.somebody().and_then(|customer| self.bought(customer, true)),
            54..62 => self.change(self.somebody()?, self.telling()),
            62..68 => self.tag(self.somebody()?, &[["vip", "tea", "wholesale"][self.place(3)]]),
            68..71 => self.untag(self.somebody()?, &["vip"]),
            71..77 => self.consent(self.somebody()?, Channel::Email, self.consent_now()),
            77..84 => self.refund(self.sold()?, &self.back()).map(drop),
            84..88 => self.cancel(self.sold()?),
            88..93 => self.fulfil(self.sold()?),
            93..95 => self.edit(self.sold()?, &self.some_lines(), &[]),
            95 => self.delete_order(self.sold()?),
            96 => self.delete_customer(self.join(self.newcomer())?),
            97 => self.merge(self.somebody()?, self.somebody()?),
            98 => self.rename_product(self.some_product()?, &format!("Tea No. {}", self.throw(1_000))),
            _ => self.begin(Some(self.somebody()?), &self.some_lines()).map(drop),
        }
    }

    fn throw(&self, most: u64) -> u64 {
        below(self.dice(), most)
    }

    fn place(&self, of: usize) -> usize {
        usize::try_from(self.throw(of as u64)).unwrap_or_default()
    }

    /// Any of the shop's customers.
    pub(super) fn somebody(&self) -> Result<u64, Refused> {
        let throw = self.throw(u64::MAX);
        self.books(|books| books.anybody(throw)).ok_or(Refused("the shop has no customers"))
    }

    /// One of any product, if there is one.
    pub(super) fn some_lines(&self) -> Vec<(u64, u32)> {
        let variants: Vec<_> = self.books(|books| {
            books.products().flat_map(|product| &product.variants).map(|variant| variant.id).collect()
        });
        variants.get(self.place(variants.len())).map(|variant| (*variant, 1)).into_iter().collect()
    }

    fn some_product(&self) -> Result<u64, Refused> {
        let products: Vec<_> = self.books(|books| books.products().map(|product| product.id).collect());
        products.get(self.place(products.len())).copied().ok_or(Refused("the shop has no products"))
    }

    /// Any order of anybody's.
    fn sold(&self) -> Result<u64, Refused> {
        for _ in 0..ASKED_MAX {
            let customer = self.somebody()?;
            let orders = self.books(|books| books.orders_of(customer));
            if let Some(order) = orders.get(self.place(orders.len())) {
                return Ok(order.id);
            }
        }
        Err(Refused("hardly anybody has bought anything"))
    }

    fn bought(&self, customer: u64, is_unpaid: bool) -> Result<(), Refused> {
        let lines = (0..=self.throw(3)).flat_map(|_| self.some_lines()).collect();
        self.buy(&Basket { customer: Some(customer), lines, is_unpaid, ..Basket::default() }).map(drop)
    }

    fn newcomer(&self) -> Newcomer {
        let name = hex(self.dice(), 8);
        Newcomer {
            first_name: Some("Neu".to_owned()),
            last_name: Some(name.clone()),
            email: Some(format!("neu.{name}@example.com")),
            email_consent: Some(self.consent_now()),
            ..Newcomer::default()
        }
    }

    fn telling(&self) -> Telling {
        let name = hex(self.dice(), 8);
        match self.throw(4) {
            0 => Telling { email: Some(format!("other.{name}@example.com")), ..Telling::default() },
            _ => Telling { last_name: Some(format!("Other-{name}")), ..Telling::default() },
        }
    }

    fn consent_now(&self) -> Consent {
        let at = Some(self.now());
        match self.throw(2) {
            0 => Consent { state: ConsentState::Subscribed, level: Some(OptInLevel::SingleOptIn), at },
            _ => Consent { state: ConsentState::Unsubscribed, level: None, at },
        }
    }

    /// All of it, or a little for nothing in particular.
    fn back(&self) -> Back {
        let amount = if self.throw(2) == 0 { 0 } else { 100 };
        Back { amount, ..Back::default() }
    }
}
