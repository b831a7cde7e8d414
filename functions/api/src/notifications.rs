//! Which of our own mails somebody wants in a team: each says so for themselves.

use axum::Json;
use domain::{Permission, UserId};
use flows::{
    Denial, FlowError,
    identify::{Actor, Caller},
};
use serde::{Deserialize, Serialize};
use store::MailsWanted;
use utoipa::ToSchema;

use crate::{error::Problem, input::Input, who::Acting};

#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationsView {
    /// That a campaign is over, or has failed, of those that they launched.
    campaigns: bool,
    /// That a sync of the shop has failed, the first of some in a row; owners alone are told.
    syncs: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationsTold {
    campaigns: Option<bool>,
    syncs: Option<bool>,
}

/// Which mails you get
#[utoipa::path(get, operation_id = "show_notifications", path = "/api/v1/members/me/notifications", tag = "Team",
    responses((status = 200, body = NotificationsView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(Acting(caller): Acting) -> Result<Json<NotificationsView>, Problem> {
    caller.must(Permission::ReadTeam)?;
    Ok(Json(caller.store.mails_wanted(person(&caller)?).await?.into()))
}

/// Choose which mails you get
///
/// In this team. What is left out stays as it is.
#[utoipa::path(patch, operation_id = "change_notifications", path = "/api/v1/members/me/notifications", tag = "Team",
    request_body = NotificationsTold, responses((status = 200, body = NotificationsView)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    Acting(caller): Acting,
    Input(told): Input<NotificationsTold>,
) -> Result<Json<NotificationsView>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let user = person(&caller)?;
    let before = caller.store.mails_wanted(user).await?;
    let campaigns = told.campaigns.unwrap_or(before.campaigns);
    let after = MailsWanted { campaigns, syncs: told.syncs.unwrap_or(before.syncs) };
    caller.store.commit(vec![caller.store.mails_wanted_put(user, after)]).await?;
    Ok(Json(after.into()))
}

impl From<MailsWanted> for NotificationsView {
    fn from(MailsWanted { campaigns, syncs }: MailsWanted) -> Self {
        Self { campaigns, syncs }
    }
}

/// A program gets no mail.
fn person(caller: &Caller) -> Result<UserId, FlowError> {
    match &caller.actor {
        Actor::Person { user, .. } => Ok(user.id),
        Actor::Program { .. } => Err(FlowError::Denied(Denial::Forbidden {
            code: "people_only",
            sentence: "a program gets no mail: sign in to choose yours",
        })),
    }
}
