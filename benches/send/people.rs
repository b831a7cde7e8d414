//! Customers by their number: the same ones in each run.

use crate::around::START;
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, Timestamp,
    customer::{Address, CustomerKind, Ways},
};

/// Where they live. Some in two countries, some nobody knows where.
const COUNTRIES: [&[&str]; 9] =
    [&["US"], &["DE"], &["FR"], &["GB"], &["IN"], &["JP"], &["AU"], &["DE", "US"], &[]];

/// Each number's own dice (`SplitMix64`).
pub(crate) fn rolled(number: u32, what: u64) -> u64 {
    let mut mixed = (u64::from(number) << 8 | what).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

fn percent(number: u32, what: u64) -> u64 {
    rolled(number, what) % 100
}

/// Who has agreed to everything.
pub(crate) fn willing(number: u32) -> Customer {
    let at = Timestamp::from_millisecond(START).expect("within the calendar");
    let mut customer =
        Customer::new(CustomerId::Shopify(u64::from(number) + 1), number, CustomerKind::Person, at);
    customer.first_name = Some(format!("Ada{number}"));
    customer.last_name = Some("Lovelace".to_owned());
    customer.email = Some(address(number).parse().expect("it is an address"));
    customer.email_consent = Some(consent(ConsentState::Subscribed, at));
    let country = COUNTRIES[usize::try_from(rolled(number, 1) % 9).unwrap_or(0)];
    customer.addresses = country.iter().map(|country| lives_in(country)).collect();
    customer
}

/// Who may or may not be written to, for all of the reasons.
pub(crate) fn anybody(number: u32) -> Customer {
    let mut customer = willing(number);
    let at = customer.created_at;
    let state = match percent(number, 2) {
        0..70 => ConsentState::Subscribed,
        70..82 => ConsentState::NotSubscribed,
        82..86 => ConsentState::Pending,
        86..97 => ConsentState::Unsubscribed,
        97..99 => ConsentState::Invalid,
        _ => ConsentState::Redacted,
    };
    customer.email_consent = Some(consent(state, at));
    customer.suppressed = Ways { email: percent(number, 3) < 2, sms: false };
    customer.email = match percent(number, 4) {
        0..3 => None,
        // Somebody's who came before them.
        3..5 if number > 0 => {
            address(u32::try_from(rolled(number, 5) % u64::from(number)).unwrap_or(0)).parse().ok()
        }
        _ => customer.email,
    };
    customer
}

/// Whether one of the campaigns before this one chose them.
pub(crate) fn was_chosen(number: u32, campaign: u64) -> bool {
    percent(number, 6 + campaign) < 30
}

fn address(number: u32) -> String {
    format!("ada.lovelace{number}@example.com")
}

fn consent(state: ConsentState, at: Timestamp) -> Consent {
    Consent { state, level: ConsentLevel::SingleOptIn, source: ConsentSource::Shopify, method: None, at }
}

fn lives_in(country: &str) -> Address {
    Address {
        company: None,
        line1: Some("1 Analytical Row".to_owned()),
        line2: None,
        city: Some("Somewhere".to_owned()),
        region: None,
        postcode: Some("12345".to_owned()),
        country: Some(country.to_owned()),
        point: None,
    }
}
