//! All metrics of one series, as a list to print.

use super::events::Scorer;
use super::nab::{File, Profile, nab_best};
use super::{
    Bias, PrecisionRecall, Run, Scored, WARNING, affiliation, alarms, auc_pr, auc_roc, best_f1,
    concordance, delays, false_alarms, pate, point_adjusted, range_recall, runs, ucr_hit, untied,
    vus, window,
};
use serde_json::Value;

/// Weight of being touched at all in range-based recall, as in TSB-AD.
const ALPHA: f64 = 0.2;

/// The rules of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rules {
    /// Leading rows to skip. The NAB score has its own rule, on all rows.
    pub skip: usize,
    /// Rows that reach it are detections; `None`: the threshold with the best F1 by row.
    pub threshold: Option<f64>,
    /// Seconds from row to row, for false alarms per day.
    pub interval_s: Option<f64>,
    /// Window of VUS and buffers of PATE, in rows; `None`: [`window`].
    pub window: Option<usize>,
}

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name.
    pub key: &'static str,
    /// A number or a truth; null if undefined.
    pub value: Value,
    /// A description, in a few words.
    pub about: &'static str,
}

/// A list of figures in the making.
#[derive(Default)]
struct List(Vec<Measure>);

impl List {
    fn push(&mut self, key: &'static str, value: impl Into<Value>, about: &'static str) {
        self.0.push(Measure {
            key,
            value: value.into(),
            about,
        });
    }

    fn rates(
        &mut self,
        keys: [&'static str; 3],
        rates: Option<PrecisionRecall>,
        about: &'static str,
    ) {
        let [precision, recall, f1] = keys;
        self.push(precision, rates.map(|r| r.precision), about);
        self.push(recall, rates.map(|r| r.recall), "");
        self.push(f1, rates.map(|r| r.f1()), "");
    }
}

/// Every metric of a series: the counts, then the threshold-free metrics, then the rest.
pub fn summary(series: &Scored, rules: &Rules) -> Vec<Measure> {
    let skip = rules.skip.min(series.scores.len());
    let (scores, labels) = (&series.scores[skip..], &series.labels[skip..]);
    let events = runs(labels);
    let rows = rules.window.unwrap_or_else(|| window(labels));
    let mut list = List::default();
    list.push("rows", scores.len(), "scored rows");
    list.push(
        "labelled_rows",
        events.iter().map(Run::rows).sum::<usize>(),
        "",
    );
    list.push("events", events.len(), "runs of labelled rows");
    let blind = series.blind.iter().filter(|row| **row >= skip).count();
    list.push("blind_rows", blind, "rows without a score, counted as 0");
    if series.infinite > 0 {
        list.push(
            "infinite_rows",
            series.infinite,
            "rows of an infinite score, ranked beyond all others",
        );
    }
    list.push("window", rows, "rows around events, for PATE and VUS");
    of_scores(&mut list, scores, labels, rows);
    of_windows(&mut list, series);
    let severe = scores.iter().zip(&series.severities[skip..]);
    let (grades, severities): (Vec<f64>, Vec<f64>) = severe
        .filter_map(|(score, severity)| Some((*score, (*severity)?)))
        .unzip();
    let order = concordance(&grades, &severities);
    list.push("concordance", order, "of scores with severities");
    let best = best_f1(scores, labels).map(|(threshold, _)| threshold);
    let about = match rules.threshold {
        Some(_) => "given; rows that reach it are detections",
        None => "best F1 on these labels, so what follows flatters",
    };
    let threshold = rules.threshold.or(best);
    list.push("threshold", threshold, about);
    let reached = |score: &f64| threshold.is_some_and(|threshold| *score >= threshold);
    let detected: Vec<bool> = scores.iter().map(reached).collect();
    of_detections(&mut list, &detected, labels, rules.interval_s);
    list.0
}

fn of_scores(list: &mut List, scores: &[f64], labels: &[bool], rows: usize) {
    list.push(
        "auc_roc",
        auc_roc(scores, labels),
        "chance 0.5; hides how rare events are",
    );
    list.push("auc_pr", auc_pr(scores, labels), "average precision");
    list.push(
        "pate",
        pate(scores, labels, rows, rows),
        "proximity-aware; flattered by equal scores",
    );
    list.push(
        "pate_untied",
        pate(&untied(scores), labels, rows, rows),
        "the same, equal scores in an order by chance",
    );
    let volumes = vus(scores, labels, rows);
    list.push(
        "vus_roc",
        volumes.map(|v| v.roc),
        "volume under the surface",
    );
    list.push("vus_pr", volumes.map(|v| v.pr), "");
    list.push(
        "ucr_hit",
        ucr_hit(scores, labels),
        "highest score within 100 rows of an event",
    );
}

fn of_windows(list: &mut List, series: &Scored) {
    let windows = runs(&series.labels);
    let files = [File {
        scores: &series.scores,
        windows: &windows,
    }];
    let best = |profile| nab_best(&files, &profile).map(|nab| nab.score);
    let about = "best threshold of this file; events as windows";
    list.push("nab_standard", best(Profile::STANDARD), about);
    list.push(
        "nab_low_false_positives",
        best(Profile::LOW_FALSE_POSITIVES),
        "",
    );
    list.push("nab_low_misses", best(Profile::LOW_MISSES), "");
}

fn of_detections(list: &mut List, detected: &[bool], labels: &[bool], interval_s: Option<f64>) {
    let mut scorer = Scorer::default();
    for (label, detected) in labels.iter().zip(detected) {
        scorer.push(*label, *detected);
    }
    let labelled = labels.contains(&true);
    let rates = |(precision, recall, _)| labelled.then_some(PrecisionRecall { precision, recall });
    let exact = rates(scorer.exact().rates());
    list.rates(["precision", "recall", "f1"], exact, "by row, no margin");
    let adjusted = point_adjusted(detected, labels).filter(|_| labelled);
    list.push(
        "point_adjusted_f1",
        adjusted.map(|counts| counts.rates().2),
        WARNING,
    );
    let events = scorer.events();
    list.push("events_hit", events.hit, "event rule, K = 7");
    list.push("stray_detections", events.stray, "rows");
    let keys = ["event_precision", "event_recall", "event_f1"];
    list.rates(keys, rates(events.rates()), "event rule, K = 7");
    let keys = ["range_precision", "range_recall", "range_f1"];
    let range = range_recall(detected, labels, ALPHA, Bias::Flat).map(|recall| PrecisionRecall {
        precision: range_recall(labels, detected, 0.0, Bias::Flat).unwrap_or(0.0),
        recall,
    });
    list.rates(keys, range, "flat, recall with alpha 0.2");
    let keys = [
        "affiliation_precision",
        "affiliation_recall",
        "affiliation_f1",
    ];
    list.rates(keys, affiliation(detected, labels), "chance 0.5");
    let alarms = false_alarms(detected, labels);
    list.push(
        "false_alarms",
        alarms,
        "runs of detections, 7 rows from any event",
    );
    let days = interval_s.map(|interval| interval * labels.len() as f64 / 86_400.0);
    let daily = alarms.zip(days).map(|(alarms, days)| alarms as f64 / days);
    list.push("false_alarms_per_day", daily, "with --interval");
    let delays = delays(detected, labels).unwrap_or_default();
    let delay = alarms::median(delays.into_iter().flatten().map(|rows| rows as f64));
    list.push("delay_rows", delay, "median over the events hit");
}
