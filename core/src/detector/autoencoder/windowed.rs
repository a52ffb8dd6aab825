//! Windows of frames, one frame per call.

use super::contribution::largest;
use super::{Autoencoder, AutoencoderRules, Contribution};
use crate::assessment::{Assessment, State};
use crate::detector::Detector;
use crate::sample::{Cause, Frame, Reading, Tick};

/// An autoencoder over frames of `V` variables as a [`Detector`]: keeps the last `W` frames and
/// judges them together, as [`Autoencoder::observe`] would, to the bit. `W` is the model's
/// [`window`](crate::Model::window), `V` its number of variables. [`Autoencoder`], 4·V·W bytes and 16
/// bytes more; all zeros when new.
///
/// A window does not cross a gap: where ticks jump, or a frame has fewer than half of its values and
/// so answers `Blind`, it begins anew and warms up again. With a window of one frame, nothing is
/// carried from one frame to the next. A tick that does not advance is refused.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Windowed<const V: usize, const W: usize, const N: usize> {
    detector: Autoencoder<N>,
    frames: [[Kept; V]; W],
    last: Tick,
    /// Where the next frame goes: the oldest, once all are there.
    next: u16,
    count: u16,
    started: bool,
}

/// A reading in four bytes: the bits of a finite number, or of a NaN that holds the cause.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct Kept(u32);

/// The bits of a NaN.
const ABSENT: u32 = 0x7fc0_0000;
/// The causes that a reading may have, by their place in a NaN.
const CAUSES: [Cause; 4] = [
    Cause::Missing,
    Cause::NotFinite,
    Cause::Sensor,
    Cause::Stuck,
];

impl Kept {
    fn new(reading: Reading) -> Self {
        match reading.usable() {
            Ok(x) => Self(x.to_bits()),
            Err(cause) => {
                let code = CAUSES.iter().position(|known| *known == cause);
                Self(ABSENT | code.unwrap_or(0) as u32)
            }
        }
    }

    fn reading(self) -> Reading {
        let x = f32::from_bits(self.0);
        if x.is_nan() {
            let cause = CAUSES.get((self.0 ^ ABSENT) as usize);
            Reading::Absent(cause.copied().unwrap_or(Cause::Missing))
        } else {
            Reading::Value(x)
        }
    }
}

impl<const V: usize, const W: usize, const N: usize> Windowed<V, W, N> {
    /// Has seen no frame.
    pub const fn new() -> Self {
        const {
            assert!(V > 0, "V: at least one variable");
            assert!(W > 0 && W < 65_536, "W: 1 to 65,535 frames");
        }
        Self {
            detector: Autoencoder::new(),
            frames: [[Kept(0); V]; W],
            last: Tick(0),
            next: 0,
            count: 0,
            started: false,
        }
    }

    /// The detector, with what it found at the last frame.
    pub const fn detector(&self) -> &Autoencoder<N> {
        &self.detector
    }

    /// The `K` values of the window with the largest errors at the last frame, largest first.
    pub fn top<const K: usize>(
        &self,
        rules: &AutoencoderRules<'_, N>,
    ) -> [Option<Contribution>; K] {
        let readings = in_order(&self.frames, self.next);
        largest(self.detector.contributions_of_all(rules, readings))
    }

    /// As [`Autoencoder::occluded`], of the window at the last frame.
    pub fn occluded<const K: usize>(
        &mut self,
        rules: &AutoencoderRules<'_, N>,
    ) -> [Option<Contribution>; K] {
        let readings = in_order(&self.frames, self.next);
        self.detector.occluded_of_all(rules, readings)
    }

    /// Judges the window that ends with a frame. Readings that are lacking are missing, more than
    /// `V` are ignored.
    pub fn observe(
        &mut self,
        rules: &AutoencoderRules<'_, N>,
        tick: Tick,
        frame: &[Reading],
    ) -> Assessment {
        if self.started && tick <= self.last {
            return Assessment::blind(Cause::OutOfOrder);
        }
        if self.started && tick.0.wrapping_sub(self.last.0) > 1 {
            self.count = 0;
        }
        (self.started, self.last) = (true, tick);
        let missing = core::iter::repeat(Reading::Absent(Cause::Missing));
        let readings = frame.iter().copied().chain(missing).take(V);
        let causes = readings
            .clone()
            .filter_map(|reading| reading.usable().err());
        if 2 * causes.clone().count() > V {
            self.count = 0;
            return Assessment::blind(causes.clone().next().unwrap_or(Cause::Missing));
        }
        if self.count == 0 {
            self.next = 0;
        }
        if let Some(place) = self.frames.get_mut(usize::from(self.next)) {
            for (place, reading) in place.iter_mut().zip(readings) {
                *place = Kept::new(reading);
            }
        }
        let next = self.next.wrapping_add(1);
        self.next = if usize::from(next) < W { next } else { 0 };
        if usize::from(self.count) < W {
            self.count = self.count.saturating_add(1);
        }
        let left = (W as u16).saturating_sub(self.count);
        if left > 0 {
            return Assessment::bare(State::Warming { left });
        }
        let readings = in_order(&self.frames, self.next);
        self.detector.observe_all(rules, readings)
    }
}

/// The readings of all frames, oldest first: the oldest frame is where the next one goes.
fn in_order<const V: usize>(
    frames: &[[Kept; V]],
    next: u16,
) -> impl Iterator<Item = Reading> + Clone {
    let halves = frames.split_at_checked(usize::from(next));
    let (newer, older) = halves.unwrap_or_default();
    let frames = older.iter().chain(newer);
    frames.flatten().map(|kept| kept.reading())
}

impl<const V: usize, const W: usize, const N: usize> Default for Windowed<V, W, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const W: usize, const N: usize> Detector for Windowed<V, W, N> {
    type Input = (Tick, Frame<V>);
    type Rules = AutoencoderRules<'static, N>;
    const WARM_UP: u16 = (W - 1) as u16;
    const STATE_BYTES: usize = size_of::<Self>();

    fn observe(&mut self, rules: &Self::Rules, (tick, frame): (Tick, Frame<V>)) -> Assessment {
        self.observe(rules, tick, &frame)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}
