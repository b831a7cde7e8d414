//! What was worked out of a shop's customers: one item, which is due work too, and a list of what was done.

use domain::{
    Timestamp,
    scoring::{Cause, Scoring, ScoringRun},
};
use insight::Nightly;
use jiff::fmt::serde::timestamp::millisecond;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::{
    Held, Step, StoreError, TenantStore, keys,
    record::{Entry, read_as},
    table::{Position, Range, Sort, Within},
};

pub(crate) const DUE_SCORES: &str = "scores";

/// Another number is another form, or another meaning of what is in it: it is worked out anew.
const FORM: u32 = 1;

/// When scores are worked out, and what was found the last time.
#[derive(Debug, Clone, PartialEq)]
pub struct Scores {
    pub scoring: Scoring,
    /// `None`: nothing yet, or nothing that this program understands.
    pub nightly: Option<Arc<Nightly>>,
}

impl TenantStore {
    pub async fn scores(&self) -> Result<Option<Held<Scores>>, StoreError> {
        self.get(keys::scores(self.id())).await?.map(read_as::<ScoresRecord, _>).transpose()
    }

    /// What was found the last time. `None`: nothing yet, or nothing that this program understands.
    pub async fn nightly(&self) -> Result<Option<Arc<Nightly>>, StoreError> {
        Ok(self.scores().await?.and_then(|held| held.nightly.clone()))
    }

    /// In the place of what was held, or where nothing was. `Conflict` if somebody else was faster.
    pub fn scores_changed(&self, held: Option<&Held<Scores>>, scores: &Scores) -> Step {
        let record = ScoresRecord::from(scores);
        let due = keys::due(scores.scoring.due_at, DUE_SCORES, self.id());
        let entry = Entry::new(keys::scores(self.id()), &record).due(Some(due));
        Step(vec![entry.in_place_of(held)])
    }

    /// `Conflict` if it is known already.
    pub fn scoring_ran(&self, run: &ScoringRun) -> Step {
        let key = keys::scoring_run(self.id(), run.wanted_at);
        Step(vec![Entry::new(key, &RunRecord::from(run)).expiring(run.forgotten_at()).create()])
    }

    /// What was done: newest first, at most `limit`, and the one that the next part begins after.
    pub async fn scoring_runs(
        &self,
        limit: u32,
        after: Option<Timestamp>,
    ) -> Result<(Vec<ScoringRun>, Option<Timestamp>), StoreError> {
        let position = |at| Position { key: keys::scoring_run(self.id(), at), index: None };
        let range = Range {
            within: Within::Partition(keys::tenant_partition(self.id())),
            sort: Sort::Prefix(keys::SCORING_RUNS.to_owned()),
            backward: true,
            limit,
            after: after.map(position),
            consistent: true,
        };
        let page = self.table().query(&range).await?;
        let read = |item| Ok(read_as::<RunRecord, ScoringRun>(item)?.into_inner());
        let runs: Vec<ScoringRun> = page.items.into_iter().map(read).collect::<Result<_, StoreError>>()?;
        let next = page.next.and(runs.last()).map(|run| run.wanted_at);
        Ok((runs, next))
    }
}

#[derive(Serialize, Deserialize)]
struct ScoresRecord {
    #[serde(with = "millisecond::required")]
    wanted_at: Timestamp,
    cause: Cause,
    #[serde(with = "millisecond::required")]
    due_at: Timestamp,
    edition: u64,
    #[serde(default, with = "millisecond::optional", skip_serializing_if = "Option::is_none")]
    made_at: Option<Timestamp>,
    form: u32,
    /// To the last bit, which numbers of the table are not.
    #[serde(default, with = "serde_bytes", skip_serializing_if = "Option::is_none")]
    nightly: Option<Vec<u8>>,
}

impl From<&Scores> for ScoresRecord {
    fn from(Scores { scoring, nightly }: &Scores) -> Self {
        let Scoring { wanted_at, cause, due_at, edition, made_at } = scoring.clone();
        let nightly = nightly.as_deref().and_then(|nightly| postcard::to_stdvec(nightly).ok());
        Self { wanted_at, cause, due_at, edition, made_at, form: FORM, nightly }
    }
}

impl From<ScoresRecord> for Scores {
    fn from(record: ScoresRecord) -> Self {
        let ScoresRecord { wanted_at, cause, due_at, edition, made_at, form, nightly } = record;
        let nightly = nightly.filter(|_| form == FORM).and_then(|bytes| postcard::from_bytes(&bytes).ok());
        let scoring = Scoring { wanted_at, cause, due_at, edition, made_at };
        Self { scoring, nightly: nightly.map(Arc::new) }
    }
}

#[derive(Serialize, Deserialize)]
struct RunRecord {
    #[serde(with = "millisecond::required")]
    wanted_at: Timestamp,
    cause: Cause,
    #[serde(with = "millisecond::required")]
    ended_at: Timestamp,
    edition: u64,
    customers: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    silence: Option<(String, String)>,
}

impl From<&ScoringRun> for RunRecord {
    fn from(run: &ScoringRun) -> Self {
        let ScoringRun { wanted_at, cause, ended_at, edition, customers, silence } = run.clone();
        Self { wanted_at, cause, ended_at, edition, customers, silence }
    }
}

impl From<RunRecord> for ScoringRun {
    fn from(record: RunRecord) -> Self {
        let RunRecord { wanted_at, cause, ended_at, edition, customers, silence } = record;
        Self { wanted_at, cause, ended_at, edition, customers, silence }
    }
}
