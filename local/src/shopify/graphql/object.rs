//! Everything that a question can reach, as the executor asks for it: by type and field.

use apollo_compiler::{
    resolvers::{FieldError, ObjectValue, ResolveInfo, ResolvedValue},
    response::{JsonMap, JsonValue},
};
use serde_json::Value;
use std::{borrow::Cow, rc::Rc};

use super::{Ask, customers, orders, paging, products, query, reach, writes};
use crate::shopify::{
    books::records::{Customer, Line, Order, Product},
    ids::Kind,
    words::decimal,
};

pub(super) type Answer<'a> = Result<ResolvedValue<'a>, FieldError>;

/// Something, and what it can be asked through.
pub(super) struct Object<'q, 's> {
    pub(super) ask: &'q Ask<'s>,
    kind: Cow<'static, str>,
    thing: Rc<Thing>,
}

pub(super) enum Thing {
    Query,
    Mutation,
    Customer(Box<Customer>),
    Order(Box<Order>),
    Line(Line),
    Product(Box<Product>),
    /// What has that id: made only if more than the id is asked for.
    Later(Kind, u64),
    Connection(Connection),
    Edge(String, Rc<Thing>),
    /// In cents.
    Bag(i64),
    Money(i64),
    /// Of that type, with all that it says. `{"@": gid}` within stands for what has that id.
    Told(&'static str, Value),
}

pub(super) struct Connection {
    /// What it is of: `Customer`.
    pub(super) of: &'static str,
    pub(super) nodes: Vec<(String, Rc<Thing>)>,
    pub(super) has_next: bool,
    pub(super) count: usize,
}

impl Connection {
    pub(super) fn new(of: &'static str, page: paging::Page<Thing>) -> Self {
        let count = page.rows.len();
        let nodes = page.rows.into_iter().map(|(row, thing)| (paging::cursor(row), Rc::new(thing)));
        Self { of, nodes: nodes.collect(), has_next: page.has_next, count }
    }
}

impl Thing {
    fn kind(&self) -> Cow<'static, str> {
        match self {
            Self::Query => "QueryRoot".into(),
            Self::Mutation => "Mutation".into(),
            Self::Customer(_) => "Customer".into(),
            Self::Order(_) => "Order".into(),
            Self::Line(_) => "LineItem".into(),
            Self::Product(_) => "Product".into(),
            Self::Later(kind, _) => format!("{kind:?}").into(),
            Self::Connection(connection) => format!("{}Connection", connection.of).into(),
            Self::Edge(_, node) => format!("{}Edge", node.kind()).into(),
            Self::Bag(_) => "MoneyBag".into(),
            Self::Money(_) => "MoneyV2".into(),
            Self::Told(kind, _) => (*kind).into(),
        }
    }
}

impl<'q, 's> Object<'q, 's> {
    pub(super) fn new(ask: &'q Ask<'s>, thing: Thing) -> Self {
        Self::shared(ask, Rc::new(thing))
    }

    fn shared(ask: &'q Ask<'s>, thing: Rc<Thing>) -> Self {
        Self { ask, kind: thing.kind(), thing }
    }
}

impl ObjectValue for Object<'_, '_> {
    fn type_name(&self) -> &str {
        &self.kind
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Answer<'a> {
        let (ask, field_name) = (self.ask, info.field_name());
        field(ask, &self.thing, field_name, info).map_err(|error| self.named(error, info))
    }
}

pub(super) fn field<'a>(
    ask: &'a Ask<'_>,
    thing: &Thing,
    field: &str,
    info: &'a ResolveInfo<'a>,
) -> Answer<'a> {
    let arguments = Arguments(info.arguments());
    match thing {
        Thing::Query => query::field(ask, field, &arguments),
        Thing::Mutation => writes::field(ask, field, &arguments),
        Thing::Customer(customer) => customers::field(ask, customer, field, &arguments),
        Thing::Order(order) => orders::field(ask, order, field, &arguments),
        Thing::Line(line) => orders::line_field(ask, line, field, &arguments),
        Thing::Product(product) => products::field(ask, product, field, &arguments),
        Thing::Later(kind, id) => reach::field(ask, *kind, *id, field, info),
        Thing::Connection(connection) => Ok(connection.field(ask, field)),
        Thing::Edge(cursor, node) => Ok(match field {
            "cursor" => leaf(cursor.as_str()),
            _ => ResolvedValue::object(Object::shared(ask, node.clone())),
        }),
        Thing::Bag(cents) => Ok(object(ask, Thing::Money(*cents))),
        Thing::Money(cents) => Ok(match field {
            "amount" => leaf(decimal(*cents)),
            _ => leaf(crate::demo::shop::CURRENCY),
        }),
        Thing::Told(_, told) => told_field(ask, told, info),
    }
}

impl Object<'_, '_> {
    /// A field that nobody answers is said with its type.
    fn named(&self, error: FieldError, info: &ResolveInfo<'_>) -> FieldError {
        if error.message.is_empty() { self.unknown_field_error(info) } else { error }
    }
}

impl Connection {
    fn field<'a>(&self, ask: &'a Ask<'_>, field: &str) -> ResolvedValue<'a> {
        match field {
            "nodes" => {
                let nodes: Vec<_> = self.nodes.iter().map(|(_, node)| node.clone()).collect();
                list(nodes.into_iter().map(|node| ResolvedValue::object(Object::shared(ask, node))))
            }
            "edges" => {
                let edges: Vec<_> = self
                    .nodes
                    .iter()
                    .map(|(cursor, node)| Thing::Edge(cursor.clone(), node.clone()))
                    .collect();
                list(edges.into_iter().map(|edge| object(ask, edge)))
            }
            "totalCount" => leaf(self.count as u64),
            _ => {
                let end = self.nodes.last().map(|(cursor, _)| cursor);
                told(ask, "PageInfo", serde_json::json!({"hasNextPage": self.has_next, "endCursor": end}))
            }
        }
    }
}

/// A field of something that says all: objects, lists and leaves as the schema has them.
fn told_field<'a>(ask: &'a Ask<'_>, value: &Value, info: &'a ResolveInfo<'a>) -> Answer<'a> {
    let Some(value) = value.get(info.field_name()) else { return Err(unknown()) };
    let definition = info.field_definition();
    let is_object = info.schema().get_object(definition.ty.inner_named_type()).is_some()
        || info.schema().get_interface(definition.ty.inner_named_type()).is_some();
    let kind = definition.ty.inner_named_type().to_string();
    if !is_object {
        return Ok(match value {
            Value::Array(many) => list(many.clone().into_iter().map(|one| leaf(JsonValue::from(one)))),
            one => leaf(JsonValue::from(one.clone())),
        });
    }
    let one = move |value: Value| -> ResolvedValue<'a> {
        if let Some(gid) = value.get("@").and_then(Value::as_str) {
            return ask.node(gid).map_or_else(ResolvedValue::null, |thing| object(ask, thing));
        }
        if value.is_null() {
            return ResolvedValue::null();
        }
        let kind = value.get("__typename").and_then(Value::as_str).unwrap_or(&kind).to_owned();
        ResolvedValue::object(Object { ask, kind: kind.into(), thing: Rc::new(Thing::Told("", value)) })
    };
    Ok(match value.clone() {
        Value::Array(many) => list(many.into_iter().map(one)),
        value => one(value),
    })
}

pub(super) fn leaf<'a>(value: impl Into<JsonValue>) -> ResolvedValue<'a> {
    ResolvedValue::Leaf(value.into())
}

pub(super) fn object<'a>(ask: &'a Ask<'_>, thing: Thing) -> ResolvedValue<'a> {
    ResolvedValue::object(Object::new(ask, thing))
}

pub(super) fn maybe<'a>(ask: &'a Ask<'_>, thing: Option<Thing>) -> ResolvedValue<'a> {
    thing.map_or_else(ResolvedValue::null, |thing| object(ask, thing))
}

pub(super) fn told<'a>(ask: &'a Ask<'_>, kind: &'static str, value: Value) -> ResolvedValue<'a> {
    object(ask, Thing::Told(kind, value))
}

pub(super) fn list<'a>(values: impl Iterator<Item = ResolvedValue<'a>> + 'a) -> ResolvedValue<'a> {
    ResolvedValue::List(Box::new(values.map(Ok)))
}

/// The executor says which field it was.
pub(super) fn unknown() -> FieldError {
    FieldError { message: String::new() }
}

/// What a field was asked with.
pub(super) struct Arguments<'a>(pub(super) &'a JsonMap);

impl<'a> Arguments<'a> {
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(JsonValue::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(JsonValue::as_i64)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name).and_then(JsonValue::as_bool).unwrap_or_default()
    }

    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.0.get(name).and_then(JsonValue::as_array).into_iter().flatten();
        texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
    }

    pub(super) fn object(&self, name: &str) -> Option<Arguments<'a>> {
        self.0.get(name).and_then(JsonValue::as_object).map(Arguments)
    }
}
