//! Streaming half-space trees.

use super::setting::{count, large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::Context;
use bellwether::half_space::{self, HalfSpace};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
learn=N               leading rows: a quarter for ranges, then masses and threshold (1440)
window=N              rows after which masses are renewed, 25 to 255 (250)
share=X               share of scores below the threshold (0.999)
floor=X               smallest range of a variable, as a share of its values (0.01)
seed=N                seed of the splits (1)";

/// Half-space trees in the registry.
pub const ENTRY: Entry = Entry {
    name: "half-space",
    about: "Half-space trees (12 of depth 8) over the last window of rows, with a quantile as threshold",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: Some("learn"),
    app: Some("named"),
    learns_all: false,
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(HalfSpaceWatch::of(setup)?)),
};

/// Trees that a Cortex-M4 has the time for: the paper has 25.
type State = HalfSpace<MAX_VARIABLES, 12, 512>;
type Settings = half_space::Settings<MAX_VARIABLES, 12, 512>;
type Rules = half_space::Rules<MAX_VARIABLES, 12, 512>;

fn parse(assignments: &[String]) -> anyhow::Result<Settings> {
    let mut settings = Settings::DEFAULT;
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "learn" => settings.learn = large_count(key, value)?,
            "window" => {
                let rows = count(key, value)?;
                settings.window = u8::try_from(rows).context("window must be 25 to 255")?;
            }
            "share" => settings.share = real(key, value)?,
            "floor" => settings.floor = real(key, value)?,
            "seed" => settings.seed = large_count(key, value)?,
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok(settings)
}

struct HalfSpaceWatch {
    rules: Rules,
    state: Box<State>,
    limit: Limit,
    profile: Profile,
}

impl HalfSpaceWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        let settings = Settings {
            variables: u16::try_from(setup.names.len()).context("too many variables")?,
            ..parse(setup.settings)?
        };
        let pairs = [
            ("learn", settings.learn.to_string()),
            ("window", settings.window.to_string()),
            ("share", settings.share.to_string()),
            ("floor", settings.floor.to_string()),
            ("seed", settings.seed.to_string()),
        ];
        let limit = Limit {
            measure: "sparseness",
            threshold: f32::NAN,
            moves: true,
        };
        Ok(Self {
            rules: settings.try_into()?,
            state: roomy::boxed(Box::<State>::default)?,
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs.map(|(key, value)| (key.to_owned(), value)).to_vec(),
                limits: vec![limit],
                contributions: Meaning {
                    title: "Density taken away",
                    about: "The binary digits of density that the splits on a variable take away, mean over \
                            the trees.",
                    adds: false,
                },
                ..Profile::default()
            },
            limit,
        })
    }
}

impl Watch for HalfSpaceWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        // By the masses that judge the row, before it ends a window.
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
        const EACH: usize =
            (HalfSpace::<3, 12, 512>::STATE_BYTES - HalfSpace::<1, 12, 512>::STATE_BYTES) / 2;
        State::STATE_BYTES - EACH * (MAX_VARIABLES - self.profile.names.len())
    }
}
