//! Rows with three loads behind twelve variables.

use crate::node::fit::Work;
use crate::node::{Node, Rules, Settings, Wide, wide};
#[cfg(feature = "testing")]
use crate::{Reading, Tick};
use std::vec::Vec;

pub const V: usize = 12;
pub type Twelve = Node<Wide<V>, V>;
pub type Row = [f32; V];

/// Rows of the fit.
pub const FITTED: usize = 400;

pub fn series(count: usize) -> Vec<Row> {
    let mut state = 5_u32;
    let mut draw = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32 - 0.5
    };
    let row = |t: usize| {
        let loads = [17, 29, 41].map(|period| (t % period) as f32 / period as f32);
        core::array::from_fn(|j| {
            let [a, b, c] = loads;
            20.0 + a * (j + 1) as f32 - b * (j % 4) as f32 + c * (j % 3) as f32 + 2.0 * draw()
        })
    };
    (0..count).map(row).collect()
}

pub fn rules() -> Rules<wide::Rules<V>, V> {
    let settings = wide::Settings {
        variables: V as u16,
    };
    Settings::new(settings).try_into().expect("room")
}

/// A detector that is fitted to rows.
pub fn fitted_to(rows: &[Row]) -> Twelve {
    let mut node = Twelve::new();
    let fit = node.fit(&rules(), &mut &rows[..], &mut Work::new());
    fit.expect("enough rows");
    node
}

pub fn fitted() -> Twelve {
    fitted_to(&series(FITTED))
}

/// The rows behind the fit.
#[cfg(feature = "testing")]
pub fn inputs(count: usize) -> Vec<(Tick, Vec<Reading>)> {
    let rows = series(FITTED + count).into_iter().enumerate().skip(FITTED);
    rows.map(|(t, row)| (Tick(2 * t as u64 + 1), row.map(Reading::from).to_vec()))
        .collect()
}
