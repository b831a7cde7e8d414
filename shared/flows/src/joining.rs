//! Customers join and leave segments: bits of a shard's bitmaps, what is settled of them, and what the customer's timeline
//! says, each move in one commit.
//!
//! Whoever works on a shard reads its membership first, and everything that decides about a move after it. If somebody else
//! has settled anything there meanwhile, or a customer has changed again, nothing is committed, and it is begun anew.

use columns::{Members, ShardNumber, Slot};
use domain::{
    CustomerId, Segment, SegmentId, Timestamp,
    settlement::{Settled, Settlement},
    timeline::Moved,
};
use std::collections::BTreeSet;
use store::{Held, Membership, StoreError, TenantStore};

/// Each is up to two writes, of the hundred that a commit holds.
const MOVES_AT_ONCE: usize = 48;

/// One customer joins or leaves.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    pub slot: Slot,
    /// Whose timeline tells of it: nobody's who is gone.
    pub customer: Option<CustomerId>,
    /// Of the changed row from which it follows, if it follows from one.
    pub row: Option<u64>,
}

/// The membership of one shard, while it is worked on.
pub struct Shelf<'a> {
    store: &'a TenantStore,
    shard: ShardNumber,
    at: Timestamp,
    membership: Membership,
}

impl<'a> Shelf<'a> {
    pub async fn read(store: &'a TenantStore, shard: ShardNumber, at: Timestamp) -> Result<Self, StoreError> {
        Ok(Self { store, shard, at, membership: store.membership(shard).await? })
    }

    /// What is settled; before anything is, nothing that would hold.
    pub fn settlement(&self) -> Settlement {
        self.membership.settlement.as_deref().cloned().unwrap_or_else(Settlement::none)
    }

    pub fn members(&self, id: SegmentId) -> Members {
        self.membership.members.get(&id).map(|held| (**held).clone()).unwrap_or_default()
    }

    /// Of which segments there is anything.
    pub fn segments(&self) -> BTreeSet<SegmentId> {
        let settled = self.membership.settlement.iter().flat_map(|held| held.segments.keys());
        settled.chain(self.membership.members.keys()).copied().collect()
    }

    /// They join it if they are not in it, and else leave it; told one by one. `is_by_hand`: nothing but this decides who is
    /// in it, and whoever names it is still to be asked.
    pub async fn moved(
        &mut self,
        segment: &Segment,
        moves: &[Move],
        is_by_hand: bool,
    ) -> Result<(), StoreError> {
        for some in moves.chunks(MOVES_AT_ONCE) {
            let held = self.membership.members.get(&segment.id);
            let mut members = self.members(segment.id);
            let mut steps = Vec::new();
            let turn = self.membership.settlement.as_ref().map_or(0, Held::version);
            for one in some {
                let joined = members.insert(one.slot);
                if !joined {
                    members.remove(one.slot);
                }
                let name = segment.name.as_str().to_owned();
                let told = Moved { segment: segment.id, name, joined };
                let noted = |customer| self.store.move_noted(customer, self.at, turn, &told);
                steps.extend(one.customer.map(noted));
                steps.extend(one.row.map(|version| self.store.row_stands(one.slot, version)));
            }
            let mut settlement = self.settlement();
            let settled = settlement.segments.entry(segment.id).or_default();
            settled.members = len(&members);
            if is_by_hand {
                *settled = Settled { era: segment.era, is_moved: true, ..*settled };
            }
            let (step, members) = self.store.members_settled(self.shard, segment.id, held, members);
            steps.push(step);
            let (step, settlement) =
                self.store.settled(self.shard, self.membership.settlement.as_ref(), settlement);
            steps.push(step);
            self.store.commit(steps).await?;
            self.membership.members.insert(segment.id, members);
            self.membership.settlement = Some(settlement);
        }
        Ok(())
    }

    /// Whoever is in it is found, and nobody has joined by that. It counts once all is closed.
    pub async fn found(&mut self, id: SegmentId, members: Members) -> Result<(), StoreError> {
        let held = self.membership.members.get(&id);
        if held.map_or(members.is_empty(), |held| **held == members) {
            return Ok(());
        }
        let (step, held) = self.store.members_settled(self.shard, id, held, members);
        self.store.commit(vec![step]).await?;
        self.membership.members.insert(id, held);
        Ok(())
    }

    /// A segment is no more.
    pub async fn ended(&mut self, id: SegmentId) -> Result<(), StoreError> {
        if let Some(held) = self.membership.members.get(&id) {
            self.store.commit(vec![self.store.members_ended(self.shard, id, held)]).await?;
            self.membership.members.remove(&id);
        }
        Ok(())
    }

    /// Of these segments it is settled who is in them.
    pub async fn closed(
        &mut self,
        segments: impl Iterator<Item = (SegmentId, u32)>,
        settlement: Settlement,
    ) -> Result<(), StoreError> {
        let settled = |(id, era)| {
            let members = self.membership.members.get(&id).map_or(0, |held| len(held));
            (id, Settled { era, members, is_moved: false })
        };
        let settlement = Settlement { segments: segments.map(settled).collect(), ..settlement };
        let held = self.membership.settlement.as_ref();
        if held.is_some_and(|held| **held == settlement) {
            return Ok(());
        }
        let (step, settlement) = self.store.settled(self.shard, held, settlement);
        self.store.commit(vec![step]).await?;
        self.membership.settlement = Some(settlement);
        Ok(())
    }
}

fn len(members: &Members) -> u32 {
    u32::try_from(members.len()).unwrap_or(u32::MAX)
}
