//! RePAD2 (Lee and Lin, 2023) over one variable: a lane with its own training scratch.

mod lane;
pub(crate) mod lstm;
pub mod predictor;
mod scratch;
mod settings;

pub use crate::statistics::window::MAX_WINDOW;
pub use lane::{Lane, WARM_UP};
pub use settings::{Guard, LaneRules, LaneSettings, Recheck, Rules, Settings};

pub(crate) use lane::LaneCall;
pub(crate) use scratch::TrainingScratch;

use crate::assessment::{Assessment, Blindness, State};
use crate::clock::Clock;
use crate::detector::snapshot::Snapshot;
use crate::sample::{Cause, Reading, Tick};
use crate::wire::snapshot::{self, Reader, Writer};
use crate::{Detector, SnapshotError};
use predictor::{Predictor, TabulatedLstm};

/// Number of values in a prediction's context, and of errors in a relative error: b of RePAD2.
pub const CONTEXT: usize = 3;

/// RePAD2 over a single variable: a lane with its own training scratch. It takes the first reading
/// of a frame.
///
/// ```
/// use bellwether::{Monitor, repad2::{Repad2, Settings}};
/// let mut state = Repad2::<240>::new();
/// let mut monitor = Monitor::new(&mut state, Settings::DEFAULT)?;
/// for minute in 0..600_u64 {
///     let load = (minute % 60).abs_diff(30) as f32 / 30.0;
///     let fault = if minute == 500 { 20.0 } else { 0.0 };
///     let answer = monitor.observe([40.0 + load + fault]); // °C
///     assert_eq!(answer.is_anomalous(), (500..505).contains(&minute));
/// }
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repad2<const W: usize, F: Predictor = TabulatedLstm> {
    lane: Lane<W, F>,
    scratch: TrainingScratch<F>,
    clock: Clock,
}

impl<const W: usize, F: Predictor> Repad2<W, F> {
    /// A detector before its first frame. All zeros.
    pub const fn new() -> Self {
        Self {
            lane: Lane::new(),
            scratch: TrainingScratch::new(),
            clock: Clock::new(),
        }
    }

    /// The lane.
    pub const fn lane(&self) -> &Lane<W, F> {
        &self.lane
    }
}

impl<const W: usize, F: Predictor> Default for Repad2<W, F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const W: usize, F: Predictor> Detector for Repad2<W, F> {
    type Settings<'r> = Settings;
    type Rules<'r> = Rules<W>;
    const MAX_VARIABLES: usize = 1;

    fn warm_up(_: &Rules<W>) -> u32 {
        WARM_UP.into()
    }

    fn observe(&mut self, rules: &Rules<W>, tick: Tick, frame: &[Reading]) -> Assessment {
        let Some(missed) = self.clock.advance(tick) else {
            return Assessment::blind(Blindness::OutOfOrder);
        };
        if missed > 0 {
            self.lane.skip(missed);
        }
        self.scratch.refill(&rules.lane);
        let mut call = LaneCall {
            rules: &rules.lane,
            floor: rules.floor,
            scratch: &mut self.scratch,
            lane: 0,
        };
        let reading = frame.first().unwrap_or(&Reading::Absent(Cause::Missing));
        let mut answer = Assessment::bare(State::Normal);
        let _ = self.lane.observe(&mut call, *reading, &mut answer);
        answer
    }

    fn next_tick(&self) -> Tick {
        self.clock.next()
    }

    fn reset(&mut self) {
        self.lane.restart(&mut self.scratch, 0);
        self.lane.state.trainings = 0;
        self.scratch = TrainingScratch::new();
        self.clock = Clock::new();
    }
}

impl<const W: usize, F: Predictor> Snapshot for Repad2<W, F> {
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 128;

    /// A single lane has no history: 0 frames, a size that no ensemble has.
    fn shape(rules: &Rules<W>) -> u32 {
        snapshot::shape(F::NAME, F::FUNCTIONS, [1, rules.lane.window(), 0])
    }

    fn save_body(&self, _: &Rules<W>, body: &mut Writer<'_>) {
        self.scratch.save(body);
        self.lane.save(body);
        self.clock.save(body);
    }

    fn restore_body(
        &mut self,
        rules: &Rules<W>,
        body: &mut Reader<'_>,
        commit: bool,
    ) -> Result<(), SnapshotError> {
        self.scratch.restore(body, 1, commit)?;
        self.lane.restore(body, rules.lane.window(), commit)?;
        let clock = Clock::saved(body, 2)?;
        if commit {
            self.clock = clock;
        }
        Ok(())
    }
}
