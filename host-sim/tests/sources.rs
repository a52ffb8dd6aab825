//! Every layout of recordings, on files made by hand: names, rows, labels, training part, and
//! that no more is read than is asked for.

use bellwether::{Cause, Reading};
use bellwether_sim::recording::{Layout, Recording, Training};
use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A folder with these files.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            let path = folder.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

/// Timestamp, values (NaN is missing) and label of every row.
type Rows = Vec<(String, Vec<f32>, Option<bool>)>;

fn rows(trace: &mut Recording) -> Rows {
    let mut rows = Vec::new();
    while let Some(row) = trace.next_row().unwrap() {
        let values = row.readings.iter().map(|r| match r {
            Reading::Value(x) => *x,
            Reading::Absent(Cause::NotFinite) => f32::INFINITY,
            Reading::Absent(_) => f32::NAN,
        });
        rows.push((row.timestamp.to_owned(), values.collect(), row.label));
    }
    rows
}

/// Rows as text, since NaN is not equal to itself.
fn said(path: &Path, layout: Layout) -> (String, Training) {
    let mut trace = Recording::open(path).unwrap();
    assert_eq!(trace.layout(), layout, "{}", path.display());
    let names = trace.names().join(" ");
    let rows = rows(&mut trace);
    let mut known = Recording::open_as(path, Some(layout)).unwrap();
    assert_eq!(format!("{:?}", self::rows(&mut known)), format!("{rows:?}"));
    let lines = rows.iter().map(|(time, values, label)| {
        let label = label.map_or("-".to_owned(), |label| u8::from(label).to_string());
        format!("{time} {values:?} {label}")
    });
    let text = [names].into_iter().chain(lines).collect::<Vec<_>>();
    (text.join("\n"), trace.training().clone())
}

fn refused(path: &Path, layout: Option<Layout>) -> String {
    let mut trace = match Recording::open_as(path, layout) {
        Ok(trace) => trace,
        Err(error) => return error.to_string(),
    };
    loop {
        match trace.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("accepted {}", path.display()),
            Err(error) => return error.to_string(),
        }
    }
}

#[test]
fn wide_files_know_their_training_file() {
    let text = "timestamp,a,label\n5,1.5,0\n6,,1\n";
    let folder = Folder::with(&[("x.train.csv", text), ("x.test.csv", text)]);
    let (test, training) = said(&folder.path("x.test.csv"), Layout::Wide);
    assert_eq!(test, "a\n5 [1.5] 0\n6 [NaN] 1");
    assert_eq!(training, Training::Apart(folder.path("x.train.csv")));
    let (_, training) = said(&folder.path("x.train.csv"), Layout::Wide);
    assert_eq!(training, Training::Whole);
}

#[test]
fn plain_files_are_dated_by_a_column_of_times_or_numbered() {
    let folder = Folder::with(&[
        (
            "a.csv",
            "Date,x,y,is_anomaly\n2020-01-01,1,2,0\n2020-01-02,inf,,1.0\n",
        ),
        ("b.csv", "x,y\n1,2\n3,4\n"),
    ]);
    let (dated, training) = said(&folder.path("a.csv"), Layout::Plain);
    assert_eq!(
        dated,
        "x y\n2020-01-01 [1.0, 2.0] 0\n2020-01-02 [inf, NaN] 1"
    );
    assert_eq!(training, Training::Unknown);
    // Without a time, that is noted.
    let plain = folder.path("b.csv");
    let mut trace = Recording::open(&plain).unwrap();
    assert_eq!(
        trace.notes(),
        ["no time: rows are numbered; 2 variables: x, y"]
    );
    let numbered = vec![
        ("0".to_owned(), vec![1.0, 2.0], None),
        ("1".to_owned(), vec![3.0, 4.0], None),
    ];
    assert_eq!(rows(&mut trace), numbered);
}

const WINDOWS: &str = r#"{
    "realX/a.csv": [["2014-04-10 00:05:00.000000", "2014-04-10 00:10:00.000000"]],
    "realX/b.csv": []
}"#;

#[test]
fn nab_files_get_their_labels_from_the_windows() {
    let text = "timestamp,value\n2014-04-10 00:00:00,1\n2014-04-10 00:05:00,2\n\
                2014-04-10 00:10:00,3\n2014-04-10 00:15:00,4\n";
    let folder = Folder::with(&[
        ("labels/combined_windows.json", WINDOWS),
        ("data/realX/a.csv", text),
        ("data/realX/b.csv", text),
        ("data/realY/a.csv", text),
    ]);
    let labels = |name: &str, layout| {
        let mut trace = Recording::open(folder.path(name)).unwrap();
        assert_eq!(trace.layout(), layout);
        let labels = rows(&mut trace).into_iter().map(|(_, _, label)| label);
        labels.collect::<Vec<_>>()
    };
    let anomalous = [false, true, true, false].map(Some);
    assert_eq!(labels("data/realX/a.csv", Layout::Nab), anomalous);
    assert_eq!(labels("data/realX/b.csv", Layout::Nab), [Some(false); 4]);
    assert_eq!(labels("data/realY/a.csv", Layout::Wide), [None; 4]);
    let broken = Folder::with(&[
        ("labels/combined_windows.json", "{"),
        ("d/realX/a.csv", text),
    ]);
    let broken = refused(&broken.path("d/realX/a.csv"), None);
    assert!(
        broken.contains("labels in "),
        "no recording without labels instead: {broken}"
    );
    let unknown = refused(&folder.path("data/realY/a.csv"), Some(Layout::Nab));
    assert!(
        unknown.contains("does not name this recording"),
        "{unknown}"
    );
}

#[test]
fn skab_files_have_semicolons_and_change_points_are_left_out() {
    let folder = Folder::with(&[
        (
            "1.csv",
            "datetime;a;Volume Flow RateRMS;anomaly;changepoint\n2020-03-09 10:14:33;1;2;0.0;0.0\n2020-03-09 10:14:34;3;;1.0;1.0\n",
        ),
        ("free.csv", "datetime;a\n2020-02-08 13:30:47;5\n"),
    ]);
    let (text, _) = said(&folder.path("1.csv"), Layout::Skab);
    let wanted = "a Volume Flow RateRMS\n2020-03-09 10:14:33 [1.0, 2.0] 0\n\
                  2020-03-09 10:14:34 [3.0, NaN] 1";
    assert_eq!(text, wanted);
    let (text, _) = said(&folder.path("free.csv"), Layout::Skab);
    assert_eq!(text, "a\n2020-02-08 13:30:47 [5.0] -");
}

#[test]
fn smd_files_have_labels_beside_and_exactly_as_many() {
    let folder = Folder::with(&[
        ("train/m.txt", "0.1,0.2\n0.3,0.4\n"),
        ("test/m.txt", "0.5,0.6\n0.7,0.8\n"),
        ("test_label/m.txt", "0\n1\n"),
        ("test/few.txt", "1,2\n3,4\n"),
        ("test_label/few.txt", "0\n"),
        ("test/many.txt", "1,2\n"),
        ("test_label/many.txt", "0\n0\n"),
        ("test/odd.txt", "1,2\n"),
        ("test_label/odd.txt", "7\n"),
        ("test/bare.txt", "1,2\n"),
    ]);
    let (text, training) = said(&folder.path("test/m.txt"), Layout::Smd);
    assert_eq!(text, "m00 m01\n0 [0.5, 0.6] 0\n1 [0.7, 0.8] 1");
    assert_eq!(training, Training::Apart(folder.path("train/m.txt")));
    let (text, training) = said(&folder.path("train/m.txt"), Layout::Smd);
    assert_eq!(text, "m00 m01\n0 [0.1, 0.2] -\n1 [0.3, 0.4] -");
    assert_eq!(training, Training::Whole);
    for (name, reason) in [
        ("few", "fewer labels than rows"),
        ("many", "more labels than rows"),
        ("odd", "line 1: `7` is neither 0 nor 1"),
        ("bare", "No such file"),
    ] {
        let said = refused(&folder.path(&format!("test/{name}.txt")), None);
        let file = format!("labels in {}", folder.path("test_label").display());
        assert!(
            said.contains(reason) && said.contains(&file),
            "{name}: {said}"
        );
    }
}

#[test]
fn psm_files_have_labels_in_a_table_beside() {
    let folder = Folder::with(&[
        ("train.csv", "timestamp_(min),feature_0\n0.0,0.5\n1.0,\n"),
        (
            "test.csv",
            "timestamp_(min),feature_0\n132480,1\n132481,2\n",
        ),
        (
            "test_label.csv",
            "timestamp_(min),label\n132480,0\n132481,1\n",
        ),
    ]);
    let (text, training) = said(&folder.path("test.csv"), Layout::Psm);
    assert_eq!(text, "feature_0\n132480 [1.0] 0\n132481 [2.0] 1");
    assert_eq!(training, Training::Apart(folder.path("train.csv")));
    let (text, training) = said(&folder.path("train.csv"), Layout::Psm);
    assert_eq!(text, "feature_0\n0.0 [0.5] -\n1.0 [NaN] -");
    assert_eq!(training, Training::Whole);
}

#[test]
fn tsb_files_say_their_training_rows_by_name() {
    let name = "001_NAB_id_1_Facility_tr_2_1st_3.csv";
    let folder = Folder::with(&[
        (name, "Data,Label\n1,0\n2,0\n3,1\n"),
        ("other.csv", "0,1,Label\n1,2,0\n"),
    ]);
    let (text, training) = said(&folder.path(name), Layout::Tsb);
    assert_eq!(text, "Data\n0 [1.0] 0\n1 [2.0] 0\n2 [3.0] 1");
    assert_eq!(training, Training::Rows(2));
    let (text, training) = said(&folder.path("other.csv"), Layout::Tsb);
    assert_eq!(text, "0 1\n0 [1.0, 2.0] 0");
    assert_eq!(training, Training::Unknown);
}

/// Broken if the last row of the name's range counts, or values of one line are one row.
#[test]
fn ucr_files_say_everything_by_name_and_may_have_one_line() {
    let (lines, line) = ("  1.0e+00\n 2\n3\n4\n5\n", " 1.0e+00  2 3\t4 5\n");
    let folder = Folder::with(&[
        ("004_UCR_Anomaly_x1_2_3_4.txt", lines),
        ("205_UCR_Anomaly_CHARISfive_2_3_4.txt", line),
    ]);
    for name in [
        "004_UCR_Anomaly_x1_2_3_4.txt",
        "205_UCR_Anomaly_CHARISfive_2_3_4.txt",
    ] {
        let (text, training) = said(&folder.path(name), Layout::Ucr);
        assert_eq!(
            text,
            "value\n0 [1.0] 0\n1 [2.0] 0\n2 [3.0] 0\n3 [4.0] 1\n4 [5.0] 0"
        );
        assert_eq!(training, Training::Rows(2));
    }
}

/// Two row groups of every type that is read, with gaps, of more rows than a block.
fn parquet(path: &Path, properties: WriterProperties) {
    let schema = "message m { required int64 timestamp (TIMESTAMP(MILLIS,true)); \
                  optional double d; required float f; optional int32 i; \
                  required int64 u (INTEGER(64,false)); required boolean label; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = fs::File::create(path).unwrap();
    let mut file = SerializedFileWriter::new(file, schema, Arc::new(properties)).unwrap();
    for rows in [0..1500_i64, 1500..1502] {
        let mut group = file.next_row_group().unwrap();
        let there: Vec<i16> = rows.clone().map(|k| i16::from(k % 4 > 0)).collect();
        let present = || rows.clone().filter(|k| k % 4 > 0);
        while let Some(mut column) = group.next_column().unwrap() {
            match column.untyped() {
                ColumnWriter::Int64ColumnWriter(writer) => {
                    // The first is the timestamp, the second beyond what is signed.
                    let first = writer.get_descriptor().name() == "timestamp";
                    let value = |k| if first { 1000 * k } else { -1 };
                    let values: Vec<i64> = rows.clone().map(value).collect();
                    writer.write_batch(&values, None, None).unwrap();
                }
                ColumnWriter::DoubleColumnWriter(writer) => {
                    let values: Vec<f64> = present().map(|k| k as f64 / 2.0).collect();
                    writer.write_batch(&values, Some(&there), None).unwrap();
                }
                ColumnWriter::FloatColumnWriter(writer) => {
                    let values: Vec<f32> = rows.clone().map(|k| k as f32 / 4.0).collect();
                    writer.write_batch(&values, None, None).unwrap();
                }
                ColumnWriter::Int32ColumnWriter(writer) => {
                    let values: Vec<i32> = present().map(|k| -(k as i32)).collect();
                    writer.write_batch(&values, Some(&there), None).unwrap();
                }
                ColumnWriter::BoolColumnWriter(writer) => {
                    let values: Vec<bool> = rows.clone().map(|k| k == 1501).collect();
                    writer.write_batch(&values, None, None).unwrap();
                }
                _ => unreachable!("no such column"),
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    file.close().unwrap();
}

/// Broken if a codec is no part of the program.
#[test]
fn parquet_of_every_usual_codec_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let mut expected = None;
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::ZSTD(ZstdLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::BROTLI(BrotliLevel::default()),
    ] {
        let properties = WriterProperties::builder().set_compression(codec).build();
        parquet(&path, properties);
        let all = rows(&mut Recording::open(&path).unwrap());
        assert_eq!(all.len(), 1502, "{codec}");
        let expected = expected.get_or_insert_with(|| format!("{all:?}"));
        assert_eq!(*expected, format!("{all:?}"), "{codec}");
    }
}

/// Broken by a block or row group that is lost or read twice, and by gaps that move values.
#[test]
fn parquet_columns_come_together_row_by_row() {
    let folder = tempfile::tempdir().unwrap();
    // The name does not matter.
    let path = folder.path().join("x.bin");
    parquet(&path, WriterProperties::default());
    let mut trace = Recording::open(&path).unwrap();
    assert_eq!(trace.layout(), Layout::Parquet);
    assert_eq!(trace.names(), ["d", "f", "i", "u"]);
    let all = rows(&mut trace);
    assert_eq!(all.len(), 1502);
    for (k, (time, values, label)) in all.iter().enumerate() {
        let x = k as f32;
        let gap = |value: f32| if k % 4 > 0 { value } else { f32::NAN };
        let wanted = [gap(x / 2.0), x / 4.0, gap(-x), u64::MAX as f32];
        assert_eq!(time, &(1000 * k).to_string());
        assert_eq!(format!("{values:?}"), format!("{wanted:?}"), "row {k}");
        assert_eq!(*label, Some(k == 1501));
    }
    let (read, size) = trace.progress();
    assert!(read > 0 && Some(read) <= size, "{read} of {size:?}");
    let said = refused(&path, Some(Layout::Wide));
    assert!(said.contains("it is a Parquet file"), "{said}");
}

#[test]
fn parquet_texts_are_timestamps_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    for (name, reason) in [("time", None), ("host", Some("left out: host (text)"))] {
        let path = folder.path().join(name);
        let schema = format!("message m {{ required binary {name} (UTF8); required float x; }}");
        let schema = Arc::new(parse_message_type(&schema).unwrap());
        let file = fs::File::create(&path).unwrap();
        let mut file = SerializedFileWriter::new(file, schema, Arc::default()).unwrap();
        let mut group = file.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            match column.untyped() {
                ColumnWriter::ByteArrayColumnWriter(w) => {
                    w.write_batch(&[ByteArray::from("a")], None, None).unwrap()
                }
                ColumnWriter::FloatColumnWriter(w) => w.write_batch(&[1.0], None, None).unwrap(),
                _ => unreachable!("no such column"),
            };
            column.close().unwrap();
        }
        group.close().unwrap();
        file.close().unwrap();
        match reason {
            None => assert_eq!(said(&path, Layout::Parquet).0, "x\na [1.0] -"),
            Some(reason) => {
                let recording = Recording::open(&path).unwrap();
                assert_eq!(recording.names(), ["x"]);
                assert!(recording.notes().join("; ").contains(reason));
            }
        }
    }
}

#[test]
fn a_file_of_another_layout_is_refused_with_a_reason() {
    let folder = Folder::with(&[("x.csv", "timestamp,a,b\n1,2,3\n")]);
    for (layout, reason) in [
        (Layout::Nab, "line 1: expected `timestamp,value`"),
        (
            Layout::Skab,
            "line 1: expected `datetime;` at the begin of the header",
        ),
        (
            Layout::Psm,
            "line 1: expected `timestamp_(min)` as first column",
        ),
        (
            Layout::Smd,
            "line 1: expected in a folder `train` or `test`",
        ),
        (Layout::Tsb, "line 1: expected `Label` as last column"),
        (
            Layout::Ucr,
            "line 1: expected a name that ends in _TRAINING_BEGIN_END.txt",
        ),
        (Layout::Parquet, "line 1: not a Parquet file"),
    ] {
        let said = refused(&folder.path("x.csv"), Some(layout));
        assert!(said.contains(reason), "{layout:?}: {said}");
    }
}

/// Rows without end, and a count of the bytes that were taken.
struct Endless {
    row: u64,
    rest: Vec<u8>,
    taken: Arc<AtomicU64>,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rest.is_empty() {
            let head = if self.row == 0 {
                "timestamp,a,b,label\n"
            } else {
                ""
            };
            self.rest = format!("{head}{:020},1.25,-3,0\n", self.row).into_bytes();
            self.row += 1;
        }
        let count = self.rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.rest[..count]);
        self.rest.drain(..count);
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Broken by any reading ahead beyond the buffers: a file longer than memory would fill it.
#[test]
fn no_more_is_read_than_a_buffer_ahead() {
    let taken = Arc::new(AtomicU64::new(0));
    let endless = Endless {
        row: 0,
        rest: Vec::new(),
        taken: Arc::clone(&taken),
    };
    let mut trace = Recording::new("endless", endless, None).unwrap();
    let line = "00000000000000000000,1.25,-3,0\n".len() as u64;
    for row in 0..300_000 {
        trace.next_row().unwrap().unwrap();
        let ahead = taken.load(Ordering::Relaxed) - line * (row + 1);
        assert!(ahead < 200_000, "row {row}: {ahead} bytes ahead");
    }
}

/// ASD comes as pickles: the reader is told what to do with one.
#[test]
fn a_pickle_is_refused_with_a_way_out() {
    let folder = Folder::with(&[("omi-1_test.pkl", "\u{0}")]);
    let error = Recording::open(folder.path("omi-1_test.pkl"))
        .err()
        .unwrap();
    let told = error.to_string();
    assert!(
        told.contains("omi-1_test.pkl: a Python pickle") && told.contains("--layout smd"),
        "{told}"
    );
}
