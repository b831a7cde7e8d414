//! The people of the tests, and the few things that they do all the time.

use domain::{Tenant, TenantStatus};
use local::{World, world::Answer};
use serde_json::{Value, json};

pub(crate) const PASSWORD: &str = "Str0ng!pass";

/// Somebody who has signed in, as a program sees it.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) email: String,
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) user: String,
    pub(crate) tenant: String,
}

impl Person {
    /// # Panics
    /// If nobody was signed in.
    pub(crate) fn of(answer: &Answer) -> Self {
        assert!(answer.status.is_success(), "{} {}", answer.status, answer.text);
        Self {
            email: answer.text_at("/user/email"),
            access: answer.text_at("/tokens/access_token"),
            refresh: answer.text_at("/tokens/refresh_token"),
            user: answer.text_at("/user/id"),
            tenant: answer.text_at("/tenant/id"),
        }
    }

    pub(crate) async fn get(&self, world: &World, path: &str) -> Answer {
        world.get(path).bearer(&self.access).send().await
    }

    pub(crate) async fn post(&self, world: &World, path: &str, body: &Value) -> Answer {
        world.post(path).bearer(&self.access).json(body).send().await
    }

    pub(crate) async fn call(&self, world: &World, method: &str, path: &str, body: &Value) -> Answer {
        world.call(method, path).bearer(&self.access).json(body).send().await
    }
}

/// A new owner of a new tenant, from a network address of their own.
pub(crate) async fn sign_up(world: &World, name: &str) -> Person {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "name": name});
    let from = address_of(name);
    Person::of(&world.post("/api/auth/signup").from(from).json(&body).send().await)
}

pub(crate) async fn login(world: &World, email: &str, password: &str) -> Answer {
    let body = json!({"email": email, "password": password});
    world.post("/api/auth/login").from(address_of(email)).json(&body).send().await
}

/// Somebody who was invited by the owner, and came.
pub(crate) async fn join(world: &World, owner: &Person, name: &str, role: &str) -> Person {
    let email = format!("{name}@example.com");
    let invited = owner.post(world, "/api/v1/invitations", &json!({"email": email, "role": role})).await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    world.settle().await;
    let body = json!({"token": mailed_token(world, &email), "name": name, "password": PASSWORD});
    let from = address_of(name);
    Person::of(&world.post("/api/v1/invitations/accept").from(from).json(&body).send().await)
}

/// As whoever runs the installation would.
pub(crate) async fn set_status(world: &World, tenant: &str, status: TenantStatus) {
    let store = world.store_of(tenant.parse().expect("a tenant's id"));
    let held = store.tenant().await.expect("memory holds").expect("it is there");
    let changed = Tenant { status, ..(*held).clone() };
    store.commit(vec![store.tenant_changed(&held, &changed)]).await.expect("nobody else changes it");
}

/// The token of the link in the newest mail to that address.
pub(crate) fn mailed_token(world: &World, email: &str) -> String {
    let mails = world.outbox.to(email);
    let mail = mails.first().expect("a mail has come");
    let (_, token) = mail.text.split_once("#token=").expect("with a link");
    token.split_whitespace().next().unwrap_or_default().to_owned()
}

/// So that the attempts of one do not count for another.
pub(crate) fn address_of(name: &str) -> [u8; 4] {
    let sum = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    let [_, b, c, d] = sum.to_be_bytes();
    [10, b, c, d]
}
