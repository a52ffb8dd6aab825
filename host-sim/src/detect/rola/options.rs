//! Run-time settings of RoLA.

use crate::detect::setting::{count, real, split, unknown};
use anyhow::{Context, anyhow, bail, ensure};
use bellwether::repad2::{Guard, LaneSettings, Recheck};
use bellwether::rola::{Settings, VoteSettings};

macro_rules! lane_keys {
    () => {
        "\
window=N              errors per threshold (1440)
recheck=replace|append  effect of a second assessment on the first error (replace)
sigmas=X              threshold above the mean error, in standard deviations (3)
floor=X               smallest divisor of a relative error, every variable (1)
floor.NAME=X          the same for one variable
min_history=N         smallest number of errors; with fewer an alarm is only `early` (0)
guard=ERROR:SAMPLES   restart a lane after SAMPLES errors above ERROR, e.g. 0.5:60 (off)
stuck_after=N         consecutive equal values of a stuck sensor (off)
restart_after_gap=N   frames without a value before a lane restarts (off)
epochs_per_frame=N    training epochs per frame, all lanes together (off: all at once)
predictor=tabulated|trained|sequence|persistence|ewma  (tabulated)"
    };
}

/// Keys of lanes.
pub const LANE_KEYS: &str = lane_keys!();

/// Keys of lanes and their vote.
pub const KEYS: &str = concat!(
    lane_keys!(),
    "
history=N             frames per correlation (2880)
limit=X               two variables are related if |r| is above this (0.95)
min_samples=N         smallest number of frames for a correlation (30)
pairs_per_frame=N     correlations per frame of a vote (off: all at once)"
);

/// Keys of the vote only.
const VOTE: [&str; 4] = ["history", "limit", "min_samples", "pairs_per_frame"];

/// The predictor of the lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PredictorKind {
    /// The trained network, read from its table.
    #[default]
    Tabulated,
    /// The network of the public implementation, trained on the spot.
    Trained,
    /// A recurrent reading of the paper, trained on the spot.
    Sequence,
    /// The last value.
    Persistence,
    /// The exponentially weighted mean.
    Ewma,
}

impl PredictorKind {
    /// Every predictor.
    const ALL: [Self; 5] = [
        Self::Tabulated,
        Self::Trained,
        Self::Sequence,
        Self::Persistence,
        Self::Ewma,
    ];

    /// The predictor in a word, as in `--set`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tabulated => "tabulated",
            Self::Trained => "trained",
            Self::Sequence => "sequence",
            Self::Persistence => "persistence",
            Self::Ewma => "ewma",
        }
    }
}

/// All run-time settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Settings of every lane; `window` is always given.
    pub lane: LaneSettings,
    /// Settings of the vote; `history` is always given.
    pub vote: VoteSettings,
    /// Smallest divisor of a relative error.
    pub floor: f32,
    /// The same for single variables, by name; the last one applies.
    pub floors: Vec<(String, f32)>,
    /// The predictor.
    pub predictor: PredictorKind,
}

impl Default for Options {
    /// RePAD2's window of a day of minutes, and RoLA's history of two.
    fn default() -> Self {
        Self {
            lane: LaneSettings {
                window: Some(1440),
                ..LaneSettings::DEFAULT
            },
            vote: VoteSettings {
                history: Some(2880),
                ..VoteSettings::DEFAULT
            },
            floor: 1.0,
            floors: Vec::new(),
            predictor: PredictorKind::default(),
        }
    }
}

impl Options {
    /// Defaults changed by assignments `KEY=VALUE`.
    ///
    /// # Errors
    /// An assignment is not understood.
    pub fn parse<S: AsRef<str>>(assignments: &[S]) -> anyhow::Result<Self> {
        Self::read(assignments, KEYS)
    }

    fn read<S: AsRef<str>>(assignments: &[S], keys: &str) -> anyhow::Result<Self> {
        let mut options = Self::default();
        for assignment in assignments {
            options.set(assignment.as_ref(), keys)?;
        }
        Ok(options)
    }

    /// The same without a vote.
    ///
    /// # Errors
    /// An assignment is not understood, or is the vote's.
    pub fn parse_lanes<S: AsRef<str>>(assignments: &[S]) -> anyhow::Result<Self> {
        for assignment in assignments {
            let (key, _) = split(assignment.as_ref(), LANE_KEYS)?;
            if VOTE.contains(&key) {
                return Err(unknown(key, LANE_KEYS));
            }
        }
        Self::read(assignments, LANE_KEYS)
    }

    /// Changes one setting; `keys` are shown where it is none.
    fn set(&mut self, assignment: &str, keys: &str) -> anyhow::Result<()> {
        let (key, value) = split(assignment, keys)?;
        match key {
            "window" => self.lane.window = Some(count(key, value)?),
            "history" => self.vote.history = Some(count(key, value)?),
            "recheck" => {
                self.lane.recheck = match value {
                    "replace" => Recheck::Replace,
                    "append" => Recheck::Append,
                    _ => bail!("recheck={value}: expected `replace` or `append`"),
                }
            }
            "sigmas" => self.lane.sigmas = real(key, value)?,
            "floor" => self.floor = real(key, value)?,
            "limit" => self.vote.limit = real(key, value)?,
            "min_samples" => self.vote.min_samples = count(key, value)?,
            "min_history" => self.lane.min_history = count(key, value)?,
            "guard" => {
                let Some((error, samples)) = value.split_once(':') else {
                    bail!("guard={value}: expected ERROR:SAMPLES, e.g. 0.5:60");
                };
                self.lane.guard = Some(Guard {
                    error: real(key, error)?,
                    samples: count(key, samples)?,
                });
            }
            "stuck_after" => self.lane.stuck_after = Some(count(key, value)?),
            "restart_after_gap" => self.lane.restart_after_gap = Some(count(key, value)?),
            "epochs_per_frame" => self.lane.epochs_per_frame = Some(count(key, value)?),
            "pairs_per_frame" => self.vote.pairs_per_frame = Some(count(key, value)?),
            "predictor" => {
                let known = PredictorKind::ALL
                    .into_iter()
                    .find(|kind| kind.name() == value);
                self.predictor = known.ok_or_else(|| {
                    anyhow!(
                        "predictor={value}: expected tabulated, trained, sequence, \
                         persistence or ewma"
                    )
                })?;
            }
            _ => match key.strip_prefix("floor.") {
                Some(name) => self.floors.push((name.to_owned(), real(key, value)?)),
                None => return Err(unknown(key, keys)),
            },
        }
        Ok(())
    }

    /// The smallest divisor of one variable's relative error.
    pub fn floor_of(&self, name: &str) -> f32 {
        let own = self.floors.iter().rev().find(|(known, _)| known == name);
        own.map_or(self.floor, |(_, value)| *value)
    }

    /// Every setting as key and value, as in [`Options::parse`]; settings that are off are left
    /// out.
    pub fn assignments(&self) -> Vec<(String, String)> {
        let vote = [
            ("history", self.vote.history.map(|n| n.to_string())),
            ("limit", Some(self.vote.limit.to_string())),
            ("min_samples", Some(self.vote.min_samples.to_string())),
            (
                "pairs_per_frame",
                self.vote.pairs_per_frame.map(|n| n.to_string()),
            ),
        ];
        let vote = vote.into_iter();
        let vote = vote.filter_map(|(key, value)| Some((key.to_owned(), value?)));
        self.lane_assignments().into_iter().chain(vote).collect()
    }

    /// The settings of lanes, as in [`Options::parse_lanes`].
    pub fn lane_assignments(&self) -> Vec<(String, String)> {
        let lane = &self.lane;
        let recheck = match lane.recheck {
            Recheck::Replace => "replace",
            Recheck::Append => "append",
        };
        let guard = lane.guard.map(|g| format!("{}:{}", g.error, g.samples));
        let count = |count: Option<u16>| count.map(|n| n.to_string());
        let all = [
            ("window", count(lane.window)),
            ("recheck", Some(recheck.to_owned())),
            ("sigmas", Some(lane.sigmas.to_string())),
            ("floor", Some(self.floor.to_string())),
            ("min_history", Some(lane.min_history.to_string())),
            ("guard", guard),
            ("stuck_after", count(lane.stuck_after)),
            ("restart_after_gap", count(lane.restart_after_gap)),
            ("epochs_per_frame", count(lane.epochs_per_frame)),
            ("predictor", Some(self.predictor.name().to_owned())),
        ];
        let floors = self.floors.iter();
        all.into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .chain(floors.map(|(name, value)| (format!("floor.{name}"), value.to_string())))
            .collect()
    }

    /// The smallest divisor of each variable's relative error.
    ///
    /// # Errors
    /// A variable with a divisor does not exist.
    pub fn floors(&self, names: &[String]) -> anyhow::Result<Vec<f32>> {
        for (name, _) in &self.floors {
            ensure!(
                names.contains(name),
                "floor.{name}: no such variable; there are: {}",
                names.join(", ")
            );
        }
        Ok(names.iter().map(|name| self.floor_of(name)).collect())
    }

    /// The settings of an ensemble for these variables.
    pub(super) fn settings<const V: usize>(&self, names: &[String]) -> anyhow::Result<Settings<V>> {
        let mut floor = [self.floor; V];
        for (place, own) in floor.iter_mut().zip(self.floors(names)?) {
            *place = own;
        }
        let variables = u16::try_from(names.len()).context("too many variables")?;
        Ok(Settings {
            variables,
            floor,
            lane: self.lane,
            vote: self.vote,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|k| format!("v{k}")).collect()
    }

    #[test]
    fn every_key_sets_its_field() {
        let options = Options::parse(&[
            "window=100",
            "history=200",
            "recheck=append",
            "sigmas=2.5",
            "floor=0.5",
            "floor.v1=0.25",
            "limit=0.9",
            "min_samples=7",
            "min_history=8",
            "guard=0.5:60",
            "stuck_after=9",
            "restart_after_gap=10",
            "epochs_per_frame=11",
            "pairs_per_frame=12",
            "predictor=ewma",
        ])
        .unwrap();
        let lane = LaneSettings {
            window: Some(100),
            sigmas: 2.5,
            recheck: Recheck::Append,
            min_history: 8,
            guard: Some(Guard {
                error: 0.5,
                samples: 60,
            }),
            stuck_after: Some(9),
            restart_after_gap: Some(10),
            epochs_per_frame: Some(11),
        };
        let vote = VoteSettings {
            history: Some(200),
            limit: 0.9,
            min_samples: 7,
            pairs_per_frame: Some(12),
        };
        assert_eq!(
            (options.lane, options.vote, options.predictor),
            (lane, vote, PredictorKind::Ewma)
        );
        let again: Vec<String> = options
            .assignments()
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        assert_eq!(Options::parse(&again).unwrap(), options, "{again:?}");
        assert_eq!(options.assignments().len(), KEYS.lines().count());
        assert_eq!(
            (options.floor_of("v0"), options.floor_of("v1")),
            (0.5, 0.25)
        );
        let settings = options.settings::<4>(&names(2)).unwrap();
        assert_eq!(
            (settings.variables, settings.floor),
            (2, [0.5, 0.25, 0.5, 0.5])
        );
    }
}
