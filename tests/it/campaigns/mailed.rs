//! Whoever launched a campaign is mailed when it is over, or has failed (CMP-12, DLV-11).

use super::{PATH, act, shown, sms};
use crate::{
    cast::{PASSWORD, Person, join, login},
    customers::{made, shop},
    links::launched,
};
use domain::{
    Queue, Task,
    campaign::{Act, Actor, Harm, Moved, Tripped},
};
use local::World;
use serde_json::{Value, json};
use store::{NoticeSent, Step, TenantStore};
use vendors::simulated::Trouble;

fn letter(name: &str) -> Value {
    json!({"name": name, "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi",
        "html": "<p>Hi</p><a href=\"{{ unsubscribe_url }}\">No more</a>"})
}

async fn reader(world: &World, owner: &Person, name: &str) {
    let agreed = json!({"state": "subscribed"});
    made(world, owner, &json!({"email": format!("{name}@customers.test"), "email_consent": agreed})).await;
}

/// The mails about campaigns that came to somebody.
fn mails(world: &World, to: &Person) -> Vec<(String, String)> {
    let all = world.outbox.to(&to.email).into_iter();
    all.filter(|mail| mail.about.starts_with("campaign:")).map(|mail| (mail.subject, mail.text)).collect()
}

/// As if a notice had gone to nobody yet.
pub(crate) async fn unsent(store: &TenantStore, what: &str, to: &Person) -> Step {
    let user = to.user.parse().expect("an id");
    let held = store.notice_sent(what, user).await.expect("memory holds").expect("it went out");
    let now = domain::Timestamp::from_second(1_790_000_000).expect("an instant");
    store.notice_sent_put((what, user), Some(&held), NoticeSent::default(), now).0
}

#[tokio::test]
async fn whoever_launched_it_is_told_once_that_it_is_over_and_what_came_of_it() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    for name in ["ada", "bob", "cyd"] {
        reader(&world, &owner, name).await;
    }
    let id = launched(&world, &marketer, &letter("Spring")).await;
    let told = mails(&world, &marketer);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].0, "Spring has been sent");
    for part in ["3 people were chosen", &format!("/campaigns/{id}")] {
        assert!(told[0].1.contains(part), "{part} in {}", told[0].1);
    }
    let page = world.get(&format!("/campaigns/{id}")).send().await;
    assert!(page.status == 200 && page.text.contains("src=\"/pages/campaign.js\""), "{}", page.text);
    assert!(!told[0].1.contains("@customers.test"), "it names no customer");
    assert_eq!(mails(&world, &owner), Vec::new(), "who did not launch it hears nothing");
    let task = Task::MailCampaign { tenant: owner.tenant.parse().unwrap(), campaign: id.parse().unwrap() };
    let task = serde_json::to_string(&task).unwrap();
    for _ in 0..3 {
        world.deliver(Queue::Notify, &task).await.unwrap();
        world.tick().await;
        world.settle().await;
    }
    assert_eq!(mails(&world, &marketer).len(), 1, "told once, however often it is asked for");
}

#[tokio::test]
async fn a_lost_message_is_left_again_and_a_failed_campaign_says_why_and_what_to_do() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    let id = super::made(&world, &owner, &sms("Nobody")).await;
    assert_eq!(act(&world, &owner, &id, "launch").await.status, 200);
    world.settle().await;
    let page = shown(&world, &owner, &id).await;
    assert_eq!(page.text_at("/status"), "failed");
    assert_eq!(page.text_at("/trouble/reason"), page.text_at("/reason"));
    assert!(page.text_at("/trouble/retry").contains("duplicate"), "{}", page.text);
    let told = mails(&world, &owner);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Nobody could not be sent"));
    assert!(told[0].1.contains(&page.text_at("/reason")), "{}", told[0].1);

    // As if the message had been lost: whoever keeps campaigns leaves it again, and then no more.
    let store = world.store_of(owner.tenant.parse().unwrap());
    let campaign = id.parse().unwrap();
    let held = store.campaign_told(campaign).await.unwrap().unwrap();
    let (step, _) = store.campaign_told_changed(campaign, Some(&held), store::CampaignTold::default());
    let unsent = unsent(&store, &format!("{id}.over"), &owner).await;
    let kept = store.campaign(campaign).await.unwrap().unwrap();
    let due = domain::Campaign { due_at: Some(flows::Clock::now(&*world.clock)), ..(*kept).clone() };
    store.commit(vec![step, unsent, store.campaign_kept(&kept, &due)]).await.unwrap();
    for _ in 0..3 {
        world.tick().await;
        world.settle().await;
    }
    assert_eq!(mails(&world, &owner).len(), 2);
}

#[tokio::test]
async fn whoever_wants_no_such_mail_gets_none_and_says_so_for_themselves_alone() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    reader(&world, &owner, "ada").await;
    let path = "/api/v1/members/me/notifications";
    assert_eq!(marketer.get(&world, path).await.at("/campaigns"), json!(true), "unless told otherwise");
    let off = marketer.call(&world, "PATCH", path, &json!({"campaigns": false})).await;
    assert_eq!((off.status.as_u16(), off.at("/campaigns")), (200, json!(false)), "{}", off.text);
    assert_eq!(owner.get(&world, path).await.at("/campaigns"), json!(true));
    launched(&world, &marketer, &letter("Spring")).await;
    assert_eq!((mails(&world, &marketer), mails(&world, &owner)), (Vec::new(), Vec::new()));
    launched(&world, &owner, &letter("Summer")).await;
    assert_eq!(mails(&world, &owner).len(), 1);
    let wrong = owner.call(&world, "PATCH", path, &json!({"reports": false})).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);
}

#[tokio::test]
async fn what_came_back_is_told_with_the_campaign() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    reader(&world, &owner, "ada").await;
    let id = launched(&world, &owner, &letter("Spring")).await;
    assert_eq!(shown(&world, &owner, &id).await.at("/trouble"), Value::Null);
    let store = world.store_of(owner.tenant.parse().unwrap());
    let held = store.campaign(id.parse().unwrap()).await.unwrap().unwrap();
    let (at, mut counts) = held.counted.clone().unwrap();
    counts.fates = [(domain::campaign::Fate::Failed, 1)].into();
    let after = domain::Campaign { counted: Some((at, counts)), ..(*held).clone() };
    store.commit(vec![store.campaign_kept(&held, &after)]).await.unwrap();
    let page = owner.get(&world, &format!("{PATH}/{id}")).await;
    assert_eq!((page.at("/trouble/failed"), page.at("/trouble/reason")), (json!(1), Value::Null));
    assert!(page.text_at("/trouble/retry").contains("state=failed"), "{}", page.text);
}

#[tokio::test]
async fn what_a_repeating_one_makes_begins_about_its_time_and_is_told_to_whoever_had_it_scheduled() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    let id = super::made(&world, &owner, &sms("Nobody")).await;
    let daily = json!({"frequency": "daily", "time": "15:00"});
    assert_eq!(marketer.post(&world, &format!("{PATH}/{id}/schedule"), &daily).await.status, 200);
    let begun = async || {
        world.tick().await;
        world.run_without_vendor().await;
        world.store_of(owner.tenant.parse().unwrap()).campaigns().await.unwrap().len()
    };
    // A minute passes until the clock strikes: 35 seconds before three.
    world.clock.advance_to(1_790_002_705_000);
    assert_eq!(begun().await, 1, "35 seconds before its time");
    world.clock.advance_to(1_790_002_711_000);
    assert_eq!(begun().await, 2, "the clock that comes next would be later than half a minute");
    assert_eq!(mails(&world, &owner), Vec::new());
    assert_eq!(mails(&world, &marketer).len(), 1);
    assert_eq!(begun().await, 2, "once");
    let marketer = Person::of(&login(&world, &marketer.email, PASSWORD).await);
    let again = marketer.post(&world, &format!("{PATH}/{id}/launch"), &json!({})).await;
    assert_eq!(
        (again.status.as_u16(), again.text_at("/code")),
        (409, "not_now".to_owned()),
        "{}",
        again.text
    );
}

#[tokio::test]
async fn whoever_launched_a_campaign_is_told_each_time_that_it_is_stopped_for_its_harm() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    reader(&world, &owner, "ada").await;
    let id = super::made(&world, &marketer, &letter("Spring")).await;
    assert_eq!(act(&world, &marketer, &id, "launch").await.status, 200);
    let store = world.store_of(owner.tenant.parse().unwrap());
    let campaign = id.parse().unwrap();
    let stopped = async || {
        let tripped = Tripped { harm: Harm::HardBounces, harmed: 12, of: 50 };
        let held = store.campaign(campaign).await.unwrap().unwrap();
        let now = flows::Clock::now(&*world.clock);
        let after = held.moved(Act::Trip(tripped), now).unwrap();
        let moved = Moved::of("stopped", &after, Actor::Us, now);
        store.commit(vec![store.campaign_moved(&held, &after, &moved)]).await.unwrap();
    };
    stopped().await;
    // Nobody was asked to mail it: as if that message had been lost.
    for _ in 0..3 {
        world.settle().await;
        world.clock.advance_seconds(600);
    }
    let told = mails(&world, &marketer);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Spring was stopped"), "{told:?}");
    for part in ["of 50 messages", "12 were hard bounces", &format!("/campaigns/{id}")] {
        assert!(told[0].1.contains(part), "{part} in {}", told[0].1);
    }
    assert_eq!(mails(&world, &owner), Vec::new(), "who did not launch it hears nothing");
    assert_eq!(store.campaign(campaign).await.unwrap().unwrap().due_at, None, "nothing is left to do");

    let held = store.campaign(campaign).await.unwrap().unwrap();
    let resumed = held.moved(Act::Resume, flows::Clock::now(&*world.clock)).unwrap();
    store.commit(vec![store.campaign_kept(&held, &resumed)]).await.unwrap();
    stopped().await;
    let task = Task::MailCampaign { tenant: owner.tenant.parse().unwrap(), campaign };
    for _ in 0..2 {
        world.deliver(Queue::Notify, &serde_json::to_string(&task).unwrap()).await.unwrap();
    }
    assert_eq!(mails(&world, &marketer).len(), 2, "stopped again, told again");
    // Their sign-ins have ended by now.
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let resumed = act(&world, &owner, &id, "resume").await;
    assert_eq!(resumed.status, 200, "{}", resumed.text);
    world.settle().await;
    let last = mails(&world, &marketer).remove(0);
    assert_eq!((mails(&world, &marketer).len(), last.0.as_str()), (3, "Spring has been sent"));
}

#[tokio::test]
async fn a_provider_that_takes_nothing_stops_it_and_whoever_launched_it_reads_why_and_goes_on() {
    let world = World::new(6).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    for name in ["ada", "bob", "cyd"] {
        reader(&world, &owner, name).await;
    }
    let id = super::made(&world, &marketer, &letter("Spring")).await;
    world.vendor.set_trouble(Some(Trouble::RefusesUs));
    assert_eq!(act(&world, &marketer, &id, "launch").await.status, 200);
    for _ in 0..3 {
        world.settle().await;
        world.tick().await;
    }
    let page = shown(&world, &marketer, &id).await;
    let reason = "its provider takes nothing of the shop's: INVALID_CREDENTIALS";
    assert_eq!((page.text_at("/status"), page.text_at("/reason")), ("paused".to_owned(), reason.to_owned()));
    assert_eq!(page.text_at("/trouble/reason"), reason);
    assert!(page.text_at("/trouble/retry").contains("/resume"), "{}", page.text);
    let body = page.json();
    assert_eq!((&body["trouble"]["failed"], &body["stopped_for"]), (&json!(0), &Value::Null));
    let last = body["moves"].as_array().unwrap().last().unwrap();
    assert_eq!((last["act"].as_str(), &last["user"]), (Some("stopped"), &Value::Null));
    let told = mails(&world, &marketer);
    assert_eq!((told.len(), told[0].0.as_str()), (1, "Spring was stopped"), "{told:?}");
    for part in [reason, "resume it", &format!("/campaigns/{id}")] {
        assert!(told[0].1.contains(part), "{part} in {}", told[0].1);
    }

    world.vendor.set_trouble(None);
    assert_eq!(act(&world, &marketer, &id, "resume").await.status, 200);
    for _ in 0..3 {
        world.settle().await;
        world.tick().await;
    }
    let page = shown(&world, &marketer, &id).await;
    assert_eq!(page.text_at("/status"), "sent", "{}", page.text);
    assert_eq!(world.vendor.letters().len(), 3, "each has one");
    assert_eq!(mails(&world, &marketer).len(), 2);
}
