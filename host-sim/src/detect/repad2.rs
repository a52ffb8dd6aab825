//! A RePAD2 lane per variable, and no vote among them: an anomaly of one is an anomaly of the row.

use super::reach::{self, Reach};
use super::rola::options::{LANE_KEYS, Options, PredictorKind};
use super::{Entry, LaneRecord, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::repad2::predictor::{
    Ewma, FixedSeedLstm, Persistence, Predictor, SequenceLstm, TabulatedLstm,
};
use bellwether::repad2::{MAX_WINDOW, Repad2, Rules, Settings};
use bellwether::report::Outcome;
use bellwether::{Assessment, Cause, Detector as _, Reading, State, Tick};

/// RePAD2 in the registry.
pub const ENTRY: Entry = Entry {
    name: "repad2",
    about: "One RePAD2 lane per variable, without a vote",
    keys: LANE_KEYS,
    needs_model: false,
    has_fit: false,
    learning: None,
    app: Some("lanes"),
    learns_all: false,
    check: |settings| Options::parse_lanes(settings).map(drop),
    make,
};

fn make<'m>(setup: &Setup<'_, 'm>) -> anyhow::Result<Box<dyn Watch + 'm>> {
    let options = Options::parse_lanes(setup.settings)?;
    Ok(match options.predictor {
        PredictorKind::Tabulated => Lanes::<TabulatedLstm>::boxed(setup.names, &options)?,
        PredictorKind::Trained => Lanes::<FixedSeedLstm>::boxed(setup.names, &options)?,
        PredictorKind::Sequence => Lanes::<SequenceLstm>::boxed(setup.names, &options)?,
        PredictorKind::Persistence => Lanes::<Persistence>::boxed(setup.names, &options)?,
        PredictorKind::Ewma => Lanes::<Ewma>::boxed(setup.names, &options)?,
    })
}

/// Lanes, each with its rules.
struct Lanes<F: Predictor> {
    lanes: Vec<(Rules<MAX_WINDOW>, Repad2<MAX_WINDOW, F>)>,
    profile: Profile,
    /// Thresholds against the ranges of values, lane by lane.
    reach: Vec<Reach>,
    state_bytes: usize,
}

impl<F: Predictor + 'static> Lanes<F> {
    fn boxed(names: &[String], options: &Options) -> anyhow::Result<Box<dyn Watch>> {
        let floors = options.floors(names)?;
        let lanes = floors.iter().map(|floor| {
            let (lane, floor) = (options.lane, *floor);
            let rules = Rules::new(Settings { lane, floor })?;
            Ok((rules, Repad2::new()))
        });
        let lanes = lanes.collect::<anyhow::Result<_>>()?;
        let profile = Profile {
            settings: options.lane_assignments(),
            votes: false,
            ..Profile::of_lanes(names, floors)
        };
        Ok(Box::new(Self {
            lanes,
            profile,
            reach: vec![Reach::default(); names.len()],
            state_bytes: names.len() * bytes::<F>(options),
        }))
    }
}

/// State of one lane with the window of the options.
fn bytes<F: Predictor>(options: &Options) -> usize {
    const STEP: usize = 64;
    let few = Repad2::<STEP, F>::STATE_BYTES;
    let per_error = (Repad2::<{ 2 * STEP }, F>::STATE_BYTES - few) / STEP;
    let window = options.lane.window.map_or(MAX_WINDOW, usize::from);
    few + per_error * window - per_error * STEP
}

impl<F: Predictor> Watch for Lanes<F> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let missing = Reading::Absent(Cause::Missing);
        let readings = readings.iter().copied().chain(std::iter::repeat(missing));
        let lanes = self.lanes.iter_mut().zip(readings).enumerate();
        let lanes = lanes.map(|(variable, ((rules, lane), reading))| {
            let assessment = lane.observe(rules, tick, &[reading]);
            LaneRecord {
                variable,
                value: reading.usable().unwrap_or(f32::NAN),
                outcome: match assessment.state {
                    State::Anomalous => Outcome::Local,
                    _ => Outcome::Quiet,
                },
                assessment,
            }
        });
        let lanes: Vec<LaneRecord> = lanes.collect();
        let record = Record {
            lanes: lanes.clone(),
            ..Record::bare(tick.0, worst(&lanes))
        };
        reach::push(&mut self.reach, &record, &self.profile);
        record
    }

    fn note(&self) -> Option<String> {
        reach::note(&self.reach, &self.profile.names)
    }

    /// A device sends all lanes, or those that flagged: one of them decides either way.
    fn of_device(&self, answer: Record, _: u8) -> Record {
        Record {
            assessment: worst(&answer.lanes),
            ..answer
        }
    }

    fn work(&self) -> String {
        let trainings = self.lanes.iter().map(|(_, lane)| lane.lane().trainings());
        format!("{} trainings", trainings.map(u64::from).sum::<u64>())
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}

/// The assessment of the lane that is furthest above its threshold, an anomalous one if there is
/// any; if no lane has a score, the first one's.
fn worst(lanes: &[LaneRecord]) -> Assessment {
    let rank = |lane: &LaneRecord| (lane.assessment.is_anomalous(), lane.ratio().unwrap_or(-1.0));
    let worst = lanes.iter().reduce(|best, lane| {
        let (a, b) = (rank(lane), rank(best));
        if (a.0, a.1.total_cmp(&b.1)) > (b.0, std::cmp::Ordering::Equal) {
            lane
        } else {
            best
        }
    });
    let nothing = Assessment::bare(State::Warming { left: 0 });
    worst.map_or(nothing, |lane| lane.assessment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::RolaWatch;

    fn wave(tick: u64, variable: u64) -> Reading {
        let t = (tick + 7 * variable) as f32;
        let step = if tick == 300 && variable == 1 {
            30.0
        } else {
            0.0
        };
        Reading::Value(50.0 + (t / 25.0).sin() + 0.05 * (t * 1.7).sin() + step)
    }

    /// Broken by a lane that is not the ensemble's: a floor, a window or a tick that gets lost.
    #[test]
    fn lanes_are_those_of_the_ensemble() {
        let names: Vec<String> = ["a", "b"].map(str::to_owned).to_vec();
        let set: Vec<String> = ["window=100", "floor.b=0.5"].map(str::to_owned).to_vec();
        let setup = Setup {
            names: &names,
            settings: &set,
            model: None,
            fit: None,
        };
        let mut alone = ENTRY.watch(&setup).unwrap();
        let mut rola = RolaWatch::new(&names, &Options::parse(&set).unwrap()).unwrap();
        for tick in 0..400 {
            let row = [wave(tick, 0), wave(tick, 1)];
            let found = alone.observe(Tick(tick), Step::Unknown, &row);
            let wanted = rola.observe(Tick(tick), Step::Unknown, &row);
            for (found, wanted) in found.lanes.iter().zip(&wanted.lanes) {
                assert_eq!(found.assessment, wanted.assessment, "tick {tick}");
            }
            if tick == 300 {
                assert!(found.assessment.is_anomalous() && !found.is_confirmed());
                assert_eq!(found.lanes[1].outcome, Outcome::Local);
            }
        }
        assert_eq!(alone.work(), rola.work());
        let own = Repad2::<100>::STATE_BYTES;
        assert_eq!(alone.state_bytes(), 2 * own);
    }

    #[test]
    fn settings_of_a_vote_are_unknown_here() {
        let refused = Options::parse_lanes(&["limit=0.9"])
            .unwrap_err()
            .to_string();
        assert!(refused.starts_with("unknown setting `limit`"));
        assert!(!refused.contains("\nhistory="), "{refused}");
    }
}
