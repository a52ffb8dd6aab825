//! Generator of the tabulated predictor's curves.

use bellwether::repad2::CONTEXT;
use bellwether::repad2::predictor::{FixedSeedLstm, Predictor, fit};
use bellwether::testing::POINTS;

/// Three values in some order, from the middle one.
type Order = fn(f32) -> [f32; CONTEXT];

/// Orders of the smallest (0), middle (s) and largest (1) value.
const ORDERS: [(&str, Order); 6] = [
    ("0 s 1", |s| [0.0, s, 1.0]),
    ("0 1 s", |s| [0.0, 1.0, s]),
    ("s 0 1", |s| [s, 0.0, 1.0]),
    ("1 0 s", |s| [1.0, 0.0, s]),
    ("1 s 0", |s| [1.0, s, 0.0]),
    ("s 1 0", |s| [s, 1.0, 0.0]),
];

fn trained(context: [f32; CONTEXT]) -> f32 {
    fit::<FixedSeedLstm>(&context).predict(&context)
}

/// The Rust source of the table.
pub fn source() -> String {
    let mut out = String::from(
        "//! Written by `cargo run -p bellwether-conformance --bin curves`: do not edit.\n\n",
    );
    out += "/// Points per curve, s = 0 to 1.\n";
    out += &format!("pub const POINTS: usize = {POINTS};\n");
    out += "/// Output of the training on three equal values.\n";
    out += &format!("pub const FLAT: f32 = {:?};\n", trained([0.0; CONTEXT]));
    out += "/// G(s) in units of 2^-16, one row per order of the values.\n";
    out += "#[rustfmt::skip]\npub const CURVES: [[u16; POINTS]; 6] = [\n";
    for (name, order) in ORDERS {
        let entries: Vec<String> = (0..POINTS)
            .map(|k| trained(order(k as f32 / (POINTS - 1) as f32)))
            .map(|g| (g * 65536.0).round().to_string())
            .collect();
        out += &format!("    // {name}\n    [{}],\n", entries.join(", "));
    }
    out + "];\n"
}
