//! All outcomes, and means of them.

use super::interval::Interval;
use super::outcome::{Metric, Outcome};
use anyhow::Context;
use std::io::{Read, Write};

/// Outcomes, in the order they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// One per set, series, detector and seed.
    pub outcomes: Vec<Outcome>,
}

impl Table {
    /// Reads `results.csv`.
    ///
    /// # Errors
    /// A line is not understood; it is named.
    pub fn read(name: &str, input: impl Read) -> anyhow::Result<Self> {
        let mut reader = csv::Reader::from_reader(input);
        let mut outcomes = Vec::new();
        for (k, outcome) in reader.deserialize().enumerate() {
            outcomes.push(outcome.with_context(|| format!("{name}: line {}", k + 2))?);
        }
        Ok(Self { outcomes })
    }

    /// Writes `results.csv`, in an order that does not depend on who was ready first.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&self, output: impl Write) -> anyhow::Result<()> {
        let mut sorted: Vec<&Outcome> = self.outcomes.iter().collect();
        sorted.sort_by(|a, b| key(a).cmp(&key(b)));
        let mut writer = csv::Writer::from_writer(output);
        for outcome in sorted {
            writer.serialize(outcome)?;
        }
        writer.flush()?;
        Ok(())
    }

    /// Whether there is a line.
    pub fn has(&self, set: &str, series: &str, detector: &str, seed: u64) -> bool {
        self.outcomes
            .iter()
            .any(|o| o.seed == seed && o.detector == detector && o.series == series && o.set == set)
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
    pub fn price(&self, detector: &str) -> (usize, f64) {
        let own = self.outcomes.iter().filter(|o| o.detector == detector);
        let most = own.clone().map(|o| o.state_bytes).max().unwrap_or(0);
        let times: Vec<f64> = own.map(|o| o.us_per_row).collect();
        (most, times.iter().sum::<f64>() / times.len().max(1) as f64)
    }
}

fn key(outcome: &Outcome) -> (&str, &str, &str, u64) {
    (
        &outcome.set,
        &outcome.series,
        &outcome.detector,
        outcome.seed,
    )
}

fn names<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = all.collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An outcome whose figures are all the same.
    pub fn outcome(set: &str, series: &str, detector: &str, seed: u64, x: f64) -> Outcome {
        Outcome {
            set: set.to_owned(),
            series: series.to_owned(),
            detector: detector.to_owned(),
            seed,
            pate: x,
            vus_pr: x,
            auc_pr: x,
            vus_roc: x,
            auc_roc: x,
            state_bytes: 100,
            us_per_row: 1.5,
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
        assert!(text.starts_with("set,series,detector,seed,pate,vus_pr,auc_pr,vus_roc,auc_roc,state_bytes,us_per_row,rows,anomalous\na,1,x,"));
        let read = Table::read("r.csv", text.as_bytes()).unwrap();
        assert_eq!(read.outcomes.len(), 5);
        assert!(read.has("b", "1", "x", 2) && !read.has("b", "2", "x", 2));
        let error = Table::read("r.csv", text.replace("0.25", "?").as_bytes()).unwrap_err();
        assert!(
            format!("{error:#}").starts_with("r.csv: line 3: "),
            "{error:#}"
        );
    }
}
