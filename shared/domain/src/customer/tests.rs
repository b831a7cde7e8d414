//! Totals follow from orders, however they move.

use super::*;
use proptest::prelude::*;

fn part() -> impl Strategy<Value = Part> {
    (0..2_i64, 0..500_i64, 0..9_i64).prop_map(|(orders, spent, at)| Part {
        contribution: Contribution { orders, spent: spent * orders },
        placed_at: Timestamp::from_second(at).unwrap(),
    })
}

proptest! {
    #[test]
    fn totals_are_what_the_orders_add_up_to(changes in prop::collection::vec((0..4_usize, prop::option::of(part())), 0..40), spent in -50..50_i64) {
        let opening = Opening { orders: 3, spent: Minor::new(spent).unwrap() };
        let mut held = [None; 4];
        let mut totals = Totals::of(opening, []).unwrap();
        for (which, after) in changes {
            let moved = Moved { before: held[which], after };
            held[which] = after;
            let whole = Totals::of(opening, held.into_iter().flatten()).unwrap();
            totals = totals.moved(&moved).unwrap().unwrap_or(whole);
            prop_assert_eq!(totals, whole);
        }
    }
}

#[test]
fn totals_are_what_is_told_and_orders_move_them_from_there() {
    let id = CustomerId::new(Timestamp::UNIX_EPOCH, [0; 10]);
    let mut customer = Customer::new(id, 0, CustomerKind::Person, Timestamp::UNIX_EPOCH);
    let part =
        Part { contribution: Contribution { orders: 1, spent: 500 }, placed_at: Timestamp::UNIX_EPOCH };
    customer.totals = Totals::of(customer.opening, [part]).unwrap();
    for (orders, spent) in [(7, 900), (0, 0), (1, 500)] {
        customer = customer.with_totals(Some(orders), Minor::new(spent).ok()).unwrap();
        assert_eq!((customer.totals.orders, customer.totals.spent), (orders, spent));
        assert_eq!(Totals::of(customer.opening, [part]), Ok(customer.totals));
    }
    assert_eq!(customer.opening, Opening::default());
    assert_eq!(customer.clone().with_totals(None, None), Ok(customer));
}

#[test]
fn totals_never_wrap_around() {
    let opening = Opening { orders: i64::MAX, spent: Minor::ZERO };
    let part = Part { contribution: Contribution { orders: 1, spent: 0 }, placed_at: Timestamp::UNIX_EPOCH };
    assert_eq!(Totals::of(opening, [part]), Err(TooMuch));
}
