//! Mean and three standard deviations of each variable, learned from the rows in front.

use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use anyhow::Context;
use bellwether::sample::MAX_VARIABLES;
use bellwether::sigma::{Rules, Settings, Sigma};
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
learn=N               rows in front that are learned from (1440)
sigmas=X              deviations from the mean above which a value is anomalous (3)
floor=X               smallest deviation, as a share of the mean (0.01)";

/// Sigma in the registry.
pub const ENTRY: Entry = Entry {
    name: "sigma",
    about: "Mean and standard deviation per variable, learned in front, then fixed",
    keys: KEYS,
    needs_model: false,
    learning: Some("learn"),
    learns_all: false,
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(SigmaWatch::of(setup)?)),
};

type Capacity = Settings<MAX_VARIABLES>;

fn parse(assignments: &[String]) -> anyhow::Result<Capacity> {
    let mut settings = Capacity::DEFAULT;
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "learn" => settings.learn = large_count(key, value)?,
            "sigmas" => settings.sigmas = real(key, value)?,
            "floor" => settings.floor = real(key, value)?,
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok(settings)
}

struct SigmaWatch {
    rules: Rules<MAX_VARIABLES>,
    sigma: Box<Sigma<MAX_VARIABLES>>,
    profile: Profile,
}

impl SigmaWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        let settings = Settings {
            variables: u16::try_from(setup.names.len()).context("too many variables")?,
            ..parse(setup.settings)?
        };
        let Settings {
            learn,
            sigmas,
            floor,
            ..
        } = settings;
        let pairs = [
            ("learn", learn.to_string()),
            ("sigmas", sigmas.to_string()),
            ("floor", floor.to_string()),
        ];
        Ok(Self {
            rules: settings.try_into()?,
            sigma: Box::default(),
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs.map(|(key, value)| (key.to_owned(), value)).to_vec(),
                limits: vec![Limit {
                    measure: "deviations",
                    threshold: sigmas,
                    moves: false,
                }],
                contributions: Meaning {
                    title: "Deviations",
                    about: "How far each value is from its variable’s mean, without its sign, in \
                            standard deviations of the rows that were learned from.",
                    adds: false,
                },
                ..Profile::default()
            },
        })
    }
}

impl Watch for SigmaWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let assessment = self.sigma.observe(&self.rules, tick, readings);
        let limits = self.profile.limits.iter();
        let mut record = Record::bare(tick.0, assessment);
        record.thresholds = limits.map(|limit| limit.threshold).collect();
        if let Some(score) = assessment.score {
            record.measure = self.profile.limits.first().map(|limit| limit.measure);
            record.levels = vec![score];
            let parts = self.sigma.contributions(&self.rules, readings);
            record.contributions = parts
                .map(|part| Contribution {
                    variable: part.feature,
                    back: 0,
                    value: part.value,
                    expected: part.expected,
                    error: part.error,
                })
                .collect();
        }
        record
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes())
    }

    fn state_bytes(&self) -> usize {
        const EACH: usize = Sigma::<2>::STATE_BYTES - Sigma::<1>::STATE_BYTES;
        Sigma::<1>::STATE_BYTES + EACH * (self.profile.names.len() - 1)
    }
}
