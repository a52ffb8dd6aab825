//! A fault while it is looked for.

use super::LATE;
use super::case::{Case, Found};
use crate::detect::Record;
use crate::simulate::fault::{Channel, Planned, Tally};
use bellwether::Reading;
use bellwether::alarm::{Grade, Phase};

/// Age of an alarm at which its kind is final.
const FINAL: u64 = 10;

/// A fault.
pub(super) struct Watched<'a> {
    planned: &'a Planned,
    tally: Tally,
    case: Case,
    /// The first row of the alarm about it, while that is on.
    alarm: Option<u64>,
}

impl<'a> Watched<'a> {
    /// One in a recording of as many variables.
    pub fn new(planned: &'a Planned, variables: usize) -> Self {
        Self {
            planned,
            tally: Tally::new(&planned.channels),
            case: Case {
                fault: planned.kind,
                first: planned.first,
                channels: planned.channels.clone(),
                variables,
                severity: 0.0,
                found: None,
                highest: 0.0,
                symptoms: Vec::new(),
            },
            alarm: None,
        }
    }

    /// Takes a row as it was and as it is, and the answer to it. Returns whether the fault is present. An alarm that
    /// is no `news` is one that the recording raises without faults too.
    pub fn take(
        &mut self,
        before: &[Reading],
        after: &[Reading],
        record: &Record,
        news: bool,
    ) -> bool {
        let covers = self.planned.covers(record.tick);
        if covers {
            self.tally.push(record.tick, before, after);
        }
        let near = (self.planned.first..=self.planned.last + LATE).contains(&record.tick);
        if near {
            self.look(record, news);
        }
        self.follow(record, near);
        covers
    }

    /// Looks for an alarm and complaints that begin.
    fn look(&mut self, record: &Record, news: bool) {
        let Some(notice) = &record.notice else { return };
        let severity = notice.event.severity.unwrap_or(0.0);
        self.case.highest = self.case.highest.max(severity);
        for complaint in notice.complaints.iter().filter(|of| of.is_news()) {
            if self.case.channels.contains(&complaint.variable.into()) {
                self.case.symptoms.push(complaint.symptom);
            }
        }
        let begins = notice.event.phase == Phase::Start && news && self.case.found.is_none();
        if let (true, Some(finding)) = (begins, notice.finding) {
            let named = record.top().filter(|part| part.error > 0.0);
            self.case.found = Some(Found {
                delay: record.tick - self.planned.first,
                first: finding,
                last: finding,
                named: named.map(|part| part.variable).collect(),
                grade: Grade::None,
            });
            self.alarm = Some(record.tick);
        }
    }

    /// Follows the alarm about the fault.
    fn follow(&mut self, record: &Record, near: bool) {
        let notice = record.notice.as_ref();
        self.alarm = self
            .alarm
            .filter(|_| notice.is_some_and(|of| of.event.phase.is_on()));
        let (Some(begun), Some(found), Some(notice)) = (self.alarm, &mut self.case.found, notice)
        else {
            return;
        };
        if let (true, Some(finding)) = (record.tick <= begun + FINAL, notice.finding) {
            found.last = finding;
        }
        if let (true, Some(episode)) = (near, notice.event.episode) {
            found.grade = episode.grade;
        }
    }

    /// The case, with the severity of the fault.
    pub fn case(self, names: &[String], usual: &[Channel]) -> Case {
        let label = self.tally.label(self.planned.kind.name(), names, usual);
        Case {
            severity: label.and_then(|label| label.severity).unwrap_or(0.0),
            ..self.case
        }
    }
}
