//! Much at once, as of a first sync: Shopify writes all of it into a file, which is read a piece at a time.
//!
//! Nobody waits for the file: a message looks whether it is there, and Shopify's event that it is comes sooner, if it
//! comes. Where Shopify writes none, pages are read instead.

use std::time::Duration;

use domain::{
    Run, Timestamp,
    run::{InList, PartState, Place, Resource},
};
use flows::{
    FlowError,
    web::{Ask, Told},
};
use jiff::SignedDuration;
use shopify::{
    bulk::{BadLine, Item, Lines},
    graph::{BulkOperation, BulkRun, BulkState, BulkStatus, Window},
};

use crate::{
    Hands,
    asked::Halt,
    pages,
    rows::{Became, Row, Rows, orders, people},
    steps::Next,
};

/// Shopify writes some thousand rows a second.
const LOOK_EACH: SignedDuration = SignedDuration::from_secs(15);
/// Nobody waits for a file that is not there by then.
const FILE_PATIENCE: SignedDuration = SignedDuration::from_hours(12);
/// So much is read, stored and counted together: a few thousand customers, or some hundred orders.
const PIECE_BYTES: u64 = 1024 * 1024;
/// Longer than any order with its lines.
const PIECE_BYTES_MAX: u64 = 16 * PIECE_BYTES;
const PATIENCE: Duration = Duration::from_secs(40);

/// What Shopify has written.
struct File<'a> {
    url: &'a str,
    bytes: Option<u64>,
    /// What was counted is as of then.
    of: Timestamp,
}

pub(crate) async fn begun(hands: &Hands<'_>, held: &Run, at: usize) -> Result<Next, Halt> {
    let window = Window { since: held.parts[at].since, before: None };
    let ask = match held.parts[at].of {
        Resource::Customers => BulkRun::customers(&window, &hands.connection().await?.metafields.names()),
        _ => BulkRun::orders(&window),
    };
    match hands.ask(&ask).await {
        Ok((operation, _)) => {
            let mut run = held.clone();
            run.parts[at].state = PartState::Reading(Place::Bulk { operation: operation.id, offset: 0 });
            Ok(Next::On(run, LOOK_EACH))
        }
        // Too many are under way, or none may be: pages tell why, if they cannot be had, either.
        Err(Halt::Part(why)) => {
            tracing::warn!("Shopify writes no file, pages are read instead: {why}");
            pages::read(hands, held, at, &InList::default()).await
        }
        Err(Halt::TooCostly) => pages::read(hands, held, at, &InList::default()).await,
        Err(halt) => Err(halt),
    }
}

pub(crate) async fn gone_on(
    hands: &Hands<'_>,
    held: &Run,
    at: usize,
    operation: &str,
    offset: u64,
) -> Result<Next, Halt> {
    let (seen, _) = hands.ask(&BulkStatus { id: operation.to_owned() }).await?;
    match seen {
        Some(BulkOperation {
            status: BulkState::Completed, url: Some(url), file_size, created_at, ..
        }) => {
            let file = File { url: &url, bytes: file_size, of: created_at.unwrap_or(held.created_at) };
            piece(hands, held, at, (operation, offset), file).await
        }
        // There was nothing to write.
        Some(BulkOperation { status: BulkState::Completed, .. }) => {
            Ok(pages::counted(hands, held, at, Rows::default(), (None, SignedDuration::ZERO)))
        }
        Some(seen) if is_awaited(hands, held, &seen) => Ok(Next::On(held.clone(), LOOK_EACH)),
        // Pages tell why, if they cannot be had, either.
        _ if offset == 0 => pages::read(hands, held, at, &InList::default()).await,
        seen => Err(Halt::Part(lost(seen.as_ref()))),
    }
}

fn is_awaited(hands: &Hands<'_>, held: &Run, seen: &BulkOperation) -> bool {
    let begun = seen.created_at.unwrap_or(held.created_at);
    !seen.status.is_over() && hands.deps.clock.now().duration_since(begun) < FILE_PATIENCE
}

fn lost(seen: Option<&BulkOperation>) -> String {
    let Some(seen) = seen else { return "Shopify has forgotten its file: begin again".to_owned() };
    let code = seen.error_code.as_deref().unwrap_or("no reason");
    let part = if seen.partial_data_url.is_some() { ", of which there is a part" } else { "" };
    format!("Shopify's file was not to be had to its end ({:?}, {code}){part}: begin again", seen.status)
}

async fn piece(
    hands: &Hands<'_>,
    held: &Run,
    at: usize,
    (operation, offset): (&str, u64),
    file: File<'_>,
) -> Result<Next, Halt> {
    let mut most = PIECE_BYTES;
    loop {
        let bytes = fetched(hands, file.url, offset, most).await?;
        if bytes.is_empty() && file.bytes.is_some_and(|whole| offset < whole) {
            return Err(FlowError::unavailable(
                "Shopify's file ends before the end that it was said to have",
            )
            .into());
        }
        let is_end = match file.bytes {
            Some(whole) => offset + bytes.len() as u64 >= whole,
            None => (bytes.len() as u64) < most,
        };
        let mut lines = Lines::from(offset);
        let mut read = lines.feed(&bytes);
        let place = lines.place();
        if is_end {
            read.extend(lines.end());
        } else if place == offset && most < PIECE_BYTES_MAX {
            // One order is longer than the piece.
            most *= 4;
            continue;
        }
        let rows = applied(hands, held, at, (read, file.of)).await?;
        hands.tend(&rows).await;
        let next =
            (!is_end).then(|| Place::Bulk { operation: operation.to_owned(), offset: place.max(offset + 1) });
        return Ok(pages::counted(hands, held, at, rows, (next, SignedDuration::ZERO)));
    }
}

/// Part of the file. Shopify's storage answers ranges.
async fn fetched(hands: &Hands<'_>, url: &str, from: u64, bytes_max: u64) -> Result<Vec<u8>, Halt> {
    let ask = Ask {
        headers: vec![("range", format!("bytes={from}-{}", from + bytes_max - 1))],
        answer_bytes_max: usize::try_from(bytes_max).unwrap_or(usize::MAX),
        ..Ask::new(url.to_owned(), PATIENCE)
    };
    let Told { status, body, .. } = hands.deps.shops.web.ask(ask).await?;
    match status {
        206 => Ok(body),
        // The whole of a file that is shorter.
        200 if from == 0 => Ok(body),
        // Nothing lies behind the end.
        416 => Ok(Vec::new()),
        other => Err(FlowError::unavailable(format!("Shopify's file is answered {other}")).into()),
    }
}

async fn applied(
    hands: &Hands<'_>,
    held: &Run,
    at: usize,
    (read, of): (Vec<Result<Item, BadLine>>, Timestamp),
) -> Result<Rows, Halt> {
    let (mut customers, mut sold, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    for item in read {
        match item {
            Ok(Item::Customer(node)) => customers.push(node.told(&hands.reading)),
            Ok(Item::Order(node)) => sold.push(*node),
            Err(line) => {
                let became = Became::Refused(line.to_string());
                bad.push(Row::of(
                    held.parts[at].of.name(),
                    format_args!("at byte {}", line.at),
                    None,
                    became,
                ));
            }
        }
    }
    let connection = hands.connection().await?;
    let are_laid_down = people::are_laid_down(held, &held.parts[at]);
    let mut rows = people::told(hands, customers, are_laid_down, (&connection, of)).await?;
    let orders = orders::told(hands, sold).await?;
    rows.all.extend(orders.all);
    rows.all.extend(bad);
    rows.shards.extend(orders.shards);
    Ok(rows)
}
