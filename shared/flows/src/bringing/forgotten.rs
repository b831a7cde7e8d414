//! Rows of files that were brought before somebody in them was forgotten: such a row brings nobody back.

use std::collections::BTreeSet;

use domain::{CustomerId, customer::CustomerKind};
use store::Way;
use tables::customers::CustomerRow;

use super::Clerk;
use crate::FlowError;

impl Clerk<'_> {
    /// Of each row, whether it is about somebody who was forgotten since the file was brought. Costs one read where nobody was.
    pub(super) async fn forgotten(&self, rows: &[CustomerRow]) -> Result<Vec<bool>, FlowError> {
        let store = self.record.store;
        let Some(brought_at) = self.lot.map(|lot| lot.job.created_at) else {
            return Ok(vec![false; rows.len()]);
        };
        if !store.is_anybody_forgotten_since(brought_at).await? {
            return Ok(vec![false; rows.len()]);
        }
        let mut all = Vec::new();
        for row in rows {
            let digests = self.record.digests(row.email.as_ref(), row.phone.as_ref()).await?;
            let mut ids: BTreeSet<CustomerId> =
                row.called.iter().filter_map(|called| called.parse().ok()).collect();
            if let Some(called) = &row.called {
                let called = self.record.known_by(Way::Called, called).await?;
                ids.extend(store.customers_with(&[called]).await?.into_iter().flatten());
            }
            let people = store.customers(&ids.into_iter().collect::<Vec<_>>()).await?;
            let is_gone = people.iter().any(|customer| customer.kind == CustomerKind::Erased);
            all.push(is_gone || self.record.is_forgotten(&digests, brought_at).await?);
        }
        Ok(all)
    }
}
