//! Whether a network is one: lengths agree, layers follow one another, every number is finite.

use super::{FloatConv1d, FloatDense, FloatLayer, FloatNet, FloatRecurrent, Function};
use crate::model::WIDEST;
use std::fmt;

/// A problem in a network, and its layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetError {
    /// Index of the layer; `None`: the network as a whole.
    pub layer: Option<usize>,
    /// Why.
    pub fault: NetFault,
}

/// A problem in a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetFault {
    /// No layers.
    Empty,
    /// A list of another length than the shape asks for.
    Length {
        /// Name of the list.
        what: &'static str,
        /// Numbers there are.
        found: usize,
        /// Numbers of the shape.
        expected: usize,
    },
    /// It takes another number of values than the previous layer gives.
    Chain {
        /// Values it takes.
        takes: usize,
        /// Values of the previous layer.
        given: usize,
    },
    /// Its number of inputs or outputs is zero, or more than [`WIDEST`].
    Width(usize),
    /// A number that is infinite or NaN.
    NotFinite(&'static str),
    /// A clamp whose ends are the wrong way round.
    Clamp,
}

impl fmt::Display for NetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer {
            Some(layer) => write!(f, "layer {layer}: {}", self.fault),
            None => self.fault.fmt(f),
        }
    }
}

impl fmt::Display for NetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "no layers"),
            Self::Length {
                what,
                found,
                expected,
            } => write!(f, "{found} {what}, the shape needs {expected}"),
            Self::Chain { takes, given } => {
                write!(f, "it takes {takes} values, but {given} come from before")
            }
            Self::Width(found) => write!(f, "{found} values, must be from 1 to {WIDEST}"),
            Self::NotFinite(what) => write!(f, "one of the {what} is not finite"),
            Self::Clamp => write!(f, "a clamp's low end lies above its high end"),
        }
    }
}

impl std::error::Error for NetError {}
impl std::error::Error for NetFault {}

type Result<T = (), E = NetFault> = std::result::Result<T, E>;

impl FloatNet {
    /// Checks lengths, the chain, and that every number is finite.
    ///
    /// # Errors
    /// The first invalid layer, and its problem.
    pub fn check(&self) -> Result<(), NetError> {
        let whole = |fault| NetError { layer: None, fault };
        width(self.inputs).map_err(whole)?;
        if self.layers.is_empty() {
            return Err(whole(NetFault::Empty));
        }
        let mut given = self.inputs;
        for (k, layer) in self.layers.iter().enumerate() {
            layer.check(given).map_err(|fault| NetError {
                layer: Some(k),
                fault,
            })?;
            given = layer.outputs();
        }
        Ok(())
    }
}

impl FloatLayer {
    /// Checks the layer itself, and its number of inputs.
    ///
    /// # Errors
    /// The layer's problem.
    pub fn check(&self, given: usize) -> Result {
        match self {
            Self::Dense(dense) => dense.check(),
            Self::Conv1d(conv) => conv.check(),
            Self::Lstm(cell) => cell.check(4),
            Self::Gru(cell) => cell.check(3),
        }?;
        let takes = self.inputs();
        width(takes)?;
        width(self.outputs())?;
        if takes == given {
            Ok(())
        } else {
            Err(NetFault::Chain { takes, given })
        }
    }
}

impl FloatDense {
    pub(in crate::model) fn check(&self) -> Result {
        let weights = product(&[self.outputs, self.inputs]);
        numbers("weights", &self.weights, weights)?;
        numbers("biases", &self.biases, self.outputs)?;
        self.function.check()
    }
}

impl FloatConv1d {
    fn check(&self) -> Result {
        for factor in [self.frames, self.channels, self.filters, self.stride] {
            width(factor)?;
        }
        for padding in [self.before, self.after] {
            width(padding.max(1))?;
        }
        let weights = product(&[self.filters, self.kernel, self.channels]);
        numbers("weights", &self.weights, weights)?;
        numbers("biases", &self.biases, self.filters)?;
        self.function.check()
    }
}

impl FloatRecurrent {
    fn check(&self, gates: usize) -> Result {
        for factor in [self.frames, self.channels, self.units] {
            width(factor)?;
        }
        let rows = product(&[gates, self.units]);
        let kernel = product(&[rows, self.channels]);
        numbers("weights", &self.kernel, kernel)?;
        let recurrent = product(&[rows, self.units]);
        numbers("recurrent weights", &self.recurrent, recurrent)?;
        numbers("biases", &self.biases, rows)?;
        numbers("recurrent biases", &self.recurrent_biases, rows)
    }
}

impl Function {
    fn check(self) -> Result {
        let what = "parameters of its function";
        match self {
            Self::LeakyRelu(slope) | Self::Elu(slope) => numbers(what, &[slope], 1),
            Self::HardSigmoid(slope, shift) => numbers(what, &[slope, shift], 2),
            Self::Clamp(low, high) => {
                numbers(what, &[low, high], 2)?;
                if low <= high {
                    Ok(())
                } else {
                    Err(NetFault::Clamp)
                }
            }
            _ => Ok(()),
        }
    }
}

/// The number of values of a shape; the largest number if that overflows.
fn product(shape: &[usize]) -> usize {
    let all = shape.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
    all.unwrap_or(usize::MAX)
}

fn width(found: usize) -> Result {
    if (1..=WIDEST).contains(&found) {
        Ok(())
    } else {
        Err(NetFault::Width(found))
    }
}

fn numbers(what: &'static str, all: &[f32], expected: usize) -> Result {
    if all.len() != expected {
        let found = all.len();
        return Err(NetFault::Length {
            what,
            found,
            expected,
        });
    }
    if all.iter().all(|x| x.is_finite()) {
        Ok(())
    } else {
        Err(NetFault::NotFinite(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(inputs: usize, outputs: usize) -> FloatLayer {
        FloatLayer::Dense(FloatDense {
            inputs,
            outputs,
            weights: vec![0.5; inputs * outputs],
            biases: vec![0.0; outputs],
            function: Function::Linear,
        })
    }

    fn refused(layers: Vec<FloatLayer>) -> String {
        let net = FloatNet { inputs: 3, layers };
        net.check().unwrap_err().to_string()
    }

    #[test]
    fn the_layer_and_its_fault_are_named() {
        let good = FloatNet {
            inputs: 3,
            layers: vec![dense(3, 2), dense(2, 3)],
        };
        assert_eq!(good.check(), Ok(()));
        assert_eq!(refused(vec![]), "no layers");
        let chain = refused(vec![dense(3, 2), dense(3, 3)]);
        assert_eq!(chain, "layer 1: it takes 3 values, but 2 come from before");
        let edited = |edit: fn(&mut FloatDense)| {
            let FloatLayer::Dense(mut layer) = dense(3, 2) else {
                unreachable!()
            };
            edit(&mut layer);
            refused(vec![FloatLayer::Dense(layer)])
        };
        for (found, wanted) in [
            (edited(|l| l.weights.truncate(5)), "5 weights"),
            (edited(|l| l.biases.push(0.0)), "3 biases"),
            (edited(|l| l.weights[1] = f32::NAN), "weights is not finite"),
            (edited(|l| l.biases[1] = f32::INFINITY), "biases is not"),
            (
                edited(|l| l.function = Function::Clamp(1.0, 0.0)),
                "low end",
            ),
        ] {
            assert!(
                found.starts_with("layer 0: ") && found.contains(wanted),
                "{found}"
            );
        }
    }

    /// Broken if lengths are multiplied before they are bounded.
    #[test]
    fn absurd_shapes_are_refused_and_do_not_overflow() {
        let huge = FloatConv1d {
            frames: usize::MAX,
            channels: usize::MAX,
            filters: 1,
            kernel: usize::MAX,
            stride: 1,
            before: usize::MAX,
            after: 1,
            weights: vec![],
            biases: vec![],
            function: Function::Linear,
        };
        assert!(refused(vec![FloatLayer::Conv1d(huge)]).contains("must be from 1"));
    }
}
