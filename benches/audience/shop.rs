//! A shop drawn from one seed: customers, and what each of them bought.

use columns::{Code, Number, Order, OrderCode, OrderNumber, Row, Text};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
};

pub(crate) const NOW: i64 = 1_795_000_000;
pub(crate) const DAY: i64 = 86_400;

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

/// Everyone is someone; a longer shop begins with the customers of a shorter one.
pub(crate) fn customers(count: u32) -> Vec<Option<Row>> {
    let mut dice = ChaCha8Rng::seed_from_u64(20_261_121);
    (0..count).map(|slot| Some(customer(slot, &mut dice))).collect()
}

/// The same shop for other engines: `customers.csv` and `orders.csv`, an empty field for what is absent.
pub(crate) fn write_csv(folder: &Path, rows: &[Option<Row>]) -> std::io::Result<()> {
    let mut customers = BufWriter::new(File::create(folder.join("customers.csv"))?);
    let mut orders = BufWriter::new(File::create(folder.join("orders.csv"))?);
    writeln!(
        customers,
        "id,first_name,last_name,email,added_at,first_order_at,last_order_at,orders,spent,email_state,account_state"
    )?;
    writeln!(orders, "customer,placed_at,net,state")?;
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
    let loyal = dice.random_range(0.4..0.97_f64);
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
