//! Rows of customers, as files tell them.

use super::*;
use crate::{CellFault, Head, Piece, Reading, Sheet};
use domain::{
    Consent, ConsentLevel, ConsentSource, ConsentState, Currency, Customer, CustomerId, Phone, Timestamp,
    Zone,
    customer::{Address, AttributeValue, CustomerKind, Opening},
};
use proptest::prelude::*;

fn now() -> Timestamp {
    "2026-09-21T12:00:00Z".parse().unwrap()
}

fn reading() -> Reading<'static> {
    static UTC: Zone = Zone::UTC;
    Reading {
        currency: Currency::USD,
        zone: &UTC,
        now: now(),
        country: None,
        attested: None,
        keeps_unknown: false,
    }
}

fn read_all(file: &str, reading: &Reading<'_>) -> Vec<Result<CustomerRow, Vec<CellFault>>> {
    let head = Head::read(file.as_bytes()).unwrap();
    let columns = columns(&head.columns).unwrap();
    let (mut sheet, piece, mut all) = (Sheet::new(&head), Piece::whole(file.as_bytes()), Vec::new());
    while let Some(row) = sheet.next_row(&piece) {
        all.push(read(&columns, &row, reading));
    }
    all
}

fn nobody() -> Customer {
    let id = CustomerId::new(now(), [1; 10]);
    Customer::new(id, 0, CustomerKind::Person, now())
}

fn told(file: &str, reading: &Reading<'_>, customer: &mut Customer) {
    for row in read_all(file, reading) {
        row.unwrap().tell(customer).unwrap();
    }
}

#[test]
fn headers_of_every_system_are_known() {
    for header in [
        "customer_external_id,name,email,phone,location",
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,\
         Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,\
         Default Address Zip,Default Address Phone,Phone,Accepts SMS Marketing,Total Spent,Total Orders,Note,Tax Exempt,Tags",
        "EMAIL ADDRESS;First_Name",
        "name,total_spend,visits,e-mail",
    ] {
        let head = Head::read(header.as_bytes()).unwrap();
        assert!(columns(&head.columns).is_ok(), "{header}");
    }
    let check = |header: &str, expected: &str| {
        let head = Head::read(header.as_bytes()).unwrap();
        assert_eq!(columns(&head.columns).unwrap_err().to_string(), expected);
    };
    check("name,emial", "the file has no column email or phone: did you mean email by emial?");
    check("name,colour", "the file has no column email or phone");
    check("email,E-Mail", "the file has two columns that say the same: email and E-Mail");
}

#[test]
fn each_bad_cell_is_told_with_its_row_and_column() {
    let file = "email,phone,birthday,total_spent,country\n\
                a@example.com,,,12.30,\nnobody,12,31-12-2025,12.345,Atlantis\nb@example.com,,2025-02-30,,\n,,,1,\n";
    let all = read_all(file, &reading());
    assert!(all[0].is_ok());
    let at = |row: usize| {
        let faults = all[row].as_ref().unwrap_err();
        faults.iter().map(|fault| (fault.row, fault.column.clone().unwrap_or_default())).collect::<Vec<_>>()
    };
    let columns = ["email", "country", "birthday", "total_spent", "phone"];
    assert_eq!(at(1), columns.map(|column| (2, column.to_owned())));
    assert_eq!(at(2), [(3, "birthday".to_owned())]);
    assert_eq!(at(3), [(4, String::new())], "nobody can be reached");
    let faults = all[1].as_ref().unwrap_err();
    assert!(
        faults
            .iter()
            .any(|fault| fault.message == "total_spent is too fine: USD has 2 digits after the point")
    );
}

#[test]
fn a_file_told_twice_changes_nothing_and_an_empty_cell_clears_nothing() {
    let file = "email,name,city,country,tags,accepts_marketing\nada@example.com,Ada Lovelace,London,GB,\"VIP, new\",yes\n";
    let mut once = nobody();
    told(file, &reading(), &mut once);
    let later = Reading { now: "2026-10-01T00:00:00Z".parse().unwrap(), ..reading() };
    let mut twice = once.clone();
    told(file, &later, &mut twice);
    assert_eq!(twice, once);
    told("email,name,city,tags\nada@example.com,,,vip\n", &later, &mut twice);
    assert_eq!(twice, once);
    assert_eq!(once.tags.len(), 2);
}

#[test]
fn a_file_raises_consent_only_when_it_is_attested_and_brings_nobody_back() {
    let yes = "email,email_consent\na@example.com,yes\n";
    let attested = Reading { attested: Some("checkout of the old shop".to_owned()), ..reading() };
    let state = |customer: &Customer| customer.email_consent.as_ref().map(|consent| consent.state);
    let mut customer = nobody();
    told(yes, &reading(), &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::NotSubscribed));
    told(yes, &attested, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Subscribed), "that a file knows of none gives way");
    let mut customer = nobody();
    told(yes, &attested, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Subscribed));
    told("email,email_consent\na@example.com,no\n", &attested, &mut customer);
    assert_eq!(
        state(&customer),
        Some(ConsentState::Subscribed),
        "a file that knows of none takes nobody off"
    );
    let later = Reading { now: "2026-10-01T00:00:00Z".parse().unwrap(), ..attested.clone() };
    told("email,email_consent\na@example.com,unsubscribed\n", &later, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Unsubscribed));
    let latest = Reading { now: "2026-11-01T00:00:00Z".parse().unwrap(), ..attested };
    told(yes, &latest, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Unsubscribed));
    told("email,email_consent,email_consent_at\na@example.com,yes,2026-10-20\n", &latest, &mut customer);
    assert_eq!(
        state(&customer),
        Some(ConsentState::Subscribed),
        "they came back later, and the file says when"
    );
}

#[test]
fn columns_that_we_do_not_know_become_attributes_if_asked() {
    let file = "email,Shoe Size,Since,Member,Code\na@example.com,42.5,2020-02-29,TRUE,00123\n";
    let mut customer = nobody();
    told(file, &reading(), &mut customer);
    assert!(customer.attributes.is_empty());
    told(file, &Reading { keeps_unknown: true, ..reading() }, &mut customer);
    let expected = [
        ("code", AttributeValue::Text("00123".to_owned())),
        ("member", AttributeValue::Yes(true)),
        ("shoe_size", AttributeValue::Number(42_500_000)),
        ("since", AttributeValue::Day(jiff::civil::date(2020, 2, 29))),
    ];
    let held: Vec<_> =
        customer.attributes.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
    assert_eq!(held, expected);
}

#[test]
fn two_columns_never_become_one_attribute() {
    let check = |header: &[&str]| {
        let header: Vec<_> = header.iter().map(|name| (*name).to_owned()).collect();
        kept_apart(&header)
    };
    let one = |first: &str, second: &str| Err(HeaderFault::OneAttribute(first.into(), second.into()));
    assert_eq!(check(&["email", "Größe", "Grüße"]), one("Größe", "Grüße"));
    assert_eq!(check(&["Shoe size", "email", "shoe-size"]), one("Shoe size", "shoe-size"));
    assert_eq!(
        check(&["email", "Shoe", "Size", "", "", "é", "ü"]),
        Ok(()),
        "names of no letters are not kept"
    );
    let file = "email,a-b,a b\na@example.com,1,2\nb@example.com,1,\n";
    let rows = read_all(file, &Reading { keeps_unknown: true, ..reading() });
    assert_eq!(rows[0].as_ref().unwrap_err()[0].column.as_deref(), Some("a b"));
    assert!(rows[1].is_ok(), "nothing is lost");
}

#[test]
fn what_the_shop_has_defined_is_no_part_of_a_file() {
    let mut customer = nobody();
    customer.attributes.insert("metafields.taste.roast".to_owned(), AttributeValue::Text("dark".into()));
    let mut out = String::new();
    write(&customer, Currency::USD, &mut out);
    assert!(!out.contains("roast"), "{out}");
    customer.attributes.insert("club".to_owned(), AttributeValue::Text("Gold".into()));
    out.clear();
    write(&customer, Currency::USD, &mut out);
    assert!(out.contains("Gold") && !out.contains("roast"), "{out}");
}

fn line() -> impl Strategy<Value = String> {
    "[a-zé=+@,;\"'\\[{<-]{1,6}( [a-z=,\"]{1,4})?"
        .prop_filter("no blanks around it", |text| text.trim() == text)
}

fn consent() -> impl Strategy<Value = Consent> {
    let levels = prop::sample::select(
        &[ConsentLevel::SingleOptIn, ConsentLevel::ConfirmedOptIn, ConsentLevel::Unknown][..],
    );
    let sources = prop::sample::select(
        &[ConsentSource::Person, ConsentSource::Shopify, ConsentSource::AttestedImport][..],
    );
    let states = prop::sample::select(&ConsentState::ALL[..]);
    (states, levels, sources, line(), 0..1_700_000_000_000_i64).prop_map(
        |(state, level, source, method, at)| {
            let at = Timestamp::from_millisecond(at).unwrap();
            Consent { state, level, source, method: Some(method), at }
        },
    )
}

fn attribute() -> impl Strategy<Value = AttributeValue> {
    prop_oneof![
        "[a-z=\"\n,é\\\\]{1,8}"
            .prop_filter("plain", |text| text.trim() == text)
            .prop_map(AttributeValue::Text),
        (-999_999_999_999_999_999..=999_999_999_999_999_999_i64).prop_map(AttributeValue::Number),
        any::<bool>().prop_map(AttributeValue::Yes),
        (1..28_i8).prop_map(|day| AttributeValue::Day(jiff::civil::date(2024, 2, day))),
        prop::collection::btree_set(line(), 0..4).prop_map(AttributeValue::List),
    ]
}

fn address() -> impl Strategy<Value = Address> {
    (line(), prop::option::of(line()), prop::sample::select(&["US", "DE"][..])).prop_map(
        |(line1, city, country)| Address {
            line1: Some(line1),
            city,
            country: Some(country.to_owned()),
            ..Address::default()
        },
    )
}

prop_compose! {
    fn anybody()(
        names in prop::option::of((line(), prop::option::of(line()))),
        addresses in prop::collection::vec(address(), 0..4),
        tags in prop::collection::btree_set("[a-z=,;\\[]{1,4}", 0..4),
        note in prop::option::of("[a-z=+\"',\n-]{1,20}".prop_filter("plain", |text| text.trim() == text)),
        attributes in prop::collection::btree_map("[a-z_0-9]{1,5}", attribute(), 0..5),
        consents in (prop::option::of(consent()), prop::option::of(consent())),
        opening in (-5..500_i64, -1_000..99_999_i64),
        is_guest in any::<bool>(),
    ) -> Customer {
        let mut customer = nobody();
        (customer.first_name, customer.last_name) = names.map_or((None, None), |(first, last)| (Some(first), last));
        customer.kind = if is_guest { CustomerKind::Guest } else { CustomerKind::Person };
        customer.email = Some("a@example.com".parse().unwrap());
        customer.phone = Some(Phone::parse("+14155552671", None).unwrap());
        customer.language = Some("pt-BR".to_owned());
        customer.birthday = Some(jiff::civil::date(1990, 12, 31));
        customer.addresses = addresses;
        customer.tags = tags;
        customer.note = note;
        customer.attributes = attributes;
        (customer.email_consent, customer.sms_consent) = consents;
        customer.opening = Opening { orders: opening.0, spent: domain::Minor::new(opening.1).unwrap() };
        customer
    }
}

proptest! {
    #[test]
    fn what_is_written_is_brought_without_loss(customer in anybody()) {
        let mut file = header();
        write(&customer, Currency::USD, &mut file);
        let attested = Reading { attested: Some("another shop of ours".to_owned()), ..reading() };
        let rows = read_all(&file, &attested);
        prop_assert_eq!(rows.len(), 1);
        let row = rows.into_iter().next().unwrap().unwrap();
        prop_assert_eq!((row.opening(), row.created_at(), row.is_guest), (customer.opening, Some(customer.created_at), customer.kind == CustomerKind::Guest));
        prop_assert_eq!(row.called.clone(), Some(customer.id.to_string()));
        let mut brought = Customer { kind: customer.kind, opening: customer.opening, ..nobody() };
        row.tell(&mut brought).unwrap();
        prop_assert_eq!(&brought, &customer);
        row.tell(&mut brought).unwrap();
        prop_assert_eq!(&brought, &customer);
        let unattested = read_all(&file, &reading()).remove(0).unwrap();
        let mut brought = nobody();
        unattested.tell(&mut brought).unwrap();
        let granted = |consent: &Option<Consent>| consent.as_ref().is_some_and(|consent| matches!(consent.state, ConsentState::Subscribed | ConsentState::Pending));
        prop_assert!(!granted(&brought.email_consent) && !granted(&brought.sms_consent), "a file alone raises nothing");
    }
}

#[test]
fn every_column_that_is_written_is_known_and_formulas_are_texts() {
    let head = Head::read(header().as_bytes()).unwrap();
    assert!(unknown(&columns(&head.columns).unwrap()).is_empty());
    let mut customer = nobody();
    customer.first_name = Some("=cmd|' /C calc'!A0".to_owned());
    customer.tags = ["@sum".to_owned()].into();
    let mut file = String::new();
    write(&customer, Currency::USD, &mut file);
    assert!(file.contains(",'=cmd|' /C calc'!A0,") && file.contains(",'@sum,"), "{file}");
}
