//! Quantised networks: their integers become the numbers that they stand for.
//!
//! A network of `QuantizeLinear` and `DequantizeLinear` (QDQ), of operators on integers (`QLinear...`,
//! `QGemm`), or of dynamic quantisation is read as the f32 network of its weights, and quantised anew
//! with the calibration rows.

use super::node::{Node, Value};
use super::proto;
use super::tensor::{Data, Tensor};
use anyhow::{Context, Result, bail, ensure};

/// A node without integers.
pub(super) enum Bare<'g> {
    /// To be computed, in f32.
    Compute(Node<'g>),
    /// Its outputs.
    Values(Vec<Value>),
}

/// Whether a node of another domain is one of these.
pub(super) fn is_known(node: &proto::Node) -> bool {
    node.domain == "com.microsoft"
        && matches!(
            &*node.op,
            "QGemm"
                | "QuantizeLinear"
                | "DequantizeLinear"
                | "QLinearSigmoid"
                | "QLinearLeakyRelu"
                | "Gelu"
        )
}

/// Smallest and largest output of a node that quantises what the network computes; `kind` is the element
/// type of a constant. Functions that are clamps were often left out, because these limits are theirs.
pub(super) fn limits(
    node: &Node<'_>,
    kind: impl Fn(&str) -> Option<i32>,
) -> Result<Option<(f32, f32)>> {
    let (scale, zero) = match (node.op(), node.value(0)?) {
        ("QuantizeLinear", Value::Flow(..)) => (1, 2),
        ("QGemm", _) => (7, 8),
        ("QLinearMatMul" | "QLinearConv", _) => (6, 7),
        _ => return Ok(None),
    };
    let Some(scale) = node.optional(scale)? else {
        return Ok(None);
    };
    let name = node.proto.inputs.get(zero).map_or("", String::as_str);
    let (low, high) = match kind(name).unwrap_or(2) {
        2 => (0, 255),
        3 => (-128, 127),
        _ => return Ok(None),
    };
    let zero = match node.optional(zero)? {
        Some(zero) => zero.ints()?.first().copied().unwrap_or(0),
        None => 0,
    };
    let scale = scale.floats()?.first().copied().unwrap_or(0.0);
    let real = |q: i64| scale * q.saturating_sub(zero) as f32;
    Ok(Some((real(low), real(high))))
}

/// The node as one on floats.
pub(super) fn without(node: Node<'_>) -> Result<Bare<'_>> {
    let values = match node.op() {
        "QuantizeLinear" => match node.value(0)? {
            flow @ Value::Flow(..) => vec![flow.clone()],
            Value::Constant(_) => bail!("it quantises a constant; simplify the graph"),
        },
        "DequantizeLinear" => match node.value(0)? {
            flow @ Value::Flow(..) => vec![flow.clone()],
            Value::Constant(_) => vec![Value::Constant(number(&node, [0, 1, 2])?)],
        },
        "DynamicQuantizeLinear" => {
            let one = Tensor::scalar(Data::Real(vec![1.0]));
            let zero = Tensor::scalar(Data::Whole(vec![0]));
            vec![
                node.value(0)?.clone(),
                Value::Constant(one),
                Value::Constant(zero),
            ]
        }
        "MatMulInteger" => {
            let weights = shifted(&node, 1, 3)?;
            return Ok(as_floats(node, [Some(0), None, None], vec![(1, weights)]));
        }
        "QLinearMatMul" => {
            let weights = number(&node, [3, 4, 5])?;
            return Ok(as_floats(node, [Some(0), None, None], vec![(1, weights)]));
        }
        "QGemm" => {
            let weights = number(&node, [3, 4, 5])?;
            let biases = biases(&node, 6, 1, 4)?;
            let mut all = vec![(1, weights)];
            all.extend(biases.map(|biases| (2, biases)));
            return Ok(as_floats(node, [Some(0), None, None], all));
        }
        "QLinearConv" => {
            let weights = number(&node, [3, 4, 5])?;
            let biases = biases(&node, 8, 1, 4)?;
            let mut all = vec![(1, weights)];
            all.extend(biases.map(|biases| (2, biases)));
            return Ok(as_floats(node, [Some(0), None, None], all));
        }
        "QLinearSigmoid" | "QLinearLeakyRelu" => {
            return Ok(as_floats(node, [Some(0), None, None], Vec::new()));
        }
        _ => return Ok(Bare::Compute(node)),
    };
    Ok(Bare::Values(values))
}

/// The node with some of its inputs, and constants in further places.
fn as_floats<'g>(
    node: Node<'g>,
    kept: [Option<usize>; 3],
    constants: Vec<(usize, Tensor)>,
) -> Bare<'g> {
    let pick = |k: &Option<usize>| k.and_then(|k| node.inputs.get(k).cloned().flatten());
    let mut inputs: Vec<Option<Value>> = kept.iter().map(pick).collect();
    for (place, tensor) in constants {
        if let Some(input) = inputs.get_mut(place) {
            *input = Some(Value::Constant(tensor));
        }
    }
    Bare::Compute(Node { inputs, ..node })
}

/// `scale·(q - zero point)`; the places of the three among the inputs.
fn number(node: &Node<'_>, [q, scale, zero]: [usize; 3]) -> Result<Tensor> {
    let shifted = shifted(node, q, zero)?;
    let scale = node.constant(scale)?;
    times(node, &shifted, scale)
}

/// `q - zero point`.
fn shifted(node: &Node<'_>, q: usize, zero: usize) -> Result<Tensor> {
    let (q, zero) = (node.constant(q)?, node.optional(zero)?);
    let whole = q.ints()?;
    let zeros = match zero {
        Some(zero) => zero.ints()?,
        None => &[],
    };
    let channel = channels(node, q, zeros.len().max(1))?;
    let number = |(k, q): (usize, &i64)| {
        let zero = zeros.get(channel(k)).copied().unwrap_or(0);
        q.saturating_sub(zero) as f32
    };
    Ok(Tensor {
        shape: q.shape.clone(),
        data: Data::Real(whole.iter().enumerate().map(number).collect()),
    })
}

fn times(node: &Node<'_>, numbers: &Tensor, scale: &Tensor) -> Result<Tensor> {
    let scales = scale.floats()?;
    let channel = channels(node, numbers, scales.len())?;
    let number = |(k, x): (usize, &f32)| x * scales.get(channel(k)).copied().unwrap_or(0.0);
    Ok(Tensor {
        shape: numbers.shape.clone(),
        data: Data::Real(numbers.floats()?.iter().enumerate().map(number).collect()),
    })
}

/// Which of `count` numbers, one or one along an axis, is that of an element.
fn channels(node: &Node<'_>, of: &Tensor, count: usize) -> Result<impl Fn(usize) -> usize + use<>> {
    let rank = of.shape.len();
    let axis = match node.op() {
        // Of weights, inputs by outputs unless transposed.
        "MatMulInteger" | "QLinearMatMul" => rank.saturating_sub(1),
        "QGemm" if node.int("transB", 0) == 0 => rank.saturating_sub(1),
        "QGemm" | "QLinearConv" => 0,
        _ => {
            let axis = node.int("axis", 1);
            let from_front = if axis < 0 {
                axis.saturating_add(i64::try_from(rank)?)
            } else {
                axis
            };
            usize::try_from(from_front).unwrap_or(0)
        }
    };
    let inner = of.shape.iter().skip(axis + 1).product::<usize>().max(1);
    ensure!(
        count == 1 || of.shape.get(axis) == Some(&count),
        "{count} scales or zero points for the shape {:?}",
        of.shape
    );
    ensure!(count > 0, "no scale");
    Ok(move |k: usize| if count == 1 { 0 } else { k / inner % count })
}

/// Biases at input scale times weight scale.
fn biases(node: &Node<'_>, q: usize, input: usize, weight: usize) -> Result<Option<Tensor>> {
    let Some(biases) = node.optional(q)? else {
        return Ok(None);
    };
    let input = node.constant(input)?.floats()?;
    let input = input.first().copied().context("no input scale")?;
    let scales = node.constant(weight)?.floats()?;
    ensure!(
        scales.len() == 1 || scales.len() == biases.data.len(),
        "{} weight scales for {} biases",
        scales.len(),
        biases.data.len()
    );
    let each = biases.ints()?.iter().zip(scales.iter().cycle());
    let each = each.map(|(q, scale)| (*q as f64 * f64::from(input) * f64::from(*scale)) as f32);
    Ok(Some(Tensor {
        shape: biases.shape.clone(),
        data: Data::Real(each.collect()),
    }))
}
