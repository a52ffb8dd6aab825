//! ADD, SUB and MUL of int8 with constants: as LiteRT's reference kernels compute them, a table for each
//! constant.
//!
//! Both operands of ADD and SUB are brought to a 2^20th of half a step of the coarser one, and the sum to the
//! output's step; each time it is rounded twice, as all factors are.

use super::sums::fused;
use super::walk::{Operator, Walk};
use crate::model::import::arithmetic::spread;
use crate::model::tflite::codes::{ADD, INT8, MUL};
use crate::model::tflite::fused_code;
use crate::model::tflite::table::{BYTES, Factor, each};
use anyhow::{Context, Result, ensure};
use bellwether::model::QuantParams;

/// Bits below a step of an operand of a sum.
const BELOW: u32 = 20;

/// Most tables of a layer, 512 bytes each.
const MOST: usize = 512;

impl<'a> Walk<'a> {
    /// The tables of an operation with a constant, one for all values or one per channel.
    pub(super) fn arithmetic(&self, code: i32, operator: &Operator<'a>) -> Result<Vec<i16>> {
        let constant = operator.constant.context("no constant")?;
        let constant = self.graph.tensor(constant)?;
        let data = constant.data::<1>(INT8, "an int8 constant")?.iter();
        let numbers: Vec<f32> = data.map(|b| i8::from_le_bytes(*b).into()).collect();
        let shape = operator.from.one_of_batch()?;
        let all = spread(&constant.shape()?, &numbers, &shape)?;
        let channels = match shape.last() {
            _ if all.windows(2).all(|pair| pair[0] == pair[1]) => 1,
            Some(&n) if n > 0 && all.chunks(n).all(|frame| *frame == all[..n]) => n,
            _ => all.len(),
        };
        ensure!(
            channels <= MOST,
            "tensor `{}` has {channels} different numbers, at most {MOST} are read",
            constant.name
        );
        let operation = Operation {
            code,
            turned: operator.turned,
            input: operator.from.grid()?,
            constant: constant.grid()?,
            output: operator.to.grid()?,
        };
        let fused = fused(fused_code(operator.options, 0)?, &operation.output)?;
        let (_, low, high) = fused.limits(&operation.output);
        let numbers = all.iter().take(channels);
        let tables = numbers.map(|q| operation.table(*q as i32, (low.into(), high.into())));
        Ok(tables.collect::<Vec<_>>().concat())
    }
}

/// An operation and its grids.
struct Operation {
    code: i32,
    turned: bool,
    input: QuantParams,
    constant: QuantParams,
    output: QuantParams,
}

impl Operation {
    fn table(&self, q: i32, limits: (i32, i32)) -> Vec<i16> {
        let scales = [&self.input, &self.constant, &self.output].map(|grid| grid.scale);
        let [a, b, out] = scales;
        let zero = i32::from(self.output.zero_point);
        let c = q - i32::from(self.constant.zero_point);
        let within = (limits.0.max(BYTES.0), limits.1.min(BYTES.1));
        if self.code == MUL {
            let factor = Factor::new(f64::from(a) * f64::from(b) / f64::from(out));
            return each(&self.input, within, |x| {
                factor.apply(x * c).saturating_add(zero)
            });
        }
        // As the reference does: twice the larger scale in f32, the rest in f64.
        let twice = f64::from(2.0 * a.max(b));
        let of = |scale: f32| Factor::new(f64::from(scale) / twice);
        let (own, other) = (of(a), of(b).apply(c << BELOW));
        let whole = Factor::new(twice / f64::from((1 << BELOW) as f32 * out));
        each(&self.input, within, |x| {
            let x = own.apply(x << BELOW);
            let sum = match (self.code, self.turned) {
                (ADD, _) => x.saturating_add(other),
                (_, false) => x.saturating_sub(other),
                (_, true) => other.saturating_sub(x),
            };
            whole.apply(sum).saturating_add(zero)
        })
    }
}
