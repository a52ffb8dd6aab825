//! Texts of exporters, and texts that are broken.

use super::exposition::{Kind, Lines};
use super::{Scrape, ScrapeError, Settings};
use crate::linux::probe::{Measure, Probe, Raw};
use crate::linux::selection::Selection;
use bellwether::Cause;
use proptest::prelude::*;
use std::borrow::ToOwned;
use std::string::String;
use std::vec::Vec;
use std::{format, fs, vec};

const TEXT: &str = r#"# HELP node_load1 1m load average.
# TYPE node_load1 gauge
node_load1 0.5
# TYPE node_network_receive_bytes_total counter
node_network_receive_bytes_total{device="eth0"} 1.5e+09
# TYPE node_hwmon_temp_celsius gauge
node_hwmon_temp_celsius{sensor="temp1",chip="platform_coretemp_0"} 41 1661990400000
# TYPE DCGM_FI_DEV_XID_ERRORS gauge
DCGM_FI_DEV_XID_ERRORS{gpu="0",UUID="GPU-aa",modelName="a \"b\", c=\\"} 0
# TYPE go_gc_duration_seconds summary
go_gc_duration_seconds{quantile="0"} 1
go_gc_duration_seconds_sum 5
go_gc_duration_seconds_count 7
# TYPE http_requests histogram
http_requests_bucket{le="+Inf"} 3
plain_total 9
odd{a="1",} NaN # {trace="x"} 1
"#;

fn file(text: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.prom");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn read(probe: &mut Scrape) -> Vec<Raw> {
    let mut values = vec![Ok(-1.0); probe.channels().len()];
    probe.read(&mut values);
    values
}

fn settings() -> Settings {
    Settings {
        without_labels: ["UUID", "modelName"].map(ToOwned::to_owned).into(),
        ..Settings::default()
    }
}

#[test]
fn gauges_and_counters_are_channels() {
    // Broken if a histogram is read, a counter is judged as a level, or the order of labels makes another identity.
    let (_folder, path) = file(TEXT.as_bytes());
    let mut probe = Scrape::file(&path, settings()).unwrap();
    let seen: Vec<_> = probe
        .channels()
        .iter()
        .map(|c| (c.identity.as_str(), c.measure))
        .collect();
    let expected = [
        ("scrape/local/node_load1", Measure::Gauge),
        (
            "scrape/local/node_network_receive_bytes_total{device=\"eth0\"}",
            Measure::Counter,
        ),
        (
            "scrape/local/node_hwmon_temp_celsius{chip=\"platform_coretemp_0\",sensor=\"temp1\"}",
            Measure::Gauge,
        ),
        (
            "scrape/local/DCGM_FI_DEV_XID_ERRORS{gpu=\"0\"}",
            Measure::Errors,
        ),
        ("scrape/local/plain_total", Measure::Counter),
        ("scrape/local/odd{a=\"1\"}", Measure::Gauge),
    ];
    assert_eq!(seen, expected);
    let joined = &probe.channels()[2];
    assert_eq!(
        (joined.chip.as_str(), joined.sensor.as_str()),
        ("platform_coretemp_0", "temp1")
    );
    let values = read(&mut probe);
    assert_eq!(
        values[..5],
        [Ok(0.5), Ok(1.5e9), Ok(41.0), Ok(0.0), Ok(9.0)]
    );
    assert_eq!(values[5], Err(Cause::Missing));
}

#[test]
fn series_are_selected_by_names_and_labels() {
    // Broken if an operator cannot leave out what is not to be judged.
    let (_folder, path) = file(TEXT.as_bytes());
    let allow = ["node_", "XID"].map(ToOwned::to_owned).into();
    let deny = ["device=\"eth0\""].map(ToOwned::to_owned).into();
    let selection = Selection { allow, deny };
    let probe = Scrape::file(
        &path,
        Settings {
            selection,
            ..settings()
        },
    )
    .unwrap();
    assert_eq!(probe.channels().len(), 3);
    let deny = vec!["_".to_owned(), "odd".to_owned()];
    let selection = Selection {
        deny,
        ..Selection::default()
    };
    let none = Scrape::file(
        &path,
        Settings {
            selection,
            ..settings()
        },
    );
    assert!(matches!(none, Err(ScrapeError::Empty)));
    let many = Scrape::file(
        &path,
        Settings {
            most: 3,
            ..settings()
        },
    );
    assert!(matches!(many, Err(ScrapeError::Many(6))));
}

#[test]
fn a_series_that_is_there_twice_has_no_value() {
    // Broken if one of two values is taken by chance.
    let (_folder, path) = file(b"a{x=\"1\",y=\"2\"} 1\nb 2\na{y=\"2\",x=\"1\"} 3\nc 4\n");
    let mut probe = Scrape::file(&path, Settings::default()).unwrap();
    let names: Vec<_> = probe
        .channels()
        .iter()
        .map(|c| c.identity.as_str())
        .collect();
    assert_eq!(names, ["scrape/local/b", "scrape/local/c"]);
    assert_eq!(read(&mut probe), [Ok(2.0), Ok(4.0)]);
    fs::write(&path, "c 4\nb 2\nc 5\n").unwrap();
    assert_eq!(read(&mut probe), [Ok(2.0), Err(Cause::Sensor)]);
}

#[test]
fn a_folder_is_read_as_a_textfile_collector_does() {
    // Broken if one file of several hides the others, or a half-written temporary file is read.
    let (folder, path) = file(b"a 1");
    fs::write(folder.path().join("b.prom"), "b 2\n").unwrap();
    fs::write(folder.path().join("c.prom.tmp"), "c 3\n").unwrap();
    let mut probe = Scrape::file(folder.path(), Settings::default()).unwrap();
    assert_eq!(read(&mut probe), [Ok(1.0), Ok(2.0)]);
    fs::remove_file(path).unwrap();
    assert_eq!(read(&mut probe), [Err(Cause::Missing), Ok(2.0)]);
}

#[test]
fn odd_lines_cost_only_themselves() {
    // Broken if a line that is no series loses others, or an infinity counts as a value.
    let mut text = b"ok 1\n\xff\xfe 2\n{} 3\n9a 4\nno\nno x\na{b=\"c 5\na{b} 6\nbig +Inf\nsmall -Inf\nhuge 1e999\n".to_vec();
    text.extend(format!("long{{a=\"{}\"}} 1\n", "x".repeat(1 << 15)).bytes());
    text.extend(b"end 7");
    let (_folder, path) = file(&text);
    let mut probe = Scrape::file(&path, Settings::default()).unwrap();
    let names: Vec<_> = probe.channels().iter().map(|c| c.sensor.as_str()).collect();
    assert_eq!(names, ["ok", "big", "small", "huge", "end"]);
    let infinite = Err(Cause::NotFinite);
    assert_eq!(
        read(&mut probe),
        [Ok(1.0), infinite, infinite, infinite, Ok(7.0)]
    );
}

#[test]
fn a_text_without_bounds_is_refused() {
    // Broken if an exporter can fill the agent's memory or time.
    let lines: String = (0..100_001)
        .map(|k| format!("m{{k=\"{k}\"}} 1\n"))
        .collect();
    let (_folder, path) = file(lines.as_bytes());
    let settings = || Settings {
        most: 1_000_000,
        ..Settings::default()
    };
    assert!(matches!(
        Scrape::file(&path, settings()),
        Err(ScrapeError::Large)
    ));
    fs::write(&path, &lines.as_bytes()[..lines.len() / 2]).unwrap();
    let mut probe = Scrape::file(&path, settings()).unwrap();
    assert!(probe.channels().len() > 40_000);
    fs::write(&path, vec![b'a'; super::BYTES_MAX + 1]).unwrap();
    assert!(
        read(&mut probe)
            .iter()
            .all(|value| *value == Err(Cause::Sensor))
    );
}

#[cfg(feature = "http")]
mod endpoint {
    use super::*;
    use crate::linux::served::{Served, answer, path};
    use core::time::Duration;
    use std::io::Write;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn a_hostile_endpoint_gives_nothing_and_stalls_nothing() {
        // Broken if a slow, huge, torn or redirecting endpoint holds the reader or is believed.
        static ROUND: AtomicUsize = AtomicUsize::new(0);
        let served = Served::start(|head, stream| match ROUND.load(Ordering::Relaxed) {
            _ if path(head) == "/other" => answer(stream, "200 OK", "", b"a 9\n"),
            0 => answer(stream, "200 OK", "", b"a 1\n"),
            1 => answer(stream, "500 Oops", "", b"a 1\n"),
            2 => answer(stream, "302 Found", "Location: /other\r\n", b""),
            3 => drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na 1\n")),
            4 => drop(stream.write_all(b"garbage")),
            5 => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                while stream.write_all(&[b'x'; 1 << 16]).is_ok() {}
            }
            _ => {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                while stream.write_all(b"a").is_ok() {
                    thread::sleep(Duration::from_millis(20));
                }
            }
        });
        let url = served.url("/metrics");
        let mut probe = Scrape::http(&url, LONG, None, Settings::default()).unwrap();
        assert_eq!(read(&mut probe), [Ok(1.0)]);
        for round in 1..6 {
            ROUND.store(round, Ordering::Relaxed);
            assert_eq!(read(&mut probe), [Err(Cause::Sensor)], "{round}");
        }
        ROUND.store(0, Ordering::Relaxed);
        let mut hasty =
            Scrape::http(&url, Duration::from_secs(2), None, Settings::default()).unwrap();
        ROUND.store(6, Ordering::Relaxed);
        assert_eq!(read(&mut hasty), [Err(Cause::Sensor)]);
        ROUND.store(0, Ordering::Relaxed);
        assert_eq!(read(&mut probe), [Ok(1.0)]);
        drop(served);
        assert_eq!(read(&mut probe), [Err(Cause::Sensor)]);
        assert!(
            Scrape::http(
                "http://127.0.0.1:1/metrics",
                LONG,
                None,
                Settings::default()
            )
            .is_err()
        );
        assert!(Scrape::http("no address", LONG, None, Settings::default()).is_err());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_series_or_none(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        // Broken by a panic.
        let mut lines = Lines::new(&bytes, &[]);
        while lines.next().unwrap().is_some() {}
    }

    #[test]
    fn any_parts_are_series_or_none(text in r#"([a-z]{0,2}(_total|_sum)?(\{([a-z]?=?"?[a-z\\é]{0,2}"?,?){0,3}\}?)? ?(NaN|[+-]?Inf|[0-9e.+-]{0,4})( [0-9]*)?\n|# TYPE [a-z]{0,2} (counter|summary)?\n){0,20}"#) {
        // Broken by a panic, or by a series without a name.
        let without = ["a".to_owned()];
        let mut lines = Lines::new(text.as_bytes(), &without);
        while let Some(series) = lines.next().unwrap() {
            prop_assert!(!series.metric.is_empty() && series.identity.starts_with(series.metric));
            prop_assert!(matches!(series.kind, Kind::Gauge | Kind::Counter | Kind::Other));
        }
    }
}
