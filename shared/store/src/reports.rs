//! Reports: each an item of its own.

use domain::{
    Name, Report, ReportId, Timestamp, UserId,
    report::{Chart, Days, Dimension, Measure, Question},
    segment::RuleText,
};
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{When, Write},
};

impl TenantStore {
    /// All of them, the oldest first.
    pub async fn reports(&self) -> Result<Vec<Held<Report>>, StoreError> {
        let items = self.all(keys::tenant_partition(self.id()), keys::REPORTS).await?;
        items.into_iter().map(read_as::<ReportRecord, _>).collect()
    }

    pub async fn report(&self, id: ReportId) -> Result<Option<Held<Report>>, StoreError> {
        self.get(keys::report(self.id(), id)).await?.map(read_as::<ReportRecord, _>).transpose()
    }

    pub fn report_made(&self, report: &Report) -> Step {
        Step(vec![Entry::new(keys::report(self.id(), report.id), &ReportRecord::from(report)).create()])
    }

    /// `Conflict` if somebody else has changed it since it was read.
    pub fn report_changed(&self, held: &Held<Report>, report: &Report) -> Step {
        let record = ReportRecord::from(report);
        Step(vec![Entry::new(keys::report(self.id(), held.id), &record).replace(held.version)])
    }

    /// `Conflict` as above.
    pub fn report_ended(&self, held: &Held<Report>) -> Step {
        Step(vec![Write::Delete(keys::report(self.id(), held.id), When::Version(held.version))])
    }
}

#[derive(Serialize, Deserialize)]
struct ReportRecord {
    id: ReportId,
    name: Name,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    measures: Vec<Measure>,
    dimensions: Vec<Dimension>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<RuleText>,
    days: Days,
    chart: Chart,
    edition: u32,
    #[serde(default)]
    links: u32,
    #[serde(with = "millisecond::required")]
    created_at: Timestamp,
    created_by: UserId,
    #[serde(with = "millisecond::required")]
    updated_at: Timestamp,
    updated_by: UserId,
}

impl From<&Report> for ReportRecord {
    fn from(report: &Report) -> Self {
        let Report { id, name, description, question, edition, links, .. } = report.clone();
        let Question { measures, dimensions, filter, days, chart } = question;
        Self {
            id,
            name,
            description,
            measures,
            dimensions,
            filter,
            days,
            chart,
            edition,
            links,
            created_at: report.created_at,
            created_by: report.created_by,
            updated_at: report.updated_at,
            updated_by: report.updated_by,
        }
    }
}

impl From<ReportRecord> for Report {
    fn from(record: ReportRecord) -> Self {
        let ReportRecord { measures, dimensions, filter, days, chart, .. } = record;
        Self {
            id: record.id,
            name: record.name,
            description: record.description,
            question: Question { measures, dimensions, filter, days, chart },
            edition: record.edition,
            links: record.links,
            created_at: record.created_at,
            created_by: record.created_by,
            updated_at: record.updated_at,
            updated_by: record.updated_by,
        }
    }
}
