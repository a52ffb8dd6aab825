//! A fleet: machines side by side that run jobs, with faults of single ones. Machines of one job follow its load
//! through gains of their own, so that their median tells what a machine should do.
//!
//! In the test part, behind the first two fifths, jobs of an unseen type may come and the room may get warmer: both
//! are normal. A fault is 0.6 to 1.5 deviations of the healthy rows in one to three variables of one machine.
//! There is no clock and no platform's mathematics: a seed gives the same bytes everywhere.

mod jobs;
mod machine;

use crate::random::Random;
use crate::recording::recorder::Recorder;
use crate::simulate::corpus::dropouts::{Dropouts, Gaps};
use crate::simulate::corpus::schedule::{Schedule, Scheduled};
use crate::simulate::corpus::{Generated, Instant};
use crate::simulate::fault::{Label, Profile, Tally};
use crate::simulate::node::{START_S, rounded};
use anyhow::ensure;
use bellwether::Reading;
use bellwether::rng::split_mix;
use bellwether::sample::MAX_VARIABLES;
use jobs::Jobs;
use machine::{Machine, ROOM_C, VARIABLES};
use std::io::Write;

/// Seconds between rows.
const PERIOD_S: u32 = 60;
/// Rows in which a warmer room gets warm.
const WARMING: f64 = 200.0;
/// Smallest and largest fault, in deviations.
const SIZES: (f64, f64) = (0.6, 1.5);
/// Strengths of a schedule.
const STRENGTHS: (f64, f64) = (0.15, 1.0);
/// Most variables of a fault.
const WIDEST: u64 = 3;
/// Faults: at once, or growing to their size.
const KINDS: [&str; 2] = ["step", "drift"];

/// The settings of a fleet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fleet {
    /// Machines.
    pub nodes: u64,
    /// Jobs at a time: machine k runs the job of part k modulo this.
    pub jobs: u64,
    /// Rows.
    pub rows: u64,
    /// Faults.
    pub faults: u64,
    /// Seed of the simulation.
    pub seed: u64,
    /// Share of the readings that are missing.
    pub missing: f64,
    /// Whether timestamps jitter and rows are dropped.
    pub irregular: bool,
    /// Whether jobs of an unseen type come in the test part.
    pub new_job: bool,
    /// Degrees by which the room is warmer there.
    pub warmer: f64,
}

/// A fault: its variables, with a signed size of each, in the variable's unit.
struct Fault {
    scheduled: Scheduled,
    variables: Vec<(usize, f64)>,
}

/// The machines and their jobs, at a row.
struct State<'a> {
    fleet: &'a Fleet,
    jobs: Vec<Jobs>,
    machines: Vec<Machine>,
}

impl State<'_> {
    /// The job of each machine, 0 for none, and all values, machine after machine.
    fn step(&mut self, row: u64) -> (Vec<u64>, Vec<f32>) {
        let begin = self.fleet.healthy();
        let new = self.fleet.new_job && row >= begin;
        let running = self.jobs.iter_mut().map(|jobs| jobs.step(new));
        let running: Vec<_> = running.collect();
        let now = Instant {
            seconds: START_S + (row * u64::from(PERIOD_S)) as i64,
            fault: None,
            maintenance: None,
        };
        let warm = (row.saturating_sub(begin) as f64 / WARMING).min(1.0);
        let room = ROOM_C + 0.8 * now.daily(0.6) + self.fleet.warmer * warm;
        let mut values = Vec::with_capacity(self.machines.len() * VARIABLES);
        let mut numbers = Vec::with_capacity(self.machines.len());
        for (machine, (job, load)) in self.machines.iter_mut().zip(running.iter().cycle()) {
            values.extend(machine.step(*load, room));
            numbers.push(*job);
        }
        (numbers, values)
    }
}

impl Fleet {
    fn seed(&self, place: u64) -> u64 {
        split_mix(self.seed, place)
    }

    /// Rows in front without a fault and without anything new.
    fn healthy(&self) -> u64 {
        self.rows * 2 / 5
    }

    fn state(&self) -> State<'_> {
        let jobs = (0..self.jobs).map(|part| Jobs::new(part, self.jobs, self.seed(16 + part)));
        let machines = (0..self.nodes).map(|node| Machine::new(self.seed(4096 + node)));
        State {
            fleet: self,
            jobs: jobs.collect(),
            machines: machines.collect(),
        }
    }

    fn schedule(&self) -> anyhow::Result<Schedule> {
        Schedule::new(self.rows, self.faults, KINDS.len(), self.seed(1))
    }

    /// Checks that there are jobs for all, variables for a detector, and rows for the faults.
    ///
    /// # Errors
    /// There are not.
    pub fn check(&self) -> anyhow::Result<()> {
        let most = MAX_VARIABLES / VARIABLES;
        ensure!(
            (1..=most as u64).contains(&self.nodes),
            "--nodes {}: 1 to {most}, each with {VARIABLES} variables",
            self.nodes
        );
        ensure!(
            (1..=self.nodes).contains(&self.jobs),
            "--jobs {}: 1 to the number of nodes, {}",
            self.jobs,
            self.nodes
        );
        self.schedule().map(drop)
    }

    /// Names of the machines, of equal length.
    fn machines(&self) -> Vec<String> {
        let digits = self.nodes.to_string().len();
        (1..=self.nodes)
            .map(|k| format!("node{k:0digits$}"))
            .collect()
    }

    /// Standard deviation of each variable in the healthy rows.
    fn deviations(&self) -> Vec<f64> {
        let mut state = self.state();
        let mut sums = vec![(0.0, 0.0); self.nodes as usize * VARIABLES];
        let first: Vec<f32> = self.state().step(0).1;
        for row in 0..self.healthy() {
            let (_, values) = state.step(row);
            for ((sum, squares), (value, first)) in sums.iter_mut().zip(values.iter().zip(&first)) {
                let apart = f64::from(*value) - f64::from(*first);
                *sum += apart;
                *squares += apart * apart;
            }
        }
        let rows = self.healthy().max(1) as f64;
        let deviation =
            |(sum, squares): &(f64, f64)| (squares / rows - (sum / rows) * (sum / rows)).max(0.0);
        sums.iter().map(|of| deviation(of).sqrt()).collect()
    }

    /// Chooses a machine and variables of it for each fault.
    fn faults(&self, schedule: &Schedule) -> Vec<Fault> {
        let deviations = self.deviations();
        let mut random = Random::new(self.seed(4));
        let draw = |scheduled: &Scheduled| {
            let first = random.below(self.nodes) as usize * VARIABLES;
            let mut order: Vec<usize> = (0..VARIABLES).collect();
            random.shuffle(&mut order);
            order.truncate(1 + random.below(WIDEST) as usize);
            order.sort_unstable();
            let share = (scheduled.strength - STRENGTHS.0) / (STRENGTHS.1 - STRENGTHS.0);
            let size = SIZES.0 + (SIZES.1 - SIZES.0) * share;
            let variables = order.into_iter().map(|k| {
                let sign = if random.unit() < 0.5 { -1.0 } else { 1.0 };
                let variable = first + k;
                (variable, sign * size * deviations[variable])
            });
            Fault {
                variables: variables.collect(),
                scheduled: *scheduled,
            }
        };
        schedule.faults.iter().map(draw).collect()
    }

    /// Writes the recording, and the number of every machine's job in each row, 0 for none. `watch` receives the
    /// number of rows so far.
    ///
    /// # Errors
    /// The settings do not fit together, or it cannot be written.
    pub fn write(
        &self,
        out: impl Write,
        jobs: impl Write,
        mut watch: impl FnMut(u64),
    ) -> anyhow::Result<Generated> {
        self.check()?;
        let schedule = self.schedule()?;
        let faults = self.faults(&schedule);
        let machines = self.machines();
        let of = |machine| move |name| format!("{machine}.{name}");
        let names = machines.iter().flat_map(|k| machine::names().map(of(k)));
        let names: Vec<String> = names.collect();
        let mut tallies: Vec<Tally> = faults
            .iter()
            .map(|fault| {
                let variables: Vec<usize> = fault.variables.iter().map(|(k, _)| *k).collect();
                Tally::new(&variables)
            })
            .collect();
        let mut dropouts = Dropouts::new(self.missing, names.len(), self.seed(2));
        let mut gaps = Gaps::new(self.irregular, PERIOD_S, self.seed(3));
        let mut profile = Profile::default();
        let mut recorder = Recorder::new(out, &names)?;
        let mut jobs = csv::Writer::from_writer(jobs);
        jobs.write_record(std::iter::once("timestamp").chain(machines.iter().map(String::as_str)))?;
        let mut state = self.state();
        let (mut step, mut row, mut healthy) = (0, 0, self.rows);
        while row < self.rows {
            let (numbers, values) = state.step(step);
            let seconds = START_S + (step * u64::from(PERIOD_S)) as i64;
            let present = schedule.fault(step);
            step += 1;
            let Some(timestamp) = gaps.timestamp(seconds) else {
                continue;
            };
            let before: Vec<Reading> = values.iter().copied().map(Reading::from).collect();
            let mut after = values;
            if let Some((place, share)) = present {
                let grown = match KINDS[faults[place].scheduled.kind] {
                    "drift" => share,
                    _ => 1.0,
                };
                for (variable, size) in &faults[place].variables {
                    let value = f64::from(after[*variable]) + grown * size;
                    after[*variable] = rounded(value, machine::resolution(*variable));
                }
            }
            let after: Vec<Reading> = after.into_iter().map(Reading::from).collect();
            if let Some((place, _)) = present {
                tallies[place].push(row, &before, &after);
                healthy = healthy.min(row);
            }
            profile.push(&before);
            let timestamp = timestamp.to_string();
            recorder.write(&timestamp, dropouts.apply(&after), present.is_some())?;
            jobs.write_field(&timestamp)?;
            jobs.write_record(numbers.iter().map(u64::to_string))?;
            row += 1;
            watch(row);
        }
        recorder.finish()?;
        jobs.flush()?;
        let usual = profile.channels(names.len());
        let labels = faults
            .iter()
            .zip(&tallies)
            .filter_map(|(fault, tally)| tally.label(KINDS[fault.scheduled.kind], &names, &usual));
        let labels: Vec<Label> = labels.collect();
        Ok(Generated { labels, healthy })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLEET: Fleet = Fleet {
        nodes: 6,
        jobs: 2,
        rows: 2000,
        faults: 6,
        seed: 5,
        missing: 0.0,
        irregular: false,
        new_job: false,
        warmer: 0.0,
    };

    /// Values of a variable of each machine in healthy rows.
    fn columns(fleet: &Fleet, variable: usize) -> Vec<Vec<f64>> {
        let mut state = fleet.state();
        let mut columns = vec![Vec::new(); fleet.nodes as usize];
        for row in 0..fleet.rows {
            let (_, values) = state.step(row);
            for (column, values) in columns.iter_mut().zip(values.chunks(VARIABLES)) {
                column.push(f64::from(values[variable]));
            }
        }
        columns
    }

    fn correlation(a: &[f64], b: &[f64]) -> f64 {
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        let (x, y) = (mean(a), mean(b));
        let sum = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
            a.iter().zip(b).map(|(a, b)| of(a - x, b - y)).sum()
        };
        sum(&|a, b| a * b) / (sum(&|a, _| a * a) * sum(&|_, b| b * b)).sqrt()
    }

    /// Broken by machines of one job that do not run together, or by jobs that run alike.
    #[test]
    fn machines_of_a_job_run_together_and_others_do_not() {
        for variable in [0, 4, 5] {
            let columns = columns(&FLEET, variable);
            let r = |a: usize, b: usize| correlation(&columns[a], &columns[b]);
            assert!(r(0, 2) > 0.9 && r(1, 5) > 0.9, "{variable}: {}", r(0, 2));
            assert!(r(0, 1).abs() < 0.5, "{variable}: {}", r(0, 1));
        }
    }

    /// Broken by a room that does not warm, or warms before the test part.
    #[test]
    fn a_warmer_room_is_warm_in_the_test_part_only() {
        let warm = Fleet {
            warmer: 4.0,
            ..FLEET
        };
        let inlet = VARIABLES - 1;
        let (cold, warm) = (columns(&FLEET, inlet), columns(&warm, inlet));
        let begin = FLEET.healthy() as usize;
        assert_eq!(cold[0][..begin], warm[0][..begin]);
        let apart = warm[0][begin + 300] - cold[0][begin + 300];
        assert!((apart - 4.0).abs() < 0.02, "{apart}");
    }

    /// Broken by a fault of another size, or of two machines.
    #[test]
    fn a_fault_is_one_machines_and_as_large_as_promised() {
        let deviations = FLEET.deviations();
        let faults = FLEET.faults(&FLEET.schedule().unwrap());
        assert_eq!(faults.len(), 6);
        for fault in faults {
            let node = fault.variables[0].0 / VARIABLES;
            for (variable, size) in fault.variables {
                assert_eq!(variable / VARIABLES, node);
                let size = size.abs() / deviations[variable];
                assert!((0.6..=1.5).contains(&size), "{size}");
            }
        }
    }
}
