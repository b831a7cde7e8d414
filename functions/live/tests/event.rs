//! The gateway's event of `events/`, through Lambda's way in, to the whole function: whoever has a ticket gets a socket, once.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    Currency, Member, Plan, Role, Session, SessionId, SocketId, Tenant, TenantId, TenantStatus, TicketId,
    Timestamp, User, UserId, Zone,
};
use flows::{Clock, FlowError, SecretBox, Secrets, Sending, Sockets, clock::SystemDice, tokens::Ticket};
use live::{Deps, Settings};
use serde_json::{Value, json};
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/live.json");

/// The event's own time, one document of secrets, and a gateway that is told nothing.
struct World(Arc<Secrets>);

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl SecretBox for World {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.0.clone())
    }
}

#[async_trait]
impl Sockets for World {
    async fn send(&self, _: &SocketId, _: &str) -> Result<Sending, FlowError> {
        panic!("a socket that is being opened can be told nothing")
    }

    async fn close(&self, _: &SocketId) -> Result<(), FlowError> {
        panic!("a socket that is being opened can be told nothing")
    }
}

/// Somebody who is signed in, and their ticket.
async fn ticket(store: &Store, world: &World) -> String {
    let (now, id) = (world.now(), TenantId::new(world.now(), [1; 10]));
    let (user, session) = (UserId::new(now, [2; 10]), SessionId::new(now, [3; 10]));
    let (name, email): (domain::Name, domain::EmailAddress) =
        ("Ada".parse().unwrap(), "ada@example.com".parse().unwrap());
    let tenant = Tenant {
        id,
        name: name.clone(),
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: Currency::USD,
        currency_changes: 0,
        zone: Zone::UTC,
        created_at: now,
    };
    let member =
        Member { tenant: id, user, email: email.clone(), name: name.clone(), role: Role::Viewer, since: now };
    let person = User {
        id: user,
        email,
        name,
        password_hash: None,
        google_subject: None,
        email_proven_at: None,
        epoch: 0,
        hand: 0,
        created_at: now,
    };
    let ends_at = Timestamp::from_second(now.as_second() + 60).unwrap();
    let signed_in = Session {
        id: session,
        user,
        tenant: Some(id),
        generation: 0,
        rotated_at: now,
        epoch: 0,
        created_at: now,
        expires_at: ends_at,
        revoked: false,
    };
    let steps = vec![
        Store::user_made(&person),
        Store::tenant_made(&tenant, &member),
        Store::session_opened(&signed_in),
    ];
    store.commit(steps).await.unwrap();
    let ticket = Ticket { id: TicketId::new(now, [4; 10]), tenant: id, user, session, ends_at };
    world.0.ticket(&ticket)
}

#[tokio::test]
async fn whoever_has_a_ticket_gets_a_socket_once() {
    let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap();
    let (world, store) = (Arc::new(World(Arc::new(secrets))), Store::new(Arc::new(LocalTable::in_memory())));
    let settings = Settings { origin: "https://crm.example.com".to_owned(), allowed_origins: Vec::new() };
    let (secrets, sockets, clock) = (world.clone(), world.clone(), world.clone());
    let deps = Deps { store: store.clone(), secrets, sockets, clock, settings };
    let knocked = async |event: Value| runtime::heard(event, |event| live::on(&deps, event)).await.unwrap();

    let mut event: Value = serde_json::from_str(EVENT).unwrap();
    assert_eq!(knocked(event.clone()).await, json!({"statusCode": 401}));
    let offered = format!("regulars, ticket.{}", ticket(&store, &world).await);
    event["headers"]["Sec-WebSocket-Protocol"] = json!(offered);
    let opened = json!({"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "regulars"}});
    assert_eq!(knocked(event.clone()).await, opened);
    let name: SocketId = "BnF8ScHpFiACGqA=".parse().unwrap();
    assert!(store.standing_of_socket(&name).await.unwrap().is_some_and(|known| known.socket.is_some()));

    event["requestContext"]["connectionId"] = json!("BnF8ScHpFiACGqB=");
    assert_eq!(knocked(event.clone()).await, json!({"statusCode": 401}));
    event["requestContext"]["connectionId"] = json!("BnF8ScHpFiACGqA=");
    event["requestContext"]["eventType"] = json!("DISCONNECT");
    assert_eq!(knocked(event).await, json!({"statusCode": 200}));
    assert!(store.standing_of_socket(&name).await.unwrap().is_none(), "it is gone");
}
