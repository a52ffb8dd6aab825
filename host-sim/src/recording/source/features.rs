//! Rows of samples as rows of features: a row per burst, of the time of its last sample.

use super::{Current, Problem, Rows};
use crate::recording::cadence::{Cadence, Step};
use crate::recording::front_end::{Bursts, FrontEnd};
use crate::text::number::counted;
use bellwether::Reading;

/// The features of a source's bursts. A burst does not cross a gap of the time; it is anomalous if one
/// of its samples is.
pub struct FeatureRows<R> {
    inner: R,
    bursts: Bursts,
    /// Signal and code of each variable.
    sources: Vec<(usize, usize)>,
    cadence: Option<Cadence>,
    length: u64,
    samples: u64,
    found: u64,
    gaps: u64,
    /// The last anomalous sample, counted from 1.
    anomalous: Option<u64>,
}

impl<R: Rows> FeatureRows<R> {
    /// Of sources with so many variables, whose rows have times or not.
    ///
    /// # Errors
    /// As [`Bursts::new`].
    pub fn new(
        inner: R,
        front_end: &FrontEnd,
        signals: usize,
        dated: bool,
    ) -> anyhow::Result<Self> {
        let of = |signal: usize| {
            let codes = front_end.statistics.iter();
            codes.map(move |statistic| (signal, usize::from(statistic.code())))
        };
        Ok(Self {
            inner,
            bursts: Bursts::new(front_end, signals)?,
            sources: (0..signals).flat_map(of).collect(),
            cadence: dated.then(Cadence::default),
            length: front_end.samples as u64,
            samples: 0,
            found: 0,
            gaps: 0,
            anomalous: None,
        })
    }
}

impl<R: Rows> Rows for FeatureRows<R> {
    fn next(&mut self, row: &mut Current) -> Result<bool, Problem> {
        loop {
            if !self.inner.next(row)? {
                return Ok(false);
            }
            self.samples += 1;
            if row.label == Some(true) {
                self.anomalous = Some(self.samples);
            }
            let cadence = self.cadence.as_mut();
            if cadence.is_some_and(|of| of.step(&row.timestamp) == Step::Gap) {
                self.gaps += 1;
                self.bursts.restart();
            }
            let Some(features) = self.bursts.push(&row.readings) else {
                continue;
            };
            self.found += 1;
            let feature = |(signal, code): &(usize, usize)| -> Reading { features[*signal][*code] };
            row.readings.clear();
            row.readings.extend(self.sources.iter().map(feature));
            row.exact.clear();
            let within = |last: u64| self.samples - last < self.length;
            row.label = row.label.map(|_| self.anomalous.is_some_and(within));
            return Ok(true);
        }
    }

    fn select(&mut self, places: &[usize]) {
        let kept = places.iter().filter_map(|k| self.sources.get(*k).copied());
        self.sources = kept.collect();
    }

    fn line(&self) -> Option<u64> {
        self.inner.line()
    }

    fn remarks(&self) -> Vec<String> {
        let mut remarks = self.inner.remarks();
        remarks.push(format!(
            "{}, {} of {} each, begun anew at {}",
            counted(self.samples, "sample"),
            counted(self.found, "burst"),
            self.length,
            counted(self.gaps, "gap")
        ));
        remarks
    }
}
