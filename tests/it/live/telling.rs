//! Who hears of what happens.

use super::{about, events, kept, run, watching};
use crate::cast::{Person, join, login, set_status, sign_up};
use domain::{Run, SocketId, TenantStatus};
use flows::{
    Clock, FlowError, Sending, Sockets,
    progress::SyncProgress,
    watching::{Happening, told},
};
use local::{World, world::Watcher};
use serde_json::{Value, json};

/// What a function does that has moved a run on.
async fn moved(world: &World, person: &Person, run: &Run) {
    let store = world.store_with_faults_of(person.tenant.parse().expect("a tenant's id"));
    let progress = SyncProgress::of(run);
    let happenings = [
        Happening::of_run("sync:progress", run.id, &progress),
        Happening::of_tenant("sync:update", &progress),
    ];
    told(&store, &*world.ports.sockets, world.clock.now(), &happenings).await;
}

#[tokio::test]
async fn everybody_of_a_tenant_hears_of_it_and_who_asked_hears_more() {
    let world = World::new(1).await;
    let (ada, eve) = (sign_up(&world, "ada").await, sign_up(&world, "eve").await);
    let bob = join(&world, &ada, "bob", "viewer").await;
    let run = run(&world, &ada, 1).await;
    let (mut asked, mut other) = (watching(&world, &ada).await, watching(&world, &bob).await);
    let mut foreign = watching(&world, &eve).await;
    asked.say(&about("sync:subscribe", &run)).await;
    foreign.say(&about("sync:subscribe", &run)).await;
    moved(&world, &ada, &run).await;
    let heard = asked.hear();
    assert_eq!(events(&heard), ["sync:progress", "sync:update"]);
    assert_eq!(heard[0]["data"], json!(SyncProgress::of(&run)), "the same as the API tells");
    assert_eq!(events(&other.hear()), ["sync:update"]);
    assert_eq!(foreign.hear(), Vec::<Value>::new(), "another tenant's hears nothing");
    asked.say(&about("sync:unsubscribe", &run)).await;
    moved(&world, &ada, &run).await;
    assert_eq!(events(&asked.hear()), ["sync:update"]);
}

#[tokio::test]
async fn who_is_gone_is_forgotten_and_who_is_coming_is_not() {
    let world = World::new(2).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;
    let (mut gone, mut there) = (watching(&world, &ada).await, watching(&world, &ada).await);
    gone.vanish();
    moved(&world, &ada, &run).await;
    assert_eq!(kept(&world), 4, "the gateway says of a socket that is being opened that it is gone");
    world.clock.advance_seconds(10);
    moved(&world, &ada, &run).await;
    assert_eq!(kept(&world), 2);
    assert_eq!(events(&there.hear()), ["sync:update", "sync:update"]);
    there.leave().await;
    assert_eq!(kept(&world), 0);
    moved(&world, &ada, &run).await;
}

#[tokio::test]
async fn one_who_cannot_be_reached_keeps_nobody_waiting() {
    let world = World::new(3).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;
    world.set_plan(&ada.tenant, domain::Plan::Own).await;
    let mut watchers = Vec::new();
    for _ in 0..40 {
        watchers.push(watching(&world, &ada).await);
    }
    // They do not read, and no more is taken for them.
    for full in &watchers[..20] {
        while world.hub.send(&full.socket, "{}").await.is_ok() {}
    }
    moved(&world, &ada, &run).await;
    for there in &mut watchers[20..] {
        assert_eq!(events(&there.hear()), ["sync:update"]);
    }
    assert_eq!(kept(&world), 80, "and nobody is taken for gone");
}

/// A gateway that never answers about one of them.
struct Stuck<'a>(&'a World, SocketId);

#[async_trait::async_trait]
impl Sockets for Stuck<'_> {
    async fn send(&self, socket: &SocketId, text: &str) -> Result<Sending, FlowError> {
        if *socket == self.1 {
            std::future::pending::<()>().await;
        }
        self.0.hub.send(socket, text).await
    }

    async fn close(&self, socket: &SocketId) -> Result<(), FlowError> {
        self.0.hub.close(socket).await
    }
}

#[tokio::test]
async fn one_of_whom_nothing_is_heard_keeps_nobody_waiting() {
    let world = World::new(6).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;
    let (silent, mut there) = (watching(&world, &ada).await, watching(&world, &ada).await);
    let (store, stuck) = (world.store_of(run.tenant), Stuck(&world, silent.socket.clone()));
    let happenings = [Happening::of_tenant("sync:update", &SyncProgress::of(&run))];
    let telling = told(&store, &stuck, world.clock.now(), &happenings);
    let heard = async {
        loop {
            let heard = there.hear();
            if !heard.is_empty() {
                return heard;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        _ = telling => panic!("one of them has not answered"),
        heard = heard => assert_eq!(events(&heard), ["sync:update"]),
    }
}

/// Of somebody who watches and loses the right to: nothing more is told, nothing is kept, and the socket is ended.
async fn loses(world: &World, ada: &Person, run: &Run, mut watcher: Watcher<'_>, how: &str) {
    moved(world, ada, run).await;
    assert_eq!(watcher.hear(), Vec::<Value>::new(), "{how}");
    assert!(watcher.is_over(), "{how}");
    assert_eq!(kept(world), 0, "{how}");
}

#[tokio::test]
async fn who_may_not_watch_any_more_hears_nothing() {
    let world = World::new(4).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;

    let bob = join(&world, &ada, "bob", "viewer").await;
    let watcher = watching(&world, &bob).await;
    let left = ada.call(&world, "DELETE", &format!("/api/v1/members/{}", bob.user), &json!({})).await;
    assert_eq!(left.status, 204, "{}", left.text);
    loses(&world, &ada, &run, watcher, "is no member any more").await;

    let again = Person::of(&login(&world, &ada.email, crate::cast::PASSWORD).await);
    let watcher = watching(&world, &again).await;
    assert_eq!(again.post(&world, "/api/auth/logout", &json!({})).await.status, 200);
    loses(&world, &ada, &run, watcher, "has signed out").await;

    let again = Person::of(&login(&world, &ada.email, crate::cast::PASSWORD).await);
    let watcher = watching(&world, &again).await;
    let change = json!({"current_password": crate::cast::PASSWORD, "new_password": "N3w!password"});
    let changed = ada.post(&world, "/api/auth/change-password", &change).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    loses(&world, &ada, &run, watcher, "was signed out by a new password").await;

    for status in [TenantStatus::Suspended, TenantStatus::Churned] {
        let ada = Person::of(&login(&world, &ada.email, "N3w!password").await);
        let watcher = watching(&world, &ada).await;
        set_status(&world, &ada.tenant, status).await;
        loses(&world, &ada, &run, watcher, "is of a tenant that is closed").await;
        set_status(&world, &ada.tenant, TenantStatus::Active).await;
    }
}

#[tokio::test]
async fn a_socket_that_has_ended_hears_nothing() {
    let world = World::new(5).await;
    let ada = sign_up(&world, "ada").await;
    let run = run(&world, &ada, 1).await;
    let mut watcher = watching(&world, &ada).await;
    world.clock.advance_seconds(7_199);
    moved(&world, &ada, &run).await;
    assert_eq!(events(&watcher.hear()), ["sync:update"]);
    world.clock.advance_seconds(1);
    moved(&world, &ada, &run).await;
    assert_eq!(watcher.hear(), Vec::<Value>::new());
}

#[tokio::test]
async fn nothing_fails_because_nobody_could_be_told() {
    for seed in 0..40 {
        let world = World::new(seed).await;
        let ada = sign_up(&world, "ada").await;
        let run = run(&world, &ada, 1).await;
        let mut watcher = watching(&world, &ada).await;
        world.clock.advance_seconds(10);
        world.faults.storm(300);
        let telling = async { moved(&world, &ada, &run).await };
        let _ = local::faults::crash::watched(telling).await;
        world.faults.calm();
        watcher.hear();
        moved(&world, &ada, &run).await;
        assert_eq!(events(&watcher.hear()), ["sync:update"], "seed {seed}: and the next is heard");
    }
}
