//! By whom a shop's messages go is chosen.

use axum::{Json, extract::State};
use domain::{
    Permission, Prices, Sender, Sending, Standing,
    sender::Identity,
    sending::{MailProvider, TextProvider},
};
use flows::{
    FlowError,
    identify::Caller,
    sending::{self, SendGridKeys, TwilioKeys, sealed_sendgrid, sealed_twilio},
};
use store::{Held, Step, StoreError};

use super::{
    shown::{SendingView, shown},
    told::{SendingTold, mail, text},
};
use crate::{
    App, Deps,
    error::{Problem, ProblemDocument},
    input::{Faults, Input, Part},
    who::Acting,
};

/// As often as somebody else changes it at the same moment.
const TRIES: usize = 8;

/// What was told, understood over what is held.
struct Choice {
    mail: Option<MailProvider>,
    text: Option<TextProvider>,
    /// `Left`: as they are kept.
    sendgrid: Part<SendGridKeys>,
    twilio: Part<TwilioKeys>,
    prices: Option<Prices>,
}

/// Choose by whom messages go
///
/// What is left out stays. Keys are kept sealed; they stay while another provider is chosen, until they are removed with `null`. Messages
/// that go out from the next moment on go by the new choice.
#[utoipa::path(patch, operation_id = "change_sending", path = "/api/v1/sending", tag = "Sending", request_body = SendingTold,
    responses((status = 200, body = SendingView), (status = 400, body = ProblemDocument)),
    security(("bearer" = []), ("cookie" = [])))]
pub(crate) async fn change(
    State(deps): State<App>,
    Acting(caller): Acting,
    Input(told): Input<SendingTold>,
) -> Result<Json<SendingView>, Problem> {
    caller.must(Permission::ManageAccount)?;
    for _ in 0..TRIES {
        let held = caller.store.sending().await?;
        let choice = told.clone().understood(&deps, &caller, held.as_deref()).await?;
        let steps = steps(&deps, &caller, held.as_ref(), &choice).await?;
        match caller.store.commit(steps).await {
            Ok(()) => return Ok(Json(shown(&deps, &caller).await?)),
            Err(StoreError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(FlowError::from(StoreError::Conflict(0)).into())
}

impl SendingTold {
    async fn understood(
        self,
        deps: &Deps,
        caller: &Caller,
        held: Option<&Sending>,
    ) -> Result<Choice, Problem> {
        let (installed, mut it) = (deps.proofs.registrars.installed(), Faults::default());
        let ways = sending::ways(&caller.store, &deps.seals()).await?;
        let (mut by_mail, mut by_text) = (held.and_then(|held| held.mail), held.and_then(|held| held.text));
        it.part("/mail", self.mail, |told| mail(&told, installed)).apply(&mut by_mail);
        it.part("/text", self.text, |told| text(&told, installed)).apply(&mut by_text);
        let sendgrid = match self.sendgrid {
            Part::Told(told) => told.over(ways.sendgrid.as_ref(), &mut it).map_or(Part::Left, Part::Told),
            Part::Cleared => Part::Cleared,
            Part::Left => Part::Left,
        };
        let twilio = match self.twilio {
            Part::Told(told) => told.over(ways.twilio.as_ref(), &mut it).map_or(Part::Left, Part::Told),
            Part::Cleared => Part::Cleared,
            Part::Left => Part::Left,
        };
        let mut prices = held.and_then(|held| held.prices.clone());
        let currency = caller.tenant.currency;
        match self.prices {
            Part::Told(told) => prices = told.understood(&mut it, currency),
            Part::Cleared => prices = None,
            Part::Left => {}
        }
        let lacks = |told: bool, is_cleared: bool, held: bool| !told && (is_cleared || !held);
        if it.is_empty() {
            let (told, is_cleared) = (sendgrid.told().is_some(), matches!(sendgrid, Part::Cleared));
            if by_mail == Some(MailProvider::Sendgrid) && lacks(told, is_cleared, ways.sendgrid.is_some()) {
                it.add(
                    "/sendgrid/api_key",
                    "missing",
                    "letters that go by SendGrid need an API key that may send mail",
                );
            }
            let (told, is_cleared) = (twilio.told().is_some(), matches!(twilio, Part::Cleared));
            if by_text == Some(TextProvider::Twilio) && lacks(told, is_cleared, ways.twilio.is_some()) {
                for (at, what) in [("account_sid", "SID"), ("auth_token", "auth token")] {
                    let sentence = format!("texts that go by Twilio need the account's {what}");
                    it.add(&format!("/twilio/{at}"), "missing", sentence);
                }
            }
        }
        it.none(Some(Choice { mail: by_mail, text: by_text, sendgrid, twilio, prices }))
    }
}

async fn steps(
    deps: &Deps,
    caller: &Caller,
    held: Option<&Held<Sending>>,
    choice: &Choice,
) -> Result<Vec<Step>, Problem> {
    let (store, seals) = (&caller.store, deps.seals());
    let mut sendgrid = held.and_then(|held| held.sendgrid.clone());
    match &choice.sendgrid {
        Part::Left => {}
        Part::Cleared => sendgrid = None,
        Part::Told(keys) => sendgrid = Some(sealed_sendgrid(store, &seals, keys).await?),
    }
    let mut twilio = held.and_then(|held| held.twilio.clone());
    match &choice.twilio {
        Part::Left => {}
        Part::Cleared => twilio = None,
        Part::Told(keys) => twilio = Some(sealed_twilio(store, &seals, keys).await?),
    }
    let sending = Sending {
        mail: choice.mail,
        text: choice.text,
        sendgrid,
        twilio,
        prices: choice.prices.clone(),
        updated_at: deps.now(),
        updated_by: caller.maker().user,
    };
    let mut steps = vec![store.sending_put(held, &sending)];
    if held.and_then(|held| held.text) != choice.text || choice.twilio.told().is_some() {
        steps.extend(numbers_asked_anew(caller).await?);
    }
    Ok(steps)
}

/// A number is an account's: another account has to say that it is one of its own.
async fn numbers_asked_anew(caller: &Caller) -> Result<Vec<Step>, StoreError> {
    let senders = caller.store.senders().await?;
    let numbers = senders.iter().filter(|it| matches!(it.identity, Identity::Number(_)));
    let known = numbers.filter(|it| it.standing != Standing::Unverified);
    let anew = known.map(|held| {
        let after = Sender { standing: Standing::Unverified, ..(**held).clone() };
        caller.store.sender_changed(held, &after)
    });
    Ok(anew.collect())
}
