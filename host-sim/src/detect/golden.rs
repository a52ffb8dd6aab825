//! A recorded good run, with which every later run is aligned and compared.

use super::setting::{count, large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile, Record, Setup, Watch, roomy};
use crate::recording::cadence::Step;
use anyhow::{Context, ensure};
use bellwether::golden::{Begin, Departure, Golden, Rules, Settings};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Tick};

const KEYS: &str = "\
every=N               rows of a run; one begins at every multiple of it, 4 to 4096 (1440)
column=NAME           instead of `every`: a run begins where this variable rises to `level`
level=X               that level, in the variable's unit
runs=N                good runs that are learned from, 1 to 255 (5)
slack=N               rows that a run may be ahead or behind, at most 64 (a tenth of `every`, else 32)
limit=X               deviations above which a row is anomalous (6)
least=X               smallest deviation, as a share of the variable's over the golden run (0.02)";

/// Most rows of a run.
const ROWS: usize = 4096;
/// Rows of the window.
const WINDOW: usize = 129;
/// Runs that left the golden one, in the summary.
const NAMED: usize = 5;

/// The golden run in the registry.
pub const ENTRY: Entry = Entry {
    name: "golden",
    about: "Compares each run of a machine that repeats itself with recorded good runs, faster or slower",
    keys: KEYS,
    needs_model: false,
    has_fit: false,
    learning: None,
    app: None,
    learns_all: false,
    check: |settings| Choice::of(settings).map(drop),
    make: |setup| match setup.names.len() {
        0..=16 => GoldenWatch::<16>::of(setup),
        _ => GoldenWatch::<MAX_VARIABLES>::of(setup),
    },
};

/// The settings as they are said.
struct Choice {
    every: u32,
    column: Option<String>,
    level: Option<f32>,
    runs: u8,
    slack: Option<u16>,
    limit: f32,
    least: f32,
}

impl Choice {
    fn of(assignments: &[String]) -> anyhow::Result<Self> {
        let defaults = Settings::<1, ROWS, WINDOW>::DEFAULT;
        let mut choice = Self {
            every: 1440,
            column: None,
            level: None,
            runs: defaults.runs,
            slack: None,
            limit: defaults.limit,
            least: defaults.least,
        };
        for assignment in assignments {
            let (key, value) = split(assignment, KEYS)?;
            match key {
                "every" => choice.every = large_count(key, value)?,
                "column" => choice.column = Some(value.to_owned()),
                "level" => choice.level = Some(real(key, value)?),
                "runs" => {
                    let runs = count(key, value)?;
                    choice.runs = u8::try_from(runs).context("runs must be 1 to 255")?;
                }
                "slack" => choice.slack = Some(count(key, value)?),
                "limit" => choice.limit = real(key, value)?,
                "least" => choice.least = real(key, value)?,
                _ => return Err(unknown(key, KEYS)),
            }
        }
        ensure!(
            choice.column.is_some() == choice.level.is_some(),
            "expected column=NAME and level=X together: a run begins where the variable rises to the level"
        );
        Ok(choice)
    }

    fn begin(&self, names: &[String]) -> anyhow::Result<Begin> {
        let (Some(column), Some(level)) = (&self.column, self.level) else {
            return Ok(Begin::Every(self.every));
        };
        let variable = names.iter().position(|name| name == column);
        let variable = variable.with_context(|| {
            let known = names.join(", ");
            format!("column={column}: no variable has this name; there are: {known}")
        })?;
        Ok(Begin::Rises {
            variable: u16::try_from(variable)?,
            level,
        })
    }

    fn slack(&self) -> u16 {
        let usual = match self.column {
            Some(_) => 32,
            None => (self.every / 10).min(WINDOW as u32 / 2) as u16,
        };
        self.slack.unwrap_or(usual)
    }
}

struct GoldenWatch<const V: usize> {
    rules: Rules<V, ROWS, WINDOW>,
    state: Box<Golden<V, ROWS, WINDOW>>,
    limit: Limit,
    profile: Profile,
    /// Runs that left the golden one: the row, and the place.
    left: Vec<(u64, Departure)>,
}

impl<const V: usize> GoldenWatch<V> {
    fn of<'m>(setup: &Setup<'_, 'm>) -> anyhow::Result<Box<dyn Watch + 'm>> {
        let choice = Choice::of(setup.settings)?;
        let settings = Settings {
            variables: u16::try_from(setup.names.len()).context("too many variables")?,
            begin: choice.begin(setup.names)?,
            runs: choice.runs,
            slack: choice.slack(),
            limit: choice.limit,
            least: choice.least,
        };
        let begin = match (&choice.column, choice.level) {
            (Some(column), Some(level)) => {
                [("column", column.clone()), ("level", level.to_string())].to_vec()
            }
            _ => [("every", choice.every.to_string())].to_vec(),
        };
        let others = [
            ("runs", settings.runs.to_string()),
            ("slack", settings.slack.to_string()),
            ("limit", settings.limit.to_string()),
            ("least", settings.least.to_string()),
        ];
        let pairs = begin.into_iter().chain(others);
        let limit = Limit {
            measure: "deviations",
            threshold: settings.limit,
            moves: false,
        };
        Ok(Box::new(Self {
            rules: settings.try_into()?,
            state: roomy::boxed(Box::<Golden<V, ROWS, WINDOW>>::default)?,
            profile: Profile {
                names: setup.names.to_vec(),
                settings: pairs.map(|(key, value)| (key.to_owned(), value)).collect(),
                limits: vec![limit],
                contributions: Meaning {
                    title: "Deviations",
                    about: "The distance of each value from the golden run at the row that it is aligned with, \
                            in deviations of good runs there.",
                    adds: false,
                },
                ..Profile::default()
            },
            limit,
            left: Vec::new(),
        }))
    }
}

impl<const V: usize> Watch for GoldenWatch<V> {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let assessment = self.state.observe(&self.rules, tick, readings);
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let parts = self.state.contributions(&self.rules, readings);
            record.contributions = parts.map(Contribution::from).collect();
            let departure = self.state.departure();
            let is_known = self.left.last().is_some_and(|(_, last)| *last == departure);
            if departure.score > self.limit.threshold && !is_known {
                self.left.push((tick.0, departure));
            }
        }
        self.of_device(record, 0)
    }

    fn of_device(&self, answer: Record, _: u8) -> Record {
        answer.by_score(&self.limit)
    }

    fn work(&self) -> String {
        let state = format!("{} bytes of state", self.state_bytes());
        let golden = match self.state.rows() {
            0 => "no golden run yet".to_owned(),
            rows => format!(
                "a golden run of {rows} rows from {} runs",
                self.state.runs()
            ),
        };
        let place = |(row, place): &(u64, Departure)| {
            let name = self.profile.names.get(usize::from(place.variable));
            let name = name.map_or("?", String::as_str);
            format!("row {row}, {} of the golden run ({name})", place.position)
        };
        let places: Vec<String> = self.left.iter().take(NAMED).map(place).collect();
        let left = match self.left.len() {
            0 => String::new(),
            runs => {
                let more = if runs > NAMED { ", ..." } else { "" };
                let them = if runs == 1 {
                    "1 run"
                } else {
                    &format!("{runs} runs")
                };
                format!("; {them} left it: {}{more}", places.join(", "))
            }
        };
        format!("{state}; {golden}{left}")
    }

    fn state_bytes(&self) -> usize {
        const EACH: usize =
            Golden::<2, ROWS, WINDOW>::STATE_BYTES - Golden::<1, ROWS, WINDOW>::STATE_BYTES;
        Golden::<1, ROWS, WINDOW>::STATE_BYTES + EACH * (self.profile.names.len() - 1)
    }
}
