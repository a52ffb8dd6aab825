//! Measures a node whose fit has bad rows, with and without trimming:
//! `BELLWETHER_DATA=... cargo run --release -p bellwether-conformance --bin contaminated`
//! (docs/measured/nodes-detectors.md has the protocol and the table).

use anyhow::Context as _;
use bellwether::node::fit::Work;
use bellwether::node::{Confidence, Node, Rules, Settings, Wide, wide};
use bellwether::{Reading, Tick};
use bellwether_conformance::data::file;
use bellwether_conformance::frames::{Rows, healthy, scales, some};
use bellwether_sim::random::Random;
use bellwether_sim::recording::Table;

/// Capacity of the detector.
const V: usize = 96;
/// Shares of bad rows, and of rows left out.
const BAD: [f64; 3] = [0.0, 0.05, 0.1];
const TRIM: [f32; 2] = [0.0, 0.15];

/// A node: rows that fit, later ones with their labels, and seconds between them.
struct Machine {
    set: usize,
    name: String,
    fit: Rows,
    later: Rows,
    labels: Vec<bool>,
    period: f64,
}

const SETS: [&str; 3] = ["m100", "asd", "smd"];

/// Overwrites stretches of 16 to 64 rows, a fifth of the variables by 3 to 8 deviations, until a share is bad.
fn spoil(rows: &mut Rows, share: f64, random: &mut Random) {
    let scales = scales(rows);
    let mut bad = vec![false; rows.len()];
    while (bad.iter().filter(|is_bad| **is_bad).count() as f64) < share * rows.len() as f64 {
        let length = 16 + random.below(49) as usize;
        let from = random.below((rows.len() - length) as u64) as usize;
        let stretch = from..from + length;
        if bad[stretch.clone()].contains(&true) {
            continue;
        }
        let size = random.between(3.0, 8.0) as f32;
        let chosen = some(random, scales.len(), 0.2);
        for row in &mut rows[stretch.clone()] {
            for (j, sign) in &chosen {
                row[*j] += size * sign * scales[*j].1;
            }
        }
        bad[stretch].fill(true);
    }
}

/// Recall, false alarms per day, and the doubts about the fit.
fn judge(machine: &Machine, fit: &Rows, trim: f32) -> anyhow::Result<([f64; 2], f32, Confidence)> {
    let lanes = wide::Settings {
        variables: u16::try_from(fit[0].len())?,
    };
    let mut settings = Settings::new(lanes);
    settings.trim = trim;
    let rules: Rules<wide::Rules<V>, V> = settings.try_into()?;
    let mut node = Box::new(Node::<Wide<V>, V>::new());
    let confidence = node.fit(&rules, &mut fit.as_slice(), &mut Work::new())?;
    let mut counts = [[0.0; 2]; 2];
    let rows = machine.later.iter().zip(&machine.labels);
    for ((row, is_bad), tick) in rows.zip(0..) {
        let frame: Vec<Reading> = row.iter().map(Reading::from).collect();
        let verdict = node.decide(&rules, Tick(tick), &frame);
        let [rows, alarms] = &mut counts[usize::from(*is_bad)];
        *rows += 1.0;
        *alarms += f64::from(u8::from(verdict.assessment.is_anomalous()));
    }
    let [[good, false_alarms], [bad, found]] = counts;
    let per_day = false_alarms / good * 86_400.0 / machine.period;
    Ok(([found / bad, per_day], node.threshold(&rules), confidence))
}

/// Columns that move in the fit, or all of them.
fn machine(
    set: usize,
    name: &str,
    step: usize,
    period: f64,
    cut: Option<f64>,
) -> anyhow::Result<Machine> {
    let read =
        |path: String| -> anyhow::Result<Table> { Table::read(&file(&path).context("no data")?) };
    let set_name = SETS[set];
    let (train, test, split) = match cut {
        Some(share) => {
            let table = read(format!("{set_name}/{name}.csv.gz"))?;
            let split = (table.len() as f64 * share) as usize;
            (read(format!("{set_name}/{name}.csv.gz"))?, table, split)
        }
        None => {
            let train = read(format!("{set_name}/{name}.train.csv.gz"))?;
            (train, read(format!("{set_name}/{name}.test.csv.gz"))?, 0)
        }
    };
    let until = if split > 0 { split } else { train.len() };
    let good = healthy(&train);
    let fit = (0..until).step_by(step).filter(|k| good[*k]);
    let fit: Rows = fit.map(|k| train.row(k).to_vec()).collect();
    let later: Vec<usize> = (split..test.len()).step_by(step).collect();
    Ok(Machine {
        set,
        name: name.to_owned(),
        fit,
        later: later.iter().map(|k| test.row(*k).to_vec()).collect(),
        labels: later.iter().map(|k| test.is_anomalous(*k)).collect(),
        period: period * step as f64,
    })
}

fn main() -> anyhow::Result<()> {
    let mut machines = Vec::new();
    for (name, cut) in [("node10", 0.5), ("node104", 0.5), ("node38", 0.155)] {
        machines.push(machine(0, name, 1, 900.0, Some(cut))?);
    }
    for server in [1, 2, 4, 5, 7, 8, 10, 11] {
        machines.push(machine(1, &format!("omi-{server}"), 1, 300.0, None)?);
    }
    for number in [2, 4, 6, 8] {
        machines.push(machine(2, &format!("machine-1-{number}"), 4, 60.0, None)?);
    }
    println!(
        "| node | bad rows | left out | threshold | recall | false alarms per day | suspicious | drift | constant |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    let mut means = [[[[0.0; 2]; SETS.len()]; TRIM.len()]; BAD.len()];
    let mut days: [[Vec<f64>; TRIM.len()]; BAD.len()] = Default::default();
    for one in &machines {
        let nodes = machines.iter().filter(|other| other.set == one.set).count() as f64;
        for ((share, means), days) in BAD.iter().zip(&mut means).zip(&mut days) {
            let mut fit = one.fit.clone();
            spoil(&mut fit, *share, &mut Random::new(14));
            for ((trim, means), days) in TRIM.iter().zip(means).zip(days) {
                let (numbers, threshold, confidence) = judge(one, &fit, *trim)?;
                let [recall, per_day] = numbers;
                days.push(per_day);
                for (mean, number) in means[one.set].iter_mut().zip(numbers) {
                    *mean += number / nodes;
                }
                println!(
                    "| {} | {share} | {trim} | {threshold:.2} | {recall:.2} | {per_day:.1} | {:.3} | {:.1} | {} |",
                    one.name, confidence.suspicious, confidence.drift, confidence.constant
                );
            }
        }
    }
    println!(
        "\n| bad rows | left out | recall, mean of sets | m100 | asd | smd | false alarms per day, mean of sets | median node |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|");
    for ((share, means), days) in BAD.iter().zip(&means).zip(&mut days) {
        for ((trim, sets), days) in TRIM.iter().zip(means).zip(days) {
            days.sort_by(f64::total_cmp);
            let mean = |k: usize| sets.iter().map(|set| set[k]).sum::<f64>() / sets.len() as f64;
            let [a, b, c] = sets.map(|[recall, _]| recall);
            println!(
                "| {share} | {trim} | {:.2} | {a:.2} | {b:.2} | {c:.2} | {:.1} | {:.1} |",
                mean(0),
                mean(1),
                days[days.len() / 2]
            );
        }
    }
    Ok(())
}
