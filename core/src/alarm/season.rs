//! The time of day: the highest severity of each part of the days before.
//!
//! ```text
//! at the end of bucket k:  b[k] += 0.5·(its highest severity - b[k]), in tenths, at most 25.5
//! threshold in bucket k >= 1.3·max(b[k-1], b[k], b[k+1])
//! ```
//!
//! Half of a day's news, three quarters of two equal days, seven eighths of three: an equal job is
//! below the threshold from its fourth day. A job of severity above 33 never is.

use crate::error::SnapshotError;
use crate::wire::snapshot::{Reader, Writer};

/// Highest severity of a bucket.
const FULL: f32 = 25.5;
/// Share of a day that is learned.
const SHARE: f32 = 0.5;
/// Margin above the days before, for tenths.
const MARGIN: f32 = 1.3 * 0.1;

/// `BUCKETS` parts of a day. 4 bytes and a byte per bucket, all zeros when new.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(super) struct Season<const BUCKETS: usize> {
    /// Highest severity of the current bucket, 0 to 25.5.
    highest: f32,
    /// In tenths.
    buckets: [u8; BUCKETS],
}

impl<const BUCKETS: usize> Season<BUCKETS> {
    pub const fn new() -> Self {
        Self {
            highest: 0.0,
            buckets: [0; BUCKETS],
        }
    }

    /// The bucket of a row of the day.
    pub const fn bucket(row: u16, day: u16) -> usize {
        match (row as usize * BUCKETS).checked_div(day as usize) {
            Some(bucket) => bucket,
            None => 0,
        }
    }

    /// The least threshold in a bucket.
    pub fn least(&self, bucket: usize) -> f32 {
        let last = BUCKETS.saturating_sub(1);
        let before = bucket.checked_sub(1).unwrap_or(last);
        let after = if bucket < last { bucket + 1 } else { 0 };
        let of = |k: usize| self.buckets.get(k).copied().unwrap_or_default();
        MARGIN * f32::from(of(before).max(of(bucket)).max(of(after)))
    }

    /// Takes a severity in the current bucket.
    pub fn see(&mut self, severity: f32) {
        self.highest = self.highest.max(severity.min(FULL));
    }

    /// Ends a bucket, whose rows had a score if `scored`.
    pub fn close(&mut self, bucket: usize, scored: bool) {
        if let Some(place) = self.buckets.get_mut(bucket)
            && scored
        {
            let tenths = f32::from(*place);
            *place = (tenths + SHARE * (10.0 * self.highest - tenths) + 0.5) as u8;
        }
        self.highest = 0.0;
    }

    pub fn save(&self, body: &mut Writer<'_>) {
        body.put(&self.highest);
        self.buckets.iter().for_each(|bucket| body.put(bucket));
    }

    pub fn saved(body: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        let mut season = Self::new();
        season.highest = body.take()?;
        if !(0.0..=FULL).contains(&season.highest) {
            return Err(body.content());
        }
        for bucket in &mut season.buckets {
            *bucket = body.take()?;
        }
        Ok(season)
    }
}
