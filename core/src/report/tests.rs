//! Which records an answer becomes.

use super::*;
use crate::alarm::{self, Alarm, Basis};
use crate::assessment::State;
use crate::health::Symptom;
use crate::kind::Kind;
use crate::rola::{Rola, Rules, Settings};
use crate::sample::Reading;
use std::vec::Vec;

type Small = Rola<3, 60, 60>;

/// A reader: every verdict gets the lanes and the correlations it announces, no others.
fn whole(records: &[Record]) -> bool {
    let mut rest = records.iter();
    while let Some(record) = rest.next() {
        let Record::Verdict {
            lanes,
            correlations,
            ..
        } = record
        else {
            return false;
        };
        let lanes = usize::from(*lanes);
        let found = rest.by_ref().take(lanes);
        if found.filter(|r| matches!(r, Record::Lane { .. })).count() != lanes {
            return false;
        }
        let pairs = *correlations as usize;
        let found = rest.by_ref().take(pairs);
        if found
            .filter(|r| matches!(r, Record::Correlation { .. }))
            .count()
            != pairs
        {
            return false;
        }
    }
    true
}

/// Broken by a count that is not that of the followers, or a lane that is not the verdict's.
#[test]
fn a_verdict_is_followed_by_what_it_says() {
    let rules = Rules::new(Settings::DEFAULT).unwrap();
    let mut rola = Small::new();
    let (mut confirmed, mut silent) = (0, 0);
    for tick in 0..200u64 {
        let t = tick as f32;
        let jump = if tick % 50 == 49 { 20.0 } else { 0.0 };
        let a = 30.0 + libm::sinf(0.3 * t) + jump;
        let frame = [a, 2.0 * a + 0.01 * libm::sinf(1.7 * t), 5.0].map(Reading::Value);
        rola.decide(&rules, Tick(tick), &frame);
        let verdict = rola.verdict();
        let pairs: Vec<Correlation> = rola.correlations(&rules).collect();
        let all: Vec<Record> =
            records(verdict, pairs.iter().copied(), Detail::Everything).collect();
        assert!(whole(&all), "tick {tick}: {all:?}");
        assert_eq!(all.len(), 1 + 3 + pairs.len());
        let flagged: Vec<Record> =
            records(verdict, pairs.iter().copied(), Detail::Flagged).collect();
        assert!(whole(&flagged), "tick {tick}: {flagged:?}");
        if verdict.flagged().count() == 0 {
            assert_eq!(flagged, []);
            silent += 1;
        } else {
            assert_eq!(flagged.len(), 1 + verdict.flagged().count() + pairs.len());
        }
        for (k, record) in all.iter().skip(1).take(3).enumerate() {
            let lane = Record::Lane {
                variable: k as u16,
                outcome: verdict.outcome(k),
                value: verdict.value(k),
                answer: Answer::from(&verdict.lanes()[k]),
            };
            assert_eq!(*record, lane, "tick {tick}");
            confirmed += u32::from(verdict.outcome(k) == Outcome::Confirmed);
        }
    }
    assert!(confirmed > 0 && silent > 0, "{confirmed} {silent}");
}

fn contribution(feature: usize) -> Contribution {
    Contribution {
        feature,
        frame: 2,
        value: 81.0,
        expected: 62.5,
        error: 4.25,
    }
}

/// Broken by a count that is not that of the followers, or an alert that is not sent.
#[test]
fn an_assessment_is_followed_by_its_contributions() {
    let anomalous = Assessment::bare(State::Anomalous);
    let normal = Assessment::bare(State::Normal);
    let outvoted = normal.supported(Alert::Single);
    let top = [Some(contribution(7)), Some(contribution(300)), None];
    for (answer, detail, sent) in [
        (anomalous, Detail::Flagged, true),
        (outvoted, Detail::Flagged, true),
        (normal, Detail::Flagged, false),
        (normal, Detail::Everything, true),
    ] {
        let top = top.into_iter().flatten();
        let records: Vec<Record> = assessment_records(Tick(9), &answer, 4, top, detail).collect();
        if !sent {
            assert_eq!(records, []);
            continue;
        }
        let [head, first, second] = records[..] else {
            panic!("{records:?}");
        };
        let wanted = Record::Assessment {
            tick: Tick(9),
            answer: Answer::from(&answer),
            reason: 4,
            contributions: 2,
        };
        assert_eq!(head, wanted);
        assert_eq!(first, Record::from(contribution(7)));
        let wanted = Record::Contribution {
            variable: 300,
            frame: 2,
            value: 81.0,
            expected: 62.5,
            error: 4.25,
        };
        assert_eq!(second, wanted);
    }
}

/// Broken by a count that wraps around.
#[test]
fn no_more_contributions_are_sent_than_can_be_counted() {
    let many = (0..70_000).map(contribution);
    let answer = Assessment::bare(State::Anomalous);
    let mut records = assessment_records(Tick(0), &answer, 0, many, Detail::Flagged);
    let head = records.next();
    assert!(matches!(
        head,
        Some(Record::Assessment {
            contributions: 65_535,
            ..
        })
    ));
    assert_eq!(records.count(), 65_535);
}

/// Broken by a complaint that is not sent, by an alarm without its assessment, or by a clear that is silent
/// because the row is normal.
#[test]
fn a_notice_comes_with_its_complaints_and_before_its_assessment() {
    let rules = alarm::Rules::<0>::new(alarm::Settings::DEFAULT).unwrap();
    let mut alarm = Alarm::<0>::new();
    let mut at = |rows: u32, score: f32| {
        let events = (0..rows).map(|_| alarm.observe(&rules, Some(score)));
        events.last().unwrap()
    };
    let quiet = at(1000, 0.0);
    let started = at(1, 9.0);
    let cleared = (0..2000).map(|_| at(1, 0.0)).find(|event| event.is_news);
    let cleared = cleared.expect("the alarm clears");
    let complaint = |rows| Complaint {
        variable: 300,
        symptom: Symptom::Stuck,
        rows,
    };
    let (anomalous, normal) = (State::Anomalous, State::Normal);
    for (event, state, rows, detail, sent) in [
        (quiet, normal, 2, Detail::Flagged, false),
        (quiet, normal, 2, Detail::Everything, true),
        (quiet, normal, 1, Detail::Flagged, true),
        (started, anomalous, 2, Detail::Flagged, true),
        (cleared, normal, 2, Detail::Flagged, true),
    ] {
        let answer = Assessment::bare(state);
        let notice = Notice::of(&event, Basis::Extrapolated);
        let (complaints, parts) = ([complaint(rows)], [contribution(7)]);
        let finding = event.episode.map(|_| finding());
        let records = notice_records(Tick(9), &answer, notice, finding, complaints, parts, detail);
        let records: Vec<Record> = records.collect();
        if !sent {
            assert_eq!(records, []);
            continue;
        }
        let head = Record::Alarm {
            tick: Tick(9),
            notice,
            complaints: 1,
        };
        let rest = [
            Record::Complaint {
                variable: 300,
                symptom: Symptom::Stuck,
                rows,
            },
            Record::Assessment {
                tick: Tick(9),
                answer: Answer::from(&answer),
                reason: 0,
                contributions: 1,
            },
            Record::from(contribution(7)),
        ];
        let all = core::iter::once(head).chain(finding.map(Record::from));
        let wanted: Vec<Record> = all.chain(rest).collect();
        assert_eq!(records, wanted);
    }
}

fn finding() -> Finding {
    Finding {
        kind: Kind::Step,
        variable: 300,
        is_final: true,
        is_outside: false,
        jump: 7.5,
        shift: -3.0,
        run: 1,
        gaps: 0.25,
    }
}
