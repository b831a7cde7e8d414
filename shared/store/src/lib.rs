//! Everything the product asks of its data, and the one seam beneath it.
//!
//! Nothing outside this crate makes a key or knows an item's shape. A tenant's data are reached only through a
//! `TenantStore`, and `standing.rs` alone makes one.

mod api_keys;
mod audience;
mod campaigns;
mod carts;
mod chunks;
mod connections;
mod consents;
#[cfg(feature = "contract")]
pub mod contract;
mod counted;
mod customers;
mod data_keys;
mod due;
mod editions;
mod ending;
mod finals;
mod heard;
mod invitations;
mod jobs;
mod keys;
pub mod local;
mod mailings;
mod membership;
mod noted;
mod once;
mod order_found;
mod orders;
mod outcomes;
mod own;
mod pasts;
mod people;
mod privacy;
mod products;
mod rates;
mod readings;
mod record;
mod reports;
mod runs;
mod scores;
mod segments;
mod senders;
mod sessions;
mod shop_words;
mod sifts;
mod slots;
mod sockets;
mod standing;
mod suppressions;
mod sweeps;
pub mod table;
mod tags;
mod telephones;
mod templates;
mod tenants;
mod texts;
mod told;
mod topics;
mod untold;
mod upkeep;

pub use audience::{Audience, GATHERED_FROM, Head, Orders, Shard, ShardStamp, Stamp, order_row, whole_row};
pub use chunks::{Chosen, Laid, Lay, Planned};
pub use connections::ShopOwner;
pub use counted::Counted;
pub use customers::{AddressDigest, HeldCustomer, Way};
pub use due::{Due, DueRest};
pub use finals::CountsIn;
pub use heard::CampaignHeard;
pub use membership::Membership;
pub use once::KeptAnswer;
pub use order_found::OrderFound;
pub use orders::{BroughtBy, Events, HeldOrder, OrderPlace};
pub use outcomes::{OutcomeBytes, ToldOf, outcome_bytes};
pub use pasts::Past;
pub use people::Staff;
pub use products::Products;
pub use rates::{Month, Move, Rate};
pub use record::{Held, Step};
pub use scores::Scores;
pub use segments::SegmentList;
pub use slots::Counting;
pub use standing::{KeyStanding, Place, SocketStanding, Standing, Watching};
pub use suppressions::{Listed, ListedPage};
pub use table::{Item, Outdated, Page, Range, RawKey, StoreError, Table, When, Write};
pub use tags::TagsKnown;
pub use telephones::NoticeSent;
pub use told::{CampaignTold, MailsWanted, TextsWanted};

use domain::TenantId;
use std::sync::Arc;

use audience::Blocks;
use finals::Finals;
use outcomes::{OutcomesHeld, outcomes_held};
use own::OwnSeen;
use table::{Position, Sort, Within};
use tags::{TagsHeld, tags_held};
use topics::TopicsSeen;

/// What a function holds of the audience between two calls: a million customers with their names and orders.
const BLOCK_BYTES: usize = 256 << 20;

/// As many as a page of a megabyte may hold, of small ones.
const PAGE_ITEMS: u32 = 1_000;

/// The way to everything that belongs to no tenant, and to a tenant's data for those who may.
#[derive(Clone)]
pub struct Store {
    table: Arc<dyn Table>,
    blocks: Arc<Blocks>,
    finals: Arc<Finals>,
    own_seen: Arc<OwnSeen>,
    topics_seen: Arc<TopicsSeen>,
    tags_held: Arc<TagsHeld>,
    outcomes_held: Arc<OutcomesHeld>,
}

/// The way to one tenant's data, and to no other's.
#[derive(Clone)]
pub struct TenantStore {
    store: Store,
    id: TenantId,
}

impl Store {
    pub fn new(table: Arc<dyn Table>) -> Self {
        Self::holding(table, BLOCK_BYTES)
    }

    /// Holds at most about that many bytes of the audience in memory.
    pub fn holding(table: Arc<dyn Table>, bytes: usize) -> Self {
        Self {
            table,
            blocks: Arc::new(Blocks::within(bytes)),
            finals: Arc::default(),
            own_seen: Arc::default(),
            topics_seen: Arc::default(),
            tags_held: Arc::new(tags_held()),
            outcomes_held: Arc::new(outcomes_held()),
        }
    }

    /// All steps or none. `Conflict` names the first step that something stood against.
    pub async fn commit(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        record::commit(&*self.table, steps).await
    }

    /// Whether the table answers at all.
    pub async fn is_there(&self) -> Result<(), StoreError> {
        self.get(RawKey::new("READY", "READY")).await.map(drop)
    }

    /// Private to this crate: see `standing.rs`.
    fn of(&self, id: TenantId) -> TenantStore {
        TenantStore { store: self.clone(), id }
    }

    async fn get(&self, key: RawKey) -> Result<Option<Item>, StoreError> {
        Ok(self.table.get(&[key]).await?.pop().flatten())
    }

    /// A whole list. Only for lists with a limit of their own.
    async fn all(&self, partition: String, prefix: &str) -> Result<Vec<Item>, StoreError> {
        self.range(partition, Sort::Prefix(prefix.to_owned())).await
    }

    async fn range(&self, partition: String, sort: Sort) -> Result<Vec<Item>, StoreError> {
        let mut range = Range {
            within: Within::Partition(partition),
            sort,
            backward: false,
            limit: 200,
            after: None,
            consistent: true,
        };
        let mut items = Vec::new();
        loop {
            let page = self.table.query(&range).await?;
            items.extend(page.items);
            match page.next {
                Some(next) => range.after = Some(next),
                None => return Ok(items),
            }
        }
    }
}

impl TenantStore {
    pub fn id(&self) -> TenantId {
        self.id
    }

    pub async fn commit(&self, steps: Vec<Step>) -> Result<(), StoreError> {
        self.store.commit(steps).await
    }

    async fn get(&self, key: RawKey) -> Result<Option<Item>, StoreError> {
        self.store.get(key).await
    }

    async fn all(&self, partition: String, prefix: &str) -> Result<Vec<Item>, StoreError> {
        self.store.all(partition, prefix).await
    }

    async fn all_of(&self, partition: String) -> Result<Vec<Item>, StoreError> {
        self.store.range(partition, Sort::All).await
    }

    /// A page of a partition that may be long: whoever goes on behind it holds no more than that.
    async fn page_of(&self, partition: &str, after: Option<Position>) -> Result<Page, StoreError> {
        let range = Range {
            within: Within::Partition(partition.to_owned()),
            sort: Sort::All,
            backward: false,
            limit: PAGE_ITEMS,
            after,
            consistent: true,
        };
        self.table().query(&range).await
    }

    /// The keys alone of what stands under them.
    async fn keys_under(&self, partition: &str, prefix: String) -> Result<Vec<RawKey>, StoreError> {
        let items = self.all(partition.to_owned(), &prefix).await?;
        Ok(items.into_iter().map(|item| item.key).collect())
    }

    fn table(&self) -> &dyn Table {
        &*self.store.table
    }
}
