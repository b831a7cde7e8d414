//! What a leaf sees of a customer.

use columns::{Attribute, Clause, Code, List, Number, OrderCode, Span, Test, Text, Word};
use domain::{AccountState, RfmGroup, SpendTier, Timestamp, order::Marks};
use jiff::civil::Date;
use rules::{Comparison, Condition, Event, Field, Kind, Known, Leaf, Own, Param, Value};
use std::ops::Bound;

use super::{One, unsupported};
use crate::{calendar::day_of_number, changes::NotAsked, event, field, foretold, numbers, refused::Found};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// It is not known.
    Nothing,
    Text(String),
    Texts(Vec<String>),
    Whole(i64),
    /// Millionths, and never more than it is.
    Number(i64),
    /// Minor units.
    Money(i64),
    /// What was spent, in minor units, in how many orders.
    Average(i64, i64),
    Yes(bool),
    At(Timestamp),
    Day(Date),
    /// Of orders, or of lines of orders, all that fit.
    Fitting {
        count: i64,
        amount: i64,
        quantity: Option<i64>,
    },
    /// In a segment, on a list, or in a place.
    Within(bool),
}

impl One<'_> {
    pub(super) fn seen(&self, leaf: &Leaf, is_nothing: bool) -> Result<Seen, NotAsked> {
        Ok(match leaf {
            Leaf::Event { event, each, .. } => return self.fitting(*event, each),
            // Of a list it is known how many it holds: none.
            Leaf::Field { condition: Condition::Length(..), .. } => self.field(leaf)?,
            _ if is_nothing => Seen::Nothing,
            Leaf::Field { .. } | Leaf::Anniversary { .. } => self.field(leaf)?,
            Leaf::Bucket { seed, .. } => Seen::Whole(self.measured(|span| {
                let condition = Condition::Between(Value::Whole(span.least), Value::Whole(span.most));
                self.compiler.leaf(&Leaf::Bucket { seed: seed.clone(), condition })
            })?),
            Leaf::Near { .. } | Leaf::Segment(_) | Leaf::List(_) => {
                Seen::Within(self.passes(known(self.compiler.leaf(leaf))?)?)
            }
            Leaf::Funnel { .. } => Seen::Nothing,
        })
    }

    fn field(&self, leaf: &Leaf) -> Result<Seen, NotAsked> {
        match leaf {
            Leaf::Field { field: Field::Own(own), .. } | Leaf::Anniversary { field: Field::Own(own), .. } => {
                Ok(self.own(own))
            }
            Leaf::Field { field: Field::Known(known), .. }
            | Leaf::Anniversary { field: Field::Known(known), .. } => self.known_field(*known),
            _ => Ok(Seen::Nothing),
        }
    }

    fn known_field(&self, field: Known) -> Result<Seen, NotAsked> {
        let row = self.row;
        let text =
            |text: Text| row[text].as_deref().map_or(Seen::Nothing, |text| Seen::Text(text.to_owned()));
        let list = |list| Seen::Texts(row.list(list).iter().map(ToString::to_string).collect());
        let told = |word: Option<&str>| word.map_or(Seen::Nothing, |word| Seen::Text(word.to_owned()));
        let state = |code: Code| told(field::CONSENT_STATES.get(usize::from(row[code])).copied());
        Ok(match field {
            Known::CustomerId => text(Text::Id),
            Known::Email => text(Text::Email),
            Known::EmailDomain => {
                let domain = row[Text::Email].as_deref().and_then(|email| email.rsplit_once('@'));
                domain.map_or(Seen::Nothing, |(_, domain)| Seen::Text(domain.to_owned()))
            }
            Known::Phone => text(Text::Phone),
            Known::FirstName => text(Text::FirstName),
            Known::LastName => text(Text::LastName),
            Known::Language => {
                row[Word::Language].as_deref().map_or(Seen::Nothing, |word| Seen::Text(word.to_owned()))
            }
            Known::Countries => list(List::Countries),
            Known::Regions => list(List::Regions),
            Known::Cities => list(List::CityCodes),
            Known::Tags => list(List::Tags),
            Known::Orders => row[Number::Orders].map_or(Seen::Nothing, Seen::Whole),
            Known::Spent | Known::HistoricValue => row[Number::Spent].map_or(Seen::Nothing, Seen::Money),
            Known::AverageOrder => match (row[Number::Spent], row[Number::Orders]) {
                (Some(spent), Some(orders)) if orders > 0 => Seen::Average(spent, orders),
                _ => Seen::Nothing,
            },
            Known::DaysBetween => self.days_between()?,
            Known::EmailState => state(Code::EmailState),
            Known::SmsState => state(Code::SmsState),
            Known::ShopGroup => told(RfmGroup::of_code(row[Code::ShopGroup]).map(RfmGroup::name)),
            Known::SpendTier => told(SpendTier::of_code(row[Code::ShopTier]).map(SpendTier::name)),
            Known::AccountStatus => {
                told(AccountState::of_code(row[Code::AccountState]).map(AccountState::name))
            }
            Known::CanEmail | Known::CanSms => {
                let condition = Condition::Is(Comparison::Equal, Value::Yes(true));
                let can = Leaf::Field { field: Field::Known(field), condition };
                Seen::Yes(self.passes(known(self.compiler.leaf(&can))?)?)
            }
            field => match crate::field::date(field) {
                Some((column, counts)) => row[column].map_or(Seen::Nothing, |number| match counts {
                    crate::clock::Counts::Seconds => instant(number),
                    crate::clock::Counts::Days => day(number),
                }),
                None if self.compiler.scene.given.cuts.is_some() && foretold::is_rank(field) => {
                    self.rank(field)?
                }
                None => self.score(field),
            },
        })
    }

    /// A group by its name, and a rank from 1 to 5: whichever the customer is found by.
    fn rank(&self, field: Known) -> Result<Seen, NotAsked> {
        let values: Vec<Value> = match field.kind() {
            Kind::Word(words) => words.iter().map(|word| Value::Word(word)).collect(),
            _ => (1..=5).map(Value::Whole).collect(),
        };
        for value in values {
            let seen = match &value {
                Value::Word(word) => Seen::Text((*word).to_owned()),
                Value::Whole(number) => Seen::Whole(*number),
                _ => Seen::Nothing,
            };
            let condition = Condition::Is(Comparison::Equal, value);
            let is = Leaf::Field { field: Field::Known(field), condition };
            if self.passes(known(self.compiler.leaf(&is))?)? {
                return Ok(seen);
            }
        }
        Ok(Seen::Nothing)
    }

    fn own(&self, own: &Own) -> Seen {
        let value = self.row.attributes.get(own.attribute());
        match (value, own.kind) {
            (Some(Attribute::Text(text)), _) => Seen::Text(text.to_string()),
            (Some(Attribute::List(texts)), _) => Seen::Texts(texts.iter().map(ToString::to_string).collect()),
            (Some(Attribute::Number(number)), Kind::Yes) => Seen::Yes(*number == 1),
            (Some(Attribute::Number(number)), Kind::Date) => day(*number),
            (Some(Attribute::Number(number)), _) => Seen::Number(*number),
            (None, Kind::Texts) => Seen::Texts(Vec::new()),
            (None, _) => Seen::Nothing,
        }
    }

    /// What was estimated elsewhere, as `Given` has it.
    fn score(&self, known: Known) -> Seen {
        let scores = self.compiler.scene.given.scores.get(&known);
        let Some(number) = scores.and_then(|scores| scores.get(&self.slot)).copied() else {
            return Seen::Nothing;
        };
        match known.kind() {
            Kind::Word(words) => {
                let word = usize::try_from(number).ok().and_then(|place| words.get(place));
                word.map_or(Seen::Nothing, |word| Seen::Text((*word).to_owned()))
            }
            Kind::Money => Seen::Money(number),
            Kind::Date => day(number),
            Kind::Number | Kind::Share => Seen::Number(number),
            _ => Seen::Whole(number),
        }
    }

    fn days_between(&self) -> Result<Seen, NotAsked> {
        const MILLIONTHS: i64 = 1_000_000;
        const DAY_SECONDS: i64 = 86_400;
        let each = vec![Clause::Bits(OrderCode::Marks, Marks::COUNTS, 0)];
        let spacing = self.measured(|span| {
            let bounds = (Bound::Included(span.least), Bound::Included(span.most));
            Ok(Test::Spacing { each: each.clone(), times: MILLIONTHS, bounds })
        })?;
        // It lies nowhere: there are no two orders to lie between.
        let is_nothing = spacing == i64::MIN;
        Ok(if is_nothing { Seen::Nothing } else { Seen::Number(spacing.div_euclid(DAY_SECONDS)) })
    }

    fn fitting(&self, event: Event, each: &[rules::Clause]) -> Result<Seen, NotAsked> {
        let of = |param| self.measured(|span| event::within(&self.compiler, event, each, param, span));
        if event == Event::Campaign {
            return Ok(Seen::Whole(of(Param::Count)?));
        }
        let quantity = matches!(event, Event::ProductsPurchased).then(|| of(Param::SumQuantity));
        Ok(Seen::Fitting {
            count: of(Param::Count)?,
            amount: of(Param::SumAmount)?,
            quantity: quantity.transpose()?,
        })
    }

    /// The number that the test asks about, found by halving what it may be.
    fn measured(&self, lies_in: impl Fn(Span) -> Found<Test>) -> Result<i64, NotAsked> {
        let (mut least, mut most) = (i64::MIN, i64::MAX);
        while least < most {
            let middle = numbers::upper_middle(least, most);
            if self.passes(known(lies_in(Span::from(middle)))?)? {
                least = middle;
            } else {
                most = middle - 1;
            }
        }
        Ok(least)
    }
}

fn known<T>(found: Found<T>) -> Result<T, NotAsked> {
    found.map_err(|refused| unsupported(refused.at("")))
}

fn instant(second: i64) -> Seen {
    Timestamp::from_second(second).map_or(Seen::Nothing, Seen::At)
}

fn day(number: i64) -> Seen {
    day_of_number(number).map_or(Seen::Nothing, Seen::Day)
}
