//! Segments to begin with, with the thresholds that a shop chooses.

use std::collections::BTreeMap;

use asking::Asking;
use axum::{Json, extract::State};
use domain::Permission;
use flows::{Fault, FlowError};
use rules::{BadThreshold, Shop, Template};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::told::RuleFault;
use crate::{App, cursor::List, error::Problem, input::Asked, who::Acting};

#[derive(Serialize, ToSchema)]
pub(crate) struct TemplateView {
    id: &'static str,
    name: &'static str,
    /// Who that is.
    description: &'static str,
    /// The rule as text, with `{days}` where a threshold stands.
    pattern: &'static str,
    thresholds: Vec<ThresholdView>,
    /// The rule with the thresholds as they were asked for.
    #[schema(value_type = Object)]
    rule: Value,
    text: String,
    /// The same for people.
    in_words: String,
    /// Whether it can be asked who is meant, now.
    can_be_counted: bool,
    /// What nothing is kept of that would answer it.
    reasons: Vec<RuleFault>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ThresholdView {
    name: &'static str,
    /// What it is, for people.
    sentence: &'static str,
    /// It counts one by one.
    is_whole: bool,
    default: &'static str,
    /// As it was asked for, or the default.
    value: String,
}

/// Segments to begin with
///
/// All that there are. A threshold is chosen by its template's id and its own name: `?lapsed.days=60&vip.amount=250`.
#[utoipa::path(get, operation_id = "list_segment_templates", path = "/api/v1/segments/templates", tag = "Segments",
    params(("thresholds" = Option<BTreeMap<String, String>>, Query, style = Form, explode,
        description = "thresholds, each by its template's id and its own name: `lapsed.days`")),
    responses((status = 200, body = List<TemplateView>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(asked): Asked<BTreeMap<String, String>>,
) -> Result<Json<List<TemplateView>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let shop = Shop::new(caller.tenant.currency);
    let now = deps.now();
    let mut views = Vec::new();
    let mut faults = strangers(&asked);
    for template in Template::ALL {
        let told = thresholds(template, &asked);
        match template.rule(&told, &shop) {
            Ok(rule) => {
                let asking = Asking::reading(&caller, now, &rule, &shop).await?;
                let reasons: Vec<_> = asking.unsupported(&rule).into_iter().map(RuleFault::from).collect();
                let threshold = |known: &rules::Threshold| ThresholdView {
                    name: known.name,
                    sentence: known.sentence,
                    is_whole: known.is_whole,
                    default: known.default,
                    value: told.get(known.name).map_or(known.default, String::as_str).to_owned(),
                };
                views.push(TemplateView {
                    id: template.id,
                    name: template.name,
                    description: template.description,
                    pattern: template.pattern,
                    thresholds: template.thresholds.iter().map(threshold).collect(),
                    rule: rule.to_json(),
                    text: rule.to_string(),
                    in_words: rule.in_words(&shop),
                    can_be_counted: reasons.is_empty(),
                    reasons,
                });
            }
            Err(wrong) => {
                let at = |name: &str| format!("?{}.{name}", template.id);
                faults.extend(wrong.into_iter().map(|(name, why)| fault(at(&name), &why)));
            }
        }
    }
    if !faults.is_empty() {
        return Err(FlowError::Invalid(faults).into());
    }
    let total = views.len() as u64;
    Ok(Json(List::new(views, total, None)))
}

/// What was asked of this one.
fn thresholds(template: &Template, asked: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let of = |(name, value): (&String, &String)| {
        let (id, threshold) = name.split_once('.')?;
        (id == template.id).then(|| (threshold.to_owned(), value.clone()))
    };
    asked.iter().filter_map(of).collect()
}

/// What was asked of templates that there are not.
fn strangers(asked: &BTreeMap<String, String>) -> Vec<Fault> {
    let is_known = |name: &str| {
        let id = name.split_once('.').map(|(id, _)| id);
        Template::ALL.iter().any(|template| Some(template.id) == id)
    };
    let unknown = asked.keys().filter(|name| !is_known(name));
    unknown.map(|name| fault(format!("?{name}"), &BadThreshold::Unknown)).collect()
}

fn fault(at: String, why: &BadThreshold) -> Fault {
    let code = match why {
        BadThreshold::Unknown => "unknown_member",
        BadThreshold::Number => "bad_number",
        BadThreshold::Refused(_) => "refused",
    };
    Fault { at, code, sentence: why.to_string() }
}
