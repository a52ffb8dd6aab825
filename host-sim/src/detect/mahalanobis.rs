//! The distance from a learned mean in the metric of the covariance, and a chi-square limit.

use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::Context;
use bellwether::mahalanobis::{Mahalanobis, Rules, Settings};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
learn=N               leading rows to learn from (1440)
memory=N              rows that it goes back to after them; 0 learns nothing more (0)
sigmas=X              normal quantile of the chi-square limit (3)
floor=X               smallest standard deviation, as a share of the mean (0.001)
ridge=X               smallest one of a variable whose others are known, as a share of its own (0.05)";

/// Mahalanobis in the registry.
pub const ENTRY: Entry = Entry {
    name: "mahalanobis",
    about: "Distance from the mean in the metric of the covariance, both learned, with a chi-square limit",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: Some("learn"),
    app: Some("named"),
    learns_all: false,
    check: |settings| parse::<MAX_VARIABLES>(settings).map(drop),
    make: |setup| match setup.names.len() {
        0..=16 => MahalanobisWatch::<16>::of(setup),
        17..=64 => MahalanobisWatch::<64>::of(setup),
        _ => MahalanobisWatch::<MAX_VARIABLES>::of(setup),
    },
};

fn parse<const V: usize>(assignments: &[String]) -> anyhow::Result<Settings<V>> {
    let mut settings = Settings::DEFAULT;
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "learn" => settings.learn = large_count(key, value)?,
            "memory" => settings.memory = large_count(key, value)?,
            "sigmas" => settings.sigmas = real(key, value)?,
            "floor" => settings.floor = real(key, value)?,
            "ridge" => settings.ridge = real(key, value)?,
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok(settings)
}

struct MahalanobisWatch<const V: usize> {
    rules: Rules<V>,
    state: Box<Mahalanobis<V>>,
    limit: Limit,
    profile: Profile,
}

impl<const V: usize> MahalanobisWatch<V> {
    fn of<'m>(setup: &Setup<'_, 'm>) -> anyhow::Result<Box<dyn Watch + 'm>> {
        let variables = setup.names.len();
        let settings = Settings::<V> {
            variables: u16::try_from(variables).context("too many variables")?,
            ..parse(setup.settings)?
        };
        let pairs = [
            ("learn", settings.learn.to_string()),
            ("memory", settings.memory.to_string()),
            ("sigmas", settings.sigmas.to_string()),
            ("floor", settings.floor.to_string()),
            ("ridge", settings.ridge.to_string()),
        ];
        let rules = Rules::try_from(settings)?;
        let limit = Limit {
            measure: "squared_distance",
            threshold: rules.limit(variables),
            // With the number of values.
            moves: true,
        };
        Ok(Box::new(Self {
            state: roomy::boxed(Box::<Mahalanobis<V>>::default)?,
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs.map(|(key, value)| (key.to_owned(), value)).to_vec(),
                limits: vec![limit],
                contributions: Meaning {
                    title: "Parts of d²",
                    about: "The part of each variable in the squared distance, in which it counts how far \
                            it is from its mean and from where the other variables have it.",
                    adds: true,
                },
                ..Profile::default()
            },
            limit,
            rules,
        }))
    }
}

impl<const V: usize> Watch for MahalanobisWatch<V> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        // The parts in the metric that judges the row, before it is learned.
        let parts = self.state.contributions(&self.rules, readings);
        let parts: Vec<Contribution> = parts.map(Contribution::from).collect();
        let assessment = self.state.observe(&self.rules, tick, readings);
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            record.contributions = parts;
        }
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        answer.by_score(&self.limit)
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes())
    }

    fn state_bytes(&self) -> usize {
        const FIXED: usize = Mahalanobis::<2>::STATE_BYTES - 4 * 4 - 2 * 12;
        let variables = self.profile.names.len();
        FIXED + 12 * variables + 4 * variables * variables
    }
}
