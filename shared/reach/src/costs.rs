//! What a message costs to whom.

use columns::{Members, NotRead, View};

/// In millionths of the shop's currency. `None`: no price is known.
pub type Micros = Option<u64>;

/// Whoever knows what messages cost.
pub trait Costs: Sync {
    /// Those who cost the same together, each of them once.
    fn of(&self, view: &View, members: &Members) -> Result<Vec<(Micros, Members)>, NotRead>;
}

/// All cost the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Each(pub Micros);

/// A plan has its people by price, and is one item: what has more prices than this is told a little too dear.
pub const PRICES_MAX: usize = 16;

impl Costs for Each {
    fn of(&self, _view: &View, members: &Members) -> Result<Vec<(Micros, Members)>, NotRead> {
        Ok(vec![(self.0, members.clone())])
    }
}

/// At most so many prices, each at least what it was: those that are nearest are taken together, at the dearer one.
pub fn fewer(mut priced: Vec<(Micros, Members)>) -> Vec<(Micros, Members)> {
    priced.sort_by_key(|(micros, _)| micros.unwrap_or(u64::MAX));
    while priced.len() > PRICES_MAX {
        let gap = |place: &usize| {
            let at = |place: usize| priced[place].0;
            at(*place).zip(at(place + 1)).map_or(u64::MAX, |(cheaper, dearer)| dearer - cheaper)
        };
        let Some(place) = (0..priced.len() - 1).min_by_key(gap) else { break };
        let (_, cheaper) = priced.remove(place);
        priced[place].1 = priced[place].1.or(&cheaper);
    }
    priced
}

#[cfg(test)]
mod tests {
    use super::*;
    use columns::Slot;

    #[test]
    fn of_too_many_prices_the_nearest_are_one_and_nobody_is_told_too_cheap() {
        let one = |number: u32| [Slot(number)].into_iter().collect::<Members>();
        let prices = (0..40_u32).map(|number| (Some(u64::from(number * number)), one(number)));
        let all: Vec<_> = prices.chain([(None, one(99))]).collect();
        let few = fewer(all.clone());
        assert_eq!(few.len(), PRICES_MAX);
        assert_eq!(few.last().map(|(micros, _)| *micros), Some(None), "what is not known stays so");
        for (micros, members) in &all {
            let now = few.iter().find(|(_, those)| !those.and(members).is_empty()).unwrap().0;
            assert!(now >= *micros, "{micros:?} became {now:?}");
        }
        assert_eq!(fewer(all[..3].to_vec()).len(), 3);
    }
}
