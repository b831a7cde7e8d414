//! Any rule that can be asked, about values that people have.

use columns::Slot;
use domain::{Timestamp, Zone};
use proptest::{collection::vec, prelude::*, sample::select};
use rules::{
    Clause, Code, Comparison, Condition, Coordinates, Decimal, Distance, Event, Field, Kind, Known, Leaf,
    Like, Moment, Offset, Own, Param, Quantity, Rule, Unit, Value,
};
use segments::Given;
use std::sync::Arc;

use crate::{
    people::{COUNTRIES, PLACES, PRODUCTS, TAGS, Where},
    tags::tagged,
    written::{asked, outcomes},
};

const PARTS: [&str; 9] =
    ["VIP", "élan", "E", "example", "org", "ann@example.com", "Example.ORG", "en", "vip gold"];

pub(crate) fn rule(now: Timestamp) -> BoxedStrategy<Rule> {
    let leaf = leaf(now).prop_map(Rule::Leaf);
    let base = prop_oneof![1 => Just(Rule::Everyone), 20 => leaf];
    base.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Rule::All),
            vec(inner.clone(), 1..4).prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
    .boxed()
}

/// Who is in a segment and on a list, and scores of some.
pub(crate) fn given(now: Timestamp) -> BoxedStrategy<Given> {
    let members = || {
        vec(any::<bool>(), 40).prop_map(|has| {
            Arc::new((0..).map(Slot).zip(has).filter(|(_, has)| *has).map(|(slot, _)| slot).collect())
        })
    };
    let scores = vec((0..40_u32, 0..10_i64), 0..40);
    (members(), members(), vec(scores, 5), outcomes(now))
        .prop_map(|(segment, list, scores, outcomes)| {
            let outcomes = Some(Arc::new(outcomes));
            let mut given = Given { tagged: Some(tagged()), outcomes, ..Given::default() };
            given.segments.insert("a".into(), segment);
            given.lists.insert("b".into(), list);
            let kinds = [
                (Known::RfmGroup, (|number| number) as fn(i64) -> i64),
                (Known::Recency, |number| 1 + number % 5),
                (Known::Churn, |number| number * 100_000),
                (Known::PredictedValue, |number| number * 1_000),
                (Known::NextOrder, |number| 20_515 + number),
            ];
            for ((field, of), scores) in kinds.into_iter().zip(scores) {
                let scores = scores.into_iter().map(|(slot, number)| (Slot(slot), of(number)));
                given.scores.insert(field, scores.collect());
            }
            given
        })
        .boxed()
}

fn moment(now: Timestamp) -> BoxedStrategy<Moment> {
    let here = now.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    let unit = |unit, least: i32, most: i32| {
        (least..=most)
            .prop_filter_map("of nothing", move |number| Offset::new(number, unit).map(Moment::Offset))
    };
    let fixed = (-40..40_i64, 0..24_i64)
        .prop_map(move |(days, hours)| here.saturating_add(jiff::Span::new().days(days).hours(hours)));
    prop_oneof![
        2 => select(&[Moment::Today, Moment::Yesterday, Moment::Now][..]),
        4 => unit(Unit::Day, -40, 10),
        1 => unit(Unit::Week, -6, 2),
        2 => unit(Unit::Month, -4, 2),
        1 => unit(Unit::Year, -3, 1),
        2 => unit(Unit::Hour, -100, 30),
        2 => fixed.clone().prop_map(|time| Moment::Day(time.date())),
        1 => fixed.prop_map(|time| Moment::At(time.with().subsec_nanosecond(0).build().expect("a second"))),
    ]
    .boxed()
}

fn decimal(millionths: i64) -> Decimal {
    let (sign, number) = (if millionths < 0 { "-" } else { "" }, millionths.abs());
    Decimal::parse(&format!("{sign}{}.{:06}", number / 1_000_000, number % 1_000_000)).expect("a number")
}

fn value(kind: Kind, now: Timestamp) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text => select(&PARTS[..]).prop_map(|text| Value::Text(text.into())).boxed(),
        Kind::Word(words) => select(words).prop_map(Value::Word).boxed(),
        Kind::Id => prop_oneof![
            select(&PRODUCTS[..]).prop_map(|id| Value::Id(id.into())),
            (1..4_u32).prop_map(|id| Value::Id(id.to_string().into())),
        ]
        .boxed(),
        Kind::Whole(least, _) => (least..least + 6).prop_map(Value::Whole).boxed(),
        Kind::Share => (0..=10_i64).prop_map(|tenth| Value::Number(decimal(tenth * 100_000))).boxed(),
        Kind::Number => {
            let number = prop_oneof![(0..45_i64).prop_map(|half| half * 500_000), (0..9_000_000_i64)];
            number.prop_map(|number| Value::Number(decimal(number))).boxed()
        }
        Kind::Money => {
            let minor = prop_oneof![(0..20_i64).prop_map(|ten| ten * 1_000), (-100..20_000_i64)];
            minor.prop_map(|minor| Value::Money(decimal(minor * 10_000))).boxed()
        }
        Kind::Yes => any::<bool>().prop_map(Value::Yes).boxed(),
        Kind::Date => moment(now).prop_map(Value::Date).boxed(),
        Kind::Texts | Kind::Places(_) => unreachable!("a list has no value of its own"),
    }
}

fn condition(kind: Kind, now: Timestamp) -> BoxedStrategy<Condition> {
    let null = || Just(Condition::Null);
    let equal = move || value(kind, now).prop_map(|value| Condition::Is(Comparison::Equal, value));
    let among = move || vec(value(kind, now), 1..4).prop_map(Condition::In);
    match kind {
        Kind::Text => {
            let like = (select(&Like::ALL[..]), select(&PARTS[..]))
                .prop_map(|(like, text)| Condition::Like(like, text.into()));
            prop_oneof![2 => equal(), 2 => among(), 4 => like, 1 => null()].boxed()
        }
        Kind::Word(_) | Kind::Id => prop_oneof![4 => equal(), 2 => among(), 1 => null()].boxed(),
        Kind::Yes => equal().boxed(),
        Kind::Texts | Kind::Places(_) => {
            let words: Vec<&str> = match kind {
                Kind::Places(Code::Country) => COUNTRIES.to_vec(),
                Kind::Places(Code::Region) => codes(|place| place.region_code, "US-TX"),
                Kind::Places(Code::City) => codes(|place| place.city_code, "US-NY-Albany"),
                _ => TAGS.to_vec(),
            };
            let quantity = select(&[Quantity::Any, Quantity::All][..]);
            let wanted = vec(select(words).prop_map(Into::into), 1..3);
            let holds = (quantity, wanted).prop_map(|(quantity, wanted)| Condition::Holds(quantity, wanted));
            let length = (select(&Comparison::ALL[..]), 0..4_i64)
                .prop_map(|(comparison, number)| Condition::Length(comparison, number));
            prop_oneof![4 => holds, 1 => length, 1 => null()].boxed()
        }
        _ => {
            let is = (select(&Comparison::ALL[..]), value(kind, now))
                .prop_map(|(comparison, value)| Condition::Is(comparison, value));
            let between =
                (value(kind, now), value(kind, now)).prop_map(|(from, to)| Condition::Between(from, to));
            prop_oneof![5 => is, 3 => between, 1 => null()].boxed()
        }
    }
}

/// Of places where somebody lives, and one where nobody does.
fn codes(of: fn(&Where) -> Option<&'static str>, nowhere: &'static str) -> Vec<&'static str> {
    PLACES.iter().filter_map(of).chain([nowhere]).collect()
}

/// Around where people live, or in the middle of nowhere.
fn near() -> impl Strategy<Value = Leaf> {
    let places = PLACES.map(|place| place.at).into_iter().chain([(0, -179_000_000)]).collect::<Vec<_>>();
    (select(places), 1..8_000_000_i64, any::<bool>()).prop_map(
        |((latitude, longitude), thousandths, is_metric)| {
            let number = decimal(thousandths * 1_000);
            let coordinates =
                Coordinates { latitude: decimal(latitude.into()), longitude: decimal(longitude.into()) };
            let distance = if is_metric { Distance::Kilometres(number) } else { Distance::Miles(number) };
            Leaf::Near { coordinates, distance }
        },
    )
}

fn own(name: &str, kind: Kind) -> Field {
    Field::Own(Own { name: name.into(), kind })
}

fn dates() -> Vec<Field> {
    let known =
        [Known::Added, Known::FirstOrder, Known::LastOrder, Known::AbandonedCheckout, Known::Birthday];
    let owns = ["attributes.joined", "metafields.facts.birth_date"].map(|name| own(name, Kind::Date));
    known.map(Field::Known).into_iter().chain(owns).collect()
}

fn clauses(params: &'static [Param], now: Timestamp) -> BoxedStrategy<(Vec<Clause>, Vec<Clause>)> {
    let clause = move |param: Param| {
        let condition = condition(param.kind().expect("has values of a kind"), now);
        (prop::bool::weighted(0.3), condition).prop_map(move |(is_not, condition)| Clause {
            param,
            is_not,
            condition,
        })
    };
    proptest::sample::subsequence(params, 0..=params.len().min(4))
        .prop_flat_map(move |params| params.into_iter().map(clause).collect::<Vec<_>>())
        .prop_map(|clauses| {
            let (all, each) = clauses.into_iter().partition(|clause: &Clause| clause.param.is_of_all());
            (each, all)
        })
        .boxed()
}

fn leaf(now: Timestamp) -> BoxedStrategy<Leaf> {
    use Param::{
        Amount, AppId, CampaignId, Channel, Count, Date, FinancialStatus, Human, Id, LocationId, Quantity,
        Reason, SumAmount, SumQuantity, Tag, Type,
    };
    let field = |fields: Vec<Field>| {
        select(fields).prop_flat_map(move |field| {
            condition(field.kind(), now)
                .prop_map(move |condition| Leaf::Field { field: field.clone(), condition })
        })
    };
    let mut timely = dates();
    timely.push(Field::Known(Known::NextOrder));
    let known = [
        Known::CustomerId,
        Known::Email,
        Known::EmailDomain,
        Known::Phone,
        Known::FirstName,
        Known::LastName,
        Known::Language,
        Known::Countries,
        Known::Regions,
        Known::Cities,
        Known::AccountStatus,
        Known::Tags,
        Known::Orders,
        Known::Spent,
        Known::HistoricValue,
        Known::AverageOrder,
        Known::DaysBetween,
        Known::EmailState,
        Known::SmsState,
        Known::CanEmail,
        Known::CanSms,
        Known::ShopGroup,
        Known::SpendTier,
        Known::RfmGroup,
        Known::Recency,
        Known::Churn,
        Known::PredictedValue,
    ];
    let owns = [
        own("attributes.shoe_size", Kind::Number),
        own("attributes.favourite", Kind::Text),
        own("attributes.is_member", Kind::Yes),
        own("attributes.sizes", Kind::Texts),
    ];
    let still = known.map(Field::Known).into_iter().chain(owns).collect();
    let anniversary = (select(dates()), condition(Kind::Date, now))
        .prop_map(|(field, condition)| Leaf::Anniversary { field, condition });
    let event =
        |event, params| clauses(params, now).prop_map(move |(each, all)| Leaf::Event { event, each, all });
    let written = event(Event::Campaign, &[Type, Channel, CampaignId, Human, Reason, Date, Count]);
    let written = written.prop_filter_map("it would be refused", move |leaf| asked(leaf, &Zone::UTC, now));
    prop_oneof![
        4 => written,
        5 => field(timely),
        6 => field(still),
        2 => anniversary,
        4 => event(Event::OrdersPlaced, &[FinancialStatus, AppId, LocationId, Amount, Date, Count, SumAmount]),
        4 => event(Event::ProductsPurchased, &[Id, Tag, Amount, Quantity, Date, Count, SumAmount, SumQuantity]),
        1 => near(),
        1 => Just(Leaf::Segment("a".into())),
        1 => Just(Leaf::List("b".into())),
    ]
    .boxed()
}
