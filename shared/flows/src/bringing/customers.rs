//! Rows of customers.

use std::collections::BTreeSet;

use columns::Slot;
use domain::{CUSTOMER_BYTES_MAX, Customer, CustomerId, customer::Totals};
use futures::{StreamExt, TryStreamExt, stream};
use tables::customers::CustomerRow;

use super::{Clerk, LATE, Outcome, ROWS_AT_ONCE, Stored};
use crate::{FlowError, record::Held};

/// What is known of a row's person.
enum Known {
    /// Nobody has their addresses: the id and the slot that they get.
    New(CustomerId, Slot),
    Guest,
    Customer(CustomerId),
}

impl Clerk<'_> {
    /// Somebody who is known is told what the row says and keeps their totals. An error: some rows may be stored, and all
    /// can be sent again.
    pub async fn customers(
        &mut self,
        rows: Vec<CustomerRow>,
        outcome: &mut Outcome,
    ) -> Result<(), FlowError> {
        // Of two rows with one address, the second waits until it is known what became of the first.
        let mut seen = BTreeSet::new();
        let (firsts, seconds): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| {
            let told =
                [row.email.as_ref().map(ToString::to_string), row.phone.as_ref().map(ToString::to_string)];
            let told: Vec<String> = told.into_iter().flatten().collect();
            let is_first = told.iter().all(|address| !seen.contains(address));
            seen.extend(told);
            is_first
        });
        let known = self.known(firsts).await?;
        let storing = stream::iter(known).map(async |(row, known)| {
            let number = row.row;
            self.stored(row, known).await.map(|stored| (number, stored))
        });
        let stored: Vec<_> = storing.buffer_unordered(ROWS_AT_ONCE).try_collect().await?;
        for (row, stored) in stored {
            outcome.note(row, stored);
        }
        for row in seconds {
            for (row, known) in self.known(vec![row]).await? {
                let number = row.row;
                let stored = self.stored(row, known).await?;
                outcome.note(number, stored);
            }
        }
        Ok(())
    }

    /// Addresses are looked up together, and slots are taken together for those alone who need one.
    async fn known(&self, rows: Vec<CustomerRow>) -> Result<Vec<(CustomerRow, Known)>, FlowError> {
        let addresses: Vec<_> = rows.iter().map(|row| (row.email.clone(), row.phone.clone())).collect();
        let held = self.record.holders(&addresses).await?;
        let wanted = held.iter().filter(|held| **held == Held::Free).count();
        let ids: Vec<CustomerId> = (0..wanted).map(|_| self.record.new_customer()).collect();
        let slots: Vec<Slot> = if self.is_dry {
            vec![Slot(0); wanted]
        } else {
            self.record.store.slots_taken_for(&ids).await?.into_iter().collect()
        };
        let mut free = ids.into_iter().zip(slots);
        let mut all = Vec::new();
        for (row, held) in rows.into_iter().zip(held) {
            let known = match held {
                Held::By(_, id) => Known::Customer(id),
                Held::ByGuest | Held::For(_) => Known::Guest,
                Held::Free => match free.next() {
                    Some((id, slot)) => Known::New(id, slot),
                    None => return Err(FlowError::broken("fewer slots than rows")),
                },
            };
            all.push((row, known));
        }
        Ok(all)
    }

    async fn stored(&self, row: CustomerRow, known: Known) -> Result<Stored, FlowError> {
        if self.is_late() {
            return Ok(Stored::Failed(LATE.to_owned()));
        }
        if self.is_dry {
            return Ok(match known {
                Known::New(..) => Stored::Created(Vec::new()),
                Known::Guest | Known::Customer(_) => Stored::Updated(Vec::new()),
            });
        }
        let tell = |customer: &mut Customer| told_to(&row, customer);
        let meet = |customer: &mut Customer| {
            if customer.next_order == 1 && customer.totals == Totals::default() {
                let opening = row.opening();
                let with = customer.clone().with_totals(Some(opening.orders), Some(opening.spent));
                *customer = with.map_err(|wrong| FlowError::invalid("", "invalid", wrong.to_string()))?;
            }
            told_to(&row, customer)
        };
        let (done, is_new) = match known {
            Known::New(id, slot) => {
                let made = self.record.done(|| self.record.customer_made_in(Some(slot), id, meet)).await;
                let is_new = made.as_ref().is_ok_and(|plan| plan.outcome.id == id);
                (made, is_new)
            }
            Known::Guest => {
                let id = self.record.new_customer();
                (self.record.done(|| self.record.customer_made_in(None, id, meet)).await, false)
            }
            Known::Customer(id) => (self.record.done(|| self.record.customer_changed(id, tell)).await, false),
        };
        Stored::of(done, is_new)
    }
}

fn told_to(row: &CustomerRow, customer: &mut Customer) -> Result<(), FlowError> {
    let wrong = |sentence: String| FlowError::invalid("", "invalid", sentence);
    row.tell(customer).map_err(|bad| wrong(format!("the customer's tags or attributes {bad}")))?;
    if customer.bytes() > CUSTOMER_BYTES_MAX {
        return Err(wrong("is too much for one customer".to_owned()));
    }
    Ok(())
}
