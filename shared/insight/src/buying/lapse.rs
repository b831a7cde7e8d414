//! The chance of somebody's silence, over all the moments at which they may have gone.
//!
//! Pareto/NBD is usually told by differences of hypergeometric functions, which cancel where the last order is near today. The
//! integral that they stand for has positive terms only. In the logarithm of the time it is smooth: panels of twelve nodes
//! (Gauss-Legendre) leave 10⁻¹⁵ of it.

/// The nodes lie on both sides of the middle.
const NODES: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_7),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_6),
    (0.587_317_954_286_617_5, 0.203_167_426_723_065_7),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_4),
    (0.904_117_256_370_474_8, 0.106_939_325_995_319_1),
    (0.981_560_634_246_719_2, 0.047_175_336_386_511_4),
];
/// Within a panel e^-8 is a polynomial for twelve nodes, and the nearest pole, π away, is far.
const FALL_MAX: f64 = 8.0;
const WIDTH_MAX: f64 = 2.0;
const PANELS_MAX: usize = 10_000;

/// ∫ (α+τ)^−m (β+τ)^−n dτ.
pub(super) struct Lapse {
    pub(super) alpha: f64,
    pub(super) beta: f64,
    pub(super) m: f64,
    pub(super) n: f64,
}

/// The integral, and means under it.
#[derive(Debug, Default)]
pub(super) struct Lapsed {
    /// The logarithm of the integral.
    pub(super) ln: f64,
    pub(super) ln_alpha: f64,
    pub(super) ln_beta: f64,
    /// Of 1/(α+τ) and 1/(β+τ).
    pub(super) per_alpha: f64,
    pub(super) per_beta: f64,
}

impl Lapse {
    pub(super) fn between(&self, from: f64, until: f64) -> Lapsed {
        let least = self.alpha.min(self.beta);
        let (begin, end) = ((least + from).ln(), (least + until).ln());
        if end <= begin {
            return Lapsed { ln: f64::NEG_INFINITY, ..Lapsed::default() };
        }
        let panels = ((end - begin) * (self.m + self.n) / FALL_MAX).max((end - begin) / WIDTH_MAX).ceil();
        let half = (end - begin) / panels / 2.0;
        // Relative to the beginning, where the integrand is the largest.
        let top = self.m * (self.alpha + from).ln() + self.n * (self.beta + from).ln();
        let mut sums = [0.0; 5];
        let mut middle = begin + half;
        for _ in 0..PANELS_MAX {
            if middle > end {
                break;
            }
            let before = sums[0];
            for (place, weight) in NODES {
                for at in [middle - half * place, middle + half * place] {
                    self.add(at, weight * half, least, top, &mut sums);
                }
            }
            if sums[0] - before < 1e-17 * before {
                break;
            }
            middle += 2.0 * half;
        }
        let [sum, ln_alpha, ln_beta, per_alpha, per_beta] = sums;
        Lapsed {
            ln: sum.ln() - top,
            ln_alpha: ln_alpha / sum,
            ln_beta: ln_beta / sum,
            per_alpha: per_alpha / sum,
            per_beta: per_beta / sum,
        }
    }

    fn add(&self, at: f64, weight: f64, least: f64, top: f64, sums: &mut [f64; 5]) {
        let stretch = at.exp();
        let (alpha, beta) = (stretch + (self.alpha - least), stretch + (self.beta - least));
        let (ln_alpha, ln_beta) = if self.alpha < self.beta { (at, beta.ln()) } else { (alpha.ln(), at) };
        let part = weight * (top - self.m * ln_alpha - self.n * ln_beta + at).exp();
        for (sum, of) in sums.iter_mut().zip([1.0, ln_alpha, ln_beta, 1.0 / alpha, 1.0 / beta]) {
            *sum += part * of;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (α+τ)^-m alone has an integral in closed form.
    #[test]
    fn a_power_is_integrated_exactly() {
        for (alpha, m, from, until) in [
            (0.01, 1.7, 0.0, 500.0),
            (4.4, 0.6, 3.0, 3.001),
            (10.0, 300.0, 20.0, 90.0),
            (2.0, 40.0, 0.0, 5_000.0),
        ] {
            let lapse = Lapse { alpha, beta: 7.0, m, n: 0.0 };
            let told = lapse.between(from, until).ln;
            let stretch = ((alpha + until) / (alpha + from)).ln();
            let is = (1.0 - m) * (alpha + from).ln() + (((1.0 - m) * stretch).exp_m1() / (1.0 - m)).ln();
            assert!((told - is).abs() < 1e-10 * (1.0 + is.abs()), "α {alpha}, m {m}: {told} for {is}");
        }
    }

    #[test]
    fn no_time_is_no_chance() {
        let lapse = Lapse { alpha: 1.0, beta: 2.0, m: 3.0, n: 1.0 };
        assert!(lapse.between(5.0, 5.0).ln.is_infinite());
    }
}
