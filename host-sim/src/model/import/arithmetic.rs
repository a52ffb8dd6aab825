//! Arithmetic of computed values with a constant.

use super::chain::Chain;
use super::view::{MOST, View};
use anyhow::{Result, bail};

/// The operation with the constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    /// It is added.
    Add,
    /// It is subtracted.
    Sub,
    /// It is multiplied.
    Mul,
    /// It divides.
    Div,
}

impl Arithmetic {
    /// Does it, the constant broadcast to the shape of the view; `first`: it is the first operand.
    ///
    /// # Errors
    /// The shapes do not go together, or the constant is divided.
    pub fn apply(
        self,
        chain: &mut Chain,
        view: &View,
        shape: &[usize],
        constant: &[f32],
        first: bool,
    ) -> Result<View> {
        let numbers = spread(shape, constant, view.shape())?;
        let pair = |c: f32| -> Result<(f64, f64)> {
            let c = f64::from(c);
            Ok(match (self, first) {
                (Self::Add, _) => (1.0, c),
                (Self::Mul, _) => (c, 0.0),
                (Self::Sub, false) => (1.0, -c),
                (Self::Sub, true) => (-1.0, c),
                (Self::Div, false) => (1.0 / c, 0.0),
                (Self::Div, true) => bail!("a constant divided by what the network computes"),
            })
        };
        let pairs = numbers.into_iter().map(pair).collect::<Result<Vec<_>>>()?;
        let (scale, shift): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        chain.affine(view, &scale, &shift)
    }
}

/// The numbers of a constant, broadcast to a shape.
///
/// # Errors
/// The shapes do not go together.
pub fn spread(shape: &[usize], numbers: &[f32], to: &[usize]) -> Result<Vec<f32>> {
    // Axes of size 1 in front, beyond those of the shape, say nothing.
    let extra = shape.len().saturating_sub(to.len());
    let axes: Vec<i64> = (0..).take(extra).collect();
    let view = View::whole(shape, numbers.len())?;
    let view = view.squeezed(Some(&axes))?.broadcast(to, MOST)?;
    match view.pick(numbers) {
        Some(all) => Ok(all),
        None => bail!("{} numbers for the shape {shape:?}", numbers.len()),
    }
}
