//! What a shop tells becomes the record's, the same whether it came by a webhook or was asked for.

use std::sync::atomic::{AtomicBool, Ordering};

use domain::{Beside, Cart, CartName, Connection, Customer, CustomerId, Order, Thing, Timestamp};
use shopify::told::{Buyer, CheckoutTold, CustomerTold, OrderTold};

use crate::{
    FlowError,
    record::{Bought, OrderWord, Plan, Record, WAY_BACK, Whose, Word},
};

/// How it is that something is told of somebody.
#[derive(Clone, Copy)]
pub enum Telling<'a> {
    /// By an event, which says there if it leaves something open.
    Event(&'a AtomicBool),
    /// The shop was asked for it then.
    Answer(Timestamp),
}

/// How a customer of ours becomes what was told.
pub fn teller<'a>(
    told: &'a CustomerTold,
    telling: Telling<'a>,
) -> impl Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync + 'a {
    move |customer| {
        if let Some(created_at) = told.created_at {
            customer.created_at = customer.created_at.min(created_at);
        }
        let asked_at = match telling {
            Telling::Event(_) => None,
            Telling::Answer(asked_at) => Some(asked_at),
        };
        let is_open = told
            .tell(customer, asked_at)
            .map_err(|wrong| FlowError::invalid("customer", "invalid", wrong.to_string()))?;
        if let Telling::Event(open) = telling {
            open.fetch_or(is_open, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// The same by a word that does not say of when it is, and may be older than anything: it tells of somebody of whom no whole
/// word is known yet. Of anybody else it says no more than that the shop has to be asked.
fn timeless_teller<'a>(
    told: &'a CustomerTold,
    open: &'a AtomicBool,
) -> impl Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync + 'a {
    move |customer| {
        let mut other = customer.clone();
        teller(told, Telling::Event(open))(&mut other)?;
        open.fetch_or(other != *customer, Ordering::Relaxed);
        if customer.shop_words.at.is_none() {
            *customer = other;
        }
        Ok(())
    }
}

/// A customer as an event has them: whether the shop has to be asked for what it leaves open.
pub async fn customer_heard(
    record: &Record<'_>,
    told: &CustomerTold,
) -> Result<(Plan<Option<Customer>>, bool), FlowError> {
    let open = AtomicBool::new(false);
    let (timely, timeless) = (teller(told, Telling::Event(&open)), timeless_teller(told, &open));
    let tell: &Tell<'_> = if told.updated_at.is_some() { &timely } else { &timeless };
    let kept = record.customer_told(&Word { id: told.id, at: told.updated_at, is_last: false, tell }).await?;
    Ok((kept, open.load(Ordering::Relaxed)))
}

type Tell<'a> = dyn Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync + 'a;

/// A customer as an answer has them: also what they bought by the shop's own count, asked for at that instant, where there
/// may be orders that we are not shown.
pub async fn customer_told(
    record: &Record<'_>,
    told: &CustomerTold,
    (connection, asked_at): (&Connection, Timestamp),
) -> Result<Plan<Option<Customer>>, FlowError> {
    let tell = counting_teller(told, (connection, asked_at));
    record.customer_told(&Word { id: told.id, at: told.updated_at, is_last: true, tell: &tell }).await
}

/// As `teller`, with what they bought by the shop's own count.
pub fn counting_teller(
    told: &CustomerTold,
    (connection, asked_at): (&Connection, Timestamp),
) -> impl Fn(&mut Customer) -> Result<(), FlowError> + Send + Sync {
    let lacks_orders = may_lack_orders(connection, told.created_at);
    move |customer| {
        teller(told, Telling::Answer(asked_at))(customer)?;
        if lacks_orders {
            let counted = customer.clone().shop_counted(told.orders, told.spent, asked_at);
            *customer =
                counted.map_err(|wrong| FlowError::invalid("customer", "too_much", wrong.to_string()))?;
        }
        Ok(())
    }
}

/// Whether they may have bought something that we are not shown.
fn may_lack_orders(connection: &Connection, created_at: Option<Timestamp>) -> bool {
    let is_new = created_at.is_some_and(|at| at >= connection.orders_shown_since());
    !connection.shows_all_orders() && !is_new
}

/// An order, with what it says of its customer. `None`: it was deleted. `is_last`: the shop was asked for it.
pub async fn order_told(
    record: &Record<'_>,
    told: OrderTold,
    is_last: bool,
) -> Result<Plan<Option<Order>>, FlowError> {
    let new = told.clone().into_order();
    let tell = |held: &Order| match told.beside(held, is_last) {
        // The same may have been read whole.
        _ if told.must_be_read_again && told.order.updated_at == held.updated_at => {
            Beside::Counts(held.clone())
        }
        // What is known of refunds is more than what was told.
        Beside::Counts(new) if told.must_be_read_again => {
            Beside::Counts(Order { refunded: held.refunded.min(new.total), ..new })
        }
        beside => beside,
    };
    let nothing = |_: &mut Customer| Ok(());
    let open = AtomicBool::new(false);
    // It was asked for no earlier than it changed.
    let telling = if is_last { Telling::Answer(told.order.updated_at) } else { Telling::Event(&open) };
    let about = told.customer.as_deref();
    let at = about.and_then(|customer| customer.updated_at);
    let (timely, timeless) =
        (about.map(|told| teller(told, telling)), about.map(|told| timeless_teller(told, &open)));
    let bought = match (told.buyer.clone(), &timely, &timeless) {
        (Buyer::Customer(id), Some(tell), _) if at.is_some() => Bought::By(Word { id, at, is_last, tell }),
        (Buyer::Customer(id), _, Some(tell)) => Bought::By(Word::of_part(id, tell)),
        (Buyer::Customer(id), ..) => Bought::By(Word::of_part(id, &nothing)),
        (Buyer::Address { email, phone }, ..) => Bought::From(Whose::Address { email, phone }),
        (Buyer::Nobody, ..) => Bought::From(Whose::Nobody),
    };
    let checkout = told.checkout_token.as_deref();
    let cart = told.cart_token.clone().map(CartName::Cart);
    let word = OrderWord { order: &new, tell: &tell, bought: &bought, checkout, cart: cart.as_ref() };
    let mut kept = Box::pin(record.order_told(&word)).await?;
    if open.load(Ordering::Relaxed) {
        kept.undecided.extend(told.customer.as_ref().map(|customer| Thing::Customer(customer.id)));
    }
    Ok(kept)
}

/// A checkout, as a basket that somebody may leave behind: whether nothing was known of it. Nothing is kept of one of
/// somebody who is erased.
///
/// Of it no name and no address is kept: whose it is, what it comes to, and, sealed, where they can go on.
pub async fn checkout_told(record: &Record<'_>, told: &CheckoutTold) -> Result<Plan<bool>, FlowError> {
    let (customer, unknown) = match whose(record, told).await? {
        Some(id) => match Box::pin(somebody(record, id)).await? {
            Some((id, unknown)) => (Some(id), unknown),
            None => return Ok(Plan::late(false)),
        },
        None => (None, None),
    };
    // Of nobody's nothing is kept that leads to them.
    let way_back = match told.url.as_ref().filter(|_| customer.is_some()) {
        Some(url) => Some(record.seals.seal(record.store, WAY_BACK, url.expose().as_bytes()).await?),
        None => None,
    };
    let word = Cart {
        customer,
        total: told.total,
        way_back,
        begun_at: Some(told.created_at.unwrap_or(told.updated_at)),
        updated_at: Some(told.updated_at),
        ended_at: told.completed_at,
        names: told.names.clone(),
        ..Cart::default()
    };
    Ok(Plan { unknown, ..record.cart_told(&told.token, &word).await? })
}

/// A word about somebody who is not here makes them; whoever was merged is the other. `None`: they are erased. Who is to be
/// asked for, as no more than that is known of them.
async fn somebody(
    record: &Record<'_>,
    id: CustomerId,
) -> Result<Option<(CustomerId, Option<Thing>)>, FlowError> {
    let nothing = |_: &mut Customer| Ok(());
    let mut unknown = None;
    if matches!(id, CustomerId::Shopify(_)) {
        unknown = record.customer_told(&Word::of_part(id, &nothing)).await?.unknown;
    }
    match record.present_or_heir(id).await {
        Ok(held) => Ok(Some((held.id, unknown))),
        Err(FlowError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Who is named, or has an address that is.
async fn whose(record: &Record<'_>, told: &CheckoutTold) -> Result<Option<CustomerId>, FlowError> {
    if told.customer.is_some() {
        return Ok(told.customer);
    }
    let digests = record.digests(told.email.as_ref(), told.phone.as_ref()).await?;
    let digests: Vec<_> = digests.into_iter().collect();
    Ok(record.store.customers_with(&digests).await?.into_iter().flatten().next())
}
