//! Scores beside the sentence that defines them, for shops of any kind.

use insight::rfm::{Basis, Buyer, Cell, Cells, Cuts, Group};
use proptest::{collection::vec, prelude::*};

const TODAY: i32 = 20_000;

/// Many ties or few, narrow ranges and wide ones.
fn buyer() -> impl Strategy<Value = Buyer> {
    let orders = prop_oneof![4 => 1_u32..4, 2 => 0_u32..30, 1 => 0_u32..1_000_000];
    let spent = prop_oneof![3 => (0_i64..5).prop_map(|of| of * 1_000), 1 => -500_i64..9_000_000_000];
    (19_700_i32..20_001, orders, spent).prop_map(|(last_day, orders, spent)| Buyer {
        last_day,
        orders,
        spent,
    })
}

/// 1 + ⌊5·(strictly worse)/n⌋, as it is published.
fn slow(all: &[i64], value: i64) -> u8 {
    let worse = all.iter().filter(|other| **other < value).count();
    1 + u8::try_from(5 * worse / all.len().max(1)).expect("at most 5")
}

fn scores(cuts: &Cuts, buyer: &Buyer) -> Option<[u8; 3]> {
    cuts.score(buyer).map(|scores| [scores.recency(), scores.frequency(), scores.monetary()])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn scores_are_what_their_definition_says(buyers in vec(buyer(), 1..600)) {
        let cuts = Cuts::of(buyers.iter().copied(), TODAY);
        let counted: Vec<_> = buyers.iter().filter(|buyer| buyer.orders > 0).collect();
        let of = |value: fn(&Buyer) -> i64| counted.iter().map(|buyer| value(buyer)).collect::<Vec<_>>();
        let [last, orders, spent] =
            [of(|buyer| buyer.last_day.into()), of(|buyer| buyer.orders.into()), of(|buyer| buyer.spent)];
        let is_fixed = counted.iter().filter(|buyer| buyer.orders > 1).count() < 100;
        prop_assert_eq!(cuts.basis == Basis::FixedDays, is_fixed);
        prop_assert_eq!(cuts.customers, counted.len() as u64);
        for buyer in &buyers {
            let days = TODAY - buyer.last_day;
            let recency = if is_fixed {
                [(40, 5), (90, 4), (180, 3)].iter().find(|(at_most, _)| days <= *at_most).map_or(1, |(_, score)| *score)
            } else {
                slow(&last, buyer.last_day.into())
            };
            let should = (buyer.orders > 0)
                .then(|| [recency, slow(&orders, buyer.orders.into()), slow(&spent, buyer.spent)]);
            prop_assert_eq!(scores(&cuts, buyer), should, "{:?}", buyer);
        }
    }

    #[test]
    fn the_order_of_customers_changes_nothing(buyers in vec(buyer(), 0..400), by in 0_usize..400) {
        let mut turned = buyers.clone();
        turned.rotate_left(by % buyers.len().max(1));
        turned.reverse();
        let cuts = Cuts::of(buyers.iter().copied(), TODAY);
        prop_assert_eq!(cuts, Cuts::of(turned.iter().copied(), TODAY));
        prop_assert_eq!(Cells::of(buyers, &cuts), Cells::of(turned, &cuts));
    }

    /// Also for whoever was not there when the cuts were made.
    #[test]
    fn better_is_never_scored_worse(buyers in vec(buyer(), 1..400), one in buyer(), other in buyer()) {
        let cuts = Cuts::of(buyers, TODAY);
        if let (Some(mine), Some(theirs)) = (scores(&cuts, &one), scores(&cuts, &other)) {
            let values = |buyer: &Buyer| [buyer.last_day.into(), buyer.orders.into(), buyer.spent];
            for place in 0..3 {
                if values(&one)[place] >= values(&other)[place] {
                    prop_assert!(mine[place] >= theirs[place]);
                }
            }
        }
    }

    #[test]
    fn everybody_is_counted_once(buyers in vec(buyer(), 0..400)) {
        let cuts = Cuts::of(buyers.iter().copied(), TODAY);
        let cells = Cells::of(buyers.iter().copied(), &cuts);
        for (group, cell) in cells.by_group() {
            let is_in = |buyer: &&Buyer| {
                cuts.score(buyer).map_or(Group::Prospects, insight::rfm::Scores::group) == group
            };
            let all: Vec<_> = buyers.iter().filter(is_in).collect();
            let should = Cell {
                customers: all.len() as u64,
                orders: all.iter().map(|buyer| u64::from(buyer.orders)).sum(),
                spent: all.iter().map(|buyer| buyer.spent).sum(),
            };
            prop_assert_eq!(cell, should, "{:?}", group);
        }
        let scored: u64 = cells.by_scores().map(|(_, cell)| cell.customers).sum();
        prop_assert_eq!(scored, cuts.customers);
        prop_assert_eq!(cells.by_scores().count(), 125);
    }
}

/// A shop of 200 who have come back, each a day later, once more and with a thousand more than the one before.
#[test]
fn cut_points_are_where_a_fifth_ends() {
    let one = |of: i32| Buyer {
        last_day: TODAY - 200 + of,
        orders: 2 + of.unsigned_abs(),
        spent: i64::from(of) * 100_000,
    };
    let cuts = Cuts::of((0..200).map(one), TODAY);
    assert_eq!(cuts.basis, Basis::Fifths);
    assert_eq!(cuts.recency(), [40, 80, 120, 160].map(|of| Some(i64::from(TODAY) - 200 + of)));
    assert_eq!(cuts.frequency(), [42, 82, 122, 162].map(Some));
    assert_eq!(cuts.monetary(), [40, 80, 120, 160].map(|of| Some(of * 100_000)));
}

#[test]
fn who_all_ordered_once_share_the_lowest_frequency() {
    let cuts = Cuts::of((0..500).map(|of| Buyer { last_day: TODAY - of, orders: 1, spent: 10_000 }), TODAY);
    assert_eq!((cuts.basis, cuts.frequency(), cuts.monetary()), (Basis::FixedDays, [None; 4], [None; 4]));
    let of = |days| scores(&cuts, &Buyer { last_day: TODAY - days, orders: 1, spent: 10_000 });
    for (days, recency) in [(0, 5), (40, 5), (41, 4), (90, 4), (91, 3), (180, 3), (181, 1), (9_000, 1)] {
        assert_eq!(of(days), Some([recency, 1, 1]), "{days}");
    }
}
