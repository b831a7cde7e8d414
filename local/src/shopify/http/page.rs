//! The page of a shop: what happens in it, buttons to make something happen, and what its app has answered.

use axum::response::Response;

use super::Here;
use crate::{
    doors::html::{escaped, page},
    shopify::{
        books::records::{Order, quiet},
        shop::{Shop, State},
        switches::{Denied, Plan, Switches},
        webhooks::Delivered,
        words::{money, utc},
    },
};

const ORDERS_SHOWN: usize = 10;
const DELIVERIES_SHOWN: usize = 30;

pub(super) async fn shown(Here(shop): Here) -> Response {
    let body = shop.with(|state, _, _| {
        let (customers, orders) = state.books.counts();
        let app = match &state.access.scopes {
            Some(scopes) => format!("It may: {}.", escaped(&scopes.join(", "))),
            None => "It is not installed.".to_owned(),
        };
        format!(
            "<p><a href=\"/\">Regulars</a></p><h1>{domain}</h1>\
             <p>A shop as Shopify would have it, on your laptop only: {customers} customers, {orders} orders. \
             Its books: <a href=\"shop/customers.jsonl\">customers</a>, <a href=\"shop/orders.jsonl\">orders</a>.</p>\
             {things}<h2>Lately</h2>{lately}{app_part}{switches}<h2>Webhooks</h2>{webhooks}",
            domain = escaped(shop.domain()),
            things = things(),
            lately = lately(state),
            app_part = app_part(&app, &state.name),
            switches = switches(&state.switches),
            webhooks = webhooks(state),
        )
    });
    let body = format!("{body}{}", subscriptions(&shop));
    page(shop.domain(), &body)
}

/// A form that presses one button.
fn form(act: &str, fields: &str, label: &str) -> String {
    format!("<form method=\"post\" action=\"shop/{act}\">{fields}<button>{label}</button></form>")
}

fn text(name: &str, label: &str, value: &str) -> String {
    format!("<label>{label} <input name=\"{name}\" value=\"{}\"></label> ", escaped(value))
}

fn choice(name: &str, label: &str, values: &[(&str, bool)]) -> String {
    let option = |(value, is_chosen): &(&str, bool)| {
        let chosen = if *is_chosen { " selected" } else { "" };
        format!("<option{chosen}>{value}</option>")
    };
    let options: String = values.iter().map(option).collect();
    format!("<label>{label} <select name=\"{name}\">{options}</select></label> ")
}

fn things() -> String {
    let states = [("subscribed", true), ("unsubscribed", false), ("pending", false)];
    let fields = [
        text("customer", "Customer's id, or anybody", ""),
        text("tag", "Tag", "vip"),
        choice("channel", "Consent by", &[("email", true), ("sms", false)]),
        choice("state", "is", &states),
    ];
    let acts = [
        ("buy", "Buy something"),
        ("checkout", "Leave a basket behind"),
        ("tag", "Tag"),
        ("consent", "Change consent"),
        ("request_data", "Ask for their data"),
        ("redact", "Erase"),
        ("delete", "Delete"),
    ];
    [
        "<h2>Do something</h2>".to_owned(),
        buttons(&fields.concat(), &acts),
        form("join", &(text("name", "Name", "Nora Neu") + &text("email", "Email", "")), "New customer"),
        form("rush", &text("acts", "Acts", "100"), "A busy day"),
        form("merge", &(text("customer", "Keep", "") + &text("gone", "merge in", "")), "Merge"),
    ]
    .concat()
}

/// A form with a button for each of the acts that its fields are for.
fn buttons(fields: &str, acts: &[(&str, &str)]) -> String {
    let button = |(act, label): &(&str, &str)| format!("<button formaction=\"shop/{act}\">{label}</button>");
    format!("<form method=\"post\">{fields}<p>{}</p></form>", acts.iter().map(button).collect::<String>())
}

fn lately(state: &State) -> String {
    let row = |order: &&Order| {
        let hidden = format!("<input type=\"hidden\" name=\"order\" value=\"{}\">", order.id);
        let acts =
            [("refund", "Refund"), ("cancel", "Cancel"), ("fulfil", "Fulfil"), ("delete_order", "Delete")];
        let acts = buttons(&hidden, &acts);
        format!(
            "<tr><td>{}<td>{}<td>{}<td>{} €<td>{}{}<td>{acts}",
            escaped(&order.name),
            order.customer.map(|id| id.to_string()).unwrap_or_default(),
            utc(order.updated_at),
            money(order.current_total()),
            quiet(order.financial),
            if order.cancelled_at.is_some() { ", cancelled" } else { "" },
        )
    };
    let rows: String = state.books.latest(ORDERS_SHOWN).iter().map(row).collect();
    if rows.is_empty() {
        "<p>Nobody has bought anything since.</p>".to_owned()
    } else {
        format!("<table>{rows}</table>")
    }
}

fn app_part(told: &str, name: &str) -> String {
    let scopes =
        text("scopes", "Scopes", "read_customers,write_customers,read_orders,read_products,read_locations");
    let buttons = [
        form("rename", &text("name", "Name", name), "Rename the shop"),
        form("open", "", "Open it in the admin"),
        form("install", &scopes, "Grant and install"),
        form("regrant", &scopes, "Change scopes"),
        form("uninstall", "", "Uninstall"),
        form("redact_shop", "", "Send shop/redact"),
    ];
    format!("<h2>The app</h2><p>{told}</p>{}", buttons.concat())
}

fn switches(held: &Switches) -> String {
    let plans = Plan::ALL.map(|plan| (plan.name(), plan == held.plan));
    let denied = [Denied::Nothing, Denied::Details, Denied::Customers];
    let names = denied.map(|denied| (quiet(denied), denied == held.denied));
    let names: Vec<_> = names.iter().map(|(name, is_chosen)| (name.as_str(), *is_chosen)).collect();
    let fields = [
        choice("plan", "Plan", &plans),
        choice("denied", "Personal data denied", &names),
        text("faults", "Calls that fail, of a thousand", &held.faults_per_mille.to_string()),
        text("copies", "More copies of each webhook", &held.copies.to_string()),
        choice("shuffled", "Shuffled", &[("no", !held.is_shuffled), ("yes", held.is_shuffled)]),
        text("lost", "Webhooks lost, of a thousand", &held.lost_per_mille.to_string()),
    ];
    format!("<h2>What goes wrong</h2>{}", form("switches", &fields.concat(), "Set"))
}

/// What is told at all: by the app's configuration, and because the app has asked this shop.
fn subscriptions(shop: &Shop) -> String {
    let row = |(topic, uri): &(String, String), by: &str| {
        format!("<tr><td>{}<td>{}<td>{by}", escaped(topic), escaped(uri))
    };
    let of_app =
        shop.front().app.settings.subscriptions.iter().map(|told| row(told, "the app's configuration"));
    let asked = shop.subscriptions();
    let of_shop = asked.iter().map(|told| row(told, "this shop was asked"));
    let rows: String = of_app.chain(of_shop).collect();
    format!("<h2>What the app is told</h2><table><tr><th>Topic<th>To<th>Because{rows}</table>")
}

fn webhooks(state: &State) -> String {
    let row = |delivered: &Delivered| {
        let answer = match &delivered.answer {
            Ok(status) => status.to_string(),
            Err(why) => escaped(why),
        };
        let again = delivered.again_at.map(|at| format!(", again at {}", utc(at))).unwrap_or_default();
        format!(
            "<tr><td>{}<td>{}<td>{}<td>{answer}{again}",
            utc(delivered.at),
            escaped(&delivered.topic),
            escaped(&delivered.uri),
        )
    };
    let rows: String = state.hooks.delivered.iter().take(DELIVERIES_SHOWN).map(row).collect();
    format!(
        "<p>{} wait, {} were lost by the dice, {} subscriptions were made by the app.</p>\
         <table><tr><th>At<th>Topic<th>To<th>Answer{rows}</table>",
        state.hooks.queue.len(),
        state.hooks.lost,
        state.hooks.subscriptions().len(),
    )
}
