//! Batch normalisation as a factor and an addend per channel.

use anyhow::{Result, ensure};

/// `scale/√(variance + epsilon)` and `shift - mean·scale/√(variance + epsilon)`, in f64.
///
/// # Errors
/// The lists differ in length, or a root is not above 0.
pub fn normalisation(
    scale: &[f32],
    shift: &[f32],
    mean: &[f32],
    variance: &[f32],
    epsilon: f32,
) -> Result<(Vec<f64>, Vec<f64>)> {
    let channels = scale.len();
    ensure!(
        [shift.len(), mean.len(), variance.len()] == [channels; 3],
        "scale, shift, mean and variance of {channels}, {}, {} and {} channels",
        shift.len(),
        mean.len(),
        variance.len()
    );
    let (mut factors, mut addends) = (Vec::new(), Vec::new());
    let numbers = scale.iter().zip(shift).zip(mean).zip(variance).enumerate();
    for (channel, (((scale, shift), mean), variance)) in numbers {
        let root = (f64::from(*variance) + f64::from(epsilon)).sqrt();
        ensure!(
            root > 0.0 && root.is_finite(),
            "channel {channel}: variance {variance} and epsilon {epsilon} have no root above 0"
        );
        let factor = f64::from(*scale) / root;
        factors.push(factor);
        addends.push(f64::from(*shift) - f64::from(*mean) * factor);
    }
    Ok((factors, addends))
}
