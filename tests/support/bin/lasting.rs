//! Measures what a node does after a lasting change, and whether it still sees a long fault then:
//! `BELLWETHER_DATA=... cargo run --release -p bellwether-conformance --bin lasting`
//! (docs/measured/nodes-detectors.md has the protocol and the table).

use anyhow::Context as _;
use bellwether::node::fit::Work;
use bellwether::node::{Moving, Wide, moving, wide};
use bellwether::{Reading, Tick};
use bellwether_conformance::data::file;
use bellwether_conformance::frames::{Rows, generated, healthy, scales, some};
use bellwether_sim::random::Random;
use bellwether_sim::recording::Table;
use std::ops::Range;

/// Capacity of the detector, and rows that it keeps.
const V: usize = 96;
const KEPT: usize = 1_200;
/// Row of the change, and rows after it that are counted.
const CHANGE: usize = 200;
const COUNTED: Range<usize> = CHANGE + 1_000..CHANGE + 3_000;
/// Rows of a short fault; rows between two, and rows of the long one.
const SHORT: usize = 32;
const EVERY: usize = 200;
const LONG: Range<usize> = CHANGE + 2_950..CHANGE + 3_550;
/// Rows of the long fault that are counted at either end, and rows after it.
const END: usize = 100;

type Detector = Moving<Wide<V>, V, KEPT>;
type Rules = moving::Rules<wide::Rules<V>, V, KEPT>;

const CHANGES: [&str; 4] = ["level", "mix", "season", "relation"];

/// A rule: its name, whether limits follow, and whether a second model is fitted.
const RULES: [(&str, bool, bool); 4] = [
    ("static", false, false),
    ("followed", true, false),
    ("second model", true, true),
    ("second model, static limits", false, true),
];

/// Changes rows from [`CHANGE`] on.
fn change(which: &str, rows: &mut Rows, scales: &[(f32, f32)], random: &mut Random) {
    let variables = scales.len();
    let share = if matches!(which, "level" | "relation") {
        0.3
    } else {
        0.5
    };
    let chosen = some(random, variables, share);
    let others: Vec<usize> = (chosen.iter())
        .map(|(j, _)| (j + 1 + random.below(variables as u64 - 1) as usize) % variables)
        .collect();
    for (since, row) in rows.iter_mut().skip(CHANGE).enumerate() {
        let before = row.clone();
        for ((j, sign), other) in chosen.iter().zip(&others) {
            let deviation = scales[*j].1;
            let (mean, of_other) = scales[*other];
            match which {
                "level" => row[*j] += 3.0 * sign * deviation,
                "mix" => row[*j] *= 1.8,
                "season" => row[*j] += 3.0 * sign * deviation * (since as f32 / 1_000.0).min(1.0),
                _ => row[*j] += 1.5 * deviation * (before[*other] - mean) / of_other.max(1e-9),
            }
        }
    }
}

/// Where short faults begin.
fn short_faults(rows: usize) -> Vec<usize> {
    let before = (COUNTED.start + 250..COUNTED.end).step_by(EVERY);
    let after = (LONG.end + END..rows - SHORT).step_by(EVERY);
    before.chain(after).collect()
}

/// Puts short faults and the long one into rows.
fn fault(rows: &mut Rows, scales: &[(f32, f32)], random: &mut Random) {
    let starts = short_faults(rows.len());
    let short = starts.into_iter().map(|start| start..start + SHORT);
    for stretch in short.chain([LONG]) {
        let chosen = some(random, scales.len(), 0.2);
        for row in &mut rows[stretch] {
            for (j, sign) in &chosen {
                row[*j] += 4.0 * sign * scales[*j].1;
            }
        }
    }
}

/// Alarms of a rule, row by row.
fn alarms(
    fitted: &Detector,
    rules: &Rules,
    second: bool,
    rows: &Rows,
) -> anyhow::Result<Vec<bool>> {
    let mut detector = Box::new(fitted.clone());
    let mut work = Box::new(Work::new());
    let mut alarms = Vec::new();
    for (k, row) in rows.iter().enumerate() {
        let frame: Vec<Reading> = row.iter().map(Reading::from).collect();
        let verdict = detector.decide(rules, Tick(k as u64), &frame);
        alarms.push(verdict.assessment.is_anomalous());
        if second && detector.is_due(rules) {
            detector.accept(rules, &mut work)?;
        }
    }
    Ok(alarms)
}

fn share(alarms: &[bool], rows: Range<usize>) -> f64 {
    let rows = &alarms[rows];
    rows.iter().filter(|is_alarmed| **is_alarmed).count() as f64 / rows.len() as f64
}

/// Share of stretches with an alarm.
fn found(alarms: &[bool], starts: &[usize]) -> f64 {
    let is_found = |start: &&usize| alarms[**start..**start + SHORT].contains(&true);
    starts.iter().filter(is_found).count() as f64 / starts.len().max(1) as f64
}

/// Alarmed rows after the change and before it; short faults found, and without a fault; the first and last
/// rows of the long fault, the last ones without it; and rows behind it.
const NUMBERS: usize = 8;

fn measure(rows: &Rows) -> anyhow::Result<[[[f64; NUMBERS]; RULES.len()]; CHANGES.len()]> {
    let variables = rows[0].len();
    let (fit, later) = rows.split_at(rows.len() / 2);
    let scales = scales(fit);
    let lanes = wide::Settings {
        variables: u16::try_from(variables)?,
    };
    let mut fits = Vec::new();
    for (_, follow, second) in RULES {
        let mut settings = moving::Settings::new(lanes);
        settings.node.follow = follow;
        let rules: Rules = settings.try_into()?;
        let mut detector = Box::new(Detector::new());
        detector.fit(&rules, &mut { fit }, &mut Work::new())?;
        fits.push((rules, detector, second));
    }
    let mut numbers = [[[0.0; NUMBERS]; RULES.len()]; CHANGES.len()];
    for ((which, numbers), seed) in CHANGES.iter().zip(&mut numbers).zip(14..) {
        let mut random = Random::new(seed);
        let mut changed = later.to_vec();
        change(which, &mut changed, &scales, &mut random);
        let mut faulty = changed.clone();
        fault(&mut faulty, &scales, &mut random);
        let starts = short_faults(later.len());
        for (numbers, (rules, detector, second)) in numbers.iter_mut().zip(&fits) {
            let plain = alarms(detector, rules, *second, &changed)?;
            let with = alarms(detector, rules, *second, &faulty)?;
            *numbers = [
                share(&plain, COUNTED),
                share(&plain, 0..CHANGE),
                found(&with, &starts),
                found(&plain, &starts),
                share(&with, LONG.start..LONG.start + END),
                share(&with, LONG.end - END..LONG.end),
                share(&plain, LONG.end - END..LONG.end),
                share(&with, LONG.end..LONG.end + END),
            ];
        }
    }
    Ok(numbers)
}

/// The healthy rows of a training file whose columns vary in the first half.
fn recorded(name: &str, step: usize) -> anyhow::Result<Rows> {
    let table = Table::read(&file(&format!("{name}.train.csv.gz")).context("no data")?)?;
    let good = healthy(&table);
    let rows = (0..table.len()).step_by(step).filter(|k| good[*k]);
    let rows: Rows = rows.map(|k| table.row(k).to_vec()).collect();
    let fit = &rows[..rows.len() / 2];
    let moves = |j: &usize| fit.iter().any(|row| row[*j] != fit[0][*j]);
    let columns: Vec<usize> = (0..fit[0].len()).filter(moves).collect();
    let cut = |row: &Vec<f32>| columns.iter().map(|j| row[*j]).collect();
    Ok(rows.iter().map(cut).collect())
}

fn main() -> anyhow::Result<()> {
    let mut series = Vec::new();
    for server in [1, 2, 4, 5, 7, 8, 10, 11] {
        series.push(recorded(&format!("asd/omi-{server}"), 1)?);
    }
    for machine in [2, 4, 6, 8] {
        series.push(recorded(&format!("smd/machine-1-{machine}"), 3)?);
    }
    for variables in [20, 84] {
        let frame = generated("generated", variables, [4_320, 0, 4_320]);
        series.push(frame.fit.into_iter().chain(frame.rows).collect());
    }
    let mut mean = [[[0.0; NUMBERS]; RULES.len()]; CHANGES.len()];
    for rows in &series {
        let numbers = measure(rows)?;
        for (mean, number) in mean
            .iter_mut()
            .flatten()
            .flatten()
            .zip(numbers.iter().flatten().flatten())
        {
            *mean += number / series.len() as f64;
        }
    }
    println!(
        "| change | rule | alarmed rows, 1,000 to 3,000 after | before it | short fault found | same rows without it | long fault: first 100 rows | last 100 | these without it | 100 rows behind it |"
    );
    println!("|---|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut all = [[0.0; NUMBERS]; RULES.len()];
    let print = |change: &str, rules: &[[f64; NUMBERS]; RULES.len()]| {
        for ((name, ..), numbers) in RULES.iter().zip(rules) {
            let cells: Vec<String> = numbers.iter().map(|x| format!("{x:.2}")).collect();
            println!("| {change} | {name} | {} |", cells.join(" | "));
        }
    };
    for (which, rules) in CHANGES.iter().zip(&mean) {
        print(which, rules);
        for (all, number) in all.iter_mut().flatten().zip(rules.iter().flatten()) {
            *all += number / CHANGES.len() as f64;
        }
    }
    print("mean", &all);
    Ok(())
}
