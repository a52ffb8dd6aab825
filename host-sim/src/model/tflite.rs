//! Reading the dense int8 networks of `.tflite` files: a chain of `FULLY_CONNECTED`, with or
//! without float ends (`QUANTIZE` first, `DEQUANTIZE` last) and reshapes between.
//!
//! Field numbers are those of TensorFlow Lite's `schema.fbs`, schema version 3. Networks in f32:
//! [`float`].

pub mod float;

use super::blob::DenseLayer;
use super::dense::{DenseError, Fused, Quantised};
use super::flatbuffer::{Malformed, Table};
use bellwether::model::QuantParams;
use std::fmt;

const FULLY_CONNECTED: i32 = 9;
const DEQUANTIZE: i32 = 6;
const RESHAPE: i32 = 22;
const QUANTIZE: i32 = 114;
const FLOAT32: i8 = 0;
const INT32: i8 = 2;
const INT8: i8 = 9;

/// A network of dense layers.
#[derive(Clone, Debug, PartialEq)]
pub struct DenseNetwork {
    /// QuantParams of the inputs.
    pub input: QuantParams,
    /// The layers.
    pub layers: Vec<DenseLayer>,
}

/// Why a `.tflite` file was refused.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum TfliteError {
    /// Its structure is damaged, or it is no such file.
    Malformed(Malformed),
    /// A version of the schema other than 3.
    Version(i32),
    /// More or fewer than one subgraph, input or output.
    Count {
        /// Of what.
        what: &'static str,
        /// How many.
        found: usize,
    },
    /// An operator the library has no layer for.
    Operator {
        /// Index of the operator.
        operator: usize,
        /// Its code in the schema.
        code: i32,
    },
    /// An operator that does not continue the chain of the ones before.
    Branch {
        /// Index of the operator.
        operator: usize,
    },
    /// An activation that is not a clamp.
    Activation {
        /// Index of the operator.
        operator: usize,
        /// Its code in the schema.
        code: i8,
    },
    /// A tensor of another type than is needed.
    Type {
        /// Index of the tensor.
        tensor: usize,
        /// The tensor's role.
        expected: &'static str,
        /// Its code in the schema.
        code: i8,
    },
    /// A tensor whose scale or zero point is not usable.
    Quantisation {
        /// Index of the tensor.
        tensor: usize,
        /// The requirement.
        expected: &'static str,
    },
    /// A tensor whose number of data does not fit its shape.
    Data {
        /// Index of the tensor.
        tensor: usize,
        /// Elements of its shape.
        expected: usize,
        /// Elements there are.
        found: usize,
    },
    /// A layer that does not fit the library's integers.
    Layer {
        /// Index of the operator.
        operator: usize,
        /// Why.
        error: DenseError,
    },
}

impl From<Malformed> for TfliteError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl fmt::Display for TfliteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Version(found) => write!(f, "schema version {found}, only 3 is read"),
            Self::Count { what, found } => write!(f, "{found} {what}, expected exactly one"),
            Self::Operator { operator, code } => write!(
                f,
                "operator {operator} has code {code}; only fully connected layers (9) and \
                 reshapes between float ends are read"
            ),
            Self::Branch { operator } => {
                write!(
                    f,
                    "operator {operator} does not take what the one before gives"
                )
            }
            Self::Activation { operator, code } => {
                write!(
                    f,
                    "operator {operator} has the unsupported activation {code}"
                )
            }
            Self::Type {
                tensor,
                expected,
                code,
            } => write!(f, "tensor {tensor} has type {code}, expected {expected}"),
            Self::Quantisation { tensor, expected } => {
                write!(f, "tensor {tensor}: expected {expected}")
            }
            Self::Data {
                tensor,
                expected,
                found,
            } => write!(
                f,
                "tensor {tensor} has {found} elements, its shape {expected}"
            ),
            Self::Layer { operator, error } => write!(f, "operator {operator}: {error}"),
        }
    }
}

impl std::error::Error for TfliteError {}

type Result<T> = std::result::Result<T, TfliteError>;

/// Reads a network. Total for any bytes, and bounded by their number.
///
/// # Errors
/// A damaged or unsupported part, and its position.
pub fn read(bytes: &[u8]) -> Result<DenseNetwork> {
    graph(bytes)?.network()
}

/// The only graph of a file.
fn graph(bytes: &[u8]) -> Result<Graph<'_>> {
    let model = Table::root(bytes, *b"TFL3", "a .tflite file (identifier TFL3)")?;
    match model.int(0, 0, "schema version")? {
        3 => {}
        other => return Err(TfliteError::Version(other)),
    }
    one("subgraphs", model.count(2, "subgraphs")?)?;
    Ok(Graph {
        model,
        graph: model.nth(2, 0, "the subgraph")?,
    })
}

fn one(what: &'static str, found: usize) -> Result<()> {
    if found == 1 {
        Ok(())
    } else {
        Err(TfliteError::Count { what, found })
    }
}

/// The only element, an index.
fn only(what: &'static str, indices: &[i32]) -> Result<i32> {
    one(what, indices.len())?;
    Ok(indices.first().copied().unwrap_or(-1))
}

#[derive(Clone, Copy)]
struct Graph<'a> {
    model: Table<'a>,
    graph: Table<'a>,
}

impl<'a> Graph<'a> {
    fn network(&self) -> Result<DenseNetwork> {
        let mut at = only("inputs", &self.graph.ints(1, "inputs")?)?;
        let end = only("outputs", &self.graph.ints(2, "outputs")?)?;
        let (mut input, mut layers) = (None, Vec::new());
        let operators = self.graph.count(3, "operators")?;
        for operator in 0..operators {
            let table = self.graph.nth(3, operator, "an operator")?;
            let ends = |field| table.ints(field, "an operator's tensors");
            let (from, to) = (ends(1)?, ends(2)?);
            if from.first() != Some(&at) || to.len() != 1 {
                return Err(TfliteError::Branch { operator });
            }
            let next = only("outputs", &to)?;
            match self.code(&table)? {
                QUANTIZE if layers.is_empty() && self.tensor(at)?.is(FLOAT32)? => {}
                DEQUANTIZE if operator + 1 == operators => {}
                RESHAPE if self.tensor(at)?.grid()?.same(&self.tensor(next)?.grid()?) => {}
                FULLY_CONNECTED => {
                    let quantised = self.dense(operator, &table, &from, next)?;
                    input = input.or(Some(quantised.input));
                    let layer = quantised.convert();
                    layers.push(layer.map_err(|error| TfliteError::Layer { operator, error })?);
                }
                code => return Err(TfliteError::Operator { operator, code }),
            }
            at = next;
        }
        match input {
            Some(input) if at == end => Ok(DenseNetwork { input, layers }),
            _ => Err(TfliteError::Branch {
                operator: operators,
            }),
        }
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
        Ok(Tensor {
            index,
            model: self.model,
            table: self.graph.nth(0, index, "a tensor")?,
        })
    }

    fn dense(
        &self,
        operator: usize,
        table: &Table<'a>,
        from: &[i32],
        to: i32,
    ) -> Result<Quantised> {
        let [from, weights, bias @ ..] = from else {
            return Err(TfliteError::Branch { operator });
        };
        let (weights, output) = (self.tensor(*weights)?, self.tensor(to)?.grid()?);
        let (weight_scales, shape) = (weights.weight_scales()?, weights.shape()?);
        let outputs = shape.first().copied().unwrap_or(0);
        let data = weights.data::<1>(INT8, "int8 weights")?;
        let biases = match bias {
            [bias, ..] if *bias >= 0 => self.tensor(*bias)?.data::<4>(INT32, "int32 biases")?,
            _ => &[],
        };
        let mut biases: Vec<i32> = biases.iter().map(|b| i32::from_le_bytes(*b)).collect();
        if biases.is_empty() && outputs <= data.len() {
            biases = vec![0; outputs];
        }
        if biases.len() != outputs {
            return Err(TfliteError::Data {
                tensor: weights.index,
                expected: biases.len(),
                found: outputs,
            });
        }
        Ok(Quantised {
            input: self.tensor(*from)?.grid()?,
            output,
            weight_scales,
            weights: data.iter().map(|b| i8::from_le_bytes(*b)).collect(),
            biases,
            fused: fused(operator, table, &output)?,
        })
    }
}

/// The activation of a fully connected operator, on the grid of its outputs.
fn fused(operator: usize, table: &Table<'_>, output: &QuantParams) -> Result<Fused> {
    let options = table.table(4, "an operator's options")?;
    let code = options.map_or(Ok(0), |o| o.byte(0, 0, "an activation"))?;
    match code {
        0 => Ok(Fused::Linear),
        1 => Ok(Fused::Relu),
        2 => Ok(Fused::clamp(-1.0, 1.0, output)),
        3 => Ok(Fused::clamp(0.0, 6.0, output)),
        code => Err(TfliteError::Activation { operator, code }),
    }
}

#[derive(Clone, Copy)]
struct Tensor<'a> {
    index: usize,
    model: Table<'a>,
    table: Table<'a>,
}

impl<'a> Tensor<'a> {
    fn is(&self, code: i8) -> Result<bool> {
        Ok(self.table.byte(1, FLOAT32, "a tensor's type")? == code)
    }

    fn expect(&self, code: i8, expected: &'static str) -> Result<()> {
        match self.table.byte(1, FLOAT32, "a tensor's type")? {
            found if found == code => Ok(()),
            code => Err(TfliteError::Type {
                tensor: self.index,
                expected,
                code,
            }),
        }
    }

    fn shape(&self) -> Result<Vec<usize>> {
        let shape = self.table.ints(0, "a tensor's shape")?;
        Ok(shape
            .into_iter()
            .map(|n| n.max(0).cast_unsigned() as usize)
            .collect())
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

    fn refuse<T>(&self, expected: &'static str) -> Result<T> {
        Err(TfliteError::Quantisation {
            tensor: self.index,
            expected,
        })
    }

    /// The grid of an int8 activation.
    fn grid(&self) -> Result<QuantParams> {
        self.expect(INT8, "int8 activations")?;
        let (scales, zeros, _) = self.quantisation()?;
        match (scales.as_slice(), zeros.as_slice()) {
            (&[scale], &[zero]) if scale.is_normal() && scale > 0.0 => match i8::try_from(zero) {
                Ok(zero) => Ok(QuantParams {
                    scale,
                    zero_point: zero.into(),
                    wide: false,
                }),
                Err(_) => self.refuse("a zero point from -128 to 127"),
            },
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
    fn data<const K: usize>(&self, code: i8, expected: &'static str) -> Result<&'a [[u8; K]]> {
        self.expect(code, expected)?;
        let buffer = self.table.int(2, 0, "a tensor's buffer")?.cast_unsigned();
        let buffer = self.model.nth(4, buffer as usize, "a buffer")?;
        let data = buffer.vector::<1>(0, "a buffer's data")?.as_flattened();
        let (elements, rest) = data.as_chunks::<K>();
        let shape = self.shape()?;
        let wanted = shape.iter().try_fold(1, |n: usize, k| n.checked_mul(*k));
        let wanted = wanted.unwrap_or(usize::MAX);
        if elements.len() == wanted && rest.is_empty() {
            Ok(elements)
        } else {
            Err(TfliteError::Data {
                tensor: self.index,
                expected: wanted,
                found: elements.len(),
            })
        }
    }
}
