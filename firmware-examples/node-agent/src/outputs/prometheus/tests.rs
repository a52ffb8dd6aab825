use super::*;
use crate::outputs::testing;
use std::process::Stdio;

fn page(status: &Status) -> String {
    let mut text = Vec::new();
    write(status, &mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Fails unless promtool reads the page and has nothing to say against its names.
fn promtool_accepts(page: &str) {
    let Some(mut promtool) = testing::program("promtool") else {
        return;
    };
    let mut child = promtool
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(page.as_bytes())
        .unwrap();
    let done = child.wait_with_output().unwrap();
    let said =
        String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout);
    assert!(
        done.status.success() && said.trim().is_empty(),
        "{said}\n{page}"
    );
}

/// Broken if a name, a label or a value changes: rules and dashboards of users name them.
#[test]
fn a_state_has_these_samples() {
    let page = page(&testing::status());
    let labels = r#"{channel="0000:00:18.3/k10temp/temp1:Tctl",chip="pci0000:00_0000:00:18_3",sensor="temp1",group="hwmon""#;
    for line in [
        "bellwether_node_anomaly_ratio 0.25",
        "bellwether_last_reading_timestamp_seconds 1795960830.5",
        "bellwether_silenced 0",
        "bellwether_learning_paused 1",
        r#"bellwether_job_info{job_id="4711"} 1"#,
        r#"bellwether_events_total{kind="anomaly"} 3"#,
        r#"bellwether_events_total{kind="missing"} 0"#,
        r#"bellwether_active_events{severity="warning"} 1"#,
        r#"bellwether_group_score{group="hwmon"} 1.5"#,
        r#"bellwether_group_alarm{group="hwmon"} 1"#,
        r#"bellwether_channels{state="missing"} 1"#,
        &format!("bellwether_anomaly_score{labels}}} 3.5"),
        &format!("bellwether_anomaly{labels}}} 1"),
        &format!("bellwether_value{labels}}} 48.5"),
        &format!("bellwether_expected_value{labels}}} 47.25"),
        &format!("bellwether_upper_bound{labels}}} 52.5"),
        &format!("bellwether_lower_bound{labels}}} 45"),
        &format!(r#"bellwether_channel_state{labels},state="anomalous"}} 1"#),
        "bellwether_step_seconds_sum 1.5",
        "bellwether_step_seconds_count 3600",
        "bellwether_step_longest_seconds 0.0009",
        "bellwether_missed_wakeups_total 2",
        r#"bellwether_sensor_read_seconds{source="hwmon"} 0.0125"#,
        r#"bellwether_sensor_read_failures_total{source="hwmon"} 1"#,
        "bellwether_resident_bytes 9000000",
        "bellwether_state_bytes 120000",
        r#"bellwether_dropped_total{output="http"} 0"#,
        r#"bellwether_waiting{output="mqtt"} 5"#,
        r#"bellwether_repeated_total{output="mqtt"} 2"#,
    ] {
        assert!(page.lines().any(|have| have == line), "{line}\n{page}");
    }
    // Learning is a state, never a low score.
    let scores = page.lines().filter(|line| {
        line.starts_with("bellwether_anomaly") && line.contains("proc/stat/cpu/user")
    });
    assert_eq!(scores.count(), 0);
    promtool_accepts(&page);
}

/// Broken by a division, an index or a name that an empty state does not have.
#[test]
fn an_empty_state_is_a_page_too() {
    promtool_accepts(&page(&Status::default()));
}

/// Broken by a label that is not escaped, a sample twice, or a number that Prometheus cannot read.
#[test]
fn hostile_labels_and_values_stay_inside_of_their_samples() {
    let mut status = testing::status();
    let evil = "a\"} 1\nbellwether_node_anomaly_ratio 1\n#\\\r\0\u{7}\u{85}é\u{202e}";
    let mut channel = testing::channel(evil, evil, evil);
    channel.group = evil.into();
    channel.value = Some(f32::NAN);
    channel.expected = Some(f32::NEG_INFINITY);
    channel.usual = Some((f32::MIN, f32::INFINITY));
    channel.surprise = f32::MIN_POSITIVE;
    status.channels.extend([channel.clone(), channel.clone()]);
    // Different before they are written, the same afterwards.
    channel.identity = evil.replace('\0', "\u{2400}");
    status.channels.push(channel);
    status.job = Some(evil.into());
    let mut group = status.groups[0].clone();
    group.name = evil.into();
    (group.severity, group.alarm_at) = (Some(1.0), 0.0);
    status.groups.extend([group.clone(), group]);
    status.agent.read_s.insert(evil.into(), f64::NAN);
    let page = page(&status);
    let ratio = page
        .lines()
        .filter(|line| line.starts_with("bellwether_node_anomaly_ratio "));
    assert_eq!(
        ratio.collect::<Vec<_>>(),
        ["bellwether_node_anomaly_ratio 0.25"]
    );
    let values = page
        .lines()
        .filter(|line| line.starts_with(r#"bellwether_value{channel="a\"} 1\n"#));
    let values: Vec<_> = values.collect();
    assert_eq!(values.len(), 1, "{values:?}");
    assert!(values[0].ends_with(" NaN"), "{values:?}");
    assert!(page.contains("} -Inf\n") && page.contains("} +Inf\n"));
    assert!(page.chars().all(|c| c == '\n' || !c.is_control()));
    promtool_accepts(&page);
}

proptest::proptest! {
    /// Broken by a text that leaves its quotes, or one that comes back as another.
    #[test]
    fn every_text_is_a_label(text in "\\PC{0,40}|(.|\n|\"|\\\\){0,40}") {
        let mut written = Vec::new();
        text::write_labels(&mut written, &[("name", &text)]).unwrap();
        let written = String::from_utf8(written).unwrap();
        let inner = written.strip_prefix("{name=\"").and_then(|rest| rest.strip_suffix("\"}")).unwrap();
        let (mut read, mut escaped) = (String::new(), false);
        for c in inner.chars() {
            match (escaped, c) {
                (true, 'n') => read.push('\n'),
                (true, '"' | '\\') => read.push(c),
                (true, c) => panic!("\\{c}"),
                (false, '"') => panic!("a quote in {written}"),
                (false, '\\') => {}
                (false, c) => read.push(c),
            }
            escaped = !escaped && c == '\\';
        }
        assert!(!escaped);
        let pictures = |c: char| c != '\n' && c.is_control();
        if !text.contains(pictures) {
            assert_eq!(read, text);
        }
        assert_eq!(read.chars().count(), text.chars().count());
        assert!(!written.contains(char::is_control));
    }
}
