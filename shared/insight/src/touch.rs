//! Which orders came after which message: the last one before the order, within a time. It says nothing of why somebody ordered.

/// A message that reached somebody, of the campaign that is asked about or of another. In seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    pub at: i64,
    /// Of two of the same second the later campaign's counts.
    pub campaign: u32,
    /// When it was first seen to be opened or followed by a person; `i64::MAX`: it was not.
    pub seen_at: i64,
}

/// What is put down to a campaign.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Earned {
    pub customers: u64,
    pub orders: u64,
    /// In minor units, refunds subtracted.
    pub revenue: i128,
}

/// All that is put down to one campaign, and of that, what came from those who had read it by then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Attributed {
    pub all: Earned,
    pub seen: Earned,
}

impl Attributed {
    /// One customer's: their touches, rising, and their orders that count, each with its second and its worth, in any order.
    pub fn add(
        &mut self,
        campaign: u32,
        touches: &[Touch],
        window_seconds: i64,
        orders: impl IntoIterator<Item = (i64, i64)>,
    ) {
        let (mut all, mut seen) = (Earned::default(), Earned::default());
        for (at, net) in orders {
            let before = touches.partition_point(|touch| touch.at <= at);
            let Some(last) = before.checked_sub(1).map(|place| touches[place]) else { continue };
            if last.campaign != campaign || at - last.at > window_seconds {
                continue;
            }
            all.take(net);
            if last.seen_at <= at {
                seen.take(net);
            }
        }
        self.all.join(all);
        self.seen.join(seen);
    }
}

impl Earned {
    fn take(&mut self, net: i64) {
        self.customers = 1;
        self.orders += 1;
        self.revenue += i128::from(net);
    }

    fn join(&mut self, one: Self) {
        self.customers += one.customers;
        self.orders += one.orders;
        self.revenue += one.revenue;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn touch(at: i64, campaign: u32) -> Touch {
        Touch { at, campaign, seen_at: i64::MAX }
    }

    #[test]
    fn an_order_is_put_down_to_the_last_message_before_it_within_the_time() {
        let touches = [touch(100, 1), touch(200, 2), touch(300, 1)];
        let check = |campaign: u32, at: i64, expected: u64| {
            let mut told = Attributed::default();
            told.add(campaign, &touches, 50, [(at, 7)]);
            assert_eq!(told.all.orders, expected, "campaign {campaign}, order at {at}");
        };
        check(1, 99, 0);
        check(1, 100, 1);
        check(1, 150, 1);
        check(1, 151, 0);
        check(1, 210, 0);
        check(2, 210, 1);
        check(1, 350, 1);
        check(2, 350, 0);
    }

    #[test]
    fn each_order_is_one_campaigns_and_each_customer_is_counted_once() {
        let touches = [Touch { seen_at: 120, ..touch(100, 1) }, touch(100, 2), touch(400, 1)];
        let orders = [(110, 5), (130, -2), (410, 10)];
        let (mut one, mut two) = (Attributed::default(), Attributed::default());
        one.add(1, &touches, 1_000, orders);
        two.add(2, &touches, 1_000, orders);
        assert_eq!(one.all, Earned { customers: 1, orders: 1, revenue: 10 });
        assert_eq!(two.all, Earned { customers: 1, orders: 2, revenue: 3 });
        assert_eq!((one.seen, two.seen), (Earned::default(), Earned::default()));
        one.add(1, &touches[..1], 1_000, orders);
        assert_eq!(one.all, Earned { customers: 2, orders: 4, revenue: 23 });
        assert_eq!(one.seen, Earned { customers: 1, orders: 2, revenue: 8 }, "read first, ordered then");
    }
}
