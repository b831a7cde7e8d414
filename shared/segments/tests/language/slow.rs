//! Who is meant by a rule, written from the language page, sentence by sentence, to be read and not to be fast.
//!
//! It asks the record, not the columns, and shares nothing with what compiles rules.

use domain::{Customer, Order, Timestamp, Zone, customer::AttributeValue, order::OrderStatus};
use jiff::civil::Date;
use rules::{
    Clause, Condition, Event, Field, Kind, Known, Leaf, Like, Moment, Offset, Param, Quantity, Rule, Unit,
    Value,
};
use segments::{Given, Scene};
use std::cmp::Ordering;

use crate::{
    days::{day, days_later, first, months_later},
    globe::{codes, is_near},
    people::Person,
    scene,
    words::{compares, consent, financial, ids, plain},
    written,
};

/// In which shop, and when.
pub(crate) struct Here<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) now: Timestamp,
    pub(crate) given: &'a Given,
}

/// What is known of a field. Nothing and an empty list are the same: NULL.
pub(crate) enum Is {
    Null,
    Text(String),
    Texts(Vec<String>),
    /// To the letter.
    Exact(Vec<String>),
    /// A fraction.
    Number(i128, i128),
    At(Timestamp),
    Day(Date),
    Yes(bool),
}

enum Bound {
    Day(Date),
    At(Timestamp),
}

impl Here<'_> {
    pub(crate) fn scene(&self) -> Scene<'_> {
        scene(self.zone, self.now, self.given)
    }

    pub(crate) fn passes(&self, rule: &Rule, who: &Person) -> bool {
        match rule {
            Rule::Everyone => true,
            Rule::All(rules) => rules.iter().all(|rule| self.passes(rule, who)),
            Rule::Any(rules) => rules.iter().any(|rule| self.passes(rule, who)),
            Rule::Not(rule) => !self.passes(rule, who),
            Rule::Leaf(leaf) => self.leaf(leaf, who),
        }
    }

    fn leaf(&self, leaf: &Leaf, who: &Person) -> bool {
        match leaf {
            Leaf::Field { field, condition } => self.holds(condition, &self.value(field, who)),
            Leaf::Anniversary { field, condition } => {
                let date = match self.value(field, who) {
                    Is::At(at) => Some(day(self.zone, at)),
                    Is::Day(day) => Some(day),
                    _ => None,
                };
                self.anniversary(condition, date)
            }
            Leaf::Event { event: Event::OrdersPlaced, each, all } => {
                let fitting: Vec<_> = who
                    .orders
                    .iter()
                    .filter(|order| is_order(order, each))
                    .filter(|order| each.iter().all(|clause| self.order_fits(clause, order)))
                    .collect();
                // What is theirs of what was spent.
                let sale = |order: &&&Order| {
                    let is_paid = matches!(
                        order.status,
                        OrderStatus::Paid | OrderStatus::PartiallyPaid | OrderStatus::PartiallyRefunded
                    );
                    is_paid && order.cancelled_at.is_none()
                };
                let net = |order: &&Order| order.total.get() - order.refunded.get();
                let sum = fitting.iter().filter(sale).map(net).sum();
                self.of_all(all, fitting.len(), sum, 0)
            }
            Leaf::Event { event: Event::ProductsPurchased, each, all } => {
                let orders = who.orders.iter().filter(|order| is_order(order, &[]));
                let fitting: Vec<_> = orders
                    .flat_map(|order| order.lines.iter().map(move |line| (order, line)))
                    .filter(|(order, line)| each.iter().all(|clause| self.line_fits(clause, order, line)))
                    .collect();
                let sum = fitting.iter().map(|(_, line)| line.price.get() * i64::from(line.quantity)).sum();
                let quantity = fitting.iter().map(|(_, line)| i64::from(line.quantity)).sum();
                self.of_all(all, fitting.len(), sum, quantity)
            }
            Leaf::Event { event: Event::Campaign, each, all } => {
                self.of_all(all, written::fitting(self, each, who), 0, 0)
            }
            Leaf::Near { coordinates, distance } => is_near(*coordinates, *distance, &who.customer),
            Leaf::Segment(id) => self.given.segments[id].has(who.slot()),
            Leaf::List(id) => self.given.lists[id].has(who.slot()),
            other => unreachable!("{other:?} is not asked here"),
        }
    }

    fn of_all(&self, all: &[Clause], count: usize, amount: i64, quantity: i64) -> bool {
        if all.is_empty() {
            return count >= 1;
        }
        all.iter().all(|clause| {
            let is = match clause.param {
                Param::Count => Is::Number(count as i128, 1),
                Param::SumAmount => money(amount),
                _ => Is::Number(quantity.into(), 1),
            };
            self.holds(&clause.condition, &is) != clause.is_not
        })
    }

    fn order_fits(&self, clause: &Clause, order: &Order) -> bool {
        let is = match clause.param {
            Param::FinancialStatus => Is::Text(financial(order.status).to_owned()),
            Param::Amount => money(order.total.get()),
            Param::Date => Is::At(order.placed_at),
            Param::AppId => numbered(order.app),
            Param::LocationId => numbered(order.location),
            other => unreachable!("{other:?} is not asked here"),
        };
        self.holds(&clause.condition, &is) != clause.is_not
    }

    fn line_fits(&self, clause: &Clause, order: &Order, line: &domain::order::OrderLine) -> bool {
        let is = match clause.param {
            Param::Tag => {
                let (condition, product) = (&clause.condition, line.product.as_deref());
                let fits = |tag: &str| self.holds(condition, &Is::Text(tag.to_owned()));
                return crate::tags::is_tagged(condition, product, fits) != clause.is_not;
            }
            Param::Id => line.product.clone().map_or(Is::Null, |id| Is::Exact(ids(id))),
            Param::Amount => money(line.price.get() * i64::from(line.quantity)),
            Param::Quantity => Is::Number(line.quantity.into(), 1),
            Param::Date => Is::At(order.placed_at),
            other => unreachable!("{other:?} is not asked here"),
        };
        self.holds(&clause.condition, &is) != clause.is_not
    }

    /// A comparison with NULL is false; everything else is as the type has it.
    pub(crate) fn holds(&self, condition: &Condition, is: &Is) -> bool {
        let against = |value: &Value| self.against(is, value);
        match condition {
            Condition::Null => matches!(is, Is::Null),
            _ if matches!(is, Is::Null) => {
                matches!(condition, Condition::Length(comparison, number) if compares(*comparison, 0.cmp(number)))
            }
            Condition::Is(comparison, value) => {
                against(value).is_some_and(|order| compares(*comparison, order))
            }
            Condition::Between(from, to) => {
                let is_instant =
                    matches!(to, Value::Date(moment) if matches!(self.bound(*moment), Bound::At(_)));
                against(from).is_some_and(Ordering::is_ge)
                    && against(to).is_some_and(|order| if is_instant { order.is_lt() } else { order.is_le() })
            }
            Condition::In(values) => values.iter().any(|value| against(value) == Some(Ordering::Equal)),
            Condition::Like(like, part) => match is {
                Is::Text(text) => {
                    let (text, part) = (plain(text), plain(part));
                    match like {
                        Like::Contains => text.contains(&part),
                        Like::StartsWith => text.starts_with(&part),
                        Like::EndsWith => text.ends_with(&part),
                    }
                }
                _ => unreachable!("only texts are like texts"),
            },
            Condition::Holds(quantity, wanted) => {
                let has = |wanted: &str| match is {
                    Is::Texts(texts) => texts.iter().any(|text| plain(text) == plain(wanted)),
                    Is::Exact(codes) => codes.iter().any(|code| code == wanted),
                    _ => unreachable!("only lists hold"),
                };
                match quantity {
                    Quantity::Any => wanted.iter().any(|wanted| has(wanted)),
                    Quantity::All => wanted.iter().all(|wanted| has(wanted)),
                }
            }
            Condition::Length(comparison, number) => match is {
                Is::Texts(texts) | Is::Exact(texts) => {
                    let mut texts = texts.clone();
                    texts.sort();
                    texts.dedup();
                    compares(*comparison, i64::try_from(texts.len()).expect("it is short").cmp(number))
                }
                _ => unreachable!("only lists are long"),
            },
        }
    }

    fn against(&self, is: &Is, value: &Value) -> Option<Ordering> {
        let equal = |yes: bool| if yes { Some(Ordering::Equal) } else { None };
        let number = |number: i128, of: i128| match is {
            Is::Number(own, own_of) => Some((own * of).cmp(&(number * own_of))),
            _ => unreachable!("only numbers are compared with numbers"),
        };
        match (value, is) {
            (Value::Text(text), Is::Text(own)) => equal(plain(own) == plain(text)),
            (Value::Word(word), Is::Text(own)) => equal(own == word),
            (Value::Id(id), Is::Exact(own)) => equal(own.iter().any(|own| **own == **id)),
            (Value::Yes(yes), Is::Yes(own)) => equal(yes == own),
            (Value::Whole(whole), _) => number((*whole).into(), 1),
            (Value::Number(decimal) | Value::Money(decimal), _) => {
                number(decimal.millionths().into(), 1_000_000)
            }
            (Value::Date(moment), is) => Some(self.date_against(is, &self.bound(*moment))),
            _ => unreachable!("rules compare like with like"),
        }
    }

    /// Whole days of the shop; instants where a time of day or hours are told.
    fn date_against(&self, is: &Is, bound: &Bound) -> Ordering {
        let second = |at: &Timestamp| at.as_second();
        match (is, bound) {
            (Is::At(at), Bound::Day(bound)) => day(self.zone, *at).cmp(bound),
            (Is::At(at), Bound::At(bound)) => second(at).cmp(&second(bound)),
            (Is::Day(own), Bound::Day(bound)) => own.cmp(bound),
            (Is::Day(own), Bound::At(bound)) => second(&first(self.zone, *own)).cmp(&second(bound)),
            _ => unreachable!("only dates are compared with dates"),
        }
    }

    fn bound(&self, moment: Moment) -> Bound {
        let today = day(self.zone, self.now);
        Bound::Day(match moment {
            Moment::Today => today,
            Moment::Yesterday => days_later(today, -1),
            Moment::Day(day) => day,
            Moment::Now => return Bound::At(self.now),
            Moment::At(time) => {
                let at = time.to_zoned(self.zone.time_zone().clone()).expect("within the calendar");
                return Bound::At(at.timestamp());
            }
            Moment::Offset(Offset { number, unit }) => match unit {
                Unit::Hour => {
                    return Bound::At(self.now + jiff::SignedDuration::from_hours(number.into()));
                }
                Unit::Day => days_later(today, number),
                Unit::Week => days_later(today, number * 7),
                Unit::Month => months_later(today, number),
                Unit::Year => months_later(today, number * 12),
            },
        })
    }

    /// Month and day, the year left aside; who was born on 29 February has their day on the 28th in other years.
    fn anniversary(&self, condition: &Condition, date: Option<Date>) -> bool {
        let against = |own: Date, value: &Value| {
            let bound = self.bound_day(value);
            let own = match (own.month(), own.day()) {
                (2, 29) if Date::new(bound.year(), 2, 29).is_err() => (2, 28),
                own => own,
            };
            own.cmp(&(bound.month(), bound.day()))
        };
        match (condition, date) {
            (Condition::Null, date) => date.is_none(),
            (_, None) => false,
            (Condition::Is(comparison, value), Some(own)) => compares(*comparison, against(own, value)),
            (Condition::Between(from, to), Some(own)) => {
                let of_year = |value| {
                    let day = self.bound_day(value);
                    (day.month(), day.day())
                };
                let (is_from, is_to) = (against(own, from).is_ge(), against(own, to).is_le());
                if of_year(from) > of_year(to) { is_from || is_to } else { is_from && is_to }
            }
            _ => unreachable!("dates are compared"),
        }
    }

    fn bound_day(&self, value: &Value) -> Date {
        let Value::Date(moment) = value else { unreachable!("dates are compared with dates") };
        match self.bound(*moment) {
            Bound::Day(day) => day,
            Bound::At(at) => day(self.zone, at),
        }
    }

    fn value(&self, field: &Field, who: &Person) -> Is {
        let it = &who.customer;
        let text = |text: Option<&str>| text.map_or(Is::Null, |text| Is::Text(text.to_owned()));
        let at = |at: Option<Timestamp>| at.map_or(Is::Null, Is::At);
        let list = |texts: Vec<String>, of: fn(Vec<String>) -> Is| {
            if texts.is_empty() { Is::Null } else { of(texts) }
        };
        let known = match field {
            Field::Known(known) => *known,
            Field::Own(own) => return attribute(it, own.attribute()),
        };
        match known {
            Known::CustomerId => Is::Exact(ids(it.id.to_string())),
            Known::Email => text(it.email.as_ref().map(domain::EmailAddress::as_str)),
            Known::EmailDomain => {
                text(it.email.as_ref().and_then(|email| Some(email.as_str().split_once('@')?.1)))
            }
            Known::Phone => text(it.phone.as_ref().map(domain::Phone::as_str)),
            Known::FirstName => text(it.first_name.as_deref()),
            Known::LastName => text(it.last_name.as_deref()),
            Known::Language => text(it.language.as_deref()),
            Known::Countries => {
                list(it.addresses.iter().filter_map(|address| address.country.clone()).collect(), Is::Exact)
            }
            Known::Regions => list(codes(it, |place| place.region_code), Is::Exact),
            Known::Cities => list(codes(it, |place| place.city_code), Is::Exact),
            Known::AccountStatus => text(it.account.map(domain::AccountState::name)),
            Known::Tags => list(it.tags.iter().cloned().collect(), Is::Texts),
            Known::Added => Is::At(it.created_at),
            Known::FirstOrder => at(it.totals.first_order_at),
            Known::LastOrder => at(it.totals.last_order_at),
            // Of a basket after which nothing was bought.
            Known::AbandonedCheckout => at(it
                .left_cart
                .as_ref()
                .map(|cart| cart.at)
                .filter(|left| it.totals.last_order_at.is_none_or(|last| last < *left))),
            Known::Birthday => it.birthday.map_or(Is::Null, Is::Day),
            Known::Orders => Is::Number(it.totals.orders.into(), 1),
            Known::Spent | Known::HistoricValue => money(it.totals.spent),
            Known::AverageOrder if it.totals.orders < 1 => Is::Null,
            Known::AverageOrder => Is::Number(it.totals.spent.into(), i128::from(it.totals.orders) * 100),
            Known::DaysBetween => {
                let mut placed: Vec<_> =
                    who.orders.iter().filter(|order| order.counts()).map(|order| order.placed_at).collect();
                placed.sort();
                match &placed[..] {
                    [first, .., newest] => {
                        let seconds = newest.as_second() - first.as_second();
                        Is::Number(seconds.into(), (placed.len() as i128 - 1) * 86_400)
                    }
                    _ => Is::Null,
                }
            }
            Known::EmailState => Is::Text(consent(it.email_consent.as_ref()).to_owned()),
            Known::SmsState => Is::Text(consent(it.sms_consent.as_ref()).to_owned()),
            Known::CanEmail => {
                Is::Yes(consent(it.email_consent.as_ref()) == "SUBSCRIBED" && it.email.is_some())
            }
            Known::CanSms => Is::Yes(consent(it.sms_consent.as_ref()) == "SUBSCRIBED" && it.phone.is_some()),
            Known::ShopGroup => text(it.shop_scores.rfm_group.map(domain::RfmGroup::name)),
            Known::SpendTier => text(it.shop_scores.spend_tier.map(domain::SpendTier::name)),
            score => match (self.given.scores[&score].get(&who.slot()), score.kind()) {
                (None, _) => Is::Null,
                (Some(place), Kind::Word(words)) => {
                    Is::Text(words[usize::try_from(*place).expect("a place")].to_owned())
                }
                (Some(days), Kind::Date) => Is::Day(days_later(
                    Date::constant(2026, 1, 1),
                    i32::try_from(*days).expect("a day") - 20_454,
                )),
                (Some(number), Kind::Whole(..)) => Is::Number((*number).into(), 1),
                (Some(minor), Kind::Money) => money(*minor),
                (Some(millionths), _) => Is::Number((*millionths).into(), 1_000_000),
            },
        }
    }
}

fn attribute(it: &Customer, name: &str) -> Is {
    match it.attributes.get(name) {
        None => Is::Null,
        Some(AttributeValue::Text(text)) => Is::Text(text.clone()),
        Some(AttributeValue::Number(millionths)) => Is::Number((*millionths).into(), 1_000_000),
        Some(AttributeValue::Yes(yes)) => Is::Yes(*yes),
        Some(AttributeValue::Day(day)) => Is::Day(*day),
        Some(AttributeValue::List(texts)) => Is::Texts(texts.iter().cloned().collect()),
    }
}

/// Test orders are none; cancelled ones only if it is asked what became of the payment.
fn is_order(order: &Order, each: &[Clause]) -> bool {
    let is_asked = each.iter().any(|clause| clause.param == Param::FinancialStatus);
    !order.is_test && (order.cancelled_at.is_none() || is_asked)
}

fn money(minor: i64) -> Is {
    Is::Number(minor.into(), 100)
}

fn numbered(id: Option<u64>) -> Is {
    id.map_or(Is::Null, |id| Is::Exact(vec![id.to_string()]))
}
