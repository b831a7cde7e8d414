//! The queue's event of `events/`, through Lambda's way in, to the whole function: a mail goes out.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod quiet;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Currency, Invitation, InvitationId, Maker, Member, Plan, Role, Tenant, TenantId, TenantStatus, Timestamp,
    UserId, Zone,
};
use flows::{Clock, FlowError, Installed, Mail, Mailer, SecretBox, Secrets, clock::SystemDice};
use notify::Deps;
use quiet::Nobody;
use serde_json::{Value, json};
use store::{Store, local::LocalTable};

const EVENT: &str = include_str!("../../../events/notify.json");

/// The event's own time, one document of secrets, and a provider that takes every mail.
struct World {
    secrets: Arc<Secrets>,
    mails: Mutex<Vec<Mail>>,
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> Timestamp {
        "2026-11-21T06:00:00Z".parse().unwrap()
    }

    async fn pause(&self, _: Duration) {}
}

#[async_trait]
impl SecretBox for World {
    async fn open(&self) -> Result<Arc<Secrets>, FlowError> {
        Ok(self.secrets.clone())
    }
}

#[async_trait]
impl Mailer for World {
    async fn send(&self, mail: Mail) -> Result<(), FlowError> {
        self.mails.lock().unwrap().push(mail);
        Ok(())
    }
}

/// The team and the invitation that the event's first record names.
async fn invited(store: &Store, now: Timestamp) -> (TenantId, InvitationId) {
    let event: Value = serde_json::from_str(EVENT).unwrap();
    let task: Value = serde_json::from_str(event["Records"][0]["body"].as_str().unwrap()).unwrap();
    let tenant: TenantId = task["tenant"].as_str().unwrap().parse().unwrap();
    let id: InvitationId = task["invitation"].as_str().unwrap().parse().unwrap();
    let user = UserId::new(now, [1; 10]);
    let owner = Member {
        tenant,
        user,
        email: "owner@example.com".parse().unwrap(),
        name: "Ada".parse().unwrap(),
        role: Role::Owner,
        since: now,
    };
    let team = Tenant {
        id: tenant,
        name: "Kaffeehaus".parse().unwrap(),
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: Currency::USD,
        currency_changes: 0,
        zone: Zone::UTC,
        created_at: now,
    };
    let invitation = Invitation {
        id,
        tenant,
        email: "grace@example.com".parse().unwrap(),
        role: Role::Viewer,
        invited_by: Maker { user, hand: 0 },
        created_at: now,
        expires_at: "2026-11-28T06:00:00Z".parse().unwrap(),
        told_at: None,
        due_at: now,
        claimed_until: None,
    };
    store.commit(vec![Store::tenant_made(&team, &owner)]).await.unwrap();
    let its = store.for_task(tenant);
    its.commit(vec![its.invitation_made(&invitation)]).await.unwrap();
    (tenant, id)
}

#[tokio::test]
async fn the_queues_event_mails_the_invitation_and_only_what_is_no_task_comes_again() {
    let store = Store::new(Arc::new(LocalTable::in_memory()));
    let secrets = Secrets::parse(&Secrets::generate(&SystemDice, "first")).unwrap();
    let world = Arc::new(World { secrets: Arc::new(secrets), mails: Mutex::default() });
    let (tenant, invitation) = invited(&store, world.now()).await;
    let deps = Deps {
        store: store.clone(),
        mailer: world.clone(),
        texters: Arc::new(Nobody),
        keys: Arc::new(Nobody),
        secrets: world.clone(),
        clock: world.clone(),
        dice: Arc::new(SystemDice),
        installed: Installed { mail: Vec::new(), text: Vec::new(), lent: None },
        origin: "https://crm.example.com".to_owned(),
    };

    for delivery in ["first", "second"] {
        let event = serde_json::from_str(EVENT).unwrap();
        let answer =
            runtime::taken("notify", delivery, &*world, event, |task| notify::handle(&deps, task)).await;
        let unknown = json!([{"itemIdentifier": "7f0d9a52-1c1e-4f1c-9c55-c4a2f1f3a0de"}]);
        assert_eq!(serde_json::to_value(answer).unwrap(), json!({"batchItemFailures": unknown}));

        let mails = world.mails.lock().unwrap().clone();
        let [mail] = &mails[..] else { panic!("{delivery}: one mail, and not {}", mails.len()) };
        assert_eq!(mail.to, "grace@example.com");
        assert_eq!(mail.subject, "You are invited to Kaffeehaus on Regulars");
        let token = world.secrets.invitation_token(tenant, invitation);
        assert!(mail.text.contains(&format!("https://crm.example.com/accept-invitation#token={token}")));
    }
    let held = store.for_task(tenant).invitation(invitation).await.unwrap().unwrap();
    assert_eq!(held.told_at, Some(world.now()));
}
