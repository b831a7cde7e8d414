//! Work that outlasts its request: imports of any size, and how far each job is.

pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod later;
pub(crate) mod one;
pub(crate) mod view;

use domain::{
    Job, JobId, Permission,
    job::{Kind, Work},
};
use flows::{FlowError, identify::Caller};
use store::{Held, TenantStore};

/// The job of that id; a text that is no id is nobody's.
async fn found(store: &TenantStore, id: &str) -> Result<Held<Job>, FlowError> {
    let missing = FlowError::NotFound("job");
    let Ok(id) = id.parse::<JobId>() else { return Err(missing) };
    store.job(id).await?.ok_or(missing)
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
