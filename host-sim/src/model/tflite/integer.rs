//! Networks of integers, layer by layer: bit-equal to LiteRT's reference kernels.
//!
//! A chain of dense layers, convolutions along one axis, functions of single values and reshapes,
//! with or without float ends (`QUANTIZE` first, `DEQUANTIZE` last). Activations of uint8 are those
//! of int8 with their points 128 lower. Activations of 16 bits have weights of 8 (16x8).

mod arithmetic;
mod pool;
mod sums;
mod walk;

use super::graph::{graph, place};
use super::only;
use crate::model::blob::BlobLayer;
use anyhow::{Context, Result, ensure};
use bellwether::model::{QuantParams, Rounding};
use walk::Walk;

/// A network of integers.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegerNetwork {
    /// The grid of the inputs.
    pub input: QuantParams,
    /// Number of inputs.
    pub inputs: usize,
    /// Frames that enter together, if the first layer takes frames.
    pub window: Option<usize>,
    /// Inputs of a batch that the file fixes, if it is not 1; one of them is read.
    pub batch: Option<usize>,
    /// Rounding of the first sums; layers with another one have their own.
    pub rounding: Rounding,
    /// The layers.
    pub layers: Vec<BlobLayer>,
}

/// Reads a network. Total for any bytes, and bounded by their number.
///
/// # Errors
/// A damaged or unsupported part, with its operator.
pub fn read(bytes: &[u8]) -> Result<IntegerNetwork> {
    read_as(bytes, None)
}

/// The same; an input of two axes is a window if its first has that many frames.
///
/// # Errors
/// As [`read`].
pub fn read_as(bytes: &[u8], window: Option<usize>) -> Result<IntegerNetwork> {
    let graph = graph(bytes)?.batched(window)?;
    let start = only("inputs", &graph.graph.ints(1, "inputs")?)?;
    let end = only("outputs", &graph.graph.ints(2, "outputs")?)?;
    let mut walk = Walk::new(graph, start)?;
    let operators = graph.graph.count(3, "operators")?;
    for operator in 0..operators {
        let table = graph.graph.nth(3, operator, "an operator")?;
        let code = graph.code(&table)?;
        let last = operator + 1 == operators;
        let step = walk.step(code, &table, last);
        step.with_context(|| place(operator, code))?;
    }
    ensure!(
        walk.at == end,
        "the output is not what the last operator gives"
    );
    ensure!(!walk.layers.is_empty(), "no layers");
    for (k, pair) in walk.layers.windows(2).enumerate() {
        let [before, after] = pair else { continue };
        ensure!(
            before.outputs() == after.inputs(),
            "layer {} takes {} values, {} arrive",
            k + 1,
            after.inputs(),
            before.outputs()
        );
    }
    let mut layers = walk.layers;
    let mut own = layers.iter_mut().filter_map(BlobLayer::rounding);
    let rounding = own.next().and_then(Option::take).unwrap_or_default();
    for own in own.filter(|own| **own == Some(rounding)) {
        *own = None;
    }
    Ok(IntegerNetwork {
        input: walk.input.context("no layers")?,
        inputs: walk.inputs,
        window: walk.window,
        batch: graph.batch,
        rounding,
        layers,
    })
}
