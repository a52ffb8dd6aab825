//! The records of the program from its two serial ports.

use super::plant::Row;
use anyhow::{Context as _, ensure};
use bellwether::alarm::Phase;
use bellwether::health::Symptom;
use bellwether::kind::Finding;
use bellwether_sim::board::receiver::{Received, Receiver};
use bellwether_sim::detect::Record;
use std::ops::Range;

/// Rows after the start of an alarm at which its kind is final.
const FINAL: u64 = 10;

/// The answers of the sentinel and of the network, since the last start.
pub struct Heard {
    /// Of the sentinel.
    pub guard: Vec<Record>,
    /// Of the network.
    pub network: Vec<Record>,
}

impl Heard {
    /// Decodes both streams, of which each start begins with a greeting; the last start counts.
    ///
    /// # Errors
    /// A stream has a damaged record, or another detector's greeting.
    pub fn decode(guard: &[u8], network: &[u8]) -> anyhow::Result<Self> {
        Ok(Self {
            guard: stream(guard, "sentinel")?,
            network: stream(network, "autoencoder")?,
        })
    }

    /// Each stream has an answer to each row, in order.
    pub fn check_every_row(&self, rows: Range<u64>) -> anyhow::Result<()> {
        for stream in [&self.guard, &self.network] {
            let ticks = stream.iter().map(|answer| answer.tick);
            ensure!(ticks.eq(rows.clone()), "not an answer to each row");
        }
        Ok(())
    }

    /// The reported values are those that were put into the sensors, in steps of their registers.
    pub fn check_values(&self, of: fn(u64) -> Row) -> anyhow::Result<()> {
        let mut compared = 0;
        for answer in &self.guard {
            let put = of(answer.tick).read();
            for part in &answer.contributions {
                let (value, put) = (f64::from(part.value), put[part.variable]);
                ensure!(
                    (value - put).abs() <= 1e-6 * put.abs(),
                    "row {}: variable {} is {value}, not {put}",
                    answer.tick,
                    part.variable
                );
                compared += 1;
            }
        }
        ensure!(compared > 1000, "only {compared} values were reported");
        println!("{compared} values as put into the sensors");
        Ok(())
    }

    /// The first rows of alarms.
    pub fn alarms(&self) -> impl Iterator<Item = &Record> {
        self.guard.iter().filter(|answer| {
            let notice = answer.notice.as_deref();
            notice.is_some_and(|notice| notice.event.phase == Phase::Start)
        })
    }

    /// The finding about an alarm ten rows after its start, when it is final.
    pub fn finding(&self, start: u64) -> Option<Finding> {
        let rows = self.guard.iter().filter(|answer| answer.tick >= start);
        let rows = rows.take_while(|answer| answer.tick <= start + FINAL);
        let found = rows.filter_map(|answer| answer.notice.as_deref()?.finding);
        found.last()
    }

    /// The row of a complaint, from a row on.
    pub fn complaint(&self, from: u64, variable: usize, symptom: Symptom) -> Option<u64> {
        let mut rows = self.guard.iter().filter(|answer| answer.tick >= from);
        let complains = |answer: &&Record| {
            answer.notice.as_deref().is_some_and(|notice| {
                notice.complaints.iter().any(|complaint| {
                    usize::from(complaint.variable) == variable && complaint.symptom == symptom
                })
            })
        };
        rows.find(complains).map(|answer| answer.tick)
    }

    /// The first anomalous row of the network, from a row on, in which one of some variables has the largest part.
    pub fn named_first(&self, from: u64, variables: &[usize]) -> Option<u64> {
        let mut rows = self.network.iter().filter(|answer| answer.tick >= from);
        let named = |answer: &&Record| {
            let parts = answer.contributions.iter();
            let largest = parts.max_by(|a, b| a.error.abs().total_cmp(&b.error.abs()));
            answer.assessment.is_anomalous()
                && largest.is_some_and(|of| variables.contains(&of.variable))
        };
        rows.find(named).map(|answer| answer.tick)
    }
}

/// The answers of a stream since its last greeting.
fn stream(bytes: &[u8], detector: &str) -> anyhow::Result<Vec<Record>> {
    let mut receiver = Receiver::default();
    let mut answers = Vec::new();
    let mut greeted = false;
    for byte in bytes {
        match receiver.push(*byte).context("a stream of reports")? {
            Some(Received::Greeting(greeting)) => {
                ensure!(
                    greeting.detector.as_str() == detector && greeting.variables == 5,
                    "another greeting: {greeting:?}"
                );
                greeted = true;
                answers.clear();
            }
            Some(Received::Frame(answer) | Received::Assessed(answer, _)) => answers.push(answer),
            Some(Received::Readings(_) | Received::Summary(_)) | None => {}
        }
    }
    ensure!(greeted, "no greeting of {detector}");
    Ok(answers)
}
