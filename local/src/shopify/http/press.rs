//! The buttons of a shop's page.

use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use std::collections::BTreeMap;

use super::{Here, framed as admin, part};
use crate::shopify::{
    Shop,
    books::{
        Back, Basket, Channel, Newcomer, Refused,
        records::{Consent, ConsentState, OptInLevel},
    },
    switches::{Denied, Plan, Switches},
};

const FORM_BYTES_MAX: usize = 64 * 1024;
/// As many acts as one button does at once.
const ACTS_MAX: u32 = 20_000;

type Form = BTreeMap<String, String>;

pub(super) async fn act(Here(shop): Here, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    if is_foreign(&parts.headers, &shop) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let act = part(&mut parts, "act").await;
    let body = axum::body::to_bytes(body, FORM_BYTES_MAX).await.unwrap_or_default();
    let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
    if act == "open" {
        return Redirect::to(&admin::address(&shop)).into_response();
    }
    let (shop_of_act, base) = (shop.clone(), format!("{}/shop", shop.front().base));
    // A busy day is long.
    let done = tokio::task::spawn_blocking(move || done(&shop_of_act, &act, &form)).await;
    match done.unwrap_or(Some(Err(Refused("it went wrong here")))) {
        Some(Ok(())) => Redirect::to(&base).into_response(),
        Some(Err(refused)) => (StatusCode::CONFLICT, refused.to_string()).into_response(),
        None => (StatusCode::NOT_FOUND, "there is no such button").into_response(),
    }
}

/// `None`: there is no such button.
fn done(shop: &Shop, act: &str, form: &Form) -> Option<Result<(), Refused>> {
    let told = |name: &str| form.get(name).map_or("", |told| told.trim());
    let customer = || somebody(shop, told("customer"));
    let order = || told("order").parse().map_err(|_| Refused("which order?"));
    Some(match act {
        "buy" => customer().and_then(|customer| {
            let basket = Basket { customer: Some(customer), lines: shop.some_lines(), ..Basket::default() };
            shop.buy(&basket).map(drop)
        }),
        "checkout" => {
            customer().and_then(|customer| shop.begin(Some(customer), &shop.some_lines()).map(drop))
        }
        "join" => join(shop, told("name"), told("email")),
        "consent" => customer().and_then(|customer| consent(shop, customer, told("channel"), told("state"))),
        "tag" => customer().and_then(|customer| shop.tag(customer, &[told("tag")])),
        "merge" => {
            customer().and_then(|kept| somebody(shop, told("gone")).and_then(|gone| shop.merge(kept, gone)))
        }
        "delete" => customer().and_then(|customer| shop.delete_customer(customer)),
        "redact" => customer().and_then(|customer| shop.redact(customer)),
        "request_data" => customer().and_then(|customer| {
            let is_known = shop.request_data(customer);
            is_known.then_some(()).ok_or(Refused("there is no such customer"))
        }),
        "refund" => order().and_then(|order| shop.refund(order, &Back::default()).map(drop)),
        "cancel" => order().and_then(|order| shop.cancel(order)),
        "rush" => told("acts")
            .parse::<u32>()
            .ok()
            .filter(|acts| (1..=ACTS_MAX).contains(acts))
            .ok_or(Refused("how many acts? from 1 to 20000"))
            .and_then(|acts| match shop.rush(acts) {
                0 => Err(Refused("there is nobody to do anything")),
                _ => Ok(()),
            }),
        "switches" => switched(shop.switches(), form).map(|told| shop.switch(|held| *held = told)),
        "fulfil" => order().and_then(|order| shop.fulfil(order)),
        "delete_order" => order().and_then(|order| shop.delete_order(order)),
        _ => return of_app(shop, act, form).then_some(Ok(())),
    })
}

/// What nobody can refuse. `false`: there is no such button.
fn of_app(shop: &Shop, act: &str, form: &Form) -> bool {
    let scopes = form.get("scopes").map_or("", String::as_str).split(',').map(str::trim);
    let scopes: Vec<_> = scopes.filter(|scope| !scope.is_empty()).collect();
    match act {
        "rename" => match form.get("name").map(|name| name.trim()).filter(|name| !name.is_empty()) {
            Some(name) => shop.rename(name),
            None => return false,
        },
        "install" => shop.install(&scopes),
        "regrant" => shop.regrant(&scopes),
        "uninstall" => shop.uninstall(),
        "redact_shop" => shop.redact_shop(),
        _ => return false,
    }
    true
}

/// Who is named, or anybody.
fn somebody(shop: &Shop, told: &str) -> Result<u64, Refused> {
    if told.is_empty() {
        return shop.somebody();
    }
    told.parse().map_err(|_| Refused("a customer's id is a number"))
}

fn join(shop: &Shop, name: &str, email: &str) -> Result<(), Refused> {
    let (first, last) = name.rsplit_once(' ').unwrap_or((name, ""));
    let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    let newcomer = Newcomer {
        first_name: word(first),
        last_name: word(last),
        email: word(email),
        ..Newcomer::default()
    };
    shop.join(newcomer).map(drop)
}

fn consent(shop: &Shop, customer: u64, channel: &str, state: &str) -> Result<(), Refused> {
    let channel = if channel == "sms" { Channel::Sms } else { Channel::Email };
    let (state, level) = match state {
        "subscribed" => (ConsentState::Subscribed, Some(OptInLevel::SingleOptIn)),
        "pending" => (ConsentState::Pending, Some(OptInLevel::ConfirmedOptIn)),
        _ => (ConsentState::Unsubscribed, None),
    };
    shop.consent(customer, channel, Consent { state, level, at: Some(shop.now()) })
}

/// What is left empty is none.
fn switched(held: Switches, form: &Form) -> Result<Switches, Refused> {
    let told = |name: &str| form.get(name).map_or("", |told| told.trim());
    let number = |name: &str, most: u32, wrong: &'static str| match told(name) {
        "" => Ok(0),
        told => told.parse().ok().filter(|number| *number <= most).ok_or(Refused(wrong)),
    };
    Ok(Switches {
        plan: Plan::ALL.into_iter().find(|plan| plan.name() == told("plan")).unwrap_or_default(),
        denied: match told("denied") {
            "details" => Denied::Details,
            "customers" => Denied::Customers,
            _ => Denied::Nothing,
        },
        faults_per_mille: number("faults", 1_000, "how many calls fail? from 0 to 1000 of a thousand")?,
        copies: number("copies", 10, "how many more copies? from 0 to 10")?,
        is_shuffled: told("shuffled") == "yes",
        lost_per_mille: number("lost", 1_000, "how many webhooks are lost? from 0 to 1000 of a thousand")?,
        ..held
    })
}

/// Another site's page must not press the buttons.
fn is_foreign(headers: &HeaderMap, shop: &Shop) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let base = &shop.front().base;
    let home = base.replacen("127.0.0.1", "localhost", 1);
    let is_of =
        |base: &str, origin: &str| base.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
    origin.is_some_and(|origin| !is_of(base, origin) && !is_of(&home, origin))
}
