//! LOGISTIC and TANH of int16, as LiteRT's kernels compute them.

use crate::model::blob::CurveLayer;
use anyhow::{Result, ensure};
use bellwether::model::{Curve, Function, QuantParams};

/// Steps of the kernels' argument in a unit.
const STEPS: f64 = 3.0 * 4096.0;

/// Entries of the kernels' table that are one above the nearest integer.
const ABOVE: [usize; 44] = [
    4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41,
    43, 44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
];

/// The layer for inputs of a grid.
pub(super) fn layer(
    function: Function,
    values: usize,
    input: &QuantParams,
    output: &QuantParams,
) -> Result<CurveLayer> {
    ensure!(
        output.same(&Curve::OUTPUT),
        "its outputs have scale {}, must be {}",
        output.scale,
        Curve::OUTPUT.scale
    );
    let (multiplier, shift) = factor(input.scale);
    ensure!(
        multiplier > 0 && shift <= 30,
        "inputs of scale {} are 0 to it",
        input.scale
    );
    let entry = |k: usize| {
        let sigmoid = 65_536.0 / (1.0 + (-(k as f64) / 24.0).exp());
        sigmoid.round() as u16 + u16::from(ABOVE.contains(&k))
    };
    Ok(CurveLayer {
        values,
        function,
        multiplier,
        shift,
        table: (0..256).map(entry).collect(),
    })
}

/// Steps per input step, as a number of at most 15 bits and a shift.
fn factor(scale: f32) -> (u16, u8) {
    // Scales of 2^-12 and 2^-11 are exact.
    for (shift, power) in [(0, 12), (1, 11)] {
        if scale == 0.5_f32.powi(power) {
            return (3 << shift, 0);
        }
    }
    let (mut factor, mut shift) = (f64::from(scale) * STEPS, 0);
    while factor <= f64::from(i16::MAX) / 2.0 && shift <= 30 {
        factor *= 2.0;
        shift += 1;
    }
    (factor.min(f64::from(i16::MAX)) as u16, shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: 2^-12 is 3 steps; 1/12,288 is one, as 2^14 and a shift of 14.
    #[test]
    fn factors_have_fifteen_bits_or_are_exact() {
        assert_eq!(factor(0.5_f32.powi(12)), (3, 0));
        assert_eq!(factor(0.5_f32.powi(11)), (6, 0));
        assert_eq!(factor(1.0 / 12_288.0), (16_384, 14));
    }

    /// Entries published with the kernels: of 0, 1, 2 and the last.
    #[test]
    fn the_table_is_that_of_the_kernels() {
        let grid = QuantParams {
            scale: 0.001,
            ..Curve::OUTPUT
        };
        let table = layer(Function::Tanh, 1, &grid, &Curve::OUTPUT)
            .unwrap()
            .table;
        assert_eq!(table[..3], [32_768, 33_451, 34_133]);
        assert_eq!((table[4], table[255]), (35_493, 65_535));
        assert!(table.windows(2).all(|pair| pair[0] <= pair[1]));
    }
}
