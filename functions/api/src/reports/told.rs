//! A report as a caller tells it.

use asking::{Asking, shop_of};
use std::fmt::Display;

use domain::{
    Name, fields,
    report::{Chart, DIMENSIONS_MAX, Days, Dimension, Measure, Question},
    segment::RuleText,
};
use flows::{FlowError, identify::Caller, sign::sha256_hex};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::{
    Deps,
    analytics::range::{Range, RangeTold, today},
    customers::filter::told,
    error::Problem,
    input::Faults,
    segments::told::{RuleTold, faults, refused},
};

/// What is told of a report; of a question that is asked once, everything but its name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportTold {
    name: Option<String>,
    /// At most 1,000 characters.
    description: Option<String>,
    /// At least one of `orders`, `customers`, `revenue`, `refunded`, `gross`, `average_order_value`, `units`, each once: of
    /// orders that count.
    #[serde(default)]
    measures: Vec<String>,
    /// At most two of `day`, `week`, `month`, `weekday`, `country`, `city`, `tag`, `visit`, `tier`, `loyalty`, `product`; of
    /// products `orders`, `customers`, `gross` and `units` are counted.
    #[serde(default)]
    dimensions: Vec<String>,
    /// Whose orders: a rule of the segment language, as text or as JSON. Everybody's unless told, walk-ins' included.
    #[schema(value_type = Option<Object>)]
    filter: Option<Value>,
    /// `30d` unless told: so many days until the day on which it is asked.
    timeframe: Option<String>,
    /// Instead: the first day.
    #[serde(alias = "startDate", alias = "start_date")]
    since: Option<String>,
    /// The last day; the day on which this is told unless told.
    #[serde(alias = "endDate", alias = "end_date")]
    until: Option<String>,
    /// How the first measure is drawn: `bar` unless told, `line` or `none`.
    chart: Option<String>,
    /// The `version` that you have seen: if it is another by now, nothing changes.
    version: Option<u32>,
}

/// What was told, understood.
pub(super) struct Told {
    pub(super) name: Option<Name>,
    pub(super) description: Option<String>,
    pub(super) question: Question,
    pub(super) version: Option<u32>,
}

impl ReportTold {
    /// Everything that is wrong, or what it says. A filter that cannot be asked is refused.
    pub(super) async fn understood(self, deps: &Deps, caller: &Caller) -> Result<Told, Problem> {
        let (shop, now) = (shop_of(caller).await?, deps.now());
        let mut it = Faults::default();
        let name = it.maybe("/name", self.name, |name| name.parse());
        let description = it.maybe("/description", self.description, |told| fields::description(&told));
        let measures: Vec<Measure> = words(&mut it, "/measures", &self.measures);
        if measures.is_empty() && it.is_empty() {
            it.add("/measures", "missing_member", "must name at least one");
        }
        let dimensions: Vec<Dimension> = words(&mut it, "/dimensions", &self.dimensions);
        if dimensions.len() > DIMENSIONS_MAX {
            it.add("/dimensions", "too_many", format!("may hold at most {DIMENSIONS_MAX}"));
        }
        if dimensions.contains(&Dimension::Product) {
            for (place, _) in
                measures.iter().enumerate().filter(|(_, measure)| !Measure::is_of_lines(**measure))
            {
                let sentence =
                    "is told of whole orders: of products ask for orders, customers, gross or units";
                it.add(&format!("/measures/{place}"), "not_of_products", sentence);
            }
        }
        let chart = it.maybe("/chart", self.chart, |told| told.parse()).unwrap_or(Chart::Bar);
        let range = RangeTold {
            timeframe: self.timeframe.as_ref(),
            since: self.since.as_ref(),
            until: self.until.as_ref(),
        };
        let is_between = told(self.since.as_ref()).is_some() || told(self.until.as_ref()).is_some();
        let range = in_body(&mut it, range.understood(today(&caller.tenant.zone, now)));
        let days = range.map(|range| {
            if is_between { Days::Between(range.first(), range.last()) } else { Days::Last(range.days()) }
        });
        let read = self.filter.map(|filter| RuleTold::of(filter).read(&shop)).transpose();
        let rule = match read {
            Ok(read) => read.map(|read| read.rule),
            Err(wrong) => {
                for fault in faults(wrong) {
                    it.add(&fault.at.replace("/rule", "/filter"), fault.code, fault.sentence);
                }
                None
            }
        };
        let days = it.none(days)?;
        if let Some(rule) = &rule {
            let asking = Asking::reading(caller, now, rule, &shop).await?;
            let unsupported = asking.unsupported(rule);
            if !unsupported.is_empty() {
                return Err(refused(unsupported));
            }
        }
        let filter = rule.map(|rule| {
            let text = rule.to_string();
            RuleText { hash: sha256_hex(text.as_bytes()), text }
        });
        let question = Question { measures, dimensions, filter, days, chart };
        Ok(Told { name, description, question, version: self.version })
    }
}

impl Told {
    pub(super) fn named(self) -> Result<(Name, Self), Problem> {
        let name =
            self.name.clone().ok_or_else(|| FlowError::invalid("/name", "missing_member", "must be told"))?;
        Ok((name, self))
    }
}

/// Days as a query tells them, told in a body.
pub(super) fn in_body(it: &mut Faults, understood: Result<Range, Problem>) -> Option<Range> {
    understood
        .map_err(|wrong| {
            for fault in wrong.faults {
                it.add(&fault.at.replace('?', "/"), fault.code, fault.sentence);
            }
        })
        .ok()
}

fn words<T: std::str::FromStr<Err: Display> + PartialEq>(
    it: &mut Faults,
    at: &str,
    told: &[String],
) -> Vec<T> {
    let mut all = Vec::new();
    for (place, word) in told.iter().enumerate() {
        let at = format!("{at}/{place}");
        if let Some(word) = it.take(&at, word.parse::<T>()) {
            if all.contains(&word) {
                it.add(&at, "twice", "is told twice");
            } else {
                all.push(word);
            }
        }
    }
    all
}
