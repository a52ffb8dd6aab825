//! Reading `.tflite` files: networks of integers ([`integer`]) and networks in f32 ([`float`]).
//!
//! Field numbers are those of TensorFlow Lite's `schema.fbs`, schema version 3.

mod along;
mod codes;
mod curve;
pub mod float;
mod graph;
pub mod integer;
mod table;
mod tensor;

use super::flatbuffer::Table;
use anyhow::{Result, ensure};
use codes::{FLOAT32, QUANTIZE};
use graph::graph;
pub use integer::{IntegerNetwork, read};

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

fn one(what: &str, found: usize) -> Result<()> {
    ensure!(found == 1, "{found} {what}, expected exactly one");
    Ok(())
}

/// The only element, an index.
fn only(what: &str, indices: &[i32]) -> Result<i32> {
    one(what, indices.len())?;
    Ok(indices.first().copied().unwrap_or(-1))
}

/// The activation that an operator has in a field of its options.
fn fused_code(options: Option<Table<'_>>, field: usize) -> Result<i8> {
    let code = options.map_or(Ok(0), |o| o.byte(field, 0, "an activation"))?;
    Ok(code)
}
