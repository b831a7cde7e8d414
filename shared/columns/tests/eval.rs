//! The columns against a slow, obvious evaluator: any rows, any question, as a block, as changed rows, and one by one.

#[path = "any/mod.rs"]
mod any;

use any::{clause, fits, passes, row, spread_row, spread_test, test};
use columns::{
    Batch, BlockNumber, By, Delta, Family, Few, Number, Of, Place, Program, Rank, Row, Slot, Sorted, Span,
    Test, Text, View, decode, encode, fold,
};
use proptest::{collection::vec, prelude::*};
use std::collections::BTreeMap;

/// A block that was written and read again.
fn block(rows: &[Option<Row>]) -> Batch {
    block_at(BlockNumber(0), rows)
}

fn block_at(number: BlockNumber, rows: &[Option<Row>]) -> Batch {
    let mut batch = Batch::new(number, rows.len());
    for family in Family::ALL {
        let bytes = encode(family, rows).expect("rows have a form");
        decode(&mut batch, family, &bytes).expect("what was written can be read");
    }
    batch
}

/// Whoever passes, by a fresh look at every row.
fn slowly(test: &Test, rows: &[Option<Row>]) -> Vec<Slot> {
    slowly_at(BlockNumber(0), test, rows)
}

fn slowly_at(number: BlockNumber, test: &Test, rows: &[Option<Row>]) -> Vec<Slot> {
    let all = (number.first().0..).map(Slot).zip(rows);
    all.filter(|(slot, row)| row.as_ref().is_some_and(|row| passes(test, *slot, row)))
        .map(|(slot, _)| slot)
        .collect()
}

/// Buckets are hashed by the program alone; everything else has a slow answer.
fn has_bucket(test: &Test) -> bool {
    match test {
        Test::Bucket { .. } => true,
        Test::All(tests) | Test::Any(tests) => tests.iter().any(has_bucket),
        Test::Not(test) => has_bucket(test),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn columns_and_rows_agree(rows in vec(prop::option::weighted(0.9, row()), 0..150), tests in vec(test(), 20)) {
        let batch = block(&rows);
        let some: Vec<_> = (0..).map(Slot).zip(&rows).filter_map(|(slot, row)| Some((slot, row.clone()?))).collect();
        let changed = Batch::of(&some).unwrap();
        for test in tests {
            let program = Program::new(test.clone());
            let of = |batch: &Batch| {
                let view = View::of([batch.clone()]);
                view.select(&program).unwrap().members().iter().collect::<Vec<_>>()
            };
            let found = of(&batch);
            prop_assert_eq!(&of(&changed), &found);
            let few = Batch::of(&some[..some.len().min(5)]).unwrap();
            let passing = Few::of(&few).expect("five are few").passing(&program).unwrap();
            prop_assert_eq!(program.select(&few).unwrap().first().copied().unwrap_or_default(), passing);
            let one_by_one: Vec<_> = some.iter().flat_map(|one| of(&Batch::of(std::slice::from_ref(one)).unwrap())).collect();
            prop_assert_eq!(&one_by_one, &found);
            if !has_bucket(&test) {
                prop_assert_eq!(&found, &slowly(&test, &rows), "{:?}", test);
            }
            let opposite = Program::new(Test::Not(Box::new(test)));
            let others = opposite.select(&batch).unwrap();
            let both: u32 = others.iter().map(|word| word.count_ones()).sum();
            prop_assert_eq!(both as usize + found.len(), some.len());
        }
    }

    #[test]
    fn a_block_gives_back_its_rows(rows in vec(prop::option::of(row()), 0..90)) {
        let batch = block(&rows);
        for (place, row) in rows.iter().enumerate() {
            prop_assert_eq!(&batch.row(place), row);
        }
        prop_assert_eq!(batch.row(rows.len()), None);
    }

    #[test]
    fn a_list_is_sorted_and_paged_without_gap_or_double(rows in vec(row(), 0..120), backward: bool, limit in 1..40_usize) {
        let rows: Vec<_> = rows.into_iter().map(Some).collect();
        let batch = block(&rows);
        let page = |after: Option<Place>, limit| {
            let mut sorted = Sorted::new(By::Number(Of::Known(Number::Spent)), backward, limit, after);
            // In two parts, as of two blocks: what the first has filled decides about the second.
            let odd: Vec<_> = batch.present().iter().map(|word| word & 0x5555_5555_5555_5555).collect();
            let even: Vec<_> = batch.present().iter().map(|word| word & !0x5555_5555_5555_5555).collect();
            sorted.add(&batch, &odd);
            sorted.add(&batch, &even);
            sorted.finish()
        };
        let whole = page(None, usize::MAX);
        let mut slowly: Vec<_> = (0..).zip(&rows).map(|(slot, row)| (row.as_ref().unwrap()[Number::Spent], slot)).collect();
        slowly.sort_by_key(|(spent, slot)| {
            let place = (i128::from(spent.unwrap_or(0)), i64::from(*slot));
            (spent.is_none(), if backward { (-place.0, -place.1) } else { place })
        });
        prop_assert_eq!(whole.iter().map(|place| place.slot.0).collect::<Vec<u32>>(), slowly.iter().map(|(_, slot)| *slot).collect::<Vec<_>>());
        let mut pages = vec![];
        loop {
            let next = page(pages.last().cloned(), limit);
            if next.is_empty() { break }
            pages.extend(next);
        }
        prop_assert_eq!(pages, whole);
    }

    #[test]
    fn names_are_sorted_as_they_are_folded(rows in vec(row(), 0..60), backward: bool, limit in 0..9_usize) {
        let rows: Vec<_> = rows.into_iter().map(Some).collect();
        let batch = block(&rows);
        let mut slowly: Vec<_> = (0..).map(Slot).zip(&rows).collect();
        let name = |row: &Option<Row>| row.as_ref().and_then(|row| row[Text::LastName].as_deref().map(fold));
        slowly.sort_by(|(slot, row), (other_slot, other)| {
            let forward = (name(row), slot).cmp(&(name(other), other_slot));
            let is_absent = name(row).is_none().cmp(&name(other).is_none());
            is_absent.then(if backward { forward.reverse() } else { forward })
        });
        let mut slots = vec![];
        let mut after = None;
        loop {
            let mut sorted = Sorted::new(By::Text(Text::LastName.into()), backward, limit, after);
            sorted.add(&batch, &batch.present());
            let page = sorted.finish();
            prop_assert!(page.len() <= limit);
            slots.extend(page.iter().map(|place| place.slot));
            after = page.last().cloned();
            if after.is_none() { break }
        }
        let all = if limit == 0 { 0 } else { rows.len() };
        prop_assert_eq!(slots, slowly[..all].iter().map(|(slot, _)| *slot).collect::<Vec<_>>());
    }

    #[test]
    fn bytes_that_were_changed_or_cut_are_refused(rows in vec(prop::option::of(row()), 1..20), at: prop::sample::Index, bit in 0..8_u8) {
        for family in Family::ALL {
            let mut bytes = encode(family, &rows).unwrap();
            let place = at.index(bytes.len());
            let mut batch = Batch::new(BlockNumber(0), rows.len());
            prop_assert!(decode(&mut batch, family, &bytes[..place]).is_err());
            bytes[place] ^= 1 << bit;
            prop_assert!(decode(&mut batch, family, &bytes).is_err());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, ..ProptestConfig::default() })]

    /// Blocks so long that they go through a program in one piece, whole and broken off, in whichever order they come.
    #[test]
    fn long_blocks_are_asked_to_their_end(some in vec(prop::option::weighted(0.9, row()), 1..40), length in 500..1_700_usize, tests in vec(test(), 4)) {
        let rows: Vec<_> = some.iter().cycle().take(4_096 + length).cloned().collect();
        let (whole, rest) = rows.split_at(4_096);
        let (whole_block, rest_block) = (block(whole), block_at(BlockNumber(1), rest));
        let far = block_at(BlockNumber(7), whole);
        for test in tests.iter().filter(|test| !has_bucket(test)) {
            let program = Program::new((*test).clone());
            let blocks = [&whole_block, &rest_block, &far].map(Clone::clone);
            let turned = [&far, &rest_block, &whole_block].map(Clone::clone);
            let slowly = [slowly(test, whole), slowly_at(BlockNumber(1), test, rest), slowly_at(BlockNumber(7), test, whole)];
            for view in [View::of(blocks), View::of(turned)] {
                let members = view.select(&program).unwrap().members();
                prop_assert_eq!(members.iter().collect::<Vec<_>>(), slowly.concat(), "{:?}", test);
            }
        }
    }

    /// Numbers that hardly anyone shares, asked again and again: sketches cut through ranges of them. So many rows that
    /// the last of them are asked after the others.
    #[test]
    fn many_numbers_are_told_apart(rows in vec(spread_row(), 700..1_300), tests in vec(spread_test(), 15)) {
        let rows: Vec<_> = rows.into_iter().map(Some).cycle().take(4_400).collect();
        let batch = block(&rows);
        for test in &tests {
            let program = Program::new(test.clone());
            let slowly = slowly(test, &rows);
            for time in 1..=3 {
                let members = View::of([batch.clone()]).select(&program).unwrap().members();
                prop_assert_eq!(members.iter().collect::<Vec<_>>(), &slowly[..], "asked {} times: {:?}", time, test);
            }
        }
    }
}

#[test]
fn a_block_is_not_read_as_another() {
    let rows = [None, None];
    let mut batch = Batch::new(BlockNumber(0), 2);
    for (family, taken_for) in
        [(Family::Core, Family::Name), (Family::Orders, Family::Lines), (Family::Lines, Family::Tags)]
    {
        assert!(decode(&mut batch, taken_for, &encode(family, &rows).unwrap()).is_err(), "{taken_for:?}");
    }
    let three = encode(Family::Core, &[None, None, None]).unwrap();
    assert!(decode(&mut batch, Family::Core, &three).is_err());
}

#[test]
fn a_batch_counts_what_it_may_come_to_take() {
    let mut row = Row::default();
    row[Number::Added] = Some(1);
    let rows = vec![Some(row); 4_096];
    let mut batch = Batch::new(BlockNumber(0), rows.len());
    decode(&mut batch, Family::Core, &encode(Family::Core, &rows).unwrap()).unwrap();
    // Numbers of two bytes and a bit, four codes, the key of a word; and a byte for each number's sketch.
    let each = Number::COUNT * 2 + 1 + 4 + 4 + Number::COUNT;
    assert!(batch.bytes() >= rows.len() * each, "{} for each", batch.bytes() / rows.len());
}

#[test]
fn a_family_that_was_not_read_is_asked_for() {
    let mut batch = Batch::new(BlockNumber(0), 0);
    let program = Program::new(Test::Search("x".into()));
    assert_eq!(program.families().collect::<Vec<_>>(), [Family::Core, Family::Name]);
    assert_eq!(program.select(&batch).unwrap_err().0, Family::Core);
    assert_eq!(Few::of(&batch).expect("none is few").passing(&program).unwrap_err().0, Family::Core);
    decode(&mut batch, Family::Core, &encode(Family::Core, &[]).unwrap()).unwrap();
    assert_eq!(program.select(&batch).unwrap_err().to_string(), "the columns Name were not read");
}

#[test]
fn buckets_share_customers_evenly_and_for_good() {
    let mut row = Row::default();
    row[Number::Added] = Some(1);
    let batch = block(&vec![Some(row); 4_096]);
    let of = |bucket| {
        let test = Test::Bucket { seed: 7, of: 4, within: Span::only(bucket) };
        Program::new(test).select(&batch).unwrap().iter().map(|word| word.count_ones()).sum::<u32>()
    };
    // Once given out, a share is kept: these figures change only with the hash.
    let shares = [0, 1, 2, 3].map(of);
    assert_eq!(shares.iter().sum::<u32>(), 4_096);
    assert!(shares.iter().all(|share| (900..1_150).contains(share)), "{shares:?}");
    assert_eq!(of(-1), 0);
}

#[test]
fn absent_values_stand_last_either_way() {
    let row = |spent| {
        let mut row = Row::default();
        row[Number::Added] = Some(1);
        row[Number::Spent] = spent;
        Some(row)
    };
    let batch = block(&[row(None), row(Some(2)), row(Some(5))]);
    for (backward, expected) in [(false, [1, 2, 0]), (true, [2, 1, 0])] {
        let mut sorted = Sorted::new(By::Number(Of::Known(Number::Spent)), backward, 9, None);
        sorted.add(&batch, &batch.present());
        let places = sorted.finish();
        assert_eq!(places.iter().map(|place| place.slot.0).collect::<Vec<_>>(), expected);
        assert_eq!(places[2].rank, Rank::Absent);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Blocks with layers of changes over them, which may tell the same again, are the rows that they stand for.
    #[test]
    fn a_view_is_its_rows(
        rows in vec(prop::option::of(row()), 0..80),
        changes in vec((0..100_u32, prop::option::weighted(0.8, row())), 0..30),
        layers in (0..30_usize, 0..30_usize),
        tests in vec(test(), 5),
        each in vec(clause(), 0..3),
    ) {
        let versioned = |version: i64| move |mut row: Row| { row[Number::Version] = Some(version); row };
        let rows: Vec<_> = rows.into_iter().map(|row| row.map(versioned(0))).collect();
        let mut now = rows.clone();
        now.resize(100, None);
        let mut told = Vec::new();
        for (version, (slot, change)) in (1..).zip(changes) {
            let held = now[slot as usize].clone();
            // Whoever is nobody any more leaves their orders.
            let row = versioned(version)(change.unwrap_or_default());
            let gone = held.iter().flat_map(|held| held.orders.keys()).map(|number| (*number, None));
            let new = row.orders.iter().map(|(number, order)| (*number, Some(order.clone())));
            let delta = Delta::of(row.clone(), gone.chain(new).collect());
            now[slot as usize] = Some(delta.fold_into(held));
            told.push((Slot(slot), delta));
        }
        let layer = |told: &[(Slot, Delta)]| {
            let mut deltas: BTreeMap<Slot, Delta> = BTreeMap::new();
            for (slot, delta) in told {
                let older = deltas.remove(slot).unwrap_or_default();
                deltas.insert(*slot, delta.clone().with(older));
            }
            deltas
        };
        let end = layers.0.min(told.len());
        let begin = layers.1.min(end);
        let blocks = if rows.is_empty() { vec![] } else { vec![block(&rows)] };
        let view = View::of(blocks).with(&layer(&told[..end])).unwrap().with(&layer(&told[begin..])).unwrap();
        for (slot, row) in (0..).map(Slot).zip(&now) {
            prop_assert_eq!(&view.row(slot), row);
        }
        let people: Vec<_> =
            now.iter().map(|row| row.clone().filter(|row| row[Number::Added].is_some())).collect();
        for test in tests.iter().filter(|test| !has_bucket(test)) {
            let program = Program::new((*test).clone());
            let members = view.select(&program).unwrap().members();
            let slowly = slowly(test, &people);
            prop_assert_eq!(members.iter().collect::<Vec<_>>(), &slowly[..]);

            let mut sold: Vec<_> = view.sales(Some(&program), &each).unwrap().map(|sale| (sale.slot, sale.number)).collect();
            sold.sort_unstable();
            let of = |slot: Slot| now[slot.0 as usize].iter().flat_map(|row| &row.orders);
            let fitting = slowly.iter().flat_map(|slot| of(*slot).map(|order| (*slot, order)))
                .filter(|(_, (_, order))| each.iter().all(|clause| fits(order, clause)));
            prop_assert_eq!(sold, fitting.map(|(slot, (number, _))| (slot, *number)).collect::<Vec<_>>());
        }
        let orders: usize = now.iter().flatten().map(|row| row.orders.len()).sum();
        prop_assert_eq!(view.sales(None, &[]).unwrap().count(), orders);
    }
}
