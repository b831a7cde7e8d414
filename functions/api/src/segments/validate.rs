//! Whether a rule is one, and whether it can be asked: all that is wrong, at once.

use asking::Asking;
use axum::{extract::State, http::StatusCode, response::Response};
use domain::Permission;
use rules::Shop;
use serde::Serialize;
use utoipa::ToSchema;

use super::told::{RuleFault, RuleTold, RuleView};
use crate::{
    App,
    error::Problem,
    input::Input,
    once::{Answer, Once},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct Validation {
    /// It can be asked as it stands.
    valid: bool,
    errors: Vec<RuleFault>,
    /// There if it is a rule, whether or not it can be asked.
    #[serde(flatten)]
    read: Option<RuleView>,
}

/// Whether a rule is one
///
/// Tells everything that is wrong at once, with its place, what was expected and the nearest known word. What is not kept
/// here is told by name, as `unsupported`. Nothing is saved.
#[utoipa::path(post, operation_id = "validate_segment", path = "/api/v1/segments/validate", tag = "Segments",
    request_body = RuleTold, responses((status = 200, body = Validation)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn validate(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<RuleTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let tenant = &caller.tenant;
    let shop = Shop::new(tenant.currency);
    let validation = match told.read(&shop) {
        Err(problems) => {
            let errors = problems.into_iter().map(RuleFault::from).collect();
            Validation { valid: false, errors, read: None }
        }
        Ok(read) => {
            let asking = Asking::reading(&caller, deps.now(), &read.rule, &shop).await?;
            let unsupported = asking.unsupported(&read.rule);
            Validation {
                valid: unsupported.is_empty(),
                errors: unsupported.into_iter().map(RuleFault::from).collect(),
                read: Some(RuleView::of(&read, &shop)),
            }
        }
    };
    once.answer(Answer::new(StatusCode::OK, &validation)).await
}
