//! Reading networks from a `.safetensors` file and the JSON file of the same name beside it, with
//! the meaning of the tensors: `docs/formats/model-sidecar.md`.

use super::WIDEST;
use super::float::{FloatDense, FloatLayer, Function};
use super::import::Imported;
use super::import::cell::Cell;
use super::import::chain::Chain;
use super::import::elements;
use super::import::kernel::{self, Kernel};
use super::import::norm::normalisation;
use super::import::view::View;
use super::sidecar::{ConvLayout, DenseLayout, Layer, Order, Padding, Recurrent, Sidecar};
use ::safetensors::{Dtype, SafeTensors};
use anyhow::{Context, Result, bail, ensure};
use std::path::Path;

/// Reads a network and its sidecar.
///
/// # Errors
/// A problem, with file and field.
pub fn read(path: &Path) -> Result<Imported> {
    let name = |path: &Path| path.display().to_string();
    let sidecar = path.with_extension("json");
    let text = std::fs::read_to_string(&sidecar)
        .with_context(|| format!("{} (what the tensors are)", name(&sidecar)))?;
    let sidecar_name = || name(&sidecar);
    let sidecar = Sidecar::parse(&text).with_context(sidecar_name)?;
    let bytes = std::fs::read(path).with_context(|| name(path))?;
    let tensors = SafeTensors::deserialize(&bytes).with_context(|| name(path))?;
    network(&sidecar, &tensors).with_context(sidecar_name)
}

/// The network that a sidecar makes of tensors.
///
/// # Errors
/// Names the field.
pub fn network(sidecar: &Sidecar, tensors: &SafeTensors<'_>) -> Result<Imported> {
    ensure!(
        matches!(sidecar.input.len(), 1 | 2),
        "input: {:?}, expected [values] or [frames, values of a frame]",
        sidecar.input
    );
    let input = View::whole(&sidecar.input, WIDEST).context("input")?;
    let inputs = input.len();
    let mut walk = Walk {
        tensors,
        chain: Chain::new(inputs)?,
        view: input,
    };
    for (k, layer) in sidecar.layers.iter().enumerate() {
        walk.step(layer).with_context(|| format!("layers[{k}]"))?;
    }
    let window = sidecar.window.or(walk.chain.window());
    let features = sidecar.features()?;
    if let (Some(features), Some(window)) = (&features, window) {
        ensure!(
            features.len().checked_mul(window) == Some(inputs),
            "features: {} of them in {window} frames are not the {inputs} inputs",
            features.len()
        );
    }
    let as_inputs = walk.view.shape() == sidecar.input;
    Ok(Imported {
        net: walk.chain.finish(&walk.view, as_inputs)?,
        features,
        scales: sidecar.scales()?,
        batch: None,
        window,
        head: sidecar.head()?,
        training: sidecar.training()?,
    })
}

/// A tensor as floats.
struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

struct Walk<'a> {
    tensors: &'a SafeTensors<'a>,
    chain: Chain,
    /// The output of the chain: one axis of values, or two of frames and values.
    view: View,
}

impl Walk<'_> {
    fn step(&mut self, layer: &Layer) -> Result<()> {
        self.view = match layer {
            Layer::Dense {
                weights,
                layout,
                biases,
                function,
            } => {
                let weights = self.matrix("weights", weights, *layout)?;
                let layer = FloatDense {
                    inputs: weights.shape[1],
                    outputs: weights.shape[0],
                    weights: weights.data,
                    biases: self.row("biases", biases.as_deref(), weights.shape[0], 0.0)?,
                    function: Function::Linear,
                };
                let view = self.chain.rows(&self.view, layer)?;
                self.chain.function(*function)?;
                view
            }
            Layer::Conv1d { function, .. } => {
                let layer = self.convolution(layer)?;
                let view = self.chain.frames(&self.view, layer)?;
                self.chain.function(*function)?;
                view
            }
            Layer::Lstm(cell) => {
                let gates = gates::<4>(&cell.gates, "ifgo")?;
                let layer = self.cell(cell)?.in_order(gates)?;
                self.chain.frames(&self.view, FloatLayer::Lstm(layer))?
            }
            Layer::Gru(cell) => {
                let gates = gates::<3>(&cell.gates, "rzn")?;
                let layer = self.cell(cell)?.in_order(gates)?;
                self.chain.frames(&self.view, FloatLayer::Gru(layer))?
            }
            Layer::BatchNorm {
                scale,
                shift,
                mean,
                variance,
                epsilon,
            } => {
                let channels = self.channels();
                let scale = self.row("scale", scale.as_deref(), channels, 1.0)?;
                let shift = self.row("shift", shift.as_deref(), channels, 0.0)?;
                let mean = self.row("mean", Some(mean), channels, 0.0)?;
                let variance = self.row("variance", Some(variance), channels, 1.0)?;
                let (factors, addends) = normalisation(&scale, &shift, &mean, &variance, *epsilon)?;
                let spread = |all: Vec<f64>| all.into_iter().cycle().take(self.view.len());
                let (factors, addends) = (
                    spread(factors).collect::<Vec<_>>(),
                    spread(addends).collect::<Vec<_>>(),
                );
                self.chain.affine(&self.view, &factors, &addends)?
            }
            Layer::Function(function) => {
                self.chain.function(*function)?;
                self.view.clone()
            }
            Layer::Flatten { order } => {
                let view = match order {
                    Order::Frames => self.view.clone(),
                    Order::Channels => self.view.transposed(None)?,
                };
                view.shaped(&[view.len()])?
            }
            Layer::Frames { frames, order } => {
                ensure!(
                    *frames > 0 && self.view.len().is_multiple_of(*frames),
                    "frames: {} values are no {frames} frames",
                    self.view.len()
                );
                let each = self.view.len() / frames;
                match order {
                    Order::Frames => self.view.shaped(&[*frames, each])?,
                    Order::Channels => self.view.shaped(&[each, *frames])?.transposed(None)?,
                }
            }
            Layer::LastFrame {} => {
                let [frames, channels] = self.frames()?;
                self.view.taken(0, &[frames - 1])?.shaped(&[channels])?
            }
            Layer::Repeat { frames } => {
                let [values] = self.view.shape() else {
                    bail!("what comes from before is frames already")
                };
                self.view.broadcast(&[*frames, *values], WIDEST)?
            }
        };
        Ok(())
    }

    fn convolution(&self, layer: &Layer) -> Result<FloatLayer> {
        let Layer::Conv1d {
            weights: name,
            layout,
            biases,
            stride,
            dilation,
            padding,
            ..
        } = layer
        else {
            bail!("no convolution")
        };
        let [frames, _] = self.frames()?;
        let weights = self.tensor("weights", name)?;
        ensure!(
            weights.shape.len() == 3,
            "weights: `{name}` has the shape {:?}, expected three axes",
            weights.shape
        );
        let axes = match layout {
            ConvLayout::FiltersChannelsKernel => [0, 2, 1],
            ConvLayout::KernelChannelsFilters => [2, 0, 1],
        };
        let weights = weights.turned(&axes)?;
        let [filters, kernel, channels] = weights.shape[..] else {
            bail!("weights: expected three axes")
        };
        let padding = match padding {
            Padding::Zeros(before, after) => kernel::Padding {
                before: *before,
                after: *after,
            },
            Padding::Same => kernel::Padding::same(frames, kernel, *stride, *dilation, false)?,
        };
        let kernel = Kernel {
            filters,
            kernel,
            channels,
            weights: weights.data,
            biases: self.row("biases", biases.as_deref(), filters, 0.0)?,
        };
        kernel.dilated(*dilation)?.over(frames, *stride, padding)
    }

    fn cell(&self, cell: &Recurrent) -> Result<Cell> {
        let [frames, channels] = self.frames()?;
        let kernel = self.matrix("kernel", &cell.kernel, cell.layout)?;
        let recurrent = self.matrix("recurrent", &cell.recurrent, cell.layout)?;
        let (rows, units) = (recurrent.shape[0], recurrent.shape[1]);
        ensure!(
            kernel.shape == [rows, channels],
            "kernel: {:?} outputs and inputs, expected {:?}",
            kernel.shape,
            [rows, channels]
        );
        let row = |field, name: &Option<String>| self.row(field, name.as_deref(), rows, 0.0);
        Ok(Cell {
            frames,
            channels,
            units,
            kernel: kernel.data,
            recurrent: recurrent.data,
            biases: row("biases", &cell.biases)?,
            recurrent_biases: row("recurrent_biases", &cell.recurrent_biases)?,
            sequence: cell.sequence,
        })
    }

    fn channels(&self) -> usize {
        self.view.shape().last().copied().unwrap_or(1)
    }

    fn frames(&self) -> Result<[usize; 2]> {
        match self.view.shape() {
            &[frames, channels] => Ok([frames, channels]),
            shape => bail!(
                "it takes frames, but one row of {} values comes from before",
                shape[0]
            ),
        }
    }

    fn tensor(&self, field: &str, name: &str) -> Result<Tensor> {
        let place = || format!("{field}: tensor `{name}`");
        let tensor = self.tensors.tensor(name).ok();
        let tensor = tensor.with_context(|| format!("{} is not in the file", place()))?;
        let data = match tensor.dtype() {
            Dtype::F32 => elements::all(tensor.data(), f32::from_le_bytes),
            Dtype::F64 => elements::all(tensor.data(), elements::double),
            Dtype::F16 => elements::all(tensor.data(), elements::half),
            Dtype::BF16 => elements::all(tensor.data(), elements::brain),
            other => bail!(
                "{} has the type {other}; read are F32, F64, F16 and BF16",
                place()
            ),
        };
        Ok(Tensor {
            shape: tensor.shape().to_vec(),
            data: data.with_context(place)?,
        })
    }

    /// A matrix, outputs first.
    fn matrix(&self, field: &str, name: &str, layout: DenseLayout) -> Result<Tensor> {
        let matrix = self.tensor(field, name)?;
        ensure!(
            matrix.shape.len() == 2,
            "{field}: `{name}` has the shape {:?}, expected two axes",
            matrix.shape
        );
        match layout {
            DenseLayout::OutputsInputs => Ok(matrix),
            DenseLayout::InputsOutputs => matrix.turned(&[1, 0]),
        }
    }

    /// Numbers along one axis; the same number where no tensor is named.
    fn row(&self, field: &str, name: Option<&str>, length: usize, other: f32) -> Result<Vec<f32>> {
        let Some(name) = name else {
            return Ok(vec![other; length]);
        };
        let row = self.tensor(field, name)?;
        ensure!(
            row.shape == [length],
            "{field}: `{name}` has the shape {:?}, expected [{length}]",
            row.shape
        );
        Ok(row.data)
    }
}

impl Tensor {
    /// Axes in another order.
    fn turned(self, axes: &[i64]) -> Result<Self> {
        let view = View::whole(&self.shape, self.data.len())?.transposed(Some(axes))?;
        Ok(Self {
            shape: view.shape().to_vec(),
            data: view.pick(&self.data).context("no elements")?,
        })
    }
}

/// Where each of our gates is among those of the file.
fn gates<const G: usize>(file: &str, ours: &str) -> Result<[usize; G]> {
    let positions = ours
        .chars()
        .map(|gate| file.chars().position(|c| c == gate));
    let positions: Option<Vec<usize>> = positions.collect();
    let positions = positions.filter(|_| file.len() == ours.len());
    positions
        .and_then(|all| all.try_into().ok())
        .with_context(|| format!("gates: `{file}`, expected the letters of `{ours}` in any order"))
}

#[cfg(test)]
mod tests;
