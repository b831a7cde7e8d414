//! What customers ordered: how often, when, for how much, and which products.

use crate::{
    last::Last,
    measure::Measure,
    number::{Ask, Quantity},
    reader::{Reader, quoted},
    tree::Node,
    when::When,
};

/// What is asked of orders, or of products that were bought.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tail {
    pub(crate) count: Option<Ask>,
    /// Of each order.
    pub(crate) amount: Option<Ask>,
    /// Of all of them.
    pub(crate) sum: Option<Ask>,
    pub(crate) units: Option<Ask>,
    pub(crate) when: Option<When>,
    /// Ids, as the language has them; any of them.
    pub(crate) products: Vec<String>,
    pub(crate) tag: Option<String>,
}

const NOUNS: [&str; 9] = [
    "orders",
    "order",
    "purchases",
    "purchase",
    "visits",
    "visit",
    "transactions",
    "transaction",
    "checkouts",
];
const VERBS: [&str; 18] = [
    "ordered",
    "order",
    "ordering",
    "bought",
    "buy",
    "buys",
    "buying",
    "purchased",
    "purchase",
    "purchasing",
    "shopped",
    "shop",
    "shops",
    "visited",
    "visit",
    "came",
    "come",
    "transacted",
];
const BUYING: [&str; 9] =
    ["ordered", "order", "bought", "buy", "buys", "buying", "purchased", "purchase", "purchasing"];
const VISITS: [&str; 6] = ["visited", "visit", "visits", "came", "come", "visiting"];
/// Says nothing more.
const AND_SO_ON: [&str; 22] = [
    "from us",
    "with us",
    "at us",
    "from our store",
    "at our store",
    "from our shop",
    "at our shop",
    "the store",
    "our store",
    "the shop",
    "our shop",
    "us",
    "back",
    "in total",
    "overall",
    "so far",
    "to date",
    "ever",
    "at all",
    "before today",
    "yet",
    "any",
];
const ANYTHING: [&str; 9] = [
    "anything",
    "something",
    "any product",
    "any products",
    "a product",
    "products",
    "any item",
    "any items",
    "an item",
];
const WORTH: [&str; 14] = [
    "worth",
    "of",
    "for",
    "totalling",
    "totaling",
    "valued at",
    "with a value of",
    "with a total of",
    "with a total",
    "with a value",
    "that cost",
    "costing",
    "at",
    "that were",
];

/// Orders are over 500, and not more than 500: then what each came to is meant.
const AMOUNTS: [&str; 6] = ["over", "above", "under", "below", "exceeding", "exceed"];

/// How orders are spoken of.
struct Head {
    by: By,
    visits: bool,
    counts: Vec<Quantity>,
    /// One of the counts holds, not all.
    is_any: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// "visited"
    Verb,
    /// "bought": what was bought may follow.
    Buying,
    /// "an order": what it came to may follow.
    One,
    /// "orders": their number may follow.
    Several,
}

impl Head {
    fn is_verb(&self) -> bool {
        matches!(self.by, By::Verb | By::Buying)
    }

    fn buys(&self) -> bool {
        self.by == By::Buying
    }

    fn is_one(&self) -> bool {
        self.by == By::One
    }
}

impl Reader<'_> {
    pub(crate) fn orders(&mut self) -> Option<Node> {
        let head = self.attempt(Self::counted_head).or_else(|| self.attempt(Self::bare_head))?;
        let mut tail = Tail::default();
        let is_bare = !self.tail(&head, &mut tail) && head.counts.is_empty();
        if is_bare && !self.is_boundary() {
            return None;
        }
        if head.visits {
            self.assume("a visit is taken for an order: nothing else is kept of visits".to_owned());
        }
        let mut nodes = Vec::new();
        for quantity in &head.counts {
            self.told_plain(quantity);
            nodes.push(self.ordered(&Tail { count: Some(quantity.counted()), ..tail.clone() })?);
        }
        let is_only_count = tail.when.is_none() && tail.amount.is_none();
        let node = match nodes.len() {
            0 => self.ordered(&tail)?,
            1 => nodes.remove(0),
            _ if head.is_any => Node::Any(nodes),
            _ => Node::All(nodes),
        };
        self.last = if !tail.products.is_empty() || tail.tag.is_some() {
            Last::Products(Box::new(tail))
        } else if is_only_count && !(is_bare || head.counts.is_empty() && tail.count.is_none()) {
            Last::Measure(Measure::Orders)
        } else if head.buys() {
            Last::Products(Box::new(tail))
        } else {
            Last::Orders
        };
        Some(node)
    }

    /// "more than five orders", "more than 5 and less than 10 orders".
    fn counted_head(&mut self) -> Option<Head> {
        self.take(&["placed", "made", "completed", "make", "place", "had"]);
        let mut counts = vec![self.quantity()?];
        let mut is_any = false;
        let second = self.attempt(|it| {
            let is_or = it.take(&["or"]);
            (is_or || it.take(&["and", "but"])).then_some(())?;
            Some((it.quantity()?, is_or))
        });
        if let Some((quantity, is_or)) = second {
            counts.push(quantity);
            is_any = is_or;
        }
        if counts.iter().any(|count| count.is_money() || count.is_percent()) {
            return None;
        }
        self.any(&["total", "separate"]);
        let visits = VISITS.contains(&self.word(0));
        self.take(&NOUNS).then_some(())?;
        if let [count] = &mut counts[..] {
            self.after(count);
        }
        Some(Head { by: By::Several, visits, counts, is_any })
    }

    /// "bought", "placed an order", "orders".
    fn bare_head(&mut self) -> Option<Head> {
        let placed = self.take(&["placed", "made", "completed", "make", "place"]);
        let article = self.take(&["a", "an", "any", "their"]);
        let word = self.word(0).to_owned();
        let is_noun = NOUNS.contains(&word.as_str());
        let is_verb = VERBS.contains(&word.as_str()) && !(placed || article);
        if !(is_noun || is_verb) {
            return None;
        }
        self.skip();
        let mut words = vec![word.clone()];
        // "bought or ordered"
        while let Some(word) = self.attempt(|it| {
            (is_verb && it.take(&["or", "and", "/"])).then_some(())?;
            let word = it.word(0).to_owned();
            it.take(&VERBS).then_some(word)
        }) {
            words.push(word);
        }
        let buys = words.iter().any(|word| BUYING.contains(&word.as_str()));
        let by = match (is_verb, buys, word.ends_with('s')) {
            (true, true, _) => By::Buying,
            (true, false, _) => By::Verb,
            (false, _, true) => By::Several,
            (false, _, false) => By::One,
        };
        let visits = words.iter().any(|word| VISITS.contains(&word.as_str()));
        Some(Head { by, visits, counts: Vec::new(), is_any: false })
    }

    /// Whether something stands behind it that is asked.
    fn tail(&mut self, head: &Head, tail: &mut Tail) -> bool {
        let mut has_any = false;
        loop {
            let at = self.at();
            has_any |= self.number_of(head, tail) || self.worth(head, tail);
            if tail.when.is_none() {
                tail.when = self.when();
                has_any |= tail.when.is_some();
            }
            has_any |= self.what(head, tail);
            if !self.any(&AND_SO_ON) && self.at() == at {
                return has_any;
            }
        }
    }

    fn number_of(&mut self, head: &Head, tail: &mut Tail) -> bool {
        if tail.count.is_some() || !head.counts.is_empty() {
            return false;
        }
        let is_of_amounts = AMOUNTS.contains(&self.word(0));
        let found = self.attempt(|it| {
            let mut quantity = it.quantity()?;
            let is_times = it.take(&["times", "time", "x"]) || quantity.is_of_times();
            let is_noun = head.is_verb() && it.take(&NOUNS);
            // "orders > 3"
            let is_asked = !head.is_verb() && !head.is_one() && !is_of_amounts && !quantity.is_plain;
            if quantity.is_money() || !(is_times || is_noun || is_asked) {
                return None;
            }
            it.after(&mut quantity);
            Some(quantity)
        });
        if let Some(quantity) = &found {
            self.told_plain(quantity);
            tail.count = Some(quantity.counted());
        }
        found.is_some()
    }

    fn worth(&mut self, head: &Head, tail: &mut Tail) -> bool {
        if tail.amount.is_some() {
            return false;
        }
        let is_over = !head.is_verb() && AMOUNTS.contains(&self.word(0));
        let found = self.attempt(|it| {
            let is_said = it.any(&WORTH);
            let quantity = it.quantity()?;
            let is_of_another = quantity.is_of_times()
                || quantity.is_percent()
                || matches!(it.word(0), "times" | "days" | "units" | "items");
            let is_amount =
                quantity.is_money() || is_said || is_over || head.is_one() || !head.counts.is_empty();
            it.any(&["each", "in value"]);
            (is_amount && !is_of_another).then_some(quantity)
        });
        if let Some(quantity) = &found {
            self.told_plain(quantity);
            tail.amount = Some(quantity.counted());
        }
        found.is_some()
    }

    /// Which products, and how many of them.
    fn what(&mut self, head: &Head, tail: &mut Tail) -> bool {
        if !head.buys() && head.counts.is_empty() && !head.is_one() {
            return false;
        }
        if !tail.products.is_empty() || tail.tag.is_some() {
            return false;
        }
        let tagged = self.attempt(|it| {
            it.any(&ANYTHING);
            it.any(&["tagged with", "tagged as", "tagged", "with the tag", "with tag"]).then_some(())?;
            it.tag_name()
        });
        if tagged.is_some() && head.buys() {
            tail.tag = tagged;
            return true;
        }
        if head.buys() && self.any(&ANYTHING) {
            return self.what(head, tail);
        }
        let units = self.attempt(|it| {
            let quantity =
                it.quantity().filter(|quantity| !quantity.is_money() && !quantity.is_of_times())?;
            let is_said =
                it.any(&["items", "units", "pieces", "products", "units of", "pieces of", "packs of"]);
            let products = it.products().unwrap_or_default();
            (is_said || !products.is_empty()).then_some((quantity, products))
        });
        if let Some((quantity, products)) = units.filter(|_| head.buys()) {
            self.told_plain(&quantity);
            tail.units = Some(quantity.counted());
            tail.products = products;
            return true;
        }
        let products = self.attempt(|it| {
            let is_of = it.any(&["of", "with", "including", "for"]);
            let products = it.products()?;
            (head.buys() || is_of).then_some(products)
        });
        tail.products = products.unwrap_or_default();
        !tail.products.is_empty()
    }

    /// The condition that the language has for it.
    pub(crate) fn ordered(&mut self, tail: &Tail) -> Option<Node> {
        let today = self.today();
        let date = tail.when.as_ref().map(|when| when.of("date", today));
        let mut clauses = Vec::new();
        let is_of_products = !tail.products.is_empty() || tail.tag.is_some() || tail.units.is_some();
        match &tail.products[..] {
            [] => {}
            [one] => clauses.push(format!("id = {one}")),
            several => clauses.push(format!("id IN ({})", several.join(", "))),
        }
        clauses.extend(tail.tag.as_deref().map(|tag| format!("tag = {}", quoted(tag))));
        clauses.extend(tail.amount.as_ref().map(|ask| ask.of("amount")));
        clauses.extend(date);
        clauses.extend(tail.count.as_ref().map(|ask| ask.of("count")));
        clauses.extend(tail.sum.as_ref().map(|ask| ask.of("sum_amount")));
        clauses.extend(tail.units.as_ref().map(|ask| ask.of("sum_quantity")));
        let text = match tail {
            _ if is_of_products => format!("products_purchased MATCHES ({})", clauses.join(", ")),
            Tail { count: None, amount: None, sum: None, when: None, .. } => {
                "number_of_orders >= 1".to_owned()
            }
            Tail { count: Some(count), amount: None, sum: None, when: None, .. } => {
                count.of("number_of_orders")
            }
            Tail { count: None, amount: None, sum: None, when: Some(when), .. }
                if when.reaches_today(today) =>
            {
                when.of("last_order_date", today)
            }
            _ => format!("orders_placed MATCHES ({})", clauses.join(", ")),
        };
        self.says(&text)
    }
}
