//! Recordings as people have them: one recording of two variables, written in the spelling of many
//! programs, must read as the same rows every time. Values, labels and times are compared with those
//! of the plain file, and with what was said about them.

use bellwether::{Cause, Reading};
use bellwether_sim::recording::time::clock::Clock;
use bellwether_sim::recording::{Options, Recording};
use std::fmt::Write as _;
use std::io::Cursor;

/// 2026-03-01 00:00:00 UTC.
const BEGIN: i64 = 1_772_323_200;

const ROWS: i64 = 120;

/// Two related variables; the last rows are labelled.
fn value(row: i64) -> (f64, f64, bool) {
    let x = 50.0 + ((row * 37) % 11) as f64 / 8.0;
    (x, 2.0 * x + 0.125, row >= 110)
}

fn iso(row: i64) -> String {
    let of_day = 60 * row;
    format!("2026-03-01 {:02}:{:02}:00", of_day / 3600, of_day / 60 % 60)
}

/// A row of seconds, values and a label.
type Row = (f64, Vec<Option<f32>>, Option<bool>);

fn plain(labelled: bool) -> Vec<Row> {
    let row = |k| {
        let (a, b, label) = value(k);
        let time = (BEGIN + 60 * k) as f64;
        (
            time,
            vec![Some(a as f32), Some(b as f32)],
            labelled.then_some(label),
        )
    };
    (0..ROWS).map(row).collect()
}

/// A text: a header, then each row as `row` writes it.
fn text(header: &str, row: impl Fn(i64, f64, f64, bool) -> String) -> String {
    let mut text = format!("{header}\n");
    for k in 0..ROWS {
        let (a, b, label) = value(k);
        let _ = writeln!(text, "{}", row(k, a, b, label));
    }
    text
}

fn open(bytes: impl Into<Vec<u8>>, options: &Options) -> Recording {
    let input = Cursor::new(bytes.into());
    Recording::new_with("x.csv", input, None, options).unwrap()
}

fn rows(recording: &mut Recording) -> Vec<Row> {
    let (mut clock, mut rows) = (Clock::default(), Vec::new());
    while let Some(row) = recording.next_row().unwrap() {
        let value = |reading: &Reading| match reading {
            Reading::Value(x) => Some(*x),
            Reading::Absent(Cause::NotFinite) => Some(f32::INFINITY),
            Reading::Absent(_) => None,
        };
        let values = row.readings.iter().map(value).collect();
        rows.push((clock.read(row.timestamp).unwrap(), values, row.label));
    }
    rows
}

/// Reads a text as the plain recording, with the names of its variables; what was said.
fn same(name: &str, bytes: impl Into<Vec<u8>>, labelled: bool, names: [&str; 2]) -> String {
    let mut recording = open(bytes, &Options::default());
    assert_eq!(recording.names(), names, "{name}: {:?}", recording.notes());
    assert_eq!(
        recording.is_labelled(),
        labelled,
        "{name}: {:?}",
        recording.notes()
    );
    assert_eq!(rows(&mut recording), plain(labelled), "{name}");
    [recording.notes().to_vec(), recording.remarks()]
        .concat()
        .join("\n")
}

/// A label is a label by any usual name, spelling and place.
#[test]
fn labels_of_every_spelling() {
    for name in [
        "is_anomaly",
        "anomaly",
        "Label",
        "attack",
        "Normal/Attack",
        "outlier",
    ] {
        for (no, yes) in [
            ("0", "1"),
            ("0.0", "1.0"),
            ("False", "True"),
            ("Normal", "Attack"),
            ("no", "yes"),
            ("", "1"),
        ] {
            let word = |label| if label { yes } else { no };
            let last = text(&format!("timestamp,temp,power,{name}"), |k, a, b, l| {
                format!("{},{a},{b},{}", iso(k), word(l))
            });
            let said = same(name, last, true, ["temp", "power"]);
            assert!(said.contains(&format!("label: `{name}`")), "{said}");
            let middle = text(&format!("epoch,{name},temp,power"), |k, a, b, l| {
                format!("{},{},{a},{b}", BEGIN + 60 * k, word(l))
            });
            same(name, middle, true, ["temp", "power"]);
        }
    }
    // The project's own convention needs no word.
    let own = text("timestamp,temp,power,label", |k, a, b, l| {
        format!("{},{a},{b},{}", iso(k), i32::from(l))
    });
    assert_eq!(same("own", own, true, ["temp", "power"]), "");
}

/// Broken if the sign of a label is guessed: scikit-learn's -1 is an outlier.
#[test]
fn signed_labels_are_explained_or_refused() {
    let signed = text("timestamp,temp,power,label", |k, a, b, l| {
        format!("{},{a},{b},{}", iso(k), if l { -1 } else { 1 })
    });
    let mut recording = open(signed.clone(), &Options::default());
    let error = loop {
        match recording.next_row() {
            Ok(row) => assert!(row.is_some(), "accepted"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("--anomalous=-1"), "{error}");
    let options = Options {
        anomalous: vec!["-1".to_owned()],
        ..Options::default()
    };
    assert_eq!(rows(&mut open(signed, &options)), plain(true));
}

/// Broken if a state beside a value, or in a dump of IPMI, becomes a name of variables.
#[test]
fn states_are_no_names_of_variables() {
    let state = |k: i64| if k % 3 == 0 { "OK" } else { "WARN" };
    let text_of = text("timestamp,value,state", |k, a, _, _| {
        format!("{},{a},{}", iso(k), state(k))
    });
    assert_eq!(open(text_of, &Options::default()).names(), ["value"]);
    let sensors = text("ID,Name,Reading,Units,Event", |k, a, b, _| {
        format!("1,CPU Temp,{a},C,{s}\n2,Power,{b},W,{s}", s = state(k))
    });
    let recording = open(sensors, &Options::default());
    assert_eq!(recording.names(), ["CPU Temp", "Power"]);
    let scored = text("timestamp,value,anomaly_score,label", |k, a, b, l| {
        format!("{},{a},{b},{}", iso(k), i32::from(l))
    });
    assert_eq!(open(scored, &Options::default()).names(), ["value"]);
}

/// A time is a time by any usual name, spelling and place.
#[test]
fn times_of_every_spelling() {
    for name in [
        "epoch",
        "unix_time",
        "_time",
        "Time [UTC]",
        "DateTime",
        "Time",
        "TIMESTAMP",
        "",
        "when",
    ] {
        for unit in [1, 1000, 1_000_000, 1_000_000_000] {
            let time = |k| unit * (BEGIN + 60 * k);
            let first = text(&format!("{name},temp,power"), |k, a, b, _| {
                format!("{},{a},{b}", time(k))
            });
            if !name.is_empty() {
                same(name, first, false, ["temp", "power"]);
                let last = text(&format!("temp,power,{name}"), |k, a, b, _| {
                    format!("{a},{b},{}", time(k))
                });
                same(name, last, false, ["temp", "power"]);
            }
        }
        let first = text(&format!("{name},temp,power"), |k, a, b, _| {
            format!("{},{a},{b}", iso(k))
        });
        let said = same(name, first, false, ["temp", "power"]);
        assert!(said.contains("time: "), "{said}");
    }
    for index in ["", "Unnamed: 0", "index"] {
        let indexed = text(&format!("{index},timestamp,temp,power"), |k, a, b, _| {
            format!("{k},{},{a},{b}", iso(k))
        });
        same(index, indexed, false, ["temp", "power"]);
    }
    let pair = text("Date,Time,temp,power", |k, a, b, _| {
        let time = iso(k);
        let (date, time) = time.split_once(' ').unwrap();
        format!("{date},{time},{a},{b}")
    });
    same("date and time", pair, false, ["temp", "power"]);
}

/// Separators, decimal signs and encodings.
#[test]
fn separators_and_encodings_of_every_kind() {
    let commas = |x: f64| x.to_string().replace('.', ",");
    for separator in [';', '\t', '|'] {
        let s = separator;
        let points = text(&format!("timestamp{s}temp{s}power"), |k, a, b, _| {
            format!("{}{s}{a}{s}{b}", iso(k))
        });
        same("points", points, false, ["temp", "power"]);
        let decimal = text(&format!("datum{s}temp{s}power"), |k, a, b, _| {
            format!("{}{s}{}{s}{}", iso(k), commas(a), commas(b))
        });
        same("commas", decimal.clone(), false, ["temp", "power"]);
        same(
            "sep=",
            format!("\u{feff}sep={s}\r\n{}", decimal.replace('\n', "\r\n")),
            false,
            ["temp", "power"],
        );
    }
    let quoted = text("timestamp,temp,power", |k, a, b, _| {
        format!("{},\"{}\",\"{}\"", iso(k), commas(a), commas(b))
    });
    same("quoted", quoted, false, ["temp", "power"]);
    let own = text("timestamp,temp (°C),power", |k, a, b, _| {
        format!("{},{a},{b}", iso(k))
    });
    let names = ["temp (°C)", "power"];
    same("BOM", format!("\u{feff}{own}"), false, names);
    for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = format!("\u{feff}{own}")
            .encode_utf16()
            .flat_map(bytes)
            .collect();
        assert!(same("UTF-16", wide, false, names).contains("UTF-16"));
    }
    let latin: Vec<u8> = own
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap())
        .collect();
    assert!(same("Latin-1", latin, false, names).contains("Windows-1252"));
}

/// A token for no reading is missing, and needs no word.
#[test]
fn missing_readings_of_every_spelling() {
    for token in [
        "NA",
        "N/A",
        "null",
        "None",
        "-",
        "--",
        "na",
        "?",
        "#N/A",
        "no reading",
        "NaN",
        "",
    ] {
        let with = text("timestamp,temp,power", |k, a, b, _| {
            if k == 100 {
                format!("{},{a},{token}", iso(k))
            } else {
                format!("{},{a},{b}", iso(k))
            }
        });
        let mut recording = open(with, &Options::default());
        let found = rows(&mut recording);
        assert_eq!(found[100].1[1], None, "{token}");
        assert_eq!(found[99], plain(false)[99]);
        assert!(
            recording.remarks().is_empty(),
            "{token}: {:?}",
            recording.remarks()
        );
    }
    // Broken if the distance of an infinite value is the tolerance of a clock.
    let infinite = text("timestamp,temp,power", |k, a, b, _| {
        format!(
            "{},{a},{}",
            iso(k),
            if k == 100 { f64::INFINITY } else { b }
        )
    });
    assert!(open(infinite, &Options::default()).notes().is_empty());
    // A value that is declared, and one that only looks like a sentinel.
    let sentinel = text("timestamp,temp,power", |k, a, b, _| {
        format!("{},{a},{}", iso(k), if k == 100 { -9999.0 } else { b })
    });
    let mut recording = open(sentinel.clone(), &Options::default());
    rows(&mut recording);
    let said = recording.remarks().join("\n");
    assert!(
        said.contains("power: -9999 in 1 row (first in line 102)"),
        "{said}"
    );
    let options = Options {
        missing: vec!["-9999".to_owned()],
        ..Options::default()
    };
    assert_eq!(rows(&mut open(sentinel, &options))[100].1[1], None);
}

/// Lines that are no rows.
#[test]
fn lines_around_rows() {
    let base = text("timestamp,temp,power", |k, a, b, _| {
        format!("{},{a},{b}", iso(k))
    });
    let (header, body) = base.split_once('\n').unwrap();
    let is = |name: &str, text: String| same(name, text, false, ["temp", "power"]);
    is("comments", format!("# node 7\n# UTC\n{base}"));
    is("units", format!("{header}\ns,degC,W\n{body}"));
    is("trailing commas", base.replace('\n', ",\n"));
    is(
        "commas in rows",
        format!("{header}\n{}", body.replace('\n', ",\n")),
    );
    let said = is("footer", format!("{base}# end\nTotal: 120 rows\n"));
    assert!(said.contains("the last line, 123, is left out"), "{said}");
    let said = is("cut", format!("{base}2026-03-01 02:00:00,50"));
    assert!(said.contains("the last line, 122, is left out"), "{said}");
    let mut half = base.lines().map(str::to_owned).collect::<Vec<_>>();
    half.insert(61, header.to_owned());
    let said = is("two files", half.join("\n"));
    assert!(
        said.contains("1 further header left out (first in line 62)"),
        "{said}"
    );
    let toa5 = format!(
        "\"TOA5\",\"CR1000\",\"x\",\"1\",\"Std\"\n\"TIMESTAMP\",\"temp\",\"power\"\n\"TS\",\"C\",\"W\"\n\"\",\"Avg\",\"Avg\"\n{body}"
    );
    is("TOA5", toa5);
    let mut recording = open(body, &Options::default());
    assert_eq!(recording.names(), ["column2", "column3"]);
    assert_eq!(rows(&mut recording), plain(false));
    let broken = text("timestamp,\"temp\n(in C)\",power", |k, a, b, _| {
        format!("{},{a},{b}", iso(k))
    });
    same(
        "a line break in the header",
        broken,
        false,
        ["temp (in C)", "power"],
    );
}

/// Texts are left out by name, truth values and units are read.
#[test]
fn columns_of_other_kinds() {
    let mixed = text("host,timestamp,temp,power,door,state", |k, a, b, _| {
        format!(
            "n1,{},{a} °C,{b}W,{},OK",
            iso(k),
            if k % 2 == 0 { "True" } else { "False" }
        )
    });
    let mut recording = open(mixed, &Options::default());
    assert_eq!(recording.names(), ["temp", "power", "door"]);
    let said = recording.notes().join("\n");
    assert!(said.contains("left out: host, state (text)"), "{said}");
    let found = rows(&mut recording);
    for (row, expected) in found.iter().zip(plain(false)) {
        assert_eq!(row.1[..2], expected.1);
    }
    assert_eq!([found[0].1[2], found[1].1[2]], [Some(1.0), Some(0.0)]);
}

/// Dumps of tools hold the same rows.
#[test]
fn dumps_of_tools() {
    let lines = text("", |k, a, b, _| {
        format!(
            "{{\"time\": {}, \"temp\": {a}, \"power\": {b}}}",
            BEGIN + 60 * k
        )
    });
    let mut recording = open(lines, &Options::default());
    assert_eq!(recording.names(), ["power", "temp"]);
    for (row, expected) in rows(&mut recording).iter().zip(plain(false)) {
        assert_eq!((row.1[0], row.1[1]), (expected.1[1], expected.1[0]));
    }
    let long = text("timestamp,sensor,value", |k, a, b, _| {
        format!("{t},temp,{a}\n{t},power,{b}", t = iso(k))
    });
    let chosen = Options {
        columns: vec!["pow*".to_owned()],
        ..Options::default()
    };
    assert_eq!(open(long.clone(), &chosen).names(), ["power"]);
    same("long", long, false, ["temp", "power"]);
    let influx = text("", |k, a, b, _| {
        format!(
            "env,host=n1 temp={a},power={b} {}",
            1_000_000_000 * (BEGIN + 60 * k)
        )
    });
    same("line protocol", influx, false, ["temp", "power"]);
    let annotated = text(
        "#group,false,false,true,false,true\n#datatype,string,long,string,dateTime:RFC3339,double\n\
         #default,_result,,,,\n,result,table,_field,_time,_value",
        |k, a, b, _| format!(",,0,temp,{t},{a}\n,,1,power,{t},{b}", t = iso(k)),
    );
    same("annotated CSV", annotated, false, ["temp", "power"]);
    let series = |name: &str, pick: fn((f64, f64, bool)) -> f64| {
        let points = (0..ROWS).map(|k| format!("[{},\"{}\"]", BEGIN + 60 * k, pick(value(k))));
        let points = points.collect::<Vec<_>>().join(",");
        format!(
            "{{\"metric\":{{\"__name__\":\"{name}\",\"instance\":\"n1\"}},\"values\":[{points}]}}"
        )
    };
    let (temp, power) = (series("temp", |v| v.0), series("power", |v| v.1));
    let range = format!(
        "{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{temp},{power}]}}}}"
    );
    same("Prometheus", range, false, ["temp", "power"]);
    let sadf = text(
        "# hostname;interval;timestamp;CPU;temp;power",
        |k, a, b, _| format!("n1;60;{} UTC;-1;{a};{b}", iso(k)),
    );
    let mut recording = open(sadf, &Options::default());
    assert_eq!(recording.names(), ["interval", "CPU", "temp", "power"]);
    assert_eq!(rows(&mut recording).len(), 120);
    let sensors =
        r#"{"k10temp-pci": {"Adapter": "PCI", "Tctl": {"temp1_input": 51.5, "temp1_max": 85}}}"#;
    assert_eq!(
        open(sensors, &Options::default()).names(),
        ["k10temp-pci.Tctl"]
    );
    let sdr = "CPU1 Temp,45,degrees C,ok\nTR1 Temp,na,degrees C,nr\nFAN1,5600,RPM,ok\n12V,12.288,Volts,ok\n";
    let mut recording = open(sdr, &Options::default());
    assert_eq!(recording.names(), ["CPU1 Temp", "TR1 Temp", "FAN1", "12V"]);
    let row = recording.next_row().unwrap().unwrap();
    assert_eq!(row.readings[2], Reading::Value(5600.0));
    assert_eq!(row.readings[1], Reading::Absent(Cause::Missing));
}

/// Interleaved rows on a grid: the last value is held, and only so long.
#[test]
fn rows_on_a_grid_of_time() {
    let interleaved = text("timestamp,temp,power", |k, a, b, _| {
        let at = BEGIN + 60 * k;
        // The power is silent for an hour.
        let power = if (30..90).contains(&k) {
            String::new()
        } else {
            b.to_string()
        };
        format!("{at},{a},\n{},,{power}", at + 1)
    });
    let options = Options {
        every: Some(std::time::Duration::from_secs(60)),
        ..Options::default()
    };
    let found = rows(&mut open(interleaved, &options));
    assert_eq!(found.len(), 120);
    for (k, (row, expected)) in found.iter().zip(plain(false)).enumerate() {
        assert_eq!((row.0, row.1[0]), (expected.0, expected.1[0]), "row {k}");
        let power = match k {
            // Held while it is at most two minutes old at the end of a row.
            30 => plain(false)[29].1[1],
            31..90 => None,
            _ => expected.1[1],
        };
        assert_eq!(row.1[1], power, "row {k}");
    }
}

/// Rows that are not in order are put in order, or refused.
#[test]
fn rows_in_another_order() {
    let base = text("timestamp,temp,power", |k, a, b, _| {
        format!("{},{a},{b}", iso(k))
    });
    let (header, body) = base.split_once('\n').unwrap();
    let lines: Vec<&str> = body.lines().collect();
    let newest: Vec<&str> = lines.iter().rev().copied().collect();
    let shuffled: Vec<&str> = (0..lines.len())
        .map(|k| lines[(k * 77) % lines.len()])
        .collect();
    let twice: Vec<&str> = lines.iter().flat_map(|line| [*line, *line]).collect();
    let sort = Options {
        sort: true,
        ..Options::default()
    };
    for (order, refusal) in [
        (&newest, Some("the newest row is first")),
        (&shuffled, Some("not in order of time")),
        (&twice, None),
    ] {
        let text = format!("{header}\n{}\n", order.join("\n"));
        assert_eq!(rows(&mut open(text.clone(), &sort)), plain(false));
        let input = Cursor::new(text.clone().into_bytes());
        let opened = Recording::new("x.csv", input, None);
        match (opened, refusal) {
            (Err(error), Some(refusal)) => {
                let said = error.to_string();
                assert!(said.contains(refusal) && said.contains("--sort"), "{said}");
            }
            (Ok(mut recording), None) => {
                rows(&mut recording);
                let said = recording.remarks().join("\n");
                assert!(
                    said.contains("120 of 240 timestamps do not advance"),
                    "{said}"
                );
            }
            (opened, refusal) => panic!("{opened:?} {refusal:?}"),
        }
    }
}

/// The increase of a counter is taken before its digits are lost.
#[test]
fn counters_as_rates() {
    let counter = text("timestamp,bytes", |k, _, _, _| {
        format!("{},{}", 60 * k, 5_000_000_000_000_i64 + 120_000 * k)
    });
    let mut recording = open(counter.clone(), &Options::default());
    rows(&mut recording);
    let said = recording.remarks().join("\n");
    assert!(
        said.contains("are lost in 32 bits") && said.contains("--rate bytes"),
        "{said}"
    );
    let options = Options {
        rate: vec!["bytes".to_owned()],
        ..Options::default()
    };
    let found = rows(&mut open(counter, &options));
    assert_eq!(found[0].1[0], None);
    assert!(found[1..].iter().all(|row| row.1[0] == Some(2000.0)));
}

/// Variables of wide tables are chosen by name or pattern.
#[test]
fn variables_of_a_wide_table() {
    let header: Vec<String> = (0..5000).map(|k| format!("v{k}")).collect();
    let values = vec!["1.5"; 5000].join(",");
    let text = format!("timestamp,{}\n1,{values}\n2,{values}\n", header.join(","));
    let options = Options {
        columns: vec!["v49??".to_owned(), "v7".to_owned()],
        without: vec!["v4950".to_owned()],
        ..Options::default()
    };
    let recording = open(text, &options);
    assert_eq!(recording.names().len(), 100);
    assert_eq!(recording.names()[99], "v7");
}

/// Broken if a table that was left of its commas, quotes or units is read as another one.
#[test]
fn tables_of_further_loggers() {
    let body: String = text("", |k, a, b, _| format!("{},{a},{b}", iso(k)));
    let body = body.trim_start();
    let is = |name: &str, text: String| same(name, text, false, ["temp", "power"]);
    is(
        "groups",
        format!("Group,Sensors,Sensors\ntimestamp,temp,power\n{body}"),
    );
    is(
        "levels of pandas",
        format!(",node,node\n,temp,power\ntimestamp,,\n{body}"),
    );
    is(
        "identifiers",
        format!(",/cpu/0,/gpu/0\nTime,\"temp\",\"power\"\n{body}"),
    );
    is(
        "units with a number",
        format!("timestamp,temp,power\nyyyy-mm-dd,%,1\n{body}"),
    );
    is(
        "single quotes",
        text("'timestamp','temp','power'", |k, a, b, _| {
            format!("'{}','{a}','{b}'", iso(k))
        }),
    );
    is(
        "formulas",
        text("timestamp,temp,power", |k, a, b, _| {
            format!("{},\"=\"\"{a}\"\"\",\"=\"\"{b}\"\"\"", iso(k))
        }),
    );
    is(
        "returns alone",
        format!("timestamp,temp,power\n{body}").replace('\n', "\r"),
    );
    is(
        "zeros at the end",
        format!("timestamp,temp,power\n{body}{}", "\0".repeat(4096)),
    );
    is(
        "rules",
        format!(
            "+-----+\n| timestamp | temp | power |\n+-----+\n{}+-----+\n",
            body.lines()
                .map(|line| format!("| {} |\n", line.replace(',', " | ")))
                .collect::<String>()
        )
        .replace("| timestamp", "timestamp")
        .replace("power |", "power")
        .replace("\n| ", "\n")
        .replace(" |\n", "\n"),
    );
    is(
        "blanks and decimal commas",
        text("timestamp temp power", |k, a, b, _| {
            format!(
                "{} {} {}",
                BEGIN + 60 * k,
                a.to_string().replace('.', ","),
                b.to_string().replace('.', ",")
            )
        }),
    );
    let said = is(
        "a footer",
        format!("timestamp,temp,power\n{body}Average,50.6,101.4\n"),
    );
    assert!(
        said.contains("the last line, 122, is left out: `Average` is no time"),
        "{said}"
    );
    let parts = text("No,year,month,day,hour,minute,temp,power", |k, a, b, _| {
        let of_day = 60 * k;
        format!(
            "{},2026,3,1,{},{},{a},{b}",
            k + 1,
            of_day / 3600,
            of_day / 60 % 60
        )
    });
    let said = is("year, month and day", parts);
    assert!(said.contains("time: `year` to `minute`"), "{said}");
    let numbered = text(",0,1", |k, a, b, _| format!("{k},{a},{b}"));
    let mut recording = open(numbered, &Options::default());
    assert_eq!(recording.names(), ["0", "1"]);
    let first = recording.next_row().unwrap().unwrap();
    assert_eq!(
        first.readings,
        [value(0).0, value(0).1].map(|x| Reading::Value(x as f32))
    );
    let japanese = b"time,\x89\xb7\x93\x78\n1,2\n2,3\n";
    let options = Options {
        encoding: encoding_rs::Encoding::for_label(b"shift_jis"),
        ..Options::default()
    };
    assert_eq!(open(japanese, &options).names(), ["温度"]);
}

/// A variable that may be a label is watched, and named.
#[test]
fn variables_of_two_values_are_named() {
    let flagged = text("timestamp,temp,power,alarm", |k, a, b, l| {
        format!("{},{a},{b},{}", iso(k), i32::from(l))
    });
    let recording = open(flagged.clone(), &Options::default());
    assert_eq!(recording.names(), ["temp", "power", "alarm"]);
    let said = recording.notes().join("\n");
    assert!(
        said.contains("alarm holds one of two values, and is watched (--label"),
        "{said}"
    );
    let options = Options {
        label: Some("alarm".to_owned()),
        ..Options::default()
    };
    assert_eq!(rows(&mut open(flagged, &options)), plain(true));
    let words = text("timestamp,temp,power,machine_status", |k, a, b, l| {
        format!("{},{a},{b},{}", iso(k), if l { "BROKEN" } else { "NORMAL" })
    });
    let said = same("words", words, false, ["temp", "power"]);
    assert!(
        said.contains("machine_status (text, with words of labels"),
        "{said}"
    );
}

/// One value a row, in the forms of further tools.
#[test]
fn values_of_further_tools() {
    let is = |name: &str, text: String| same(name, text, false, ["temp", "power"]);
    let pairs = |row: &dyn Fn(i64, &str, f64) -> String| {
        let both = |k| {
            let (a, b, _) = value(k);
            row(k, "temp", a) + &row(k, "power", b)
        };
        (0..ROWS).map(both).collect::<String>()
    };
    let series = |row: &dyn Fn(i64, &str, f64) -> String| {
        let temp = (0..ROWS).map(|k| row(k, "temp", value(k).0));
        let power = (0..ROWS).map(|k| row(k, "power", value(k).1));
        temp.chain(power).collect::<String>()
    };
    is(
        "Graphite's CSV",
        series(&|k, name, x| format!("{name},{},{x}\n", iso(k))),
    );
    is(
        "Graphite's lines",
        pairs(&|k, name, x| format!("{name} {x} {}\n", BEGIN + 60 * k)),
    );
    is(
        "sadf -p",
        pairs(&|k, name, x| format!("n1\t60\t{}\tall\t{name}\t{x}\n", BEGIN + 60 * k)),
    );
    is(
        "InfluxDB 1",
        format!(
            "name,tags,time,mean\n{}",
            series(&|k, name, x| {
                format!("env,{name},{},{x}\n", 1_000_000_000 * (BEGIN + 60 * k))
            })
        ),
    );
    is(
        "a broker",
        format!(
            "time,topic,payload\n{}",
            pairs(&|k, name, x| format!("{},{name},{x}\n", iso(k)))
        ),
    );
    is(
        "German",
        format!(
            "datetime;Messstelle;Wert;Einheit\n{}",
            pairs(&|k, name, x| {
                format!("{};{name};{};C\n", iso(k), x.to_string().replace('.', ","))
            })
        ),
    );
    let numbered = format!(
        "timestamp,sensor_id,value\n{}",
        pairs(&|k, name, x| {
            format!(
                "{},{},{x}\n",
                iso(k),
                if name == "temp" { 101 } else { 102 }
            )
        })
    );
    same("numbers of sensors", numbered, false, ["101", "102"]);
    let letters = format!(
        "value,sensor,timestamp\n{}",
        pairs(&|k, name, x| format!("{x},{},{}\n", &name[..1], iso(k)))
    );
    same("letters of sensors", letters, false, ["t", "p"]);
    let labelled = format!(
        "timestamp,sensor,value,label\n{}",
        pairs(&|k, name, x| { format!("{},{name},{x},{}\n", iso(k), i32::from(value(k).2)) })
    );
    same("labels", labelled, true, ["temp", "power"]);
    is(
        "ipmitool",
        pairs(&|k, name, x| {
            let time = if name == "temp" {
                format!("{}\n", BEGIN + 60 * k)
            } else {
                String::new()
            };
            format!(
                "{time}{name:<16} | {x:.3} | degrees C | ok | na | na | na | 85.0 | 90.0 | na\n"
            )
        }),
    );
    let comments = pairs(&|k, name, x| format!("env {name}={x} {}\n", BEGIN + 60 * k));
    is(
        "line protocol with comments",
        format!("# DDL\n# DML\n{comments}"),
    );
    let flux = text(
        ",result,table,_start,_stop,_time,temp,power",
        |k, a, b, _| {
            format!(
                ",,0,2026-03-01T00:00:00Z,2026-03-02T00:00:00Z,{},{a},{b}",
                iso(k)
            )
        },
    );
    is("a pivoted table of InfluxDB 2", flux);
    let rrd = text("        temp   power\n", |k, a, b, _| {
        format!("{}: {a:.10e} {b:.10e}", BEGIN + 60 * k)
    });
    is("rrdtool", rrd);
}

/// What is no recording is named, and the way out.
#[test]
fn texts_that_are_no_recordings_are_named() {
    for (text, said) in [
        ("k10temp\nAdapter: PCI\nTctl: +51.0 C\n", "sensors -j"),
        ("# HELP up x\n# TYPE up gauge\nup 1\n", "range query"),
        ("a,1,2,60|1.0,2.0\nb,1,2,60|1.0,2.0\n", "Graphite"),
        (
            "ts=1 level=info temp=2 power=3\nts=2 level=info temp=2 power=3\n",
            "key=value",
        ),
        (
            "a:b\nc:d\n",
            "no column of numbers: `a:b` is text, such as `c:d`",
        ),
    ] {
        let input = Cursor::new(text.as_bytes());
        let error = Recording::new("x.txt", input, None)
            .unwrap_err()
            .to_string();
        assert!(error.contains(said), "{text}: {error}");
    }
}

/// The newest row is first in JSON as well.
#[test]
fn json_with_the_newest_row_first_is_refused() {
    let rows: Vec<String> = (0..20)
        .rev()
        .map(|k| format!("[{},{}]", BEGIN + 60 * k, k))
        .collect();
    let json = format!(
        "{{\"labels\":[\"time\",\"a\"],\"data\":[{}]}}",
        rows.join(",")
    );
    let input = Cursor::new(json.clone().into_bytes());
    let error = Recording::new("x.json", input, None)
        .unwrap_err()
        .to_string();
    assert!(error.contains("the newest row is first"), "{error}");
    let sort = Options {
        sort: true,
        ..Options::default()
    };
    assert_eq!(open(json, &sort).names(), ["a"]);
}
