//! Lists as FreeIPMI prints them, and lists that are broken.

use super::{Ipmi, list};
use crate::linux::probe::{Probe, Raw};
use bellwether::Cause;
use core::time::Duration;
use proptest::prelude::*;
use std::path::Path;
use std::string::{String, ToString};
use std::vec::Vec;
use std::{format, fs, vec};

const LIMIT: Duration = Duration::from_secs(60);
const LIST: &str = "\
ID,Name,Type,State,Reading,Units,Event
4,CPU1 Temp,Temperature,Nominal,42.00,C,'OK'
71,FAN1,Fan,Nominal,4200.00,RPM,'OK'
72,FAN2,Fan,N/A,N/A,RPM,N/A
138,12V, main,Voltage,Warning,11.20,V,'At or Below (<=) Lower Non-Critical Threshold'
9,Temp,Temperature,Nominal,30.00,C,'OK'
10,Temp,Temperature,Nominal,31.00,C,'OK'
812,PS1 Status,Power Supply,Critical,N/A,N/A,'Presence detected' 'Power Supply Failure detected'
813,Chassis Intru,Physical Security,N/A,N/A,N/A,N/A
";

/// A tool that prints a file.
fn printer(path: &Path) -> Vec<String> {
    vec!["cat".to_string(), path.display().to_string()]
}

fn written(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(probe: &mut Ipmi) -> Vec<Raw> {
    let mut values = vec![Ok(-1.0); probe.channels().len()];
    probe.read(&mut values);
    values
}

#[test]
fn a_list_gives_numbers_units_and_states() {
    // Broken if N/A counts as a number, a name with a comma shifts its line, or two sensors of a name are one.
    let (_folder, path) = written(LIST);
    let mut probe = Ipmi::open(printer(&path), LIMIT, LIMIT).unwrap();
    let seen: Vec<_> = probe
        .channels()
        .iter()
        .map(|c| (c.identity.clone(), c.unit))
        .collect();
    let expected = [
        ("ipmi/CPU1 Temp", "°C"),
        ("ipmi/FAN1", "rpm"),
        ("ipmi/FAN2", "rpm"),
        ("ipmi/12V, main", "V"),
        ("ipmi/Temp#9", "°C"),
        ("ipmi/Temp#10", "°C"),
        ("ipmi/PS1 Status:state", ""),
    ];
    assert_eq!(seen, expected.map(|(name, unit)| (name.to_string(), unit)));
    let values = read(&mut probe);
    let missing = Err(Cause::Missing);
    assert_eq!(
        values,
        [
            Ok(42.0),
            Ok(4200.0),
            missing,
            Ok(11.2),
            Ok(30.0),
            Ok(31.0),
            Ok(2.0)
        ]
    );
}

#[test]
fn a_sensor_that_leaves_the_list_is_missing_and_returns() {
    // Broken if a vanished sensor keeps its value or moves those behind it.
    let (_folder, path) = written(LIST);
    let mut probe = Ipmi::open(printer(&path), LIMIT, LIMIT).unwrap();
    fs::write(
        &path,
        LIST.replace("4,CPU1", "x,CPU1").replace("4200.00", "0.00"),
    )
    .unwrap();
    let values = read(&mut probe);
    assert_eq!(values[..2], [Err(Cause::Missing), Ok(0.0)]);
    fs::write(&path, "ipmi_ctx_open_inband: driver timeout\n").unwrap();
    assert!(
        read(&mut probe)
            .iter()
            .all(|value| *value == Err(Cause::Missing))
    );
    fs::remove_file(&path).unwrap();
    assert!(
        read(&mut probe)
            .iter()
            .all(|value| *value == Err(Cause::Sensor))
    );
    fs::write(&path, LIST).unwrap();
    assert_eq!(read(&mut probe)[0], Ok(42.0));
}

#[test]
fn the_form_without_states_and_header_is_read_too() {
    // Broken if options of the tool decide over its readability.
    let lines: Vec<_> =
        list::lines(b"4,CPU1 Temp,Temperature,42.00,C,'OK'\r\n5,A,Fan,N/A,N/A,'OK'\n").collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        (lines[0].name.as_str(), lines[0].reading, lines[0].state),
        ("CPU1 Temp", Ok(42.0), None)
    );
    assert!(!lines[1].is_measured());
}

#[test]
fn a_tool_without_sensors_is_an_error() {
    // Broken if a wrong command looks like a machine without sensors.
    for text in [
        "",
        "ID,Name,Type,Reading,Units,Event\n",
        "\u{fffd}\n,,,,,\n",
    ] {
        let (_folder, path) = written(text);
        assert!(Ipmi::open(printer(&path), LIMIT, LIMIT).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_sensors_or_none(bytes in prop::collection::vec(any::<u8>(), 0..2048)) {
        // Broken by a panic.
        prop_assert!(list::lines(&bytes).count() <= 2048);
    }

    #[test]
    fn any_fields_are_sensors_or_none(
        fields in prop::collection::vec("(N/A|[0-9.,-]{0,5}|Nominal|C|'OK'|nan|1e999|\\PC{0,3})", 0..12),
    ) {
        // Broken by a panic, or by a value that is not finite.
        let text = format!("7,{}", fields.join(","));
        for line in list::lines(text.as_bytes()) {
            prop_assert!(line.reading.is_ok_and(f64::is_finite) || line.reading.is_err());
            prop_assert!(!line.name.is_empty());
        }
    }
}
