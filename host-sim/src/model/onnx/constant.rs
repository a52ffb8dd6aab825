//! Values known without any input.

use super::node::{Node, Value};
use super::tensor::{Data, Tensor};
use crate::model::import::view;
use anyhow::{Context, Result, bail};

/// Constants, shapes, and integers computed from them.
pub(super) fn of(node: &Node<'_>) -> Result<Option<Value>> {
    let tensor = match node.op() {
        "Constant" => {
            let [attribute] = &node.proto.attributes[..] else {
                bail!("{} attributes", node.proto.attributes.len())
            };
            match &*attribute.name {
                "value" => Tensor::read(attribute.tensor.as_ref().context("no tensor")?)?,
                "value_int" => Tensor::scalar(Data::Whole(vec![attribute.int])),
                "value_ints" => Tensor::row(Data::Whole(attribute.ints.clone())),
                "value_float" => Tensor::scalar(Data::Real(vec![attribute.float])),
                "value_floats" => Tensor::row(Data::Real(attribute.floats.clone())),
                other => bail!("`{other}` is not read"),
            }
        }
        "ConstantOfShape" => {
            let shape = view::sizes(node.constant(0)?.ints()?)?;
            let value = node.attribute("value").and_then(|a| a.tensor.as_ref());
            let value = value.map(Tensor::read).transpose()?;
            let zero = || Tensor::scalar(Data::Real(vec![0.0]));
            Tensor::filled(&shape, &value.unwrap_or_else(zero))?
        }
        "Shape" => {
            let shape = match node.value(0)? {
                Value::Flow(view, _) => view.shape(),
                Value::Constant(tensor) => &tensor.shape,
            };
            let sizes = shape.iter().map(|n| i64::try_from(*n));
            Tensor::row(Data::Whole(sizes.collect::<Result<_, _>>()?))
        }
        "Concat" => {
            let parts = (0..node.inputs.len()).map(|k| Ok(node.constant(k)?.ints()?.to_vec()));
            let parts: Vec<Vec<i64>> = parts.collect::<Result<_>>()?;
            Tensor::row(Data::Whole(parts.concat()))
        }
        "Cast" => match (node.value(0)?, node.int("to", 0)) {
            (Value::Constant(tensor), to) => tensor.cast(to)?,
            (flow @ Value::Flow(..), 1 | 10 | 11) => return Ok(Some(flow.clone())),
            (Value::Flow(..), to) => {
                bail!("to element type {to}; only floats (1, 10, 11) are read")
            }
        },
        "Mul" => match (node.value(0)?, node.value(1)?) {
            (Value::Constant(a), Value::Constant(b)) => a.times(b)?,
            _ => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(Some(Value::Constant(tensor)))
}
