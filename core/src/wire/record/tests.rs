//! Every record out and back, and everything that is no record.

use super::super::notice::Course;
use super::super::values::VALUES_MAX;
use super::*;
use crate::alarm::{Basis, Grade, Phase};
use crate::alert::Alert;
use crate::assessment::{Assessment, Blindness, State};
use crate::error::ReportError;
use crate::sample::Cause;
use crate::summary::Count;
use proptest::prelude::*;
use std::vec::Vec;
use std::{format, vec};

fn states() -> impl Strategy<Value = State> {
    let causes = prop::sample::select(vec![
        Blindness::Input(Cause::Missing),
        Blindness::Input(Cause::NotFinite),
        Blindness::Input(Cause::Sensor),
        Blindness::Input(Cause::Stuck),
        Blindness::OutOfOrder,
        Blindness::Training,
        Blindness::ThresholdInflated,
    ]);
    prop_oneof![
        any::<u32>().prop_map(|left| State::Warming { left }),
        Just(State::Normal),
        Just(State::Adapted),
        Just(State::Anomalous),
        Just(State::Early),
        causes.prop_map(|cause| State::Blind { cause }),
    ]
}

/// Every bit pattern.
fn floats() -> impl Strategy<Value = f32> {
    any::<u32>().prop_map(f32::from_bits)
}

fn alerts() -> impl Strategy<Value = Alert> {
    prop::sample::select(vec![Alert::None, Alert::Single, Alert::Correlated])
}

fn answers() -> impl Strategy<Value = Answer> {
    let numbers = prop::array::uniform3(prop::option::of(floats()));
    (states(), numbers, any::<bool>(), alerts()).prop_map(
        |(state, [expected, score, threshold], trained, alert)| Answer {
            state,
            expected,
            score,
            threshold,
            trained,
            alert,
        },
    )
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop::sample::select(vec![
        Outcome::Quiet,
        Outcome::Confirmed,
        Outcome::Agreeing,
        Outcome::Outvoted,
        Outcome::Local,
        Outcome::Waiting,
    ])
}

fn grades() -> impl Strategy<Value = Grade> {
    let all = vec![Grade::None, Grade::Info, Grade::Warning, Grade::Critical];
    prop::sample::select(all)
}

fn symptoms() -> impl Strategy<Value = Symptom> {
    prop::sample::select(vec![
        Symptom::Missing,
        Symptom::Stuck,
        Symptom::Range,
        Symptom::Rate,
    ])
}

fn notices() -> impl Strategy<Value = Notice> {
    let phases = vec![Phase::Quiet, Phase::Start, Phase::Update, Phase::Clear];
    let course = (any::<u32>(), floats(), grades(), any::<bool>());
    let course = course.prop_map(|(age, peak, grade, acknowledged)| Course {
        age,
        peak,
        grade,
        acknowledged,
    });
    (
        (prop::sample::select(phases), grades()),
        (prop::option::of(floats()), floats()),
        prop::option::of(course),
        any::<bool>(),
        prop::sample::select(vec![Basis::Calibrated, Basis::Extrapolated]),
    )
        .prop_map(
            |((phase, grade), (severity, threshold), episode, is_news, basis)| Notice {
                phase,
                grade,
                severity,
                threshold,
                episode,
                is_news,
                basis,
            },
        )
}

fn records() -> impl Strategy<Value = Record> {
    let hello = ("[!-~]{0,16}", any::<u16>(), any::<[u32; 4]>(), any::<u32>());
    let hello =
        hello.prop_map(
            |(name, variables, [warm_up, sizes @ ..], state_bytes)| Record::Hello {
                detector: Name::new(&name),
                variables,
                warm_up,
                sizes,
                state_bytes,
            },
        );
    let verdict = any::<(u64, Option<u64>, u16, u32)>();
    let verdict = verdict.prop_map(|(tick, vote_tick, lanes, correlations)| Record::Verdict {
        tick: Tick(tick),
        vote_tick: vote_tick.map(Tick),
        lanes,
        correlations,
    });
    let lane = (any::<u16>(), outcomes(), floats(), answers());
    let lane = lane.prop_map(|(variable, outcome, value, answer)| Record::Lane {
        variable,
        outcome,
        value,
        answer,
    });
    let correlation = (any::<[u16; 2]>(), floats());
    let correlation = correlation.prop_map(|([a, b], r)| Record::Correlation { a, b, r });
    let assessment = (any::<u64>(), answers(), any::<u8>(), any::<u16>());
    let assessment =
        assessment.prop_map(|(tick, answer, reason, contributions)| Record::Assessment {
            tick: Tick(tick),
            answer,
            reason,
            contributions,
        });
    let contribution = (any::<[u16; 2]>(), prop::array::uniform3(floats()));
    let contribution = contribution.prop_map(|([variable, frame], [value, expected, error])| {
        Record::Contribution {
            variable,
            frame,
            value,
            expected,
            error,
        }
    });
    let alarm = (any::<u64>(), notices(), any::<u16>());
    let alarm = alarm.prop_map(|(tick, notice, complaints)| Record::Alarm {
        tick: Tick(tick),
        notice,
        complaints,
    });
    let complaint = (any::<[u16; 2]>(), symptoms());
    let complaint = complaint.prop_map(|([variable, rows], symptom)| Record::Complaint {
        variable,
        symptom,
        rows,
    });
    let finding = (
        (any::<[u16; 2]>(), any::<[bool; 2]>()),
        prop::sample::select(Kind::ALL.to_vec()),
        prop::array::uniform3(floats()),
    );
    let finding = finding.prop_map(
        |(([variable, run], [is_final, is_outside]), kind, [jump, shift, gaps])| Record::Finding {
            variable,
            kind,
            is_final,
            is_outside,
            jump,
            shift,
            run,
            gaps,
        },
    );
    let values = prop::collection::vec(floats(), 0..=VALUES_MAX);
    let readings = (any::<u64>(), any::<[u16; 2]>(), values);
    let readings = readings.prop_map(|(tick, [variables, first], values)| Record::Readings {
        tick: Tick(tick),
        variables,
        first,
        values: Values::new(values),
    });
    let count = || (0..=Count::MOST).prop_map(Count::new);
    let summary = (prop::array::uniform21(count()), any::<[u32; 2]>());
    let summary = summary.prop_map(|(counts, [warm_up, worst])| {
        let [frames, trainings, alarms, lost, rest @ ..] = counts;
        Record::Summary(Summary {
            frames,
            warm_up,
            scores: rest[..8].try_into().unwrap(),
            blind: rest[8..15].try_into().unwrap(),
            alerts: rest[15..].try_into().unwrap(),
            trainings,
            alarms,
            lost,
            worst,
        })
    });
    prop_oneof![
        hello,
        verdict,
        lane,
        correlation,
        assessment,
        contribution,
        alarm,
        complaint,
        finding,
        readings,
        summary
    ]
}

/// The content as a frame.
fn framed(content: &[u8]) -> Vec<u8> {
    let mut frame: heapless::Vec<u8, 512> = heapless::Vec::new();
    cobs::encode(content, &mut frame);
    frame.to_vec()
}

/// A body as a frame, with a version and a right checksum.
fn sealed(version: u8, body: &[u8]) -> Vec<u8> {
    let mut content = vec![version];
    content.extend_from_slice(body);
    content.extend(checksum(&content).to_le_bytes());
    framed(&content)
}

/// The record with the longest encoding of its kind: every number at its largest.
fn largest(kind: &Record) -> (Record, usize) {
    let answer = Answer {
        state: State::Warming { left: u32::MAX },
        expected: Some(1.0),
        score: Some(1.0),
        threshold: Some(1.0),
        trained: true,
        alert: Alert::Correlated,
    };
    match kind {
        Record::Hello { .. } => {
            let record = Record::Hello {
                detector: Name::new("half-space-trees"),
                variables: u16::MAX,
                warm_up: u32::MAX,
                sizes: [u32::MAX; 3],
                state_bytes: u32::MAX,
            };
            (record, 46)
        }
        Record::Verdict { .. } => {
            let record = Record::Verdict {
                tick: Tick(u64::MAX),
                vote_tick: Some(Tick(u64::MAX)),
                lanes: u16::MAX,
                correlations: u32::MAX,
            };
            (record, 30)
        }
        Record::Lane { .. } => {
            let record = Record::Lane {
                variable: u16::MAX,
                outcome: Outcome::Waiting,
                value: 1.0,
                answer,
            };
            (record, 32)
        }
        Record::Correlation { .. } => {
            let record = Record::Correlation {
                a: u16::MAX,
                b: u16::MAX,
                r: 1.0,
            };
            (record, 11)
        }
        Record::Assessment { .. } => {
            let record = Record::Assessment {
                tick: Tick(u64::MAX),
                answer,
                reason: u8::MAX,
                contributions: u16::MAX,
            };
            (record, 38)
        }
        Record::Contribution { .. } => {
            let record = Record::Contribution {
                variable: u16::MAX,
                frame: u16::MAX,
                value: 1.0,
                expected: 1.0,
                error: 1.0,
            };
            (record, 19)
        }
        Record::Alarm { .. } => {
            let record = Record::Alarm {
                tick: Tick(u64::MAX),
                notice: Notice {
                    phase: Phase::Clear,
                    grade: Grade::Critical,
                    severity: Some(1.0),
                    threshold: 1.0,
                    episode: Some(Course {
                        age: u32::MAX,
                        peak: 1.0,
                        grade: Grade::Critical,
                        acknowledged: true,
                    }),
                    is_news: true,
                    basis: Basis::Extrapolated,
                },
                complaints: u16::MAX,
            };
            (record, 39)
        }
        Record::Complaint { .. } => {
            let record = Record::Complaint {
                variable: u16::MAX,
                symptom: Symptom::Rate,
                rows: u16::MAX,
            };
            (record, 8)
        }
        Record::Finding { .. } => {
            let record = Record::Finding {
                variable: u16::MAX,
                kind: Kind::Missing,
                is_final: true,
                is_outside: true,
                jump: 1.0,
                shift: 1.0,
                run: u16::MAX,
                gaps: 1.0,
            };
            (record, 22)
        }
        Record::Readings { .. } => {
            let record = Record::Readings {
                tick: Tick(u64::MAX),
                variables: u16::MAX,
                first: u16::MAX,
                values: Values::new([1.0; VALUES_MAX]),
            };
            (record, 54)
        }
        Record::Summary(_) => {
            let most = Count::new(Count::MOST);
            let record = Record::Summary(Summary {
                frames: most,
                warm_up: u32::MAX,
                scores: [most; 8],
                blind: [most; 7],
                alerts: [most; 2],
                trainings: most,
                alarms: most,
                lost: most,
                worst: u32::MAX,
            });
            (record, 53)
        }
    }
}

fn body(record: &Record) -> Vec<u8> {
    let mut buffer = [0; 256];
    postcard::to_slice(record, &mut buffer).unwrap().to_vec()
}

proptest! {
    /// Compared by its bytes, for NaN is not equal to itself. Broken by a field that is lost, a
    /// zero within a frame, or a record that is longer than the largest of its kind.
    #[test]
    fn every_record_comes_back(record in records()) {
        let frame = record.frame();
        prop_assert!(frame.len() <= RECORD_MAX);
        prop_assert_eq!(frame.iter().position(|byte| *byte == 0), Some(frame.len() - 1));
        let back = Record::parse(&frame).unwrap();
        prop_assert_eq!(format!("{back:?}"), format!("{record:?}"));
        prop_assert_eq!(back.frame(), frame.clone());
        prop_assert_eq!(Record::parse(&frame[..frame.len() - 1]).unwrap().frame(), frame);
        let (_, most) = largest(&record);
        prop_assert!(body(&record).len() <= most);
    }

    /// Broken by a check that a damaged byte or a lost one gets past.
    #[test]
    fn truncated_and_damaged_records_are_refused(record in records(), flip in 1u8..) {
        let frame = record.frame();
        for length in 0..frame.len() - 1 {
            prop_assert!(Record::parse(&frame[..length]).is_err(), "cut to {}", length);
        }
        for at in 0..frame.len() - 1 {
            let mut damaged = frame.to_vec();
            damaged[at] ^= flip;
            prop_assert!(Record::parse(&damaged).is_err(), "byte {} ^ {}", at, flip);
        }
    }

    /// Broken by a panic, or by a record that was read and cannot be written.
    #[test]
    fn hostile_bytes_are_refused_or_read(
        bytes in prop::collection::vec(any::<u8>(), 0..100),
        kind in 0u8..10,
    ) {
        let _ = Record::parse(&bytes);
        let mut body = bytes;
        if let Some(first) = body.first_mut() {
            *first = kind;
        }
        if let Ok(record) = Record::parse(&sealed(REPORT_VERSION, &body)) {
            prop_assert_eq!(Record::parse(&record.frame()).unwrap().frame(), record.frame());
        }
    }

    /// Broken by a field of a notice that is mixed up with another.
    #[test]
    fn notices_and_events_are_exchanged(notice in notices()) {
        let back = Notice::of(&notice.event(), notice.basis);
        prop_assert_eq!(format!("{back:?}"), format!("{notice:?}"));
    }

    /// An answer is the assessment it was made of. Broken by a field that is mixed up with another.
    #[test]
    fn answers_and_assessments_are_exchanged(answer in answers()) {
        let assessment = Assessment::from(answer);
        prop_assert_eq!(assessment.alert(), answer.alert.max(Assessment::bare(answer.state).alert()));
        let again = Answer { alert: assessment.alert(), ..answer };
        prop_assert_eq!(format!("{:?}", Answer::from(&assessment)), format!("{again:?}"));
        let back = Assessment::from(Answer::from(&assessment));
        prop_assert_eq!(format!("{back:?}"), format!("{assessment:?}"));
    }
}

/// Broken by a field that grows: a record's largest encoding, and so the buffer of every frame.
#[test]
fn the_largest_records_are_known_and_fit() {
    let answer = Answer::from(&Assessment::bare(State::Normal));
    let kinds = [
        Record::Hello {
            detector: Name::new(""),
            variables: 0,
            warm_up: 0,
            sizes: [0; 3],
            state_bytes: 0,
        },
        Record::Verdict {
            tick: Tick(0),
            vote_tick: None,
            lanes: 0,
            correlations: 0,
        },
        Record::Lane {
            variable: 0,
            outcome: Outcome::Quiet,
            value: 0.0,
            answer,
        },
        Record::Correlation { a: 0, b: 0, r: 0.0 },
        Record::Assessment {
            tick: Tick(0),
            answer,
            reason: 0,
            contributions: 0,
        },
        Record::Contribution {
            variable: 0,
            frame: 0,
            value: 0.0,
            expected: 0.0,
            error: 0.0,
        },
        Record::Alarm {
            tick: Tick(0),
            notice: Notice {
                phase: Phase::Quiet,
                grade: Grade::None,
                severity: None,
                threshold: 0.0,
                episode: None,
                is_news: false,
                basis: Basis::Calibrated,
            },
            complaints: 0,
        },
        Record::Complaint {
            variable: 0,
            symptom: Symptom::Missing,
            rows: 0,
        },
        Record::Finding {
            variable: 0,
            kind: Kind::Jump,
            is_final: false,
            is_outside: false,
            jump: 0.0,
            shift: 0.0,
            run: 0,
            gaps: 0.0,
        },
        Record::Readings {
            tick: Tick(0),
            variables: 0,
            first: 0,
            values: Values::new([]),
        },
        Record::Summary(Summary::new()),
    ];
    let mut most = 0;
    for (code, kind) in kinds.iter().enumerate() {
        assert_eq!(usize::from(body(kind)[0]), code, "the number of {kind:?}");
        let (record, bytes) = largest(kind);
        assert_eq!(body(&record).len(), bytes, "{record:?}");
        assert_eq!(record.frame().len(), 1 + bytes + 4 + 2);
        assert_eq!(Record::parse(&record.frame()), Ok(record));
        most = most.max(bytes);
    }
    assert_eq!(most, BODY_MAX);
}

/// Broken by a reader that takes another version's record for one of its own.
#[test]
fn other_versions_and_unknown_numbers_are_refused() {
    let verdict = [1, 0, 0, 0, 0];
    assert!(Record::parse(&sealed(REPORT_VERSION, &verdict)).is_ok());
    for found in [0, 1, 3, 255] {
        let refused = Record::parse(&sealed(found, &verdict));
        assert_eq!(refused, Err(ReportError::Version { found }));
    }
    for body in [
        &[][..],
        // Another record, a record with a byte too many, and one with a field too few.
        &[11, 0, 0],
        &[1, 0, 0, 0, 0, 0],
        &[1, 0, 0, 0],
        // A lane with another outcome, another state, and another cause.
        &[2, 0, 6, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0],
        &[2, 0, 0, 0, 0, 0, 0, 5, 7, 0, 0, 0, 0, 0],
        // Another alert, and a truth that is neither.
        &[2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 3],
        &[2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0],
        // An alarm with another phase, grade and basis, and a complaint with another symptom.
        &[6, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[6, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0],
        &[7, 0, 4, 0],
        // A finding of another kind, and a truth that is neither.
        &[8, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        &[8, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
        // Readings of ten variables in one record, and fewer than are stated.
        &[&[9, 0, 10, 0, 10][..], &[0; 40]].concat(),
        &[9, 0, 2, 0, 2, 0, 0, 0, 0],
        // A count beyond 14 bits.
        &[&[10, 0x80, 0x80, 1][..], &[0; 22]].concat(),
        // A name with a line feed, and one of 17 characters.
        &[0, 2, b'a', b'\n', 0, 0, 0, 0, 0, 0],
        &[&[0, 17][..], &[b'a'; 17], &[0; 6]].concat(),
    ] {
        let refused = Record::parse(&sealed(REPORT_VERSION, body));
        assert_eq!(refused, Err(ReportError::Content), "{body:?}");
    }
    let lane = [2, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0];
    assert!(Record::parse(&sealed(REPORT_VERSION, &lane)).is_ok());
    let alarm = [6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(Record::parse(&sealed(REPORT_VERSION, &alarm)).is_ok());
    let finding = [8, 0, 7, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(Record::parse(&sealed(REPORT_VERSION, &finding)).is_ok());
    let readings = [&[9, 0, 9, 0, 9][..], &[0; 36]].concat();
    assert!(Record::parse(&sealed(REPORT_VERSION, &readings)).is_ok());
    let summary = [&[10, 0xff, 0x7f][..], &[0; 22]].concat();
    assert!(Record::parse(&sealed(REPORT_VERSION, &summary)).is_ok());
    let hello = [0, 1, b'a', 0, 0, 0, 0, 0, 0];
    assert!(Record::parse(&sealed(REPORT_VERSION, &hello)).is_ok());
    assert_eq!(Record::parse(&[]), Err(ReportError::Truncated));
    assert_eq!(Record::parse(&framed(&[2, 0])), Err(ReportError::Truncated));
    assert_eq!(Record::parse(&[1; 200]), Err(ReportError::Framing));
}
