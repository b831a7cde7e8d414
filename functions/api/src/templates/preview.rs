//! A template, tried on a customer before anybody gets it.

use axum::{Json, extract::State};
use content::{Filled, sms::Parts};
use domain::{Customer, CustomerId, Permission, Tenant, Timestamp};
use flows::{
    FlowError,
    filling::{Links, Recipient, sample},
    identify::Caller,
    wording::Wording,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{id_of, missing, told::TemplateTold};
use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::{Input, Named},
    who::Acting,
};

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PreviewAsked {
    /// Whom it is filled for: a customer's id. Somebody made up, unless told.
    customer: Option<String>,
}

/// What somebody would get.
#[derive(Serialize, ToSchema)]
pub(crate) struct Preview {
    /// `true`: they are made up, since no customer was told.
    is_sample: bool,
    subject: Option<String>,
    html: Option<String>,
    text: Option<String>,
    /// Of an SMS: into how many messages it is cut, each of which is paid for.
    parts: Option<usize>,
    /// Why they would get nothing, where that is so: the template leaves them out, or becomes too long.
    skipped: Option<String>,
    /// What whoever sends it should know.
    warnings: Vec<String>,
}

/// Try words
///
/// As they would be filled for a customer; nothing is kept and nobody gets anything. Links lead nowhere.
#[utoipa::path(post, operation_id = "preview_template", path = "/api/v1/templates/preview", tag = "Templates", request_body = TemplateTold,
    responses((status = 200, body = Preview), (status = 404, description = "no such customer", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<TemplateTold>,
) -> Result<Json<Preview>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (ready, customer) = told.tried()?;
    Ok(Json(shown(&caller, &ready, customer.as_deref(), deps.now()).await?))
}

/// Try a template
///
/// As above, of a template that is kept.
#[utoipa::path(post, operation_id = "preview_kept_template", path = "/api/v1/templates/{template}/preview", tag = "Templates",
    request_body = PreviewAsked, params(("template" = String, Path, description = "the template's id")),
    responses((status = 200, body = Preview), (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn preview_kept(
    State(deps): State<App>,
    Acting(caller): Acting,
    Named(id): Named<String>,
    Input(asked): Input<PreviewAsked>,
) -> Result<Json<Preview>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (_, words) = caller.store.template(id_of(&id)?).await?.ok_or_else(missing)?;
    Ok(Json(shown(&caller, &Wording::of(&words)?, asked.customer.as_deref(), deps.now()).await?))
}

async fn shown(
    caller: &Caller,
    ready: &Wording,
    named: Option<&str>,
    now: Timestamp,
) -> Result<Preview, Problem> {
    let nobody = || FlowError::NotFound("customer");
    let customer = match named {
        None => sample(now)?,
        Some(id) => {
            let id: CustomerId = id.parse().map_err(|_| nobody())?;
            let held =
                caller.store.customer(id).await?.filter(|held| held.is_audience()).ok_or_else(nobody)?;
            held.into_inner()
        }
    };
    Ok(tried_on(ready, &customer, &caller.tenant, named.is_none()))
}

/// What they would get. Links lead nowhere.
pub(crate) fn tried_on(ready: &Wording, customer: &Customer, tenant: &Tenant, is_sample: bool) -> Preview {
    let nowhere = || "#".to_owned();
    let links = Links { unsubscribe: nowhere(), preferences: nowhere(), view: nowhere() };
    let recipient = Recipient::new(customer, tenant, links);
    let mut preview = Preview {
        is_sample,
        subject: None,
        html: None,
        text: None,
        parts: None,
        skipped: None,
        warnings: Vec::new(),
    };
    match (ready.filled(&recipient), ready) {
        (Err(why), _) => preview.skipped = Some(why.to_string()),
        (Ok(filled), Wording::Email(_)) => {
            preview.warnings = filled.warnings();
            let Filled { subject, html, text } = filled;
            (preview.subject, preview.html, preview.text) = (Some(subject), Some(html), Some(text));
        }
        (Ok(Filled { text, .. }), Wording::Sms(_)) => {
            let parts = Parts::of(&text);
            preview.warnings = parts.warning().into_iter().collect();
            (preview.parts, preview.text) = (Some(parts.parts), Some(text));
        }
    }
    preview
}
