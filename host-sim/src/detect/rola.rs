//! The ensemble behind run-time settings: a program cannot know the number of variables, the
//! window or the predictor when it is compiled, so it takes the largest ensemble and uses a
//! part of it. Results do not depend on the capacity.

pub mod options;
mod size;

pub use options::Options;

use super::reach::{self, Reach};
use super::{Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::ensure;
use bellwether::repad2::MAX_WINDOW;
use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::rola::{Rola, Rules};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Reading, Tick};
use options::{KEYS, PredictorKind};

/// RoLA in the registry.
pub const ENTRY: Entry = Entry {
    name: "rola",
    about: "One RePAD2 lane per variable, and a vote among correlated variables",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: None,
    app: Some("ensemble"),
    learns_all: false,
    check: |settings| Options::parse(settings).map(drop),
    make: |setup| Ok(Box::new(RolaWatch::of(setup)?)),
};

/// Most frames of a correlation here.
pub const MAX_HISTORY: usize = 1 << 14;

/// Capacities for most recordings; others have [`MAX_VARIABLES`].
const FEW: usize = 16;
const MANY: usize = 128;

/// An ensemble of any capacity and predictor.
trait Ensemble: Send {
    fn observe(&mut self, tick: Tick, frame: &[Reading]) -> Record;
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
    fn boxed(options: &Options, names: &[String]) -> anyhow::Result<Box<dyn Ensemble>> {
        let settings = options.settings(names)?;
        let rules = Rules::new(settings)?;
        roomy::boxed(move || -> Box<dyn Ensemble> {
            Box::new(Self {
                rules,
                ensemble: Rola::new(),
            })
        })
    }
}

impl<const V: usize, F: Predictor + Send> Ensemble for Sized<V, F>
where
    F::Trainer: Send,
{
    fn observe(&mut self, tick: Tick, frame: &[Reading]) -> Record {
        let verdict = self.ensemble.decide(&self.rules, tick, frame);
        let assessment = verdict.assessment();
        let correlations = self.ensemble.correlations(&self.rules);
        Record {
            assessment,
            ..Record::of(self.ensemble.verdict(), correlations)
        }
    }

    fn trainings(&self, variable: usize) -> u32 {
        self.ensemble
            .lane(variable)
            .map_or(0, bellwether::repad2::Lane::trainings)
    }
}

fn boxed<const V: usize>(names: &[String], options: &Options) -> anyhow::Result<Box<dyn Ensemble>> {
    match options.predictor {
        PredictorKind::Tabulated => Sized::<V, TabulatedLstm>::boxed(options, names),
        PredictorKind::Trained => Sized::<V, FixedSeedLstm>::boxed(options, names),
        PredictorKind::Sequence => Sized::<V, SequenceLstm>::boxed(options, names),
        PredictorKind::Persistence => Sized::<V, Persistence>::boxed(options, names),
        PredictorKind::Ewma => Sized::<V, Ewma>::boxed(options, names),
    }
}

/// Checks that the number of variables fits an ensemble.
///
/// # Errors
/// There are too many.
pub fn within(names: &[String]) -> anyhow::Result<()> {
    let found = names.len();
    ensure!(
        found <= MAX_VARIABLES,
        "{found} variables; at most {MAX_VARIABLES} can be watched (--columns chooses them)"
    );
    Ok(())
}

/// RoLA, fed row by row. Records hold every lane.
pub struct RolaWatch {
    ensemble: Box<dyn Ensemble>,
    profile: Profile,
    /// Thresholds against the ranges of values, lane by lane.
    reach: Vec<Reach>,
    state_bytes: usize,
}

impl RolaWatch {
    /// An ensemble before its first row.
    ///
    /// # Errors
    /// An option is out of range or names a variable that does not exist, or there are too many
    /// variables.
    pub fn new(names: &[String], options: &Options) -> anyhow::Result<Self> {
        within(names)?;
        let variables = names.len();
        let ensemble = if variables <= FEW {
            boxed::<FEW>(names, options)
        } else if variables <= MANY {
            boxed::<MANY>(names, options)
        } else {
            boxed::<MAX_VARIABLES>(names, options)
        }?;
        Ok(Self {
            ensemble,
            reach: vec![Reach::default(); variables],
            profile: Profile {
                settings: options.assignments(),
                ..Profile::of_lanes(names, options.floors(names)?)
            },
            state_bytes: size::state_bytes(names.len(), options),
        })
    }

    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        Self::new(setup.names, &Options::parse(setup.settings)?)
    }

    /// Trainings of each variable's lane so far, in order.
    pub fn trainings(&self) -> Vec<u32> {
        let variables = 0..self.profile.names.len();
        variables.map(|k| self.ensemble.trainings(k)).collect()
    }
}

impl Watch for RolaWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let record = self.ensemble.observe(tick, readings);
        reach::push(&mut self.reach, &record, &self.profile);
        record
    }

    fn note(&self) -> Option<String> {
        reach::note(&self.reach, &self.profile.names)
    }

    fn work(&self) -> String {
        let trainings: u64 = self.trainings().into_iter().map(u64::from).sum();
        format!("{trainings} trainings")
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|k| format!("v{k}")).collect()
    }

    fn refused(assignments: &[&str]) -> String {
        let result = Options::parse(assignments).and_then(|o| RolaWatch::new(&names(2), &o));
        match result {
            Ok(_) => panic!("accepted: {assignments:?}"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn up_to_512_variables_are_watched() {
        for many in [128, 129, 512] {
            assert!(RolaWatch::new(&names(many), &Options::default()).is_ok());
        }
        let refused = RolaWatch::new(&names(513), &Options::default())
            .err()
            .unwrap();
        let reason = "513 variables; at most 512 can be watched (--columns chooses them)";
        assert_eq!(refused.to_string(), reason);
    }

    #[test]
    fn odd_values_and_names_are_refused_with_a_reason() {
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
        assert!(refused(&["limit=1"]).starts_with("limit must be at least 0 and below 1"));
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
            let mut chosen = RolaWatch::new(&names(3), &options).unwrap();
            let mut many = boxed::<MAX_VARIABLES>(&names(3), &options).unwrap();
            let mut found = false;
            for tick in 0..320 {
                let frame: Vec<_> = (0..3).map(|k| wave(tick, k)).collect();
                let record = chosen.observe(Tick(tick), Step::Unknown, &frame);
                assert_eq!(record, many.observe(Tick(tick), &frame), "tick {tick}");
                if predictor == "tabulated" {
                    assert_eq!(record, few.observe(Tick(tick), &frame), "tick {tick}");
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
    fn every_lane_of_every_row_is_there() {
        let mut watch = RolaWatch::new(&names(2), &Options::default()).unwrap();
        let row = [Reading::Value(1.0), Reading::Value(2.0)];
        let record = watch.observe(Tick(0), Step::Unknown, &row);
        assert_eq!(record.lanes.len(), 2);
    }
}
