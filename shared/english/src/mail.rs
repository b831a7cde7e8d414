//! What became of messages, and what was looked at: "opened at least 3 emails in the last month", "viewed Green Tea".

use crate::{
    last::Last,
    number::{Ask, Quantity},
    reader::{Reader, quoted},
    tree::Node,
};

const BECAME: [(&str, &str); 16] = [
    ("opened", "OPENED"),
    ("open", "OPENED"),
    ("read", "OPENED"),
    ("clicked", "CLICKED"),
    ("click", "CLICKED"),
    ("clicked on", "CLICKED"),
    ("clicked in", "CLICKED"),
    ("clicked through", "CLICKED"),
    ("received", "DELIVERED"),
    ("sent", "SENT"),
    ("got", "DELIVERED"),
    ("bounced", "BOUNCED"),
    ("marked as spam", "MARKED_AS_SPAM"),
    ("marked us as spam", "MARKED_AS_SPAM"),
    ("reported as spam", "MARKED_AS_SPAM"),
    ("unsubscribed from", "UNSUBSCRIBED"),
];
/// Each with its channel, if it says which.
const MESSAGES: [(&str, &str); 24] = [
    ("email", "EMAIL"),
    ("emails", "EMAIL"),
    ("e mail", "EMAIL"),
    ("e mails", "EMAIL"),
    ("newsletter", "EMAIL"),
    ("newsletters", "EMAIL"),
    ("email campaign", "EMAIL"),
    ("email campaigns", "EMAIL"),
    ("links in an email", "EMAIL"),
    ("link in an email", "EMAIL"),
    ("link in our emails", "EMAIL"),
    ("sms", "SMS"),
    ("text", "SMS"),
    ("texts", "SMS"),
    ("text message", "SMS"),
    ("text messages", "SMS"),
    ("sms campaign", "SMS"),
    ("campaign", ""),
    ("campaigns", ""),
    ("message", ""),
    ("messages", ""),
    ("link", ""),
    ("links", ""),
    ("mails", "EMAIL"),
];

impl Reader<'_> {
    pub(crate) fn mail(&mut self) -> Option<Node> {
        let mut types = vec![self.became()?];
        while let Some(another) = self.attempt(|it| {
            it.take(&["or", "/"]).then_some(())?;
            it.became()
        }) {
            types.push(another);
        }
        let mut clauses = vec![match &types[..] {
            [one] => format!("type = {}", quoted(one)),
            several => format!(
                "type IN ({})",
                several.iter().map(|kind| quoted(kind)).collect::<Vec<_>>().join(", ")
            ),
        }];
        self.any(&["an", "a", "any", "any of our", "one of our", "our", "the", "my", "any of the"]);
        self.any(&["of our", "marketing", "of the"]);
        let mut count = self.attempt(|it| {
            let quantity =
                it.quantity().filter(|quantity| !quantity.is_money() && !quantity.is_of_times())?;
            it.any(&["of our", "of the", "marketing", "of my"]);
            it.is_message().then_some(quantity)
        });
        let channel = self.first(&MESSAGES);
        clauses.extend(
            channel
                .filter(|channel| !channel.is_empty())
                .map(|channel| format!("channel = {}", quoted(channel))),
        );
        let mut date = None;
        loop {
            let at = self.at();
            if date.is_none() {
                date = self.when();
            }
            if count.is_none() {
                count = self.times();
            }
            if self.at() == at {
                break;
            }
        }
        // "opened" something else.
        let is_of_messages = types.iter().any(|kind| !matches!(*kind, "DELIVERED" | "SENT"));
        if channel.is_none() && !(is_of_messages && self.is_boundary()) {
            return None;
        }
        let today = self.today();
        clauses.extend(date.map(|when| when.of("date", today)));
        if let Some(quantity) = &count {
            self.told_plain(quantity);
            clauses.push(quantity.counted().of("count"));
        }
        self.last = Last::Nothing;
        self.says(&format!("campaign_events MATCHES ({})", clauses.join(", ")))
    }

    fn is_message(&mut self) -> bool {
        let at = self.at();
        let is_here = self.first(&MESSAGES).is_some();
        self.go(at);
        is_here
    }

    fn became(&mut self) -> Option<&'static str> {
        self.first(&BECAME)
    }

    /// "at least 3 times", "twice".
    pub(crate) fn times(&mut self) -> Option<Quantity> {
        self.attempt(|it| {
            let mut quantity = it.quantity()?;
            (quantity.is_of_times() || it.take(&["times", "time", "x"])).then_some(())?;
            it.after(&mut quantity);
            Some(quantity)
        })
    }

    /// "viewed Green Tea", "looked at a product in the last week".
    pub(crate) fn viewed(&mut self) -> Option<Node> {
        self.any(&["viewed", "looked at", "browsed", "view", "look at"]).then_some(())?;
        let is_collection =
            self.any(&["a collection", "any collection", "collections", "the collection", "collection"]);
        let is_any =
            is_collection || self.any(&["a product", "any product", "products", "anything", "something"]);
        let products = if is_any { Vec::new() } else { self.products()? };
        let mut clauses = match &products[..] {
            [] => vec![],
            [one] => vec![format!("id = {one}")],
            several => vec![format!("id IN ({})", several.join(", "))],
        };
        let today = self.today();
        let date = self.when();
        let count = self.times();
        let date = date.or_else(|| self.when());
        clauses.extend(date.map(|when| when.of("date", today)));
        if let Some(quantity) = &count {
            self.told_plain(quantity);
            clauses.push(quantity.counted().of("count"));
        }
        if clauses.is_empty() {
            clauses.push(Ask::Is(">=", crate::number::Number::whole(1)).of("count"));
        }
        let event = if is_collection { "collection" } else { "product" };
        self.last = Last::Nothing;
        self.says(&format!("storefront.{event}_viewed MATCHES ({})", clauses.join(", ")))
    }
}
