use super::*;
use crate::readers::Readers;
use bellwether::{Cause, Reading};
use std::fs;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn machine() -> TempDir {
    let folder = TempDir::new().unwrap();
    let root = folder.path();
    write(root, "hwmon/hwmon0/name", "k10temp\n");
    write(root, "hwmon/hwmon0/temp1_input", "41250\n");
    write(root, "hwmon/hwmon0/temp1_crit_alarm", "1\n");
    write(root, "thermal/thermal_zone0/type", "soc\n");
    write(root, "thermal/thermal_zone0/temp", "50000\n");
    write(root, "powercap/intel-rapl:0/name", "package-0\n");
    write(root, "powercap/intel-rapl:0/energy_uj", "1000000\n");
    write(root, "edac/mc0/ce_count", "3\n");
    write(root, "proc/loadavg", "1.50 1.00 0.50 1/2 3\n");
    write(root, "proc/net/dev", "veth1: 1 1 0 0 0 0 0 0 1 1 0 0\n");
    folder
}

fn settings(root: &Path, more: &str) -> Settings {
    let mut text = String::new();
    for source in ["hwmon", "thermal", "powercap", "edac", "proc"] {
        let place = root.join(source);
        text += &format!("[{source}]\nroot = {place:?}\n");
        let section = format!("{source}:");
        let of = |line: &&str| line.starts_with(&section);
        text.extend(
            more.lines()
                .filter(of)
                .map(|line| format!("{}\n", &line[section.len()..])),
        );
    }
    toml::from_str(&text).unwrap()
}

/// Broken if a source is not read where it is, or an interface of a container is.
#[test]
fn every_local_source_is_read_where_it_is() {
    let machine = machine();
    let mut readers = Readers::start(
        open(&settings(machine.path(), "")).unwrap(),
        Duration::from_secs(5),
    )
    .unwrap();
    let names: Vec<_> = readers
        .channels()
        .iter()
        .map(|c| c.identity.clone())
        .collect();
    assert_eq!(
        names,
        [
            "k10temp/temp1",
            "thermal/soc/temp",
            "powercap/intel-rapl/package-0/energy",
            "edac/mc0/ce",
            "proc/loadavg/load1",
            "proc/loadavg/load5",
            "proc/loadavg/load15",
        ]
    );
    let mut readings = vec![Reading::Absent(Cause::Missing); names.len()];
    readers.read(Duration::from_secs(1), &mut readings);
    write(
        machine.path(),
        "powercap/intel-rapl:0/energy_uj",
        "91000000\n",
    );
    readers.read(Duration::from_secs(1), &mut readings);
    let expected = [41.25, 50.0, 90.0, 0.0, 1.5, 1.0, 0.5].map(Reading::Value);
    assert_eq!(readings, expected);
}

/// Broken if a key does not reach its source.
#[test]
fn sources_are_selected_and_turned_off() {
    let machine = machine();
    let more = "hwmon:alarms = true\nthermal:enabled = false\nproc:deny = [\"load1\"]\nedac:allow = [\"ue\"]";
    let probes = open(&settings(machine.path(), more)).unwrap();
    let channels = probes.iter().flat_map(|probe| probe.channels());
    let names: Vec<_> = channels.map(|c| c.identity.as_str()).collect();
    assert_eq!(names[..2], ["k10temp/temp1", "k10temp/temp1_crit_alarm"]);
    assert_eq!(
        names[2..4],
        ["powercap/intel-rapl/package-0/energy", "proc/loadavg/load5"]
    );
    // Nothing is denied now, not even a container's.
    assert!(names[4].starts_with("proc/net/dev/veth1/"));
}

/// Broken if a missing source stops the agent, or one that was asked for is silently not there.
#[test]
fn only_a_source_that_was_asked_for_has_to_be_there() {
    let nowhere = TempDir::new().unwrap();
    let root = nowhere.path().join("none");
    assert!(open(&settings(&root, "")).unwrap().is_empty());
    for source in ["hwmon", "thermal", "powercap", "edac", "proc"] {
        let asked = settings(&root, &format!("{source}:enabled = true"));
        let error = format!("{:#}", open(&asked).err().unwrap());
        let place = root.join(source);
        let expected = format!("[sources.{source}] {}: ", place.display());
        assert!(error.starts_with(&expected), "{error}");
    }
}

/// Broken if files of sensors are opened beyond what the system lets the agent have.
#[test]
fn limit_of_open_files_leaves_room_for_others() {
    let kept = limit::raise();
    let soft = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    assert!(
        soft.is_none_or(|soft| soft >= kept as u64 + 64),
        "{soft:?} {kept}"
    );
    assert!(kept > 0);
}
