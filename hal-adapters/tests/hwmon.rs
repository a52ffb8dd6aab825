//! Sensors of a Linux host, over a tree made for the test.
#![cfg(unix)]

use bellwether::error::FrameTooSmall;
use bellwether::port::FrameSource;
use bellwether::{Cause, Reading, Tick};
use bellwether_hal::linux::hwmon::{Hwmon, InputError, Quantity, Selection};
use bellwether_hal::{Checked, ReadFault};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const ABSENT: Reading = Reading::Absent(Cause::Sensor);

/// A class folder with chips in it.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    /// A chip `hwmonN` with files; no device link where `device` is empty.
    fn chip(&self, number: u32, device: &str, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let folder = self.root().join(format!("hwmon{number}"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("name"), format!("{name}\n")).unwrap();
        if !device.is_empty() {
            symlink(format!("../../../{device}"), folder.join("device")).unwrap();
        }
        for (file, text) in files {
            fs::write(folder.join(file), text).unwrap();
        }
        folder
    }

    fn renumber(&self, from: u32, to: u32) {
        let folder = |number| self.root().join(format!("hwmon{number}"));
        fs::rename(folder(from), folder(to)).unwrap();
    }

    fn discover(&self) -> Hwmon {
        Hwmon::discover(self.root(), &Selection::default()).unwrap()
    }
}

fn identities(source: &Hwmon) -> Vec<&str> {
    let inputs = source.inputs().iter();
    inputs.map(|input| input.sensor().identity()).collect()
}

fn frame(source: &mut Hwmon) -> Vec<Reading> {
    let mut frame = vec![Reading::Value(0.0); source.inputs().len()];
    source.next_frame(&mut frame).unwrap();
    frame
}

fn values(values: &[f32]) -> Vec<Reading> {
    values.iter().copied().map(Reading::Value).collect()
}

// Breaks if a unit is scaled wrongly, an attribute is taken for a value, or the order of the
// variables is that of the folder.
#[test]
fn every_quantity_is_read_in_its_unit_in_the_order_of_identities() {
    let tree = Tree::new();
    tree.chip(
        7,
        "0000:00:18.3",
        "k10temp",
        &[
            ("temp1_input", "41250\n"),
            ("temp1_label", "Tctl\n"),
            ("temp1_max", "70000\n"),
            ("temp1_crit_alarm", "0\n"),
            ("temp3_input", "-1500\n"),
            ("temp10_input", "500\n"),
        ],
    );
    tree.chip(
        2,
        "nct6775.656",
        "nct6798",
        &[
            ("in0_input", "1096\n"),
            ("intrusion0_alarm", "1\n"),
            ("fan2_input", "1318\n"),
            ("curr1_input", "2500\n"),
            ("pwm1", "128\n"),
        ],
    );
    tree.chip(
        11,
        "ACPI000D:00",
        "power_meter",
        &[
            ("power1_input", "155500000\n"),
            ("power1_average", "1\n"),
            ("power1_average_max", "2\n"),
            ("power2_average", "90250000\n"),
            ("temp1_average", "3\n"),
        ],
    );
    let mut source = tree.discover();
    assert_eq!(
        identities(&source),
        [
            "0000:00:18.3/k10temp/temp10",
            "0000:00:18.3/k10temp/temp1:Tctl",
            "0000:00:18.3/k10temp/temp3",
            "ACPI000D:00/power_meter/power1",
            "ACPI000D:00/power_meter/power2",
            "nct6775.656/nct6798/curr1",
            "nct6775.656/nct6798/fan2",
            "nct6775.656/nct6798/in0",
        ]
    );
    let units = source.inputs().iter();
    let units: Vec<_> = units.map(|i| i.sensor().quantity().unit()).collect();
    assert_eq!(units, ["°C", "°C", "°C", "W", "W", "A", "rpm", "V"]);
    assert_eq!(source.inputs()[6].sensor().quantity(), Quantity::Fan);
    assert_eq!(
        frame(&mut source),
        values(&[0.5, 41.25, -1.5, 155.5, 90.25, 2.5, 1318.0, 1.096])
    );
}

// Breaks if a failure of one sensor is not its own, or if its reason is lost.
#[test]
fn unreadable_and_garbled_files_cost_only_their_own_variable() {
    let tree = Tree::new();
    let files = [
        ("temp1_input", "30000\n"),
        ("temp2_input", "30000\n"),
        ("temp3_input", "30000\n"),
        ("temp4_input", "30000\n"),
        ("temp5_input", "30000\n"),
        ("temp6_input", "30000\n"),
    ];
    let folder = tree.chip(0, "coretemp.0", "coretemp", &files);
    let mut source = tree.discover();
    assert_eq!(frame(&mut source), values(&[30.0; 6]));

    // A folder can be opened but not read: what a driver's error looks like.
    fs::remove_file(folder.join("temp2_input")).unwrap();
    fs::create_dir(folder.join("temp2_input")).unwrap();
    fs::write(folder.join("temp3_input"), "N/A\n").unwrap();
    fs::write(folder.join("temp4_input"), "").unwrap();
    fs::write(folder.join("temp5_input"), b"\xFF\xFE").unwrap();
    fs::remove_file(folder.join("temp6_input")).unwrap();
    let readings = frame(&mut source);
    assert_eq!(readings[0], Reading::Value(30.0));
    assert_eq!(readings[1..], [ABSENT; 5]);
    let fault = |k: usize| match source.inputs()[k].last_fault() {
        Some(ReadFault::Sensor(error)) => format!("{error:?}"),
        other => format!("{other:?}"),
    };
    assert!(fault(0).contains("None"));
    assert!(fault(1).contains("IsADirectory"), "{}", fault(1));
    assert_eq!((fault(2), fault(3)), ("Garbage".into(), "Garbage".into()));
    assert!(fault(4).contains("InvalidData"), "{}", fault(4));
    assert!(fault(5).contains("NotFound"), "{}", fault(5));

    fs::remove_dir(folder.join("temp2_input")).unwrap();
    for (file, text) in &files[1..] {
        fs::write(folder.join(file), text).unwrap();
    }
    assert_eq!(frame(&mut source), values(&[30.0; 6]));
    let faults = source.inputs().iter().map(Checked::faults);
    assert!(faults.eq([0, 1, 1, 1, 1, 1]));
}

// Breaks if a value is believed although its chip says that the sensor is broken, or if it is
// not said for certain that it is sound.
#[test]
fn sensor_flagged_by_its_chip_is_absent() {
    let tree = Tree::new();
    let folder = tree.chip(
        0,
        "nct6775.656",
        "nct6798",
        &[
            ("fan1_input", "900\n"),
            ("temp1_input", "127500\n"),
            ("temp1_fault", "1\n"),
            ("temp2_input", "30000\n"),
            ("temp2_fault", "0\n"),
            ("temp3_input", "30000\n"),
            ("temp3_fault", "?\n"),
        ],
    );
    let mut source = tree.discover();
    let expected = [Reading::Value(900.0), ABSENT, Reading::Value(30.0), ABSENT];
    assert_eq!(frame(&mut source), expected);
    assert!(matches!(
        source.inputs()[1].last_fault(),
        Some(ReadFault::Sensor(InputError::Flagged))
    ));
    fs::write(folder.join("temp1_fault"), "0\n").unwrap();
    assert_eq!(frame(&mut source)[1], Reading::Value(127.5));
}

// Breaks if a sensor is bound to its number: it would then stay away for ever.
#[test]
fn sensor_that_comes_back_under_another_number_is_found_again() {
    let tree = Tree::new();
    tree.chip(0, "coretemp.0", "coretemp", &[("temp1_input", "50000")]);
    tree.chip(1, "nvme0", "nvme", &[("temp1_input", "35000")]);
    let mut source = tree.discover();
    assert_eq!(frame(&mut source), values(&[50.0, 35.0]));
    let aside = TempDir::new().unwrap();
    fs::rename(tree.root().join("hwmon0"), aside.path().join("chip")).unwrap();
    assert_eq!(frame(&mut source), [ABSENT, Reading::Value(35.0)]);
    assert_eq!(frame(&mut source), [ABSENT, Reading::Value(35.0)]);
    assert!(matches!(
        source.inputs()[0].last_fault(),
        Some(ReadFault::Sensor(InputError::Gone))
    ));
    fs::rename(aside.path().join("chip"), tree.root().join("hwmon9")).unwrap();
    assert_eq!(frame(&mut source), values(&[50.0, 35.0]));
    assert_eq!(source.inputs()[0].faults(), 2);
    let mut last = vec![Reading::Value(0.0); 2];
    assert_eq!(source.next_frame(&mut last), Ok(Some(Tick(4))));
}

// Breaks if a number that now belongs to another chip is still read: a value of the wrong
// device is worse than none.
#[test]
fn chips_that_swap_numbers_keep_their_variables() {
    let tree = Tree::new();
    tree.chip(0, "nvme0", "nvme", &[("temp1_input", "35000")]);
    tree.chip(1, "nvme1", "nvme", &[("temp1_input", "45000")]);
    let mut source = tree.discover();
    assert_eq!(frame(&mut source), values(&[35.0, 45.0]));
    tree.renumber(0, 2);
    tree.renumber(1, 0);
    tree.renumber(2, 1);
    assert_eq!(frame(&mut source), values(&[35.0, 45.0]));
    fs::remove_dir_all(tree.root().join("hwmon1")).unwrap();
    assert_eq!(frame(&mut source), [ABSENT, Reading::Value(45.0)]);
}

// Breaks if a chip is found again by its name alone and its inputs mean something else now.
#[test]
fn input_with_another_label_is_not_the_same_sensor() {
    let tree = Tree::new();
    let files = [("temp2_input", "50000"), ("temp2_label", "Core 0")];
    let folder = tree.chip(0, "coretemp.0", "coretemp", &files);
    let mut source = tree.discover();
    assert_eq!(identities(&source), ["coretemp.0/coretemp/temp2:Core 0"]);
    fs::write(folder.join("temp2_label"), "Core 4").unwrap();
    tree.renumber(0, 1);
    assert_eq!(frame(&mut source), [ABSENT]);
    fs::write(tree.root().join("hwmon1/temp2_label"), "Core 0").unwrap();
    assert_eq!(frame(&mut source), values(&[50.0]));
}

// Breaks if one of two chips that only a number tells apart is guessed.
#[test]
fn chips_of_one_identity_are_left_out_and_listed() {
    let tree = Tree::new();
    tree.chip(0, "", "acpitz", &[("temp1_input", "30000")]);
    tree.chip(1, "", "acpitz", &[("temp1_input", "31000")]);
    tree.chip(2, "", "pch", &[("temp1_input", "32000")]);
    let mut source = tree.discover();
    assert_eq!(identities(&source), ["pch/temp1"]);
    assert_eq!(source.ambiguous(), ["acpitz"]);
    assert_eq!(frame(&mut source), values(&[32.0]));
    tree.chip(3, "", "pch", &[("temp1_input", "99000")]);
    assert_eq!(frame(&mut source), [ABSENT]);
}

// Breaks if a chip that cannot be named stops discovery, or an empty root is an error.
#[test]
fn chips_without_a_name_are_passed_over() {
    let tree = Tree::new();
    assert!(tree.discover().inputs().is_empty());
    let nameless = tree.chip(0, "a", "a", &[("temp1_input", "30000")]);
    fs::remove_file(nameless.join("name")).unwrap();
    let odd = tree.chip(1, "b", "b", &[("temp1_input", "30000")]);
    fs::remove_file(odd.join("name")).unwrap();
    fs::create_dir(odd.join("name")).unwrap();
    fs::write(tree.root().join("stray"), "").unwrap();
    tree.chip(2, "c", "c", &[("temp1_input", "33000")]);
    let mut source = tree.discover();
    assert_eq!(frame(&mut source), values(&[33.0]));
}

// Breaks if a root that goes away is an error that hides which sensors are gone, or a root
// that never was is not one.
#[test]
fn root_that_goes_away_makes_every_sensor_absent() {
    let tree = Tree::new();
    assert!(Hwmon::discover(tree.root().join("none"), &Selection::default()).is_err());
    tree.chip(0, "a", "a", &[("temp1_input", "30000")]);
    let mut source = tree.discover();
    drop(tree);
    assert_eq!(frame(&mut source), [ABSENT]);
}

// Breaks if a denied sensor is read, or one that is not allowed.
#[test]
fn selection_leaves_sensors_out() {
    let tree = Tree::new();
    let files = [("temp1_input", "30000"), ("fan1_input", "900")];
    tree.chip(0, "a", "slow", &files);
    tree.chip(1, "b", "fast", &files);
    let selection = Selection {
        allow: vec!["/temp".into(), "fast".into()],
        deny: vec!["slow".into()],
    };
    let mut source = Hwmon::discover(tree.root(), &selection).unwrap();
    assert_eq!(identities(&source), ["b/fast/fan1", "b/fast/temp1"]);
    assert_eq!(frame(&mut source), values(&[900.0, 30.0]));
}

// Breaks if a refused frame uses a tick, or a longer one keeps what it held.
#[test]
fn frame_is_checked_for_room() {
    let tree = Tree::new();
    tree.chip(0, "a", "a", &[("temp1_input", "30000")]);
    let mut source = tree.discover();
    let refused = FrameTooSmall {
        variables: 1,
        room: 0,
    };
    assert_eq!(source.next_frame(&mut []), Err(refused));
    source.skip(2);
    let mut frame = [Reading::Value(7.0); 2];
    assert_eq!(source.next_frame(&mut frame), Ok(Some(Tick(2))));
    let missing = Reading::Absent(Cause::Missing);
    assert_eq!(frame, [Reading::Value(30.0), missing]);
}
