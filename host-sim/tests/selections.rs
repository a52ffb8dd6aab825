//! The variables of a model among the columns of a recording, in every kind of source.

use bellwether::Reading;
use bellwether_sim::recording::{Layout, Options, Recording, Table, frames};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// Two row groups of a column of each type: `time` and `host` are texts, `a` and `b` numbers.
fn parquet(path: &Path) {
    let schema = "message m { required binary time (UTF8); required float a; \
                  required binary host (UTF8); required double b; required boolean label; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = fs::File::create(path).unwrap();
    let mut file = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
    for row in [1_u8, 2] {
        let mut group = file.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            let text = ByteArray::from(format!("t{row}").as_str());
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(w) => w.write_batch(&[text], None, None),
                ColumnWriter::FloatColumnWriter(w) => w.write_batch(&[row.into()], None, None),
                ColumnWriter::DoubleColumnWriter(w) => {
                    w.write_batch(&[10.0 * f64::from(row)], None, None)
                }
                ColumnWriter::BoolColumnWriter(w) => w.write_batch(&[row == 2], None, None),
                _ => unreachable!("no such column"),
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// Timestamps, values and labels of the selected variables.
fn selected(path: &Path, names: &[&str]) -> (Vec<String>, Vec<Vec<f32>>, Vec<bool>) {
    let mut recording = Recording::open(path).unwrap();
    recording.select(names).unwrap();
    assert_eq!(recording.names(), names);
    let (mut times, mut values, mut labels) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = recording.next_row().unwrap() {
        times.push(row.timestamp.to_owned());
        values.push(row.readings.iter().map(|r| r.usable().unwrap()).collect());
        labels.extend(row.label);
    }
    (times, values, labels)
}

/// In every file a text is between the numbers.
/// Broken if a source keeps its own order, parses a column that is not selected, or loses time or
/// label with it.
#[test]
fn a_selection_has_its_own_order_and_does_not_parse_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "test_label/m.txt", "0\n1\n");
    let stored = folder.join("x.parquet");
    parquet(&stored);
    let wide = "timestamp,a,host,b,label\nt1,1,t1,10,0\nt2,2,t2,20,1\n";
    let plain = "date,a,host,b,anomaly\nt1,1,t1,10,0\nt2,2,t2,20,1\n";
    let skab = "datetime;a;host;b;anomaly;changepoint\nt1;1;t1;10;0;t1\nt2;2;t2;20;1;\n";
    let psm = "timestamp_(min),a,host,b\nt1,1,t1,10\nt2,2,t2,20\n";
    let psm = write(folder, "psm/test.csv", psm);
    write(
        folder,
        "psm/test_label.csv",
        "timestamp_(min),label\n1,0\n2,1\n",
    );
    let values = vec![vec![10.0, 1.0], vec![20.0, 2.0]];
    let dated = ["t1", "t2"].map(str::to_owned).to_vec();
    let dated = (dated, values.clone(), vec![false, true]);
    let numbered = ["0", "1"].map(str::to_owned).to_vec();
    let numbered = (numbered, values, vec![false, true]);
    for path in [
        write(folder, "wide.csv", wide),
        write(folder, "plain.csv", plain),
        write(folder, "skab.csv", skab),
        psm,
        stored,
    ] {
        assert_eq!(selected(&path, &["b", "a"]), dated, "{}", path.display());
    }
    let smd = write(folder, "test/m.txt", "1,5,10\n2,t2,20\n");
    assert_eq!(selected(&smd, &["m02", "m00"]), numbered);
    let tsb = write(folder, "tsb.csv", "a,host,b,Label\n1,t,10,0\n2,t,20,1\n");
    assert_eq!(selected(&tsb, &["b", "a"]), numbered);
    let ucr = write(folder, "1_UCR_Anomaly_x_1_1_2.txt", "1 2\n");
    assert_eq!(selected(&ucr, &["value"]).1, [[1.0], [2.0]]);
}

/// Broken if a source forgets the first selection, or reads a column twice per row.
#[test]
fn a_selection_can_be_narrowed_and_can_name_a_variable_twice() {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("x.parquet");
    parquet(&stored);
    let text = "timestamp,a,host,b,label\nt1,1,t1,10,0\nt2,2,t2,20,1\n";
    for path in [stored, write(folder.path(), "wide.csv", text)] {
        let (_, values, _) = selected(&path, &["b", "b"]);
        assert_eq!(values, [[10.0, 10.0], [20.0, 20.0]], "{}", path.display());
        let mut recording = Recording::open(&path).unwrap();
        recording.select(["b", "a"]).unwrap();
        assert!(recording.next_row().unwrap().is_some());
        recording.select(["a"]).unwrap();
        let row = recording.next_row().unwrap().unwrap();
        assert_eq!(
            (row.readings, row.label),
            ([Reading::from(2.0)].as_slice(), Some(true))
        );
        assert!(recording.select(["b"]).is_err(), "it has `a` only");
    }
}

#[test]
fn a_missing_variable_is_named_with_its_file_and_the_columns_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("x.parquet");
    parquet(&stored);
    let text = "timestamp,a,host,b,label\n1,1,t1,10,0\n";
    for path in [stored, write(folder.path(), "wide.csv", text)] {
        let mut recording = Recording::open(&path).unwrap();
        let said = recording.select(["a", "c"]).unwrap_err().to_string();
        let wanted = "variable `c` has no column; there are: a, b";
        assert_eq!(said, format!("{}: {wanted}", path.display()));
        assert_eq!(recording.names(), ["a", "b"], "as before, without texts");
    }
}

fn values(table: &Table) -> Vec<&[f32]> {
    table.rows().collect()
}

/// Broken if a CSV file needs a `timestamp`, the label at the end, or names for all columns.
#[test]
fn frames_come_from_csv_with_any_header_from_parquet_and_from_raw_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let stored = folder.join("X.PARQUET");
    parquet(&stored);
    let first = ",timestamp,label,b,host,a\n0,t1,0,10,t1,1\n1,t2,1,20,,2\n";
    let second = "timestamp,b,label,a,\"the, host\"\n5,10,0.0,1,\"x, y\"\n6,20,1.0,2,z\n";
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(second.as_bytes()).unwrap();
    let packed = folder.join("x.csv.gz");
    fs::write(&packed, gzip.finish().unwrap()).unwrap();
    for path in [
        write(folder, "x.CSV", first),
        write(folder, "y.csv", second),
        packed,
        stored,
    ] {
        let table = frames::read(&path, &Options::default(), &["a", "b"]).unwrap();
        assert_eq!(values(&table), [[1.0, 10.0], [2.0, 20.0]]);
        assert_eq!(table.labels, [false, true], "{}", path.display());
        let said = frames::read(&path, &Options::default(), &["a", "c"]).unwrap_err();
        let said = format!("{said:#}");
        assert!(said.contains("variable `c` has no column"), "{said}");
    }
    let raw = folder.join("x.f32");
    let bytes = [1.0_f32, 10.0, f32::NAN, 20.0]
        .map(f32::to_le_bytes)
        .concat();
    fs::write(&raw, bytes).unwrap();
    let table = frames::read(&raw, &Options::default(), &["a", "b"]).unwrap();
    assert_eq!(table.row(0), [1.0, 10.0]);
    assert!(table.row(1)[0].is_nan() && table.labels.is_empty());
    let said = frames::read(&raw, &Options::default(), &["a", "b", "c"]).unwrap_err();
    assert!(format!("{said:#}").ends_with("16 bytes are no whole number of frames of 3 f32"));
    let skab = write(folder, "s.csv", "datetime;a;b\nt;1;2\n");
    let table = frames::read(&skab, &Options::of(Some(Layout::Skab)), &["b"]).unwrap();
    assert_eq!(values(&table), [[2.0]]);
}

#[test]
fn windows_are_runs_of_rows_that_begin_one_later_each() {
    let mut table = Table::new(["a", "b"].map(str::to_owned).to_vec());
    assert_eq!(table.windows(2).count(), 0);
    for row in [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]] {
        table.push(row);
    }
    let windows: Vec<&[f32]> = table.windows(2).collect();
    assert_eq!(windows, [[1.0, 2.0, 3.0, 4.0], [3.0, 4.0, 5.0, 6.0]]);
    assert_eq!(table.windows(4).count(), 0);
    assert_eq!((table.len(), table.row(2)), (3, [5.0, 6.0].as_slice()));
}
