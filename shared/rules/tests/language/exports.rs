//! A rule in Shopify's words, and in people's.

use crate::{parse, shop};

const OURS: &str = "Shopify knows nothing like it";

#[track_caller]
fn shopifys(text: &str, expected: &str) -> Vec<&'static str> {
    let exported = parse(text).expect(text).to_shopify().unwrap_or_else(|lost| panic!("{text}: {lost:?}"));
    assert_eq!(exported.text, expected);
    assert!(parse(expected).is_ok(), "what is said to Shopify is said to us, too: {expected}");
    exported.notes
}

#[test]
fn shopify_is_told_in_its_own_words() {
    let same = |text: &str| shopifys(text, text);
    same("last_order_date >= -30d AND (customer_tags CONTAINS 'vip' OR amount_spent > 100.50)");
    same("products_purchased MATCHES (tag = 'sale', date >= -90d)");
    same("products_purchased NOT MATCHES (tag != 'sale')");
    same(
        "customer_tags NOT CONTAINS 'x' AND companies IS NULL AND email_subscription_status != 'SUBSCRIBED'",
    );
    same("products_purchased MATCHES (id IN (1, 2), quantity > 5, date BETWEEN -12m AND today)");
    same("orders_placed NOT MATCHES (date >= -90d, count >= 2, sum_amount > 100)");
    same("customer_within_distance MATCHES (coordinates = (45.4215, -75.6972), distance_km = 10)");
    same("storefront.product_viewed MATCHES ()");
    shopifys(
        "anniversary(metafields.facts.birth-date) BETWEEN today AND +30d",
        "anniversary(date: metafields.facts.birth-date) BETWEEN today AND +30d",
    );
    // Said in other words, exactly.
    shopifys("NOT number_of_orders > 5", "number_of_orders <= 5 OR number_of_orders IS NULL");
    shopifys(
        "NOT amount_spent BETWEEN 1 AND 2",
        "amount_spent < 1 OR amount_spent > 2 OR amount_spent IS NULL",
    );
    shopifys(
        "NOT (companies IS NULL AND customer_tags CONTAINS 'a')",
        "companies IS NOT NULL OR customer_tags NOT CONTAINS 'a'",
    );
    shopifys(
        "predicted_spend_tier IN ('HIGH', 'LOW')",
        "predicted_spend_tier = 'HIGH' OR predicted_spend_tier = 'LOW'",
    );
    shopifys(
        "predicted_spend_tier NOT IN ('HIGH', 'LOW')",
        "predicted_spend_tier != 'HIGH' AND predicted_spend_tier != 'LOW'",
    );
    shopifys(
        "customer_tags CONTAINS ALL ('a', 'b')",
        "customer_tags CONTAINS 'a' AND customer_tags CONTAINS 'b'",
    );
    shopifys(
        "customer_tags NOT CONTAINS ANY ('a', 'b')",
        "customer_tags NOT CONTAINS 'a' AND customer_tags NOT CONTAINS 'b'",
    );
    shopifys(
        "NOT customer_tags CONTAINS ALL ('a', 'b')",
        "customer_tags NOT CONTAINS 'a' OR customer_tags NOT CONTAINS 'b'",
    );
    // Where others may be found.
    assert_eq!(
        shopifys("rfm_group = 'LOYAL'", "rfm_group = 'LOYAL'"),
        ["Shopify cuts its RFM groups by a table of its own."]
    );
    // Shopify's own word goes by Shopify's own name.
    let theirs =
        shopifys("shopify_rfm_group NOT IN ('LOYAL', 'NEW')", "rfm_group != 'LOYAL' AND rfm_group != 'NEW'");
    assert!(theirs.is_empty(), "{theirs:?}");
    let many = ["number_of_orders = 1"; 11].join(" OR ");
    assert_eq!(shopifys(&many, &many), ["Shopify may refuse more than 10 conditions."]);
}

#[test]
fn what_shopify_cannot_say_is_told_and_nothing_is_left_out() {
    let lost = |text: &str, expected: &[(&str, &str)]| {
        let lost = parse(text).unwrap().to_shopify().expect_err(text);
        let lost: Vec<_> = lost.iter().map(|lost| (lost.part.as_str(), lost.why)).collect();
        assert_eq!(lost, expected);
    };
    lost(
        "number_of_orders > 1 AND (birthday IS NULL OR rfm_r = 5) AND NOT segment MATCHES (id = 'x')",
        &[("birthday IS NULL", OURS), ("rfm_r = 5", OURS), ("segment MATCHES (id = 'x')", OURS)],
    );
    lost("EVERYONE", &[("EVERYONE", "a query of Shopify's names a condition")]);
    lost("last_order_date >= -36h", &[("last_order_date >= -36h", "Shopify counts no hours")]);
    lost("last_order_date < now", &[("last_order_date < now", "Shopify has no `now`")]);
    lost(
        "customer_language STARTS WITH 'en'",
        &[("customer_language STARTS WITH 'en'", "Shopify compares texts by = only")],
    );
    lost(
        "customer_tags LENGTH > 2",
        &[("customer_tags LENGTH > 2", "Shopify does not count what a list holds")],
    );
    lost("companies = 'x'", &[("companies = 'x'", "Shopify's ids are numbers")]);
    lost(
        "orders_placed MATCHES (financial_status = 'PAID')",
        &[("orders_placed MATCHES (financial_status = 'PAID')", "Shopify has no such parameter")],
    );
    lost(
        "orders_placed MATCHES (NOT amount > 5)",
        &[("orders_placed MATCHES (NOT amount > 5)", "Shopify's parameters have no such opposite")],
    );
    lost(
        "products_purchased MATCHES (tag CONTAINS 'sale')",
        &[("products_purchased MATCHES (tag CONTAINS 'sale')", "Shopify compares texts by = only")],
    );
    lost(
        "customer_tags CONTAINS 'a\\\\b'",
        &[("customer_tags CONTAINS 'a\\\\b'", "how Shopify writes a backslash is not known")],
    );
    lost(
        "shopify_email.opened MATCHES ()",
        &[(
            "campaign_events MATCHES (type = 'OPENED', channel = 'EMAIL')",
            "Shopify knows of its own mails only",
        )],
    );
    lost(
        "attributes.shoe_size > 42 OR bucket('a') < 50",
        &[("attributes.shoe_size > 42", OURS), ("bucket('a') < 50", OURS)],
    );
    lost("anniversary(birthday) = today", &[("anniversary(birthday) = today", OURS)]);
    lost(
        "anniversary(metafields.facts.birth-date) != today",
        &[(
            "anniversary(metafields.facts.birth-date) = today",
            "Shopify compares anniversaries by = and BETWEEN only",
        )],
    );
}

#[test]
fn a_rule_is_explained_in_words() {
    let check = |text: &str, words: &str| assert_eq!(parse(text).unwrap().in_words(&shop()), words);
    check("EVERYONE", "all customers");
    check(
        "amount_spent > 500 AND (last_order_date >= -90d OR customer_tags NOT CONTAINS 'vip')",
        "customers who spent more than 500.00 USD, and (whose last order was in the last 90 days, or who do not have “vip” among their tags)",
    );
    check("number_of_orders BETWEEN 2 AND 5", "customers who placed 2 to 5 orders");
    check("NOT number_of_orders > 5", "customers whose number of orders is not more than 5, or is not known");
    check("last_order_date < -30d", "customers whose last order was more than 30 days ago");
    check("last_order_date <= 2026-01-31", "customers whose last order was on 2026-01-31 or before");
    check(
        "expected_date_of_next_order <= +14d",
        "customers whose expected next order is in 14 days or before",
    );
    check("birthday IS NULL", "customers whose birthday is not known");
    check("anniversary(birthday) = today", "customers whose birthday in any year is today");
    check("can_receive_sms != TRUE", "customers who cannot be reached by SMS");
    check("rfm_group IN ('AT_RISK', 'LOYAL')", "customers whose RFM group is at risk or loyal");
    check("email ENDS WITH '.edu'", "customers whose email address is one that ends with “.edu”");
    check("customer_tags CONTAINS ALL ('a', 'b')", "customers who have “a” and “b” among their tags");
    check(
        "orders_placed MATCHES (amount > 50, date >= -1y, count >= 2, sum_amount >= 100)",
        "customers who have at least 2 orders whose amount is more than 50.00 USD and whose date is in the last 1 year, whose sum, paid and less refunds, is at least 100.00 USD",
    );
    check(
        "orders_placed NOT MATCHES (date >= -90d)",
        "customers who do not have any order whose date is in the last 90 days",
    );
    check(
        "funnel MATCHES (steps IN ('storefront.product_viewed', 'orders_placed'), within <= +7d)",
        "customers who have looks at a product, then orders within 7 days",
    );
    check(
        "products_purchased MATCHES (tag = 'sale')",
        "customers who have at least one product bought that is tagged “sale”",
    );
    check(
        "products_purchased NOT MATCHES (id = 7, tag NOT IN ('a', 'b'))",
        "customers who do not have any product bought whose id is “7” and that is not tagged “a” or “b”",
    );
    check(
        "products_purchased MATCHES (tag IS NULL) AND products_purchased MATCHES (tag NOT STARTS WITH 'x')",
        "customers who have at least one product bought that has no tags, and who have at least one product bought that has no tag that begins with “x”",
    );
    check("segment NOT MATCHES (id = 'x')", "customers who are not in the segment x");
    check(
        "NOT (companies IS NULL OR rfm_r = 5)",
        "customers of whom it does not hold that they are those (whose company is not known, or whose recency score is 5)",
    );
}
