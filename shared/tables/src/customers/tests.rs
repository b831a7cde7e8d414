//! Rows of customers, as files tell them.

use super::*;
use crate::{Head, Piece, Sheet};
use domain::{Currency, CustomerId, Timestamp, Zone, customer::CustomerKind};

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
    assert_eq!(state(&customer), Some(ConsentState::NotSubscribed), "of two equally new words the first");
    let mut customer = nobody();
    told(yes, &attested, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Subscribed));
    told("email,email_consent\na@example.com,no\n", &attested, &mut customer);
    assert_eq!(state(&customer), Some(ConsentState::Subscribed));
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
