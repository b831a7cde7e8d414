//! Which change is done by whom, and what it comes to.

use std::collections::BTreeSet;

use columns::ShardNumber;
use domain::{
    Thing,
    event::{Because, Outcome},
};
use flows::{
    FlowError,
    record::{Plan, Record},
};
use shopify::{
    payload::Change,
    told::{ProductTold, Unkept},
};

use crate::{Hands, carts, customers, orders, privacy, shop};

/// What an event came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) is_changed: bool,
    /// Why it changed nothing, where it could have.
    pub(crate) because: Option<Because>,
    /// What it left out, or left open: only Shopify can tell, asked by GraphQL.
    pub(crate) again: BTreeSet<Thing>,
    pub(crate) shards: Vec<ShardNumber>,
    /// Why it cannot be kept as it is.
    pub(crate) refused: Option<String>,
}

impl Done {
    pub(crate) fn of<T>(plan: &Plan<T>) -> Self {
        let because = match () {
            () if !plan.undecided.is_empty() => Because::Undecided,
            () if plan.is_late => Because::Late,
            () => Because::Known,
        };
        let because = (!plan.is_change).then_some(because);
        let (shards, mut again) = (plan.shards.clone(), plan.undecided.clone());
        again.extend(plan.unknown);
        Self { is_changed: plan.is_change, because, again, shards, refused: None }
    }

    /// Why, where it changed nothing of the part that it tells of.
    pub(crate) fn unless_changed(self, because: Option<Because>) -> Self {
        Self { because: self.because.map(|known| because.unwrap_or(known)), ..self }
    }

    /// It names what changed, and not what it is now.
    pub(crate) fn only_named(thing: Thing) -> Self {
        Self::default().lacking(Some(thing))
    }

    pub(crate) fn lacking(mut self, what: Option<Thing>) -> Self {
        self.again.extend(what);
        self
    }

    pub(crate) fn refused(why: &dyn std::fmt::Display) -> Self {
        Self { refused: Some(why.to_string()), ..Self::default() }
    }

    pub(crate) fn outcome(self) -> Outcome {
        let things: Vec<_> = self.again.iter().map(Thing::to_string).collect();
        let left_out = (!things.is_empty()).then(|| things.join(", "));
        match self {
            Self { refused: Some(why), .. } => Outcome::Refused { why },
            Self { is_changed: true, .. } => Outcome::Applied { left_out },
            Self { because, .. } => Outcome::Unchanged { left_out, because },
        }
    }
}

pub(crate) async fn applied(hands: &Hands<'_>, change: Change) -> Result<Done, FlowError> {
    let record = &hands.record;
    match change {
        Change::Customer(told) => customers::told(record, &told.told(&hands.reading)).await,
        Change::CustomerDeleted(id) => done(record, || record.customer_gone(id)).await,
        Change::CustomersMerged(merged) => customers::merged(hands, &merged).await,
        Change::TagsAdded(moved) => customers::tagged(hands, &moved, true).await,
        Change::TagsRemoved(moved) => customers::tagged(hands, &moved, false).await,
        Change::Consent(told) => customers::consented(hands, *told).await,
        Change::Order(told) => match told.told(&hands.reading) {
            Ok(told) => orders::told(record, told, false).await,
            Err(unkept) => Ok(refused(&unkept)),
        },
        Change::OrderDeleted(id) => done(record, || record.order_gone(id, hands.event.at())).await,
        Change::Product(told) => match told.told(&hands.reading) {
            Ok(told) => product(record, &told, false).await,
            Err(unkept) => Ok(refused(&unkept)),
        },
        Change::ProductDeleted(id) => done(record, || record.product_gone(id)).await,
        Change::Uninstalled(_) => shop::uninstalled(hands).await,
        // These name what changed, and not what it is now: Shopify is asked for it.
        Change::Purchases(told) => Ok(Done::only_named(Thing::Customer(told.customer()))),
        Change::OrderEdited(id) => Ok(Done::only_named(Thing::Order(id))),
        Change::Refund(told) => Ok(Done::default().lacking(told.order().map(Thing::Order))),
        Change::ShopChanged(_) | Change::ScopesChanged(_) => Ok(Done::only_named(Thing::Shop)),
        Change::BulkFinished(_) => shop::file_written(hands).await,
        Change::Checkout(told) => Box::pin(carts::told(hands, *told)).await,
        Change::CheckoutDeleted(told) => carts::gone(hands, &told).await,
        Change::DataRequest(asked) => privacy::data(hands, &asked).await,
        Change::CustomerRedaction(asked) => privacy::erasure(hands, &asked).await,
        Change::ShopRedaction(_) => privacy::shop_erasure(hands).await,
        Change::Other => Ok(Done::default()),
    }
}

pub(crate) async fn done<T, P>(record: &Record<'_>, plan: impl Fn() -> P) -> Result<Done, FlowError>
where
    P: Future<Output = Result<Plan<T>, FlowError>>,
{
    Ok(Done::of(&record.done(plan).await?))
}

/// `is_last`: the shop was asked for it.
pub(crate) async fn product(
    record: &Record<'_>,
    told: &ProductTold,
    is_last: bool,
) -> Result<Done, FlowError> {
    let lacking = told.lacks_variants.then_some(Thing::Product(told.product.id));
    let kept = if told.lacks_variants {
        done(record, || record.product_told_in_part(&told.product)).await?
    } else {
        done(record, || record.product_told(&told.product, is_last)).await?
    };
    Ok(kept.lacking(lacking))
}

/// The amount, or whatever it is, would be a guess.
pub(crate) fn refused(unkept: &Unkept) -> Done {
    Done::refused(unkept)
}
