//! Losses of the broker and of the agent.

use crate::broker::{self, Broker};
use crate::{event, open};
use bellwether_agent::sink::Sink;
use std::collections::BTreeSet;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{env, thread};
use tempfile::TempDir;

fn tell(sink: &mut Box<dyn Sink>, ids: std::ops::Range<u64>) {
    for id in ids {
        sink.tell(&event(id)).expect("told");
    }
}

/// Broken if an event is lost over a restart of the broker.
#[test]
fn restarts_of_the_broker_lose_nothing() {
    for version in ["3.1.1", "5"] {
        let Some(mut broker) = Broker::new("") else {
            return;
        };
        broker.start();
        let Some(listener) = broker.listen("#", &[]) else {
            return;
        };
        let queue = TempDir::new().expect("folder");
        let mut sink = open(broker.port, queue.path(), &format!("version = {version:?}"));
        listener.wait("online", |message| message.payload == "online");
        tell(&mut sink, 0..40);
        broker.stop();
        tell(&mut sink, 40..80);
        broker.start();
        tell(&mut sink, 80..120);
        let distinct = || listener.numbers().into_iter().collect::<BTreeSet<_>>();
        broker::wait("all events", || distinct().len() == 120);
        broker::wait("all confirmed", || {
            sink.counts().waiting.load(Ordering::Relaxed) == 0
        });
        let numbers: Vec<_> = distinct().into_iter().collect();
        assert!(
            numbers.windows(2).all(|pair| pair[1] == pair[0] + 1),
            "{numbers:?}"
        );
        let counts = sink.counts();
        assert_eq!(counts.pushed_out.load(Ordering::Relaxed), 0);
        assert_eq!(counts.lost.load(Ordering::Relaxed), 0);
    }
}

/// Broken if a broker that hangs holds up the agent, or what it has swallowed is not sent again and counted.
#[test]
fn a_broker_that_hangs_holds_up_nobody() {
    let Some(mut broker) = Broker::new("") else {
        return;
    };
    broker.start();
    let queue = TempDir::new().expect("folder");
    let mut sink = open(broker.port, queue.path(), "");
    tell(&mut sink, 0..1);
    let counts = sink.counts();
    broker::wait("confirmed", || counts.waiting.load(Ordering::Relaxed) == 0);
    broker.signal("-STOP");
    // These return although nobody reads.
    tell(&mut sink, 1..300);
    assert_eq!(counts.waiting.load(Ordering::Relaxed), 299);
    thread::sleep(Duration::from_millis(300));
    broker.kill();
    broker.start();
    broker::wait("all confirmed", || {
        counts.waiting.load(Ordering::Relaxed) == 0
    });
    // The window was on its way when the broker died.
    let repeated = counts.repeated.load(Ordering::Relaxed);
    assert!((1..=16).contains(&repeated), "{repeated} repeated");
    assert_eq!(counts.pushed_out.load(Ordering::Relaxed), 0);
}

/// Broken if the bound loses a newer event before an older one, or loses one uncounted.
#[test]
fn the_bound_drops_the_oldest_and_counts_them() {
    let Some(mut broker) = Broker::new("") else {
        return;
    };
    let queue = TempDir::new().expect("folder");
    let mut sink = open(broker.port, queue.path(), "queue_bytes = 65536");
    tell(&mut sink, 0..400);
    let counts = sink.counts();
    let gone = counts.pushed_out.load(Ordering::Relaxed);
    assert!(gone > 0 && counts.waiting.load(Ordering::Relaxed) + gone == 400);
    broker.start();
    let Some(listener) = broker.listen("#", &[]) else {
        return;
    };
    broker::wait("all confirmed", || {
        counts.waiting.load(Ordering::Relaxed) == 0
    });
    drop(sink);
    listener.wait("the last event", |message| {
        message.payload.contains("\"id\":399,")
    });
    assert_eq!(counts.pushed_out.load(Ordering::Relaxed), gone);
    // Who comes too late for the rest sees the newest as the kept one.
    let last = listener.numbers().into_iter().max().expect("events");
    let mut again = open(broker.port, queue.path(), "");
    tell(&mut again, 400..401);
    listener.wait("the next event", |message| {
        message.payload.contains("\"id\":400,")
    });
    assert_eq!(
        listener.numbers().into_iter().max(),
        Some(last + 1),
        "numbers go on"
    );
}

/// The agent's side of the tests below, in a process of its own that can be killed.
#[test]
fn child() {
    let Ok(port) = env::var("BELLWETHER_TEST_MQTT_PORT") else {
        return;
    };
    let queue = env::var_os("BELLWETHER_TEST_MQTT_QUEUE").expect("a folder");
    let mut sink = open(port.parse().expect("a port"), queue.as_ref(), "");
    tell(&mut sink, 0..10);
    std::fs::write(std::path::Path::new(&queue).join("told"), "").expect("told");
    thread::sleep(Duration::from_secs(600));
}

fn spawn(port: u16, queue: &TempDir) -> Child {
    let child = Command::new(env::current_exe().expect("this program"))
        .args(["--exact", "loss::child", "--nocapture"])
        .env("BELLWETHER_TEST_MQTT_PORT", port.to_string())
        .env("BELLWETHER_TEST_MQTT_QUEUE", queue.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child");
    broker::wait("told", || queue.path().join("told").exists());
    child
}

/// Broken if a killed agent seems alive to those who listen.
#[test]
fn the_last_will_tells_of_a_killed_agent() {
    let Some(mut broker) = Broker::new("") else {
        return;
    };
    broker.start();
    let Some(listener) = broker.listen("+/+/+/+/+/+/+/+/+/status", &["-t", "#"]) else {
        return;
    };
    let queue = TempDir::new().expect("folder");
    let mut child = spawn(broker.port, &queue);
    listener.wait("online", |message| message.payload == "online");
    child.kill().expect("killed");
    child.wait().expect("ended");
    let will = listener.wait("offline", |message| message.payload == "offline");
    assert!(will.topic.ends_with("/chnl/status"), "{will:?}");
}

/// Broken if an event that was told is lost when the agent is killed before the broker has it.
#[test]
fn a_killed_agent_loses_no_event_that_was_told() {
    let Some(mut broker) = Broker::new("") else {
        return;
    };
    let queue = TempDir::new().expect("folder");
    let mut child = spawn(broker.port, &queue);
    child.kill().expect("killed");
    child.wait().expect("ended");
    broker.start();
    let Some(listener) = broker.listen("#", &[]) else {
        return;
    };
    // The session of the listener begins before anything is sent.
    thread::sleep(Duration::from_secs(1));
    let sink = open(broker.port, queue.path(), "");
    broker::wait("all events", || listener.numbers().len() >= 10);
    drop(sink);
    assert_eq!(listener.numbers().len(), 10);
}
