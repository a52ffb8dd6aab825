//! Recordings written in the layouts of their origins read as the same rows.

use bellwether_conformance::data;
use bellwether_sim::recording::source::Layout;
use bellwether_sim::recording::{Recording, Training};
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// Values as bits, and label, of every row.
type Rows = Vec<(Vec<Option<u32>>, Option<bool>)>;

fn rows(path: &Path) -> Rows {
    let mut trace = Recording::open(path).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = trace.next_row().unwrap() {
        let values = row
            .readings
            .iter()
            .map(|r| r.usable().ok().map(f32::to_bits));
        rows.push((values.collect(), row.label));
    }
    rows
}

/// A recording with labels: rows of fields, without the header.
fn table(name: &str) -> Option<Vec<Vec<String>>> {
    let mut text = Recording::open(data::file(name)?).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = text.next_row().unwrap() {
        let values = row.readings.iter().map(|r| match r.usable() {
            Ok(x) => x.to_string(),
            Err(_) => String::new(),
        });
        let mut fields = vec![row.timestamp.to_owned()];
        fields.extend(values);
        fields.push(u8::from(row.label == Some(true)).to_string());
        rows.push(fields);
    }
    Some(rows)
}

fn assert_same(original: &str, written: &Path, layout: Layout) {
    assert_eq!(Recording::open(written).unwrap().layout(), layout);
    let wanted = rows(&data::file(original).unwrap());
    assert!(
        wanted.iter().any(|(_, label)| *label == Some(true)),
        "labels are tested"
    );
    assert!(rows(written) == wanted, "{original}");
}

fn write(path: &Path, rows: impl Iterator<Item = String>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, rows.map(|row| row + "\n").collect::<String>()).unwrap();
}

/// Broken by any value, gap or label that is lost on its way through a layout.
#[test]
fn skab_smd_psm_and_tsb_are_the_same_rows_as_the_wide_layout() {
    let name = "smd/machine-1-6.test.csv.gz";
    let (Some(smd), Some(skab)) = (table(name), table("skab/valve1-00.csv.gz")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let values = |row: &[String]| row[1..row.len() - 1].join(",");
    let label = |row: &[String]| row[row.len() - 1].clone();

    write(
        &at("test/machine-1-6.txt"),
        smd.iter().map(|row| values(row)),
    );
    write(
        &at("test_label/machine-1-6.txt"),
        smd.iter().map(|row| label(row)),
    );
    assert_same(name, &at("test/machine-1-6.txt"), Layout::Smd);

    let features = smd[0].len() - 2;
    let header = (0..features).map(|k| format!("feature_{k}"));
    let header = header.collect::<Vec<_>>().join(",");
    let head = [format!("timestamp_(min),{header}")].into_iter();
    let body = smd.iter().map(|row| format!("{},{}", row[0], values(row)));
    write(&at("test.csv"), head.chain(body));
    let head = ["timestamp_(min),label".to_owned()].into_iter();
    let body = smd.iter().map(|row| format!("{},{}", row[0], label(row)));
    write(&at("test_label.csv"), head.chain(body));
    assert_same(name, &at("test.csv"), Layout::Psm);

    let path = at("057_SMD_id_1_Facility_tr_4529_1st_4629.csv");
    let head = [format!("{header},Label")].into_iter();
    write(&path, head.chain(smd.iter().map(|row| row[1..].join(","))));
    assert_same(name, &path, Layout::Tsb);
    assert_eq!(
        *Recording::open(&path).unwrap().training(),
        Training::Rows(4529)
    );

    let sensors = (0..skab[0].len() - 2).map(|k| format!("s{k}"));
    let header = sensors.collect::<Vec<_>>().join(";");
    let head = [format!("datetime;{header};anomaly;changepoint")].into_iter();
    let body = skab.iter().map(|row| format!("{}.0;0.0", row.join(";")));
    write(&at("valve1/0.csv"), head.chain(body));
    assert_same("skab/valve1-00.csv.gz", &at("valve1/0.csv"), Layout::Skab);
}

/// Seconds since 1970 as NAB writes them.
fn date(seconds: &str) -> String {
    let seconds: i64 = seconds.parse().unwrap();
    format!(
        "{}:{:02}",
        bellwether_sim::recording::time::clock(seconds),
        seconds % 60
    )
}

/// Broken if a window's last row does not count, or clocks are compared as anything but times.
#[test]
fn nab_windows_are_the_labels_of_the_wide_layout() {
    let series = "realKnownCause__machine_temperature_system_failure";
    let name = format!("nab/{series}.csv.gz");
    let (Some(nab), Some(windows)) = (table(&name), data::Table::read("nab/windows.csv")) else {
        return;
    };
    let time = |row: &str| date(&nab[row.parse::<usize>().unwrap()][0]);
    let own = windows.rows.iter().filter(|row| row[0] == series);
    let own = own.map(|row| [time(&row[2]), time(&row[3])].map(|time| time + ".000000"));
    let file = "realKnownCause/machine_temperature_system_failure.csv";
    let json = serde_json::json!({ file: own.collect::<Vec<_>>(), "other/x.csv": [] });
    let folder = tempfile::tempdir().unwrap();
    write(
        &folder.path().join("labels/combined_windows.json"),
        [json.to_string()].into_iter(),
    );
    let path = folder.path().join("data").join(file);
    let head = ["timestamp,value".to_owned()].into_iter();
    let body = nab
        .iter()
        .map(|row| format!("{},{}", date(&row[0]), row[1]));
    write(&path, head.chain(body));
    assert_same(&name, &path, Layout::Nab);
}

/// Broken by a training part that is one row off, or an event counted from 1.
#[test]
fn ucr_names_are_the_labels_of_the_wide_layout() {
    let name = |part: &str| format!("ucr/113_CIMIS44AirTemperature1.{part}.csv.gz");
    let (Some(train), Some(test)) = (table(&name("train")), table(&name("test"))) else {
        return;
    };
    let all = || train.iter().chain(&test);
    let anomalous = |row: &Vec<String>| row[2] == "1";
    let begin = all().position(anomalous).unwrap();
    let end = begin + all().filter(|row| anomalous(row)).count();
    let file = format!(
        "113_UCR_Anomaly_CIMIS44AirTemperature1_{}_{begin}_{end}.txt",
        train.len()
    );
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(file);
    let mut text = String::new();
    for row in all() {
        let _ = writeln!(text, "  {}", row[1]);
    }
    fs::write(&path, text).unwrap();
    let trace = Recording::open(&path).unwrap();
    assert_eq!(*trace.training(), Training::Rows(train.len() as u64));
    let [before, after] = ["train", "test"].map(|part| rows(&data::file(&name(part)).unwrap()));
    let wanted: Rows = before.into_iter().chain(after).collect();
    assert!(rows(&path) == wanted);
}

/// Broken by any file of the data folder that a layout is told wrongly for.
#[test]
fn every_recording_of_the_data_folder_is_recognised() {
    let Some(manifest) = data::Table::read("MANIFEST.csv") else {
        return;
    };
    let (file, part) = (manifest.column("file"), manifest.column("part"));
    let vars = manifest.column("vars");
    let mut seen = 0;
    for row in manifest
        .rows
        .iter()
        .filter(|row| row[vars].parse::<usize>().unwrap() <= 128)
    {
        let trace = Recording::open(data::file(&row[file]).unwrap()).unwrap();
        assert_eq!(trace.layout(), Layout::Wide, "{}", row[file]);
        assert_eq!(trace.names().len().to_string(), row[vars], "{}", row[file]);
        let training = matches!(trace.training(), Training::Whole);
        assert_eq!(training, row[part] == "train", "{}", row[file]);
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}
