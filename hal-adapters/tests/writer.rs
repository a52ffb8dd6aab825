//! The writer over streams that fail.

use bellwether::port::ReportSink;
use bellwether::report::Record;
use bellwether::{Assessment, State, Tick};
use bellwether_hal::{Ring, WriteError, Writer};
use embedded_io::{ErrorKind, ErrorType, Write};

/// A stream that takes at most `piece` bytes per call and fails when `budget` is used up.
struct Wire {
    bytes: Vec<u8>,
    piece: usize,
    budget: usize,
    flushed: usize,
}

impl Wire {
    fn new(piece: usize, budget: usize) -> Self {
        Self {
            bytes: Vec::new(),
            piece,
            budget,
            flushed: 0,
        }
    }

    /// What a reader makes of the bytes, frame by frame.
    fn records(&self) -> Vec<Option<Record>> {
        let frames = self.bytes.split_inclusive(|byte| *byte == 0);
        frames.map(|frame| Record::parse(frame).ok()).collect()
    }
}

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl Write for Wire {
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        let taken = buf.len().min(self.piece).min(self.budget);
        if taken == 0 && self.budget == 0 {
            return Err(ErrorKind::BrokenPipe);
        }
        self.bytes.extend(&buf[..taken]);
        self.budget -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), ErrorKind> {
        self.flushed += 1;
        Ok(())
    }
}

fn lane(variable: u8) -> Record {
    let mut assessment = Assessment::bare(State::Anomalous);
    (assessment.expected, assessment.score) = (Some(40.0), Some(0.5));
    Record::Lane {
        variable: variable.into(),
        outcome: bellwether::report::Outcome::Local,
        value: 41.5,
        answer: (&assessment).into(),
    }
}

const BROKEN: Result<(), WriteError<ErrorKind>> = Err(WriteError::Io(ErrorKind::BrokenPipe));

// Breaks if a short write is taken for a whole one.
#[test]
fn writer_that_takes_a_byte_at_a_time_gets_whole_records() {
    let mut writer = Writer::new(Wire::new(1, usize::MAX));
    for k in 0..3 {
        assert_eq!(writer.send(&lane(k).frame()), Ok(()));
    }
    assert_eq!((writer.sent(), writer.failed()), (3, 0));
    let expected: Vec<_> = (0..3).map(|k| Some(lane(k))).collect();
    assert_eq!(writer.inner().records(), expected);
}

// Breaks if a record torn at any of its bytes takes a later one with it, or if the stream is
// closed when nothing was torn.
#[test]
fn record_torn_at_any_byte_costs_only_itself() {
    let length = lane(1).frame().len();
    for torn_at in 0..length {
        let mut writer = Writer::new(Wire::new(5, length + torn_at));
        assert_eq!(writer.send(&lane(0).frame()), Ok(()));
        assert_eq!(writer.send(&lane(1).frame()), BROKEN, "byte {torn_at}");
        assert_eq!(writer.send(&lane(2).frame()), BROKEN, "byte {torn_at}");
        writer.inner_mut().budget = usize::MAX;
        assert_eq!(writer.send(&lane(3).frame()), Ok(()));
        assert_eq!(writer.send(&lane(4).frame()), Ok(()));
        assert_eq!((writer.sent(), writer.failed()), (3, 2));
        let (first, last) = (Some(lane(0)), [Some(lane(3)), Some(lane(4))]);
        let records = writer.inner().records();
        let between = match records.as_slice() {
            [a, between @ .., b, c] if (a, [*b, *c]) == (&first, last) => between,
            other => panic!("byte {torn_at}: {other:?}"),
        };
        let expected: &[Option<Record>] = match torn_at {
            0 => &[],
            // Only the closing zero was missing.
            n if n == length - 1 => &[Some(lane(1))],
            _ => &[None],
        };
        assert_eq!(between, expected, "byte {torn_at}");
    }
}

// Breaks if the writer loops for ever, or panics as `write_all` does.
#[test]
fn writer_that_takes_nothing_and_names_no_error_is_an_error() {
    let mut writer = Writer::new(Wire::new(0, 1));
    assert_eq!(writer.send(&lane(0).frame()), Err(WriteError::Stalled));
    assert_eq!((writer.sent(), writer.failed()), (0, 1));
}

// Breaks if records are flushed one by one, or a flush does not reach the writer.
#[test]
fn flush_happens_when_asked_for() {
    let mut writer = Writer::new(Wire::new(64, usize::MAX));
    assert_eq!(writer.send(&lane(0).frame()), Ok(()));
    assert_eq!(writer.inner().flushed, 0);
    assert_eq!(writer.flush(), Ok(()));
    assert_eq!(writer.into_inner().flushed, 1);
}

// Breaks if draining loses the record at which the link went down.
#[test]
fn ring_drained_over_a_broken_link_continues_where_it_stopped() {
    let record = |tick| Record::Verdict {
        tick: Tick(tick),
        vote_tick: None,
        lanes: 0,
        correlations: 0,
    };
    let mut ring = Ring::<256>::new();
    for tick in 0..5 {
        assert_eq!(ring.send(&record(tick).frame()), Ok(()));
    }
    let mut writer = Writer::new(Wire::new(64, 2 * record(0).frame().len() + 3));
    assert!(ring.drain_into(&mut writer).is_err());
    assert_eq!(ring.records(), 3);
    writer.inner_mut().budget = usize::MAX;
    assert_eq!(ring.drain_into(&mut writer), Ok(3));
    let told: Vec<_> = writer.inner().records().into_iter().flatten().collect();
    assert_eq!(told, (0..5).map(record).collect::<Vec<_>>());
}
