//! Whole judgements, of a small machine at a frame of 15 samples.

use super::*;
use crate::event::{Kind, Phase};
use crate::status::{Health, Status};
use bellwether::rng::split_mix;

const LEARN: u32 = 400;
const FRAME: u64 = 15;

fn settings() -> Settings {
    Settings {
        frame_s: FRAME as u32,
        learn: LEARN,
        accept_after: 0,
        fit_share: 1.0,
        watch_learn: 4000,
        false_alarms_per_month: 10.0,
        ..Settings::default()
    }
}

fn channels() -> Vec<Channel> {
    (0..12)
        .map(|n| Channel {
            identity: match n {
                11 => "edac/mc0/ce".to_owned(),
                n => format!("0000:00:18.3/k10temp/temp{n}"),
            },
            chip: "chip".into(),
            sensor: format!("temp{n}"),
            unit: if n == 11 { "1/s" } else { "°C" },
            measure: if n == 11 {
                Measure::Errors
            } else {
                Measure::Gauge
            },
        })
        .collect()
}

/// A machine whose load drives eleven temperatures.
struct Machine {
    drawn: u64,
    load: f32,
    second: u64,
}

impl Machine {
    fn new() -> Self {
        Self {
            drawn: 0,
            load: 0.5,
            second: 0,
        }
    }

    fn sample(&mut self) -> Vec<Reading> {
        self.second += 1;
        let drawn = &mut self.drawn;
        let mut noise = || {
            *drawn += 1;
            (split_mix(7, *drawn) >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        self.load = (self.load + 0.02 * noise() + 0.01 * (0.5 - self.load)).clamp(0.0, 1.0);
        let load = self.load;
        let values = (0..12).map(|n| match n {
            11 => 0.0,
            n => 40.0 + (3.0 + n as f32) * load + 0.3 * noise(),
        });
        values.map(Reading::Value).collect()
    }

    /// Runs for some frames, with samples changed.
    fn run(
        &mut self,
        judge: &mut Judge,
        frames: u64,
        context: &Context,
        change: impl Fn(u64, &mut Vec<Reading>),
    ) -> Vec<Event> {
        let mut told = Vec::new();
        for n in 0..frames * FRAME {
            let mut sample = self.sample();
            change(n, &mut sample);
            if judge.take(1_000_000 + 1000 * self.second, &sample, context, &mut told) {
                judge.finish_fits();
            }
        }
        told
    }
}

fn learned() -> (Judge, Machine) {
    learned_with(&settings())
}

fn learned_with(settings: &Settings) -> (Judge, Machine) {
    let mut judge = Judge::new("n1", &channels(), settings, None).unwrap();
    let mut machine = Machine::new();
    let told = machine.run(
        &mut judge,
        u64::from(LEARN) + 40,
        &Context::default(),
        |_, _| (),
    );
    assert_eq!(told, [], "while it learns");
    let mut status = Status::default();
    judge.status(&mut status);
    assert!(
        status.groups.iter().all(|group| group.warming == 0),
        "{:?}",
        status.groups
    );
    (judge, machine)
}

fn is(events: &[Event], phase: Phase, kind: Kind) -> Vec<&Event> {
    let events = events.iter();
    events
        .filter(|event| event.phase == phase && event.kind == kind)
        .collect()
}

fn warmer(by: f32) -> impl Fn(u64, &mut Vec<Reading>) {
    move |_, sample| {
        if let Some(Reading::Value(value)) = sample.get_mut(4) {
            *value += by;
        }
    }
}

/// Broken if a healthy machine is told anything in an hour and a half, or the ratio is not 0.
#[test]
fn a_healthy_machine_is_silent() {
    let (mut judge, mut machine) = learned();
    let told = machine.run(&mut judge, 400, &Context::default(), |_, _| ());
    assert_eq!(told, []);
    let mut status = Status::default();
    judge.status(&mut status);
    assert_eq!(status.anomaly_ratio, 0.0);
    assert!(
        status
            .channels
            .iter()
            .all(|of| of.health != Health::Anomalous)
    );
}

/// Broken if the sensor is not named with value and expectation, or the alarm does not end with the fault.
#[test]
fn a_broken_sensor_within_its_range_is_named_and_cleared() {
    let settings = Settings {
        watchers: false,
        ..settings()
    };
    let (mut judge, mut machine) = learned_with(&settings);
    let told = machine.run(&mut judge, 20, &Context::default(), warmer(6.0));
    let started = is(&told, Phase::Start, Kind::Anomaly);
    let [start] = started[..] else {
        panic!("{told:?}")
    };
    assert_eq!(start.variables[0].channel, "0000:00:18.3/k10temp/temp4");
    let (value, expected) = (
        start.variables[0].value.unwrap(),
        start.variables[0].expected.unwrap(),
    );
    assert!(
        (3.0..9.0).contains(&(value - expected)),
        "{value} {expected}"
    );
    assert!(
        start.message.contains("temp4") && start.message.contains("°C"),
        "{}",
        start.message
    );
    let mut status = Status::default();
    judge.status(&mut status);
    assert_eq!(status.channels[4].health, Health::Anomalous);
    assert!(status.anomaly_ratio > 0.0 && status.active.len() == 1);
    let told = machine.run(&mut judge, 60, &Context::default(), |_, _| ());
    let cleared = is(&told, Phase::Clear, Kind::Anomaly);
    assert_eq!(cleared.len(), 1, "{told:?}");
    assert_eq!(cleared[0].id, start.id);
}

/// Broken if missingness is no signal: 18,000 corrected errors a second beside lost samples.
#[test]
fn errors_and_lost_samples_of_a_gpu_are_told_in_minutes() {
    let (mut judge, mut machine) = learned();
    let told = machine.run(&mut judge, 20, &Context::default(), |n, sample| {
        if n % 10 < 4 {
            sample[2] = Reading::Absent(Cause::Missing);
        }
        sample[11] = Reading::Value(17_700.0);
    });
    let errors = is(&told, Phase::Start, Kind::Errors);
    assert_eq!(errors.len(), 1, "{told:?}");
    assert_eq!(errors[0].variables[0].channel, "edac/mc0/ce");
    let missing = is(&told, Phase::Start, Kind::Missing);
    assert_eq!(missing.len(), 1, "{told:?}");
    assert!(missing[0].at_ms - 1_000_000 - (u64::from(LEARN) + 40) * FRAME * 1000 < 180_000);
    let mut status = Status::default();
    judge.status(&mut status);
    assert_eq!(
        (status.channels[2].health, status.channels[11].health),
        (Health::Missing, Health::Faulty)
    );
    assert!(
        (status.anomaly_ratio - 2.0 / 12.0).abs() < 0.1,
        "{}",
        status.anomaly_ratio
    );
}

/// Broken if a whole source that is lost is told sensor by sensor.
#[test]
fn a_lost_source_is_one_event() {
    let (mut judge, mut machine) = learned();
    let told = machine.run(&mut judge, 20, &Context::default(), |_, sample| {
        sample
            .iter_mut()
            .take(11)
            .for_each(|to| *to = Reading::Absent(Cause::Sensor));
    });
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((told[0].kind, told[0].phase), (Kind::Source, Phase::Start));
}

/// Broken if maintenance is told, or what outlasts it is not.
#[test]
fn maintenance_is_silent() {
    let (mut judge, mut machine) = learned();
    let maintenance = Context {
        maintenance: true,
        ..Context::default()
    };
    assert_eq!(machine.run(&mut judge, 20, &maintenance, warmer(60.0)), []);
    let told = machine.run(&mut judge, 1, &Context::default(), warmer(60.0));
    assert!(!told.is_empty());
    judge.silence(Some(u64::MAX));
    assert_eq!(
        is(
            &machine.run(&mut judge, 9, &Context::default(), warmer(90.0)),
            Phase::Start,
            Kind::Anomaly
        ),
        [] as [&Event; 0]
    );
}

/// Broken if a lasting change stays an alarm for ever, or is taken for healed.
#[test]
fn a_change_that_lasts_is_a_second_normal() {
    let settings = Settings {
        accept_after: 200,
        watchers: false,
        ..settings()
    };
    let (mut judge, mut machine) = learned_with(&settings);
    let told = machine.run(&mut judge, 190, &Context::default(), warmer(8.0));
    assert_eq!(is(&told, Phase::Start, Kind::Anomaly).len(), 1);
    assert_eq!(is(&told, Phase::Clear, Kind::Anomaly).len(), 0);
    let told = machine.run(&mut judge, 60, &Context::default(), warmer(8.0));
    let cleared = is(&told, Phase::Clear, Kind::Anomaly);
    assert_eq!(cleared.len(), 1, "{told:?}");
    assert!(
        cleared[0].message.contains("counts as normal"),
        "{}",
        cleared[0].message
    );
    let remarks = judge.remarks();
    assert!(
        remarks.iter().any(|line| line.contains("second normal")),
        "{remarks:?}"
    );
    let told = machine.run(&mut judge, 60, &Context::default(), |_, _| ());
    assert_eq!(told, [], "the old normal is known");
}

/// Broken if the end of a job is told, or a fault within one is not, or the event lacks the job.
#[test]
fn jobs_come_and_go_in_silence() {
    let busy = Context {
        job: Some(Job {
            id: "4711".into(),
            ..Job::default()
        }),
        ..Context::default()
    };
    let settings = Settings {
        watchers: false,
        ..settings()
    };
    let mut judge = Judge::new("n1", &channels(), &settings, None).unwrap();
    let mut machine = Machine::new();
    let hot = |_: u64, sample: &mut Vec<Reading>| {
        for reading in sample.iter_mut().take(11) {
            if let Reading::Value(value) = reading {
                *value += 20.0;
            }
        }
    };
    for _ in 0..6 {
        let mut told = machine.run(&mut judge, 50, &busy, hot);
        told.extend(machine.run(&mut judge, 50, &Context::default(), |_, _| ()));
        assert_eq!(told, []);
    }
    let mut told = machine.run(&mut judge, 50, &busy, hot);
    told.extend(machine.run(&mut judge, 50, &Context::default(), |_, _| ()));
    assert_eq!(told, [], "a job as before");
    let told = machine.run(&mut judge, 40, &busy, |n, sample| {
        hot(n, sample);
        warmer(if n > 20 * FRAME { 15.0 } else { 0.0 })(n, sample);
    });
    let started = is(&told, Phase::Start, Kind::Anomaly);
    assert_eq!(started.len(), 1, "{told:?}");
    assert_eq!(started[0].job.as_deref(), Some("4711"));
}

/// Broken if peers are not told with their median, or stay told without the job.
#[test]
fn a_node_apart_from_its_peers_is_told() {
    let (mut judge, mut machine) = learned();
    let peers = |values: f32| Context {
        job: Some(Job {
            id: "7".into(),
            ..Job::default()
        }),
        peers: Some(Peers {
            job: "7".into(),
            nodes: 3,
            values: vec![
                PeerValue {
                    scaled: f32::NAN,
                    median: values,
                    deviation: 1.0
                };
                12
            ],
        }),
        ..Context::default()
    };
    let told = machine.run(&mut judge, 20, &peers(80.0), |_, _| ());
    let started = is(&told, Phase::Start, Kind::Peers);
    assert_eq!(started.len(), 1, "{told:?}");
    assert!(
        started[0].message.contains("median of 3 peers 80 °C"),
        "{}",
        started[0].message
    );
    let told = machine.run(&mut judge, 4, &Context::default(), |_, _| ());
    assert_eq!(is(&told, Phase::Clear, Kind::Peers).len(), 1, "{told:?}");
}

/// Broken if an interrupted run tells something else than an uninterrupted one.
#[test]
fn a_restored_judgement_goes_on() {
    let settings = Settings {
        watchers: true,
        ..settings()
    };
    let (mut judge, mut machine) = learned_with(&settings);
    machine.run(&mut judge, 20, &Context::default(), warmer(6.0));
    let bytes = judge.save();
    let mut other = Judge::new("n1", &channels(), &settings, None).unwrap();
    let line = other.restore(&bytes).unwrap();
    assert_eq!(line, "12 of 12 channels; 1 of 2 groups with models");
    let (mut a, mut b) = (Status::default(), Status::default());
    judge.status(&mut a);
    other.status(&mut b);
    assert_eq!(a.active, b.active);
    let samples: Vec<Vec<Reading>> = (0..60 * FRAME).map(|_| machine.sample()).collect();
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (n, sample) in samples.iter().enumerate() {
        let at = 1_000_000 + 1000 * (machine.second - 60 * FRAME + 1 + n as u64);
        judge.take(at, sample, &Context::default(), &mut first);
        other.take(at, sample, &Context::default(), &mut second);
    }
    let phases = |events: &[Event]| -> Vec<(Phase, u64)> {
        events.iter().map(|event| (event.phase, event.id)).collect()
    };
    assert_eq!(phases(&first), phases(&second));
    assert!(!first.is_empty());
}

/// Broken if the loss of one sensor costs the others what is known of them.
#[test]
fn channels_are_taken_over_by_identity() {
    let (judge, _) = learned();
    let bytes = judge.save();
    let mut fewer = channels();
    fewer.remove(3);
    let mut other = Judge::new("n1", &fewer, &settings(), None).unwrap();
    let line = other.restore(&bytes).unwrap();
    assert!(
        line.starts_with("11 of 11 channels, 1 are gone; 0 of 2 groups"),
        "{line}"
    );
    assert!(line.contains("hwmon has other members"), "{line}");
}

/// Broken if damaged bytes are taken over, change anything, or panic.
#[test]
fn damaged_states_are_refused() {
    let (mut judge, _) = learned();
    let bytes = judge.save();
    for length in (0..bytes.len()).step_by(97).chain(0..40) {
        assert!(judge.restore(&bytes[..length]).is_err(), "{length}");
    }
    for place in (0..bytes.len()).step_by(53).chain(0..40) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1 << (place % 8);
        assert!(judge.restore(&bytes).is_err(), "{place}");
    }
    assert_eq!(judge.save(), bytes);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    /// Broken if a body with a right checksum and any content panics, or is kept in part.
    #[test]
    fn any_body_is_refused_or_taken_whole(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..300)) {
        let mut judge = Judge::new("n1", &channels(), &settings(), None).unwrap();
        let mut bytes = b"BWJUDGE\0\x01\0".to_vec();
        bytes.extend((body.len() as u32).to_le_bytes());
        bytes.extend(bellwether::wire::checksum(&body).to_le_bytes());
        bytes.extend(body);
        let _ = judge.restore(&bytes);
        judge.take(1000, &[Reading::Value(1.0)], &Context::default(), &mut Vec::new());
    }

    /// Broken if any values or times panic, or make an event without a finite value.
    #[test]
    fn any_sample_is_judged(values in proptest::collection::vec(proptest::prelude::any::<f32>(), 0..40), times in proptest::collection::vec(proptest::prelude::any::<u64>(), 1..40)) {
        let mut judge = Judge::new("n1", &channels(), &Settings { learn: 20, ..settings() }, None).unwrap();
        let sample: Vec<Reading> = values.iter().map(|value| Reading::Value(*value)).collect();
        let mut told = Vec::new();
        for at in times {
            judge.take(at, &sample, &Context::default(), &mut told);
        }
        let values = told.iter().flat_map(|event| &event.variables).filter_map(|of| of.value);
        proptest::prop_assert!(values.into_iter().all(f32::is_finite));
        let mut status = Status::default();
        judge.status(&mut status);
        proptest::prop_assert!(status.channels.iter().all(|of| of.value.is_none_or(f32::is_finite)));
    }
}
