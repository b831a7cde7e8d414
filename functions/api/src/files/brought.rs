//! A file in a request: read whole, and stored within the time that a request has.

use axum::body::Bytes;
use domain::{customer::ChangedBy, fields, job::Kind};
use flows::{
    FlowError,
    bringing::{Clerk, Form, Outcome},
    identify::Caller,
    record::Record,
};
use jiff::SignedDuration;
use tables::{Head, Piece, Reading};

use super::import::{FAILURES_TOLD, ImportAsked};
use crate::{App, error::Problem, record::Desk};

/// Lambda's door waits 29 s for an answer.
const TIME_MAX: SignedDuration = SignedDuration::from_secs(24);

/// What became of a file.
pub(super) struct Brought {
    pub(super) outcome: Outcome,
    /// With what may have been meant.
    pub(super) unknown_columns: Vec<(String, Option<&'static str>)>,
}

/// Within: a file in which there is nothing to read.
pub(super) async fn imported(
    deps: &App,
    caller: &Caller,
    kind: Kind,
    asked: ImportAsked,
    file: Bytes,
) -> Result<Result<Brought, Problem>, Problem> {
    let wrong = |at: &str, wrong: &fields::BadField| FlowError::invalid(at, "invalid", wrong.to_string());
    let attested =
        asked.attest.as_deref().map(fields::method).transpose().map_err(|bad| wrong("?attest", &bad))?;
    let country = asked.phone_country.as_deref().map(fields::country).transpose();
    let reading = Reading {
        currency: caller.tenant.currency,
        zone: &caller.tenant.zone,
        now: deps.now(),
        country: country.map_err(|bad| wrong("?phone_country", &bad))?,
        attested,
        keeps_unknown: asked.attributes,
    };
    let desk = Desk::of(deps, caller);
    let record = Record { by: ChangedBy::Import, ..desk.record() };
    let form = match Head::read(&file).and_then(|head| Form::of(kind, head, asked.attributes)) {
        Ok(form) => form,
        Err(fault) => return Ok(Err(Problem::bad("bad_header", fault.to_string()))),
    };
    let clerk = Clerk::new(record, Some(reading.now + TIME_MAX));
    let mut clerk = if asked.dry_run { clerk.rehearsing() } else { clerk };
    let (mut outcome, piece) = (Outcome::telling(FAILURES_TOLD), Piece::whole(&file));
    let read = clerk.piece(&form, &reading, form.start(), &piece, &mut outcome).await;
    deps.keep(&caller.store, &outcome.shards.iter().copied().collect::<Vec<_>>()).await;
    if read?.place.row == 0 {
        return Ok(Err(Problem::bad("no_rows", "the file has no rows beneath its header")));
    }
    outcome.faults.sort_by_key(|fault| fault.row);
    Ok(Ok(Brought { outcome, unknown_columns: form.unknown() }))
}
