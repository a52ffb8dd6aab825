//! The outcome of an injected fault: the first answer to it.

use crate::detect::Record;
use crate::metrics::events::MARGIN;
use crate::output::jsonl::name;
use crate::simulate::node::Fault;
use bellwether::alarm::{Grade, Phase};
use bellwether::health::Symptom;
use bellwether::{Cause, State};

/// The outcome of one injected fault. `after` is the number of rows since its onset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// An alarm started, with the variable of the largest share in that row.
    Alarm {
        after: u64,
        grade: Grade,
        variable: Option<usize>,
    },
    /// The faulty sensor itself was complained about.
    Complaint { after: u64, symptom: Symptom },
    /// The vote confirmed, in time to be credited.
    Confirmed { after: u64 },
    /// The faulty sensor's own lane said that it cannot see.
    Blind { after: u64 },
    /// Lanes flagged, but the vote did not confirm.
    Flagged { after: u64, variable: usize },
    /// Nothing.
    Missed,
}

impl Finding {
    /// The answer within the fault and [`MARGIN`] rows after it: the first alarm or grave complaint about
    /// the faulty sensor, else the strongest of the lanes. A blind lane counts only if it is the faulty
    /// one. Nothing that began before the onset is credited.
    pub(super) fn of(fault: &Fault, records: &[Record]) -> Self {
        let near = || records.iter().enumerate().filter(|(_, r)| within(fault, r));
        let faulty = fault.kind.variable();
        let noticed = near().find_map(|(k, record)| {
            let (notice, after) = (record.notice.as_ref()?, record.tick - fault.first);
            if notice.event.phase == Phase::Start {
                return Some(Self::Alarm {
                    after,
                    grade: grade(records.get(k..)?),
                    variable: record.top().next().map(|part| part.variable),
                });
            }
            let mut complaints = notice.complaints.iter();
            let own = complaints.find(|of| {
                usize::from(of.variable) == faulty && of.symptom <= Symptom::Stuck && of.is_news()
            })?;
            Some(Self::Complaint {
                after,
                symptom: own.symptom,
            })
        });
        if let Some(noticed) = noticed {
            return noticed;
        }
        let stuck = State::Blind {
            cause: Cause::Stuck.into(),
        };
        let is_stuck = |r: &Record| {
            let lane = r.lanes.get(faulty);
            lane.is_some_and(|lane| lane.assessment.state == stuck)
        };
        let after = |r: &Record| r.tick - fault.first;
        if let Some((_, record)) = near().find(|(_, r)| is_stuck(r)) {
            return Self::Blind {
                after: after(record),
            };
        }
        if let Some((_, record)) = near().find(|(_, r)| r.is_confirmed()) {
            return Self::Confirmed {
                after: after(record),
            };
        }
        let flagged = near().find_map(|(_, r)| Some((after(r), r.flagged().next()?.variable)));
        match flagged {
            Some((after, variable)) => Self::Flagged { after, variable },
            None => Self::Missed,
        }
    }

    /// In words.
    pub(super) fn told(&self, names: &[String]) -> String {
        match *self {
            Self::Alarm {
                after,
                grade,
                variable,
            } => {
                let first = variable.map_or("", |variable| name(names, variable));
                format!("FOUND: {grade} alarm after {after} min, {first} first")
            }
            Self::Complaint { after, symptom } => {
                format!("FOUND: the sensor was reported {symptom} after {after} min")
            }
            Self::Confirmed { after } => format!("FOUND: confirmed by the vote after {after} min"),
            Self::Blind { after } => {
                format!("FOUND: the sensor was reported stuck after {after} min")
            }
            Self::Flagged { after, variable } => format!(
                "NOT CONFIRMED: {} flagged after {after} min, the vote did not pass",
                name(names, variable)
            ),
            Self::Missed => "NOT FOUND".to_owned(),
        }
    }
}

/// Alarms that started within no fault and not soon after one.
pub(super) fn apart(faults: &[Fault], records: &[Record]) -> u64 {
    let starts = records.iter().filter(|record| {
        let notice = record.notice.as_ref();
        notice.is_some_and(|notice| notice.event.phase == Phase::Start)
    });
    let apart = starts.filter(|record| !faults.iter().any(|fault| within(fault, record)));
    apart.count() as u64
}

fn within(fault: &Fault, record: &Record) -> bool {
    (fault.first..=fault.last + MARGIN).contains(&record.tick)
}

/// The highest grade of the alarm that starts in the first of these rows.
fn grade(records: &[Record]) -> Grade {
    let events = records.iter().map_while(|record| {
        let event = record.notice.as_ref()?.event;
        let episode = event.episode.filter(|_| event.phase.is_on())?;
        Some(episode.grade)
    });
    events.last().unwrap_or_default()
}
