//! The known word that lies nearest to one that is not known.

/// Below this two words have nothing to do with each other.
const LIKENESS_LEAST: f64 = 0.84;

/// Words that others use for ours.
const OTHERS: [(&str, &str); 29] = [
    ("total_spent", "amount_spent"),
    ("total_spend", "amount_spent"),
    ("totalspent", "amount_spent"),
    ("spent", "amount_spent"),
    ("spend", "amount_spent"),
    ("orders", "number_of_orders"),
    ("orders_count", "number_of_orders"),
    ("order_count", "number_of_orders"),
    ("total_orders", "number_of_orders"),
    ("visits", "number_of_orders"),
    ("tag", "customer_tags"),
    ("tags", "customer_tags"),
    ("country", "customer_countries"),
    ("countries", "customer_countries"),
    ("region", "customer_regions"),
    ("state", "customer_regions"),
    ("city", "customer_cities"),
    ("cities", "customer_cities"),
    ("language", "customer_language"),
    ("domain", "customer_email_domain"),
    ("created_at", "customer_added_date"),
    ("last_order", "last_order_date"),
    ("first_order", "first_order_date"),
    ("aov", "average_order_value"),
    ("product_purchased", "products_purchased"),
    ("clv", "total_clv"),
    ("like", "CONTAINS"),
    ("has", "CONTAINS"),
    ("includes", "CONTAINS"),
];

pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "_");
    let told = plain(word);
    let other = OTHERS.iter().find(|(other, _)| *other == told).map(|(_, ours)| *ours);
    let likeness = |known: &str| {
        if other == Some(known) { 1.0 } else { strsim::jaro_winkler(&told, &plain(known)) }
    };
    let rated = known.into_iter().map(|known| (likeness(known), known));
    let (likeness, best) = rated.max_by(|one, two| one.0.total_cmp(&two.0))?;
    (likeness >= LIKENESS_LEAST).then(|| best.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Known;

    #[test]
    fn what_is_nearly_known_is_found() {
        let check = |word: &str, expected: Option<&str>| {
            let known = Known::ALL.iter().map(|field| field.name());
            assert_eq!(nearest(word, known).as_deref(), expected, "{word}");
        };
        check("last_order", Some("last_order_date"));
        check("last_oder_date", Some("last_order_date"));
        check("amountspent", Some("amount_spent"));
        check("Customer-Tags", Some("customer_tags"));
        check("total_spent", Some("amount_spent"));
        check("country", Some("customer_countries"));
        check("number_of_order", Some("number_of_orders"));
        check("zzz", None);
        assert_eq!(nearest("LIKE", ["IN", "CONTAINS"]).as_deref(), Some("CONTAINS"));
        check("", None);
    }
}
