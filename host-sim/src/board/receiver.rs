//! The way from framed report records (docs/formats/report.md) to the host's frames.

use crate::detect::sentinel::Notice;
use crate::detect::{Contribution, CorrelationRecord, LaneRecord, Record as FrameRecord};
use bellwether::health::Complaint;
use bellwether::kind::Finding;
use bellwether::report::{Name, RECORD_MAX, Record};
use bellwether::{ReportError, Summary, Tick};
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
    /// A frame as its sensors gave it.
    Readings(Readings),
    /// Counts of many frames.
    Summary(Summary),
}

/// A frame as a device's sensors gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// The frame.
    pub tick: u64,
    /// A value for each variable: NaN where none was usable, infinite where none was finite.
    pub values: Vec<f32>,
    /// Variables of the whole frame.
    variables: usize,
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

impl ReceiveError {
    /// The reason in a few words.
    pub fn reason(&self) -> String {
        match self {
            Self::Record(error) => error.to_string(),
            Self::Order(_) => "out of order".to_owned(),
            Self::Endless => format!("no zero in {RECORD_MAX} bytes"),
            Self::Truncated => "cut off at the end".to_owned(),
        }
    }
}

/// Combines records.
#[derive(Debug, Default)]
pub struct Receiver {
    bytes: Vec<u8>,
    /// An alarm whose assessment has not come yet.
    alarm: Option<Announced>,
    /// Whether assessments come with an alarm: all or none.
    alarms: Option<bool>,
    /// Whether alarms that are on come with a finding: all or none.
    findings: Option<bool>,
    frame: Option<Pending>,
    /// A frame of readings of which records are missing.
    readings: Option<Readings>,
}

#[derive(Debug)]
struct Announced {
    tick: u64,
    notice: Notice,
    /// Complaints to come.
    complaints: usize,
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

impl Readings {
    /// Whether a record is its next part.
    const fn continues(&self, tick: u64, variables: usize, first: usize) -> bool {
        self.tick == tick && self.variables == variables && self.values.len() == first
    }
}

impl Announced {
    /// Whether it is of an alarm, and nothing came after it.
    fn may_have_a_finding(&self) -> bool {
        let notice = &self.notice;
        notice.event.episode.is_some() && notice.finding.is_none() && notice.complaints.is_empty()
    }
}

impl Receiver {
    /// Takes one byte; returns the part of the stream that it completes, if any.
    ///
    /// # Errors
    /// The completed record is invalid or out of order.
    pub fn push(&mut self, byte: u8) -> Result<Option<Received>, ReceiveError> {
        if byte != 0 {
            // Noise without an end takes no memory, and is one error.
            self.bytes.truncate(RECORD_MAX);
            self.bytes.push(byte);
            return match self.bytes.len() {
                RECORD_MAX => Err(ReceiveError::Endless),
                _ => Ok(None),
            };
        }
        let frame = std::mem::take(&mut self.bytes);
        if frame.len() >= RECORD_MAX {
            return Ok(None);
        }
        self.record(Record::parse(&frame).map_err(ReceiveError::Record)?)
    }

    /// Drops an incomplete answer, so that the next one can begin; returns whether there was one.
    pub fn forget(&mut self) -> bool {
        // An alarm that came says more than one that did not.
        if let Some(Announced { notice, .. }) = self.alarm.take() {
            self.alarms = Some(true);
            self.findings = self.findings.map(|told| told || notice.finding.is_some());
            return true;
        }
        self.frame.take().is_some()
    }

    /// Whether it is known that assessments come with alarms, or without.
    pub const fn knows_alarms(&self) -> bool {
        self.alarms.is_some()
    }

    /// Learns afresh whether answers come with alarms and findings.
    pub const fn unlearn(&mut self) {
        (self.alarms, self.findings) = (None, None);
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// A record or a verdict is incomplete.
    pub fn end(&self) -> Result<(), ReceiveError> {
        let between = self.alarm.is_none() && self.frame.is_none() && self.readings.is_none();
        if self.bytes.is_empty() && between {
            Ok(())
        } else {
            Err(ReceiveError::Truncated)
        }
    }

    /// Takes one record; returns the part of the stream that it completes, if any.
    ///
    /// # Errors
    /// It is out of order.
    pub fn record(&mut self, record: Record) -> Result<Option<Received>, ReceiveError> {
        match record {
            Record::Readings { .. } => return self.readings(record),
            Record::Summary(summary) => return Ok(Some(Received::Summary(summary))),
            _ => {}
        }
        let Some(record) = self.announced(record)? else {
            return Ok(None);
        };
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
                    frame: FrameRecord {
                        notice: self.alarm.take().map(|of| Box::new(of.notice)),
                        ..FrameRecord::bare(tick, answer.into())
                    },
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

    /// Takes a part of a frame of readings, which is no part of an answer. The first part drops an incomplete frame.
    fn readings(&mut self, record: Record) -> Result<Option<Received>, ReceiveError> {
        let out_of_order = Err(ReceiveError::Order(record));
        let Record::Readings {
            tick: Tick(tick),
            variables,
            first,
            values,
        } = record
        else {
            return out_of_order;
        };
        let (begun, variables) = (self.readings.take(), usize::from(variables));
        let mut readings = match begun {
            _ if first == 0 => Readings {
                tick,
                values: Vec::new(),
                variables,
            },
            Some(begun) if begun.continues(tick, variables, first.into()) => begun,
            _ => return out_of_order,
        };
        readings.values.extend_from_slice(values.as_slice());
        match readings.values.len() {
            count if count == variables => return Ok(Some(Received::Readings(readings))),
            count if count > variables || values.as_slice().is_empty() => return out_of_order,
            _ => self.readings = Some(readings),
        }
        Ok(None)
    }

    /// Takes an alarm and its complaints; any other record is returned. After an alarm, that is the
    /// assessment of the same frame.
    fn announced(&mut self, record: Record) -> Result<Option<Record>, ReceiveError> {
        match (record, &mut self.alarm) {
            (
                Record::Alarm {
                    tick: Tick(tick),
                    notice,
                    complaints,
                },
                alarm @ None,
            ) if self.frame.is_none() => {
                *alarm = Some(Announced {
                    tick,
                    notice: Notice {
                        event: notice.event(),
                        basis: notice.basis,
                        finding: None,
                        complaints: Vec::new(),
                    },
                    complaints: complaints.into(),
                });
                Ok(None)
            }
            (
                Record::Complaint {
                    variable,
                    symptom,
                    rows,
                },
                Some(alarm),
            ) if alarm.complaints > 0 => {
                alarm.complaints -= 1;
                alarm.notice.complaints.push(Complaint {
                    variable,
                    symptom,
                    rows,
                });
                Ok(None)
            }
            (
                Record::Finding {
                    variable,
                    kind,
                    is_final,
                    is_outside,
                    jump,
                    shift,
                    run,
                    gaps,
                },
                Some(alarm),
            ) if alarm.may_have_a_finding() => {
                alarm.notice.finding = Some(Finding {
                    kind,
                    variable,
                    is_final,
                    is_outside,
                    jump,
                    shift,
                    run,
                    gaps,
                });
                Ok(None)
            }
            (Record::Alarm { .. } | Record::Complaint { .. } | Record::Finding { .. }, _) => {
                Err(ReceiveError::Order(record))
            }
            (Record::Assessment { tick, .. }, alarm) => {
                let whole = alarm
                    .as_ref()
                    .is_none_or(|alarm| alarm.complaints == 0 && alarm.tick == tick.0);
                let found = alarm
                    .as_ref()
                    .filter(|of| of.notice.event.episode.is_some());
                let found = found.map(|of| of.notice.finding.is_some());
                let told = found.is_none_or(|found| *self.findings.get_or_insert(found) == found);
                if whole && told && *self.alarms.get_or_insert(alarm.is_some()) == alarm.is_some() {
                    Ok(Some(record))
                } else {
                    Err(ReceiveError::Order(record))
                }
            }
            (_, Some(_)) => Err(ReceiveError::Order(record)),
            (_, None) => Ok(Some(record)),
        }
    }
}

#[cfg(test)]
mod tests;
