//! Orders as their shop tells of them, each together with its customer: the newer word counts, whichever comes first.
//!
//! An order that is deleted stays so. One that comes before its customer makes them; one of somebody who is gone is
//! theirs still, as a figure without words.

use std::collections::BTreeSet;

use domain::{
    Beside, CartName, Customer, CustomerId, Order, OrderId, Thing, Timestamp, cart::QUIET,
    customer::CustomerKind, order::Contribution,
};
use store::{HeldCustomer, HeldOrder, OrderFound, OrderPlace, Orders, Step, order_row};

use super::{Plan, Record, Whose, Word, orders::gained};
use crate::FlowError;

/// What the shop says of an order.
#[derive(Clone, Copy)]
pub struct OrderWord<'a> {
    /// All of it, as a new one would be kept.
    pub order: &'a Order,
    /// What it comes to beside one that is here.
    pub tell: &'a (dyn Fn(&Order) -> Beside<Order> + Send + Sync),
    pub bought: &'a Bought<'a>,
    /// The token of the checkout that it came of.
    pub checkout: Option<&'a str>,
    /// The cart that this was made of.
    pub cart: Option<&'a CartName>,
}

/// By whom.
pub enum Bought<'a> {
    By(Word<'a>),
    /// The shop names nobody.
    From(Whose),
}

impl Record<'_> {
    /// The order as the shop tells of it, with what it says of its customer. `None`: it was deleted.
    pub async fn order_told(&self, told: &OrderWord<'_>) -> Result<Plan<Option<Order>>, FlowError> {
        let Bought::By(word) = told.bought else {
            return self.done(|| self.order_telling(told, None)).await;
        };
        let done = Box::pin(self.with_way_made(word, || self.order_telling(told, Some(word)))).await?;
        match &done.outcome {
            None => Ok(self.customer_told(word).await?.map(|_| None)),
            Some(order) if order.customer == word.id || order.updated_at > told.order.updated_at => Ok(done),
            Some(order) if done.undecided.contains(&Thing::Order(order.id)) => Ok(done),
            Some(_) => Box::pin(self.given(done, word, told.order.updated_at)).await,
        }
    }

    /// The shop knows by now whose it is: it was somebody's of whom there is only an address, or nobody's.
    async fn given(
        &self,
        mut done: Plan<Option<Order>>,
        word: &Word<'_>,
        since: Timestamp,
    ) -> Result<Plan<Option<Order>>, FlowError> {
        let known = self.customer_told(word).await?;
        done.undecided.extend(known.undecided);
        done.unknown = known.unknown;
        done.is_change |= known.is_change;
        done.shards.extend(known.shards);
        let Some(id) = done.outcome.as_ref().map(|order| order.id) else { return Ok(done) };
        match self.done(|| self.order_moved_since(id, word.id, Some(since))).await {
            // They, or the order, are gone by now.
            Err(FlowError::NotFound(_)) => Ok(done),
            moved => {
                let moved = moved?;
                done.is_change |= moved.is_change;
                done.shards.extend(moved.shards);
                Ok(Plan { outcome: Some(moved.outcome.order), ..done })
            }
        }
    }

    async fn order_telling(
        &self,
        told: &OrderWord<'_>,
        word: Option<&Word<'_>>,
    ) -> Result<Plan<Option<Order>>, FlowError> {
        match (self.store.order_found(told.order.id).await?, told.bought) {
            (OrderFound::Here(held), _) => self.order_here(told, word, &held).await,
            (OrderFound::Gone, _) => {
                self.cart_paid(told).await?;
                Ok(Plan::late(None))
            }
            (OrderFound::Never, Bought::By(word)) => {
                self.cart_paid(told).await?;
                self.order_new(told.order, word).await
            }
            (OrderFound::Never, Bought::From(whose)) => {
                self.cart_paid(told).await?;
                let made = self.order_made(told.order.clone(), whose).await?;
                Ok(made.map(|sold| Some(sold.order)))
            }
        }
    }

    /// Before the order is kept: who dies between the two does both again. By itself it costs half.
    ///
    /// Nothing is left in a cart that was paid for: where the order does not say of which checkout it came, all that were
    /// made of it are over.
    async fn cart_paid(&self, told: &OrderWord<'_>) -> Result<(), FlowError> {
        let at = told.order.placed_at;
        match (told.checkout, told.cart) {
            (Some(token), _) => Ok(self.store.commit(self.cart_ended(token, at).await?.steps).await?),
            (None, Some(cart)) => self.cart_name_ended(cart, at).await,
            (None, None) => Ok(()),
        }
    }

    async fn order_here(
        &self,
        told: &OrderWord<'_>,
        word: Option<&Word<'_>>,
        held: &HeldOrder,
    ) -> Result<Plan<Option<Order>>, FlowError> {
        let (order, is_twin) = match (told.tell)(held) {
            Beside::Counts(order) => (order, false),
            Beside::Undecided(order) => (order, true),
            Beside::Late => ((**held).clone(), false),
        };
        let whose = self.owner(held).await?;
        if may_be_unpaid(told.order, &whose) {
            self.cart_paid(told).await?;
        }
        let is_forgotten =
            matches!(told.bought, Bought::From(of) if whose.id.is_walk_in() && of.has_an_address());
        let is_wordless = is_forgotten || whose.kind == CustomerKind::Erased;
        let kept = |order: Order| Order { note: order.note.filter(|_| !is_wordless), ..order };
        let mut order = kept(order);
        let mut undecided = BTreeSet::new();
        if is_twin {
            if order != **held || self.is_another(word, &whose).await? {
                undecided.insert(Thing::Order(order.id));
            }
            order = kept((**held).clone());
        }
        let (customer, mut steps) = match word.filter(|word| word.id == whose.id && !whose.is_gone()) {
            Some(word) => {
                undecided.extend(word.undecided(&whose)?);
                self.told_by(word, &whose).await?
            }
            None => ((*whose).clone(), Vec::new()),
        };
        let is_new = order != **held;
        if !is_new && customer == *whose {
            let is_late = told.order.updated_at < held.updated_at;
            let nothing = Plan::nothing(Some(order)).about(&customer);
            return Ok(Plan { is_late, ..nothing }.undecided(undecided));
        }
        let mut rows = Orders::new();
        let customer = if is_new {
            self.in_its_currency(&whose)?;
            rows.insert(order.number, Some(order_row(&order)));
            steps.insert(0, self.store.order_changed(held, &order));
            self.moved_to(&whose, (held, &order), customer).await?
        } else {
            customer
        };
        steps.push(self.store.customer_changed(&whose, &customer, rows));
        let slot = customer.slot;
        Ok(Plan::of(steps, Some(order), &[slot]).about(&customer).undecided(undecided))
    }

    /// Whether it is by somebody else than the one of the shop's whose it is.
    async fn is_another(&self, word: Option<&Word<'_>>, whose: &Customer) -> Result<bool, FlowError> {
        let is_shops = matches!(whose.id, CustomerId::Shopify(_));
        let Some(word) = word.filter(|word| is_shops && word.id != whose.id) else { return Ok(false) };
        Ok(self.buyer_or_heir(word.id).await?.is_none_or(|heir| heir.id != whose.id))
    }

    async fn order_new(&self, order: &Order, word: &Word<'_>) -> Result<Plan<Option<Order>>, FlowError> {
        let Some(held) = self.buyer_or_heir(word.id).await? else {
            let mut order = Order { customer: word.id, number: 1, ..order.clone() };
            let first = |customer: &mut Customer| {
                (word.tell)(customer)?;
                *customer = gained(customer, &order)?;
                Ok(())
            };
            let rows = Orders::from([(order.number, Some(order_row(&order)))]);
            let (customer, mut steps) = self.new_by(&Word { tell: &first, ..*word }, rows).await?;
            order.customer = customer.id;
            steps.insert(0, self.store.order_made(&order));
            let slot = customer.slot;
            // Their order tells a part of them.
            let unknown = Some(Thing::Customer(customer.id));
            return Ok(Plan { unknown, ..Plan::of(steps, Some(order), &[slot]) });
        };
        self.in_its_currency(&held)?;
        let (customer, mut steps, undecided): (Customer, Vec<Step>, _) =
            if held.id == word.id && !held.is_gone() {
                let (customer, steps) = self.told_by(word, &held).await?;
                (customer, steps, word.undecided(&held)?)
            } else {
                ((*held).clone(), Vec::new(), None)
            };
        let mut order = Order { customer: held.id, number: held.next_order, ..order.clone() };
        if held.kind == CustomerKind::Erased {
            order.note = None;
        }
        let mut customer = gained(&customer, &order)?;
        customer.shown_of_count(order.placed_at, order.as_shop_counts());
        let rows = Orders::from([(order.number, Some(order_row(&order)))]);
        steps.insert(0, self.store.order_made(&order));
        steps.insert(1, self.store.customer_changed(&held, &customer, rows));
        let slot = customer.slot;
        Ok(Plan::of(steps, Some(order), &[slot]).about(&customer).undecided(undecided))
    }

    /// What an order's change makes of its customer, who may have been told anew with it: what the shop counted moves when
    /// the shop counts again.
    async fn moved_to(
        &self,
        whose: &HeldCustomer,
        (before, after): (&Order, &Order),
        told: Customer,
    ) -> Result<Customer, FlowError> {
        let moved = self.moved(whose, before, Some(after)).await?;
        let mut customer = Customer { totals: moved.totals, ..told };
        customer.shop_words.shown = moved.shop_words.shown;
        customer.shown_of_count(after.updated_at, after.as_shop_counts().less(before.as_shop_counts()));
        Ok(customer)
    }

    /// Also somebody who is gone: what they bought is theirs still. `None`: nobody knows them yet.
    async fn buyer_or_heir(&self, id: CustomerId) -> Result<Option<HeldCustomer>, FlowError> {
        let Some(held) = self.store.customer_held(id).await? else { return Ok(None) };
        if !held.is_gone() {
            return Ok(Some(held));
        }
        match self.present_or_heir(id).await {
            Ok(heir) => Ok(Some(heir)),
            Err(FlowError::NotFound(_)) => Ok(Some(held)),
            Err(error) => Err(error),
        }
    }

    /// The shop has deleted it, at that instant: no word of before brings it back.
    pub async fn order_gone(&self, id: OrderId, at: Timestamp) -> Result<Plan<()>, FlowError> {
        match self.store.order_place(id).await? {
            None => Ok(Plan::of(vec![self.store.order_never(id)], (), &[])),
            Some(place) if *place == OrderPlace::Gone => Ok(Plan::nothing(())),
            Some(_) => {
                let Some(held) = self.store.order(id).await? else { return Ok(Plan::nothing(())) };
                let gone = |customer: &mut Customer| {
                    let less = Contribution::default().less(held.as_shop_counts());
                    customer.shown_of_count(at, less);
                };
                Ok(self.order_lost(&held, gone).await?.map(drop))
            }
        }
    }
}

/// Whether its basket may be open though the order is here: a shop that is asked for an order does not tell its checkout.
/// Words of the first hour are looked at, which may come before any about the basket, and later ones of somebody who has
/// left a basket behind. No other word costs that read.
fn may_be_unpaid(told: &Order, whose: &Customer) -> bool {
    whose.left_cart.is_some() || told.updated_at.duration_since(told.placed_at) < QUIET
}
