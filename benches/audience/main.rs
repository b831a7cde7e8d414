//! Questions about a million customers and three million orders, asked of the columns.
//!
//! Prints one JSON line for each figure: what was asked, medians in seconds, how many were found and a digest of
//! their ids, so that another engine's answer can be held against it. With a folder as argument it first writes the same
//! shop there as CSV. Everything is drawn from one seed.

#![expect(
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark reads the clock, and its figures are far from the ends of any type"
)]

use columns::{
    Batch, BlockNumber, By, Clause, Code, Family, Members, Number, Of, Order, OrderCode, OrderNumber, Place,
    Program, Row, Slot, Sorted, Span, Test, Text, decode, encode,
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    time::Instant,
};

const CUSTOMERS: u32 = 1_000_000;
const NOW: i64 = 1_795_000_000;
const DAY: i64 = 86_400;
const REPEATS: usize = 15;

const FIRST: [&str; 24] = [
    "José", "Anna", "Liam", "Olivia", "Noah", "Emma", "Zoë", "Jürgen", "Chloé", "Łukasz", "Mia", "Lucas",
    "Søren", "Ines", "Amélie", "Raj", "Priya", "Wei", "Yuki", "Fatima", "Omar", "Ava", "Ethan", "Sofía",
];
const LAST: [&str; 20] = [
    "García",
    "Smith",
    "Müller",
    "Kowalski",
    "Nguyen",
    "Patel",
    "Rossi",
    "Dubois",
    "Jensen",
    "Novák",
    "Silva",
    "Kim",
    "Tanaka",
    "Johansson",
    "O'Brien",
    "Haddad",
    "Ivanov",
    "Costa",
    "Brown",
    "Lee",
];

fn main() {
    let mut dice = ChaCha8Rng::seed_from_u64(20_261_121);
    let rows: Vec<Option<Row>> = (0..CUSTOMERS).map(|slot| Some(customer(slot, &mut dice))).collect();
    if let Some(folder) = std::env::args().nth(1).filter(|argument| !argument.starts_with('-')) {
        write_csv(Path::new(&folder), &rows).expect("the shop can be written as CSV");
    }
    let bytes = |family| -> Vec<Vec<u8>> {
        rows.chunks(4_096).map(|rows| encode(family, rows).expect("rows have a form")).collect()
    };
    let (core, name, orders) = (bytes(Family::Core), bytes(Family::Name), bytes(Family::Orders));
    for (family, blocks) in [("core", &core), ("name", &name), ("orders", &orders)] {
        let total: usize = blocks.iter().map(Vec::len).sum();
        println!(
            r#"{{"stored":"{family}","bytes_per_customer":{:.2}}}"#,
            total as f64 / f64::from(CUSTOMERS)
        );
    }

    let mut batches: Vec<_> = empty();
    read(&mut batches, Family::Core, &core);
    let six = Program::new(six_predicates());
    say("decode core", || {
        let mut batches = empty();
        read(&mut batches, Family::Core, &core);
        batches.len() as u64
    });
    say_members("six predicates", &rows, || select(&six, &batches));
    let hand = columns(&rows);
    say_members("six predicates, a loop by hand", &rows, || by_hand(&hand));
    say_members("stored bytes to ids", &rows, || {
        let mut batches = empty();
        read(&mut batches, Family::Core, &core);
        select(&six, &batches)
    });
    say_places("top 50 by spend", &rows, || {
        let mut sorted = Sorted::new(By::Number(Of::Known(Number::Spent)), true, 50, None);
        for batch in &batches {
            sorted.add(batch, &batch.present());
        }
        sorted.finish()
    });

    read(&mut batches, Family::Name, &name);
    let search = Program::new(Test::All(vec![Test::Search("jose".into()), Test::Search("garcia".into())]));
    let start = Instant::now();
    select(&search, &batches);
    println!(r#"{{"asked":"text search, first time","seconds":{:.6}}}"#, start.elapsed().as_secs_f64());
    say_members("text search", &rows, || select(&search, &batches));

    read(&mut batches, Family::Orders, &orders);
    let window = Program::new(Test::Orders {
        each: vec![
            Clause::Number(OrderNumber::At, Span::from(NOW - 90 * DAY)),
            Clause::Number(OrderNumber::Net, Span::from(5_000)),
            Clause::Code(OrderCode::State, 1 << 2),
        ],
        count: Span::from(2),
        sum: Some((OrderNumber::Net, Span::from(20_000))),
    });
    say_members("order window", &rows, || select(&window, &batches));

    let programs: Vec<_> = (0..500).map(|seed| Program::new(of_a_shop(seed))).collect();
    let changed = [(Slot(7), rows[7].clone().expect("everyone is someone"))];
    let runs = (0..2_000).map(|_| {
        let start = Instant::now();
        let batch = Batch::of(&changed).expect("a row has a form");
        let built = start.elapsed();
        let passed =
            programs.iter().filter(|program| program.select(&batch).is_ok_and(|mask| mask[0] == 1)).count();
        (start.elapsed().as_secs_f64(), built.as_secs_f64(), passed)
    });
    let mut runs: Vec<_> = runs.collect();
    runs.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (seconds, built, passed) = runs[runs.len() / 2];
    println!(
        r#"{{"asked":"one changed row through 500 programs","seconds":{seconds:.7},"of_which_columns":{built:.7},"passed":{passed}}}"#
    );
}

fn customer(slot: u32, dice: &mut ChaCha8Rng) -> Row {
    let mut row = Row::default();
    let added = NOW - dice.random_range(0..4 * 365 * DAY);
    row[Number::Added] = Some(added);
    let (first, last) = (FIRST[dice.random_range(0..FIRST.len())], LAST[dice.random_range(0..LAST.len())]);
    row[Text::Id] = Some(format!("s{}", 7_000_000_000_000_u64 + u64::from(slot) * 37).into());
    row[Text::FirstName] = Some(first.into());
    row[Text::LastName] = Some(last.into());
    let domain = ["gmail.com", "outlook.com", "example.com", "web.de"][dice.random_range(0..4)];
    row[Text::Email] = Some(
        format!("{}.{}{slot}@{domain}", columns::fold(first), columns::fold(last).replace('\'', "")).into(),
    );
    // A fifth never bought; of the others, each order is followed by another with a customer's own likelihood.
    let loyal = dice.random_range(0.2..0.92_f64);
    let mut at = added + dice.random_range(0..3 * DAY);
    let (mut count, mut spent) = (0, 0);
    if dice.random_bool(0.8) {
        while at <= NOW && count < 200 {
            let net = (2_000.0 * (0.3 - f64::ln(dice.random_range(0.0001..1.0)))) as i64 / 5 * 5;
            let mut order = Order::default();
            let state = if dice.random_bool(0.93) { 2 } else { 5 };
            order[OrderNumber::At] = Some(at);
            order[OrderNumber::Amount] = Some(net);
            order[OrderNumber::Net] = Some(if state == 2 { net } else { 0 });
            order[OrderNumber::Quantity] = Some(dice.random_range(1..5));
            order[OrderCode::State] = state;
            count += 1;
            row.orders.insert(count, order);
            if state == 2 {
                spent += net;
            }
            row[Number::FirstOrder] = row[Number::FirstOrder].or(Some(at));
            row[Number::LastOrder] = Some(at);
            if !dice.random_bool(loyal) {
                break;
            }
            at += DAY * dice.random_range(5..120) + dice.random_range(0..DAY);
        }
    }
    row[Number::Orders] = Some(count.into());
    row[Number::Spent] = Some(spent);
    row[Code::EmailState] = u8::from(dice.random_bool(0.55));
    row[Code::SmsState] = u8::from(dice.random_bool(0.2));
    row[Code::AccountState] = if dice.random_bool(0.4) { 2 } else { 1 };
    row[Code::Reach] = if dice.random_bool(0.3) { 3 } else { 1 };
    row[columns::Word::Language] = Some(if dice.random_bool(0.85) { "en" } else { "de" }.into());
    if dice.random_bool(0.05) {
        row[Number::AbandonedCheckout] = Some(NOW - dice.random_range(0..60 * DAY));
    }
    row
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
        5 => Test::List(columns::List::Tags.into(), columns::Among::Folded(["vip".into()].into())),
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

/// The same six columns as plain vectors, absent as 0.
struct Columns {
    spent: Vec<i32>,
    orders: Vec<u16>,
    last: Vec<u32>,
    added: Vec<u32>,
    email: Vec<u8>,
    account: Vec<u8>,
}

fn columns(rows: &[Option<Row>]) -> Columns {
    let all = || rows.iter().flatten();
    let number = |row: &Row, column: Number| row[column].unwrap_or(0);
    Columns {
        spent: all().map(|row| number(row, Number::Spent) as i32).collect(),
        orders: all().map(|row| number(row, Number::Orders) as u16).collect(),
        last: all().map(|row| number(row, Number::LastOrder) as u32).collect(),
        added: all().map(|row| number(row, Number::Added) as u32).collect(),
        email: all().map(|row| row[Code::EmailState]).collect(),
        account: all().map(|row| row[Code::AccountState]).collect(),
    }
}

/// What one would write for this question alone.
fn by_hand(of: &Columns) -> Members {
    let since = (NOW - 365 * DAY) as u32;
    let before = (NOW - 180 * DAY) as u32;
    let rows = 0..of.spent.len();
    let passing = rows.filter(|row| {
        let row = *row;
        of.spent[row] >= 10_000
            && of.orders[row] >= 3
            && of.last[row] >= since
            && of.added[row] <= before
            && of.email[row] == 1
            && of.account[row] != 2
    });
    passing.map(|row| Slot(row as u32)).collect()
}

fn empty() -> Vec<Batch> {
    let blocks = (0..CUSTOMERS).step_by(4_096).zip(0..);
    blocks
        .map(|(first, block)| Batch::new(BlockNumber(block), (CUSTOMERS - first).min(4_096) as usize))
        .collect()
}

fn read(batches: &mut [Batch], family: Family, blocks: &[Vec<u8>]) {
    for (batch, bytes) in batches.iter_mut().zip(blocks) {
        decode(batch, family, bytes).expect("what was written can be read");
    }
}

fn select(program: &Program, batches: &[Batch]) -> Members {
    let mut members = Members::default();
    for batch in batches {
        members.add(batch, &program.select(batch).expect("its columns were read"));
    }
    members
}

fn median<T>(mut run: impl FnMut() -> T) -> (f64, T) {
    let mut last = run();
    let mut seconds = [0.0; REPEATS];
    for second in &mut seconds {
        let start = Instant::now();
        last = run();
        *second = start.elapsed().as_secs_f64();
    }
    seconds.sort_by(f64::total_cmp);
    (seconds[REPEATS / 2], last)
}

fn say(asked: &str, run: impl FnMut() -> u64) {
    let (seconds, _) = median(run);
    println!(r#"{{"asked":"{asked}","seconds":{seconds:.6}}}"#);
}

fn say_members(asked: &str, rows: &[Option<Row>], run: impl FnMut() -> Members) {
    let (seconds, members) = median(run);
    let digest = digest(members.iter(), rows);
    println!(
        r#"{{"asked":"{asked}","seconds":{seconds:.6},"found":{},"digest":"{digest:x}"}}"#,
        members.len()
    );
}

fn say_places(asked: &str, rows: &[Option<Row>], run: impl FnMut() -> Vec<Place>) {
    let (seconds, places) = median(run);
    let digest = digest(places.iter().map(|place| place.slot), rows);
    println!(
        r#"{{"asked":"{asked}","seconds":{seconds:.6},"found":{},"digest":"{digest:x}"}}"#,
        places.len()
    );
}

/// The same for the same ids, in whatever order they come: the sum of their numbers, modulo 2^64.
fn digest(slots: impl Iterator<Item = Slot>, rows: &[Option<Row>]) -> u64 {
    let id = |slot: Slot| rows[slot.0 as usize].as_ref()?[Text::Id].as_deref()?[1..].parse::<u64>().ok();
    slots.filter_map(id).fold(0, |sum, id| sum.wrapping_add(id.wrapping_mul(id)))
}

fn write_csv(folder: &Path, rows: &[Option<Row>]) -> std::io::Result<()> {
    let mut customers = BufWriter::new(File::create(folder.join("customers.csv"))?);
    let mut orders = BufWriter::new(File::create(folder.join("orders.csv"))?);
    writeln!(
        customers,
        "id,first_name,last_name,email,added_at,first_order_at,last_order_at,orders,spent,email_state,account_state"
    )?;
    writeln!(orders, "customer,at,net,state")?;
    let number = |number: Option<i64>| number.map_or(String::new(), |number| number.to_string());
    for row in rows.iter().flatten() {
        let text = |column: Text| row[column].as_deref().unwrap_or("");
        let id = &text(Text::Id)[1..];
        write!(customers, "{id},{},{},{}", text(Text::FirstName), text(Text::LastName), text(Text::Email))?;
        for column in [Number::Added, Number::FirstOrder, Number::LastOrder, Number::Orders, Number::Spent] {
            write!(customers, ",{}", number(row[column]))?;
        }
        writeln!(customers, ",{},{}", row[Code::EmailState], row[Code::AccountState])?;
        for order in row.orders.values() {
            let (at, net) = (number(order[OrderNumber::At]), number(order[OrderNumber::Net]));
            writeln!(orders, "{id},{at},{net},{}", order[OrderCode::State])?;
        }
    }
    customers.flush()?;
    orders.flush()
}
