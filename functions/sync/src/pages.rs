//! A page of a list is asked for, applied and counted.

use domain::{
    Run,
    run::{Part, PartState, Place, Resource},
};
use jiff::SignedDuration;
use shopify::graph::{CustomersPage, DeletedPage, OrdersPage, ProductsPage, Stretch, Window};

use crate::{
    Hands,
    asked::Halt,
    rows::{Rows, gone, goods, orders, people},
    steps::Next,
};

/// As many as Shopify gives at once: about 330 points of orders, with the lines that come with them.
const PAGE_ROWS: u16 = 250;

pub(crate) async fn read(
    hands: &Hands<'_>,
    held: &Run,
    at: usize,
    after: Option<String>,
) -> Result<Next, Halt> {
    let part = &held.parts[at];
    let window = Window { since: part.since, before: None };
    let page_rows = part.page_rows.unwrap_or(PAGE_ROWS);
    let stretch = |after| Stretch::updated(&window, page_rows, after);
    let asked_at = hands.deps.clock.now();
    let (rows, next, wait) = match part.of {
        Resource::Customers => {
            let (page, wait) = hands.ask(&CustomersPage(stretch(after))).await?;
            let told = page.nodes.into_iter().map(|node| node.told(&hands.reading)).collect();
            let rows = people::told(hands, told, people::are_laid_down(held, part), asked_at).await?;
            (rows, page.next, wait)
        }
        Resource::Orders => {
            let (page, wait) = hands.ask(&OrdersPage(stretch(after))).await?;
            (orders::told(hands, page.nodes).await?, page.next, wait)
        }
        Resource::Products => {
            let (page, wait) = hands.ask(&ProductsPage(stretch(after))).await?;
            (goods::told(hands, page.nodes, asked_at).await?, page.next, wait)
        }
        Resource::Deletions => {
            let (page, wait) = hands.ask(&DeletedPage::within(&window, page_rows, after)).await?;
            (gone::told(hands, &page.nodes).await?, page.next, wait)
        }
    };
    hands.tend(&rows).await;
    let place = next.map(|cursor| Place::Page { after: Some(cursor) });
    Ok(counted(hands, held, at, rows, (place, wait)))
}

/// Half as many rows on each page of the part, for the rest of the run. `None`: there is one row on each.
pub(crate) fn smaller(held: &Run) -> Option<Next> {
    let mut run = held.clone();
    let part = run.reading().map(|at| &mut run.parts[at])?;
    let fewer = part.page_rows.unwrap_or(PAGE_ROWS) / 2;
    if fewer == 0 {
        return None;
    }
    part.page_rows = Some(fewer);
    tracing::warn!(rows = fewer, "a page costs more than Shopify lets us ask for at once");
    Some(Next::On(run, SignedDuration::ZERO))
}

/// The run with these rows. Without a place to go on from the part is done.
pub(crate) fn counted(
    hands: &Hands<'_>,
    held: &Run,
    at: usize,
    rows: Rows,
    (place, wait): (Option<Place>, SignedDuration),
) -> Next {
    let mut run = held.clone();
    let counted = rows.counted(run.mode, hands.deps.clock.now());
    let part = &mut run.parts[at];
    part.tally = part.tally.and(&counted.tally);
    move_on(part, place);
    run.refuse(counted.refused);
    run.miss(counted.missed);
    let wait = if run.parts[at].state.is_end() { SignedDuration::ZERO } else { wait };
    Next::On(run, wait)
}

fn move_on(part: &mut Part, place: Option<Place>) {
    if let Some(place) = place {
        part.state = PartState::Reading(place);
    } else {
        part.state = PartState::Done;
        // What was counted at the beginning was a guess by now.
        part.total = Some(part.tally.rows());
    }
}
