//! An answer's shape, as the schema has it: every field that was asked for, in its type, and no other.

use apollo_compiler::{
    ExecutableDocument,
    ast::Type,
    executable::{Field, Selection, SelectionSet},
    schema::ExtendedType,
};
use serde_json::{Map, Value};

use crate::shopify::graphql::{parsed, schema};

/// # Panics
/// If the data are not what the document asks for.
pub(super) fn check(text: &str, data: &Value) {
    let document = parsed(text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    let operation = document.operations.get(None).expect("one operation");
    object(&document, &operation.selection_set, operation.object_type().as_str(), data, "data");
}

fn object(document: &ExecutableDocument, selection: &SelectionSet, kind: &str, told: &Value, at: &str) {
    let told = told.as_object().unwrap_or_else(|| panic!("{at}: {told} is no {kind}"));
    let kind = told.get("__typename").and_then(Value::as_str).unwrap_or(kind);
    let mut known = Vec::new();
    fields(document, selection, kind, told, &mut known);
    for field in &known {
        let key = field.response_key().as_str();
        let value = told.get(key).unwrap_or_else(|| panic!("{at}: {key} is missing"));
        of_type(document, field, field.ty(), value, &format!("{at}.{key}"));
    }
    for key in told.keys() {
        assert!(
            known.iter().any(|field| field.response_key() == key.as_str()),
            "{at}: nobody asked for {key}"
        );
    }
}

fn fields<'a>(
    document: &'a ExecutableDocument,
    selection: &'a SelectionSet,
    kind: &str,
    told: &Map<String, Value>,
    known: &mut Vec<&'a Field>,
) {
    for part in &selection.selections {
        match part {
            Selection::Field(field) => known.push(field),
            Selection::InlineFragment(inline) => {
                // Without its name, an object's type shows in whether it has what the fragment asks for.
                let condition = inline.type_condition.as_ref().map_or(kind, |name| name.as_str());
                let mut within = Vec::new();
                fields(document, &inline.selection_set, kind, told, &mut within);
                let is_meant = condition == kind
                    || !told.contains_key("__typename")
                        && within.iter().all(|field| told.contains_key(field.response_key().as_str()));
                if is_meant {
                    known.extend(within);
                }
            }
            Selection::FragmentSpread(spread) => {
                let named = &document.fragments[&spread.fragment_name];
                fields(document, &named.selection_set, kind, told, known);
            }
        }
    }
}

fn of_type(document: &ExecutableDocument, field: &Field, wanted: &Type, told: &Value, at: &str) {
    if told.is_null() {
        assert!(!wanted.is_non_null(), "{at} is null");
        return;
    }
    if let Type::List(inner) | Type::NonNullList(inner) = wanted {
        let many = told.as_array().unwrap_or_else(|| panic!("{at}: {told} is no list"));
        for (place, one) in many.iter().enumerate() {
            of_type(document, field, inner, one, &format!("{at}[{place}]"));
        }
        return;
    }
    let name = wanted.inner_named_type();
    match &schema().types[name] {
        ExtendedType::Scalar(_) => assert!(is_scalar(name, told), "{at}: {told} is no {name}"),
        ExtendedType::Enum(values) => {
            let is_value = told.as_str().is_some_and(|told| values.values.keys().any(|value| value == told));
            assert!(is_value, "{at}: {told} is no {name}");
        }
        _ => object(document, &field.selection_set, name, told, at),
    }
}

fn is_scalar(name: &str, told: &Value) -> bool {
    let text = told.as_str();
    let has = |is: fn(char) -> bool| text.is_some_and(|text| !text.is_empty() && text.chars().all(is));
    match name {
        "Int" => told.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        "Float" => told.is_f64(),
        "Boolean" => told.is_boolean(),
        "ID" => text.is_some_and(|text| text.starts_with("gid://shopify/")),
        "DateTime" => text.is_some_and(|text| text.ends_with('Z') && text.len() == 20),
        "Decimal" => {
            has(|sign| sign.is_ascii_digit() || sign == '.' || sign == '-')
                && !text.is_some_and(|text| text.ends_with(".00"))
        }
        "Money" => text.is_some_and(|text| text.rsplit('.').next().is_some_and(|part| part.len() == 2)),
        "UnsignedInt64" => has(|sign| sign.is_ascii_digit()),
        "URL" => text.is_some_and(|text| text.contains("://")),
        _ => text.is_some(),
    }
}
