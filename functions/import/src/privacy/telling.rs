//! All that is known of somebody, gathered in a file for the shop's owner, as JSON with names that speak for themselves.

use std::collections::HashMap;

use columns::Slot;
use domain::{
    AccountState, Consent, Currency, Customer, CustomerId, Order, Point, RfmGroup, SpendTier, Timestamp,
    campaign::{Kind, Mark, Message, MessageId},
    customer::{Address, AttributeValue, CustomerKind},
    fields,
    privacy::{Done, Request, State},
    timeline::{Event, Written},
};
use flows::{FlowError, files::FileName, privacy::Person, record::WAY_BACK};
use serde_json::{Value, json};
use store::{Held, SegmentList};

use super::{Desk, listing, scores::Night};

/// Events of a customer that are read together.
const EVENTS_AT_ONCE: u32 = 200;

pub(super) async fn told(desk: &Desk<'_>, held: &Held<Request>) -> Result<(), FlowError> {
    let (held, person) = desk.person(held.clone()).await?;
    let (file, done) = gathered(desk, &held, &person).await?;
    let name = FileName::Person { tenant: desk.store.id(), request: held.id };
    let bytes = serde_json::to_vec_pretty(&file).map_err(FlowError::broken)?;
    desk.deps.files.write(name, bytes).await?;
    let request = Request { done, ..Request::clone(&held) }.ended(State::Done, desk.deps.clock.now());
    desk.left(&held, request).await?;
    // The owners are told. If nobody hears of this, the clock asks.
    let task = domain::Task::MailRequest { tenant: desk.store.id(), request: held.id };
    desk.deps.tasks.leave(vec![task.into()]).await
}

async fn gathered(desk: &Desk<'_>, request: &Request, person: &Person) -> Result<(Value, Done), FlowError> {
    let tenant = desk.store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
    let currency = tenant.currency;
    let (mut customers, mut orders) = (Vec::new(), person.orders.clone());
    let segments = desk.store.segments().await?;
    for id in &person.ids {
        let Some(customer) = desk.store.customer(*id).await? else { continue };
        let theirs = Theirs::of(desk, &customer, &segments).await?;
        for (_, event) in &theirs.events {
            if let Event::Order(order) = event {
                orders.remove(&order.id);
            }
        }
        customers.push((customer, theirs));
    }
    let mut others = Vec::new();
    for id in orders {
        others.extend(desk.store.order(id).await?.map(|order| order_told(&order, currency)));
    }
    let count = |is: fn(&Event) -> bool| {
        customers.iter().flat_map(|(_, theirs)| &theirs.events).filter(|(_, event)| is(event)).count() as u64
    };
    let done = Done {
        customers: customers.len() as u64,
        orders: count(|event| matches!(event, Event::Order(_))) + others.len() as u64,
        files: 1,
        ..Done::default()
    };
    let night = Night::last(desk, tenant.zone.clone(), currency).await?;
    let customers: Vec<_> = customers
        .iter()
        .map(|(customer, theirs)| {
            let mut told = customer_told(customer, theirs, currency);
            told["scores"] =
                night.as_ref().map_or(Value::Null, |night| night.told(customer, theirs.orders()));
            told
        })
        .collect();
    let baskets = baskets(desk, person, currency).await?;
    let not_written_to = listing::not_written_to(desk, person).await?;
    let file = json!({
        "about": "all that is known here of one customer, for the owner of the shop, who was asked for it",
        "request": request.id, "asked_at": request.received_at, "shop": tenant.shop,
        "customers": customers, "further_orders": others, "baskets": baskets,
        "not_written_to": not_written_to,
    });
    Ok((file, done))
}

/// What stands of a customer beside them.
struct Theirs {
    events: Vec<(Timestamp, Event)>,
    /// What became of what they were written.
    messages: HashMap<MessageId, Message>,
    /// In which segments they are, and on which lists, by what those are called.
    segments: Vec<Value>,
}

impl Theirs {
    async fn of(desk: &Desk<'_>, customer: &Customer, all: &SegmentList) -> Result<Self, FlowError> {
        let events = events(desk, customer.id).await?;
        let written = events.iter().filter_map(|(_, event)| match event {
            Event::Written(written) => Some(written.message),
            _ => None,
        });
        let messages = desk.store.messages(&written.collect::<Vec<_>>()).await?;
        let (_, ids) = desk.store.segments_of(Slot(customer.slot)).await?;
        let segments = all.iter().filter(|segment| ids.contains(&segment.id));
        let segments =
            segments.map(|segment| json!({"id": segment.id, "name": segment.name, "kind": segment.kind()}));
        Ok(Self { events, messages, segments: segments.collect() })
    }

    fn orders(&self) -> impl Iterator<Item = &Order> {
        self.events.iter().filter_map(|(_, event)| match event {
            Event::Order(order) => Some(&**order),
            _ => None,
        })
    }
}

/// What they were about to pay for, whether they went on or not.
async fn baskets(desk: &Desk<'_>, person: &Person, currency: Currency) -> Result<Vec<Value>, FlowError> {
    let mut told = Vec::new();
    for (token, cart) in desk.store.carts_of(&person.ids).await? {
        let way_back = match cart.way_back.as_deref() {
            Some(sealed) => Some(desk.seals.open(desk.store, WAY_BACK, sealed).await?),
            None => None,
        };
        let way_back = way_back.and_then(|way_back| String::from_utf8(way_back).ok());
        told.push(json!({
            "token": token, "customer": cart.customer, "total": cart.total.show(currency), "currency": currency,
            "begun_at": cart.begun_at, "updated_at": cart.updated_at, "ended_at": cart.ended_at,
            "left_behind_since": cart.noted.map(|(_, at)| at), "recovery_url": way_back,
        }));
    }
    Ok(told)
}

async fn events(desk: &Desk<'_>, id: CustomerId) -> Result<Vec<(Timestamp, Event)>, FlowError> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let read = desk.store.events(id, EVENTS_AT_ONCE, after.as_deref()).await?;
        all.extend(read.events);
        match read.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

fn customer_told(customer: &Customer, theirs: &Theirs, currency: Currency) -> Value {
    let Theirs { events, messages, segments } = theirs;
    let addresses: Vec<_> = customer.addresses.iter().map(address_told).collect();
    let attributes = customer.attributes.iter().map(|(name, value)| (name.clone(), attribute_told(value)));
    let changes: Vec<_> = customer
        .changes
        .iter()
        .map(|change| json!({"at": change.at, "by": change.by, "fields": change.what.names().collect::<Vec<_>>()}))
        .collect();
    let orders: Vec<_> = theirs.orders().map(|order| order_told(order, currency)).collect();
    let mut told = json!({
        "id": customer.id, "kind": kind_told(customer.kind),
        "first_name": customer.first_name, "last_name": customer.last_name,
        "email": customer.email, "phone": customer.phone, "addresses": addresses,
        "tags": customer.tags, "language": customer.language, "note": customer.note,
        "birthday": customer.birthday.map(|day| day.to_string()),
        "attributes": attributes.collect::<serde_json::Map<_, _>>(),
    });
    let more = json!({
        "email_consent": customer.email_consent.as_ref().map(consent_told),
        "sms_consent": customer.sms_consent.as_ref().map(consent_told),
        "suppressed": {"email": customer.suppressed.email, "sms": customer.suppressed.sms},
        "declined_topics": customer.declined.kinds().map(Kind::name).collect::<Vec<_>>(),
        "orders_count": customer.totals.orders,
        "total_spent": amount(customer.totals.spent, currency), "currency": currency,
        "first_order_at": customer.totals.first_order_at, "last_order_at": customer.totals.last_order_at,
        "created_at": customer.created_at, "updated_at": customer.updated_at,
        "told_by_the_shop_at": customer.shop_words.at, "changes": changes,
        "shopify_rfm_group": customer.shop_scores.rfm_group.map(RfmGroup::name),
        "shopify_spend_tier": customer.shop_scores.spend_tier.map(SpendTier::name),
        "account_status": customer.account.map(AccountState::name),
        "segments": segments,
        "timeline": events.iter().filter_map(|event| event_told(event, messages, currency)).collect::<Vec<_>>(),
        "orders": orders,
    });
    if let (Some(told), Value::Object(more)) = (told.as_object_mut(), more) {
        told.extend(more);
    }
    told
}

fn kind_told(kind: CustomerKind) -> &'static str {
    match kind {
        CustomerKind::Person => "person",
        CustomerKind::Guest => "guest",
        CustomerKind::WalkIn => "walk_in",
        CustomerKind::Erased => "erased",
        CustomerKind::Merged(_) => "merged",
    }
}

fn event_told(
    (at, event): &(Timestamp, Event),
    messages: &HashMap<MessageId, Message>,
    currency: Currency,
) -> Option<Value> {
    match event {
        Event::Order(_) | Event::Changed(_) => None,
        Event::Consent(channel, consent) => {
            Some(json!({"at": at, "type": "consent", "channel": channel, "consent": consent_told(consent)}))
        }
        Event::LeftCart(left) => {
            Some(json!({"at": at, "type": "left_cart", "total": left.total.show(currency)}))
        }
        Event::Merged(customer) => Some(json!({"at": at, "type": "merged", "customer": customer})),
        Event::Written(written) => {
            Some(message_told(*at, written, &messages.get(&written.message).cloned().unwrap_or_default()))
        }
        Event::Moved(moved) => {
            let what = if moved.joined { "segment_joined" } else { "segment_left" };
            Some(json!({"at": at, "type": what, "segment": moved.name}))
        }
    }
}

/// It stands in the timeline from when somebody began to send it: what became of it says whether it went out.
fn message_told(at: Timestamp, written: &Written, message: &Message) -> Value {
    let Message { fate, why, sent_at, settled_at, opened_at, clicked_at, marks, .. } = message;
    json!({"at": at, "type": "message", "channel": written.channel, "campaign": written.name, "status": fate, "why": why,
        "was_sent": fate.is_out(), "sent_at": sent_at.filter(|_| fate.is_out()), "settled_at": settled_at,
        "opened_at": opened_at, "opened_by_machine": marks.has(Mark::OpenedByMachine), "clicked_at": clicked_at,
        "clicked_by_machine": marks.has(Mark::ClickedByMachine), "complained": marks.has(Mark::Complained),
        "unsubscribed": marks.has(Mark::Unsubscribed)})
}

fn consent_told(consent: &Consent) -> Value {
    let Consent { state, level, source, method, at } = consent;
    json!({"state": state, "level": level, "source": source, "method": method, "at": at})
}

fn address_told(address: &Address) -> Value {
    let Address { company, line1, line2, city, region, postcode, country, point } = address;
    let (latitude, longitude) = point.map(Point::degrees).unzip();
    json!({"company": company, "line1": line1, "line2": line2, "city": city, "region": region,
        "postcode": postcode, "country": country, "latitude": latitude, "longitude": longitude})
}

fn attribute_told(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Text(text) => json!(text),
        // As a text: digits, never through a float.
        AttributeValue::Number(millionths) => json!(fields::show_number(*millionths)),
        AttributeValue::Yes(yes) => json!(yes),
        AttributeValue::Day(day) => json!(day.to_string()),
        AttributeValue::List(words) => json!(words),
    }
}

fn order_told(order: &Order, currency: Currency) -> Value {
    let lines: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            json!({"title": line.title, "product": line.product, "variant": line.variant,
                "quantity": line.quantity, "price": line.price.show(currency)})
        })
        .collect();
    json!({
        "id": order.id, "name": order.name, "status": order.status, "placed_at": order.placed_at,
        "updated_at": order.updated_at, "cancelled_at": order.cancelled_at, "test": order.is_test, "app_id": order.app,
        "location_id": order.location,
        "lines": lines, "discounts": order.discounts.show(currency), "taxes": order.taxes.show(currency),
        "shipping": order.shipping.show(currency), "total": order.total.show(currency),
        "refunded": order.refunded.show(currency), "currency": currency, "note": order.note,
    })
}

pub(super) fn amount(minor: i64, currency: Currency) -> Option<String> {
    domain::Minor::new(minor).ok().map(|amount| amount.show(currency))
}
