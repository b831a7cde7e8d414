//! Texts of ours to members: the code that proves a telephone, and notices.
//!
//! Whoever texts says so first, where it is kept, and takes it back only if the provider certainly has not taken it: no text
//! goes out twice, and one whose sender dies in between is lost. A text costs, and at night it wakes somebody.

use std::sync::Arc;

use domain::{MessageTag, Name, Phone, Reason, Telephone, TenantId, UserId, telephone::Code};
use flows::{
    Answer, FlowError, Refusal, Short,
    carrying::{Nobody, Urgency},
    seal::Seals,
    sending, texting,
};
use store::{StoreError, TenantStore};

use crate::Deps;

/// As many others may change it at the same moment.
const TRIES: usize = 8;

/// What came of it.
pub(crate) enum Texted {
    /// Or it may have been: it is not asked for again.
    Yes,
    /// And will not be.
    Not(Reason),
}

/// Asks once. An error says that it was certainly not sent, and may be later.
pub(crate) async fn text(
    deps: &Deps,
    store: &TenantStore,
    shop: &Name,
    to: &Phone,
    (tag, words): (&str, String),
) -> Result<Texted, FlowError> {
    let from = match texting::voice(store, shop, &deps.installed).await? {
        Ok(from) => from,
        Err(mute) => return Ok(Texted::Not(Reason::of(mute.code()))),
    };
    let seals = Seals::new(deps.keys.clone(), deps.dice.clone());
    if texting::is_shunned(store, &seals, to).await? {
        return Ok(Texted::Not(Reason::of("the shop writes to the number no more")));
    }
    let ways = sending::ways(store, &seals).await?;
    let texter = deps.texters.texter(&ways.text).unwrap_or_else(|| Arc::new(Nobody));
    let message: MessageTag = format!("{}{tag}", texting::TAG).parse().map_err(FlowError::broken)?;
    let (to, urgency) = (to.clone(), Urgency::Transactional);
    let short =
        Short { tenant: store.id(), message, from, to, text: words, urgency, price_max_usd_mills: None };
    match texter.text(&short).await {
        Answer::Accepted { .. } | Answer::Unknown { .. } => Ok(Texted::Yes),
        Answer::Refused { kind: Refusal::Throttled { .. } | Refusal::Temporary, .. } => {
            Err(FlowError::unavailable("a text was not taken, and may be later"))
        }
        Answer::Refused { reason, kind: Refusal::Permanent | Refusal::OurFault } => Ok(Texted::Not(reason)),
    }
}

/// Texted already, too old by now, or another was asked for: there is nothing to say.
pub(crate) async fn code(deps: &Deps, tenant: TenantId, user: UserId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(held) = store.telephone(user).await? else { return Ok(()) };
    let Some(code) = held.open_code(now).filter(|code| !code.is_texted).cloned() else { return Ok(()) };
    let Some(team) = store.tenant().await? else { return Ok(()) };
    let secrets = deps.secrets.open().await?;
    let texted = with(&held, true);
    // Touched meanwhile: this comes again, and finds whether there is something to say yet.
    store.commit(vec![store.telephone_put(Some(&held), &texted)]).await?;
    let number = secrets.telephone_code(tenant, held.by, held.number.as_str(), code.nonce);
    let words = format!(
        "Regulars: {number} is your code to get texts about {}. It works for ten minutes. If you did not ask for it, do nothing.",
        team.name.as_str()
    );
    let tag = format!("code-{user}-{:016x}", code.nonce);
    match text(deps, &store, &team.name, &held.number, (&tag, words)).await {
        Ok(Texted::Yes) => Ok(()),
        Ok(Texted::Not(why)) => {
            tracing::warn!(%tenant, why = why.as_str(), "a code was not texted");
            given_back(&store, user, code.nonce, |telephone| telephone.not_texted(why.clone())).await
        }
        Err(error) => {
            given_back(&store, user, code.nonce, |telephone| with(telephone, false)).await?;
            Err(error)
        }
    }
}

/// The telephone as it is by now, which somebody may have tried or stopped since: unless another code was asked for.
async fn given_back(
    store: &TenantStore,
    user: UserId,
    nonce: u64,
    after: impl Fn(&Telephone) -> Telephone,
) -> Result<(), FlowError> {
    for _ in 0..TRIES {
        let Some(held) = store.telephone(user).await? else { return Ok(()) };
        if held.code.as_ref().is_none_or(|code| code.nonce != nonce) {
            return Ok(());
        }
        match store.commit(vec![store.telephone_put(Some(&held), &after(&held))]).await {
            Err(StoreError::Conflict(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(StoreError::Conflict(0).into())
}

fn with(telephone: &Telephone, is_texted: bool) -> Telephone {
    let code = telephone.code.clone().map(|code| Code { is_texted, ..code });
    Telephone { code, ..telephone.clone() }
}
