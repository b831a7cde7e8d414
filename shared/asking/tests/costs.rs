//! What a campaign's messages cost is known before any of them is sent.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use asking::Costing;
use columns::{Batch, Number, Row, Slot, Text, View};
use domain::{
    Plan, Prices, Tenant, TenantId, TenantStatus, Timestamp, Zone,
    template::{Channel, Words},
};
use flows::wording::Wording;
use reach::Costs;
use std::sync::Arc;

fn tenant(currency: &str) -> Tenant {
    Tenant {
        id: TenantId::new(Timestamp::UNIX_EPOCH, [1; 10]),
        name: "Kaffeehaus".parse().unwrap(),
        shop: None,
        status: TenantStatus::Active,
        plan: Plan::Free,
        owners: 1,
        members: 1,
        currency: currency.parse().unwrap(),
        currency_changes: 0,
        zone: Zone::UTC,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn row(phone: &str, name: &str) -> Row {
    let mut row = Row::default();
    row[Number::Added] = Some(1);
    row[Text::Phone] = Some(phone.into());
    row[Text::FirstName] = Some(name.into());
    row
}

/// Each price, and the slots of those who have it.
fn shown(text: &str, currency: &str) -> (String, bool) {
    let rows = [
        row("+14155552671", "Ada"),
        row("+14155552672", "Łukasz"),
        row("+4915112345678", "Ada"),
        row("+4915112345679", "Łukasz"),
        row("+33612345678", "Ada"),
    ];
    let rows: Vec<_> = rows.into_iter().zip(0..).map(|(row, slot)| (Slot(slot), row)).collect();
    let view = View::of([Batch::of(&rows).unwrap()]);
    let words = Words::Sms { text: text.to_owned() };
    let prices = Prices {
        currency: "EUR".parse().unwrap(),
        mail_micros: None,
        text_micros: [("1".to_owned(), Some(10)), ("49".to_owned(), Some(80))].into(),
    };
    let (tenant, wordings) = (tenant(currency), [Arc::new(Wording::of(&words).unwrap())]);
    let costing = Costing { tenant: &tenant, prices: &prices, channel: Channel::Sms, wordings: &wordings };
    let found = costing.of(&view, &(0..5).map(Slot).collect()).unwrap();
    let told = found.iter().map(|(micros, members)| {
        let slots: Vec<_> = members.iter().map(|slot| slot.0.to_string()).collect();
        format!("{}: {}", micros.map_or("?".to_owned(), |micros| micros.to_string()), slots.join(" "))
    });
    (told.collect::<Vec<_>>().join("; "), costing.is_exact())
}

#[test]
fn a_text_costs_its_parts_where_it_goes_and_a_letter_that_makes_it_longer_is_seen() {
    let check = |text: &str, expected: &str, is_exact: bool| {
        assert_eq!(shown(text, "EUR"), (expected.to_owned(), is_exact), "{text}");
    };
    check("Hi", "10: 0 1; 80: 2 3; ?: 4", true);
    check(&"a".repeat(161), "20: 0 1; 160: 2 3; ?: 4", true);
    let named = format!("{} {{{{ customer.first_name }}}}", "a".repeat(100));
    check(&named, "10: 0; 20: 1; 80: 2; 160: 3; ?: 4", true);
    check("Hi {{ unsubscribe_url }}", "20: 0 1; 160: 2 3; ?: 4", false);
    let skipped = "{% if customer.first_name == 'Ada' %}{% skip 'no' %}{% endif %}Hi";
    check(skipped, "0: 0 2; 10: 1; 80: 3; ?: 4", true);
}

#[test]
fn in_another_currency_no_price_is_known() {
    assert_eq!(shown("Hi", "USD").0, "?: 0 1 2 3 4");
}
