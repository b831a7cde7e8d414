//! Who buys: a name, a place, addresses that nobody has, and what they agreed to.

use std::collections::{BTreeMap, BTreeSet};

use columns::fold;
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Customer, CustomerId, EmailAddress, Phone, Timestamp,
    customer::{Address, AttributeValue, CustomerKind},
    fields,
};
use jiff::SignedDuration;

use super::{
    catalog::KINDS,
    dice::{Dice, Throw},
    globe::point_of,
    habits::Habits,
    places::{COUNTRIES, Country},
};

/// Where no mail arrives, for good (RFC 2606).
const DOMAINS: [&str; 5] =
    ["example.com", "example.org", "example.net", "mail.example.com", "post.example.org"];
/// Ordered without an account, and left no more than an address.
const GUESTS: f64 = 0.08;
const SUBSCRIBED: f64 = 0.58;
const UNSUBSCRIBED: f64 = 0.12;
const PENDING: f64 = 0.05;

/// As a customer and as what the shop needs to know of them.
pub(super) struct Buyer {
    pub(super) customer: Customer,
    pub(super) country: &'static Country,
    /// Among the shop's kinds: what they come for.
    pub(super) favourite: usize,
}

pub(super) fn id(seed: u64, number: u32, since: Timestamp) -> CustomerId {
    CustomerId::new(since, Dice::new(seed, Throw::Identity, number.into()).ten())
}

pub(super) fn buyer(seed: u64, number: u32, habits: &Habits, now: Timestamp) -> Buyer {
    let mut dice = Dice::new(seed, Throw::Person, number.into());
    let dice = &mut dice;
    let country = &COUNTRIES[dice.weighted(COUNTRIES.iter().map(|country| country.weight))];
    let favourite = dice.weighted([5.0, 4.0, 1.5, 1.5, 2.0, 0.7].into_iter());
    let (first, last) = (*dice.pick(country.first_names), *dice.pick(country.last_names));
    let is_guest = dice.chance(GUESTS) && !habits.orders.is_empty();
    let kind = if is_guest { CustomerKind::Guest } else { CustomerKind::Person };
    let customer = Customer::new(id(seed, number, habits.since), number, kind, habits.since);
    let customer = Customer { email: mail(dice, first, last, number), updated_at: habits.since, ..customer };
    let customer = if is_guest { customer } else { known(dice, customer, (first, last), country, number) };
    let customer = Customer {
        email_consent: if is_guest { None } else { agreed(dice, habits.since, now) },
        sms_consent: None,
        ..customer
    };
    let customer = if is_guest { customer } else { described(dice, customer, favourite, now) };
    Buyer { customer, country, favourite }
}

/// Letters that every mail server takes, and a number that makes it theirs alone.
fn mail(dice: &mut Dice, first: &str, last: &str, number: u32) -> Option<EmailAddress> {
    let plain = |name: &str| {
        let letters = fold(name).replace('ı', "i").replace('ł', "l").replace('ø', "o");
        letters.chars().filter(char::is_ascii_alphanumeric).collect::<String>()
    };
    let domain = dice.pick(&DOMAINS);
    format!("{}.{}.{number}@{domain}", plain(first), plain(last)).parse().ok()
}

fn known(
    dice: &mut Dice,
    customer: Customer,
    (first, last): (&str, &str),
    country: &Country,
    number: u32,
) -> Customer {
    let language = dice.pick(country.languages);
    let address = dice.chance(0.93).then(|| address(dice, country)).flatten();
    let birthday = dice.chance(0.3).then(|| {
        let (year, month, day) = (1_945 + dice.below(60), 1 + dice.below(12), 1 + dice.below(28));
        fields::day(&format!("{year}-{month:02}-{day:02}")).ok()
    });
    Customer {
        first_name: fields::name(first).ok(),
        last_name: fields::name(last).ok(),
        language: fields::language(language).ok(),
        addresses: address.into_iter().collect(),
        birthday: birthday.flatten(),
        phone: if dice.chance(0.55) { phone(country, number) } else { None },
        ..customer
    }
}

/// The number of a film's telephone, each once: of a large shop only the first few customers have one.
fn phone(country: &Country, number: u32) -> Option<Phone> {
    let (beginnings, digits) = country.phones;
    // The Americans keep their last hundred.
    let (each, first) = match country.code {
        "US" => (100, 100),
        "SE" => (100, 400),
        _ => (10_u32.pow(digits), 0),
    };
    let place = usize::try_from(number / each).ok()?;
    let (beginning, rest) = (beginnings.get(place)?, first + number % each);
    format!("{beginning}{rest:0width$}", width = digits as usize).parse().ok()
}

fn address(dice: &mut Dice, country: &Country) -> Option<Address> {
    let (city, region, postcode) = *dice.pick(country.cities);
    let (street, house) = (dice.pick(country.streets), 1 + dice.below(120));
    let line = if country.number_first { format!("{house} {street}") } else { format!("{street} {house}") };
    let line2 = dice.chance(0.08).then(|| format!("{}. OG", 1 + dice.below(5)));
    let postcode: String = postcode
        .chars()
        .map(|sign| match sign {
            '#' => char::from(b'0' + u8::try_from(dice.below(10)).unwrap_or_default()),
            '@' => char::from(b'A' + u8::try_from(dice.below(26)).unwrap_or_default()),
            plain => plain,
        })
        .collect();
    let address = Address {
        company: None,
        line1: fields::place(&line).ok(),
        line2: line2.and_then(|line| fields::place(&line).ok()),
        city: fields::place(city).ok(),
        region: region.and_then(|region| fields::place(region).ok()),
        postcode: fields::postcode(&postcode).ok(),
        country: fields::country(country.code).ok(),
        point: point_of(city),
    };
    fields::address(address).ok()
}

fn agreed(dice: &mut Dice, since: Timestamp, now: Timestamp) -> Option<Consent> {
    let later = |dice: &mut Dice| {
        let seconds = (now.as_second() - since.as_second()).max(1);
        let some = usize::try_from(seconds).map_or(0, |seconds| dice.below(seconds));
        since + SignedDuration::from_secs(i64::try_from(some).unwrap_or_default())
    };
    let roll = dice.unit();
    let (state, at) = if roll < SUBSCRIBED {
        (ConsentState::Subscribed, since)
    } else if roll < SUBSCRIBED + UNSUBSCRIBED {
        (ConsentState::Unsubscribed, later(dice))
    } else if roll < SUBSCRIBED + UNSUBSCRIBED + PENDING {
        (ConsentState::Pending, since)
    } else if dice.chance(0.5) {
        (ConsentState::NotSubscribed, since)
    } else {
        return None;
    };
    let is_confirmed = state == ConsentState::Subscribed && dice.chance(0.7);
    let level = if is_confirmed { ConsentLevel::ConfirmedOptIn } else { ConsentLevel::SingleOptIn };
    let method =
        if dice.chance(0.6) { "checkout, box not ticked before" } else { "form below the shop's pages" };
    Some(Consent { state, level, source: ConsentSource::Person, method: fields::method(method).ok(), at })
}

/// What the shop has noted of them.
fn described(dice: &mut Dice, customer: Customer, favourite: usize, now: Timestamp) -> Customer {
    let texts = [
        "Asked for whole beans only.",
        "Prefers delivery on Saturdays.",
        "Met at the coffee fair.",
        "Allergic to nuts.",
    ];
    let note = dice.chance(0.03).then(|| fields::note(texts[dice.below(texts.len())]).ok()).flatten();
    let mut words = vec![KINDS[favourite].0.to_lowercase()];
    for (word, chance) in [("wholesale", 0.01), ("press", 0.005), ("gift-buyer", 0.07), ("workshop", 0.03)] {
        if dice.chance(chance) {
            words.push(word.to_owned());
        }
    }
    let words = words.iter().filter_map(|word| fields::tag(word).ok());
    let mut attributes = BTreeMap::new();
    if let Ok(kind) = fields::attribute_text(KINDS[favourite].0) {
        attributes.insert("favourite".to_owned(), kind);
    }
    if dice.chance(0.4)
        && let Ok(points) = fields::attribute_number(&dice.below(900).to_string())
    {
        attributes.insert("points".to_owned(), points);
        attributes.insert("member".to_owned(), AttributeValue::Yes(true));
    }
    let sms_consent = customer.phone.is_some() && dice.chance(0.4);
    let sms_consent = sms_consent.then(|| agreed(dice, customer.created_at, now)).flatten();
    Customer {
        note,
        tags: fields::tags(&BTreeSet::new(), words).unwrap_or_default(),
        attributes,
        sms_consent,
        ..customer
    }
}
