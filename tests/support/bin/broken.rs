//! Measures how often a node finds a single broken variable among many, and names it:
//! `BELLWETHER_DATA=... cargo run --release -p bellwether-conformance --bin broken`
//! (docs/measured/nodes-detectors.md has the protocol and the table).

use anyhow::ensure;
use bellwether::node::fit::Work;
use bellwether::node::{Node, Pairs, Probes, Rules, Settings, Wide, wide};
use bellwether::{Reading, Tick};
use bellwether_conformance::frames::{Frame, generated, node104, rack};
use bellwether_sim::random::Random;
use std::rc::Rc;

/// Capacity of the detector.
const V: usize = 512;
/// Rows of a window, and of a fault.
const WINDOW: usize = 24;
/// Share of clean windows that are alarmed.
const ALARMED: f64 = 0.05;
/// Faults of each kind on a frame.
const CASES: usize = 88;
/// Deviations of a normal variable per median of absolute ones.
const MAD: f64 = 1.4826;

/// Rows of a plant that changed, before faults are injected.
const SETTLING: usize = 24_000;

#[derive(Clone, Copy)]
enum Kind {
    Step(f64),
    Drift(f64),
    Spike(f64),
    Stuck,
    Decoupled,
}

const KINDS: [(&str, Kind); 11] = [
    ("step 3", Kind::Step(3.0)),
    ("step 5", Kind::Step(5.0)),
    ("step 8", Kind::Step(8.0)),
    ("drift 3", Kind::Drift(3.0)),
    ("drift 5", Kind::Drift(5.0)),
    ("drift 8", Kind::Drift(8.0)),
    ("spike 3", Kind::Spike(3.0)),
    ("spike 5", Kind::Spike(5.0)),
    ("spike 8", Kind::Spike(8.0)),
    ("stuck", Kind::Stuck),
    ("decoupled", Kind::Decoupled),
];

/// The largest numbers of a window.
#[derive(Clone, Copy, Default)]
struct Largest {
    broken: f32,
    variable: Option<u16>,
    vote: f32,
    /// The variable of the largest vote, and how many are blamed beside it.
    voted: (usize, usize),
    onset: f32,
    deviations: f32,
}

type Bench = (
    Rules<wide::Rules<V>, V>,
    Box<Node<Wide<V>, V>>,
    Rc<Pairs<V>>,
    Vec<(f32, f32)>,
);

fn window((rules, node, pairs, scales): &Bench, rows: &[Vec<f32>]) -> Largest {
    let mut node = node.clone();
    let mut largest = Largest::default();
    for row in rows {
        let frame: Vec<Reading> = row.iter().map(Reading::from).collect();
        let tick: Tick = bellwether::Detector::next_tick(&*node);
        let Some(score) = node.decide(rules, tick, &frame).score else {
            continue;
        };
        if score.broken > largest.broken {
            (largest.broken, largest.variable) = (score.broken, score.variable);
        }
        largest.onset = largest.onset.max(score.onset);
        let votes = pairs.votes(&node).enumerate();
        let (variable, vote) = votes.fold(
            (0, 0.0),
            |most, next| if next.1 > most.1 { next } else { most },
        );
        if vote > largest.vote {
            (largest.vote, largest.voted) = (vote, (variable, pairs.blamed(&node).count()));
        }
        for (x, (mean, deviation)) in row.iter().zip(scales) {
            largest.deviations = largest.deviations.max(((x - mean) / deviation).abs());
        }
    }
    largest
}

fn inject(frame: &Frame, from: usize, variable: usize, kind: Kind, size: f64) -> Vec<Vec<f32>> {
    let mut rows = frame.rows[from..from + WINDOW].to_vec();
    let before = frame.rows[from - 1][variable];
    let other = (from + frame.rows.len() / 2) % (frame.rows.len() - WINDOW);
    for (k, row) in rows.iter_mut().enumerate() {
        let x = &mut row[variable];
        let by = |deviations: f64| (deviations * size) as f32;
        match kind {
            Kind::Step(n) => *x += by(n),
            Kind::Drift(n) => *x += by(n * (k + 1) as f64 / WINDOW as f64),
            Kind::Spike(n) if k == 0 => *x += by(n),
            Kind::Spike(_) => {}
            Kind::Stuck => *x = before,
            Kind::Decoupled => *x = frame.rows[other + k][variable],
        }
    }
    rows
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// A fault's unit: the robust deviation of a variable in the fit, or its deviation; `None` if it did not move.
fn unit(column: &[f64]) -> Option<f64> {
    let middle = median(&mut column.to_vec());
    let mut apart: Vec<f64> = column.iter().map(|x| (x - middle).abs()).collect();
    let robust = MAD * median(&mut apart);
    let mean = column.iter().sum::<f64>() / column.len() as f64;
    let variance = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / column.len() as f64;
    let unit = if robust > 0.0 {
        robust
    } else {
        variance.sqrt()
    };
    (unit > 1e-9 * mean.abs().max(1e-9)).then_some(unit)
}

fn quantile(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    let at = ((1.0 - ALARMED) * values.len() as f64).ceil() as usize;
    values[at.min(values.len()) - 1]
}

/// Faults of a scope, those with the right name, and the variables blamed.
type Named = [f64; 3];

/// The faults that the vote names: of all faults that it found; of those, of the ones that raised it above its number of the
/// clean window; of steps of 5 and 8 that raised it so, found or not.
const SCOPES: [&str; 3] = ["found", "found and raised", "step of 5 or 8, raised"];

/// Shares found by each; faults that the factor lane found, and those with the right name; what the vote names.
type Measured = ([[f64; 4]; KINDS.len()], [f64; 2], [Named; SCOPES.len()]);

/// Shares found by the factor lane, the onset and single deviations per kind; faults found by the factor lane,
/// and those of them with the right name.
fn measure(frame: &Frame, mut probes: Option<Probes<8>>) -> anyhow::Result<Measured> {
    let variables = frame.fit[0].len();
    let lanes = wide::Settings {
        variables: u16::try_from(variables)?,
    };
    let rules: Rules<wide::Rules<V>, V> = Settings::new(lanes).try_into()?;
    let mut node = Box::new(Node::<Wide<V>, V>::new());
    let (mut work, mut pairs) = (Work::new(), Pairs::new());
    node.fit(&rules, &mut frame.fit.as_slice(), &mut work)?;
    pairs.fit(&node, &mut frame.fit.as_slice(), &mut work);
    let columns: Vec<Vec<f64>> = (0..variables)
        .map(|j| {
            let column = frame.fit.iter().map(|row| f64::from(row[j]));
            column.filter(|x| x.is_finite()).collect()
        })
        .collect();
    let scales = columns.iter().map(|column| {
        let mean = column.iter().sum::<f64>() / column.len().max(1) as f64;
        let squares = column.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        let deviation = (squares / column.len().max(1) as f64).sqrt();
        (mean as f32, deviation.max(1e-9) as f32)
    });
    let mut bench: Bench = (rules, node, Rc::new(pairs), scales.collect());
    // Probes learn from rows that are not anomalous, and from all of a change that was accepted.
    let mut take = |bench: &mut Bench, row: &[f32], is_accepted: bool| {
        let row: Vec<Reading> = row.iter().map(Reading::from).collect();
        let tick = bellwether::Detector::next_tick(&*bench.1);
        let verdict = bench.1.decide(&bench.0, tick, &row);
        let may_learn = is_accepted || !verdict.assessment.is_anomalous();
        if let Some(probes) = probes.as_mut().filter(|_| may_learn) {
            probes.take(Rc::make_mut(&mut bench.2), &bench.1);
        }
    };
    for row in &frame.settling {
        take(&mut bench, row, true);
    }
    let movable: Vec<(usize, f64)> = columns
        .iter()
        .enumerate()
        .filter_map(|(j, column)| Some((j, unit(column)?)))
        .collect();
    let starts: Vec<usize> = (1..frame.rows.len() - WINDOW).step_by(WINDOW).collect();
    // The state before each window, and its clean numbers.
    let mut benches = Vec::new();
    let mut clean = Vec::new();
    let mut at = 0;
    for from in &starts {
        for row in &frame.rows[at..*from] {
            take(&mut bench, row, false);
        }
        at = *from;
        clean.push(window(&bench, &frame.rows[*from..from + WINDOW]));
        benches.push(bench.clone());
    }
    let limit = |number: fn(&Largest) -> f32| quantile(clean.iter().map(number).collect());
    let limits = [
        limit(|w| w.broken),
        limit(|w| w.onset),
        limit(|w| w.deviations),
        limit(|w| w.vote),
    ];
    let mut random = Random::new(14);
    let mut found = [[0.0; 4]; KINDS.len()];
    let (mut named, mut raised, mut by_vote) = (0.0, 0.0, [[0.0; 3]; SCOPES.len()]);
    for (found, (_, kind)) in found.iter_mut().zip(KINDS) {
        for _ in 0..CASES {
            let place = random.below(starts.len() as u64) as usize;
            let (variable, size) = movable[random.below(movable.len() as u64) as usize];
            let rows = inject(frame, starts[place], variable, kind, size);
            let largest = window(&benches[place], &rows);
            let numbers = [
                largest.broken,
                largest.onset,
                largest.deviations,
                largest.vote,
            ];
            for ((found, number), limit) in found.iter_mut().zip(numbers).zip(limits) {
                *found += f64::from(u8::from(number > limit)) / CASES as f64;
            }
            if largest.broken > limits[0] {
                raised += 1.0;
                named += f64::from(u8::from(largest.variable == Some(variable as u16)));
            }
            let (is_found, rises) = (largest.vote > limits[3], largest.vote > clean[place].vote);
            let is_step = matches!(kind, Kind::Step(n) if n > 4.0);
            let within = [is_found, is_found && rises, is_step && rises];
            for (scope, is_within) in by_vote.iter_mut().zip(within) {
                if is_within {
                    scope[0] += 1.0;
                    scope[1] += f64::from(u8::from(largest.voted.0 == variable));
                    scope[2] += largest.voted.1 as f64;
                }
            }
        }
    }
    Ok((found, [raised, named], by_vote))
}

fn main() -> anyhow::Result<()> {
    let asd = [
        "omi-1", "omi-2", "omi-4", "omi-5", "omi-7", "omi-8", "omi-10", "omi-11",
    ];
    let smd = ["machine-1-2", "machine-1-4", "machine-1-6", "machine-1-8"];
    let frames = [
        node104()?,
        rack("asd, 8 servers", "asd", &asd, 1)?,
        rack("smd, 4 machines", "smd", &smd, 2)?,
        generated("generated", 166, [4_000, 0, 2_000]),
        generated("generated", 500, [4_000, 0, 2_000]),
    ];
    let (mut all, mut faults, mut votes) = (
        [[0.0; 4]; KINDS.len()],
        (0.0, 0.0),
        [[0.0; 3]; SCOPES.len()],
    );
    println!(
        "| frame | variables | rows that fit | clean windows | factor lane | onset | \\|z\\|, max | vote | variable right: factor lane | vote | blamed |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for frame in &frames {
        ensure!(
            frame.rows.len() > 2 * WINDOW,
            "{}: too few rows",
            frame.name
        );
        let (found, [raised, named], by_vote) = measure(frame, None)?;
        for (all, of) in votes.iter_mut().flatten().zip(by_vote.iter().flatten()) {
            *all += of;
        }
        let [seen, right, blamed] = by_vote[0];
        (faults.0, faults.1) = (faults.0 + raised, faults.1 + named);
        let mean = |k: usize| found.iter().map(|kind| kind[k]).sum::<f64>() / found.len() as f64;
        println!(
            "| {} | {} | {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.1} |",
            frame.name,
            frame.fit[0].len(),
            frame.fit.len(),
            (frame.rows.len() - WINDOW) / WINDOW,
            mean(0),
            mean(1),
            mean(2),
            mean(3),
            named / raised.max(1.0),
            right / seen.max(1.0_f64),
            blamed / seen.max(1.0)
        );
        for (all, found) in all.iter_mut().zip(found) {
            for (all, found) in all.iter_mut().zip(found) {
                *all += found / frames.len() as f64;
            }
        }
    }
    println!("\n| fault | factor lane | onset | \\|z\\|, max | vote |\n|---|--:|--:|--:|--:|");
    let mut mean = [0.0; 4];
    for ((name, _), found) in KINDS.iter().zip(all) {
        let [a, b, c, d] = found;
        println!("| {name} | {a:.2} | {b:.2} | {c:.2} | {d:.2} |");
        for (mean, found) in mean.iter_mut().zip(found) {
            *mean += found / KINDS.len() as f64;
        }
    }
    let [a, b, c, d] = mean;
    println!("| all | {a:.2} | {b:.2} | {c:.2} | {d:.2} |");
    let (raised, named) = faults;
    println!("\nThe variable is right in {named} of {raised} faults that the factor lane found.");
    println!("\n| the vote, of faults | number | variable right | blamed |\n|---|--:|--:|--:|");
    for (scope, [seen, right, blamed]) in SCOPES.iter().zip(votes) {
        let (share, blamed) = (right / seen.max(1.0), blamed / seen.max(1.0));
        println!("| {scope} | {seen} | {share:.3} | {blamed:.2} |");
    }
    let changed = [
        generated("generated, a third changed", 84, [4_000, SETTLING, 2_000]),
        generated("generated, a third changed", 166, [4_000, SETTLING, 2_000]),
    ];
    println!(
        "\n| frame | variables | partners | found | of raised ones, variable right | blamed |"
    );
    println!("|---|--:|---|--:|--:|--:|");
    for frame in frames.iter().chain(&changed) {
        for (partners, probes) in [("of the fit", None), ("probed", Some(Probes::new()))] {
            let (found, _, by_vote) = measure(frame, probes)?;
            let [_, [raised, right, blamed], _] = by_vote;
            let found = found.iter().map(|kind| kind[3]).sum::<f64>() / found.len() as f64;
            let (share, blamed) = (right / raised.max(1.0), blamed / raised.max(1.0));
            let (name, variables) = (frame.name, frame.fit[0].len());
            println!(
                "| {name} | {variables} | {partners} | {found:.2} | {share:.3} | {blamed:.1} |"
            );
        }
    }
    Ok(())
}
