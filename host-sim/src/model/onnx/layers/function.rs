//! Functions of single values.

use super::spread;
use crate::model::float::Function;
use crate::model::onnx::node::{Node, Value};
use crate::model::onnx::tensor::Tensor;
use anyhow::{Context, Result, bail, ensure};

/// The function of an activation.
///
/// # Errors
/// The operator is not supported.
pub fn of(node: &Node<'_>) -> Result<Option<Function>> {
    Ok(Some(match node.op() {
        "Relu" => Function::Relu,
        "LeakyRelu" | "QLinearLeakyRelu" => Function::LeakyRelu(node.float("alpha", 0.01)),
        "Tanh" => Function::Tanh,
        "Sigmoid" | "QLinearSigmoid" => Function::Sigmoid,
        "Elu" => Function::Elu(node.float("alpha", 1.0)),
        "Selu" => {
            let own = ["alpha", "gamma"].map(|name| node.float(name, 0.0));
            ensure!(
                own[0] == 0.0 || (own[0] - 1.673_263_2).abs() < 1e-4,
                "alpha {}; only the published number is read",
                own[0]
            );
            ensure!(
                own[1] == 0.0 || (own[1] - 1.050_701).abs() < 1e-4,
                "gamma {}; only the published number is read",
                own[1]
            );
            Function::Selu
        }
        "Gelu" if node.text("approximate", "none") == "tanh" => Function::GeluTanh,
        "Gelu" => Function::Gelu,
        "HardSwish" => Function::HardSwish,
        "HardSigmoid" => Function::HardSigmoid(node.float("alpha", 0.2), node.float("beta", 0.5)),
        "Softplus" => Function::Softplus,
        "Softsign" => Function::Softsign,
        "Mish" => Function::Mish,
        "Exp" => Function::Exp,
        "Abs" => Function::Abs,
        op @ ("Min" | "Max") => {
            let constants = node
                .inputs
                .iter()
                .flatten()
                .filter_map(|value| match value {
                    Value::Constant(tensor) => Some(tensor),
                    Value::Flow(..) => None,
                });
            let constants: Vec<&Tensor> = constants.collect();
            let [constant] = constants[..] else {
                bail!(
                    "{} of {} inputs are constant, expected all but one",
                    constants.len(),
                    node.inputs.len()
                )
            };
            node.flow(usize::from(matches!(node.value(0)?, Value::Constant(_))))?;
            let numbers = constant.floats()?;
            let first = numbers.first().copied().context("no number")?;
            ensure!(
                node.inputs.len() == 2 && numbers.iter().all(|x| *x == first),
                "its constant has several numbers; one limit for all is read"
            );
            match op {
                "Max" if first == 0.0 => Function::Relu,
                "Max" => Function::Clamp(first, f32::MAX),
                _ => Function::Clamp(f32::MIN, first),
            }
        }
        "Clip" => {
            let end = |k: usize, name: &str, open: f32| -> Result<f32> {
                match node.optional(k)? {
                    Some(tensor) => Ok(spread(tensor, &[1])?[0]),
                    None => Ok(node.float(name, open)),
                }
            };
            match (end(1, "min", f32::MIN)?, end(2, "max", f32::MAX)?) {
                (0.0, f32::MAX) => Function::Relu,
                (low, high) => Function::Clamp(low, high),
            }
        }
        _ => return Ok(None),
    }))
}
