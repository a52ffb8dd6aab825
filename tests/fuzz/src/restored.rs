//! Snapshots: a state that is restored can go on, and one that is refused changes nothing.

use bellwether::Snapshot;
use bellwether::alarm::{self, Alarm, Incidents, incidents};
use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::repad2::{self, Repad2};
use bellwether::rola::{self, Rola};
use bellwether::snapshot::{CHECKSUM_BYTES, HEADER_BYTES};
use bellwether::threshold::ema::{self, EmaThreshold};
use bellwether::threshold::quantile::{self, QuantileThreshold};
use bellwether::threshold::spot::{self, SpotThreshold};
use bellwether::vote::k_of_n::{self, KOfN};
use bellwether::{Assessment, Reading, SnapshotError, State, Tick};
use bellwether_sim::model::blob::checksum;

/// Kinds of state.
pub const KINDS: u8 = 12;

/// The first byte says of which kind; the rest is a snapshot, or the body of one.
pub fn snapshot(data: &[u8]) {
    if let Some((kind, rest)) = data.split_first() {
        of_kind(*kind, &Restored(rest));
    }
}

/// A file for the fuzzer: the kind and the body of its state after so many inputs.
pub fn seed(kind: u8, inputs: u64) -> Vec<u8> {
    let mut saved = vec![kind];
    saved.extend(of_kind(kind, &Saved(inputs)));
    saved
}

/// A state of any type with its rules.
trait Subject {
    /// Bytes that always suffice.
    const SNAPSHOT_MAX: usize;

    /// Takes in input `k`.
    fn observe(&mut self, k: u64);
    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError>;
    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError>;
}

struct Detecting<'r, D: Snapshot> {
    state: D,
    rules: &'r D::Rules<'r>,
}

impl<D: Snapshot> Subject for Detecting<'_, D> {
    const SNAPSHOT_MAX: usize = D::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        let frame = [value(k), value(k + 1)].map(Reading::from);
        self.state.observe(self.rules, Tick(1000 + k), &frame);
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.state.save(self.rules, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        let next = self.state.restore(self.rules, bytes)?;
        assert_eq!(next, self.state.next_tick());
        Ok(())
    }
}

struct Moving(EmaThreshold, ema::Rules);

impl Subject for Moving {
    const SNAPSHOT_MAX: usize = EmaThreshold::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        let mut answer = Assessment::bare(State::Normal);
        answer.score = Some(value(k));
        self.0.observe(self.1, answer);
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(&self.1, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(&self.1, bytes)
    }
}

struct Counting(KOfN, k_of_n::Rules);

impl Subject for Counting {
    const SNAPSHOT_MAX: usize = KOfN::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        self.0.observe(self.1, k % 3 == 1);
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(&self.1, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(&self.1, bytes)
    }
}

struct Alarming(Alarm<96>, alarm::Rules<96>);

impl Subject for Alarming {
    const SNAPSHOT_MAX: usize = Alarm::<96>::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        self.0.observe(&self.1, Some(value(k)));
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(&self.1, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(&self.1, bytes)
    }
}

struct Incident(Incidents);

impl Subject for Incident {
    const SNAPSHOT_MAX: usize = Incidents::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        self.0.observe(incidents::Rules::DEFAULT, Some(value(k)));
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(bytes)
    }
}

struct Ranking(QuantileThreshold, quantile::Rules);

impl Subject for Ranking {
    const SNAPSHOT_MAX: usize = QuantileThreshold::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        self.0.learn(self.1, value(k));
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(&self.1, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(&self.1, bytes)
    }
}

struct Extreme(SpotThreshold<9>, spot::Rules<9>);

impl Subject for Extreme {
    const SNAPSHOT_MAX: usize = SpotThreshold::<9>::SNAPSHOT_MAX;

    fn observe(&mut self, k: u64) {
        let mut answer = Assessment::bare(State::Normal);
        answer.score = Some(value(k));
        self.0.observe(&self.1, answer);
    }

    fn save(&self, buffer: &mut [u8]) -> Result<usize, SnapshotError> {
        self.0.save(&self.1, buffer)
    }

    fn restore(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.0.restore(&self.1, bytes)
    }
}

/// What is done with a state of any type, made by `fresh`.
trait Deed {
    fn done<S: Subject>(&self, fresh: impl Fn() -> S) -> Vec<u8>;
}

fn of_kind(kind: u8, deed: &impl Deed) -> Vec<u8> {
    match kind % KINDS {
        0 => ensemble::<TabulatedLstm>(deed, |_| {}),
        1 => ensemble::<Ewma>(deed, |settings| settings.lane.stuck_after = Some(3)),
        2 => ensemble::<FixedSeedLstm>(deed, |settings| settings.lane.epochs_per_frame = Some(20)),
        3 => lane::<TabulatedLstm>(deed),
        4 => lane::<Persistence>(deed),
        5 => lane::<SequenceLstm>(deed),
        6 => {
            let rules = ema::Rules::new(2, 7, 5).expect("in range");
            deed.done(|| Moving(EmaThreshold::new(), rules))
        }
        7 => {
            let rules = k_of_n::Rules::new(2, 5).expect("in range");
            deed.done(|| Counting(KOfN::new(), rules))
        }
        8 => {
            let settings = alarm::Settings {
                rows_per_day: Some(24),
                ..alarm::Settings::DEFAULT
            };
            let rules = alarm::Rules::new(settings).expect("valid settings");
            deed.done(|| Alarming(Alarm::new(), rules))
        }
        9 => deed.done(|| Incident(Incidents::new())),
        10 => {
            let rules = quantile::Rules::new(0.9, 10).expect("in range");
            deed.done(|| Ranking(QuantileThreshold::new(), rules))
        }
        _ => {
            let settings = spot::Settings {
                risk: 0.01,
                level: 0.8,
                calibration: 30,
            };
            let rules = spot::Rules::new(settings).expect("valid settings");
            deed.done(|| Extreme(SpotThreshold::new(), rules))
        }
    }
}

fn ensemble<F: Predictor>(deed: &impl Deed, edit: impl FnOnce(&mut rola::Settings<2>)) -> Vec<u8> {
    let mut settings = rola::Settings::DEFAULT;
    edit(&mut settings);
    let rules = rola::Rules::new(settings).expect("valid settings");
    deed.done(|| Detecting {
        state: Rola::<2, 8, 30, F>::new(),
        rules: &rules,
    })
}

fn lane<F: Predictor>(deed: &impl Deed) -> Vec<u8> {
    let rules = repad2::Rules::new(repad2::Settings::DEFAULT).expect("valid settings");
    deed.done(|| Detecting {
        state: Repad2::<8, F>::new(),
        rules: &rules,
    })
}

/// Steps with a jump, a missing value and a large one.
fn value(k: u64) -> f32 {
    match k % 11 {
        7 => 40.0,
        8 => f32::NAN,
        9 => -1e30,
        step => step as f32,
    }
}

fn save<S: Subject>(state: &S) -> Vec<u8> {
    let mut buffer = vec![0; S::SNAPSHOT_MAX];
    let used = state.save(&mut buffer).expect("room that always suffices");
    buffer.truncate(used);
    buffer
}

/// The body of the state after so many inputs.
struct Saved(u64);

impl Deed for Saved {
    fn done<S: Subject>(&self, fresh: impl Fn() -> S) -> Vec<u8> {
        let mut state = fresh();
        (0..self.0).for_each(|k| state.observe(k));
        let saved = save(&state);
        saved[HEADER_BYTES..saved.len() - CHECKSUM_BYTES].to_vec()
    }
}

/// Bytes are restored, as they are and as the body of a snapshot of either version, and go on.
struct Restored<'a>(&'a [u8]);

impl Deed for Restored<'_> {
    fn done<S: Subject>(&self, fresh: impl Fn() -> S) -> Vec<u8> {
        let before = save(&fresh());
        let sealed = [sealed_first, sealed].map(|sealed| sealed(&before, self.0));
        for bytes in [self.0.to_vec()].iter().chain(&sealed) {
            let mut state = fresh();
            if state.restore(bytes).is_err() {
                let after = save(&state);
                assert!(after == before, "a refused snapshot changed something");
                continue;
            }
            let mut twin = fresh();
            let saved = save(&state);
            twin.restore(&saved).expect("what was saved");
            for k in 0..12 {
                state.observe(k);
                twin.observe(k);
            }
            assert!(
                save(&state) == save(&twin),
                "two restored states went apart"
            );
        }
        before
    }
}

/// Magic, version and shape of another snapshot, and the length of this body.
fn header(other: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = other[..HEADER_BYTES - 4].to_vec();
    bytes.extend((body.len() as u32).to_le_bytes());
    bytes
}

/// A body in a snapshot that fits it, made from another one of the same shape.
fn sealed(other: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = header(other, body);
    bytes.extend_from_slice(body);
    bytes.extend(checksum(&bytes).to_le_bytes());
    bytes
}

/// The same in version 1, where the checksum stood before the body.
fn sealed_first(other: &[u8], body: &[u8]) -> Vec<u8> {
    let mut bytes = header(other, body);
    bytes[4..6].copy_from_slice(&1_u16.to_le_bytes());
    let sum = checksum(&[&bytes, body].concat());
    bytes.extend(sum.to_le_bytes());
    bytes.extend_from_slice(body);
    bytes
}
