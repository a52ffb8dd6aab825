//! Sound to log-mel frames, as MLPerf Tiny's anomaly detection (ad01) takes them.
//!
//! ```text
//! w_n = (1 - cos(2πn/1024)) / 2            X = DFT(w·x) of 1,024 samples, 512 apart
//! S_b = Σ_k weight_b,k · |X_k|²            mel_b = 10·log10(S_b + 2^-52) dB
//! ```
//!
//! The weights are triangles on the mel scale of Slaney's Auditory Toolbox (1998), each divided by half
//! its width in Hz, as librosa's defaults have it (McFee et al. 2015). They and the window come from
//! tables that the compiler computes: 4,608 bytes of flash, and 4,096 of the transform.
//!
//! Differs from librosa in two points. A stream has no edges to pad: frames are those of
//! `center=False`. The transform is in f32 and rounds every bin by a share of the strongest, where
//! librosa's is in f64: bands within 45 dB of the strongest are within 1e-4 dB of librosa's, those far
//! below are less exact. docs/guide/signals.md has the figures measured.
//!
//! Cost: two products a sample; a transform and 128 logarithms a frame: 67 and 107,102 instructions on Cortex-M4F.

mod bank;
#[cfg(test)]
mod tests;

use super::fourier::Fourier;
use crate::math::ln;
use crate::sample::{Cause, Reading};
use core::f32::consts::LN_10;

/// Samples a second for which the bands are laid out.
pub const RATE: u32 = 16_000;

/// Samples of a frame.
pub const FRAME: usize = 1024;

/// Samples from the beginning of a frame to that of the next.
pub const HOP: usize = FRAME / 2;

/// Bands of a frame, from 0 to half the rate.
pub const BANDS: usize = 128;

/// Added to each band's power, as in ad01's preprocessing (the epsilon of f64). Silence is at -156.54 dB.
const EPSILON: f32 = f32::EPSILON * f32::EPSILON * 0.015_625;

/// Decibels of a power per unit of its natural logarithm.
const DECIBELS: f32 = 10.0 / LN_10;

/// Samples of a sound at 16 kHz, and its last `F` frames of 128 bands at every hop. All zeros when new.
///
/// Samples are in the scale of the model's training: ad01's are from -1 to 1. The first answer comes
/// with sample 512·(F + 1). A sample that is absent or not finite leaves no answer but its cause for as
/// long as one of the `F` frames holds it, and so does a power beyond f32
/// ([`Cause::NotFinite`]): 512·(F + 1) samples at most. Memory: 6,152 bytes, and 512 a frame.
///
/// ```
/// use bellwether::signal::{LogMel, log_mel};
/// let mut sound = LogMel::<5>::new(); // 640 inputs, as ad01 takes them
/// let mut answer = None;
/// for n in 0..6 * log_mel::HOP {
///     let tone = [0.0, 0.5, 0.0, -0.5][n % 4]; // 4 kHz
///     answer = sound.push(tone).map(|frames| frames.map(|frames| *frames));
/// }
/// let frames = answer.unwrap().unwrap();
/// let inputs = frames.as_flattened(); // the oldest frame first
/// assert_eq!(inputs.len(), 640);
/// let loudest = (0..128).max_by(|a, b| inputs[*a].total_cmp(&inputs[*b]));
/// assert_eq!(loudest, Some(99));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct LogMel<const F: usize> {
    /// Windowed samples of the frame that ends with this hop, in the places of the transform.
    work: [f32; FRAME],
    /// Samples of this hop up to `next`, then those of the hop before.
    older: [f32; HOP],
    /// The oldest first.
    frames: [[f32; BANDS]; F],
    /// Hops without an answer, this one included, and the cause.
    gap: (u16, Cause),
    next: u16,
    /// Hops since the beginning, at most F + 1.
    hops: u16,
}

impl<const F: usize> LogMel<F> {
    /// Before the first sample.
    pub const fn new() -> Self {
        const { assert!(F > 0 && F <= 1024, "F: from 1 to 1,024 frames") };
        Self {
            work: [0.0; FRAME],
            older: [0.0; HOP],
            frames: [[0.0; BANDS]; F],
            gap: (0, Cause::Missing),
            next: 0,
            hops: 0,
        }
    }

    /// Takes a sample. At the end of a hop: the last `F` frames in dB, or the cause of their absence.
    #[must_use]
    pub fn push(
        &mut self,
        sample: impl Into<Reading>,
    ) -> Option<Result<&[[f32; BANDS]; F], Cause>> {
        let sample = sample.into().usable().unwrap_or_else(|cause| {
            self.gap = (F as u16 + 1, cause);
            0.0
        });
        let n = usize::from(self.next);
        if let Some(older) = self.older.get_mut(n) {
            // The window of the second half is that of the first from 1 down.
            let half = 0.5 * Fourier::<FRAME>::cosine(n);
            let place = Fourier::<FRAME>::place(n);
            if let Some([first, _, second]) =
                self.work.get_mut(place..).and_then(|x| x.first_chunk_mut())
            {
                (*first, *second) = ((0.5 - half) * *older, (0.5 + half) * sample);
            }
            *older = sample;
        }
        if n + 1 < HOP {
            self.next = n as u16 + 1;
            return None;
        }
        self.next = 0;
        self.end_hop()
    }

    #[inline(never)]
    fn end_hop(&mut self) -> Option<Result<&[[f32; BANDS]; F], Cause>> {
        let mut newer = bands(&mut self.work);
        if self.gap.0 < F as u16 && newer.iter().any(|x| !x.is_finite()) {
            self.gap = (F as u16, Cause::NotFinite);
        }
        for frame in self.frames.iter_mut().rev() {
            core::mem::swap(frame, &mut newer);
        }
        self.hops = (F as u16 + 1).min(self.hops + 1);
        let (left, cause) = self.gap;
        self.gap.0 = left.saturating_sub(1);
        if self.hops <= F as u16 {
            return None;
        }
        Some(if left == 0 {
            Ok(&self.frames)
        } else {
            Err(cause)
        })
    }

    /// Begins anew: samples are missing between the last and the next.
    pub const fn restart(&mut self) {
        // The frame of the first hop, with samples from before, is gone with the first answer.
        (self.next, self.hops, self.gap) = (0, 0, (0, Cause::Missing));
    }
}

impl<const F: usize> Default for LogMel<F> {
    fn default() -> Self {
        Self::new()
    }
}

/// The bands of a frame in dB, of windowed samples in the places of the transform.
fn bands(work: &mut [f32; FRAME]) -> [f32; BANDS] {
    let mut bands = [0.0; BANDS];
    Fourier::power(work, |bin, power| {
        if let (Some(above), Some([falling, rising])) =
            (bank::ABOVE.get(bin), bank::WEIGHTS.get(bin))
        {
            let above = usize::from(*above);
            if let Some(band) = bands.get_mut(above) {
                *band += rising * power;
            }
            if let Some(band) = bands.get_mut(above.wrapping_sub(1)) {
                *band += falling * power;
            }
        }
    });
    bands.map(|power| DECIBELS * ln(power + EPSILON))
}
