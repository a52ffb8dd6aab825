//! The demonstration and its credit for faults.

use super::*;
use crate::detect::LaneRecord;
use crate::detect::sentinel::Notice;
use crate::metrics::events::MARGIN;
use crate::recording::Recording;
use bellwether::alarm::{self, Alarm, Basis, Grade, Phase};
use bellwether::health::{Health, Symptom};
use bellwether::report::Outcome;
use bellwether::{Assessment, Cause, State};

#[test]
fn the_recording_reads_back_to_the_same_bits() {
    let samples: Vec<_> = ServerNode::new(5).take(500).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("node.csv");
    record(&samples, std::fs::File::create(&path).unwrap()).unwrap();
    let mut recording = Recording::open(&path).unwrap();
    assert_eq!(recording.names(), VARIABLES);
    for sample in &samples {
        let row = recording.next_row().unwrap().unwrap();
        assert_eq!(row.timestamp, sample.timestamp.to_string());
        assert_eq!(row.readings, sample.values.map(Reading::Value));
        assert_eq!(row.label, Some(sample.label));
    }
}

fn judged(tick: u64, variable: usize, outcome: Outcome, state: State) -> Record {
    let lanes = (0..VARIABLES.len()).map(|k| LaneRecord {
        variable: k,
        value: 1.0,
        outcome: if k == variable {
            outcome
        } else {
            Outcome::Quiet
        },
        assessment: Assessment::bare(if k == variable { state } else { State::Normal }),
    });
    Record {
        tick,
        lanes: lanes.collect(),
        ..Record::default()
    }
}

#[test]
fn a_fault_is_found_only_by_what_comes_after_its_onset() {
    let fault = FAULTS[1];
    let stuck = State::Blind {
        cause: Cause::Stuck.into(),
    };
    let find = |records: &[Record]| Finding::of(&fault, records);
    let confirmed = |tick| judged(tick, 0, Outcome::Confirmed, State::Anomalous);
    assert_eq!(find(&[]), Finding::Missed);
    assert_eq!(find(&[confirmed(fault.first - 1)]), Finding::Missed);
    assert_eq!(find(&[confirmed(fault.last + MARGIN + 1)]), Finding::Missed);
    assert_eq!(
        find(&[confirmed(fault.first + 2)]),
        Finding::Confirmed { after: 2 }
    );
    let flagged = judged(fault.first + 1, 3, Outcome::Local, State::Anomalous);
    assert_eq!(
        find(std::slice::from_ref(&flagged)),
        Finding::Flagged {
            after: 1,
            variable: 3
        }
    );
    assert_eq!(
        find(&[flagged, confirmed(fault.last)]),
        Finding::Confirmed {
            after: fault.last - fault.first
        }
    );
    let own = judged(
        fault.first + 30,
        fault.kind.variable(),
        Outcome::Quiet,
        stuck,
    );
    assert_eq!(find(&[own]), Finding::Blind { after: 30 });
    let other = judged(fault.first + 30, 0, Outcome::Quiet, stuck);
    assert_eq!(find(&[other]), Finding::Missed);
}

fn rules() -> alarm::Rules<0> {
    alarm::Rules::new(alarm::Settings::DEFAULT).unwrap()
}

/// An alarm over rows from a tick on: a score that leaps after a thousand quiet ones.
fn alarm(from: u64) -> Vec<Record> {
    let (rules, mut alarm) = (rules(), Alarm::<0>::new());
    for t in 0..1000 {
        alarm.observe(&rules, Some((t % 3) as f32 / 10.0));
    }
    let rows = (from..from + 3).map(|tick| Record {
        tick,
        notice: Some(Box::new(Notice {
            event: alarm.observe(&rules, Some(9.0)),
            basis: Basis::Calibrated,
            finding: None,
            complaints: Vec::new(),
        })),
        ..Record::default()
    });
    rows.collect()
}

/// A sensor that is stuck from the first of these rows.
fn complaint(from: u64, variable: u16) -> Vec<Record> {
    let mut health = Health::<9>::new();
    let row = |t: u64, k: u64| Reading::Value((t * (k + 3) % 17) as f32);
    for t in 0..500 {
        health.learn(&std::array::from_fn::<_, 9, _>(|k| row(t, k as u64)));
    }
    let mut rows = Vec::new();
    for t in 500..520 {
        let mut frame = std::array::from_fn::<_, 9, _>(|k| row(t, k as u64));
        frame[usize::from(variable)] = Reading::Value(3.0);
        health.observe(&frame);
        let complaints: Vec<_> = health.complaints().collect();
        if complaints.is_empty() {
            continue;
        }
        rows.push(Record {
            tick: from + rows.len() as u64,
            notice: Some(Box::new(Notice {
                event: Alarm::<0>::new().observe(&rules(), None),
                basis: Basis::Calibrated,
                finding: None,
                complaints,
            })),
            ..Record::default()
        });
    }
    rows
}

/// Broken by credit for an alarm that was on before, or for a complaint about another sensor.
#[test]
fn an_alarm_or_a_complaint_is_credited_from_its_start() {
    let fault = FAULTS[1];
    let find = |records: &[Record]| Finding::of(&fault, records);
    let started = alarm(fault.first + 4);
    assert_eq!(
        started[0].notice.as_ref().unwrap().event.phase,
        Phase::Start
    );
    let found = Finding::Alarm {
        after: 4,
        grade: Grade::Critical,
        variable: None,
    };
    assert_eq!(find(&started), found);
    assert_eq!(finding::apart(&FAULTS, &started), 0);
    let before = alarm(fault.first - 1);
    assert_eq!(find(&before), Finding::Missed);
    assert_eq!(finding::apart(&FAULTS, &before), 1);
    let own = complaint(fault.first + 7, fault.kind.variable() as u16);
    let symptom = Symptom::Stuck;
    assert_eq!(find(&own), Finding::Complaint { after: 7, symptom });
    assert_eq!(find(&own[1..]), Finding::Missed);
    assert_eq!(find(&complaint(fault.first + 7, 0)), Finding::Missed);
}

fn demo(detector: &str, seed: u64, output: PathBuf) -> String {
    let args = Args {
        seed,
        detector: detector.to_owned(),
        output,
    };
    let mut out = Vec::new();
    demonstrate(&args, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Broken by a sentinel that misses a fault, on a node that nobody chose.
#[test]
fn the_sentinel_finds_all_four_faults_of_other_nodes_too() {
    for seed in [1, 2, 3, 4, 5] {
        let folder = tempfile::tempdir().unwrap();
        let out = demo("sentinel", seed, folder.path().to_owned());
        assert_eq!(out.matches("FOUND: ").count(), 4, "{out}");
        assert!(!out.contains("NOT FOUND"), "{out}");
        let stuck = "the sensor was reported stuck after";
        assert!(out.contains(stuck), "{out}");
        if seed == 1 {
            assert!(out.contains(&format!("{stuck} 7 min")), "{out}");
            assert!(out.contains("\n0 alarms apart from the faults."), "{out}");
            assert!(out.contains("173 rows: core2_c"), "{out}");
        }
    }
}

#[test]
fn rola_finds_the_stuck_sensor_and_writes_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("new");
    let out = demo("rola", 1, output.clone());
    assert!(out.contains("core2_c is blind: stuck"), "{out}");
    assert!(
        out.contains("FOUND: the sensor was reported stuck after 30 min"),
        "{out}"
    );
    assert!(
        out.contains("FOUND: confirmed by the vote after 0 min"),
        "{out}"
    );
    assert_eq!(
        out.matches("NOT CONFIRMED").count(),
        2,
        "one sensor alone convinces nobody: {out}"
    );
    assert!(output.join("node.csv").metadata().unwrap().len() > 10_000);
    let path = output.join("report.html");
    assert!(out.contains(&path.display().to_string()), "{out}");
    let page = std::fs::read_to_string(path).unwrap();
    assert!(page.ends_with("</html>\n") || page.ends_with("</html>"));
    assert!(page.contains("core2_c repeats one value"));
}
