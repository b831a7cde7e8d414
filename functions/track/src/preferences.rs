//! What somebody wants to get, by channel and by topic.
//!
//! A link in a mail proves the address that it went to. So by it they may turn everything off, and turn on again what came by
//! the same way; texts are turned on by the telephone alone. A topic is the same by every way: it lets nobody write who may not.

use axum::{http::StatusCode, response::Response};
use domain::{Consent, ConsentState, Customer, campaign::Kind, timeline::Channel, topics::TOPICS};
use flows::{
    FlowError,
    wishes::{Kept, Wish, kept},
};

use crate::{
    Visit,
    addressee::Addressee,
    page::{escaped, nothing_left, page},
};

pub(crate) async fn answered(visit: &Visit<'_>, to: &Addressee, form: &[u8]) -> Result<Response, FlowError> {
    if !visit.is_post() {
        return Ok(shown(to, &to.customer, false));
    }
    let wish = wish(to, form);
    let (store, tasks, now) = (&to.store, &*visit.deps.tasks, visit.deps.clock.now());
    Ok(match kept((store, tasks), to.customer.id, &wish, now).await? {
        Kept::Changed(customer) | Kept::Unchanged(customer) => shown(to, &customer, true),
        Kept::Gone => nothing_left(),
    })
}

/// What they can say something of: where they can be written to.
fn channels(customer: &Customer) -> Vec<Channel> {
    let lasts = |consent: &Option<Consent>| {
        let state = consent.as_ref().map(|consent| consent.state);
        matches!(state, Some(ConsentState::Invalid | ConsentState::Redacted))
    };
    let email = customer.email.is_some() && !lasts(&customer.email_consent);
    let sms = customer.phone.is_some() && !lasts(&customer.sms_consent);
    [(Channel::Email, email), (Channel::Sms, sms)]
        .into_iter()
        .filter(|(_, is)| *is)
        .map(|(it, _)| it)
        .collect()
}

fn is_on(customer: &Customer, channel: Channel) -> bool {
    customer.consent(channel).is_some_and(|consent| consent.state == ConsentState::Subscribed)
}

/// Whether it may be turned on from here.
fn may_begin(to: &Addressee, channel: Channel) -> bool {
    channel == to.channel()
}

/// What was shown and is not ticked is not wanted. What was not shown is not spoken of.
fn wish(to: &Addressee, form: &[u8]) -> Wish {
    let told: Vec<_> = form_urlencoded::parse(form).collect();
    let has = |name: &str, value: &str| told.iter().any(|(known, told)| known == name && told == value);
    let wanted = |channel: Channel| {
        let (is_on, is_ticked) = (is_on(&to.customer, channel), has("want", channel.name()));
        let speaks = has("shown", channel.name()) && channels(&to.customer).contains(&channel);
        let may = is_on || !is_ticked || may_begin(to, channel);
        (speaks && may && is_on != is_ticked).then_some(is_ticked)
    };
    let topics = TOPICS.into_iter().filter(|topic| has("shown", topic.name()));
    let topics = topics.map(|topic| (topic, has("want", topic.name()))).collect();
    let method = format!("on the page behind {}", to.named());
    Wish { email: wanted(Channel::Email), sms: wanted(Channel::Sms), topics, method }
}

fn shown(to: &Addressee, customer: &Customer, is_kept: bool) -> Response {
    let shop = escaped(to.shop());
    let rows: String = channels(customer).into_iter().map(|channel| row(to, customer, channel)).collect();
    let topics: String = TOPICS
        .into_iter()
        .map(|topic| ticked(topic.name(), title(topic), !customer.declined.has(topic)))
        .collect();
    let kept = if is_kept { "<p role=\"status\"><strong>Your choice is kept.</strong></p>\n" } else { "" };
    let body = if rows.is_empty() {
        format!("{kept}<p>{shop} has no address of yours to write to.</p>")
    } else {
        format!(
            "{kept}<form method=\"post\">\n<fieldset><legend>Offers and news from {shop}</legend>\n{rows}</fieldset>\n\
             <fieldset><legend>What it may be about</legend>\n{topics}</fieldset>\n\
             <button type=\"submit\">Keep my choice</button>\n</form>\n\
             <p>You may still get messages about your orders.</p>"
        )
    };
    page(StatusCode::OK, &format!("What {} may send you", to.shop()), &body)
}

fn row(to: &Addressee, customer: &Customer, channel: Channel) -> String {
    let (name, title) = match channel {
        Channel::Email => ("email", "Emails"),
        Channel::Sms => ("sms", "Texts to your telephone"),
    };
    let is_on = is_on(customer, channel);
    if !is_on && !may_begin(to, channel) {
        let how = match channel {
            Channel::Sms => "answer START to a text of ours",
            Channel::Email => "open the link in an email of ours",
        };
        return format!("<p>{title}: off. To get them again, {how}.</p>\n");
    }
    ticked(name, title, is_on)
}

/// As the page and the way out call it.
pub(crate) fn title(topic: Kind) -> &'static str {
    match topic {
        Kind::Promotional => "Offers",
        Kind::Newsletter => "News",
        Kind::Reminder => "Reminders",
        Kind::Transactional => "What you have ordered",
    }
}

fn ticked(name: &str, title: &str, is_on: bool) -> String {
    let checked = if is_on { " checked" } else { "" };
    format!(
        "<input type=\"hidden\" name=\"shown\" value=\"{name}\">\
         <label><input type=\"checkbox\" name=\"want\" value=\"{name}\"{checked}>{title}</label>\n"
    )
}
