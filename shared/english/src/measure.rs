//! Numbers that are kept of each customer: "spent over ₹5,000", "average order value between 40 and 60".

use crate::{number::Quantity, orders::Tail, reader::Reader, tree::Node};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Measure {
    Spend,
    Orders,
    /// A field of the language.
    Field(&'static str),
    /// From 0 to 1, said in hundredths or so.
    Share(&'static str),
}

use Measure::{Field, Orders, Share, Spend};

const NAMES: [(&str, Measure); 47] = [
    ("spent", Spend),
    ("spend", Spend),
    ("spends", Spend),
    ("spending", Spend),
    ("paid", Spend),
    ("total spend", Spend),
    ("total spent", Spend),
    ("total spending", Spend),
    ("amount spent", Spend),
    ("lifetime spend", Spend),
    ("lifetime spending", Spend),
    ("overall spend", Spend),
    ("revenue", Spend),
    ("number of orders", Orders),
    ("number of purchases", Orders),
    ("order count", Orders),
    ("orders count", Orders),
    ("purchase count", Orders),
    ("total orders", Orders),
    ("total purchases", Orders),
    ("visit count", Orders),
    ("number of visits", Orders),
    ("average order value", Field("average_order_value")),
    ("average order", Field("average_order_value")),
    ("avg order value", Field("average_order_value")),
    ("average basket", Field("average_order_value")),
    ("average basket value", Field("average_order_value")),
    ("average spend", Field("average_order_value")),
    ("aov", Field("average_order_value")),
    ("average days between orders", Field("average_days_between_orders")),
    ("days between orders", Field("average_days_between_orders")),
    ("lifetime value", Field("total_clv")),
    ("customer lifetime value", Field("total_clv")),
    ("ltv", Field("total_clv")),
    ("clv", Field("total_clv")),
    ("predicted value", Field("predicted_clv")),
    ("predicted lifetime value", Field("predicted_clv")),
    ("predicted clv", Field("predicted_clv")),
    ("predicted orders", Field("predicted_number_of_orders")),
    ("predicted number of orders", Field("predicted_number_of_orders")),
    ("churn probability", Share("churn_probability")),
    ("churn risk", Share("churn_probability")),
    ("risk of churn", Share("churn_probability")),
    ("chance of churning", Share("churn_probability")),
    ("recency score", Field("rfm_r")),
    ("frequency score", Field("rfm_f")),
    ("monetary score", Field("rfm_m")),
];

/// Says nothing more than the whole does.
const ALL: [&str; 11] = [
    "in total",
    "total",
    "overall",
    "altogether",
    "all time",
    "of all time",
    "in all",
    "so far",
    "to date",
    "with us",
    "in their lifetime",
];
const EACH: [&str; 7] =
    ["per order", "an order", "on average", "each order", "per purchase", "each time", "for each order"];

impl Reader<'_> {
    pub(crate) fn measure(&mut self) -> Option<Node> {
        let behind = self.attempt(|it| {
            let measure = it.first(&NAMES)?;
            if measure == Spend && it.any(&["anything", "any money", "money", "something"]) {
                return it.says("amount_spent > 0");
            }
            it.any(&["is", "are", "was", "were", "of", "has been", "have been", "is a", "stands at", "by"]);
            it.measured(measure)
        });
        behind.or_else(|| {
            self.attempt(|it| {
                // "more than 500 spent"
                let quantity = it.quantity()?;
                it.any(&["in", "of", "worth of", "as"]);
                let measure = it.first(&NAMES)?;
                it.asked(measure, &quantity)
            })
        })
    }

    /// What is asked of it.
    pub(crate) fn measured(&mut self, measure: Measure) -> Option<Node> {
        let mut tail = Tail::default();
        if measure == Spend {
            self.any(&ALL);
            tail.when = self.when();
        }
        let quantity = self.quantity()?;
        // What has a noun of its own is about that.
        let is_of_another = quantity.is_of_times()
            || matches!(self.word(0), "times" | "time" | "tags" | "days" | "day" | "items" | "products");
        let is_of_orders = matches!(self.word(0), "orders" | "order" | "purchases" | "purchase" | "visits")
            && measure != Orders;
        if is_of_another || is_of_orders || (measure == Orders && quantity.is_money()) {
            return None;
        }
        self.take(&["orders", "purchases", "visits"]);
        if measure == Spend { self.spent(&quantity, tail) } else { self.asked(measure, &quantity) }
    }

    fn asked(&mut self, measure: Measure, quantity: &Quantity) -> Option<Node> {
        let text = match measure {
            Spend => return self.spent(quantity, Tail::default()),
            Orders => {
                self.told_plain(quantity);
                quantity.counted().of("number_of_orders")
            }
            Field(name) => {
                self.told_plain(quantity);
                quantity.counted().of(name)
            }
            Share(name) => {
                let is_share = !quantity.is_percent();
                let quantity = if is_share { quantity.clone() } else { quantity.clone().hundredth() };
                quantity.counted().of(name)
            }
        };
        self.last = crate::last::Last::Measure(measure);
        self.says(&text)
    }

    fn spent(&mut self, quantity: &Quantity, mut tail: Tail) -> Option<Node> {
        self.told_plain(quantity);
        let ask = quantity.counted();
        loop {
            if self.any(&EACH) {
                self.last = crate::last::Last::Measure(Field("average_order_value"));
                return self.says(&ask.of("average_order_value"));
            }
            if self.any(&ALL) {
                continue;
            }
            if tail.when.is_none() {
                tail.when = self.when();
                if tail.when.is_some() {
                    continue;
                }
            }
            let products = self.attempt(|it| {
                it.take(&["on"]).then_some(())?;
                it.products()
            });
            let Some(products) = products.filter(|_| tail.products.is_empty()) else { break };
            tail.products = products;
        }
        self.last = crate::last::Last::Measure(Spend);
        if tail.when.is_none() && tail.products.is_empty() {
            return self.says(&ask.of("amount_spent"));
        }
        tail.sum = Some(ask);
        self.ordered(&tail)
    }

    /// "3 orders" are at least three.
    pub(crate) fn told_plain(&mut self, quantity: &Quantity) {
        if quantity.is_plain
            && let crate::number::Ask::Is(_, number) = &quantity.ask
            && number.to_string() != "0"
        {
            self.assume(format!("{number} without “exactly” or “more than” is taken for at least {number}"));
        }
    }
}
