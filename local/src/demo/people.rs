//! The demo's people: they come through the API's own routes, so that there is no back door to it.
//!
//! A start that was cut off half-way is finished by the next.

use anyhow::{Context as _, bail, ensure};
use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::TenantId;
use flows::{Dice, clock::SystemDice};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{fs, path::Path};

use crate::{doors::Behind, keys::keep_whole, product::Product, pump::pump};

/// Who owns the demo shop, and minds the queues of this installation.
pub const OWNER: &str = "owner@demo.test";

const PEOPLE: [(&str, &str, &str); 3] = [
    ("owner", OWNER, "Olive Owner"),
    ("marketer", "marketer@demo.test", "Max Marketer"),
    ("viewer", "viewer@demo.test", "Vera Viewer"),
];

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Person {
    pub role: String,
    pub email: String,
    pub password: String,
}

/// Who works in the demo shop, and how its owner is let in.
pub struct Team {
    pub people: Vec<Person>,
    pub(super) tenant: TenantId,
    /// The owner's access token.
    token: String,
}

/// The demo's people, there and able to sign in.
pub async fn people(product: &Product, behind: &Behind, data: &Path) -> anyhow::Result<Team> {
    let people = passwords(&data.join("demo.json"))?;
    let [owner, guests @ ..] = &people[..] else { bail!("demo.json names nobody") };
    let api = &product.api;
    let (token, tenant) = match sign_in(api, owner).await? {
        Some(signed) => signed,
        None => sign_up(api, owner).await?,
    };
    let token =
        proven(product, behind, owner, token).await.context("the owner's address cannot be proven")?;
    for guest in guests {
        if sign_in(api, guest).await?.is_none() {
            join(product, behind, &token, guest)
                .await
                .with_context(|| format!("{} cannot join", guest.email))?;
        }
    }
    Ok(Team { tenant: tenant.parse().context("the demo's tenant has no id")?, people, token })
}

impl Team {
    /// The shop's name, currency and time zone. Doing it again changes nothing.
    pub(super) async fn settle(&self, product: &Product, settings: &Value) -> anyhow::Result<()> {
        let (status, answer) =
            send(&product.api, "PATCH", "/api/v1/tenants/me", Some(&self.token), settings).await?;
        ensure!(status == 200, "the shop's settings were answered {status}: {answer}");
        Ok(())
    }
}

/// Made by chance once, and kept where only their owner can read them.
fn passwords(path: &Path) -> anyhow::Result<Vec<Person>> {
    if path.exists() {
        return Ok(serde_json::from_str(&fs::read_to_string(path)?)?);
    }
    let made = PEOPLE.map(|(role, email, _)| {
        let mut random = [0; 9];
        SystemDice.fill(&mut random);
        let password = format!("Demo-7{}", URL_SAFE_NO_PAD.encode(random));
        Person { role: role.to_owned(), email: email.to_owned(), password }
    });
    keep_whole(path, &serde_json::to_string_pretty(&made)?)?;
    Ok(made.into())
}

/// An access token, and the tenant that it opens; `None` if there is no such person yet.
async fn sign_in(api: &Router, person: &Person) -> anyhow::Result<Option<(String, String)>> {
    let body = json!({"email": person.email, "password": person.password});
    let (status, answer) = post(api, "/api/auth/login", None, &body).await?;
    Ok((status == 200).then(|| signed(&answer)))
}

fn signed(answer: &Value) -> (String, String) {
    (text(answer, "/tokens/access_token"), text(answer, "/tenant/id"))
}

async fn sign_up(api: &Router, owner: &Person) -> anyhow::Result<(String, String)> {
    let body = json!({"email": owner.email, "password": owner.password, "name": name(owner), "shop_name": "Demo shop"});
    let (status, answer) = post(api, "/api/auth/signup", None, &body).await?;
    ensure!(status == 201, "signing up was answered {status}: {answer}");
    Ok(signed(&answer))
}

/// The queues open to an operator whose address was shown to be theirs, and a link for a new password shows it. The
/// password stays; with the link every sign-in before it ends.
async fn proven(product: &Product, behind: &Behind, owner: &Person, token: String) -> anyhow::Result<String> {
    let (status, _) = send(&product.api, "GET", "/admin/queues", Some(&token), &Value::Null).await?;
    if status == 200 {
        return Ok(token);
    }
    let api = &product.api;
    let (status, answer) =
        post(api, "/api/auth/forgot-password", None, &json!({"email": owner.email})).await?;
    ensure!(status == 202, "asking for a link was answered {status}: {answer}");
    let new = json!({"token": mailed(product, behind, owner).await?, "password": owner.password});
    let (status, answer) = post(api, "/api/auth/reset-password", None, &new).await?;
    ensure!(status == 200, "the link was answered {status}: {answer}");
    Ok(sign_in(api, owner).await?.context("the owner cannot sign in")?.0)
}

/// Invited, mailed, accepted. An invitation that is open still is used.
async fn join(product: &Product, behind: &Behind, token: &str, guest: &Person) -> anyhow::Result<()> {
    let invite = json!({"email": guest.email, "role": guest.role});
    let (status, answer) = post(&product.api, "/api/v1/invitations", Some(token), &invite).await?;
    ensure!(
        status == 201 || text(&answer, "/code") == "already_invited",
        "inviting was answered {status}: {answer}"
    );
    let accept = json!({"token": mailed(product, behind, guest).await?, "name": name(guest), "password": guest.password});
    let (status, answer) = post(&product.api, "/api/v1/invitations/accept", None, &accept).await?;
    ensure!(status == 201, "accepting was answered {status}: {answer}");
    Ok(())
}

/// The token of the link that was just mailed to them.
async fn mailed(product: &Product, behind: &Behind, to: &Person) -> anyhow::Result<String> {
    while pump(&behind.tasks, product).await? > 0 {}
    let mails = behind.outbox.to(&to.email);
    let mail = mails.first().context("the link was not mailed; start again in a minute")?;
    let link = mail.text.split_once("#token=").context("the mail has no link")?.1;
    Ok(link.split_whitespace().next().unwrap_or_default().to_owned())
}

fn name(person: &Person) -> &'static str {
    PEOPLE.iter().find(|(_, email, _)| *email == person.email).map_or("Somebody", |(_, _, name)| name)
}

async fn post(api: &Router, path: &str, token: Option<&str>, body: &Value) -> anyhow::Result<(u16, Value)> {
    send(api, "POST", path, token, body).await
}

async fn send(
    api: &Router,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> anyhow::Result<(u16, Value)> {
    let mut request =
        Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let Ok(answer) =
        tower::ServiceExt::oneshot(api.clone(), request.body(Body::from(body.to_string()))?).await;
    let status = answer.status().as_u16();
    let bytes = answer.into_body().collect().await?.to_bytes();
    Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
}

fn text(answer: &Value, pointer: &str) -> String {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
