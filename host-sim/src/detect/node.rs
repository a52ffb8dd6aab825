//! Node, fitted to the rows in front.

pub mod machine;
mod options;
#[cfg(test)]
mod tests;

use super::rola::within;
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, FitFile, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::{Reading, Tick};
use machine::{Machine, boxed};
use options::Options;

/// Node in the registry.
pub const ENTRY: Entry = Entry {
    name: "node",
    about: "Lanes with limits of rows that were not fitted, which follow slowly; every variable against all others",
    keys: options::KEYS,
    needs_model: false,
    has_fit: true,
    learning: Some("learn"),
    learns_all: true,
    app: None,
    check: |settings| Options::parse(settings).map(drop),
    make: |setup| Ok(Box::new(NodeWatch::of(setup)?)),
};

struct NodeWatch {
    machine: Box<dyn Machine>,
    /// The onset of the last row.
    onset: Option<f32>,
    state_bytes: usize,
    profile: Profile,
}

impl NodeWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let mut options = Options::parse(setup.settings)?;
        let variables = setup.names.len();
        if let Some(fit) = setup.fit {
            fit.expect_names(setup.names)?;
            options.start_from(fit, variables, setup.settings)?;
        }
        let machine = boxed(&options, setup.names, setup.fit)?;
        Ok(Self {
            state_bytes: options.state_bytes(variables),
            profile: Profile {
                names: setup.names.to_vec(),
                settings: options.assignments(variables),
                limits: vec![Limit {
                    measure: "surprise",
                    threshold: machine.threshold(),
                    moves: true,
                }],
                contributions: Meaning {
                    title: "Surprise",
                    about: "How far each value is from what all other variables say of it, beyond its usual \
                            distance.",
                    adds: false,
                },
                ..Profile::default()
            },
            machine,
            onset: None,
        })
    }
}

impl Watch for NodeWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let verdict = self.machine.take(tick, readings);
        self.onset = verdict.score.map(|score| score.onset);
        let assessment = verdict.assessment;
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let (means, surprises) = (self.machine.means(), self.machine.surprises());
            record.contributions = Contribution::of_row(readings, means, surprises);
            if assessment.is_anomalous() {
                record.blamed = self.machine.blamed(readings);
            }
        }
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        let Limit {
            measure, threshold, ..
        } = self.profile.limits[0];
        let score = answer.assessment.score;
        let own = answer.assessment.threshold;
        Record {
            measure: score.map(|_| measure),
            levels: score.into_iter().collect(),
            thresholds: vec![own.unwrap_or(threshold)],
            ..answer
        }
    }

    fn onset(&self) -> Option<f32> {
        self.onset
    }

    fn note(&self) -> Option<String> {
        self.machine.note()
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
