//! The demo shop is a believable one, and the same whenever it is made.

#![expect(clippy::cast_precision_loss, reason = "shares of thousands")]

use super::*;
use domain::{
    EmailAddress, Phone,
    bill::{Bill, ORDER_BYTES_MAX},
    customer::CustomerKind,
    fields,
    order::OrderStatus,
    product::{self, ProductStatus},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

const CUSTOMERS: u32 = 2_500;

fn now() -> Timestamp {
    "2026-11-21T15:30:00Z".parse().unwrap()
}

type All = Vec<(Customer, Vec<Order>)>;

/// Made once: every test looks at it.
fn shop() -> &'static (Shop, All) {
    static SHOP: OnceLock<(Shop, All)> = OnceLock::new();
    SHOP.get_or_init(|| {
        let shop = Shop::new(1, CUSTOMERS, now());
        let all = (0..CUSTOMERS).map(|number| shop.customer(number)).collect();
        (shop, all)
    })
}

fn orders() -> impl Iterator<Item = &'static Order> {
    shop().1.iter().flat_map(|(_, orders)| orders)
}

/// What is to be between two bounds, in percent.
fn within(what: &str, part: usize, of: usize, least: f64, most: f64) {
    let share = part as f64 / of as f64 * 100.0;
    assert!((least..=most).contains(&share), "{what}: {share:.1} % is not within {least} to {most} %");
}

#[test]
fn the_same_seed_makes_the_same_shop() {
    let (shop, all) = shop();
    let again = Shop::new(1, CUSTOMERS, now());
    assert!(shop.products().eq(again.products()));
    for (number, made) in (0..).zip(all).step_by(7) {
        assert_eq!(&again.customer(number), made);
        assert_eq!(again.ids()[number as usize], made.0.id);
    }
    let other = Shop::new(2, CUSTOMERS, now());
    assert!((0..50).all(|number| other.customer(number).0.email != all[number as usize].0.email));
    let smaller = Shop::new(1, 40, now());
    for number in 0..40 {
        let ((customer, orders), (same, bought)) = (smaller.customer(number), &all[number as usize]);
        let nameless = |order: &Order| Order { name: None, ..order.clone() };
        assert_eq!(&customer, same);
        assert!(
            orders.iter().map(nameless).eq(bought.iter().map(nameless)),
            "called otherwise, else the same"
        );
    }
}

#[test]
fn it_sells_what_a_shop_could_sell() {
    let products: Vec<&Product> = shop().0.products().collect();
    assert!(products.len() >= 50, "{}", products.len());
    let distinct =
        |of: fn(&Product) -> String| products.iter().map(|one| of(one)).collect::<BTreeSet<_>>().len();
    for of in [
        |one: &Product| one.id.to_string(),
        |one: &Product| one.title.clone(),
        |one: &Product| one.handle.clone().unwrap(),
    ] {
        assert_eq!(distinct(of), products.len());
    }
    for one in &products {
        assert_eq!(product::title(&one.title).as_ref(), Ok(&one.title));
        assert_eq!(one.handle.as_deref().map(product::handle), one.handle.clone().map(Ok));
        assert_eq!(one.image_url.as_deref().map(product::image_url), one.image_url.clone().map(Ok));
        assert!(!one.variants.is_empty() && product::told_twice(&one.variants).is_none(), "{one:?}");
        assert!(
            one.variants.iter().all(|variant| variant.price > Minor::ZERO && variant.sku.is_some()),
            "{one:?}"
        );
        assert!(one.created_at <= one.updated_at && one.updated_at <= now());
    }
    let archived = products.iter().filter(|one| one.status == ProductStatus::Archived).count();
    assert!((1..5).contains(&archived));
    let skus: Vec<_> =
        products.iter().flat_map(|one| &one.variants).map(|variant| variant.sku.clone()).collect();
    assert_eq!(skus.iter().collect::<BTreeSet<_>>().len(), skus.len());
}

#[test]
fn its_customers_are_people_whom_the_product_takes() {
    let (mut mails, mut phones, mut countries) = (BTreeSet::new(), BTreeSet::new(), BTreeMap::new());
    for (customer, _) in &shop().1 {
        let mail = customer.email.clone().unwrap();
        assert_eq!(mail.as_str().parse::<EmailAddress>().as_ref(), Ok(&mail));
        let domain = mail.as_str().rsplit_once('@').unwrap().1;
        assert!(
            ["example.com", "example.org", "example.net"].iter().any(|kept| domain.ends_with(kept)),
            "{domain}"
        );
        assert!(mails.insert(mail), "an address is one person's");
        if let Some(phone) = &customer.phone {
            assert_eq!(phone.as_str().parse::<Phone>().as_ref(), Ok(phone));
            assert!(phones.insert(phone.clone()), "a number is one person's");
        }
        for name in [&customer.first_name, &customer.last_name].into_iter().flatten() {
            assert_eq!(fields::name(name).as_ref(), Ok(name));
        }
        for tag in &customer.tags {
            assert_eq!(fields::tag(tag).as_ref(), Ok(tag));
        }
        if let Some(language) = &customer.language {
            assert_eq!(fields::language(language).as_ref(), Ok(language));
        }
        for address in &customer.addresses {
            assert_eq!(fields::address(address.clone()).as_ref(), Ok(address));
            assert!(address.line1.is_some() && address.city.is_some() && address.postcode.is_some());
            *countries.entry(address.country.clone().unwrap()).or_insert(0_usize) += 1;
        }
        for consent in [&customer.email_consent, &customer.sms_consent].into_iter().flatten() {
            assert!(customer.created_at <= consent.at && consent.at <= now());
        }
        let is_guest = customer.kind == CustomerKind::Guest;
        assert_eq!(customer.first_name.is_none(), is_guest);
        assert!(customer.created_at <= now() && customer.bytes() < 2_000);
    }
    let all = shop().1.len();
    assert!(countries.len() == 9 && countries.values().all(|count| *count > 20), "{countries:?}");
    within("with a number", phones.len(), all, 25.0, 50.0);
    let count = |is: fn(&Customer) -> bool| shop().1.iter().filter(|(customer, _)| is(customer)).count();
    let subscribed = |customer: &Customer| {
        customer
            .email_consent
            .as_ref()
            .is_some_and(|consent| consent.state == domain::ConsentState::Subscribed)
    };
    within("subscribed", count(subscribed), all, 45.0, 65.0);
    within("guests", count(|customer| customer.kind == CustomerKind::Guest), all, 5.0, 11.0);
}

#[test]
fn its_orders_add_up_and_are_of_its_products() {
    let (shop, all) = shop();
    let variants: BTreeMap<String, (String, Minor)> = shop
        .products()
        .flat_map(|one| one.variants.iter().map(|v| (v.id.to_string(), (one.id.to_string(), v.price))))
        .collect();
    for order in orders() {
        let Order { lines, discounts, taxes, shipping, total, .. } = order.clone();
        let bill =
            Bill { lines: &lines, discounts, taxes, shipping, taxes_included: true, total: Some(total) };
        assert_eq!(bill.total(shop.currency), Ok(total));
        assert!(order.taxes == Minor::ZERO || order.taxes_included());
        assert!(total > Minor::ZERO && order.bytes() < ORDER_BYTES_MAX);
        assert!(shop.calendar.opened_at() <= order.placed_at && order.placed_at <= order.updated_at);
        assert!(order.updated_at <= now() && order.cancelled_at.is_none_or(|at| at <= now()));
        for line in &lines {
            let (product, price) = &variants[line.variant.as_ref().unwrap()];
            assert_eq!((line.product.as_ref(), line.price), (Some(product), *price));
        }
    }
    for (customer, orders) in all {
        let totals = Totals::of(customer.opening, orders.iter().map(Order::part)).unwrap();
        assert_eq!((customer.totals, customer.next_order as usize), (totals, orders.len() + 1));
        assert!(
            (1..).zip(orders).all(|(number, order)| (order.number, order.customer) == (number, customer.id))
        );
    }
    let mut by_time: Vec<(Timestamp, i64)> =
        orders().map(|order| (order.placed_at, order.called().unwrap())).collect();
    by_time.sort_unstable();
    assert!(
        by_time.iter().map(|(_, called)| *called).eq(1_001..1_001 + i64::try_from(by_time.len()).unwrap())
    );
    let ids: BTreeSet<_> = orders().map(|order| order.id).collect();
    assert_eq!(ids.len(), by_time.len());
}

#[test]
fn people_buy_as_people_do() {
    let all = &shop().1;
    let buyers: Vec<_> = all.iter().filter(|(customer, _)| customer.totals.orders > 0).collect();
    within("who bought", buyers.len(), all.len(), 88.0, 96.0);
    let bought = |from: i64, to: i64| {
        buyers.iter().filter(|(customer, _)| (from..to).contains(&customer.totals.orders)).count()
    };
    within("bought once", bought(1, 2), buyers.len(), 40.0, 65.0);
    within("bought ten times", bought(10, i64::MAX), buyers.len(), 2.0, 15.0);
    let mut spent: Vec<i64> = buyers.iter().map(|(customer, _)| customer.totals.spent).collect();
    spent.sort_unstable_by_key(|spent| -spent);
    let sum = |some: &[i64]| usize::try_from(some.iter().sum::<i64>()).unwrap();
    within("what the best tenth brought", sum(&spent[..spent.len() / 10]), sum(&spent), 35.0, 60.0);
    let year_ago = now() - jiff::SignedDuration::from_hours(24 * 365);
    let gone = buyers.iter().filter(|(customer, _)| customer.totals.last_order_at < Some(year_ago)).count();
    within("did not come back for a year", gone, buyers.len(), 25.0, 60.0);
    let recent = now() - jiff::SignedDuration::from_hours(24 * 90);
    let here = buyers.iter().filter(|(customer, _)| customer.totals.last_order_at > Some(recent)).count();
    within("came in these three months", here, buyers.len(), 12.0, 45.0);

    let count = |is: fn(&Order) -> bool| orders().filter(|order| is(order)).count();
    let total = orders().count();
    assert!(total > CUSTOMERS as usize * 3 / 2, "{total}");
    within(
        "refunded in part",
        count(|order| order.status == OrderStatus::PartiallyRefunded),
        total,
        1.0,
        4.0,
    );
    within("refunded", count(|order| order.status == OrderStatus::Refunded), total, 0.8, 4.0);
    within("cancelled", count(|order| order.cancelled_at.is_some()), total, 0.5, 3.0);
    within("discounted", count(|order| order.discounts > Minor::ZERO), total, 10.0, 40.0);
    within("sent for nothing", count(|order| order.shipping == Minor::ZERO), total, 15.0, 60.0);
    assert!(count(|order| order.status == OrderStatus::Pending && order.cancelled_at.is_none()) > 0);
    let revenue: i64 = orders().map(|order| order.contribution().spent).sum();
    let average = revenue / i64::try_from(total).unwrap();
    assert!((2_500..9_000).contains(&average), "an order of {average} cents");
}

#[test]
fn the_year_has_its_seasons_and_the_shop_grows() {
    let mut months = [0_usize; 13];
    let mut of_season: BTreeMap<(bool, bool), usize> = BTreeMap::new();
    let summery: BTreeSet<String> =
        shop().0.products().filter(|one| one.tags.contains("summer")).map(|one| one.id.to_string()).collect();
    let first = now() - jiff::SignedDuration::from_hours(24 * 365 * 2);
    let last = now() - jiff::SignedDuration::from_hours(24 * 365);
    let (mut then, mut lately) = (0, 0);
    for order in orders() {
        let month = shop().0.calendar.month(order.placed_at);
        // Two whole years: each month twice.
        if order.placed_at > first {
            months[usize::try_from(month).unwrap()] += 1;
        }
        then += usize::from(order.placed_at <= first);
        lately += usize::from(order.placed_at > last);
        for line in &order.lines {
            let is_summery = summery.contains(line.product.as_ref().unwrap());
            *of_season.entry(((6..9).contains(&month), is_summery)).or_default() += 1;
        }
    }
    let peak = usize::midpoint(months[11], months[12]);
    let summer = (months[6] + months[7] + months[8]) / 3;
    within("before Christmas, compared to summer", peak, summer, 150.0, 400.0);
    let share = |is_summer: bool| {
        let [not, of] =
            [false, true].map(|kind| of_season.get(&(is_summer, kind)).copied().unwrap_or_default());
        of as f64 / (of + not) as f64
    };
    assert!(share(true) > 3.0 * share(false), "{} {}", share(true), share(false));
    within("lately, compared to the first year", lately, then, 130.0, 600.0);
}
