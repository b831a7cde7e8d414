//! Klaviyo's segments: groups of which all hold, of conditions of which one does.
//!
//! A condition on nothing is false there, whether it is negative or not: so its negatives come with `IS NOT NULL`. The
//! ids of its metrics mean nothing outside of the account: whoever asks puts the metric's name in their place.

use serde_json::Value as Json;

use super::{
    Importer, Logic, Object,
    condition::{leaf, negated},
    joined, told,
};
use crate::{
    json::join,
    leaf::{Comparison, Like},
    problem::Wrong,
    told::{Asks, Clause, Condition, Leaf, Literal, Node, Test, Told},
};

const UTC: &str = "Klaviyo reckons in UTC, and where its days begin was never published; here days are the shop's own. Members near the edge may differ.";

/// The name of a metric, what it is here, and with which parameters.
type Metric = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const METRICS: [Metric; 11] = [
    ("placed order", "orders_placed", &[]),
    ("ordered product", "products_purchased", &[]),
    ("viewed product", "storefront.product_viewed", &[]),
    ("viewed collection", "storefront.collection_viewed", &[]),
    ("received email", "campaign_events", &[("type", "DELIVERED"), ("channel", "EMAIL")]),
    ("opened email", "campaign_events", &[("type", "OPENED"), ("channel", "EMAIL")]),
    ("clicked email", "campaign_events", &[("type", "CLICKED"), ("channel", "EMAIL")]),
    ("bounced email", "campaign_events", &[("type", "BOUNCED"), ("channel", "EMAIL")]),
    ("marked email as spam", "campaign_events", &[("type", "MARKED_AS_SPAM"), ("channel", "EMAIL")]),
    ("received sms", "campaign_events", &[("type", "DELIVERED"), ("channel", "SMS")]),
    ("clicked sms", "campaign_events", &[("type", "CLICKED"), ("channel", "SMS")]),
];

const PROPERTIES: [(&str, &str); 9] = [
    ("email", "email"),
    ("phone_number", "phone"),
    ("first_name", "first_name"),
    ("last_name", "last_name"),
    ("created", "customer_added_date"),
    ("historic_clv", "historic_clv"),
    ("predicted_clv", "predicted_clv"),
    ("total_clv", "total_clv"),
    ("churn_probability", "churn_probability"),
];

impl Importer<'_> {
    pub(super) fn klaviyo(&mut self, object: &Object) -> Told<Node> {
        self.only("", object, &["condition_groups"]);
        let mut groups = Vec::new();
        for (place, group) in self.array("", object, "condition_groups").iter().enumerate() {
            let at = format!("/condition_groups/{place}");
            let Json::Object(group) = group else {
                groups.push(self.unread(&at, Wrong::Unexpected("this group".to_owned()), &["{conditions}"]));
                continue;
            };
            self.only(&at, group, &["conditions"]);
            let inner = join(&at, "conditions");
            let parts = self.array(&at, group, "conditions").iter().enumerate();
            let parts: Vec<_> = parts
                .map(|(place, part)| self.klaviyo_condition(&join(&inner, &place.to_string()), part))
                .collect();
            groups.push(joined(&at, Logic::Or, parts));
        }
        joined("", Logic::And, groups)
    }

    fn klaviyo_condition(&mut self, at: &str, json: &Json) -> Told<Node> {
        let empty = Object::new();
        let object = json.as_object().unwrap_or(&empty);
        match text_of(object, "type") {
            "profile-property" => {
                self.only(at, object, &["type", "property", "filter"]);
                self.property(at, text_of(object, "property"), object)
            }
            "profile-predictive-analytics" => {
                self.only(at, object, &["type", "dimension", "filter"]);
                self.property(at, text_of(object, "dimension"), object)
            }
            "profile-metric" => self.metric(at, object),
            "profile-group-membership" => self.membership(at, object),
            kind => {
                let wrong = Wrong::NotBrought(format!("`{kind}`"), "there is nothing like it here");
                self.unread(at, wrong, &[])
            }
        }
    }

    fn property(&mut self, at: &str, told_name: &str, object: &Object) -> Told<Node> {
        let own = told_name.strip_prefix("properties['").and_then(|name| name.strip_suffix("']"));
        let known =
            PROPERTIES.iter().find(|(theirs, _)| *theirs == told_name).map(|(_, ours)| (*ours).to_owned());
        let Some(name) =
            own.map(|own| format!("attributes.{}", own.to_lowercase().replace(' ', "_"))).or(known)
        else {
            let wrong = Wrong::Unknown(told_name.to_owned(), "property that has its like here");
            return self.unread(&join(at, "property"), wrong, &[]);
        };
        let at = join(at, "filter");
        let Some((is_not, test)) = self.filter(&at, object.get("filter")) else {
            return told(&at, Node::Unread);
        };
        let is_null = matches!(test, Test::Null);
        let asked = leaf(&at, &name, is_not, test);
        if !is_not || is_null {
            return asked;
        }
        // Nothing is never unlike something there.
        told(&at, Node::All(vec![asked, leaf(&at, &name, true, Test::Null)]))
    }

    /// By the whole word: a minute is no month.
    fn unit_of(&mut self, at: &str, filter: &Object) -> Option<char> {
        let Some(unit) = filter.get("unit") else { return Some('d') };
        let word = unit.as_str().unwrap_or_default();
        let found = match word.strip_suffix('s').unwrap_or(word) {
            "hour" => 'h',
            "day" => 'd',
            "week" => 'w',
            "month" => 'm',
            "year" => 'y',
            _ => {
                let units = ["hour", "day", "week", "month", "year"];
                self.wrong(&join(at, "unit"), Wrong::Unexpected("this unit".to_owned()), &units);
                return None;
            }
        };
        Some(found)
    }

    fn filter(&mut self, at: &str, json: Option<&Json>) -> Option<(bool, Test)> {
        let empty = Object::new();
        let filter = json.and_then(Json::as_object).unwrap_or(&empty);
        self.only(at, filter, &["type", "operator", "value", "quantity", "unit", "start", "end", "date"]);
        let operator = text_of(filter, "operator");
        let (is_not, operator) = match operator.strip_prefix("not-") {
            Some(rest) => (true, rest),
            None => (false, operator),
        };
        let value = || -> Option<Told<Literal>> {
            let (name, value) =
                ["value", "date"].iter().find_map(|name| Some((*name, filter.get(*name)?)))?;
            let literal = match value {
                Json::String(text) => Literal::Text(text.clone()),
                Json::Number(number) => Literal::Number(number.to_string()),
                Json::Bool(yes) => Literal::Yes(*yes),
                _ => return None,
            };
            Some(told(&join(at, name), literal))
        };
        let unit = self.unit_of(at, filter)?;
        let offset = |name: &str, sign: char| {
            let quantity = filter.get(name)?.as_u64()?;
            Some(told(&join(at, name), Literal::Date(format!("{sign}{quantity}{unit}"))))
        };
        if text_of(filter, "type") == "date" {
            self.note(at, UTC);
        }
        let today = told(at, Literal::Date("today".to_owned()));
        let test = match operator {
            "equals" | "is" => value().map(|value| Test::Is(Comparison::Equal, value)),
            "contains" => value().map(|value| Test::Like(Like::Contains, value)),
            "starts-with" => value().map(|value| Test::Like(Like::StartsWith, value)),
            "ends-with" => value().map(|value| Test::Like(Like::EndsWith, value)),
            "greater-than" | "after" => value().map(|value| Test::Is(Comparison::More, value)),
            "greater-than-or-equal" => value().map(|value| Test::Is(Comparison::AtLeast, value)),
            "less-than" | "before" => value().map(|value| Test::Is(Comparison::Less, value)),
            "less-than-or-equal" => value().map(|value| Test::Is(Comparison::AtMost, value)),
            "in-the-last" => offset("quantity", '-').map(|since| Test::Is(Comparison::AtLeast, since)),
            "in-the-next" => offset("quantity", '+').map(|until| Test::Between(today, until)),
            "at-least" => offset("quantity", '-').map(|until| Test::Is(Comparison::AtMost, until)),
            "between" => {
                offset("end", '-').zip(offset("start", '-')).map(|(from, to)| Test::Between(from, to))
            }
            // The opposite of what is unknown.
            "is-set" | "set" => return Some((!is_not, Test::Null)),
            _ => None,
        };
        if test.is_none() {
            self.wrong(at, Wrong::NotBrought(format!("`{operator}`"), "this filter has no like here"), &[]);
        }
        Some((is_not, test?))
    }

    fn metric(&mut self, at: &str, object: &Object) -> Told<Node> {
        let known =
            ["type", "metric_id", "measurement", "measurement_filter", "timeframe_filter", "metric_filters"];
        self.only(at, object, &known);
        let name = text_of(object, "metric_id").to_lowercase();
        let Some((_, ours, given)) = METRICS.iter().find(|(theirs, ..)| *theirs == name) else {
            let wrong = Wrong::Unknown(
                text_of(object, "metric_id").to_owned(),
                "metric's name that has its like here",
            );
            return self.unread(&join(at, "metric_id"), wrong, &METRICS.map(|(theirs, ..)| theirs));
        };
        if object
            .get("metric_filters")
            .is_some_and(|filters| !filters.is_null() && *filters != Json::Array(vec![]))
        {
            let wrong =
                Wrong::NotBrought("`metric_filters`".to_owned(), "what they name differs from shop to shop");
            return self.unread(&join(at, "metric_filters"), wrong, &[]);
        }
        let clause = |param: &str, is_not, test| Clause {
            param: told(at, param.to_owned()),
            condition: told(at, Condition { is_not, test }),
        };
        let mut clauses = Vec::new();
        for (param, word) in *given {
            let word = told(at, Literal::Text((*word).to_owned()));
            clauses.push(clause(param, false, Test::Is(Comparison::Equal, word)));
        }
        let inner = join(at, "timeframe_filter");
        let timeframe = object.get("timeframe_filter").filter(|filter| !filter.is_null());
        if timeframe.is_some_and(|filter| filter.get("operator") != Some(&Json::from("alltime"))) {
            let Some((is_not, test)) = self.filter(&inner, timeframe) else { return told(at, Node::Unread) };
            clauses.push(clause("date", is_not, test));
        }
        let measured = match text_of(object, "measurement") {
            "count" => "count",
            "sum" => "sum_amount",
            other => {
                let wrong = Wrong::NotBrought(format!("`{other}`"), "only counts and sums are measured here");
                return self.unread(&join(at, "measurement"), wrong, &["count", "sum"]);
            }
        };
        let inner = join(at, "measurement_filter");
        let Some((is_not, test)) = self.filter(&inner, object.get("measurement_filter")) else {
            return told(at, Node::Unread);
        };
        clauses.push(clause(measured, is_not, test));
        let asks = Asks::Matches { is_not: false, clauses };
        told(at, Node::Leaf(Box::new(Leaf { name: told(at, (*ours).to_owned()), of: None, asks })))
    }

    fn membership(&mut self, at: &str, object: &Object) -> Told<Node> {
        self.only(at, object, &["type", "is_member", "group_ids"]);
        self.note(at, "Its lists and segments must be brought over under the same ids.");
        let is_member = object.get("is_member").and_then(Json::as_bool);
        let mut parts = Vec::new();
        for (place, id) in self.array(at, object, "group_ids").iter().enumerate() {
            let at = format!("{at}/group_ids/{place}");
            let id = told(&at, Literal::Text(id.as_str().unwrap_or_default().to_owned()));
            let condition = told(&at, Condition { is_not: false, test: Test::Is(Comparison::Equal, id) });
            let clauses = vec![Clause { param: told(&at, "id".to_owned()), condition }];
            let asks = Asks::Matches { is_not: false, clauses };
            parts.push(told(
                &at,
                Node::Leaf(Box::new(Leaf { name: told(&at, "list".to_owned()), of: None, asks })),
            ));
        }
        let Some(is_member) = is_member else {
            return self.unread(at, Wrong::Missing("`is_member`".to_owned()), &["true", "false"]);
        };
        negated(at, !is_member, Node::Any(parts))
    }
}

fn text_of<'j>(object: &'j Object, name: &str) -> &'j str {
    object.get(name).and_then(Json::as_str).unwrap_or_default()
}
