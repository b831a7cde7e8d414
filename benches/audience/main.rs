//! Questions about a million customers and three million orders, asked of the columns.
//!
//! `questions [--customers N] [--sample N] [FOLDER]` prints one JSON line for each figure: what was asked, medians of
//! the wall clock and of this thread's CPU in seconds, how many were found and a digest of their ids (of everyone, and
//! of the first customers alone), so that another engine's answer can be held against it. Into a folder it first
//! writes the same shop as CSV.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

#[expect(clippy::needless_bitwise_bool, reason = "without a branch is what is measured")]
mod by_hand;
mod clock;
mod shop;

use clock::{Spent, median};
use columns::{
    Batch, BlockNumber, By, Clause, Code, Family, Few, Members, Number, Of, OrderCode, OrderNumber, Program,
    Row, Slot, Sorted, Span, Test, Text, View, decode, encode,
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use shop::{DAY, NOW};
use std::path::Path;

const REPEATS: usize = 25;

fn main() {
    let asked = Asked::of(std::env::args().skip(1));
    let rows = shop::customers(asked.customers);
    if let Some(folder) = &asked.folder {
        shop::write_csv(Path::new(folder), &rows).expect("the shop can be written as CSV");
    }
    let say = Say { rows: &rows, sample: asked.sample };
    let core = stored(Family::Core, &rows);
    let mut batches = empty(asked.customers);
    read(&mut batches, Family::Core, &core);

    let view = View::of(batches.clone());
    let six = Program::new(six_predicates());
    let hand = by_hand::Columns::blocks_of(&rows);
    let by_hand = |ask: fn(&by_hand::Columns, &mut Vec<u32>)| {
        let mut ids = Vec::new();
        for block in &hand {
            ask(block, &mut ids);
        }
        Answer::Rows(ids)
    };
    let mut ours = || Answer::Members(select(&six, &view));
    let mut plainly = || by_hand(by_hand::Columns::plainly);
    let mut branchless = || by_hand(by_hand::Columns::branchless);
    let names =
        ["six predicates", "six predicates, a loop by hand", "six predicates, a branchless loop by hand"];
    let by_itself = [
        median(REPEATS * 4, &mut ours),
        median(REPEATS * 4, &mut plainly),
        median(REPEATS * 4, &mut branchless),
    ];
    // And with the caches full of what the others read.
    let in_turn = clock::alternately(REPEATS * 4, [&mut ours, &mut plainly, &mut branchless]);
    for (answers, how) in [(by_itself, ""), (in_turn, ", in turn")] {
        for (name, (spent, answer)) in names.iter().zip(answers) {
            let slots: Vec<_> = match answer {
                Answer::Members(members) => members.iter().collect(),
                Answer::Rows(rows) => rows.into_iter().map(Slot).collect(),
            };
            say.told(&format!("{name}{how}"), spent, &slots);
        }
    }

    say.members("stored bytes to ids", || {
        let mut batches = empty(asked.customers);
        read(&mut batches, Family::Core, &core);
        select(&six, &View::of(batches))
    });
    say.slots(
        "top 50 by spend",
        || {
            let mut sorted = Sorted::new(By::Number(Of::Known(Number::Spent)), true, 50, None);
            for batch in &batches {
                sorted.add(batch, &batch.present());
            }
            sorted.finish()
        },
        |places| places.iter().map(|place| place.slot).collect(),
    );

    read(&mut batches, Family::Name, &stored(Family::Name, &rows));
    let view = View::of(batches.clone());
    let search = Program::new(Test::All(vec![Test::Search("jose".into()), Test::Search("garcia".into())]));
    let (first, _) = clock::once(|| select(&search, &view));
    println!(r#"{{"asked":"text search, first time",{first}}}"#);
    say.members("text search", || select(&search, &view));

    read(&mut batches, Family::Orders, &stored(Family::Orders, &rows));
    let view = View::of(batches);
    let window = Program::new(order_window());
    say.members("order window", || select(&window, &view));

    one_row(&rows);
}

enum Answer {
    Members(Members),
    Rows(Vec<u32>),
}

struct Asked {
    customers: u32,
    sample: u32,
    folder: Option<String>,
}

impl Asked {
    fn of(mut arguments: impl Iterator<Item = String>) -> Self {
        let mut asked = Self { customers: 1_000_000, sample: 20_000, folder: None };
        while let Some(argument) = arguments.next() {
            let mut number =
                || arguments.next().and_then(|told| told.parse().ok()).expect("a number follows");
            match argument.as_str() {
                "--customers" => asked.customers = number(),
                "--sample" => asked.sample = number(),
                // What cargo says to every benchmark.
                "--bench" => {}
                _ => asked.folder = Some(argument),
            }
        }
        asked
    }
}

fn six_predicates() -> Test {
    let known = Of::Known;
    Test::All(vec![
        Test::Number(known(Number::Spent), Span::from(10_000)),
        Test::Number(known(Number::Orders), Span::from(3)),
        Test::Number(known(Number::LastOrder), Span::from(NOW - 365 * DAY)),
        Test::Number(known(Number::Added), Span::to(NOW - 180 * DAY)),
        Test::Code(Code::EmailState, 1 << 1),
        Test::Not(Box::new(Test::Code(Code::AccountState, 1 << 2))),
    ])
}

/// What a shop's five hundred segments look like: one to four conditions each.
fn of_a_shop(seed: u64) -> Test {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut leaf = || match dice.random_range(0..8) {
        0 => Test::Number(Number::Spent.into(), Span::from(dice.random_range(0..50_000))),
        1 => Test::Number(Number::Orders.into(), Span::from(dice.random_range(0..9))),
        2 => Test::Number(Number::LastOrder.into(), Span::from(NOW - DAY * dice.random_range(1..700))),
        3 => Test::Not(Box::new(Test::Number(
            Number::LastOrder.into(),
            Span::from(NOW - DAY * dice.random_range(1..700)),
        ))),
        4 => Test::Code(Code::EmailState, 1 << 1),
        5 => Test::List(columns::List::Tags.into(), columns::Among::Uncased(["vip".into()].into())),
        6 => Test::Bits(Code::Reach, 1, 4),
        _ => Test::Orders {
            each: vec![Clause::Number(OrderNumber::At, Span::from(NOW - DAY * dice.random_range(1..700)))],
            count: Span::from(2),
            sum: None,
        },
    };
    let leaves = (0..=seed % 4).map(|_| leaf()).collect();
    if seed.is_multiple_of(5) { Test::Any(leaves) } else { Test::All(leaves) }
}

fn order_window() -> Test {
    Test::Orders {
        each: vec![
            Clause::Number(OrderNumber::At, Span::from(NOW - 90 * DAY)),
            Clause::Number(OrderNumber::Net, Span::from(1_500)),
            Clause::Code(OrderCode::State, 1 << 2),
        ],
        count: Span::from(2),
        sum: Some((OrderNumber::Net, Span::from(6_000))),
    }
}

/// What happens when a customer changes: the row becomes columns once, and every program of the shop is asked.
fn one_row(rows: &[Option<Row>]) {
    let programs: Vec<_> = (0..500).map(|seed| Program::new(of_a_shop(seed))).collect();
    let changed = [(Slot(7), rows[7].clone().expect("everyone is someone"))];
    // A thousand at a time: the CPU's clock is too coarse for one.
    let thousand = |run: &dyn Fn() -> usize| {
        let (spent, passed) = median(REPEATS, || (0..1_000).map(|_| run()).sum::<usize>() / 1_000);
        (Spent { wall: spent.wall / 1_000.0, cpu: spent.cpu / 1_000.0 }, passed)
    };
    let (built, _) = thousand(&|| Batch::of(&changed).expect("a row has a form").len());
    let (spent, passed) = thousand(&|| {
        let batch = Batch::of(&changed).expect("a row has a form");
        let few = Few::of(&batch).expect("one is few");
        programs.iter().filter(|program| few.passing(program) == Ok(1)).count()
    });
    println!(r#"{{"asked":"one changed row made columns",{built}}}"#);
    println!(r#"{{"asked":"one changed row through 500 programs",{spent},"found":{passed}}}"#);
}

/// One family of every block, as it is kept.
fn stored(family: Family, rows: &[Option<Row>]) -> Vec<Vec<u8>> {
    let blocks: Vec<_> =
        rows.chunks(4_096).map(|rows| encode(family, rows).expect("rows have a form")).collect();
    let total: usize = blocks.iter().map(Vec::len).sum();
    let each = total as f64 / rows.len() as f64;
    println!(r#"{{"stored":"{family:?}","bytes_per_customer":{each:.2}}}"#);
    blocks
}

fn empty(customers: u32) -> Vec<Batch> {
    let blocks = (0..customers).step_by(4_096).zip(0..);
    blocks
        .map(|(first, block)| Batch::new(BlockNumber(block), (customers - first).min(4_096) as usize))
        .collect()
}

fn read(batches: &mut [Batch], family: Family, blocks: &[Vec<u8>]) {
    for (batch, bytes) in batches.iter_mut().zip(blocks) {
        decode(batch, family, bytes).expect("what was written can be read");
    }
}

/// As whoever asks for a list of customers does.
fn select(program: &Program, view: &View) -> Members {
    view.select(program).expect("its columns were read").members()
}

struct Say<'a> {
    rows: &'a [Option<Row>],
    sample: u32,
}

impl Say<'_> {
    fn members(&self, asked: &str, run: impl FnMut() -> Members) {
        self.slots(asked, run, |members| members.iter().collect());
    }

    /// `slots` is not timed.
    fn slots<T>(&self, asked: &str, run: impl FnMut() -> T, slots: impl Fn(&T) -> Vec<Slot>) {
        let (spent, answer) = median(REPEATS, run);
        self.told(asked, spent, &slots(&answer));
    }

    fn told(&self, asked: &str, spent: Spent, slots: &[Slot]) {
        let first = slots.iter().copied().filter(|slot| slot.0 < self.sample);
        let (found, digest, sample) = (slots.len(), self.digest(slots.iter().copied()), self.digest(first));
        println!(
            r#"{{"asked":"{asked}",{spent},"found":{found},"digest":"{digest:x}","sample_digest":"{sample:x}"}}"#
        );
    }

    /// The same for the same ids, in whatever order they come: the sum of their squares, modulo 2^64.
    fn digest(&self, slots: impl Iterator<Item = Slot>) -> u64 {
        let id =
            |slot: Slot| self.rows[slot.0 as usize].as_ref()?[Text::Id].as_deref()?[1..].parse::<u64>().ok();
        slots.filter_map(id).fold(0, |sum, id| sum.wrapping_add(id.wrapping_mul(id)))
    }
}
