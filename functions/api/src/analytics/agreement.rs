//! How far our groups are those that Shopify itself says.

use insight::rfm::{Agreement, Difference};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::rounded;

/// Of the customers of whom Shopify says a group.
#[derive(Serialize, ToSchema)]
pub(crate) struct AgreementView {
    compared: u64,
    /// In the same group by both.
    agreeing: u64,
    /// 0 to 1.
    share: f64,
    /// The most frequent first.
    differences: Vec<DifferenceView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct DifferenceView {
    /// Ours.
    group: &'static str,
    shopify_group: &'static str,
    customers: u64,
}

impl AgreementView {
    /// `None`: there is nobody to compare.
    #[expect(clippy::cast_precision_loss, reason = "customers are fewer than 2^52")]
    pub(super) fn of(agreement: &Agreement) -> Option<Self> {
        let (compared, agreeing) = (agreement.compared(), agreement.agreeing());
        let view = |it: Difference| DifferenceView {
            group: it.ours.name(),
            shopify_group: it.shopifys.name(),
            customers: it.customers,
        };
        (compared > 0).then(|| Self {
            compared,
            agreeing,
            share: rounded(agreeing as f64 / compared as f64, 4),
            differences: agreement.differences().into_iter().map(view).collect(),
        })
    }
}
