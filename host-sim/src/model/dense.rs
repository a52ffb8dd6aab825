//! From a framework's quantised dense layer to the library's: the zero point goes into the
//! biases, the three scales become multiplier and shift. A factor below 2^-32 is 0; one of 1 and above
//! takes a second layer, which multiplies by 64.

use super::blob::DenseLayer;
use super::factor::multiplier;
use bellwether::model::{Activation, Order, QuantParams, Rounding};
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
    /// The layer's own rounding; none: the model's.
    pub rounding: Option<Rounding>,
    /// Whether multipliers have 15 bits in place of 31, as those of LiteRT's convolutions of 16x8 have.
    pub coarse: bool,
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

    /// None, and all of 16 bits where outputs have them: LiteRT's have -32,768 too.
    pub const fn whole(output: &QuantParams) -> Self {
        if output.wide {
            Self::Between(i16::MIN, i16::MAX)
        } else {
            Self::Linear
        }
    }

    /// Activation, smallest and largest output.
    pub const fn limits(self, output: &QuantParams) -> (Activation, i16, i16) {
        match self {
            Self::Linear => (Activation::Linear, output.low(), output.high()),
            Self::Relu => (Activation::Relu, output.zero_point, output.high()),
            Self::Between(low, high) => (Activation::Clamp, low, high),
        }
    }
}

/// The weight of the second of two layers: a power of two.
const HELD: f64 = 64.0;

/// The multiplier of a factor below 1; 0 below 2^-32, as in TensorFlow Lite. A coarse one has 15 bits.
fn entry(factor: f64, coarse: bool) -> Option<(i32, i32)> {
    let dead = (0.0..0.25).contains(&factor);
    let entry = multiplier(factor).or(dead.then_some((0, 0)))?;
    let (q31, shift) = entry;
    let q15 = q31.saturating_add(1 << 15) >> 16;
    Some(if coarse {
        (q15.min(0x7fff) << 16, shift)
    } else {
        entry
    })
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
    /// Input scale times weight scale over output scale is not from 0 to below 1, or below 64 where a
    /// second layer may follow.
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
                "output {output}: input scale x weight scale / output scale is {found}, which is too \
                 large: one of its weights is far above the others, or its outputs hardly vary"
            ),
            Self::Bias { output } => {
                write!(f, "output {output}: bias and zero point leave 32 bits")
            }
        }
    }
}

impl std::error::Error for DenseError {}

impl Quantised {
    fn factor(&self, weight_scale: f32) -> f64 {
        let scales = [self.input.scale, weight_scale, self.output.scale];
        let [input, weight, output] = scales.map(f64::from);
        input * weight / output
    }

    /// Whether sums of inputs of 16 bits fit 32, whatever the inputs.
    pub fn fits(&self) -> bool {
        let inputs = self.weights.len() / self.biases.len().max(1);
        let rows = self.weights.chunks(inputs.max(1)).zip(&self.biases);
        let most = rows.map(|(row, bias)| {
            let weights: i64 = row.iter().map(|w| i64::from(w.unsigned_abs())).sum();
            weights * (1 << 15) + i64::from(bias.unsigned_abs())
        });
        most.max().is_none_or(|most| most <= i64::from(i32::MAX))
    }

    /// The library's layers: one, or two where a factor is 1 or above. The first of two gives such sums
    /// as they are, in 16 bits; the second multiplies them by 64 and by a 64th of the factor, and rounds
    /// once: what is left of a factor of 1 and above behind the point of its 31 bits is dropped in one step
    /// under every rule. Sums beyond 16 bits are beyond every output too.
    ///
    /// # Errors
    /// A shape is inconsistent, or a number does not fit.
    pub fn converted(mut self) -> Result<Vec<DenseLayer>, DenseError> {
        let outputs = self.biases.len();
        let factors = self.weight_scales.iter().map(|s| self.factor(*s));
        let factors: Vec<f64> = factors.collect();
        let coarse = self.coarse;
        if factors
            .iter()
            .all(|factor| entry(*factor, coarse).is_some())
        {
            return Ok(vec![self.convert()?]);
        }
        let (output, fused, own) = (self.output, self.fused, self.rounding);
        let step = (f64::from(self.output.scale) / f64::from(self.input.scale)) as f32;
        for (scale, factor) in self.weight_scales.iter_mut().zip(&factors) {
            if entry(*factor, coarse).is_none() {
                // Any factor that fits; the multiplier is set below.
                *scale = step / 2.0;
            }
        }
        self.output = QuantParams {
            scale: output.scale,
            zero_point: 0,
            wide: true,
        };
        self.fused = Fused::whole(&output);
        let mut first = self.convert()?;
        let seconds = first.multipliers.iter_mut().zip(&factors).enumerate();
        let seconds = seconds.map(|(k, (own, factor))| {
            let rest = match entry(*factor, coarse) {
                Some(_) => 1.0 / HELD,
                None => {
                    *own = (i32::MAX, 0);
                    factor / HELD
                }
            };
            let (output, found) = (k, *factor);
            entry(rest, coarse).ok_or(DenseError::Factor { output, found })
        });
        let multipliers = seconds.collect::<Result<Vec<_>, _>>()?;
        let mut weights = vec![0; outputs.saturating_mul(outputs)];
        for diagonal in weights.iter_mut().step_by(outputs + 1) {
            *diagonal = HELD as i8;
        }
        let (activation, low, high) = fused.limits(&output);
        let second = DenseLayer {
            inputs: outputs,
            outputs,
            weights,
            biases: vec![0; outputs],
            multipliers,
            output,
            activation,
            low,
            high,
            order: Order::Rows,
            rounding: own.and(Some(Rounding::Single)),
            wide_inputs: true,
        };
        Ok(vec![first, second])
    }

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
                let found = self.factor(*scale);
                entry(found, self.coarse).ok_or(DenseError::Factor { output, found })
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
        let (activation, low, high) = self.fused.limits(&self.output);
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
            rounding: self.rounding,
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
            rounding: None,
            coarse: false,
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

    /// By hand: 2^-33 is nothing; 3 is 64 times 3/64 of a sum in 16 bits.
    #[test]
    fn dead_outputs_are_zero_and_large_factors_take_a_second_layer() {
        let mut layer = quantised();
        layer.weight_scales = vec![2.0_f32.powi(-32), 6.0];
        let all = layer.converted().unwrap();
        assert_eq!(all[0].multipliers, [(0, 0), (i32::MAX, 0)]);
        assert!(all[0].output.wide && all[1].wide_inputs);
        assert_eq!(all[1].weights, [64, 0, 0, 64]);
        let eighths = |n: i64| multiplier(n as f64 / 64.0).unwrap();
        assert_eq!(all[1].multipliers, [eighths(1), eighths(3)]);
        assert_eq!((all[1].low, all[1].high), (4, 127));
        assert_eq!(quantised().converted().unwrap().len(), 1);
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
        let far = |scale: f32| {
            let mut layer = quantised();
            layer.weight_scales[1] = scale;
            layer.converted()
        };
        assert!(far(127.0).is_ok());
        let factor = DenseError::Factor {
            output: 1,
            found: 64.0,
        };
        assert_eq!(far(128.0), Err(factor));
        let none = refused(|l| (l.weights, l.biases) = (vec![], vec![]));
        assert!(matches!(none, DenseError::Weights { outputs: 0, .. }));
    }
}
