//! Models of recent changes, trained at different times, which must all agree.

use super::setting::{count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::Context;
use bellwether::consensus::{self, Consensus};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
window=N              rows of a training; a new one begins every half of it (360)
quorum=N              models of a variable before it is judged, 1 to 18 (3)
limit=X               place in a training's range of distances from which a model says anomalous (0.99)
rate=X                share of anomalous variables above which a row is anomalous (0.1)";

/// The consensus in the registry.
pub const ENTRY: Entry = Entry {
    name: "consensus",
    about: "18 models of each variable's recent changes, as Netdata's agent has them; share of variables \
            that all of them call anomalous",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: None,
    app: Some("named"),
    learns_all: false,
    check: |settings| parse(settings).map(drop),
    make: |setup| Ok(Box::new(ConsensusWatch::of(setup)?)),
};

/// The models of the agent.
const MODELS: usize = 18;

type State = Consensus<MAX_VARIABLES, MODELS>;
type Settings = consensus::Settings<MAX_VARIABLES, MODELS>;
type Rules = consensus::Rules<MAX_VARIABLES, MODELS>;

fn parse(assignments: &[String]) -> anyhow::Result<Settings> {
    let mut settings = Settings::DEFAULT;
    for assignment in assignments {
        let (key, value) = split(assignment, KEYS)?;
        match key {
            "window" => settings.window = count(key, value)?,
            "quorum" => settings.quorum = count(key, value)?,
            "limit" => settings.limit = real(key, value)?,
            "rate" => settings.rate = real(key, value)?,
            _ => return Err(unknown(key, KEYS)),
        }
    }
    Ok(settings)
}

struct ConsensusWatch {
    rules: Rules,
    state: Box<State>,
    limit: Limit,
    profile: Profile,
}

impl ConsensusWatch {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        let settings = Settings {
            variables: u16::try_from(setup.names.len()).context("too many variables")?,
            ..parse(setup.settings)?
        };
        let pairs = [
            ("window", settings.window.to_string()),
            ("quorum", settings.quorum.to_string()),
            ("limit", settings.limit.to_string()),
            ("rate", settings.rate.to_string()),
        ];
        let limit = Limit {
            measure: "anomaly_rate",
            threshold: settings.rate,
            // With the number of variables that are judged.
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
                    title: "Consensus",
                    about: "The score of the newest model that says normal, else the smallest of all models; \
                            anomalous from the limit on.",
                    adds: false,
                },
                ..Profile::default()
            },
            limit,
        })
    }
}

impl Watch for ConsensusWatch {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let assessment = self.state.observe(&self.rules, tick, readings);
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let parts = self.state.contributions(readings);
            record.contributions = parts.map(Contribution::from).collect();
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
            (Consensus::<3, MODELS>::STATE_BYTES - Consensus::<1, MODELS>::STATE_BYTES) / 2;
        State::STATE_BYTES - EACH * (MAX_VARIABLES - self.profile.names.len())
    }
}
