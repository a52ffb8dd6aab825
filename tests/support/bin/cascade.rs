//! Measures what a cascade saves, and what it does not find: limits on single variables in front of a quartet, on the
//! servers of asd: `BELLWETHER_DATA=... cargo run --release -p bellwether-conformance --bin cascade`
//! (docs/measured/cascade.md has the table).

use anyhow::Context;
use bellwether::cascade::{Cascade, Rules, Settings, Wake};
use bellwether::quartet::{self, Shape, fitting};
use bellwether::sigma::{self, Sigma};
use bellwether::{Detector, Reading, State, Tick, fitting_of};
use bellwether_conformance::data::file;
use bellwether_sim::recording::Table;

/// Most variables of a server.
const V: usize = 19;
const SERVERS: [&str; 8] = [
    "omi-1", "omi-2", "omi-4", "omi-5", "omi-7", "omi-8", "omi-10", "omi-11",
];
/// Deviations that wake, the rows that are held, and the rows after which the quartet is asked all the same. The first
/// asks it in every row.
const WAKES: [(f32, u32, Option<u32>); 7] = [
    (3.0, 0, Some(1)),
    (3.0, 10, None),
    (4.0, 10, None),
    (6.0, 10, None),
    (10.0, 10, None),
    (10.0, 10, Some(10)),
    (10.0, 0, Some(10)),
];
/// Where tests/expect/costs.txt has the instructions of a row, of 8 variables on Cortex-M4F.
const COSTS: &str = include_str!("../../expect/costs.txt");
const PLACE: &str = "qemu-mps2-an386.fast.detector.cascade-";
/// nRF52840 Product Specification v1.1, section 5.2.1.1: mA at 64 MHz from flash with DC/DC (ICPU0), and µA in
/// System ON with all RAM and the RTC (ION_RAMON_RTC), both at 3 V. One instruction per cycle.
const RUN: (f64, f64) = (64.0, 3.3);
const IDLE: f64 = 3.16;
/// Seconds between rows.
const APART: [f64; 3] = [60.0, 1.0, 0.1];

type Both = Cascade<Sigma<V>, fitting_of!(Shape::new(V as u16))>;

/// Rows of the tests, those that asked the quartet, anomalous ones and those of them that were alarmed, alarmed ones
/// that were not anomalous; events, and those of them that were alarmed.
#[derive(Clone, Copy, Default)]
struct Tally {
    rows: f64,
    asked: f64,
    anomalous: f64,
    alarmed: f64,
    in_vain: f64,
    events: f64,
    found: f64,
}

fn run(
    server: &str,
    (sigmas, hold, check): (f32, u32, Option<u32>),
    sum: &mut Tally,
) -> anyhow::Result<()> {
    let read = |part: &str| -> anyhow::Result<Table> {
        let path = file(&format!("asd/{server}.{part}.csv.gz")).context("no data")?;
        Table::read(&path)
    };
    let (train, test) = (read("train")?, read("test")?);
    let (variables, learn) = (train.row(0).len(), u32::try_from(train.len())?);
    let rules: Rules<_, _> = Settings {
        watcher: sigma::Settings {
            variables: variables.try_into()?,
            learn,
            sigmas,
            ..sigma::Settings::<V>::DEFAULT
        },
        costly: fitting::Settings {
            quartet: quartet::Settings::new(Shape::new(variables.try_into()?)),
            rows: learn,
        },
        wake: Wake {
            hold,
            check,
            ..Wake::DEFAULT
        },
    }
    .try_into()?;
    let mut cascade = Box::new(Both::new(Sigma::new(), fitting::Fitting::new()));
    let mut decide = |row: &[f32]| {
        let frame: Vec<Reading> = row.iter().map(Reading::from).collect();
        let tick: Tick = cascade.next_tick();
        cascade.decide(&rules, tick, &frame)
    };
    for row in train.rows() {
        decide(row);
    }
    let (mut in_event, mut is_found) = (false, false);
    for (k, row) in test.rows().enumerate() {
        let verdict = decide(row);
        let (is_alarmed, is_anomalous) = (
            verdict.assessment().state == State::Anomalous,
            test.is_anomalous(k),
        );
        let one = |is: bool| f64::from(u8::from(is));
        sum.rows += 1.0;
        sum.asked += one(verdict.costly.is_some());
        sum.anomalous += one(is_anomalous);
        sum.alarmed += one(is_anomalous && is_alarmed);
        sum.in_vain += one(!is_anomalous && is_alarmed);
        if is_anomalous && !in_event {
            (sum.events, is_found) = (sum.events + 1.0, false);
        }
        in_event = is_anomalous;
        if in_event && is_alarmed && !is_found {
            (sum.found, is_found) = (sum.found + 1.0, true);
        }
    }
    Ok(())
}

fn instructions(name: &str) -> anyhow::Result<f64> {
    let mut lines = COSTS.lines().filter_map(|line| line.split_once('='));
    let key = format!("{PLACE}{name}.mean");
    let found = lines.find(|(of, _)| *of == key);
    let (_, value) = found.with_context(|| format!("tests/expect/costs.txt has no {key}"))?;
    Ok(value.parse()?)
}

fn main() -> anyhow::Result<()> {
    let (asleep, awake) = (instructions("asleep")?, instructions("awake")?);
    println!("{asleep} instructions asleep, {awake} awake\n");
    println!(
        "| wakes at | held | asked every | rows asked | events found | rows found | in vain | instructions per row | \
         µC per row | µA, rows 60 s apart | 1 s | 0.1 s |"
    );
    println!("|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
    for wake in WAKES {
        let mut sum = Tally::default();
        for server in SERVERS {
            run(server, wake, &mut sum)?;
        }
        let asked = sum.asked / sum.rows;
        let per_row = asleep + asked * (awake - asleep);
        let microcoulombs = per_row / (RUN.0 * 1e6) * RUN.1 * 1e3;
        let current = APART.map(|seconds| IDLE + microcoulombs / seconds);
        let [minute, second, tenth] = current;
        let (sigmas, hold, check) = wake;
        let check = check.map_or("-".to_owned(), |rows| rows.to_string());
        println!(
            "| {sigmas} | {hold} | {check} | {:.1} % | {} of {} | {:.1} % | {:.2} % | {per_row:.0} | {microcoulombs:.3} | \
             {minute:.3} | {second:.2} | {tenth:.1} |",
            100.0 * asked,
            sum.found,
            sum.events,
            100.0 * sum.alarmed / sum.anomalous,
            100.0 * sum.in_vain / (sum.rows - sum.anomalous),
        );
    }
    Ok(())
}
