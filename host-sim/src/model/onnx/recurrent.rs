//! LSTM and GRU.

use super::node::Node;
use super::tensor::{Data, Tensor};
use crate::model::float::FloatLayer;
use crate::model::import::cell::Cell;
use crate::model::import::chain::Chain;
use crate::model::import::view::View;
use anyhow::{Result, bail, ensure};

/// Order of the gates in the file, by position in ours: i, f, g, o from i, o, f, c.
const LSTM_GATES: [usize; 4] = [0, 2, 3, 1];
/// The same: r, z, n from z, r, h.
const GRU_GATES: [usize; 3] = [1, 0, 2];

/// Which of its outputs other operators use: all states, the last one, the last cell.
pub type Used = [bool; 3];

/// Its outputs, in the order of the file: where the used one is, a view.
///
/// # Errors
/// It is another variant than the library computes.
pub fn recurrent(chain: &mut Chain, node: &Node<'_>, used: Used) -> Result<[Option<View>; 2]> {
    let lstm = node.op() == "LSTM";
    let (gates, functions): (&[usize], &[&str]) = if lstm {
        (&LSTM_GATES, &["Sigmoid", "Tanh", "Tanh"])
    } else {
        (&GRU_GATES, &["Sigmoid", "Tanh"])
    };
    plain(node, lstm, functions)?;
    let (view, w, r) = (node.flow(0)?, node.constant(1)?, node.constant(2)?);
    let (&[frames, batch, channels], &[1, rows, own], &[1, _, units]) =
        (view.shape(), &w.shape[..], &r.shape[..])
    else {
        bail!(
            "X, W and R have the shapes {:?}, {:?} and {:?}; read are frames x 1 x channels and \
             one direction",
            view.shape(),
            w.shape,
            r.shape
        )
    };
    ensure!(batch == 1, "a batch of {batch}; export with a batch of 1");
    ensure!(
        frames > 1,
        "one frame only; export with the number of frames fixed"
    );
    ensure!(
        own == channels && rows == gates.len() * units,
        "W has the shape {:?} for {channels} channels and {units} units",
        w.shape
    );
    let biases = match node.optional(3)? {
        Some(b) => b.floats()?.to_vec(),
        None => vec![0.0; 2 * rows],
    };
    ensure!(
        biases.len() == 2 * rows,
        "B has {} numbers, expected {}",
        biases.len(),
        2 * rows
    );
    let sequence = match used {
        [true, false, false] => true,
        [false, true, false] => false,
        [false, false, false] => bail!("none of its outputs is used"),
        [_, _, true] => bail!("its cell state is an output"),
        [true, true, _] => bail!("both all states and the last one are used: a branch"),
    };
    let (beside_w, beside_r) = biases.split_at(rows);
    let cell = Cell {
        frames,
        channels,
        units,
        kernel: w.floats()?.to_vec(),
        recurrent: r.floats()?.to_vec(),
        biases: beside_w.to_vec(),
        recurrent_biases: beside_r.to_vec(),
        sequence,
    };
    let layer = if lstm {
        FloatLayer::Lstm(cell.in_order(LSTM_GATES)?)
    } else {
        FloatLayer::Gru(cell.in_order(GRU_GATES)?)
    };
    let given = chain.frames(&view.shaped(&[frames, channels])?, layer)?;
    Ok(if sequence {
        [Some(given.shaped(&[frames, 1, 1, units])?), None]
    } else {
        [None, Some(given.shaped(&[1, 1, units])?)]
    })
}

/// Refuses every variant but the plain one.
fn plain(node: &Node<'_>, lstm: bool, functions: &[&str]) -> Result<()> {
    let direction = node.text("direction", "forward");
    ensure!(
        direction == "forward",
        "direction {direction}; only forward is read"
    );
    for name in ["clip", "activation_alpha", "activation_beta"] {
        node.without(name)?;
    }
    if let Some(found) = node.attribute("activations") {
        let found = found.texts.iter().map(|f| String::from_utf8_lossy(f));
        let found: Vec<_> = found.collect();
        ensure!(
            found.iter().eq(functions),
            "activations {found:?}; read are {functions:?}"
        );
    }
    ensure!(node.int("layout", 0) == 0, "layout 1; only 0 is read");
    if lstm {
        ensure!(
            node.int("input_forget", 0) == 0,
            "coupled input and forget gates"
        );
        zero(node.optional(7)?, "peepholes (P)")?;
    } else {
        ensure!(
            node.int("linear_before_reset", 0) != 0,
            "linear_before_reset 0; the library resets behind the product, as PyTorch and Keras \
             (reset_after) do"
        );
    }
    ensure!(
        node.inputs.get(4).is_none_or(Option::is_none),
        "sequence_lens: every window has all frames"
    );
    zero(node.optional(5)?, "the initial state (initial_h)")?;
    zero(node.optional(6)?, "the initial cell (initial_c)")
}

fn zero(tensor: Option<&Tensor>, what: &str) -> Result<()> {
    let zero = tensor.is_none_or(|tensor| match &tensor.data {
        Data::Real(all) => all.iter().all(|x| *x == 0.0),
        Data::Whole(all) => all.iter().all(|n| *n == 0),
    });
    ensure!(zero, "{what} is not zero");
    Ok(())
}
