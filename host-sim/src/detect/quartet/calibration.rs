//! The usual values of a lane.

use bellwether::quartet::Calibration;

/// The quantile up to which a lane says nothing.
const QUANTILE: f64 = 0.9;
/// Mean excesses in a scale.
const SOFT: f64 = 4.0;
/// Smallest mean excess, as a share of the quantile.
const SHARE: f64 = 0.05;
/// Smallest mean excess of each lane.
const LEAST: [f64; 4] = [0.01, 0.01, 0.01, 0.001];

/// The calibration from each lane's values.
pub fn calibrate(lanes: [Vec<f64>; 4]) -> Calibration {
    let mut calibration = Calibration::default();
    for (k, (values, least)) in lanes.into_iter().zip(LEAST).enumerate() {
        let (usual, scale) = limits(values, least);
        calibration.usual[k] = usual as f32;
        calibration.inv_scale[k] = (1.0 / scale) as f32;
    }
    calibration
}

/// The usual value of a sample, and the scale of its excesses; `least` is their smallest mean.
pub(crate) fn limits(mut values: Vec<f64>, least: f64) -> (f64, f64) {
    values.sort_by(f64::total_cmp);
    let usual = quantile(&values, QUANTILE);
    let above: Vec<f64> = values.iter().filter(|s| **s > usual).copied().collect();
    let excess = above.iter().map(|s| s - usual).sum::<f64>() / above.len().max(1) as f64;
    (usual, SOFT * excess.max(SHARE * usual).max(least))
}

/// A quantile of sorted values, between two of them in proportion.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * sorted.len().saturating_sub(1) as f64;
    let below = at.floor() as usize;
    let value = |k: usize| sorted.get(k).copied().unwrap_or(0.0);
    let above = value((below + 1).min(sorted.len().saturating_sub(1)));
    value(below) + (above - value(below)) * (at - at.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0 to 10: the quantile is 9, one value is above it by 1.
    #[test]
    fn quantile_and_mean_excess_are_those_by_hand() {
        let values: Vec<f64> = (0..=10).rev().map(f64::from).collect();
        let still = vec![2.0; 5];
        let calibration = calibrate([values, still, vec![0.0], vec![0.0]]);
        assert_eq!(calibration.usual, [9.0, 2.0, 0.0, 0.0]);
        assert_eq!(calibration.inv_scale, [0.25, 2.5, 25.0, 250.0]);
        assert_eq!(quantile(&[1.0, 2.0], 0.9), 1.9);
    }
}
