//! Detectors of the registry on nodes, beside simple methods: no network is trained.

use super::alarmed::{AlarmTables, Alarmed};
use super::baseline::Baseline;
use super::evaluate::{Evaluation, Line, SIMPLE, Test, evaluate, pate_of};
use super::method::Method;
use super::survey::{Surveyed, cell, number};
use super::training_run::{COMPONENTS, TrainingRun};
use crate::detect::{Entry, Record, Setup, Watch};
use crate::metrics::{auc_pr, auc_roc};
use crate::recording::cadence::Step;
use bellwether::{Reading, Tick};
use std::fmt;

/// Detectors by their name in the table, with settings.
const DETECTORS: [(&str, &str, &[&str]); 4] = [
    ("quartet, tiny", "quartet", &["preset=tiny"]),
    ("node, tiny", "node", &["preset=tiny"]),
    ("node, wide", "node", &["preset=wide"]),
    (
        "node, wide, threshold 2",
        "node",
        &["preset=wide", "threshold=2"],
    ),
];

impl TrainingRun<'_> {
    /// Simple methods, and detectors that are fitted to all healthy rows in front, over a test part of the
    /// recording `part`. Thresholds of detectors are their own.
    ///
    /// # Errors
    /// There are too few rows.
    pub fn watch(&self, part: usize, test: &Test<'_>, q: f64) -> anyhow::Result<Evaluation> {
        let deviations = Baseline::deviations(&self.rows);
        let components = Baseline::components(&self.rows, COMPONENTS);
        let [z, pca] = SIMPLE;
        let methods = vec![
            Method::baseline(z, &deviations),
            Method::baseline(pca, &components),
        ];
        let mut evaluation = evaluate(&self.columns, self.parts[part], test, methods, q);
        let days = test.table.row_days();
        let days = days.map(|days| days * evaluation.rows as f64);
        for (name, detector, settings) in DETECTORS {
            let line = self.detector(part, test, (name, detector), settings, days)?;
            evaluation.lines.push(line);
        }
        Ok(evaluation)
    }

    /// Shows a detector all healthy rows in front and then the test part, and passes each answer on a row of the
    /// latter.
    pub(super) fn replay(
        &self,
        part: usize,
        test: &Test<'_>,
        detector: &str,
        settings: &[&str],
        mut pass: impl FnMut(usize, &Record, &dyn Watch),
    ) -> anyhow::Result<()> {
        let (table, split) = self.parts[part];
        let fit = split.fit.iter().chain(&split.calibration);
        let learn = format!("learn={}", split.fit.len() + split.calibration.len());
        let mut settings: Vec<String> = settings.iter().copied().map(str::to_owned).collect();
        settings.push(learn);
        let features = self.columns.features.iter();
        let names: Vec<String> = features.map(|feature| feature.name.clone()).collect();
        let mut watch = Entry::named(detector)?.watch(&Setup {
            names: &names,
            settings: &settings,
            model: None,
            fit: None,
        })?;
        let fit = fit.map(|row| (table, *row, false));
        let rows = fit.chain(test.rows.iter().map(|row| (test.table, *row, true)));
        for (tick, (table, row, is_test)) in rows.enumerate() {
            let readings = self.columns.raw(table, row).into_iter();
            let readings: Vec<Reading> = readings.map(Reading::from).collect();
            let answer = watch.observe(Tick(tick as u64), Step::Unknown, &readings);
            if is_test {
                pass(row, &answer, &*watch);
            }
        }
        Ok(())
    }

    fn detector(
        &self,
        part: usize,
        test: &Test<'_>,
        (name, detector): (&str, &str),
        settings: &[&str],
        days: Option<f64>,
    ) -> anyhow::Result<Line> {
        let (mut scores, mut labels, mut alarms) = (Vec::new(), Vec::new(), Vec::new());
        self.replay(part, test, detector, settings, |row, answer, _| {
            let is_judged = !self.columns.is_blind(test.table, row);
            if let (true, Some(score)) = (is_judged, answer.assessment.score) {
                scores.push(f64::from(score));
                alarms.push(answer.assessment.is_anomalous());
                labels.push(test.table.is_anomalous(row));
            }
        })?;
        let count = |wanted: bool| {
            let of = alarms
                .iter()
                .zip(&labels)
                .filter(|(_, label)| **label == wanted);
            let above = of.clone().filter(|(alarm, _)| **alarm).count();
            (above as f64, of.count().max(1) as f64)
        };
        let ((hits, anomalous), (alarms, _)) = (count(true), count(false));
        Ok(Line {
            method: name.to_owned(),
            score: "",
            auc_roc: auc_roc(&scores, &labels),
            auc_pr: auc_pr(&scores, &labels),
            pate: pate_of(&scores, &labels),
            recall: hits / anomalous,
            false_alarms_per_day: days.map(|days| alarms / days),
        })
    }
}

/// Evaluations of nodes without networks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watched {
    /// One per node.
    pub nodes: Vec<Surveyed>,
    /// Alarms of the same nodes.
    pub alarms: Vec<Vec<Alarmed>>,
}

impl Watched {
    /// The lines of a method with the set of their node: the name before the slash.
    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a Line)> {
        self.nodes.iter().filter_map(move |node| {
            let set = node.name.split('/').next().unwrap_or_default();
            Some((set, node.evaluation.line(name)?))
        })
    }

    /// The mean over sets of the means over their nodes.
    fn over_sets(&self, name: &str, number: impl Fn(&Line) -> Option<f64>) -> Option<f64> {
        let mut sets: Vec<(&str, Vec<f64>)> = Vec::new();
        for (set, line) in self.of(name) {
            let value = number(line)?;
            match sets.iter_mut().find(|(known, _)| *known == set) {
                Some((_, values)) => values.push(value),
                None => sets.push((set, vec![value])),
            }
        }
        mean(
            sets.iter()
                .filter_map(|(_, values)| mean(values.iter().copied())),
        )
    }

    fn write_means(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| method | AUC, mean of nodes | of sets | AUC-PR | PATE | recall | false alarms per day, mean of \
             sets | median node | worst node | behind on |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
        )?;
        let first = self.nodes.first();
        let lines = first.map_or(&[][..], |node| &node.evaluation.lines);
        for name in lines.iter().map(Line::name) {
            let aucs = self.of(&name).filter_map(|(_, line)| line.auc_roc);
            let mut alarms: Vec<f64> = self
                .of(&name)
                .filter_map(|(_, line)| line.false_alarms_per_day)
                .collect();
            alarms.sort_by(f64::total_cmp);
            let behind = self.nodes.iter().filter(|node| {
                let thousandths = |x: Option<f64>| x.map(|x| (x * 1000.0).round());
                let own = node.evaluation.line(&name).and_then(|line| line.auc_roc);
                thousandths(own) < thousandths(node.evaluation.best_simple())
            });
            writeln!(
                f,
                "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} of {} |",
                cell(&name),
                number(mean(aucs), 3),
                number(self.over_sets(&name, |line| line.auc_roc), 3),
                number(self.over_sets(&name, |line| line.auc_pr), 3),
                number(self.over_sets(&name, |line| line.pate), 3),
                number(self.over_sets(&name, |line| Some(line.recall)), 3),
                number(self.over_sets(&name, |line| line.false_alarms_per_day), 1),
                number(alarms.get(alarms.len() / 2).copied(), 1),
                number(alarms.last().copied(), 1),
                behind.count(),
                self.nodes.len(),
            )?;
        }
        Ok(())
    }

    fn write_nodes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| node | columns | rows | anomalous | method | AUC | AUC-PR | PATE | recall | false alarms per day \
             |\n|---|---:|---:|---:|---|---:|---:|---:|---:|---:|"
        )?;
        for node in &self.nodes {
            let Evaluation {
                rows, anomalous, ..
            } = node.evaluation;
            let mut about = format!("{} | {} | {rows} | {anomalous}", node.name, node.columns);
            for line in &node.evaluation.lines {
                writeln!(
                    f,
                    "| {about} | {} | {} | {} | {} | {:.3} | {} |",
                    cell(&line.name()),
                    number(line.auc_roc, 3),
                    number(line.auc_pr, 3),
                    number(line.pate, 3),
                    line.recall,
                    number(line.false_alarms_per_day, 1),
                )?;
                " | | | ".clone_into(&mut about);
            }
        }
        Ok(())
    }
}

pub(super) fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0.0, 0.0), |(count, sum), x| (count + 1.0, sum + x));
    (count > 0.0).then(|| sum / count)
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "## Means\n\nSets count the same, whatever their number of nodes. A method is behind on a node if its \
             AUC is below the best of {}, which is known only after the fact.\n",
            SIMPLE.map(cell).join(" and ")
        )?;
        self.write_means(f)?;
        let names: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
        let (names, alarms) = (&names[..], &self.alarms[..]);
        write!(f, "\n## Alarms\n\n{}", AlarmTables { names, alarms })?;
        writeln!(f, "\n## Every node\n")?;
        self.write_nodes(f)
    }
}
