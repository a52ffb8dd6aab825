//! Estimated cost of an inference on each board's processor: a sum over the terms of its layers.
//!
//! Coefficients are a least-squares fit to instructions that were counted layer by layer in QEMU
//! (`bellwether model measure`), firmware at `opt-level` 3. Values of 16 bits instead of 8 cost the
//! same but where a term says so.

use crate::board::BOARDS;
use crate::model::card::Estimate;
use crate::text::number::count;
use bellwether::Model;
use bellwether::model::{Cell, Dense, Layer, Order, Rounding};

/// Percent of an inference that an estimate may be wrong by. The largest error found was 3 %, on the 48
/// inferences of COSTS.md. The term of uncommon blocks was fitted to kernels before these, on networks of odd widths,
/// with a multiplier per output, and under a double rounding.
pub const ERROR_PERCENT: u64 = 5;

/// The terms of a layer's cost.
#[derive(Clone, Copy, Debug)]
enum Term {
    /// A layer: its record, and the call.
    Layer,
    /// A call of the dense kernels; a convolution makes one a frame.
    Call,
    /// Four inputs that are prepared.
    Inputs(Order),
    /// A block of four outputs.
    Block,
    /// A block whose sums are not brought to outputs the common way: another rounding than single,
    /// a multiplier per output, or one without a shift.
    Uncommon,
    /// A block and the inputs that fill no four.
    Rest,
    /// A step of outputs that fill no block.
    Single,
    /// A step of a block in rows.
    Rows,
    /// A step of a block in tiles.
    Tiles,
    /// The same where inputs take 16 bits.
    WideTiles,
    /// A value through a table.
    Lookup,
    /// A value that a convolution brings together.
    Gathered,
    /// A value of a frame or of a state that is prepared.
    Prepared,
    /// A unit in a frame: the calls of its gates, and the state that follows.
    Unit(Cell),
}

impl Term {
    /// Instructions of one, on the processors of [`BOARDS`].
    const fn instructions(self) -> [f64; 3] {
        match self {
            Self::Layer => [91.7, 176.7, 210.1],
            Self::Call => [86.0, 320.1, 764.7],
            Self::Inputs(Order::Tiles) => [19.95, 15.15, 13.76],
            Self::Inputs(_) => [2.17, 0.0, 1.862],
            Self::Block => [172.2, 117.9, 457.7],
            Self::Uncommon => [186.0, 166.6, 303.0],
            Self::Rest => [253.3, 187.1, 274.2],
            Self::Single => [7.05, 6.142, 11.48],
            Self::Rows => [1.251, 2.356, 6.783],
            Self::Tiles => [0.752, 2.209, 5.62],
            Self::WideTiles => [1.07, 2.284, 4.483],
            Self::Lookup => [27.4, 26.6, 50.5],
            Self::Gathered => [25.1, 23.6, 25.0],
            Self::Prepared => [8.131, 7.7, 6.776],
            Self::Unit(Cell::Lstm) => [581.9, 560.1, 1553.9],
            Self::Unit(Cell::Gru) => [436.4, 412.4, 1130.5],
        }
    }
}

/// The estimate for a model's card: instructions by processor, and in words.
pub fn of(model: &Model<'_>) -> Estimate {
    let processors = BOARDS.iter().map(|board| board.processor);
    Estimate {
        instructions: processors.zip(instructions(model)).collect(),
        lines: lines(model).into(),
    }
}

/// Instructions of an inference, on the processors of [`BOARDS`].
pub fn instructions(model: &Model<'_>) -> [u64; 3] {
    let (mut sums, mut wide) = ([0.0; 3], model.input_grid().wide);
    for layer in model.layers() {
        let rounding = layer.rounding().unwrap_or(model.rounding());
        for (term, times) in terms(&layer, wide, rounding) {
            for (sum, one) in sums.iter_mut().zip(term.instructions()) {
                *sum += one * times as f64;
            }
        }
        wide = layer.output().wide;
    }
    sums.map(|sum| sum.round() as u64)
}

/// A line per processor.
pub fn lines(model: &Model<'_>) -> [String; 3] {
    let mut boards = BOARDS.iter();
    instructions(model).map(|instructions| {
        let processor = boards.next().map_or("", |board| board.processor);
        format!(
            "{processor}: about {} instructions per inference, estimated within {ERROR_PERCENT} %",
            count(rounded(instructions))
        )
    })
}

/// Three digits, which is more than an estimate is worth.
fn rounded(number: u64) -> u64 {
    let unit = 10_u64.pow(number.max(1).ilog10().saturating_sub(2));
    (number + unit / 2) / unit * unit
}

fn terms(layer: &Layer<'_>, wide: bool, rounding: Rounding) -> Vec<(Term, usize)> {
    let mut terms = vec![(Term::Layer, 1)];
    match layer {
        Layer::Dense(layer) => dense(layer, wide, rounding, 1, &mut terms),
        Layer::Lookup(lookup) => terms.push((Term::Lookup, lookup.values)),
        // About the steps of two; not measured.
        Layer::Curve(curve) => terms.push((Term::Lookup, 2 * curve.values)),
        Layer::Conv1d(conv) => {
            let times = conv.frames_out();
            terms.push((Term::Gathered, times * conv.dense.inputs));
            dense(&conv.dense, wide, rounding, times, &mut terms);
        }
        Layer::Recurrent(cell) => {
            let values = cell.channels + cell.units;
            let gates = cell.cell.gates() * cell.units.div_ceil(4);
            let rests = rest(cell.channels) + rest(cell.units);
            terms.extend([
                (Term::Prepared, cell.frames * values),
                (Term::Rows, layer.macs() as usize),
                (Term::Rest, cell.frames * gates * rests),
                (
                    Term::Unit(cell.cell),
                    cell.frames * cell.units.next_multiple_of(4),
                ),
            ]);
        }
        _ => {}
    }
    terms
}

/// 1 if the number of inputs is no multiple of four.
fn rest(inputs: usize) -> usize {
    usize::from(!inputs.is_multiple_of(4))
}

/// The kernels of dense layers, called `times` times.
fn dense(
    layer: &Dense<'_>,
    wide: bool,
    rounding: Rounding,
    times: usize,
    terms: &mut Vec<(Term, usize)>,
) {
    let (quads, blocks) = (layer.inputs / 4, layer.outputs / 4);
    let steps = match (layer.order, wide) {
        (Order::Tiles, true) => Term::WideTiles,
        (Order::Tiles, false) => Term::Tiles,
        _ => Term::Rows,
    };
    // A shift of 0 is all zero bytes.
    let shifted = layer.multipliers().iter().all(|entry| entry[4..] != [0; 4]);
    let common = rounding == Rounding::Single && !layer.per_channel() && shifted;
    terms.extend([
        (Term::Call, times),
        (Term::Inputs(layer.order), times * quads),
        (Term::Block, times * blocks),
        (Term::Uncommon, if common { 0 } else { times * blocks }),
        (Term::Rest, times * blocks * rest(layer.inputs)),
        (Term::Single, times * layer.inputs * (layer.outputs % 4)),
        (steps, times * 16 * quads * blocks),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::{Figures, networks};
    use crate::model::Stored;

    /// Broken by a kernel that became faster or slower than its coefficient says, or a term that
    /// is left out.
    #[test]
    fn estimates_are_within_their_error_of_every_measured_network() {
        let figures = |text| Figures::parse(text).unwrap();
        let costs = figures(include_str!("../../../tests/expect/costs.txt"));
        let ad01 = figures(include_str!("../../../tests/expect/ad01.txt"));
        let (mut compared, mut largest) = (0, 0.0_f64);
        for network in networks::all().unwrap() {
            for (order, bytes) in network.models() {
                let stored = Stored::new(bytes);
                let found = instructions(&stored.model().unwrap());
                for (board, found) in BOARDS.iter().zip(found) {
                    let name = format!("{}.{}", network.name, order.name());
                    let place = format!("{}.{}", board.name, networks::FIGURES);
                    let processor = board.processor.to_lowercase();
                    let measured = [
                        costs.numbers.get(&format!("{place}.{name}.inference")),
                        // The trained network has the shape of this one.
                        ad01.numbers
                            .get(&format!("{processor}.{}.inference", order.name()))
                            .filter(|_| network.name == "ad01"),
                    ];
                    assert!(measured[0].is_some(), "{place}.{name}");
                    for measured in measured.into_iter().flatten() {
                        let error = found.abs_diff(*measured) as f64 / *measured as f64;
                        println!("{place}.{name}: {found}, measured {measured}");
                        assert!(
                            error * 100.0 <= ERROR_PERCENT as f64,
                            "{place}.{name}: {found}, measured {measured}"
                        );
                        largest = largest.max(error);
                        compared += 1;
                    }
                }
            }
        }
        println!("{compared} figures, largest error {:.2} %", largest * 100.0);
        assert_eq!(compared, 3 * 2 * (7 + 1));
    }

    #[test]
    fn estimates_are_shown_with_three_digits() {
        assert_eq!(rounded(313_217), 313_000);
        assert_eq!(rounded(99_960), 100_000);
        assert_eq!([rounded(0), rounded(7), rounded(999)], [0, 7, 999]);
    }
}
