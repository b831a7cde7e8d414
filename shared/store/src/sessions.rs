//! Sign-ins: one item a session family.

use domain::{Session, SessionId, TenantId, Timestamp, UserId};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, Store, StoreError, keys,
    record::{Entry, read_as},
};

impl Store {
    pub async fn session(&self, id: SessionId) -> Result<Option<Held<Session>>, StoreError> {
        self.get(keys::session(id)).await?.map(read_as::<SessionRecord, _>).transpose()
    }

    pub fn session_opened(session: &Session) -> Step {
        Step(vec![entry(session, &SessionRecord::from(session)).create()])
    }

    pub fn session_changed(held: &Held<Session>, session: &Session) -> Step {
        Step(vec![entry(session, &SessionRecord::from(session)).replace(held.version)])
    }
}

/// A session that is over is kept until it would have ended, so that a stolen token is still recognised.
fn entry<'a>(session: &Session, record: &'a SessionRecord) -> Entry<'a, SessionRecord> {
    Entry::new(keys::session(session.id), record).expiring(session.expires_at)
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    id: SessionId,
    user: UserId,
    tenant: Option<TenantId>,
    generation: u32,
    #[serde(with = "millisecond::required")]
    rotated_at: Timestamp,
    epoch: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    #[serde(with = "millisecond::required")]
    ends_at: Timestamp,
    revoked: bool,
}

impl From<&Session> for SessionRecord {
    fn from(session: &Session) -> Self {
        let Session { id, user, tenant, generation, rotated_at, epoch, created_at, expires_at, revoked } =
            *session;
        Self { id, user, tenant, generation, rotated_at, epoch, created_at, ends_at: expires_at, revoked }
    }
}

impl From<SessionRecord> for Session {
    fn from(record: SessionRecord) -> Self {
        let SessionRecord { id, user, tenant, generation, rotated_at, epoch, created_at, ends_at, revoked } =
            record;
        Self { id, user, tenant, generation, rotated_at, epoch, created_at, expires_at: ends_at, revoked }
    }
}
