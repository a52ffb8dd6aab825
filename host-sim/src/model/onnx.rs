//! Reading the networks of `.onnx` files: chains of dense, convolutional and recurrent layers.
//!
//! A batch of 1 is read; an open first size counts as 1. The network's inputs are the graph's
//! input, row by row; where a convolution or a recurrent layer comes first, they are the frames it
//! takes, oldest first, each with its channels (the graph has them as N x C x T or T x N x C).
//! Outputs follow the inputs where the shapes are the same, so that a reconstruction can be
//! compared. Weights that are f16 or f64 become f32.

mod constant;
mod external;
mod gelu;
mod integers;
mod layers;
mod moves;
mod node;
mod proto;
mod reader;
mod recurrent;
mod tensor;
#[cfg(test)]
mod tests;

use super::import::Imported;
use anyhow::{Context, Result, bail, ensure};
use prost::Message;
use reader::Reader;
use std::collections::BTreeSet;
use std::path::Path;

/// Reads a network. Total for any bytes.
///
/// # Errors
/// A problem, with its node and operator.
pub fn read(bytes: &[u8]) -> Result<Imported> {
    read_as(bytes, None, None)
}

/// The same; weights that lie in other files are taken from a folder, and an input of two axes is a
/// window if its first has that many frames.
///
/// # Errors
/// As [`read`], or a file of weights cannot be read.
pub fn read_as(bytes: &[u8], folder: Option<&Path>, window: Option<usize>) -> Result<Imported> {
    let model = proto::Model::decode(bytes)
        .context("this is no .onnx file, or it ends early: export or download it again")?;
    let mut graph = model.graph.context("the file has no graph")?;
    gelu::fold(&mut graph);
    let graph = &graph;
    ensure!(
        graph.sparse_initializers.is_empty(),
        "sparse initialisers are not read"
    );
    let mut reader = Reader::new(graph, folder, window)?;
    for (k, node) in in_order(graph) {
        let name = if node.name.is_empty() {
            format!("node {k} ({})", node.op)
        } else {
            format!("node {k} `{}` ({})", node.name, node.op)
        };
        reader.step(node).with_context(|| name)?;
    }
    reader.finish()
}

/// Sizes of the input; an open first one is the batch, and counts as 1.
fn shape(input: &proto::Value) -> Result<Vec<usize>> {
    let tensor = input.kind.as_ref().and_then(|kind| kind.tensor.as_ref());
    let tensor = tensor.context("it is no tensor")?;
    ensure!(
        matches!(tensor.kind, 1 | 10 | 11),
        "element type {}; expected float (1), float16 (10) or double (11)",
        tensor.kind
    );
    let dimensions = &tensor.shape.as_ref().context("it has no shape")?.dimensions;
    let sizes = dimensions.iter().enumerate().map(|(k, dimension)| {
        let open = || {
            let name = &dimension.name;
            format!("size {k} is open (`{name}`); export with all but the batch fixed")
        };
        match usize::try_from(dimension.size) {
            Ok(size) if size > 0 => Ok(size),
            _ if k == 0 || dimension.name.contains("batch") => Ok(1),
            _ => bail!(open()),
        }
    });
    sizes.collect()
}

/// The nodes, each behind those that give its inputs; those of a circle at the end, as they are.
fn in_order(graph: &proto::Graph) -> Vec<(usize, &proto::Node)> {
    let outputs = graph.nodes.iter().flat_map(|node| &node.outputs);
    let mut unknown: BTreeSet<&str> = outputs.map(String::as_str).collect();
    let mut left: Vec<(usize, &proto::Node)> = graph.nodes.iter().enumerate().collect();
    let mut ordered = Vec::new();
    loop {
        let before = left.len();
        left.retain(|(k, node)| {
            let ready = node.inputs.iter().all(|name| !unknown.contains(&**name));
            if ready {
                node.outputs.iter().for_each(|name| {
                    unknown.remove(&**name);
                });
                ordered.push((*k, *node));
            }
            !ready
        });
        if left.is_empty() || left.len() == before {
            ordered.extend(left);
            return ordered;
        }
    }
}
