//! The lists at the root: customers, orders and products by search and order; checkouts, events, subscriptions.

use apollo_compiler::{
    resolvers::{FieldError, ResolvedValue},
    response::JsonMap,
};
use jiff::SignedDuration;
use serde_json::json;
use std::collections::BTreeMap;

use super::{
    Ask, Search, Worth, customers,
    object::{Answer, Arguments, Connection, Thing, object},
    orders,
    paging::{PAGE_MAX, Page, Part, wrong},
    products, query,
};
use crate::shopify::{
    books::{
        Row,
        records::{Checkout, Event, Line, Subject, loud},
    },
    ids::{Kind, gid},
    words::utc,
};

/// Without `read_all_orders` an app sees the orders of so many days.
const ORDER_DAYS: i64 = 60;
/// Whoever has not gone on for so long has left.
const ABANDONED: SignedDuration = SignedDuration::from_mins(10);
/// A list ends after so many, and says nothing of the others.
const LIST_ROWS_MAX: usize = 25_000;
/// Lists know no more than so many, if nobody says otherwise.
const COUNT_MAX: i64 = 10_000;

pub(super) fn listed<'a>(ask: &'a Ask<'_>, subject: Subject, arguments: &Arguments<'a>) -> Answer<'a> {
    let part = if ask.window.is_some() { Part::WHOLE } else { ask.part(arguments)? };
    let page = match ask.window {
        Some(window) => part.of_rows(window.iter().map(|id| ((0, *id), ()))),
        None => match arguments.text("sortKey") {
            Some("UPDATED_AT") => by_update(ask, subject, arguments, &part),
            Some("ID") => by_key(ask, subject, arguments, &part, |_, _| 0),
            Some("CREATED_AT" | "PROCESSED_AT") => {
                by_key(ask, subject, arguments, &part, |created, _| created)
            }
            other => {
                return Err(wrong(&format!("the demo shop does not sort by {}", other.unwrap_or("nothing"))));
            }
        },
    };
    let kind = match subject {
        Subject::Customer => "Customer",
        Subject::Order => "Order",
        Subject::Product => "Product",
    };
    let kind_of_id = match subject {
        Subject::Customer => Kind::Customer,
        Subject::Order => Kind::Order,
        Subject::Product => Kind::Product,
    };
    let there = page.rows.into_iter().filter_map(|(row, ())| Some((row, ask.whole(kind_of_id, row.1)?)));
    let page = Page { rows: there.collect(), has_next: page.has_next };
    Ok(object(ask, Thing::Connection(Connection::new(kind, page))))
}

/// Reads only from where the search begins, and no further than the page goes.
fn by_update(ask: &Ask<'_>, subject: Subject, arguments: &Arguments<'_>, part: &Part) -> Page<()> {
    let state = ask.state.borrow();
    let search = Search::parse(arguments.text("query").unwrap_or_default());
    let (first, last) = search.bounds("updated_at");
    let before_first = first.map(|first| (first.div_euclid(1_000) - 1, u64::MAX));
    let rows = state.books.after(subject, before_first);
    let rows = rows.take_while(|row| last.is_none_or(|last| row.0 * 1_000 <= last));
    let rows = rows.filter(|row| is_meant(ask, &state.books, subject, &search, row.1));
    part.of_rows(rows.map(|row| (row, ())))
}

/// All that a bulk operation is about.
pub(crate) fn matching(ask: &Ask<'_>, subject: Subject, asked: &BTreeMap<String, String>) -> Vec<u64> {
    let told = asked.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into()));
    let told: JsonMap = told.collect();
    let page = match asked.get("sortKey").map(String::as_str) {
        Some("UPDATED_AT") => by_update(ask, subject, &Arguments(&told), &Part::WHOLE),
        _ => by_key(ask, subject, &Arguments(&told), &Part::WHOLE, |_, _| 0),
    };
    page.rows.into_iter().map(|(row, ())| row.1).collect()
}

fn by_key(
    ask: &Ask<'_>,
    subject: Subject,
    arguments: &Arguments<'_>,
    part: &Part,
    key: fn(i64, i64) -> i64,
) -> Page<()> {
    let state = ask.state.borrow();
    let search = Search::parse(arguments.text("query").unwrap_or_default());
    let all = state.books.after(subject, None);
    let all = all.filter_map(|(updated, id)| Some((key(state.books.times(subject, id)?.0, updated), id)));
    let mut all: Vec<Row> = all.collect();
    all.sort_unstable();
    let rows = all.into_iter().filter(|row| is_meant(ask, &state.books, subject, &search, row.1));
    part.of_rows(rows.map(|row| (row, ())))
}

pub(super) fn counted<'a>(
    ask: &'a Ask<'_>,
    subject: Subject,
    arguments: &Arguments<'a>,
) -> ResolvedValue<'a> {
    let state = ask.state.borrow();
    let search = Search::parse(arguments.text("query").unwrap_or_default());
    let is_unlimited = arguments.0.get("limit").is_some_and(apollo_compiler::response::JsonValue::is_null);
    let most = if is_unlimited { i64::MAX } else { arguments.number("limit").unwrap_or(COUNT_MAX) };
    let most = usize::try_from(most).unwrap_or_default();
    let rows = state.books.after(subject, None);
    let rows = rows.filter(|row| is_meant(ask, &state.books, subject, &search, row.1));
    let count = rows.take(most.saturating_add(1)).count();
    query::count(ask, count.min(most) as u64, count <= most)
}

impl Ask<'_> {
    /// Whether an order of then may be seen.
    pub(super) fn may_see_of(&self, created: i64) -> bool {
        self.may("read_all_orders") || self.now.as_second() - created <= ORDER_DAYS * 86_400
    }

    /// Which part of a list at the root is asked for.
    fn part(&self, arguments: &Arguments<'_>) -> Result<Part, FieldError> {
        let rows_max = self.state.borrow().switches.list_rows_max.unwrap_or(LIST_ROWS_MAX);
        Ok(Part::of(arguments, PAGE_MAX)?.of_list_of(rows_max))
    }

    /// Which part of a list within something. Bulk operations ask for all of it.
    pub(super) fn part_within(&self, arguments: &Arguments<'_>) -> Result<Part, FieldError> {
        if self.window.is_some() { Ok(Part::WHOLE) } else { Part::of(arguments, PAGE_MAX) }
    }
}

/// Whether it may be seen and is searched for. It is made only if its instants do not say so.
fn is_meant(
    ask: &Ask<'_>,
    books: &crate::shopify::books::Books,
    subject: Subject,
    search: &Search,
    id: u64,
) -> bool {
    let Some((created, updated)) = books.times(subject, id) else { return false };
    let is_hidden = subject == Subject::Order && !ask.may_see_of(created);
    let mut worth = |field: &str| match field {
        "updated_at" => Some(Worth::Instant(updated * 1_000)),
        "created_at" | "processed_at" | "customer_date" => Some(Worth::Instant(created * 1_000)),
        "id" => Some(Worth::Number(i64::try_from(id).unwrap_or(i64::MAX))),
        _ => match subject {
            Subject::Customer => customers::worth(&books.customer(id)?, field),
            Subject::Order => orders::worth(&books.order(id)?, field),
            Subject::Product => products::worth(books.product(id)?, field),
        },
    };
    !is_hidden && search.holds(&mut worth, &mut ask.unknown.borrow_mut())
}

pub(super) fn checkouts<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let key = |checkout: &Checkout| match arguments.text("sortKey") {
        Some("CREATED_AT") => checkout.created_at.as_second(),
        _ => 0,
    };
    let worth = |checkout: &Checkout, field: &str| match field {
        "created_at" => Some(Worth::Instant(checkout.created_at.as_millisecond())),
        "updated_at" => Some(Worth::Instant(checkout.updated_at.as_millisecond())),
        "id" => Some(Worth::Number(i64::try_from(checkout.id).unwrap_or(i64::MAX))),
        "recovery_state" => {
            let state = if checkout.completed_at.is_some() { "recovered" } else { "not_recovered" };
            Some(Worth::Words(vec![state.to_owned()]))
        }
        "status" => Some(Worth::Words(vec!["open".to_owned()])),
        _ => None,
    };
    let told = |checkout: &Checkout| Thing::Told("AbandonedCheckout", checkout_told(ask, checkout));
    let state = ask.state.borrow();
    let is_left = |checkout: &&Checkout| ask.now.duration_since(checkout.updated_at) >= ABANDONED;
    let all = state.books.checkouts().filter(is_left);
    let all = all.map(|checkout| (key(checkout), checkout.id, checkout));
    some(ask, "AbandonedCheckout", arguments, all.collect(), worth, told)
}

fn checkout_told(ask: &Ask<'_>, checkout: &Checkout) -> serde_json::Value {
    let line = |line: &Line| {
        json!({
            "id": gid(Kind::CheckoutLineItem, line.id),
            "title": line.title,
            "quantity": line.quantity,
            "variant": line.variant.map(|id| json!({"@": gid(Kind::ProductVariant, id)})),
            "product": line.product.map(|id| json!({"@": gid(Kind::Product, id)})),
        })
    };
    json!({
        "id": gid(Kind::AbandonedCheckout, checkout.id),
        "name": format!("#{}", checkout.id),
        "abandonedCheckoutUrl": ask.front.recovery_url(&checkout.token),
        "createdAt": utc(checkout.created_at),
        "updatedAt": utc(checkout.updated_at),
        "completedAt": checkout.completed_at.map(utc),
        "customer": checkout.customer.map(|id| json!({"@": gid(Kind::Customer, id)})),
        "totalPriceSet": orders::both(checkout.total()),
        "lineItems": {"nodes": checkout.lines.iter().map(line).collect::<Vec<_>>()},
    })
}

pub(super) fn events<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let worth = |event: &Event, field: &str| match field {
        "action" => Some(Worth::Words(vec![event.action.clone()])),
        "subject_type" => Some(Worth::Words(vec![loud(event.subject)])),
        "created_at" => Some(Worth::Instant(event.created_at.as_millisecond())),
        "id" => Some(Worth::Number(i64::try_from(event.id).unwrap_or(i64::MAX))),
        _ => None,
    };
    let told = |event: &Event| {
        let subject = match event.subject {
            Subject::Customer => Kind::Customer,
            Subject::Order => Kind::Order,
            Subject::Product => Kind::Product,
        };
        let told = json!({
            "__typename": "BasicEvent",
            "id": gid(Kind::BasicEvent, event.id),
            "action": event.action,
            "createdAt": utc(event.created_at),
            "subjectId": gid(subject, event.subject_id),
            "subjectType": loud(event.subject),
        });
        Thing::Told("BasicEvent", told)
    };
    let state = ask.state.borrow();
    let all = state.books.events().map(|event| (event.created_at.as_second(), event.id, event));
    some(ask, "Event", arguments, all.collect(), worth, told)
}

pub(super) fn subscriptions<'a>(ask: &'a Ask<'_>, arguments: &Arguments<'a>) -> Answer<'a> {
    let (topics, uri) = (arguments.texts("topics"), arguments.text("uri").or(arguments.text("callbackUrl")));
    let state = ask.state.borrow();
    let all = state.hooks.subscriptions().iter().filter(|held| {
        (topics.is_empty() || topics.contains(&held.topic)) && uri.is_none_or(|uri| uri == held.uri)
    });
    let all = all.map(|held| (held.created_at.as_second(), held.id, held));
    let told =
        |held: &crate::shopify::webhooks::Subscription| Thing::Told("WebhookSubscription", held.told());
    some(ask, "WebhookSubscription", arguments, all.collect(), |_, _| None, told)
}

/// Of a short list, that part which is searched for.
pub(super) fn some<'a, T>(
    ask: &'a Ask<'_>,
    of: &'static str,
    arguments: &Arguments<'a>,
    mut all: Vec<(i64, u64, &T)>,
    worth: impl Fn(&T, &str) -> Option<Worth>,
    told: impl Fn(&T) -> Thing,
) -> Result<ResolvedValue<'a>, FieldError> {
    let part = ask.part(arguments)?;
    all.sort_unstable_by_key(|(key, id, _)| (*key, *id));
    let search = Search::parse(arguments.text("query").unwrap_or_default());
    let mut unknown = ask.unknown.borrow_mut();
    all.retain(|(_, _, one)| search.holds(&mut |field| worth(one, field), &mut unknown));
    let page = part.of_rows(all.into_iter().map(|(key, id, one)| ((key, id), told(one))));
    Ok(object(ask, Thing::Connection(Connection::new(of, page))))
}
