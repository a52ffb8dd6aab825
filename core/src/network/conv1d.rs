//! Convolutions along the frames, as a dense layer over gathered values.
//!
//! Gathering the values under the kernel costs a copy of `kernel·channels` values per frame. In
//! return every kernel and both orders of weights work unchanged.

use super::kernel::{PackedWeights, dense};
use crate::model::{Conv1d, Rounding};

/// Computes a layer; `frames_out·kernel·channels·filters` steps. `spare` has at least
/// `kernel·channels` values.
#[inline(never)]
pub(super) fn conv1d(
    layer: &Conv1d<'_>,
    panels: PackedWeights<'_>,
    rounding: Rounding,
    x: &[i16],
    spare: &mut [i16],
    y: &mut [i16],
) {
    let inputs = layer.dense.inputs;
    let padding = layer.before.saturating_mul(layer.channels);
    let step = layer.stride.saturating_mul(layer.channels);
    let mut start = 0_usize;
    for frame in y.chunks_exact_mut(layer.dense.outputs.max(1)) {
        let under = spare.get_mut(..inputs).unwrap_or_default();
        for (k, place) in under.iter_mut().enumerate() {
            let at = start.saturating_add(k).checked_sub(padding);
            let value = at.and_then(|at| x.get(at));
            *place = value.copied().unwrap_or(layer.zero);
        }
        dense(&layer.dense, panels, rounding, under, frame);
        start = start.saturating_add(step);
    }
}
