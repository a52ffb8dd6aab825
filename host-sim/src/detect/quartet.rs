//! Quartet, fitted to the rows in front.

pub(crate) mod calibration;
mod components;
pub(crate) mod fit;
pub mod machine;
mod memory;
pub mod options;
mod scale;
#[cfg(test)]
mod tests;

use super::rola::within;
use super::setting::{real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, FitFile, Lane, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::quartet::{Score, Settings, Shape};
use bellwether::{Reading, Tick};
use machine::Machine;
use options::{Options, fit_keys};

const KEYS: &str = concat!(
    fit_keys!(),
    "
threshold=X           score above which a row is anomalous (2)"
);

/// Quartet in the registry.
pub const ENTRY: Entry = Entry {
    name: "quartet",
    about: "Two memories, differences and what components leave, each by its own surprise",
    keys: KEYS,
    needs_model: false,
    has_fit: true,
    learning: Some("learn"),
    learns_all: true,
    app: Some("quartet"),
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(QuartetWatch::of(setup)?)),
};

/// The fit, and the threshold.
fn parse(assignments: &[String]) -> anyhow::Result<(Options, f32)> {
    let mut options = Options::default();
    let mut threshold = Settings::new(Shape::new(1)).threshold;
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "threshold" => threshold = real(key, value)?,
            _ if options.set(key, value)? => {}
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok((options, threshold))
}

struct QuartetWatch {
    machine: Box<dyn Machine>,
    /// The score of the last row.
    score: Option<Score>,
    state_bytes: usize,
    profile: Profile,
}

impl QuartetWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let (mut options, threshold) = parse(setup.settings)?;
        if let Some(fit) = setup.fit {
            options.start_from(fit, setup.names, setup.settings)?;
        }
        let shape = options.shape(setup.names.len())?;
        let settings = Settings {
            threshold,
            ..Settings::new(shape)
        };
        let machine = options.machine(settings, setup.fit)?;
        let mut pairs = options.assignments();
        pairs.push(("threshold".to_owned(), threshold.to_string()));
        Ok(Self {
            machine,
            score: None,
            state_bytes: options.state_bytes(shape),
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs,
                limits: vec![Limit {
                    measure: "surprise",
                    threshold,
                    moves: false,
                }],
                contributions: Meaning {
                    title: "Surprise",
                    about: "Each variable’s part in the surprise of a row: in its differences, in what \
                            the other variables do not explain, and in its distance from earlier rows.",
                    adds: true,
                },
                ..Profile::default()
            },
        })
    }
}

impl Watch for QuartetWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let mut parts = vec![0.0; self.profile.names.len()];
        let verdict = self.machine.take(tick, readings, &mut parts);
        let mut record = Record::bare(tick.0, verdict.assessment);
        self.score = verdict.score;
        if verdict.assessment.score.is_some() {
            record.contributions = Contribution::of_row(readings, self.machine.means(), parts);
        }
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        let limits = &self.profile.limits;
        let score = answer.assessment.score;
        Record {
            measure: score.and(limits.first().map(|limit| limit.measure)),
            levels: score.into_iter().collect(),
            thresholds: limits.iter().map(|limit| limit.threshold).collect(),
            ..answer
        }
    }

    fn lanes(&self) -> Vec<Lane> {
        let lanes = self.score.as_ref().map(|score| self.machine.lanes(score));
        lanes.unwrap_or_default()
    }

    fn fit(&mut self) -> Option<FitFile> {
        Some(FitFile {
            names: self.profile.names.clone(),
            quartet: self.machine.snapshot()?,
            health: None,
        })
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes())
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}
