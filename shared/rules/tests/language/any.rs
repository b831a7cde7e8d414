//! Any rule at all.

use proptest::{collection::vec, option, prelude::*, sample::select};
use rules::{
    Clause, Code, Comparison, Condition, Coordinates, Decimal, Distance, Event, Field, Function, Kind, Known,
    Leaf, Like, Moment, Offset, Own, Param, Quantity, Rule, Unit, Value,
};

pub(crate) fn rule() -> BoxedStrategy<Rule> {
    let base = prop_oneof![1 => Just(Rule::Everyone), 12 => leaf().prop_map(Rule::Leaf)];
    base.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 1..4).prop_map(Rule::All),
            vec(inner.clone(), 1..4).prop_map(Rule::Any),
            inner.prop_map(|rule| Rule::Not(Box::new(rule))),
        ]
    })
    .boxed()
}

fn text() -> BoxedStrategy<Box<str>> {
    "[ -~é\n\t\u{2028}]{0,5}[a-z'\\\\\"]".prop_map(String::into_boxed_str).boxed()
}

fn id() -> BoxedStrategy<Box<str>> {
    prop_oneof!["[0-9]{1,14}".prop_map(String::into_boxed_str), text()].boxed()
}

fn decimal(least: i64, most: i64, finest: i64) -> BoxedStrategy<Decimal> {
    let shown = |number: i64| {
        format!(
            "{}{}.{:06}",
            if number < 0 { "-" } else { "" },
            number.abs() / 1_000_000,
            number.abs() % 1_000_000
        )
    };
    (least..=most)
        .prop_map(move |number| Decimal::parse(&shown(number / finest * finest)).expect("is a number"))
        .boxed()
}

fn offset() -> BoxedStrategy<Offset> {
    let number = prop_oneof![-100..-1_i32, 1..100_i32];
    (number, select(&Unit::ALL[..]))
        .prop_map(|(number, unit)| Offset::new(number, unit).expect("is within a hundred years"))
        .boxed()
}

fn day() -> BoxedStrategy<Moment> {
    (1_900..2_100_i16, 1..=12_i8, 1..=28_i8)
        .prop_map(|(year, month, day)| {
            Moment::parse(&format!("{year}-{month:02}-{day:02}")).expect("is a moment")
        })
        .boxed()
}

fn moment() -> BoxedStrategy<Moment> {
    let time = (day(), 0..24_u8, 0..60_u8, 0..60_u8)
        .prop_map(|(day, hour, minute, second)| format!("{day}T{hour:02}:{minute:02}:{second:02}"));
    prop_oneof![
        select(&[Moment::Today, Moment::Yesterday, Moment::Now][..]),
        day(),
        time.prop_map(|time| Moment::parse(&time).expect("is a moment")),
        offset().prop_map(Moment::Offset),
    ]
    .boxed()
}

fn code(place: Code) -> BoxedStrategy<Box<str>> {
    match place {
        Code::Country => select(&["US", "DE", "IN"][..]).prop_map(Into::into).boxed(),
        Code::Region => "(US|DE)-[A-Z0-9]{1,3}".prop_map(String::into_boxed_str).boxed(),
        Code::City => "US-[A-Z]{2}-[A-Za-zé' ]{1,8}".prop_map(String::into_boxed_str).boxed(),
    }
}

fn value(kind: Kind) -> BoxedStrategy<Value> {
    match kind {
        Kind::Text => text().prop_map(Value::Text).boxed(),
        Kind::Word(words) => select(words).prop_map(Value::Word).boxed(),
        Kind::Id => id().prop_map(Value::Id).boxed(),
        Kind::Whole(least, most) => (least..=most).prop_map(Value::Whole).boxed(),
        Kind::Number => decimal(-5_000_000_000, 5_000_000_000, 1).prop_map(Value::Number).boxed(),
        Kind::Share => decimal(0, 1_000_000, 1).prop_map(Value::Number).boxed(),
        Kind::Money => {
            decimal(-5_000_000_000, 999_999_000_000_000_000, 10_000).prop_map(Value::Money).boxed()
        }
        Kind::Yes => any::<bool>().prop_map(Value::Yes).boxed(),
        Kind::Date => moment().prop_map(Value::Date).boxed(),
        Kind::Texts | Kind::Places(_) => unreachable!("a list has no value of its own"),
    }
}

fn comparison() -> BoxedStrategy<Comparison> {
    select(&Comparison::ALL[..]).boxed()
}

/// Never backwards.
fn pair(kind: Kind) -> BoxedStrategy<(Value, Value)> {
    let key = |value: &Value| match value {
        Value::Whole(number) => *number,
        Value::Number(number) | Value::Money(number) => number.millionths(),
        _ => 0,
    };
    match kind {
        Kind::Date => (day(), day())
            .prop_map(|(one, two)| {
                let [mut one, mut two] = [one, two].map(|day| day.to_string());
                if one > two {
                    std::mem::swap(&mut one, &mut two);
                }
                let [one, two] = [one, two].map(|day| Value::Date(Moment::parse(&day).expect("is a moment")));
                (one, two)
            })
            .boxed(),
        _ => (value(kind), value(kind))
            .prop_map(move |(one, two)| if key(&one) > key(&two) { (two, one) } else { (one, two) })
            .boxed(),
    }
}

fn condition(kind: Kind) -> BoxedStrategy<Condition> {
    let null = Just(Condition::Null);
    let equal = |kind| value(kind).prop_map(|value| Condition::Is(Comparison::Equal, value));
    let among = |kind| vec(value(kind), 1..4).prop_map(Condition::In);
    match kind {
        Kind::Text => {
            let like = (select(&Like::ALL[..]), text()).prop_map(|(like, text)| Condition::Like(like, text));
            prop_oneof![equal(kind), among(kind), like, null].boxed()
        }
        Kind::Word(_) | Kind::Id => prop_oneof![equal(kind), among(kind), null].boxed(),
        Kind::Yes => equal(kind).boxed(),
        Kind::Texts | Kind::Places(_) => {
            let held = if let Kind::Places(place) = kind { code(place) } else { text() };
            let quantity = select(&[Quantity::Any, Quantity::All][..]);
            let holds =
                (quantity, vec(held, 1..4)).prop_map(|(quantity, held)| Condition::Holds(quantity, held));
            let length = (comparison(), 0..9_i64).prop_map(|(sign, number)| Condition::Length(sign, number));
            prop_oneof![holds, length, null].boxed()
        }
        _ => {
            let is = (comparison(), value(kind)).prop_map(|(sign, value)| Condition::Is(sign, value));
            let between = pair(kind).prop_map(|(from, to)| Condition::Between(from, to));
            prop_oneof![is, between, null].boxed()
        }
    }
}

fn field() -> BoxedStrategy<Field> {
    let own = |name: &str, kind| Field::Own(Own { name: name.into(), kind });
    let owns = vec![
        own("attributes.shoe_size", Kind::Number),
        own("attributes.favourite", Kind::Text),
        own("attributes.is_member", Kind::Yes),
        own("attributes.sizes", Kind::Texts),
        own("metafields.facts.birth-date", Kind::Date),
    ];
    prop_oneof![4 => select(Known::ALL).prop_map(Field::Known), 1 => select(owns)].boxed()
}

fn clause(param: Param) -> BoxedStrategy<Clause> {
    let condition = condition(param.kind().expect("has values of a kind"));
    (any::<bool>(), condition)
        .prop_map(move |(is_not, condition)| Clause { param, is_not, condition })
        .boxed()
}

fn event() -> BoxedStrategy<Leaf> {
    let of = |event: Event| {
        let function = Function::ALL.iter().find(|function| function.event() == Some(event));
        let params = function.expect("every event is a function").params();
        let some = proptest::sample::subsequence(params, 0..=params.len().min(4));
        some.prop_flat_map(|params| params.into_iter().map(clause).collect::<Vec<_>>()).prop_map(
            move |clauses| {
                let (all, each) = clauses.into_iter().partition(|clause| clause.param.is_of_all());
                Leaf::Event { event, each, all }
            },
        )
    };
    select(Event::ALL).prop_flat_map(of).boxed()
}

fn leaf() -> BoxedStrategy<Leaf> {
    let compared = field().prop_flat_map(|field| {
        condition(field.kind()).prop_map(move |condition| Leaf::Field { field: field.clone(), condition })
    });
    let anniversary = condition(Kind::Date)
        .prop_map(|condition| Leaf::Anniversary { field: Field::Known(Known::Birthday), condition });
    let bucket = (text(), condition(Kind::Whole(0, 99)))
        .prop_map(|(seed, condition)| Leaf::Bucket { seed, condition });
    let near = (
        decimal(-90_000_000, 90_000_000, 1),
        decimal(-180_000_000, 180_000_000, 1),
        1..500_i32,
        any::<bool>(),
    );
    let near = near.prop_map(|(latitude, longitude, distance, is_metric)| Leaf::Near {
        coordinates: Coordinates::new(latitude, longitude).expect("lies on the globe"),
        distance: if is_metric { Distance::Kilometres } else { Distance::Miles }(Decimal::whole(distance)),
    });
    let span = (1..60_i32, select(&Unit::ALL[..]))
        .prop_map(|(number, unit)| Offset::new(number, unit).expect("is within a hundred years"));
    let funnel = (vec(select(Event::ALL), 2..5), option::of(span), option::of(clause(Param::Date)));
    let funnel = funnel.prop_map(|(steps, within, date)| Leaf::Funnel { steps, within, date });
    prop_oneof![
        6 => compared,
        3 => event(),
        1 => anniversary,
        1 => bucket,
        1 => near,
        1 => id().prop_map(Leaf::Segment),
        1 => id().prop_map(Leaf::List),
        1 => funnel,
    ]
    .boxed()
}
