//! A state and events to test outputs with.

use crate::event::{Blamed, Event, Kind, Phase, Severity};
use crate::status::{ChannelStatus, GroupStatus, Health, SelfStatus, Status};

/// A channel that does as usual.
pub fn channel(identity: &str, chip: &str, sensor: &str) -> ChannelStatus {
    ChannelStatus {
        identity: identity.into(),
        chip: chip.into(),
        sensor: sensor.into(),
        group: "hwmon".into(),
        unit: "°C",
        value: Some(48.5),
        expected: Some(47.25),
        usual: Some((45.0, 52.5)),
        surprise: 0.0,
        health: Health::Normal,
    }
}

/// An event that starts.
pub fn event() -> Event {
    Event {
        id: 7,
        phase: Phase::Start,
        kind: Kind::Anomaly,
        severity: Severity::Warning,
        node: "n001".into(),
        group: "hwmon".into(),
        since_ms: 1_795_960_800_000,
        at_ms: 1_795_960_830_500,
        score: Some(5.5),
        threshold: Some(4.0),
        variables: vec![Blamed {
            channel: "0000:00:18.3/k10temp/temp1:Tctl".into(),
            unit: "°C".into(),
            value: Some(81.5),
            expected: Some(47.25),
            share: 0.875,
        }],
        job: Some("4711".into()),
        message: "hwmon: temp1:Tctl is 81.5 °C, usual is 47.25 °C".into(),
    }
}

/// A state with a channel in each condition.
pub fn status() -> Status {
    let mut anomalous = channel(
        "0000:00:18.3/k10temp/temp1:Tctl",
        "pci0000:00_0000:00:18_3",
        "temp1",
    );
    anomalous.health = Health::Anomalous;
    anomalous.surprise = 3.5;
    let mut learning = channel("proc/stat/cpu/user", "proc", "cpu_user");
    (learning.health, learning.expected, learning.usual) = (Health::Learning, None, None);
    let mut missing = channel("edac/mc0/ce_count", "mc0", "ce_count");
    (missing.health, missing.value) = (Health::Missing, None);
    let usual = channel(
        "0000:00:18.3/k10temp/temp3:Tccd1",
        "pci0000:00_0000:00:18_3",
        "temp3",
    );
    Status {
        node: "n001".into(),
        at_ms: 1_795_960_830_500,
        anomaly_ratio: 0.25,
        job: Some("4711".into()),
        silenced: false,
        paused: true,
        channels: vec![anomalous, learning, missing, usual],
        groups: vec![GroupStatus {
            name: "hwmon".into(),
            variables: 4,
            warming: 0,
            score: Some(5.5),
            threshold: Some(4.0),
            severity: Some(9.0),
            alarm_at: 6.0,
            alarmed: true,
        }],
        active: vec![event()],
        started: [(Kind::Anomaly, 3), (Kind::Stuck, 1)].into(),
        agent: SelfStatus {
            uptime_s: 3600,
            wakeups: 3600,
            missed: 2,
            step_last_ns: 400_000,
            step_max_ns: 900_000,
            step_sum_ns: 1_500_000_000,
            read_s: [("hwmon".into(), 0.0125)].into(),
            read_failures: [("hwmon".into(), 1)].into(),
            resident_bytes: 9_000_000,
            state_bytes: 120_000,
            dropped: [("http".into(), 0)].into(),
            waiting: [("mqtt".into(), 5)].into(),
            repeated: [("mqtt".into(), 2)].into(),
            ..SelfStatus::default()
        },
    }
}

/// A program of the host that a test needs. `None` after a line if it is missing, where that is permitted.
///
/// # Panics
/// It is missing, and `CI` or `BELLWETHER_REQUIRE_SERVICES` says that it must not be.
pub fn program(name: &str) -> Option<std::process::Command> {
    let mut command = std::process::Command::new(name);
    command.arg("--version");
    let (out, error) = (std::process::Stdio::null(), std::process::Stdio::null());
    if command.stdout(out).stderr(error).status().is_ok() {
        return Some(std::process::Command::new(name));
    }
    let set = |name| std::env::var_os(name).is_some();
    assert!(
        !set("CI") && !set("BELLWETHER_REQUIRE_SERVICES"),
        "no {name}"
    );
    eprintln!("skipped: no {name}");
    None
}
