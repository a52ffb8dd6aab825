//! The ring against a queue that keeps records as they are.

use bellwether::Tick;
use bellwether::port::ReportSink;
use bellwether::report::{RECORD_MAX, Record};
use bellwether_hal::{Full, Ring, RingError};
use proptest::prelude::*;
use std::collections::VecDeque;

const SIZE: usize = 150;

/// What is done to a ring.
#[derive(Clone, Debug)]
enum Step {
    Send(Vec<u8>),
    Pop,
    /// Into a sink that takes this many records and then fails.
    Drain(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let body = prop::collection::vec(1..=u8::MAX, 1..RECORD_MAX);
    let record = body.prop_map(|mut body| {
        body.push(0);
        body
    });
    prop_oneof![
        4 => record.prop_map(Step::Send),
        1 => prop::collection::vec(any::<u8>(), 0..2 * RECORD_MAX).prop_map(Step::Send),
        1 => Just(Step::Pop),
        1 => (0..4_usize).prop_map(Step::Drain),
    ]
}

/// The same rules on a queue of vectors.
struct Oracle {
    held: VecDeque<Vec<u8>>,
    full: Full,
    counts: [u32; 3],
}

impl Oracle {
    fn used(&self) -> usize {
        self.held.iter().map(Vec::len).sum()
    }

    fn send(&mut self, record: &[u8]) -> Result<(), RingError> {
        let zero = record.iter().position(|byte| *byte == 0);
        let framed = (2..=RECORD_MAX).contains(&record.len()) && zero == Some(record.len() - 1);
        if !framed {
            self.counts[2] += 1;
            return Err(RingError::NotARecord);
        }
        while self.used() + record.len() > SIZE {
            if self.full == Full::RefuseNew {
                self.counts[2] += 1;
                return Err(RingError::Full);
            }
            self.held.pop_front();
            self.counts[1] += 1;
        }
        self.held.push_back(record.to_vec());
        self.counts[0] += 1;
        Ok(())
    }
}

/// Takes `room` records, then fails.
struct Sink {
    room: usize,
    taken: Vec<Vec<u8>>,
}

impl ReportSink for Sink {
    type Error = &'static str;

    fn send(&mut self, record: &[u8]) -> Result<(), &'static str> {
        if self.taken.len() == self.room {
            return Err("no room");
        }
        self.taken.push(record.to_vec());
        Ok(())
    }
}

proptest! {
    // Breaks if a record is torn at the wrap, dropped in another order, counted twice, or lost
    // when the sink it was to go to fails.
    #[test]
    fn ring_does_what_a_queue_of_records_does(
        refuse in any::<bool>(),
        steps in prop::collection::vec(step(), 0..200),
    ) {
        let full = if refuse { Full::RefuseNew } else { Full::DropOldest };
        let mut ring = Ring::<SIZE>::with(full);
        let mut oracle = Oracle { held: VecDeque::new(), full, counts: [0; 3] };
        for step in steps {
            match step {
                Step::Send(bytes) => prop_assert_eq!(ring.send(&bytes), oracle.send(&bytes)),
                Step::Pop => prop_assert_eq!(ring.pop(<[u8]>::to_vec), oracle.held.pop_front()),
                Step::Drain(room) => {
                    let mut sink = Sink { room, taken: Vec::new() };
                    let drained = ring.drain_into(&mut sink);
                    let count = room.min(oracle.held.len());
                    let all = count == oracle.held.len();
                    prop_assert_eq!(drained, if all { Ok(count) } else { Err("no room") });
                    prop_assert_eq!(sink.taken, oracle.held.drain(..count).collect::<Vec<_>>());
                }
            }
            prop_assert_eq!(ring.records(), oracle.held.len());
            prop_assert_eq!(ring.is_empty(), oracle.held.is_empty());
            prop_assert_eq!(ring.used(), oracle.used());
            prop_assert_eq!([ring.stored(), ring.dropped(), ring.refused()], oracle.counts);
        }
        let mut rest = Vec::new();
        while let Some(record) = ring.pop(<[u8]>::to_vec) {
            rest.push(record);
        }
        prop_assert_eq!(rest, Vec::from(oracle.held));
    }
}

fn verdict(tick: u64) -> Record {
    Record::Verdict {
        tick: Tick(tick),
        vote_tick: None,
        lanes: 0,
        correlations: 0,
    }
}

// Breaks if the default keeps the beginning of a story rather than its end.
#[test]
fn full_ring_keeps_the_newest_records_by_default() {
    let mut ring = Ring::<RECORD_MAX>::default();
    for tick in 0..1000 {
        assert_eq!(ring.send(&verdict(tick).frame()), Ok(()));
    }
    let held = ring.records() as u64;
    assert!(held > 1);
    assert_eq!(u64::from(ring.dropped()), 1000 - held);
    for tick in 1000 - held..1000 {
        assert_eq!(ring.pop(Record::parse), Some(Ok(verdict(tick))));
    }
    assert!(ring.is_empty());
}

// Breaks if forgetting also forgets what was lost.
#[test]
fn cleared_ring_keeps_its_counters() {
    let mut ring = Ring::<RECORD_MAX>::with(Full::RefuseNew);
    while ring.send(&verdict(1).frame()).is_ok() {}
    let stored = ring.stored();
    ring.clear();
    assert_eq!((ring.records(), ring.used()), (0, 0));
    assert_eq!((ring.stored(), ring.refused()), (stored, 1));
    assert_eq!(ring.send(&verdict(2).frame()), Ok(()));
    assert_eq!(ring.pop(Record::parse), Some(Ok(verdict(2))));
}
