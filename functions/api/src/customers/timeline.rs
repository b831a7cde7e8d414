//! What happened with a customer, newest first, each entry with its kind.

use axum::{Json, extract::State};
use domain::{
    CampaignId, Currency, Customer, CustomerId, Permission, SegmentId, Timestamp,
    campaign::{Fate, Message},
    customer::{Change, ChangedBy, Facts},
    template,
    timeline::{Channel, Event, LeftBehind, Moved, Written},
};
use flows::{record::WAY_BACK, seal::Seals};
use serde::{Deserialize, Serialize};
use store::{Events, TenantStore};
use utoipa::{IntoParams, ToSchema};

use super::{
    present,
    view::{ConsentView, OrderBrief},
};
use crate::{
    App,
    cursor::{Within, limited},
    error::{Problem, ProblemDocument},
    input::{Asked, Named},
    who::Acting,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TimelineAsked {
    /// How many at most: 1 to 100, 20 unless told.
    limit: Option<usize>,
    /// The `next` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Timeline {
    items: Vec<EntryView>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct EntryView {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    #[serde(flatten)]
    event: EventView,
}

#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum EventView {
    /// As it is now, at the time it was placed.
    Order { order: OrderBrief },
    /// What they agreed to, or took back.
    Consent {
        /// `email` or `sms`.
        #[schema(value_type = String)]
        channel: Channel,
        consent: ConsentView,
    },
    /// What is known of them was changed.
    ProfileChanged {
        /// `person`, `program`, `shopify`, `import`, `order`, or `customer`: themselves, by a link in a message.
        #[schema(value_type = String)]
        by: ChangedBy,
        /// The names of what was changed.
        fields: Vec<&'static str>,
    },
    /// Another customer became part of this one.
    Merged {
        #[schema(value_type = String)]
        customer: CustomerId,
    },
    /// They were about to pay for something and did not go on.
    CartAbandoned {
        total: String,
        /// Where they can go on.
        recovery_url: Option<String>,
    },
    /// They have come into a segment, or were put on a list.
    SegmentJoined {
        #[schema(value_type = String)]
        segment: SegmentId,
        /// As it was called then.
        name: String,
    },
    SegmentLeft {
        #[schema(value_type = String)]
        segment: SegmentId,
        name: String,
    },
    /// A campaign has written to them.
    Message {
        #[schema(value_type = String)]
        campaign: CampaignId,
        /// As the campaign was called then.
        name: String,
        #[schema(value_type = String)]
        channel: template::Channel,
        /// `pending`, `sending`, `skipped`, `unknown`, `failed`, `sent`, `bounced` or `delivered`.
        #[schema(value_type = String)]
        status: Fate,
        opened: bool,
        clicked: bool,
    },
    /// They became known.
    Created,
}

/// A customer's timeline
#[utoipa::path(get, operation_id = "customer_timeline", path = "/api/v1/customers/{customer}/timeline", tag = "Customers",
    params(("customer" = String, Path, description = "the customer's id"), TimelineAsked),
    responses((status = 200, body = Timeline), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Asked(asked): Asked<TimelineAsked>,
) -> Result<Json<Timeline>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let limit = limited(asked.limit)?;
    let customer = present(&caller.store, &id).await?;
    let secrets = deps.open_secrets().await?;
    let list = format!("{}/customers/{}/timeline", caller.store.id(), customer.id);
    let within = Within { secrets: &secrets, list };
    let after = asked.cursor.as_deref().map(|cursor| within.unsealed(cursor)).transpose()?;

    let size = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let read = caller.store.events(customer.id, size, after.as_deref()).await?;
    let (shown, next) = merged(&customer, read, after.as_deref(), limit);
    let next = next.map(|key| within.sealed(&key, &*deps.dice)).transpose()?;
    let currency = caller.tenant.currency;
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    let written = |(_, entry): &(Timestamp, Entry)| match entry {
        Entry::Event(Event::Written(written)) => Some(written.message),
        _ => None,
    };
    let messages = caller.store.messages(&shown.iter().filter_map(written).collect::<Vec<_>>()).await?;
    let mut items = Vec::new();
    for (at, entry) in shown {
        let way_back = way_back(&caller.store, &seals, &entry).await?;
        let now = match &entry {
            Entry::Event(Event::Written(written)) => messages.get(&written.message).cloned(),
            _ => None,
        };
        let event = EventView::of(entry, currency, way_back, now);
        items.push(EntryView { at, event });
    }
    Ok(Json(Timeline { items, next }))
}

/// Where they can go on with what they left behind.
async fn way_back(store: &TenantStore, seals: &Seals, entry: &Entry) -> Result<Option<String>, Problem> {
    let Entry::Event(Event::LeftCart(LeftBehind { way_back: Some(sealed), .. })) = entry else {
        return Ok(None);
    };
    Ok(String::from_utf8(seals.open(store, WAY_BACK, sealed).await?).ok())
}

enum Entry {
    Event(Event),
    Created,
}

/// Events, and between them what only the customer remembers: the first `limit` after a key, and the key after which
/// the rest begins.
fn merged(
    customer: &Customer,
    read: Events,
    after: Option<&str>,
    limit: usize,
) -> (Vec<(Timestamp, Entry)>, Option<String>) {
    let Events { events, keys, next } = read;
    // Beyond the last event that was read nothing is known yet.
    let last = next.as_ref().and(keys.last()).cloned();
    let mut all: Vec<(String, Timestamp, Entry)> =
        events.into_iter().zip(keys).map(|((at, event), key)| (key, at, Entry::Event(event))).collect();
    let is_next = |key: &String| {
        after.is_none_or(|after| key.as_str() < after) && last.as_ref().is_none_or(|last| key > last)
    };
    let remembered = changes(customer).map(|change| {
        let key = TenantStore::event_key(change.at, &format!("changed {:?}", change.by));
        (key, change.at, Entry::Event(Event::Changed(change)))
    });
    let created = (TenantStore::event_key(customer.created_at, "a"), customer.created_at, Entry::Created);
    all.extend(remembered.chain([created]).filter(|(key, ..)| is_next(key)));
    all.sort_by(|(one, ..), (other, ..)| other.cmp(one));
    let is_more = all.len() > limit || last.is_some();
    all.truncate(limit);
    let next = all.last().filter(|_| is_more).map(|(key, ..)| key.clone());
    (all.into_iter().map(|(_, at, entry)| (at, entry)).collect(), next)
}

/// What one kind of hand changed within one second is one change. Consents are told by entries of their own.
fn changes(customer: &Customer) -> impl Iterator<Item = Change> {
    let consents = Facts::NAMES.iter().zip(0..).filter(|(name, _)| name.ends_with("_consent"));
    let consents = consents.fold(0, |bits: u16, (_, bit)| bits | 1 << bit);
    let mut all: Vec<Change> = Vec::new();
    for change in &customer.changes {
        let what = change.what.0 & !consents;
        match all.iter_mut().find(|known| known.at == change.at && known.by == change.by) {
            Some(known) => known.what.0 |= what,
            None => all.push(Change { what: Facts(what), ..*change }),
        }
    }
    all.into_iter().filter(|change| !change.what.is_empty())
}

impl EventView {
    /// `now`: what became of a message.
    fn of(entry: Entry, currency: Currency, recovery_url: Option<String>, now: Option<Message>) -> Self {
        match entry {
            Entry::Created => Self::Created,
            Entry::Event(Event::Order(order)) => Self::Order { order: OrderBrief::of(&order, currency) },
            Entry::Event(Event::Consent(channel, consent)) => {
                Self::Consent { channel, consent: consent.into() }
            }
            Entry::Event(Event::Merged(customer)) => Self::Merged { customer },
            Entry::Event(Event::Written(Written { message, name, channel })) => {
                let Message { fate, opened_at, clicked_at, .. } = now.unwrap_or_default();
                let (opened, clicked) = (opened_at.is_some(), clicked_at.is_some());
                Self::Message { campaign: message.campaign, name, channel, status: fate, opened, clicked }
            }
            Entry::Event(Event::Moved(Moved { segment, name, joined: true })) => {
                Self::SegmentJoined { segment, name }
            }
            Entry::Event(Event::Moved(Moved { segment, name, joined: false })) => {
                Self::SegmentLeft { segment, name }
            }
            Entry::Event(Event::LeftCart(left)) => {
                Self::CartAbandoned { total: left.total.show(currency), recovery_url }
            }
            Entry::Event(Event::Changed(Change { by, what, .. })) => {
                Self::ProfileChanged { by, fields: what.names().collect() }
            }
        }
    }
}
