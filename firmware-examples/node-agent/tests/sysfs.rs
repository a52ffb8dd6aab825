//! The agent's readers over a machine made of files that hang, vanish and return, and beside node_exporter.
#![cfg(target_os = "linux")]

use bellwether::{Cause, Reading};
use bellwether_agent::readers::Readers;
use bellwether_agent::sources;
use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SECOND: Duration = Duration::from_secs(1);

/// Chips with two temperatures each, called by letters, and nothing else.
fn machine(chips: &[&str]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (k, name) in chips.iter().enumerate() {
        let chip = folder.path().join(format!("class/hwmon/hwmon{k}"));
        fs::create_dir_all(&chip).unwrap();
        fs::write(chip.join("name"), name).unwrap();
        for sensor in 1..=2 {
            fs::write(
                chip.join(format!("temp{sensor}_input")),
                format!("{sensor}000\n"),
            )
            .unwrap();
        }
    }
    folder
}

/// A configuration of this machine alone.
fn configuration(machine: &Path) -> String {
    let mut text = format!("[hwmon]\nroot = {:?}\n", machine.join("class/hwmon"));
    for other in ["thermal", "powercap", "edac", "proc"] {
        text += &format!("[{other}]\nenabled = false\n");
    }
    text
}

fn start(machine: &Path, limit: Duration) -> Readers {
    let settings: sources::Settings = toml::from_str(&configuration(machine)).unwrap();
    Readers::start(sources::open(&settings).unwrap(), limit).unwrap()
}

fn read(readers: &mut Readers) -> Vec<Option<f32>> {
    let mut into = vec![Reading::Absent(Cause::Missing); readers.channels().len()];
    readers.read(SECOND, &mut into);
    into.iter().map(|reading| reading.usable().ok()).collect()
}

/// Broken if a driver that hangs costs another chip a value, or its own chip more than the time that it hangs.
#[test]
fn chip_whose_driver_hangs_is_absent_alone() {
    let machine = machine(&["a", "b", "c"]);
    let file = machine.path().join("class/hwmon/hwmon1/temp1_input");
    fs::remove_file(&file).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &file, mode).unwrap();
    let mut readers = start(machine.path(), SECOND);
    let (one, two) = (Some(1.0), Some(2.0));
    let mut waits = Vec::new();
    for _ in 0..5 {
        let before = Instant::now();
        assert_eq!(read(&mut readers), [one, two, None, None, one, two]);
        waits.push(before.elapsed());
    }
    // Once it has its own thread nobody waits for it any more.
    assert!(waits[1..].iter().min() < Some(&(SECOND / 2)), "{waits:?}");
    // Somebody writes: it goes on, and what a pipe gives is no sensor's.
    let writer = fs::OpenOptions::new().write(true).open(&file).unwrap();
    fs::remove_file(&file).unwrap();
    fs::write(&file, "1000\n").unwrap();
    drop(writer);
    let back = [one, two, one, two, one, two];
    let read = (0..500).find(|_| {
        thread::sleep(Duration::from_millis(10));
        read(&mut readers) == back
    });
    assert!(read.is_some());
}

/// Broken if the whole folder may not go away and return.
#[test]
fn machine_may_vanish_and_return() {
    let machine = machine(&["a", "b"]);
    let (there, away) = (machine.path().join("class"), machine.path().join("away"));
    let mut readers = start(machine.path(), 5 * SECOND);
    let all = [Some(1.0), Some(2.0), Some(1.0), Some(2.0)];
    assert_eq!(read(&mut readers), all);
    fs::rename(&there, &away).unwrap();
    assert!((0..11).any(|_| read(&mut readers) == [None; 4]));
    fs::rename(&away, &there).unwrap();
    assert!((0..11).any(|_| read(&mut readers) == all));
}

/// Broken if the list lacks a channel, a unit or a value.
#[test]
fn sensors_are_listed() {
    let machine = machine(&["a", "b"]);
    let config = machine.path().join("agent.toml");
    let text = configuration(machine.path()).replace('[', "[sources.");
    fs::write(&config, text).unwrap();
    fs::write(machine.path().join("class/hwmon/hwmon1/temp2_input"), "x").unwrap();
    let list = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bellwether-agent"));
        command.arg("list-sensors").arg("--config").arg(&config);
        let done = command.args(["--format", format]).output().unwrap();
        let errors = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{errors}");
        String::from_utf8(done.stdout).unwrap()
    };
    let rows: serde_json::Value = serde_json::from_str(&list("json")).unwrap();
    let first = &rows[0];
    assert_eq!(first["identity"], "a/temp1");
    assert_eq!(
        (&first["value"], &first["unit"]),
        (&1.0.into(), &"°C".into())
    );
    assert_eq!(
        (&first["chip"], &first["sensor"]),
        (&"a".into(), &"temp1".into())
    );
    assert_eq!(first["source"], "hwmon/a");
    assert!(first["took_s"].as_f64().unwrap() > 0.0);
    assert_eq!(rows.as_array().unwrap().len(), 4);
    assert_eq!(
        (&rows[3]["value"], &rows[3]["absent"]),
        (&().into(), &"sensor".into())
    );
    let table = list("table");
    assert!(table.contains("4 channels, 2 probes"), "{table}");
}

/// node_exporter on a free port, ended with the test.
struct Exporter(Child, String);

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts it; `None` if it is not installed, which is a failure where all services are required.
fn exporter(sysfs: &Path) -> Option<Exporter> {
    let mut command = Command::new("prometheus-node-exporter");
    command.args(["--collector.disable-defaults", "--collector.hwmon"]);
    command
        .arg("--web.listen-address=127.0.0.1:0")
        .arg(format!("--path.sysfs={}", sysfs.display()));
    let Ok(mut child) = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn() else {
        let required = ["CI", "BELLWETHER_REQUIRE_SERVICES"].map(std::env::var_os);
        assert_eq!(
            required,
            [None, None],
            "prometheus-node-exporter is required"
        );
        println!("skipped: no prometheus-node-exporter");
        return None;
    };
    let (tell, told) = mpsc::channel();
    let log = BufReader::new(child.stderr.take().unwrap());
    thread::spawn(move || {
        for line in log.lines().map_while(Result::ok) {
            let address = line
                .split("address=")
                .nth(1)
                .filter(|_| line.contains("Listening on"));
            if let Some(address) = address {
                let _ = tell.send(address.trim_matches('"').to_owned());
            }
        }
    });
    let mut exporter = Exporter(child, String::new());
    exporter.1 = told.recv_timeout(60 * SECOND).expect("an address");
    Some(exporter)
}

/// Broken if metrics of the agent do not join with those of node_exporter.
#[test]
fn labels_are_those_of_node_exporter() {
    let machine = TempDir::new().unwrap();
    let devices = [
        "platform/coretemp.0",
        "pci0000:00/0000:00:18.3",
        "i2c-1/1-0048",
        "virtual/Odd Näme",
        "",
    ];
    for (k, device) in devices.iter().enumerate() {
        let chip = machine.path().join(format!("class/hwmon/hwmon{k}"));
        fs::create_dir_all(&chip).unwrap();
        fs::write(chip.join("name"), format!("Chip-{k}\n")).unwrap();
        for file in [
            "temp1_input",
            "fan2_input",
            "in0_input",
            "curr1_input",
            "power1_average",
        ] {
            fs::write(chip.join(file), "1000\n").unwrap();
        }
        if !device.is_empty() {
            let device = machine.path().join("devices").join(device);
            fs::create_dir_all(&device).unwrap();
            std::os::unix::fs::symlink(device, chip.join("device")).unwrap();
        }
    }
    let readers = start(machine.path(), SECOND);
    let ours: BTreeSet<_> = readers
        .channels()
        .iter()
        .map(|c| (c.chip.clone(), c.sensor.clone()))
        .collect();
    assert_eq!(ours.len(), 25);
    let Some(exporter) = exporter(machine.path()) else {
        return;
    };
    let mut stream = TcpStream::connect(&exporter.1).unwrap();
    stream.set_read_timeout(Some(60 * SECOND)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    let label = |line: &str, name: &str| {
        let value = line.split(&format!("{name}=\"")).nth(1)?;
        Some(value.split('"').next()?.to_owned())
    };
    let values = page.lines().filter(|line| line.starts_with("node_hwmon_"));
    let theirs: BTreeSet<_> = values
        .filter_map(|line| Some((label(line, "chip")?, label(line, "sensor")?)))
        .collect();
    assert_eq!(ours, theirs, "{page}");
}
