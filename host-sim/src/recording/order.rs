//! The order of a recording's times.

use super::time::clock::Clock;
use crate::text::number::counted;

/// Follows the times of rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Order {
    clock: Clock,
    last: Option<f64>,
    rows: u64,
    /// Rows whose timestamps cannot be read.
    unread: u64,
    repeated: u64,
    backwards: u64,
    /// Line or row, and text, of the first that does not advance.
    first: Option<(u64, String)>,
}

impl Order {
    /// Takes the next row's timestamp; whether it advances, or cannot be read.
    pub fn push(&mut self, timestamp: &str, line: u64) -> bool {
        self.rows += 1;
        let Some(now) = self.clock.read(timestamp) else {
            self.unread += 1;
            return true;
        };
        let Some(last) = self.last.replace(now) else {
            return true;
        };
        if now > last {
            return true;
        }
        self.repeated += u64::from(now == last);
        self.backwards += u64::from(now < last);
        self.first
            .get_or_insert_with(|| (line, timestamp.to_owned()));
        false
    }

    /// In sentences.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some((line, time)) = &self.first {
            let count = self.repeated + self.backwards;
            let how = match (self.repeated, self.backwards) {
                (_, 0) => "repeated",
                (0, _) => "backwards",
                _ => "repeated or backwards",
            };
            lines.push(format!(
                "{count} of {} do not advance, {how} (first in line {line}: `{time}`); --sort puts rows in order",
                counted(self.rows, "timestamp")
            ));
        }
        if self.unread > 0 && self.unread == self.rows {
            lines.push("timestamps are of no known spelling: gaps cannot be seen".to_owned());
        } else if self.unread > 0 {
            lines.push(format!(
                "{} of no known spelling",
                counted(self.unread, "timestamp")
            ));
        }
        if self.clock.is_ambiguous() {
            lines.push(
                "day and month of the dates could be exchanged; the day was read first".to_owned(),
            );
        }
        lines
    }
}

/// The line of the first step back, if more than a quarter of some times step back, and whether all do.
pub fn backwards<'a>(times: impl IntoIterator<Item = (u64, &'a str)>) -> Option<(u64, bool)> {
    let mut clock = Clock::default();
    let (mut last, mut steps, mut back, mut first) = (None, 0, 0, None);
    for (line, text) in times {
        let Some(now) = clock.read(text) else {
            continue;
        };
        if let Some(last) = last.replace(now) {
            steps += 1;
            if now < last {
                back += 1;
                first.get_or_insert(line);
            }
        }
    }
    first
        .filter(|_| steps >= 3 && 4 * back > steps)
        .map(|line| (line, back == steps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_do_not_advance_are_counted_and_located() {
        let mut order = Order::default();
        for (line, time) in (2..).zip(["10", "20", "20", "15", "30", "noon"]) {
            order.push(time, line);
        }
        let said = order.lines();
        assert_eq!(
            said[0],
            "2 of 6 timestamps do not advance, repeated or backwards (first in line 4: `20`); --sort puts \
             rows in order"
        );
        assert_eq!(said[1], "1 timestamp of no known spelling");
    }

    #[test]
    fn newest_first_and_shuffled_are_told_from_a_clock_set_back() {
        let of = |times: &[&str]| backwards((2..).zip(times.iter().copied()));
        assert_eq!(of(&["4", "3", "2", "1"]), Some((3, true)));
        assert_eq!(of(&["4", "9", "2", "7", "1"]), Some((4, false)));
        assert_eq!(of(&["1", "2", "3", "4", "5", "4", "5", "6"]), None);
        assert_eq!(of(&["2", "1"]), None);
    }
}
