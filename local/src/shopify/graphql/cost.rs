//! What a question costs: Shopify's own formula as it was fitted to recorded answers.
//!
//! A list costs 2 and, for each step of twice the logarithm of its length, one of its nodes. An object costs 1; scalars,
//! amounts, addresses and page infos nothing; a count 10; a mutation 10.

use apollo_compiler::{
    ExecutableDocument, Node,
    ast::{OperationType, Value},
    executable::{Field, Operation, Selection, SelectionSet},
    response::{JsonMap, JsonValue},
};

const FREE: [&str; 4] = ["MoneyV2", "MoneyBag", "MailingAddress", "PageInfo"];
const MUTATION: u64 = 10;
const COUNT: u64 = 10;

/// If every list is as long as was asked for.
pub(crate) fn requested(document: &ExecutableDocument, operation: &Operation, variables: &JsonMap) -> u64 {
    Walk { document, variables }.of_operation(operation, None)
}

/// With lists as long as they are.
pub(crate) fn actual(
    document: &ExecutableDocument,
    operation: &Operation,
    variables: &JsonMap,
    data: &JsonMap,
) -> u64 {
    Walk { document, variables }.of_operation(operation, Some(data))
}

struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a JsonMap,
}

impl Walk<'_> {
    fn of_operation(&self, operation: &Operation, data: Option<&JsonMap>) -> u64 {
        if operation.operation_type == OperationType::Mutation {
            return self.fields(&operation.selection_set).len() as u64 * MUTATION;
        }
        self.sum(&operation.selection_set, data)
    }

    fn sum(&self, selection: &SelectionSet, data: Option<&JsonMap>) -> u64 {
        let told = |field: &Field| {
            data.map(|data| data.get(field.response_key().as_str()).unwrap_or(&JsonValue::Null))
        };
        self.fields(selection).into_iter().map(|field| self.field(field, told(field))).sum()
    }

    /// `data`: what was answered, if it was.
    fn field(&self, field: &Field, data: Option<&JsonValue>) -> u64 {
        let kind = field.ty().inner_named_type().as_str();
        if field.selection_set.selections.is_empty()
            || FREE.contains(&kind)
            || data.is_some_and(JsonValue::is_null)
        {
            return 0;
        }
        if kind == "Count" {
            return COUNT;
        }
        if kind.ends_with("Connection") {
            return match data {
                None => 2 + steps(self.asked(field)) * (1 + self.node(field)),
                Some(told) => match length(told) {
                    0 => 2,
                    length => 2 + steps(length) * (1 + self.node(field)),
                },
            };
        }
        match data {
            Some(JsonValue::Object(told)) => 1 + self.sum(&field.selection_set, Some(told)),
            _ => 1 + self.sum(&field.selection_set, None),
        }
    }

    /// What one node of a list costs beyond itself.
    fn node(&self, list: &Field) -> u64 {
        let of = |field: &Field| -> u64 {
            match field.name.as_str() {
                "nodes" | "node" => self.sum(&field.selection_set, None),
                _ => 0,
            }
        };
        let parts = self.fields(&list.selection_set).into_iter().map(|field| match field.name.as_str() {
            "edges" => self.fields(&field.selection_set).into_iter().map(of).sum(),
            _ => of(field),
        });
        parts.sum()
    }

    fn fields<'d>(&'d self, selection: &'d SelectionSet) -> Vec<&'d Field> {
        let mut fields = Vec::new();
        for part in &selection.selections {
            match part {
                Selection::Field(field) if self.is_left_out(field) => {}
                Selection::Field(field) => fields.push(&**field),
                Selection::InlineFragment(inline) => fields.extend(self.fields(&inline.selection_set)),
                Selection::FragmentSpread(spread) => {
                    let named = self.document.fragments.get(&spread.fragment_name);
                    fields.extend(named.into_iter().flat_map(|named| self.fields(&named.selection_set)));
                }
            }
        }
        fields
    }

    fn is_left_out(&self, field: &Field) -> bool {
        let include = field.directives.get("include");
        let wish = include.and_then(|include| include.specified_argument_by_name("if"));
        match wish.map(|wish| &**wish) {
            Some(Value::Boolean(is_wished)) => !is_wished,
            Some(Value::Variable(name)) => {
                self.variables.get(name.as_str()).and_then(JsonValue::as_bool) == Some(false)
            }
            _ => false,
        }
    }

    fn asked(&self, list: &Field) -> u64 {
        let told = |name: &str| {
            let argument = list.arguments.iter().find(|argument| argument.name == name)?;
            self.number(&argument.value)
        };
        told("first").or_else(|| told("last")).unwrap_or(1)
    }

    fn number(&self, value: &Node<Value>) -> Option<u64> {
        match &**value {
            Value::Int(number) => u64::try_from(number.try_to_i32().ok()?).ok(),
            Value::Variable(name) => self.variables.get(name.as_str())?.as_u64(),
            _ => None,
        }
    }
}

fn length(list: &JsonValue) -> u64 {
    let of = |name: &str| list.get(name).and_then(JsonValue::as_array).map(Vec::len);
    of("nodes").or_else(|| of("edges")).unwrap_or_default() as u64
}

/// `max(1, floor(2 * ln(length)))`.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "lists are short"
)]
fn steps(length: u64) -> u64 {
    ((2.0 * (length.max(1) as f64).ln()).floor() as u64).max(1)
}
