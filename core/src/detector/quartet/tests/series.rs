//! A series, and a fit of it whose numbers are given.

use crate::quartet::{Calibration, Fit, Settings, Shape, byte, deviations, squared};
use crate::testing::Waves;
use crate::{Reading, quartet_of};
use std::vec;
use std::vec::Vec;

/// Rows of the series.
pub const ROWS: usize = 600;

/// Three variables with gaps.
pub fn series() -> Vec<Vec<f32>> {
    Waves::<3>::new().take(ROWS).map(Vec::from).collect()
}

/// Rows without gaps: the value before, or the first one.
pub fn filled(rows: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let mut last: Vec<f32> = (0..rows[0].len())
        .map(|j| rows.iter().map(|row| row[j]).find(|x| x.is_finite()))
        .map(|first| first.unwrap_or(0.0))
        .collect();
    let hold = |row: &Vec<f32>| {
        for (last, x) in last.iter_mut().zip(row) {
            if x.is_finite() {
                *last = *x;
            }
        }
        last.clone()
    };
    rows.iter().map(hold).collect()
}

/// Farthest-first: the vectors that cover the others.
pub fn farthest_first(vectors: &[Vec<i8>], most: usize) -> Vec<i8> {
    let mut apart = vec![u32::MAX; vectors.len()];
    let (mut taken, mut next) = (Vec::new(), 0);
    loop {
        taken.extend_from_slice(&vectors[next]);
        for (apart, vector) in apart.iter_mut().zip(vectors) {
            *apart = (*apart).min(squared(vector, &vectors[next], u32::MAX));
        }
        let farthest = apart.iter().max().expect("some");
        next = apart.iter().position(|d| d == farthest).expect("some");
        if apart[next] == 0 || taken.len() == most * vectors[0].len() {
            return taken;
        }
    }
}

/// Windows of `lags` rows, `stride` apart, newest first; the first row stands for those before it.
pub fn windows(rows: &[Vec<i8>], lags: usize, stride: usize) -> Vec<Vec<i8>> {
    let window = |t: usize| {
        let back = (0..lags).map(|lag| t.saturating_sub(lag * stride));
        back.flat_map(|t| rows[t].clone()).collect()
    };
    (0..rows.len()).map(window).collect()
}

/// Three variables.
pub const THREE: Shape = Shape::new(3);
/// Of three variables.
pub type Three = quartet_of!(THREE);

/// Rows that the frozen fit is of.
pub const FITTED: usize = 100;

fn floats<const N: usize>(bits: [u32; N]) -> [f32; N] {
    bits.map(f32::from_bits)
}

/// A detector of three variables with given numbers, and vectors of the first rows.
pub fn frozen(settings: Settings) -> Three {
    let rows = filled(&series()[..FITTED]);
    let mean = floats([0x4140_051f, 0x4147_7b85, 0x40bf_7d71]);
    let inv_deviation = floats([0x3f69_ee0b, 0x3f36_c643, 0x3fef_1a72]);
    let bytes: Vec<Vec<i8>> = rows
        .iter()
        .map(|row| {
            let z = |j: usize| deviations(row[j], mean[j], inv_deviation[j]);
            (0..3).map(|j| byte(z(j))).collect()
        })
        .collect();
    let most = usize::from(settings.shape.vectors);
    let recent = rows.concat();
    let fit = Fit {
        rows: FITTED as u32,
        mean: &mean,
        inv_deviation: &inv_deviation,
        inv_difference: &floats([0x401b_86a9, 0x4022_3e81, 0x409f_c652]),
        center: &floats([0xa627_0a3d, 0x2613_3333, 0xa61a_3d71]),
        outside: &floats([
            0x3eff_9c15,
            0x3c2e_f2eb,
            0x396f_7bb4,
            0xbeff_f0fa,
            0xbc2f_2d06,
            0x3f00_22fe,
        ]),
        calibration: Calibration {
            usual: floats([0x3e8c_d4be, 0x3f45_9b0c, 0x3f9a_20de, 0x3cca_2700]),
            inv_scale: floats([0x4191_6c29, 0x40bd_ebee, 0x3ffc_f8c3, 0x4204_6ad7]),
        },
        short: &farthest_first(&windows(&bytes, 1, 1), most),
        long: &farthest_first(&windows(&bytes, 10, 1), most),
        recent: &recent,
    };
    let rules = settings.try_into().expect("room");
    let mut three = Three::new();
    three.load(&rules, &fit).expect("a fit");
    three
}

/// A row as readings.
pub fn readings(row: &[f32]) -> Vec<Reading> {
    row.iter().map(|x| Reading::from(*x)).collect()
}
