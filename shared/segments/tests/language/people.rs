//! Customers with what they ordered, any at all; and what the columns know of them.

use columns::{
    Attribute, BlockNumber, Circle, Code, Family, Line, LineNumber, LineWord, List, Number, OrderCode,
    OrderNumber, Row, Slot, Text, Word,
};
use domain::{
    AccountState, Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, LeftCart, Minor,
    Order, OrderId, Point, RfmGroup, ShopScores, SpendTier, Timestamp,
    customer::{Address, AttributeValue, CustomerKind, Opening, Reach, Totals},
    order::{OrderLine, OrderStatus},
};
use jiff::{SignedDuration, civil::Date};
use proptest::{collection::vec, option, prelude::*, sample::select};
use std::collections::BTreeMap;

/// Somebody with all that they ordered.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) customer: Customer,
    pub(crate) orders: Vec<Order>,
}

impl Person {
    pub(crate) fn new(number: u32, at: Timestamp) -> Self {
        let id = CustomerId::Shopify(u64::from(number) + 1);
        Self { customer: Customer::new(id, number, CustomerKind::Person, at), orders: vec![] }
    }

    pub(crate) fn slot(&self) -> Slot {
        Slot(self.customer.slot)
    }

    /// With totals that are what was ordered.
    pub(crate) fn settled(mut self, opening: Opening) -> Self {
        for (number, order) in (1..).zip(&mut self.orders) {
            order.number = number;
            order.customer = self.customer.id;
        }
        self.customer.opening = opening;
        self.customer.totals =
            Totals::of(opening, self.orders.iter().map(Order::part)).expect("it is little");
        self
    }

    /// As the record tells the columns.
    pub(crate) fn row(&self) -> Row {
        let it = &self.customer;
        let mut row = Row::default();
        row[Number::Version] = Some(1);
        row[Number::Added] = Some(it.created_at.as_second());
        row[Number::FirstOrder] = it.totals.first_order_at.map(Timestamp::as_second);
        row[Number::LastOrder] = it.totals.last_order_at.map(Timestamp::as_second);
        row[Number::AbandonedCheckout] = it.left_cart_at().map(Timestamp::as_second);
        row[Number::Birthday] = it.birthday.map(day_number);
        row[Number::Orders] = Some(it.totals.orders);
        row[Number::Spent] = Some(it.totals.spent);
        row[Code::EmailState] = it.email_consent.as_ref().map_or(0, |consent| consent.state as u8);
        row[Code::SmsState] = it.sms_consent.as_ref().map_or(0, |consent| consent.state as u8);
        row[Code::Reach] = if it.email.is_some() { Reach::HAS_EMAIL } else { 0 }
            | if it.phone.is_some() { Reach::HAS_PHONE } else { 0 };
        row[Code::ShopGroup] = it.shop_scores.rfm_group.map_or(0, RfmGroup::code);
        row[Code::ShopTier] = it.shop_scores.spend_tier.map_or(0, SpendTier::code);
        row[Code::AccountState] = it.account.map_or(0, AccountState::code);
        row[Word::Language] = it.language.as_deref().map(Into::into);
        row[Text::Id] = Some(it.id.to_string().into());
        row[Text::FirstName] = it.first_name.as_deref().map(Into::into);
        row[Text::Email] = it.email.as_ref().map(|email| email.as_str().into());
        row[Text::Phone] = it.phone.as_ref().map(|phone| phone.as_str().into());
        row.set_list(List::Tags, it.tags.iter().map(|tag| tag.as_str().into()));
        row.set_list(
            List::Countries,
            it.addresses.iter().filter_map(|at| at.country.as_deref()).map(Into::into),
        );
        let addresses = || it.addresses.iter();
        row.set_list(List::Regions, addresses().filter_map(Address::region_code).map(Into::into));
        row.set_list(List::CityCodes, addresses().filter_map(Address::city_code).map(Into::into));
        let points = addresses().filter_map(|address| address.point);
        row.set_list(List::Points, points.map(|at| Circle::place(at.latitude, at.longitude).into()));
        let own = it.attributes.iter().map(|(name, value)| (name.as_str().into(), attribute(value)));
        row.attributes = own.collect();
        row.orders = self.orders.iter().map(|order| (order.number, order_row(order))).collect();
        row
    }
}

fn attribute(value: &AttributeValue) -> Attribute {
    match value {
        AttributeValue::Text(text) => Attribute::Text(text.as_str().into()),
        AttributeValue::Number(millionths) => Attribute::Number(*millionths),
        AttributeValue::Yes(yes) => Attribute::Number((*yes).into()),
        AttributeValue::Day(day) => Attribute::Number(day_number(*day)),
        AttributeValue::List(texts) => {
            Attribute::List(texts.iter().map(|text| text.as_str().into()).collect())
        }
    }
}

fn order_row(order: &Order) -> columns::Order {
    let mut row = columns::Order::default();
    row[OrderNumber::At] = Some(order.placed_at.as_second());
    row[OrderNumber::Amount] = Some(order.total.get());
    row[OrderNumber::Net] = Some(order.contribution().spent);
    row[OrderNumber::Quantity] = Some(order.quantity());
    row[OrderNumber::App] = order.app.and_then(|app| i64::try_from(app).ok());
    row[OrderNumber::Location] = order.location.and_then(|location| i64::try_from(location).ok());
    row[OrderCode::State] = order.status as u8;
    row[OrderCode::Marks] = order.marks();
    for told in &order.lines {
        let mut line = Line::default();
        line[LineNumber::Quantity] = Some(told.quantity.into());
        line[LineNumber::Amount] = Some(told.price.get() * i64::from(told.quantity));
        line[LineWord::Product] = told.product.as_deref().map(Into::into);
        row.lines.push(line);
    }
    row
}

fn day_number(day: Date) -> i64 {
    Date::constant(1970, 1, 1).until(day).map_or(0, |span| span.get_days().into())
}

/// A block that was written and read again.
pub(crate) fn block(people: &[Person]) -> columns::Batch {
    let rows: Vec<_> = people.iter().map(|person| Some(person.row())).collect();
    let mut batch = columns::Batch::new(BlockNumber(0), rows.len());
    for family in Family::ALL {
        let bytes = columns::encode(family, &rows).expect("rows have a form");
        columns::decode(&mut batch, family, &bytes).expect("what was written can be read");
    }
    batch
}

pub(crate) const PRODUCTS: [&str; 4] = ["s1", "s2", "s3", "tea"];
pub(crate) const TAGS: [&str; 5] = ["vip", "VIP gold", "Élan", "elan", "x"];
pub(crate) const COUNTRIES: [&str; 3] = ["US", "DE", "IN"];

/// As people write it, and as rules call it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Where {
    country: &'static str,
    region: Option<&'static str>,
    city: Option<&'static str>,
    pub(crate) region_code: Option<&'static str>,
    pub(crate) city_code: Option<&'static str>,
    /// Millionths of a degree.
    pub(crate) at: (i32, i32),
}

impl Where {
    fn address(self, is_located: bool) -> Address {
        let told = |text: Option<&str>| text.map(Into::into);
        Address {
            country: Some(self.country.into()),
            region: told(self.region),
            city: told(self.city),
            point: is_located.then_some(Point { latitude: self.at.0, longitude: self.at.1 }),
            ..Address::default()
        }
    }

    pub(crate) fn is(&self, address: &Address) -> bool {
        *address == self.address(address.point.is_some())
    }
}

pub(crate) const PLACES: [Where; 5] = [
    Where {
        country: "US",
        region: Some("ny"),
        city: Some("new york city"),
        region_code: Some("US-NY"),
        city_code: Some("US-NY-NewYorkCity"),
        at: (40_712_800, -74_006_000),
    },
    Where {
        country: "US",
        region: Some("New York"),
        city: Some("Buffalo"),
        region_code: None,
        city_code: Some("US-Buffalo"),
        at: (42_886_400, -78_878_400),
    },
    Where {
        country: "DE",
        region: Some("BE"),
        city: None,
        region_code: Some("DE-BE"),
        city_code: None,
        at: (52_520_000, 13_405_000),
    },
    Where {
        country: "DE",
        region: None,
        city: Some("Potsdam"),
        region_code: None,
        city_code: Some("DE-Potsdam"),
        at: (52_390_600, 13_064_500),
    },
    Where { country: "IN", region: None, city: None, region_code: None, city_code: None, at: (-1, 1) },
];
const EMAILS: [&str; 3] = ["ann@example.com", "bob@shop.example.org", "vip@example.org"];
const LANGUAGES: [&str; 3] = ["en", "en-US", "de"];

/// Around now, often where a day begins or ends.
fn instant(now: Timestamp, zone: domain::Zone) -> impl Strategy<Value = Timestamp> {
    let days = prop_oneof![3 => -3..4_i64, 3 => -40..10_i64, 1 => -800..60_i64];
    let free = (days.clone(), 0..86_400_000_i64)
        .prop_map(move |(days, millis)| now + SignedDuration::from_millis(days * 86_400_000 + millis));
    let edge = (days, -1..2_i64).prop_map(move |(days, second)| {
        let day = now.to_zoned(zone.time_zone().clone()).date().saturating_add(jiff::Span::new().days(days));
        let start = day.to_zoned(zone.time_zone().clone()).expect("it is within the calendar").timestamp();
        start + SignedDuration::from_secs(second)
    });
    prop_oneof![free, edge]
}

fn order(now: Timestamp, zone: domain::Zone) -> impl Strategy<Value = Order> {
    let line = (option::weighted(0.9, select(&PRODUCTS[..])), 1..4_u32, 0..60_i64).prop_map(
        |(product, quantity, price)| OrderLine {
            product: product.map(Into::into),
            variant: None,
            title: "Tea".into(),
            quantity,
            price: Minor::new(price * 100).expect("it is little"),
        },
    );
    let status = prop_oneof![3 => Just(OrderStatus::Paid), 2 => select(&OrderStatus::ALL[..])];
    let marks = (
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.15),
        option::weighted(0.7, 1..4_u64),
        option::weighted(0.4, 1..4_u64),
    );
    (instant(now, zone), status, marks, vec(line, 0..4), 0..3_i64).prop_map(
        |(placed_at, status, (is_test, is_cancelled, app, location), lines, refunded)| {
            let total: i64 = lines.iter().map(|line| line.price.get() * i64::from(line.quantity)).sum();
            Order {
                id: OrderId::Shopify(1),
                customer: CustomerId::Shopify(1),
                number: 0,
                name: None,
                status,
                cancelled_at: is_cancelled.then_some(placed_at),
                is_test,
                app,
                location,
                lines,
                discounts: Minor::ZERO,
                taxes: Minor::ZERO,
                shipping: Minor::ZERO,
                total: Minor::new(total).expect("it is little"),
                refunded: Minor::new(refunded.min(total)).expect("it is little"),
                note: None,
                placed_at,
                updated_at: placed_at,
            }
        },
    )
}

fn consent() -> impl Strategy<Value = Option<Consent>> {
    option::of(select(&ConsentState::ALL[..]).prop_map(|state| Consent {
        state,
        level: ConsentLevel::Unknown,
        source: ConsentSource::Merchant,
        method: None,
        at: Timestamp::UNIX_EPOCH,
    }))
}

fn day_near(now: Timestamp) -> impl Strategy<Value = Date> {
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let near = (-400..60_i64, -40..1_i64).prop_map(move |(days, years)| {
        today.saturating_add(jiff::Span::new().days(days)).saturating_add(jiff::Span::new().years(years))
    });
    prop_oneof![4 => near, 1 => Just(Date::constant(1988, 2, 29)), 1 => Just(Date::constant(1999, 12, 31))]
}

fn attributes(now: Timestamp) -> impl Strategy<Value = BTreeMap<String, AttributeValue>> {
    let some = (
        option::of((35..45_i64).prop_map(|size| AttributeValue::Number(size * 500_000))),
        option::of(select(&TAGS[..]).prop_map(|text| AttributeValue::Text(text.into()))),
        option::of(any::<bool>().prop_map(AttributeValue::Yes)),
        option::of(
            vec(select(&TAGS[..]), 1..3)
                .prop_map(|texts| AttributeValue::List(texts.into_iter().map(Into::into).collect())),
        ),
        option::of(day_near(now).prop_map(AttributeValue::Day)),
        option::of(day_near(now).prop_map(AttributeValue::Day)),
    );
    some.prop_map(|(size, favourite, member, sizes, joined, born)| {
        let names = ["shoe_size", "favourite", "is_member", "sizes", "joined", "metafields.facts.birth_date"];
        let values = [size, favourite, member, sizes, joined, born];
        names.into_iter().zip(values).filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    })
}

pub(crate) fn person(now: Timestamp, zone: domain::Zone) -> impl Strategy<Value = Person> {
    let who = (
        option::of(select(&EMAILS[..])),
        option::weighted(0.3, Just("+14155552671")),
        option::of(select(&LANGUAGES[..])),
        option::of(day_near(now)),
        option::of(select(&TAGS[..])),
        option::of(instant(now, zone.clone())),
    );
    let what = (
        vec(select(&TAGS[..]), 0..3),
        vec((select(&PLACES[..]), any::<bool>()), 0..3),
        consent(),
        consent(),
        attributes(now),
        (option::of(select(&RfmGroup::ALL[..])), option::of(select(&SpendTier::ALL[..]))),
        option::of(select(&AccountState::ALL[..])),
    );
    let opening = prop_oneof![4 => Just((0, 0)), 1 => (0..5_i64, -50..500_i64)];
    let orders = vec(order(now, zone.clone()), 0..6);
    (who, what, orders, instant(now, zone), opening).prop_map(move |(who, what, orders, added, opening)| {
        let mut person = Person::new(0, added);
        let it = &mut person.customer;
        it.email = who.0.map(|email| email.parse().expect("it is one"));
        it.phone = who.1.map(|phone| phone.parse().expect("it is one"));
        it.language = who.2.map(Into::into);
        it.birthday = who.3;
        it.first_name = who.4.map(Into::into);
        it.tags = what.0.into_iter().map(Into::into).collect();
        it.addresses = what.1.into_iter().map(|(place, is_located)| place.address(is_located)).collect();
        it.account = what.6;
        it.email_consent = what.2;
        it.sms_consent = what.3;
        it.left_cart = who.5.map(|at| LeftCart { token: "basket".into(), at });
        it.attributes = what.4;
        it.shop_scores = ShopScores { rfm_group: what.5.0, spend_tier: what.5.1 };
        person.orders = orders;
        let spent = Minor::new(opening.1).expect("it is little");
        person.settled(Opening { orders: opening.0, spent })
    })
}

/// So many, each with a slot of their own.
pub(crate) fn people(
    now: Timestamp,
    zone: &domain::Zone,
    most: usize,
) -> impl Strategy<Value = Vec<Person>> + use<> {
    vec(person(now, zone.clone()), 1..most).prop_map(|people| {
        let numbered = (0..).zip(people).map(|(slot, mut person)| {
            person.customer.slot = slot;
            person.customer.id = CustomerId::Shopify(u64::from(slot) + 1);
            let opening = person.customer.opening;
            person.settled(opening)
        });
        numbered.collect()
    })
}
