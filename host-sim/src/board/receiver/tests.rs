//! Records out, through bytes, and back to frames.

use super::*;
use bellwether::alarm::{Basis, Phase};
use bellwether::quartet::Shape;
use bellwether::report::{self, Detail, notice_records, records};
use bellwether::rola::{self, Rules, Settings};
use bellwether::{Detector, Reading, autoencoder, sentinel, sentinel_of};

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
                let quiet = report::Outcome::Quiet;
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

/// The records of a sentinel over two variables, the first of which is stuck from row 500 on, and the frames
/// they are made of.
fn watched(detail: Detail) -> (Vec<u8>, Vec<FrameRecord>) {
    const SHAPE: Shape = Shape::tiny(3);
    let rules = sentinel::Rules::try_from(sentinel::Settings::of_shape(SHAPE, 300)).unwrap();
    let basis = Basis::Extrapolated;
    let mut guard = <sentinel_of!(SHAPE)>::new();
    let (mut bytes, mut frames) = (Vec::new(), Vec::new());
    for tick in 0..600u64 {
        let wave = (tick * 7 % 23) as f32;
        let fault = if (400..420).contains(&tick) {
            30.0
        } else {
            0.0
        };
        let stuck = if tick >= 500 {
            5.5
        } else {
            (tick * 5 % 11) as f32
        };
        let frame = [stuck, 50.0 - wave + fault, wave].map(Reading::Value);
        let answer = guard.observe(&rules, Tick(tick), &frame);
        let (event, complaints) = (guard.event(), guard.complaints());
        let part = autoencoder::Contribution {
            feature: 1,
            error: tick as f32,
            ..Default::default()
        };
        let notice = report::Notice::of(&event, basis);
        let records = notice_records(
            Tick(tick),
            &answer,
            notice,
            guard.finding(),
            complaints,
            [part],
            detail,
        );
        let before = bytes.len();
        records.for_each(|record| bytes.extend_from_slice(&record.frame()));
        if bytes.len() > before {
            frames.push(FrameRecord {
                contributions: vec![Contribution {
                    variable: 1,
                    error: tick as f32,
                    ..Contribution::default()
                }],
                notice: Some(Box::new(Notice {
                    event,
                    basis,
                    finding: guard.finding(),
                    complaints: guard.complaints().collect(),
                })),
                ..FrameRecord::bare(tick, answer)
            });
        }
    }
    (bytes, frames)
}

fn assessed(bytes: &[u8]) -> Result<Vec<FrameRecord>, ReceiveError> {
    let (mut receiver, mut frames) = (Receiver::default(), Vec::new());
    for byte in bytes {
        if let Some(Received::Assessed(frame, 0)) = receiver.push(*byte)? {
            frames.push(frame);
        }
    }
    receiver.end()?;
    Ok(frames)
}

/// Broken by a field of an alarm or a complaint that is lost, or by one that another frame gets.
#[test]
fn alarms_and_complaints_come_with_their_assessments() {
    let (bytes, frames) = watched(Detail::Everything);
    let notices = || frames.iter().filter_map(|frame| frame.notice.as_ref());
    for phase in [Phase::Quiet, Phase::Start, Phase::Update, Phase::Clear] {
        assert!(
            notices().any(|notice| notice.event.phase == phase),
            "{phase}"
        );
    }
    assert!(notices().any(|notice| notice.complaints.len() == 1));
    assert_eq!(frames.len(), 600);
    assert_eq!(assessed(&bytes).unwrap(), frames);
    let (bytes, frames) = watched(Detail::Flagged);
    assert!((10..300).contains(&frames.len()), "{}", frames.len());
    assert_eq!(assessed(&bytes).unwrap(), frames);
}

/// Broken by a receiver that takes an assessment without its alarm, or an alarm without its assessment.
#[test]
fn a_lost_alarm_complaint_or_assessment_is_an_error() {
    let (bytes, frames) = watched(Detail::Everything);
    let records: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == 0).collect();
    let parsed = |k: usize| Record::parse(records[k]).unwrap();
    // Without an alarm that is on, there is no finding between the two.
    let complaint = (1..records.len()).find(|k| {
        let is_alarm = matches!(parsed(*k - 1), Record::Alarm { .. });
        is_alarm && matches!(parsed(*k), Record::Complaint { .. })
    });
    let complaint = complaint.unwrap();
    for at in complaint - 1..complaint + 2 {
        let mut lost = records.clone();
        lost.remove(at);
        assert!(assessed(&lost.concat()).is_err(), "{:?} lost", parsed(at));
        let mut again = records.clone();
        again.insert(at, records[at]);
        assert!(assessed(&again.concat()).is_err(), "{:?} twice", parsed(at));
    }
    // One that is lost is noticed if another came before.
    let mut findings = (0..records.len()).filter(|k| matches!(parsed(*k), Record::Finding { .. }));
    let finding = findings.nth(1).unwrap();
    let mut lost = records.clone();
    lost.remove(finding);
    assert!(assessed(&lost.concat()).is_err());
    let mut again = records.clone();
    again.insert(finding, records[finding]);
    assert!(assessed(&again.concat()).is_err());
    let without_complaints = 3; // of the second frame
    assert!(matches!(parsed(without_complaints), Record::Alarm { .. }));
    let mut lost = records.clone();
    lost.remove(without_complaints);
    assert!(assessed(&lost.concat()).is_err());
    assert_eq!(assessed(records[0]), Err(ReceiveError::Truncated));
    assert!(frames.len() > 2);
}
