//! What the language promises of answers: the columns, one row, and the language page say the same, at every instant.

mod agree;
mod days;
mod explained;
mod globe;
mod incremental;
mod people;
mod ranks;
mod refused;
mod rules_any;
mod shown;
mod slow;
mod table;
mod tags;
mod vectors;
mod words;
mod written;

use domain::{Currency, TenantId, Timestamp};
use rules::{Kind, Rule, Shop};
use segments::{Given, Scene};

/// A shop that counts in dollars and has columns of its own.
pub(crate) fn shop() -> Shop {
    Shop::new(Currency::USD)
        .with("attributes.shoe_size", Kind::Number)
        .with("attributes.favourite", Kind::Text)
        .with("attributes.is_member", Kind::Yes)
        .with("attributes.sizes", Kind::Texts)
        .with("attributes.joined", Kind::Date)
        .with("metafields.facts.birth_date", Kind::Date)
}

#[track_caller]
pub(crate) fn parse(text: &str) -> Rule {
    Rule::parse(text, &shop()).unwrap_or_else(|problems| panic!("{text}: {problems:?}"))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::new(Timestamp::UNIX_EPOCH, [7; 10])
}

pub(crate) fn scene<'a>(zone: &'a domain::Zone, now: Timestamp, given: &'a Given) -> Scene<'a> {
    Scene { tenant: tenant(), currency: Currency::USD, zone, now, given }
}
