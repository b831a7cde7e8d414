//! Which of our own mails and texts somebody wants in a team: each says so for themselves.

use axum::{Json, extract::State};
use domain::{Maker, Permission, Telephone, Timestamp};
use flows::{
    Denial, FlowError,
    identify::{Actor, Caller},
};
use serde::{Deserialize, Serialize};
use store::{MailsWanted, TextsWanted};
use utoipa::ToSchema;

use crate::{
    App,
    error::{Problem, ProblemDocument},
    input::Input,
    telephone::{TelephoneView, own},
    who::Acting,
};

#[derive(Serialize, ToSchema)]
pub(crate) struct NotificationsView {
    /// That a campaign is over, or has failed, of those that they launched.
    campaigns: bool,
    /// That a sync of the shop has failed, the first of some in a row; owners alone are told.
    syncs: bool,
    /// Of which of these they get texts, too: of none unless they say so.
    texts: TextsView,
    /// Where they get them.
    telephone: Option<TelephoneView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TextsView {
    campaigns: bool,
    syncs: bool,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NotificationsTold {
    campaigns: Option<bool>,
    syncs: Option<bool>,
    texts: Option<TextsTold>,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextsTold {
    campaigns: Option<bool>,
    syncs: Option<bool>,
}

/// Which mails and texts you get
#[utoipa::path(get, operation_id = "show_notifications", path = "/api/v1/members/me/notifications", tag = "Team",
    responses((status = 200, body = NotificationsView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<NotificationsView>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let by = person(&caller)?;
    let wanted = caller.store.mails_wanted(by.user).await?;
    Ok(Json(view(wanted, own(&caller, by, deps.now()).await?.as_deref(), deps.now())))
}

/// Choose which mails and texts you get
///
/// In this team. What is left out stays as it is. Texts come to a telephone that you have proven (`PUT /api/v1/members/me/telephone`).
#[utoipa::path(patch, operation_id = "change_notifications", path = "/api/v1/members/me/notifications", tag = "Team",
    request_body = NotificationsTold, responses((status = 200, body = NotificationsView),
    (status = 409, description = "`telephone_needed`: none is proven", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<NotificationsTold>,
) -> Result<Json<NotificationsView>, Problem> {
    caller.must(Permission::ReadTeam)?;
    let by = person(&caller)?;
    let before = caller.store.mails_wanted(by.user).await?;
    let texts = told.texts.unwrap_or_default();
    let after = MailsWanted {
        campaigns: told.campaigns.unwrap_or(before.campaigns),
        syncs: told.syncs.unwrap_or(before.syncs),
        texts: TextsWanted {
            campaigns: texts.campaigns.unwrap_or(before.texts.campaigns),
            syncs: texts.syncs.unwrap_or(before.texts.syncs),
        },
    };
    let telephone = own(&caller, by, deps.now()).await?;
    let asks = texts.campaigns == Some(true) || texts.syncs == Some(true);
    if asks && telephone.as_ref().is_none_or(|telephone| telephone.proven_at.is_none()) {
        return Err(Problem::conflict(
            "telephone_needed",
            "no telephone of yours is proven: tell one at PUT /api/v1/members/me/telephone, and the code that is texted to it at POST \
             /api/v1/members/me/telephone/prove",
        ));
    }
    caller.store.commit(vec![caller.store.mails_wanted_put(by.user, after)]).await?;
    Ok(Json(view(after, telephone.as_deref(), deps.now())))
}

fn view(wanted: MailsWanted, telephone: Option<&Telephone>, now: Timestamp) -> NotificationsView {
    let MailsWanted { campaigns, syncs, texts } = wanted;
    let texts = TextsView { campaigns: texts.campaigns, syncs: texts.syncs };
    let telephone = telephone.map(|telephone| TelephoneView::of(telephone, now));
    NotificationsView { campaigns, syncs, texts, telephone }
}

/// A program gets no mail.
pub(crate) fn person(caller: &Caller) -> Result<Maker, FlowError> {
    match &caller.actor {
        Actor::Person { .. } => Ok(caller.maker()),
        Actor::Program { .. } => Err(FlowError::Denied(Denial::Forbidden {
            code: "people_only",
            sentence: "a program gets no mail: sign in to choose yours",
        })),
    }
}
