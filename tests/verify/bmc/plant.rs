//! The healthy plant: a server whose load goes up and down.

use std::fmt::Write as _;
use std::ops::Range;

/// Names of the variables.
pub const NAMES: [&str; 5] = ["inlet", "supply", "output", "current", "power"];

/// One row, in the units of the emulated sensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// m°C.
    pub inlet: i64,
    /// mV.
    pub supply: i64,
    /// mV.
    pub output: i64,
    /// mA.
    pub current: i64,
    /// W.
    pub power: i64,
}

impl Row {
    /// A row of a supply voltage (V), current (A) and temperature (°C): the others follow.
    pub fn of(inlet: f64, supply: f64, current: f64, drop: f64) -> Self {
        Self {
            inlet: (inlet * 1e3) as i64,
            supply: (supply * 1e3) as i64,
            output: ((supply - drop) * 1e3) as i64,
            current: (current * 1e3) as i64,
            power: (supply * current) as i64,
        }
    }

    /// The values as the sensors' registers hold them, in °C, V, V, A and W: steps of 1/2 °C, 1/40.62 V, 1/19.8 A and
    /// 1/3.16 W.
    pub fn read(&self) -> [f64; 5] {
        let volts = |mv: i64| (4062 * mv / 100_000) as f64 * 100.0 / 4062.0;
        let current = (198 * self.current + 20_480_000) / 10_000;
        let power = 3160 * self.power / 1000;
        [
            (self.inlet * 256 / 1000 / 128) as f64 / 2.0,
            volts(self.supply),
            volts(self.output),
            (current as f64 * 10.0 - 20_480.0) / 198.0,
            power as f64 * 1000.0 / 3160.0,
        ]
    }
}

/// A healthy row.
pub fn row(k: u64) -> Row {
    let load = (triangle(k, 60) + triangle(k, 97)) / 2.0;
    let warmth = (triangle(k + 57, 60) + triangle(k + 94, 97)) / 2.0;
    let current = 8.0 + 6.0 * load + 0.2 * noise(k, 0);
    let supply = 48.0 - 0.03 * current + 0.1 * noise(k, 1);
    let inlet = 24.0 + 4.0 * warmth + 0.4 * noise(k, 2);
    Row::of(
        inlet,
        supply,
        current,
        0.1 + 0.02 * current + 0.03 * noise(k, 3),
    )
}

/// Rows as a recording of what the sensors show.
pub fn csv(rows: Range<u64>) -> String {
    let mut csv = format!("time,{}\n", NAMES.join(","));
    for k in rows {
        let shown = row(k).read().map(|value| format!("{value:.4}"));
        let _ = writeln!(csv, "{k},{}", shown.join(","));
    }
    csv
}

/// A wave between 0 and 1.
pub fn triangle(k: u64, period: u64) -> f64 {
    let half = period as f64 / 2.0;
    ((k % period) as f64 - half).abs() / half
}

/// A number between -1 and 1 for each row and source, by the finaliser of SplitMix64.
pub fn noise(k: u64, source: u64) -> f64 {
    let mut z = (k * 4 + source + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    (z >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
