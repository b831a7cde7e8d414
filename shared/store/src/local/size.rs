//! How large an item is, by DynamoDB's rules: names and values in UTF-8, numbers by their digits.

use serde_dynamo::AttributeValue;

use crate::table::Item;

/// The item with its keys and everything that the seam keeps beside the body.
pub fn item_bytes(item: &Item) -> usize {
    let text = |name: &str, value: &str| name.len() + value.len();
    let mut bytes = text("pk", &item.key.pk) + text("sk", &item.key.sk);
    bytes += "version".len() + number_bytes(&item.version.to_string());
    if let Some(index) = &item.index {
        bytes += text("gsi1pk", &index.pk) + text("gsi1sk", &index.sk);
    }
    if let Some(at) = item.expires_at {
        bytes += "expires_at".len() + number_bytes(&at.to_string());
    }
    bytes + item.body.iter().map(|(name, value)| name.len() + value_bytes(value)).sum::<usize>()
}

/// Lists and maps have 3 bytes of their own and 1 for each element.
fn value_bytes(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::N(number) => number_bytes(number),
        AttributeValue::S(text) => text.len(),
        AttributeValue::B(bytes) => bytes.len(),
        AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + value_bytes(value)).sum::<usize>()
        }
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|number| number_bytes(number)).sum(),
        AttributeValue::Bs(values) => values.iter().map(Vec::len).sum(),
    }
}

/// One byte for two significant digits, one more, and one for a minus; 21 at most.
fn number_bytes(number: &str) -> usize {
    let is_negative = number.starts_with('-');
    let digits: String =
        number.split(['e', 'E']).next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len();
    (significant.div_ceil(2) + 1 + usize::from(is_negative)).min(21)
}
