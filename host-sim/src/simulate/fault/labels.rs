//! Labels of the injected faults: `start,end,kind,channels,severity`, rows counted from 0 and
//! inclusive.

use super::profile::Channel;
use bellwether::Reading;
use std::io::Write;

/// A line of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// First row.
    pub start: u64,
    /// Last row.
    pub end: u64,
    /// Its kind.
    pub kind: String,
    /// Names of its variables.
    pub channels: Vec<String>,
    /// Mean deviation of the readings, in robust spreads of their channels; `None` if the label is
    /// no fault.
    pub severity: Option<f64>,
}

impl Label {
    /// Writes the file, ordered by the first row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(mut labels: Vec<Self>, out: impl Write) -> anyhow::Result<()> {
        labels.sort_by_key(|label| (label.start, label.end));
        let mut out = csv::Writer::from_writer(out);
        out.write_record(["start", "end", "kind", "channels", "severity"])?;
        for label in labels {
            out.write_record([
                label.start.to_string(),
                label.end.to_string(),
                label.kind,
                label.channels.join("+"),
                label.severity.map_or(String::new(), |x| format!("{x:.3}")),
            ])?;
        }
        Ok(out.flush()?)
    }
}

/// Running mean deviation of a fault's readings.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    channels: Vec<(usize, Moved)>,
    /// Its first and last row so far.
    rows: Option<(u64, u64)>,
}

/// For one channel: number of readings, the sum of their distances, and the number of missing ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Moved {
    readings: u64,
    distance: f64,
    lost: u64,
}

impl Tally {
    /// Of a fault in these channels that was not seen yet.
    pub fn new(channels: &[usize]) -> Self {
        let channels = channels.iter().map(|k| (*k, Moved::default()));
        Self {
            channels: channels.collect(),
            rows: None,
        }
    }

    /// Takes a row in which the fault is present, as it was and as it is.
    pub fn push(&mut self, row: u64, before: &[Reading], after: &[Reading]) {
        let first = self.rows.map_or(row, |(first, _)| first);
        self.rows = Some((first, row));
        for (channel, moved) in &mut self.channels {
            let value = |row: &[Reading]| row.get(*channel).and_then(|r| r.usable().ok());
            let Some(before) = value(before) else {
                continue;
            };
            moved.readings += 1;
            match value(after) {
                Some(after) => moved.distance += (f64::from(after) - f64::from(before)).abs(),
                None => moved.lost += 1,
            }
        }
    }

    /// The label; `None` if the fault was not seen. A reading that was lost counts as off by one
    /// spread, and the spread of a channel that does not vary as 1.
    pub fn label(&self, kind: &str, names: &[String], usual: &[Channel]) -> Option<Label> {
        let (start, end) = self.rows?;
        let severity = |(channel, moved): &(usize, Moved)| {
            let spread = usual.get(*channel).map_or(0.0, |channel| channel.spread);
            let spread = if spread > 0.0 { spread } else { 1.0 };
            (moved.distance / spread + moved.lost as f64) / moved.readings.max(1) as f64
        };
        let sum: f64 = self.channels.iter().map(severity).sum();
        let names = self.channels.iter().filter_map(|(k, _)| names.get(*k));
        Some(Label {
            start,
            end,
            kind: kind.to_owned(),
            channels: names.cloned().collect(),
            severity: Some(sum / self.channels.len().max(1) as f64),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_the_mean_distance_in_spreads_and_labels_are_ordered() {
        let names = ["a".to_owned(), "b".to_owned()];
        let usual = [2.0, 0.0].map(|spread| Channel {
            median: 0.0,
            spread,
        });
        let mut tally = Tally::new(&[0, 1]);
        assert_eq!(tally.label("step", &names, &usual), None, "not seen");
        let row = |a: f32, b: f32| [Reading::from(a), Reading::from(b)];
        // 4 of 2 and 0 of 2 are one spread on average; b: 3, lost, and not there: 4 of 2.
        tally.push(3, &row(1.0, 1.0), &row(5.0, 4.0));
        tally.push(4, &row(1.0, 1.0), &row(1.0, f32::NAN));
        tally.push(5, &row(f32::NAN, f32::NAN), &row(f32::NAN, f32::NAN));
        let label = tally.label("step", &names, &usual).unwrap();
        assert_eq!((label.start, label.end, label.severity), (3, 5, Some(1.5)));
        let mut out = Vec::new();
        let quiet = Label {
            start: 1,
            kind: "maintenance".to_owned(),
            severity: None,
            ..label.clone()
        };
        Label::write(vec![label, quiet], &mut out).unwrap();
        let wanted = "start,end,kind,channels,severity\n1,5,maintenance,a+b,\n3,5,step,a+b,1.500\n";
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}
