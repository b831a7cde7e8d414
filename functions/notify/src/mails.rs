//! What our own mails say. Plain text; the token stands behind the `#`, where no server's log sees it. A report's link opens by
//! itself, so its token is in the query, of which our logs say nothing.

use domain::{
    Campaign, EmailAddress, Invitation, Member, Report, Reset, ResetCause, RunId, ShopDomain, Timestamp,
    campaign::{Fate, State, Tripped},
    privacy::Request,
    report::Mailing,
    upkeep::Notice,
};
use flows::Mail;

pub(crate) fn invitation(invitation: &Invitation, team: &str, origin: &str, token: &str) -> Mail {
    let role = invitation.role;
    Mail {
        to: invitation.email.to_string(),
        subject: format!("You are invited to {team} on Regulars"),
        text: format!(
            "Hello,\n\nyou are invited to join {team} on Regulars as {role}. Open this link to accept; it works \
             for seven days:\n\n{origin}/accept-invitation#token={token}\n\nIf you do not know what this is about, \
             you need not do anything.\n"
        ),
        about: format!("invitation:{}", invitation.id),
    }
}

pub(crate) fn reset(reset: &Reset, origin: &str, token: &str) -> Mail {
    let link = format!("{origin}/reset-password#token={token}");
    let (subject, text) = match reset.cause {
        ResetCause::Forgotten => ("Set a new password for Regulars", forgotten(&link)),
        ResetCause::Dropped => ("Your password for Regulars works no longer", dropped(&link)),
    };
    let about = format!("reset:{}", reset.id);
    Mail { to: reset.email.to_string(), subject: subject.to_owned(), text, about }
}

/// Whoever reads it must sign in: the link alone opens nothing.
pub(crate) fn closed(to: &EmailAddress, shop: &ShopDomain, origin: &str, notice: &Notice) -> Mail {
    Mail {
        to: to.to_string(),
        subject: format!("{shop} has to be connected to Regulars again"),
        text: format!(
            "Hello,\n\nShopify does not let Regulars into {shop} any more. What is kept of it stays, but nothing new comes, \
             and what runs by itself stands still until you connect it again:\n\n{origin}/connect?shop={shop}\n\nThis \
             happens when the app was removed from the shop, or when Shopify could not be reached for three months.\n"
        ),
        about: format!("closed:{shop}:{}", notice.since.as_second()),
    }
}

/// Without a word about the customer: mail is read by others.
pub(crate) fn request(request: &Request, owner: &Member, origin: &str) -> Mail {
    let deadline = request.deadline().to_zoned(jiff::tz::TimeZone::UTC).date();
    Mail {
        to: owner.email.to_string(),
        subject: "A customer has asked for their data".to_owned(),
        text: format!(
            "Hello,\n\na customer of your shop has asked, through Shopify, for the data that you hold about them. All \
             that Regulars knows of them is in a file that waits for you; it goes after seven days, and can be made \
             anew. Send it to the customer by {deadline}, which is 30 days after they asked.\n\nIt is request \
             {id}, which this page shows once you have signed in:\n\n{origin}/connect#privacy\n",
            id = request.id
        ),
        about: format!("request:{}", request.id),
    }
}

/// Whoever has the link sees the report.
pub(crate) fn report(report: &Report, mailing: &Mailing, team: &str, to: &Member, url: &str) -> Mail {
    let (name, kind) = (report.name.as_str(), mailing.format.name().to_uppercase());
    let days = match mailing.days() {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first} to {last}"),
    };
    Mail {
        to: to.email.to_string(),
        subject: format!("{name}: {days}"),
        text: format!(
            "Hello,\n\nhere is \"{name}\" of {team} for {days}, as {kind}:\n\n{url}\n\nThe link works for seven days, \
             and nobody who has it is asked to sign in: pass it on with care.\n\nYou get this because you are on \
             the report's list. Whoever looks after reports in your team can take you off it.\n"
        ),
        about: format!("report:{}:{}", report.id, mailing.next_at.as_second()),
    }
}

/// Why is our own word, or Shopify's code.
pub(crate) fn sync_failed(
    (run, why): (RunId, &str),
    shop: &ShopDomain,
    next_at: Option<Timestamp>,
    owner: &Member,
    origin: &str,
) -> Mail {
    let next = next_at.map_or_else(String::new, |at| {
        let at = at.to_zoned(jiff::tz::TimeZone::UTC).strftime("%Y-%m-%d %H:%M");
        format!(" It is tried again by itself, next at {at} UTC, and then less and less often.")
    });
    Mail {
        to: owner.email.to_string(),
        subject: format!("{shop} could not be brought up to date"),
        text: format!(
            "Hello,\n\nRegulars could not read all that has changed in {shop}: {why}. What was there before stays, and what the \
             shop tells us by itself still comes; what it did not tell may be missing until a sync ends well.{next}\n\nHow things \
             stand, and how to try at once, is here once you have signed in:\n\n{origin}/connect\n\nYou get this once, however \
             often it fails from now on, until it has worked again. You can turn such mail off among your notifications.\n"
        ),
        about: format!("sync:{run}"),
    }
}

/// In numbers alone: mail is read by others.
pub(crate) fn campaign(campaign: &Campaign, team: &str, to: &Member, origin: &str) -> Mail {
    let (id, name) = (campaign.id, campaign.name.as_str());
    let counts = campaign.counted.as_ref().map(|(_, counts)| counts.clone()).unwrap_or_default();
    let (subject, what) = match &campaign.state {
        State::Failed { reason } => (
            format!("{name} could not be sent"),
            format!(
                "your campaign \"{name}\" of {team} has failed: {reason}. Nobody else will be written to. Set right what is \
                 said here, make a copy of it, and launch that."
            ),
        ),
        State::Paused { tripped: Some(Tripped { harm, harmed, of }), .. } => (
            format!("{name} was stopped"),
            format!(
                "your campaign \"{name}\" of {team} was stopped, and nobody else is written to: of {of} messages that the shop sent \
                 {harmed} were {}, which is more than mailboxes and networks bear before they refuse all of a shop's mail. Look \
                 where the addresses are from. What is left can be resumed, or cancelled.",
                harm.name().replace('_', " ")
            ),
        ),
        State::Paused { refused: Some(reason), .. } => (
            format!("{name} was stopped"),
            format!(
                "your campaign \"{name}\" of {team} was stopped: {reason}. Whoever waits for it goes on waiting. Set right what is \
                 said here, and resume it, or cancel it."
            ),
        ),
        State::Draft => (
            format!("{name} was not sent"),
            format!(
                "the time of your campaign \"{name}\" of {team} came while nothing could be sent for the shop: it was not connected to \
                 Regulars, or nothing ran for a day. It is a draft again, and nobody was written to. Schedule it anew, launch it \
                 now, or let it be."
            ),
        ),
        _ => (
            format!("{name} has been sent"),
            format!(
                "your campaign \"{name}\" of {team} is over: everybody whom it was for has been seen to."
            ),
        ),
    };
    let lines = Fate::ALL.into_iter().filter(|fate| counts.at(*fate) > 0);
    let mut numbers: String = lines.map(|fate| format!("  {}: {}\n", fate.name(), counts.at(fate))).collect();
    if !counts.whys.is_empty() {
        numbers += "\nWhy some got nothing, or nobody knows:\n\n";
        let reasons = counts.whys.iter().map(|(why, count)| format!("  {}: {count}\n", why.name()));
        numbers.extend(reasons);
    }
    if !numbers.is_empty() {
        numbers = format!("{} people were chosen. Their messages by now:\n\n{numbers}\n", counts.chosen);
    }
    let known = if campaign.state == State::Draft { "It" } else { "What is known of each of them, and why," };
    Mail {
        to: to.email.to_string(),
        subject,
        text: format!(
            "Hello,\n\n{what}\n\n{numbers}{known} is here:\n\n{origin}/campaigns/{id}\n\nYou get \
             this because you launched it, or had it scheduled. You can turn such mail off among your notifications.\n"
        ),
        about: format!("campaign:{id}"),
    }
}

fn forgotten(link: &str) -> String {
    format!(
        "Hello,\n\nsomebody, we hope you, asked for a new password for this address. This link sets one; it works \
         once, within an hour:\n\n{link}\n\nIf it was not you, nothing has changed, and you need not do anything.\n"
    )
}

fn dropped(link: &str) -> String {
    format!(
        "Hello,\n\nyou have signed in to Regulars with Google, or in Shopify's admin. Somebody, you or a stranger, had signed up with this \
         address before, and nobody had shown until now that it is theirs. To be safe, the password of that time \
         works no longer, and everything that was made with it has ended: sign-ins, API keys and invitations that \
         nobody had accepted. Please look through your team, and remove whom you do not know.\n\nYou can go on \
         signing in that way. This link sets a password as well, if you want one; it works once, within an \
         hour:\n\n{link}\n"
    )
}
