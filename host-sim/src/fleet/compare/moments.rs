//! Mean and deviation of every variable of every node over its fit rows.

/// Mean and deviation of a variable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    mean: f64,
    deviation: f64,
}

impl Scale {
    /// Of the finite ones of these values; a variable that does not move has deviation 1.
    pub fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let finite = values.filter(|value| value.is_finite());
        let count = finite.clone().count().max(1) as f64;
        let mean = finite.clone().sum::<f64>() / count;
        let squares = finite.map(|value| (value - mean).powi(2)).sum::<f64>();
        let deviation = (squares / count).sqrt();
        let moves = deviation > 1e-9 * mean.abs().max(1e-9);
        Self {
            mean,
            deviation: if moves { deviation } else { 1.0 },
        }
    }

    /// A value in deviations from the mean.
    pub fn scaled(&self, value: f64) -> f64 {
        (value - self.mean) / self.deviation
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_do_not_count_and_a_constant_is_its_own_scale() {
        let scale = Scale::of([1.0, f64::NAN, 3.0].into_iter());
        assert_eq!((scale.scaled(2.0), scale.scaled(4.0)), (0.0, 2.0));
        let constant = Scale::of([5.0, 5.0].into_iter());
        assert_eq!((constant.scaled(5.0), constant.scaled(7.0)), (0.0, 2.0));
        assert_eq!(Scale::of([].into_iter()).scaled(3.0), 3.0);
    }
}
