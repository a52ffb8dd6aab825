//! Functions behind sums, as tables.

use super::range::{LayerRange, grid};
use super::{Made, Target};
use crate::model::LookupLayer;
use crate::model::float::Function;
use bellwether::model::layer::lookup::{NARROW, WIDE};
use bellwether::model::{Function as Name, QuantParams};

/// Sums, and the function behind them. `sums` puts the sums on a grid of 16 bits.
pub(super) fn behind(
    function: Function,
    mut sums: Made,
    target: &Target,
    range: LayerRange,
    values: usize,
) -> Made {
    let output = target
        .forced
        .unwrap_or_else(|| natural(function, target.wide, range));
    sums.layers
        .push(table(function, values, &sums.output, output).into());
    Made { output, ..sums }
}

/// The grid that a function's values fill.
fn natural(function: Function, wide: bool, range: LayerRange) -> QuantParams {
    let (scale, zero_point) = match (function, wide) {
        (Function::Tanh | Function::Sigmoid, true) => (1.0 / 32_768.0, 0),
        (Function::Tanh, false) => (1.0 / 128.0, 0),
        (Function::Sigmoid, false) => (1.0 / 256.0, -128),
        _ => return grid(range.outputs, wide, 0.0),
    };
    QuantParams {
        scale,
        zero_point,
        wide,
    }
}

/// The table of a function from one grid to another, nearest points, halves away from zero.
pub fn table(
    function: Function,
    values: usize,
    input: &QuantParams,
    output: QuantParams,
) -> LookupLayer {
    let point = |q: i32| {
        let real = f64::from(input.scale) * f64::from(q - i32::from(input.zero_point));
        let steps = (function.apply(real) / f64::from(output.scale)).round();
        let q = steps + f64::from(output.zero_point);
        q.clamp(output.low().into(), output.high().into()) as i16
    };
    let (count, step) = if input.wide { (WIDE, 128) } else { (NARROW, 1) };
    let first = -step * (count as i32 / 2);
    LookupLayer {
        values,
        wide_inputs: input.wide,
        output,
        function: match function {
            Function::LeakyRelu(_) => Name::LeakyRelu,
            Function::Tanh => Name::Tanh,
            Function::Sigmoid => Name::Sigmoid,
            _ => Name::Other,
        },
        table: (0..count as i32).map(|k| point(first + step * k)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE_OUT: QuantParams = QuantParams {
        scale: 1.0 / 32_768.0,
        zero_point: 0,
        wide: true,
    };

    /// The entries of a narrow table are the function at every point, rounded; those of a wide
    /// one at every 128th.
    #[test]
    fn entries_are_the_function_at_their_points() {
        let input = QuantParams {
            scale: 0.05,
            zero_point: -10,
            wide: false,
        };
        let narrow = table(
            Function::Sigmoid,
            1,
            &input,
            natural(Function::Sigmoid, false, LayerRange::default()),
        );
        assert_eq!(narrow.table.len(), 256);
        assert_eq!(
            narrow.table[118], 0,
            "half of 256 steps above -128, at real 0"
        );
        let input = QuantParams {
            scale: 1.0 / 2048.0,
            ..WIDE_OUT
        };
        let wide = table(Function::Tanh, 1, &input, WIDE_OUT);
        assert_eq!((wide.table.len(), wide.table[256]), (513, 0));
        assert_eq!(wide.table[272], (1.0_f64.tanh() * 32_768.0).round() as i16);
    }
}
