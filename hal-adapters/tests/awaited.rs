//! The twins that are awaited, over senders and sensors that wait, fail and are dropped.

use bellwether::port::ReportSink;
use bellwether::report::{RECORD_MAX, Record};
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::{
    AsyncChannels, AsyncChecked, Checked, Measurand, ReadFault, Ring, WriteError, Writer,
};
use core::cell::RefCell;
use embassy_futures::{block_on, poll_once, yield_now};
use embedded_io_async::{ErrorKind, ErrorType, Write};

const ABSENT: Reading = Reading::Absent(Cause::Sensor);

fn verdict(tick: u64) -> Record {
    Record::Verdict {
        tick: Tick(tick),
        vote_tick: None,
        lanes: 0,
        correlations: 0,
    }
}

fn filled(records: u64) -> Ring<256> {
    let mut ring = Ring::new();
    for tick in 0..records {
        ring.send(&verdict(tick).frame()).unwrap();
    }
    ring
}

/// Ticks of the records in a byte stream; `None` for what is none.
fn ticks(bytes: &[u8]) -> Vec<Option<u64>> {
    let frames = bytes.split_inclusive(|byte| *byte == 0);
    let tick = |frame: &[u8]| match Record::parse(frame) {
        Ok(Record::Verdict { tick, .. }) => Some(tick.0),
        _ => None,
    };
    frames.map(tick).collect()
}

// Breaks if a group's places move when it fails, if its neighbours lose theirs, or if a frame that
// was dropped on the way has a tick.
#[test]
fn frame_of_awaited_sensors_has_the_places_of_each() {
    let mut calls = 0;
    let axes = async move || {
        yield_now().await;
        calls += 1;
        if calls == 2 {
            Err("bus")
        } else {
            Ok([0.1_f32, 0.2, 9.0])
        }
    };
    let inlet = AsyncChecked::new(async || Ok::<f32, ()>(21.5), -55.0..=125.0);
    let pump = AsyncChecked::with(axes, [Measurand::new("g", -2.0..=2.0); 3]);
    let supply = Checked::new(|| Ok::<f32, ()>(12.0), 0.0..=16.0);
    let mut node = AsyncChannels::starting_at((inlet, pump, [supply]), Tick(7));
    let mut frame = [Reading::Value(0.0); 6];
    let [inlet, x, y, supply] = [21.5, 0.1, 0.2, 12.0].map(Reading::Value);
    let missing = Reading::Absent(Cause::Missing);

    assert_eq!(block_on(node.next_frame(&mut frame)), Ok(Tick(7)));
    assert_eq!(frame, [inlet, x, y, ABSENT, supply, missing]);
    assert!(poll_once(node.next_frame(&mut frame)).is_pending());
    assert_eq!(block_on(node.next_frame(&mut frame)), Ok(Tick(8)));
    assert_eq!(frame, [inlet, ABSENT, ABSENT, ABSENT, supply, missing]);
    let gauge = node.channels().1.gauge();
    assert_eq!((gauge.reads(), gauge.faults()), (2, 2));
    assert_eq!(gauge.last_fault(), Some(&ReadFault::Sensor("bus")));

    let refused = block_on(node.next_frame(&mut [missing; 4])).unwrap_err();
    assert_eq!((refused.variables, refused.room), (5, 4));
}

// Breaks if a measurement that was given up counts as one, or its time-out does not.
#[test]
fn time_out_is_noted_once() {
    let silent = async || core::future::pending::<Result<f32, ()>>().await;
    let mut inlet = AsyncChecked::new(silent, 0.0..=1.0);
    assert!(poll_once(inlet.readings()).is_pending());
    assert_eq!(inlet.gauge().reads(), 0);
    assert_eq!(inlet.timed_out(), [ABSENT]);
    assert_eq!((inlet.gauge().reads(), inlet.gauge().timeouts()), (1, 1));
    assert_eq!(inlet.last_fault(), Some(&ReadFault::TimedOut));
}

// Breaks if the record at which the link went down is lost, or one is sent twice.
#[test]
fn ring_drained_by_await_continues_at_the_failed_record() {
    let mut ring = filled(5);
    let (mut wire, mut left) = (Vec::new(), 2);
    let mut send = async |bytes: &[u8]| {
        yield_now().await;
        if left == 0 {
            left = 9;
            return Err("down");
        }
        left -= 1;
        wire.extend_from_slice(bytes);
        Ok(())
    };
    assert_eq!(block_on(ring.drain_async(&mut send)), Err("down"));
    assert_eq!(ring.records(), 3);
    assert!(poll_once(ring.drain_async(&mut send)).is_pending());
    assert_eq!(block_on(ring.drain_async(&mut send)), Ok(3));
    assert_eq!(ticks(&wire), [0, 1, 2, 3, 4].map(Some));
}

// Breaks if a release removes another record than the one that was sent: the ring dropped it
// meanwhile, was emptied, or all its numbers are used up.
#[test]
fn record_dropped_while_it_was_sent_is_not_released() {
    let ring = RefCell::new(filled(3));
    let mut buffer = [0; RECORD_MAX];
    let peeked = ring.borrow().peek(&mut buffer).unwrap();
    let before = ring.borrow().dropped();
    let mut tick = 3;
    while ring.borrow().dropped() == before {
        ring.borrow_mut().send(&verdict(tick).frame()).unwrap();
        tick += 1;
    }
    let records = ring.borrow().records();
    assert!(!ring.borrow_mut().release(peeked.number()));
    assert_eq!(ring.borrow().records(), records);

    let peeked = ring.borrow().peek(&mut buffer).unwrap();
    assert_eq!(ticks(peeked.bytes()), [Some(1)]);
    assert!(ring.borrow_mut().release(peeked.number()));
    assert!(!ring.borrow_mut().release(peeked.number()));
    assert_eq!(ring.borrow().records(), records - 1);

    let peeked = ring.borrow().peek(&mut buffer).unwrap();
    ring.borrow_mut().clear();
    ring.borrow_mut().send(&verdict(99).frame()).unwrap();
    assert!(!ring.borrow_mut().release(peeked.number()));
    assert_eq!(ring.borrow_mut().pop(ticks), Some(vec![Some(99)]));
}

/// A stream that takes at most `piece` bytes per call, after a wait, and fails when `budget` is used
/// up.
struct Wire {
    bytes: Vec<u8>,
    piece: usize,
    budget: usize,
}

impl ErrorType for Wire {
    type Error = ErrorKind;
}

impl Write for Wire {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        let taken = buf.len().min(self.piece).min(self.budget);
        if taken == 0 && self.budget == 0 {
            return Err(ErrorKind::BrokenPipe);
        }
        self.bytes.extend(&buf[..taken]);
        self.budget -= taken;
        yield_now().await;
        Ok(taken)
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

fn writer(piece: usize, budget: usize) -> Writer<Wire> {
    let bytes = Vec::new();
    Writer::new(Wire {
        bytes,
        piece,
        budget,
    })
}

// Breaks if a record torn at any of its bytes takes a later one with it, or if the stream is closed
// when nothing was torn.
#[test]
fn record_torn_at_any_byte_costs_only_itself() {
    let length = verdict(1).frame().len();
    for torn_at in 0..length {
        let mut writer = writer(5, length + torn_at);
        let mut send = |tick| block_on(writer.send_async(&verdict(tick).frame()));
        assert_eq!(send(0), Ok(()));
        let broken = Err(WriteError::Io(ErrorKind::BrokenPipe));
        assert_eq!((send(1), send(2)), (broken, broken), "byte {torn_at}");
        writer.inner_mut().budget = usize::MAX;
        let mut send = |tick| block_on(writer.send_async(&verdict(tick).frame()));
        assert_eq!((send(3), send(4)), (Ok(()), Ok(())));
        assert_eq!((writer.sent(), writer.failed()), (3, 2));
        let between: &[Option<u64>] = match torn_at {
            0 => &[],
            // Only the closing zero was missing.
            n if n == length - 1 => &[Some(1)],
            _ => &[None],
        };
        let wanted = [&[Some(0)], between, &[Some(3), Some(4)]].concat();
        assert_eq!(ticks(&writer.inner().bytes), wanted, "byte {torn_at}");
    }
}

// Breaks if a record whose sending was dropped is not closed, or is counted.
#[test]
fn record_dropped_on_the_way_costs_only_itself() {
    let mut writer = writer(5, usize::MAX);
    assert!(poll_once(writer.send_async(&verdict(0).frame())).is_pending());
    assert_eq!(block_on(writer.send_async(&verdict(1).frame())), Ok(()));
    assert_eq!(block_on(writer.flush_async()), Ok(()));
    assert_eq!((writer.sent(), writer.failed()), (1, 0));
    assert_eq!(ticks(&writer.inner().bytes), [None, Some(1)]);
}

// Breaks if a writer that takes nothing is awaited for ever.
#[test]
fn writer_that_takes_nothing_and_names_no_error_is_an_error() {
    let mut writer = writer(0, 1);
    let sent = block_on(writer.send_async(&verdict(0).frame()));
    assert_eq!(sent, Err(WriteError::Stalled));
    assert_eq!((writer.sent(), writer.failed()), (0, 1));
}
