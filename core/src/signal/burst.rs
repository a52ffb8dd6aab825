//! Bursts of samples to features: [`Statistic`] defines them.
//!
//! The mean is taken in two passes, the second over what the first left. All else comes from
//! y = (x - mean) / peak, between -1 and 1, so that no square of a sample leaves f32. Cost of N samples:
//! four passes and a [transform](super::fourier); two divisions and four square roots per burst, and a
//! division per sample. The only roundings are those of f32, in a fixed order.

#[cfg(test)]
mod tests;

use super::fourier::Fourier;
use super::statistic::Statistic;
use crate::error::{Allowed, SettingsError};
use crate::math::sqrt;
use crate::sample::{Cause, Reading};

/// The hop of bursts, checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<const N: usize, const C: usize = 1> {
    hop: u16,
}

impl<const N: usize, const C: usize> Rules<N, C> {
    /// Bursts that follow each other without overlap.
    pub const WHOLE: Self = Self { hop: N as u16 };

    /// Bursts that begin `hop` samples apart: fewer than N overlap, more leave samples out.
    ///
    /// # Errors
    /// `hop` is 0.
    pub const fn new(hop: u16) -> Result<Self, SettingsError> {
        if hop == 0 {
            return Err(SettingsError::new("hop", 0.0, Allowed::AtLeast(1.0)));
        }
        Ok(Self { hop })
    }
}

/// Samples of `C` signals, and their features whenever a burst of `N` is complete. All zeros when new.
///
/// `N` is a power of two from 64 to 4,096. A burst with a sample that is absent or not finite has no
/// features: each is absent, with the cause of the newest such sample. A constant burst has crest and
/// kurtosis 0. Memory: 4·N bytes per signal, and 4·N for the transform.
///
/// ```
/// use bellwether::signal::{Burst, Rules, Statistic};
/// let mut burst = Burst::<64>::new();
/// let wave = [0.0, 3.0, 0.0, -3.0]; // a quarter of the rate
/// let features = (0..64).find_map(|k| burst.push(&Rules::WHOLE, [1.0 + wave[k % 4]]));
/// let [features] = features.unwrap();
/// let of = |statistic: Statistic| features[usize::from(statistic.code())].usable().unwrap();
/// assert_eq!((of(Statistic::Mean), of(Statistic::Peak)), (1.0, 3.0));
/// assert!((of(Statistic::Deviation) - 4.5_f32.sqrt()).abs() < 1e-6);
/// assert!((of(Statistic::Band(3)) - 4.5_f32.sqrt()).abs() < 1e-6);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Burst<const N: usize, const C: usize = 1> {
    samples: [[f32; N]; C],
    work: [f32; N],
    /// Samples during which a burst still holds an unusable one, and its cause.
    gaps: [(u16, Cause); C],
    /// Index of the next sample to replace: the oldest, once full.
    next: u16,
    count: u16,
    /// Samples to wait before the next burst.
    wait: u16,
}

impl<const N: usize, const C: usize> Burst<N, C> {
    /// Before the first sample.
    pub const fn new() -> Self {
        const {
            assert!(C > 0, "C: at least one signal");
            assert!(Fourier::<N>::place(0) == 0);
        }
        Self {
            samples: [[0.0; N]; C],
            work: [0.0; N],
            gaps: [(0, Cause::Missing); C],
            next: 0,
            count: 0,
            wait: 0,
        }
    }

    /// Takes a sample of every signal. The features of each, by the code of their [`Statistic`], if a
    /// burst is complete.
    #[must_use]
    pub fn push<R: Into<Reading>>(
        &mut self,
        rules: &Rules<N, C>,
        samples: [R; C],
    ) -> Option<[[Reading; Statistic::COUNT]; C]> {
        let next = usize::from(self.next);
        let places = self.samples.iter_mut().zip(&mut self.gaps);
        for ((signal, gap), sample) in places.zip(samples) {
            let (value, left) = match sample.into().usable() {
                Ok(x) => (x, (gap.0.saturating_sub(1), gap.1)),
                Err(cause) => (0.0, (N as u16, cause)),
            };
            *gap = left;
            if let Some(place) = signal.get_mut(next) {
                *place = value;
            }
        }
        self.next = if next + 1 < N { next as u16 + 1 } else { 0 };
        self.count = (N as u16).min(self.count.saturating_add(1));
        self.wait = self.wait.saturating_sub(1);
        if usize::from(self.count) < N || self.wait > 0 {
            return None;
        }
        self.wait = rules.hop;
        let mut features = [[Reading::Absent(Cause::Missing); Statistic::COUNT]; C];
        let signals = self.samples.iter().zip(&self.gaps);
        for (features, (signal, gap)) in features.iter_mut().zip(signals) {
            *features = match gap {
                (0, _) => {
                    let halves = signal.split_at_checked(self.next.into());
                    let (newer, older) = halves.unwrap_or_default();
                    features_of([older, newer], &mut self.work)
                }
                (_, cause) => [Reading::Absent(*cause); Statistic::COUNT],
            };
        }
        Some(features)
    }

    /// Begins a new burst: samples are missing between the last and the next.
    pub const fn restart(&mut self) {
        (self.next, self.count, self.wait) = (0, 0, 0);
        self.gaps = [(0, Cause::Missing); C];
    }
}

impl<const N: usize, const C: usize> Default for Burst<N, C> {
    fn default() -> Self {
        Self::new()
    }
}

/// The features of a burst that lies in memory, as a DMA leaves it; with the bits of [`Burst`].
pub fn of_burst<const N: usize>(
    samples: &[f32; N],
    work: &mut [f32; N],
) -> [Reading; Statistic::COUNT] {
    let unusable = samples.iter().rev().find(|x| !x.is_finite());
    match unusable.and_then(|x| Reading::Value(*x).usable().err()) {
        None => features_of([samples, &[]], work),
        Some(cause) => [Reading::Absent(cause); Statistic::COUNT],
    }
}

/// The features of finite samples in two parts, the older first.
#[inline(never)]
fn features_of<const N: usize>(
    parts: [&[f32]; 2],
    work: &mut [f32; N],
) -> [Reading; Statistic::COUNT] {
    let length = N as f32;
    let first = parts.iter().find_map(|part| part.first());
    let first = first.copied().unwrap_or_default();
    let (mut low, mut high, mut sum) = (first, first, 0.0);
    for part in parts {
        for x in part {
            low = if *x < low { *x } else { low };
            high = if *x > high { *x } else { high };
            sum += x;
        }
    }
    let rough: f32 = sum / length;
    if !rough.is_finite() {
        return [Reading::Absent(Cause::NotFinite); Statistic::COUNT];
    }
    let mut left = 0.0;
    for part in parts {
        for x in part {
            left += x - rough;
        }
    }
    // Rounding may lead a hair beyond the samples.
    let mean = (rough + left / length).max(low).min(high);
    let (above, below) = (high - mean, mean - low);
    let peak = if above > below { above } else { below };
    if peak.to_bits() == 0 {
        let mut features = [Reading::Value(0.0); Statistic::COUNT];
        let size = crate::math::abs(mean);
        features
            .iter_mut()
            .zip([mean, size])
            .for_each(|(place, x)| *place = Reading::Value(x));
        return features;
    }
    let (mut crossings, mut before, mut n) = (0_u16, first < mean, 0);
    for part in parts {
        for x in part {
            let under = *x < mean;
            crossings += u16::from(under != before);
            before = under;
            if let Some(place) = work.get_mut(Fourier::<N>::place(n)) {
                *place = (x - mean) / peak;
            }
            n += 1;
        }
    }
    let (mut second, mut fourth) = (0.0, 0.0);
    for block in work.as_chunks::<32>().0 {
        let (mut squares, mut powers) = (0.0, 0.0);
        for y in block {
            let square = y * y;
            squares += square;
            powers += square * square;
        }
        second += squares;
        fourth += powers;
    }
    let (second, fourth) = (second / length, fourth / length);
    let bands = bands(work);
    let deviation = sqrt(second);
    let rest = [
        mean,
        hypotenuse(mean, peak * deviation),
        peak * deviation,
        peak,
        1.0 / deviation,
        fourth / (second * second),
        f32::from(crossings) / (length - 1.0),
    ];
    let bands = bands.map(|energy| peak * sqrt(energy));
    let mut features = [Reading::Absent(Cause::NotFinite); Statistic::COUNT];
    let values = rest.into_iter().chain(bands);
    for (place, value) in features.iter_mut().zip(values) {
        if value.is_finite() {
            *place = Reading::Value(value);
        }
    }
    features
}

/// Energy per sample in each band, of samples in the places of the transform.
fn bands<const N: usize>(work: &mut [f32; N]) -> [f32; Statistic::BANDS] {
    let mut bands = [0.0; Statistic::BANDS];
    Fourier::power(work, |bin, power| {
        let Some(before) = bin.checked_sub(1) else {
            return;
        };
        let sides = if 2 * bin < N { 2.0 } else { 1.0 };
        if let Some(band) = bands.get_mut(before * 2 * Statistic::BANDS / N) {
            *band += sides * power;
        }
    });
    bands.map(|band| band / (N as f32 * N as f32))
}

/// √(a² + b²), whose squares may leave f32.
fn hypotenuse(a: f32, b: f32) -> f32 {
    let (a, b) = (crate::math::abs(a), crate::math::abs(b));
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    if large.to_bits() == 0 {
        return 0.0;
    }
    let share = small / large;
    large * sqrt(1.0 + share * share)
}
