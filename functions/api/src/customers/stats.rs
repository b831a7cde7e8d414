//! Figures of all customers, as they are now.

use axum::{Json, extract::State};
use columns::{Code, Family, Key, Number, Program, Span, Tally, Test, View};
use domain::{ConsentState, Currency, Permission, Timestamp, Zone, customer::Reach};
use flows::FlowError;
use jiff::ToSpan;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{amount, average};
use crate::{
    App,
    analytics::rfm::{self, GroupView},
    error::Problem,
    who::Acting,
};

const NEW_DAYS: i64 = 30;

#[derive(Serialize, ToSchema)]
pub(crate) struct CustomersOverview {
    total: u64,
    guests: u64,
    /// Added in the last 30 days of the shop, today included.
    new_in_30_days: u64,
    with_orders: u64,
    /// More than one order.
    returning: u64,
    /// There is an address to which mails may go, whether or not they agreed to any.
    reachable_by_email: u64,
    reachable_by_sms: u64,
    /// Agreed.
    email_subscribed: u64,
    sms_subscribed: u64,
    orders_count: i64,
    total_spent: String,
    /// Of those who have ordered.
    average_spent: Option<String>,
    /// Of those who have ordered, to the hundredth.
    average_orders: Option<f64>,
    average_order_value: Option<String>,
    /// How many are in each group by recency, frequency and money.
    rfm_distribution: Vec<GroupView>,
    #[schema(value_type = String)]
    currency: Currency,
    #[schema(value_type = String)]
    timezone: Zone,
    #[schema(value_type = String, format = DateTime)]
    as_of: Timestamp,
}

/// Figures of customers
///
/// Of people and guests: not of those who left no address, and not of those who are gone.
#[utoipa::path(get, operation_id = "customers_overview", path = "/api/v1/customers/stats/overview", tag = "Customers",
    responses((status = 200, body = CustomersOverview)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn overview(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<CustomersOverview>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (now, tenant) = (deps.now(), &caller.tenant);
    let view = deps.audience(&caller.store, &[Family::Core]).await?;
    let count = |test: Test| Ok::<_, FlowError>(of(&view, test)?.count);
    let bits = |all: u8, none: u8| Test::Bits(Code::Reach, all, none);
    let state = |code: Code| Test::Code(code, 1 << ConsentState::Subscribed as u8);
    let orders = |least: i64| Test::Number(Number::Orders.into(), Span::from(least));

    let rfm_distribution = rfm::groups_in(&view, &caller, now).await?;
    let all = of(&view, Test::Everyone)?;
    let buyers = of(&view, orders(1))?;
    let sum = |tally: &Tally, place: usize| tally.sums.get(place).map_or(0, |sum| sum.sum);
    let (spent, bought) = (sum(&all, 0), sum(&all, 1));
    Ok(Json(CustomersOverview {
        total: all.count,
        guests: count(bits(Reach::GUEST, 0))?,
        new_in_30_days: count(Test::Number(Number::Added.into(), Span::from(first_day(&tenant.zone, now))))?,
        with_orders: buyers.count,
        returning: count(orders(2))?,
        reachable_by_email: count(bits(Reach::HAS_EMAIL, Reach::EMAIL_SUPPRESSED))?,
        reachable_by_sms: count(bits(Reach::HAS_PHONE, Reach::SMS_SUPPRESSED))?,
        email_subscribed: count(state(Code::EmailState))?,
        sms_subscribed: count(state(Code::SmsState))?,
        orders_count: i64::try_from(bought).unwrap_or(i64::MAX),
        total_spent: amount(spent, tenant.currency),
        average_spent: average(sum(&buyers, 0), buyers.count.into(), tenant.currency),
        average_orders: hundredths(sum(&buyers, 1), buyers.count.into()),
        average_order_value: average(spent, bought, tenant.currency),
        rfm_distribution,
        currency: tenant.currency,
        timezone: tenant.zone.clone(),
        as_of: now,
    }))
}

/// How many pass, with what they spent and how often they bought.
fn of(view: &View, test: Test) -> Result<Tally, FlowError> {
    let program = Program::new(test);
    let selected = view.select(&program).map_err(FlowError::broken)?;
    let mut groups = selected.tally(&Key::Everyone, &[Number::Spent, Number::Orders]);
    Ok(groups.pop_first().map(|(_, tally)| tally).unwrap_or_default())
}

/// The first second of the first of these days: the last is today.
fn first_day(zone: &Zone, now: Timestamp) -> i64 {
    zone.first_second(zone.day_of(now).saturating_sub((NEW_DAYS - 1).days()))
}

fn hundredths(sum: i128, of: i128) -> Option<f64> {
    if of <= 0 {
        return None;
    }
    // A count of orders is far below what a float counts exactly.
    let rounded = i32::try_from((sum * 200 + of) / (of * 2)).ok()?;
    Some(f64::from(rounded) / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_days_are_days_of_the_shop() {
        let now: Timestamp = "2026-04-10T22:30:00Z".parse().unwrap();
        let first =
            |zone: &str| Timestamp::from_second(first_day(&zone.parse().unwrap(), now)).unwrap().to_string();
        assert_eq!(first("UTC"), "2026-03-12T00:00:00Z");
        // There it is the 11th already, and summer time has begun in between.
        assert_eq!(first("Europe/Berlin"), "2026-03-12T23:00:00Z");
    }
}
