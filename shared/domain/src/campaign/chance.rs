//! Whether two shares differ by more than chance, and within what a share may lie.
//!
//! Counts are small where shops are: so the test is exact (Fisher's, of both sides: of all ways in which the same people could have
//! fallen into two groups, how many are as unlikely as this one), and the interval is Wilson's, which holds where nobody or everybody did.

/// Of so many, so many did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    pub did: u64,
    pub of: u64,
}

/// What a normal deviate is within nineteen times of twenty.
const NINETEEN_OF_TWENTY: f64 = 1.959_963_984_540_054;
/// Ways that are as likely as this one but for rounding are as unlikely.
const ROUNDING: f64 = 1.0 + 1e-7;

impl Share {
    /// `None`: of nobody.
    pub fn rate(self) -> Option<f64> {
        (self.of > 0).then(|| real(self.did) / real(self.of))
    }

    /// Within what it is, nineteen times of twenty: Wilson (1927).
    pub fn interval(self) -> Option<(f64, f64)> {
        let (rate, of) = (self.rate()?, real(self.of));
        let squared = NINETEEN_OF_TWENTY * NINETEEN_OF_TWENTY;
        let middle = (rate + squared / (2.0 * of)) / (1.0 + squared / of);
        let half = NINETEEN_OF_TWENTY / (1.0 + squared / of)
            * (rate * (1.0 - rate) / of + squared / (4.0 * of * of)).sqrt();
        Some(((middle - half).max(0.0), (middle + half).min(1.0)))
    }

    /// Whether this one is the greater; what is of nobody is the least.
    pub fn is_above(self, other: Self) -> bool {
        match (self.of, other.of) {
            (0, _) => false,
            (_, 0) => true,
            (ours, theirs) => {
                u128::from(self.did) * u128::from(theirs) > u128::from(other.did) * u128::from(ours)
            }
        }
    }
}

/// How likely shares that lie at least so far apart are if nothing but chance parts them.
pub fn chance(one: Share, other: Share) -> f64 {
    let ours = one.did.min(one.of);
    let did = ours + other.did.min(other.of);
    let (least, most) = (did.saturating_sub(other.of), did.min(one.of));
    // How much likelier one more of ours is; of the sums of its logarithms the greatest becomes 1.
    let step =
        |at: u64| real((did - at) * (one.of - at)).ln() - real((at + 1) * (other.of + at + 1 - did)).ln();
    let steps = (least..most).scan(0.0, |log, at| {
        *log += step(at);
        Some(*log)
    });
    let logs: Vec<f64> = [0.0].into_iter().chain(steps).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let place = usize::try_from(ours - least).unwrap_or(usize::MAX);
    let as_ours = (logs.get(place).copied().unwrap_or(top) - top).exp() * ROUNDING;
    let (mut all, mut unlikely) = (0.0, 0.0);
    for log in logs {
        let likely = (log - top).exp();
        all += likely;
        unlikely += if likely <= as_ours { likely } else { 0.0 };
    }
    (unlikely / all).clamp(0.0, 1.0)
}

/// Of several that are asked at once (Holm, 1979): so that at most one in twenty of all such questions is answered wrongly.
pub fn together(chances: &[f64]) -> Vec<f64> {
    let mut places: Vec<usize> = (0..chances.len()).collect();
    places.sort_by(|one, other| chances[*one].total_cmp(&chances[*other]));
    let (mut adjusted, mut least) = (vec![1.0; chances.len()], 0.0_f64);
    for (left, place) in (1..=chances.len() as u64).rev().zip(places) {
        least = least.max(real(left) * chances[place]).min(1.0);
        adjusted[place] = least;
    }
    adjusted
}

#[expect(clippy::cast_precision_loss, reason = "no shop has so many people, nor so many pairs of them")]
fn real(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 5e-5 * expected.max(0.01)
    }

    #[test]
    fn it_is_what_is_published_of_the_same_tables() {
        let check = |one: (u64, u64), other: (u64, u64), expected: f64| {
            let share = |(did, of)| Share { did, of };
            for found in [chance(share(one), share(other)), chance(share(other), share(one))] {
                assert!(near(found, expected), "{one:?} {other:?}: {found} and not {expected}");
            }
        };
        // Fisher's lady and her tea; Fisher's twins, as R's `fisher.test` has them; SciPy's whales; studying men and women.
        check((3, 4), (1, 4), 0.485_714_285_714);
        check((2, 17), (10, 13), 0.000_536_729_6);
        check((8, 10), (1, 6), 0.034_965_034_965);
        check((1, 10), (11, 14), 0.002_759_456_185);
        check((5, 10), (5, 10), 1.0);
        check((0, 0), (3, 9), 1.0);
        check((0, 20), (0, 30), 1.0);
        assert!(chance(Share { did: 0, of: 200_000 }, Share { did: 9_000, of: 200_000 }) < 1e-300);
    }

    #[test]
    fn of_few_it_is_the_sum_of_all_ways_that_are_as_unlikely() {
        let choose =
            |of: u64, some: u64| (0..some).fold(1.0, |ways, one| ways * real(of - one) / real(one + 1));
        for (of, others) in [(7, 9), (12, 5), (1, 1), (6, 6)] {
            for did in 0..=of {
                for theirs in 0..=others {
                    let all = did + theirs;
                    let ways = |some: u64| choose(of, some) * choose(others, all - some);
                    let possible: Vec<f64> = (all.saturating_sub(others)..=all.min(of)).map(ways).collect();
                    let sum: f64 = possible.iter().sum();
                    let slow: f64 = possible.iter().filter(|it| **it <= ways(did) * 1.000_000_1).sum();
                    let found = chance(Share { did, of }, Share { did: theirs, of: others });
                    assert!((found - slow / sum).abs() < 1e-9, "{did}/{of} {theirs}/{others}: {found}");
                }
            }
        }
    }

    #[test]
    fn a_share_lies_where_newcombe_has_it() {
        // Newcombe (1998), table I, method 3.
        for (did, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let (found_low, found_high) = Share { did, of }.interval().unwrap();
            let is_near = |found: f64, expected: f64| (found - expected).abs() < 5e-5;
            assert!(
                is_near(found_low, low) && is_near(found_high, high),
                "{did}/{of}: {found_low} {found_high}"
            );
        }
        assert_eq!(Share { did: 0, of: 0 }.interval(), None);
    }

    #[test]
    fn of_several_questions_each_must_be_surer() {
        let adjusted = together(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in adjusted.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-12, "{adjusted:?}");
        }
        assert_eq!(together(&[0.9, 0.8]), [1.0, 1.0]);
    }

    #[test]
    fn the_greater_share_is_found_without_rounding() {
        let share = |did, of| Share { did, of };
        assert!(share(1, 3).is_above(share(333_333, 1_000_000)) && !share(2, 4).is_above(share(1, 2)));
        assert!(share(0, 1).is_above(share(0, 0)) && !share(0, 0).is_above(share(0, 1)));
    }
}
