//! Reading `.tflite` files: networks of integers ([`integer`]) and networks in f32 ([`float`]).
//!
//! Field numbers are those of TensorFlow Lite's `schema.fbs`, schema version 3.

mod codes;
pub mod float;
pub mod integer;
mod table;

use super::flatbuffer::Table;
use super::import::{batch, elements};
use crate::model::import::kernel::Padding;
use anyhow::{Context, Result, bail, ensure};
use bellwether::model::QuantParams;
pub use integer::{IntegerNetwork, read};

const FLOAT32: i8 = 0;
const FLOAT16: i8 = 1;
const INT32: i8 = 2;
const UINT8: i8 = 3;
const INT64: i8 = 4;
const INT16: i8 = 7;
const INT8: i8 = 9;

const CONV_2D: i32 = 3;
const DEQUANTIZE: i32 = 6;
const FULLY_CONNECTED: i32 = 9;
const LOGISTIC: i32 = 14;
const RELU: i32 = 19;
const RELU_N1_TO_1: i32 = 20;
const RELU6: i32 = 21;
const RESHAPE: i32 = 22;
const TANH: i32 = 28;
const SQUEEZE: i32 = 43;
const EXPAND_DIMS: i32 = 70;
const LEAKY_RELU: i32 = 98;
const QUANTIZE: i32 = 114;

/// Whether a file holds a network of integers: its input is one, or is made one before all else.
///
/// # Errors
/// It is no such file, or damaged.
pub fn is_integer(bytes: &[u8]) -> Result<bool> {
    let graph = graph(bytes)?;
    let start = only("inputs", &graph.graph.ints(1, "inputs")?)?;
    let mut integer = !graph.tensor(start)?.is(FLOAT32)?;
    for operator in 0..graph.graph.count(3, "operators")? {
        let table = graph.graph.nth(3, operator, "an operator")?;
        let takes = table.ints(1, "an operator's inputs")?;
        integer |= takes.contains(&start) && graph.code(&table)? == QUANTIZE;
    }
    Ok(integer)
}

/// The only graph of a file.
fn graph(bytes: &[u8]) -> Result<Graph<'_>> {
    let model = Table::root(bytes, *b"TFL3", "a .tflite file (identifier TFL3)")?;
    match model.int(0, 0, "schema version")? {
        3 => {}
        other => bail!("schema version {other}, only 3 is read"),
    }
    one("subgraphs", model.count(2, "subgraphs")?)?;
    Ok(Graph {
        model,
        graph: model.nth(2, 0, "the subgraph")?,
        batch: None,
    })
}

fn one(what: &str, found: usize) -> Result<()> {
    ensure!(found == 1, "{found} {what}, expected exactly one");
    Ok(())
}

/// The only element, an index.
fn only(what: &str, indices: &[i32]) -> Result<i32> {
    one(what, indices.len())?;
    Ok(indices.first().copied().unwrap_or(-1))
}

#[derive(Clone, Copy)]
struct Graph<'a> {
    model: Table<'a>,
    graph: Table<'a>,
    /// Inputs of a fixed batch; one of them is read.
    batch: Option<usize>,
}

impl<'a> Graph<'a> {
    /// With the batch that the only input fixes.
    fn batched(self, window: Option<usize>) -> Result<Self> {
        let start = only("inputs", &self.graph.ints(1, "inputs")?)?;
        Ok(Self {
            batch: batch(&self.tensor(start)?.shape()?, window),
            ..self
        })
    }

    fn code(&self, operator: &Table<'a>) -> Result<i32> {
        let index = operator.int(0, 0, "an operator's code")?.cast_unsigned();
        let code = self.model.nth(1, index as usize, "an operator code")?;
        // Codes up to 127 were once a byte; the larger of the two fields counts.
        let byte = code.byte(0, 0, "an operator code")?;
        Ok(code.int(3, 0, "an operator code")?.max(i32::from(byte)))
    }

    fn tensor(&self, index: i32) -> Result<Tensor<'a>> {
        let index = index.cast_unsigned() as usize;
        let table = self.graph.nth(0, index, "a tensor")?;
        let name = table.vector::<1>(3, "a tensor's name")?.as_flattened();
        let name = String::from_utf8_lossy(name).into_owned();
        Ok(Tensor {
            name: if name.is_empty() {
                index.to_string()
            } else {
                name
            },
            model: self.model,
            table,
            batch: self.batch,
        })
    }

    /// Whether an operator computes shapes: its output is of integers that are no activations.
    /// With a batch of 1, all shapes are known, and its output's readers have them in the file.
    fn is_shape(&self, output: i32) -> Result<bool> {
        let output = self.tensor(output)?;
        Ok(output.is(INT32)? || output.is(INT64)?)
    }
}

/// The name of an operator in messages.
fn place(operator: usize, code: i32) -> String {
    format!("operator {operator} ({})", codes::operator(code))
}

struct Tensor<'a> {
    name: String,
    model: Table<'a>,
    table: Table<'a>,
    batch: Option<usize>,
}

impl<'a> Tensor<'a> {
    fn kind(&self) -> Result<i8> {
        Ok(self.table.byte(1, FLOAT32, "a tensor's type")?)
    }

    fn is(&self, code: i8) -> Result<bool> {
        Ok(self.kind()? == code)
    }

    fn expect(&self, code: i8, expected: &str) -> Result<()> {
        let found = self.kind()?;
        ensure!(
            found == code,
            "tensor `{}` is of {}, expected {expected}",
            self.name,
            codes::kind(found)
        );
        Ok(())
    }

    fn shape(&self) -> Result<Vec<usize>> {
        let shape = self.table.ints(0, "a tensor's shape")?;
        Ok(shape
            .into_iter()
            .map(|n| n.max(0).cast_unsigned() as usize)
            .collect())
    }

    /// The shape of an activation, its batch 1.
    fn one_of_batch(&self) -> Result<Vec<usize>> {
        let mut shape = self.shape()?;
        if let Some(first) = shape.first_mut()
            && self.batch == Some(*first)
        {
            *first = 1;
        }
        Ok(shape)
    }

    /// Values of an activation, its batch 1.
    fn values(&self) -> Result<usize> {
        let all = self.one_of_batch()?;
        let all = all.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
        Ok(all.unwrap_or(usize::MAX))
    }

    fn len(&self) -> Result<usize> {
        let all = self
            .shape()?
            .iter()
            .try_fold(1, |n: usize, k| n.checked_mul(*k));
        Ok(all.unwrap_or(usize::MAX))
    }

    /// Scales and zero points.
    fn quantisation(&self) -> Result<(Vec<f32>, Vec<i64>, i32)> {
        let Some(table) = self.table.table(4, "a tensor's quantisation")? else {
            return Ok((Vec::new(), Vec::new(), 0));
        };
        let scales = table.vector::<4>(2, "scales")?;
        let zeros = table.vector::<8>(3, "zero points")?;
        Ok((
            scales.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            zeros.iter().map(|b| i64::from_le_bytes(*b)).collect(),
            table.int(6, 0, "a quantised dimension")?,
        ))
    }

    fn refuse<T>(&self, expected: &str) -> Result<T> {
        bail!("tensor `{}`: expected {expected}", self.name)
    }

    /// The grid of an activation of int8, or of uint8: that of int8 whose points are 128 lower.
    fn grid(&self) -> Result<QuantParams> {
        let lower = match self.kind()? {
            INT8 => 0,
            UINT8 => 128,
            INT16 => bail!(
                "tensor `{}` is of int16: activations of 16 bits (16x8) are not read; {TO_INT8}",
                self.name
            ),
            _ => bail!(
                "tensor `{}` is of {}, expected activations of int8; {TO_INT8}",
                self.name,
                codes::kind(self.kind()?)
            ),
        };
        let (scales, zeros, _) = self.quantisation()?;
        match (scales.as_slice(), zeros.as_slice()) {
            (&[scale], &[zero]) if scale.is_normal() && scale > 0.0 => {
                match i8::try_from(zero.saturating_sub(lower)) {
                    Ok(zero) => Ok(QuantParams {
                        scale,
                        zero_point: zero.into(),
                        wide: false,
                    }),
                    Err(_) => self.refuse("a zero point of 8 bits"),
                }
            }
            _ => self.refuse("one scale above 0 and one zero point"),
        }
    }

    fn weight_scales(&self) -> Result<Vec<f32>> {
        let (scales, zeros, dimension) = self.quantisation()?;
        if zeros.iter().any(|zero| *zero != 0) {
            return self.refuse("weights with zero point 0");
        }
        if scales.is_empty() || scales.len() > 1 && dimension != 0 {
            return self.refuse("a weight scale, or one per output");
        }
        Ok(scales)
    }

    /// The elements, `K` bytes each.
    fn data<const K: usize>(&self, code: i8, expected: &str) -> Result<&'a [[u8; K]]> {
        self.expect(code, expected)?;
        let buffer = self.table.int(2, 0, "a tensor's buffer")?.cast_unsigned();
        let buffer = self.model.nth(4, buffer as usize, "a buffer")?;
        let data = buffer.vector::<1>(0, "a buffer's data")?.as_flattened();
        let (elements, rest) = data.as_chunks::<K>();
        let wanted = self.len()?;
        ensure!(
            wanted == 0 || !data.is_empty(),
            "tensor `{}` is computed, not constant: only chains are read, and so no skip connections and \
             no error inside the network (cut it at the reconstruction: the library computes the score)",
            self.name
        );
        ensure!(
            elements.len() == wanted && rest.is_empty(),
            "tensor `{}` has {} elements, its shape {wanted}",
            self.name,
            elements.len()
        );
        Ok(elements)
    }

    /// The numbers of a constant: as floats of 32 or 16 bits, or of int8 with scales.
    fn floats(&self) -> Result<Vec<f32>> {
        match self.kind()? {
            FLOAT16 => {
                let data = self.data::<2>(FLOAT16, "float16 constants")?;
                Ok(data.iter().map(|b| elements::half(*b)).collect())
            }
            INT8 => self.dequantised(),
            _ => {
                let data = self.data::<4>(FLOAT32, "float constants")?;
                Ok(data.iter().map(|b| f32::from_le_bytes(*b)).collect())
            }
        }
    }

    /// `scale · (q - zero point)`, with one scale or one along an axis.
    fn dequantised(&self) -> Result<Vec<f32>> {
        let data = self.data::<1>(INT8, "int8 weights")?;
        let (scales, zeros, axis) = self.quantisation()?;
        let shape = self.shape()?;
        let axis = usize::try_from(axis).unwrap_or(usize::MAX);
        let inner: usize = match scales.len() {
            0 => return self.refuse("a scale"),
            1 => data.len().max(1),
            n => match shape.get(axis) {
                Some(size) if *size == n => shape.iter().skip(axis + 1).product(),
                _ => return self.refuse("a scale, or one for each index of an axis"),
            },
        };
        let number = |(k, byte): (usize, &[u8; 1])| {
            let channel = (k / inner) % scales.len();
            let zero = zeros.get(channel).or(zeros.first()).copied().unwrap_or(0);
            let q = i64::from(i8::from_le_bytes(*byte)).saturating_sub(zero);
            scales[channel] * q as f32
        };
        Ok(data.iter().enumerate().map(number).collect())
    }
}

const TO_INT8: &str = "convert with int8 activations, or without quantisation and pack the float \
                       .tflite with --calibration";

/// The activation that an operator has in a field of its options.
fn fused_code(options: Option<Table<'_>>, field: usize) -> Result<i8> {
    let code = options.map_or(Ok(0), |o| o.byte(field, 0, "an activation"))?;
    Ok(code)
}

/// The frames, channels, filters, kernel, stride and dilation of a CONV_2D along one axis.
struct Along {
    frames: usize,
    channels: usize,
    filters: usize,
    kernel: usize,
    stride: usize,
    dilation: usize,
    same: bool,
}

impl Along {
    /// Input batch x height x width x channels, weights filters x height x width x channels.
    fn of(input: &[usize], weights: &[usize], options: Option<Table<'_>>) -> Result<Self> {
        let (frames, channels, filters, kernel, wide) = match (input, weights) {
            (&[1, 1, t, c], &[m, 1, k, own]) if own == c => (t, c, m, k, true),
            (&[1, t, 1, c], &[m, k, 1, own]) if own == c => (t, c, m, k, false),
            (x, w) => bail!(
                "input {x:?} and weights {w:?}; read are a batch of 1, one axis, and the same \
                 channels"
            ),
        };
        let options = options.context("no options")?;
        let along = |across: usize, down: usize| -> Result<usize> {
            let field = if wide { across } else { down };
            Ok(usize::try_from(options.int(field, 1, "a stride")?)?)
        };
        Ok(Self {
            frames,
            channels,
            filters,
            kernel,
            stride: along(1, 2)?,
            dilation: along(4, 5)?,
            same: match options.byte(0, 0, "a padding")? {
                0 => true,
                1 => false,
                other => bail!("padding {other}"),
            },
        })
    }

    /// The frames before and behind.
    fn padding(&self) -> Result<Padding> {
        if !self.same {
            return Ok(Padding::NONE);
        }
        Padding::same(self.frames, self.kernel, self.stride, self.dilation, false)
    }
}
