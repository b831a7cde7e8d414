//! What a file says about consent.

use domain::{Consent, ConsentLevel, ConsentSource, ConsentState};

use super::Field;
use crate::{
    Reading,
    cells::{Cells, instant},
    header::plain,
};
use domain::fields;

/// The columns of one channel.
pub(super) struct Channel {
    state: Field,
    at: Field,
    level: Field,
    source: Field,
    method: Field,
}

pub(super) const EMAIL: Channel = Channel {
    state: Field::EmailConsent,
    at: Field::EmailConsentAt,
    level: Field::EmailConsentLevel,
    source: Field::EmailConsentSource,
    method: Field::EmailConsentMethod,
};

pub(super) const SMS: Channel = Channel {
    state: Field::SmsConsent,
    at: Field::SmsConsentAt,
    level: Field::SmsConsentLevel,
    source: Field::SmsConsentSource,
    method: Field::SmsConsentMethod,
};

const STATES: [(&str, ConsentState); 6] = [
    ("subscribed", ConsentState::Subscribed),
    ("not_subscribed", ConsentState::NotSubscribed),
    ("pending", ConsentState::Pending),
    ("unsubscribed", ConsentState::Unsubscribed),
    ("invalid", ConsentState::Invalid),
    ("redacted", ConsentState::Redacted),
];

const LEVELS: [(&str, ConsentLevel); 3] = [
    ("single_opt_in", ConsentLevel::SingleOptIn),
    ("confirmed_opt_in", ConsentLevel::ConfirmedOptIn),
    ("unknown", ConsentLevel::Unknown),
];

const SOURCES: [(&str, ConsentSource); 5] = [
    ("person", ConsentSource::Person),
    ("merchant", ConsentSource::Merchant),
    ("shopify", ConsentSource::Shopify),
    ("attested_import", ConsentSource::AttestedImport),
    ("import", ConsentSource::Import),
];

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Word {
    consent: Consent,
    /// It says when.
    is_dated: bool,
}

/// Who told it, a file may say only if the merchant attests where it is from: else it could raise a consent by itself.
pub(super) fn read(cells: &mut Cells<'_, Field>, channel: &Channel, reading: &Reading<'_>) -> Option<Word> {
    let state = cells.take(channel.state, state);
    let told_at = cells.take(channel.at, |cell| {
        let at = instant(cell, reading.zone)?;
        if at > reading.now { Err(fields::BadField::Future) } else { Ok(at) }
    });
    let level = cells.take(channel.level, |cell| of(&LEVELS, cell));
    let source = cells.take(channel.source, |cell| of(&SOURCES, cell));
    let method = cells.take(channel.method, fields::method);
    // What a file tells itself, it tells whole.
    let attested = reading.attested.clone().filter(|_| source.is_none());
    let source = match reading.attested {
        Some(_) => source.unwrap_or(ConsentSource::AttestedImport),
        None => ConsentSource::Import,
    };
    let consent = Consent {
        state: state?,
        level: level.unwrap_or(ConsentLevel::Unknown),
        source,
        method: method.or(attested),
        at: told_at.unwrap_or(reading.now),
    };
    Some(Word { consent, is_dated: told_at.is_some() })
}

fn state(cell: &str) -> Result<ConsentState, &'static str> {
    match plain(cell).as_str() {
        "yes" | "true" | "1" | "y" => Ok(ConsentState::Subscribed),
        "no" | "false" | "0" | "n" => Ok(ConsentState::NotSubscribed),
        word => STATES.into_iter().find(|(known, _)| plain(known) == word).map(|(_, state)| state).ok_or(
            "is not one of yes, no, subscribed, not_subscribed, pending, unsubscribed, invalid, redacted",
        ),
    }
}

fn of<T: Copy>(all: &[(&str, T)], cell: &str) -> Result<T, String> {
    let found = all.iter().find(|(known, _)| plain(known) == plain(cell)).map(|(_, value)| *value);
    let names = || all.iter().map(|(known, _)| *known).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| format!("is not one of {}", names()))
}

fn name<T: Copy + PartialEq>(all: &[(&'static str, T)], value: T) -> &'static str {
    all.iter().find(|(_, known)| *known == value).map_or("", |(name, _)| name)
}

/// State, instant, level, source, method: as they are written.
pub(super) fn show(consent: Option<&Consent>) -> [String; 5] {
    let Some(consent) = consent else { return Default::default() };
    [
        name(&STATES, consent.state).to_owned(),
        consent.at.to_string(),
        name(&LEVELS, consent.level).to_owned(),
        name(&SOURCES, consent.source).to_owned(),
        consent.method.clone().unwrap_or_default(),
    ]
}

/// What holds after a file's word. One without a date says nothing new of what is held, brings nobody back who went,
/// and its "no" takes nothing away: it may only be older than the yes.
pub(super) fn heard(held: Option<Consent>, word: Option<&Word>) -> Option<Consent> {
    let Some(word) = word else { return held };
    let Some(held) = held else { return Some(Consent::told(None, word.consent.clone())) };
    let went =
        matches!(held.state, ConsentState::Unsubscribed | ConsentState::Invalid | ConsentState::Redacted);
    let is_said = held.state == word.consent.state
        || !word.is_dated && (went || word.consent.state == ConsentState::NotSubscribed);
    Some(if is_said { held } else { Consent::told(Some(&held), word.consent.clone()) })
}
