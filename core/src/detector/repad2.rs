//! RePAD2 (Lee and Lin, 2023) over one variable: a lane with its own training scratch.

pub mod lane;
pub mod lstm;
pub mod predictor;
mod scratch;
mod settings;

pub use crate::statistics::window::MAX_WINDOW;
pub use lane::{Lane, WARM_UP};
pub use settings::{Guard, LaneRules, LaneSettings, Recheck};

pub(crate) use lane::Call;
pub(crate) use scratch::Workbench;

use crate::assessment::{Assessment, State};
use crate::sample::Reading;
use crate::wire::snapshot::{self, Reader, Snapshot};
use crate::{Detector, SnapshotError};
use predictor::{Predictor, TabulatedLstm};

/// Values a prediction sees, and errors a relative error averages: b of RePAD2.
pub const CONTEXT: usize = 3;

/// RePAD2 over a single variable: a lane with its own training scratch.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repad2<const W: usize, F: Predictor = TabulatedLstm> {
    lane: Lane<W, F>,
    bench: Workbench<F>,
}

impl<const W: usize, F: Predictor> Repad2<W, F> {
    /// A detector that has seen nothing. All zeros.
    pub const fn new() -> Self {
        Self {
            lane: Lane::new(),
            bench: Workbench::new(),
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

/// Rules of a single lane: those all lanes share, and its own floor.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Repad2Rules {
    /// Checked settings.
    pub lane: LaneRules,
    /// Smallest divisor of a relative error, above 0.
    pub floor: f32,
}

impl<const W: usize, F: Predictor> Detector for Repad2<W, F> {
    type Input = Reading;
    type Rules = Repad2Rules;
    const WARM_UP: u16 = WARM_UP;
    const STATE_BYTES: usize = size_of::<Self>();

    fn observe(&mut self, rules: &Repad2Rules, input: Reading) -> Assessment {
        self.bench.refill(&rules.lane);
        let mut call = Call {
            rules: &rules.lane,
            floor: rules.floor,
            bench: &mut self.bench,
            lane: 0,
        };
        let mut answer = Assessment::bare(State::Normal);
        let _ = self.lane.observe(&mut call, input, &mut answer);
        answer
    }

    fn reset(&mut self) {
        self.lane.restart(&mut self.bench, 0);
        self.lane.memory.trainings = 0;
    }
}

impl<const W: usize, F: Predictor> Snapshot for Repad2<W, F> {
    type Rules = Repad2Rules;
    const SNAPSHOT_MAX: usize = size_of::<Self>() + 128;

    fn save(&self, rules: &Repad2Rules, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        snapshot::write(buffer, shape::<F>(rules), |writer| {
            self.bench.save(writer)?;
            self.lane.save(writer)
        })
    }

    fn restore(&mut self, rules: &Repad2Rules, bytes: &[u8]) -> Result<(), SnapshotError> {
        let body = snapshot::open(bytes, shape::<F>(rules))?;
        let mut read = |commit| {
            let mut reader = Reader::new(body);
            self.bench.restore(&mut reader, 1, commit)?;
            self.lane
                .restore(&mut reader, rules.lane.window(), commit)?;
            reader.end()
        };
        read(false)?;
        read(true)
    }
}

/// A single lane has no history: 0 frames, which no ensemble has.
fn shape<F: Predictor>(rules: &Repad2Rules) -> u32 {
    snapshot::shape(F::NAME, F::FUNCTIONS, [1, rules.lane.window(), 0])
}
