//! Customers as their shop tells of them: the newer word counts, whichever comes first.
//!
//! Shopify's id is theirs here, so that a word needs nothing but itself. Whoever is gone stays gone: no word brings them
//! back. An address has one customer, and the shop knows whose it is: who was made here, and has an address of theirs,
//! becomes part of them.

use domain::{
    Customer, CustomerId, EmailAddress, Phone, ShopWords, Thing, Timestamp, customer::CustomerKind,
    timeline::Channel,
};
use store::{AddressDigest, HeldCustomer, Orders, Step, Way};

use super::{Plan, Record, addresses::taken, looked_at_again};
use crate::FlowError;

/// How often somebody else may be found to have an address of the customer's.
const CLEARED_MAX: usize = 8;
/// Whoever is being stored with many others is there by then.
const LAID_SECONDS: u64 = 60;

/// What the shop says of somebody.
#[derive(Clone, Copy)]
pub struct Word<'a> {
    pub id: CustomerId,
    /// When it was so, by the shop's clock. `None`: it is about a part of them that knows its own time.
    pub at: Option<Timestamp>,
    /// The shop was asked for it: of words of the same second it is the last. See `Beside`.
    pub is_last: bool,
    pub tell: &'a Telling<'a>,
}

type Telling<'a> = dyn Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync + 'a;

impl<'a> Word<'a> {
    /// About a part of them that knows its own time.
    pub fn of_part(id: CustomerId, tell: &'a Telling<'a>) -> Self {
        Self { id, at: None, is_last: false, tell }
    }

    /// By the clock of what is kept.
    fn at(&self) -> Option<Timestamp> {
        self.at.map(|at| Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at))
    }

    /// A newer one is known.
    fn is_late(&self, held: &Customer) -> bool {
        held.shop_words.at.is_some_and(|known| self.at().is_some_and(|at| at < known))
    }

    /// Another of the same second is known, and nobody has asked which was the last.
    fn is_twin(&self, held: &Customer) -> bool {
        !self.is_last && self.at.is_some() && self.at() == held.shop_words.at
    }

    /// Who has to be asked for, as it says another thing than one of the same second.
    pub(super) fn undecided(&self, held: &Customer) -> Result<Option<Thing>, FlowError> {
        if !self.is_twin(held) {
            return Ok(None);
        }
        let mut other = held.clone();
        (self.tell)(&mut other)?;
        Ok((other != *held).then_some(Thing::Customer(self.id)))
    }

    /// Whether it changes nothing of them.
    pub fn tells_nothing_to(&self, held: &Customer) -> Result<bool, FlowError> {
        Ok(self.told(held)? == *held)
    }

    /// What they are after it. An older word than what is known changes nothing, nor does one of the same second.
    pub(super) fn told(&self, held: &Customer) -> Result<Customer, FlowError> {
        let mut customer = held.clone();
        if self.is_late(held) || self.is_twin(held) {
            return Ok(customer);
        }
        let known = held.shop_words.at;
        (self.tell)(&mut customer)?;
        customer.shop_words.at = known.max(self.at());
        // The same words again, and the shop has counted again and came to the same: that is no news.
        let counted_at = std::mem::replace(&mut customer.shop_words.totals_at, held.shop_words.totals_at);
        if customer != *held {
            customer.shop_words.totals_at = counted_at;
        }
        Ok(customer)
    }
}

impl Record<'_> {
    /// The customer as the shop tells of them, made if they are not here yet. Whoever is gone is `None`.
    pub async fn customer_told(&self, word: &Word<'_>) -> Result<Plan<Option<Customer>>, FlowError> {
        Box::pin(self.with_way_made(word, || self.customer_telling(word))).await
    }

    async fn customer_telling(&self, word: &Word<'_>) -> Result<Plan<Option<Customer>>, FlowError> {
        let (customer, steps) = match self.store.customer_held(word.id).await? {
            None => self.new_by(word, Orders::new()).await?,
            Some(held) if held.is_gone() => return Ok(Plan::late(None)),
            Some(held) => {
                let (customer, mut steps) = self.told_by(word, &held).await?;
                if customer == *held {
                    let (is_late, undecided) = (word.is_late(&held), word.undecided(&held)?);
                    let nothing = Plan::nothing(Some(customer)).about(&held);
                    return Ok(Plan { is_late, ..nothing }.undecided(undecided));
                }
                steps.insert(0, self.store.customer_changed(&held, &customer, Orders::new()));
                (customer, steps)
            }
        };
        let told = Plan::of(steps, (), &[customer.slot]).about(&customer);
        Ok(told.map(|()| Some(customer)))
    }

    /// The shop has deleted them: every word about them goes, and no word of before brings them back.
    pub async fn customer_gone(&self, id: CustomerId) -> Result<Plan<()>, FlowError> {
        match self.store.customer_held(id).await? {
            Some(held) if held.is_gone() => Ok(Plan::nothing(())),
            Some(_) => self.customer_erased(id).await.map_err(looked_at_again),
            None => {
                let gone = self.never_told(id, CustomerKind::Erased).await?;
                Ok(Plan::of(vec![self.store.customer_made(&gone, Orders::new())], (), &[gone.slot]))
            }
        }
    }

    /// In the shop the one has become part of the other, at that instant. Coming twice, it changes nothing. Whether the other
    /// is somebody still.
    pub async fn customers_merged_in_shop(
        &self,
        from: CustomerId,
        into: CustomerId,
        at: Timestamp,
    ) -> Result<Plan<bool>, FlowError> {
        let nothing = |_: &mut Customer| Ok(());
        let is_here = self.customer_told(&Word::of_part(into, &nothing)).await?.outcome.is_some();
        Ok(Box::pin(self.done(|| self.merging_in_shop(from, into, at))).await?.map(|()| is_here))
    }

    async fn merging_in_shop(
        &self,
        from: CustomerId,
        into: CustomerId,
        at: Timestamp,
    ) -> Result<Plan<()>, FlowError> {
        if from == into {
            return Ok(Plan::nothing(()));
        }
        match self.store.customer_held(from).await? {
            Some(held) if matches!(held.kind, CustomerKind::Merged(_)) => Ok(Plan::nothing(())),
            // Deleted first, with orders: those are the other's.
            Some(_) => match self.present_or_heir(into).await {
                Ok(heir) if heir.id == from => Ok(Plan::nothing(())),
                Ok(heir) => {
                    Ok(self.whoever_merged(from, heir.id, at).await.map_err(looked_at_again)?.map(drop))
                }
                // Whom they became part of is deleted by now.
                Err(FlowError::NotFound(_)) => self.customer_gone(from).await,
                Err(error) => Err(error),
            },
            None => {
                let gone = self.never_told(from, CustomerKind::Merged(into)).await?;
                Ok(Plan::of(vec![self.store.customer_made(&gone, Orders::new())], (), &[gone.slot]))
            }
        }
    }

    /// Plans and commits until nobody stands in the way of the customer's addresses.
    pub(super) async fn with_way_made<T, P>(
        &self,
        word: &Word<'_>,
        plan: impl Fn() -> P,
    ) -> Result<Plan<T>, FlowError>
    where
        P: Future<Output = Result<Plan<T>, FlowError>>,
    {
        for _ in 0..CLEARED_MAX {
            match self.done(&plan).await {
                Err(FlowError::Conflict { code: "email_taken" | "phone_taken", .. }) => {
                    Box::pin(self.way_made(word)).await?;
                }
                done => return done,
            }
        }
        Err(FlowError::TooMany { code: "crowded", retry_after_seconds: LAID_SECONDS, limits: None })
    }

    /// Somebody of whom nothing was known, as told, with the steps that store them.
    pub(super) async fn new_by(
        &self,
        word: &Word<'_>,
        orders: Orders,
    ) -> Result<(Customer, Vec<Step>), FlowError> {
        let nobody = Customer::new(word.id, 0, CustomerKind::Person, self.now());
        let mut customer = word.told(&nobody)?;
        let steps = self.addressed(word, None, &mut customer).await?;
        self.looked_up(None, &mut customer).await?;
        customer.slot = self.slot_taken().await?.0;
        let noted = self.consents_noted(None, &customer);
        let made = self.store.customer_made(&customer, orders);
        Ok((customer, [made].into_iter().chain(steps).chain(noted).collect()))
    }

    /// Somebody as told, with the steps that are needed beside the change itself.
    pub(super) async fn told_by(
        &self,
        word: &Word<'_>,
        held: &HeldCustomer,
    ) -> Result<(Customer, Vec<Step>), FlowError> {
        let mut customer = word.told(held)?;
        let mut steps = self.addressed(word, Some(held), &mut customer).await?;
        self.looked_up(Some(held), &mut customer).await?;
        if customer.opening != held.opening {
            self.in_its_currency(held)?;
        }
        let customer = customer.changed(held, self.by, self.now());
        steps.extend(self.consents_noted(Some(held), &customer));
        Ok((customer, steps))
    }

    /// Addresses given up and taken. One that the shop gave to somebody else meanwhile is not taken.
    async fn addressed(
        &self,
        word: &Word<'_>,
        before: Option<&Customer>,
        after: &mut Customer,
    ) -> Result<Vec<Step>, FlowError> {
        let mut steps = Vec::new();
        for way in [Way::Email, Way::Phone] {
            let (had, has) = (before.and_then(|before| address(before, way)), address(after, way));
            if had == has {
                continue;
            }
            if let Some(had) = had {
                steps.push(self.store.address_left(&self.known_by(way, &had).await?));
            }
            let Some(has) = has else { continue };
            let digest = self.known_by(way, &has).await?;
            match self.standing(word, &digest).await? {
                Standing::Free => steps.push(self.store.address_claimed(&digest, after.id)),
                Standing::Left => steps.push(self.store.address_passed_on(&digest, after.id)),
                Standing::Newer => without(after, way, word.at()),
                Standing::Older(holder) => return Err(taken(way, holder)),
            }
        }
        Ok(steps)
    }

    async fn standing(&self, word: &Word<'_>, digest: &AddressDigest) -> Result<Standing, FlowError> {
        let Some(id) = self.store.customers_with(std::slice::from_ref(digest)).await?.pop().flatten() else {
            return Ok(Standing::Free);
        };
        let Some(holder) = self.store.customer(id).await? else {
            // An import is about to store them.
            return Err(FlowError::TooMany { code: "laid", retry_after_seconds: LAID_SECONDS, limits: None });
        };
        let is_shops = matches!(id, CustomerId::Shopify(_));
        Ok(match &holder.shop_words {
            _ if holder.is_gone() || id == word.id => Standing::Left,
            ShopWords { at, .. } if is_shops && *at > word.at => Standing::Newer,
            _ => Standing::Older(id),
        })
    }

    /// Whoever has an address of the customer's and is not the shop's own becomes part of them; whoever is, and of whom
    /// an older word is known, has it no more.
    async fn way_made(&self, word: &Word<'_>) -> Result<(), FlowError> {
        let nothing = |_: &mut Customer| Ok(());
        let bare = Word::of_part(word.id, &nothing);
        let known = Box::pin(self.customer_told(&bare)).await?;
        let Some(customer) = known.outcome else { return Ok(()) };
        let told = word.told(&customer)?;
        for way in [Way::Email, Way::Phone] {
            let Some(has) = address(&told, way).filter(|has| address(&customer, way).as_ref() != Some(has))
            else {
                continue;
            };
            let digest = self.known_by(way, &has).await?;
            let Standing::Older(holder) = self.standing(word, &digest).await? else { continue };
            let cleared = if matches!(holder, CustomerId::Shopify(_)) {
                let given_up = |holder: &mut Customer| {
                    if address(holder, way).as_ref() == Some(&has) {
                        without(holder, way, word.at());
                    }
                    Ok(())
                };
                self.done(|| self.customer_changed(holder, given_up)).await.map(drop)
            } else {
                self.done(|| self.customers_merged(holder, word.id)).await.map(drop)
            };
            match cleared {
                // Somebody else was faster; whether the way is free is looked at again.
                Ok(()) | Err(FlowError::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn never_told(&self, id: CustomerId, kind: CustomerKind) -> Result<Customer, FlowError> {
        let slot = self.slot_taken().await?;
        Ok(Customer::new(id, slot.0, kind, self.now()))
    }
}

/// An address that is the customer's by the shop's word, as it is known here.
enum Standing {
    Free,
    /// By the name of somebody who is gone.
    Left,
    /// Somebody else's, by a newer word.
    Newer,
    /// Somebody else's, by an older one.
    Older(CustomerId),
}

fn address(customer: &Customer, way: Way) -> Option<String> {
    match way {
        Way::Email => customer.email.as_ref().map(EmailAddress::to_string),
        Way::Phone => customer.phone.as_ref().map(Phone::to_string),
        Way::Called => None,
    }
}

/// Nor has anybody agreed to be written to at it: it was somebody else's by that instant.
fn without(customer: &mut Customer, way: Way, since: Option<Timestamp>) {
    match way {
        Way::Email => {
            customer.email = None;
            customer.consent_dropped(Channel::Email, since);
        }
        Way::Phone => {
            customer.phone = None;
            customer.consent_dropped(Channel::Sms, since);
        }
        Way::Called => {}
    }
}
