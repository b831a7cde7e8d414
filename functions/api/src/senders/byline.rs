//! In whose name a campaign is written, as it is told; and whether it can go out so.

use domain::{Campaign, EmailAddress, SenderId, campaign::Byline, sender::Identity, template::Channel};
use flows::{bylines, identify::Caller};

use crate::{Deps, error::Problem, input::Faults};

/// `None`: nobody's, or what is wrong is among the faults. A sender need not be proven as long as the campaign is a draft.
pub(crate) async fn told(
    it: &mut Faults,
    (sender, address): (Option<&str>, Option<String>),
    channel: Option<Channel>,
    caller: &Caller,
) -> Result<Option<Byline>, Problem> {
    const AT: &str = "/from_address";
    let address = it.maybe(AT, address, |told| told.parse::<EmailAddress>());
    let Some(named) = sender else {
        if address.is_some() {
            it.add(AT, "no_sender", "tell the sender that it is one of as `sender_id`");
        }
        return Ok(None);
    };
    let held = match named.parse::<SenderId>() {
        Ok(id) => caller.store.sender(id).await?,
        Err(_) => None,
    };
    let Some(sender) = held else {
        it.add("/sender_id", "unknown_sender", "no such sender");
        return Ok(None);
    };
    if channel.is_some_and(|channel| channel != sender.identity.channel()) {
        let channel = sender.identity.channel().name();
        it.add("/sender_id", "wrong_channel", format!("writes {channel} alone"));
        return Ok(None);
    }
    if sender.voice(address.as_ref(), &caller.tenant.name).is_none() {
        let (code, sentence) = match (&sender.identity, &address) {
            (Identity::Domain(domain), None) => {
                ("missing", format!("tell which address of {} it is from", domain.as_str()))
            }
            (identity, _) => ("not_its_own", format!("is not the sender's: that is {}", identity.as_str())),
        };
        it.add(AT, code, sentence);
        return Ok(None);
    }
    Ok(Some(Byline { sender: sender.id, address }))
}

/// Before it begins: in a name that is proven, by a provider that is there.
pub(crate) async fn must_be_heard(deps: &Deps, caller: &Caller, campaign: &Campaign) -> Result<(), Problem> {
    let shop = &caller.tenant.name;
    match bylines::voice(&caller.store, campaign, shop, deps.proofs.registrars.installed()).await? {
        Ok(_) => Ok(()),
        Err(mute) => Err(Problem::conflict(mute.code(), mute.to_string())),
    }
}
