//! A customer as the shop has them: with tags, consents and what they bought as the shop counts it.

use domain::CustomerId;
use flows::{Unanswered, telling};
use shopify::graph::CustomerById;

use super::{Asking, Read, not_there};
use crate::apply::Done;

pub(super) async fn read(asking: &Asking<'_>, id: CustomerId) -> Result<Read, Unanswered> {
    let CustomerId::Shopify(number) = id else { return Ok(not_there()) };
    let connection = asking.store.connection().await?.ok_or(Unanswered::Closed(None))?;
    let ask = CustomerById::new(number, connection.metafields.names());
    let Some(node) = asking.ask(&ask).await? else { return Ok(not_there()) };
    let told = node.told(&asking.reading);
    let kept = telling::customer_told(&asking.record, &told, (&connection, asking.now)).await?;
    Ok(Done::of(&kept).into())
}
