//! Every lane of every frame as CSV: what was measured, expected, and concluded. One row per
//! variable and frame, so plots and notebooks need no JSON.
//!
//! `tick,timestamp,variable,value,predicted,relative_error,threshold,state,trained`; what does
//! not exist is empty, `trained` is 0 or 1, and a blind lane's state is `blind:<cause>`.

use crate::detect::FrameRecord;
use crate::output::jsonl::name;
use bellwether::State;
use std::io::Write;

/// The header, in order.
pub const COLUMNS: [&str; 9] = [
    "tick",
    "timestamp",
    "variable",
    "value",
    "predicted",
    "relative_error",
    "threshold",
    "state",
    "trained",
];

/// A state as one word, with its cause if blind.
pub fn state_name(state: State) -> String {
    match state {
        State::Blind { cause } => format!("{}:{}", state.name(), cause.name()),
        _ => state.name().to_owned(),
    }
}

/// A number in the shortest spelling that reads back to the same bits, or nothing.
pub fn number(value: Option<f32>) -> String {
    value
        .filter(|v| v.is_finite())
        .map_or_else(String::new, |v| format!("{v}"))
}

/// Writes points.
pub struct Points<W: Write>(csv::Writer<W>);

impl<W: Write> Points<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W) -> csv::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS)?;
        Ok(Self(writer))
    }

    /// Writes the lanes of one frame.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write(
        &mut self,
        record: &FrameRecord,
        timestamp: &str,
        names: &[String],
    ) -> csv::Result<()> {
        let tick = record.tick.to_string();
        for lane in &record.lanes {
            let about = &lane.assessment;
            self.0.write_record([
                tick.as_str(),
                timestamp,
                name(names, lane.variable),
                &number(Some(lane.value)),
                &number(about.expected),
                &number(about.score),
                &number(about.threshold),
                &state_name(about.state),
                if about.trained { "1" } else { "0" },
            ])?;
        }
        Ok(())
    }

    /// Writes what is buffered.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> csv::Result<()> {
        Ok(self.0.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::LaneRecord;
    use bellwether::report::Outcome;
    use bellwether::{Assessment, Cause};

    #[test]
    fn absent_numbers_are_empty_and_names_are_quoted() {
        let normal = Assessment::judged(State::Normal, 0.1, 2.0)
            .expecting(1e-7)
            .after_training();
        let lanes = [(1.5, normal), (f32::NAN, Assessment::blind(Cause::Stuck))];
        let lanes = lanes
            .into_iter()
            .enumerate()
            .map(|(variable, (value, assessment))| LaneRecord {
                variable,
                value,
                outcome: Outcome::Quiet,
                assessment,
            });
        let record = FrameRecord {
            tick: 8,
            lanes: lanes.collect(),
            correlations: vec![],
        };
        let mut out = Vec::new();
        let mut points = Points::new(&mut out).unwrap();
        points
            .write(&record, "t", &["a,b".to_owned(), "c".to_owned()])
            .unwrap();
        points.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "tick,timestamp,variable,value,predicted,relative_error,threshold,state,trained\n\
             8,t,\"a,b\",1.5,0.0000001,0.1,2,normal,1\n8,t,c,,,,,blind:stuck,0\n"
        );
    }
}
