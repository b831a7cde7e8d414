//! What a report comes to, as JSON, as CSV and as pages.

use std::collections::HashMap;

use domain::{
    Tenant, Timestamp,
    report::{Chart, Dimension, Measure, Question},
};
use flows::FlowError;
use paper::{Column, Paper, Shape};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use tables::write_line;
use utoipa::ToSchema;

use super::{
    fold::{Answer, Counted},
    group::Value,
    view::QuestionView,
};
use crate::analytics::{
    range::Range,
    told::{Figured, RangeView},
};

/// Points beyond this many are no chart.
const POINTS_MAX: usize = 60;
/// Beside a product's id.
const TITLE: &str = "product_title";
const UNKNOWN: &str = "(unknown)";

#[derive(Serialize, ToSchema)]
pub(crate) struct Answered {
    question: QuestionView,
    range: RangeView,
    /// A member for each dimension (`null`: not known) and each measure. Time rises; of all else the most comes first.
    #[schema(value_type = Vec<Object>)]
    items: Vec<Map<String, Json>>,
    /// Of all orders, each once: where a customer is in two groups this is less than their sum.
    #[schema(value_type = Object)]
    totals: Map<String, Json>,
}

/// An answer, and to what.
pub(super) struct Asked<'a> {
    pub(super) tenant: &'a Tenant,
    pub(super) question: &'a Question,
    pub(super) range: Range,
    pub(super) now: Timestamp,
    pub(super) answer: &'a Answer,
    /// What products are called now, by id.
    pub(super) titles: &'a HashMap<String, String>,
}

impl Asked<'_> {
    pub(super) fn json(&self) -> Figured<Answered> {
        let row = |(values, counted): &super::fold::Row| {
            let dimensions = self.question.dimensions.iter().zip(values);
            let named = dimensions.flat_map(|(dimension, value)| {
                let shown = value.shown(*dimension);
                let title = (*dimension == Dimension::Product).then(|| {
                    let title = shown.as_ref().and_then(|id| self.titles.get(id).cloned());
                    (TITLE.to_owned(), title.map_or(Json::Null, Json::String))
                });
                [(dimension.name().to_owned(), shown.map_or(Json::Null, Json::String))]
                    .into_iter()
                    .chain(title)
            });
            named.chain(self.measured(counted)).collect()
        };
        let answered = Answered {
            question: QuestionView::of(self.question),
            range: RangeView::of(self.range),
            items: self.answer.rows.iter().map(row).collect(),
            totals: self.measured(&self.answer.totals).collect(),
        };
        Figured::in_shop(answered, self.tenant, self.now)
    }

    /// Counts are numbers, amounts are texts.
    fn measured<'a>(&'a self, counted: &'a Counted) -> impl Iterator<Item = (String, Json)> + 'a {
        self.question.measures.iter().map(|measure| {
            let shown = counted.shown(*measure, self.tenant.currency);
            let told = match (measure.is_amount(), shown) {
                (_, None) => Json::Null,
                (true, Some(amount)) => Json::String(amount),
                (false, Some(count)) => count.parse::<i64>().map_or(Json::String(count), Json::from),
            };
            (measure.name().to_owned(), told)
        })
    }

    pub(super) fn csv(&self) -> String {
        let mut text = String::new();
        let dimensions = self.question.dimensions.iter().map(|dimension| dimension.name());
        write_line(
            dimensions
                .flat_map(|name| {
                    std::iter::once(name).chain((name == Dimension::Product.name()).then_some(TITLE))
                })
                .chain(self.question.measures.iter().map(|measure| measure.name())),
            &mut text,
        );
        for row in self.cells(|dimension, value| self.in_file(dimension, value)) {
            write_line(row.iter().map(String::as_str), &mut text);
        }
        text
    }

    /// A product by its id, and by what it is called.
    fn in_file(&self, dimension: Dimension, value: &Value) -> Vec<String> {
        let shown = value.shown(dimension).unwrap_or_default();
        let title = self.titles.get(&shown).cloned().unwrap_or_default();
        let is_product = dimension == Dimension::Product;
        std::iter::once(shown).chain(is_product.then_some(title)).collect()
    }

    /// A product by what it is called; one that is gone by its id.
    fn on_paper(&self, dimension: Dimension, value: &Value) -> String {
        let shown = value.shown(dimension).unwrap_or_else(|| UNKNOWN.to_owned());
        let title = self.titles.get(&shown).filter(|_| dimension == Dimension::Product);
        title.cloned().unwrap_or(shown)
    }

    fn cells(&self, of: impl Fn(Dimension, &Value) -> Vec<String>) -> Vec<Vec<String>> {
        let row = |(values, counted): &super::fold::Row| {
            let named = self.question.dimensions.iter().zip(values);
            let named = named.flat_map(|(dimension, value)| of(*dimension, value));
            named.chain(self.counted(counted)).collect()
        };
        self.answer.rows.iter().map(row).collect()
    }

    fn counted<'a>(&'a self, counted: &'a Counted) -> impl Iterator<Item = String> + 'a {
        let currency = self.tenant.currency;
        self.question
            .measures
            .iter()
            .map(move |measure| counted.shown(*measure, currency).unwrap_or_default())
    }

    pub(super) fn pdf(&self, name: &str) -> Result<Vec<u8>, FlowError> {
        let (tenant, question) = (self.tenant, self.question);
        let filter = question.filter.as_ref().map(|rule| format!("Customers: {}", rule.text));
        let made = self.now.to_zoned(tenant.zone.time_zone().clone());
        let notes = [
            Some(format!("{} to {} ({})", self.range.first(), self.range.last(), tenant.zone)),
            filter,
            Some(format!(
                "{} · amounts in {} · as of {}",
                tenant.name.as_str(),
                tenant.currency,
                made.strftime("%Y-%m-%d %H:%M")
            )),
        ];
        let column = |title: String, is_number: bool| Column { title, is_number };
        let dimensions = question.dimensions.iter().map(|dimension| column(title(dimension.name()), false));
        let measures = question.measures.iter().map(|measure| column(title(measure.name()), true));
        let labels = question.dimensions.len();
        let totals = (0..labels).map(|place| if place == 0 { "Total".to_owned() } else { String::new() });
        let paper = Paper {
            title: name.to_owned(),
            notes: notes.into_iter().flatten().collect(),
            columns: dimensions.chain(measures).collect(),
            rows: self.cells(|dimension, value| vec![self.on_paper(dimension, value)]),
            // Without a dimension the only row is the total.
            totals: if labels == 0 {
                Vec::new()
            } else {
                totals.chain(self.counted(&self.answer.totals)).collect()
            },
            chart: self.chart(),
        };
        paper::print(&paper).map_err(FlowError::broken)
    }

    /// The first measure along the dimensions.
    fn chart(&self) -> Option<paper::Chart> {
        let shape = match self.question.chart {
            Chart::None => return None,
            Chart::Bar => Shape::Bars,
            Chart::Line => Shape::Line,
        };
        let measure = self.question.measures.first().copied()?;
        let rows = self.answer.rows.iter().take(POINTS_MAX);
        let named = |values: &[Value]| {
            let of = |(dimension, value): (&Dimension, &Value)| self.on_paper(*dimension, value);
            self.question.dimensions.iter().zip(values).map(of).collect::<Vec<_>>().join(" · ")
        };
        let points: Vec<_> = rows.map(|(values, counted)| (named(values), counted.share(measure))).collect();
        let highest = self.answer.rows.iter().take(POINTS_MAX).map(|(_, counted)| counted);
        let highest = highest.max_by(|one, other| one.share(measure).total_cmp(&other.share(measure)))?;
        let cut = if self.answer.rows.len() > POINTS_MAX { " (the first 60 rows)" } else { "" };
        Some(paper::Chart {
            shape,
            title: format!("{}{cut}", title(Measure::name(measure))),
            points,
            highest: highest.shown(measure, self.tenant.currency).unwrap_or_default(),
        })
    }
}

/// A name as a heading: "Average order value".
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
