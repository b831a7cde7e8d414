//! A bulk operation at work: a window of its list at a time, so that nobody else has to wait for all of it.

use apollo_compiler::response::JsonValue;
use flows::Dice;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    ErrorCode, Operation, Status,
    lines::{lines, node},
};
use crate::shopify::{
    graphql::{self, Ask},
    shop::{Front, State},
};

/// Objects of the list that are read at a time.
const WINDOW: usize = 250;

impl State {
    /// Does some of what is due; `false` if nothing was.
    pub(crate) fn bulk_step(&mut self, front: &Front, dice: &dyn Dice, now: Timestamp) -> bool {
        let Some(operation) = self.bulk.due(now) else { return false };
        operation.status = Status::Running;
        let (id, scopes, asked) = (operation.id, operation.scopes.clone(), operation.asked.clone());
        let left = operation.left.take();
        let (document, is_grouped) = (operation.document.clone(), operation.is_grouped);
        let mut left = left.unwrap_or_else(|| {
            let ask = Ask::new(self, front, dice, now, &scopes);
            let mut left = graphql::matching(&ask, asked.subject, &asked.arguments);
            // The next one is taken from the end.
            left.reverse();
            left
        });
        let window: Vec<_> = (0..WINDOW).map_while(|_| left.pop()).collect();
        let ask = Ask { window: Some(&window), ..Ask::new(self, front, dice, now, &scopes) };
        let read = if window.is_empty() { Ok(None) } else { graphql::windowed(&ask, &document).map(Some) };
        let Some(operation) = self.bulk.operations.iter_mut().find(|operation| operation.id == id) else {
            return true;
        };
        match read {
            Err(why) => {
                let is_denied = why.contains("Access denied") || why.contains("not approved");
                let code = if is_denied { ErrorCode::AccessDenied } else { ErrorCode::InternalServerError };
                operation.end(Status::Failed, Some(code), now);
            }
            Ok(None) => operation.end(Status::Completed, None, now),
            Ok(Some(data)) => {
                let edges = data.get(asked.key.as_str()).and_then(|list| list.get("edges"));
                let edges = edges.and_then(JsonValue::as_array).into_iter().flatten();
                let objects: Vec<_> = edges.filter_map(node).collect();
                operation.roots += objects.len() as u64;
                let lines = lines(objects, is_grouped);
                operation.objects += lines.len() as u64;
                let told: String =
                    lines.iter().map(|line| serde_json::to_string(line).unwrap_or_default() + "\n").collect();
                match operation.lines.add(told.as_bytes()) {
                    Ok(()) => operation.left = Some(left),
                    Err(_) => operation.end(Status::Failed, Some(ErrorCode::InternalServerError), now),
                }
            }
        }
        if !operation.is_under_way() {
            let told = operation.finished(&front.zone);
            self.announce("bulk_operations/finish", &told, front, dice, now);
        }
        true
    }
}

impl State {
    /// As GraphQL has it. `Err`: a sentence.
    pub(crate) fn cancel_bulk(
        &mut self,
        told: &str,
        front: &Front,
        dice: &dyn Dice,
        now: Timestamp,
    ) -> Result<Value, &'static str> {
        let operation = self.bulk.cancel(told, now)?;
        let (in_graphql, in_webhook) = (operation.told(), operation.finished(&front.zone));
        self.announce("bulk_operations/finish", &in_webhook, front, dice, now);
        Ok(in_graphql)
    }
}

impl Operation {
    pub(super) fn end(&mut self, status: Status, error: Option<ErrorCode>, now: Timestamp) {
        (self.status, self.error, self.completed_at, self.left) = (status, error, Some(now), None);
    }
}
