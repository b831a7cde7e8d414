//! Words for kinds of customers: RFM groups, VIPs, one-time and repeat buyers, who has lapsed, who may churn.

use crate::{
    last::Last,
    number::Ask,
    reader::{Reader, quoted},
    tree::Node,
    when::{offset, reversed},
};

const GROUPS: [(&str, &str); 24] = [
    ("champions", "CHAMPIONS"),
    ("champion", "CHAMPIONS"),
    ("loyal", "LOYAL"),
    ("loyal ones", "LOYAL"),
    ("loyalists", "LOYAL"),
    ("active", "ACTIVE"),
    ("new", "NEW"),
    ("promising", "PROMISING"),
    ("needs attention", "NEEDS_ATTENTION"),
    ("need attention", "NEEDS_ATTENTION"),
    ("needing attention", "NEEDS_ATTENTION"),
    ("at risk", "AT_RISK"),
    ("previously loyal", "PREVIOUSLY_LOYAL"),
    ("formerly loyal", "PREVIOUSLY_LOYAL"),
    ("once loyal", "PREVIOUSLY_LOYAL"),
    ("used to be loyal", "PREVIOUSLY_LOYAL"),
    ("almost lost", "ALMOST_LOST"),
    ("nearly lost", "ALMOST_LOST"),
    ("dormant", "DORMANT"),
    ("prospects", "PROSPECTS"),
    ("prospect", "PROSPECTS"),
    ("hibernating", "DORMANT"),
    ("about to lapse", "ALMOST_LOST"),
    ("sleeping", "DORMANT"),
];

/// Each as the language says it, and what was taken for it.
const STATES: [(&str, (&str, &str)); 51] = [
    ("vip", ("customer_tags CONTAINS 'vip'", "“VIP” is taken for the tag vip")),
    ("vips", ("customer_tags CONTAINS 'vip'", "“VIP” is taken for the tag vip")),
    ("one time", ("number_of_orders = 1", "")),
    ("one time buyers", ("number_of_orders = 1", "")),
    ("one time shoppers", ("number_of_orders = 1", "")),
    ("single order", ("number_of_orders = 1", "")),
    ("single purchase", ("number_of_orders = 1", "")),
    ("first time", ("number_of_orders = 1", "“first-time” is taken for exactly one order")),
    ("first time buyers", ("number_of_orders = 1", "“first-time” is taken for exactly one order")),
    ("repeat", ("number_of_orders >= 2", "")),
    ("repeat buyers", ("number_of_orders >= 2", "")),
    ("repeat purchasers", ("number_of_orders >= 2", "")),
    ("returning", ("number_of_orders >= 2", "")),
    ("returning buyers", ("number_of_orders >= 2", "")),
    ("buyers", ("number_of_orders >= 1", "")),
    ("purchasers", ("number_of_orders >= 1", "")),
    ("paying", ("number_of_orders >= 1", "")),
    ("non buyers", ("number_of_orders = 0", "")),
    ("big spenders", ("rfm_m = 5", TOP)),
    ("big spender", ("rfm_m = 5", TOP)),
    ("high spenders", ("rfm_m = 5", TOP)),
    ("top spenders", ("rfm_m = 5", TOP)),
    ("biggest spenders", ("rfm_m = 5", TOP)),
    ("highest spenders", ("rfm_m = 5", TOP)),
    ("high value", ("rfm_m = 5", TOP)),
    ("top 20 % of spenders", ("rfm_m = 5", "")),
    ("top 20 percent of spenders", ("rfm_m = 5", "")),
    ("top fifth of spenders", ("rfm_m = 5", "")),
    (
        "low spenders",
        ("rfm_m = 1", "those who spend little are taken for the fifth that spent the least (rfm_m = 1)"),
    ),
    (
        "frequent buyers",
        ("rfm_f = 5", "“frequent” is taken for the fifth that orders most often (rfm_f = 5)"),
    ),
    (
        "frequent shoppers",
        ("rfm_f = 5", "“frequent” is taken for the fifth that orders most often (rfm_f = 5)"),
    ),
    (
        "frequent customers",
        ("rfm_f = 5", "“frequent” is taken for the fifth that orders most often (rfm_f = 5)"),
    ),
    ("lapsed", ("last_order_date < -180d", LAPSED)),
    ("have lapsed", ("last_order_date < -180d", LAPSED)),
    ("lapsed buyers", ("last_order_date < -180d", LAPSED)),
    ("churned", ("last_order_date < -180d", LAPSED)),
    ("lost", ("last_order_date < -180d", LAPSED)),
    ("stopped buying", ("last_order_date < -180d", LAPSED)),
    ("stopped ordering", ("last_order_date < -180d", LAPSED)),
    ("inactive", ("last_order_date < -90d", "“inactive” is taken for a last order more than 90 days ago")),
    ("likely to churn", ("churn_probability >= 0.6", CHURN)),
    ("at risk of churning", ("churn_probability >= 0.6", CHURN)),
    ("at risk of churn", ("churn_probability >= 0.6", CHURN)),
    ("about to churn", ("churn_probability >= 0.6", CHURN)),
    ("high churn risk", ("churn_probability >= 0.6", CHURN)),
    ("churning", ("churn_probability >= 0.6", CHURN)),
    ("high predicted spend", ("predicted_spend_tier = 'HIGH'", "")),
    ("predicted high spenders", ("predicted_spend_tier = 'HIGH'", "")),
    ("medium predicted spend", ("predicted_spend_tier = 'MEDIUM'", "")),
    ("low predicted spend", ("predicted_spend_tier = 'LOW'", "")),
    ("frequent buyer", ("rfm_f = 5", "“frequent” is taken for the fifth that orders most often (rfm_f = 5)")),
];

const TOP: &str = "those who spend much are taken for the fifth that spent the most (rfm_m = 5)";
const LAPSED: &str = "whoever has lapsed is taken for a last order more than 180 days ago";
const CHURN: &str = "“likely to churn” is taken for a churn probability of at least 0.6";

impl Reader<'_> {
    pub(crate) fn state(&mut self) -> Option<Node> {
        if let Some(node) = self.attempt(Self::idle) {
            return Some(node);
        }
        if self.word(0) == "new"
            && let Some(node) = self.attempt(Self::joined_day)
        {
            return Some(node);
        }
        self.any(&["a", "an"]);
        let from = self.at();
        let (text, assumed) = self.first(&STATES)?;
        // "lost a parcel"
        if matches!(self.slice(from, self.at()).to_lowercase().as_str(), "lost" | "paying" | "returning")
            && !(self.is_boundary() || self.is_noun())
        {
            return None;
        }
        if !assumed.is_empty() {
            self.assume(assumed.to_owned());
        }
        self.last = Last::Groups;
        self.says(text)
    }

    /// "inactive for 60 days", "active in the last 30 days", "lapsed for under a year".
    fn idle(&mut self) -> Option<Node> {
        let today = self.today();
        if self.take(&["active"]) {
            self.is_noun().then(|| self.skip());
            let when = self.when()?;
            self.assume("“active” with a date is taken for an order in these days".to_owned());
            return self.says(&when.of("last_order_date", today));
        }
        self.any(&["inactive", "lapsed", "dormant", "gone", "silent"]).then_some(())?;
        self.is_noun().then(|| self.skip());
        self.any(&["for the last", "in the last", "for", "in"]);
        let (quantity, unit) = self.spans()?;
        let ago = |number| offset(number, unit, '-');
        let text = match quantity.ask {
            Ask::Is("=", number) if quantity.is_plain => format!("last_order_date < {}", ago(number)?),
            Ask::Is(sign, number) => {
                if sign.starts_with('<') {
                    self.assume(
                        "“inactive” for less than some days is taken for a last order in these days"
                            .to_owned(),
                    );
                }
                format!("last_order_date {} {}", reversed(sign), ago(number)?)
            }
            Ask::Between(from, to) => format!("last_order_date BETWEEN {} AND {}", ago(to)?, ago(from)?),
        };
        self.says(&text)
    }

    /// "loyal", "champions or at risk", "in the RFM group Promising".
    pub(crate) fn group(&mut self) -> Option<Node> {
        self.any(&["a", "an"]);
        let is_said = self.any(&[
            "in the rfm group",
            "in rfm group",
            "rfm group is",
            "rfm group =",
            "rfm group",
            "rfm segment",
            "rfm",
        ]);
        let mut groups = vec![self.first(&GROUPS)?];
        let mut has_and = false;
        loop {
            let more = self.attempt(|it| {
                let has_comma = it.take(&[","]);
                let is_and = it.take(&["and", "&"]);
                (is_and || it.take(&["or", "/"]) || has_comma).then_some(())?;
                it.any(&["a", "an", "the"]);
                let group = it.first(&GROUPS)?;
                Some((group, is_and))
            });
            let Some((group, is_and)) = more else { break };
            has_and |= is_and;
            groups.push(group);
        }
        if has_and {
            self.assume("nobody is in two RFM groups: “and” between them is taken for “or”".to_owned());
        }
        // "new shoes", "active wear": words before something else.
        let at = self.at();
        let is_before_another = self.first(&GROUPS).is_some() || self.first(&STATES).is_some();
        self.go(at);
        let is_plain = is_said || is_before_another || self.is_boundary() || self.is_noun();
        if !is_plain && !self.any(&["segment", "group", "segments", "groups"]) {
            return None;
        }
        if groups.contains(&"NEW") || groups.contains(&"ACTIVE") {
            self.assume("“new” and “active” without a date are taken for the RFM groups".to_owned());
        }
        groups.dedup();
        self.last = Last::Groups;
        let names: Vec<_> = groups.iter().map(|group| quoted(group)).collect();
        self.says(&match &names[..] {
            [one] => format!("rfm_group = {one}"),
            several => format!("rfm_group IN ({})", several.join(", ")),
        })
    }
}
