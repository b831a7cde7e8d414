//! Those who watch: each socket with its tenant's, and by the name that the gateway knows it by.
//!
//! A tenant's are read strongly consistent. So who has written what they want to hear of, and then reads how it stands,
//! misses nothing: either they see it, or whoever tells it sees them.

use domain::{RunId, SessionId, Socket, SocketId, TenantId, Timestamp, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

use crate::{
    Held, Step, Store, StoreError, TenantStore, keys,
    record::{Entry, read, read_as},
    table::{When, Write},
};

impl Store {
    /// The gateway says that it is gone. Nothing happens if it is not known.
    pub async fn socket_gone(&self, id: &SocketId) -> Result<(), StoreError> {
        match self.socket_place(id).await? {
            Some(place) => match self.commit(vec![closed(place.tenant, id)]).await {
                Err(StoreError::Conflict(_)) => Ok(()),
                done => done,
            },
            None => Ok(()),
        }
    }

    pub(crate) async fn socket_place(&self, id: &SocketId) -> Result<Option<SocketPlace>, StoreError> {
        let item = self.get(keys::socket(id)).await?;
        item.map(|item| read::<SocketPlace>(item).map(Held::into_inner)).transpose()
    }
}

impl TenantStore {
    /// All of them; those that have ended may be among them.
    pub async fn sockets(&self) -> Result<Vec<Held<Socket>>, StoreError> {
        let items = self.all_of(keys::sockets(self.id())).await?;
        items.into_iter().map(read_as::<SocketRecord, _>).collect()
    }

    pub async fn socket(&self, id: &SocketId) -> Result<Option<Held<Socket>>, StoreError> {
        self.get(keys::socket_of(self.id(), id)).await?.map(read_as::<SocketRecord, _>).transpose()
    }

    /// `Conflict` if it is open already.
    pub fn socket_opened(&self, socket: &Socket) -> Step {
        let place = SocketPlace { tenant: self.id(), session: socket.session, user: socket.user };
        let record = SocketRecord::from(socket);
        Step(vec![
            Entry::new(keys::socket(&socket.id), &place).expiring(socket.ends_at).create(),
            Entry::new(keys::socket_of(self.id(), &socket.id), &record).expiring(socket.ends_at).create(),
        ])
    }

    /// `Conflict` if it was changed or closed since.
    pub fn socket_changed(&self, held: &Held<Socket>, socket: &Socket) -> Step {
        let record = SocketRecord::from(socket);
        let entry = Entry::new(keys::socket_of(self.id(), &held.id), &record);
        Step(vec![entry.expiring(socket.ends_at).replace(held.version)])
    }

    /// `Conflict` if there is none of that name, or not any more.
    pub fn socket_closed(&self, id: &SocketId) -> Step {
        closed(self.id(), id)
    }
}

fn closed(tenant: TenantId, id: &SocketId) -> Step {
    Step(vec![
        // Another tenant's is nobody's to close: its name leads to nothing here.
        Write::Delete(keys::socket_of(tenant, id), When::Present),
        Write::Delete(keys::socket(id), When::Always),
    ])
}

/// Where a socket is found, and what of it never changes.
#[derive(Serialize, Deserialize)]
pub(crate) struct SocketPlace {
    pub(crate) tenant: TenantId,
    pub(crate) session: SessionId,
    pub(crate) user: UserId,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SocketRecord {
    id: SocketId,
    session: SessionId,
    user: UserId,
    runs: BTreeSet<RunId>,
    #[serde(with = "millisecond::required")]
    opened_at: Timestamp,
    #[serde(with = "millisecond::required")]
    ends_at: Timestamp,
}

impl From<&Socket> for SocketRecord {
    fn from(socket: &Socket) -> Self {
        let Socket { id, session, user, runs, opened_at, ends_at } = socket.clone();
        Self { id, session, user, runs, opened_at, ends_at }
    }
}

impl From<SocketRecord> for Socket {
    fn from(record: SocketRecord) -> Self {
        let SocketRecord { id, session, user, runs, opened_at, ends_at } = record;
        Self { id, session, user, runs, opened_at, ends_at }
    }
}
