//! Orders that are written and brought again.

use super::*;

fn line() -> impl Strategy<Value = OrderLine> {
    let text = "[a-z=+,\"']{1,6}";
    (prop::option::of(text), prop::option::of(text), text, 1..9_u32, 0..9_999_i64).prop_map(
        |(product, variant, title, quantity, price)| OrderLine {
            product,
            variant,
            title,
            quantity,
            price: Minor::new(price).unwrap(),
        },
    )
}

prop_compose! {
    fn any_order()(
        lines in prop::collection::vec(line(), 0..5),
        amounts in (0..50_i64, 0..500_i64, 0..500_i64, 1..9_999_i64),
        taxes_included in any::<bool>(),
        payment in 0..8_usize,
        texts in (prop::option::of("[#a-z=0-9]{1,6}"), prop::option::of("[a-z=\"\n,']{1,9}".prop_filter("plain", |text| text.trim() == text))),
        is_test in any::<bool>(),
    ) -> Order {
        let minor = |minor: i64| Minor::new(minor).unwrap();
        let sum: i64 = lines.iter().map(|line| line.price.get() * i64::from(line.quantity)).sum();
        let (discounts, taxes, shipping) = (amounts.0.min(sum), amounts.1, amounts.2);
        let total = if lines.is_empty() { amounts.3 } else { sum - discounts + shipping + if taxes_included { 0 } else { taxes } };
        let mut order = Order {
            id: OrderId::new(now(), [3; 10]),
            customer: CustomerId::new(now(), [1; 10]),
            number: 0,
            name: texts.0,
            status: OrderStatus::Paid,
            cancelled_at: None,
            is_test,
            app: None,
            location: None,
            lines,
            discounts: minor(discounts),
            taxes: minor(taxes),
            shipping: minor(shipping),
            total: minor(total),
            refunded: Minor::ZERO,
            note: texts.1,
            placed_at: "2026-03-01T10:00:00Z".parse().unwrap(),
            updated_at: now(),
        };
        match payment {
            0 => order.status = OrderStatus::Pending,
            1 => order.status = OrderStatus::Authorized,
            2 => order.status = OrderStatus::Voided,
            3 => (order.status, order.refunded) = (OrderStatus::Refunded, order.total),
            4 if total > 1 => (order.status, order.refunded) = (OrderStatus::PartiallyRefunded, minor(1)),
            5 => order.status = OrderStatus::PartiallyPaid,
            6 => order.cancelled_at = Some("2026-03-02T10:00:00.5Z".parse().unwrap()),
            _ => {}
        }
        order
    }
}

proptest! {
    #[test]
    fn what_is_written_is_brought_without_loss(orders in prop::collection::vec(any_order(), 1..3)) {
        let mut customer = domain::Customer::new(CustomerId::new(now(), [1; 10]), 0, domain::customer::CustomerKind::Person, now());
        customer.email = Some("ada@example.com".parse().unwrap());
        let mut file = header();
        let orders: Vec<Order> = orders.into_iter().zip(0..).map(|(order, n)| Order { id: OrderId::new(now(), [n; 10]), ..order }).collect();
        for order in &orders {
            write(order, &customer, Currency::USD, &mut file);
        }
        let rows = read_all(&file);
        prop_assert_eq!(rows.len(), orders.len());
        for (row, order) in rows.into_iter().zip(orders) {
            let row = row.unwrap();
            prop_assert_eq!(&row.key, &OrderKey::Id(order.id));
            prop_assert_eq!((row.buyer.id, row.buyer.email.clone()), (Some(customer.id), customer.email.clone()));
            let brought = Order { customer: order.customer, ..row.order(order.id, now()) };
            prop_assert_eq!(&brought, &order);
            let mut told = order.clone();
            row.tell(&mut told, now()).unwrap();
            prop_assert_eq!(&told, &order);
        }
    }
}

#[test]
fn whoever_left_no_address_or_is_gone_is_written_as_nobody() {
    let order = made(&order_of("paid", "", "").unwrap());
    let head = Head::read(header().as_bytes()).unwrap();
    assert!(unknown(&columns(&head.columns).unwrap()).is_empty());
    let customer = domain::Customer::new(
        CustomerId::new(now(), [1; 10]),
        0,
        domain::customer::CustomerKind::Erased,
        now(),
    );
    for customer in [
        domain::Customer {
            id: CustomerId::walk_in(order.id),
            kind: domain::customer::CustomerKind::WalkIn,
            ..customer.clone()
        },
        customer,
    ] {
        let mut file = header();
        write(&order, &customer, Currency::USD, &mut file);
        assert_eq!(read_all(&file).remove(0).unwrap().buyer, Buyer::default());
    }
}
