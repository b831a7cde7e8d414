//! Small symmetric matrices: the curvature of a likelihood and what follows from it.

pub(crate) type Matrix<const N: usize> = [[f64; N]; N];

/// `None` if it is not positive definite: the likelihood has no peak there.
pub(crate) fn inverse<const N: usize>(of: &Matrix<N>) -> Option<Matrix<N>> {
    let mut lower = [[0.0; N]; N];
    for row in 0..N {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| lower[row][k] * lower[column][k]).sum();
            let rest = of[row][column] - known;
            lower[row][column] = if row == column {
                // What is left of a pivot is noise where it is 10^-12 of what it was.
                (rest > 1e-12 * of[row][row].abs()).then(|| rest.sqrt())?
            } else {
                rest / lower[column][column]
            };
        }
    }
    Some(std::array::from_fn(|unit| {
        let mut solved = [0.0; N];
        for row in 0..N {
            let known: f64 = (0..row).map(|k| lower[row][k] * solved[k]).sum();
            solved[row] = (f64::from(u8::from(row == unit)) - known) / lower[row][row];
        }
        for row in (0..N).rev() {
            let known: f64 = (row + 1..N).map(|k| lower[k][row] * solved[k]).sum();
            solved[row] = (solved[row] - known) / lower[row][row];
        }
        solved
    }))
}

pub(crate) fn times<const N: usize>(matrix: &Matrix<N>, vector: &[f64; N]) -> [f64; N] {
    matrix.map(|row| dot(&row, vector))
}

pub(crate) fn dot<const N: usize>(one: &[f64; N], other: &[f64; N]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inverse_gives_back_what_was_multiplied() {
        let matrix = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.25], [0.5, -0.25, 2.0]];
        let back = times(&inverse(&matrix).unwrap(), &times(&matrix, &[1.0, -2.0, 3.0]));
        for (told, is) in [1.0, -2.0, 3.0].iter().zip(back) {
            assert!((told - is).abs() < 1e-12, "{back:?}");
        }
    }

    #[test]
    fn a_ridge_and_a_saddle_have_none() {
        assert_eq!(inverse(&[[1.0, 1.0], [1.0, 1.0]]), None);
        assert_eq!(inverse(&[[1.0, 2.0], [2.0, 1.0]]), None);
        assert_eq!(inverse(&[[f64::NAN, 0.0], [0.0, 1.0]]), None);
    }
}
