//! The alarms of every run, a line each: of a swept threshold, and of the detector's own.

use super::entrant::{DEFAULT, Own};
use super::outcome::label;
use super::sweep::{Curve, Recall, Swept, at_rates};
use super::table::names;
use super::{Entrant, ScoredRun, Series};
use crate::metrics::episodes::Events;
use crate::metrics::nab;
use crate::metrics::runs::runs;
use anyhow::Context;
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// False episodes per 10,000 normal rows at which recalls are compared.
pub const RATES: [f64; 3] = [1.0, 3.0, 10.0];

/// A line of `alarms.csv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlarmRun {
    /// The set.
    pub set: String,
    /// The series in it.
    pub series: String,
    /// The detector.
    pub detector: String,
    /// Its settings: `default`, or the changed ones.
    pub settings: String,
    /// Its seed.
    pub seed: u64,
    /// Events among the scored rows.
    pub events: u64,
    /// Rows away from events.
    pub normal_rows: u64,
    /// Number of distinct scores: 1 is a constant score.
    pub distinct_scores: u64,
    /// False episodes per 10,000 normal rows that the detector's own alarms are meant to keep; empty
    /// without such alarms, and so are the next six.
    pub promise: Option<f64>,
    /// Events found.
    pub found: Option<u64>,
    /// Events in which an episode begins.
    pub fresh: Option<u64>,
    /// False episodes.
    pub false_episodes: Option<u64>,
    /// Normal rows in alarm.
    pub busy_rows: Option<u64>,
    /// NAB's standard score of the alarms' first rows, before scaling, with events as windows.
    pub nab: Option<f64>,
    /// Rows from the start of each found event to its first alarm row, blanks between.
    pub delays: String,
    /// Rows from the end of each found event to the end of its alarm, blanks between.
    pub clears: String,
    /// The swept threshold ([`Curve`]).
    pub curve: String,
}

impl AlarmRun {
    /// Judges a run.
    pub fn of(entrant: &Entrant, series: &Series, seed: u64, run: &ScoredRun) -> Self {
        let events = Events::of(series.labels());
        let own = run.own.as_ref();
        let judged = own.and_then(|Own { alarms, .. }| events.judge(alarms));
        let judged = judged.as_ref();
        let mut sorted = run.scores.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted.dedup();
        Self {
            set: series.set.clone(),
            series: series.name.clone(),
            detector: entrant.name().to_owned(),
            settings: entrant.settings(),
            seed,
            events: events.count(),
            normal_rows: events.normal_rows(),
            distinct_scores: sorted.len() as u64,
            promise: own.map(|own| own.promise),
            found: judged.map(|judged| judged.found),
            fresh: judged.map(|judged| judged.fresh),
            false_episodes: judged.map(|judged| judged.false_episodes),
            busy_rows: judged.map(|judged| judged.busy),
            nab: own.map(|own| nab_of(&own.alarms, series)),
            delays: judged.map_or_else(String::new, |judged| spelled(&judged.delays)),
            clears: judged.map_or_else(String::new, |judged| spelled(&judged.clears)),
            curve: Curve::of(&run.scores, &events).to_string(),
        }
    }

    /// The detector, with its settings if anybody changed them.
    pub fn label(&self) -> String {
        label(&self.detector, &self.settings)
    }

    fn key(&self) -> (&str, &str, &str, &str, u64) {
        (
            &self.set,
            &self.series,
            &self.detector,
            &self.settings,
            self.seed,
        )
    }
}

/// NAB's standard score of a series, before scaling; the first row of each alarm is a detection.
fn nab_of(alarms: &[bool], series: &Series) -> f64 {
    let fitted = series.rows.len() - series.labels().len();
    let labels: Vec<bool> = [&vec![false; fitted][..], series.labels()].concat();
    let mut scores = vec![0.0; labels.len()];
    for alarm in runs(alarms) {
        scores[fitted + alarm.first] = 1.0;
    }
    let windows = runs(&labels);
    let file = nab::File {
        scores: &scores,
        windows: &windows,
    };
    file.raw(1.0, &nab::Profile::STANDARD)
}

fn spelled(rows: &[u64]) -> String {
    let words: Vec<String> = rows.iter().map(u64::to_string).collect();
    words.join(" ")
}

/// All lines.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlarmTable {
    /// One per set, series, detector, settings and seed.
    pub runs: Vec<AlarmRun>,
}

impl AlarmTable {
    /// Reads `alarms.csv`.
    ///
    /// # Errors
    /// A line is not understood; it is named.
    pub fn read(name: &str, input: impl Read) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(input);
        let mut runs = Vec::new();
        for (k, run) in reader.deserialize().enumerate() {
            let place = || format!("{name}: line {}", k + 2);
            let run: AlarmRun = run.with_context(place)?;
            run.curve.parse::<Curve>().with_context(place)?;
            for word in [&run.delays, &run.clears]
                .iter()
                .flat_map(|rows| rows.split_whitespace())
            {
                word.parse::<u64>().with_context(place)?;
            }
            runs.push(run);
        }
        Ok(Self { runs })
    }

    /// Writes it, in an order that does not depend on who was ready first.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&self, output: impl Write) -> anyhow::Result<()> {
        let mut sorted: Vec<&AlarmRun> = self.runs.iter().collect();
        sorted.sort_by(|a, b| a.key().cmp(&b.key()));
        let mut writer = csv::Writer::from_writer(output);
        for run in sorted {
            writer.serialize(run)?;
        }
        writer.flush()?;
        Ok(())
    }

    /// A run's line.
    pub fn find(
        &self,
        set: &str,
        series: &str,
        entrant: (&str, &str),
        seed: u64,
    ) -> Option<&AlarmRun> {
        let wanted = (set, series, entrant.0, entrant.1, seed);
        self.runs.iter().find(|run| run.key() == wanted)
    }

    /// Takes a run, in the place of an earlier one.
    pub fn push(&mut self, run: AlarmRun) {
        self.runs.retain(|old| old.key() != run.key());
        self.runs.push(run);
    }

    /// The runs with defaults, or the others with their settings in each detector's name.
    pub fn part(&self, tuned: bool) -> Self {
        let part = self.runs.iter();
        let part = part.filter(|run| (run.settings != DEFAULT) == tuned);
        let named = part.cloned().map(|run| AlarmRun {
            detector: run.label(),
            ..run
        });
        Self {
            runs: named.collect(),
        }
    }

    /// The sets, in the order of their names.
    pub fn sets(&self) -> Vec<&str> {
        names(self.runs.iter().map(|run| run.set.as_str()))
    }

    /// The detectors, in the order of their names.
    pub fn detectors(&self) -> Vec<&str> {
        names(self.runs.iter().map(|run| run.detector.as_str()))
    }

    /// A detector's runs over a set.
    pub fn of(&self, set: &str, detector: &str) -> Vec<&AlarmRun> {
        let of_set = |run: &&AlarmRun| run.set == set && run.detector == detector;
        self.runs.iter().filter(of_set).collect()
    }

    /// Recall at [`RATES`] with one threshold for the given sets.
    pub fn recalls(&self, sets: &[&str], detector: &str) -> [Option<Recall>; 3] {
        let runs: Vec<Vec<(&AlarmRun, Curve)>> = sets
            .iter()
            .map(|set| {
                let runs = self.of(set, detector).into_iter();
                // Curves were read before, or made here.
                runs.map(|run| (run, run.curve.parse().unwrap_or_default()))
                    .collect()
            })
            .collect();
        let sets: Vec<Vec<Swept<'_>>> = runs
            .iter()
            .map(|runs| {
                let swept = runs.iter().map(|(run, curve)| Swept {
                    events: run.events,
                    normal: run.normal_rows,
                    curve,
                });
                swept.collect()
            })
            .collect();
        at_rates(&sets, RATES)
    }

    /// Detectors with the series whose scores are all equal.
    pub fn constants(&self) -> Vec<(&str, Vec<String>)> {
        let constant = |detector: &&str| {
            let runs = self.runs.iter();
            let runs = runs.filter(|run| run.detector == *detector && run.distinct_scores == 1);
            let mut series: Vec<String> = runs
                .map(|run| format!("{}/{}", run.set, run.series))
                .collect();
            series.sort_unstable();
            series.dedup();
            series
        };
        let all = self.detectors().into_iter();
        let all = all.map(|detector| (detector, constant(&detector)));
        all.filter(|(_, series)| !series.is_empty()).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A run of detector `d` with defaults that found nothing.
    pub fn run(
        set: &str,
        series: &str,
        events: u64,
        normal_rows: u64,
        false_episodes: u64,
    ) -> AlarmRun {
        AlarmRun {
            set: set.to_owned(),
            series: series.to_owned(),
            detector: "d".to_owned(),
            settings: DEFAULT.to_owned(),
            seed: 1,
            events,
            normal_rows,
            distinct_scores: 3,
            promise: Some(1.0),
            found: Some(0),
            fresh: Some(0),
            false_episodes: Some(false_episodes),
            busy_rows: Some(0),
            nab: Some(-(events as f64)),
            delays: String::new(),
            clears: String::new(),
            curve: format!("9:{events}:0:0 7:{events}:0:{false_episodes}"),
        }
    }

    #[test]
    fn what_is_written_is_read_and_a_later_run_replaces() {
        let mut table = AlarmTable {
            runs: vec![run("b", "1", 2, 100, 1), run("a", "1", 1, 100, 1)],
        };
        let quiet = AlarmRun {
            promise: None,
            found: None,
            ..run("a", "2", 1, 100, 0)
        };
        table.push(quiet.clone());
        let mut bytes = Vec::new();
        table.write(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let header = "set,series,detector,settings,seed,events,normal_rows,distinct_scores,promise,found,\
                      fresh,false_episodes,busy_rows,nab,delays,clears,curve\n";
        assert!(
            text.starts_with(&format!("{header}a,1,d,default,1,1,100,3,1.0,0,")),
            "{text}"
        );
        let read = |text: &str| AlarmTable::read("a.csv", text.as_bytes());
        let mut again = read(&text).unwrap();
        assert_eq!(again.find("a", "2", ("d", "default"), 1), Some(&quiet));
        assert_eq!(again.find("a", "2", ("d", "default"), 2), None);
        again.push(run("a", "2", 5, 100, 0));
        assert_eq!(again.runs.len(), 3);
        assert_eq!(again.find("a", "2", ("d", "default"), 1).unwrap().events, 5);
        let error = read(&text.replacen("9:1:0:0", "9:1", 1)).unwrap_err();
        assert!(format!("{error:#}").starts_with("a.csv: line 2: expected level:"));
    }

    /// By hand: 1 false episode in 5,000 rows is a rate of 2, beside a quiet set of 1.
    #[test]
    fn one_threshold_serves_all_sets() {
        let table = AlarmTable {
            runs: vec![run("a", "1", 4, 5_000, 1), run("b", "1", 2, 10_000, 0)],
        };
        let [one, three, _] = table.recalls(&["a"], "d");
        assert_eq!((one.unwrap().found, three), (1.0, None));
        let [one, ..] = table.recalls(&["a", "b"], "d");
        assert_eq!(one.unwrap().found, 1.0);
    }

    #[test]
    fn constant_scores_are_named() {
        let constant = AlarmRun {
            distinct_scores: 1,
            ..run("a", "2", 1, 9, 0)
        };
        let table = AlarmTable {
            runs: vec![run("a", "1", 1, 9, 0), constant],
        };
        assert_eq!(table.constants(), [("d", vec!["a/2".to_owned()])]);
        assert!(AlarmTable::default().constants().is_empty());
    }
}
