//! All outcomes, and means of them.

use super::entrant::DEFAULT;
use super::interval::Interval;
use super::outcome::{Metric, Outcome};
use anyhow::{Context, ensure};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::RecordWriter;
use std::io::{Read, Write};
use std::sync::Arc;

/// Outcomes, in the order they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// One per set, series, detector and seed.
    pub outcomes: Vec<Outcome>,
}

impl Table {
    /// Reads `results.csv`, or `tuned.csv`: defaults and tuned runs are never in one file.
    ///
    /// # Errors
    /// A line is not understood, or is of the other kind; it is named.
    pub fn read(name: &str, input: impl Read, tuned: bool) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(input);
        let mut outcomes = Vec::new();
        for (k, outcome) in reader.deserialize().enumerate() {
            let place = || format!("{name}: line {}", k + 2);
            let outcome: Outcome = outcome.with_context(place)?;
            ensure!(
                (outcome.settings != DEFAULT) == tuned,
                "{}: settings `{}` among {}",
                place(),
                outcome.settings,
                if tuned { "tuned runs" } else { "defaults" }
            );
            outcomes.push(outcome);
        }
        Ok(Self { outcomes })
    }

    /// The ranked runs: those with defaults.
    pub fn defaults(&self) -> Self {
        let own = self.outcomes.iter().filter(|o| o.settings == DEFAULT);
        Self {
            outcomes: own.cloned().collect(),
        }
    }

    /// Runs with settings of the user's.
    pub fn tuned(&self) -> Self {
        let own = self.outcomes.iter().filter(|o| o.settings != DEFAULT);
        Self {
            outcomes: own.cloned().collect(),
        }
    }

    /// The same with the settings in each detector's name, so that they are told apart.
    pub fn spelled_out(mut self) -> Self {
        for outcome in &mut self.outcomes {
            outcome.detector = outcome.label();
        }
        self
    }

    /// In an order that does not depend on who was ready first.
    fn sorted(&self) -> Vec<Outcome> {
        let mut sorted = self.outcomes.clone();
        sorted.sort_by(|a, b| key(a).cmp(&key(b)));
        sorted
    }

    /// Writes CSV.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&self, output: impl Write) -> anyhow::Result<()> {
        let mut writer = csv::Writer::from_writer(output);
        for outcome in self.sorted() {
            writer.serialize(outcome)?;
        }
        writer.flush()?;
        Ok(())
    }

    /// Writes the same as Parquet.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write_parquet(&self, output: impl Write + Send) -> anyhow::Result<()> {
        let sorted = self.sorted();
        let rows = sorted.as_slice();
        let mut file = SerializedFileWriter::new(output, rows.schema()?, Arc::default())?;
        let mut group = file.next_row_group()?;
        rows.write_to_row_group(&mut group)?;
        group.close()?;
        file.close()?;
        Ok(())
    }

    /// Takes an outcome, in the place of an earlier one.
    pub fn push(&mut self, outcome: Outcome) {
        self.outcomes.retain(|old| key(old) != key(&outcome));
        self.outcomes.push(outcome);
    }

    /// Whether there is a line.
    pub fn has(&self, set: &str, series: &str, entrant: (&str, &str), seed: u64) -> bool {
        let wanted = (set, series, entrant.0, entrant.1, seed);
        self.outcomes.iter().any(|outcome| key(outcome) == wanted)
    }

    /// The sets, in the order of their names.
    pub fn sets(&self) -> Vec<&str> {
        names(self.outcomes.iter().map(|o| o.set.as_str()))
    }

    /// The detectors, in the order of their names.
    pub fn detectors(&self) -> Vec<&str> {
        names(self.outcomes.iter().map(|o| o.detector.as_str()))
    }

    /// One figure per series of a set: the mean over seeds.
    pub fn series(&self, set: &str, detector: &str, metric: Metric) -> Vec<(&str, f64)> {
        let of_set = |o: &&Outcome| o.set == set && o.detector == detector;
        let mut found: Vec<&Outcome> = self.outcomes.iter().filter(of_set).collect();
        found.sort_by(|a, b| key(a).cmp(&key(b)));
        let same = found.chunk_by(|a, b| a.series == b.series);
        same.map(|seeds| {
            let sum: f64 = seeds.iter().map(|o| o.get(metric)).sum();
            (seeds[0].series.as_str(), sum / seeds.len() as f64)
        })
        .collect()
    }

    /// The mean over a set's series; `None` without any.
    pub fn mean(&self, set: &str, detector: &str, metric: Metric) -> Option<f64> {
        let figures = self.series(set, detector, metric);
        let sum: f64 = figures.iter().map(|(_, x)| x).sum();
        (!figures.is_empty()).then(|| sum / figures.len() as f64)
    }

    /// The mean over sets, with its interval.
    pub fn overall(&self, detector: &str, metric: Metric) -> Option<Interval> {
        let figures = |set: &&str| self.series(set, detector, metric);
        let sets = self.sets();
        let of_sets = sets.iter().map(figures);
        let numbers = of_sets.map(|set| set.into_iter().map(|(_, x)| x).collect());
        Interval::of(&numbers.collect::<Vec<Vec<f64>>>())
    }

    /// How much better a detector is than another, over the series that both have.
    pub fn difference(&self, detector: &str, other: &str, metric: Metric) -> Option<Interval> {
        let of_set = |set: &&str| {
            let theirs = self.series(set, other, metric);
            let own = self.series(set, detector, metric);
            let pairs = own.iter().filter_map(|(name, x)| {
                let (_, y) = theirs.iter().find(|(theirs, _)| theirs == name)?;
                Some(x - y)
            });
            pairs.collect()
        };
        Interval::of(&self.sets().iter().map(of_set).collect::<Vec<Vec<f64>>>())
    }

    /// The largest state and the mean time per row of a detector.
    pub fn price(&self, detector: &str) -> (u64, f64) {
        let own = self.outcomes.iter().filter(|o| o.detector == detector);
        let most = own.clone().map(|o| o.state_bytes).max().unwrap_or(0);
        let times: Vec<f64> = own.map(|o| o.us_per_row).collect();
        (most, times.iter().sum::<f64>() / times.len().max(1) as f64)
    }
}

fn key(outcome: &Outcome) -> (&str, &str, &str, &str, u64) {
    (
        &outcome.set,
        &outcome.series,
        &outcome.detector,
        &outcome.settings,
        outcome.seed,
    )
}

pub(super) fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = all.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    /// An outcome whose figures are all the same.
    pub fn outcome(set: &str, series: &str, detector: &str, seed: u64, x: f64) -> Outcome {
        Outcome {
            set: set.to_owned(),
            series: series.to_owned(),
            detector: detector.to_owned(),
            settings: DEFAULT.to_owned(),
            seed,
            pate: x,
            pate_untied: x,
            vus_pr: x,
            auc_pr: x,
            vus_roc: x,
            auc_roc: x,
            state_bytes: 100,
            us_per_row: 1.5,
            fit_seconds: 0.0,
            rows: 10,
            anomalous: 1,
        }
    }

    fn table() -> Table {
        Table {
            outcomes: vec![
                outcome("b", "1", "x", 2, 0.5),
                outcome("b", "1", "x", 1, 0.1),
                outcome("b", "2", "x", 1, 0.7),
                outcome("a", "1", "x", 1, 1.0),
                outcome("a", "1", "y", 1, 0.25),
            ],
        }
    }

    /// By hand: seeds first, then series, then sets.
    #[test]
    fn means_are_over_seeds_then_series_then_sets() {
        let table = table();
        assert_eq!(
            table.series("b", "x", Metric::Pate),
            [("1", 0.3), ("2", 0.7)]
        );
        assert_eq!(table.mean("b", "x", Metric::VusPr), Some(0.5));
        assert_eq!(table.overall("x", Metric::Pate).unwrap().mean, 0.75);
        assert_eq!(table.difference("x", "y", Metric::Pate).unwrap().mean, 0.75);
        assert_eq!(table.mean("b", "y", Metric::Pate), None);
    }

    #[test]
    fn what_is_written_is_read_and_sorted() {
        let mut bytes = Vec::new();
        table().write(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.starts_with(
            "set,series,detector,settings,seed,pate,pate_untied,vus_pr,auc_pr,vus_roc,auc_roc,state_bytes,\
             us_per_row,fit_seconds,rows,anomalous\na,1,x,default,1,"
        ));
        let read = |text: &str, tuned| Table::read("r.csv", text.as_bytes(), tuned);
        let whole = read(&text, false).unwrap();
        assert_eq!(whole.outcomes.len(), 5);
        let has = |series, seed| whole.has("b", series, ("x", "default"), seed);
        assert!(has("1", 2) && !has("2", 2));
        let error = read(&text.replace("0.25", "?"), false).unwrap_err();
        assert!(
            format!("{error:#}").starts_with("r.csv: line 3: "),
            "{error:#}"
        );
    }

    /// Broken by a tuned run in a table of defaults.
    #[test]
    fn tuned_runs_and_defaults_never_mix() {
        let mut table = table();
        table.outcomes[3].settings = "window=7".to_owned();
        assert_eq!(table.defaults().detectors(), ["x", "y"]);
        assert_eq!(table.defaults().outcomes.len(), 4);
        let tuned = table.tuned();
        assert_eq!(tuned.clone().spelled_out().detectors(), ["x (window=7)"]);
        let mut bytes = Vec::new();
        table.write(&mut bytes).unwrap();
        let error = Table::read("r.csv", bytes.as_slice(), false).unwrap_err();
        let told = "r.csv: line 2: settings `window=7` among defaults";
        assert_eq!(error.to_string(), told);
        let error = Table::read("r.csv", bytes.as_slice(), true).unwrap_err();
        let told = "r.csv: line 3: settings `default` among tuned runs";
        assert_eq!(error.to_string(), told);
    }

    #[test]
    fn parquet_has_the_same_rows() {
        let mut file = tempfile::tempfile().unwrap();
        table().write_parquet(&mut file).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows: Vec<String> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().to_string())
            .collect();
        assert_eq!(rows.len(), 5);
        for part in [
            "set: \"b\"",
            "settings: \"default\"",
            "pate: 0.7",
            "state_bytes: 100",
        ] {
            assert!(rows[4].contains(part), "{part}: {}", rows[4]);
        }
    }
}
