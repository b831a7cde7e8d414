//! Members get texts of what they choose, at a telephone that they have proven to be theirs, and each text once (DLV-11).

use crate::{
    campaigns::{act, made},
    cast::{PASSWORD, Person, join, login},
    customers::shop,
};
use domain::{Queue, Task, TenantStatus};
use local::{World, world::Answer};
use serde_json::{Value, json};
use store::CampaignTold;

const NOTIFICATIONS: &str = "/api/v1/members/me/notifications";
pub(crate) const TELEPHONE: &str = "/api/v1/members/me/telephone";
const NUMBER: &str = "+14155552671";

/// What was texted to a number, the newest first.
pub(crate) fn texts(world: &World, number: &str) -> Vec<String> {
    let all = world.outbox.to(number).into_iter();
    all.filter(|text| text.about.starts_with("text:")).map(|text| text.text).collect()
}

fn code_of(world: &World, number: &str) -> String {
    let texts = texts(world, number);
    let words = texts.first().expect("a code has come").split_whitespace();
    words
        .map(str::to_owned)
        .find(|word| word.len() == 6 && word.bytes().all(|it| it.is_ascii_digit()))
        .expect("six digits")
}

async fn told(world: &World, person: &Person, number: &str) -> Answer {
    let told = person.call(world, "PUT", TELEPHONE, &json!({"number": number})).await;
    world.settle().await;
    told
}

async fn proves(world: &World, person: &Person, code: &str) -> Answer {
    person.post(world, &format!("{TELEPHONE}/prove"), &json!({"code": code})).await
}

/// Somebody who wants all there is as texts, and whose telephone that is.
pub(crate) async fn texted(world: &World, person: &Person, number: &str) {
    assert_eq!(told(world, person, number).await.status, 202);
    let proven = proves(world, person, &code_of(world, number)).await;
    assert_eq!(
        (proven.status.as_u16(), proven.text_at("/status")),
        (200, "proven".to_owned()),
        "{}",
        proven.text
    );
    let wanted = json!({"texts": {"campaigns": true, "syncs": true}});
    let wanted = person.call(world, "PATCH", NOTIFICATIONS, &wanted).await;
    assert_eq!(wanted.status, 200, "{}", wanted.text);
}

/// A campaign that nobody gets, launched.
async fn fails(world: &World, owner: &Person, name: &str) -> String {
    // Who has signed in is for a quarter of an hour.
    let owner = &Person::of(&login(world, &owner.email, PASSWORD).await);
    let id =
        made(world, owner, &json!({"name": name, "channel": "sms", "text": "Hi", "rule": "EVERYONE"})).await;
    assert_eq!(act(world, owner, &id, "launch").await.status, 200);
    world.settle().await;
    id
}

fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status.as_u16(), answer.text_at("/code"))
}

#[tokio::test]
async fn whoever_asks_for_texts_gets_one_of_their_campaigns_end_and_by_mail_what_they_want_by_mail() {
    let world = World::new(1).await;
    let owner = shop(&world, "owner").await;
    let shown = owner.get(&world, NOTIFICATIONS).await;
    assert_eq!(
        (shown.at("/texts"), shown.at("/telephone")),
        (json!({"campaigns": false, "syncs": false}), Value::Null)
    );
    let early = owner.call(&world, "PATCH", NOTIFICATIONS, &json!({"texts": {"campaigns": true}})).await;
    assert_eq!(refusal(&early), (409, "telephone_needed".to_owned()));
    fails(&world, &owner, "None").await;
    assert_eq!(texts(&world, NUMBER), Vec::<String>::new(), "nobody has asked for texts");

    texted(&world, &owner, NUMBER).await;
    let known = texts(&world, NUMBER).len();
    let id = fails(&world, &owner, "Spring").await;
    let after = texts(&world, NUMBER);
    assert_eq!(after.len(), known + 1, "{after:?}");
    assert!(
        after[0].contains("Spring could not be sent") && after[0].ends_with(&format!("/campaigns/{id}")),
        "{after:?}"
    );
    let mails = || {
        world.outbox.to(&owner.email).into_iter().filter(|mail| mail.subject.starts_with("Spring")).count()
    };
    assert_eq!(mails(), 1, "and a mail");

    // The mark of the whole is lost: each way is remembered by itself.
    let store = world.store_of(owner.tenant.parse().expect("an id"));
    let campaign = id.parse().expect("an id");
    let held = store.campaign_told(campaign).await.expect("memory holds").expect("it was told");
    let (step, _) = store.campaign_told_changed(campaign, Some(&held), CampaignTold::default());
    store.commit(vec![step]).await.expect("nobody else");
    let task = Task::MailCampaign { tenant: store.id(), campaign };
    world.deliver(Queue::Notify, &serde_json::to_string(&task).expect("a task")).await.expect("it is told");
    assert_eq!((texts(&world, NUMBER).len(), mails()), (known + 1, 1), "neither goes out again");

    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    let alone = json!({"campaigns": false});
    assert_eq!(owner.call(&world, "PATCH", NOTIFICATIONS, &alone).await.status, 200);
    let summer = fails(&world, &owner, "Summer").await;
    assert!(texts(&world, NUMBER)[0].ends_with(&summer));
    assert!(!world.outbox.to(&owner.email).iter().any(|mail| mail.subject.starts_with("Summer")));
    assert_eq!(owner.call(&world, "DELETE", TELEPHONE, &json!({})).await.status, 204);
    fails(&world, &owner, "Autumn").await;
    assert_eq!(texts(&world, NUMBER).len(), known + 2, "the number is forgotten");
    assert_eq!(owner.get(&world, NOTIFICATIONS).await.at("/texts/campaigns"), json!(false));
}

#[tokio::test]
async fn a_code_is_good_once_for_ten_minutes_and_five_tries() {
    let world = World::new(2).await;
    let owner = shop(&world, "owner").await;
    assert_eq!(
        refusal(&proves(&world, &owner, "123456").await),
        (400, "code_spent".to_owned()),
        "none was asked for"
    );
    let asked = told(&world, &owner, "+1 415 555 2671").await;
    assert_eq!((asked.status.as_u16(), asked.text_at("/number")), (202, NUMBER.to_owned()));
    assert_eq!((asked.text_at("/status"), asked.at("/tries_left")), ("unproven".to_owned(), json!(5)));
    let code = code_of(&world, NUMBER);
    let other = if code == "000000" { "000001" } else { "000000" };
    for left in [4, 3, 2, 1] {
        let wrong = proves(&world, &owner, other).await;
        assert_eq!(refusal(&wrong), (400, "wrong_code".to_owned()));
        assert_eq!(owner.get(&world, NOTIFICATIONS).await.at("/telephone/tries_left"), json!(left));
    }
    assert_eq!(refusal(&proves(&world, &owner, other).await), (400, "code_spent".to_owned()));
    assert_eq!(
        refusal(&proves(&world, &owner, &code).await),
        (400, "code_spent".to_owned()),
        "the sixth is too late"
    );

    assert_eq!(told(&world, &owner, NUMBER).await.status, 202);
    let second = code_of(&world, NUMBER);
    world.clock.advance_seconds(600);
    let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
    assert_eq!(
        refusal(&proves(&world, &owner, &second).await),
        (400, "code_spent".to_owned()),
        "ten minutes"
    );
    assert_eq!(told(&world, &owner, NUMBER).await.status, 202);
    assert_eq!(
        refusal(&told(&world, &owner, NUMBER).await),
        (429, "RATE_LIMIT_EXCEEDED".to_owned()),
        "three an hour"
    );
    let third = code_of(&world, NUMBER);
    assert_ne!(third, second);
    // A message of the queue's that comes again texts no other.
    let before = texts(&world, NUMBER).len();
    let task = Task::TextCode {
        tenant: owner.tenant.parse().expect("an id"),
        user: owner.user.parse().expect("an id"),
    };
    world.deliver(Queue::Notify, &serde_json::to_string(&task).expect("a task")).await.expect("it is told");
    assert_eq!(texts(&world, NUMBER).len(), before);
    for _ in 0..2 {
        assert_eq!(proves(&world, &owner, &third).await.text_at("/status"), "proven");
    }
    assert_eq!(told(&world, &owner, NUMBER).await.status, 200, "it is proven already: nothing is texted");
    assert_eq!(texts(&world, NUMBER).len(), before);
}

#[tokio::test]
async fn a_number_that_is_not_proven_is_forgotten_after_a_day() {
    let world = World::new(8).await;
    let owner = shop(&world, "owner").await;
    assert_eq!(told(&world, &owner, NUMBER).await.status, 202);
    let telephone = async |hours: i64| {
        world.clock.advance_seconds(hours * 3_600);
        let owner = Person::of(&login(&world, &owner.email, PASSWORD).await);
        let shown = async || owner.get(&world, NOTIFICATIONS).await.at("/telephone");
        let before = shown().await;
        world.tick().await;
        assert_eq!(shown().await, before, "whether or not the table has taken it away");
        (before, owner)
    };
    let (kept, _) = telephone(23).await;
    assert_eq!(kept["status"], json!("unproven"));
    let (gone, owner) = telephone(1).await;
    assert_eq!(gone, json!(null));
    assert_eq!(told(&world, &owner, NUMBER).await.status, 202);
    assert_eq!(proves(&world, &owner, &code_of(&world, NUMBER)).await.text_at("/status"), "proven");
    let (proven, _) = telephone(48).await;
    assert_eq!(proven["status"], json!("proven"));
}

#[tokio::test]
async fn of_many_tries_at_once_no_more_than_five_count() {
    let world = World::new(3).await;
    let owner = shop(&world, "owner").await;
    assert_eq!(told(&world, &owner, NUMBER).await.status, 202);
    let code = code_of(&world, NUMBER);
    let wrong = ["000000", "111111"].into_iter().find(|it| *it != code).expect("one of two");
    let tries = (0..8).map(|_| proves(&world, &owner, wrong));
    let answers = futures::future::join_all(tries).await;
    let heard = answers.iter().filter(|it| it.text_at("/code") == "wrong_code").count();
    assert!(heard <= 5, "{heard}");
    let mut last = proves(&world, &owner, wrong).await;
    for _ in 0..5 {
        last = proves(&world, &owner, wrong).await;
    }
    assert_eq!(refusal(&last), (400, "code_spent".to_owned()));
}

#[tokio::test]
async fn a_number_goes_with_whoever_leaves_and_is_nobody_elses() {
    let world = World::new(4).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    texted(&world, &marketer, NUMBER).await;
    assert_eq!(owner.get(&world, NOTIFICATIONS).await.at("/telephone"), Value::Null, "each has their own");
    let key = json!({"name": "robot", "scopes": ["team:read"]});
    let key = owner.post(&world, "/api/v1/api-keys", &key).await.text_at("/key");
    let robot = world.call("PUT", TELEPHONE).bearer(&key).json(&json!({"number": NUMBER})).send().await;
    assert_eq!(robot.status, 403, "{}", robot.text);
    let kept = || format!("{:?}", world.table.dump().expect("it reads")).contains(NUMBER);
    assert!(kept(), "it is kept as it is said");
    let gone = owner.call(&world, "DELETE", &format!("/api/v1/members/{}", marketer.user), &json!({})).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    assert!(!kept(), "no trace of it");
}

#[tokio::test]
async fn one_whose_time_passed_asks_whoever_had_it_scheduled_once_by_mail_and_by_text() {
    let world = World::new(5).await;
    let owner = shop(&world, "owner").await;
    let marketer = join(&world, &owner, "mara", "marketer").await;
    texted(&world, &marketer, NUMBER).await;
    let id =
        made(&world, &owner, &json!({"name": "Spring", "channel": "sms", "text": "Hi", "rule": "EVERYONE"}))
            .await;
    let at = |hours: i64| flows::Clock::now(&*world.clock) + jiff::SignedDuration::from_hours(hours);
    let once = json!({"at": at(2).to_string()});
    let scheduled = marketer.post(&world, &format!("/api/v1/campaigns/{id}/schedule"), &once).await;
    assert_eq!(scheduled.status, 200, "{}", scheduled.text);
    let asked = || {
        let mails = world.outbox.to(&marketer.email);
        let mails = mails.iter().filter(|mail| mail.subject == "Spring was not sent").count();
        (mails, texts(&world, NUMBER).iter().filter(|text| text.contains("Spring was not sent")).count())
    };
    crate::cast::set_status(&world, &owner.tenant, TenantStatus::Disconnected).await;
    world.clock.advance_seconds(2 * 3_600);
    for _ in 0..4 {
        world.tick().await;
        world.settle().await;
        world.clock.advance_seconds(900);
    }
    assert_eq!(asked(), (1, 1));
    crate::cast::set_status(&world, &owner.tenant, TenantStatus::Active).await;
    let store = world.store_of(owner.tenant.parse().expect("an id"));
    let campaign =
        store.campaign(id.parse().expect("an id")).await.expect("memory holds").expect("it is there");
    assert_eq!((campaign.state.name(), campaign.due_at), ("draft", None), "nothing is left to do");
    let marketer = Person::of(&login(&world, &marketer.email, PASSWORD).await);
    let shown = marketer.get(&world, &format!("/api/v1/campaigns/{id}")).await;
    assert!(shown.text_at("/reason").contains("schedule it anew"), "{}", shown.text);

    // Nothing ran for a day: the same, and once more.
    let once = json!({"at": at(2).to_string()});
    let again = marketer.post(&world, &format!("/api/v1/campaigns/{id}/schedule"), &once).await;
    assert_eq!((again.status.as_u16(), again.at("/reason")), (200, Value::Null), "{}", again.text);
    world.clock.advance_seconds(27 * 3_600);
    for _ in 0..3 {
        world.tick().await;
        world.settle().await;
        world.clock.advance_seconds(900);
    }
    assert_eq!(asked(), (2, 2));
    assert_eq!(texts(&world, NUMBER).len(), 3, "the code, and these two");
}
