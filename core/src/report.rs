//! Reports: small records of a fixed maximum size, one COBS frame each.
//!
//! | answer | records, in their order |
//! |---|---|
//! | start | [`Record::Hello`], by [`hello`] |
//! | a vote's [`Verdict`] | [`Record::Verdict`] with the numbers of [`Record::Lane`] and [`Record::Correlation`] that follow it, by [`records`] |
//! | any detector's [`Assessment`] | [`Record::Assessment`] with the number of [`Record::Contribution`] that follow it, by [`assessment_records`] |
//! | a [`Sentinel`](crate::Sentinel)'s assessment, alarm and complaints | [`Record::Alarm`], [`Record::Finding`] if there is one, the [`Record::Complaint`] that the alarm counts, then those of an assessment, by [`notice_records`] |
//! | many frames | [`Record::Summary`], by [`Summary::take`](crate::Summary::take) |
//! | a frame as it was read | [`Record::Readings`], one for [`VALUES_MAX`] variables, by [`frame_records`] |
//!
//! Each record is a version byte, the postcard encoding, and a CRC-32, COBS-framed with a closing
//! zero: bytes in `docs/formats/report.md`. A buffer of [`RECORD_MAX`] bytes suffices for any
//! number of variables.

pub use crate::outcome::Outcome;
pub use crate::wire::answer::Answer;
pub use crate::wire::framed::Framed;
pub use crate::wire::name::{NAME_MAX, Name};
pub use crate::wire::notice::{Course, Notice};
pub use crate::wire::record::{RECORD_MAX, REPORT_VERSION, Record};
pub use crate::wire::values::{VALUES_MAX, Values};

use crate::alert::Alert;
use crate::assessment::Assessment;
use crate::detector::Detector;
use crate::detector::autoencoder::Contribution;
use crate::ensemble::verdict::{Correlation, Verdict};
use crate::health::Complaint;
use crate::kind::Finding;
use crate::sample::{Reading, Tick};

/// The frames in a report, and the lanes of their verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Detail {
    /// Verdicts with a flagged lane, and their flagged lanes. Assessments with an alert. Alarms and
    /// complaints that are news.
    #[default]
    Flagged,
    /// Every frame, every lane.
    Everything,
}

/// The greeting of a detector. `sizes` are up to three numbers, named per detector in
/// `docs/formats/report.md`: the errors of a threshold and the frames of a correlation for RoLA.
///
/// ```
/// use bellwether::report::{Record, hello};
/// use bellwether::rola::{Rola, Rules, Settings};
/// let rules = Rules::<3, 240, 240>::new(Settings::DEFAULT)?;
/// let greeting = hello::<Rola<3, 240, 240>>("rola", 3, &rules, [240, 240, 0]);
/// assert!(matches!(greeting, Record::Hello { variables: 3, warm_up: 7, .. }));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
#[must_use]
pub fn hello<D: Detector>(
    name: &str,
    variables: u16,
    rules: &D::Rules<'_>,
    sizes: [u32; 3],
) -> Record {
    Record::Hello {
        detector: Name::new(name),
        variables,
        warm_up: D::warm_up(rules),
        sizes,
        state_bytes: D::STATE_BYTES as u32,
    }
}

/// The records of a verdict, in their order; empty if there is nothing to report.
///
/// `correlations` are those behind the vote ([`Rola::correlations`](crate::Rola::correlations)).
/// They are iterated twice, to count and to send them, and computed as often. Collect them first if
/// that takes too long.
///
/// ```
/// use bellwether::report::{Detail, records};
/// use bellwether::rola::{Rola, Rules, Settings};
/// use bellwether::{Reading, Tick};
/// let rules = Rules::<3, 240, 240>::new(Settings::DEFAULT)?;
/// let mut rola = Rola::<3, 240, 240>::new();
/// rola.decide(&rules, Tick(0), &[Reading::Value(21.5); 3]);
/// let (verdict, correlations) = (rola.verdict(), rola.correlations(&rules));
/// let mut wire = Vec::new();
/// for record in records(verdict, correlations, Detail::Everything) {
///     wire.extend_from_slice(&record.frame());
/// }
/// assert_eq!(wire.iter().filter(|byte| **byte == 0).count(), 4); // a verdict, three lanes
/// assert_eq!(records(verdict, [], Detail::Flagged).count(), 0);
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
pub fn records<const V: usize>(
    verdict: &Verdict<V>,
    correlations: impl IntoIterator<Item = Correlation, IntoIter: Clone>,
    detail: Detail,
) -> impl Iterator<Item = Record> {
    let everything = detail == Detail::Everything;
    let lanes = verdict.lanes().iter().enumerate();
    let lanes = lanes.filter(move |(k, _)| everything || verdict.outcome(*k).is_flagged());
    let correlations = correlations.into_iter();
    let speaks = everything || verdict.flagged().next().is_some();
    let head = speaks.then(|| Record::Verdict {
        tick: verdict.tick,
        vote_tick: verdict.vote_tick,
        lanes: lanes.clone().count() as u16,
        correlations: correlations.clone().count() as u32,
    });
    let lanes = lanes.map(|(k, lane)| Record::Lane {
        variable: k as u16,
        outcome: verdict.outcome(k),
        value: verdict.value(k),
        answer: lane.into(),
    });
    let pairs = correlations.map(|Correlation { a, b, r }| Record::Correlation {
        a: a as u16,
        b: b as u16,
        r,
    });
    let followers = speaks.then(|| lanes.chain(pairs));
    head.into_iter().chain(followers.into_iter().flatten())
}

/// The records of any detector's answer, in their order; empty if there is nothing to report.
///
/// `reason` is the detector's own code, 0 for none. `contributions` are those to send, at most
/// 65,535; they are iterated twice.
///
/// ```
/// use bellwether::autoencoder::Contribution;
/// use bellwether::report::{Detail, Record, assessment_records};
/// use bellwether::{Assessment, State, Tick};
/// let answer = Assessment::bare(State::Anomalous);
/// let most = Contribution { feature: 3, value: 81.0, expected: 62.5, ..Contribution::default() };
/// let top = [Some(most), None]; // as `Autoencoder::top` gives them
/// let records = assessment_records(Tick(9), &answer, 0, top.into_iter().flatten(), Detail::Flagged);
/// let records: Vec<Record> = records.collect();
/// assert!(matches!(records[0], Record::Assessment { contributions: 1, .. }));
/// assert!(matches!(records[1], Record::Contribution { variable: 3, value: 81.0, .. }));
/// ```
pub fn assessment_records(
    tick: Tick,
    assessment: &Assessment,
    reason: u8,
    contributions: impl IntoIterator<Item = Contribution, IntoIter: Clone>,
    detail: Detail,
) -> impl Iterator<Item = Record> {
    let speaks = detail == Detail::Everything || assessment.alert() > Alert::None;
    assessed(tick, assessment, reason, contributions, speaks)
}

/// The records of a sentinel's answer, in their order; empty if there is nothing to report.
///
/// `complaints` are at most 65,535; they and `contributions` are iterated twice or more.
///
/// ```
/// use bellwether::alarm::{Alarm, Rules, Settings};
/// use bellwether::health::{Complaint, Symptom};
/// use bellwether::report::{Detail, Notice, Record, notice_records};
/// use bellwether::{Assessment, State, Tick};
/// let rules = Rules::<0>::new(Settings::DEFAULT)?;
/// let event = Alarm::new().observe(&rules, Some(0.3)); // quiet
/// let answer = Assessment::bare(State::Normal);
/// let stuck = Complaint { variable: 4, symptom: Symptom::Stuck, rows: 1 };
/// let notice = Notice::of(&event, rules.promise().basis());
/// let records = notice_records(Tick(9), &answer, notice, None, [stuck], [], Detail::Flagged);
/// let records: Vec<Record> = records.collect();
/// assert!(matches!(records[0], Record::Alarm { complaints: 1, .. }));
/// assert!(matches!(records[1], Record::Complaint { variable: 4, .. }));
/// assert!(matches!(records[2], Record::Assessment { tick: Tick(9), .. }));
/// # Ok::<(), bellwether::SettingsError>(())
/// ```
pub fn notice_records(
    tick: Tick,
    assessment: &Assessment,
    notice: Notice,
    finding: Option<Finding>,
    complaints: impl IntoIterator<Item = Complaint, IntoIter: Clone>,
    contributions: impl IntoIterator<Item = Contribution, IntoIter: Clone>,
    detail: Detail,
) -> impl Iterator<Item = Record> {
    let complaints = complaints.into_iter().take(usize::from(u16::MAX));
    let speaks = detail == Detail::Everything
        || assessment.alert() > Alert::None
        || notice.is_news
        || complaints.clone().any(|complaint| complaint.is_news());
    let head = speaks.then(|| Record::Alarm {
        tick,
        notice,
        complaints: complaints.clone().count() as u16,
    });
    let finding = finding.filter(|_| speaks).map(Record::from);
    let followers = speaks.then(|| complaints.map(Record::from));
    head.into_iter()
        .chain(finding)
        .chain(followers.into_iter().flatten())
        .chain(assessed(tick, assessment, 0, contributions, speaks))
}

/// The records of a frame as it was read, so that the other end can record it: one for each
/// [`VALUES_MAX`] variables. The cause of an absence is sent as far as a value tells it: NaN, or an infinity.
///
/// ```
/// use bellwether::report::{Record, frame_records};
/// use bellwether::{Cause, Reading, Tick};
/// let frame = [Reading::Value(21.5), Reading::Absent(Cause::Sensor)];
/// let mut records = frame_records(Tick(9), &frame);
/// let Some(Record::Readings { variables: 2, first: 0, values, .. }) = records.next() else {
///     unreachable!()
/// };
/// assert!(values.as_slice()[0] == 21.5 && values.as_slice()[1].is_nan());
/// assert!(records.next().is_none());
/// ```
pub fn frame_records(tick: Tick, frame: &[Reading]) -> impl Iterator<Item = Record> {
    let mut left = frame;
    // Not by `chunks`: its length is a division that could panic as far as a compiler can tell.
    core::iter::from_fn(move || {
        let first = frame.len() - left.len();
        let (now, rest) = left.split_at_checked(VALUES_MAX).unwrap_or((left, &[]));
        left = rest;
        (!now.is_empty()).then(|| Record::Readings {
            tick,
            variables: frame.len() as u16,
            first: first as u16,
            values: Values::new(now.iter().map(|reading| reading.to_f32())),
        })
    })
}

/// The records of an assessment, if it `speaks`.
fn assessed(
    tick: Tick,
    assessment: &Assessment,
    reason: u8,
    contributions: impl IntoIterator<Item = Contribution, IntoIter: Clone>,
    speaks: bool,
) -> impl Iterator<Item = Record> {
    let answer = Answer::from(assessment);
    let contributions = contributions.into_iter().take(usize::from(u16::MAX));
    let head = speaks.then(|| Record::Assessment {
        tick,
        answer,
        reason,
        contributions: contributions.clone().count() as u16,
    });
    let followers = speaks.then(|| contributions.map(Record::from));
    head.into_iter().chain(followers.into_iter().flatten())
}

impl From<Contribution> for Record {
    fn from(contribution: Contribution) -> Self {
        let Contribution {
            feature,
            frame,
            value,
            expected,
            error,
        } = contribution;
        Self::Contribution {
            variable: feature as u16,
            frame: frame as u16,
            value,
            expected,
            error,
        }
    }
}

impl From<Finding> for Record {
    fn from(finding: Finding) -> Self {
        let Finding {
            kind,
            variable,
            is_final,
            is_outside,
            jump,
            shift,
            run,
            gaps,
        } = finding;
        Self::Finding {
            variable,
            kind,
            is_final,
            is_outside,
            jump,
            shift,
            run,
            gaps,
        }
    }
}

impl From<Complaint> for Record {
    fn from(complaint: Complaint) -> Self {
        let Complaint {
            variable,
            symptom,
            rows,
        } = complaint;
        Self::Complaint {
            variable,
            symptom,
            rows,
        }
    }
}

#[cfg(test)]
mod tests;
