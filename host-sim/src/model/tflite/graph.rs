//! The graph of a file: operators and tensors by index.

use super::codes::{self, INT32, INT64};
use super::tensor::Tensor;
use super::{one, only};
use crate::model::flatbuffer::Table;
use crate::model::import::batch;
use anyhow::{Result, bail};

#[derive(Clone, Copy)]
pub(super) struct Graph<'a> {
    pub(super) model: Table<'a>,
    pub(super) graph: Table<'a>,
    /// Inputs of a fixed batch; one of them is read.
    pub(super) batch: Option<usize>,
}

impl<'a> Graph<'a> {
    /// With the batch that the only input fixes.
    pub(super) fn batched(self, window: Option<usize>) -> Result<Self> {
        let start = only("inputs", &self.graph.ints(1, "inputs")?)?;
        Ok(Self {
            batch: batch(&self.tensor(start)?.shape()?, window),
            ..self
        })
    }

    pub(super) fn code(&self, operator: &Table<'a>) -> Result<i32> {
        let index = operator.int(0, 0, "an operator's code")?.cast_unsigned();
        let code = self.model.nth(1, index as usize, "an operator code")?;
        // Codes up to 127 were once a byte; the larger of the two fields counts.
        let byte = code.byte(0, 0, "an operator code")?;
        Ok(code.int(3, 0, "an operator code")?.max(i32::from(byte)))
    }

    pub(super) fn tensor(&self, index: i32) -> Result<Tensor<'a>> {
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
    pub(super) fn is_shape(&self, output: i32) -> Result<bool> {
        let output = self.tensor(output)?;
        Ok(output.is(INT32)? || output.is(INT64)?)
    }
}

/// The only graph of a file.
pub(super) fn graph(bytes: &[u8]) -> Result<Graph<'_>> {
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

/// The name of an operator in messages.
pub(super) fn place(operator: usize, code: i32) -> String {
    format!("operator {operator} ({})", codes::operator(code))
}
