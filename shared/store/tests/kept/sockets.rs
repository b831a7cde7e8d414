//! Who watches, as it is stored: each tenant's apart, found by the gateway's name, and gone in one step.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use domain::{RunId, Session, SessionId, Socket, SocketId, TenantId, UserId};
use std::{collections::BTreeSet, sync::Arc};
use store::{Store, StoreError, TenantStore, local::LocalTable};

use crate::instants::at;

fn session() -> Session {
    Session {
        id: SessionId::new(at(0), [3; 10]),
        user: UserId::new(at(0), [1; 10]),
        tenant: None,
        generation: 0,
        rotated_at: at(0),
        epoch: 0,
        created_at: at(0),
        expires_at: at(100_000),
        revoked: false,
    }
}

fn socket(name: &str) -> Socket {
    Socket::opened(name.parse::<SocketId>().unwrap(), &session(), at(1))
}

fn two() -> (Arc<LocalTable>, Store, [TenantStore; 2]) {
    let table = Arc::new(LocalTable::in_memory());
    let store = Store::new(table.clone());
    let tenants = [1, 2].map(|number| store.for_task(TenantId::new(at(0), [number; 10])));
    (table, store, tenants)
}

#[tokio::test]
async fn a_socket_is_kept_so() {
    let (table, store, [own, other]) = two();
    let socket = socket("L0SM9cOFvHcCIhw=");
    own.commit(vec![own.socket_opened(&socket)]).await.unwrap();
    assert!(matches!(own.commit(vec![own.socket_opened(&socket)]).await, Err(StoreError::Conflict(0))));
    let held = own.socket(&socket.id).await.unwrap().unwrap();
    let hearing = held.hearing_of(RunId::new(at(0), [4; 10])).unwrap().unwrap();
    own.commit(vec![own.socket_changed(&held, &hearing)]).await.unwrap();
    assert!(own.commit(vec![own.socket_changed(&held, &hearing)]).await.is_err(), "it was changed since");
    assert_eq!(own.sockets().await.unwrap().iter().map(|held| &**held).collect::<Vec<_>>(), [&hearing]);
    assert!(other.sockets().await.unwrap().is_empty() && other.socket(&socket.id).await.unwrap().is_none());

    let listed = table.dump().unwrap().into_iter().map(|item| {
        let names: BTreeSet<_> = item.body.keys().cloned().collect();
        format!("{:?} v{} until {:?}: {names:?}", item.key, item.version, item.expires_at)
    });
    insta::assert_snapshot!(listed.collect::<Vec<_>>().join("\n"));

    store.socket_gone(&"other".parse().unwrap()).await.unwrap();
    assert_eq!(table.dump().unwrap().len(), 2);
    store.socket_gone(&socket.id).await.unwrap();
    assert!(table.dump().unwrap().is_empty());
    assert!(own.commit(vec![own.socket_changed(&held, &hearing)]).await.is_err(), "it is gone");
}

#[tokio::test]
async fn a_tenant_closes_no_socket_of_anothers() {
    let (table, _, [own, other]) = two();
    let socket = socket("L0SM9cOFvHcCIhw=");
    own.commit(vec![own.socket_opened(&socket)]).await.unwrap();
    assert!(other.commit(vec![other.socket_closed(&socket.id)]).await.is_err());
    assert_eq!(table.dump().unwrap().len(), 2);
    own.commit(vec![own.socket_closed(&socket.id)]).await.unwrap();
    assert!(table.dump().unwrap().is_empty());
}

#[tokio::test]
async fn only_members_with_a_session_watch() {
    let (_, store, [own, _]) = two();
    let stranger = (session().id, session().user);
    assert!(own.watching([stranger].into()).await.unwrap().is_empty());
    store.commit(vec![Store::session_opened(&session())]).await.unwrap();
    assert!(own.watching([stranger].into()).await.unwrap().is_empty(), "a session is no membership");
    assert!(store.standing_of_socket(&socket("a").id).await.unwrap().is_none());
}
