//! The ensemble behind run-time settings: a program cannot know the number of variables, the
//! window or the predictor when it is compiled, so it takes the largest ensemble and uses a
//! part of it. Results do not depend on the capacity.

use super::options::PredictorKind;
use super::{FrameRecord, Options};
use anyhow::{anyhow, ensure};
use bellwether::repad2::MAX_WINDOW;
use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::rola::{Rola, Rules};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Reading, Tick};

/// Most frames a correlation can rest on here.
pub const MAX_HISTORY: usize = 1 << 14;

/// Room that most recordings fit in; others get room for [`MAX_VARIABLES`].
const FEW: usize = 16;

/// Stack on which an ensemble is made before it moves to the heap.
const STACK_BYTES: usize = 256 << 20;

/// What a replay needs of an ensemble, whatever its capacity and predictor.
trait Watch: Send {
    fn observe(&mut self, tick: Tick, frame: &[Reading], all: bool) -> FrameRecord;
    fn trainings(&self, variable: usize) -> u32;
}

struct Sized<const V: usize, F: Predictor> {
    rules: Rules<V, MAX_WINDOW, MAX_HISTORY>,
    ensemble: Rola<V, MAX_WINDOW, MAX_HISTORY, F>,
}

impl<const V: usize, F: Predictor + Send + 'static> Sized<V, F>
where
    F::Trainer: Send,
{
    fn boxed(options: &Options, names: &[String]) -> anyhow::Result<Box<dyn Watch>> {
        let settings = options.settings(names)?;
        let rules = Rules::new(settings)?;
        // An unoptimised build makes the ensemble on the stack: take a roomy one.
        let make = move || -> Box<dyn Watch> {
            Box::new(Self {
                rules,
                ensemble: Rola::new(),
            })
        };
        let made = std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn(make)?;
        made.join()
            .map_err(|_| anyhow!("no memory for the ensemble"))
    }
}

impl<const V: usize, F: Predictor + Send> Watch for Sized<V, F>
where
    F::Trainer: Send,
{
    fn observe(&mut self, tick: Tick, frame: &[Reading], all: bool) -> FrameRecord {
        let verdict = self.ensemble.decide(&self.rules, tick, frame);
        let flagged = verdict.flagged().next().is_some();
        let tick = verdict.tick.0;
        if all || flagged {
            FrameRecord::of(
                self.ensemble.verdict(),
                self.ensemble.correlations(&self.rules),
            )
        } else {
            FrameRecord {
                tick,
                ..FrameRecord::default()
            }
        }
    }

    fn trainings(&self, variable: usize) -> u32 {
        self.ensemble
            .lane(variable)
            .map_or(0, bellwether::repad2::Lane::trainings)
    }
}

fn boxed<const V: usize>(names: &[String], options: &Options) -> anyhow::Result<Box<dyn Watch>> {
    match options.predictor {
        PredictorKind::Tabulated => Sized::<V, TabulatedLstm>::boxed(options, names),
        PredictorKind::Trained => Sized::<V, FixedSeedLstm>::boxed(options, names),
        PredictorKind::Sequence => Sized::<V, SequenceLstm>::boxed(options, names),
        PredictorKind::Persistence => Sized::<V, Persistence>::boxed(options, names),
        PredictorKind::Ewma => Sized::<V, Ewma>::boxed(options, names),
    }
}

/// Whether an ensemble can watch so many.
///
/// # Errors
/// It cannot.
pub fn within(names: &[String]) -> anyhow::Result<()> {
    let found = names.len();
    ensure!(
        found <= MAX_VARIABLES,
        "{found} variables; at most {MAX_VARIABLES} can be watched"
    );
    Ok(())
}

/// An ensemble fed frame by frame.
pub struct Replay {
    inner: Box<dyn Watch>,
    variables: usize,
    all: bool,
}

impl Replay {
    /// An ensemble that has seen nothing.
    ///
    /// # Errors
    /// An option is out of range or names a variable that does not exist, or there are too many
    /// variables.
    pub fn new(names: &[String], options: &Options) -> anyhow::Result<Self> {
        within(names)?;
        let inner = match names.len() {
            0..=FEW => boxed::<FEW>(names, options)?,
            _ => boxed::<MAX_VARIABLES>(names, options)?,
        };
        Ok(Self {
            inner,
            variables: names.len(),
            all: options.all,
        })
    }

    /// Judges one frame. The record has no lanes if no lane flagged, unless the options ask
    /// for all.
    pub fn observe(&mut self, tick: Tick, frame: &[Reading]) -> FrameRecord {
        self.inner.observe(tick, frame, self.all)
    }

    /// Trainings of each variable's lane so far, in order.
    pub fn trainings(&self) -> Vec<u32> {
        (0..self.variables)
            .map(|k| self.inner.trainings(k))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::options::KEYS;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|k| format!("v{k}")).collect()
    }

    fn refused(assignments: &[&str]) -> String {
        let result = Options::parse(assignments).and_then(|o| Replay::new(&names(2), &o));
        match result {
            Ok(_) => panic!("accepted: {assignments:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn up_to_128_variables_are_watched() {
        assert!(Replay::new(&names(128), &Options::default()).is_ok());
        let refused = Replay::new(&names(129), &Options::default()).err().unwrap();
        let reason = "129 variables; at most 128 can be watched";
        assert_eq!(refused.to_string(), reason);
    }

    #[test]
    fn every_key_of_the_help_is_known_and_wrong_ones_list_them() {
        for line in KEYS.lines() {
            let key = line.split('=').next().unwrap();
            let error = Options::parse(&[format!("{key}=?")])
                .unwrap_err()
                .to_string();
            assert!(error.contains("expected"), "{key}: {error}");
        }
        let error = refused(&["windows=3"]);
        assert!(error.contains("unknown setting `windows`") && error.contains("min_samples"));
        assert!(refused(&["window"]).contains("expected KEY=VALUE"));
        assert_eq!(
            refused(&["guard=3"]),
            "guard=3: expected ERROR:SAMPLES, e.g. 0.5:60"
        );
        assert_eq!(
            refused(&["floor.x=1"]),
            "floor.x: no such variable; there are: v0, v1"
        );
        assert_eq!(
            refused(&["window=-1"]),
            "window=-1: expected a whole number from 0 to 65535"
        );
    }

    #[test]
    fn ranges_are_checked() {
        assert_eq!(refused(&["window=0"]), "window must be 1 to 16384, found 0");
        assert_eq!(
            refused(&["history=16385"]),
            "history must be 2 to 16384, found 16385"
        );
        assert!(refused(&["limit=1"]).starts_with("limit must be within"));
        assert!(refused(&["sigmas=nan"]).starts_with("sigmas must be"));
    }

    /// A wave all variables share, with a step at frame 300.
    fn wave(tick: u64, variable: usize) -> Reading {
        let t = tick as f32;
        let step = if tick == 300 { 30.0 } else { 0.0 };
        Reading::Value(50.0 + (t / 25.0).sin() + 0.05 * (t * 1.7).sin() + step + variable as f32)
    }

    #[test]
    fn capacity_changes_nothing_and_every_predictor_sees_the_step() {
        for predictor in ["tabulated", "trained", "sequence", "persistence", "ewma"] {
            let kind = format!("predictor={predictor}");
            let options = Options::parse(&["window=200", "history=200", &kind]).unwrap();
            let mut few = Sized::<FEW, TabulatedLstm>::boxed(&options, &names(3)).unwrap();
            let mut chosen = Replay::new(&names(3), &options).unwrap();
            let mut many = boxed::<MAX_VARIABLES>(&names(3), &options).unwrap();
            let mut found = false;
            for tick in 0..320 {
                let frame: Vec<_> = (0..3).map(|k| wave(tick, k)).collect();
                let record = chosen.observe(Tick(tick), &frame);
                assert_eq!(
                    record,
                    many.observe(Tick(tick), &frame, false),
                    "tick {tick}"
                );
                if predictor == "tabulated" {
                    assert_eq!(
                        record,
                        few.observe(Tick(tick), &frame, false),
                        "tick {tick}"
                    );
                }
                assert_eq!(record.tick, tick);
                found |= tick == 300 && record.is_confirmed();
            }
            assert!(found, "{predictor}: the step was not confirmed");
            assert_eq!(chosen.trainings().len(), 3);
            assert!(
                chosen.trainings().iter().all(|n| *n >= 5),
                "{:?}",
                chosen.trainings()
            );
        }
    }

    #[test]
    fn all_gives_every_lane_of_every_frame() {
        let options = Options {
            all: true,
            ..Options::default()
        };
        let mut replay = Replay::new(&names(2), &options).unwrap();
        let record = replay.observe(Tick(0), &[Reading::Value(1.0), Reading::Value(2.0)]);
        assert_eq!(record.lanes.len(), 2);
    }
}
