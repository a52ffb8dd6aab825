//! Rows on a grid of time, made as a device's frames are: [`Periods`] and a [`Slot`] per variable.

use super::{Current, Problem, Rows};
use crate::recording::time::clock::Clock;
use crate::text::number::counted;
use bellwether_hal::Aggregate;
use bellwether_hal::source::assembler::periods::Periods;
use bellwether_hal::source::assembler::slot::Slot;

/// The rows of a source on a grid, which begins with its first row.
pub struct Grid<R> {
    inner: R,
    clock: Clock,
    periods: Periods<f64>,
    aggregate: Aggregate<f64>,
    /// The variables, once their number is known.
    slots: Vec<Slot<f64>>,
    /// Timestamp of the first row of the period.
    timestamp: Option<String>,
    label: Option<bool>,
    /// The row behind the period, and its time.
    next: Option<(f64, Current)>,
    ended: bool,
    undated: u64,
}

impl<R: Rows> Grid<R> {
    /// A grid with this step, in seconds, and this aggregate of each variable's readings.
    pub fn new(inner: R, every: f64, aggregate: Aggregate<f64>) -> Self {
        Self {
            inner,
            clock: Clock::default(),
            periods: Periods::new(every),
            aggregate,
            slots: Vec::new(),
            timestamp: None,
            label: None,
            next: None,
            ended: false,
            undated: 0,
        }
    }

    /// The next row of the source that has a time.
    fn fetch(&mut self) -> Result<Option<(f64, Current)>, Problem> {
        let mut row = Current::default();
        while self.inner.next(&mut row)? {
            match self.clock.read(&row.timestamp) {
                Some(time) => return Ok(Some((time, row))),
                None => self.undated += 1,
            }
        }
        Ok(None)
    }

    fn take(&mut self, time: f64, row: Current) {
        self.slots
            .resize(row.readings.len(), Slot::new(self.aggregate));
        for (slot, reading) in self.slots.iter_mut().zip(row.readings) {
            slot.note(time, reading);
        }
        if let Some(label) = row.label {
            self.label = Some(label || self.label == Some(true));
        }
        self.timestamp.get_or_insert(row.timestamp);
    }
}

impl<R: Rows> Rows for Grid<R> {
    fn next(&mut self, out: &mut Current) -> Result<bool, Problem> {
        if self.next.is_none() && !self.ended {
            self.next = self.fetch()?;
        }
        let Some((first, _)) = &self.next else {
            return Ok(false);
        };
        // The period of the next row; after a time without rows, or backwards, a new grid begins.
        self.periods.advance(*first);
        let Some((begin, end)) = self.periods.now() else {
            return Ok(false);
        };
        self.label = self.label.map(|_| false);
        self.timestamp = None;
        let mut taken = 0;
        // A time beyond the digits of a number has no later one.
        let endless = end <= begin;
        let periods = self.periods;
        while let Some((time, row)) = self
            .next
            .take_if(|(time, _)| periods.contains(*time) || taken == 0 && endless)
        {
            self.take(time, row);
            taken += 1;
            match self.fetch()? {
                Some(next) => self.next = Some(next),
                None => self.ended = true,
            }
        }
        let readings = self.slots.iter_mut().map(|slot| slot.take(end).0);
        out.readings.clear();
        out.readings.extend(readings);
        out.exact.clear();
        out.label = self.label;
        match self.timestamp.take() {
            Some(timestamp) => out.timestamp = timestamp,
            // A period without rows has no text of its own.
            None => out.timestamp = self.clock.spell(begin),
        }
        Ok(true)
    }

    fn select(&mut self, places: &[usize]) {
        self.inner.select(places);
    }

    fn line(&self) -> Option<u64> {
        self.inner.line()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        if self.undated > 0 {
            remarks.push(format!(
                "{} left out: --every needs times",
                counted(self.undated, "row")
            ));
        }
        remarks
    }
}

#[cfg(test)]
mod tests {
    use crate::recording::options::Take;
    use crate::recording::{Options, Recording};
    use bellwether::{Reading, Tick};
    use bellwether_hal::{Aggregate, Assembler};
    use std::io::Cursor;
    use std::time::Duration;

    /// Timestamps and values of `a` on a grid of a minute; NaN is missing.
    fn rows(text: &str) -> Vec<(String, f32)> {
        rows_of(text, Take::Last)
    }

    fn rows_of(text: &str, take: Take) -> Vec<(String, f32)> {
        let options = Options {
            every: Some(Duration::from_secs(60)),
            take,
            ..Options::default()
        };
        let input = Cursor::new(text.as_bytes().to_vec());
        let mut recording = Recording::new_with("x.csv", input, None, &options).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = recording.next_row().unwrap() {
            let value = row.readings[0].usable().unwrap_or(f32::NAN);
            rows.push((row.timestamp.to_owned(), value));
            assert!(rows.len() < 100, "{rows:?}");
        }
        rows
    }

    /// Broken by a cell whose begin is its end less the step: 1.1 + 60 - 60 is more than 1.1, and no row ever
    /// falls into it.
    #[test]
    fn a_time_that_is_no_whole_number_begins_a_cell() {
        let found = rows("timestamp,a\n1.1,5\n31.1,6\n61.1,7\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!((found[0].1, found[1].1), (6.0, 7.0));
    }

    /// Broken by a row that is taken into a cell before its time.
    #[test]
    fn a_pause_holds_the_last_value_and_then_has_none() {
        let values: Vec<f32> = rows("timestamp,a\n0,5\n60,6\n300,7\n360,8\n")
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values[..3], [5.0, 6.0, 6.0], "{values:?}");
        assert!(values[3].is_nan() && values[4].is_nan(), "{values:?}");
        assert_eq!(values[5..], [7.0, 8.0], "{values:?}");
    }
    /// Broken by a aggregate that is not the one asked for, or that outlives its row.
    #[test]
    fn rows_are_of_the_mean_or_the_extremes_of_theirs() {
        let text = "timestamp,a\n0,1\n20,4\n40,-2\n60,9\n180,3\n";
        for (take, wanted) in [
            (Take::Last, [-2.0, 9.0, 9.0, 3.0]),
            (Take::Mean, [1.0, 9.0, f32::NAN, 3.0]),
            (Take::Min, [-2.0, 9.0, f32::NAN, 3.0]),
            (Take::Max, [4.0, 9.0, f32::NAN, 3.0]),
        ] {
            let found = rows_of(text, take).into_iter().map(|(_, value)| value);
            assert_eq!(
                format!("{:?}", found.collect::<Vec<_>>()),
                format!("{wanted:?}")
            );
        }
    }

    /// Broken if a device's frames are not the rows that a model is trained on: in pauses, gaps and behind a
    /// step backwards.
    #[test]
    fn rows_are_the_frames_of_a_device() {
        let times = [
            0, 7, 31, 59, 60, 61, 150, 400, 401, 1_300, 9_000, 9_030, 50, 200,
        ];
        let text = times
            .iter()
            .enumerate()
            .fold("timestamp,a\n".to_owned(), |text, (k, time)| {
                text + &format!("{time},{k}\n")
            });
        for (take, aggregate) in [
            (Take::Last, Aggregate::Last { hold: 120_u64 }),
            (Take::Mean, Aggregate::Mean),
            (Take::Max, Aggregate::Max),
        ] {
            let mut frames = Assembler::new(60, [aggregate]);
            let (mut frame, mut device, mut last) = ([Reading::Value(0.0)], Vec::new(), None);
            for (k, time) in times.iter().chain(&[260]).enumerate() {
                while let Some(period) = frames.next_frame(*time, &mut frame).unwrap() {
                    assert!(last < Some(period.tick));
                    last = Some(period.tick);
                    device.push(frame[0].usable().unwrap_or(f32::NAN));
                }
                frames.note(0, *time, &[Reading::Value(k as f32)]);
            }
            assert_eq!(last, Some(Tick(153)));
            let rows = rows_of(&text, take).into_iter().map(|(_, value)| value);
            assert_eq!(
                format!("{:?}", rows.collect::<Vec<_>>()),
                format!("{device:?}")
            );
        }
    }
}
