//! The injected faults, and what is demanded of the answers.

use super::heard::Heard;
use super::plant::{self, NAMES, Row};
use anyhow::{Context as _, ensure};
use bellwether::health::Symptom;
use bellwether::kind::Kind;
use std::ops::Range;

/// Rows that the program fits itself to.
const FIT: u64 = 400;

/// A fault and its bounds.
pub struct Fault {
    name: &'static str,
    rows: Range<u64>,
    inject: fn(u64, Row) -> Row,
    /// The variable whose sensor is complained about.
    variable: usize,
    /// The variables of which the alarm or the network may name one first: those that the fault moves alike.
    named: &'static [usize],
    /// The kind of the alarm when it is final, and the most rows until the alarm starts.
    alarm: (Kind, u64),
    /// The complaint about the sensor, and the most rows until it comes.
    complaint: (Symptom, u64),
    /// The most rows until the network names such a variable first, in an anomalous row; `None`: it counts a
    /// missing value for nothing.
    network: Option<u64>,
}

/// In turn, with healthy rows between them.
pub const FAULTS: [Fault; 4] = [
    Fault {
        name: "temperature ramp",
        rows: 600..650,
        inject: |since, row| Row {
            inlet: row.inlet + 250 * since as i64,
            ..row
        },
        variable: 0,
        named: &[0],
        alarm: (Kind::Drift, 20),
        complaint: (Symptom::Range, 15),
        network: Some(12),
    },
    Fault {
        name: "stuck current",
        rows: 780..840,
        inject: |_, row| Row {
            current: plant::row(779).current,
            ..row
        },
        variable: 3,
        named: &[3],
        alarm: (Kind::Stuck, 15),
        complaint: (Symptom::Stuck, 12),
        network: Some(30),
    },
    Fault {
        name: "supply sag",
        rows: 960..990,
        inject: |_, row| Row {
            supply: row.supply - 4000,
            output: row.output - 4000,
            power: row.power * 11 / 12,
            ..row
        },
        variable: 1,
        named: &[1, 2],
        alarm: (Kind::Step, 2),
        complaint: (Symptom::Range, 2),
        network: Some(2),
    },
    Fault {
        name: "sensor gone",
        rows: 1110..1150,
        inject: |_, row| Row { inlet: GONE, ..row },
        variable: 0,
        named: &[0],
        alarm: (Kind::Missing, 40),
        complaint: (Symptom::Missing, 12),
        network: None,
    },
];

/// 127.9 °C, which no part of the family can measure: the register of a broken one.
const GONE: i64 = 127_900;

/// The values of a row, with the fault of its time.
pub fn values(k: u64) -> Row {
    let healthy = plant::row(k);
    let fault = FAULTS.iter().find(|fault| fault.rows.contains(&k));
    fault.map_or(healthy, |fault| {
        (fault.inject)(k - fault.rows.start, healthy)
    })
}

/// No alarm between the fit and the first fault.
pub fn check_quiet(heard: &Heard) -> anyhow::Result<()> {
    let early = heard
        .alarms()
        .find(|alarm| alarm.tick < FAULTS[0].rows.start);
    ensure!(
        early.is_none_or(|alarm| alarm.tick < FIT),
        "a false alarm: {early:?}"
    );
    Ok(())
}

impl Fault {
    /// The answers of its rows.
    ///
    /// # Errors
    /// An answer does not come, comes late, or has another explanation.
    pub fn check(&self, heard: &Heard) -> anyhow::Result<()> {
        let Self { name, rows, .. } = self;
        let report = |what: &str, row: Option<u64>, most: u64| {
            let late = row.with_context(|| format!("{name}: never {what}"))? - rows.start;
            println!("{name}: {what} after {late} rows, at most {most}");
            ensure!(late <= most, "{name}: {what} late");
            Ok(())
        };
        let (kind, most) = self.alarm;
        let alarm = heard.alarms().find(|alarm| alarm.tick >= rows.start);
        let alarm = alarm.map(|alarm| alarm.tick);
        report(&format!("alarm of {kind}"), alarm, most)?;
        let found = alarm.and_then(|start| heard.finding(start));
        ensure!(
            found.is_some_and(|found| found.kind == kind
                && found.is_final
                && self.named.contains(&found.variable.into())),
            "{name}: {found:?}"
        );
        let (symptom, most) = self.complaint;
        let variable = NAMES[self.variable];
        let complaint = heard.complaint(rows.start, self.variable, symptom);
        report(&format!("{variable} {symptom}"), complaint, most)?;
        let Some(most) = self.network else {
            return Ok(());
        };
        let names: Vec<&str> = self.named.iter().map(|k| NAMES[*k]).collect();
        let first = heard.named_first(rows.start, self.named);
        report(
            &format!("network names {}", names.join(" or ")),
            first,
            most,
        )
    }
}
