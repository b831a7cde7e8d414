//! The lines of an order, which add up to what is asked for it: what Shopify does not itemise is kept as what it is, a line
//! of its own or a discount, as it is in files (`tables::orders`).

use domain::{
    Minor, Order, ProductId, VariantId,
    bill::{Bill, LINES_MAX, QUANTITY_MAX, TITLE_CHARS_MAX},
    order::OrderLine,
};

use super::{Amount, Id, Reader, Unkept};

/// A tip, a duty, a fee; and what was more than we keep.
const OTHER: &str = "Not itemised";
/// Of something that has no name.
const UNNAMED: &str = "Item";

/// As it stands in JSON, whichever form that has.
#[derive(Debug, Clone)]
pub(crate) struct LineSaid {
    pub(crate) product: Option<Id>,
    pub(crate) variant: Option<Id>,
    pub(crate) title: Option<String>,
    pub(crate) variant_title: Option<String>,
    pub(crate) quantity: i64,
    /// Of one, before discounts.
    pub(crate) price: Option<Amount>,
}

/// Lines that hold nothing are none.
pub(super) fn read(said: Vec<LineSaid>, it: &mut Reader<'_>) -> Result<Vec<OrderLine>, Unkept> {
    let mut lines = Vec::new();
    for line in said {
        let Some(quantity) = u32::try_from(line.quantity).ok().filter(|count| *count > 0) else { continue };
        if quantity > QUANTITY_MAX {
            return Err(Unkept::of("line.quantity", format_args!("is more than {QUANTITY_MAX}")));
        }
        if lines.len() == LINES_MAX {
            it.pass_over("lines", format_args!("beyond {LINES_MAX} were put together"));
            break;
        }
        let price = line.price.ok_or_else(|| Unkept::of("line.price", "is missing"))?;
        let mut title = line.title.unwrap_or_default();
        if let Some(variant) =
            line.variant_title.filter(|variant| !variant.is_empty() && variant != "Default Title")
        {
            title = format!("{title} – {variant}");
        }
        lines.push(OrderLine {
            product: line.product.map(|id| ProductId::Shopify(id.0).to_string()),
            variant: line.variant.map(|id| VariantId::Shopify(id.0).to_string()),
            title: it.line("line.title", &title, TITLE_CHARS_MAX).unwrap_or_else(|| UNNAMED.to_owned()),
            quantity,
            price: it.price("line.price", &price)?,
        });
    }
    Ok(lines)
}

/// Before discounts.
pub(super) fn worth(lines: &[OrderLine]) -> i128 {
    lines.iter().map(|line| i128::from(line.price.get()) * i128::from(line.quantity)).sum()
}

/// What is told of an order's money.
pub(super) struct Money {
    pub(super) discounts: Minor,
    pub(super) taxes: Minor,
    pub(super) shipping: Minor,
    pub(super) total: Minor,
}

impl Money {
    /// These lines and the discounts with which they add up. An order without lines has none.
    pub(super) fn itemised(&self, mut lines: Vec<OrderLine>) -> Result<(Vec<OrderLine>, Minor), Unkept> {
        if lines.is_empty() {
            return Ok((lines, self.discounts));
        }
        let adds_up = |taxes_included: bool| {
            let bill = Bill {
                lines: &lines,
                discounts: self.discounts,
                taxes: self.taxes,
                shipping: self.shipping,
                taxes_included,
                total: None,
            };
            // Only whether they do is asked: the currency is for a sentence.
            bill.total(domain::Currency::USD) == Ok(self.total)
        };
        if adds_up(false) || adds_up(true) {
            return Ok((lines, self.discounts));
        }
        // Webhooks say whether the prices hold the taxes, and GraphQL does not: both are taken for what leaves less over.
        let beyond = |taxes: i64| {
            let asked = worth(&lines) + i128::from(taxes) + i128::from(self.shipping.get());
            i128::from(self.total.get()) - asked + i128::from(self.discounts.get())
        };
        let (with, without) = (beyond(self.taxes.get()), beyond(0));
        let beyond = if with.abs() < without.abs() { with } else { without };
        let minor = |amount: i128| {
            let amount = i64::try_from(amount).ok().and_then(|amount| Minor::new(amount).ok());
            amount.ok_or_else(|| Unkept::of("lines", "are worth too large an amount"))
        };
        if beyond < 0 {
            return Ok((lines, minor(i128::from(self.discounts.get()) - beyond)?));
        }
        lines.push(other(minor(beyond)?));
        Ok((lines, self.discounts))
    }

    /// The order with as many of its lines as may be kept of one order.
    pub(super) fn within(
        &self,
        order: Order,
        bytes_max: usize,
        it: &mut Reader<'_>,
    ) -> Result<Order, Unkept> {
        if order.bytes() <= bytes_max {
            return Ok(order);
        }
        it.pass_over("lines", format_args!("beyond {bytes_max} bytes were put together"));
        let mut order = order;
        while order.bytes() > bytes_max && order.lines.pop().is_some() {}
        (order.lines, order.discounts) = self.itemised(order.lines)?;
        Ok(order)
    }
}

fn other(price: Minor) -> OrderLine {
    OrderLine { product: None, variant: None, title: OTHER.to_owned(), quantity: 1, price }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::told::reader::tests::{EUROS, reading};
    use domain::{CustomerId, OrderId, Timestamp, order::OrderStatus};
    use proptest::prelude::*;

    fn minor(minor: i64) -> Minor {
        Minor::new(minor).unwrap()
    }

    fn line(quantity: u32, price: i64) -> OrderLine {
        OrderLine { quantity, ..other(minor(price)) }
    }

    fn said(title: &str, quantity: i64, price: &str) -> LineSaid {
        LineSaid {
            product: Some(Id(1)),
            variant: None,
            title: Some(title.to_owned()),
            variant_title: None,
            quantity,
            price: Some(Amount(price.to_owned())),
        }
    }

    #[test]
    fn lines_are_read_one_by_one() {
        let reading = reading(EUROS);
        let mut it = Reader::new(&reading);
        let with = |variant: &str| LineSaid { variant_title: Some(variant.into()), ..said("Tea", 2, "3.5") };
        let told = vec![with("100 g"), with("Default Title"), said("", 1, "0"), said("Gone", 0, "1.00")];
        let lines = read(told, &mut it).unwrap();
        let titles: Vec<_> = lines.iter().map(|line| line.title.as_str()).collect();
        assert_eq!(titles, ["Tea – 100 g", "Tea", "Item"]);
        assert_eq!((lines[0].product.as_deref(), lines[0].price.get()), (Some("s1"), 350));
        assert!(read(vec![LineSaid { price: None, ..said("Tea", 1, "") }], &mut it).is_err());
        assert!(read(vec![said("Tea", 1, "-1")], &mut it).is_err());
        assert!(read(vec![said("Tea", i64::from(QUANTITY_MAX) + 1, "1")], &mut it).is_err());
        let many = vec![said("Tea", 1, "1.00"); LINES_MAX + 1];
        assert_eq!(read(many, &mut it).unwrap().len(), LINES_MAX);
    }

    #[test]
    fn an_order_of_many_words_keeps_what_fits_and_adds_up() {
        let reading = reading(EUROS);
        let mut it = Reader::new(&reading);
        let money =
            Money { discounts: Minor::ZERO, taxes: Minor::ZERO, shipping: Minor::ZERO, total: minor(1_000) };
        let named = OrderLine { title: "x".repeat(255), ..line(1, 10) };
        let order = Order {
            id: OrderId::Shopify(1),
            customer: CustomerId::Shopify(1),
            number: 0,
            name: None,
            status: OrderStatus::Paid,
            cancelled_at: None,
            is_test: false,
            app: None,
            location: None,
            lines: vec![named; 100],
            discounts: Minor::ZERO,
            taxes: Minor::ZERO,
            shipping: Minor::ZERO,
            total: minor(1_000),
            refunded: Minor::ZERO,
            note: None,
            placed_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        assert_eq!(money.within(order.clone(), 100_000, &mut it), Ok(order.clone()));
        let kept = money.within(order, 10_000, &mut it).unwrap();
        assert!((30..40).contains(&kept.lines.len()), "{}", kept.lines.len());
        assert_eq!(kept.subtotal(), Some(minor(1_000)));
        assert_eq!(kept.lines.last().unwrap().title, OTHER);
        assert_eq!(it.passed_over().len(), 1);
    }

    #[test]
    fn taxes_are_within_the_prices_or_beside_them_whichever_leaves_less_over() {
        let check = |total: i64, discounts: i64, others: &[i64]| {
            let none = Minor::ZERO;
            let money = Money { discounts: none, taxes: minor(16), shipping: none, total: minor(total) };
            let (lines, off) = money.itemised(vec![line(1, 100)]).unwrap();
            let rest: Vec<_> = lines[1..].iter().map(|line| line.price.get()).collect();
            assert_eq!((off.get(), rest.as_slice()), (discounts, others), "{total}");
        };
        check(100, 0, &[]);
        check(116, 0, &[]);
        check(90, 10, &[]);
        check(130, 0, &[14]);
        check(105, 0, &[5]);
    }

    proptest! {
        #[test]
        fn whatever_is_told_adds_up(
            lines in prop::collection::vec((1..4_u32, 0..500_i64), 1..4),
            discounts in 0..300_i64, taxes in 0..100_i64, shipping in 0..100_i64, total in 0..3_000_i64,
        ) {
            let lines: Vec<_> = lines.into_iter().map(|(quantity, price)| line(quantity, price)).collect();
            let (discounts, taxes, shipping) = (minor(discounts), minor(taxes), minor(shipping));
            let money = Money { discounts, taxes, shipping, total: minor(total) };
            let (lines, discounts) = money.itemised(lines).unwrap();
            let sum = |taxes_included| {
                let bill = Bill { lines: &lines, discounts, taxes, shipping, taxes_included, total: None };
                bill.total(domain::Currency::USD)
            };
            let total = Ok(minor(total));
            prop_assert!(sum(false) == total || sum(true) == total, "{:?} {:?}", lines, discounts);
        }
    }
}
