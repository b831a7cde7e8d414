//! What a bulk query may be, and what is said to others. The sentences are Shopify's own.

use apollo_compiler::{
    ExecutableDocument, Name,
    ast::{OperationType, Value},
    executable::{Field, Operation, Selection, SelectionSet},
    validation::Valid,
};
use std::collections::BTreeMap;

use crate::shopify::{books::records::Subject, graphql};

const CONNECTIONS_MAX: usize = 5;
const DEPTH_MAX: usize = 2;

/// The list that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) subject: Subject,
    /// What the answer calls it.
    pub(super) key: String,
    /// `query` and `sortKey`.
    pub(super) arguments: BTreeMap<String, String>,
}

pub(super) fn listed(query: &str) -> Result<(Valid<ExecutableDocument>, Listed), String> {
    let document = graphql::parsed(query).map_err(|errors| {
        let sentences: Vec<_> = errors.into_iter().map(|error| error.message).collect();
        format!("Invalid bulk query: {}", sentences.join("; "))
    })?;
    let Ok(operation) = document.operations.get(None) else {
        return Err("Bulk queries must be one operation".to_owned());
    };
    let listed = checked(operation)?;
    Ok((document, listed))
}

fn checked(operation: &Operation) -> Result<Listed, String> {
    if operation.operation_type != OperationType::Query {
        return Err("Invalid operation type. Only `query` operations are supported.".to_owned());
    }
    if !operation.variables.is_empty() {
        return Err("Bulk queries cannot have variables".to_owned());
    }
    let roots = fields(&operation.selection_set);
    if roots.iter().any(|field| field.name == "node" || field.name == "nodes") {
        return Err("Bulk queries cannot contain a top level `node` field.".to_owned());
    }
    let mut found = Found::default();
    found.walk(&operation.selection_set, 0, false);
    if found.connections == 0 {
        return Err("Bulk queries must contain at least one connection.".to_owned());
    }
    if found.connections > CONNECTIONS_MAX {
        return Err(format!("Bulk queries cannot contain more than {CONNECTIONS_MAX} connections."));
    }
    if found.depth > DEPTH_MAX {
        return Err(format!(
            "Bulk queries cannot contain connections with a nesting depth greater than {DEPTH_MAX}."
        ));
    }
    if !found.without_edges.is_empty() {
        return Err(format!(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: 'products \
             {{ edges {{ node {{'. Selecting via 'nodes' is not supported. Invalid connection fields: '{}'.",
            found.without_edges.join("', '")
        ));
    }
    if found.is_within_list {
        return Err(
            "Queries that contain a connection field within a list field are not currently supported."
                .to_owned(),
        );
    }
    if !found.without_id.is_empty() {
        return Err(format!(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be of \
             'ID' return type. Connection fields without 'id': {}.",
            found.without_id.join(", ")
        ));
    }
    let [root] = roots[..] else { return Err("The demo shop reads one list at a time".to_owned()) };
    let subject = match root.name.as_str() {
        "customers" => Subject::Customer,
        "orders" => Subject::Order,
        "products" => Subject::Product,
        other => return Err(format!("The demo shop does not read {other} in bulk")),
    };
    let arguments = root.arguments.iter().filter_map(|argument| {
        let value = match &*argument.value {
            Value::String(text) => text.clone(),
            Value::Enum(name) => name.to_string(),
            _ => return None,
        };
        Some((argument.name.to_string(), value))
    });
    Ok(Listed { subject, key: root.response_key().to_string(), arguments: arguments.collect() })
}

#[derive(Default)]
struct Found {
    connections: usize,
    depth: usize,
    without_edges: Vec<Name>,
    without_id: Vec<Name>,
    is_within_list: bool,
}

impl Found {
    /// `depth`: how many connections it is within.
    fn walk(&mut self, selection: &SelectionSet, depth: usize, is_in_list: bool) {
        for field in fields(selection) {
            let is_connection = field.ty().inner_named_type().ends_with("Connection");
            if !is_connection {
                self.walk(
                    &field.selection_set,
                    depth,
                    is_in_list || (field.ty().is_list() && field.name != "edges"),
                );
                continue;
            }
            self.connections += 1;
            self.depth = self.depth.max(depth + 1);
            self.is_within_list |= is_in_list;
            let parts = fields(&field.selection_set);
            let nodes =
                parts.iter().filter(|part| part.name == "edges").flat_map(|part| fields(&part.selection_set));
            let node = nodes.into_iter().find(|part| part.name == "node");
            if parts.iter().any(|part| part.name == "nodes") || node.is_none() {
                self.without_edges.push(field.name.clone());
            }
            if let Some(node) = node {
                let inner = fields(&node.selection_set);
                let has_inner = inner.iter().any(|part| part.ty().inner_named_type().ends_with("Connection"));
                let has_id = inner.iter().any(|part| part.name == "id" && part.alias.is_none());
                if has_inner && !has_id {
                    self.without_id.push(field.name.clone());
                }
            }
            self.walk(&field.selection_set, depth + 1, is_in_list);
        }
    }
}

fn fields(selection: &SelectionSet) -> Vec<&Field> {
    let mut found = Vec::new();
    for part in &selection.selections {
        match part {
            Selection::Field(field) => found.push(&**field),
            Selection::InlineFragment(inline) => found.extend(fields(&inline.selection_set)),
            Selection::FragmentSpread(_) => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, sentence: &str) {
        let refused = listed(query).map(|(_, listed)| listed).expect_err(query);
        assert!(refused.contains(sentence), "{query}: {refused}");
    }

    #[test]
    fn a_bulk_query_is_one_list_by_its_edges() {
        check("{ shop { id } }", "at least one connection");
        check("{ products { nodes { id } } }", "Invalid connection fields: 'products'.");
        check(
            "mutation { bulkOperationCancel(id: \"1\") { bulkOperation { id } } }",
            "Only `query` operations",
        );
        check(
            "{ orders { edges { node { lineItems { edges { node { id } } } } } } }",
            "Connection fields without 'id': orders.",
        );
        check("query($q: String) { orders(query: $q) { edges { node { id } } } }", "variables");
        check("{ colours { edges { node { id } } } }", "Invalid bulk query");
        let (_, listed) =
            listed("{ all: orders(query: \"id:1\", sortKey: ID) { edges { node { id } } } }").unwrap();
        assert_eq!((listed.subject, listed.key.as_str()), (Subject::Order, "all"));
        let told =
            [("query", "id:1"), ("sortKey", "ID")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(listed.arguments, BTreeMap::from(told));
    }
}
