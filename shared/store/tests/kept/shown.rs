//! What is stored, as a snapshot shows it.

use serde_dynamo::AttributeValue as Value;
use store::Item;

/// Attributes in the order of their names.
pub(crate) fn shown(item: &Item) -> String {
    let mut body: Vec<_> =
        item.body.iter().map(|(name, value)| format!("    {name}: {}", written(value))).collect();
    body.sort();
    let index = item.index.as_ref().map_or_else(String::new, |index| format!(" @ {index:?}"));
    let expiry = item.expires_at.map_or_else(String::new, |at| format!(" until {at}"));
    format!("{:?} v{}{expiry}{index}\n{}", item.key, item.version, body.join("\n"))
}

/// Members of members in the order of their names, too.
fn written(value: &Value) -> String {
    match value {
        Value::M(members) => {
            let mut all: Vec<_> =
                members.iter().map(|(name, value)| format!("{name}: {}", written(value))).collect();
            all.sort();
            format!("M({{{}}})", all.join(", "))
        }
        Value::L(values) => format!("L([{}])", values.iter().map(written).collect::<Vec<_>>().join(", ")),
        plain => format!("{plain:?}"),
    }
}
