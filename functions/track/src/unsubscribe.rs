//! The way out: a page with one button, which mailboxes may press by themselves (RFC 8058).

use axum::{http::StatusCode, response::Response};
use domain::{
    ConsentState, Customer, Timestamp,
    campaign::{Chunk, Heard},
    timeline::Channel,
    topics::TOPICS,
};
use flows::{
    FlowError,
    error::chain,
    links::{Door, link},
    wishes::{Kept, Wish, kept_alone, passed_on},
};

use store::StoreError;

use crate::{
    Visit,
    addressee::Addressee,
    page::{escaped, nothing_left, page},
    preferences::title,
};

/// As many others may be at the same chunk at the same moment.
const TRIES: usize = 32;

pub(crate) async fn answered(visit: &Visit<'_>, to: &Addressee) -> Result<Response, FlowError> {
    if !visit.is_post() {
        return Ok(if is_out(&to.customer, to.channel()) { done(visit, to) } else { asked(visit, to) });
    }
    let method = format!("by the link in {}", to.named());
    let wish = Wish::of(to.channel(), false, method);
    let (store, tasks, now) = (&to.store, &*visit.deps.tasks, visit.deps.clock.now());
    let (kept, news) = kept_alone(store, to.customer.id, &wish, now).await?;
    Ok(match kept {
        Kept::Changed(_) | Kept::Unchanged(_) => {
            // It holds already: what is left is waited for together.
            let (marked, ()) = futures::join!(marked(to, now), passed_on(tasks, news));
            if let Err(error) = marked {
                tracing::error!(cause = chain(&error), "somebody has left, and it is not counted");
            }
            done(visit, to)
        }
        Kept::Gone => nothing_left(),
    })
}

/// By which message they left, for the campaign's figures. It is told to no queue: by a receipt of that kind an address is
/// written to no more at all, and who has left may still get what they ordered.
async fn marked(to: &Addressee, now: Timestamp) -> Result<(), FlowError> {
    let (id, number) = (to.campaign.id, to.message.chunk);
    for _ in 0..TRIES {
        let Some(held) = to.store.campaign_chunk(id, number).await? else { return Ok(()) };
        let mut after = Chunk::clone(&held);
        after.hear(usize::from(to.message.place), Heard::Unsubscribed, now);
        if after == *held {
            return Ok(());
        }
        let (step, _) = to.store.chunk_put(id, number, Some(&held), after);
        match to.store.commit(vec![step]).await {
            Err(StoreError::Conflict(_)) => {}
            done => return Ok(done?),
        }
    }
    Err(StoreError::Conflict(0).into())
}

/// Whether they said so already. Who was never asked is not written to, and may still say so.
fn is_out(customer: &Customer, channel: Channel) -> bool {
    let out = [ConsentState::Unsubscribed, ConsentState::Redacted];
    customer.consent(channel).is_some_and(|consent| out.contains(&consent.state))
}

fn what(channel: Channel) -> &'static str {
    match channel {
        Channel::Email => "emails",
        Channel::Sms => "texts",
    }
}

fn asked(visit: &Visit<'_>, to: &Addressee) -> Response {
    let (shop, what) = (escaped(to.shop()), what(to.channel()));
    let less = less(visit, to);
    let body = format!(
        "<p>{shop} will send you no more {what} about offers and news. You may still get {what} about your orders.</p>\n\
         <form method=\"post\"><button type=\"submit\">Send me no more {what}</button></form>{less}"
    );
    page(StatusCode::OK, &format!("No more {what} from {}?", to.shop()), &body)
}

/// Whoever is tired of one kind alone may say so, as on the page of what they want.
fn less(visit: &Visit<'_>, to: &Addressee) -> String {
    let topic = to.campaign.kind;
    let may_decline = TOPICS.contains(&topic) && !to.customer.declined.has(topic);
    let is_on =
        to.customer.consent(to.channel()).is_some_and(|consent| consent.state == ConsentState::Subscribed);
    if !(may_decline && is_on) {
        return String::new();
    }
    let page = link(visit.secrets, &visit.deps.origin, Door::Preferences, &to.message);
    let (page, name, title) = (escaped(&page), topic.name(), title(topic).to_lowercase());
    format!(
        "\n<p>Or only less of it:</p>\n<form method=\"post\" action=\"{page}\">\
         <input type=\"hidden\" name=\"shown\" value=\"{name}\">\
         <button type=\"submit\">Only no more {title}</button></form>\n\
         <p><a href=\"{page}\">Choose what you get</a></p>"
    )
}

fn done(visit: &Visit<'_>, to: &Addressee) -> Response {
    let (shop, what) = (escaped(to.shop()), what(to.channel()));
    let preferences = link(visit.secrets, &visit.deps.origin, Door::Preferences, &to.message);
    let body = format!(
        "<p>{shop} sends you no more {what} about offers and news.</p>\n\
         <p>You can change that: <a href=\"{}\">what you want to get</a>.</p>",
        escaped(&preferences)
    );
    page(StatusCode::OK, "You are unsubscribed", &body)
}
