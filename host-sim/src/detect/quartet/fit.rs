//! A fit to the rows in front: numbers in `f64`, rounded once.

use super::calibration::calibrate;
use super::components::Components;
use super::memory::Windows;
use super::scale::{Filled, Scale};
use bellwether::quartet::{Calibration, Fit, Shape};

/// Largest difference of a variable, in usual differences.
const CAP: f32 = 50.0;

/// A fit, owned.
#[derive(Clone, Debug)]
pub struct Fitted {
    rows: u32,
    scale: Scale,
    center: Vec<f32>,
    outside: Vec<f32>,
    calibration: Calibration,
    short: Vec<i8>,
    long: Vec<i8>,
    recent: Vec<f32>,
}

impl Fitted {
    /// To rows of as many variables as the shape has, one at least.
    pub fn to(rows: &[Vec<f32>], shape: Shape) -> Self {
        let filled = Filled::of(rows);
        let n = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let scale = Scale::of(&filled);
        let z: Vec<Vec<f64>> = filled
            .rows
            .iter()
            .map(|row| scale.deviations(row).into_iter().map(f64::from).collect())
            .collect();
        let variables = usize::from(shape.variables);
        let lagged = lagged(&z, shape.residual() / variables);
        let components = Components::of(&lagged);
        let bytes: Vec<Vec<i8>> = filled.rows.iter().map(|row| scale.bytes(row)).collect();
        let most = usize::from(shape.vectors);
        let windows = |values: usize, stride| Windows::of(&bytes, values / variables, stride);
        let short = windows(shape.short(), 1);
        let long = windows(shape.long(n), shape.stride());
        let kept = shape
            .ring(n)
            .div_ceil(variables)
            .max(shape.residual() / variables);
        let recent = &filled.rows[filled.rows.len().saturating_sub(kept)..];
        Self {
            rows: n,
            calibration: calibrate([
                short.usual(most),
                long.usual(most),
                differences(&filled.rows, &scale),
                residuals(&lagged, &components),
            ]),
            short: short.cover(most),
            long: long.cover(most),
            recent: recent.concat(),
            center: components.center.iter().map(|x| *x as f32).collect(),
            outside: components.lower(),
            scale,
        }
    }

    /// For a detector.
    pub fn fit(&self) -> Fit<'_> {
        Fit {
            rows: self.rows,
            mean: &self.scale.mean,
            inv_deviation: &self.scale.inv_deviation,
            inv_difference: &self.scale.inv_difference,
            center: &self.center,
            outside: &self.outside,
            calibration: self.calibration,
            short: &self.short,
            long: &self.long,
            recent: &self.recent,
        }
    }
}

/// Rows with those before them, newest first; the first row stands for those before it.
fn lagged(z: &[Vec<f64>], lags: usize) -> Vec<Vec<f64>> {
    let window = |t: usize| {
        let back = (0..lags).map(|lag| t.saturating_sub(lag));
        back.flat_map(|t| z[t].iter().copied()).collect()
    };
    (0..z.len()).map(window).collect()
}

/// The difference lane of every row; 0 of the first.
fn differences(rows: &[Vec<f32>], scale: &Scale) -> Vec<f64> {
    let of = |pair: &[Vec<f32>]| {
        let steps = pair[1].iter().zip(&pair[0]).zip(&scale.inv_difference);
        let steps = steps.map(|((x, last), inverse)| ((x - last).abs() * inverse).min(CAP));
        steps.map(f64::from).sum::<f64>() / pair[0].len() as f64
    };
    std::iter::once(0.0)
        .chain(rows.windows(2).map(of))
        .collect()
}

/// The residual lane of every row.
fn residuals(lagged: &[Vec<f64>], components: &Components) -> Vec<f64> {
    let of = |row: &Vec<f64>| {
        let r: Vec<f64> = row
            .iter()
            .zip(&components.center)
            .map(|(x, c)| x - c)
            .collect();
        let dot = |m: &Vec<f64>| m.iter().zip(&r).map(|(m, r)| m * r).sum::<f64>();
        let form: f64 = components
            .outside
            .iter()
            .zip(&r)
            .map(|(m, r)| r * dot(m))
            .sum();
        form.max(0.0) / r.len() as f64
    };
    lagged.iter().map(of).collect()
}
