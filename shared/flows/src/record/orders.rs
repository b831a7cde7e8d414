//! Orders made, changed, moved, deleted: each time together with the customer whose totals they move.

use domain::{
    Customer, CustomerId, EmailAddress, Order, OrderId, Phone, Timestamp,
    customer::{CustomerKind, Moved, Totals},
    order::Contribution,
};
use std::collections::{BTreeMap, BTreeSet};
use store::{
    AddressDigest, BroughtBy, HeldCustomer, HeldOrder, OrderPlace, Orders, Step, StoreError, order_row,
};

use super::{Plan, Record, Sold, addresses::Berth, looked_at_again};
use crate::FlowError;

/// Who bought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Customer(CustomerId),
    /// Whoever has one of these addresses; if nobody has, a guest is made.
    Address {
        email: Option<EmailAddress>,
        phone: Option<Phone>,
    },
    /// Whoever has this address when the order is kept, or is just being stored with it; of nobody's, the order is refused.
    Known(EmailAddress),
    /// They left no address.
    Nobody,
}

impl Whose {
    /// Who has one is nobody only if they have been forgotten.
    pub(super) fn has_an_address(&self) -> bool {
        match self {
            Self::Address { email, phone } => email.is_some() || phone.is_some(),
            Self::Known(_) => true,
            Self::Customer(_) | Self::Nobody => false,
        }
    }
}

/// The customer of a new order.
enum Buyer {
    Known(Box<HeldCustomer>),
    /// With the steps that they need beside their own.
    New(Box<Customer>, Vec<Step>),
}

impl Record<'_> {
    /// A new order. Its customer and its number among theirs are found here, whatever it says.
    pub async fn order_made(&self, order: Order, whose: &Whose) -> Result<Plan<Sold>, FlowError> {
        self.order_brought(order, whose, None).await
    }

    /// The same, of which is remembered which row of which file it is from.
    pub async fn order_brought(
        &self,
        order: Order,
        whose: &Whose,
        by: Option<BroughtBy>,
    ) -> Result<Plan<Sold>, FlowError> {
        if let Some(place) = self.store.order_place(order.id).await? {
            return Err(match *place {
                OrderPlace::With(..) => exists(order.id),
                OrderPlace::Gone => FlowError::Conflict {
                    code: "order_deleted",
                    sentence: format!("order {} was deleted", order.id),
                },
            });
        }
        let (buyer, held, mut steps) = match self.buyer(&order, whose).await? {
            Buyer::Known(held) => {
                self.in_its_currency(&held)?;
                ((**held).clone(), Some(held), Vec::new())
            }
            Buyer::New(customer, steps) => (*customer, None, steps),
        };
        let mut order = Order { customer: buyer.id, number: buyer.next_order, ..order };
        if buyer.id.is_walk_in() && whose.has_an_address() {
            // Of somebody who has been forgotten: a figure.
            order.note = None;
        }
        let customer = gained(&buyer, &order)?;
        let rows = Orders::from([(order.number, Some(order_row(&order)))]);
        steps.insert(0, self.store.order_brought(&order, by));
        steps.insert(
            1,
            match &held {
                Some(held) => self.store.customer_changed(held, &customer, rows),
                None => self.store.customer_made(&customer, rows),
            },
        );
        let slot = customer.slot;
        Ok(Plan::of(steps, Sold { order, customer }, &[slot]))
    }

    async fn buyer(&self, order: &Order, whose: &Whose) -> Result<Buyer, FlowError> {
        match whose {
            Whose::Customer(id) => Ok(Buyer::Known(Box::new(self.present_or_heir(*id).await?))),
            Whose::Known(email) => {
                let digests = self.digests(Some(email), None).await?;
                // Of one look: between two it may be given up, and would make a guest.
                match self.berth(&digests, self.new_customer()).await? {
                    Berth::Free(_, unclaimed) if !unclaimed.is_empty() => {
                        Err(FlowError::NotFound("customer"))
                    }
                    berth => self.buyer_in(berth, order, &digests, (Some(email), None)).await,
                }
            }
            Whose::Address { email: None, phone: None } | Whose::Nobody => self.passer_by(order).await,
            Whose::Address { email, phone } => {
                let digests = self.digests(email.as_ref(), phone.as_ref()).await?;
                let berth = self.berth(&digests, self.new_customer()).await?;
                self.buyer_in(berth, order, &digests, (email.as_ref(), phone.as_ref())).await
            }
        }
    }

    async fn passer_by(&self, order: &Order) -> Result<Buyer, FlowError> {
        let id = CustomerId::walk_in(order.id);
        if let Some(held) = self.store.customer_held(id).await? {
            return Ok(Buyer::Known(Box::new(held)));
        }
        let walk_in = self.nobody_yet(id, CustomerKind::WalkIn).await?;
        Ok(Buyer::New(Box::new(walk_in), Vec::new()))
    }

    /// Whoever has one of these addresses, or a guest: unless it was placed before whose the address was had been forgotten.
    async fn buyer_in(
        &self,
        berth: Berth,
        order: &Order,
        digests: &BTreeSet<AddressDigest>,
        (email, phone): (Option<&EmailAddress>, Option<&Phone>),
    ) -> Result<Buyer, FlowError> {
        match berth {
            // They had it when it was asked whose it is.
            Berth::Taken(_, held) if held.is_gone() => {
                let heir = self.present_or_heir(held.id).await.map_err(looked_at_again)?;
                Ok(Buyer::Known(Box::new(heir)))
            }
            Berth::Taken(_, held) => Ok(Buyer::Known(held)),
            Berth::Free(..) if self.is_forgotten(digests, order.placed_at).await? => {
                self.passer_by(order).await
            }
            Berth::Free(id, free) => {
                let guest = self.nobody_yet(id, CustomerKind::Guest).await?;
                let mut guest = Customer { email: email.cloned(), phone: phone.cloned(), ..guest };
                self.looked_up(None, &mut guest).await?;
                let claims = free.iter().map(|address| self.store.address_claimed(address, id)).collect();
                Ok(Buyer::New(Box::new(guest), claims))
            }
        }
    }

    async fn nobody_yet(&self, id: CustomerId, kind: CustomerKind) -> Result<Customer, FlowError> {
        let slot = self.slot_taken().await?;
        Ok(Customer::new(id, slot.0, kind, self.now()))
    }

    /// The order as told; it stays with its customer.
    pub async fn order_changed(
        &self,
        id: OrderId,
        told: impl Fn(&mut Order) -> Result<(), FlowError>,
    ) -> Result<Plan<Sold>, FlowError> {
        let held = self.order(id).await?;
        let mut order = (*held).clone();
        told(&mut order)?;
        let order = Order { id, customer: held.customer, number: held.number, ..order };
        let whose = self.owner(&held).await?;
        if order == *held {
            return Ok(Plan::nothing(Sold { order, customer: (*whose).clone() }));
        }
        self.in_its_currency(&whose)?;
        let customer = self.moved(&whose, &held, Some(&order)).await?;
        let rows = Orders::from([(order.number, Some(order_row(&order)))]);
        let steps = vec![
            self.store.order_changed(&held, &order),
            self.store.customer_changed(&whose, &customer, rows),
        ];
        let slot = customer.slot;
        Ok(Plan::of(steps, Sold { order, customer }, &[slot]))
    }

    /// The order now belongs to somebody else.
    pub async fn order_moved(&self, id: OrderId, to: CustomerId) -> Result<Plan<Sold>, FlowError> {
        self.order_moved_since(id, to, None).await
    }

    /// The same, as it is in the shop since that instant, if it is: who was counted then was counted with it, or without.
    pub(super) async fn order_moved_since(
        &self,
        id: OrderId,
        to: CustomerId,
        since: Option<Timestamp>,
    ) -> Result<Plan<Sold>, FlowError> {
        let held = self.order(id).await?;
        let from = self.owner(&held).await?;
        let to = self.present_or_heir(to).await?;
        if to.id == from.id {
            return Ok(Plan::nothing(Sold { order: (*held).clone(), customer: (*to).clone() }));
        }
        let order = Order { customer: to.id, number: to.next_order, ..(*held).clone() };
        let mut lost = self.moved(&from, &held, None).await?;
        let mut won = gained(&to, &order)?;
        if let Some(since) = since {
            lost.shown_of_count(since, Contribution::default().less(order.as_shop_counts()));
            won.shown_of_count(since, order.as_shop_counts());
        }
        let steps = vec![
            self.store.order_changed(&held, &order),
            self.store.customer_changed(&from, &lost, Orders::from([(held.number, None)])),
            self.store.customer_changed(&to, &won, Orders::from([(order.number, Some(order_row(&order)))])),
        ];
        let slots = [lost.slot, won.slot];
        Ok(Plan::of(steps, Sold { order, customer: won }, &slots))
    }

    /// The order was never there, as far as its customer's totals care.
    pub async fn order_ended(&self, id: OrderId) -> Result<Plan<Customer>, FlowError> {
        let held = self.order(id).await?;
        self.order_lost(&held, |_| {}).await
    }

    /// Its customer has it no more, and is changed by that.
    pub(super) async fn order_lost(
        &self,
        held: &HeldOrder,
        change: impl Fn(&mut Customer),
    ) -> Result<Plan<Customer>, FlowError> {
        let whose = self.owner(held).await?;
        let mut customer = self.moved(&whose, held, None).await?;
        change(&mut customer);
        let steps = vec![
            self.store.order_ended(held),
            self.store.customer_changed(&whose, &customer, Orders::from([(held.number, None)])),
        ];
        let slot = customer.slot;
        Ok(Plan::of(steps, customer, &[slot]))
    }

    pub(super) async fn order(&self, id: OrderId) -> Result<HeldOrder, FlowError> {
        self.store.order(id).await?.ok_or(FlowError::NotFound("order"))
    }

    /// Also somebody who is gone: their orders may still change.
    pub(super) async fn owner(&self, order: &Order) -> Result<HeldCustomer, FlowError> {
        let owner = self.store.customer_held(order.customer).await?;
        owner.ok_or_else(|| StoreError::Broken("an order of nobody's".into()).into())
    }

    /// The customer after one of their orders changed or left.
    pub(super) async fn moved(
        &self,
        whose: &HeldCustomer,
        before: &Order,
        after: Option<&Order>,
    ) -> Result<Customer, FlowError> {
        let moved = Moved { before: Some(before.part()), after: after.map(Order::part) };
        let totals = if let Some(totals) = whose.totals.moved(&moved).map_err(too_much)? {
            totals
        } else {
            // The customer's version guards what is read here, too: orders change only with it.
            let orders = self.store.orders_of(whose.id).await?;
            let mut parts: BTreeMap<u32, _> =
                orders.iter().map(|order| (order.number, order.part())).collect();
            parts.remove(&before.number);
            let parts = parts.into_values().chain(after.map(Order::part));
            Totals::of(whose.opening, parts).map_err(too_much)?
        };
        let mut customer = Customer { totals, ..(**whose).clone() };
        let after = after.map(Order::as_shop_counts).unwrap_or_default();
        customer.shown(after.less(before.as_shop_counts()));
        Ok(customer)
    }
}

/// The customer with one more order, which bears their next number.
pub(super) fn gained(whose: &Customer, order: &Order) -> Result<Customer, FlowError> {
    let moved = Moved { before: None, after: Some(order.part()) };
    // Nothing leaves, so that no end of the history is lost.
    let totals = whose.totals.moved(&moved).map_err(too_much)?.unwrap_or(whose.totals);
    let mut customer = Customer { totals, next_order: order.number + 1, ..whose.clone() };
    customer.shown(order.as_shop_counts());
    Ok(customer)
}

pub(super) fn too_much(error: domain::customer::TooMuch) -> FlowError {
    FlowError::Conflict { code: "too_much", sentence: error.to_string() }
}

fn exists(id: OrderId) -> FlowError {
    FlowError::Conflict { code: "order_exists", sentence: format!("there is an order {id} already") }
}
