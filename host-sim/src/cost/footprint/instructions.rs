//! Instructions of a frame, from those of the measured number of variables.

use super::{Basis, Figure, Of};

/// The growth of a frame's cost with the number of variables, at most.
#[derive(Clone, Copy)]
enum Growth {
    /// In proportion.
    Linear,
    /// With the square: pairs of variables, or a matrix.
    Square,
}

/// Figures of a frame: the name here, that in COSTS.md, and whether it is of one variable.
const KINDS: [(&str, &str); 3] = [
    ("frame, warming up", "warming"),
    ("frame, largest", "assessed"),
    ("frame, mean", "mean"),
];
const ROLA: [(&str, &str); 4] = [
    ("frame, quiet", "quiet_frame"),
    ("frame, with a vote", "vote_frame"),
    ("frame, largest", "worst_frame"),
    ("frame, vote spread", "spread_vote_frame"),
];
const LANE: [(&str, &str); 2] = [
    ("frame, quiet", "quiet_sample"),
    ("frame, retraining", "retraining_sample"),
];

/// The figures of a detector; none of one that was not measured.
pub(super) fn measured(of: &Of<'_>) -> Vec<Figure> {
    let detector = of.entry.name.replace('-', "_");
    let (prefix, growth, measured) = match of.entry.name {
        "rola" => return scaled(of, &ROLA, "fast", Growth::Square, 9),
        "repad2" => return scaled(of, &LANE, "fast", Growth::Linear, 1),
        "sentinel" => (format!("sentinel-{}", of.preset), Growth::Square, 8),
        "mahalanobis" | "consensus" => (detector, Growth::Square, 9),
        "node" | "quartet" | "incidents" | "autoencoder" => return Vec::new(),
        _ => (detector, Growth::Linear, 9),
    };
    scaled(
        of,
        &KINDS,
        &format!("fast.detector.{prefix}"),
        growth,
        measured,
    )
}

fn scaled(
    of: &Of<'_>,
    kinds: &[(&'static str, &str)],
    prefix: &str,
    growth: Growth,
    measured: usize,
) -> Vec<Figure> {
    let found = kinds.iter().filter_map(|(name, key)| {
        let value = of.cost(&format!("{prefix}.{key}"))?;
        let (variables, more) = (of.variables as u64, of.variables > measured);
        let (basis, value, note) = if of.variables == measured {
            (Basis::Measured, value, format!("for {measured} variables"))
        } else if more {
            let (times, how) = match growth {
                Growth::Linear => (variables, "in proportion"),
                Growth::Square => (variables * variables, "with the square"),
            };
            let by = match growth {
                Growth::Linear => measured as u64,
                Growth::Square => (measured * measured) as u64,
            };
            let note = format!("from {value} for {measured} variables, {how}");
            (Basis::Bound, (value * times).div_ceil(by), note)
        } else {
            (
                Basis::Bound,
                value,
                format!("measured for {measured} variables"),
            )
        };
        Some(Figure {
            name,
            value,
            unit: "instructions",
            basis,
            note,
        })
    });
    found.collect()
}
