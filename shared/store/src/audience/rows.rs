//! The record as rows of the audience.

use columns::{
    Attribute, Circle, Code, Delta, Line, LineNumber, LineWord, List, Number, OrderCode, OrderNumber, Row,
    Text, Word,
};
use domain::{
    AccountState, Customer, Order, RfmGroup, SpendTier, Timestamp,
    customer::{Address, AttributeValue, CustomerKind, Reach},
};
use jiff::civil::Date;
use std::collections::BTreeMap;

use crate::Held;

/// The orders that changed: `None` left the customer.
pub type Orders = BTreeMap<u32, Option<columns::Order>>;

pub(crate) fn delta_of(customer: &Customer, version: u64, orders: Orders) -> Delta {
    Delta::of(row_of(customer, version), orders)
}

/// Without orders. Of walk-ins, and of those who are gone, it says no more than whose slot it is.
pub(crate) fn row_of(customer: &Customer, version: u64) -> Row {
    let mut row = Row::default();
    row[Number::Version] = i64::try_from(version).ok();
    row[Text::Id] = Some(customer.id.to_string().into());
    if !customer.is_audience() {
        return row;
    }
    row[Number::Added] = Some(customer.created_at.as_second());
    row[Number::FirstOrder] = customer.totals.first_order_at.map(Timestamp::as_second);
    row[Number::LastOrder] = customer.totals.last_order_at.map(Timestamp::as_second);
    row[Number::AbandonedCheckout] = customer.left_cart_at().map(Timestamp::as_second);
    row[Number::Birthday] = customer.birthday.map(day);
    row[Number::Orders] = Some(customer.totals.orders);
    row[Number::Spent] = Some(customer.totals.spent);
    row[Code::EmailState] = customer.email_consent.as_ref().map_or(0, |consent| consent.state as u8);
    row[Code::SmsState] = customer.sms_consent.as_ref().map_or(0, |consent| consent.state as u8);
    row[Code::AccountState] = customer.account.map_or(0, AccountState::code);
    row[Code::Reach] = reach(customer);
    row[Code::ShopGroup] = customer.shop_scores.rfm_group.map_or(0, RfmGroup::code);
    row[Code::ShopTier] = customer.shop_scores.spend_tier.map_or(0, SpendTier::code);
    row[Code::Declined] = customer.declined.code();
    row[Word::Language] = customer.language.as_deref().map(Into::into);
    row[Text::FirstName] = customer.first_name.as_deref().map(Into::into);
    row[Text::LastName] = customer.last_name.as_deref().map(Into::into);
    row[Text::Email] = customer.email.as_ref().map(|email| email.as_str().into());
    row[Text::Phone] = customer.phone.as_ref().map(|phone| phone.as_str().into());
    row.set_list(List::Tags, customer.tags.iter().map(|tag| tag.as_str().into()));
    let mut places = |list, of: fn(&Address) -> Option<&str>| {
        row.set_list(list, customer.addresses.iter().filter_map(of).map(Into::into));
    };
    places(List::Countries, |address| address.country.as_deref());
    places(List::Cities, |address| address.city.as_deref());
    let codes = |of: fn(&Address) -> Option<String>| customer.addresses.iter().filter_map(of).map(Into::into);
    row.set_list(List::Regions, codes(Address::region_code));
    row.set_list(List::CityCodes, codes(Address::city_code));
    row.set_list(
        List::Points,
        codes(|address| address.point.map(|at| Circle::place(at.latitude, at.longitude))),
    );
    let told = customer.attributes.iter();
    row.attributes = told.map(|(name, value)| (name.as_str().into(), attribute(value))).collect();
    row
}

/// Everything, as it is in the record.
pub fn whole_row(customer: &Held<Customer>, orders: &[Order]) -> Row {
    let mut row = row_of(customer, customer.version);
    row.orders = orders.iter().map(|order| (order.number, order_row(order))).collect();
    row
}

/// One order in its customer's history.
pub fn order_row(order: &Order) -> columns::Order {
    let mut row = columns::Order::default();
    row[OrderNumber::At] = Some(order.placed_at.as_second());
    row[OrderNumber::Amount] = Some(order.total.get());
    row[OrderNumber::Net] = Some(order.contribution().spent);
    row[OrderNumber::Quantity] = Some(order.quantity());
    row[OrderNumber::App] = order.app.and_then(|app| i64::try_from(app).ok());
    row[OrderNumber::Location] = order.location.and_then(|location| i64::try_from(location).ok());
    row[OrderNumber::Called] = order.called();
    row[OrderCode::State] = order.status as u8;
    row[OrderCode::Marks] = order.marks();
    for told in &order.lines {
        let mut line = Line::default();
        line[LineNumber::Quantity] = Some(told.quantity.into());
        line[LineNumber::Amount] = Some(told.price.get().saturating_mul(told.quantity.into()));
        line[LineWord::Product] = told.product.as_deref().map(Into::into);
        line[LineWord::Variant] = told.variant.as_deref().map(Into::into);
        row.lines.push(line);
    }
    row
}

fn reach(customer: &Customer) -> u8 {
    let bit = |is: bool, bit: u8| if is { bit } else { 0 };
    bit(customer.email.is_some(), Reach::HAS_EMAIL)
        | bit(customer.phone.is_some(), Reach::HAS_PHONE)
        | bit(customer.suppressed.email, Reach::EMAIL_SUPPRESSED)
        | bit(customer.suppressed.sms, Reach::SMS_SUPPRESSED)
        | bit(customer.kind == CustomerKind::Guest, Reach::GUEST)
        | bit(customer.has_left_cart(), Reach::LEFT_CART)
}

fn attribute(value: &AttributeValue) -> Attribute {
    match value {
        AttributeValue::Text(text) => Attribute::Text(text.as_str().into()),
        AttributeValue::Number(millionths) => Attribute::Number(*millionths),
        AttributeValue::Yes(yes) => Attribute::Number(i64::from(*yes)),
        AttributeValue::Day(date) => Attribute::Number(day(*date)),
        AttributeValue::List(words) => {
            Attribute::List(words.iter().map(|word| word.as_str().into()).collect())
        }
    }
}

/// Days since 1970-01-01.
fn day(date: Date) -> i64 {
    Date::constant(1970, 1, 1).until(date).map_or(0, |span| span.get_days().into())
}
