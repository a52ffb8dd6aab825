//! Each lane by its formula, in `f64`, from the rows of a stream alone; and whose fault a row is.

use super::series::{FITTED, THREE, farthest_first, filled, frozen, readings, series, windows};
use crate::Tick;
use crate::quartet::{Score, Settings, byte, squared};
use std::vec::Vec;

const MEAN: [f64; 3] = [12.001_25, 12.467_656_25, 5.984_062_5];
const DEVIATION: [f64; 3] = [1.094_345_11, 1.400_633_32, 0.535_333_479];
const DIFFERENCE: [f64; 3] = [0.411_506_705, 0.394_467_229, 0.200_282_028];

/// Scores of all rows behind the fit; nothing is learned before row 480 of them.
fn scores() -> Vec<Score> {
    let settings = Settings::new(THREE);
    let rules = settings.try_into().expect("room");
    let mut three = frozen(settings);
    let rows = series().into_iter().enumerate().skip(FITTED).take(480);
    rows.map(|(t, row)| three.decide(&rules, Tick(t as u64), &readings(&row)))
        .map(|verdict| verdict.score.expect("judged"))
        .collect()
}

fn z(row: &[f32]) -> [f64; 3] {
    std::array::from_fn(|j| (f64::from(row[j]) - MEAN[j]) / DEVIATION[j])
}

fn near(found: f32, wanted: f64, what: &str, t: usize) {
    let apart = (f64::from(found) - wanted).abs();
    assert!(
        apart <= 5e-6 * wanted + 1e-6,
        "{what} of row {t}: {found} {wanted}"
    );
}

#[test]
fn differences_are_means_of_steps_in_usual_ones() {
    let rows = filled(&series());
    for (k, score) in scores().iter().enumerate() {
        let t = FITTED + k;
        let step = |j: usize| {
            let step = f64::from(rows[t][j]) - f64::from(rows[t - 1][j]);
            (step.abs() / DIFFERENCE[j]).min(50.0)
        };
        let wanted = (0..3).map(step).sum::<f64>() / 3.0;
        near(score.lanes[2], wanted, "difference", t);
    }
}

#[test]
fn distances_are_those_to_the_two_nearest_of_the_fit() {
    let rows = filled(&series());
    let bytes: Vec<Vec<i8>> = rows
        .iter()
        .map(|row| z(row).map(|z| byte(z as f32)).to_vec())
        .collect();
    let scores = scores();
    for (lane, lags) in [(0, 1), (1, 10)] {
        let windows = windows(&bytes, lags, 1);
        let width = 3 * lags;
        let memory = farthest_first(&windows[..FITTED], 128);
        for (k, score) in scores.iter().enumerate() {
            let window = &windows[FITTED + k];
            let known = memory.chunks_exact(width);
            let mut all: Vec<u32> = known.map(|v| squared(v, window, u32::MAX)).collect();
            all.sort_unstable();
            let root = |sum: u32| (f64::from(sum) / width as f64).sqrt() / 12.7;
            let wanted = (root(all[0]) + root(all[1])) / 2.0;
            near(score.lanes[lane], wanted, "distance", FITTED + k);
        }
    }
}

/// Two of three components explain the fit: the residual is along the third, (a, b, c).
#[test]
fn the_residual_is_what_is_along_the_axis_that_components_leave() {
    let axis = [0.499_237_7_f64.sqrt(), 0.0, 0.0];
    let axis = [axis[0], 0.010_677_1 / axis[0], -0.499_885_4 / axis[0]];
    let rows = filled(&series());
    for (k, score) in scores().iter().enumerate() {
        let t = FITTED + k;
        let z = z(&rows[t]).map(|z| z.clamp(-50.0, 50.0));
        let along: f64 = z.iter().zip(&axis).map(|(z, a)| z * a).sum();
        let wanted = along * along / 3.0;
        let apart = (f64::from(score.lanes[3]) - wanted).abs();
        assert!(apart <= 1e-3 * wanted + 1e-5, "row {t}: {score:?} {wanted}");
    }
}

/// Broken by a surprise below its usual value, by another logarithm, or by a decay of another length.
#[test]
fn onset_and_held_score_follow_from_the_lanes() {
    let usual = [0.275_060_6, 0.771_898_0, 1.204_128_04, 0.024_676_8];
    let inv_scale = [18.177_696, 5.935_447, 1.976_34, 33.104_33];
    let mut held = 0.0_f64;
    for (k, score) in scores().iter().enumerate() {
        let surprises = score.lanes.iter().zip(usual.iter().zip(&inv_scale));
        let surprise = surprises.map(|(s, (u, i))| ((f64::from(*s) - u).max(0.0) * i).ln_1p());
        let onset = surprise.sum::<f64>() / 4.0;
        held = if onset >= held {
            onset
        } else {
            held + (onset - held) / 12.0
        };
        assert!((f64::from(score.onset) - onset).abs() < 3e-5, "row {k}");
        assert!((f64::from(score.held) - held).abs() < 3e-5, "row {k}");
    }
}

/// The first variable jumps at row 300; the last one is stuck from row 399 on, which only its relation to
/// the first one shows.
#[test]
fn a_row_is_the_fault_of_the_variable_that_caused_it() {
    let settings = Settings::new(THREE);
    let rules = settings.try_into().expect("room");
    let (mut three, mut plain) = (frozen(settings), frozen(settings));
    let mut largest = [0_u32; 3];
    for (t, row) in series().iter().enumerate().skip(FITTED) {
        let (tick, row) = (Tick(t as u64), readings(row));
        let mut parts = [0.0; 3];
        let verdict = three.explain(&rules, tick, &row, &mut parts);
        assert_eq!(verdict, plain.decide(&rules, tick, &row), "row {t}");
        let [short, _, difference, residual] = three.surprises(&verdict.score.expect("judged"));
        let (found, wanted) = (parts.iter().sum::<f32>(), short + difference + residual);
        assert!((found - wanted).abs() <= 1e-5 * wanted + 1e-6, "row {t}");
        if t == 300 {
            assert!(parts[0] > 0.5 * wanted, "{parts:?}");
        }
        if (405..430).contains(&t) {
            let most = (0..3).max_by(|a, b| parts[*a].total_cmp(&parts[*b]));
            largest[most.expect("three")] += 1;
        }
    }
    assert!(largest[0] + largest[2] > 20, "{largest:?}");
}
