//! Drawings of a made-up machine, and keys that change them.

use super::*;
use crate::commands::watch::keys::{Asked, press};
use bellwether_agent::event::{Event, Kind, Phase};
use bellwether_agent::status::{ChannelStatus, GroupStatus, Health, Status};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::crossterm::event::{KeyCode, KeyEvent};

fn channel(name: &str, surprise: f32, health: Health) -> ChannelStatus {
    ChannelStatus {
        identity: format!("0000:00:18.3/k10temp/{name}"),
        chip: "k10temp".into(),
        sensor: name.into(),
        group: "hwmon".into(),
        unit: "°C",
        value: (health != Health::Missing).then_some(40.0 + surprise),
        expected: Some(40.0),
        usual: Some((38.0, 42.5)),
        surprise,
        health,
    }
}

fn event(id: u64, phase: Phase, message: &str) -> Event {
    Event {
        id,
        phase,
        kind: Kind::Anomaly,
        severity: Severity::Warning,
        node: "node42".into(),
        group: "hwmon".into(),
        since_ms: 1_000_000_000_000,
        at_ms: 1_000_000_060_000,
        score: Some(9.0),
        threshold: Some(6.0),
        variables: Vec::new(),
        job: None,
        message: message.into(),
    }
}

/// A machine of as many channels, of which channel 1 is anomalous and channel 2 is missing.
fn machine(channels: usize) -> Status {
    let of = |k: usize| match k {
        1 => channel("temp1", 7.5, Health::Anomalous),
        2 => channel("temp2", 0.0, Health::Missing),
        _ => channel(&format!("temp{k}"), 0.0, Health::Normal),
    };
    let group = |name: &str, score, alarmed| GroupStatus {
        name: name.into(),
        variables: channels,
        warming: 0,
        score: Some(score),
        threshold: Some(6.0),
        severity: None,
        alarm_at: 1.0,
        alarmed,
    };
    Status {
        node: "node42".into(),
        at_ms: 1_000_000_060_000,
        anomaly_ratio: 0.25,
        job: Some("4711".into()),
        channels: (0..channels).map(of).collect(),
        groups: vec![group("proc", 2.0, false), group("hwmon", 9.0, true)],
        active: vec![
            event(1, Phase::Start, "fan1 has stopped"),
            event(2, Phase::Start, "temp1 is 7.5 °C too warm"),
        ],
        ..Status::default()
    }
}

fn seen(status: Status) -> View {
    let mut view = View::default();
    view.take(status, Vec::new());
    view
}

/// The rows of the screen as text.
fn drawn(view: &View, width: u16, height: u16) -> Vec<String> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| draw(frame, view)).unwrap();
    let buffer = terminal.backend().buffer();
    let row = |y| {
        (0..width)
            .map(|x| buffer[(x, y)].symbol())
            .collect::<String>()
    };
    (0..height).map(|y| row(y).trim_end().to_owned()).collect()
}

fn type_keys(view: &mut View, keys: &str) -> Asked {
    let mut asked = Asked::Nothing;
    for key in keys.chars() {
        let code = match key {
            '\n' => KeyCode::Enter,
            '\t' => KeyCode::Tab,
            '↓' => KeyCode::Down,
            '↑' => KeyCode::Up,
            '⇓' => KeyCode::PageDown,
            '⌫' => KeyCode::Backspace,
            '␛' => KeyCode::Esc,
            c => KeyCode::Char(c),
        };
        asked = press(view, KeyEvent::from(code));
    }
    asked
}

/// Broken if a part of the machine has no place on the smallest usual terminal.
#[test]
fn eighty_by_twenty_four_shows_node_job_groups_channels_events_and_keys() {
    let screen = drawn(&seen(machine(40)), 80, 24);
    let all = screen.join("\n");
    for part in [
        "node42",
        "job 4711",
        "anomaly ratio  25 %",
        "1 anomalous, 1 missing",
        "ALARM",
        "9 /       6",
        "temp1",
        "47.5 °C",
        "38…42.5",
        "temp1 is 7.5 °C too warm",
        "fan1 has stopped",
        "1m ago",
        "chip k10temp",
        "q quit",
    ] {
        assert!(all.contains(part), "{part:?} is not in\n{all}");
    }
    let at = |part: &str| screen.iter().position(|row| row.contains(part)).unwrap();
    assert!(
        at("hwmon   ") < at("proc   "),
        "the alarm comes first:\n{all}"
    );
    let channels = at("40 channels by surprise");
    assert!(screen[channels + 1].contains("/temp1 "), "{all}");
}

/// Broken by arithmetic on sizes that a resize brings.
#[test]
fn every_size_is_drawn_without_a_panic() {
    for status in [Status::default(), machine(3), machine(2000)] {
        let view = seen(status);
        for width in [1, 7, 20, 59, 80, 200] {
            for height in [1, 2, 3, 5, 9, 24, 60] {
                drawn(&view, width, height);
            }
        }
    }
}

/// Broken if a row out of sight is chosen.
#[test]
fn the_cursor_is_in_view_and_stays_within_the_list() {
    let mut view = seen(machine(200));
    type_keys(&mut view, "s");
    drawn(&view, 80, 24);
    for keys in ["↓", "⇓⇓", "⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓⇓", "↑"]
    {
        type_keys(&mut view, keys);
        let screen = drawn(&view, 80, 24);
        let named = view
            .channel()
            .map(|at| view.status.channels[at].sensor.clone());
        let named = format!("/{} ", named.unwrap());
        assert!(screen.iter().any(|row| row.contains(&named)), "{screen:#?}");
    }
    view.take(machine(2), Vec::new());
    assert!(view.channel().is_some(), "after a change of the machine");
}

#[test]
fn a_filter_leaves_channels_out_until_it_is_ended() {
    let mut view = seen(machine(40));
    assert_eq!(type_keys(&mut view, "/TEMP1q⌫\n"), Asked::Nothing);
    let shown = drawn(&view, 80, 24).join("\n");
    assert!(shown.contains("11/40 \"TEMP1\" by surprise"), "{shown}");
    assert!(!shown.contains("/temp2 "), "{shown}");
    type_keys(&mut view, "␛");
    assert_eq!(view.rows().len(), 40);
}

/// Broken if a pause loses events, or an acknowledgement names another event than the one meant.
#[test]
fn pause_acknowledge_and_quit() {
    let mut view = seen(machine(4));
    assert_eq!(type_keys(&mut view, "a"), Asked::Acknowledge(2));
    view.acknowledged.insert(2);
    assert_eq!(type_keys(&mut view, "a"), Asked::Acknowledge(1));
    assert_eq!(type_keys(&mut view, "\t↓a"), Asked::Acknowledge(1));
    type_keys(&mut view, "p");
    let over = event(1, Phase::Clear, "fan1 turns again");
    view.take(machine(9), vec![over]);
    assert_eq!(view.status.channels.len(), 4);
    let shown = drawn(&view, 100, 30).join("\n");
    assert!(
        shown.contains("SCREEN PAUSED") && shown.contains("fan1 turns again"),
        "{shown}"
    );
    assert!(shown.contains("seen temp1 is"), "{shown}");
    type_keys(&mut view, "p");
    view.take(machine(9), Vec::new());
    assert_eq!(view.status.channels.len(), 9);
    assert_eq!(type_keys(&mut view, "q"), Asked::Quit);
}

/// Broken if a label from outside reaches the terminal as a command.
#[test]
fn control_characters_and_values_without_a_number_are_drawn_harmless() {
    let mut status = machine(3);
    status.node = "a\u{1b}]0;b\u{7}".into();
    status.anomaly_ratio = f32::NAN;
    for channel in &mut status.channels {
        channel.identity = "\u{1b}[2J\u{9b}31m\n".into();
        channel.value = Some(f32::NAN);
        channel.surprise = f32::NAN;
        channel.usual = Some((f32::INFINITY, f32::NEG_INFINITY));
    }
    status.active[0].message = "\u{1b}c".into();
    let shown = drawn(&seen(status), 80, 24).join("");
    assert!(!shown.chars().any(char::is_control), "{shown}");
}
