//! What is due: once a minute, leaves the work whose time has come and sweeps what has expired.

use std::sync::Arc;

use domain::Timestamp;
use flows::{FlowError, Tasks};
use store::Store;

/// What this function may touch. `template.yaml` grants exactly this.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub tasks: Arc<dyn Tasks>,
}

pub async fn tick(_deps: &Deps, _now: Timestamp) -> Result<(), FlowError> {
    Ok(())
}
