//! What the shop has defined of its own for its customers.
//!
//! Of a metafield that is defined today nobody has told those of yesterday's customers, and of one that changes Shopify may
//! tell nobody. So a run reads those of everybody as others are defined than were, and once a week: all customers are owed
//! then, until a run has read them to the end.

use std::collections::BTreeMap;

use domain::{
    Connection, Run, Syncing,
    own::{AttributeKind, METAFIELDS},
    run::{Mode, Resource},
};
use flows::FlowError;
use store::StoreError;

use crate::{Hands, asked::Halt};

/// The run, in which those of everybody are read if that is due.
pub(crate) async fn seen(
    hands: &Hands<'_>,
    mut run: Run,
    defined: BTreeMap<String, AttributeKind>,
) -> Result<Run, Halt> {
    kept(hands, &run, defined).await?;
    let syncing = hands.store.syncing().await?;
    let are_owed = syncing.is_some_and(|syncing| syncing.owed.contains(&Resource::Customers));
    for part in run.parts.iter_mut().filter(|part| part.of == Resource::Customers && are_owed) {
        part.since = None;
    }
    Ok(run)
}

/// Rules know them before anybody has one.
async fn kept(hands: &Hands<'_>, run: &Run, defined: BTreeMap<String, AttributeKind>) -> Result<(), Halt> {
    let connection = hands.connection().await?;
    let (has_time, now) = (run.mode != Mode::Incremental, hands.deps.clock.now());
    let Some(metafields) = connection.metafields.seen(defined, has_time, now) else { return Ok(()) };
    let columns = metafields.defined.iter().map(|(name, kind)| (format!("{METAFIELDS}{name}"), *kind));
    hands.store.columns_known(&columns.collect()).await?;
    let after = Connection { metafields, ..Connection::clone(&connection) };
    let mut steps = vec![hands.store.connection_changed(&connection, &after)];
    if let Some(syncing) = hands.store.syncing().await? {
        let owing = Syncing::clone(&syncing).owing(Resource::Customers);
        steps.push(hands.store.syncing_changed(Some(&syncing), &owing));
    }
    match hands.store.commit(steps).await {
        // Whoever renews the tokens was at it at the same moment.
        Err(busy @ StoreError::Conflict(_)) => Err(FlowError::unavailable(busy).into()),
        done => Ok(done?),
    }
}
