//! Alarms on public recordings of nodes: those of the agent, of fixed limits, and of eight principal components.
//!
//! ```text
//! cargo run --release -p bellwether-agent --example measure -- FOLDER [SET…]
//! cargo run --release -p bellwether-agent --example measure -- cost VARIABLES
//! ```
//!
//! The folder has `m100/*.csv.gz`, and `asd` and `smd` with `*.train.csv.gz` and `*.test.csv.gz`. Every node is fitted
//! to its earlier healthy rows and judged on all later ones: of m100 the first half (of node38 15.5 %), of the others
//! the recording that trains. Labels leave bad rows out of the fit part, and judge.

use anyhow::Context as _;
use bellwether::Reading;
use bellwether::rng::split_mix;
use bellwether_agent::judge::{Context, Judge, Settings};
use bellwether_agent::replay::{self, Course, Options, Recording, episodes::Episodes};
use bellwether_hal::linux::probe::{Channel, Measure};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A node: its set, its name, its recording, and the rows of the fit part.
struct Node {
    set: &'static str,
    recording: Recording,
    fit_rows: usize,
}

fn nodes(folder: &Path, sets: &[String]) -> anyhow::Result<Vec<Node>> {
    let mut nodes = Vec::new();
    let wanted = |set: &str| sets.is_empty() || sets.iter().any(|of| of == set);
    for (set, period) in [("m100", None), ("asd", Some(300.0)), ("smd", Some(60.0))] {
        if !wanted(set) {
            continue;
        }
        let entries = std::fs::read_dir(folder.join(set)).with_context(|| set.to_owned())?;
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if period.is_none() && name.ends_with(".csv.gz") {
                let recording = Recording::read(std::slice::from_ref(&path), None)?;
                let share = if name.starts_with("node38") {
                    0.155
                } else {
                    0.5
                };
                let fit_rows = (recording.rows() as f64 * share) as usize;
                nodes.push(Node {
                    set,
                    recording,
                    fit_rows,
                });
            } else if let Some(stem) = name.strip_suffix(".train.csv.gz") {
                let test = path.with_file_name(format!("{stem}.test.csv.gz"));
                let recording = Recording::read(&[path.clone(), test], period)?;
                let fit_rows = recording.files.first().copied().unwrap_or(0);
                nodes.push(Node {
                    set,
                    recording,
                    fit_rows,
                });
            }
        }
    }
    Ok(nodes)
}

/// The results of a method on a node.
struct Outcome {
    set: &'static str,
    starts: u64,
    days: f64,
    normal_days: f64,
    judged: Episodes,
}

fn outcome(node: &Node, starts: u64, days: f64, labels: &[bool], on: &[bool]) -> Outcome {
    let judged = Episodes::of(labels, on);
    Outcome {
        set: node.set,
        starts,
        days,
        normal_days: days * judged.normal as f64 / labels.len().max(1) as f64,
        judged,
    }
}

/// The agent, with a promise per month or per 10,000 rows.
fn agent(
    node: &Node,
    promise: Promise,
    settings: &Settings,
    state: &[u8],
) -> anyhow::Result<Outcome> {
    let period_s = node.recording.period_ms() as f32 / 1000.0;
    let settings = Settings {
        false_alarms_per_month: match promise {
            Promise::Month(alarms) => alarms,
            Promise::Rows(alarms) => alarms * 30.0 * 86_400.0 / (10_000.0 * period_s),
        },
        by_source: false,
        ..settings.clone()
    };
    let options = Options {
        settings,
        fit_rows: node.fit_rows,
    };
    let course: Course = replay::run(&node.recording, &options, Some(state), |_| ())?;
    let (starts, on) = match options.settings.watchers {
        true => (course.anomalies + course.watchers, &course.any),
        false => (course.anomalies, &course.alarmed),
    };
    Ok(outcome(node, starts, course.days, &course.labels, on))
}

#[derive(Clone, Copy)]
enum Promise {
    Month(f32),
    Rows(f32),
}

/// Rows in deviations of the fit rows; missing values are at the mean.
struct Scaled {
    mean: Vec<f64>,
    inverse: Vec<f64>,
}

impl Scaled {
    fn new(node: &Node, fit: &[usize]) -> Self {
        let width = node.recording.channels.len();
        let (mut mean, mut inverse) = (vec![0.0; width], vec![0.0; width]);
        for column in 0..width {
            let values: Vec<f64> = fit
                .iter()
                .map(|row| f64::from(node.recording.row(*row)[column]))
                .filter(|x| x.is_finite())
                .collect();
            let count = values.len().max(1) as f64;
            mean[column] = values.iter().sum::<f64>() / count;
            let variance = values
                .iter()
                .map(|x| (x - mean[column]).powi(2))
                .sum::<f64>()
                / count;
            inverse[column] = if variance > 1e-12 {
                1.0 / variance.sqrt()
            } else {
                0.0
            };
        }
        Self { mean, inverse }
    }

    fn row(&self, node: &Node, row: usize) -> Vec<f64> {
        let values = node
            .recording
            .row(row)
            .iter()
            .zip(&self.mean)
            .zip(&self.inverse);
        values
            .map(|((x, mean), inverse)| {
                let z = (f64::from(*x) - mean) * inverse;
                if z.is_finite() { z } else { 0.0 }
            })
            .collect()
    }
}

/// Eight principal components, by orthogonal iteration.
fn components(rows: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let width = rows.first().map_or(0, Vec::len);
    let mut covariance = vec![vec![0.0; width]; width];
    for row in rows {
        for (to, a) in covariance.iter_mut().zip(row) {
            to.iter_mut().zip(row).for_each(|(to, b)| *to += a * b);
        }
    }
    let mut basis: Vec<Vec<f64>> = (0..8.min(width))
        .map(|k| {
            (0..width)
                .map(|j| f64::from(u8::from(j % 8 == k)) + 0.01 * (j as f64).sin())
                .collect()
        })
        .collect();
    for _ in 0..300 {
        for k in 0..basis.len() {
            let product = |of: &Vec<f64>| -> Vec<f64> {
                covariance
                    .iter()
                    .map(|row| row.iter().zip(of).map(|(a, b)| a * b).sum())
                    .collect()
            };
            let mut next = product(&basis[k]);
            for other in &basis[..k] {
                let along: f64 = next.iter().zip(other).map(|(a, b)| a * b).sum();
                next.iter_mut()
                    .zip(other)
                    .for_each(|(a, b)| *a -= along * b);
            }
            let norm = next.iter().map(|a| a * a).sum::<f64>().sqrt().max(1e-300);
            basis[k] = next.into_iter().map(|a| a / norm).collect();
        }
    }
    basis
}

/// A score of every row behind the fit part, and of the last fifth of the fit rows.
fn simple(node: &Node, pca: bool) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let fit = node.recording.healthy(node.fit_rows);
    let (front, last) = fit.split_at(fit.len() * 4 / 5);
    let scaled = Scaled::new(node, front);
    let basis = match pca {
        true => components(
            &front
                .iter()
                .map(|row| scaled.row(node, *row))
                .collect::<Vec<_>>(),
        ),
        false => Vec::new(),
    };
    let score = |row: usize| {
        let z = scaled.row(node, row);
        let mut rest = z.clone();
        for of in &basis {
            let along: f64 = z.iter().zip(of).map(|(a, b)| a * b).sum();
            rest.iter_mut().zip(of).for_each(|(a, b)| *a -= along * b);
        }
        rest.iter().fold(0.0, |most: f64, x| most.max(x.abs()))
    };
    let behind = node.fit_rows..node.recording.rows();
    let labels = behind
        .clone()
        .map(|row| node.recording.labels[row])
        .collect();
    (
        behind.map(score).collect(),
        last.iter().map(|row| score(*row)).collect(),
        labels,
    )
}

fn limited(node: &Node, scores: &[f64], limit: f64, labels: &[bool]) -> Outcome {
    let on: Vec<bool> = scores.iter().map(|score| *score > limit).collect();
    let before = std::iter::once(&false).chain(&on);
    let starts = on
        .iter()
        .zip(before)
        .filter(|(now, before)| **now && !**before)
        .count();
    let days = on.len() as f64 * node.recording.period_ms() as f64 / 86_400_000.0;
    outcome(node, starts as u64, days, labels, &on)
}

fn quantile(scores: &[f64], share: f64) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or(f64::INFINITY)
}

/// A line of the table: all nodes, or those of a set.
fn line(name: &str, outcomes: &[Outcome], set: Option<&str>) {
    let of: Vec<&Outcome> = outcomes
        .iter()
        .filter(|of| set.is_none_or(|set| of.set == set))
        .collect();
    if of.is_empty() {
        return;
    }
    let count = of.len() as f64;
    let mean = |rate: &dyn Fn(&Outcome) -> f64| of.iter().map(|of| rate(of)).sum::<f64>() / count;
    let sum = |number: &dyn Fn(&Outcome) -> usize| of.iter().map(|of| number(of)).sum::<usize>();
    let per_day = mean(&|of| of.starts as f64 / of.days);
    let mut false_ones: Vec<f64> = of
        .iter()
        .filter(|of| of.normal_days > 0.0)
        .map(|of| of.judged.false_ones as f64 / of.normal_days)
        .collect();
    false_ones.sort_by(f64::total_cmp);
    let worst = false_ones.last().copied().unwrap_or(0.0);
    let median = false_ones.get(false_ones.len() / 2).copied().unwrap_or(0.0);
    let all = false_ones.iter().sum::<f64>() / false_ones.len().max(1) as f64;
    let busy = 100.0 * sum(&|of| of.judged.busy) as f64 / sum(&|of| of.judged.normal).max(1) as f64;
    let mut delays: Vec<usize> = of
        .iter()
        .flat_map(|of| of.judged.delays.iter().copied())
        .collect();
    delays.sort_unstable();
    let delay = delays
        .get(delays.len() / 2)
        .map_or("-".to_owned(), usize::to_string);
    println!(
        "| {} | {name} | {per_day:.2} | {all:.2} | {median:.2} | {worst:.2} | {} of {} | {busy:.1} | {delay} |",
        set.unwrap_or("all"),
        sum(&|of| of.judged.found),
        sum(&|of| of.judged.events),
    );
}

/// Time and memory of a judgement at 1 Hz, of variables behind eight loads.
fn cost(variables: usize) -> anyhow::Result<()> {
    let channels: Vec<Channel> = (0..variables)
        .map(|place| Channel {
            identity: format!("hwmon/chip{}/temp{}", place / 8, place % 8),
            chip: format!("chip{}", place / 8),
            sensor: format!("temp{}", place % 8),
            unit: "°C",
            measure: Measure::Gauge,
        })
        .collect();
    let settings = Settings {
        learn: 200,
        watch_learn: 3000,
        fit_share: 1.0,
        ..Settings::default()
    };
    let mut judge = Judge::new("cost", &channels, &settings, None)?;
    let (context, mut told) = (Context::default(), Vec::new());
    let (mut taken, mut frames): (Vec<Duration>, u32) = (Vec::new(), 0);
    for second in 0..8000_u64 {
        let noise = |place: u64| (split_mix(place, second) >> 40) as f32 / (1 << 24) as f32;
        let load = |place: u64| ((second as f32 / (50.0 + 13.0 * place as f32)).sin() + 1.0) * 10.0;
        let readings: Vec<Reading> = (0..variables as u64)
            .map(|place| Reading::Value(40.0 + load(place % 8) + noise(place)))
            .collect();
        let begin = Instant::now();
        let judged = judge.take(1_000_000 + 1000 * second, &readings, &context, &mut told);
        let time = begin.elapsed();
        frames += u32::from(judged);
        if judged {
            judge.finish_fits();
        }
        if frames > 201 {
            taken.push(time);
        }
    }
    taken.sort_unstable();
    let at = |share: f64| taken[((taken.len() as f64 * share) as usize).min(taken.len() - 1)];
    let sum: Duration = taken.iter().sum();
    println!(
        "{variables} variables: {:?} a sample in the mean, {:?} median, {:?} at 99 %, {:?} most; {} bytes of state a \
         variable (rows in memory not counted), {} bytes of snapshot a variable, {} events",
        sum / taken.len() as u32,
        at(0.5),
        at(0.99),
        at(1.0),
        judge.state_bytes() / variables - 4 * (2880 + 480),
        judge.save().len() / variables,
        told.len(),
    );
    Ok(())
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().context("measure FOLDER [SET…]")?;
    let sets: Vec<String> = arguments.collect();
    if folder == "cost" {
        return cost(sets.first().context("cost VARIABLES")?.parse()?);
    }
    let nodes = nodes(Path::new(&folder), &sets)?;
    let plain = Settings {
        watchers: false,
        ..Settings::default()
    };
    let never = Settings {
        accept_after: 0,
        ..plain.clone()
    };
    let trimmed = Settings {
        trim: 0.15,
        ..plain.clone()
    };
    let watched = Settings::default();
    println!(
        "| nodes | method | alarms per node and day | false ones per normal day | median | worst node | events found \
         | normal rows in alarm, % | delay, rows |\n|---|---|--:|--:|--:|--:|--:|--:|--:|"
    );
    let mut tables: Vec<(String, Vec<Outcome>)> = Vec::new();
    let agents: [(&str, Promise, &Settings); 11] = [
        ("agent, 1 a month", Promise::Month(1.0), &plain),
        ("agent, 10 a month", Promise::Month(10.0), &plain),
        ("agent, 1 per 10,000 rows", Promise::Rows(1.0), &plain),
        ("agent, 10 per 10,000 rows", Promise::Rows(10.0), &plain),
        ("no second model, 10 a month", Promise::Month(10.0), &never),
        ("no second model, 1 per 10,000", Promise::Rows(1.0), &never),
        (
            "no second model, 10 per 10,000",
            Promise::Rows(10.0),
            &never,
        ),
        (
            "trimmed by 0.15, 10 a month",
            Promise::Month(10.0),
            &trimmed,
        ),
        (
            "trimmed by 0.15, 10 per 10,000",
            Promise::Rows(10.0),
            &trimmed,
        ),
        ("with watchers, 1 a month", Promise::Month(1.0), &watched),
        ("with watchers, 10 a month", Promise::Month(10.0), &watched),
    ];
    let fits = |settings: &Settings| -> anyhow::Result<Vec<Vec<u8>>> {
        let states = nodes.iter().map(|node| {
            let settings = Settings {
                by_source: false,
                ..settings.clone()
            };
            replay::fit(
                &node.recording,
                &Options {
                    settings,
                    fit_rows: node.fit_rows,
                },
            )
        });
        states.collect()
    };
    let (usual, behind_trim) = (fits(&watched)?, fits(&trimmed)?);
    eprintln!("fitted");
    for (name, promise, settings) in agents {
        let states = if settings.trim > 0.0 {
            &behind_trim
        } else {
            &usual
        };
        let nodes = nodes.iter().zip(states);
        let outcomes = nodes.map(|(node, state)| agent(node, promise, settings, state));
        tables.push((name.to_owned(), outcomes.collect::<anyhow::Result<_>>()?));
    }
    let (mut sigma, mut sigma6, mut pca) = (Vec::new(), Vec::new(), Vec::new());
    for node in &nodes {
        let (scores, _, labels) = simple(node, false);
        sigma.push(limited(node, &scores, 3.0, &labels));
        sigma6.push(limited(node, &scores, 6.0, &labels));
        let (scores, last, labels) = simple(node, true);
        pca.push(limited(node, &scores, quantile(&last, 0.99), &labels));
    }
    tables.push(("a channel beyond 3 deviations".to_owned(), sigma));
    tables.push(("a channel beyond 6 deviations".to_owned(), sigma6));
    tables.push(("PCA-8, largest error, 0.99 quantile".to_owned(), pca));
    for set in [None, Some("m100"), Some("asd"), Some("smd")] {
        for (name, outcomes) in &tables {
            line(name, outcomes, set);
        }
    }
    Ok(())
}
