//! DynamoDB's errors as ours, and whether a write that failed did nothing.

use aws_sdk_dynamodb::{
    config::http::HttpResponse,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::CancellationReason,
};
use std::sync::Arc;
use store::{StoreError, Write, table::Add};

use super::attributes::{Attributes, counter};
use crate::failure::Failure;

/// Why a write failed.
pub(super) enum Trouble {
    /// Nothing was done, for others were in the way: a moment later it may well be.
    Busy(Failure),
    Final(StoreError),
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Busy(failure) => unavailable(failure),
            Trouble::Final(error) => error,
        }
    }
}

pub(super) fn unavailable(failure: Failure) -> StoreError {
    StoreError::Unavailable(Arc::new(failure))
}

pub(super) fn failure<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Failure {
    Failure::of("DynamoDB", error)
}

pub(super) fn of_read<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> StoreError {
    let failure = failure(error);
    if failure.is_refused() { StoreError::Refused(failure.to_string()) } else { unavailable(failure) }
}

/// Of a write that stands alone and whose condition was not the trouble.
pub(super) fn of_write<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Trouble {
    let said = failure(error);
    if said.is_throttled() || said.is(&["TransactionConflictException"]) {
        return Trouble::Busy(said);
    }
    Trouble::Final(of_read(error))
}

/// Of writes that go together. A condition that does not hold outweighs what will pass, and what can never be
/// done outweighs both.
pub(super) fn of_transaction(
    error: &SdkError<TransactWriteItemsError, HttpResponse>,
    writes: &[Write],
) -> Trouble {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return of_write(error);
    };
    let reasons = cancelled.cancellation_reasons();
    let of_code = |codes: &[&str]| {
        reasons.iter().position(|reason| reason.code().is_some_and(|code| codes.contains(&code)))
    };
    if of_code(&["ValidationError", "ItemCollectionSizeLimitExceeded"]).is_some() {
        return Trouble::Final(StoreError::Refused("DynamoDB refuses one of the writes".to_owned()));
    }
    match of_code(&["ConditionalCheckFailed", "DuplicateItem"]) {
        Some(place) => Trouble::Final(unmet(place, writes.get(place), reasons.get(place))),
        None => Trouble::Busy(failure(error)),
    }
}

/// A counter that would pass 64 bits is not another's doing: it is refused, and not a conflict.
pub(super) fn of_addition(add: &Add, there: Option<&Attributes>) -> StoreError {
    let empty = Attributes::new();
    let there = there.unwrap_or(&empty);
    for count in &add.counts {
        let Some(before) = counter(there, &count.counter) else { return no_counter(&count.counter) };
        if count.within.as_ref().is_some_and(|within| !within.contains(&before)) {
            return StoreError::Conflict(0);
        }
        if before.checked_add(count.by).is_none() {
            return no_counter(&count.counter);
        }
    }
    StoreError::Conflict(0)
}

fn unmet(place: usize, write: Option<&Write>, reason: Option<&CancellationReason>) -> StoreError {
    match write {
        Some(Write::Add(add)) => match of_addition(add, reason.and_then(CancellationReason::item)) {
            StoreError::Conflict(_) => StoreError::Conflict(place),
            other => other,
        },
        _ => StoreError::Conflict(place),
    }
}

fn no_counter(name: &str) -> StoreError {
    StoreError::Refused(format!("`{name}` is no counter, or would pass the range of 64 bits"))
}
