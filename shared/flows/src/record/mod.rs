//! Changes of the record: customers and orders, always right together.
//!
//! Each is a plan first: what was read, and the steps that hold only if it is still so. Whoever commits the plan and
//! finds that something changed plans again. So any number of writers on one customer all succeed, each on what the one
//! before left.

mod addresses;
mod carts;
mod customers;
mod forgetting;
mod laying;
mod merging;
mod orders;
mod places;
mod products;
mod shop_customers;
mod shop_orders;
mod suppressing;

use std::{collections::BTreeSet, future::Future, time::Duration};

use columns::{ShardNumber, Slot};
use domain::{Customer, CustomerId, Order, Thing, Timestamp, customer::ChangedBy};
use store::{HeldCustomer, Step, StoreError, TenantStore};

use crate::{Clock, Dice, FlowError, seal::Seals};

pub(crate) use addresses::known_by;
pub use addresses::{Held, taken};
pub use carts::WAY_BACK;
pub use laying::Laid;
pub use orders::Whose;
pub use shop_customers::Word;
pub use shop_orders::{Bought, OrderWord};
pub use suppressing::has_changed_since;

/// As many writers on one customer at once are served before one is told to come back later.
const TRIES: u32 = 100;
/// The longest pause between two tries.
const PAUSE_MILLIS_MAX: u64 = 200;

/// Who changes whose record.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub store: &'a TenantStore,
    pub seals: &'a Seals,
    pub clock: &'a dyn Clock,
    pub dice: &'a dyn Dice,
    pub by: ChangedBy,
    /// Of the shop, as it was when the amounts were read that are to be kept.
    pub currency_changes: u32,
}

/// What is to be done, and what will be so once it is.
#[derive(Debug)]
pub struct Plan<T> {
    /// None: nothing changes.
    pub steps: Vec<Step>,
    pub outcome: T,
    /// Whether anything changes by it.
    pub is_change: bool,
    /// Nothing does, because something newer is known.
    pub is_late: bool,
    /// Of these another word of the same second is known: see `Beside`. The shop has to be asked.
    pub undecided: BTreeSet<Thing>,
    /// Somebody of the shop's of whom only parts were told so far, so that the shop has to be asked who they are.
    pub unknown: Option<Thing>,
    /// Where rows change.
    pub shards: Vec<ShardNumber>,
}

/// An order, and its customer with the totals that it moved.
#[derive(Debug, Clone)]
pub struct Sold {
    pub order: Order,
    pub customer: Customer,
}

impl<T> Plan<T> {
    fn of(steps: Vec<Step>, outcome: T, slots: &[u32]) -> Self {
        let mut shards: Vec<_> = slots.iter().map(|slot| Slot(*slot).shard()).collect();
        shards.sort_unstable();
        shards.dedup();
        Self {
            steps,
            outcome,
            is_change: true,
            is_late: false,
            undecided: BTreeSet::new(),
            unknown: None,
            shards,
        }
    }

    fn nothing(outcome: T) -> Self {
        Self { is_change: false, ..Self::of(Vec::new(), outcome, &[]) }
    }

    /// Nothing, as the word for it is older than what is known.
    pub(crate) fn late(outcome: T) -> Self {
        Self { is_late: true, ..Self::nothing(outcome) }
    }

    fn undecided(self, things: impl IntoIterator<Item = Thing>) -> Self {
        Self { undecided: things.into_iter().collect(), ..self }
    }

    /// As they are after it.
    fn about(self, customer: &Customer) -> Self {
        let is_shops = matches!(customer.id, CustomerId::Shopify(_)) && !customer.is_gone();
        let is_unknown = is_shops && customer.shop_words.at.is_none();
        Self { unknown: is_unknown.then_some(Thing::Customer(customer.id)), ..self }
    }

    /// The same plan, of which something else is told.
    fn map<U>(self, tell: impl FnOnce(T) -> U) -> Plan<U> {
        let Self { steps, outcome, is_change, is_late, undecided, unknown, shards } = self;
        Plan { steps, outcome: tell(outcome), is_change, is_late, undecided, unknown, shards }
    }
}

impl Plan<()> {
    /// Of what nobody sees in lists.
    fn steps(steps: Vec<Step>) -> Self {
        Self { is_change: !steps.is_empty(), ..Self::of(steps, (), &[]) }
    }
}

impl Record<'_> {
    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn roll(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.dice.fill(&mut bytes);
        bytes
    }

    /// Slots for somebody new: the first of them fixes the currency.
    pub async fn slots_taken_for(&self, customers: &[CustomerId]) -> Result<Vec<Slot>, FlowError> {
        let taken = self.store.slots_taken_for(customers, self.currency_changes).await;
        taken.map_err(other_currency)
    }

    async fn slot_taken(&self) -> Result<Slot, FlowError> {
        self.store.slots_taken(1, self.currency_changes).await.map_err(other_currency)
    }

    /// For amounts of somebody who is there, since when the currency is fixed: it may have been another before.
    fn in_its_currency(&self, held: &HeldCustomer) -> Result<(), FlowError> {
        self.counts_in(held.currency_changes)
    }

    /// Whether the amounts were told in the currency that was chosen so many times.
    fn counts_in(&self, changes: u32) -> Result<(), FlowError> {
        if changes == self.currency_changes { Ok(()) } else { Err(other_currency(StoreError::Conflict(0))) }
    }

    /// The id of somebody new.
    pub fn new_customer(&self) -> CustomerId {
        CustomerId::new(self.now(), self.roll())
    }

    /// Plans and commits until nothing stands against it.
    pub async fn done<T, P>(&self, plan: impl Fn() -> P) -> Result<Plan<T>, FlowError>
    where
        P: Future<Output = Result<Plan<T>, FlowError>>,
    {
        for tried in 0..TRIES {
            let planned = match plan().await {
                Ok(mut plan) => {
                    let steps = std::mem::take(&mut plan.steps);
                    self.store.commit(steps).await.map(|()| plan).map_err(FlowError::from)
                }
                Err(error) => Err(error),
            };
            match planned {
                Err(overtaken) if overtaken.is_overtaken() => self.pause(tried).await,
                done => return done,
            }
        }
        Err(StoreError::Conflict(0).into())
    }

    /// Lets others go first: longer each time, and never as long as they wait.
    pub async fn pause(&self, tried: u32) {
        let most = PAUSE_MILLIS_MAX.min(2_u64.saturating_pow(tried + 1));
        let [dice, ..] = self.roll();
        self.clock.pause(Duration::from_millis(most * u64::from(dice) / 255)).await;
    }

    /// How often a plan is worth being made again.
    pub const fn tries() -> u32 {
        TRIES
    }
}

/// Whoever was there a moment ago is gone by now: what is to be done is planned anew.
fn looked_at_again(error: FlowError) -> FlowError {
    match error {
        FlowError::NotFound(_) => StoreError::Conflict(0).into(),
        error => error,
    }
}

/// The amounts were told in what was the currency until just now.
fn other_currency(error: StoreError) -> FlowError {
    match error {
        StoreError::Conflict(_) => FlowError::Conflict {
            code: "currency_changed",
            sentence: "the shop's currency has just been changed: send it again with amounts in that"
                .to_owned(),
        },
        error => error.into(),
    }
}
