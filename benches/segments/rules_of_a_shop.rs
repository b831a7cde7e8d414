//! Rules as a shop has them, drawn from a seed, and each as what it is in SQL. In SQL nothing is neither true nor false: what
//! is not known fits no comparison, so each leaf is `coalesce(…, false)`.

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use crate::shop::DAY;

#[derive(Clone)]
pub(crate) struct Both {
    pub(crate) text: String,
    /// Of each leaf, for a preview.
    leaves: Vec<String>,
    sql: String,
}

impl Both {
    /// One to four conditions. `start`: the first second of the shop's day. Timely: time alone changes the answer.
    pub(crate) fn drawn(seed: u64, start: i64, is_timely: bool) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed + if is_timely { 10_000 } else { 0 });
        let leaves: Vec<_> = (0..=seed % 4).map(|_| leaf(&mut dice, start, is_timely)).collect();
        Self::joined(leaves, if seed.is_multiple_of(5) { "OR" } else { "AND" })
    }

    pub(crate) fn of_a_preview(start: i64) -> Self {
        let ago = |days: i64| start - days * DAY;
        let leaf = |text: &str, sql: String| (text.to_owned(), format!("coalesce({sql}, false)"));
        let leaves = vec![
            leaf("amount_spent > 100", "spent > 10000".to_owned()),
            leaf("number_of_orders >= 3", "orders >= 3".to_owned()),
            leaf("last_order_date >= -365d", format!("last_order_at >= {}", ago(365))),
            leaf("customer_added_date < -180d", format!("added_at < {}", ago(180))),
            leaf("email_subscription_status = 'SUBSCRIBED'", "email_state = 1".to_owned()),
        ];
        Self::joined(leaves, "AND")
    }

    fn joined(leaves: Vec<(String, String)>, by: &str) -> Self {
        let (texts, leaves): (Vec<_>, Vec<_>) = leaves.into_iter().unzip();
        let by = format!(" {by} ");
        Self { text: texts.join(&by), sql: format!("({})", leaves.join(&by)), leaves }
    }

    pub(crate) fn json(&self) -> String {
        let leaves: Vec<_> = self.leaves.iter().map(|leaf| format!("{leaf:?}")).collect();
        format!(r#"{{"text": {:?}, "sql": {:?}, "leaves": [{}]}}"#, self.text, self.sql, leaves.join(", "))
    }
}

fn leaf(dice: &mut ChaCha8Rng, start: i64, is_timely: bool) -> (String, String) {
    let ago = |days: i64| start - days * DAY;
    let days = dice.random_range(1..700);
    let (text, sql) = match if is_timely { dice.random_range(3..8) } else { dice.random_range(0..8) } {
        0 => {
            let amount = dice.random_range(0..500);
            (format!("amount_spent >= {amount}"), format!("spent >= {amount}00"))
        }
        1 => {
            let number = dice.random_range(0..9);
            (format!("number_of_orders >= {number}"), format!("orders >= {number}"))
        }
        2 => ("email_subscription_status = 'SUBSCRIBED'".to_owned(), "email_state = 1".to_owned()),
        3 => (format!("last_order_date >= -{days}d"), format!("last_order_at >= {}", ago(days))),
        4 => (format!("last_order_date < -{days}d"), format!("last_order_at < {}", ago(days))),
        5 => {
            let sql = format!("coalesce(last_order_at >= {}, false)", ago(days));
            (format!("NOT last_order_date >= -{days}d"), format!("NOT {sql}"))
        }
        6 => {
            let (from, to) = (ago(days + 90), ago(days - 1));
            let text = format!("customer_added_date BETWEEN -{}d AND -{days}d", days + 90);
            (text, format!("added_at >= {from} AND added_at < {to}"))
        }
        _ => {
            let text = format!("orders_placed MATCHES (date >= -{days}d, count >= 2)");
            let bought = format!("SELECT customer FROM orders WHERE placed_at >= {}", ago(days));
            (text, format!("id IN ({bought} GROUP BY customer HAVING count(*) >= 2)"))
        }
    };
    (text, format!("coalesce({sql}, false)"))
}
