//! Ids as Shopify has them: whole numbers of 64 bits, no two kinds the same, some beyond what a float can hold.
//!
//! An id follows from its kind and a number, and leads back to it: nothing is kept to find what it names.

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Customer = 1,
    Order = 2,
    LineItem = 3,
    Refund = 4,
    Product = 5,
    ProductVariant = 6,
    MailingAddress = 7,
    AbandonedCheckout = 8,
    BasicEvent = 9,
    WebhookSubscription = 10,
    BulkOperation = 11,
    Segment = 12,
    Shop = 13,
    AppInstallation = 14,
    Domain = 15,
    TaxonomyCategory = 16,
    Transaction = 17,
    CheckoutLineItem = 18,
    MetafieldDefinition = 19,
}

/// Between two kinds: more than all numbers of one need.
const KIND_STEP: u64 = 10_000_000_000_000;
/// Between two numbers of a kind.
const NUMBER_STEP: u64 = 1 << 15;
/// Added to every third id: beyond 2^53, as many of Shopify's are.
const HUGE: u64 = 700_000_000_000_000_000;

pub fn id(kind: Kind, number: u64) -> u64 {
    let small = kind as u64 * KIND_STEP + number * NUMBER_STEP + scatter(kind, number);
    if number % 3 == 2 { small + HUGE } else { small }
}

/// `None`: no such id was ever given.
pub fn number(kind: Kind, told: u64) -> Option<u64> {
    let small = if told > HUGE { told - HUGE } else { told };
    let found = small.checked_sub(kind as u64 * KIND_STEP)? / NUMBER_STEP;
    (id(kind, found) == told).then_some(found)
}

/// `gid://shopify/Customer/1`.
pub fn gid(kind: Kind, id: u64) -> String {
    format!("gid://shopify/{kind:?}/{id}")
}

/// The id in a global one, if it is of that kind.
pub fn of_gid(kind: Kind, told: &str) -> Option<u64> {
    let rest = told.strip_prefix("gid://shopify/")?.strip_prefix(&format!("{kind:?}/"))?;
    let is_plain = !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { rest.parse().ok() } else { None }
}

/// Below `NUMBER_STEP`, the same each time.
fn scatter(kind: Kind, number: u64) -> u64 {
    let mixed = (number ^ (kind as u64) << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 29) % NUMBER_STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_back_to_its_number_and_to_no_other_kind() {
        for number in [0, 1, 2, 3, 299_999, 200_000_000] {
            let told = id(Kind::Order, number);
            assert_eq!(super::number(Kind::Order, told), Some(number));
            assert_eq!(super::number(Kind::Order, told + 1), None);
            assert_eq!(super::number(Kind::Customer, told), None);
            assert_eq!(super::number(Kind::LineItem, told), None);
            assert_eq!(of_gid(Kind::Order, &gid(Kind::Order, told)), Some(told));
            assert_eq!(of_gid(Kind::Customer, &gid(Kind::Order, told)), None);
        }
        assert!(
            i64::try_from(id(Kind::CheckoutLineItem, 200_000_000)).is_ok(),
            "fits a signed 64-bit number"
        );
    }

    #[test]
    fn some_ids_are_more_than_a_float_can_hold() {
        let huge = (0..30).filter(|number| id(Kind::Customer, *number) > 1 << 53).count();
        assert_eq!(huge, 10);
    }

    #[test]
    fn what_is_no_global_id_names_nothing() {
        for told in [
            "",
            "1",
            "gid://shopify/Order/",
            "gid://shopify/Order/-1",
            "gid://shopify/Order/+1",
            "gid://other/Order/1",
        ] {
            assert_eq!(of_gid(Kind::Order, told), None, "{told}");
        }
    }
}
