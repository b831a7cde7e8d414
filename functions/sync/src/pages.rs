//! A page of a list is asked for, applied and counted.

use domain::{
    Run, Timestamp,
    run::{InList, PageEnd, Part, PartState, Place, Resource},
};
use jiff::SignedDuration;
use shopify::graph::{CheckoutsPage, CustomersPage, DeletedPage, OrdersPage, ProductsPage, Stretch, Window};

use crate::{
    Hands,
    asked::Halt,
    rows::{Rows, carts, gone, goods, orders, people},
    steps::Next,
};

/// As many as Shopify gives at once: about 330 points of orders, with the lines that come with them.
const PAGE_ROWS: u16 = 250;

pub(crate) async fn read(hands: &Hands<'_>, held: &Run, at: usize, place: &InList) -> Result<Next, Halt> {
    let part = &held.parts[at];
    let window = Window { since: place.begun_at.or(part.since), before: None };
    let page_rows = part.page_rows.unwrap_or(PAGE_ROWS).min(page_rows_max(hands));
    let stretch = |after| Stretch::updated(&window, page_rows, after);
    let after = place.after.clone();
    let asked_at = hands.deps.clock.now();
    let (rows, end, wait) = match part.of {
        Resource::Customers => {
            let connection = hands.connection().await?;
            let ask = CustomersPage::of(stretch(after), connection.metafields.names());
            let (page, wait) = hands.ask(&ask).await?;
            let told: Vec<_> = page.nodes.into_iter().map(|node| node.told(&hands.reading)).collect();
            let end = ending(&told, |told| told.updated_at, page.next);
            let rows =
                people::told(hands, told, people::are_laid_down(held, part), (&connection, asked_at)).await?;
            (rows, end, wait)
        }
        Resource::Orders => {
            let (page, wait) = hands.ask(&OrdersPage(stretch(after))).await?;
            let end = ending(&page.nodes, |node| Some(node.updated_at()), page.next);
            (orders::told(hands, page.nodes).await?, end, wait)
        }
        Resource::Products => {
            let (page, wait) = hands.ask(&ProductsPage(stretch(after))).await?;
            let end = ending(&page.nodes, |node| Some(node.updated_at()), page.next);
            (goods::told(hands, page.nodes, asked_at).await?, end, wait)
        }
        Resource::Deletions => {
            let (page, wait) = hands.ask(&DeletedPage::within(&window, page_rows, after)).await?;
            let end = ending(&page.nodes, |deleted| Some(deleted.at), page.next);
            (gone::told(hands, &page.nodes).await?, end, wait)
        }
        Resource::Checkouts => {
            let (page, wait) = hands.ask(&CheckoutsPage::begun(&window, page_rows, after)).await?;
            let end = ending(&page.nodes, |node| Some(node.created_at()), page.next);
            (Box::pin(carts::told(hands, page.nodes, asked_at)).await?, end, wait)
        }
    };
    hands.tend(&rows).await;
    let most = hands.deps.lists.rows_max;
    let next = place.behind(end, part.since, most).map_err(|_| Halt::Part(cut_off(&window, most)))?;
    Ok(counted(hands, held, at, rows, (next.map(Place::Page), wait)))
}

/// A list takes some pages, however early it ends.
fn page_rows_max(hands: &Hands<'_>) -> u16 {
    u16::try_from(hands.deps.lists.rows_max / 5).unwrap_or(PAGE_ROWS).max(1)
}

/// What the page ends with that has these rows.
fn ending<T>(rows: &[T], changed_at: impl Fn(&T) -> Option<Timestamp>, cursor: Option<String>) -> PageEnd {
    PageEnd { rows: rows.len() as u64, last_at: rows.iter().rev().find_map(changed_at), cursor }
}

fn cut_off(window: &Window, most: u64) -> String {
    let second = window.since.map(|at| format!(" ({at})")).unwrap_or_default();
    format!(
        "so many changed within one second{second} that Shopify's list of them ends, after {most} rows, before all are told: \
         change some of them at another moment, and sync again"
    )
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
