//! A shop's days begin at other moments: what is due with them is due then.
//!
//! Whoever changes the zone commits these steps with it. All of the audience is asked anew, which the clock begins within
//! a minute, and the night's scores are wanted with the new zone's midnight.

use domain::{Timestamp, Zone, settlement::Settling};
use store::{Scores, Step, StoreError, TenantStore};

/// `Conflict` of any of them: somebody has looked meanwhile, and it is planned anew.
pub async fn rezoned(store: &TenantStore, zone: &Zone, now: Timestamp) -> Result<Vec<Step>, StoreError> {
    let mut steps = Vec::new();
    if let Some(held) = store.settling().await? {
        let other = Settling::clone(&held).rezoned(zone, now);
        if other != *held {
            steps.push(store.settling_changed(&held, &other));
        }
    }
    if let Some(held) = store.scores().await? {
        let scoring = held.scoring.clone().rezoned(zone, now);
        if scoring != held.scoring {
            let nightly = held.nightly.clone();
            steps.push(store.scores_changed(Some(&held), &Scores { scoring, nightly }));
        }
    }
    Ok(steps)
}
