//! Outputs of NVIDIA's tools, and outputs that are broken.

use super::table::Table;
use super::{Gpu, Settings};
use crate::linux::probe::{Measure, Probe, Raw};
use bellwether::Cause;
use core::time::Duration;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::vec::Vec;
use std::{format, fs, thread, vec};

const LIMIT: Duration = Duration::from_secs(60);
const MISSING: Raw = Err(Cause::Missing);
const QUERY: &str = "\
index, uuid, name, pstate, temperature.gpu, power.draw [W], pcie.link.width.current, ecc.errors.corrected.volatile.total, clocks_throttle_reasons.active, temperature.memory
0, GPU-aa, NVIDIA H800, P0, 45, 120.50 W, 16, 0, 0x0000000000000004, [N/A]
1, GPU-bb, NVIDIA H800, P8, 31, [Unknown Error], 8, 17700, 0x0000000000000000, [N/A]
";
const DCGMI: &str = "\
#Entity   GPUTL   POWER    XIDER   ESVTL
ID        %       W
GPU 0     99      251.20   0       12
GPU 1     N/A     80.00    79      N/A
";

fn settings(script: &str, stream: bool) -> Settings {
    Settings {
        command: ["sh", "-c", script].map(ToOwned::to_owned).into(),
        stream,
        limit: LIMIT,
        period: Duration::from_secs(1),
        errors: Vec::new(),
    }
}

fn printer(text: &str) -> (tempfile::TempDir, std::path::PathBuf, Gpu) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    fs::write(&path, text).unwrap();
    let gpu = Gpu::open(settings(&format!("cat {}", path.display()), false)).unwrap();
    (folder, path, gpu)
}

fn read(probe: &mut Gpu) -> Vec<Raw> {
    let mut values = vec![Ok(-1.0); probe.channels().len()];
    probe.read(&mut values);
    values
}

#[test]
fn a_query_gives_numbers_of_each_gpu() {
    // Broken if a unit, a mask or a state of power is no number, or a lost value counts as one.
    let (_folder, path, mut gpu) = printer(QUERY);
    let names: Vec<_> = gpu.channels().iter().map(|c| c.identity.as_str()).collect();
    assert_eq!(
        names[..3],
        [
            "gpu/aa/pstate",
            "gpu/aa/temperature.gpu",
            "gpu/aa/power.draw"
        ]
    );
    assert_eq!(
        names.len(),
        12,
        "names, and a field that no GPU has, are no channels"
    );
    let units: Vec<_> = gpu.channels().iter().map(|c| c.unit).take(3).collect();
    assert_eq!(units, ["", "°C", "W"]);
    let errors = gpu
        .channels()
        .iter()
        .filter(|c| c.measure == Measure::Errors);
    assert!(
        errors
            .map(|c| c.sensor.as_str())
            .eq(["ecc.errors.corrected.volatile.total"; 2])
    );
    let values = read(&mut gpu);
    assert_eq!(
        values[..6],
        [Ok(0.0), Ok(45.0), Ok(120.5), Ok(16.0), Ok(0.0), Ok(4.0)]
    );
    assert_eq!(
        values[6..],
        [
            Ok(8.0),
            Ok(31.0),
            Err(Cause::Sensor),
            Ok(8.0),
            Ok(17_700.0),
            Ok(0.0)
        ]
    );

    // The first GPU falls off the bus: the second keeps its own values.
    let rest: Vec<_> = QUERY
        .lines()
        .filter(|line| !line.contains("GPU-aa"))
        .collect();
    fs::write(&path, rest.join("\n")).unwrap();
    let values = read(&mut gpu);
    assert!(values[..6].iter().all(|value| *value == MISSING));
    assert_eq!(values[7], Ok(31.0));
    fs::write(
        &path,
        "Unable to determine the device handle for GPU0, Unknown Error\n",
    )
    .unwrap();
    assert!(read(&mut gpu).iter().all(Result::is_err));
}

#[test]
fn both_tools_write_tables_that_are_read() {
    // Broken if a header line counts as a GPU, or units end up at other columns.
    let (_folder, _, mut gpu) = printer(DCGMI);
    let seen: Vec<_> = gpu
        .channels()
        .iter()
        .map(|c| (c.identity.as_str(), c.unit, c.measure))
        .collect();
    assert_eq!(seen[1], ("gpu/0/POWER", "W", Measure::Gauge));
    assert_eq!(seen[6], ("gpu/1/XIDER", "", Measure::Errors));
    let values = read(&mut gpu);
    assert_eq!(
        values,
        [
            Ok(99.0),
            Ok(251.2),
            Ok(0.0),
            Ok(12.0),
            MISSING,
            Ok(80.0),
            Ok(79.0),
            MISSING
        ]
    );

    let dmon = "# gpu   pwr gtemp mtemp   pci\n# Idx     W     C     C  errs\n    0    43    35     -     2\n";
    let (_folder, _, mut gpu) = printer(dmon);
    let units: Vec<_> = gpu.channels().iter().map(|c| c.unit).collect();
    assert_eq!(
        units,
        ["W", "°C", ""],
        "a column without a number is no channel"
    );
    assert_eq!(read(&mut gpu), [Ok(43.0), Ok(35.0), Ok(2.0)]);

    let timed = "#Time        gpu    pwr\n#HH:MM:SS    Idx      W\n 10:00:01      3     50\n";
    assert_eq!(printer(timed).2.channels()[0].identity, "gpu/3/pwr");
}

#[test]
fn values_that_stand_for_none_are_missing() {
    // Broken if DCGM's number for "no value" is taken for a measurement.
    let (_folder, path, mut gpu) = printer(DCGMI);
    let blank = DCGMI
        .replace("251.20", "9223372036854775794")
        .replace("80.00", "2147483635");
    fs::write(&path, blank).unwrap();
    let values = read(&mut gpu);
    assert_eq!(
        (values[1], values[5], values[0]),
        (MISSING, MISSING, Ok(99.0))
    );
}

#[test]
fn a_stream_is_read_as_it_writes_and_its_losses_are_seen() {
    // Broken if a GPU that is silent keeps its last value for ever.
    let script = "printf '#Entity A\\nID\\n'; k=0; while [ $k -lt 12 ]; do k=$((k+1)); \
        echo \"GPU 0 $k\"; [ $k -lt 4 ] && echo \"GPU 1 5\"; sleep 0.3; done; sleep 100";
    let mut gpu = Gpu::open(settings(script, true)).unwrap();
    assert_eq!(gpu.channels().len(), 2);
    let (mut grew, mut lost) = (false, false);
    for _ in 0..600 {
        let values = read(&mut gpu);
        grew |= values[0].is_ok_and(|value| value > 2.0);
        lost |= values[1] == MISSING;
        if grew && lost {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    assert!(grew && lost, "grew {grew}, lost {lost}");
}

#[test]
fn a_tool_without_gpus_is_an_error() {
    // Broken if a node whose driver is gone looks like one without GPUs.
    for text in ["No devices were found", "", "#Entity A\nID\n", "a, b\nc\n"] {
        let printer = settings(&format!("printf '%s' '{text}'"), false);
        assert!(Gpu::open(printer).is_err(), "{text}");
    }
    let limit = Duration::from_millis(300);
    let silent = Settings {
        limit,
        ..settings("sleep 100", true)
    };
    assert!(Gpu::open(silent).is_err());
}

proptest! {
    #[test]
    fn any_lines_are_rows_or_none(
        lines in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20), dmon: bool,
    ) {
        // Broken by a panic or by a row without bounds.
        let mut table = Table::default();
        table.row(if dmon { b"#Entity A B" } else { b"index, a [W]" });
        for line in lines {
            if let Some(row) = table.row(&line) {
                prop_assert!(row.values.len() <= 256 && row.gpu.len() <= 64);
            }
        }
    }

    #[test]
    fn any_words_are_rows_or_none(lines in prop::collection::vec(
        "(#?(Entity|gpu|Id)? ?)((GPU|[0-9]{1,3}|N/A|0x[0-9a-f]{0,20}|P[0-9]|nan|,| |-){0,8})", 0..20,
    )) {
        // Broken by a panic, or by a value that is not finite.
        let mut table = Table::default();
        for line in lines {
            for (_, _, value) in table.row(line.as_bytes()).iter().flat_map(|row| &row.values) {
                prop_assert!(value.is_err() || value.is_ok_and(f64::is_finite));
            }
        }
    }
}
