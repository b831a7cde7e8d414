//! Rows of orders, as files tell them.

mod written;

use super::*;
use crate::{Head, Piece, Reading};
use domain::{
    Currency, CustomerId, Minor, Order, OrderId, Timestamp, Zone,
    order::{OrderLine, OrderStatus},
};
use proptest::prelude::*;

const SHOPIFY: &str = "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,\
     Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,Lineitem price,\
     Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,\
     Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,\
     Location,Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Phone,Receipt Number,Duties";

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

fn read_all(file: &str) -> Vec<Result<OrderRow, Vec<CellFault>>> {
    let head = Head::read(file.as_bytes()).unwrap();
    let columns = columns(&head.columns).unwrap();
    let (mut sheet, piece) = (Sheet::new(&head), Piece::whole(file.as_bytes()));
    let (mut gatherer, mut all) = (Gatherer::new(&columns), Vec::new());
    while let Some(row) = sheet.next_row(&piece) {
        all.extend(gatherer.add(row).map(|rows| read(&columns, &rows, &reading())));
    }
    all.extend(gatherer.rest().map(|rows| read(&columns, &rows, &reading())));
    all
}

fn made(told: &OrderRow) -> Order {
    told.order(OrderId::Shopify(1), now())
}

/// A file of Shopify's, of which only these cells are filled.
fn shopifys(rows: &[&[(&str, &str)]]) -> String {
    let mut file = format!("{SHOPIFY}\n");
    for row in rows {
        let cells = SHOPIFY.split(',').map(|name| {
            let cell = row.iter().find(|(known, _)| *known == name).map_or("", |(_, cell)| cell);
            format!("\"{cell}\"")
        });
        file += &(cells.collect::<Vec<_>>().join(",") + "\n");
    }
    file
}

#[test]
fn headers_of_every_system_are_known() {
    for header in [
        "order_external_id,customer_identifier,items_description,total_amount,order_date",
        "customer_email,order_amount,order_status,order_date,items",
        "customerId,status,total,notes,orderDate",
        "Order Number;E-Mail;Price;Product name;Date",
        SHOPIFY,
    ] {
        let head = Head::read(header.as_bytes()).unwrap();
        assert!(columns(&head.columns).is_ok(), "{header}");
    }
    let check = |header: &str, expected: &str| {
        let head = Head::read(header.as_bytes()).unwrap();
        assert_eq!(columns(&head.columns).unwrap_err().to_string(), expected);
    };
    check("total,date", "the file has no column email, phone or customer_id");
    check(
        "emial,total,date",
        "the file has no column email, phone or customer_id: did you mean email by emial?",
    );
    check("email,totl,date", "the file has no column total: did you mean total by totl?");
    check("email,total", "the file has no column placed_at");
    check("email,total,date,qty", "the file has no column line_title");
    check("email,total,date,line_title", "the file has no column line_price");
    check("email,total,date,amount", "the file has two columns that say the same: total and amount");
}

#[test]
fn an_order_of_shopifys_is_all_of_its_rows() {
    let file = shopifys(&[
        &[
            ("Name", "#1001"),
            ("Email", "Ada@example.com"),
            ("Financial Status", "partially_refunded"),
            ("Currency", "USD"),
            ("Subtotal", "25.00"),
            ("Shipping", "4.00"),
            ("Taxes", "2.00"),
            ("Total", "31.00"),
            ("Discount Amount", "5.00"),
            ("Created at", "2026-03-01 09:30:00 -0500"),
            ("Paid at", "2026-03-01 09:31:00 -0500"),
            ("Lineitem quantity", "2"),
            ("Lineitem name", "Tea, green"),
            ("Lineitem price", "10.00"),
            ("Lineitem sku", "T-1"),
            ("Refunded Amount", "10.00"),
            ("Id", "'5001"),
            ("Notes", "ring twice"),
        ],
        &[
            ("Name", "#1001"),
            ("Lineitem quantity", "1"),
            ("Lineitem name", "Pot"),
            ("Lineitem price", "10.00"),
        ],
        &[
            ("Name", "#1001"),
            ("Lineitem quantity", "0"),
            ("Lineitem name", "Cup"),
            ("Lineitem price", "3.00"),
        ],
        &[
            ("Name", "#1002"),
            ("Financial Status", "paid"),
            ("Total", "7.50"),
            ("Created at", "2026-03-02 10:00:00 +0000"),
            ("Lineitem quantity", "1"),
            ("Lineitem name", "Pot"),
            ("Lineitem price", "5.00"),
            ("Cancelled at", "2026-03-03 10:00:00 +0000"),
        ],
    ]);
    let all = read_all(&file);
    assert_eq!(all.len(), 2);
    let first = all[0].as_ref().unwrap();
    assert_eq!((first.row, &first.key), (1, &OrderKey::Id(OrderId::Shopify(5001))));
    assert_eq!(first.buyer.email.as_ref().map(domain::EmailAddress::as_str), Some("ada@example.com"));
    let order = made(first);
    let line = |title: &str, quantity: u32, price: i64, variant: Option<&str>| OrderLine {
        product: None,
        variant: variant.map(str::to_owned),
        title: title.to_owned(),
        quantity,
        price: Minor::new(price).unwrap(),
    };
    assert_eq!(order.lines, [line("Tea, green", 2, 1_000, Some("T-1")), line("Pot", 1, 1_000, None)]);
    assert_eq!((order.name.as_deref(), order.note.as_deref()), (Some("#1001"), Some("ring twice")));
    assert_eq!((order.total.get(), order.discounts.get(), order.refunded.get()), (3_100, 500, 1_000));
    assert_eq!(
        (order.status, order.placed_at.to_string().as_str()),
        (OrderStatus::PartiallyRefunded, "2026-03-01T14:30:00Z")
    );
    let second = all[1].as_ref().unwrap();
    assert_eq!((second.row, &second.key), (4, &OrderKey::Called("name #1002".to_owned())));
    assert_eq!(second.buyer, Buyer::default(), "at a till they left no address");
    let order = made(second);
    assert_eq!(order.lines[1], line("Not itemised", 1, 250, None), "what the file does not tell for what");
    assert_eq!(order.cancelled_at.map(|at| at.to_string()).as_deref(), Some("2026-03-03T10:00:00Z"));
}

#[test]
fn what_shopifys_columns_do_not_add_up_to_is_kept_as_what_it_is() {
    let check = |amounts: &[(&str, &str)], expected: (i64, i64, usize, bool)| {
        let mut row = vec![
            ("Name", "#1"),
            ("Email", "a@example.com"),
            ("Financial Status", "paid"),
            ("Created at", "2026-03-01"),
            ("Lineitem quantity", "2"),
            ("Lineitem name", "Tea"),
            ("Lineitem price", "10.00"),
        ];
        row.extend(amounts);
        let all = read_all(&shopifys(&[&row]));
        let order = made(all[0].as_ref().unwrap());
        let told = (order.total.get(), order.discounts.get(), order.lines.len(), order.taxes_included());
        assert_eq!(told, expected, "{amounts:?}");
        let bill = domain::bill::Bill {
            lines: &order.lines,
            discounts: order.discounts,
            taxes: order.taxes,
            shipping: order.shipping,
            taxes_included: order.taxes_included(),
            total: Some(order.total),
        };
        assert_eq!(bill.total(Currency::USD), Ok(order.total), "{amounts:?}");
    };
    check(&[("Total", "20.00")], (2_000, 0, 1, false));
    check(&[("Total", "20.00"), ("Taxes", "3.00")], (2_000, 0, 1, true));
    check(&[("Total", "18.00"), ("Subtotal", "15.00"), ("Taxes", "3.00")], (1_800, 500, 1, false));
    check(&[("Total", "15.00"), ("Subtotal", "15.00"), ("Taxes", "3.00")], (1_500, 500, 1, true));
    check(&[("Total", "22.00"), ("Subtotal", "20.00")], (2_200, 0, 2, false));
    check(&[("Total", "17.00"), ("Subtotal", "20.00")], (1_700, 300, 1, false));
    check(&[("Total", "17.00"), ("Discount Amount", "1.00")], (1_700, 300, 1, false));
}

#[test]
fn each_bad_cell_is_told_with_its_row_and_column() {
    let file = "order,email,total,date,status,refunded,line_title,qty,line_price,currency\n\
                1,a@example.com,12.30,2026-01-31,paid,,,,,USD\n\
                2,nobody,12.345,31-12-2025,shipped,-1,,,,EUR\n\
                3,a@example.com,5.00,2025-02-30,,,Tea,x,,\n3,,,,,,,1,2.00,\n\
                4,a@example.com,5.00,2026-01-31,paid,,Tea,2,2.00,\n\
                5,a@example.com,5.00,,refunded,1.00,,,,\n\
                6,a@example.com,5.00,2026-01-31,refunded,1.00,,,,\n\
                7,,5.00,2026-01-31,,,,,,\n\
                8,a@example.com,,2026-01-31,,,,,,\n\
                9,a@example.com,5.00,2026-09-23,,,,,,\n";
    let all = read_all(file);
    assert!(all[0].is_ok(), "{:?}", all[0]);
    let at = |order: usize| {
        let faults = all[order].as_ref().unwrap_err();
        faults.iter().map(|fault| (fault.row, fault.column.clone().unwrap_or_default())).collect::<Vec<_>>()
    };
    let columns = |row: u64, columns: &[&str]| {
        columns.iter().map(|column| (row, (*column).to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(at(1), columns(2, &["email", "status", "refunded", "currency", "date", "total"]));
    let mut third = columns(3, &["date", "qty", "line_price"]);
    third.extend(columns(4, &["line_title"]));
    assert_eq!(at(2), third);
    assert_eq!(at(3), columns(5, &["total"]));
    assert_eq!(at(4), columns(6, &["date"]));
    assert_eq!(at(5), columns(7, &["refunded"]));
    assert_eq!(at(6), columns(8, &[""]), "nobody's");
    assert_eq!(at(7), columns(9, &["total"]));
    assert_eq!(at(8), columns(10, &["date"]), "a day after tomorrow");
    let message = |order: usize, fault: usize| all[order].as_ref().unwrap_err()[fault].message.clone();
    assert_eq!(message(1, 5), "total is too fine: USD has 2 digits after the point");
    assert_eq!(message(3, 0), "total is 5.00, but lines, discounts, taxes and shipping add up to 4.00");
    assert_eq!(message(4, 0), "date is missing");
}

#[test]
fn an_order_is_known_by_what_the_file_calls_it_or_by_all_that_it_says() {
    let keys = |file: &str| read_all(file).into_iter().map(|row| row.unwrap().key).collect::<Vec<_>>();
    let ours = CustomerId::new(now(), [7; 10]).to_string();
    let file = format!(
        "id,email,total,date\n{ours},a@example.com,1,2026-01-31\ns7,a@example.com,1,2026-01-31\n7,a@example.com,1,2026-01-31\n"
    );
    let id = |text: &str| OrderKey::Id(text.parse().unwrap());
    assert_eq!(keys(&file), [id(&ours), id("s7"), OrderKey::Called("id 7".to_owned())]);
    let said = |cells: &str| keys(&format!("email,total,date,status,note\n{cells}\n")).remove(0);
    let first = said("a@example.com,1.00,2026-01-31,paid,x");
    assert!(matches!(first, OrderKey::Said(_)));
    assert_eq!(first, said("A@example.com,1,2026-01-31T00:00:00Z,refunded,x"), "how it is paid may change");
    for other in [
        "b@example.com,1,2026-01-31,,x",
        "a@example.com,2,2026-01-31,,x",
        "a@example.com,1,2026-02-01,,x",
        "a@example.com,1,2026-01-31,,y",
    ] {
        assert_ne!(first, said(other), "{other}");
    }
}

#[test]
fn an_order_without_end_is_told_so_and_not_held() {
    let header = "order,email,total,date,line_title,line_price\n";
    let lines = "1,a@example.com,1.00,2026-01-31,Tea,0.01\n".repeat(2_000);
    let all = read_all(&format!("{header}{lines}2,a@example.com,1.00,2026-01-31,,\n"));
    assert_eq!(all.len(), 2);
    assert_eq!(all[0].as_ref().unwrap_err()[0].message, "the order has more than 500 lines");
    assert!(all[1].is_ok());
    let note = "x".repeat(100_000);
    let long = format!("1,a@example.com,1.00,2026-01-31,{note},0.01\n").repeat(50);
    let all = read_all(&format!("{header}{long}"));
    assert_eq!(all.len(), 1);
    assert!(all[0].is_err());
}

fn order_of(word: &str, refunded: &str, cancelled: &str) -> Option<OrderRow> {
    let file = format!(
        "id,email,total,date,status,refunded,cancelled_at\n1,a@example.com,9.00,2026-01-31,{word},{refunded},{cancelled}\n"
    );
    read_all(&file).remove(0).ok()
}

#[test]
fn a_file_leads_an_order_only_onward() {
    use OrderStatus::{Paid, PartiallyRefunded, Pending, Refunded};
    let check = |from: (&str, &str, &str), told: (&str, &str, &str), expected: (OrderStatus, i64, bool)| {
        let mut order = made(&order_of(from.0, from.1, from.2).unwrap());
        order_of(told.0, told.1, told.2).unwrap().tell(&mut order, now()).unwrap();
        let is = (order.status, order.refunded.get(), order.cancelled_at.is_some());
        assert_eq!(is, expected, "{from:?} {told:?}");
    };
    check(("pending", "", ""), ("paid", "", ""), (Paid, 0, false));
    check(("paid", "", ""), ("pending", "", ""), (Paid, 0, false));
    check(("paid", "", ""), ("refunded", "", ""), (Refunded, 900, false));
    check(("refunded", "", ""), ("paid", "0.00", ""), (Refunded, 900, false));
    check(("paid", "", ""), ("paid", "2.00", ""), (PartiallyRefunded, 200, false));
    check(("paid", "5.00", ""), ("paid", "2.00", ""), (PartiallyRefunded, 500, false));
    check(("pending", "", "2026-02-01"), ("paid", "", ""), (Paid, 0, true));
    check(("pending", "", ""), ("cancelled", "", ""), (Pending, 0, true));
    check(("paid", "", ""), ("", "", "2026-02-01"), (Paid, 0, true));
}

proptest! {
    #[test]
    fn an_order_told_twice_is_as_told_once(
        words in prop::collection::vec((prop::sample::select(&["pending", "authorized", "paid", "partially refunded", "refunded", "voided", "cancelled", ""][..]), prop::sample::select(&["", "0.00", "2.00", "9.00"][..]), prop::sample::select(&["", "2026-02-01"][..])), 2..5),
    ) {
        let rows: Vec<_> = words.iter().filter_map(|(word, refunded, cancelled)| order_of(word, refunded, cancelled)).collect();
        if let Some((first, rest)) = rows.split_first() {
            let mut order = made(first);
            let whole = order.clone();
            first.tell(&mut order, now()).unwrap();
            prop_assert_eq!(&order, &whole, "by what it was made from");
            for row in rest {
                let before = order.clone();
                if row.tell(&mut order, now()).is_err() {
                    prop_assert_eq!(&order, &before);
                    continue;
                }
                let once = order.clone();
                prop_assert_eq!(row.tell(&mut order, "2026-10-01T00:00:00Z".parse().unwrap()), Ok(()));
                prop_assert_eq!(&order, &once);
                prop_assert!(order.refunded >= before.refunded && (order.cancelled_at.is_some() || before.cancelled_at.is_none()));
            }
        }
    }

    #[test]
    fn no_cell_stops_the_reading(cells in prop::collection::vec(".{0,12}", 8)) {
        let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{}\"", cell.replace(['"', '\0'], ""))).collect();
        let row = quoted.join(",");
        let all = read_all(&format!("id,email,total,date,status,line_title,qty,line_price\n{row}\n{row}\nno-cell-is-as-long,a@example.com,1,2026-01-31,,,,\n"));
        prop_assert!(all.last().is_some_and(Result::is_ok));
    }
}
