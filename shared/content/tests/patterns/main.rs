//! What templates become, and what is said of those that are wrong.

mod blocks;
mod bombs;
mod emails;
mod faults;
mod filled;

use content::{Facts, Fault, Line, Name, Pattern, Shape, Stopped, Value};
use domain::{Currency, Minor};
use jiff::civil::date;

/// Somebody with a basket; or nobody of whom anything is known.
#[derive(Default)]
pub(crate) struct Somebody {
    pub(crate) first_name: &'static str,
    pub(crate) orders: Option<i64>,
    pub(crate) tags: Vec<String>,
    pub(crate) basket: Vec<Line>,
}

impl Somebody {
    pub(crate) fn ada() -> Self {
        let line = |title: &str, quantity, price| Line {
            title: title.to_owned(),
            quantity,
            price: Minor::new(price).expect("an amount"),
            url: Some(format!("https://nordlicht.test/{}", title.to_lowercase())),
            image_url: None,
        };
        Self {
            first_name: "Ada",
            orders: Some(3),
            tags: ["vip", "tea"].map(str::to_owned).into(),
            basket: vec![line("Kettle", 1, 4_900), line("Cup", 2, 950)],
        }
    }
}

impl Facts for Somebody {
    fn of(&self, name: Name) -> Value<'_> {
        match name {
            Name::FirstName | Name::FullName => Value::text(self.first_name),
            Name::Orders => self.orders.map_or(Value::Nothing, Value::Count),
            Name::TotalSpent if self.orders.is_some() => Value::Money(Minor::new(12_050).expect("an amount")),
            Name::LastOrder if self.orders.is_some() => Value::Day(date(2026, 9, 5)),
            Name::FirstOrder if self.orders.is_some() => Value::Day(date(2025, 12, 24)),
            Name::Tags => Value::Texts(&self.tags),
            Name::Basket => Value::Lines(&self.basket),
            Name::ShopName => Value::text("Tea & Co"),
            Name::Discount => Value::text("TEA10"),
            _ => Value::Nothing,
        }
    }

    fn currency(&self) -> Currency {
        "EUR".parse().expect("a currency")
    }
}

pub(crate) fn filled(source: &str, shape: Shape, facts: &Somebody) -> Result<String, Stopped> {
    let template = Pattern::read(source, shape).unwrap_or_else(|faults| panic!("{source}: {faults:?}"));
    let mut told = "what was there before".to_owned();
    template.fill(facts, &mut told).map(|()| told)
}

pub(crate) fn faults(source: &str) -> Vec<String> {
    let told = Pattern::read(source, Shape::Text).err().unwrap_or_default();
    told.iter().map(Fault::to_string).collect()
}
