//! States of consent and of payment, as Shopify calls them; and how words and numbers are compared.

use domain::{ConsentState, order::OrderStatus};
use rules::Comparison;
use std::cmp::Ordering;

pub(crate) fn consent(consent: Option<&domain::Consent>) -> &'static str {
    match consent.map(|consent| consent.state) {
        None | Some(ConsentState::NotSubscribed) => "NOT_SUBSCRIBED",
        Some(ConsentState::Subscribed) => "SUBSCRIBED",
        Some(ConsentState::Pending) => "PENDING",
        Some(ConsentState::Unsubscribed) => "UNSUBSCRIBED",
        Some(ConsentState::Invalid) => "INVALID",
        Some(ConsentState::Redacted) => "REDACTED",
    }
}

pub(crate) fn financial(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Pending => "PENDING",
        OrderStatus::Authorized => "AUTHORIZED",
        OrderStatus::PartiallyPaid => "PARTIALLY_PAID",
        OrderStatus::Paid => "PAID",
        OrderStatus::PartiallyRefunded => "PARTIALLY_REFUNDED",
        OrderStatus::Refunded => "REFUNDED",
        OrderStatus::Voided => "VOIDED",
    }
}

/// Under each name that it has: Shopify's numbers with and without our letter.
pub(crate) fn ids(id: String) -> Vec<String> {
    let bare = id.strip_prefix('s').filter(|rest| rest.parse::<u64>().is_ok()).map(str::to_owned);
    bare.into_iter().chain([id]).collect()
}

pub(crate) fn compares(comparison: Comparison, order: Ordering) -> bool {
    match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::More => order.is_gt(),
        Comparison::AtLeast => order.is_ge(),
    }
}

/// Neither capitals matter nor how an accent was typed.
pub(crate) fn plain(text: &str) -> String {
    text.replace("e\u{301}", "é").to_lowercase()
}
