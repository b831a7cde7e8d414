//! Who is in segments, kept by every change and every day that begins: always as if it were found from nothing.

mod explained;
mod faults;
mod kept;
mod lists;
mod moves;
mod overtaken;
mod own;
mod refreshed;
mod shown;
mod tagged;
mod time;
mod watched;
mod written;

use crate::{cast::Person, customers::shop};
use columns::{Family, Members, Program, Tagged};
use domain::{SegmentId, TenantId, Timestamp};
use flows::Clock;
use local::World;
use rules::Rule;
use segments::{Given, Named, Scene, compile, scores_in, untold};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use store::TenantStore;

const PATH: &str = "/api/v1/segments";

/// A shop in New York with a plan that lets many calls through.
pub(crate) async fn house(world: &World, name: &str) -> Person {
    let owner = shop(world, name).await;
    let zone = json!({"timezone": "America/New_York"});
    assert_eq!(owner.call(world, "PATCH", "/api/v1/tenants/me", &zone).await.status, 200);
    // A session ends before the day does.
    let scopes = [
        "account:read",
        "account:manage",
        "customers:read",
        "customers:manage",
        "orders:read",
        "orders:manage",
        "campaigns:read",
        "campaigns:manage",
    ];
    let key = owner.post(world, "/api/v1/api-keys", &json!({"name": "k", "scopes": scopes})).await;
    Person { access: key.text_at("/key"), ..owner }
}

pub(crate) fn store_of(world: &World, owner: &Person) -> TenantStore {
    world.store_of(owner.tenant.parse::<TenantId>().expect("a tenant's id"))
}

pub(crate) async fn segment(world: &World, owner: &Person, name: &str, rule: &str) -> String {
    let made = owner.post(world, PATH, &json!({"name": name, "rule": rule})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.text_at("/id")
}

async fn list(world: &World, owner: &Person, name: &str) -> String {
    let made = owner.post(world, PATH, &json!({"name": name, "kind": "static"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.text_at("/id")
}

/// As the segment tells it.
async fn count(world: &World, owner: &Person, id: &str) -> Value {
    let shown = owner.get(world, &format!("{PATH}/{id}")).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(shown.at("/settled_at").is_string(), "it is settled: {}", shown.text);
    shown.at("/count")
}

/// The ids of those who are in it, as it is kept.
pub(crate) async fn members(store: &TenantStore, id: &str) -> BTreeSet<String> {
    let members = store.members_of(id.parse().expect("a segment's id")).await.expect("memory holds");
    let mut ids = BTreeSet::new();
    for shard in columns::ShardNumber::of_first(store.slots().await.expect("memory holds")) {
        let directory = store.directory(shard).await.expect("memory holds");
        ids.extend(
            directory.into_iter().filter(|(slot, _)| members.has(*slot)).map(|(_, id)| id.to_string()),
        );
    }
    assert_eq!(members.len(), ids.len() as u64, "every slot is somebody's");
    ids
}

/// Who joined which segment and who left it, as a customer's timeline tells it: the oldest first.
pub(crate) async fn moves(world: &World, owner: &Person, customer: &str) -> Vec<(String, String)> {
    let text = |item: &Value, name: &str| item[name].as_str().unwrap_or_default().to_owned();
    let (mut moves, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/customers/{customer}/timeline?limit=100{cursor}");
        let told = owner.get(world, &path).await;
        assert_eq!(told.status, 200, "{}", told.text);
        let items = told.at("/items").as_array().cloned().unwrap_or_default();
        moves.extend(items.iter().map(|item| (text(item, "type"), text(item, "name"))));
        let Some(next) = told.at("/next").as_str().map(str::to_owned) else { break };
        cursor = format!("&cursor={next}");
    }
    moves.retain(|(kind, _)| kind.starts_with("segment_"));
    moves.reverse();
    moves
}

/// Every segment is as its rule has it now, asked of everybody; what is frozen holds nobody who is gone.
pub(crate) async fn must_be_as_from_nothing(world: &World, store: &TenantStore, at: Timestamp, what: &str) {
    let list = store.segments().await.expect("memory holds");
    let nightly = store.nightly().await.expect("memory holds");
    let team = store.tenant().await.expect("memory holds").expect("it is there");
    let shop = segments::shop(team.currency, &store.own_columns().await.expect("memory holds"));
    let mut rules = BTreeMap::new();
    // Read anew, past whatever is held.
    let products = store.products(20_000).await.expect("memory holds");
    let store::Products::All(products) = products else { panic!("so few") };
    let tagged = Tagged::of(products.iter().map(|it| (it.id.to_string().into(), it.tags.iter())));
    let tagged = Some(Arc::new(tagged));
    let outcomes = Some(Arc::new(written::outcomes(store).await));
    let mut given = Given { tagged, outcomes, ..Given::default() };
    let view = store.audience(&Family::ALL).await.expect("memory holds").view;
    let everyone = Program::new(columns::Test::Everyone);
    let everyone = view.select(&everyone).expect("all is read").members();
    let mut kept: BTreeMap<SegmentId, Members> = BTreeMap::new();
    for held in list.iter() {
        let members = store.members_of(held.id).await.expect("memory holds");
        assert!(members.without(&everyone).is_empty(), "{what}: somebody who is gone is in {:?}", held.rule);
        let id: Box<str> = held.id.to_string().into();
        let rule = held.rule.as_ref().filter(|_| held.is_kept());
        let rule = rule.map(|rule| Rule::parse(&rule.text, &shop).expect("a rule"));
        // What the night did not tell is as it was.
        if let Some(rule) = rule.filter(|rule| untold(nightly.as_deref(), rule).is_none()) {
            rules.insert(id.to_string(), rule);
        } else {
            let members = Arc::new(members.clone());
            given.lists.insert(id.clone(), members.clone());
            given.segments.insert(id, members);
        }
        kept.insert(held.id, members);
    }
    let (tenant, zone) = (store.id(), &team.zone);
    if let Some(nightly) = nightly {
        given.may_ask(&nightly, &rules.values().flat_map(scores_in).collect());
        given.foretell(&nightly, &view, zone).expect("all is read");
    }
    for (id, rule) in &rules {
        let named = Named::by(rule, |id| rules.get(id));
        let scene = Scene { tenant, currency: team.currency, zone, now: at, given: &given };
        let given = named.found(&view, &scene).expect("all of it can be asked");
        let test = compile(rule, &Scene { given: &given, ..scene }).expect("all of it can be asked");
        let found = view.select(&Program::new(test)).expect("all is read").members();
        let kept = &kept[&id.parse::<SegmentId>().expect("an id")];
        let (missing, beyond) = (found.without(kept), kept.without(&found));
        assert!(
            missing.is_empty() && beyond.is_empty(),
            "{what}: {rule}: lacks {missing:?}, has {beyond:?} at {at} (now {})",
            world.clock.now()
        );
    }
}
