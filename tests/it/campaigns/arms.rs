//! Several words for one campaign: some try them, and the others get those that did best (CMP-13).

use super::{PATH, acted, made, shown};
use crate::{
    cast::{PASSWORD, Person, login},
    customers::{shop, told},
    links::{open, path_in},
};
use domain::{Queue, Task};
use local::{World, world::Answer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const PEOPLE: usize = 120;
pub(super) const HOUR: i64 = 3_600;

pub(super) fn variant(name: &str) -> Value {
    json!({
        "subject": format!("Try {name}"),
        "html": format!(
            "<p>Words {name}</p><a href=\"https://shop.example/{name}\">Tea</a><a href=\"{{{{ view_url }}}}\">See</a>\
             <a href=\"{{{{ unsubscribe_url }}}}\">No more</a>"
        ),
    })
}

pub(super) fn tried(percent: u8) -> Value {
    json!({
        "name": "Spring", "kind": "newsletter", "rule": "EVERYONE", "held_out_percent": 10,
        "trial": {"variants": [variant("A"), variant("B")], "test_percent": percent, "hours": 4},
    })
}

/// A shop of readers, and a campaign of which those who try it have theirs.
async fn begun(seed: u64, body: &Value) -> (World, Person, String) {
    let world = World::new(seed).await;
    let owner = shop(&world, "owner").await;
    let agreed = json!({"state": "subscribed"});
    let people: Vec<_> = (0..PEOPLE)
        .map(|one| json!({"email": format!("p{one}@customers.test"), "email_consent": agreed}))
        .collect();
    let made_all = owner.post(&world, "/api/v1/customers/bulk", &json!({"customers": people})).await;
    assert!(made_all.status.is_success(), "{}", made_all.text);
    world.settle().await;
    let owner = again(&world, &owner).await;
    let id = made(&world, &owner, body).await;
    acted(&world, &owner, &id, "launch").await;
    world.settle().await;
    let owner = again(&world, &owner).await;
    (world, owner, id)
}

/// Time passes, and sign-ins end with it.
async fn again(world: &World, person: &Person) -> Person {
    Person::of(&login(world, &person.email, PASSWORD).await)
}

pub(super) async fn later(world: &World, owner: &Person, seconds: i64) -> Person {
    world.clock.advance_seconds(seconds);
    world.settle().await;
    again(world, owner).await
}

/// Who got what: nobody got two.
pub(super) fn letters(world: &World) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for letter in world.vendor.letters() {
        let before = all.insert(letter.to.as_str().to_owned(), letter.subject.clone());
        assert_eq!(before, None, "{} got two", letter.to.as_str());
    }
    all
}

fn who_got(world: &World, subject: &str) -> BTreeSet<String> {
    letters(world).into_iter().filter(|(_, got)| got == subject).map(|(who, _)| who).collect()
}

async fn click(world: &World, subject: &str, at_most: usize) {
    let letters = world.vendor.letters();
    for letter in letters.iter().filter(|letter| letter.subject == subject).take(at_most) {
        let answer = open(world, &path_in(letter, "/t/click/")).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
    }
}

fn number(answer: &Answer, at: &str) -> u64 {
    answer.at(at).as_u64().unwrap_or_else(|| panic!("{at} in {}", answer.text))
}

#[tokio::test]
async fn those_who_wait_get_the_words_that_were_followed_most_and_nobody_gets_both() {
    let (world, owner, id) = begun(1, &tried(60)).await;
    let (of_a, of_b) = (who_got(&world, "Try A"), who_got(&world, "Try B"));
    assert!(of_a.len() > 15 && of_b.len() > 15 && of_a.is_disjoint(&of_b), "{of_a:?} {of_b:?}");
    let page = shown(&world, &owner, &id).await;
    assert_eq!(
        (page.text_at("/status"), page.at("/trial/results/winner"), page.at("/trial/rest_percent")),
        ("sending".to_owned(), Value::Null, json!(40)),
        "{}",
        page.text
    );
    assert!(page.text_at("/trial/results/verdict").contains("not decided yet"), "{}", page.text);
    click(&world, "Try B", usize::MAX).await;
    click(&world, "Try A", 1).await;
    world.settle().await;
    assert_eq!(letters(&world).len(), of_a.len() + of_b.len(), "it is not time yet");

    let owner = later(&world, &owner, 4 * HOUR).await;
    let page = shown(&world, &owner, &id).await;
    assert_eq!(
        (
            page.text_at("/status"),
            page.text_at("/trial/results/winner"),
            page.at("/trial/results/is_significant")
        ),
        ("sent".to_owned(), "B".to_owned(), json!(true)),
        "{}",
        page.text
    );
    assert!(page.text_at("/trial/results/verdict").contains("B is clicked more often"), "{}", page.text);
    assert!(page.at("/trial/results/p_value").as_f64().unwrap() < 0.001);
    assert_eq!(who_got(&world, "Try A"), of_a, "whoever tried them has them still");
    let all = letters(&world);
    let counts = ["/trial/results/variants/0", "/trial/results/variants/1", "/trial/results/rest"];
    let chosen: Vec<u64> = counts.iter().map(|at| number(&page, &format!("{at}/chosen"))).collect();
    assert_eq!(chosen, [of_a.len(), of_b.len(), all.len() - of_a.len() - of_b.len()].map(|it| it as u64));
    assert!(chosen[2] > 25, "{chosen:?}");
    let left_out = page.at("/plan/left_out");
    let held_out = left_out.as_array().unwrap().iter().find(|it| it["reason"] == "held_out").unwrap();
    assert_eq!(held_out["count"].as_u64().unwrap() + chosen.iter().sum::<u64>(), PEOPLE as u64);
    assert_eq!(number(&page, "/trial/results/variants/1/clicked"), of_b.len() as u64);
    assert_eq!(page.at("/trial/results/variants/1/rate_percent"), json!(100.0));
    let (low, high) = (
        page.at("/trial/results/variants/0/rate_low_percent"),
        page.at("/trial/results/variants/0/rate_high_percent"),
    );
    assert!(low.as_f64().unwrap() > 0.0 && high.as_f64().unwrap() < 30.0, "{low} {high}");

    // The same stands with the campaign's figures; and each sees in a browser what they got.
    let figures = owner.get(&world, &format!("{PATH}/{id}/analytics")).await;
    assert_eq!(figures.text_at("/trial/winner"), "B", "{}", figures.text);
    assert_eq!(number(&figures, "/trial/rest/delivered"), chosen[2]);
    let moves = owner.get(&world, &format!("{PATH}/{id}/history")).await;
    assert!(moves.text.contains("\"decided\""), "{}", moves.text);
    let waited =
        |letter: &&flows::Letter| !of_a.contains(letter.to.as_str()) && !of_b.contains(letter.to.as_str());
    for letter in [
        world.vendor.letters().iter().find(waited).unwrap().clone(),
        world.vendor.letters().iter().find(|letter| letter.subject == "Try A").unwrap().clone(),
    ] {
        let page = open(&world, &path_in(&letter, "/t/view/")).await;
        let words = letter.subject.replace("Try", "Words");
        assert!(page.text.contains(&words), "{words}: {}", page.text);
    }
}

#[tokio::test]
async fn what_decides_may_come_again_and_again() {
    let (world, owner, id) = begun(2, &tried(60)).await;
    click(&world, "Try B", usize::MAX).await;
    let owner = later(&world, &owner, 4 * HOUR).await;
    let (before, sent) = (shown(&world, &owner, &id).await, letters(&world));
    // Whoever comes late sees more clicks, and decides nothing.
    click(&world, "Try A", usize::MAX).await;
    world.settle().await;
    let (tenant, campaign) = (owner.tenant.parse().unwrap(), id.parse().unwrap());
    for _ in 0..3 {
        for (queue, task) in [
            (Queue::Campaign, Task::KeepCampaign { tenant, campaign }),
            (Queue::Send, Task::SendLane { tenant, campaign, from: 0 }),
            (Queue::Send, Task::SendChunk { tenant, campaign, number: 2 }),
        ] {
            world.deliver(queue, &serde_json::to_string(&task).unwrap()).await.unwrap();
        }
        world.settle().await;
    }
    let owner = again(&world, &owner).await;
    let after = shown(&world, &owner, &id).await;
    for at in ["winner", "decided_at", "p_value", "leader", "verdict"] {
        let at = format!("/trial/results/{at}");
        assert_eq!(before.at(&at), after.at(&at), "{at}");
    }
    assert_eq!(letters(&world), sent);
    assert!(number(&after, "/trial/results/variants/0/clicked") > 15, "it is counted all the same");
}

#[tokio::test]
async fn a_difference_that_may_be_chance_is_called_so_and_the_first_of_equals_goes_out() {
    let (world, owner, id) = begun(3, &tried(60)).await;
    let of_both = letters(&world).len();
    let owner = later(&world, &owner, 4 * HOUR).await;
    let page = shown(&world, &owner, &id).await;
    let verdict = page.text_at("/trial/results/verdict");
    assert!(
        verdict.contains("no difference that could not be chance") && verdict.contains("equal"),
        "{verdict}"
    );
    assert_eq!(
        (page.text_at("/trial/results/winner"), page.at("/trial/results/is_significant")),
        ("A".to_owned(), json!(false))
    );
    assert_eq!(page.at("/trial/results/p_value"), json!(1.0));
    assert!(letters(&world).len() > of_both + 25);

    let (world, owner, id) = begun(4, &tried(60)).await;
    click(&world, "Try B", 2).await;
    let owner = later(&world, &owner, 4 * HOUR).await;
    let page = shown(&world, &owner, &id).await;
    let verdict = page.text_at("/trial/results/verdict");
    assert!(
        verdict.contains("no difference that could not be chance") && verdict.contains("B leads"),
        "{verdict}"
    );
    assert_eq!(page.text_at("/trial/results/winner"), "B", "whoever leads goes to the others");
}

#[tokio::test]
async fn somebody_may_decide_before_the_hours_are_over_and_once() {
    let (world, owner, id) = begun(5, &tried(60)).await;
    let tried = letters(&world);
    let path = format!("{PATH}/{id}/trial/decide");
    for (body, code) in
        [(json!({}), "invalid"), (json!({"variant": "C"}), "invalid"), (json!({"arm": 1}), "unknown_member")]
    {
        let refused = owner.post(&world, &path, &body).await;
        assert_eq!((refused.status.as_u16(), told(&refused).1.as_str()), (400, code), "{body}");
    }
    world.clock.advance_seconds(300);
    let decided = owner.post(&world, &path, &json!({"variant": "b"})).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!((decided.text_at("/winner"), decided.at("/decided_by_hand")), ("B".to_owned(), json!(true)));
    assert!(decided.text_at("/verdict").contains("B was chosen by hand"), "{}", decided.text);
    let twice = owner.post(&world, &path, &json!({"variant": "A"})).await;
    assert_eq!(told(&twice).1, "already_decided");
    world.settle().await;
    let rest: BTreeSet<String> =
        letters(&world).into_iter().filter(|(who, _)| !tried.contains_key(who)).map(|(_, got)| got).collect();
    assert_eq!(rest, BTreeSet::from(["Try B".to_owned()]));
    let owner = again(&world, &owner).await;
    let page = shown(&world, &owner, &id).await;
    assert_eq!(page.text_at("/status"), "sent", "{}", page.text);
    assert_eq!(page.at("/moves").as_array().unwrap().iter().filter(|it| it["act"] == "decided").count(), 1);
    let plain = json!({"name": "Plain", "rule": "EVERYONE", "subject": "Hi", "html": "<p>Hi</p>", "kind": "transactional"});
    let plain = made(&world, &owner, &plain).await;
    let refused = owner.post(&world, &format!("{PATH}/{plain}/trial/decide"), &json!({"variant": "A"})).await;
    assert_eq!(told(&refused).1, "no_trial");
}

#[tokio::test]
async fn nothing_is_decided_while_it_is_paused_and_nobody_waits_for_what_is_cancelled() {
    let sixty = tried(60);
    let (world, owner, id) = begun(6, &sixty).await;
    let tried = letters(&world);
    click(&world, "Try B", usize::MAX).await;
    acted(&world, &owner, &id, "pause").await;
    let owner = later(&world, &owner, 5 * HOUR).await;
    assert_eq!(shown(&world, &owner, &id).await.at("/trial/results/winner"), Value::Null);
    assert_eq!(letters(&world), tried);
    acted(&world, &owner, &id, "resume").await;
    world.settle().await;
    let owner = again(&world, &owner).await;
    assert_eq!(shown(&world, &owner, &id).await.text_at("/trial/results/winner"), "B");
    assert!(letters(&world).len() > tried.len());

    let (world, owner, id) = begun(7, &sixty).await;
    let tried = letters(&world);
    acted(&world, &owner, &id, "cancel").await;
    let owner = later(&world, &owner, 5 * HOUR).await;
    assert_eq!(letters(&world), tried);
    let page = shown(&world, &owner, &id).await;
    assert_eq!(page.at("/trial/results/winner"), Value::Null);
    assert!(page.text_at("/trial/results/verdict").contains("ended before it was decided"), "{}", page.text);
    let rest = number(&page, "/trial/results/rest/chosen");
    assert_eq!(number(&page, "/counts/skipped"), rest, "each of them is told so");
    let refused = owner.post(&world, &format!("{PATH}/{id}/trial/decide"), &json!({"variant": "A"})).await;
    assert_eq!(told(&refused).1, "not_now");
}

#[tokio::test]
async fn where_everybody_tries_them_it_is_over_at_once_and_compared_later() {
    let (world, owner, id) = begun(8, &tried(100)).await;
    let page = shown(&world, &owner, &id).await;
    assert_eq!((page.text_at("/status"), page.at("/trial/results/winner")), ("sent".to_owned(), Value::Null));
    assert!(page.text_at("/trial/results/verdict").contains("not decided yet"), "{}", page.text);
    let (of_a, of_b) = (who_got(&world, "Try A").len(), who_got(&world, "Try B").len());
    assert!(of_a > 35 && of_b > 35, "half of them each: {of_a} {of_b}");
    click(&world, "Try A", usize::MAX).await;
    let owner = later(&world, &owner, 4 * HOUR).await;
    let page = shown(&world, &owner, &id).await;
    assert_eq!(page.text_at("/trial/results/winner"), "A", "{}", page.text);
    assert_eq!(page.at("/trial/results/rest"), Value::Null, "{}", page.text);
}

#[tokio::test]
async fn it_stands_with_each_message_in_which_words_it_was_written() {
    let (world, owner, id) = begun(41, &tried(20)).await;
    let all = owner.get(&world, &format!("{PATH}/{id}/messages?limit=100")).await;
    let items = all.at("/items").as_array().cloned().unwrap_or_default();
    let of = |variant: &Value| items.iter().filter(|item| item["variant"] == *variant).count();
    let tries = who_got(&world, "Try A").len();
    assert!(tries > 0, "{}", all.text);
    assert_eq!(of(&json!("A")), tries);
    assert_eq!(of(&json!("B")), who_got(&world, "Try B").len());
    assert_eq!(of(&Value::Null), items.len() - of(&json!("A")) - of(&json!("B")), "the others wait");
    assert!(of(&Value::Null) > 0, "{}", all.text);
    let file = owner.get(&world, &format!("{PATH}/{id}/messages?format=csv")).await;
    let first = file.text.lines().next().unwrap_or_default();
    assert!(first.ends_with(",refusals,variant"), "{first}");
    assert_eq!(file.text.lines().filter(|line| line.ends_with(",A")).count(), tries);
}
