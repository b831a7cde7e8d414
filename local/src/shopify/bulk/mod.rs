//! Bulk operations: one list, read whole into a file of a line for each object, done after a while.

mod file;
mod lines;
mod rules;
mod running;

use apollo_compiler::{ExecutableDocument, validation::Valid};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) use file::Lines;
use rules::{Listed, listed};

use super::{
    ids::{Kind, gid, id, of_gid},
    words::utc,
};
use crate::shopify::books::records::loud;

/// So many of an app run in a shop at a time.
const AT_ONCE: usize = 5;
/// Until then nothing of it is to be seen.
const DELAY: SignedDuration = SignedDuration::from_secs(10);
/// How long a file can be read.
const FILE: SignedDuration = SignedDuration::from_hours(24 * 7);

pub(super) struct Bulk {
    operations: Vec<Operation>,
    /// Where files are kept; in memory if nowhere.
    folder: Option<PathBuf>,
    /// Where the shop's files are read.
    base: String,
}

pub(super) struct Operation {
    pub(super) id: u64,
    document: Valid<ExecutableDocument>,
    asked: Listed,
    is_grouped: bool,
    scopes: Vec<String>,
    status: Status,
    error: Option<ErrorCode>,
    created_at: Timestamp,
    completed_at: Option<Timestamp>,
    objects: u64,
    roots: u64,
    /// What is yet to be read: known from when it runs on.
    left: Option<Vec<u64>>,
    pub(super) lines: Lines,
    base: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Created,
    Running,
    Completed,
    Canceled,
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ErrorCode {
    AccessDenied,
    InternalServerError,
}

impl Bulk {
    pub(super) fn new(folder: Option<PathBuf>, base: String) -> Self {
        Self { operations: Vec::new(), folder, base }
    }

    /// `Err`: a code and a sentence.
    pub(super) fn begin(
        &mut self,
        query: &str,
        is_grouped: bool,
        scopes: &[String],
        now: Timestamp,
    ) -> Result<Value, (&'static str, String)> {
        let under_way: Vec<_> = self.operations.iter().filter(|operation| operation.is_under_way()).collect();
        if under_way.len() >= AT_ONCE {
            let first = gid(Kind::BulkOperation, under_way[0].id);
            let sentence =
                format!("A bulk query operation for this app and shop is already in progress: {first}.");
            return Err(("OPERATION_IN_PROGRESS", sentence));
        }
        let (document, asked) = listed(query).map_err(|sentence| ("INVALID", sentence))?;
        let id = id(Kind::BulkOperation, self.operations.len() as u64);
        let lines = Lines::new(self.folder.as_ref().map(|folder| folder.join(format!("{id}.jsonl"))));
        let operation = Operation {
            id,
            document,
            asked,
            is_grouped,
            scopes: scopes.to_vec(),
            status: Status::Created,
            error: None,
            created_at: now,
            completed_at: None,
            objects: 0,
            roots: 0,
            left: None,
            lines,
            base: self.base.clone(),
        };
        let told = operation.told();
        self.operations.push(operation);
        Ok(told)
    }

    pub(super) fn of_gid(&self, told: &str) -> Option<&Operation> {
        let id = of_gid(Kind::BulkOperation, told)?;
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The file of that operation, if it can be read still.
    pub(super) fn file(&self, id: u64, now: Timestamp) -> Option<&Lines> {
        let operation = self.operations.iter().find(|operation| operation.id == id)?;
        let is_fresh = operation.completed_at.is_some_and(|at| now.duration_since(at) < FILE);
        (operation.status == Status::Completed && is_fresh).then_some(&operation.lines)
    }

    fn cancel(&mut self, told: &str, now: Timestamp) -> Result<&Operation, &'static str> {
        let id = of_gid(Kind::BulkOperation, told);
        let operation = self.operations.iter_mut().find(|operation| Some(operation.id) == id);
        let operation = operation.ok_or("Bulk operation does not exist")?;
        if !operation.is_under_way() {
            return Err("A bulk operation cannot be canceled when it is completed");
        }
        operation.end(Status::Canceled, None, now);
        Ok(operation)
    }

    /// One that has waited for its time, and is not done yet.
    fn due(&mut self, now: Timestamp) -> Option<&mut Operation> {
        let is_due = |it: &&mut Operation| it.is_under_way() && now.duration_since(it.created_at) >= DELAY;
        self.operations.iter_mut().find(is_due)
    }
}

impl Operation {
    fn is_under_way(&self) -> bool {
        matches!(self.status, Status::Created | Status::Running)
    }

    /// As GraphQL has it.
    pub(super) fn told(&self) -> Value {
        let is_done = self.status == Status::Completed;
        let url = format!("{}/bulk/{}.jsonl", self.base, self.id);
        json!({
            "id": gid(Kind::BulkOperation, self.id),
            "type": "QUERY",
            "status": loud(self.status),
            "errorCode": self.error.map(loud),
            "createdAt": utc(self.created_at),
            "completedAt": self.completed_at.map(utc),
            "objectCount": self.objects.to_string(),
            "rootObjectCount": self.roots.to_string(),
            "fileSize": is_done.then(|| self.lines.len().to_string()),
            "url": (is_done && self.objects > 0).then_some(url),
            "partialDataUrl": null,
        })
    }

    /// As its webhook has it.
    pub(super) fn finished(&self, zone: &jiff::tz::TimeZone) -> Value {
        json!({
            "admin_graphql_api_id": gid(Kind::BulkOperation, self.id),
            "completed_at": self.completed_at.map(|at| super::words::local(at, zone)),
            "created_at": super::words::local(self.created_at, zone),
            "error_code": self.error.map(super::books::records::quiet),
            "status": super::books::records::quiet(self.status),
            "type": "query",
        })
    }
}
