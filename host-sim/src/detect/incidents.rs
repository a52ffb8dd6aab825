//! One answer per incident: a quartet fitted to the leading rows, and the first sharp row of each incident.

use super::quartet::machine::Machine;
use super::quartet::options::{Options as FitOptions, fit_keys};
use super::rola::within;
use super::setting::{real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use bellwether::alarm::incidents::{Incidents, Rules};
use bellwether::quartet::Settings;
use bellwether::{Assessment, Reading, State, Tick};

const KEYS: &str = concat!(
    "\
threshold=X           severity of an incident (9.5)
",
    fit_keys!()
);

/// Incidents in the registry.
pub const ENTRY: Entry = Entry {
    name: "incidents",
    about: "The first sharp row of each incident, for streams of one variable: a quartet’s score in \
            deviations from two means",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: Some("learn"),
    learns_all: true,
    app: None,
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(IncidentWatch::of(setup)?)),
};

fn parse(assignments: &[String]) -> anyhow::Result<(FitOptions, Rules)> {
    let (mut fit, mut rules) = (FitOptions::default(), Rules::DEFAULT);
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "threshold" => rules = Rules::new(real(key, value)?)?,
            _ if fit.set(key, value)? => {}
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok((fit, rules))
}

struct IncidentWatch {
    machine: Box<dyn Machine>,
    incidents: Incidents,
    rules: Rules,
    state_bytes: usize,
    profile: Profile,
}

impl IncidentWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        within(setup.names)?;
        let (mut fit, rules) = parse(setup.settings)?;
        let shape = fit.shape(setup.names.len())?;
        let mut pairs = vec![("threshold".to_owned(), rules.threshold().to_string())];
        pairs.extend(fit.assignments());
        Ok(Self {
            machine: fit.machine(Settings::new(shape), None)?,
            incidents: Incidents::after_fit(fit.learn),
            state_bytes: fit.state_bytes(shape) + size_of::<Incidents>(),
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs,
                limits: vec![Limit {
                    measure: "severity",
                    threshold: rules.threshold(),
                    moves: false,
                }],
                contributions: Meaning {
                    title: "Surprise",
                    about: "Each variable’s part in the surprise of a row.",
                    adds: true,
                },
                ..Profile::default()
            },
            rules,
        })
    }
}

impl Watch for IncidentWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    /// A row with a higher one among the 300 before it has a score of 0: it is no news.
    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let mut parts = vec![0.0; self.profile.names.len()];
        let verdict = self.machine.take(tick, readings, &mut parts);
        let threshold = self.rules.threshold();
        let mut record = Record::bare(tick.0, verdict.assessment);
        record.thresholds = vec![threshold];
        if matches!(verdict.assessment.state, State::Warming { .. }) {
            return record;
        }
        let onset = verdict.score.map(|score| score.onset);
        let Some(row) = self.incidents.observe(self.rules, onset) else {
            return record;
        };
        let score = if row.is_highest { row.severity } else { 0.0 };
        let state = match row.is_detected {
            true => State::Anomalous,
            false => State::Normal,
        };
        record.assessment = Assessment::judged(state, score, threshold);
        record.measure = self.profile.limits.first().map(|limit| limit.measure);
        record.levels = vec![score];
        record.contributions = Contribution::of_row(readings, self.machine.means(), parts);
        record
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes)
    }

    fn state_bytes(&self) -> usize {
        self.state_bytes
    }
}
