//! In whose name a campaign goes out, and by whom; or why it cannot.
//!
//! Asked before it begins, by the clock as well as by people, and once more by whoever sends: in between a sender may have lost
//! its proof, and a shop may have chosen another provider.

use domain::{
    Campaign, Name, Standing,
    campaign::Byline,
    sender::{Identity, Voice},
    template::Channel,
};
use store::{StoreError, TenantStore};

use crate::{FlowError, sending::Installed};

/// Why nothing can go out as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mute {
    #[error(
        "nobody takes its messages: the provider that the shop has chosen is not there in this installation; choose another at \
         PATCH /api/v1/sending"
    )]
    NoProvider,
    #[error(
        "it is in nobody's name: tell one of the shop's senders as `sender_id`; senders are added at POST /api/v1/senders"
    )]
    NoSender,
    #[error("its sender is not there any more: tell another as `sender_id`")]
    Gone,
    #[error("its sender, {0}, does not write that kind of message, or not from that address: tell another")]
    Another(String),
    #[error("its sender, {0}, is {name}: {todo}", name = .1.name(), todo = todo(*.1))]
    Unproven(String, Standing),
}

impl Mute {
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProvider => "no_provider",
            Self::NoSender => "sender_needed",
            Self::Gone => "sender_gone",
            Self::Another(_) => "wrong_sender",
            Self::Unproven(..) => "sender_not_verified",
        }
    }
}

fn todo(standing: Standing) -> &'static str {
    match standing {
        Standing::Failed => "no proof was found in time; end it and add it anew, or choose another",
        Standing::Unverified | Standing::Pending | Standing::Verified => {
            "prove that it is the shop's as the sender says, and then ask at POST /api/v1/senders/{sender}/check"
        }
    }
}

/// What its messages say of who they are from. Within: why they cannot go out.
pub async fn voice(
    store: &TenantStore,
    campaign: &Campaign,
    shop: &Name,
    installed: &Installed,
) -> Result<Result<Voice, Mute>, FlowError> {
    let Some(is_the_shops) = way(store, campaign.channel, installed).await? else {
        return Ok(Err(Mute::NoProvider));
    };
    let Some(byline) = &campaign.byline else {
        let lent = installed.lent.as_ref().filter(|_| !is_the_shops);
        return Ok(lent.map(|lent| lent.voice(campaign.channel, shop)).ok_or(Mute::NoSender));
    };
    Ok(proven(store, campaign.channel, byline, shop).await?)
}

/// Whether the account by which it goes is the shop's own. `None`: there is none of those that are here.
pub(crate) async fn way(
    store: &TenantStore,
    channel: Channel,
    installed: &Installed,
) -> Result<Option<bool>, StoreError> {
    let held = store.sending().await?;
    let chosen = held.as_deref();
    Ok(match channel {
        Channel::Email => {
            let it = chosen.and_then(|chosen| chosen.mail).or(installed.mail.first().copied());
            it.filter(|it| installed.mail.contains(it)).map(domain::sending::MailProvider::is_the_shops)
        }
        Channel::Sms => {
            let it = chosen.and_then(|chosen| chosen.text).or(installed.text.first().copied());
            it.filter(|it| installed.text.contains(it)).map(domain::sending::TextProvider::is_the_shops)
        }
    })
}

async fn proven(
    store: &TenantStore,
    channel: Channel,
    byline: &Byline,
    shop: &Name,
) -> Result<Result<Voice, Mute>, StoreError> {
    let Some(sender) = store.sender(byline.sender).await? else { return Ok(Err(Mute::Gone)) };
    let named = |identity: &Identity| identity.as_str().to_owned();
    let voice = sender.voice(byline.address.as_ref(), shop);
    Ok(match voice.filter(|_| sender.identity.channel() == channel) {
        None => Err(Mute::Another(named(&sender.identity))),
        Some(_) if sender.standing != Standing::Verified => {
            Err(Mute::Unproven(named(&sender.identity), sender.standing))
        }
        Some(voice) => Ok(voice),
    })
}
