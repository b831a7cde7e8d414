//! A request that need not be answered when it is done: it is read at once, so that what is wrong is told, and becomes a
//! file of one row, which a job brings as it brings any other.
//!
//! So it is done at least once, and, as a row knows its customer or order when it comes again, has its effect once.

use axum::response::Response;
use domain::{
    Customer, CustomerId, Job, JobId, JobState, Order,
    customer::CustomerKind,
    job::{Import, Kind, Work},
};
use flows::{
    FlowError,
    files::{FileName, FilePart},
    identify::Caller,
    record::Whose,
};

use super::made;
use crate::{App, error::Problem, once::Once};

/// Where the consents of a request are from, unless it says so.
const ATTESTED: &str = "told to the API";

/// Who is told of; somebody who is known is told it, as by a file.
pub(crate) async fn customer(
    deps: &App,
    caller: &Caller,
    once: Once,
    customer: &Customer,
) -> Result<Response, Problem> {
    if customer.email.is_none() && customer.phone.is_none() {
        let sentence = "tell a mail address or a telephone number: by it a request that comes twice is known";
        return Err(FlowError::invalid("", "no_address", sentence).into());
    }
    let mut rows = tables::customers::header();
    tables::customers::write(customer, caller.tenant.currency, &mut rows);
    left(deps, caller, once, (Kind::Customers, false), rows).await
}

pub(crate) async fn order(
    deps: &App,
    caller: &Caller,
    once: Once,
    order: &Order,
    whose: &Whose,
) -> Result<Response, Problem> {
    // Nobody has a new id: by it alone no buyer is found.
    let nobody = CustomerId::new(deps.now(), deps.roll());
    let buyer = |id| Customer::new(id, 0, CustomerKind::Person, deps.now());
    let (buyer, makes_guests) = match whose {
        Whose::Customer(id) => (buyer(*id), false),
        Whose::Known(email) => (Customer { email: Some(email.clone()), ..buyer(nobody) }, false),
        Whose::Address { email, phone } => {
            (Customer { email: email.clone(), phone: phone.clone(), ..buyer(nobody) }, true)
        }
        Whose::Nobody => (buyer(CustomerId::walk_in(order.id)), false),
    };
    let mut rows = tables::orders::header();
    tables::orders::write(order, &buyer, caller.tenant.currency, &mut rows);
    left(deps, caller, once, (Kind::Orders, makes_guests), rows).await
}

/// The file is there before the job is, and the job before its message.
async fn left(
    deps: &App,
    caller: &Caller,
    once: Once,
    (of, makes_guests): (Kind, bool),
    rows: String,
) -> Result<Response, Problem> {
    let import = Import {
        of,
        file: None,
        bytes: rows.len() as u64,
        is_dry: false,
        attested: Some(ATTESTED.to_owned()),
        country: None,
        keeps_unknown: false,
        makes_guests,
        mark: None,
    };
    let now = deps.now();
    let job = Job::new(JobId::new(now, deps.roll()), Work::Import(import), now).moved(JobState::Queued, now);
    let name = FileName::Job { tenant: caller.store.id(), job: job.id, part: FilePart::Brought };
    deps.files.write(name, rows.into_bytes()).await?;
    made(deps, caller, once, &job).await
}
