//! Deliveries: what is sent to whom, in which order, how often, and what becomes of it.

use axum::body::Bytes;
use flows::Dice;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::{Courier, Parcel, loud_topic, payload, seen::seen};
use crate::shopify::{
    books::Did,
    graphql::{Search, Worth},
    shop::{Front, Shop, State},
    switches::{below, hex},
};

/// How long after each failure it is tried again: eight times, over four hours.
const RETRIES_SECONDS: [i64; 8] = [10, 60, 180, 600, 1_200, 2_400, 3_600, 6_350];
/// So many go out at a time.
const LANES: usize = 16;

/// A webhook on its way.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) topic: String,
    uri: String,
    body: Bytes,
    /// The same with every try.
    webhook_id: String,
    /// The same for all that one act has led to.
    event_id: String,
    triggered_at: Timestamp,
    /// The one that was made by GraphQL; `None`: by the app's configuration.
    subscription: Option<u64>,
    name: Option<String>,
    attempts: usize,
    pub(crate) due_at: Timestamp,
}

/// What became of a try.
#[derive(Debug, Clone)]
pub struct Delivered {
    pub topic: String,
    pub uri: String,
    pub webhook_id: String,
    pub attempts: usize,
    pub at: Timestamp,
    /// The status of the answer, or why there was none.
    pub answer: Result<u16, String>,
    /// When it is tried again, if it is.
    pub again_at: Option<Timestamp>,
}

impl State {
    /// Whoever subscribed to any of what was done is told.
    pub(crate) fn tell(&mut self, did: &[Did], front: &Front, dice: &dyn Dice, now: Timestamp) {
        let event = hex(dice, 32);
        for did in did {
            if let Some((topic, told)) = payload::of(did, &self.books, front, now) {
                self.send((topic, &event), &told, front, dice, now);
            }
        }
    }

    /// Something that is no act in the shop.
    pub(crate) fn announce(
        &mut self,
        topic: &str,
        told: &Value,
        front: &Front,
        dice: &dyn Dice,
        now: Timestamp,
    ) {
        let event = hex(dice, 32);
        self.send((topic, &event), told, front, dice, now);
    }

    fn send(
        &mut self,
        (topic, event): (&str, &str),
        told: &Value,
        front: &Front,
        dice: &dyn Dice,
        now: Timestamp,
    ) {
        if self.access.scopes.is_none() {
            return;
        }
        let Some(told) = seen(topic, told, self.switches.denied) else { return };
        let told = &*told;
        let body = Bytes::from(told.to_string());
        let of_app = front.app.settings.subscriptions.iter().filter(|(subscribed, _)| subscribed == topic);
        let of_app = of_app.map(|(_, uri)| (uri.clone(), body.clone(), None, None));
        let loud = loud_topic(topic);
        let of_shop =
            self.hooks.subscriptions().iter().filter(|held| held.topic == loud && held.is_meant(told));
        let of_shop = of_shop.map(|held| {
            let body =
                if held.fields.is_empty() { body.clone() } else { Bytes::from(chosen(told, &held.fields)) };
            (held.uri.clone(), body, Some(held.id), held.name.clone())
        });
        let to: Vec<_> = of_app.chain(of_shop).collect();
        for (uri, body, subscription, name) in to {
            if below(dice, 1_000) < u64::from(self.switches.lost_per_mille) {
                self.hooks.lost += 1;
                continue;
            }
            let delivery = Delivery {
                topic: topic.to_owned(),
                uri,
                body,
                webhook_id: uuid(&hex(dice, 32)),
                event_id: uuid(event),
                triggered_at: now,
                subscription,
                name,
                attempts: 0,
                due_at: now,
            };
            let copies = self.switches.copies as usize + 1;
            self.hooks.queue.extend(std::iter::repeat_n(delivery, copies));
        }
    }

    /// What is to go out now, in the order in which it goes.
    fn due(&mut self, dice: &dyn Dice, now: Timestamp) -> Vec<Delivery> {
        let queue = std::mem::take(&mut self.hooks.queue);
        let (mut due, later): (Vec<_>, Vec<_>) =
            queue.into_iter().partition(|delivery| delivery.due_at <= now);
        self.hooks.queue = later;
        if self.switches.is_shuffled {
            for last in (1..due.len()).rev() {
                due.swap(last, usize::try_from(below(dice, last as u64 + 1)).unwrap_or_default());
            }
        }
        due
    }

    fn tried(&mut self, delivery: Delivery, answer: Result<u16, String>, now: Timestamp) {
        let is_taken = answer.as_ref().is_ok_and(|status| (200..300).contains(status));
        let attempts = delivery.attempts + 1;
        let wait = RETRIES_SECONDS.get(delivery.attempts).filter(|_| !is_taken);
        let again_at = wait.map(|seconds| now + SignedDuration::from_secs(*seconds));
        self.hooks.remember(Delivered {
            topic: delivery.topic.clone(),
            uri: delivery.uri.clone(),
            webhook_id: delivery.webhook_id.clone(),
            attempts,
            at: now,
            answer,
            again_at,
        });
        match (again_at, delivery.subscription) {
            (Some(due_at), _) => self.hooks.queue.push(Delivery { attempts, due_at, ..delivery }),
            // Nobody took it in four hours: a subscription that was made by GraphQL ends.
            (None, Some(id)) if !is_taken => {
                self.unsubscribe(id);
            }
            _ => {}
        }
    }
}

impl Shop {
    /// Sends what is due; answers how many deliveries were tried.
    pub(crate) async fn deliver(&self, courier: &dyn Courier) -> usize {
        let due = self.with(|state, now, dice| state.due(dice, now));
        let count = due.len();
        let mut due = due.into_iter().peekable();
        while due.peek().is_some() {
            let lane: Vec<_> = due.by_ref().take(LANES).collect();
            let now = self.now();
            let parcels: Vec<_> = lane.iter().map(|delivery| delivery.parcel(self.front(), now)).collect();
            let answers = futures::future::join_all(parcels.iter().map(|parcel| courier.bring(parcel))).await;
            self.with(|state, now, _| {
                for (delivery, answer) in lane.into_iter().zip(answers) {
                    state.tried(delivery, answer, now);
                }
            });
        }
        count
    }

    /// Webhooks that are not delivered yet, those that wait for another try among them.
    pub fn undelivered(&self) -> usize {
        self.with(|state, _, _| state.hooks.queue.len())
    }

    /// When the next one is due.
    pub fn next_delivery_at(&self) -> Option<Timestamp> {
        self.with(|state, _, _| state.hooks.queue.iter().map(|delivery| delivery.due_at).min())
    }

    /// The last tries, newest first.
    pub fn delivered(&self) -> Vec<Delivered> {
        self.with(|state, _, _| state.hooks.delivered.iter().cloned().collect())
    }

    /// How many webhooks the dice have lost.
    pub fn lost(&self) -> u64 {
        self.with(|state, _, _| state.hooks.lost)
    }
}

impl Delivery {
    fn parcel(&self, front: &Front, now: Timestamp) -> Parcel {
        let at = self.triggered_at;
        let triggered = format!("{}.{:09}Z", at.strftime("%Y-%m-%dT%H:%M:%S"), at.subsec_nanosecond());
        let mut headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-shopify-topic", self.topic.clone()),
            ("x-shopify-hmac-sha256", front.app.webhook_signature(&self.body, now)),
            ("x-shopify-shop-domain", front.domain.clone()),
            ("x-shopify-api-version", front.app.settings.api_version.clone()),
            ("x-shopify-webhook-id", self.webhook_id.clone()),
            ("x-shopify-event-id", self.event_id.clone()),
            ("x-shopify-triggered-at", triggered),
        ];
        headers.extend(self.name.clone().map(|name| ("x-shopify-name", name)));
        Parcel { uri: self.uri.clone(), headers, body: self.body.clone() }
    }
}

impl super::Subscription {
    /// Whether its filter lets that through.
    fn is_meant(&self, told: &Value) -> bool {
        let Some(filter) = &self.filter else { return true };
        let mut worth = |field: &str| {
            let value = field.split('.').try_fold(told, |value, part| value.get(part))?;
            Some(match value {
                Value::Number(number) => Worth::Number(number.as_i64()?),
                Value::String(text) => Worth::Words(vec![text.clone()]),
                other => Worth::Words(vec![other.to_string()]),
            })
        };
        Search::parse(filter).holds(&mut worth, &mut std::collections::BTreeSet::new())
    }
}

/// Those fields alone.
fn chosen(told: &Value, fields: &[String]) -> String {
    let pairs = fields.iter().filter_map(|field| Some((field.clone(), told.get(field)?.clone())));
    Value::Object(pairs.collect::<Map<_, _>>()).to_string()
}

/// In the form of a UUID of the fourth kind.
fn uuid(hex: &str) -> String {
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}
