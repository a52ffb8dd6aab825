//! The temperatures of a server, as its controller's sensors see them.

use crate::bmc::plant::{noise, triangle};
use std::fmt::Write as _;

/// Names of the sensors.
pub const SENSORS: [&str; 4] = ["inlet", "cpu", "memory", "outlet"];
/// The sensor with the fault: memory behind a blocked duct.
pub const FAULTY: usize = 2;
/// The fault, in °C.
const STEP: f64 = 12.0;

/// Temperatures in m°C at a step of time: load and inlet come and go, and the others follow.
pub fn temperatures(step: u64, faulty: bool) -> [i64; SENSORS.len()] {
    let (load, room) = (triangle(step, 24), triangle(step, 38));
    let inlet = 22.0 + 3.0 * room;
    let celsius = [
        inlet,
        inlet + 18.0 + 20.0 * load,
        inlet + 10.0 + 8.0 * load + if faulty { STEP } else { 0.0 },
        inlet + 6.0 + 12.0 * load,
    ];
    let mut source = 0;
    celsius.map(|value| {
        source += 1;
        ((value + 0.3 * noise(step, source)) * 1e3) as i64
    })
}

/// Rows of a recording, a second each, and the row of the fault.
const ROWS: u64 = 600;
const FAULT: u64 = 500;

/// A recording that ends with the fault.
pub fn recording() -> String {
    let mut csv = format!("time,{}\n", SENSORS.join(","));
    for row in 0..ROWS {
        let values = temperatures(row, row >= FAULT);
        let celsius = values.map(|value| format!("{:.3}", value as f64 / 1e3));
        let _ = writeln!(csv, "{row},{}", celsius.join(","));
    }
    csv
}
