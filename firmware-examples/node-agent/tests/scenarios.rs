//! Scenarios after operators' reports: a node with four GPUs, simulated second by second, and what the agent says of it.
//!
//! Each row of the table is a scenario with its verdict: kind, variable behind it, and delay. Nothing is learned from a
//! fault, and a healthy hour in front of each one must be silent.

use bellwether::rng::split_mix;
use bellwether::{Cause, Reading};
use bellwether_agent::event::{Event, Kind, Phase};
use bellwether_agent::judge::{Context, Job, Judge, Settings};
use bellwether_hal::linux::probe::{Channel, Measure};

const GPUS: usize = 4;
const FANS: usize = 4;
/// Fields of a GPU, in their order.
const FIELDS: [&str; 7] = [
    "util",
    "power",
    "clock",
    "temp",
    "pcie.width",
    "pcie.rx",
    "ecc",
];
const ECC: usize = 6;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// A time in 2026.
const START_MS: u64 = 1_780_000_000_000;

/// The fault of the node.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// The third GPU's clock falls by a tenth, at the same load, and no code says so.
    Throttled,
    /// The second GPU's link has 8 lanes instead of 16.
    Downtrained,
    /// The third fan's sensor repeats its value.
    StuckFan,
    /// The fourth GPU corrects ever more errors, and two of five of its samples are lost.
    Lost,
}

/// The work of the node.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Work {
    /// A job whose load wanders.
    Steady,
    /// The same, and each night at two a task of the system for twenty minutes.
    Nightly,
    /// Jobs of forty minutes, and twenty idle ones between them.
    Jobs,
}

struct Node {
    work: Work,
    step_s: u64,
    second: u64,
    drawn: u64,
    load: f32,
    temps: [f32; GPUS],
    cpu: f32,
    stuck: Option<f32>,
}

impl Node {
    fn new(work: Work, step_s: u64) -> Self {
        let (temps, cpu) = ([50.0; GPUS], 50.0);
        Self {
            work,
            step_s,
            second: 0,
            drawn: 0,
            load: 0.6,
            temps,
            cpu,
            stuck: None,
        }
    }

    fn noise(&mut self) -> f32 {
        self.drawn += 1;
        (split_mix(11, self.drawn) >> 40) as f32 / (1 << 23) as f32 - 1.0
    }

    fn job(&self) -> Option<Job> {
        let busy = self.work == Work::Jobs && self.second % HOUR < 40 * MINUTE;
        busy.then(|| Job {
            id: format!("{}", self.second / HOUR),
            ..Job::default()
        })
    }

    /// The values of a moment, in the order of the channels.
    fn sample(&mut self, fault: Fault) -> Vec<Reading> {
        self.second += self.step_s;
        let step = self.step_s as f32;
        let wander = 0.015 * self.noise() * step.sqrt();
        self.load = (self.load + wander + 0.002 * step * (0.6 - self.load)).clamp(0.3, 0.95);
        let nightly = self.work == Work::Nightly
            && (2 * HOUR..2 * HOUR + 20 * MINUTE).contains(&(self.second % DAY));
        let idle = self.work == Work::Jobs && self.job().is_none();
        let inlet = 22.0 + 0.3 * self.noise();
        let settles = 1.0 - (-step / 60.0).exp();
        let (mut values, mut total) = (Vec::new(), 600.0);
        for gpu in 0..GPUS {
            let util = if idle {
                0.0
            } else {
                (self.load + 0.02 * self.noise()).clamp(0.0, 1.0)
            };
            let mut clock = if idle {
                345.0
            } else {
                1980.0 - 500.0 * util + 8.0 * self.noise()
            };
            let mut width = 16.0;
            let mut errors = 0.0;
            match fault {
                Fault::Throttled if gpu == 2 => clock *= 0.9,
                Fault::Downtrained if gpu == 1 => width = 8.0,
                Fault::Lost if gpu == 3 => errors = 17_700.0,
                _ => {}
            }
            let power = 70.0 + 430.0 * util * (clock / 1700.0).min(1.0) + 4.0 * self.noise();
            total += power;
            if let Some(temp) = self.temps.get_mut(gpu) {
                *temp += settles * (inlet + 8.0 + 0.09 * power - *temp);
            }
            let temp =
                (self.temps.get(gpu).copied().unwrap_or_default() + 0.3 * self.noise()).round();
            let rx = 9000.0 * util * width / 16.0 + 90.0 * self.noise().abs();
            let row = [100.0 * util, power, clock, temp, width, rx, errors];
            let lost = fault == Fault::Lost && gpu == 3 && split_mix(3, self.second) % 5 < 2;
            let reading = |value| {
                if lost {
                    Reading::Absent(Cause::Missing)
                } else {
                    Reading::Value(value)
                }
            };
            values.extend(row.map(reading));
        }
        let cpu_load = self.load * if idle { 0.1 } else { 0.5 } + if nightly { 0.4 } else { 0.0 };
        let cpu_power = 90.0 + 250.0 * cpu_load + 3.0 * self.noise();
        self.cpu += settles * (inlet + 10.0 + 0.12 * cpu_power - self.cpu);
        let hottest = self.temps.iter().copied().fold(self.cpu, f32::max);
        for fan in 0..FANS {
            let mut speed = 2500.0 + 70.0 * (hottest - 30.0) + 25.0 * self.noise();
            if fan == 2 && fault == Fault::StuckFan {
                speed = *self.stuck.get_or_insert(speed);
            }
            values.push(Reading::Value(speed.round()));
        }
        let cpu_temp = self.cpu + 0.3 * self.noise();
        total += cpu_power;
        for value in [inlet, cpu_temp, cpu_power, total + 5.0 * self.noise()] {
            values.push(Reading::Value(value));
        }
        values
    }
}

fn channels() -> Vec<Channel> {
    let channel = |identity: String, measure| Channel {
        sensor: identity.clone(),
        identity,
        chip: String::new(),
        unit: "",
        measure,
    };
    let mut channels = Vec::new();
    for gpu in 0..GPUS {
        for (place, field) in FIELDS.iter().enumerate() {
            let measure = if place == ECC {
                Measure::Errors
            } else {
                Measure::Gauge
            };
            channels.push(channel(format!("gpu/{gpu}/{field}"), measure));
        }
    }
    let fans = (0..FANS).map(|fan| format!("ipmi/FAN{fan}"));
    let others =
        ["Inlet", "CPU Temp", "CPU Power", "Total Power"].map(|name| format!("ipmi/{name}"));
    channels.extend(fans.chain(others).map(|name| channel(name, Measure::Gauge)));
    channels
}

/// A node and the judge that has learned it.
struct Watched {
    node: Node,
    judge: Judge,
}

impl Watched {
    fn new(work: Work, step_s: u64, settings: &Settings) -> Self {
        let judge =
            Judge::new("n1", &channels(), settings, None).expect("settings in their ranges");
        Self {
            node: Node::new(work, step_s),
            judge,
        }
    }

    /// Goes on for some seconds, and gives what was told.
    fn run(&mut self, seconds: u64, fault: Fault) -> Vec<Event> {
        let mut told = Vec::new();
        let end = self.node.second + seconds;
        while self.node.second < end {
            let sample = self.node.sample(fault);
            let context = Context {
                job: self.node.job(),
                ..Context::default()
            };
            let at_ms = START_MS + 1000 * self.node.second;
            if self.judge.take(at_ms, &sample, &context, &mut told) {
                self.judge.finish_fits();
            }
        }
        told.retain(|event| event.phase == Phase::Start);
        told
    }
}

/// Frames of 15 samples, learned for three hours.
fn brief() -> Settings {
    Settings {
        frame_s: 15,
        learn: 720,
        accept_after: 0,
        fit_share: 1.0,
        watch_learn: 3 * 3600,
        ..Settings::default()
    }
}

/// A row of the table: scenario, kind, first variable and seconds until each event.
struct Row {
    scenario: &'static str,
    healthy: usize,
    events: Vec<(Kind, String, u64)>,
}

impl Row {
    fn of(scenario: &'static str, healthy: usize, from_ms: u64, events: &[Event]) -> Self {
        let event = |event: &Event| {
            let variable = event
                .variables
                .first()
                .map_or(String::new(), |of| of.channel.clone());
            (
                event.kind,
                variable,
                event.at_ms.saturating_sub(from_ms) / 1000,
            )
        };
        Self {
            scenario,
            healthy,
            events: events.iter().map(event).collect(),
        }
    }

    fn print(&self) {
        let mut events: Vec<String> = self
            .events
            .iter()
            .take(4)
            .map(|(kind, variable, delay)| format!("{kind:?} {variable} after {delay} s"))
            .collect();
        if events.is_empty() {
            events.push("silent".to_owned());
        }
        println!(
            "| {:<42} | {} | {} |",
            self.scenario,
            self.healthy,
            events.join("; ")
        );
    }

    /// Whether an event of a kind names a variable in time.
    fn has(&self, kind: Kind, variable: &str, within_s: u64) -> bool {
        let fits = |event: &&(Kind, String, u64)| {
            event.0 == kind && event.1.starts_with(variable) && event.2 <= within_s
        };
        self.events.iter().any(|event| fits(&event))
    }
}

/// A fault on a node with a wandering load, after a healthy hour.
fn faulty(scenario: &'static str, fault: Fault, seconds: u64) -> Row {
    let mut watched = Watched::new(Work::Steady, 1, &brief());
    assert_eq!(
        watched.run(3 * HOUR + 10 * MINUTE, Fault::None),
        [],
        "{scenario}: while it learns"
    );
    let healthy = watched.run(HOUR, Fault::None).len();
    let from_ms = START_MS + 1000 * watched.node.second;
    let events = watched.run(seconds, fault);
    let row = Row::of(scenario, healthy, from_ms, &events);
    row.print();
    row
}

/// Broken if a GPU that slows down at the same load is not named: its clock is one that a higher load would
/// have too.
#[test]
fn silent_throttling_is_told() {
    let row = faulty("silent throttling of GPU 2", Fault::Throttled, 20 * MINUTE);
    assert_eq!(row.healthy, 0);
    assert!(
        row.has(Kind::Anomaly, "gpu/2/", 5 * MINUTE),
        "{:?}",
        row.events
    );
}

/// Broken if a link that lost lanes is not told by its width, and by what it carries.
#[test]
fn downtraining_of_a_link_is_told() {
    let row = faulty(
        "PCIe link of GPU 1 from 16 lanes to 8",
        Fault::Downtrained,
        20 * MINUTE,
    );
    assert_eq!(row.healthy, 0);
    assert!(
        row.has(Kind::Range, "gpu/1/pcie.width", 2 * MINUTE),
        "{:?}",
        row.events
    );
    assert!(
        row.has(Kind::Anomaly, "gpu/1/pcie", 5 * MINUTE),
        "{:?}",
        row.events
    );
}

/// Broken if a sensor that repeats itself passes as a steady one.
#[test]
fn stuck_fan_sensor_is_told() {
    let row = faulty(
        "fan sensor 2 repeats its value",
        Fault::StuckFan,
        20 * MINUTE,
    );
    assert_eq!(row.healthy, 0);
    assert!(
        row.has(Kind::Stuck, "ipmi/FAN2", 5 * MINUTE),
        "{:?}",
        row.events
    );
    let others = row
        .events
        .iter()
        .filter(|event| event.0 == Kind::Stuck && event.1 != "ipmi/FAN2");
    assert_eq!(others.count(), 0);
}

/// Broken if a GPU that corrects errors and loses samples is healthy because its last values are.
#[test]
fn lost_samples_and_corrected_errors_are_told() {
    let row = faulty(
        "GPU 3 corrects errors and loses samples",
        Fault::Lost,
        20 * MINUTE,
    );
    assert_eq!(row.healthy, 0);
    assert!(
        row.has(Kind::Errors, "gpu/3/ecc", MINUTE),
        "{:?}",
        row.events
    );
    assert!(
        row.has(Kind::Missing, "gpu/3/", 5 * MINUTE),
        "{:?}",
        row.events
    );
}

/// Samples of a minute, frames of five, learned for two days.
fn daily() -> Settings {
    Settings {
        frame_s: 300,
        learn: 576,
        accept_after: 576,
        fit_share: 1.0,
        watch_learn: 2880,
        ..Settings::default()
    }
}

/// Broken if a task of each night is told night after night, whether it was learned or came later.
#[test]
fn daily_task_is_not_told_after_some_days() {
    let mut watched = Watched::new(Work::Nightly, MINUTE, &daily());
    let learning = watched.run(3 * DAY, Fault::None);
    let from_ms = START_MS + 1000 * watched.node.second;
    let later = watched.run(5 * DAY, Fault::None);
    let row = Row::of(
        "a nightly task, known: 5 days",
        learning.len(),
        from_ms,
        &later,
    );
    row.print();
    assert!(row.events.is_empty(), "{:?}", row.events);

    let mut watched = Watched::new(Work::Steady, MINUTE, &daily());
    let learning = watched.run(3 * DAY, Fault::None);
    watched.node.work = Work::Nightly;
    let mut nights = Vec::new();
    for _ in 0..10 {
        nights.push(watched.run(DAY, Fault::None).len());
    }
    let row = Row::of("a nightly task, new: 10 days", learning.len(), 0, &[]);
    println!(
        "| {:<42} | {} | events by night: {nights:?} |",
        row.scenario, row.healthy
    );
    assert!(nights[0] > 0, "a new task is news");
    assert!(nights[7..].iter().sum::<usize>() <= 1, "{nights:?}");
}

/// Broken if the begin or the end of a job is an alarm, though both of its sides are usual.
#[test]
fn changes_of_jobs_are_not_told() {
    let mut watched = Watched::new(Work::Jobs, 1, &brief());
    let learning = watched.run(8 * HOUR, Fault::None);
    let from_ms = START_MS + 1000 * watched.node.second;
    let later = watched.run(8 * HOUR, Fault::None);
    let row = Row::of("idle and busy, 16 changes", learning.len(), from_ms, &later);
    row.print();
    assert!(row.events.is_empty(), "{:?}", row.events);
}
