//! Dates that are kept of each customer: the last order, the first, when they joined, left a cart, were born.

use crate::{
    number::{Ask, Number},
    reader::Reader,
    tree::Node,
    when::{When, offset, reversed},
};

const ORDER_DAYS: [(&str, &str); 33] = [
    ("last order", "last_order_date"),
    ("last order date", "last_order_date"),
    ("last ordered", "last_order_date"),
    ("last bought", "last_order_date"),
    ("last bought something", "last_order_date"),
    ("last purchased", "last_order_date"),
    ("last purchase", "last_order_date"),
    ("last purchase date", "last_order_date"),
    ("last shopped", "last_order_date"),
    ("last visited", "last_order_date"),
    ("last visit", "last_order_date"),
    ("last came", "last_order_date"),
    ("last seen", "last_order_date"),
    ("most recent order", "last_order_date"),
    ("most recent purchase", "last_order_date"),
    ("latest order", "last_order_date"),
    ("latest purchase", "last_order_date"),
    ("first order", "first_order_date"),
    ("first order date", "first_order_date"),
    ("first ordered", "first_order_date"),
    ("first bought", "first_order_date"),
    ("first purchased", "first_order_date"),
    ("first purchase", "first_order_date"),
    ("first shopped", "first_order_date"),
    ("first visited", "first_order_date"),
    ("first visit", "first_order_date"),
    ("placed their first order", "first_order_date"),
    ("made their first purchase", "first_order_date"),
    ("placed their last order", "last_order_date"),
    ("made their last purchase", "last_order_date"),
    ("earliest order", "first_order_date"),
    ("placed the last order", "last_order_date"),
    ("placed the first order", "first_order_date"),
];

const JOINED: [&str; 21] = [
    "signed up",
    "signed up for an account",
    "sign up",
    "joined",
    "joined us",
    "registered",
    "added",
    "created",
    "created an account",
    "made an account",
    "opened an account",
    "became a customer",
    "became customers",
    "enrolled",
    "enrolled with us",
    "signed up with us",
    "joined the shop",
    "joined our store",
    "account created",
    "sign up date",
    "been a customer",
];
const LEFT: [&str; 18] = [
    "abandoned a cart",
    "abandoned their cart",
    "abandoned the cart",
    "abandoned cart",
    "abandoned carts",
    "cart abandoners",
    "abandoned a checkout",
    "abandoned their checkout",
    "abandoned the checkout",
    "abandoned checkout",
    "abandoned checkouts",
    "checkout abandoners",
    "left a cart",
    "left a checkout",
    "left the checkout",
    "left something in the cart",
    "an abandoned cart",
    "an abandoned checkout",
];
const EXPECTED: [&str; 14] = [
    "expected to order",
    "expected to order again",
    "expected to buy",
    "expected to buy again",
    "due to order",
    "due to reorder",
    "likely to order",
    "likely to order again",
    "likely to buy",
    "likely to buy again",
    "predicted to order",
    "expected next order",
    "next order expected",
    "next order",
];
const IS: [&str; 18] = [
    "is",
    "was",
    "are",
    "were",
    "on",
    "placed",
    "made",
    "happened",
    "date is",
    "date was",
    "was placed",
    "was made",
    "date",
    "from us",
    "with us",
    "dates",
    "dated",
    "has been",
];

impl Reader<'_> {
    /// "last ordered more than 90 days ago", "first order in March", "90 days since last order".
    pub(crate) fn order_day(&mut self) -> Option<Node> {
        if let Some(node) = self.attempt(Self::days_since) {
            return Some(node);
        }
        let field = self.first(&ORDER_DAYS)?;
        let when = self.attempt(Self::when);
        let (when, is_not) = match when {
            Some(when) => (when, false),
            None => self.attempt(|it| {
                it.any(&IS);
                let is_not = it.take(&["not"]);
                it.any(&IS);
                Some((it.when().or_else(|| it.attempt(Self::older))?, is_not))
            })?,
        };
        let today = self.today();
        self.last = crate::last::Last::Nothing;
        let node = self.says(&when.of(field, today))?;
        Some(if is_not { node.not() } else { node })
    }

    /// "older than 60 days"
    fn older(&mut self) -> Option<When> {
        self.phrase("older than").then_some(())?;
        let (number, unit) = self.span()?;
        Some(When::Is("<", offset(number, unit, '-')?))
    }

    fn days_since(&mut self) -> Option<Node> {
        let since = [
            "since last order",
            "since their last order",
            "since the last order",
            "since last purchase",
            "since their last purchase",
        ];
        let (quantity, unit) = if self.any(&[
            "days since last order",
            "days since their last order",
            "days since last purchase",
        ]) {
            self.any(&["is", "are", "of"]);
            (self.quantity()?, (1, 'd'))
        } else {
            let spans = self.spans()?;
            self.any(&since).then_some(())?;
            spans
        };
        let ago = |number: &Number| offset(*number, unit, '-');
        let text = match quantity.counted() {
            Ask::Is(sign, number) => format!("last_order_date {} {}", reversed(sign), ago(&number)?),
            Ask::Between(from, to) => format!("last_order_date BETWEEN {} AND {}", ago(&to)?, ago(&from)?),
        };
        self.says(&text)
    }

    pub(crate) fn other_day(&mut self) -> Option<Node> {
        self.attempt(Self::joined_day)
            .or_else(|| self.attempt(Self::left_day))
            .or_else(|| self.attempt(Self::birthday))
            .or_else(|| self.attempt(Self::expected_day))
    }

    pub(crate) fn joined_day(&mut self) -> Option<Node> {
        const FIELD: &str = "customer_added_date";
        let today = self.today();
        let noun = ["customers", "customer", "members", "member", "people", "users"];
        self.take(&["a"]);
        let is_new = self.take(&["new"]);
        let has_noun = self.take(&noun);
        let is_joined = self.any(&JOINED);
        // "customers for more than two years"
        let span = self.attempt(|it| {
            (has_noun || is_joined).then_some(())?;
            it.take(&["for"]).then_some(())?;
            it.spans()
        });
        if let Some((quantity, unit)) = span {
            let text = match quantity.counted() {
                Ask::Is(sign, number) => {
                    format!("{FIELD} {} {}", reversed(sign), offset(number, unit, '-')?)
                }
                Ask::Between(from, to) => {
                    format!("{FIELD} BETWEEN {} AND {}", offset(to, unit, '-')?, offset(from, unit, '-')?)
                }
            };
            return self.says(&text);
        }
        let is_since = has_noun && self.word(0) == "since";
        (is_new || is_joined || is_since).then_some(())?;
        let when = self.when()?;
        if is_new && !is_joined {
            self.assume("“new” with a date is taken for having been added to the shop then".to_owned());
        }
        self.says(&when.of(FIELD, today))
    }

    fn left_day(&mut self) -> Option<Node> {
        self.any(&LEFT).then_some(())?;
        let today = self.today();
        match self.when() {
            Some(when) => self.says(&when.of("abandoned_checkout_date", today)),
            None => self.says("abandoned_checkout_date IS NOT NULL"),
        }
    }

    fn birthday(&mut self) -> Option<Node> {
        self.any(&["have a", "a", "their"]);
        if self.any(&["birthday", "birthdays", "birth day", "celebrating", "bday"]) {
            self.any(&[
                "is",
                "are",
                "falls",
                "fall",
                "comes up",
                "coming up",
                "is coming up",
                "was",
                "their birthday",
                "on file",
            ]);
            if let Some(when) = self.when() {
                return self.says(&when.exactly_of("anniversary(birthday)"));
            }
            return if self.word_before() == "file" { self.says("birthday IS NOT NULL") } else { None };
        }
        self.any(&["born", "date of birth", "birth date"]).then_some(())?;
        let from = self.at();
        let when = self.when()?;
        // A year says which birth, a month or a day alone says which birthday.
        let has_year = self
            .words(from, self.at())
            .any(|token| token.word.len() >= 4 && token.word.as_bytes()[0].is_ascii_digit());
        let name = if has_year { "birthday" } else { "anniversary(birthday)" };
        self.says(&when.exactly_of(name))
    }

    fn expected_day(&mut self) -> Option<Node> {
        self.any(&EXPECTED).then_some(())?;
        self.any(&["is", "is expected", "is due", "expected"]);
        let when = self.when()?;
        // "within 14 days" lies ahead here.
        let when = match when {
            When::Is(">=", moment) if moment.starts_with('-') => {
                When::Between("today".to_owned(), moment.replacen('-', "+", 1))
            }
            when => when,
        };
        self.says(&when.exactly_of("expected_date_of_next_order"))
    }
}
