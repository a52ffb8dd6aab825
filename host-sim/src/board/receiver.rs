//! The way from framed report records (docs/formats/report.md) to the host's frames.

use crate::detect::{Contribution, CorrelationRecord, LaneRecord, Record as FrameRecord};
use bellwether::report::{Name, RECORD_MAX, Record};
use bellwether::{ReportError, Tick};
use std::fmt;

/// A device's first record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Greeting {
    /// The detector.
    pub detector: Name,
    /// Variables in use.
    pub variables: u16,
    /// Frames before the first assessment.
    pub warm_up: u32,
    /// Sizes of the detector, as in docs/formats/report.md: of rola its window and its history.
    pub sizes: [u32; 3],
    /// Bytes of detector state.
    pub state_bytes: u32,
}

/// A complete part of a device's stream.
#[derive(Clone, Debug, PartialEq)]
pub enum Received {
    /// The greeting.
    Greeting(Greeting),
    /// A whole answer: a verdict, or an assessment with its contributions.
    Frame(FrameRecord),
    /// The same with the detector's own code of a reason.
    Assessed(FrameRecord, u8),
}

/// Problems of a stream of records.
#[derive(Clone, Debug, PartialEq)]
pub enum ReceiveError {
    /// A record was refused.
    Record(ReportError),
    /// An unexpected record, or a verdict before the previous one was complete.
    Order(Record),
    /// More bytes than a record has without a closing zero.
    Endless,
    /// The stream ended within a verdict or a record.
    Truncated,
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Record(error) => write!(f, "the device sent a record that is {error}"),
            Self::Order(record) => write!(f, "the device sent out of order: {record:?}"),
            Self::Endless => f.write_str("the device sends no records"),
            Self::Truncated => f.write_str("the device stopped within a verdict"),
        }
    }
}

impl std::error::Error for ReceiveError {}

/// Combines records.
#[derive(Debug, Default)]
pub struct Receiver {
    bytes: Vec<u8>,
    frame: Option<Pending>,
}

#[derive(Debug)]
struct Pending {
    frame: FrameRecord,
    lanes: usize,
    correlations: usize,
    contributions: usize,
    /// Of an assessment.
    reason: Option<u8>,
}

impl Receiver {
    /// Takes one byte; returns the part of the stream that it completes, if any.
    ///
    /// # Errors
    /// The completed record is invalid or out of order.
    pub fn push(&mut self, byte: u8) -> Result<Option<Received>, ReceiveError> {
        self.bytes.push(byte);
        if byte != 0 {
            return match self.bytes.len() {
                0..RECORD_MAX => Ok(None),
                _ => Err(ReceiveError::Endless),
            };
        }
        let record = Record::parse(&self.bytes).map_err(ReceiveError::Record);
        self.bytes.clear();
        self.record(record?)
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// A record or a verdict is incomplete.
    pub fn end(&self) -> Result<(), ReceiveError> {
        if self.bytes.is_empty() && self.frame.is_none() {
            Ok(())
        } else {
            Err(ReceiveError::Truncated)
        }
    }

    fn record(&mut self, record: Record) -> Result<Option<Received>, ReceiveError> {
        match (record, &mut self.frame) {
            (
                Record::Hello {
                    detector,
                    variables,
                    warm_up,
                    sizes,
                    state_bytes,
                },
                None,
            ) => {
                return Ok(Some(Received::Greeting(Greeting {
                    detector,
                    variables,
                    warm_up,
                    sizes,
                    state_bytes,
                })));
            }
            (
                Record::Verdict {
                    tick: Tick(tick),
                    lanes,
                    correlations,
                    ..
                },
                pending @ None,
            ) => {
                *pending = Some(Pending {
                    frame: FrameRecord {
                        tick,
                        ..FrameRecord::default()
                    },
                    lanes: lanes.into(),
                    correlations: correlations as usize,
                    contributions: 0,
                    reason: None,
                });
            }
            (
                Record::Assessment {
                    tick: Tick(tick),
                    answer,
                    reason,
                    contributions,
                },
                pending @ None,
            ) => {
                *pending = Some(Pending {
                    frame: FrameRecord::bare(tick, answer.into()),
                    lanes: 0,
                    correlations: 0,
                    contributions: contributions.into(),
                    reason: Some(reason),
                });
            }
            (
                Record::Contribution {
                    variable,
                    frame,
                    value,
                    expected,
                    error,
                },
                Some(pending),
            ) if pending.contributions > 0 => {
                pending.contributions -= 1;
                pending.frame.contributions.push(Contribution {
                    variable: variable.into(),
                    back: frame.into(),
                    value,
                    expected,
                    error,
                });
            }
            (
                Record::Lane {
                    variable,
                    outcome,
                    value,
                    answer,
                },
                Some(pending),
            ) if pending.lanes > 0 => {
                pending.lanes -= 1;
                pending.frame.lanes.push(LaneRecord {
                    variable: variable.into(),
                    value,
                    outcome,
                    assessment: answer.into(),
                });
            }
            (Record::Correlation { a, b, r }, Some(pending))
                if pending.lanes == 0 && pending.correlations > 0 =>
            {
                pending.correlations -= 1;
                pending.frame.correlations.push(CorrelationRecord {
                    a: a.into(),
                    b: b.into(),
                    r,
                });
            }
            (record, _) => return Err(ReceiveError::Order(record)),
        }
        let whole = self.frame.take_if(|pending| {
            pending.lanes == 0 && pending.correlations == 0 && pending.contributions == 0
        });
        Ok(whole.map(|pending| match pending.reason {
            Some(reason) => Received::Assessed(pending.frame, reason),
            None => Received::Frame(pending.frame),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bellwether::Reading;
    use bellwether::report::{Detail, records};
    use bellwether::rola::{self, Rules, Settings};

    type Rola = rola::Rola<3, 60, 60>;

    /// Every record of a run in which variables flag, correlate and go missing.
    fn run(detail: Detail) -> (Vec<u8>, Vec<FrameRecord>) {
        let rules = Rules::new(Settings::DEFAULT).unwrap();
        let mut rola = Rola::new();
        let (mut bytes, mut frames) = (Vec::new(), Vec::new());
        for tick in 0..200u64 {
            let t = tick as f32;
            let jump = if tick % 50 == 49 { 20.0 } else { 0.0 };
            let a = 30.0 + (0.3 * t).sin() + jump;
            let mut frame = [a, 2.0 * a + 0.01 * (1.7 * t).sin(), 5.0].map(Reading::Value);
            if tick % 7 == 3 {
                frame[2] = Reading::from(f32::NAN);
            }
            rola.decide(&rules, Tick(tick), &frame);
            let (verdict, correlations) = (rola.verdict(), rola.correlations(&rules));
            for record in records(verdict, correlations.clone(), detail) {
                bytes.extend_from_slice(&record.frame());
            }
            if detail == Detail::Everything || verdict.flagged().next().is_some() {
                let mut frame = FrameRecord::of(verdict, correlations);
                if detail == Detail::Flagged {
                    let quiet = bellwether::report::Outcome::Quiet;
                    frame.lanes.retain(|lane| lane.outcome != quiet);
                }
                frames.push(frame);
            }
        }
        (bytes, frames)
    }

    fn receive(bytes: &[u8]) -> Result<Vec<FrameRecord>, ReceiveError> {
        let (mut receiver, mut frames) = (Receiver::default(), Vec::new());
        for byte in bytes {
            if let Some(Received::Frame(frame)) = receiver.push(*byte)? {
                frames.push(frame);
            }
        }
        receiver.end()?;
        Ok(frames)
    }

    /// Compared as text, for NaN is not equal to itself.
    #[test]
    fn what_was_sent_is_received_with_every_bit() {
        for detail in [Detail::Everything, Detail::Flagged] {
            let (bytes, frames) = run(detail);
            assert!(frames.iter().any(|frame| !frame.correlations.is_empty()));
            let received = receive(&bytes).unwrap();
            assert_eq!(format!("{received:?}"), format!("{frames:?}"));
        }
    }

    #[test]
    fn a_greeting_is_received() {
        let hello = Record::Hello {
            detector: Name::new("rola"),
            variables: 9,
            warm_up: 7,
            sizes: [1440, 720, 0],
            state_bytes: 105_576,
        };
        let mut receiver = Receiver::default();
        let mut received: Vec<Received> = Vec::new();
        for byte in hello.frame().iter() {
            received.extend(receiver.push(*byte).unwrap());
        }
        let greeting = Greeting {
            detector: Name::new("rola"),
            variables: 9,
            warm_up: 7,
            sizes: [1440, 720, 0],
            state_bytes: 105_576,
        };
        assert_eq!(received, [Received::Greeting(greeting)]);
    }

    #[test]
    fn a_lost_repeated_or_damaged_record_is_an_error() {
        let (bytes, _) = run(Detail::Everything);
        let records: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == 0).collect();
        for at in [0, 1, 2, 3] {
            let mut lost = records.clone();
            lost.remove(at);
            assert!(receive(&lost.concat()).is_err(), "record {at} lost");
            let mut again = records.clone();
            again.insert(at, records[at]);
            assert!(receive(&again.concat()).is_err(), "record {at} repeated");
        }
        let mut damaged = bytes.clone();
        damaged[2] ^= 0x10;
        assert!(matches!(receive(&damaged), Err(ReceiveError::Record(_))));
        let cut = receive(&bytes[..bytes.len() - 1]);
        assert_eq!(cut, Err(ReceiveError::Truncated));
        assert_eq!(receive(&[7; 100]), Err(ReceiveError::Endless));
    }
}
