//! Which change is done by whom, and what it comes to.

use columns::ShardNumber;
use domain::{Tenant, event::Outcome};
use flows::{
    FlowError,
    record::{Plan, Record},
};
use shopify::{payload::Change, told::Unkept};
use store::Held;

use crate::{Hands, customers, orders, shop};

/// What an event came to.
#[derive(Debug, Default)]
pub(crate) struct Done {
    pub(crate) is_changed: bool,
    /// What it left out: only Shopify can tell, asked by GraphQL.
    pub(crate) left_out: Option<String>,
    pub(crate) shards: Vec<ShardNumber>,
    /// Why it cannot be kept as it is.
    pub(crate) refused: Option<String>,
}

impl Done {
    pub(crate) fn of<T>(plan: &Plan<T>) -> Self {
        Self { is_changed: plan.is_change, shards: plan.shards.clone(), ..Self::default() }
    }

    /// Nothing can be done by what it says alone.
    pub(crate) fn left_out(what: impl Into<String>) -> Self {
        Self { left_out: Some(what.into()), ..Self::default() }
    }

    pub(crate) fn lacking(self, what: Option<String>) -> Self {
        Self { left_out: what, ..self }
    }

    pub(crate) fn refused(why: &dyn std::fmt::Display) -> Self {
        Self { refused: Some(why.to_string()), ..Self::default() }
    }

    pub(crate) fn outcome(self) -> Outcome {
        match self {
            Self { refused: Some(why), .. } => Outcome::Refused { why },
            Self { is_changed: true, left_out, .. } => Outcome::Applied { left_out },
            Self { left_out, .. } => Outcome::Unchanged { left_out },
        }
    }
}

pub(crate) async fn applied(
    hands: &Hands<'_>,
    tenant: &Held<Tenant>,
    change: Change,
) -> Result<Done, FlowError> {
    let record = &hands.record;
    match change {
        Change::Customer(told) => customers::told(hands, told.told(&hands.reading)).await,
        Change::CustomerDeleted(id) => done(record, || record.customer_gone(id)).await,
        Change::CustomersMerged(merged) => customers::merged(hands, &merged).await,
        Change::TagsAdded(moved) => customers::tagged(hands, &moved, true).await,
        Change::TagsRemoved(moved) => customers::tagged(hands, &moved, false).await,
        Change::Consent(told) => customers::consented(hands, *told).await,
        Change::Order(told) => orders::told(hands, *told).await,
        Change::OrderDeleted(id) => done(record, || record.order_gone(id)).await,
        Change::Product(told) => match told.told(&hands.reading) {
            Ok(told) => {
                let lacking = told.lacks_variants.then(|| format!("product {}", told.product.id));
                let kept = done(record, || record.product_told(&told.product)).await?;
                Ok(kept.lacking(lacking))
            }
            Err(unkept) => Ok(refused(&unkept)),
        },
        Change::ProductDeleted(id) => done(record, || record.product_gone(id)).await,
        Change::Uninstalled(_) => shop::uninstalled(hands, tenant).await,
        // These name what changed, and not what it is now: Shopify is asked for it.
        Change::Purchases(told) => Ok(Done::left_out(format!("customer {}", told.customer()))),
        Change::OrderEdited(id) => Ok(Done::left_out(format!("order {id}"))),
        Change::Refund(told) => {
            Ok(Done { left_out: told.order().map(|id| format!("order {id}")), ..Done::default() })
        }
        Change::ShopChanged(_) | Change::ScopesChanged(_) => Ok(Done::left_out("shop")),
        Change::BulkFinished(_) => Ok(Done::left_out("bulk operation")),
        // Nobody keeps these yet.
        Change::Checkout(_) | Change::CheckoutDeleted(_) => Ok(Done::left_out("checkout")),
        Change::DataRequest(_) | Change::CustomerRedaction(_) | Change::ShopRedaction(_) => {
            Ok(Done::left_out("privacy request"))
        }
        Change::Other => Ok(Done::default()),
    }
}

pub(crate) async fn done<T, P>(record: &Record<'_>, plan: impl Fn() -> P) -> Result<Done, FlowError>
where
    P: Future<Output = Result<Plan<T>, FlowError>>,
{
    Ok(Done::of(&record.done(plan).await?))
}

/// The amount, or whatever it is, would be a guess.
pub(crate) fn refused(unkept: &Unkept) -> Done {
    Done::refused(unkept)
}
