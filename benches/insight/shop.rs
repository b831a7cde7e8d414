//! A made shop of three years, drawn from one seed: most order once, few often.

use insight::{Order, rfm::Buyer};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use std::{
    fs::File,
    io::{BufWriter, Result, Write},
    path::Path,
};

pub(crate) const TODAY: i32 = 20_500;
pub(crate) const BEGUN: i32 = TODAY - 1_095;

/// Columns, as an audience has them.
pub(crate) struct Shop {
    last_days: Vec<i32>,
    counts: Vec<u32>,
    spent: Vec<i64>,
    orders: Vec<Order>,
    /// Where each customer's orders begin; one more than there are customers.
    starts: Vec<usize>,
}

impl Shop {
    pub(crate) fn of(customers: usize) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(1);
        let mut shop = Self {
            last_days: Vec::new(),
            counts: Vec::new(),
            spent: Vec::new(),
            orders: Vec::new(),
            starts: vec![0],
        };
        for _ in 0..customers {
            let mut day = dice.random_range(BEGUN..=TODAY);
            let pace = dice.random_range(5..200);
            let price = dice.random_range(500..20_000_i64);
            // Four of five order again, each time, as far as there is time.
            loop {
                shop.orders.push(Order { day, net: price + dice.random_range(0..price) });
                day += dice.random_range(1..2 * pace);
                if day > TODAY || dice.random_range(0..100) < 22 {
                    break;
                }
            }
            let theirs = &shop.orders[shop.starts[shop.starts.len() - 1]..];
            shop.last_days.extend(theirs.iter().map(|order| order.day).max());
            shop.counts.extend(u32::try_from(theirs.len()));
            shop.spent.push(theirs.iter().map(|order| order.net).sum());
            shop.starts.push(shop.orders.len());
        }
        shop
    }

    pub(crate) fn buyers(&self) -> impl Iterator<Item = Buyer> {
        let columns = self.last_days.iter().zip(&self.counts).zip(&self.spent);
        columns.map(|((last_day, orders), spent)| Buyer {
            last_day: *last_day,
            orders: *orders,
            spent: *spent,
        })
    }

    pub(crate) fn customers(&self) -> impl Iterator<Item = &[Order]> {
        self.starts.windows(2).map(|ends| &self.orders[ends[0]..ends[1]])
    }

    pub(crate) fn write_csv(&self, folder: &Path) -> Result<()> {
        let mut orders = BufWriter::new(File::create(folder.join("orders.csv"))?);
        writeln!(orders, "customer,day,net")?;
        for (customer, theirs) in self.customers().enumerate() {
            for order in theirs {
                writeln!(orders, "{customer},{},{}", order.day, order.net)?;
            }
        }
        orders.flush()
    }
}
