//! The record becomes a file, a part at a time: who is in it is decided once, when the job begins.

use domain::{
    Job, JobState,
    job::{self, Export, Kind},
};
use flows::{
    FlowError,
    files::{FilePart, PART_BYTES_MIN, Writing},
    taking::{People, Sales, TAKEN_TOGETHER, rows_of_customers, rows_of_orders},
};
use serde::de::DeserializeOwned;
use store::{Held, TenantStore};

use crate::{Deps, STRETCH, chosen, end, file, later, moved_on};

pub(crate) async fn go_on(
    deps: &Deps,
    store: &TenantStore,
    held: Held<Job>,
    export: &Export,
) -> Result<(), FlowError> {
    let began = deps.clock.now();
    let taken = file(store, &held, FilePart::Taken);
    let mut held = match held.state {
        JobState::Queued => match begun(deps, store, &held, export).await {
            Err(FlowError::NotFound(what)) => {
                let why = format!("the {what} whose customers were asked for was deleted");
                return end(deps, store, &held, JobState::Failed { why }).await;
            }
            done => done?,
        },
        _ => held,
    };
    loop {
        let told =
            held.progress.writing.clone().ok_or_else(|| FlowError::broken("no file is being written"))?;
        let mut writing = Writing { name: taken, id: told.id, parts: told.parts };
        // The header is in the first part, so that a file of nobody has one, too.
        if held.progress.done == held.progress.of && !writing.parts.is_empty() {
            deps.files.finish(writing).await?;
            return end(deps, store, &held, JobState::Done).await;
        }
        let (done, bytes) = part(deps, store, &held, export.of).await?;
        deps.files.add(&mut writing, bytes).await?;
        let mut job = Job::clone(&held).moved(JobState::Running, deps.clock.now());
        (job.progress.done, job.progress.rows) = (done, done);
        job.progress.writing = Some(job::Writing { id: writing.id, parts: writing.parts });
        held = moved_on(store, &held, job).await?;
        if deps.clock.now().duration_since(began) >= STRETCH {
            return later(deps, store, &held).await;
        }
    }
}

/// Who is in it is written down, and the file begun.
async fn begun(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Job>,
    export: &Export,
) -> Result<Held<Job>, FlowError> {
    let list = file(store, held, FilePart::Chosen);
    let of = match export.of {
        Kind::Customers => {
            let people: People = asked(export)?;
            let program = people.program(store).await?;
            let ids = people.ids(&program, &store.audience(&people.families()).await?.view)?;
            chosen::keep(&*deps.files, list, ids.into_iter().map(chosen::customer_line)).await?
        }
        Kind::Orders => {
            let sales: Sales = asked(export)?;
            let places = sales.places(&store.audience(&sales.families()).await?.view)?;
            chosen::keep(&*deps.files, list, places.into_iter().map(chosen::order_line)).await?
        }
    };
    let writing = deps.files.begin(file(store, held, FilePart::Taken)).await?;
    let mut job = Job::clone(held).moved(JobState::Running, deps.clock.now());
    job.progress.of = of;
    job.progress.writing = Some(job::Writing { id: writing.id, parts: Vec::new() });
    moved_on(store, held, job).await
}

fn asked<T: DeserializeOwned>(export: &Export) -> Result<T, FlowError> {
    serde_json::from_str(&export.asked).map_err(FlowError::broken)
}

/// The next part of the file, and how many are in it and all before it.
async fn part(
    deps: &Deps,
    store: &TenantStore,
    held: &Held<Job>,
    of: Kind,
) -> Result<(u64, Vec<u8>), FlowError> {
    let tenant = store.tenant().await?.ok_or(FlowError::NotFound("tenant"))?;
    let list = file(store, held, FilePart::Chosen);
    let mut done = held.progress.done;
    let mut text = match of {
        _ if done > 0 => String::new(),
        Kind::Customers => tables::customers::header(),
        Kind::Orders => tables::orders::header(),
    };
    let each = chosen::bytes_of(of);
    while done < held.progress.of && text.len() < PART_BYTES_MIN {
        if done > held.progress.done {
            // For a file that nobody wants any more, nothing is read.
            store.job_stands(held).await?;
        }
        let lines = deps.files.read(list, done * each as u64, TAKEN_TOGETHER * each).await?;
        let lines = String::from_utf8(lines).map_err(FlowError::broken)?;
        if lines.is_empty() {
            return Err(FlowError::broken("the list of who is in the file is cut off"));
        }
        text += &match of {
            Kind::Customers => rows_of_customers(store, tenant.currency, &chosen::customers(&lines)?).await?,
            Kind::Orders => rows_of_orders(store, tenant.currency, &chosen::orders(&lines)?).await?,
        };
        done += (lines.len() / each) as u64;
    }
    Ok((done, text.into_bytes()))
}
