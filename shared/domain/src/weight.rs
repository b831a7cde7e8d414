//! How much is told of a customer.

use crate::{
    Customer,
    customer::{Address, AttributeValue},
};

/// What may be told of one customer in all: their record, their row, and a page that shows them stay small.
pub const CUSTOMER_BYTES_MAX: usize = 100 * 1024;

impl Customer {
    /// About what all that is told of them takes when it is kept: each member's name counts as a few bytes.
    pub fn bytes(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, |text| text.len() + 8);
        let address = |address: &Address| {
            let parts = [
                &address.company,
                &address.line1,
                &address.line2,
                &address.city,
                &address.region,
                &address.postcode,
                &address.country,
            ];
            parts.into_iter().map(text).sum::<usize>() + 8
        };
        let value = |value: &AttributeValue| match value {
            AttributeValue::Text(text) => text.len() + 8,
            AttributeValue::List(words) => words.iter().map(|word| word.len() + 4).sum(),
            AttributeValue::Number(_) | AttributeValue::Yes(_) | AttributeValue::Day(_) => 16,
        };
        let texts = [&self.first_name, &self.last_name, &self.language, &self.note];
        texts.into_iter().map(text).sum::<usize>()
            + self.addresses.iter().map(address).sum::<usize>()
            + self.tags.iter().map(|tag| tag.len() + 4).sum::<usize>()
            + self.attributes.iter().map(|(name, told)| name.len() + 16 + value(told)).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CustomerId, Timestamp, customer::CustomerKind};

    #[test]
    fn all_that_is_told_has_a_weight() {
        let id = CustomerId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        let nobody = Customer::new(id, 0, CustomerKind::Person, Timestamp::UNIX_EPOCH);
        assert_eq!(nobody.bytes(), 0);
        let text = "x".repeat(1_000);
        let check = |told: fn(&mut Customer, String)| {
            let mut customer = nobody.clone();
            told(&mut customer, text.clone());
            assert!((1_000..1_100).contains(&customer.bytes()), "{}", customer.bytes());
        };
        check(|customer, text| customer.note = Some(text));
        check(|customer, text| customer.tags = [text].into());
        check(|customer, text| customer.addresses = vec![Address { city: Some(text), ..Address::default() }]);
        check(|customer, text| customer.attributes = [("a".to_owned(), AttributeValue::Text(text))].into());
        check(|customer, text| {
            customer.attributes = [("a".to_owned(), AttributeValue::List([text].into()))].into();
        });
    }
}
