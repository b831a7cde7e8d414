//! Five hundred acts under random faults end as they would have without: sign-ups, refreshes, invitations and
//! repeated POSTs, by many clients at once who repeat what was not answered, with the same key.
//!
//! A seed replays the dice. In which order passwords are hashed is the machine's affair, so that two runs of one seed
//! differ in who meets which fault; every order must end the same.

use crate::cast::{PASSWORD, address_of, mailed_token};
use domain::{Plan, Queue};
use flows::DeadLetters;
use futures::future::{join, join_all};
use local::{
    World,
    world::{Answer, Call},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Owners, who all act at once; each does 50 things, most of them by several clients at the same moment. Sign-ups and
/// guests who come are few: each hashes a password.
const OWNERS: usize = 10;
/// Per owner: a sign-up, and then, side by side, these.
const REFRESHES: usize = 5;
const GUESTS: usize = 10;
const GUESTS_WHO_COME: usize = 2;
const KEYS: usize = 24;
const TENANTS: usize = 8;
const ACTS: usize = OWNERS * (1 + REFRESHES + GUESTS + GUESTS_WHO_COME + KEYS + TENANTS);

/// How many of a thousand calls to a port go wrong. A request makes about ten.
const PER_MILLE: u32 = 40;
const SEEDS: [u64; 3] = [1, 2, 3];

/// One run: its world, its owners, and what they hold in the end.
struct Run {
    world: World,
    owners: Vec<Owner>,
}

struct Owner {
    name: String,
    refresh: String,
    keys: Vec<String>,
}

/// Everything that can be seen in the end, by whom, and how often.
type Picture = BTreeMap<String, usize>;

impl Run {
    async fn of(seed: u64, per_mille: u32) -> Self {
        let mut run = Self { world: World::new(seed).await, owners: Vec::new() };
        run.world.faults.storm(per_mille);
        run.owners = join_all((0..OWNERS).map(|number| run.live(format!("owner{number}")))).await;
        run.deliver().await;
        join_all(run.owners.iter().map(|owner| run.welcome(&owner.name))).await;
        run.world.faults.calm();
        run.world.settle().await;
        run
    }

    /// An owner signs up, and their clients go to work side by side.
    async fn live(&self, name: String) -> Owner {
        let body = json!({"email": email(&name), "password": PASSWORD, "name": name, "shop_name": name});
        let signed_up = self.post("/api/auth/signup", &format!("{name}-up"), None, &body).await;
        // So much at once is beyond the pace of the smallest plan.
        self.world.set_plan(&signed_up.text_at("/tenant/id"), Plan::Enterprise).await;
        let token = signed_up.text_at("/tokens/access_token");
        let token = Some(token.as_str());
        let refreshing = async {
            let mut refresh = signed_up.text_at("/tokens/refresh_token");
            for number in 0..REFRESHES {
                let (key, body) = (format!("{name}-re{number}"), json!({"refresh_token": refresh}));
                refresh =
                    self.post("/api/auth/refresh", &key, None, &body).await.text_at("/tokens/refresh_token");
            }
            refresh
        };
        let inviting = join_all((0..GUESTS).map(async |number| {
            let body = json!({"email": email(&guest(&name, number)), "role": "marketer"});
            self.post("/api/v1/invitations", &format!("{name}-in{number}"), token, &body).await;
        }));
        let making = join_all((0..KEYS).map(async |number| {
            let key = format!("{name}-key{number}");
            let body = json!({"name": key, "scopes": ["team:read"]});
            self.post("/api/v1/api-keys", &key, token, &body).await.text_at("/key")
        }));
        let founding = join_all((0..TENANTS).map(async |number| {
            let key = format!("{name}-shop{number}");
            self.post("/api/v1/tenants", &key, token, &json!({"name": key})).await;
        }));
        let ((refresh, _), (keys, _)) = join(join(refreshing, inviting), join(making, founding)).await;
        Owner { name, refresh, keys }
    }

    /// Some of the guests come, at the same moment: their team's counts are one item.
    async fn welcome(&self, name: &str) {
        join_all((0..GUESTS_WHO_COME).map(async |number| {
            let guest = guest(name, number);
            let token = mailed_token(&self.world, &email(&guest));
            let body = json!({"token": token, "name": guest, "password": PASSWORD});
            self.post("/api/v1/invitations/accept", &format!("{guest}-ac"), None, &body).await;
        }))
        .await;
    }

    /// Done, whatever happens on the way.
    async fn post(&self, path: &str, key: &str, token: Option<&str>, body: &Value) -> Answer {
        let call = self.world.post(path).from(address_of(key)).header("idempotency-key", key).json(body);
        let call = if let Some(token) = token { call.bearer(token) } else { call };
        let answer = self.insist(path, &call).await;
        assert!(answer.status.is_success(), "{path} {key}: {} {}", answer.status, answer.text);
        answer
    }

    /// Repeats until there is an answer that is final, as a careful but impatient program does: it asks again before
    /// it knows what became of the first.
    async fn insist(&self, path: &str, call: &Call<'_>) -> Answer {
        for _ in 0..100 {
            let (one, other) = join(call.try_send(), call.try_send()).await;
            let finals = [one, other].into_iter().flatten().filter(|answer| self.is_final(answer));
            let finals: Vec<_> = finals.collect();
            if let [one, other] = &finals[..] {
                assert_eq!(
                    (one.status, &one.text),
                    (other.status, &other.text),
                    "two answers to one request"
                );
            }
            if let Some(answer) = finals.into_iter().next() {
                return answer;
            }
        }
        panic!("{path} has no final answer in 100 tries");
    }

    fn is_final(&self, answer: &Answer) -> bool {
        match answer.status.as_u16() {
            429 => {
                self.world.clock.advance_seconds(answer.header("retry-after").parse().unwrap_or(1));
                false
            }
            503 => false,
            409 => answer.text_at("/code") != "changed_meanwhile",
            _ => true,
        }
    }

    /// The storm goes on while the mail goes out. What was tried too often is given another chance by a person.
    async fn deliver(&self) {
        for _ in 0..100 {
            self.world.storm_through().await;
            let dead = self.world.tasks.list(Queue::Notify, 1_000).await.expect("memory holds");
            for letter in &dead {
                assert!(self.world.tasks.replay(Queue::Notify, &letter.id).await.expect("memory holds"));
            }
            let guests = self.owners.iter().flat_map(|owner| (0..GUESTS).map(|of| guest(&owner.name, of)));
            let untold = guests.filter(|guest| self.world.outbox.to(&email(guest)).is_empty());
            if dead.is_empty() && untold.count() == 0 {
                return;
            }
        }
        panic!("some mail does not go out");
    }

    /// What each owner sees through their last refresh token and each of their keys; and how much of each kind is
    /// stored, so that nothing half-done or done twice stays unseen.
    async fn picture(&self) -> Picture {
        let mut seen = Vec::new();
        let kinds = self.world.table.dump().expect("memory can be looked at").into_iter().map(|item| {
            let [of, what] =
                [&item.key.pk, &item.key.sk].map(|key| key.split('#').next().unwrap_or_default());
            // Answers that are kept have names of their own in a partition of theirs.
            format!("stored: {of} {}", if item.key.pk.ends_with("#I") { "ANSWER" } else { what })
        });
        seen.extend(kinds.filter(|kind| !kind.ends_with("RATE")));
        for Owner { name, refresh, keys } in &self.owners {
            let body = json!({"refresh_token": refresh});
            let again = self.world.post("/api/auth/refresh").json(&body).send().await;
            let token = again.text_at("/tokens/access_token");
            for (path, member) in [
                ("/api/v1/members", "email"),
                ("/api/v1/members", "role"),
                ("/api/v1/invitations", "email"),
                ("/api/v1/api-keys?limit=100", "name"),
                ("/api/v1/tenants", "name"),
            ] {
                let list = self.world.get(path).bearer(&token).send().await.at("/items");
                let items = list.as_array().into_iter().flatten();
                seen.extend(items.map(|item| format!("{name} sees {path} {}", item[member])));
            }
            for key in keys {
                let answer = self.world.get("/api/v1/members").bearer(key).send().await;
                seen.push(format!("{name} by key {} {}", answer.status, answer.at("/total")));
            }
        }
        seen.into_iter().fold(Picture::new(), |mut picture, line| {
            *picture.entry(line).or_default() += 1;
            picture
        })
    }
}

fn email(name: &str) -> String {
    format!("{name}@example.com")
}

fn guest(owner: &str, number: usize) -> String {
    format!("{owner}-guest{number}")
}

#[tokio::test]
async fn five_hundred_acts_at_once_under_faults_end_as_without_them() {
    assert_eq!(ACTS, 500);
    let calm = Run::of(0, 0).await.picture().await;
    assert_eq!(calm.get("stored: USER USER"), Some(&(OWNERS * (1 + GUESTS_WHO_COME))), "{calm:#?}");
    for seed in SEEDS {
        let run = Run::of(seed, PER_MILLE).await;
        let happened = run.world.faults.happened();
        assert!(happened.values().sum::<u32>() > 200, "there was a storm: {happened:?}");
        let stormy = run.picture().await;
        let lines: BTreeSet<_> = calm.keys().chain(stormy.keys()).collect();
        let told = |line| (calm.get(line), stormy.get(line), line);
        let differ: Vec<_> = lines.into_iter().map(told).filter(|(calm, stormy, _)| calm != stormy).collect();
        assert!(calm == stormy, "seed {seed}: without, with faults: {differ:#?}");
    }
}
