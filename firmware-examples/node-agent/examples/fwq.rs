//! The noise of an agent on one processor: a fixed quantum of work, timed over and over, with the agent running and
//! stopped in turns.
//!
//! ```text
//! cargo run --release -p bellwether-agent --example fwq -- PID CPU [PAIRS] [SECONDS]
//! ```
//!
//! PID is the agent (SIGSTOP and SIGCONT are sent to it), CPU the processor that this program keeps to; start the
//! agent with `cpus = [CPU]`, so that both share it. Each of the PAIRS (20) has two blocks of SECONDS (5), one with
//! and one without the agent, in an order that alternates. The report is the mean time of a quantum in each, the mean
//! of the pairs' differences with its 95 % interval (Student's t), and the longest quanta.

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use rustix::thread::{CpuSet, sched_setaffinity};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Steps of a quantum: about a quarter of a millisecond.
const STEPS: u64 = 200_000;

/// Steps of a generator, each needing the last.
fn quantum(mut x: u64) -> u64 {
    for _ in 0..STEPS {
        x = x
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        x ^= x >> 29;
    }
    x
}

/// Nanoseconds of each quantum of a block.
fn block(length: Duration) -> Vec<f64> {
    let (begin, mut times) = (Instant::now(), Vec::new());
    while begin.elapsed() < length {
        let start = Instant::now();
        black_box(quantum(black_box(1)));
        times.push(start.elapsed().as_nanos() as f64);
    }
    times
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The 97.5th percentile of Student's t, from Cornish and Fisher's expansion.
fn student(freedom: f64) -> f64 {
    let z = 1.959_964_f64;
    let (one, two) = (z.powi(3) + z, 5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z);
    z + one / (4.0 * freedom) + two / (96.0 * freedom.powi(2))
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |place: usize, default: Option<i32>| -> anyhow::Result<i32> {
        match arguments.get(place) {
            Some(text) => text.parse().with_context(|| text.clone()),
            None => default.context("PID CPU [PAIRS] [SECONDS]"),
        }
    };
    let pid = Pid::from_raw(number(0, None)?).context("no process has this number")?;
    let cpu = usize::try_from(number(1, None)?)?;
    let (pairs, seconds) = (number(2, Some(20))?, number(3, Some(5))?);
    if pairs < 2 || seconds < 1 {
        bail!("two pairs of a second at least");
    }
    let mut set = CpuSet::new();
    set.set(cpu);
    sched_setaffinity(None, &set).context("this processor cannot be used")?;
    let length = Duration::from_secs(u64::try_from(seconds)?);
    block(Duration::from_secs(1));
    let (mut on, mut off, mut differences) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..pairs {
        let mut means = [0.0; 2];
        for turn in [pair % 2, 1 - pair % 2] {
            let running = turn == 1;
            kill_process(pid, if running { Signal::CONT } else { Signal::STOP })?;
            std::thread::sleep(Duration::from_millis(100));
            let times = block(length);
            if let Some(place) = means.get_mut(usize::from(running)) {
                *place = mean(&times);
            }
            if running {
                on.extend(times);
            } else {
                off.extend(times);
            }
        }
        differences.push(means[1] - means[0]);
    }
    kill_process(pid, Signal::CONT)?;
    let (count, middle) = (differences.len() as f64, mean(&differences));
    let squares: f64 = differences.iter().map(|x| (x - middle).powi(2)).sum();
    let half = student(count - 1.0) * (squares / (count - 1.0) / count).sqrt();
    let base = mean(&off);
    for (name, times) in [("without", &mut off), ("with", &mut on)] {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| {
            times
                .get((share * times.len() as f64) as usize)
                .copied()
                .unwrap_or(0.0)
                / 1e3
        };
        println!(
            "{name:8} {} quanta: mean {:.2} µs, p50 {:.2}, p99 {:.2}, p99.9 {:.2}, longest {:.2} µs",
            times.len(),
            mean(times) / 1e3,
            at(0.5),
            at(0.99),
            at(0.999),
            times.last().copied().unwrap_or(0.0) / 1e3
        );
    }
    println!(
        "the agent costs {:+.3} % of a quantum, 95 % interval {:+.3} to {:+.3} %, {} pairs of blocks of {seconds} s",
        100.0 * middle / base,
        100.0 * (middle - half) / base,
        100.0 * (middle + half) / base,
        differences.len()
    );
    Ok(())
}
