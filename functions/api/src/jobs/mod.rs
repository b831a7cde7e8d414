//! Work that outlasts its request: imports of any size, and how far each job is.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod later;
pub(crate) mod one;
pub(crate) mod view;

use axum::{http::StatusCode, response::Response};
use domain::{
    Job, JobId, Permission, Task,
    job::{Kind, Work},
};
use flows::{FlowError, identify::Caller};
use store::{Held, TenantStore};

use crate::{
    App,
    error::Problem,
    once::{Answer, Done, Once},
};
use view::JobView;

/// The job of that id; a text that is no id is nobody's.
async fn found(store: &TenantStore, id: &str) -> Result<Held<Job>, FlowError> {
    let missing = FlowError::NotFound("job");
    let Ok(id) = id.parse::<JobId>() else { return Err(missing) };
    store.job(id).await?.ok_or(missing)
}

/// The job is there together with the answer that shows it, and if there is something to do, somebody is told.
async fn made(deps: &App, caller: &Caller, once: Once, job: &Job) -> Result<Response, Problem> {
    let tenant = caller.store.id();
    let status = if job.is_due() { StatusCode::ACCEPTED } else { StatusCode::CREATED };
    let view = JobView::linked(tenant, job, &*deps.files).await?;
    let answer = Answer::new(status, &view).at(format!("/api/v1/jobs/{}", job.id));
    match once.commit(vec![caller.store.job_made(job)], answer).await? {
        Done::Answered(response) => {
            if job.is_due() {
                deps.nudge(Task::DoJob { tenant, job: job.id }).await;
            }
            Ok(response)
        }
        Done::Against(_) => Err(Problem::conflict("changed_meanwhile", "there is such a job already")),
    }
}

/// What whoever brings files may do.
fn must_manage(caller: &Caller, of: Kind) -> Result<(), FlowError> {
    caller.must(match of {
        Kind::Customers => Permission::ManageCustomers,
        Kind::Orders => Permission::ManageOrders,
    })
}

/// Whether they may do what the job does: take a file away who may see what is in it.
fn must_do(caller: &Caller, job: &Job) -> Result<(), FlowError> {
    match &job.work {
        Work::Import(import) => must_manage(caller, import.of),
        Work::Export(export) => caller.must(match export.of {
            Kind::Customers => Permission::ReadCustomers,
            Kind::Orders => Permission::ReadOrders,
        }),
    }
}
