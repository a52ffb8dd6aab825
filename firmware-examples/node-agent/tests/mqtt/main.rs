//! The MQTT output against a real broker: restarts, power cuts, bounds, secrets.
#![cfg(feature = "mqtt")]

mod access;
mod broker;
mod hostile;
mod loss;

use bellwether_agent::event::{Blamed, Event, Kind, Phase, Severity};
use bellwether_agent::outputs::mqtt;
use bellwether_agent::sink::Sink;
use bellwether_agent::status::{ChannelStatus, Health, Status};
use broker::Broker;
use std::path::Path;
use std::sync::Arc;

/// Settings for a port and a queue, with further lines.
fn settings(port: u16, queue: &Path, lines: &str) -> mqtt::Settings {
    let host = if lines.contains("host =") {
        ""
    } else {
        "host = \"127.0.0.1\""
    };
    let retry = if lines.contains("retry_max_s =") {
        ""
    } else {
        "retry_max_s = 1"
    };
    let text = format!("{host}\n{retry}\nport = {port}\nqueue = {queue:?}\n{lines}");
    toml::from_str(&text).expect("settings")
}

fn open(port: u16, queue: &Path, lines: &str) -> Box<dyn Sink> {
    mqtt::open(&settings(port, queue, lines), "n1").expect("opens")
}

fn event(id: u64) -> Event {
    Event {
        id,
        phase: Phase::Start,
        kind: Kind::Anomaly,
        severity: Severity::Warning,
        node: "n1".into(),
        group: "hwmon".into(),
        since_ms: 1_700_000_000_000,
        at_ms: 1_700_000_000_000 + id,
        score: Some(7.5),
        threshold: Some(4.0),
        variables: vec![Blamed {
            channel: "0000:00:18.3/k10temp/temp1:Tctl".into(),
            unit: "°C".into(),
            value: Some(81.0),
            expected: Some(47.0),
            share: 0.75,
        }],
        job: None,
        message: "temp1:Tctl is 81 °C, usual is 47 °C".into(),
    }
}

fn status(surprise: f32) -> Arc<Status> {
    let channel = ChannelStatus {
        identity: "0000:00:18.3/k10temp/temp1:Tctl".into(),
        chip: "k10temp".into(),
        sensor: "temp1".into(),
        group: "hwmon".into(),
        unit: "°C",
        value: Some(81.0),
        expected: Some(47.0),
        usual: None,
        surprise,
        health: Health::Normal,
    };
    Arc::new(Status {
        at_ms: 1_700_000_000_250,
        anomaly_ratio: 1.0,
        channels: vec![channel],
        ..Status::default()
    })
}

const FRONT: &str = "org/org/cluster/cluster/node/n1/plugin/bellwether_pub/chnl";
const SCORE: &str = "data/0000:00:18.3%2Fk10temp%2Ftemp1:Tctl/anomaly_score";

/// Broken if a topic or a payload differs from the documented one, or one of the two protocols does not work.
#[test]
fn events_and_scores_arrive_in_both_versions() {
    for (version, qos) in [("3.1.1", 0), ("3.1.1", 1), ("5", 0), ("5", 1)] {
        let Some(mut broker) = Broker::new("") else {
            return;
        };
        broker.start();
        let Some(listener) = broker.listen("#", &[]) else {
            return;
        };
        let queue = tempfile::TempDir::new().expect("folder");
        let mut sink = open(
            broker.port,
            queue.path(),
            &format!("version = {version:?}\ndata_qos = {qos}"),
        );
        let online = listener.wait("online", |message| {
            message.topic == format!("{FRONT}/status")
        });
        assert_eq!(online.payload, "online");
        sink.tell(&event(3)).expect("told");
        sink.show(&status(2.5)).expect("shown");
        let told = listener.wait("event", |message| {
            message.topic == format!("{FRONT}/events/anomaly/hwmon")
        });
        let read: serde_json::Value = serde_json::from_str(&told.payload).expect("JSON");
        assert_eq!((&read["id"], &read["phase"]), (&3.into(), &"start".into()));
        assert_eq!(
            read["variables"][0]["channel"],
            "0000:00:18.3/k10temp/temp1:Tctl"
        );
        let score = listener.wait("score", |message| {
            message.topic == format!("{FRONT}/{SCORE}")
        });
        assert_eq!(score.payload, "2.5;1700000000.250");
        assert!(!score.retained);
        broker::wait("confirmed", || {
            sink.counts()
                .waiting
                .load(std::sync::atomic::Ordering::Relaxed)
                == 0
        });
        drop(sink);
        listener.wait("offline", |message| message.payload == "offline");
        // Who comes later sees the last event and the state, but no score.
        let late = broker.listen("#", &["-i", "late"]).expect("mosquitto_sub");
        late.wait("the kept event", |message| {
            message.retained && message.topic.contains("/events/")
        });
        late.wait("the kept state", |message| {
            message.retained && message.payload == "offline"
        });
        assert!(
            late.arrived()
                .iter()
                .all(|message| !message.topic.contains("/data/"))
        );
    }
}

/// Broken if a site's own layout is not used for every topic.
#[test]
fn a_layout_of_the_site_is_used() {
    let Some(mut broker) = Broker::new("") else {
        return;
    };
    broker.start();
    let Some(listener) = broker.listen("#", &[]) else {
        return;
    };
    let queue = tempfile::TempDir::new().expect("folder");
    let lines = "prefix = '/lrz/{cluster}/{node}'\ncluster = 'ng'";
    let mut sink = open(broker.port, queue.path(), lines);
    listener.wait("online", |message| message.topic == "/lrz/ng/n1/status");
    sink.tell(&event(1)).expect("told");
    listener.wait("event", |message| {
        message.topic == "/lrz/ng/n1/events/anomaly/hwmon"
    });
    sink.show(&status(2.5)).expect("shown");
    listener.wait("score", |message| {
        message.topic == format!("/lrz/ng/n1/{SCORE}")
    });
}
