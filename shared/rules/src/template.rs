//! Segments to begin with: what many shops ask, with thresholds that each shop may choose.

use std::collections::BTreeMap;

use crate::{Decimal, Problem, Rule, Shop};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// For programs: `lapsed`.
    pub id: &'static str,
    pub name: &'static str,
    /// Who that is.
    pub description: &'static str,
    /// The rule as text, with `{days}` where a threshold stands.
    pub pattern: &'static str,
    pub thresholds: &'static [Threshold],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    pub name: &'static str,
    /// What it is, for people.
    pub sentence: &'static str,
    /// It counts one by one.
    pub is_whole: bool,
    pub default: &'static str,
}

/// Why a threshold cannot be this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadThreshold {
    #[error("is no threshold of this template")]
    Unknown,
    #[error("is a number from 0 on, and a whole one if it counts one by one")]
    Number,
    /// What the language says of it.
    #[error("cannot be asked: {0}")]
    Refused(String),
}

const fn days(default: &'static str, sentence: &'static str) -> Threshold {
    Threshold { name: "days", sentence, is_whole: true, default }
}

const fn amount(default: &'static str) -> Threshold {
    Threshold {
        name: "amount",
        sentence: "From this amount on, in the shop's currency.",
        is_whole: false,
        default,
    }
}

macro_rules! templates {
    ($($id:literal, $name:literal, $description:literal, $pattern:literal, [$($threshold:expr),*];)*) => {
        const TEMPLATES: &[Template] = &[$(Template {
            id: $id,
            name: $name,
            description: $description,
            pattern: $pattern,
            thresholds: &[$($threshold),*],
        },)*];
    };
}

templates! {
    "vip", "VIPs", "Have spent much in many orders.",
        "amount_spent >= {amount} AND number_of_orders >= {orders}",
        [amount("1000"), Threshold { name: "orders", sentence: "From so many orders on.", is_whole: true, default: "5" }];
    "big_spenders", "Big spenders", "Have spent much, in however many orders.", "amount_spent >= {amount}", [amount("500")];
    "big_baskets", "Big baskets", "Spend much each time.", "average_order_value >= {amount}", [amount("150")];
    "new", "New customers", "Ordered for the first time not long ago.", "first_order_date >= -{days}d",
        [days("30", "How many days ago the first order may be.")];
    "one_time", "One-time buyers", "Ordered once.", "number_of_orders = 1", [];
    "repeat", "Repeat buyers", "Ordered more than once.", "number_of_orders >= {orders}",
        [Threshold { name: "orders", sentence: "From so many orders on.", is_whole: true, default: "2" }];
    "never_ordered", "Never ordered", "Are known to the shop, and have not ordered.", "number_of_orders = 0", [];
    "signed_up", "Signed up, not ordered", "Were added not long ago, and have not ordered.",
        "customer_added_date >= -{days}d AND number_of_orders = 0", [days("30", "How many days ago they may have been added.")];
    "active", "Active", "Ordered lately.", "last_order_date >= -{days}d", [days("90", "How many days ago the last order may be.")];
    "at_risk", "At risk", "Came back once, and have not ordered for some time.",
        "number_of_orders >= 2 AND last_order_date BETWEEN -{until}d AND -{days}d",
        [
            days("90", "How many days ago the last order is at least."),
            Threshold { name: "until", sentence: "How many days ago the last order is at most.", is_whole: true, default: "180" }
        ];
    "lapsed", "Lapsed", "Have not ordered for a long time.", "last_order_date < -{days}d",
        [days("180", "More than so many days ago was the last order.")];
    "abandoned_checkout", "Abandoned checkout", "Left a checkout lately, and have not ordered since then.",
        "abandoned_checkout_date >= -{days}d",
        [days("7", "How many days ago the checkout may have been left.")];
    "birthday", "Birthday soon", "Have their birthday in the next days.", "anniversary(birthday) BETWEEN today AND +{days}d",
        [days("7", "In how many days the birthday may be.")];
    "by_email", "Can be reached by email", "Agreed, have an address, and nothing stands against it.", "can_receive_email = TRUE", [];
    "by_sms", "Can be reached by SMS", "Agreed, have a number, and nothing stands against it.", "can_receive_sms = TRUE", [];
    "unengaged", "Do not open mails", "Agreed to emails, and have opened none lately.",
        "email_subscription_status = 'SUBSCRIBED' AND campaign_events NOT MATCHES (type = 'OPENED', channel = 'EMAIL', date >= -{days}d)",
        [days("90", "In how many days no email was opened.")];
    "likely_gone", "Likely gone", "Are likely not to order again.", "churn_probability >= {share}",
        [Threshold { name: "share", sentence: "How likely that is, from 0 to 1.", is_whole: false, default: "0.6" }];
    "due_again", "Due to order again", "Are expected to order in the next days.", "expected_date_of_next_order BETWEEN today AND +{days}d",
        [days("14", "In how many days the order is expected.")];
    "rfm_champions", "Champions", "Bought lately, buy often and spend much.", "rfm_group = 'CHAMPIONS'", [];
    "rfm_loyal", "Loyal", "Buy often or spend much, and not long ago.", "rfm_group = 'LOYAL'", [];
    "rfm_active", "Active, by RFM", "Bought lately, now and then.", "rfm_group = 'ACTIVE'", [];
    "rfm_new", "New, by RFM", "Bought lately, and little so far.", "rfm_group = 'NEW'", [];
    "rfm_promising", "Promising", "Bought not long ago, and little so far.", "rfm_group = 'PROMISING'", [];
    "rfm_needs_attention", "Needs attention", "Bought now and then, and not for a while.", "rfm_group = 'NEEDS_ATTENTION'", [];
    "rfm_at_risk", "At risk, by RFM", "Bought now and then or often, and not for a long time.", "rfm_group = 'AT_RISK'", [];
    "rfm_previously_loyal", "Previously loyal", "Bought most of all, and not for a long time.", "rfm_group = 'PREVIOUSLY_LOYAL'", [];
    "rfm_almost_lost", "Almost lost", "Bought little, and not for a while.", "rfm_group = 'ALMOST_LOST'", [];
    "rfm_dormant", "Dormant", "Bought little, and not for a long time.", "rfm_group = 'DORMANT'", [];
    "rfm_prospects", "Prospects", "Have not bought yet.", "rfm_group = 'PROSPECTS'", [];
}

impl Template {
    pub const ALL: &[Self] = TEMPLATES;

    /// With these thresholds by name; what is not among them is as it is by default.
    pub fn rule(
        &self,
        told: &BTreeMap<String, String>,
        shop: &Shop,
    ) -> Result<Rule, Vec<(String, BadThreshold)>> {
        let mut wrong = Vec::new();
        for name in told.keys().filter(|name| self.thresholds.iter().all(|known| known.name != **name)) {
            wrong.push((name.clone(), BadThreshold::Unknown));
        }
        let mut text = self.pattern.to_owned();
        for threshold in self.thresholds {
            let value = told.get(threshold.name).map_or(threshold.default, String::as_str);
            match threshold.read(value) {
                Some(number) => text = text.replace(&format!("{{{}}}", threshold.name), &number.to_string()),
                None => wrong.push((threshold.name.to_owned(), BadThreshold::Number)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        Rule::parse(&text, shop).map_err(|problems| {
            let why = problems.first().map(Problem::to_string).unwrap_or_default();
            let name = told.keys().next().cloned().unwrap_or_default();
            vec![(name, BadThreshold::Refused(why))]
        })
    }
}

impl Threshold {
    fn read(&self, told: &str) -> Option<Decimal> {
        let number = Decimal::parse(told).filter(|number| *number >= Decimal::ZERO)?;
        (!self.is_whole || number.digits() == 0).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Known};
    use domain::Currency;

    #[test]
    fn each_is_a_rule_in_every_currency_and_has_a_name_of_its_own() {
        let mut ids: Vec<_> = Template::ALL.iter().map(|template| template.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), Template::ALL.len());
        for currency in ["USD", "JPY", "KWD"] {
            let shop = Shop::new(currency.parse().unwrap());
            for template in Template::ALL {
                let rule = template.rule(&BTreeMap::new(), &shop).unwrap();
                assert!(!rule.leaves().is_empty() && template.description.ends_with('.'), "{}", template.id);
                let named: Vec<_> =
                    template.pattern.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
                let known = |name: &str| template.thresholds.iter().any(|threshold| threshold.name == name);
                assert!(named.iter().all(|name| known(name)), "{}", template.id);
                assert!(
                    template.thresholds.iter().all(|threshold| named.contains(&threshold.name)),
                    "{}",
                    template.id
                );
            }
        }
    }

    #[test]
    fn there_is_one_for_each_group() {
        let Kind::Word(groups) = Known::RfmGroup.kind() else { panic!("it is a word") };
        let pattern = |group: &str| format!("rfm_group = '{group}'");
        for group in groups {
            assert!(Template::ALL.iter().any(|template| template.pattern == pattern(group)), "{group}");
        }
    }

    #[test]
    fn a_threshold_is_a_number_and_nothing_else() {
        let shop = Shop::new(Currency::USD);
        let of = |id: &str, told: &[(&str, &str)]| {
            let template = Template::ALL.iter().find(|template| template.id == id).unwrap();
            let told = told.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            template.rule(&told, &shop).map(|rule| rule.to_string())
        };
        let wrong = |name: &str, why: BadThreshold| Err(vec![(name.to_owned(), why)]);
        assert_eq!(of("lapsed", &[]), Ok("last_order_date < -180d".to_owned()));
        assert_eq!(of("lapsed", &[("days", "60")]), Ok("last_order_date < -60d".to_owned()));
        assert_eq!(of("lapsed", &[("days", "0")]), Ok("last_order_date < today".to_owned()));
        assert_eq!(of("big_spenders", &[("amount", "99.50")]), Ok("amount_spent >= 99.50".to_owned()));
        for value in ["", "-1", "1.5", "60d OR EVERYONE", "1e3"] {
            assert_eq!(of("lapsed", &[("days", value)]), wrong("days", BadThreshold::Number), "{value}");
        }
        assert_eq!(of("lapsed", &[("amount", "5")]), wrong("amount", BadThreshold::Unknown));
        for (id, name, value) in [
            ("big_spenders", "amount", "1.005"),
            ("lapsed", "days", "99999999"),
            ("at_risk", "days", "500"),
            ("likely_gone", "share", "2"),
        ] {
            assert!(
                matches!(&of(id, &[(name, value)]).unwrap_err()[..], [(at, BadThreshold::Refused(_))] if at == name),
                "{id}"
            );
        }
    }
}
