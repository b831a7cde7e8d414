//! Whoever writes at the same moment is written together: one commit of the file costs as much as a thousand writes.
//!
//! Each list of writes is all or none by itself, and sees those before it. In memory nobody waits: a commit costs nothing.

use futures::{
    channel::oneshot,
    future::{Either, select},
    lock::Mutex as Turn,
};
use redb::WriteTransaction;
use std::{
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{
    apply::{self, Undo},
    ledger::Units,
    unavailable, units,
};
use crate::table::{Add, StoreError, Write};

/// What somebody wants written.
pub(super) enum Asked {
    Writes(Vec<Write>),
    Add(Add),
}

/// New values of counters.
type Values = Vec<i64>;
type Answer = Result<Values, StoreError>;

/// What one list did.
struct Done {
    values: Result<Values, StoreError>,
    cost: Units,
}

#[derive(Default)]
pub(super) struct Line {
    waiting: Mutex<Vec<(Asked, oneshot::Sender<Answer>)>>,
    /// Who has it writes. Nobody holds a thread up by waiting for it.
    turn: Turn<()>,
}

impl Line {
    /// Stands in line, lets whoever comes at the same moment do so, too, and then writes for all of them, unless one of
    /// them has. `begin` is told whether they do nothing but count.
    pub(super) async fn written(
        &self,
        begin: impl Fn(bool) -> Result<WriteTransaction, StoreError>,
        asked: Asked,
        bill: impl Fn(Units),
    ) -> Result<Values, StoreError> {
        let (answer, mut answered) = oneshot::channel();
        lock(&self.waiting).push((asked, answer));
        one_round().await;
        let _turn = match select(&mut answered, pin!(self.turn.lock())).await {
            Either::Left((answer, _)) => return told(answer.ok()),
            Either::Right((turn, _)) => turn,
        };
        if let Ok(Some(answer)) = answered.try_recv() {
            return answer;
        }
        let mut all = std::mem::take(&mut *lock(&self.waiting));
        // Whoever has gone away in the line is not written behind their back, whenever the next one comes.
        all.retain(|(_, answer)| !answer.is_canceled());
        let (asked, answers): (Vec<_>, Vec<_>) = all.into_iter().unzip();
        let is_counting = asked.iter().all(|asked| matches!(asked, Asked::Add(_)));
        let done = begin(is_counting).and_then(|transaction| together(transaction, &asked));
        for (place, answer) in answers.into_iter().enumerate() {
            let values = match &done {
                Ok(done) => {
                    bill(done[place].cost);
                    done[place].values.clone()
                }
                Err(error) => Err(error.clone()),
            };
            // Whoever goes away only now has been written as all others.
            let _ = answer.send(values);
        }
        told(answered.try_recv().ok().flatten())
    }
}

fn told(answer: Option<Answer>) -> Answer {
    answer.unwrap_or_else(|| Err(StoreError::Broken("a write without an answer".to_owned())))
}

/// One alone.
pub(super) fn alone(
    transaction: WriteTransaction,
    asked: Asked,
    bill: impl Fn(Units),
) -> Result<Values, StoreError> {
    let mut done = together(transaction, &[asked])?;
    let Some(Done { values, cost }) = done.pop() else { return Ok(Vec::new()) };
    bill(cost);
    values
}

fn together(transaction: WriteTransaction, asked: &[Asked]) -> Result<Vec<Done>, StoreError> {
    let done = asked.iter().map(|asked| one(&transaction, asked)).collect::<Result<Vec<_>, _>>()?;
    if done.iter().any(|done| done.values.is_ok()) {
        transaction.commit().map_err(unavailable)?;
    } else {
        transaction.abort().map_err(unavailable)?;
    }
    Ok(done)
}

/// An error: the transaction is to be given up.
fn one(transaction: &WriteTransaction, asked: &Asked) -> Result<Done, StoreError> {
    let is_transaction = match asked {
        Asked::Writes(writes) => writes.len() > 1 || matches!(writes[..], [Write::Check(..)]),
        Asked::Add(_) => false,
    };
    let mut cost = units::Cost::new(is_transaction);
    let mut undo = Vec::new();
    let values = match asked {
        Asked::Writes(writes) => list(transaction, writes, &mut cost, &mut undo).map(|()| Vec::new()),
        Asked::Add(add) => match apply::add(transaction, add, &mut cost, &mut undo) {
            Ok(values) => values.ok_or(StoreError::Conflict(0)),
            Err(error) => Err(error),
        },
    };
    if values.is_err() {
        for undo in undo.into_iter().rev() {
            undo.done(transaction)?;
        }
    }
    Ok(Done { cost: cost.total(values.is_err()), values })
}

/// All are looked at, whatever the first says: so does DynamoDB, and bills them.
fn list(
    transaction: &WriteTransaction,
    writes: &[Write],
    cost: &mut units::Cost,
    undo: &mut Vec<Undo>,
) -> Result<(), StoreError> {
    let mut failed = None;
    for (place, write) in writes.iter().enumerate() {
        if !apply::write(transaction, write, cost, undo)? && failed.is_none() {
            failed = Some(place);
        }
    }
    failed.map_or(Ok(()), |place| Err(StoreError::Conflict(place)))
}

async fn one_round() {
    let mut is_over = false;
    std::future::poll_fn(|context| {
        if is_over {
            return std::task::Poll::Ready(());
        }
        is_over = true;
        context.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
