//! Brokers that are none.

use crate::broker::{self, Broker};
use crate::{event, open};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// Broken if any answer stops the link or loses an event: garbage, lies, refusals, silence.
#[test]
fn answers_of_any_kind_lose_nothing() {
    let answers: &[&[u8]] = &[
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\xff\xff\xff\xff\xff\xff\xff\xff",
        // An acceptance, then a length without end, a confirmation of nothing, a foreign message, a flood.
        b"\x20\x02\x00\x00\xff\xff\xff\xff\x7f",
        b"\x20\x02\x00\x00\x40\x02\x12\x34",
        b"\x20\x02\x00\x00\x30\x05\x00\x01axy",
        b"\x20\x02\x00\x00\x30\xff\xff\xff\x7f",
        b"\x20\x02\x00\x00\x40\x00\x50\x02\x00\x01\x62\x02\x00\x01\xd0\x00\xd0\x00",
        b"\x20\x02\x00\x05",
        b"\x20\x00",
    ];
    thread::scope(|scope| {
        for answer in answers {
            scope.spawn(|| lied_to("3.1.1", answer));
            scope.spawn(|| lied_to("5", answer));
        }
    });
}

/// Tells an event to a liar, then what is in the queue to a broker.
fn lied_to(version: &str, answer: &[u8]) {
    let mut answer = answer.to_vec();
    if version == "5" && answer.starts_with(b"\x20\x02\x00\x00") {
        // The acceptance of version 5 has properties: none.
        answer.splice(0..4, *b"\x20\x03\x00\x00\x00");
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let queue = TempDir::new().expect("folder");
    let mut sink = open(port, queue.path(), &format!("version = {version:?}"));
    sink.tell(&event(1)).expect("told");
    // It comes again after an answer that is none.
    for _ in 0..2 {
        let (mut stream, _) = listener.accept().expect("a connection");
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(&answer);
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(sink.counts().waiting.load(Ordering::Relaxed), 1);
    drop((listener, sink));
    // The queue is as good as before.
    let confirming = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = confirming.local_addr().expect("an address").port();
    let _sink = open(port, queue.path(), "");
    assert_eq!(take(&confirming, 1, true).len(), 1);
}

/// Reads a packet: its first byte and what follows its length.
fn packet(stream: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut byte = [0];
    stream.read_exact(&mut byte).ok()?;
    let (first, mut length, mut shift) = (byte[0], 0, 0);
    loop {
        stream.read_exact(&mut byte).ok()?;
        length |= usize::from(byte[0] & 0x7f) << shift;
        shift += 7;
        if byte[0] & 0x80 == 0 {
            break;
        }
    }
    let mut rest = vec![0; length];
    stream.read_exact(&mut rest).ok()?;
    Some((first, rest))
}

/// Takes a connection of MQTT 3.1.1 and `events` events, confirmed or not; their numbers.
fn take(listener: &TcpListener, events: usize, confirm: bool) -> Vec<u64> {
    let (mut stream, _) = listener.accept().expect("a connection");
    packet(&mut stream).expect("CONNECT");
    stream.write_all(b"\x20\x02\x00\x00").expect("CONNACK");
    let mut numbers = Vec::new();
    while numbers.len() < events {
        let (first, rest) = packet(&mut stream).expect("a packet");
        if first & 0xf0 != 0x30 {
            continue;
        }
        let (length, rest) = rest.split_first_chunk::<2>().expect("a topic");
        let (topic, rest) = rest.split_at(u16::from_be_bytes(*length).into());
        let (identifier, payload) = rest.split_at(2);
        if String::from_utf8_lossy(topic).contains("/events/") {
            let event: serde_json::Value = serde_json::from_slice(payload).expect("JSON");
            numbers.push(event["seq"].as_u64().expect("a number"));
        }
        if confirm {
            stream
                .write_all(&[0x40, 2, identifier[0], identifier[1]])
                .expect("PUBACK");
        }
    }
    // The confirmations must not be lost with the connection.
    thread::sleep(Duration::from_millis(500));
    numbers
}

/// Broken if what was on its way is not sent again with the same number, or a repetition is counted wrongly.
#[test]
fn what_is_not_confirmed_is_sent_again_and_counted() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let queue = TempDir::new().expect("folder");
    let port = listener.local_addr().expect("an address").port();
    let mut sink = open(port, queue.path(), "");
    for id in 0..20 {
        sink.tell(&event(id)).expect("told");
    }
    let confirmed = take(&listener, 6, true);
    let lost = take(&listener, 10, false);
    let counts = sink.counts();
    assert_eq!(counts.waiting.load(Ordering::Relaxed), 14);
    let rest = take(&listener, 14, true);
    broker::wait("confirmed", || counts.waiting.load(Ordering::Relaxed) == 0);
    assert!(confirmed.iter().all(|number| !rest.contains(number)));
    assert_eq!(lost, rest[..10]);
    let all: Vec<_> = confirmed.iter().chain(&rest).copied().collect();
    assert!(all.windows(2).all(|pair| pair[1] == pair[0] + 1), "{all:?}");
    // Of those handed over in the first two connections, up to a window more had left than were read.
    let repeated = counts.repeated.load(Ordering::Relaxed);
    assert!((10..=14 + 14).contains(&repeated), "{repeated} repeated");
}

/// Broken if a message that a broker of version 5 never takes holds up those behind it, or goes uncounted.
#[test]
fn a_message_that_is_too_large_for_the_broker_is_passed_over() {
    let Some(mut broker) = Broker::new("max_packet_size 3000") else {
        return;
    };
    broker.start();
    let Some(listener) = broker.listen("#", &["-V", "mqttv5"]) else {
        return;
    };
    let queue = TempDir::new().expect("folder");
    let mut sink = open(broker.port, queue.path(), "version = '5'");
    let mut large = event(1);
    large.message = "x".repeat(5_000);
    sink.tell(&event(0)).expect("told");
    sink.tell(&large).expect("told");
    sink.tell(&event(2)).expect("told");
    listener.wait("the event behind it", |message| {
        message.payload.contains("\"id\":2,")
    });
    broker::wait("all decided", || {
        sink.counts().waiting.load(Ordering::Relaxed) == 0
    });
    assert_eq!(sink.counts().lost.load(Ordering::Relaxed), 1);
    assert!(
        listener
            .arrived()
            .iter()
            .all(|message| !message.payload.contains("\"id\":1,"))
    );
}

/// Broken if a name without an address or a silent port holds up the end of the agent for long.
#[test]
fn an_end_does_not_wait_for_a_silent_broker() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let queue = TempDir::new().expect("folder");
    let mut sink = open(
        silent.local_addr().expect("an address").port(),
        queue.path(),
        "",
    );
    sink.tell(&event(1)).expect("told");
    let begin = std::time::Instant::now();
    drop(sink);
    assert!(
        begin.elapsed() < Duration::from_secs(15),
        "{:?}",
        begin.elapsed()
    );
}
