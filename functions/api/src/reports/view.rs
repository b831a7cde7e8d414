//! A report as callers see it.

use domain::{
    Report, ReportId, Timestamp, UserId,
    report::{Days, Dimension, Measure, Question},
};
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::schedule::MailingView;

#[derive(Serialize, ToSchema)]
pub(crate) struct ReportView {
    #[schema(value_type = String)]
    pub(super) id: ReportId,
    name: String,
    description: Option<String>,
    #[serde(flatten)]
    question: QuestionView,
    /// 1 as it is made, and one more with each change.
    version: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String)]
    created_by: UserId,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    #[schema(value_type = String)]
    updated_by: UserId,
    /// `null`: it is mailed to nobody.
    schedule: Option<MailingView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct QuestionView {
    measures: Vec<&'static str>,
    dimensions: Vec<&'static str>,
    /// As text of the segment language.
    filter: Option<String>,
    /// `null` where days are told.
    timeframe: Option<String>,
    #[schema(value_type = Option<String>, format = Date)]
    since: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    chart: &'static str,
}

impl ReportView {
    pub(super) fn of(report: &Report) -> Self {
        Self {
            id: report.id,
            name: report.name.as_str().to_owned(),
            description: report.description.clone(),
            question: QuestionView::of(&report.question),
            version: report.edition,
            created_at: report.created_at,
            created_by: report.created_by,
            updated_at: report.updated_at,
            updated_by: report.updated_by,
            schedule: None,
        }
    }

    pub(super) fn mailed(self, schedule: Option<MailingView>) -> Self {
        Self { schedule, ..self }
    }
}

impl QuestionView {
    pub(super) fn of(question: &Question) -> Self {
        let (timeframe, since, until) = match question.days {
            Days::Last(days) => (Some(format!("{days}d")), None, None),
            Days::Between(since, until) => (None, Some(since), Some(until)),
        };
        Self {
            measures: question.measures.iter().copied().map(Measure::name).collect(),
            dimensions: question.dimensions.iter().copied().map(Dimension::name).collect(),
            filter: question.filter.as_ref().map(|rule| rule.text.clone()),
            timeframe,
            since,
            until,
            chart: question.chart.name(),
        }
    }
}
