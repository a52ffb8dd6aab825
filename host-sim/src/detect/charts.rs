//! Control charts of each variable: limits, sums, weighted and windowed means, and a daily profile.

mod keys;

use super::setting::{large_count, real, split, unknown};
use super::watch::{Limit, Meaning};
use super::{Contribution, Entry, Profile as About, Record, Setup, Watch};
use crate::recording::cadence::Step;
use anyhow::Context;
use bellwether::chart::{
    Chart, Charts, Rules, Settings, cusum, gaussian, limits, page_hinkley, profile, window,
};
use bellwether::sample::MAX_VARIABLES;
use bellwether::{Detector as _, Reading, Tick};
use keys::Keys;

/// Values of the window.
const WINDOW: usize = 64;
/// Parts of the profile.
const PARTS: usize = 24;

/// Limits in the registry.
pub const LIMITS: Entry = entry::<limits::Settings>(
    "limits",
    "Limits around the learned mean with hysteresis: warning and critical",
);
/// Cumulative sums in the registry.
pub const CUSUM: Entry = entry::<cusum::Settings>(
    "cusum",
    "Cumulative sums of the deviations from the learned mean: small shifts that last",
);
/// The test of Page and Hinkley in the registry.
pub const PAGE_HINKLEY: Entry = entry::<page_hinkley::Settings>(
    "page-hinkley",
    "Changes of a variable’s level, which is then taken for normal",
);
/// The exponentially weighted mean in the registry.
pub const GAUSSIAN: Entry =
    entry::<gaussian::Settings>("gaussian", "Deviations from an exponentially weighted mean");
/// The mean of a window in the registry.
pub const WINDOW_OF_VALUES: Entry =
    entry::<window::Settings<WINDOW>>("window", "Deviations from the mean of the last 64 values");
/// The profile of a day in the registry.
pub const PROFILE: Entry = entry::<profile::Settings<PARTS>>(
    "profile",
    "Deviations from the usual value of the part of the day, in 24 parts",
);

const fn entry<S: Keys>(name: &'static str, about: &'static str) -> Entry {
    Entry {
        name,
        about,
        keys: S::KEYS,
        needs_model: false,
        has_fit: false,
        learning: Some("learn"),
        app: Some("named"),
        learns_all: false,
        check: |settings| parse::<S>(settings).map(drop),
        make: |setup| Ok(Box::new(ChartWatch::<S>::of(setup)?)),
    }
}

fn parse<S: Keys>(assignments: &[String]) -> anyhow::Result<Settings<S>> {
    let mut settings = Settings::new(1, S::Chart::DEFAULT);
    for assignment in assignments {
        let (key, value) = split(assignment, S::KEYS)?;
        match key {
            "learn" => settings.learn = large_count(key, value)?,
            "floor" => settings.floor = real(key, value)?,
            _ if settings.chart.set(key, value)? => {}
            _ => return Err(unknown(key, S::KEYS)),
        }
    }
    Ok(settings)
}

struct ChartWatch<S: Keys> {
    rules: Rules<S, MAX_VARIABLES>,
    charts: Box<Charts<S::Chart, MAX_VARIABLES>>,
    limit: Limit,
    profile: About,
}

impl<S: Keys> ChartWatch<S> {
    fn of(setup: &Setup<'_, '_>) -> anyhow::Result<Self> {
        let settings = Settings {
            variables: u16::try_from(setup.names.len()).context("too many variables")?,
            ..parse::<S>(setup.settings)?
        };
        let mut pairs = vec![
            ("learn", settings.learn.to_string()),
            ("floor", settings.floor.to_string()),
        ];
        pairs.extend(settings.chart.pairs());
        let pairs = pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        let limit = Limit {
            measure: S::MEASURE,
            threshold: settings.chart.limit(),
            moves: S::MOVES,
        };
        let profile = About {
            names: setup.names.to_vec(),
            settings: pairs.collect(),
            limits: vec![limit],
            contributions: Meaning {
                title: "Charts",
                about: "The statistic of each variable’s chart, in standard deviations of the rows that \
                        were learned from.",
                adds: false,
            },
            ..About::default()
        };
        Ok(Self {
            rules: settings.try_into()?,
            charts: Box::default(),
            limit,
            profile,
        })
    }
}

impl<S: Keys> Watch for ChartWatch<S> {
    fn profile(&self) -> &About {
        &self.profile
    }

    fn observe(&mut self, tick: Tick, _: Step, readings: &[Reading]) -> Record {
        let assessment = self.charts.observe(&self.rules, tick, readings);
        let mut record = Record::bare(tick.0, assessment);
        if assessment.score.is_some() {
            let parts = self.charts.contributions(&self.rules, readings);
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
        let one = size_of::<Charts<S::Chart, 1>>();
        let each = size_of::<Charts<S::Chart, 2>>() - one;
        one + each * (self.profile.names.len() - 1)
    }
}
