//! Everything about every row as CSV, for plots and notebooks.
//!
//! Of a detector with lanes, a row per variable and frame:
//! `tick,timestamp,variable,value,predicted,relative_error,threshold,state,trained`. Of any other, a
//! row per contribution: `tick,timestamp,state,measure,score,threshold,reason,variable,back,value,
//! expected,error,confirmed`. What does not exist is empty, `trained` is 0 or 1, and a blind state is
//! `blind:<cause>`.

use crate::detect::{Profile, Record};
use crate::output::fields::{self, number, state_name};
use crate::output::jsonl::name;
use std::io::Write;

/// The header of lanes, in order.
const OF_LANES: [&str; 9] = [
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

/// Writes points.
pub struct Points<W: Write> {
    out: csv::Writer<W>,
    names: Vec<String>,
    lanes: bool,
}

impl<W: Write> Points<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn new(out: W, profile: &Profile) -> csv::Result<Self> {
        let mut out = csv::Writer::from_writer(out);
        let lanes = profile.has_lanes();
        match lanes {
            true => out.write_record(OF_LANES)?,
            false => out.write_record(fields::OF_SCORES)?,
        }
        Ok(Self {
            out,
            names: profile.names.clone(),
            lanes,
        })
    }

    /// Writes everything about one row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, record: &Record, timestamp: &str) -> csv::Result<()> {
        if !self.lanes {
            let parts = record.contributions.iter().copied();
            let rows = fields::of_scores(record, parts, timestamp, &self.names);
            return rows.iter().try_for_each(|row| self.out.write_record(row));
        }
        let tick = record.tick.to_string();
        for lane in &record.lanes {
            let about = &lane.assessment;
            self.out.write_record([
                tick.as_str(),
                timestamp,
                name(&self.names, lane.variable),
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

    /// Flushes the buffer.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self) -> csv::Result<()> {
        Ok(self.out.flush()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::LaneRecord;
    use bellwether::report::Outcome;
    use bellwether::{Assessment, Cause, State};

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
        let record = Record {
            tick: 8,
            lanes: lanes.collect(),
            ..Record::default()
        };
        let mut out = Vec::new();
        let names = ["a,b".to_owned(), "c".to_owned()];
        let profile = Profile::of_lanes(&names, vec![1.0; 2]);
        let mut points = Points::new(&mut out, &profile).unwrap();
        points.write(&record, "t").unwrap();
        points.finish().unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "tick,timestamp,variable,value,predicted,relative_error,threshold,state,trained\n\
             8,t,\"a,b\",1.5,0.0000001,0.1,2,normal,1\n8,t,c,,,,,blind:stuck,0\n"
        );
    }
}
