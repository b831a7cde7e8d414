//! Two customers who turn out to be one.
//!
//! Orders move a few at a time, each time in one commit that keeps both totals right; the last commit ends the one who
//! is merged. Whoever dies in between is taken up by whoever asks again.

use domain::{
    Customer, CustomerId, Minor, Order, ShopWords, Timestamp,
    customer::{CustomerKind, Opening, Totals},
    order::Contribution,
};
use std::collections::BTreeMap;
use store::{HeldCustomer, Orders, Step, StoreError, order_row};

use super::{
    Plan, Record,
    orders::{gained, too_much},
};
use crate::FlowError;

/// Three writes each, beneath the hundred of a transaction.
const ORDERS_AT_ONCE: usize = 25;

impl Record<'_> {
    /// `from` becomes part of `into`. The plan is the last commit; what comes before it is done.
    pub async fn customers_merged(
        &self,
        from: CustomerId,
        into: CustomerId,
    ) -> Result<Plan<Customer>, FlowError> {
        if from == into || from.is_walk_in() || into.is_walk_in() {
            let sentence =
                "two different customers are needed, neither of whom stands for passers-by".to_owned();
            return Err(FlowError::Conflict { code: "cannot_merge", sentence });
        }
        self.present(from).await?;
        self.whoever_merged(from, into, self.now()).await
    }

    /// As `customers_merged`, at that instant; the one may be erased already, and have orders still.
    pub(super) async fn whoever_merged(
        &self,
        from: CustomerId,
        into: CustomerId,
        at: Timestamp,
    ) -> Result<Plan<Customer>, FlowError> {
        while self.store.orders_of(from).await?.len() > ORDERS_AT_ONCE {
            self.done(|| self.some_moved(from, into, at)).await?;
        }
        let (from, into) = (self.unmerged(from).await?, self.present(into).await?);
        self.places_passed_on(&from, &into).await?;
        let orders = self.store.orders_of(from.id).await?;
        let (mut steps, mut lost, won, rows) = self.moving((&from, &into), &orders, at).await?;
        let mut won = won;
        if won.shop_words.totals_at.is_some_and(|counted_at| counted_at >= at) {
            // The shop has counted the two as one: what the other had beyond its orders is counted already.
            lost = lost.without_opening();
        }
        won.opening = Opening {
            orders: won.opening.orders.checked_add(lost.opening.orders).ok_or_else(much)?,
            spent: Minor::new(won.opening.spent.get() + lost.opening.spent.get()).map_err(|_| much())?,
        };
        won.shop_words.beyond = won.shop_words.beyond.plus(lost.shop_words.beyond);
        won.shop_words.totals_at = won.shop_words.totals_at.max(lost.shop_words.totals_at);
        won.totals.orders = won.totals.orders.checked_add(lost.opening.orders).ok_or_else(much)?;
        won.totals.spent = won.totals.spent.checked_add(lost.opening.spent.get()).ok_or_else(much)?;
        let won = enriched(won, &from).changed(&into, self.by, self.now());
        let mut gone = lost.clone().gone(CustomerKind::Merged(into.id), self.now());
        gone.opening = Opening::default();
        gone.totals = Totals::default();
        gone.shop_words = ShopWords::default();

        let (had_from, had_into) = (self.claims(&from).await?, self.claims(&into).await?);
        let has = self.claims(&won).await?;
        for address in had_from.difference(&has) {
            steps.push(self.store.address_left(address));
        }
        for address in has.difference(&had_into) {
            steps.push(self.store.address_passed_on(address, into.id));
        }
        let numbers = orders.iter().map(|order| (order.number, None)).collect();
        steps.push(self.store.customer_changed(&from, &gone, numbers));
        steps.push(self.store.customer_changed(&into, &won, rows));
        steps.push(self.store.merge_noted(into.id, from.id, self.now()));
        let slots = [gone.slot, won.slot];
        Ok(Plan::of(steps, won, &slots))
    }

    /// Whose orders are still their own.
    async fn unmerged(&self, id: CustomerId) -> Result<HeldCustomer, FlowError> {
        let held = self.store.customer_held(id).await?;
        let is_merged = |held: &HeldCustomer| matches!(held.kind, CustomerKind::Merged(_));
        held.filter(|held| !is_merged(held)).ok_or(FlowError::NotFound("customer"))
    }

    /// Some orders of the one become the other's.
    async fn some_moved(
        &self,
        from: CustomerId,
        into: CustomerId,
        at: Timestamp,
    ) -> Result<Plan<()>, FlowError> {
        let (from, into) = (self.unmerged(from).await?, self.present(into).await?);
        let orders = self.store.orders_of(from.id).await?;
        let some = &orders[..orders.len().min(ORDERS_AT_ONCE)];
        let (mut steps, lost, won, rows) = self.moving((&from, &into), some, at).await?;
        let numbers = some.iter().map(|order| (order.number, None)).collect();
        steps.push(self.store.customer_changed(&from, &lost, numbers));
        steps.push(self.store.customer_changed(&into, &won, rows));
        Ok(Plan::of(steps, (), &[lost.slot, won.slot]))
    }

    async fn moving(
        &self,
        (from, into): (&HeldCustomer, &HeldCustomer),
        orders: &[Order],
        at: Timestamp,
    ) -> Result<(Vec<Step>, Customer, Customer, Orders), FlowError> {
        let mut steps = Vec::new();
        let mut rows = Orders::new();
        let mut won = (**into).clone();
        for order in orders {
            // Deleted since the list was read: the plan is made again.
            let held = self.store.order(order.id).await?.ok_or(StoreError::Conflict(0))?;
            let moved = Order { customer: into.id, number: won.next_order, ..(*held).clone() };
            won = gained(&won, &moved)?;
            won.shown_of_count(at, moved.as_shop_counts());
            rows.insert(moved.number, Some(order_row(&moved)));
            steps.push(self.store.order_changed(&held, &moved));
        }
        let all = self.store.orders_of(from.id).await?;
        let mut left: BTreeMap<u32, _> = all.iter().map(|order| (order.number, order.part())).collect();
        for order in orders {
            left.remove(&order.number);
        }
        let totals = Totals::of(from.opening, left.into_values()).map_err(too_much)?;
        let mut lost = Customer { totals, ..(**from).clone() };
        for order in orders {
            let less = Contribution::default().less(order.as_shop_counts());
            lost.shown(less);
            lost.shown_of_count(at, less);
        }
        Ok((steps, lost, won, rows))
    }

    async fn claims(
        &self,
        of: &Customer,
    ) -> Result<std::collections::BTreeSet<store::AddressDigest>, FlowError> {
        self.digests(of.email.as_ref(), of.phone.as_ref()).await
    }
}

/// What only the other one knew. An address comes with what its person agreed to.
fn enriched(into: Customer, from: &Customer) -> Customer {
    let mut all = into;
    if all.email.is_none() {
        all.email.clone_from(&from.email);
        all.email_consent.clone_from(&from.email_consent);
        all.suppressed.email = from.suppressed.email;
    }
    if all.phone.is_none() {
        all.phone.clone_from(&from.phone);
        all.sms_consent.clone_from(&from.sms_consent);
        all.suppressed.sms = from.suppressed.sms;
    }
    all.first_name = all.first_name.or_else(|| from.first_name.clone());
    all.last_name = all.last_name.or_else(|| from.last_name.clone());
    all.language = all.language.or_else(|| from.language.clone());
    all.birthday = all.birthday.or(from.birthday);
    all.note = all.note.or_else(|| from.note.clone());
    if all.addresses.is_empty() {
        all.addresses.clone_from(&from.addresses);
    }
    if all.left_cart.as_ref().map(|cart| cart.at) < from.left_cart.as_ref().map(|cart| cart.at) {
        all.left_cart.clone_from(&from.left_cart);
    }
    all.account = all.account.or(from.account);
    all.declined = all.declined.or(from.declined);
    all.tags.extend(from.tags.iter().cloned());
    for (name, value) in &from.attributes {
        all.attributes.entry(name.clone()).or_insert_with(|| value.clone());
    }
    all.created_at = all.created_at.min(from.created_at);
    all
}

fn much() -> FlowError {
    too_much(domain::customer::TooMuch)
}
