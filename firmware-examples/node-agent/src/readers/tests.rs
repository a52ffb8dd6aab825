use super::*;
use bellwether_hal::linux::probe::{Measure, Raw};
use std::sync::mpsc::{self, Receiver, Sender};

const SECOND: Duration = Duration::from_secs(1);
/// Long enough for a thread on a busy machine.
const LIMIT: Duration = Duration::from_secs(2);
const MISSING: Reading = Reading::Absent(Cause::Missing);

fn channel(identity: &str, measure: Measure) -> Channel {
    Channel {
        identity: identity.to_owned(),
        chip: String::new(),
        sensor: String::new(),
        unit: "",
        measure,
    }
}

/// A probe of one channel that does what it is told.
struct Told<F> {
    name: String,
    channels: [Channel; 1],
    answer: F,
    period: Duration,
}

impl<F: FnMut() -> Raw + Send + 'static> Told<F> {
    fn probe(name: &str, answer: F) -> Box<dyn Probe> {
        Self::every(name, Measure::Gauge, Duration::ZERO, answer)
    }

    fn every(name: &str, measure: Measure, period: Duration, answer: F) -> Box<dyn Probe> {
        Box::new(Self {
            name: name.to_owned(),
            channels: [channel(name, measure)],
            answer,
            period,
        })
    }
}

impl<F: FnMut() -> Raw + Send> Probe for Told<F> {
    fn name(&self) -> &str {
        &self.name
    }
    fn channels(&self) -> &[Channel] {
        &self.channels
    }
    fn read(&mut self, into: &mut [Raw]) {
        into[0] = (self.answer)();
    }
    fn period(&self) -> Duration {
        self.period
    }
}

/// A probe that hangs until it is told its value.
fn hanging(name: &str) -> (Sender<f64>, Box<dyn Probe>) {
    let (tell, told): (_, Receiver<f64>) = mpsc::channel();
    let answer = move || told.recv().map_err(|_| Cause::Sensor);
    (tell, Told::probe(name, answer))
}

fn read(readers: &mut Readers) -> Vec<Reading> {
    let mut into = vec![Reading::Value(-1.0); readers.channels().len()];
    let start = Instant::now();
    readers.read(SECOND, &mut into);
    // The limit and a machine that does not wake us up.
    assert!(start.elapsed() < LIMIT + 20 * SECOND);
    into
}

fn value(value: f32) -> Reading {
    Reading::Value(value)
}

/// Broken if one that hangs stops another, is read twice at once, or is not read again when it answers.
#[test]
fn probe_that_hangs_is_absent_alone_until_it_answers() {
    let (tell, slow) = hanging("slow/a");
    let (other, also) = hanging("slow/b");
    let mut count = 0.0;
    let counts = move || {
        count += 1.0;
        Ok(count)
    };
    let probes = vec![
        Told::probe("fast/1", || Ok(1.0)),
        slow,
        Told::probe("fast/2", counts),
        also,
        Told::probe("fast/3", || Ok(3.0)),
    ];
    let mut readers = Readers::start(probes, LIMIT).unwrap();
    for k in 1..4 {
        let expected = [value(1.0), MISSING, value(k as f32), MISSING, value(3.0)];
        assert_eq!(read(&mut readers), expected, "{k}");
    }
    let mut status = SelfStatus::default();
    readers.report(&mut status);
    assert_eq!(
        (status.read_failures["slow"], status.read_failures["fast"]),
        (2, 0)
    );
    // It took long, so its answer holds as long as it would take again.
    let mut later = || {
        std::thread::sleep(Duration::from_millis(1));
        let mut into = [MISSING; 5];
        readers.read(Duration::ZERO, &mut into);
        into[1]
    };
    tell.send(7.0).unwrap();
    assert!((0..20_000).any(|_| later() == value(7.0)));
    // A second answer is that of a second question.
    for k in 8..12 {
        tell.send(f64::from(k)).unwrap();
    }
    drop(tell);
    let mut seen = vec![7.0];
    assert!((0..20_000).any(|_| {
        let reading = later();
        seen.extend(reading.usable());
        reading == Reading::Absent(Cause::Sensor)
    }));
    seen.dedup();
    // Of two answers within a reading the later one is told.
    assert!(
        seen.is_sorted_by(|a, b| a < b) && seen.len() > 1,
        "{seen:?}"
    );
    drop(other);
}

/// Broken if a panic ends a lane, or if what panicked is called again.
#[test]
fn probe_that_panics_stops_no_other() {
    let mut calls = 0;
    let panics = move || {
        calls += 1;
        assert!(calls < 3, "as told by the test");
        Ok(5.0)
    };
    let probes = vec![
        Told::probe("a", panics),
        Told::probe("b", || Err(Cause::Stuck)),
        Told::probe("c", || Ok(1.0)),
    ];
    let mut readers = Readers::start(probes, LIMIT).unwrap();
    let stuck = Reading::Absent(Cause::Stuck);
    let all: Vec<_> = (0..5).map(|_| read(&mut readers)).collect();
    assert!(
        all[..2]
            .iter()
            .all(|r| *r == [value(5.0), stuck, value(1.0)])
    );
    let failed = [Reading::Absent(Cause::Sensor), stuck, value(1.0)];
    assert_eq!(all[2], failed);
    assert!(
        all[3..]
            .iter()
            .all(|r| r[0].usable().is_err() && r[1..] == failed[1..])
    );
    let failures: Vec<_> = readers.probes().map(|known| known.failures).collect();
    assert_eq!(failures, [1, 5, 0]);
}

/// Broken if a counter's value is told in place of its rate, or a probe is read more often than it wants.
#[test]
fn counters_are_rates_and_periods_are_kept() {
    let mut errors = 0.0;
    let counts = move || {
        errors += 60.0;
        Ok(errors)
    };
    let period = Duration::from_secs(3);
    let probes = vec![Told::every("x", Measure::Errors, period, counts)];
    let mut readers = Readers::start(probes, LIMIT).unwrap();
    let all: Vec<_> = (0..9).flat_map(|_| read(&mut readers)).collect();
    let (none, rate) = ([MISSING; 3], [value(20.0); 6]);
    assert_eq!(all, [&none[..], &rate[..]].concat());
}

/// Broken if two values could come for one name, or if more places than channels are a panic.
#[test]
fn second_channel_of_a_name_is_left_out() {
    let probes = vec![
        Told::probe("a", || Ok(1.0)),
        Told::probe("a", || Ok(2.0)),
        Told::probe("b", || Ok(3.0)),
    ];
    let mut readers = Readers::start(probes, LIMIT).unwrap();
    assert_eq!(read(&mut readers), [value(1.0), value(3.0)]);
    let mut into = [value(9.0); 3];
    readers.read(SECOND, &mut into);
    assert_eq!(into, [value(1.0), value(3.0), MISSING]);
    readers.read(SECOND, &mut into[..1]);
    assert_eq!(into[0], value(1.0));
    assert_eq!(readers.probe_of().collect::<Vec<_>>(), [0, 1]);
}

/// Broken if more probes hang than there may be threads and the agent waits for them.
#[test]
fn more_hanging_probes_than_lanes_delay_no_reading() {
    let limit = Duration::from_millis(50);
    let (keep, hang): (Vec<_>, Vec<_>) = (0..LANES + 5).map(|k| hanging(&format!("h/{k}"))).unzip();
    let mut readers = Readers::start(hang, limit).unwrap();
    for _ in 0..2000 {
        if readers.hall.lanes() == LANES {
            break;
        }
        let start = Instant::now();
        assert!(read(&mut readers).iter().all(|r| *r == MISSING));
        assert!(start.elapsed() < 10 * SECOND);
    }
    for _ in 0..5 {
        read(&mut readers);
    }
    assert_eq!(readers.hall.lanes(), LANES);
    drop(keep);
}

/// Broken if a probe that was late once costs a thread of its own for ever.
#[test]
fn probe_that_is_in_time_again_goes_back_to_the_others() {
    let (tell, slow) = hanging("slow");
    let probes = vec![slow, Told::probe("fast", || Ok(1.0))];
    let mut readers = Readers::start(probes, Duration::from_millis(200)).unwrap();
    read(&mut readers);
    assert_ne!(readers.records[0].lane, readers.records[1].lane);
    let mut back = false;
    for _ in 0..20 * QUICK {
        let _ = tell.send(1.0);
        read(&mut readers);
        back |= readers.records[0].lane == readers.records[1].lane;
    }
    assert!(back);
}
