//! A model with other thresholds, limits or front end: everything else stays, byte by byte.

use super::blob::checksum;
use super::stored::Stored;
use bellwether::model::front_end::{FRONT_END_BYTES, SOURCE_BYTES};
use bellwether::model::header::{BLOCK_ALIGNMENT, HEADER_BYTES, Head};
use bellwether::model::layer::LAYER_BYTES;
use bellwether::model::limits::LIMITS_BYTES;
use bellwether::model::scaler::SCALE_BYTES;
use bellwether::model::threshold::THRESHOLD_BYTES;
use bellwether::model::{Limits, Score, Threshold};
use bellwether::{Model, ModelError};

/// The bytes of a threshold.
pub fn threshold_bytes(threshold: &Threshold) -> [u8; THRESHOLD_BYTES] {
    let mut out = [0; THRESHOLD_BYTES];
    out[0] = threshold.score.code();
    out[4..8].copy_from_slice(&threshold.value.to_le_bytes());
    out[8..12].copy_from_slice(&threshold.quantile.to_le_bytes());
    out[12..16].copy_from_slice(&threshold.rows.to_le_bytes());
    out
}

/// The bytes of limits.
pub fn limits_bytes(limits: &Limits) -> [u8; LIMITS_BYTES] {
    let Limits { score, rules, rows } = limits;
    let mut out = [0; LIMITS_BYTES];
    out[0] = score.code();
    out[2..4].copy_from_slice(&rules.hold().to_le_bytes());
    out[4..8].copy_from_slice(&rules.usual().to_le_bytes());
    out[8..12].copy_from_slice(&rules.scale().to_le_bytes());
    out[12..16].copy_from_slice(&rules.threshold().to_le_bytes());
    out[16..20].copy_from_slice(&rows.to_le_bytes());
    out
}

/// The model with these thresholds and limits in place of its own, and without a signature, which was
/// made over other bytes.
///
/// # Errors
/// The library refuses the result, such as a score that the head does not have.
pub fn with_calibration(
    model: &Model<'_>,
    thresholds: &[Threshold],
    limits: Option<&Limits>,
) -> Result<Vec<u8>, ModelError> {
    let mut judged: Vec<u8> = thresholds.iter().flat_map(threshold_bytes).collect();
    judged.extend(limits.into_iter().flat_map(limits_bytes));
    let counts = (thresholds.len(), limits.is_some());
    rebuilt(model, &judged, counts, None)
}

/// The model with this section of a front end, and without a signature.
///
/// # Errors
/// The library refuses the section.
pub fn with_front_end(model: &Model<'_>, section: &[u8]) -> Result<Vec<u8>, ModelError> {
    let thresholds: Vec<Threshold> = model.thresholds().collect();
    let mut judged: Vec<u8> = thresholds.iter().flat_map(threshold_bytes).collect();
    let limits = model.limits();
    judged.extend(limits.iter().flat_map(limits_bytes));
    let counts = (thresholds.len(), limits.is_some());
    rebuilt(model, &judged, counts, Some(section))
}

/// The model with other thresholds and limits, and another front end where one is given.
fn rebuilt(
    model: &Model<'_>,
    judged: &[u8],
    (thresholds, limited): (usize, bool),
    front_end: Option<&[u8]>,
) -> Result<Vec<u8>, ModelError> {
    let bytes = model.bytes();
    let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|k| bytes[at + k])) as usize;
    let layers = model.layers().len();
    let table_end = HEADER_BYTES + LAYER_BYTES * layers;
    let own_limits = if model.limits().is_some() {
        LIMITS_BYTES
    } else {
        0
    };
    let own = table_end + THRESHOLD_BYTES * model.thresholds().count() + own_limits;
    let scales = if model.is_scaled() {
        model.feature_count()
    } else {
        0
    };
    let centre = if model.head() == Head::Distance {
        model.outputs()
    } else {
        0
    };
    let front_at = own + SCALE_BYTES * scales + 4 * centre;
    let own_front = match model.front_end() {
        Some(_) => FRONT_END_BYTES + SOURCE_BYTES * model.feature_count(),
        None => 0,
    };
    let names_at = front_at + own_front;
    let front_end = front_end.unwrap_or(&bytes[front_at..names_at]);
    let mut out = bytes[..table_end].to_vec();
    out.extend_from_slice(judged);
    out.extend_from_slice(&bytes[own..front_at]);
    out.extend_from_slice(front_end);
    out.extend_from_slice(&bytes[names_at..names_at + word(32)]);
    for k in 0..layers {
        let at = HEADER_BYTES + LAYER_BYTES * k;
        let (offset, length) = (word(at + 20), word(at + 24));
        out.resize(out.len().next_multiple_of(BLOCK_ALIGNMENT), 0);
        let moved = (out.len() as u32).to_le_bytes();
        out[at + 20..at + 24].copy_from_slice(&moved);
        out.extend_from_slice(&bytes[offset..offset + length]);
    }
    out.resize(out.len().next_multiple_of(BLOCK_ALIGNMENT), 0);
    out[14..16].copy_from_slice(&(thresholds as u16).to_le_bytes());
    out[25] = 0;
    out[88] = u8::from(limited);
    out[89] = u8::from(!front_end.is_empty());
    let total = (out.len() + 4) as u32;
    out[8..12].copy_from_slice(&total.to_le_bytes());
    let sum = checksum(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    Model::parse(Stored::new(&out).bytes()).map(|_| out)
}

/// A quantile of scores as a threshold: between two scores by their distance, as NumPy has it.
///
/// ```
/// assert_eq!(bellwether_sim::model::edit::quantile(&[4.0, 1.0, 2.0], 0.75), Some(3.0));
/// ```
pub fn quantile(scores: &[f64], quantile: f64) -> Option<f64> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = quantile * (sorted.len().checked_sub(1)? as f64);
    let (below, part) = (place.floor() as usize, place.fract());
    let (low, high) = (sorted[below], sorted[(below + 1).min(sorted.len() - 1)]);
    Some(low + part * (high - low))
}

/// A quantile of calibration scores as a threshold.
pub fn calibrated(score: Score, scores: &[f64], q: f64) -> Option<Threshold> {
    quantile(scores, q).map(|value| Threshold {
        score,
        value: value as f32,
        quantile: q as f32,
        rows: scores.len() as u32,
    })
}
