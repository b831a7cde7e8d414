//! Mails reports: to each member whom one is for a link that opens the days that are over, once for each of its times.
//!
//! A crash among them tells some twice, and so does nothing else: whoever was told is marked as soon as the delivery ends,
//! whether or not the others were.

use domain::{
    Maker, Member, ReportId, TenantId, UserId,
    report::{Mailing, Trouble, mailing::Delivered},
};
use flows::{FlowError, Mail, Verdict, report_links::ReportLink};
use store::{Held, TenantStore};

use crate::{Deps, mails, marked, must_be_free};

/// Not due yet, told already, or ended: there is nothing to say. Where the report is gone, so is what is left of it here.
pub(crate) async fn mail(deps: &Deps, tenant: TenantId, id: ReportId) -> Result<(), FlowError> {
    let (store, now) = (deps.store.for_task(tenant), deps.clock.now());
    let Some(held) = store.mailing(id).await? else { return Ok(()) };
    let (Some(report), Some(team)) = (store.report(id).await?, store.tenant().await?) else {
        return marked(store.commit(vec![store.mailing_ended(&held)]).await);
    };
    let Some(claimed) = held.claimed(&team.zone, now) else { return Ok(()) };
    must_be_free(held.claimed_until, now)?;
    store.commit(vec![store.mailing_set(Some(&held), &claimed)]).await?;
    let held = held.followed_by(claimed);
    let people = people(deps, &store, &held).await?;
    let (ended, failure) = if !team.status.is_open() {
        (Mailing::clone(&held).passed(Trouble::ShopDisconnected), None)
    } else if people.is_empty() && held.done.is_empty() {
        (Mailing::clone(&held).passed(Trouble::NobodyLeft), None)
    } else {
        let secrets = deps.secrets.open().await?;
        let letter = |(member, by): &(Held<Member>, Maker)| {
            let (format, days, ends_at) = (held.format, held.days(), ReportLink::end(now));
            let link = ReportLink { tenant, report: id, links: report.links, by: *by, format, days, ends_at };
            mails::report(&report, &held, team.name.as_str(), member, &link.url(&secrets, &deps.origin))
        };
        let (delivered, failure) = sent(deps, people.iter().map(|it| (it.0.user, letter(it)))).await;
        (Mailing::clone(&held).delivered(&delivered, deps.clock.now()), failure)
    };
    let ended = marked(store.commit(vec![store.mailing_set(Some(&held), &ended)]).await);
    failure.map_or(Ok(()), Err).and(ended)
}

/// To each, also if one of them cannot be sent; and what the queue has to hear of it: best of all, that trying again may help.
async fn sent(deps: &Deps, letters: impl Iterator<Item = (UserId, Mail)>) -> (Delivered, Option<FlowError>) {
    let (mut delivered, mut failure) = (Delivered::default(), None);
    for (user, mail) in letters {
        match deps.mailer.send(mail).await {
            Ok(()) => delivered.told.push(user),
            Err(error) if error.verdict() == Verdict::Again => {
                delivered.is_left = true;
                failure = Some(error);
            }
            Err(error) => {
                delivered.refused.push(user);
                failure.get_or_insert(error);
            }
        }
    }
    (delivered, failure)
}

/// Whom it is for and who was not told yet, as far as they are members still.
async fn people(
    deps: &Deps,
    store: &TenantStore,
    mailing: &Mailing,
) -> Result<Vec<(Held<Member>, Maker)>, FlowError> {
    let mut people = Vec::new();
    for member in store.members().await? {
        if mailing.to.contains(&member.user)
            && !mailing.done.contains(&member.user)
            && let Some(user) = deps.store.user(member.user).await?
        {
            people.push((member, user.maker()));
        }
    }
    Ok(people)
}
