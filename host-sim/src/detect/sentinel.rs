//! The sentinel: a quartet fitted to the leading rows, alarms with a promise, and the health of sensors.

use super::quartet::machine::Machine;
use super::quartet::options::{Options as FitOptions, fit_keys};
use super::rola::within;
use super::setting::{count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, FitFile, Lane, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use bellwether::alarm::{self, Basis, Event, Promise};
use bellwether::health::{Complaint, Health};
use bellwether::kind::Finding;
use bellwether::quartet::{Quartet, Score, Settings};
use bellwether::sample::MAX_VARIABLES;
use bellwether::sentinel::{self, BUCKETS, Lookout, Scored};
use bellwether::{Reading, Tick};

const KEYS: &str = concat!(
    "\
promise=X             false alarms to be accepted, per 10,000 rows (1); calibrated from 0.5 to 20
rows_per_day=N        rows per day: what happens daily raises no alarm from the fourth day on (off)
",
    fit_keys!()
);

/// The sentinel in the registry.
pub const ENTRY: Entry = Entry {
    name: "sentinel",
    about: "Alarms that keep a promise, from a quartet fitted to the leading rows; the health of sensors",
    keys: KEYS,
    needs_model: false,
    has_fit: true,
    learning: Some("learn"),
    learns_all: true,
    app: Some("sentinel"),
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(SentinelWatch::of(setup)?)),
};

fn parse(assignments: &[String]) -> anyhow::Result<(FitOptions, alarm::Settings)> {
    let (mut fit, mut alarm) = (FitOptions::default(), alarm::Settings::DEFAULT);
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "promise" => alarm.promise = Promise::per_10_000_rows(real(key, value)?)?,
            "rows_per_day" => alarm.rows_per_day = Some(count(key, value)?),
            _ if fit.set(key, value)? => {}
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok((fit, alarm))
}

/// A sentinel's alarm and complaints at a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// The alarm.
    pub event: Event,
    /// The support behind its promise.
    pub basis: Basis,
    /// The kind of the alarm, with the evidence; `None` without an alarm.
    pub finding: Option<Finding>,
    /// Complaints about sensors, ascending by variable.
    pub complaints: Vec<Complaint>,
}

struct SentinelWatch {
    machine: Box<dyn Machine>,
    lookout: Box<Lookout<MAX_VARIABLES, MAX_VARIABLES>>,
    rules: alarm::Rules<BUCKETS>,
    /// Rows so far.
    next: u64,
    /// The score of the last row.
    score: Option<Score>,
    state_bytes: usize,
    profile: Profile,
}

impl SentinelWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let (mut fit, alarm) = parse(setup.settings)?;
        if let Some(file) = setup.fit {
            fit.start_from(file, setup.names, setup.settings)?;
        }
        let rules = alarm::Rules::new(alarm)?;
        let variables = setup.names.len();
        let shape = fit.shape(variables)?;
        let settings = Settings {
            distances_per_row: Some(sentinel::DISTANCES_PER_ROW),
            ..Settings::new(shape)
        };
        let machine = fit.machine(settings, setup.fit)?;
        let mut lookout = roomy::boxed(|| Box::new(Lookout::new()))?;
        if let Some(file) = setup.fit {
            let health = lookout.health();
            health.restore(shape.variables, file.health()?)?;
        }
        let day = alarm
            .rows_per_day
            .map_or("off".to_owned(), |n| n.to_string());
        let mut pairs = vec![
            ("promise".to_owned(), alarm.promise.rate().to_string()),
            ("rows_per_day".to_owned(), day),
        ];
        pairs.extend(fit.assignments());
        Ok(Self {
            machine,
            lookout,
            next: 0,
            score: None,
            state_bytes: state_bytes(fit.state_bytes(shape), variables),
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs,
                ranges: true,
                limits: vec![Limit {
                    measure: "severity",
                    threshold: rules.warning(),
                    moves: true,
                }],
                contributions: Meaning {
                    title: "Share",
                    about: "Each variable’s share in the surprise of this row and the rows before: in its \
                            differences, in what the other variables do not explain, and in its distance \
                            from earlier rows.",
                    adds: true,
                },
                ..Profile::default()
            },
            rules,
        })
    }
}

/// Bytes of a sentinel with a detector of as many: alarms, health and shares of the variables, and padding.
const fn state_bytes(detector: usize, variables: usize) -> usize {
    const ODD: [usize; 2] = [size_of::<Lookout<1, 1>>(), size_of::<Lookout<3, 3>>()];
    const EVEN: [usize; 2] = [size_of::<Lookout<2, 2>>(), size_of::<Lookout<4, 4>>()];
    // By twos: an odd number of traces leaves two bytes.
    let (first, [one, next]) = if variables.is_multiple_of(2) {
        (2, EVEN)
    } else {
        (1, ODD)
    };
    let lookout = one + (next - one) * ((variables - first) / 2);
    (detector + lookout).next_multiple_of(align_of::<Quartet<0, 0, 0>>())
}

impl Watch for SentinelWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let mut parts = vec![0.0; self.profile.names.len()];
        let verdict = self.machine.take(tick, readings, &mut parts);
        let row = Scored {
            frame: readings,
            passed: tick.0.saturating_sub(self.next),
            answer: verdict.assessment,
            score: verdict.score.map(|score| score.onset),
            parts: &parts,
            scales: self.machine.scales(),
            rows: self.machine.rows(),
        };
        self.next = tick.0 + 1;
        self.score = verdict.score;
        let assessment = self.lookout.take(&self.rules, &row);
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let shares = self.lookout.shares().map(|(_, share)| share);
            record.contributions = Contribution::of_row(readings, self.machine.means(), shares);
        }
        record.notice = Some(Box::new(Notice {
            event: self.lookout.event(),
            basis: self.rules.promise().basis(),
            finding: self.lookout.finding(),
            complaints: self.lookout.complaints().collect(),
        }));
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        let score = answer.assessment.score;
        let limit = self.profile.limits.first();
        let own = answer.assessment.threshold;
        Record {
            measure: score.and(limit.map(|limit| limit.measure)),
            levels: score.into_iter().collect(),
            thresholds: limit.map(|_| own.unwrap_or(f32::NAN)).into_iter().collect(),
            ..answer
        }
    }

    fn lanes(&self) -> Vec<Lane> {
        let lanes = self.score.as_ref().map(|score| self.machine.lanes(score));
        lanes.unwrap_or_default()
    }

    fn usual(&self, variable: usize) -> Option<(f32, f32)> {
        self.lookout.usual(variable)
    }

    fn fit(&mut self) -> Option<FitFile> {
        let variables = u16::try_from(self.profile.names.len()).ok()?;
        let mut health = vec![0; Health::<MAX_VARIABLES>::SNAPSHOT_MAX];
        let length = self.lookout.health().save(variables, &mut health).ok()?;
        health.truncate(length);
        Some(FitFile {
            names: self.profile.names.clone(),
            quartet: self.machine.snapshot()?,
            health: Some(health),
        })
    }

    fn promise(&self) -> f64 {
        self.rules.promise().rate().into()
    }

    fn work(&self) -> String {
        let state = format!("{} bytes of state", self.state_bytes());
        if self.rules.promise().basis() == Basis::Calibrated {
            return state;
        }
        format!("{state}; the promise is extrapolated: 0.5 to 20 per 10,000 rows are calibrated")
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::quartet::Shape;
    use bellwether::{Detector, quartet_of, sentinel_of};

    /// Broken by padding that is forgotten.
    #[test]
    fn state_bytes_are_those_of_the_type() {
        const ONE: Shape = Shape::new(1);
        const TWO: Shape = Shape::small(2);
        const FIVE: Shape = Shape::tiny(5);
        const EIGHT: Shape = Shape::new(8);
        type Loaded = sentinel::Sentinel<quartet_of!(EIGHT), 8, 8>;
        for (found, wanted) in [
            (
                state_bytes(ONE.fitting_bytes(), 1),
                <sentinel_of!(ONE)>::STATE_BYTES,
            ),
            (
                state_bytes(TWO.fitting_bytes(), 2),
                <sentinel_of!(TWO)>::STATE_BYTES,
            ),
            (
                state_bytes(EIGHT.fitting_bytes(), 8),
                <sentinel_of!(EIGHT)>::STATE_BYTES,
            ),
            (state_bytes(EIGHT.state_bytes(), 8), Loaded::STATE_BYTES),
            (
                state_bytes(FIVE.fitting_bytes(), 5),
                <sentinel_of!(FIVE)>::STATE_BYTES,
            ),
        ] {
            assert_eq!(found, wanted);
        }
    }
}
