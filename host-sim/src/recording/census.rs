//! Facts about the values of a recording that a user should know: sensors that fell silent, likely
//! sentinels, counters, values that `f32` cannot hold, and clocks.

use crate::text::number::counted;
use bellwether::Reading;

/// Numbers that loggers write where there is no reading.
pub(crate) const SENTINELS: [f32; 21] = [
    -9999.0,
    -999.0,
    -99.0,
    -99_999.0,
    -999_999.0,
    -9_999_999.0,
    -99_999_999.0,
    -999.9,
    -9999.9,
    9999.0,
    99_999.0,
    999_999.0,
    9_999_999.0,
    99_999_999.0,
    65_535.0,
    32_767.0,
    -32_768.0,
    4_294_967_295.0,
    2_147_483_647.0,
    -2_147_483_648.0,
    -127.0,
];

/// A value of at least this size is measured by no sensor.
const HUGE: f32 = 1e29;

/// Rows that are enough to call a variable a counter or a clock.
const ENOUGH: u64 = 50;

/// A value is far from the others if it is this many times as large as any of them.
const FAR: f32 = 5.0;

/// The facts about one variable.
#[derive(Clone, Debug, Default, PartialEq)]
struct Facts {
    /// Rows with a value.
    there: u64,
    /// Row of the last value, from 0, and its time.
    last_row: u64,
    since: String,
    last: Option<f64>,
    step: Option<f64>,
    /// Steps so far: all, upwards, downwards, of another length than the first, and lost in `f32`.
    steps: u64,
    rises: u64,
    falls: u64,
    uneven: u64,
    lost: u64,
    /// Smallest and largest value that is no sentinel.
    range: Option<(f32, f32)>,
    /// A sentinel: its value, its count, and its first line.
    sentinel: Option<(f32, u64, u64)>,
}

/// The facts about all variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Census {
    rows: u64,
    /// Rows with a value of every variable.
    complete: u64,
    all: Vec<Facts>,
}

impl Census {
    /// Takes a row. `exact` has the values whose digits `f32` may not hold.
    pub fn push(
        &mut self,
        timestamp: &str,
        readings: &[Reading],
        exact: &[(usize, f64)],
        line: u64,
    ) {
        self.all.resize_with(readings.len(), Facts::default);
        let mut exact = exact.iter().peekable();
        for (k, (facts, reading)) in self.all.iter_mut().zip(readings).enumerate() {
            let own = exact
                .next_if(|(place, _)| *place == k)
                .map(|(_, value)| *value);
            match reading {
                Reading::Value(value) => {
                    facts.push(*value, own.unwrap_or(f64::from(*value)), line);
                    facts.last_row = self.rows;
                    facts.since.clear();
                }
                // The time of the first row without a value.
                Reading::Absent(_) if facts.since.is_empty() => facts.since.push_str(timestamp),
                Reading::Absent(_) => {}
            }
        }
        let whole = readings
            .iter()
            .all(|reading| matches!(reading, Reading::Value(_)));
        self.complete += u64::from(whole);
        self.rows += 1;
    }

    /// In sentences, about the variables of these names.
    pub fn lines(&self, names: &[String]) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, facts) in names.iter().zip(&self.all) {
            lines.extend(self.silence(name, facts));
            lines.extend(facts.sentinel(name));
            lines.extend(facts.counter(name));
        }
        let share = |facts: &Facts| 10 * facts.there >= self.rows;
        if self.rows >= ENOUGH && self.complete == 0 && self.all.iter().all(share) {
            lines.push(
                "no row has a value of every variable: --every TIME makes rows that hold the last ones"
                    .to_owned(),
            );
        }
        let most = 40;
        if lines.len() > most {
            let more = lines.len() - most;
            lines.truncate(most);
            lines.push(format!("{more} more of these"));
        }
        lines
    }

    /// A variable without values at the end.
    fn silence(&self, name: &str, facts: &Facts) -> Option<String> {
        let missing = self.rows - facts.there;
        if facts.there == 0 {
            return (self.rows > 0)
                .then(|| format!("{name}: no value in any of {}", counted(self.rows, "row")));
        }
        let silent = self.rows - facts.last_row - 1;
        // A recording may end with a sample missing.
        let long = silent >= 5 && 2 * silent >= missing || silent >= 50;
        long.then(|| {
            let (rows, row) = (counted(missing, "row"), facts.last_row + 1);
            format!(
                "{name}: {rows} without a value, the last {silent}: silent since row {row} ({})",
                facts.since
            )
        })
    }
}

impl Facts {
    fn push(&mut self, value: f32, exact: f64, line: u64) {
        self.there += 1;
        let is_sentinel = SENTINELS.contains(&value) || value.abs() >= HUGE;
        if is_sentinel && self.sentinel.is_none_or(|(known, ..)| known == value) {
            let sentinel = self.sentinel.get_or_insert((value, 0, line));
            sentinel.1 += 1;
            // It is no step of the signal.
            self.last = None;
            return;
        }
        let (least, most) = self.range.unwrap_or((value, value));
        self.range = Some((least.min(value), most.max(value)));
        if let Some(last) = self.last.replace(exact) {
            let step = exact - last;
            self.steps += 1;
            self.rises += u64::from(step > 0.0);
            self.falls += u64::from(step < 0.0);
            self.lost += u64::from(step != 0.0 && exact as f32 == last as f32);
            let first = *self.step.get_or_insert(step);
            // The last digits of printed values are rounded.
            let near = 1e-6 * first.abs() + 2e-7 * exact.abs();
            self.uneven += u64::from((step - first).abs() > near);
        }
    }

    /// A sentinel far from all other values.
    fn sentinel(&self, name: &str) -> Option<String> {
        let ((value, count, line), (least, most)) = (self.sentinel?, self.range?);
        let size = least.abs().max(most.abs()).max(most - least);
        let outside = value < least || value > most;
        (outside && value.abs() > FAR * size || outside && value < 0.0 && least >= 0.0).then(|| {
            let rows = counted(count, "row");
            format!(
                "{name}: {value} in {rows} (first in line {line}), all others within {least} to {most}: no \
                 reading? --missing {value}"
            )
        })
    }

    /// A counter, a clock, or values whose steps `f32` cannot hold.
    fn counter(&self, name: &str) -> Option<String> {
        let rising = self.steps >= ENOUGH && self.falls == 0 && 2 * self.rises > self.steps;
        if self.lost > 0 {
            let (lost, steps) = (self.lost, counted(self.steps, "step"));
            let rises = if rising { ", and it only rises" } else { "" };
            return Some(format!(
                "{name}: {lost} of {steps} are lost in 32 bits{rises}: --rate {name} watches its increase"
            ));
        }
        if rising && self.uneven == 0 {
            return Some(format!(
                "{name}: rises by a constant step like a clock: --time {name}, or --without {name}"
            ));
        }
        rising.then(|| {
            format!("{name}: only rises, like a counter: --rate {name} watches its increase")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::Cause;

    fn said(values: impl IntoIterator<Item = f64>) -> Vec<String> {
        let mut census = Census::default();
        for (row, value) in values.into_iter().enumerate() {
            let reading = if value.is_nan() {
                Reading::Absent(Cause::Missing)
            } else {
                Reading::from(value as f32)
            };
            census.push(
                &format!("t{row}"),
                &[reading],
                &[(0, value)],
                row as u64 + 2,
            );
        }
        census.lines(&["x".to_owned()])
    }

    fn wave(row: u32) -> f64 {
        50.0 + f64::from((row * 7) % 5)
    }

    #[test]
    fn a_sensor_that_fell_silent_is_named_with_its_time() {
        let lost = (0..600).map(|row| if row < 300 { wave(row) } else { f64::NAN });
        assert_eq!(
            said(lost),
            ["x: 300 rows without a value, the last 300: silent since row 300 (t300)"]
        );
        assert_eq!(
            said((0..9).map(|_| f64::NAN)),
            ["x: no value in any of 9 rows"]
        );
        assert!(
            said((0..600).map(|row| if row % 3 == 0 { f64::NAN } else { wave(row) })).is_empty()
        );
    }

    #[test]
    fn a_likely_sentinel_is_named_with_its_place() {
        let with =
            |value: f64| said((0..600).map(|row| if row == 100 { value } else { wave(row) }));
        assert_eq!(
            with(-9999.0),
            [
                "x: -9999 in 1 row (first in line 102), all others within 50 to 54: no reading? --missing -9999"
            ]
        );
        assert_eq!(with(65_535.0).len(), 1);
        assert_eq!(with(1e31).len(), 1);
        assert!(with(60.0).is_empty());
        // A value among others.
        assert!(said((0..600).map(|row| -150.0 + f64::from(row % 100))).is_empty());
    }

    #[test]
    fn counters_and_clocks_and_lost_steps_are_named() {
        let counter = said((0..600).map(|row| 1e6 + 1000.0 * f64::from(row) + wave(row)));
        assert!(counter[0].contains("only rises"), "{counter:?}");
        let clock = said((0..600).map(|row| 60.0 * f64::from(row)));
        assert!(clock[0].contains("like a clock"), "{clock:?}");
        let large = said((0..600).map(|row| 5e12 + 120_000.0 * f64::from(row) + wave(row)));
        assert!(
            large[0].contains("are lost in 32 bits, and it only rises"),
            "{large:?}"
        );
        assert!(said((0..600).map(wave)).is_empty());
    }
}
