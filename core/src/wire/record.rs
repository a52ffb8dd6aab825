//! One record: its content, its framing, and its parser.

use super::answer::Answer;
use super::checksum::checksum;
use super::cobs;
use super::code::{KindCode, OutcomeCode, SymptomCode, put, take};
use super::framed::Framed;
use super::name::Name;
use super::notice::Notice;
use super::values::Values;
use crate::error::ReportError;
use crate::health::Symptom;
use crate::kind::Kind;
use crate::outcome::Outcome;
use crate::sample::Tick;
use crate::summary::Summary;
use heapless::Vec;
use serde::{Deserialize, Serialize};

/// Version of the record format: the first byte of every record.
pub const REPORT_VERSION: u8 = 2;

/// Largest framed record in bytes, closing zero included.
pub const RECORD_MAX: usize = 64;

/// Maximum size of a body in bytes: that of readings. A test checks the maximum of every record.
const BODY_MAX: usize = 54;

/// A body with its version and its checksum.
const CONTENT_MAX: usize = 1 + BODY_MAX + 4;

/// One record. Append-only: variants and fields are never reordered.
///
/// ```
/// use bellwether::Tick;
/// use bellwether::report::{RECORD_MAX, Record};
/// let record = Record::Verdict { tick: Tick(611), vote_tick: None, lanes: 1, correlations: 0 };
/// let frame = record.frame();
/// assert!(frame.len() <= RECORD_MAX && frame.ends_with(&[0]));
/// assert_eq!(Record::parse(&frame), Ok(record));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Record {
    /// The greeting at start: the detector and its sizes.
    Hello {
        /// Name of the detector.
        detector: Name,
        /// Variables in use.
        variables: u16,
        /// Usable frames before the first decision.
        warm_up: u32,
        /// Sizes as named in `docs/formats/report.md`; 0 if the detector has fewer.
        sizes: [u32; 3],
        /// Bytes of detector state.
        state_bytes: u32,
    },
    /// A frame's verdict.
    Verdict {
        /// The frame.
        tick: Tick,
        /// The frame of a vote that ended: this one, or an earlier one.
        vote_tick: Option<Tick>,
        /// Number of lane records that follow.
        lanes: u16,
        /// Number of correlation records that follow those.
        correlations: u32,
    },
    /// One variable of the verdict above.
    Lane {
        /// Index of the variable.
        variable: u16,
        /// The outcome of the vote.
        #[serde(
            serialize_with = "put::<_, OutcomeCode, _>",
            deserialize_with = "take::<_, OutcomeCode, _>"
        )]
        outcome: Outcome,
        /// The value in its unit; NaN where not usable.
        value: f32,
        /// The lane's answer.
        answer: Answer,
    },
    /// One correlation of the verdict above.
    Correlation {
        /// The flagged variable.
        a: u16,
        /// The related variable.
        b: u16,
        /// Pearson's r.
        r: f32,
    },
    /// Any detector's answer to a frame.
    Assessment {
        /// The frame.
        tick: Tick,
        /// The answer.
        answer: Answer,
        /// The detector's own code of the reason, 0 for none:
        /// [`Reason::code`](crate::autoencoder::Reason::code) of an autoencoder.
        reason: u8,
        /// Number of contribution records that follow.
        contributions: u16,
    },
    /// One variable's part in the assessment above.
    Contribution {
        /// Index of the variable.
        variable: u16,
        /// Frame of the window, 0 the oldest.
        frame: u16,
        /// The value, in the variable's unit.
        value: f32,
        /// Expected value, in the variable's unit.
        expected: f32,
        /// The part of the score, as the detector defines it.
        error: f32,
    },
    /// The alarm of a frame, before the assessment of the same frame.
    Alarm {
        /// The frame.
        tick: Tick,
        /// The alarm's event.
        notice: Notice,
        /// Number of complaint records that follow, before the assessment.
        complaints: u16,
    },
    /// One sensor's complaint in the frame of the alarm above.
    Complaint {
        /// Index of the variable.
        variable: u16,
        /// The symptom.
        #[serde(
            serialize_with = "put::<_, SymptomCode, _>",
            deserialize_with = "take::<_, SymptomCode, _>"
        )]
        symptom: Symptom,
        /// Rows for which it has lasted, 1 at its first; stays at 65,535.
        rows: u16,
    },
    /// The finding about the alarm above, before its complaints.
    Finding {
        /// Index of the variable.
        variable: u16,
        /// The kind of change.
        #[serde(
            serialize_with = "put::<_, KindCode, _>",
            deserialize_with = "take::<_, KindCode, _>"
        )]
        kind: Kind,
        /// Whether it stays.
        is_final: bool,
        /// Whether most of the last values were beyond the usual range.
        is_outside: bool,
        /// Largest difference from row to row, in usual differences.
        jump: f32,
        /// Level of the last rows less that of the last hundreds, in deviations.
        shift: f32,
        /// Rows with the last value.
        run: u16,
        /// Share of missing values of late.
        gaps: f32,
    },
    /// Readings of consecutive variables in a frame, as the sensors gave them.
    Readings {
        /// The frame.
        tick: Tick,
        /// Variables of the frame.
        variables: u16,
        /// Index of the first variable of these.
        first: u16,
        /// Their values.
        values: Values,
    },
    /// Counts of the frames since the last summary.
    Summary(Summary),
}

impl Record {
    /// The record as one COBS frame, closing zero included.
    #[must_use]
    pub fn frame(&self) -> Framed {
        let mut content = [0; CONTENT_MAX];
        let [version, body @ ..] = &mut content;
        *version = REPORT_VERSION;
        // Every record fits. A frame without a body is refused by every reader.
        let used = postcard::to_slice(self, body).map_or(0, |used| used.len());
        let (versioned, rest) = content.split_at_mut_checked(1 + used).unwrap_or_default();
        let sum = checksum(versioned).to_le_bytes();
        for (place, byte) in rest.iter_mut().zip(sum) {
            *place = byte;
        }
        Framed::of(&content, 1 + used + sum.len())
    }

    /// Reads one frame, with or without its closing zero.
    ///
    /// # Errors
    /// The layer that refused the bytes: framing, length, checksum, version or content.
    pub fn parse(frame: &[u8]) -> Result<Self, ReportError> {
        let mut content: Vec<u8, RECORD_MAX> = Vec::new();
        cobs::decode(frame.strip_suffix(&[0]).unwrap_or(frame), &mut content)?;
        let (content, sum) = content
            .split_last_chunk::<4>()
            .ok_or(ReportError::Truncated)?;
        if checksum(content) != u32::from_le_bytes(*sum) {
            return Err(ReportError::Checksum);
        }
        match content.split_first() {
            Some((&REPORT_VERSION, body)) => match postcard::take_from_bytes(body) {
                Ok((record, [])) => Ok(record),
                _ => Err(ReportError::Content),
            },
            Some((&found, _)) => Err(ReportError::Version { found }),
            None => Err(ReportError::Truncated),
        }
    }
}

#[cfg(test)]
mod tests;
