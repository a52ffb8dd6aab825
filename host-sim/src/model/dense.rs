//! From a framework's quantised dense layer to the library's: the zero point goes into the
//! biases, the three scales become multiplier and shift.

use super::blob::DenseLayer;
use super::factor::multiplier;
use bellwether::model::{Activation, Order, QuantParams};
use std::fmt;

/// A dense layer as frameworks store it.
#[derive(Clone, Debug)]
pub struct Quantised {
    /// QuantParams of its inputs.
    pub input: QuantParams,
    /// QuantParams of its outputs.
    pub output: QuantParams,
    /// Scale of the weights, or one per output; the weights' zero point is 0.
    pub weight_scales: Vec<f32>,
    /// Weights, output by output.
    pub weights: Vec<i8>,
    /// One bias per output, at input scale times weight scale.
    pub biases: Vec<i32>,
    /// The function of the sums.
    pub fused: Fused,
}

/// Activations as a clamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fused {
    /// None.
    Linear,
    /// At least 0.
    Relu,
    /// Between two numbers.
    Between(i16, i16),
}

impl Fused {
    /// A clamp between two real values, on the grid of the outputs.
    pub fn clamp(low: f32, high: f32, output: &QuantParams) -> Self {
        let point = |real: f32| {
            let q = (real / output.scale).round() + f32::from(output.zero_point);
            q.clamp(output.low().into(), output.high().into()) as i16
        };
        Self::Between(point(low), point(high))
    }
}

/// Why a layer cannot be computed in the library's integers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum DenseError {
    /// As many weights as outputs times inputs are needed, and both at least 1.
    Weights {
        /// Weights.
        found: usize,
        /// Outputs.
        outputs: usize,
    },
    /// Neither one weight scale nor one per output.
    Scales {
        /// Scales.
        found: usize,
        /// Outputs.
        outputs: usize,
    },
    /// Input scale times weight scale over output scale is not within [2^-32, 1).
    Factor {
        /// The output.
        output: usize,
        /// The factor.
        found: f64,
    },
    /// A bias with the zero point folded in leaves 32 bits.
    Bias {
        /// The output.
        output: usize,
    },
}

impl fmt::Display for DenseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weights { found, outputs } => {
                write!(f, "{found} weights for {outputs} outputs")
            }
            Self::Scales { found, outputs } => {
                write!(f, "{found} weight scales for {outputs} outputs")
            }
            Self::Factor { output, found } => write!(
                f,
                "output {output}: input scale x weight scale / output scale is {found}, must be \
                 from 2^-32 to below 1"
            ),
            Self::Bias { output } => {
                write!(f, "output {output}: bias and zero point leave 32 bits")
            }
        }
    }
}

impl std::error::Error for DenseError {}

impl Quantised {
    /// The library's layer.
    ///
    /// # Errors
    /// A shape is inconsistent, or a number does not fit.
    pub fn convert(self) -> Result<DenseLayer, DenseError> {
        let outputs = self.biases.len();
        let found = self.weights.len();
        let whole = found.checked_rem(outputs) == Some(0);
        let inputs = found.checked_div(outputs).unwrap_or(0);
        if !whole || inputs == 0 {
            return Err(DenseError::Weights { found, outputs });
        }
        if self.weight_scales.len() != 1 && self.weight_scales.len() != outputs {
            return Err(DenseError::Scales {
                found: self.weight_scales.len(),
                outputs,
            });
        }
        let multipliers = self
            .weight_scales
            .iter()
            .enumerate()
            .map(|(output, scale)| {
                let [input, weight, out] =
                    [self.input.scale, *scale, self.output.scale].map(f64::from);
                let found = input * weight / out;
                multiplier(found).ok_or(DenseError::Factor { output, found })
            });
        let multipliers = multipliers.collect::<Result<_, _>>()?;
        let zero_point = i64::from(self.input.zero_point);
        let rows = self.weights.chunks_exact(inputs);
        let biases = self.biases.iter().zip(rows).enumerate();
        let biases = biases.map(|(output, (bias, row))| {
            let sum: i64 = row.iter().copied().map(i64::from).sum();
            let folded = i64::from(*bias) - zero_point * sum;
            i32::try_from(folded).map_err(|_| DenseError::Bias { output })
        });
        let biases = biases.collect::<Result<_, _>>()?;
        let (activation, low, high) = match self.fused {
            Fused::Linear => (Activation::Linear, self.output.low(), self.output.high()),
            Fused::Relu => (Activation::Relu, self.output.zero_point, self.output.high()),
            Fused::Between(low, high) => (Activation::Clamp, low, high),
        };
        Ok(DenseLayer {
            inputs,
            outputs,
            weights: self.weights,
            biases,
            multipliers,
            output: self.output,
            activation,
            low,
            high,
            order: Order::Rows,
            wide_inputs: self.input.wide,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantised() -> Quantised {
        Quantised {
            input: QuantParams {
                scale: 0.5,
                zero_point: -7,
                wide: false,
            },
            output: QuantParams {
                scale: 1.0,
                zero_point: 4,
                wide: false,
            },
            weight_scales: vec![0.25, 0.125],
            weights: vec![1, 2, 3, -4, -5, -6],
            biases: vec![10, -20],
            fused: Fused::Relu,
        }
    }

    /// By hand: `b + 7 · sum w`, and 0.5 · 0.25 / 1, 0.5 · 0.125 / 1.
    #[test]
    fn a_clamp_saturates_on_any_grid() {
        let clamp = |scale: f32| {
            let grid = QuantParams {
                scale,
                zero_point: 7,
                wide: false,
            };
            Fused::clamp(-1.0, 6.0, &grid)
        };
        assert_eq!(clamp(0.5), Fused::Between(5, 19));
        // 6 / scale leaves the integers: found by fuzzing.
        assert_eq!(clamp(f32::MIN_POSITIVE), Fused::Between(-128, 127));
    }

    #[test]
    fn zero_points_are_folded_and_factors_are_per_output() {
        let layer = quantised().convert().unwrap();
        assert_eq!((layer.inputs, layer.outputs), (3, 2));
        assert_eq!(layer.biases, [10 + 7 * 6, -20 - 7 * 15]);
        assert_eq!(layer.multipliers, [(1 << 30, -2), (1 << 30, -3)]);
        assert_eq!((layer.low, layer.high), (4, 127));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_its_output() {
        let refused = |edit: fn(&mut Quantised)| {
            let mut layer = quantised();
            edit(&mut layer);
            layer.convert().unwrap_err()
        };
        let weights = DenseError::Weights {
            found: 5,
            outputs: 2,
        };
        assert_eq!(refused(|l| l.weights.truncate(5)), weights);
        let scales = DenseError::Scales {
            found: 3,
            outputs: 2,
        };
        assert_eq!(refused(|l| l.weight_scales.push(1.0)), scales);
        let factor = DenseError::Factor {
            output: 1,
            found: 1.0,
        };
        assert_eq!(refused(|l| l.weight_scales[1] = 2.0), factor);
        let bias = DenseError::Bias { output: 1 };
        assert_eq!(refused(|l| l.biases[1] = i32::MIN), bias);
        let none = refused(|l| (l.weights, l.biases) = (vec![], vec![]));
        assert!(matches!(none, DenseError::Weights { outputs: 0, .. }));
    }
}
