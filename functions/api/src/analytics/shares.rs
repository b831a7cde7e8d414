//! Shares of a whole, in per cent to a tenth: together they are 100.

/// The tenths that rounding leaves go to those who were rounded down most. Of nothing, all are 0.
pub(super) fn shares(counts: &[u64]) -> Vec<f64> {
    let total: u128 = counts.iter().map(|count| u128::from(*count)).sum();
    if total == 0 {
        return vec![0.0; counts.len()];
    }
    let exact = |count: &u64| u128::from(*count) * 1_000;
    let mut tenths: Vec<u128> = counts.iter().map(|count| exact(count) / total).collect();
    let left = usize::try_from(1_000 - tenths.iter().sum::<u128>()).unwrap_or_default();
    let mut places: Vec<usize> = (0..counts.len()).collect();
    places.sort_by_key(|place| std::cmp::Reverse(exact(&counts[*place]) % total));
    places.into_iter().take(left).for_each(|place| tenths[place] += 1);
    tenths.into_iter().map(|tenths| f64::from(u16::try_from(tenths).unwrap_or_default()) / 10.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_a_hundred_together() {
        assert_eq!(shares(&[1, 1, 1]), [33.4, 33.3, 33.3]);
        assert_eq!(shares(&[0, 0]), [0.0, 0.0]);
        assert_eq!(shares(&[1, 1_999]), [0.1, 99.9]);
        assert_eq!(shares(&[]), [] as [f64; 0]);
        let many: Vec<u64> = (1..12).map(|count| count * 7_919).collect();
        assert!((shares(&many).iter().sum::<f64>() - 100.0).abs() < 1e-9);
    }
}
