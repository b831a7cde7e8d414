//! Baskets that were left behind: kept by their tokens, and noted with their customers.
//!
//! What is kept says what is so; `cart_agreed` makes the customer agree with it, whenever it comes and however often.
//!
//! That a checkout is deleted is told by the name of its cart. So the names that a basket bears are noted before it is
//! kept, and that a name has ended before any basket of it is: whoever comes later finds what the other has written.

use std::collections::BTreeSet;

use columns::ShardNumber;
use domain::{Cart, CartName, Customer, CustomerId, LeftCart, Timestamp, timeline::LeftBehind};
use store::{Held, Orders, Step};

use super::{Plan, Record};
use crate::FlowError;

/// Taken off, put down, and nothing more to do.
const STEPS_MAX: usize = 4;

/// What ways back are sealed for.
pub const WAY_BACK: &str = "way back";

impl Record<'_> {
    /// What the shop says of a checkout that was begun then: the newer word counts. Whether nothing was known of it.
    pub async fn cart_told(
        &self,
        token: &str,
        word: &Cart,
        begun_at: Timestamp,
    ) -> Result<Plan<bool>, FlowError> {
        let held = self.store.cart(token).await?;
        let before = held.as_deref().cloned().unwrap_or_default();
        let mut word = word.clone();
        if before.is_to_be_named(&word) {
            for name in &word.names {
                let ended_at = self.cart_named(name, token, begun_at, word.ends_at()).await?;
                word.ended_at = word.ended_at.or(ended_at);
            }
            word.named_at = word.updated_at;
        }
        let Some(cart) = before.told(word) else { return Ok(Plan::late(false)) };
        let is_news = !cart.is_but_named(&before);
        let kept = self.cart_kept(token, held.as_ref(), &cart).map(|()| held.is_none());
        Ok(Plan { is_change: kept.is_change && is_news, ..kept })
    }

    /// It bears this name, too. When what was there by then has ended, if it has.
    async fn cart_named(
        &self,
        name: &CartName,
        token: &str,
        begun_at: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Timestamp>, FlowError> {
        let noted = || async {
            let held = self.store.namesakes(name).await?;
            let before = held.as_deref().cloned().unwrap_or_default();
            let all = before.with(token, begun_at, until);
            let ended_at = all.end_of(begun_at);
            if all == before {
                return Ok(Plan::nothing(ended_at));
            }
            Ok(Plan::of(vec![self.store.namesakes_kept(name, held.as_ref(), &all)], ended_at, &[]))
        };
        Ok(self.done(noted).await?.outcome)
    }

    /// Whatever bore one of these names by then has ended, and so has what bears this token.
    pub async fn carts_gone(
        &self,
        token: Option<String>,
        names: &BTreeSet<CartName>,
        at: Timestamp,
    ) -> Result<Plan<()>, FlowError> {
        let mut all = Plan::nothing(());
        let mut tokens: BTreeSet<String> = token.into_iter().collect();
        for name in names {
            let ended = self.done(|| self.name_ended(name, at)).await?;
            all.is_change |= ended.is_change;
            tokens.extend(ended.outcome);
        }
        for token in tokens {
            all.is_change |= self.done(|| self.cart_ended(&token, at)).await?.is_change;
            all.shards.extend(self.cart_agreed(&token).await?);
        }
        Ok(all)
    }

    /// No word of before makes a basket of that name. The tokens of those that there are.
    pub(super) async fn name_ended(
        &self,
        name: &CartName,
        at: Timestamp,
    ) -> Result<Plan<BTreeSet<String>>, FlowError> {
        let held = self.store.namesakes(name).await?;
        let before = held.as_deref().cloned().unwrap_or_default();
        let all = before.ended(at);
        if all == before {
            return Ok(Plan::nothing(all.gone()));
        }
        Ok(Plan::of(vec![self.store.namesakes_kept(name, held.as_ref(), &all)], all.gone(), &[]))
    }

    /// It has become an order, or is gone. One that was never told ends, too: no word of before opens it again.
    pub async fn cart_ended(&self, token: &str, at: Timestamp) -> Result<Plan<()>, FlowError> {
        let held = self.store.cart(token).await?;
        let cart = held.as_deref().cloned().unwrap_or_default().ended(at);
        Ok(self.cart_kept(token, held.as_ref(), &cart))
    }

    fn cart_kept(&self, token: &str, held: Option<&Held<Cart>>, cart: &Cart) -> Plan<()> {
        if held.is_some_and(|held| **held == *cart) {
            return Plan::nothing(());
        }
        Plan::of(vec![self.store.cart_kept(token, held, cart, cart.due_at(self.now()))], (), &[])
    }

    /// Makes the customer agree with what is kept of a basket. Answers where rows of the audience have changed.
    pub async fn cart_agreed(&self, token: &str) -> Result<Vec<ShardNumber>, FlowError> {
        let mut shards = Vec::new();
        for _ in 0..STEPS_MAX {
            let step = self.done(|| self.cart_settled(token)).await?;
            shards.extend(step.shards);
            if !step.is_change {
                break;
            }
        }
        Ok(shards)
    }

    /// One step of it.
    async fn cart_settled(&self, token: &str) -> Result<Plan<()>, FlowError> {
        let Some(held) = self.store.cart(token).await? else { return Ok(Plan::nothing(())) };
        let left = held.left(self.now());
        match held.noted {
            Some(noted) if left != Some(noted) => self.cart_taken_off(token, &held, noted).await,
            Some(_) => Ok(Plan::nothing(())),
            None => match left {
                Some((customer, at)) => self.cart_put_down(token, &held, customer, at).await,
                None => Ok(Plan::nothing(())),
            },
        }
    }

    async fn cart_put_down(
        &self,
        token: &str,
        held: &Held<Cart>,
        customer: CustomerId,
        at: Timestamp,
    ) -> Result<Plan<()>, FlowError> {
        let whose = match self.present_or_heir(customer).await {
            Ok(whose) => whose,
            Err(FlowError::NotFound(_)) => {
                // Nobody any more.
                let cart = Cart { customer: None, way_back: None, ..(**held).clone() };
                return Ok(Plan::of(vec![self.store.cart_kept(token, Some(held), &cart, None)], (), &[]));
            }
            Err(error) => return Err(error),
        };
        let cart = Cart {
            noted: Some((whose.id, at)),
            customer: Some(whose.id),
            way_back: None,
            ..(**held).clone()
        };
        let left = LeftBehind { total: held.total, way_back: held.way_back.clone() };
        let mut steps: Vec<Step> = vec![
            self.store.cart_kept(token, Some(held), &cart, None),
            self.store.cart_noted(whose.id, at, token, &left),
        ];
        let last = LeftCart { token: token.to_owned(), at };
        if whose.left_cart.as_ref().is_none_or(|known| known.at <= at) {
            let customer = Customer { left_cart: Some(last), ..(*whose).clone() };
            steps.push(self.store.customer_changed(&whose, &customer, Orders::new()));
        }
        Ok(Plan::of(steps, (), &[whose.slot]))
    }

    async fn cart_taken_off(
        &self,
        token: &str,
        held: &Held<Cart>,
        (customer, at): (CustomerId, Timestamp),
    ) -> Result<Plan<()>, FlowError> {
        let cart = Cart { noted: None, ..(**held).clone() };
        let mut steps: Vec<Step> = vec![
            self.store.cart_kept(token, Some(held), &cart, cart.due_at(self.now())),
            self.store.cart_cleared(customer, at, token),
        ];
        let mut slots = Vec::new();
        match self.present_or_heir(customer).await {
            Ok(whose) if whose.left_cart.as_ref().is_some_and(|last| last.token == token) => {
                let customer = Customer { left_cart: None, ..(*whose).clone() };
                steps.push(self.store.customer_changed(&whose, &customer, Orders::new()));
                slots.push(whose.slot);
            }
            Ok(_) | Err(FlowError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        Ok(Plan::of(steps, (), &slots))
    }
}
