//! Templates that are kept.

use axum::{Json, extract::State, http::StatusCode, response::Response};
use domain::{Permission, Template, TemplateId, template::TEMPLATES_MAX};
use flows::wording::Wording;

use super::{
    id_of, missing,
    told::TemplateTold,
    view::{TemplateHead, TemplateView},
};
use crate::{
    App,
    cursor::{List, PageOf, Within},
    error::{Problem, ProblemDocument},
    input::{Asked, Input, Named},
    once::{Answer, Once},
    who::Acting,
};

/// Templates
///
/// The oldest first, without their words.
#[utoipa::path(get, operation_id = "list_templates", path = "/api/v1/templates", tag = "Templates", params(PageOf),
    responses((status = 200, body = List<TemplateHead>)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn list(
    State(deps): State<App>,
    Acting(caller): Acting,
    Asked(page): Asked<PageOf>,
) -> Result<Json<List<TemplateHead>>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let secrets = deps.open_secrets().await?;
    let all = caller.store.templates().await?;
    let within = Within { secrets: &secrets, list: format!("{}/templates", caller.store.id()) };
    let page = page.of(all, |template| template.id.to_string(), &within)?;
    Ok(Json(page.map(|template| Ok::<_, Problem>(TemplateHead::of(&template)))?))
}

/// Make a template
///
/// All that is wrong with it is told at once, with its place: a name that nothing is known by, what is not closed, a link that is none.
#[utoipa::path(post, operation_id = "create_template", path = "/api/v1/templates", tag = "Templates", request_body = TemplateTold,
    responses((status = 201, body = TemplateView), (status = 409, description = "there are too many", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn create(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Input(told): Input<TemplateTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (name, words, ready) = told.understood()?;
    if caller.store.templates().await?.len() >= TEMPLATES_MAX {
        let detail = format!("there are {TEMPLATES_MAX} templates: delete some first");
        return Err(Problem::conflict("too_many_templates", detail));
    }
    let now = deps.now();
    let template = Template {
        id: TemplateId::new(now, deps.roll()),
        name,
        channel: words.channel(),
        edition: 1,
        created_at: now,
        created_by: caller.maker().user,
        updated_at: now,
        updated_by: caller.maker().user,
    };
    let steps = vec![caller.store.template_made(&template, &words)];
    let answer = Answer::new(StatusCode::CREATED, &TemplateView::of(&template, words, &ready)?);
    let answer = answer.at(format!("/api/v1/templates/{}", template.id));
    once.commit_or_changed(steps, answer).await
}

/// A template
#[utoipa::path(get, operation_id = "show_template", path = "/api/v1/templates/{template}", tag = "Templates",
    params(("template" = String, Path, description = "the template's id")),
    responses((status = 200, body = TemplateView), (status = 404, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    Acting(caller): Acting,
    Named(id): Named<String>,
) -> Result<Json<TemplateView>, Problem> {
    caller.must(Permission::ReadCustomers)?;
    let (template, words) = caller.store.template(id_of(&id)?).await?.ok_or_else(missing)?;
    let ready = Wording::of(&words)?;
    Ok(Json(TemplateView::of(&template, words, &ready)?))
}

/// Replace a template
///
/// With all of its words: what is left out is cleared.
#[utoipa::path(put, operation_id = "replace_template", path = "/api/v1/templates/{template}", tag = "Templates", request_body = TemplateTold,
    params(("template" = String, Path, description = "the template's id")),
    responses((status = 200, body = TemplateView), (status = 404, body = ProblemDocument),
    (status = 409, description = "it is not at the version that was told", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn replace(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<TemplateTold>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let (id, version) = (id_of(&id)?, told.version);
    let (name, words, ready) = told.understood()?;
    let found = || async {
        let (held, _) = caller.store.template(id).await?.ok_or_else(missing)?;
        if version.is_some_and(|version| version != held.edition) {
            let detail = format!("it is at version {} by now: look at it again", held.edition);
            return Err(Problem::conflict("changed_meanwhile", detail));
        }
        let template = held.changed(name.clone(), words.channel(), caller.maker().user, deps.now());
        let steps = vec![caller.store.template_changed(&held, &template, &words)];
        let answer = Answer::new(StatusCode::OK, &TemplateView::of(&template, words.clone(), &ready)?);
        Ok((steps, answer))
    };
    once.commit_anew(found).await
}

/// Delete a template
#[utoipa::path(delete, operation_id = "delete_template", path = "/api/v1/templates/{template}", tag = "Templates",
    params(("template" = String, Path, description = "the template's id")),
    responses((status = 204), (status = 404, body = ProblemDocument)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn delete(
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCustomers)?;
    let id = id_of(&id)?;
    let found = || async {
        let (held, _) = caller.store.template(id).await?.ok_or_else(missing)?;
        Ok((vec![caller.store.template_ended(&held)], Answer::empty(StatusCode::NO_CONTENT)))
    };
    once.commit_anew(found).await
}
