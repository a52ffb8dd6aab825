//! What leaves the device: small records of a fixed maximum size, one COBS frame each.
//!
//! A verdict is a [`Record::Verdict`] that says how many [`Record::Lane`] and
//! [`Record::Correlation`] records follow it. Each record is a version byte, the postcard
//! encoding, and a CRC-32, COBS-framed with a closing zero: bytes in `docs/report.md`.
//! The buffer needed is [`RECORD_MAX`] bytes whatever the number of variables.

use crate::assessment::{Assessment, State};
use crate::ensemble::verdict::{Correlation, Verdict};
use crate::error::ReportError;
use crate::sample::Tick;
pub use crate::vote::outcome::Outcome;
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// Version of the record format.
pub const REPORT_VERSION: u8 = 1;

/// Largest framed record in bytes, closing zero included.
pub const RECORD_MAX: usize = 64;

/// Which lanes a report carries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Detail {
    /// Verdicts with a flagged lane, and of those the flagged lanes.
    #[default]
    Flagged,
    /// Every frame, every lane.
    Everything,
}

/// One record. Append-only: variants and fields are never reordered.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Record {
    /// Sent once at start: who is talking.
    Hello {
        /// Variables `V` in use.
        variables: u8,
        /// Window of errors.
        window: u16,
        /// Frames of a correlation.
        history: u16,
        /// Bytes of detector state.
        state_bytes: u32,
    },
    /// A frame's verdict.
    Verdict {
        /// The frame.
        tick: Tick,
        /// Number of lane records that follow.
        lanes: u8,
        /// Number of correlation records that follow those.
        correlations: u16,
    },
    /// One variable of the verdict above.
    Lane {
        /// Index of the variable.
        variable: u8,
        /// What the vote made of it.
        outcome: Outcome,
        /// The value in its unit; NaN where not usable.
        value: f32,
        /// The lane's answer.
        assessment: Assessment,
    },
    /// One correlation of the verdict above.
    Correlation {
        /// The flagged variable that asked.
        a: u8,
        /// The variable that was asked.
        b: u8,
        /// Pearson's r.
        r: f32,
    },
}

fn checksum(bytes: &[u8]) -> u32 {
    crate::wire::snapshot::CRC.checksum(bytes)
}

impl Record {
    /// The record as one COBS frame, closing zero included.
    pub fn frame(&self) -> Vec<u8, RECORD_MAX> {
        let mut body = [0u8; RECORD_MAX];
        let mut out = Vec::new();
        let Some((version, rest)) = body.split_first_mut() else {
            return out;
        };
        *version = REPORT_VERSION;
        let Ok(used) = postcard::to_slice(self, rest) else {
            return out;
        };
        let length = 1 + used.len();
        let Some(sum) = body.get(..length).map(checksum) else {
            return out;
        };
        if let Some(place) = body.get_mut(length..length + 4) {
            place.copy_from_slice(&sum.to_le_bytes());
        }
        crate::wire::cobs::encode(body.get(..length + 4).unwrap_or_default(), &mut out);
        out
    }

    /// Reads one frame, with or without its closing zero.
    ///
    /// # Errors
    /// Says which layer refused the bytes: framing, length, checksum or content.
    pub fn parse(frame: &[u8]) -> Result<Self, ReportError> {
        let mut body: Vec<u8, RECORD_MAX> = Vec::new();
        crate::wire::cobs::decode(frame.strip_suffix(&[0]).unwrap_or(frame), &mut body)?;
        let (content, sum) = body.split_last_chunk::<4>().ok_or(ReportError::Truncated)?;
        if checksum(content) != u32::from_le_bytes(*sum) {
            return Err(ReportError::Checksum);
        }
        match content.split_first() {
            Some((&REPORT_VERSION, rest)) => match postcard::take_from_bytes(rest) {
                Ok((record, [])) => Ok(record),
                _ => Err(ReportError::Content),
            },
            _ => Err(ReportError::Content),
        }
    }
}

/// The records of a verdict and of the correlations that voted
/// ([`Rola::correlations`](crate::Rola::correlations), computed twice: they are counted first), in
/// the order they are sent; empty if there is nothing to say.
pub fn records<const V: usize>(
    verdict: &Verdict<V>,
    correlations: impl Iterator<Item = Correlation> + Clone,
    detail: Detail,
) -> impl Iterator<Item = Record> {
    let told = move |k: usize| detail == Detail::Everything || verdict.outcome(k).is_flagged();
    let lanes = (0..verdict.lanes().len()).filter(move |k| told(*k));
    let head = Record::Verdict {
        tick: verdict.tick,
        lanes: lanes.clone().count() as u8,
        correlations: correlations.clone().count() as u16,
    };
    let speaks = detail == Detail::Everything || verdict.flagged().next().is_some();
    let lanes = lanes.map(move |k| Record::Lane {
        variable: k as u8,
        outcome: verdict.outcome(k),
        value: verdict.value(k),
        assessment: *verdict
            .lanes()
            .get(k)
            .unwrap_or(&Assessment::bare(State::Warming { left: 0 })),
    });
    let pairs = correlations.map(|c| Record::Correlation {
        a: c.a as u8,
        b: c.b as u8,
        r: c.r,
    });
    speaks.then_some(head).into_iter().chain(lanes).chain(pairs)
}
