//! Mean and three standard deviations of each variable, learned from the leading rows.

use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch};
use crate::recording::cadence::Step;
use anyhow::{Context, bail};
use bellwether::sample::MAX_VARIABLES;
use bellwether::sigma::{Rules, Score, Settings, Sigma};
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
learn=N               leading rows to learn from (1440)
sigmas=X              threshold around the mean, in standard deviations (3)
score=largest|mean     over the variables of a row (largest)
floor=X               smallest standard deviation, as a share of the mean (0.01)";

/// Sigma in the registry.
pub const ENTRY: Entry = Entry {
    name: "sigma",
    about: "Mean and standard deviation per variable, learned from the leading rows, then fixed",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: Some("learn"),
    app: Some("sigma"),
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
            "score" => {
                settings.score = match value {
                    "largest" => Score::Largest,
                    "mean" => Score::Mean,
                    _ => bail!("score={value}: expected `largest` or `mean`"),
                }
            }
            "floor" => settings.floor = real(key, value)?,
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok(settings)
}

const fn name(score: Score) -> &'static str {
    match score {
        Score::Largest => "largest",
        Score::Mean => "mean",
    }
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
            score,
            floor,
            ..
        } = settings;
        let pairs = [
            ("learn", learn.to_string()),
            ("sigmas", sigmas.to_string()),
            ("score", name(score).to_owned()),
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
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let parts = self.sigma.contributions(&self.rules, readings);
            record.contributions = parts.map(Contribution::from).collect();
        }
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        let score = answer.assessment.score;
        let limit = self.profile.limits.iter();
        Record {
            measure: score.and(limit.clone().map(|limit| limit.measure).next()),
            levels: score.into_iter().collect(),
            thresholds: limit.map(|limit| limit.threshold).collect(),
            ..answer
        }
    }

    fn work(&self) -> String {
        format!("{} bytes of state", self.state_bytes())
    }

    fn state_bytes(&self) -> usize {
        const EACH: usize = Sigma::<2>::STATE_BYTES - Sigma::<1>::STATE_BYTES;
        Sigma::<1>::STATE_BYTES + EACH * (self.profile.names.len() - 1)
    }
}
