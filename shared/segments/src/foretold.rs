//! What was worked out at night, as rules ask of it: who is in which group, and of each customer what is expected.

use columns::{NotRead, Number, Program, Slot, Test, View};
use domain::Zone;
use insight::{Nightly, Order, Silence};
use rules::{Field, Known, Leaf, Rule};
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{bought::Bought, scene::Given, scores::why};

/// What a model tells. Of each the orders must be read.
const FORETOLD: [Known; 5] =
    [Known::Churn, Known::PredictedOrders, Known::PredictedValue, Known::TotalValue, Known::NextOrder];
const RANKED: [Known; 4] = [Known::RfmGroup, Known::Recency, Known::Frequency, Known::Monetary];

/// The fields of a rule that are worked out at night.
pub fn scores_in(rule: &Rule) -> BTreeSet<Known> {
    let field = |leaf: &Leaf| match leaf {
        Leaf::Field { field: Field::Known(known), .. }
        | Leaf::Anniversary { field: Field::Known(known), .. } => Some(*known),
        _ => None,
    };
    let named = rule.leaves().into_iter().filter_map(field);
    named.filter(|known| FORETOLD.contains(known) || is_rank(*known)).collect()
}

/// Whether it is known of a customer as soon as the cut points are.
pub(crate) fn is_rank(field: Known) -> bool {
    RANKED.contains(&field)
}

/// Whether the orders must be read to know them.
pub fn asks_orders(fields: &BTreeSet<Known>) -> bool {
    FORETOLD.iter().any(|field| fields.contains(field))
}

impl Given {
    /// These can be asked, as far as the night told them; of whom what is expected is not known yet.
    pub fn may_ask(&mut self, nightly: &Nightly, fields: &BTreeSet<Known>) {
        self.cuts = Some(nightly.cuts);
        for field in FORETOLD.into_iter().filter(|field| fields.contains(field)) {
            match silence(nightly, field) {
                None => drop(self.scores.insert(field, BTreeMap::new())),
                Some(silence) => drop(self.silent.insert(field, silence)),
            }
        }
    }

    /// What is expected of each customer who was read, with `Orders`.
    pub fn foretell(&mut self, nightly: &Nightly, view: &View, zone: &Zone) -> Result<(), NotRead> {
        let asked = |field: &Known| self.scores.contains_key(field) && silence(nightly, *field).is_none();
        let fields: Vec<Known> = FORETOLD.into_iter().filter(asked).collect();
        if fields.is_empty() {
            return Ok(());
        }
        let bought = Bought::of(view, zone)?;
        // Also of what was bought before there were orders here.
        let everyone = view.select(&Program::new(Test::Everyone))?;
        let spent: HashMap<Slot, i64> =
            everyone.numbers([Number::Spent]).filter_map(|(slot, [spent])| Some((slot, spent?))).collect();
        let mut told: Vec<Vec<(Slot, i64)>> = vec![Vec::new(); fields.len()];
        for (slot, orders) in bought.iter() {
            let Some(all) = Foretold::of(nightly, orders) else { continue };
            for (field, told) in fields.iter().zip(&mut told) {
                let number = all.get(*field, spent.get(&slot).copied().unwrap_or_default());
                told.extend(number.map(|number| (slot, number)));
            }
        }
        self.scores.extend(fields.into_iter().zip(told.into_iter().map(|told| told.into_iter().collect())));
        Ok(())
    }
}

/// Why a rule cannot be asked by what the last night found: nothing was worked out, or the shop's orders tell too little of
/// what it asks for. Whoever is in its segment then stays there until a night tells it again.
pub fn untold(nightly: Option<&Nightly>, rule: &Rule) -> Option<&'static str> {
    let fields = scores_in(rule);
    match nightly {
        None => (!fields.is_empty()).then(|| why(None)),
        Some(nightly) => {
            let mut foretold = FORETOLD.into_iter().filter(|field| fields.contains(field));
            foretold.find_map(|field| silence(nightly, field)).map(|silence| why(Some(silence)))
        }
    }
}

/// Why a field has no numbers.
fn silence(nightly: &Nightly, field: Known) -> Option<Silence> {
    match (&nightly.outlook, field) {
        (Err(silence), _) => Some(*silence),
        (Ok(outlook), Known::PredictedValue | Known::TotalValue) => outlook.spending.err(),
        (Ok(_), _) => None,
    }
}

/// What is expected of a customer, counted as rules do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Foretold {
    churn: i64,
    orders: i64,
    value: Option<i64>,
    next_order: Option<i64>,
}

impl Foretold {
    /// `None`: nothing was ordered, or the shop's orders tell too little.
    pub fn of(nightly: &Nightly, orders: &[Order]) -> Option<Self> {
        let stand = nightly.stand(orders)?;
        let expected = nightly.expect(&stand).ok()?;
        let value = expected.order_value.map(|value| whole(expected.orders * value));
        let next = expected.days_to_next.map(|[_, median, _]| whole(median.ceil()));
        Some(Self {
            churn: whole((1.0 - expected.alive) * 1e6),
            orders: whole(expected.orders * 1e6),
            value,
            next_order: next.map(|days| days.saturating_add(stand.day.into())),
        })
    }

    /// `None`: it is not known of them, or told by nobody here. `spent`: all of it so far.
    pub fn get(&self, field: Known, spent: i64) -> Option<i64> {
        match field {
            Known::Churn => Some(self.churn),
            Known::PredictedOrders => Some(self.orders),
            Known::PredictedValue => self.value,
            Known::TotalValue => self.value.map(|value| value.saturating_add(spent)),
            Known::NextOrder => self.next_order,
            _ => None,
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is beyond all bounds is the bound")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}
