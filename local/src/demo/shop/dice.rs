//! Dice that fall the same way for the same seed, whatever was thrown elsewhere: each customer has their own.

use std::f64::consts::TAU;

/// What the dice are thrown for, so that one question more about a customer changes no answer to another.
#[derive(Debug, Clone, Copy)]
pub(super) enum Throw {
    Product = 1,
    Habits = 2,
    Person = 3,
    Sale = 4,
    Identity = 5,
}

/// `SplitMix64`: short, fast without an optimiser, and good enough to draw people from.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Dice {
    pub(super) fn new(seed: u64, throw: Throw, number: u64) -> Self {
        let mut dice = Self(seed);
        for part in [throw as u64, number] {
            dice.0 ^= part.wrapping_mul(STEP);
            dice.0 = dice.next();
        }
        dice
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 on, below 1.
    pub(super) fn unit(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or_default();
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    pub(super) fn chance(&mut self, of: f64) -> bool {
        self.unit() < of
    }

    /// Below `most`, which is more than nothing.
    pub(super) fn below(&mut self, most: usize) -> usize {
        let most = most.max(1) as u64;
        usize::try_from(self.next() % most).unwrap_or_default()
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Which of them, each as likely as it weighs.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let mut left = self.unit() * weights.clone().sum::<f64>();
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            last = place;
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (TAU * self.unit()).cos()
    }

    /// After Marsaglia and Tsang.
    pub(super) fn gamma(&mut self, shape: f64, mean: f64) -> f64 {
        if shape < 1.0 {
            let lift = (1.0 - self.unit()).powf(1.0 / shape);
            return self.gamma(shape + 1.0, mean * (shape + 1.0) / shape) * lift;
        }
        let (third, scale) = (shape - 1.0 / 3.0, mean / shape);
        loop {
            let normal = self.normal();
            let cube = (1.0 + normal / (9.0 * third).sqrt()).powi(3);
            let fits = || cube.ln() * third + normal * normal / 2.0 + third - third * cube;
            if cube > 0.0 && (1.0 - self.unit()).ln() < fits() {
                return third * cube * scale;
            }
        }
    }

    pub(super) fn poisson(&mut self, mean: f64) -> u32 {
        let (mut product, bound, mut count) = (self.unit(), (-mean).exp(), 0);
        while product > bound {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// What an id needs.
    pub(super) fn ten(&mut self) -> [u8; 10] {
        let (eight, two) = (self.next().to_be_bytes(), self.next().to_be_bytes());
        let mut bytes = [0; 10];
        bytes[..8].copy_from_slice(&eight);
        bytes[8..].copy_from_slice(&two[..2]);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mean(mut throw: impl FnMut(&mut Dice) -> f64) -> f64 {
        let mut dice = Dice::new(7, Throw::Sale, 1);
        (0..20_000).map(|_| throw(&mut dice)).sum::<f64>() / 20_000.0
    }

    #[test]
    fn dice_fall_as_often_as_they_should() {
        let check = |is: f64, expected: f64| assert!((is - expected).abs() < 0.05, "{is}, not {expected}");
        check(mean(Dice::unit), 0.5);
        check(mean(Dice::normal), 0.0);
        check(mean(|dice| dice.normal().powi(2)), 1.0);
        check(mean(|dice| dice.gamma(0.5, 1.0)), 1.0);
        check(mean(|dice| dice.gamma(3.0, 1.0)), 1.0);
        check(mean(|dice| (dice.gamma(0.5, 1.0) - 1.0).powi(2)) / 2.0, 1.0);
        check(mean(|dice| dice.exponential(1.0)), 1.0);
        check(mean(|dice| f64::from(dice.poisson(1.5))), 1.5);
        check(mean(|dice| f64::from(u8::from(dice.weighted([1.0, 0.0, 3.0].into_iter()) == 2))), 0.75);
    }

    #[test]
    fn each_throw_has_dice_of_its_own() {
        let first = |seed, throw, number| Dice::new(seed, throw, number).next();
        let here = first(7, Throw::Sale, 1);
        assert_eq!(here, first(7, Throw::Sale, 1));
        for other in [first(8, Throw::Sale, 1), first(7, Throw::Person, 1), first(7, Throw::Sale, 2)] {
            assert_ne!(here, other);
        }
    }
}
