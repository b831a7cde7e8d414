//! A campaign begins: as it stands, or in words that are told in that moment.

use axum::{extract::State, http::StatusCode, response::Response};
use domain::{
    Campaign, Permission,
    campaign::{Act, Moved, State as Stage},
    template::Channel,
};
use flows::identify::Caller;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    held, id_of,
    moves::{actor, follow, moved, must_be_possible, not_now},
    view::CampaignHead,
};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Named},
    once::{Answer, Once},
    templates::told::WordsTold,
    who::Acting,
};

/// Nothing has to be told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LaunchTold {
    /// Of a draft: what it says, instead of whatever it says by now. A letter has the campaign's name as its subject, and a way out.
    message: Option<String>,
}

/// Launch a campaign
///
/// Answered at once; who gets it is found from then on, and stays so. Of several who launch it at once one does.
#[utoipa::path(post, operation_id = "launch_campaign", path = "/api/v1/campaigns/{campaign}/launch", tag = "Campaigns",
    request_body = LaunchTold, params(("campaign" = String, Path, description = "the campaign's id")),
    responses((status = 200, body = CampaignHead), (status = 404, body = ProblemDocument),
    (status = 409, description = "not now: it says what can be done; it says nothing yet (`no_words`); or whom it is for is not there any more; or its sender is not \
    verified (`sender_not_verified`, `sender_needed`, `sender_gone`), or nobody takes such messages (`no_provider`)", body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn launch(
    State(deps): State<App>,
    Acting(caller): Acting,
    once: Once,
    Named(id): Named<String>,
    Input(told): Input<LaunchTold>,
) -> Result<Response, Problem> {
    match told.message {
        Some(message) => worded(&deps, &caller, once, &id, &message).await,
        None => moved(&deps, &caller, once, &id, Act::Launch).await,
    }
}

/// Whose words are told later goes nowhere before.
pub(super) fn must_say(held: &Campaign) -> Result<(), Problem> {
    if held.arms() > 0 {
        return Ok(());
    }
    let detail = "it says nothing yet: tell what it says by PUT /api/v1/campaigns/{campaign}, or as `message` as you launch it";
    Err(Problem::conflict("no_words", detail))
}

/// Words and launch are one commit: nobody sees the one without the other.
async fn worded(
    deps: &Deps,
    caller: &Caller,
    once: Once,
    named: &str,
    message: &str,
) -> Result<Response, Problem> {
    caller.must(Permission::ManageCampaigns)?;
    let (id, act) = (id_of(named)?, Act::Launch);
    let found = || async {
        let (held, now) = (held(caller, id).await?, deps.now());
        let mut it = Faults::default();
        if held.state == Stage::Draft && held.rules.trial.is_some() {
            it.add("/message", "not_here", "it tries several words: it is launched with those that it has");
        }
        let told = match held.channel {
            Channel::Email => WordsTold::letter(held.name.as_str(), message),
            Channel::Sms => WordsTold {
                channel: Some(Channel::Sms.name().to_owned()),
                text: Some(message.to_owned()),
                ..WordsTold::default()
            },
        };
        let mut of_words = Faults::default();
        let words = told.understood(&mut of_words);
        it.told_at("/message", of_words);
        let (words, _) = it.none(words)?;
        let after = held.moved(act.clone(), now).map_err(|wrong| not_now(&wrong, &held, &act))?;
        if held.state != Stage::Draft {
            let detail = "it is scheduled with what it says: take it off the schedule first, or launch it without a `message`";
            return Err(Problem::conflict("not_a_draft", detail));
        }
        let (edition, by) = (held.edition + 1, caller.maker().user);
        let after = Campaign { edition, template: None, is_wordless: false, updated_by: by, ..after };
        must_be_possible(deps, caller, &after).await?;
        let moved = Moved::of(act.name(), &after, actor(caller), now);
        let step = caller.store.campaign_changed_and_moved(&held, (&after, &[words]), &moved);
        Ok((vec![step], Answer::new(StatusCode::OK, &CampaignHead::of(&after))))
    };
    let response = once.commit_anew(found).await?;
    follow(deps, caller, id, &act).await;
    Ok(response)
}
