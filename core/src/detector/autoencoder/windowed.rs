//! Autoencoders over windows of frames, one frame per call.

use super::contribution::largest;
use super::{Autoencoder, Contribution, Settings};
use crate::assessment::{Assessment, Blindness, State};
use crate::detector::Detector;
use crate::error::{Allowed, SettingsError};
use crate::math::abs;
use crate::sample::{Cause, Reading, Tick};

/// Checked [`Settings`] of a model over `W` frames of `V` variables that fits an arena of `N`
/// values.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Rules<'m, const V: usize, const W: usize, const N: usize>(super::Rules<'m, N>);

impl<'m, const V: usize, const W: usize, const N: usize> Rules<'m, V, W, N> {
    /// Checks a model, or a model with a threshold.
    ///
    /// # Errors
    /// The number of variables is not `V`, or the window not `W`; else as
    /// [`Rules::new`](super::Rules::new).
    pub fn new(settings: impl Into<Settings<'m>>) -> Result<Self, SettingsError> {
        super::Rules::new(settings)?.try_into()
    }

    /// The model's rules, without its window.
    pub const fn whole(&self) -> &super::Rules<'m, N> {
        &self.0
    }
}

impl<'m, const V: usize, const W: usize, const N: usize> TryFrom<super::Rules<'m, N>>
    for Rules<'m, V, W, N>
{
    type Error = SettingsError;

    fn try_from(rules: super::Rules<'m, N>) -> Result<Self, SettingsError> {
        let model = rules.model();
        let sizes = [
            ("model.variables", model.feature_count(), V),
            ("model.window", model.window(), W),
        ];
        for (field, found, expected) in sizes {
            if found != expected {
                let allowed = Allowed::Exactly(expected as f32);
                return Err(SettingsError::new(field, found as f32, allowed));
            }
        }
        Ok(Self(rules))
    }
}

/// An autoencoder over the last `W` frames of `V` variables. All zeros when new.
///
/// It keeps the frames and assesses them together, with the bits of [`Autoencoder::assess`]. `W` is
/// the model's [`window`](crate::Model::window), `V` its number of variables. The state takes
/// [`Autoencoder`], 4·V·W bytes and 4 bytes more.
///
/// A window does not cross a gap. It starts again, and warms up again, after a jump of the tick and
/// after a frame with fewer than half of its values, which is answered `Blind`. With a window of
/// one frame, nothing is carried from one frame to the next. A tick that does not advance is
/// refused.
///
/// ```
/// # use bellwether::model::Aligned;
/// # static PUMP: Aligned<[u8; 244]> = Aligned(*include_bytes!(concat!(
/// #     env!("CARGO_MANIFEST_DIR"),
/// #     "/examples/pump.bwm"
/// # )));
/// use bellwether::{Model, Monitor};
/// use bellwether::autoencoder::{Reason, Windowed};
/// use bellwether::model::Score;
/// let model = Model::parse(&PUMP.0)?;
/// assert_eq!((model.feature_count(), model.window()), (2, 1));
/// let mut state = Windowed::<2, 1, 4>::new();
/// let mut monitor = Monitor::new(&mut state, model.into())?;
/// assert!(!monitor.observe([40.5, 91.5]).is_anomalous());
/// assert!(monitor.observe([42.5, 91.5]).is_anomalous());
/// let above = Reason::Score(Score::MeanAbsolute);
/// assert_eq!(monitor.detector().detector().reason(), Some(above));
///
/// let mut longer = Windowed::<2, 3, 4>::new(); // the model's window is 1
/// assert!(Monitor::new(&mut longer, model.into()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Windowed<const V: usize, const W: usize, const N: usize> {
    detector: Autoencoder<N>,
    frames: [[PackedReading; V]; W],
    /// Index of the next frame to replace: the oldest, once the window is full.
    next: u16,
    count: u16,
}

/// A reading in four bytes: the bits of a finite number, or of a NaN with the cause in it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
struct PackedReading(u32);

/// The bits of a NaN.
const ABSENT: u32 = 0x7fc0_0000;
/// The causes of absence, by their code in a NaN.
const CAUSES: [Cause; 4] = [
    Cause::Missing,
    Cause::NotFinite,
    Cause::Sensor,
    Cause::Stuck,
];

impl PackedReading {
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
    /// A detector before its first frame.
    pub const fn new() -> Self {
        const {
            assert!(V > 0, "V: at least one variable");
            assert!(W > 0 && W < 65_536, "W: 1 to 65,535 frames");
        }
        Self {
            detector: Autoencoder::new(),
            frames: [[PackedReading(0); V]; W],
            next: 0,
            count: 0,
        }
    }

    /// The detector, with its results for the last window.
    pub const fn detector(&self) -> &Autoencoder<N> {
        &self.detector
    }

    /// The `K` largest contributions of the last window, largest first.
    pub fn top<const K: usize>(&self, rules: &Rules<'_, V, W, N>) -> [Option<Contribution>; K] {
        let readings = in_order(&self.frames, self.next);
        largest(self.detector.contributions(&rules.0, readings))
    }

    /// The `K` variables with the largest errors in the last window, largest first. Each counts once,
    /// with its largest error; the newest of equals. Cost: `V` passes over the window.
    pub fn top_variables<const K: usize>(
        &self,
        rules: &Rules<'_, V, W, N>,
    ) -> [Option<Contribution>; K] {
        let worst = |variable| {
            let readings = in_order(&self.frames, self.next);
            let parts = self.detector.contributions(&rules.0, readings);
            let own = parts.filter(move |part| part.feature == variable);
            own.reduce(|worst, new| {
                if abs(new.error) >= abs(worst.error) {
                    new
                } else {
                    worst
                }
            })
        };
        largest((0..V).filter_map(worst))
    }

    /// As [`Autoencoder::occluded`], for the last window.
    pub fn occluded<const K: usize>(
        &mut self,
        rules: &Rules<'_, V, W, N>,
    ) -> [Option<Contribution>; K] {
        let readings = in_order(&self.frames, self.next);
        self.detector.occluded(&rules.0, readings)
    }
}

/// The readings of all frames, oldest first. The oldest frame is the next one to replace.
fn in_order<const V: usize>(
    frames: &[[PackedReading; V]],
    next: u16,
) -> impl Iterator<Item = Reading> + Clone {
    let halves = frames.split_at_checked(usize::from(next));
    let (newer, older) = halves.unwrap_or_default();
    let frames = older.iter().chain(newer);
    frames.flatten().map(|packed| packed.reading())
}

impl<const V: usize, const W: usize, const N: usize> Default for Windowed<V, W, N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const V: usize, const W: usize, const N: usize> Detector for Windowed<V, W, N> {
    type Settings<'r> = Settings<'r>;
    type Rules<'r> = Rules<'r, V, W, N>;
    const MAX_VARIABLES: usize = V;

    fn warm_up(_: &Rules<'_, V, W, N>) -> u32 {
        (W as u32).saturating_sub(1)
    }

    /// Assesses the window that ends with a frame.
    fn observe(&mut self, rules: &Rules<'_, V, W, N>, tick: Tick, frame: &[Reading]) -> Assessment {
        match self.detector.clock.advance(tick) {
            None => return Assessment::blind(Blindness::OutOfOrder),
            Some(0) => {}
            Some(_) => self.count = 0,
        }
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
                *place = PackedReading::new(reading);
            }
        }
        let next = self.next.wrapping_add(1);
        self.next = if usize::from(next) < W { next } else { 0 };
        if usize::from(self.count) < W {
            self.count = self.count.saturating_add(1);
        }
        let left = (W as u32).saturating_sub(self.count.into());
        if left > 0 {
            return Assessment::bare(State::Warming { left });
        }
        let readings = in_order(&self.frames, self.next);
        self.detector.assess(&rules.0, readings)
    }

    fn next_tick(&self) -> Tick {
        self.detector.clock.next()
    }

    fn reset(&mut self) {
        *self = Self::new();
    }
}

impl<'m, const V: usize, const W: usize, const N: usize> TryFrom<Settings<'m>>
    for Rules<'m, V, W, N>
{
    type Error = SettingsError;

    fn try_from(settings: Settings<'m>) -> Result<Self, SettingsError> {
        Self::new(settings)
    }
}
