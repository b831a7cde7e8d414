//! By whom a shop's messages go, as callers see it: of what is secret its end alone.

use axum::{Json, extract::State};
use domain::{
    Permission, Sending, Timestamp, UserId,
    sending::{MailProvider, TextProvider},
};
use flows::{
    identify::Caller,
    sending::{self, Installed, SendGridKeys, TwilioKeys, Ways},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::prices::PricesView;
use crate::{App, Deps, error::Problem, receipts::answers, who::Acting};

/// So much of a secret is shown, if it is several times as long.
const SHOWN_CHARS: usize = 4;

#[derive(Serialize, ToSchema)]
pub(crate) struct SendingView {
    mail: WayView,
    text: WayView,
    /// The shop's account; `null`: nothing was told of it.
    sendgrid: Option<SendGridView>,
    twilio: Option<TwilioView>,
    /// What messages cost: campaigns are told their price by it, and keep to their budget by it.
    prices: PricesView,
    /// Whether campaigns may do without a sender of the shop's, as long as they go by no account of its own.
    lends_sender: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    #[schema(value_type = Option<String>)]
    updated_by: Option<UserId>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct WayView {
    /// By whom such messages go; `null`: by nobody, as the one that was chosen is not there in this installation.
    provider: Option<&'static str>,
    /// The shop has chosen it; otherwise it is the installation's.
    is_chosen: bool,
    choices: Vec<ChoiceView>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct ChoiceView {
    provider: &'static str,
    /// What is to be told before it can be chosen.
    needs: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct SendGridView {
    /// `set, ends with …`.
    api_key: String,
    verification_key: Option<String>,
    is_in_eu: bool,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct TwilioView {
    account_sid: String,
    /// `set, ends with …`.
    auth_token: String,
    api_key_sid: Option<String>,
    api_key_secret: Option<String>,
    messaging_service_sid: Option<String>,
    /// For texts that come in: Twilio is to be told it for each number, or for the messaging service, so that STOP is heard here.
    answers_url: String,
}

/// By whom messages go
///
/// The providers that the shop has chosen, those that there are, and what is to be told before one can be chosen. Keys are never shown.
#[utoipa::path(get, operation_id = "show_sending", path = "/api/v1/sending", tag = "Sending",
    responses((status = 200, body = SendingView)), security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn show(
    State(deps): State<App>,
    Acting(caller): Acting,
) -> Result<Json<SendingView>, Problem> {
    caller.must(Permission::ReadAccount)?;
    Ok(Json(shown(&deps, &caller).await?))
}

pub(super) async fn shown(deps: &Deps, caller: &Caller) -> Result<SendingView, Problem> {
    let ways = sending::ways(&caller.store, &deps.seals()).await?;
    let held = caller.store.sending().await?;
    let answers_url = answers::address(&deps.settings.origin, &caller.store.id().to_string());
    Ok(SendingView::of(deps.proofs.registrars.installed(), held.as_deref(), &ways, answers_url))
}

impl SendingView {
    fn of(installed: &Installed, held: Option<&Sending>, ways: &Ways, answers_url: String) -> Self {
        let (mail, text) = (held.and_then(|held| held.mail), held.and_then(|held| held.text));
        let sendgrid_needs = || if ways.sendgrid.is_some() { Vec::new() } else { vec!["sendgrid.api_key"] };
        let twilio_needs = || match ways.twilio {
            Some(_) => Vec::new(),
            None => vec!["twilio.account_sid", "twilio.auth_token"],
        };
        let mails = installed.mail.iter().map(|it| ChoiceView {
            provider: it.name(),
            needs: if *it == MailProvider::Sendgrid { sendgrid_needs() } else { Vec::new() },
        });
        let texts = installed.text.iter().map(|it| ChoiceView {
            provider: it.name(),
            needs: if *it == TextProvider::Twilio { twilio_needs() } else { Vec::new() },
        });
        let by_mail = mail.or(installed.mail.first().copied()).filter(|it| installed.mail.contains(it));
        let by_text = text.or(installed.text.first().copied()).filter(|it| installed.text.contains(it));
        Self {
            mail: WayView {
                provider: by_mail.map(MailProvider::name),
                is_chosen: mail.is_some(),
                choices: mails.collect(),
            },
            text: WayView {
                provider: by_text.map(TextProvider::name),
                is_chosen: text.is_some(),
                choices: texts.collect(),
            },
            sendgrid: ways.sendgrid.as_ref().map(SendGridView::of),
            twilio: ways.twilio.as_ref().map(|keys| TwilioView::of(keys, answers_url)),
            prices: PricesView::of(held.and_then(|held| held.prices.as_ref())),
            lends_sender: installed.lent.is_some(),
            updated_at: held.map(|held| held.updated_at),
            updated_by: held.map(|held| held.updated_by),
        }
    }
}

impl SendGridView {
    fn of(keys: &SendGridKeys) -> Self {
        Self {
            api_key: set(&keys.api_key),
            verification_key: keys.verification_key.as_deref().map(set),
            is_in_eu: keys.is_in_eu,
        }
    }
}

impl TwilioView {
    fn of(keys: &TwilioKeys, answers_url: String) -> Self {
        Self {
            account_sid: keys.account_sid.clone(),
            auth_token: set(&keys.auth_token),
            api_key_sid: keys.api_key_sid.clone(),
            api_key_secret: keys.api_key_secret.as_deref().map(set),
            messaging_service_sid: keys.messaging_service_sid.clone(),
            answers_url,
        }
    }
}

fn set(secret: &str) -> String {
    let count = secret.chars().count();
    if count < 4 * SHOWN_CHARS {
        return "set".to_owned();
    }
    let end: String = secret.chars().skip(count - SHOWN_CHARS).collect();
    format!("set, ends with {end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_secret_only_the_end_is_shown_and_of_a_short_one_nothing() {
        assert_eq!(set("SG.0123456789abcdef"), "set, ends with cdef");
        assert_eq!(set("0123456789abcde"), "set");
    }
}
