//! How loyal somebody is, by plain bounds that a merchant can say by heart.

/// By orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loyalty {
    /// Fewer than five.
    Bronze,
    /// Five or more.
    Silver,
    /// Ten or more.
    Gold,
    /// Twenty or more.
    Platinum,
}

/// By what was spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Less than 1,000 of the shop's currency.
    New,
    /// 1,000 or more.
    Regular,
    /// 5,000 or more.
    Premium,
    /// 10,000 or more.
    Vip,
}

impl Loyalty {
    pub fn of(orders: u32) -> Self {
        match orders {
            20.. => Self::Platinum,
            10.. => Self::Gold,
            5.. => Self::Silver,
            _ => Self::Bronze,
        }
    }
}

impl Tier {
    /// A currency with `decimals`, 2 for dollars, has 10^decimals minor units.
    pub fn of(spent: i64, decimals: u32) -> Self {
        match spent.div_euclid(10_i64.saturating_pow(decimals)) {
            10_000.. => Self::Vip,
            5_000.. => Self::Premium,
            1_000.. => Self::Regular,
            _ => Self::New,
        }
    }
}

/// From 0 to 100: at most 40 for what was spent, one for each hundred; 30 for orders, two for each; and 30 for having ordered
/// lately, one less for each ten days.
pub fn loyalty_score(spent: i64, decimals: u32, orders: u32, days_since_last: u32) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "no more than 40 of it counts")]
    let hundreds = spent.max(0) as f64 / 10_f64.powi(decimals.cast_signed()) / 100.0;
    let lately = 30.0 - f64::from(days_since_last) / 10.0;
    hundreds.min(40.0) + (2.0 * f64::from(orders)).min(30.0) + lately.max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_belong_to_the_better_side() {
        use Loyalty::{Bronze, Gold, Platinum, Silver};
        use Tier::{New, Premium, Regular, Vip};
        let of = [0, 4, 5, 9, 10, 19, 20].map(Loyalty::of);
        assert_eq!(of, [Bronze, Bronze, Silver, Silver, Gold, Gold, Platinum]);
        let of = [-1, 99_999, 100_000, 499_999, 500_000, 999_999, 1_000_000].map(|spent| Tier::of(spent, 2));
        assert_eq!(of, [New, New, Regular, Regular, Premium, Premium, Vip]);
        assert_eq!(Tier::of(10_000, 0), Vip, "a yen has no cents");
    }

    #[test]
    fn a_score_has_three_parts() {
        for (spent, orders, days, is) in [
            (0, 0, 400, 0.0),
            (250_000, 3, 45, 25.0 + 6.0 + 25.5),
            (-5_000, 1, 300, 2.0),
            (9_000_000, 90, 0, 100.0),
        ] {
            let score = loyalty_score(spent, 2, orders, days);
            assert!((score - is).abs() < 1e-12, "{spent} {orders} {days}: {score}");
        }
    }
}
