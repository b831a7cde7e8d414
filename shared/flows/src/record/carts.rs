//! Baskets that were left behind: kept by their tokens, and noted with their customers.
//!
//! What is kept says what is so; `cart_agreed` makes the customer agree with it, whenever it comes and however often.
//!
//! That a checkout is deleted is told by the name of its cart. So the names that a basket bears are noted before it is
//! kept, and what is said of a name before any basket of it agrees; and each basket is kept only if what its names say is
//! still what it was kept by. So whoever comes later finds what the other has written, whatever the order.

use std::collections::BTreeSet;

use columns::ShardNumber;
use domain::{Cart, CartName, Customer, CustomerId, LeftCart, Namesakes, Timestamp, timeline::LeftBehind};
use store::{Held, Orders, Step};

use super::{Plan, Record};
use crate::FlowError;

/// Taken off, put down, and nothing more to do.
const STEPS_MAX: usize = 4;

/// What ways back are sealed for.
pub const WAY_BACK: &str = "way back";

/// What a word about a basket comes to.
struct Told {
    is_new: bool,
    /// The tokens of others that its names may mean no more, or mean now.
    others: BTreeSet<String>,
}

impl Record<'_> {
    /// What the shop says of a checkout: the newer word counts. Whether nothing was known of it.
    pub async fn cart_told(&self, token: &str, word: &Cart) -> Result<Plan<bool>, FlowError> {
        let mut kept = self.done(|| self.cart_telling(token, word)).await?;
        let others = std::mem::take(&mut kept.outcome.others);
        for token in others.iter().map(String::as_str).chain([token]) {
            kept.shards.extend(self.cart_agreed(token).await?);
        }
        Ok(kept.map(|told| told.is_new))
    }

    async fn cart_telling(&self, token: &str, word: &Cart) -> Result<Plan<Told>, FlowError> {
        let held = self.store.cart(token).await?;
        let before = held.as_deref().cloned().unwrap_or_default();
        let is_to_be_named = before.is_to_be_named(word);
        let word = if is_to_be_named { before.naming(word.clone()) } else { word.clone() };
        let mut told = Told { is_new: held.is_none(), others: BTreeSet::new() };
        if is_to_be_named {
            for name in &word.names {
                told.others.extend(self.cart_named(name, token, &word).await?);
            }
            told.others.remove(token);
            // Before its own names are known: who dies on the way does all of it again.
            for other in &told.others {
                self.done(|| self.cart_as_named(other)).await?;
            }
        }
        let Some(cart) = before.told(word) else { return Ok(Plan::late(Told { is_new: false, ..told })) };
        let (cart, still) = if is_to_be_named { self.as_named(cart).await? } else { (cart, Vec::new()) };
        let is_news = !cart.is_but_named(&before);
        let mut kept = self.cart_kept(token, held.as_ref(), &cart).map(|()| told);
        if kept.is_change {
            kept.steps.extend(still);
        }
        Ok(Plan { is_change: kept.is_change && is_news, ..kept })
    }

    /// It bears this name, too. The tokens of all that do, or bear what that is known to name as well.
    async fn cart_named(
        &self,
        name: &CartName,
        token: &str,
        word: &Cart,
    ) -> Result<BTreeSet<String>, FlowError> {
        let Some(begun) = word.begun() else { return Ok(BTreeSet::new()) };
        let noted = self.name_told(name, |all| all.with(token, begun, word.named_until())).await?.outcome;
        let mut tokens = noted.tokens();
        if let CartName::Checkout(number) = name {
            for cart in noted.carts {
                let known = |all: &Namesakes| all.known(*number, word.named_until());
                let of_cart = self.name_told(&CartName::Cart(cart), known).await?;
                tokens.extend(of_cart.outcome.tokens());
            }
        }
        Ok(tokens)
    }

    /// What bears this token has ended. Without one: what bears the number; and if nobody knows what does, whatever was made
    /// of that cart by then, as it may be any of it.
    pub async fn carts_gone(
        &self,
        token: Option<String>,
        names: &BTreeSet<CartName>,
        at: Timestamp,
    ) -> Result<Plan<()>, FlowError> {
        let (mut all, mut bearers) = (Plan::nothing(()), BTreeSet::new());
        if let Some(token) = &token {
            all.is_change |= self.done(|| self.cart_ended(token, at)).await?.is_change;
        } else {
            for told in self.names_ended(names, at).await? {
                all.is_change |= told.is_change;
                bearers.extend(told.outcome.tokens());
            }
        }
        for token in &bearers {
            all.is_change |= self.done(|| self.cart_as_named(token)).await?.is_change;
        }
        for token in bearers.into_iter().chain(token) {
            all.shards.extend(self.cart_agreed(&token).await?);
        }
        Ok(all)
    }

    /// First the number: whether anybody knows it decides what the cart's name means.
    async fn names_ended(
        &self,
        names: &BTreeSet<CartName>,
        at: Timestamp,
    ) -> Result<Vec<Plan<Namesakes>>, FlowError> {
        let number = names.iter().find_map(|name| match name {
            CartName::Checkout(number) => Some(*number),
            CartName::Cart(_) => None,
        });
        let carts = names.iter().filter_map(|name| match name {
            CartName::Cart(cart) => Some(cart.as_str()),
            CartName::Checkout(_) => None,
        });
        let (mut all, mut is_known) = (Vec::new(), false);
        if let Some(number) = number {
            let linked = |all: &Namesakes| carts.clone().fold(all.ended(at), |all, cart| all.of_cart(cart));
            let told = self.name_told(&CartName::Checkout(number), linked).await?;
            is_known = !told.outcome.begun.is_empty();
            all.push(told);
        }
        for cart in carts {
            let ended = |all: &Namesakes| match number {
                Some(number) => all.ended_by_number(number, at, is_known),
                None => all.ended(at),
            };
            all.push(self.name_told(&CartName::Cart(cart.to_owned()), ended).await?);
        }
        Ok(all)
    }

    /// All that were made of that cart by then have ended.
    pub(super) async fn cart_name_ended(&self, cart: &CartName, at: Timestamp) -> Result<(), FlowError> {
        let named = self.name_told(cart, |all| all.ended(at)).await?.outcome;
        for token in named.tokens() {
            self.done(|| self.cart_as_named(&token)).await?;
        }
        Ok(())
    }

    /// What is known by a name, after that was told of it.
    async fn name_told(
        &self,
        name: &CartName,
        told: impl Fn(&Namesakes) -> Namesakes,
    ) -> Result<Plan<Namesakes>, FlowError> {
        let noted = || async {
            let held = self.store.namesakes(name).await?;
            let before = held.as_deref().cloned().unwrap_or_default();
            let all = told(&before);
            if all == before {
                return Ok(Plan::nothing(all));
            }
            Ok(Plan::of(vec![self.store.namesakes_kept(name, held.as_ref(), &all)], all, &[]))
        };
        self.done(noted).await
    }

    /// It has ended, or has not, as its names say by now.
    async fn cart_as_named(&self, token: &str) -> Result<Plan<()>, FlowError> {
        // Whoever is about to keep it finds what its names say.
        let Some(held) = self.store.cart(token).await? else { return Ok(Plan::nothing(())) };
        let (cart, still) = self.as_named((*held).clone()).await?;
        let mut kept = self.cart_kept(token, Some(&held), &cart);
        if kept.is_change {
            kept.steps.extend(still);
        }
        Ok(kept)
    }

    /// With what its names say, and the steps that hold only if they say so still.
    async fn as_named(&self, cart: Cart) -> Result<(Cart, Vec<Step>), FlowError> {
        let Some(begun) = cart.begun() else { return Ok((cart, Vec::new())) };
        let (mut ended_with, mut still) = (None, Vec::new());
        for name in &cart.names {
            let held = self.store.namesakes(name).await?;
            ended_with = ended_with.max(held.as_ref().and_then(|named| named.end_of(begun)));
            still.push(self.store.namesakes_still(name, held.as_ref()));
        }
        Ok((Cart { ended_with, ..cart }, still))
    }

    /// Nothing is known of it any more, by none of its names; of others that bear them all stays known.
    pub(super) async fn cart_forgotten(&self, token: &str) -> Result<Plan<()>, FlowError> {
        let Some(held) = self.store.cart(token).await? else { return Ok(Plan::nothing(())) };
        let mut steps = vec![self.store.cart_forgotten(token, &held)];
        for name in &held.names {
            if let Some(named) = self.store.namesakes(name).await? {
                steps.push(self.store.namesake_forgotten(name, &named, token));
            }
        }
        Ok(Plan::of(steps, (), &[]))
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
