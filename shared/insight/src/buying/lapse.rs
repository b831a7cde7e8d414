//! The chance of somebody's silence, over all the moments at which they may have gone.
//!
//! Pareto/NBD is usually told by differences of hypergeometric functions, which cancel where the last order is near today. The
//! integral that they stand for has positive terms only. In the logarithm of the time it is smooth: panels of eight nodes
//! (Gauss-Legendre) leave 10⁻¹³ of it.

/// The nodes lie on both sides of the middle.
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_5),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_3),
];
/// Within a panel e^-4 is a polynomial for eight nodes, and the nearest pole, π away, is far.
const FALL_MAX: f64 = 4.0;
const WIDTH_MAX: f64 = 1.5;

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

/// What the integrand is at a node.
struct Node {
    part: f64,
    alpha: f64,
    beta: f64,
    ln_alpha: f64,
    ln_beta: f64,
}

impl Lapse {
    /// The logarithm of the integral alone: that costs half.
    pub(super) fn ln_between(&self, from: f64, until: f64) -> f64 {
        let [sum] = self.sums(from, until, |node| [node.part]);
        sum.ln() - self.top(from)
    }

    pub(super) fn between(&self, from: f64, until: f64) -> Lapsed {
        let [sum, ln_alpha, ln_beta, per_alpha, per_beta] = self.sums(from, until, |node| {
            let part = node.part;
            [part, part * node.ln_alpha, part * node.ln_beta, part / node.alpha, part / node.beta]
        });
        if sum <= 0.0 {
            return Lapsed { ln: f64::NEG_INFINITY, ..Lapsed::default() };
        }
        Lapsed {
            ln: sum.ln() - self.top(from),
            ln_alpha: ln_alpha / sum,
            ln_beta: ln_beta / sum,
            per_alpha: per_alpha / sum,
            per_beta: per_beta / sum,
        }
    }

    /// What the integrand is relative to, as a logarithm: where it begins it is the largest.
    fn top(&self, from: f64) -> f64 {
        self.m * (self.alpha + from).ln() + self.n * (self.beta + from).ln()
    }

    /// The sums over all nodes; the first decides when there is no more to come. Nothing, if no number can be told.
    ///
    /// A panel is as wide as the integrand lets it be where the panel lies: beyond the first it falls by one at least in each, or
    /// is of the full width. So there are hundreds at most, however far apart α and β and however large `m` and `n`.
    fn sums<const N: usize>(&self, from: f64, until: f64, of: impl Fn(Node) -> [f64; N]) -> [f64; N] {
        let least = self.alpha.min(self.beta);
        let (mut begin, end) = ((least + from).ln(), (least + until).ln());
        let top = self.top(from);
        let mut sums = [0.0; N];
        while begin < end {
            let before = sums[0];
            let width = self.panel(begin, least).min(end - begin);
            let next = begin + width;
            // Numbers do not lie so near to each other as it falls.
            if next <= begin {
                return [f64::NAN; N];
            }
            let (half, middle) = (width / 2.0, begin + width / 2.0);
            let stretch = middle.exp();
            for (place, weight) in NODES {
                let aside = half * place;
                let factor = aside.exp();
                for (at, stretch) in [(middle - aside, stretch / factor), (middle + aside, stretch * factor)]
                {
                    let told = of(self.node(at, stretch - least, weight * half, top));
                    sums.iter_mut().zip(told).for_each(|(sum, told)| *sum += told);
                }
            }
            // Nor is there where it is no number.
            let is_more = sums[0] - before > 1e-17 * before;
            if !is_more {
                break;
            }
            begin = next;
        }
        sums
    }

    /// How wide the panel is that begins here. How fast the integrand falls grows along it, by e^1.5 at most.
    fn panel(&self, begin: f64, least: f64) -> f64 {
        let falls = |at: f64| {
            let stretch = at.exp();
            let time = stretch - least;
            stretch * (self.m / (self.alpha + time) + self.n / (self.beta + time))
        };
        let narrowest = (FALL_MAX / falls(begin)).min(WIDTH_MAX);
        (FALL_MAX / falls(begin + narrowest)).min(WIDTH_MAX)
    }

    /// At a time, and at the logarithm of it and the lesser of α and β.
    fn node(&self, at: f64, time: f64, weight: f64, top: f64) -> Node {
        let (alpha, beta) = (self.alpha + time, self.beta + time);
        let (ln_alpha, ln_beta) = if self.alpha < self.beta { (at, beta.ln()) } else { (alpha.ln(), at) };
        let part = weight * (top - self.m * ln_alpha - self.n * ln_beta + at).exp();
        Node { part, alpha, beta, ln_alpha, ln_beta }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

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

    /// A search may look there, and must not look for long. What falls at once is half of 1/m: (1+τ)^-m (2+τ)^-1 from nothing on.
    #[test]
    fn what_is_beyond_all_bounds_ends() {
        let ln = |m: f64| Lapse { alpha: 1.0, beta: 2.0, m, n: 1.0 }.between(0.0, 100.0).ln;
        for m in [1e9, 1e100, 1e300] {
            assert!((ln(m) + (2.0 * m).ln()).abs() < 1e-8, "{m}: {}", ln(m));
        }
        assert!(!ln(f64::INFINITY).is_finite() && !ln(f64::NAN).is_finite());
    }

    /// Somebody of a thousand orders who may have gone at any moment since the first: α and `m` are of the billions, β is nearly
    /// nothing, and there is all of the logarithm of time to look through.
    #[test]
    fn what_falls_only_at_the_end_is_not_looked_at_as_closely_before() {
        let lapse = Lapse { alpha: 1e9, beta: 1e-9, m: 1e9, n: 1.5 };
        let looks = Cell::new(0);
        let [sum] = lapse.sums(0.0, 200.0, |node| {
            looks.set(looks.get() + 1);
            [node.part]
        });
        assert!(looks.get() < 8 * 200, "{} looks", looks.get());
        // (1+τ/α)^-m is e^-τ, which is one while (β+τ)^-1.5 falls: 2β.
        assert!((sum / 2e-9 - 1.0).abs() < 1e-3, "{sum}");
    }

    #[test]
    fn what_falls_faster_than_numbers_tell_is_no_number() {
        let lapse = Lapse { alpha: 1e9, beta: 1e9, m: 1e300, n: 1.0 };
        assert!(!lapse.ln_between(0.0, 100.0).is_finite());
    }

    #[test]
    fn no_time_is_no_chance() {
        let lapse = Lapse { alpha: 1.0, beta: 2.0, m: 3.0, n: 1.0 };
        assert!(lapse.between(5.0, 5.0).ln.is_infinite() && lapse.ln_between(5.0, 5.0).is_infinite());
    }
}
