//! What a function is given, parameter by parameter, as text and JSON show it.

use crate::{
    Coordinates, Offset,
    event::{Event, Param},
    leaf::{Clause, Comparison, Condition, Distance, Leaf},
    value::Value,
};

pub(crate) enum Said {
    Clause(Clause),
    Coordinates(Coordinates),
    /// One after the other.
    Steps(Vec<Event>),
    Within(Offset),
}

impl Leaf {
    /// In the order in which a rule shows them. Of a leaf that compares: nothing.
    pub(crate) fn said(&self) -> Vec<Said> {
        let equal = |param, value| {
            let condition = Condition::Is(Comparison::Equal, value);
            Said::Clause(Clause { param, is_not: false, condition })
        };
        match self {
            Self::Field { .. } | Self::Anniversary { .. } | Self::Bucket { .. } => vec![],
            Self::Event { each, all, .. } => each.iter().chain(all).cloned().map(Said::Clause).collect(),
            Self::Near { coordinates, distance } => {
                let distance = match distance {
                    Distance::Kilometres(number) => equal(Param::DistanceKm, Value::Number(*number)),
                    Distance::Miles(number) => equal(Param::DistanceMi, Value::Number(*number)),
                };
                vec![Said::Coordinates(*coordinates), distance]
            }
            Self::Segment(id) | Self::List(id) => vec![equal(Param::Id, Value::Id(id.clone()))],
            Self::Funnel { steps, within, date } => {
                let mut said = vec![Said::Steps(steps.clone())];
                said.extend(within.map(Said::Within));
                said.extend(date.clone().map(Said::Clause));
                said
            }
        }
    }
}
