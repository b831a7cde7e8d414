//! A shop's days begin at other moments: what is due with them is due then.
//!
//! Whoever changes the zone commits these steps with it. All of the audience is asked anew, which the clock begins within
//! a minute, the night's scores are wanted with the new zone's midnight, and reports are mailed by its clocks. Syncs and the
//! segments of an hour ask for the shop's zone whenever they begin.

use domain::{Timestamp, Zone, report::Mailing, settlement::Settling};
use store::{Scores, Step, StoreError, TenantStore};

/// A commit holds a hundred changes, and what the zone is changed with are a few of them. Of the reports beyond these each comes
/// once more when it was to.
const MAILINGS_MAX: usize = 80;

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
    let mut mailings = store.mailings().await?;
    mailings.sort_by_key(|held| held.next_at);
    for held in mailings.iter().take(MAILINGS_MAX) {
        let other = Mailing::clone(held).rezoned(zone, now);
        if other != **held {
            steps.push(store.mailing_set(Some(held), &other));
        }
    }
    Ok(steps)
}
