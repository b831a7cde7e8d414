//! What whoever got a message can do with it, without signing in (CMP-16, DLV-09).

mod counted;
mod out;
mod seen;
mod shown;
mod told_on;
mod topics;

use crate::{cast::Person, customers};
use flows::Letter;
use local::{
    World,
    world::{Answer, Call, ORIGIN},
};
use serde_json::{Value, json};

pub(crate) const BROWSER: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

const HTML: &str = "<html><body><p>Hi {{ customer.first_name }}</p>\
     <a href=\"https://shop.example/tea?a=1&amp;who={{ customer.first_name }}\">Tea</a> \
     <a href=\"mailto:tea@shop.example\">Write</a> \
     <a href=\"{{ view_url }}\">In a browser</a> <a href=\"{{ preferences_url }}\">What I get</a> \
     <a href=\"{{ unsubscribe_url }}\">No more</a></body></html>";

/// A campaign by mail to everybody, which has been sent.
pub(crate) async fn sent(world: &World, owner: &Person, name: &str) -> String {
    let body = json!({
        "name": name, "kind": "newsletter", "rule": "EVERYONE", "subject": "Hi {{ name }}", "html": HTML,
    });
    launched(world, owner, &body).await
}

pub(crate) async fn launched(world: &World, owner: &Person, body: &Value) -> String {
    let made = owner.post(world, "/api/v1/campaigns", body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let id = made.text_at("/id");
    let launched = owner.post(world, &format!("/api/v1/campaigns/{id}/launch"), &json!({})).await;
    assert!(launched.status.is_success(), "{}", launched.text);
    world.settle().await;
    id
}

/// Somebody who agreed to both ways.
pub(crate) async fn reader(world: &World, owner: &Person, name: &str) -> String {
    let agreed = json!({"state": "subscribed"});
    let phone = format!("+1415555{:04}", 2_000 + name.len());
    let body = json!({
        "first_name": name, "email": format!("{}@example.com", name.to_lowercase()), "phone": phone,
        "email_consent": agreed, "sms_consent": agreed,
    });
    customers::made(world, owner, &body).await
}

/// The last letter that went to them.
pub(crate) fn letter_to(world: &World, name: &str) -> Letter {
    let to = format!("{}@example.com", name.to_lowercase());
    let letters = world.vendor.letters();
    letters.into_iter().rfind(|letter| letter.to.as_str() == to).expect("a letter has come")
}

pub(crate) fn letters_to(world: &World, name: &str) -> usize {
    let to = format!("{}@example.com", name.to_lowercase());
    world.vendor.letters().iter().filter(|letter| letter.to.as_str() == to).count()
}

/// The path of the first address in the letter that has this in it.
pub(crate) fn path_in(letter: &Letter, part: &str) -> String {
    let html = letter.html.as_deref().expect("it has HTML");
    let mut links = html.split('"').filter_map(|text| text.strip_prefix(ORIGIN));
    links.find(|path| path.contains(part)).unwrap_or_else(|| panic!("{part} in {html}")).to_owned()
}

pub(crate) fn visit<'a>(world: &'a World, method: &str, path: &str) -> Call<'a> {
    world.call(method, path).header("user-agent", BROWSER)
}

/// As a person's browser does.
pub(crate) async fn open(world: &World, path: &str) -> Answer {
    visit(world, "GET", path).send().await
}

pub(crate) async fn post(world: &World, path: &str, form: &str) -> Answer {
    let call = visit(world, "POST", path).header("content-type", "application/x-www-form-urlencoded");
    call.raw(form).send().await
}

/// Both consents of a customer, as the merchant sees them.
pub(crate) async fn consents(world: &World, owner: &Person, id: &str) -> (String, String) {
    let shown = owner.get(world, &format!("/api/v1/customers/{id}")).await;
    (shown.text_at("/email_consent/state"), shown.text_at("/sms_consent/state"))
}

/// What holds of each of our pages: small, in a language, told to nobody, and with nothing that runs.
pub(crate) fn is_a_page(answer: &Answer, status: u16) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-store"),
        ("x-robots-tag", "noindex, nofollow"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let policy = answer.header("content-security-policy");
    for part in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(part), "{policy}");
    }
    for part in ["<html lang=\"en\">", "name=\"viewport\"", "<title>", "<h1>", "<main>"] {
        assert!(answer.text.contains(part), "{part} in {}", answer.text);
    }
    for part in ["<script", "onload", "onclick", "http-equiv", "src="] {
        assert!(!answer.text.contains(part), "{part} in {}", answer.text);
    }
}
