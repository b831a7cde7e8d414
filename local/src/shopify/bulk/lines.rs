//! Objects as lines: what is within a list of an object becomes a line of its own, which names its parent.

use apollo_compiler::response::{JsonMap, JsonValue};

/// The lines of those objects, in the order in which they are written.
pub(super) fn lines(objects: Vec<JsonMap>, is_grouped: bool) -> Vec<JsonMap> {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for object in objects {
        let mut own = Vec::new();
        parted(object, None, &mut own);
        if is_grouped {
            first.extend(own);
        } else {
            // Nothing is promised of the order: children come after other parents.
            let mut own = own.into_iter();
            first.extend(own.next());
            later.extend(own);
        }
    }
    first.extend(later);
    first
}

fn parted(object: JsonMap, parent: Option<&JsonValue>, lines: &mut Vec<JsonMap>) {
    let (mut line, mut within) = (JsonMap::new(), Vec::new());
    for (name, value) in object {
        match value.get("edges") {
            Some(JsonValue::Array(edges)) => within.extend(edges.iter().filter_map(node)),
            _ => {
                line.insert(name, value);
            }
        }
    }
    if let Some(parent) = parent {
        line.insert("__parentId", parent.clone());
    }
    let id = line.get("id").cloned();
    lines.push(line);
    for object in within {
        parted(object, id.as_ref(), lines);
    }
}

/// What an edge leads to.
pub(super) fn node(edge: &JsonValue) -> Option<JsonMap> {
    edge.get("node").and_then(JsonValue::as_object).cloned()
}
